/* waiting_sql.c — the table of waiting references. */
#include "people/waiting.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/str.h"
#include "people/link.h"
#include "store/store.h"

enum err waiting_put(struct work *w, const struct waiting *one)
{
    return store_run(w, "INSERT INTO waiting (workspace, source, wanted, person, attribute) VALUES "
                     "(?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", num(w->workspace), num(one->source),
                     txt(one->wanted), num(one->person), txt(one->attribute));
}

enum err waiting_clear(struct work *w, int64_t person, const char *attribute)
{
    return store_run(w, "DELETE FROM waiting WHERE workspace = ? AND person = ? AND attribute = ?",
                     num(w->workspace), num(person), txt(attribute));
}

static enum err collect(struct work *w, const struct rows *r, struct waiting **out, size_t *n)
{
    struct waiting *list = NEW_ARRAY(w->mem, struct waiting, *n + r->n + 1);

    if (*n)
        memcpy(list, *out, *n * sizeof *list);
    for (size_t i = 0; i < r->n; i++)
        list[(*n)++] = (struct waiting){ rows_num(r, i, 0), rows_num(r, i, 1), rows_num(r, i, 2),
                                         rows_text(r, i, 3), rows_text(r, i, 4) };
    *out = list;
    return OK;
}

enum { FORMS_AT_ONCE = 8 };

static int by_person(const void *a, const void *b)
{
    const struct waiting *x = a, *y = b;

    if (x->person != y->person)
        return x->person < y->person ? -1 : 1;
    return strcmp(x->attribute, y->attribute);
}

/* A look-up for each, as in people_keys_held(). */
static enum err waiting_slice(struct work *w, int64_t source, const char *const *wanted, size_t n,
                              struct waiting **out, size_t *count)
{
    struct arg args[3 * FORMS_AT_ONCE];
    AUTO_BUF sql = {};
    struct rows r;

    for (size_t i = 0; i < n; i++) {
        buf_puts(&sql, i ? " UNION ALL " : "");
        buf_puts(&sql, "SELECT person, source, CAST(0 AS BIGINT), wanted, attribute FROM waiting "
                       "WHERE workspace = ? AND source = ? AND wanted = ?");
        args[3 * i] = num(w->workspace);
        args[3 * i + 1] = num(source);
        args[3 * i + 2] = txt(wanted[i]);
    }
    TRY(store_query_args(w, &r, sql.at, args, 3 * n));
    return collect(w, &r, out, count);
}

enum err waiting_for(struct work *w, int64_t source, const char *record, const char *const *keys,
                     size_t n, struct waiting **out, size_t *count)
{
    *out = NULL;
    *count = 0;
    if (record)
        TRY(waiting_slice(w, source, &record, 1, out, count));
    for (size_t at = 0; at < n; at += FORMS_AT_ONCE)
        TRY(waiting_slice(w, 0, keys + at, MIN(n - at, (size_t)FORMS_AT_ONCE), out, count));
    if (*count)
        qsort(*out, *count, sizeof **out, by_person);
    return OK;
}

enum err waiting_settle(struct work *w, const struct waiting *one)
{
    const char *folded = str_fold(w->mem, one->wanted);
    struct rows r;

    TRY(store_query(
        w, &r,
        "SELECT source, wanted FROM waiting WHERE workspace = ? AND person = ? AND attribute "
        "= ?",
        num(w->workspace), num(one->person), txt(one->attribute)));
    for (size_t i = 0; i < r.n; i++)
        if (str_eq(str_fold(w->mem, rows_text(&r, i, 1)), folded))
            TRY(store_run(
                w,
                "DELETE FROM waiting WHERE workspace = ? AND source = ? AND wanted = ? AND person "
                "= ? AND attribute = ?",
                num(w->workspace), num(rows_num(&r, i, 0)), txt(rows_text(&r, i, 1)),
                num(one->person), txt(one->attribute)));
    return OK;
}

enum err waiting_ready(struct work *w, struct waiting **out, size_t *n)
{
    struct rows r;

    *out = NULL;
    *n = 0;
    TRY(store_query(
        w, &r,
        "SELECT waiting.person, waiting.source, link.person, wanted, attribute FROM "
        "waiting JOIN link ON link.workspace = waiting.workspace AND link.source = "
        "waiting.source AND link.record = waiting.wanted WHERE waiting.workspace = ? AND "
        "waiting.source > 0 AND link.person > 0 AND link.reason <> ?",
        num(w->workspace), num(LINK_DELETED)));
    TRY(collect(w, &r, out, n));
    TRY(store_query(
        w, &r,
        "SELECT waiting.person, waiting.source, person_key.person, wanted, attribute FROM "
        "waiting JOIN person_key ON person_key.workspace = waiting.workspace AND "
        "person_key.kind IN (1, 2, 3) AND person_key.folded = waiting.wanted WHERE "
        "waiting.workspace = ? AND waiting.source = 0",
        num(w->workspace)));
    return collect(w, &r, out, n);
}
