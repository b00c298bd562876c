/* scim_log_sql.c — scim_log, scim_body. */
#include "api/scim_log.h"

enum err scim_block_put(struct work *w, const struct scim_block *b)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT upto FROM scim_log WHERE workspace = ? ORDER BY upto DESC LIMIT 1",
                    num(w->workspace)));
    int64_t upto = (r.n ? rows_num(&r, 0, 0) : 0) + b->count;
    TRY(store_run(w,
                  "INSERT INTO scim_log (id, workspace, upto, from_at, to_at, lines) VALUES "
                  "(?, ?, ?, ?, ?, ?)",
                  num(b->id), num(w->workspace), num(upto), num(b->from_at), num(b->to_at),
                  txtn(b->lines, b->n)));
    return store_run(w, "DELETE FROM scim_log WHERE workspace = ? AND upto <= ?", num(w->workspace),
                     num(upto - SCIM_LOG_RING));
}

enum err scim_block_before(struct work *w, int64_t id, int64_t since, struct scim_block *out)
{
    struct rows r;

    *out = (struct scim_block){};
    TRY(store_query(w, &r,
                    "SELECT id, from_at, to_at, lines FROM scim_log WHERE workspace = ? AND id < ? "
                    "AND to_at >= ? ORDER BY id DESC LIMIT 1",
                    num(w->workspace), num(id), num(since)));
    if (r.n == 0)
        return OK;
    *out = (struct scim_block){ .id = rows_num(&r, 0, 0),
                                .from_at = rows_num(&r, 0, 1),
                                .to_at = rows_num(&r, 0, 2),
                                .lines = rows_text(&r, 0, 3),
                                .n = cell(&r, 0, 3)->n };
    return OK;
}

enum err scim_body_put(struct work *w, int64_t id, int64_t at, const char *sealed)
{
    return store_run(w, "INSERT INTO scim_body (id, workspace, at, sealed) VALUES (?, ?, ?, ?)",
                     num(id), num(w->workspace), num(at), txt(sealed));
}

enum err scim_body_find(struct work *w, int64_t id, int64_t since, const char **sealed)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT sealed FROM scim_body WHERE workspace = ? AND id = ? AND at > ?",
                    num(w->workspace), num(id), num(since)));
    *sealed = r.n ? rows_text(&r, 0, 0) : NULL;
    return OK;
}

enum err scim_bodies_since(struct work *w, int64_t since, int64_t **ids, size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT id FROM scim_body WHERE workspace = ? AND at > ? ORDER BY id",
                    num(w->workspace), num(since)));
    *n = r.n;
    *ids = NEW_ARRAY(w->mem, int64_t, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        (*ids)[i] = rows_num(&r, i, 0);
    return OK;
}

enum err scim_bodies_old(struct work *w, int64_t before, bool *any)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT id FROM scim_body WHERE workspace = ? AND at <= ? LIMIT 1",
                    num(w->workspace), num(before)));
    *any = r.n > 0;
    return OK;
}

enum err scim_bodies_drop(struct work *w, int64_t before)
{
    return store_run(w, "DELETE FROM scim_body WHERE workspace = ? AND at <= ?", num(w->workspace),
                     num(before));
}
