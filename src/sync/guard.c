/*
 * guard.c — the limits that are looked at before the first write. A table: adding a guard is a row.
 */
#include <stdlib.h>

#include "base/json.h"
#include "base/str.h"
#include "sync/plan.h"

/* Says in words why it trips, or returns NULL. Words live in p->mem. */
typedef const char *guard_fn(struct plan *p, enum err *failed);

static int64_t percent(int64_t part, int64_t whole)
{
    return whole > 0 ? part * 100 / whole : 0;
}

/* More than that many percent: a half of one counts. */
static bool over(int64_t part, int64_t whole, int limit)
{
    return part * 100 > whole * limit;
}

struct counting {
    struct table linked;
    int64_t n;
};

static void count_linked(void *arg, int64_t person)
{
    struct counting *c = arg;

    c->n += table_find(&c->linked, (uint64_t)person) != NULL;
}

/* The people of the source who are active now. The links are in memory; of the people an index is read. */
static enum err active_people(struct plan *p, int64_t *n)
{
    struct counting c = {};
    bool fresh;

    for (size_t i = 0; i < p->cap; i++)
        if (p->known[i].person < 0 || p->known[i].person >= LINK_REASONS)
            table_put(&c.linked, (uint64_t)llabs(p->known[i].person), 1, &fresh);
    enum err e = people_each_in(p->w, STATE_ACTIVE, count_linked, &c);
    *n = c.n;
    table_free(&c.linked);
    return e;
}

static const char *guard_deactivations(struct plan *p, enum err *failed)
{
    int64_t active = 0;

    if (p->gone <= p->map->guards.deactivations_count)
        return NULL;
    *failed = active_people(p, &active);
    if (p->gone * 100 <= active * p->map->guards.deactivations_percent)
        return NULL;
    return arena_printf(
        p->mem, "%lld of %lld active people would be deactivated or suspended (limit %d %%)",
        (long long)p->gone, (long long)active, p->map->guards.deactivations_percent);
}

static const char *guard_records(struct plan *p, enum err *failed)
{
    struct run *runs;
    size_t n, counted = 0;
    int64_t most = 0;

    *failed = runs_list(p->w, p->source->id, 50, &runs, &n);
    if (*failed != OK)
        return NULL;
    for (size_t i = 0; i < n && counted < 7; i++) {
        struct tally t = {};
        if (!str_eq(runs[i].kind, "sync") || !str_eq(runs[i].state, "applied"))
            continue;
        *failed = tally_read(p->w->mem, runs[i].tally, &t);
        most = MAX(most, t.read);
        counted++;
    }
    if (p->tally.read * 100 >= most * p->map->guards.records_percent)
        return NULL;
    return arena_printf(
        p->mem, "the source gave %lld records; in the last runs it were up to %lld (limit %d %%)",
        (long long)p->tally.read, (long long)most, p->map->guards.records_percent);
}

static const char *guard_fill_rate(struct plan *p, enum err *failed)
{
    yyjson_val *root;

    *failed = json_read_in(p->w->mem, p->source->seen, strlen(p->source->seen), &root);
    yyjson_val *fill = *failed == OK ? yyjson_obj_get(root, "fill") : NULL;
    for (size_t i = 0; fill && i < p->map->want.n; i++) {
        int64_t was = json_int(fill, p->map->want.fields[i], -1);
        int64_t present = p->tally.read - p->fill[i].absent;
        int64_t is = percent(p->fill[i].filled, present);
        if (was >= 0 && present > 0 && was - is > p->map->guards.fill_rate_points)
            return arena_printf(
                p->mem,
                "the field %s is filled for %lld %% of the records; it was %lld %% (limit: "
                "%d points less)",
                p->map->want.fields[i], (long long)is, (long long)was,
                p->map->guards.fill_rate_points);
    }
    return NULL;
}

static const char *guard_id_swaps(struct plan *p, enum err *failed)
{
    (void)failed;
    if (!over(p->id_swaps, p->tally.read, p->map->guards.id_swaps_percent) || p->id_swaps < 2)
        return NULL;
    return arena_printf(
        p->mem,
        "%lld people have the same e-mail under a new anchor (limit %d %%): is this the "
        "same HR system?",
        (long long)p->id_swaps, p->map->guards.id_swaps_percent);
}

static const char *guard_managers(struct plan *p, enum err *failed)
{
    int64_t known = 0;

    if (p->manager_changes <= p->map->guards.managers_count)
        return NULL;
    *failed = active_people(p, &known);
    if (!over(p->manager_changes, known, p->map->guards.managers_percent))
        return NULL;
    return arena_printf(p->mem, "%lld of %lld people would get another manager (limit %d %%)",
                        (long long)p->manager_changes, (long long)known,
                        p->map->guards.managers_percent);
}

static const char *guard_one_attribute(struct plan *p, enum err *failed)
{
    int64_t known = -1;

    for (size_t i = 0; i < p->nslots; i++) {
        if (p->changed[i] <= p->map->guards.one_attribute_count)
            continue;
        if (known < 0)
            *failed = active_people(p, &known);
        if (*failed == OK && over(p->changed[i], known, p->map->guards.one_attribute_percent))
            return arena_printf(p->mem, "%s would change for %lld of %lld people (limit %d %%)",
                                p->slots[i].attr->label, (long long)p->changed[i], (long long)known,
                                p->map->guards.one_attribute_percent);
    }
    return NULL;
}

static const char *guard_creates(struct plan *p, enum err *failed)
{
    (void)failed;
    if (p->first || p->tally.created <= p->map->guards.creates_count ||
        !over(p->tally.created, p->tally.read, p->map->guards.creates_percent))
        return NULL;
    return arena_printf(p->mem, "%lld of %lld records would make new people (limit %d %%)",
                        (long long)p->tally.created, (long long)p->tally.read,
                        p->map->guards.creates_percent);
}

static const char *guard_first_plan(struct plan *p, enum err *failed)
{
    int64_t touched =
        p->tally.updated + p->tally.deactivated + p->tally.suspended + p->tally.reactivated;

    (void)failed;
    if (!p->first || touched == 0)
        return NULL;
    return arena_printf(
        p->mem,
        "this is the first plan of %s, and it links or changes %lld people who are here "
        "already: look it through",
        p->source->name, (long long)touched);
}

static const char *guard_missing(struct plan *p, enum err *failed)
{
    (void)failed;
    if (p->missing_proposed == 0 || p->map->options.on_missing != MISSING_HOLD)
        return NULL;
    return arena_printf(
        p->mem,
        "%lld people have not been in the HR system's answer for %d complete runs; their "
        "deactivation waits for you",
        (long long)p->missing_proposed, p->map->options.missing_runs);
}

static const char *guard_assertion(struct plan *p, enum err *failed)
{
    (void)failed;
    for (size_t i = 0; i < p->findings.n; i++)
        if (p->findings.list[i].kind == FINDING_assertion)
            return p->findings.list[i].value;
    return NULL;
}

static const struct { const char *name; guard_fn *trips; } guards[] = {
    { "deactivations", guard_deactivations }, { "records", guard_records },
    { "fill_rate", guard_fill_rate },         { "id_swaps", guard_id_swaps },
    { "managers", guard_managers },           { "one_attribute", guard_one_attribute },
    { "creates", guard_creates },             { "first_plan", guard_first_plan },
    { "missing", guard_missing },             { "assertion", guard_assertion },
};

static void trip(struct json_out *j, const char *guard, const char *words)
{
    json_open(j, '{');
    json_put(j, "guard", guard);
    json_put(j, "message", words);
    json_close(j, '}');
}

enum err plan_guards(struct plan *p, bool review, bool yes, const char **tripped)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };
    bool any = false;

    json_open(&j, '[');
    for (size_t i = 0; i < COUNT(guards) && !yes; i++) {
        enum err failed = OK;
        const char *words = guards[i].trips(p, &failed);
        TRY(failed);
        if (words)
            trip(&j, guards[i].name, words);
        any |= words != NULL;
    }
    if (review && !yes) {
        trip(&j, "review", "every plan of this source waits for a person");
        any = true;
    }
    json_close(&j, ']');
    *tripped = any ? arena_textn(p->mem, text.at, text.n) : NULL;
    return OK;
}
