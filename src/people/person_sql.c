/* person_sql.c — person, person_key, membership. */
#include "people/person_sql.h"

#include <stdlib.h>

#include "base/str.h"
#include "store/store.h"

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Fills out->args with (workspace, ids…) for one slice of at most STORE_IN_MOST. */
static struct arg *id_args(struct work *w, const int64_t *ids, size_t n)
{
    struct arg *args = NEW_ARRAY(w->mem, struct arg, store_in_size(n) + 1);

    args[0] = num(w->workspace);
    for (size_t i = 0; i < n; i++)
        args[1 + i] = num(ids[i]);
    store_pad(args + 1, n);
    return args;
}

static enum err load_members(struct work *w, const int64_t *ids, size_t n, struct person **sorted)
{
    struct rows r;
    const char *sql = arena_printf(w->mem,
                                   "SELECT person, team, owner FROM membership WHERE workspace = ? "
                                   "AND person IN %s ORDER BY person, team, owner",
                                   store_in(n));

    TRY(store_query_args(w, &r, sql, id_args(w, ids, n), store_in_size(n) + 1));
    for (size_t i = 0, at = 0; i < r.n;) {
        while (!sorted[at] || sorted[at]->id != rows_num(&r, i, 0))
            at++;
        size_t end = i;
        while (end < r.n && rows_num(&r, end, 0) == rows_num(&r, i, 0))
            end++;
        struct person *p = sorted[at];
        p->teams = NEW_ARRAY(w->mem, struct member, end - i);
        for (; i < end; i++)
            p->teams[p->nteams++] = (struct member){ rows_num(&r, i, 1), rows_num(&r, i, 2) };
    }
    return OK;
}

/*
 * `id IN (…)` beside `workspace = ?` makes SQLite walk the whole workspace by another index (22 ms for 512
 * of 100,000 people); joined to a list of values it looks up each id. No id is 0: it pads the list.
 */
static enum err query_people(struct work *w, const int64_t *ids, size_t n, struct rows *out)
{
    size_t size = store_in_size(n);
    struct arg *args = NEW_ARRAY(w->mem, struct arg, size + 1);
    AUTO_BUF sql = {};

    if (n == 1)
        return store_query(w, out,
                           "SELECT id, state, manager, version, created_at, updated_at, flags, "
                           "vals FROM person WHERE workspace = ? AND id = ?",
                           num(w->workspace), num(ids[0]));
    buf_puts(&sql, "SELECT person.id, state, manager, version, created_at, updated_at, flags, vals "
                   "FROM (VALUES ");
    for (size_t i = 0; i < size; i++) {
        buf_puts(&sql, i ? ",(?)" : "(?)");
        args[i] = num(i < n ? ids[i] : 0);
    }
    buf_puts(
        &sql,
        ") AS wanted JOIN person ON person.workspace = ? AND person.id = wanted.column1 ORDER BY "
        "person.id");
    args[size] = num(w->workspace);
    return store_query_args(w, out, arena_textn(w->mem, sql.at, sql.n), args, size + 1);
}

static enum err load_slice(struct work *w, const struct attrs *as, const int64_t *ids, size_t n,
                           unsigned flags, struct person **sorted)
{
    struct rows r;

    TRY(query_people(w, ids, n, &r));
    for (size_t i = 0, at = 0; i < r.n; i++) {
        struct person *p = NEW(w->mem, struct person);
        *p = (struct person){ .id = rows_num(&r, i, 0),
                              .state = (enum person_state)rows_num(&r, i, 1),
                              .manager = rows_num(&r, i, 2),
                              .version = rows_num(&r, i, 3),
                              .created_at = rows_num(&r, i, 4),
                              .updated_at = rows_num(&r, i, 5),
                              .flags = (unsigned)rows_num(&r, i, 6) };
        TRY(values_read(w->mem, as, rows_text(&r, i, 7), cell(&r, i, 7)->n, &p->values,
                        &p->nvalues));
        while (ids[at] != p->id)
            at++;
        sorted[at] = p;
    }
    return flags & LOAD_TEAMS && r.n ? load_members(w, ids, n, sorted) : OK;
}

enum err people_load(struct work *w, const struct attrs *as, const int64_t *ids, size_t n,
                     unsigned flags, struct person **out)
{
    int64_t *order = NEW_ARRAY(w->mem, int64_t, n + 1);
    struct person **found = NEW_ARRAY(w->mem, struct person *, n + 1);
    size_t unique = 0;

    if (n == 0)
        return OK;                              /* and `ids` may be NULL */
    memcpy(order, ids, n * sizeof *ids);
    qsort(order, n, sizeof *order, by_id);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || order[i] != order[i - 1])
            order[unique++] = order[i];
    for (size_t at = 0; at < unique; at += STORE_IN_MOST)
        TRY(load_slice(w, as, order + at, MIN(unique - at, (size_t)STORE_IN_MOST), flags,
                       found + at));
    for (size_t i = 0; i < n; i++) {
        int64_t *hit = bsearch(&ids[i], order, unique, sizeof *order, by_id);
        out[i] = found[hit - order];
    }
    return OK;
}

struct key_slot { const char *folded; size_t at; };

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct key_slot *)a)->folded, ((const struct key_slot *)b)->folded);
}

static enum err holders_slice(struct work *w, enum key_kind kind, const struct key_slot *slots,
                              size_t n, int64_t *holders)
{
    struct rows r;
    struct arg *args = NEW_ARRAY(w->mem, struct arg, store_in_size(n) + 2);
    const char *sql = arena_printf(w->mem,
                                   "SELECT folded, person FROM person_key WHERE workspace = ? AND "
                                   "kind = ? AND folded IN %s ORDER BY folded",
                                   store_in(n));

    args[0] = num(w->workspace);
    args[1] = num(kind);
    for (size_t i = 0; i < n; i++)
        args[2 + i] = txt(slots[i].folded);
    store_pad(args + 2, n);
    TRY(store_query_args(w, &r, sql, args, store_in_size(n) + 2));
    for (size_t i = 0, at = 0; i < r.n; i++) {
        while (at < n && strcmp(slots[at].folded, rows_text(&r, i, 0)) < 0)
            at++;
        for (; at < n && str_eq(slots[at].folded, rows_text(&r, i, 0)); at++)
            holders[slots[at].at] = rows_num(&r, i, 1);
    }
    return OK;
}

enum err people_key_holders(struct work *w, enum key_kind kind, const char *const *folded, size_t n,
                            int64_t *holders)
{
    struct key_slot *slots = NEW_ARRAY(w->mem, struct key_slot, n + 1);

    for (size_t i = 0; i < n; i++) {
        slots[i] = (struct key_slot){ folded[i], i };
        holders[i] = 0;
    }
    qsort(slots, n, sizeof *slots, by_key);
    for (size_t at = 0; at < n; at += STORE_IN_MOST)
        TRY(holders_slice(w, kind, slots + at, MIN(n - at, (size_t)STORE_IN_MOST), holders));
    return OK;
}

/*
 * Each key is a look-up of its own, joined by UNION ALL: for a list of values SQLite makes a table first, which costs
 * more than the look-ups.
 */
enum err people_keys_held(struct work *w, const struct person_key *keys, size_t n, int64_t *holders)
{
    for (size_t at = 0; at < n; at += KEYS_AT_ONCE) {
        size_t k = MIN(n - at, (size_t)KEYS_AT_ONCE);
        struct arg args[4 * KEYS_AT_ONCE];
        AUTO_BUF sql = {};
        struct rows r;
        for (size_t i = 0; i < k; i++) {
            buf_puts(&sql, i ? " UNION ALL " : "");
            buf_puts(&sql, "SELECT CAST(? AS BIGINT), person FROM person_key WHERE workspace = ? "
                           "AND kind = ? AND folded = ?");
            args[4 * i] = num((int64_t)i);
            args[4 * i + 1] = num(w->workspace);
            args[4 * i + 2] = num(keys[at + i].kind);
            args[4 * i + 3] = txt(keys[at + i].folded);
            holders[at + i] = 0;
        }
        TRY(store_query_args(w, &r, sql.at, args, 4 * k));
        for (size_t i = 0; i < r.n; i++)
            holders[at + (size_t)rows_num(&r, i, 0)] = rows_num(&r, i, 1);
    }
    return OK;
}

enum err person_reports(struct work *w, int64_t id, int64_t **out, size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT id FROM person WHERE workspace = ? AND manager = ? ORDER BY id",
                    num(w->workspace), num(id)));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, int64_t, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        (*out)[i] = rows_num(&r, i, 0);
    return OK;
}

enum err people_any(struct work *w, bool *any)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT id FROM person WHERE workspace = ? LIMIT 1", num(w->workspace)));
    *any = r.n > 0;
    return OK;
}

struct id_scan {
    id_fn *fn;
    void *arg;
};

static enum err scan_id(void *arg, const struct cell *cells)
{
    struct id_scan *s = arg;

    s->fn(s->arg, cells[0].num);
    return OK;
}

enum err people_each_in(struct work *w, enum person_state state, id_fn *fn, void *arg)
{
    struct id_scan scan = { fn, arg };

    return store_each(w, scan_id, &scan, "SELECT id FROM person WHERE workspace = ? AND state = ?",
                      num(w->workspace), num(state));
}

struct edge_scan { edge_fn *fn; void *arg; };

static enum err scan_edge(void *arg, const struct cell *cells)
{
    struct edge_scan *s = arg;

    s->fn(s->arg, cells[0].num, cells[1].num);
    return OK;
}

enum err people_each_edge(struct work *w, edge_fn *fn, void *arg)
{
    struct edge_scan scan = { fn, arg };

    return store_each(w, scan_edge, &scan,
                      "SELECT id, manager FROM person WHERE workspace = ? AND manager > 0",
                      num(w->workspace));
}

static const char *values_text(struct work *w, const struct person *p)
{
    AUTO_BUF text = {};

    values_write(&text, p->values, p->nvalues);
    return arena_textn(w->mem, text.at, text.n);
}

enum err people_put_new(struct work *w, const struct person *p)
{
    return store_run(
        w,
        "INSERT INTO person (id, workspace, state, manager, version, created_at, updated_at, "
        "flags, vals) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        num(p->id), num(w->workspace), num(p->state), id_or_null(p->manager), num(p->version),
        num(p->created_at), num(p->updated_at), num(p->flags), txt(values_text(w, p)));
}

enum err people_put_changed(struct work *w, const struct person *p)
{
    return store_run(
        w,
        "UPDATE person SET state = ?, manager = ?, version = ?, updated_at = ?, flags = ?, "
        "vals = ? WHERE workspace = ? AND id = ?",
        num(p->state), id_or_null(p->manager), num(p->version), num(p->updated_at), num(p->flags),
        txt(values_text(w, p)), num(w->workspace), num(p->id));
}

enum err people_put_touched(struct work *w, const struct person *p)
{
    return store_run(w,
                     "UPDATE person SET version = ?, updated_at = ? WHERE workspace = ? AND id = ?",
                     num(p->version), num(p->updated_at), num(w->workspace), num(p->id));
}

enum err people_put_keys(struct work *w, const struct held_key *keys, size_t n)
{
    struct arg args[4 * KEYS_AT_ONCE];
    AUTO_BUF sql = {};

    buf_puts(&sql, "INSERT INTO person_key (workspace, kind, folded, person) VALUES ");
    for (size_t i = 0; i < n; i++) {
        buf_puts(&sql, i ? ", (?, ?, ?, ?)" : "(?, ?, ?, ?)");
        args[4 * i] = num(w->workspace);
        args[4 * i + 1] = num(keys[i].kind);
        args[4 * i + 2] = txt(keys[i].folded);
        args[4 * i + 3] = num(keys[i].person);
    }
    return store_run_args(w, sql.at, args, 4 * n);
}

enum err people_drop_key(struct work *w, enum key_kind kind, const char *folded)
{
    return store_run(w, "DELETE FROM person_key WHERE workspace = ? AND kind = ? AND folded = ?",
                     num(w->workspace), num(kind), txt(folded));
}

enum err people_put_member(struct work *w, int64_t person, int64_t team, int64_t owner)
{
    return store_run(w,
                     "INSERT INTO membership (workspace, person, team, owner) VALUES (?, ?, ?, ?) "
                     "ON CONFLICT DO NOTHING",
                     num(w->workspace), num(person), num(team), num(owner));
}

enum err people_drop_member(struct work *w, int64_t person, int64_t team, int64_t owner)
{
    return store_run(
        w, "DELETE FROM membership WHERE workspace = ? AND person = ? AND team = ? AND owner = ?",
        num(w->workspace), num(person), num(team), num(owner));
}

enum err people_put_managers_version(struct work *w)
{
    return store_run(w, "UPDATE workspace SET managers_version = managers_version + 1 WHERE id = ?",
                     num(w->workspace));
}
