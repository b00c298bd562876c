/* pinned_sql.c — pinned. */
#include "sync/pinned.h"

#include "store/store.h"

enum err pinned_any(struct work *w, bool *any)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT 1 FROM pinned WHERE workspace = ? LIMIT 1", num(w->workspace)));
    *any = r.n > 0;
    return OK;
}

enum err pinned_of(struct work *w, const int64_t *people, size_t n, struct pinned **out,
                   size_t *count)
{
    size_t cap = 0;

    *out = NULL;
    *count = 0;
    for (size_t at = 0; at < n; at += STORE_IN_MOST) {
        size_t k = MIN(n - at, (size_t)STORE_IN_MOST);
        struct arg *args = NEW_ARRAY(w->mem, struct arg, store_in_size(k) + 2);
        struct rows r;
        args[0] = num(w->workspace);
        args[1] = num(w->now);
        for (size_t i = 0; i < k; i++)
            args[2 + i] = num(people[at + i]);
        store_pad(args + 2, k);
        TRY(store_query_args(w, &r,
                             arena_printf(w->mem,
                                          "SELECT person, expires, attribute, value, author, "
                                          "reason FROM pinned WHERE workspace = ? AND "
                                          "coalesce(expires, 0) NOT BETWEEN 1 AND ? "
                                          "AND person IN %s",
                                          store_in(k)),
                             args, store_in_size(k) + 2));
        for (size_t i = 0; i < r.n; i++) {
            ARENA_GROW(w->mem, *out, *count, cap);
            (*out)[(*count)++] =
                (struct pinned){ rows_num(&r, i, 0),  rows_num(&r, i, 1),  rows_text(&r, i, 2),
                                 rows_text(&r, i, 3), rows_text(&r, i, 4), rows_text(&r, i, 5) };
        }
    }
    return OK;
}

static enum err write_pin(struct work *w, void *arg)
{
    const struct pinned *p = arg;

    TRY(store_run(w, "DELETE FROM pinned WHERE workspace = ? AND person = ? AND attribute = ?",
                  num(w->workspace), num(p->person), txt(p->attribute)));
    TRY(store_run(
        w,
        "INSERT INTO pinned (workspace, person, attribute, value, author, reason, expires) VALUES "
        "(?, ?, ?, ?, ?, ?, ?)",
        num(w->workspace), num(p->person), txt(p->attribute), txt(p->value), txt(p->author),
        txt(p->reason), id_or_null(p->expires)));
    return store_run(w, "UPDATE link SET digest = 0 WHERE workspace = ? AND person = ?",
                     num(w->workspace), num(p->person));
}

enum err pinned_put(struct work *w, const struct pinned *p)
{
    return store_write(w, write_pin, (void *)p);
}

struct unpin { int64_t person; const char *attribute; bool was; };

static enum err write_unpin(struct work *w, void *arg)
{
    struct unpin *u = arg;
    struct rows r;

    TRY(store_query(
        w, &r,
        "DELETE FROM pinned WHERE workspace = ? AND person = ? AND attribute = ? RETURNING "
        "person",
        num(w->workspace), num(u->person), txt(u->attribute)));
    u->was = r.n > 0;
    return store_run(w, "UPDATE link SET digest = 0 WHERE workspace = ? AND person = ?",
                     num(w->workspace), num(u->person));
}

enum err pinned_drop(struct work *w, int64_t person, const char *attribute, bool *was)
{
    struct unpin u = { person, attribute, false };

    TRY(store_write(w, write_unpin, &u));
    *was = u.was;
    return OK;
}
