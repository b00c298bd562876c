/* why.c — see why.h. */
#include "sync/why.h"

#include <stdlib.h>

#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "people/query.h"
#include "people/team.h"
#include "store/store.h"
#include "sync/connect.h"
#include "sync/held.h"
#include "sync/pinned.h"
#include "sync/said.h"

enum { HISTORY_MOST = 2000 };

/* One source that knows the person, by rank. */
struct witness {
    const struct source_row *source;
    const struct link *link;
    const struct mapping *map;      /* NULL: it cannot be read now */
    struct said said;
};

struct inquiry {
    struct work *w;
    const struct attrs *attrs;
    struct person *person;
    struct profile *profile;        /* of the person; teams and people by name */
    struct witness *witnesses;
    size_t nwitnesses;
    struct pinned *pins;
    size_t npins;
    struct held *held;
    size_t nheld;
    struct past *past;
    struct changes *changes;        /* of each past row */
    size_t npast;
};

/* ---- gathering ---- */

static int by_rank(const void *a, const void *b)
{
    const struct witness *x = a, *y = b;

    if (x->source->place != y->source->place)
        return x->source->place < y->source->place ? -1 : 1;
    return strcmp(x->link->record, y->link->record);
}

static enum err gather_witnesses(struct inquiry *q)
{
    struct work *w = q->w;
    struct source_row *sources;
    struct link *links;
    size_t nsources, nlinks;

    TRY(source_rows(w, &sources, &nsources));
    TRY(links_of(w, &q->person->id, 1, &links, &nlinks));
    q->witnesses = NEW_ARRAY(w->mem, struct witness, nlinks + 1);
    for (size_t i = 0; i < nlinks; i++)
        for (size_t s = 0; s < nsources; s++) {
            if (sources[s].id != links[i].source)
                continue;
            struct witness *one = &q->witnesses[q->nwitnesses++];
            struct mapping *map;
            *one = (struct witness){ .source = &sources[s], .link = &links[i] };
            if (source_mapping(w, q->attrs, &sources[s], &map) ==
                OK) /* a broken file is no reason to be silent */
                one->map = map;
            TRY(said_read(w->mem, links[i].said, &one->said));
        }
    qsort(q->witnesses, q->nwitnesses, sizeof *q->witnesses, by_rank);
    return OK;
}

static enum err gather(struct inquiry *q, int64_t id)
{
    struct work *w = q->w;
    struct teams *teams;
    struct person *shown;

    TRY(person_load(w, q->attrs, id, &q->person));
    TRY(teams_load(w, &teams));
    shown = NEW(w->mem, struct person);
    *shown = *q->person;
    if (shown->state == STATE_WITHDRAWN)            /* only here; names of managers and teams are wanted */
        shown->state = STATE_DEACTIVATED;
    TRY(profiles_make(w, q->attrs, teams, NULL, &shown, 1, &q->profile));
    TRY(gather_witnesses(q));
    TRY(pinned_of(w, &id, 1, &q->pins, &q->npins));
    TRY(held_of(w, id, &q->held, &q->nheld));
    TRY(history_of(w, id, HISTORY_MOST, &q->past, &q->npast));
    q->changes = NEW_ARRAY(w->mem, struct changes, q->npast + 1);
    for (size_t i = 0; i < q->npast; i++)
        TRY(changes_read(w->mem, q->attrs, q->past[i].row.changes, strlen(q->past[i].row.changes),
                         &q->changes[i]));
    return OK;
}

/* ---- words ---- */

/* The parts of a list claim stand with \x1f between them. */
static const char *spelled(struct arena *a, const char *claim)
{
    AUTO_BUF text = {};

    if (!claim || !strchr(claim, '\x1f'))
        return claim;
    for (const char *s = claim; *s; s++)
        if (*s == '\x1f')
            buf_puts(&text, "; ");
        else
            buf_putc(&text, *s);
    return arena_textn(a, text.at, text.n);
}

static const char *named(struct arena *a, const char *so_far, const struct person *p)
{
    const char *email = person_text(p, "email"),
               *one = email ? email : arena_text(a, id_text(p->id));

    return so_far ? arena_printf(a, "%s; %s", so_far, one) : one;
}

static const char *value_words(const struct inquiry *q, const struct attr *attr)
{
    struct arena *a = q->w->mem;
    const struct profile *p = q->profile;
    const char *all = NULL;

    if (str_eq(attr->name, "state"))
        return state_name(q->person->state);
    if (str_eq(attr->name, "manager"))
        return p->manager ? named(a, NULL, p->manager) : NULL;
    if (attr->type == ATTR_PERSON) {
        for (size_t i = 0; i < p->nmore; i++)
            all = named(a, all, p->more[i]);
        return all;
    }
    if (str_eq(attr->name, "teams")) {
        for (size_t i = 0; i < p->nteams; i++)
            all = all ? arena_printf(a, "%s; %s", all, p->teams[i]->name) : p->teams[i]->name;
        return all;
    }
    return person_text(q->person, attr->name);
}

static const char *source_of(const struct inquiry *q, int64_t id)
{
    for (size_t i = 0; i < q->nwitnesses; i++)
        if (q->witnesses[i].source->id == id)
            return q->witnesses[i].source->name;
    return "a removed source";
}

static const char *mapped_from(struct arena *a, const struct mapping *map, const char *attribute)
{
    const char *all = NULL;

    if (!map)
        return NULL;
    if (str_eq(attribute, "state"))
        return map->status.from_text;
    for (size_t i = 0; i < map->nrows; i++)         /* several rows may feed teams */
        if (str_eq(map->rows[i].attribute, attribute))
            all = all ? arena_printf(a, "%s, %s", all, map->rows[i].from_text)
                      : map->rows[i].from_text;
    return all;
}

/* ---- one value ---- */

static void tell_pin(const struct inquiry *q, struct why_value *v)
{
    for (size_t i = 0; i < q->npins; i++)
        if (str_eq(q->pins[i].attribute, v->attr->name)) {
            v->pin.author = q->pins[i].author;
            v->pin.reason = q->pins[i].reason;
            v->pin.until = q->pins[i].expires;
            v->origin = "override";
        }
}

static void tell_held(const struct inquiry *q, struct why_value *v)
{
    v->held = NEW_ARRAY(q->w->mem, struct why_held, q->nheld + 1);
    for (size_t i = 0; i < q->nheld; i++)
        if (str_eq(q->held[i].attribute, v->attr->name))
            v->held[v->nheld++] = (struct why_held){ source_of(q, q->held[i].source),
                                                     spelled(q->w->mem, q->held[i].said),
                                                     q->held[i].since, q->held[i].run };
}

/* The row that made the value what it is: the newest one that names the attribute. */
static const struct past *tell_set(const struct inquiry *q, struct why_value *v)
{
    for (size_t i = 0; i < q->npast; i++) {
        const struct past *p = &q->past[i];
        if (!changes_find(&q->changes[i], v->attr->name))
            continue;
        v->set.run = p->run;
        v->set.seq = p->row.seq;
        v->set.at = p->at;
        v->set.kind = p->kind;
        v->set.actor = p->actor;
        v->set.reason = p->row.reason;
        return p;
    }
    return NULL;
}

/* Does the claim say what the value is? References are compared by the one who set them. */
static bool agrees(const struct inquiry *q, const struct why_value *v, const struct witness *one,
                   const struct claim *claim, const struct past *set)
{
    if (str_eq(v->attr->name, "state")) {
        bool active = q->person->state == STATE_ACTIVE,
             retired = said_find(&one->said, "?retired") != NULL;
        return active ? str_eq(claim->text, "active") : retired || !str_eq(claim->text, "active");
    }
    if (v->attr->type == ATTR_PERSON || v->attr->flags & ATTR_PLACE)
        return (claim->text != NULL) == (v->value != NULL) && set &&
               (set->source == one->source->id || str_starts(set->actor, "muster:") ||
                str_starts(set->row.reason ? set->row.reason : "", "the person it waited for"));
    return str_eq(claim->text, v->value);
}

static const char *why_lost(const struct why_value *v, const struct witness *one,
                            const struct past *set)
{
    if (v->pin.author)
        return "the override outranks it";
    if (v->origin)
        return "a source of a higher rank says something else";
    if (v->nheld)
        return "it is held back";
    if (set && str_eq(set->kind, "edit"))
        return str_eq(one->source->kind, "scim")
                   ? "it was changed by hand since; the client's next word sets it back"
                   : "it was changed by hand since; the next run sets it back";
    if (set && str_eq(set->kind, "undo"))
        return "it was undone";
    return "it was not set: see the findings of the last run";
}

static void tell_claims(const struct inquiry *q, struct why_value *v, const struct past *set)
{
    const char *name = str_eq(v->attr->name, "state") ? "?status" : v->attr->name;

    v->claims = NEW_ARRAY(q->w->mem, struct why_claim, q->nwitnesses + 1);
    for (size_t i = 0; i < q->nwitnesses; i++) {
        const struct witness *one = &q->witnesses[i];
        const struct claim *claim = said_find(&one->said, name);
        if (!claim)
            continue;
        const char *raw = *name == '?' ? said_text(&one->said, "?raw") : NULL;
        struct why_claim *c = &v->claims[v->nclaims++];
        *c = (struct why_claim){ .source = one->source->name,
                                 .record = one->link->record,
                                 .from = mapped_from(q->w->mem, one->map, v->attr->name),
                                 .said = raw ? raw : spelled(q->w->mem, claim->text) };
        if (v->origin || !agrees(q, v, one, claim, set))
            c->lost = why_lost(v, one, set);
        else
            v->origin = one->source->name;
    }
}

static void tell(const struct inquiry *q, const struct attr *attr, struct why_value *v)
{
    *v = (struct why_value){ .attr = attr, .value = value_words(q, attr) };
    tell_pin(q, v);
    tell_held(q, v);
    const struct past *set = tell_set(q, v);
    tell_claims(q, v, set);
    if (!v->origin && set && v->value)
        v->origin = str_eq(set->kind, "edit") ? "by hand"
                    : set->source             ? source_of(q, set->source)
                                              : set->kind;
}

static bool has_something(const struct why_value *v)
{
    return v->value || v->nclaims || v->nheld || v->pin.author;
}

enum err why_person(struct work *w, const struct attrs *as, int64_t id, const struct attr *only,
                    struct why *out)
{
    struct inquiry q = { .w = w, .attrs = as };
    const struct attr *state = attr_find(as, "state");

    TRY(gather(&q, id));
    *out = (struct why){ .person = q.person,
                         .values = NEW_ARRAY(w->mem, struct why_value, as->n + 1) };
    if (!only)
        tell(&q, state, &out->values[out->n++]);
    for (size_t i = 0; i < as->n; i++) {
        const struct attr *attr = as->all[i];
        if (only ? attr != only : attr == state)
            continue;
        tell(&q, attr, &out->values[out->n]);
        out->n += only || has_something(&out->values[out->n]);
    }
    return OK;
}

/* ---- nobody ---- */

static const struct {
    const char *words, *advice;
} reasons[LINK_REASONS] = {
    [LINK_NONE] = { "no run has made a person of this record yet",
                    "Run `muster sync` or look at the waiting plan." },
    [LINK_EXCLUDED] = { "an exclusion of the mapping keeps them out",
                        "`muster mapping export` shows `exclude` and `exclude_people`." },
    [LINK_NOT_ACTIVE] = { "the HR system does not list them as active, and only active people are "
                          "added",
                          NULL },
    [LINK_CONFLICT] = { "the record is in conflict",
                        "`muster runs` and `muster run show` tell what it is." },
    [LINK_DELETED] = { "the source deleted them", "It makes them again by sending them anew." },
};

/* A label ends with "<e-mail>"; findings also name records by their id. */
static bool is_about(struct arena *a, yyjson_val *finding, const char *record, const char *email)
{
    const char *marked = email ? arena_printf(a, "<%s>", email) : NULL;
    yyjson_val *one;
    size_t i, n;

    yyjson_arr_foreach(yyjson_obj_get(finding, "people"), i, n, one) {
        const char *text = yyjson_get_str(one);
        if (text &&
            (str_eq(text, record) || str_eq(text, email) || (marked && strstr(text, marked))))
            return true;
    }
    return false;
}

static enum err tell_finding(struct work *w, const struct run *run, const char *email,
                             struct why_absent *out)
{
    yyjson_val *root, *one;
    size_t i, n;

    TRY(json_read_in(w->mem, run->findings, strlen(run->findings), &root));
    yyjson_arr_foreach(root, i, n, one)
        if (is_about(w->mem, one, out->record, email)) {
            const char *message = json_text(one, "message");
            out->words =
                arena_printf(w->mem, "%s: %s", reasons[out->reason].words, message ? message : "");
            out->advice = json_text(one, "advice");
            return OK;
        }
    return OK;
}

/* The newest run that has a row or a finding about the record knows it best. */
static enum err tell_absent(struct work *w, const struct source_row *source, const struct link *l,
                            const char *email, struct why_absent *out)
{
    struct run *runs;
    struct run_row row;
    size_t n;
    int64_t seq;

    *out = (struct why_absent){ source->name, l->record, l->reason, reasons[l->reason].words,
                                reasons[l->reason].advice };
    TRY(runs_list(w, source->id, 10, &runs, &n));
    for (size_t i = 0; i < n && out->words == reasons[l->reason].words; i++) {
        TRY(run_row_of_record(w, runs[i].id, l->record, &seq));
        if (seq)
            TRY(run_row_load(w, runs[i].id, seq, &row));
        if (seq && row.reason)
            out->words = arena_printf(w->mem, "%s: %s", reasons[l->reason].words, row.reason);
        if (l->reason == LINK_CONFLICT || !l->reason)
            TRY(tell_finding(w, &runs[i], email, out));
    }
    return OK;
}

/* Somebody whose making was undone, by the e-mail they had. */
static enum err find_withdrawn(struct work *w, const char *email, int64_t *person)
{
    const char *folded = str_fold(w->mem, email);
    struct attrs *attrs;
    int64_t *ids;
    size_t n;

    TRY(attrs_load(w, &attrs));
    TRY(people_withdrawn(w, &ids, &n));
    struct person **people = NEW_ARRAY(w->mem, struct person *, n + 1);
    TRY(people_load(w, attrs, ids, n, 0, people));
    for (size_t i = 0; i < n; i++) {
        const char *was = people[i] ? person_text(people[i], "email") : NULL;
        if (was && str_eq(str_fold(w->mem, was), folded))
            *person = ids[i];
    }
    return OK;
}

static enum err nobody_at_all(struct work *w, const char *who, const struct source_row *sources,
                              size_t n)
{
    AUTO_BUF names = {};
    AUTO_BUF waiting = {};
    struct run *runs;
    size_t nruns;

    for (size_t i = 0; i < n; i++) {
        buf_printf(&names, "%s%s", i ? ", " : "", sources[i].name);
        TRY(runs_list(w, sources[i].id, 1, &runs, &nruns));
        if (nruns && (str_eq(runs[0].state, "held") || str_eq(runs[0].state, "planned")))
            buf_printf(
                &waiting,
                ". A plan of %s waits for a person: they may be in it (`muster plan show %s`)",
                sources[i].name, id_text(runs[0].id));
    }
    if (n == 0)
        return errf(
            ERR_NOT_FOUND,
            "nobody here has the e-mail, user name, anchor or id '%s', and there is no source",
            who);
    return errf(ERR_NOT_FOUND,
                "nobody here has the e-mail, user name, anchor or id '%s', and no source (%s) has "
                "named a record or an e-mail like this. Is the service user allowed to see them?%s",
                who, names.at, waiting.n ? waiting.at : "");
}

enum err why_nobody(struct work *w, const char *who, struct why_absent **out, size_t *n,
                    int64_t *person)
{
    struct source_row *sources;
    struct link *marked, link;
    size_t nsources, nmarked;
    const char *mark =
        crypt_mac(w->mem, store_key(w->store), "e-mail without a person", str_fold(w->mem, who));

    *n = 0;
    *person = 0;
    TRY(source_rows(w, &sources, &nsources));
    TRY(link_by_mark(w, mark, &marked, &nmarked));
    *out = NEW_ARRAY(w->mem, struct why_absent, nmarked + nsources + 1);
    for (size_t i = 0; i < nmarked; i++)
        for (size_t s = 0; s < nsources; s++)
            if (sources[s].id == marked[i].source)
                TRY(tell_absent(w, &sources[s], &marked[i], who, &(*out)[(*n)++]));
    for (size_t s = 0; s < nsources && *n == 0; s++) {
        TRY(links_by_record(w, sources[s].id, &who, 1, &link));
        if (link.person)
            *person = link.person;
        else if (link.id)
            TRY(tell_absent(w, &sources[s], &link, NULL, &(*out)[(*n)++]));
    }
    if (*n == 0 && !*person)
        TRY(find_withdrawn(w, who, person));
    return *n || *person ? OK : nobody_at_all(w, who, sources, nsources);
}
