/* group_sql.c — team_group, and the memberships that groups own. */
#include "people/group_sql.h"

#include "base/str.h"
#include "base/table.h"
#include "people/link.h"
#include "people/profile.h"
#include "store/store.h"

#define GROUP_COLUMNS                                                                              \
    "team_group.id, team_group.source, team_group.team, team_group.version, "                      \
    "team_group.created_at, team_group.updated_at, team_group.name, team_group.external_id "       \
    "FROM team_group "

static struct group read_group(const struct rows *r, size_t i)
{
    return (struct group){ .id = rows_num(r, i, 0),
                           .source = rows_num(r, i, 1),
                           .team = rows_num(r, i, 2),
                           .version = rows_num(r, i, 3),
                           .created_at = rows_num(r, i, 4),
                           .updated_at = rows_num(r, i, 5),
                           .name = rows_text(r, i, 6),
                           .external_id = rows_text(r, i, 7) };
}

static void read_groups(struct work *w, const struct rows *r, struct group **out, size_t *n)
{
    *n = r->n;
    *out = NEW_ARRAY(w->mem, struct group, r->n + 1);
    for (size_t i = 0; i < r->n; i++)
        (*out)[i] = read_group(r, i);
}

enum err group_load(struct work *w, int64_t source, int64_t id, struct group *out)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT " GROUP_COLUMNS "WHERE workspace = ? AND id = ? AND source = ?",
                    num(w->workspace), num(id), num(source)));
    if (r.n == 0)
        return errf(ERR_NOT_FOUND, "there is no group with this id");
    *out = read_group(&r, 0);
    return OK;
}

enum err group_by_name(struct work *w, int64_t source, const char *name, int64_t *id)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT id FROM team_group WHERE workspace = ? AND source = ? AND folded = ?",
                    num(w->workspace), num(source), txt(str_fold(w->mem, name))));
    *id = r.n ? rows_num(&r, 0, 0) : 0;
    return OK;
}

enum err group_by_external(struct work *w, int64_t source, const char *external_id, int64_t *id)
{
    struct rows r;

    TRY(store_query(
        w, &r, "SELECT id FROM team_group WHERE workspace = ? AND source = ? AND external_id = ?",
        num(w->workspace), num(source), txt(external_id)));
    *id = r.n ? rows_num(&r, 0, 0) : 0;
    return OK;
}

enum err groups_page(struct work *w, int64_t source, int64_t after, size_t most, struct group **out,
                     size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT " GROUP_COLUMNS "WHERE workspace = ? AND source = ? AND id > ? "
                    "ORDER BY id LIMIT ?",
                    num(w->workspace), num(source), num(after), num((int64_t)most)));
    read_groups(w, &r, out, n);
    return OK;
}

enum err groups_count(struct work *w, int64_t source, int64_t *n)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT count(*) FROM team_group WHERE workspace = ? AND source = ?",
                    num(w->workspace), num(source)));
    *n = rows_num(&r, 0, 0);
    return OK;
}

enum err groups_of(struct work *w, int64_t source, int64_t person, struct group **out, size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT " GROUP_COLUMNS "JOIN membership ON membership.workspace = "
                    "team_group.workspace AND membership.owner = team_group.id WHERE "
                    "membership.workspace = ? AND membership.person = ? AND team_group.source = ? "
                    "ORDER BY team_group.id",
                    num(w->workspace), num(person), num(source)));
    read_groups(w, &r, out, n);
    return OK;
}

/* ---- members ---- */

static_assert(LINK_DELETED == 4, "the index link_hidden says so too");

/* Those the source sees: an undone create is withdrawn, and whom it deleted is hidden from it. */
#define MEMBERS_SEEN                                                                               \
    "FROM membership JOIN person ON person.workspace = membership.workspace AND person.id = "      \
    "membership.person WHERE membership.workspace = ? AND membership.team = ? AND "                \
    "membership.owner = ? AND membership.person > ? AND person.state <> ? AND NOT EXISTS (SELECT " \
    "1 FROM link WHERE link.workspace = membership.workspace AND link.source = ? AND link.person " \
    "= membership.person AND link.reason = 4) "

#define MEMBERS_ARGS(w, g, after)                                                                  \
    num((w)->workspace), num((g)->team), num((g)->id), num(after), num(STATE_WITHDRAWN),           \
        num((g)->source)

enum err group_members(struct work *w, const struct group *g, int64_t after, size_t most,
                       struct group_member **out, size_t *n)
{
    const struct attrs *builtins = attrs_with(w->mem, NULL, 0);
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT person.id, person.vals " MEMBERS_SEEN
                    "ORDER BY membership.person LIMIT ?",
                    MEMBERS_ARGS(w, g, after), num((int64_t)most)));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, struct group_member, r.n + 1);
    for (size_t i = 0; i < r.n; i++) {
        struct person p = { .id = rows_num(&r, i, 0) };
        TRY(values_read(w->mem, builtins, rows_text(&r, i, 1), cell(&r, i, 1)->n, &p.values,
                        &p.nvalues));
        (*out)[i] = (struct group_member){ p.id, person_shown_name(w->mem, &p) };
    }
    return OK;
}

enum err group_size(struct work *w, const struct group *g, size_t most, size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT count(*) FROM (SELECT membership.person " MEMBERS_SEEN
                    "LIMIT ?) AS counted",
                    MEMBERS_ARGS(w, g, 0), num((int64_t)most)));
    *n = (size_t)rows_num(&r, 0, 0);
    return OK;
}

enum err group_has(struct work *w, const struct group *g, const int64_t *people, size_t n, bool *in)
{
    for (size_t at = 0; at < n; at += STORE_IN_MOST) {
        size_t k = MIN(n - at, (size_t)STORE_IN_MOST), size = store_in_size(k);
        struct arg *args = NEW_ARRAY(w->mem, struct arg, size + 3);
        struct rows r;
        args[0] = num(w->workspace);
        args[1] = num(g->team);
        args[2] = num(g->id);
        for (size_t i = 0; i < k; i++)
            args[3 + i] = num(people[at + i]);
        store_pad(args + 3, k);
        TRY(store_query_args(w, &r,
                             arena_printf(w->mem,
                                          "SELECT person FROM membership WHERE workspace = ? AND "
                                          "team = ? AND owner = ? AND person IN %s",
                                          store_in(k)),
                             args, size + 3));
        struct table found = {};
        for (size_t i = 0; i < r.n; i++)
            table_put(&found, (uint64_t)rows_num(&r, i, 0), 1, &(bool){ false });
        for (size_t i = 0; i < k; i++)
            in[at + i] = table_find(&found, (uint64_t)people[at + i]) != NULL;
        table_free(&found);
    }
    return OK;
}

/* ---- writing ---- */

enum err group_put(struct work *w, const struct group *g)
{
    return store_run(
        w,
        "INSERT INTO team_group (id, workspace, source, team, external_id, name, folded, version, "
        "created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        num(g->id), num(w->workspace), num(g->source), num(g->team), txt(g->external_id),
        txt(g->name), txt(str_fold(w->mem, g->name)), num(g->version), num(g->created_at),
        num(g->updated_at));
}

enum err group_put_changed(struct work *w, const struct group *g)
{
    return store_run(
        w,
        "UPDATE team_group SET team = ?, external_id = ?, name = ?, folded = ?, version = ?, "
        "updated_at = ? WHERE workspace = ? AND id = ?",
        num(g->team), txt(g->external_id), txt(g->name), txt(str_fold(w->mem, g->name)),
        num(g->version), num(g->updated_at), num(w->workspace), num(g->id));
}

enum err groups_touch(struct work *w, const int64_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        TRY(store_run(w,
                      "UPDATE team_group SET version = version + 1, updated_at = ? WHERE workspace "
                      "= ? AND id = ?",
                      num(w->now), num(w->workspace), num(ids[i])));
    return OK;
}

enum err group_drop(struct work *w, int64_t id)
{
    return store_run(w, "DELETE FROM team_group WHERE workspace = ? AND id = ?", num(w->workspace),
                     num(id));
}
