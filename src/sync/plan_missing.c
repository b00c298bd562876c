/*
 * plan_missing.c — links that no record came for, although the fetch was complete.
 *
 * Nobody is deactivated for being absent once: the runs are counted, and then a plan proposes it,
 * which a person approves unless the source's options say otherwise.
 */
#include "base/id.h"
#include "base/str.h"
#include "sync/plan.h"

enum { SLICE = PLAN_BATCH };

struct gone { int64_t id, person, missing; const char *record; };

struct absent {
    struct plan *p;
    struct gone *list;              /* in p->mem */
    size_t n, cap;
};

static enum err collect(void *arg, const struct link *l)
{
    struct absent *a = arg;
    struct plan *p = a->p;
    const struct known *k = plan_known(p, crypt_hash(&p->hash, l->record, strlen(l->record)) | 1);
    size_t at = k ? (size_t)(k - p->known) : 0;

    if (!k || p->seen[at / 8] >> at % 8 & 1 || !l->person || l->reason == LINK_EXCLUDED)
        return OK;
    ARENA_GROW(p->mem, a->list, a->n, a->cap);
    a->list[a->n++] = (struct gone){ l->id, l->person, l->missing, arena_text(p->mem, l->record) };
    return OK;
}

static enum err emit(struct plan *p, const struct gone *g, const struct person *person)
{
    int64_t runs = g->missing + 1, most = p->map->options.missing_runs;
    struct changes c = {};
    struct run_row row = { .person = g->person, .kind = ROW_NOTE, .record = g->record };
    AUTO_BUF changes = {}, said = {};
    struct json_out j = { &said };

    p->tally.missing++;
    findings_add(&p->findings, FINDING_missing, NULL, NULL, person_label(p->w->mem, person));
    bool ends = runs >= most && p->map->options.on_missing != MISSING_KEEP &&
                !(person->flags & PERSON_PROTECTED);
    if (!ends && g->missing >= most)
        return OK;                              /* kept for good: counted far enough */
    json_open(&j, '{');
    json_put(&j, "!missing", arena_printf(p->w->mem, "%lld", (long long)MIN(runs, most)));
    if (ends) {
        changes_add(p->w->mem, &c, attr_builtin("state"), state_name(person->state),
                    state_name(STATE_DEACTIVATED));
        json_put(&j, "?retired", state_name(STATE_DEACTIVATED));
        json_put(&j, "?status", "gone");
        row.kind = ROW_DEACTIVATE;
        p->missing_proposed++;
        p->gone++;
    }
    json_close(&j, '}');
    changes_write(&changes, &c);
    row.changes = changes.at;
    row.said = said.at;
    row.reason = arena_printf(p->w->mem, "not in the answer for %lld complete %s", (long long)runs,
                              runs == 1 ? "run" : "runs");
    return plan_emit_row(p, &row);
}

/* A deactivation that somebody undid stays undone while HR goes on saying nothing of them. */
static enum err is_held(struct plan *p, const struct gone *g, bool *held)
{
    struct held *list;
    size_t n;

    *held = false;
    if (!p->any_held)
        return OK;
    TRY(held_by_record(p->w, p->source->id, &g->record, 1, &list, &n));
    for (size_t i = 0; i < n; i++)
        *held |= str_eq(list[i].attribute, "state") && str_eq(list[i].said, "gone");
    return OK;
}

/* A source of a higher rank says what state they are in: what is missing here decides nothing. */
static bool spoken_for(struct plan *p, const struct link *links, size_t n, int64_t person)
{
    for (size_t i = 0; i < n; i++) {
        struct said said;
        if (links[i].person != person || links[i].source == p->source->id)
            continue;
        for (size_t s = 0; s < p->nsources && p->sources[s].place < p->source->place; s++)
            if (p->sources[s].id == links[i].source &&
                said_read(p->w->mem, links[i].said, &said) == OK && said_find(&said, "?status"))
                return true;
    }
    return false;
}

static enum err decide_slice(struct plan *p, const struct gone *list, size_t n)
{
    int64_t *ids = NEW_ARRAY(p->w->mem, int64_t, n);
    struct person **people = NEW_ARRAY(p->w->mem, struct person *, n);
    struct link *links = NULL;
    size_t nlinks = 0;

    for (size_t i = 0; i < n; i++)
        ids[i] = list[i].person;
    TRY(people_load(p->w, p->attrs, ids, n, 0, people));
    if (p->nsources > 1)
        TRY(links_of(p->w, ids, n, &links, &nlinks));
    for (size_t i = 0; i < n; i++) {
        bool held;
        if (!people[i] || people[i]->state != STATE_ACTIVE)
            continue;                           /* nothing to lose: settled */
        if (spoken_for(p, links, nlinks, list[i].person)) {
            p->tally.missing++;
            continue;
        }
        TRY(is_held(p, &list[i], &held));
        if (held) {
            p->tally.missing++;
            findings_add(&p->findings, FINDING_held_back, "Deactivating them", "nothing of them",
                         person_label(p->w->mem, people[i]));
            continue;
        }
        TRY(emit(p, &list[i], people[i]));
    }
    return OK;
}

enum err plan_missing(struct plan *p)
{
    struct absent a = { p, NULL, 0, 0 };
    size_t seen = 0;

    for (size_t i = 0; i < p->cap; i++)
        seen += p->known[i].hash && (p->seen[i / 8] >> i % 8 & 1);
    if (seen == p->nknown)
        return OK;
    TRY(links_each(p->w, p->source->id, collect, &a));
    for (size_t at = 0; at < a.n; at += SLICE) {
        TRY(decide_slice(p, a.list + at, MIN(a.n - at, (size_t)SLICE)));
        arena_reset(p->w->mem, p->scratch);
    }
    return OK;
}
