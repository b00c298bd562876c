/* token_sql.c — token. */
#include "auth/token_sql.h"

#define TOKEN_COLUMNS "id, workspace, name, class, source, created_at, expires_at, used_at"

static enum err read_token(const struct rows *r, size_t i, struct token *out)
{
    *out = (struct token){ .id = rows_num(r, i, 0),
                           .workspace = rows_num(r, i, 1),
                           .name = rows_text(r, i, 2),
                           .source = rows_num(r, i, 4),
                           .created_at = rows_num(r, i, 5),
                           .expires_at = rows_num(r, i, 6),
                           .used_at = rows_num(r, i, 7) };
    if (!token_class_read(rows_text(r, i, 3), &out->class))
        return errf(ERR_STORE, "the token '%s' is of class '%s', which this program does not know",
                    out->name, rows_text(r, i, 3));
    return OK;
}

enum err token_row_find(struct work *w, int64_t id, struct token *out, struct crypt_digest *hash)
{
    struct rows r;

    *out = (struct token){};
    TRY(store_query(w, &r,
                    "SELECT " TOKEN_COLUMNS ", hash, (SELECT paused FROM source WHERE "
                    "source.workspace = token.workspace AND source.id = token.source) FROM token "
                    "WHERE id = ?",
                    num(id)));
    if (r.n == 0)
        return OK;
    TRY(read_token(&r, 0, out));
    out->paused = rows_num(&r, 0, 9) != 0;
    if (!crypt_digest_read(rows_text(&r, 0, 8), hash))
        return errf(ERR_STORE, "the stored hash of the token '%s' is damaged; revoke it",
                    out->name);
    return OK;
}

enum err token_rows(struct work *w, struct token **out, size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT " TOKEN_COLUMNS " FROM token WHERE workspace = ? ORDER BY id",
                    num(w->workspace)));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, struct token, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        TRY(read_token(&r, i, &(*out)[i]));
    return OK;
}

enum err token_row_put(struct work *w, const struct token *t, const struct crypt_digest *hash)
{
    return store_run(w,
                     "INSERT INTO token (id, workspace, name, class, source, hash, created_at, "
                     "expires_at, used_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                     num(t->id), num(w->workspace), txt(t->name), txt(token_class_name(t->class)),
                     id_or_null(t->source), txt(crypt_digest_text(w->mem, hash)), num(w->now),
                     id_or_null(t->expires_at));
}

enum err token_row_drop(struct work *w, int64_t id)
{
    return store_run(w, "DELETE FROM token WHERE workspace = ? AND id = ?", num(w->workspace),
                     num(id));
}

enum err token_row_used(struct work *w, int64_t id, int64_t at, int64_t unless_after)
{
    return store_run(w,
                     "UPDATE token SET used_at = ? WHERE workspace = ? AND id = ? AND "
                     "(used_at IS NULL OR used_at <= ?)",
                     num(at), num(w->workspace), num(id), num(unless_after));
}
