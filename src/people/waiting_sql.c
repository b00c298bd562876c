/* waiting_sql.c — the table of waiting references. */
#include "people/waiting.h"

#include <string.h>

#include "people/link.h"

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
