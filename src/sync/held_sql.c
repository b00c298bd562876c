/* held_sql.c — held_back. */
#include "sync/held.h"

#include "store/store.h"

enum err held_put(struct work *w, const struct held *h)
{
    TRY(held_drop(w, h->source, h->record, h->attribute));
    return store_run(
        w,
        "INSERT INTO held_back (workspace, source, record, attribute, said, person, run, since) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        num(w->workspace), num(h->source), txt(h->record), txt(h->attribute), txt(h->said),
        num(h->person), num(h->run), num(h->since));
}

enum err held_drop(struct work *w, int64_t source, const char *record, const char *attribute)
{
    return store_run(
        w,
        "DELETE FROM held_back WHERE workspace = ? AND source = ? AND record = ? AND attribute "
        "= ?",
        num(w->workspace), num(source), txt(record), txt(attribute));
}

#define HELD_COLUMNS "source, person, run, since, record, attribute, said FROM held_back "

static void read_held(const struct rows *r, struct held *list, size_t *n)
{
    for (size_t i = 0; i < r->n; i++)
        list[(*n)++] = (struct held){ rows_num(r, i, 0), rows_num(r, i, 1), rows_num(r, i, 2),
                                      rows_num(r, i, 3), rows_text(r, i, 4), rows_text(r, i, 5),
                                      rows_text(r, i, 6) };
}

enum err held_by_record(struct work *w, int64_t source, const char *const *records, size_t n,
                        struct held **out, size_t *count)
{
    struct rows r;
    struct arg *args = NEW_ARRAY(w->mem, struct arg, store_in_size(n) + 2);

    args[0] = num(w->workspace);
    args[1] = num(source);
    for (size_t i = 0; i < n; i++)
        args[2 + i] = txt(records[i]);
    store_pad(args + 2, n);
    TRY(store_query_args(w, &r,
                         arena_printf(w->mem,
                                      "SELECT " HELD_COLUMNS "WHERE workspace = ? AND source = ? "
                                      "AND record IN %s",
                                      store_in(n)),
                         args, store_in_size(n) + 2));
    *count = 0;
    *out = NEW_ARRAY(w->mem, struct held, r.n + 1);
    read_held(&r, *out, count);
    return OK;
}

enum err held_any(struct work *w, int64_t source, bool *any)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT 1 FROM held_back WHERE workspace = ? AND source = ? LIMIT 1",
                    num(w->workspace), num(source)));
    *any = r.n > 0;
    return OK;
}

enum err held_of(struct work *w, int64_t person, struct held **out, size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT " HELD_COLUMNS "WHERE workspace = ? AND person = ? ORDER BY attribute",
                    num(w->workspace), num(person)));
    *n = 0;
    *out = NEW_ARRAY(w->mem, struct held, r.n + 1);
    read_held(&r, *out, n);
    return OK;
}

struct release { int64_t person; const char *attribute, *record; int64_t n; };

static enum err write_release(struct work *w, void *arg)
{
    struct release *x = arg;
    struct rows r;

    if (x->record)
        TRY(store_query(
            w, &r,
            "DELETE FROM held_back WHERE workspace = ? AND record = ? RETURNING source, record",
            num(w->workspace), txt(x->record)));
    else if (x->attribute)
        TRY(store_query(
            w, &r,
            "DELETE FROM held_back WHERE workspace = ? AND person = ? AND attribute = ? "
            "RETURNING source, record",
            num(w->workspace), num(x->person), txt(x->attribute)));
    else
        TRY(store_query(
            w, &r,
            "DELETE FROM held_back WHERE workspace = ? AND person = ? RETURNING source, "
            "record",
            num(w->workspace), num(x->person)));
    x->n = (int64_t)r.n;
    for (size_t i = 0; i < r.n; i++)            /* looked at again in the next run */
        TRY(store_run(
            w, "UPDATE link SET digest = 0 WHERE workspace = ? AND source = ? AND record = ?",
            num(w->workspace), num(rows_num(&r, i, 0)), txt(rows_text(&r, i, 1))));
    return OK;
}

enum err held_release(struct work *w, int64_t person, const char *attribute, int64_t *n)
{
    struct release x = { .person = person, .attribute = attribute };

    TRY(store_write(w, write_release, &x));
    *n = x.n;
    return OK;
}

enum err held_release_record(struct work *w, const char *record, int64_t *n)
{
    struct release x = { .record = record };

    TRY(store_write(w, write_release, &x));
    *n = x.n;
    return OK;
}
