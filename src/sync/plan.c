/*
 * plan.c — intake of records: is it known and unchanged (most are), has it come twice, else into a
 * batch that is decided together.
 */
#include "sync/plan.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "people/level.h"
#include "people/manager.h"
#include "store/store.h"
#include "sync/pinned.h"

/* ---- the link table ---- */

static size_t place(const struct plan *p, uint64_t hash)
{
    return (size_t)(hash >> 8) & (p->cap - 1);
}

struct known *plan_known(const struct plan *p, uint64_t hash)
{
    for (size_t at = place(p, hash); p->known[at].hash; at = (at + 1) & (p->cap - 1))
        if (p->known[at].hash == hash)
            return &p->known[at];
    return NULL;
}

static void known_grow(struct plan *p)
{
    struct known *old = p->known;
    size_t cap = p->cap;

    p->cap = cap ? cap * 2 : 1024;
    p->known = must_alloc(p->cap * sizeof *p->known);
    for (size_t i = 0; i < cap; i++)
        if (old[i].hash) {
            size_t at = place(p, old[i].hash);
            while (p->known[at].hash)
                at = (at + 1) & (p->cap - 1);
            p->known[at] = old[i];
        }
    free(old);
}

static uint64_t record_hash(const struct plan *p, const char *id)
{
    return crypt_hash(&p->hash, id, strlen(id)) | 1;
}

static enum err know_link(void *arg, const struct link *l)
{
    struct plan *p = arg;

    if (p->nknown * 4 >= p->cap * 3)
        known_grow(p);
    uint64_t hash = record_hash(p, l->record);
    size_t at = place(p, hash);
    while (p->known[at].hash)
        at = (at + 1) & (p->cap - 1);
    int64_t person = !l->person                   ? (int64_t)l->reason
                     : l->reason == LINK_EXCLUDED ? -l->person
                                                  : l->person;
    p->known[at] = (struct known){ hash, person, (uint64_t)l->digest };
    p->nknown++;
    return OK;
}

/* ---- opening ---- */

/* What earlier runs learned of the source: its status values. */
static enum err read_seen(struct plan *p)
{
    yyjson_val *root, *one;
    size_t i, n;

    TRY(json_read_in(p->mem, p->source->seen, strlen(p->source->seen), &root));
    yyjson_val *list = yyjson_obj_get(root, "statuses");
    p->first = list == NULL;
    if (!str_eq(json_text(root, "status_from"), p->map->status.from_text))
        return OK;
    const char **texts = NEW_ARRAY(p->mem, const char *, yyjson_arr_size(list) + 1);
    yyjson_arr_foreach(list, i, n, one)
        texts[p->nknown_statuses++] = yyjson_get_str(one);
    p->known_statuses = texts;
    return OK;
}

static uint64_t name_hash(const struct plan *p, const char *name)
{
    return crypt_hash(&p->hash, name, strlen(name)) | 1;
}

static enum err load_teams(struct plan *p)
{
    bool fresh;
    struct work mine = *p->w;

    mine.mem = p->mem;
    TRY(teams_load(&mine, &p->teams));
    for (size_t i = 0; i < p->teams->n; i++) {
        const struct team *t = p->teams->all[i];
        table_put(&p->team_names, name_hash(p, t->name), (int64_t)i, &fresh);
        if (t->source == p->source->id && t->source_key)
            table_put(&p->team_keys, name_hash(p, t->source_key), (int64_t)i, &fresh);
    }
    return levels_load(&mine, &p->levels, &p->nlevels);
}

enum err plan_open(struct plan *p)
{
    struct work mine = *p->w;
    bool any;

    mine.mem = p->mem;
    p->scratch = arena_mark(p->w->mem);
    p->hash = crypt_hash_for(store_key(p->w->store), "record digest");
    p->findings.mem = p->mem;
    p->row_mem = arena_new();
    p->rows = must_alloc(PLAN_BATCH * sizeof *p->rows);
    p->fill = NEW_ARRAY(p->mem, struct fill, p->map->want.n + 1);
    p->today = date_text(p->mem, p->w->now / 86400000);
    known_grow(p);
    TRY(read_seen(p));
    TRY(plan_slots(p));
    TRY(plan_asserts_open(p));
    p->changed = NEW_ARRAY(p->mem, int64_t, p->nslots + 1);
    TRY(load_teams(p));
    TRY(source_rows(&mine, &p->sources, &p->nsources));
    TRY(links_each(p->w, p->source->id, know_link, p));
    p->seen = must_alloc(p->cap / 8 + 1);
    TRY(people_any(p->w, &any));
    p->empty = !any;
    TRY(held_any(p->w, p->source->id, &p->any_held));
    TRY(pinned_any(p->w, &p->any_pinned));
    return managers_version(p->w, &p->run.basis);
}

void plan_free(struct plan *p)
{
    findings_free(&p->findings);
    plan_asserts_free(p);
    struct table *tables[] = { &p->who,        &p->keys,      &p->alias,    &p->freed,
                               &p->team_names, &p->team_keys, &p->promised, &p->leaving,
                               &p->named,      &p->moved,     &p->twice_at, &p->matched };
    for (size_t i = 0; i < COUNT(tables); i++)
        table_free(tables[i]);
    buf_free(&p->bytes);
    arena_free(p->row_mem);
    free(p->rows);
    free(p->known);
    free(p->seen);
    free(p->edges);
    free(p->items);
    free(p->late);
    free(p->voided);
}

/* ---- intake ---- */

/*
 * Everything that could make the outcome another one: raw values, the revision of mapping and
 * options, and the day if an expression asks for it. Never 0, which means "look again".
 */
static uint64_t record_digest(struct plan *p, const struct record *r)
{
    buf_clear(&p->bytes);
    buf_add(&p->bytes, &p->source->revision, sizeof p->source->revision);
    if (p->map->uses_today)
        buf_puts(&p->bytes, p->today);
    for (size_t i = 0; i < p->map->want.n; i++) {
        const struct raw *v = &r->values[i];
        uint32_t head = (uint32_t)v->n << 2 | v->is;
        buf_add(&p->bytes, &head, sizeof head);
        buf_add(&p->bytes, v->text, v->is >= RAW_TEXT ? v->n : 0);
    }
    return crypt_hash(&p->hash, p->bytes.at, p->bytes.n) >> 1 | 1;
}

static void count_fill(struct plan *p, const struct record *r)
{
    for (size_t i = 0; i < p->map->want.n; i++) {
        p->fill[i].absent += r->values[i].is == RAW_ABSENT;
        p->fill[i].filled += r->values[i].is >= RAW_TEXT;
    }
}

static void count_unchanged(struct plan *p, int64_t person)
{
    if (person == LINK_EXCLUDED || person < 0)
        p->tally.excluded++;
    else if (person == LINK_NOT_ACTIVE)
        p->tally.not_active++;
    else if (person < LINK_REASONS)
        p->tally.conflicts++;
    else
        p->tally.unchanged++;
}

/* Neither of the two is applied: this one is not looked at, and the first one's row is set aside. */
static void came_twice(struct plan *p, uint64_t hash, const char *id, const struct known *k)
{
    bool fresh;

    p->tally.conflicts++;
    table_put(&p->twice_at, hash, 1, &fresh);
    if (!fresh)
        return;
    if (k && k->person >= LINK_REASONS)
        plan_void_later(p, k->person);
    ARENA_GROW(p->mem, p->twice, p->ntwice, p->cap_twice);
    p->twice[p->ntwice++] = arena_text(p->mem, id);
    findings_add(&p->findings, FINDING_duplicate_id, NULL, id, id);
}

static void copy_item(struct plan *p, const struct record *r, uint64_t hash, uint64_t digest,
                      bool known)
{
    if (p->nitems == p->cap_items) {
        p->cap_items = PLAN_BATCH;
        p->items = must_realloc(p->items, p->cap_items * sizeof *p->items);
    }
    struct item *it = &p->items[p->nitems++];
    struct arena *a = p->w->mem;
    *it = (struct item){ .id = arena_text(a, r->id),
                         .hash = hash,
                         .digest = digest,
                         .known = known,
                         .settled = true,
                         .values = NEW_ARRAY(a, struct raw, p->map->want.n + 1) };
    for (size_t i = 0; i < p->map->want.n; i++) {
        it->values[i] = r->values[i];
        if (r->values[i].is >= RAW_TEXT)
            it->values[i].text = arena_textn(a, r->values[i].text, r->values[i].n);
        if (r->values[i].key)
            it->values[i].key = arena_text(a, r->values[i].key);
    }
}

static void check_company(struct plan *p, const char *company)
{
    if (!company || (p->company && str_eq(p->company, company)))
        return;
    if (!p->company)
        p->company = arena_text(p->mem, company);
    else if (!p->other_company)
        p->other_company = arena_text(p->mem, company);
}

static enum err decide_waiting(struct plan *p)
{
    if (p->nitems == 0)
        return OK;
    enum err e = plan_batch(p, p->items, p->nitems);
    p->nitems = 0;
    arena_reset(p->w->mem, p->scratch);
    return e;
}

enum err plan_record(void *arg, const struct record *r)
{
    struct plan *p = arg;

    p->tally.read++;
    check_company(p, r->company);
    count_fill(p, r);
    plan_asserts_record(p, r);
    if (p->progress && p->tally.read % 512 == 0)
        p->progress(p->progress_arg, p->tally.read);
    if (str_empty(r->id)) {
        p->tally.conflicts++;
        findings_add(
            &p->findings, FINDING_no_id, NULL, NULL,
            arena_printf(p->w->mem, "record %lld of the answer", (long long)p->tally.read));
        return OK;
    }
    uint64_t hash = record_hash(p, r->id), digest = record_digest(p, r);
    struct known *k = plan_known(p, hash);
    if (k) {
        size_t at = (size_t)(k - p->known);
        if (p->seen[at / 8] >> at % 8 & 1) {
            came_twice(p, hash, r->id, k);
            return OK;
        }
        p->seen[at / 8] |= (uint8_t)(1 << at % 8);
        if (k->digest == digest) {
            count_unchanged(p, k->person);
            return OK;
        }
    } else {
        bool fresh;
        int64_t *who = table_put(&p->who, hash, 1, &fresh);
        if (!fresh && *who > 0) {
            came_twice(p, hash, r->id, NULL);
            return OK;
        }
        if (!fresh)
            *who = -*who;                   /* reserved by somebody's reference; here they are */
    }
    copy_item(p, r, hash, digest, k != NULL);
    return p->nitems < PLAN_BATCH ? OK : decide_waiting(p);
}

/* ---- a batch ---- */

static enum err load_links(struct plan *p, struct item *items, size_t n)
{
    const char **ids = NEW_ARRAY(p->w->mem, const char *, n);
    size_t *whose = NEW_ARRAY(p->w->mem, size_t, n), k = 0;

    for (size_t i = 0; i < n; i++)
        if (items[i].known) {
            whose[k] = i;
            ids[k++] = items[i].id;
        }
    if (k == 0)
        return OK;
    struct link *links = NEW_ARRAY(p->w->mem, struct link, k);
    TRY(links_by_record(p->w, p->source->id, ids, k, links));
    for (size_t i = 0; i < k; i++) {
        items[whose[i]].link = links[i];
        TRY(said_read(p->w->mem, links[i].said, &items[whose[i]].old));
    }
    return OK;
}

static enum err holders(struct plan *p, struct item *items, size_t n, enum key_kind kind)
{
    const char **folded = NEW_ARRAY(p->w->mem, const char *, n);
    size_t *whose = NEW_ARRAY(p->w->mem, size_t, n), k = 0;
    int64_t *found = NEW_ARRAY(p->w->mem, int64_t, n);

    for (size_t i = 0; i < n; i++) {
        const char *key = item_key(p, &items[i], kind);
        if (key) {
            whose[k] = i;
            folded[k++] = key;
        }
    }
    if (k == 0)
        return OK;
    TRY(people_key_holders(p->w, kind, folded, k, found));
    for (size_t i = 0; i < k; i++)
        items[whose[i]].holders[kind] = found[i];
    return OK;
}

/* Two records of a run cannot both be the person that the one's anchor and the other's e-mail mean. */
static bool is_first(struct plan *p, const struct item *it, int64_t person)
{
    bool fresh;

    return *table_put(&p->matched, (uint64_t)person, (int64_t)it->hash, &fresh) ==
           (int64_t)it->hash;
}

/* An unlinked record finds its person by anchor, then by e-mail, if that person has no link here. */
static enum err match(struct plan *p, struct item *items, size_t n, int64_t *people)
{
    static const enum key_kind kinds[] = { KEY_ANCHOR, KEY_EMAIL };
    int64_t *ids = NEW_ARRAY(p->w->mem, int64_t, n);
    struct link *links;
    size_t k = 0, nlinks;

    for (size_t i = 0; i < n; i++)
        people[i] = items[i].link.person;
    for (size_t pass = 0; pass < COUNT(kinds); pass++)
        for (size_t i = 0; i < n; i++) {
            struct item *it = &items[i];
            int64_t holder = it->holders[kinds[pass]];
            if (people[i] || it->excluded || !holder ||
                (kinds[pass] == KEY_EMAIL && it->status != STATUS_ACTIVE) ||
                !is_first(p, it, holder))
                continue;
            it->matched = kinds[pass] == KEY_ANCHOR ? "the anchor" : "the e-mail";
            ids[k++] = people[i] = holder;
        }
    if (k == 0)
        return OK;
    TRY(links_of(p->w, ids, k, &links, &nlinks));
    for (size_t i = 0; i < n; i++) {
        if (!items[i].matched)
            continue;
        size_t q = links_first(links, nlinks, people[i]);
        while (q < nlinks && links[q].person == people[i] && links[q].source != p->source->id)
            q++;
        if (q == nlinks || links[q].person != people[i])
            continue;                           /* else linked to another record of this source: */
        p->id_swaps += !p->closing && !items[i].holders[KEY_ANCHOR];
        items[i].matched = NULL;
        people[i] = 0;
    }
    return OK;
}

static enum err load_before(struct plan *p, struct item *items, size_t n)
{
    int64_t *people = NEW_ARRAY(p->w->mem, int64_t, n), *ids = NEW_ARRAY(p->w->mem, int64_t, n);
    size_t *whose = NEW_ARRAY(p->w->mem, size_t, n), k = 0;

    if (p->empty)
        return OK;
    for (enum key_kind kind = KEY_EMAIL; kind <= KEY_ANCHOR; kind++)
        TRY(holders(p, items, n, kind));
    TRY(match(p, items, n, people));
    for (size_t i = 0; i < n; i++)
        if (people[i]) {
            whose[k] = i;
            ids[k++] = people[i];
        }
    if (k == 0)
        return OK;
    struct person **found = NEW_ARRAY(p->w->mem, struct person *, k);
    TRY(people_load(p->w, p->attrs, ids, k, LOAD_TEAMS, found));
    for (size_t i = 0; i < k; i++)
        items[whose[i]].before = found[i];
    return OK;
}

static int held_by_id(const void *a, const void *b)
{
    return strcmp(((const struct held *)a)->record, ((const struct held *)b)->record);
}

static enum err load_held(struct plan *p, struct item *items, size_t n)
{
    size_t count = 0;

    if (!p->any_held)
        return OK;
    for (size_t at = 0; at < n; at += STORE_IN_MOST) {
        size_t k = MIN(n - at, (size_t)STORE_IN_MOST), more;
        const char **ids = NEW_ARRAY(p->w->mem, const char *, k);
        struct held *list, *all;
        for (size_t i = 0; i < k; i++)
            ids[i] = items[at + i].id;
        TRY(held_by_record(p->w, p->source->id, ids, k, &list, &more));
        all = NEW_ARRAY(p->w->mem, struct held, count + more + 1);
        if (count)
            memcpy(all, p->held, count * sizeof *all);
        memcpy(all + count, list, more * sizeof *all);
        p->held = all;
        count += more;
    }
    if (count)
        qsort(p->held, count, sizeof *p->held, held_by_id);
    for (size_t i = 0; i < n; i++) {
        size_t from = 0, to = count;
        while (from < to) {
            size_t mid = (from + to) / 2;
            if (strcmp(p->held[mid].record, items[i].id) < 0)
                from = mid + 1;
            else
                to = mid;
        }
        items[i].held_at = from;
        while (from < count && str_eq(p->held[from].record, items[i].id))
            from++;
        items[i].nheld = from - items[i].held_at;
    }
    return OK;
}

enum err plan_batch(struct plan *p, struct item *items, size_t n)
{
    TRY(load_links(p, items, n));
    for (size_t i = 0; i < n; i++)
        TRY(plan_values(p, &items[i]));
    TRY(load_before(p, items, n));
    TRY(load_held(p, items, n));
    TRY(plan_others(p, items, n));
    if (p->closing)
        TRY(plan_late_settle(p, items, n));
    for (size_t i = 0; i < n; i++)
        TRY(plan_decide(p, &items[i]));
    return OK;
}

/* ---- after the last record ---- */

/* The first of two records with one id: if it made a row, the row is set aside. */
static enum err void_twice(struct plan *p)
{
    if (p->ntwice == 0)
        return OK;
    TRY(plan_flush(p));
    for (size_t i = 0; p->stored && i < p->ntwice; i++) {
        int64_t person;
        TRY(run_row_of_record(p->w, p->run.id, p->twice[i], &person));
        if (person)
            plan_void_later(p, person);
    }
    return OK;
}

static void note_fields(struct plan *p)
{
    for (size_t i = 0; i < p->map->want.n; i++) {
        int64_t absent = p->fill[i].absent;
        if (absent == p->tally.read && absent > 0)
            findings_add(&p->findings, FINDING_field_absent, p->map->want.fields[i], NULL, NULL);
        else if (absent > 0)
            findings_add(&p->findings, FINDING_field_missing, p->map->want.fields[i], NULL, NULL);
    }
}

enum err plan_close(struct plan *p)
{
    TRY(decide_waiting(p));
    note_fields(p);
    plan_asserts_close(p);
    TRY(plan_late(p));
    TRY(void_twice(p));
    TRY(plan_void(p));
    TRY(plan_missing(p));
    TRY(plan_flush(p));
    TRY(plan_managers(p));
    p->tally.findings = (int64_t)p->findings.n;
    return OK;
}
