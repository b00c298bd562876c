/* connect_sql.c — source. */
#include "base/buf.h"
#include "base/str.h"
#include "sync/connect.h"

#define SOURCE_COLUMNS                                                                             \
    "id, name, kind, place, options, secret, mapping, draft, revision, paused, company, "          \
    "seen, trouble, created_at FROM source "

static struct source_row read_source(const struct rows *r, size_t i)
{
    return (struct source_row){ .id = rows_num(r, i, 0),
                                .name = rows_text(r, i, 1),
                                .kind = rows_text(r, i, 2),
                                .place = rows_num(r, i, 3),
                                .options = rows_text(r, i, 4),
                                .secret = rows_text(r, i, 5),
                                .mapping = rows_text(r, i, 6),
                                .draft = rows_text(r, i, 7),
                                .revision = rows_num(r, i, 8),
                                .paused = rows_num(r, i, 9) != 0,
                                .company = rows_text(r, i, 10),
                                .seen = rows_text(r, i, 11),
                                .trouble = rows_text(r, i, 12),
                                .created_at = rows_num(r, i, 13) };
}

enum err source_rows(struct work *w, struct source_row **out, size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT " SOURCE_COLUMNS "WHERE workspace = ? ORDER BY place, id",
                    num(w->workspace)));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, struct source_row, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        (*out)[i] = read_source(&r, i);
    return OK;
}

enum err source_row_by_id(struct work *w, int64_t id, struct source_row *out)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT " SOURCE_COLUMNS "WHERE workspace = ? AND id = ?",
                    num(w->workspace), num(id)));
    if (r.n == 0)
        return errf(ERR_NOT_FOUND, "this source was removed");
    *out = read_source(&r, 0);
    return OK;
}

enum err source_row_load(struct work *w, const char *name, struct source_row *out)
{
    struct source_row *all;
    AUTO_BUF known = {};
    size_t n;

    TRY(source_rows(w, &all, &n));
    for (size_t i = 0; i < n; i++) {
        if (str_eq(all[i].name, name)) {
            *out = all[i];
            return OK;
        }
        buf_printf(&known, "%s%s", i ? ", " : "", all[i].name);
    }
    if (n == 0)
        return errf(ERR_NOT_FOUND, "there is no source '%s'; add one with `muster source add`",
                    name);
    return errf(ERR_NOT_FOUND, "there is no source '%s'; there is: %s", name, known.at);
}

enum err source_row_put(struct work *w, const struct source_row *s)
{
    return store_run(
        w,
        "INSERT INTO source (id, workspace, name, kind, place, options, secret, mapping, draft, "
        "revision, paused, company, seen, trouble, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
        "NULL, 1, 0, NULL, '{}', NULL, ?)",
        num(s->id), num(w->workspace), txt(s->name), txt(s->kind), num(s->place), txt(s->options),
        txt(s->secret), txt(s->mapping ? s->mapping : ""), num(w->now));
}

enum err source_row_update(struct work *w, const struct source_row *s)
{
    return store_run(
        w,
        "UPDATE source SET place = ?, options = ?, secret = ?, mapping = ?, draft = ?, paused = "
        "? WHERE workspace = ? AND id = ?",
        num(s->place), txt(s->options), txt(s->secret), txt(s->mapping), txt(s->draft),
        num(s->paused), num(w->workspace), num(s->id));
}

enum err source_row_remember(struct work *w, int64_t id, const char *seen, const char *company)
{
    return store_run(
        w,
        "UPDATE source SET seen = ?, company = coalesce(?, company) WHERE workspace = ? AND id "
        "= ?",
        txt(seen), txt(company), num(w->workspace), num(id));
}

enum err source_row_trouble(struct work *w, int64_t id, const char *trouble)
{
    return store_run(w, "UPDATE source SET trouble = ? WHERE workspace = ? AND id = ?",
                     txt(trouble), num(w->workspace), num(id));
}

enum err source_row_drop(struct work *w, int64_t id)
{
    TRY(store_run(
        w,
        "DELETE FROM claim WHERE workspace = ? AND id IN (SELECT id FROM link WHERE workspace = ? "
        "AND source = ?)",
        num(w->workspace), num(w->workspace), num(id)));
    TRY(store_run(w, "DELETE FROM link WHERE workspace = ? AND source = ?", num(w->workspace),
                  num(id)));
    TRY(store_run(w, "DELETE FROM held_back WHERE workspace = ? AND source = ?", num(w->workspace),
                  num(id)));
    TRY(store_run(w, "DELETE FROM waiting WHERE workspace = ? AND source = ?", num(w->workspace),
                  num(id)));
    TRY(store_run(w, "DELETE FROM team_group WHERE workspace = ? AND source = ?", num(w->workspace),
                  num(id)));
    TRY(store_run(w, "DELETE FROM job WHERE workspace = ? AND kind = 'sync' AND ref = ?",
                  num(w->workspace), num(id)));
    TRY(store_run(w, "DELETE FROM token WHERE workspace = ? AND source = ?", num(w->workspace),
                  num(id)));
    return store_run(w, "DELETE FROM source WHERE workspace = ? AND id = ?", num(w->workspace),
                     num(id));
}

enum err source_raise_revision(struct work *w, int64_t source)
{
    if (source)
        return store_run(w,
                         "UPDATE source SET revision = revision + 1 WHERE workspace = ? AND id = ?",
                         num(w->workspace), num(source));
    return store_run(w, "UPDATE source SET revision = revision + 1 WHERE workspace = ?",
                     num(w->workspace));
}
