/* team_sql.c — team. */
#include "people/team.h"

#include "base/id.h"
#include "base/str.h"

#define TEAM_COLUMNS "SELECT id, name, kind, source, source_key, merged FROM team WHERE "

static struct team read_team(const struct rows *r, size_t i)
{
    return (struct team){ .id = rows_num(r, i, 0),
                          .name = rows_text(r, i, 1),
                          .kind = (enum team_kind)rows_num(r, i, 2),
                          .source = rows_num(r, i, 3),
                          .source_key = rows_text(r, i, 4),
                          .merged = rows_num(r, i, 5) };
}

enum err teams_load(struct work *w, struct teams **out)
{
    struct rows r;

    TRY(store_query(w, &r, TEAM_COLUMNS "workspace = ? ORDER BY id", num(w->workspace)));
    struct teams *t = *out = NEW(w->mem, struct teams);
    t->cap = r.n + 16;
    t->all = NEW_ARRAY(w->mem, struct team *, t->cap);
    for (size_t i = 0; i < r.n; i++) {
        struct team *one = t->all[t->n++] = NEW(w->mem, struct team);
        *one = read_team(&r, i);
    }
    return OK;
}

enum err teams_count(struct work *w, struct teams *t)
{
    struct rows r;

    TRY(store_query(
        w, &r,
        "SELECT team, count(DISTINCT person) FROM membership WHERE workspace = ? GROUP BY "
        "team",
        num(w->workspace)));
    for (size_t i = 0; i < r.n; i++) {
        struct team *one = team_by_id(t, rows_num(&r, i, 0));
        if (one)
            one->members = rows_num(&r, i, 1);
    }
    return OK;
}

enum err team_load(struct work *w, int64_t id, struct team *out)
{
    struct rows r;

    TRY(store_query(w, &r, TEAM_COLUMNS "workspace = ? AND id = ?", num(w->workspace), num(id)));
    *out = r.n ? read_team(&r, 0) : (struct team){};
    return OK;
}

enum err team_find(struct work *w, const char *name, struct team *out)
{
    struct rows r;

    TRY(store_query(w, &r, TEAM_COLUMNS "workspace = ? AND name = ?", num(w->workspace),
                    txt(name)));
    *out = r.n ? read_team(&r, 0) : (struct team){};
    for (int hops = 0; out->merged && hops < 64; hops++)
        TRY(team_load(w, out->merged, out));
    return OK;
}

enum err team_has_manual(struct work *w, int64_t id, bool *out)
{
    struct rows r;

    TRY(store_query(
        w, &r, "SELECT 1 FROM membership WHERE workspace = ? AND team = ? AND owner = 0 LIMIT 1",
        num(w->workspace), num(id)));
    *out = r.n > 0;
    return OK;
}

enum err team_put(struct work *w, const struct team *t)
{
    return store_run(
        w,
        "INSERT INTO team (id, workspace, name, kind, source, source_key, merged, version) "
        "VALUES (?, ?, ?, ?, ?, ?, NULL, 1)",
        num(t->id), num(w->workspace), txt(t->name), num(t->kind), id_or_null(t->source),
        txt(t->source_key));
}

enum err team_rename(struct work *w, int64_t id, const char *name)
{
    return store_run(
        w, "UPDATE team SET name = ?, version = version + 1 WHERE workspace = ? AND id = ?",
        txt(name), num(w->workspace), num(id));
}

enum err team_merge(struct work *w, int64_t from, int64_t into)
{
    TRY(store_run(
        w, "UPDATE team SET merged = ?, version = version + 1 WHERE workspace = ? AND id = ?",
        num(into), num(w->workspace), num(from)));
    TRY(store_run(w, "UPDATE team_group SET team = ? WHERE workspace = ? AND team = ?", num(into),
                  num(w->workspace), num(from)));
    TRY(store_run(
        w,
        "INSERT INTO membership (workspace, person, team, owner) SELECT workspace, person, ?, "
        "owner FROM membership WHERE workspace = ? AND team = ? ON CONFLICT DO NOTHING",
        num(into), num(w->workspace), num(from)));
    return store_run(w, "DELETE FROM membership WHERE workspace = ? AND team = ?",
                     num(w->workspace), num(from));
}

enum err team_drop(struct work *w, int64_t id)
{
    return store_run(
        w,
        "DELETE FROM team WHERE workspace = ? AND id = ? AND NOT EXISTS (SELECT 1 FROM "
        "membership WHERE membership.workspace = team.workspace AND membership.team = team.id) AND "
        "NOT EXISTS (SELECT 1 FROM team_group WHERE team_group.workspace = team.workspace AND "
        "team_group.team = team.id)",
        num(w->workspace), num(id));
}
