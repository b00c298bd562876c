/* scim_people_sql.c — person, link, membership and team_group, as one source sees them. */
#include "api/scim_serve.h"
#include "base/str.h"
#include "people/link.h"
#include "store/store.h"

#define COLUMNS                                                                                    \
    "SELECT person.id, person.state, person.version, person.created_at, person.updated_at, "        \
    "person.manager, person.vals, link.record, link.reason, boss.vals, boss.state, (SELECT "        \
    "count(*) FROM waiting WHERE waiting.workspace = person.workspace AND waiting.person = "        \
    "person.id AND waiting.attribute = 'additional_managers') FROM "
#define JOINS                                                                                      \
    "LEFT JOIN link ON link.workspace = person.workspace AND link.person = person.id AND "          \
    "link.source = ? LEFT JOIN person AS boss ON boss.workspace = person.workspace AND boss.id = "  \
    "person.manager "

/* Longer lists of values make SQLite build an index of its own for every query. */
enum { LIST_MOST = 64 };

/* Joined to a list of values, because `id IN (…)` beside the workspace makes SQLite walk the workspace. */
static const char *users_sql(struct arena *a, size_t size)
{
    AUTO_BUF sql = {};

    buf_puts(&sql, COLUMNS "(VALUES ");
    for (size_t i = 0; i < size; i++)
        buf_puts(&sql, i ? ",(?)" : "(?)");
    buf_puts(&sql, ") AS wanted JOIN person ON person.workspace = ? AND person.id = "
                   "wanted.column1 " JOINS);
    return arena_textn(a, sql.at, sql.n);
}

static void take_user(const struct rows *r, size_t i, struct user_record *out)
{
    bool boss = !cell(r, i, 9)->null && rows_num(r, i, 10) != STATE_WITHDRAWN;

    *out = (struct user_record){
        .id = rows_num(r, i, 0),
        .state = (enum person_state)rows_num(r, i, 1),
        .version = rows_num(r, i, 2),
        .created_at = rows_num(r, i, 3),
        .updated_at = rows_num(r, i, 4),
        .manager = rows_num(r, i, 5),
        .vals = rows_text(r, i, 6),
        .vals_size = cell(r, i, 6)->n,
        .record = rows_text(r, i, 7),
        .hidden = rows_num(r, i, 1) == STATE_WITHDRAWN || rows_num(r, i, 8) == LINK_DELETED,
        .manager_vals = boss ? rows_text(r, i, 9) : NULL,
        .waits = rows_num(r, i, 11) > 0,
    };
}

/*
 * One of them and their groups, as most requests want: one statement, so one read transaction (and one round trip).
 * A group's row has the reason -1, its id and its name.
 */
enum err user_query(struct work *w, int64_t source, int64_t id, struct user_record *out,
                    bool *found, struct user_ref **groups, size_t *ngroups)
{
    struct rows r;

    TRY(store_query(
        w, &r,
        COLUMNS
        "person " JOINS "WHERE person.workspace = ? AND person.id = ? UNION ALL SELECT "
        "team_group.id, 0, 0, 0, 0, NULL, team_group.name, NULL, -1, NULL, NULL, 0 FROM membership "
        "JOIN team_group ON team_group.workspace = membership.workspace AND team_group.id = "
        "membership.owner AND team_group.source = ? WHERE membership.workspace = ? AND "
        "membership.person = ?",
        num(source), num(w->workspace), num(id), num(source), num(w->workspace), num(id)));
    *found = false;
    *ngroups = 0;
    *groups = r.n > 1 ? NEW_ARRAY(w->mem, struct user_ref, r.n) : NULL;
    for (size_t i = 0; i < r.n; i++) {
        if (rows_num(&r, i, 8) == -1) {
            (*groups)[(*ngroups)++] = (struct user_ref){ rows_num(&r, i, 0), rows_text(&r, i, 6) };
        } else if (!*found) {
            *found = true;
            take_user(&r, i, out);
        }
    }
    return OK;
}

enum err users_query(struct work *w, int64_t source, const int64_t *ids, size_t n,
                     struct user_record **out, size_t *found)
{
    *out = NEW_ARRAY(w->mem, struct user_record, n + 1);
    *found = 0;
    for (size_t from = 0; from < n; from += LIST_MOST) {
        size_t k = MIN(n - from, (size_t)LIST_MOST), size = store_in_size(k);
        struct arg *args = NEW_ARRAY(w->mem, struct arg, size + 2);
        struct rows r;
        for (size_t i = 0; i < size; i++)
            args[i] = num(i < k ? ids[from + i] : 0);
        args[size] = num(w->workspace);
        args[size + 1] = num(source);
        TRY(store_query_args(w, &r, users_sql(w->mem, size), args, size + 2));
        for (size_t i = 0; i < r.n; i++)
            if (!*found || (*out)[*found - 1].id != rows_num(&r, i, 0))
                take_user(&r, i, &(*out)[(*found)++]);
    }
    return OK;
}

/* A reference waits under each form it may turn out to have; the source's own record id is as it was written. */
enum err user_waits_for(struct work *w, int64_t source, int64_t person, const char ***out,
                        size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT DISTINCT wanted FROM waiting WHERE workspace = ? AND person = ? AND "
                    "source = ? AND attribute = 'additional_managers' ORDER BY wanted",
                    num(w->workspace), num(person), num(source)));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, const char *, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        (*out)[i] = rows_text(&r, i, 0);
    return OK;
}

#define IN_GROUPS                                                                                  \
    "SELECT membership.person, team_group.id, team_group.name FROM membership JOIN team_group ON "  \
    "team_group.workspace = membership.workspace AND team_group.id = membership.owner AND "         \
    "team_group.source = ? WHERE membership.workspace = ? AND membership.person "

enum err users_groups(struct work *w, int64_t source, const int64_t *ids, size_t n,
                      struct user_in_group **out, size_t *found)
{
    size_t cap = 0;

    *out = NULL;
    *found = 0;
    for (size_t from = 0; from < n; from += LIST_MOST) {
        size_t k = MIN(n - from, (size_t)LIST_MOST), size = store_in_size(k);
        struct arg *args = NEW_ARRAY(w->mem, struct arg, size + 2);
        struct rows r;
        args[0] = num(source);
        args[1] = num(w->workspace);
        for (size_t i = 0; i < k; i++)
            args[2 + i] = num(ids[from + i]);
        store_pad(args + 2, k);
        const char *sql = arena_printf(
            w->mem, IN_GROUPS "IN %s ORDER BY membership.person, team_group.id", store_in(k));
        TRY(store_query_args(w, &r, sql, args, size + 2));
        for (size_t i = 0; i < r.n; i++) {
            ARENA_GROW(w->mem, *out, *found, cap);
            (*out)[(*found)++] = (struct user_in_group){ rows_num(&r, i, 0), rows_num(&r, i, 1),
                                                         rows_text(&r, i, 2) };
        }
    }
    return OK;
}

/* Nobody withdrawn, nobody this source deleted: both are few, and have an index each. */
#define SEEN                                                                                       \
    "AND person.state <> 4 AND NOT EXISTS (SELECT 1 FROM link WHERE link.workspace = "              \
    "person.workspace AND link.source = ? AND link.person = person.id AND link.reason = 4) "

static_assert(STATE_WITHDRAWN == 4 && LINK_DELETED == 4);

/* Most sources never deleted anybody: then nobody has to be asked for who is passed over. */
static enum err hides_somebody(struct work *w, int64_t source, bool *hides)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT 1 FROM link WHERE workspace = ? AND source = ? AND reason = 4 LIMIT 1",
                    num(w->workspace), num(source)));
    *hides = r.n != 0;
    return OK;
}

static void take_ids(const struct rows *r, int64_t *ids, size_t *n)
{
    *n = r->n;
    for (size_t i = 0; i < r->n; i++)
        ids[i] = rows_num(r, i, 0);
}

enum err users_page(struct work *w, int64_t source, int64_t after, size_t skip, size_t most,
                    int64_t *ids, size_t *n)
{
    struct rows r;
    bool hides;

    TRY(hides_somebody(w, source, &hides));
    if (hides)
        TRY(store_query(
            w, &r,
            "SELECT person.id FROM person WHERE person.workspace = ? AND person.id > ? " SEEN
            "ORDER BY person.id LIMIT ? OFFSET ?",
            num(w->workspace), num(after), num(source), num((int64_t)most), num((int64_t)skip)));
    else
        TRY(store_query(w, &r,
                        "SELECT id FROM person WHERE workspace = ? AND id > ? AND state <> 4 "
                        "ORDER BY id LIMIT ? OFFSET ?",
                        num(w->workspace), num(after), num((int64_t)most), num((int64_t)skip)));
    take_ids(&r, ids, n);
    return OK;
}

enum err users_changed(struct work *w, int64_t source, int64_t from, int64_t to, int64_t after,
                       size_t most, int64_t *ids, size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT person.id FROM person WHERE person.workspace = ? AND person.updated_at "
                    ">= ? AND person.updated_at <= ? AND person.id > ? " SEEN
                    "ORDER BY person.id LIMIT ?",
                    num(w->workspace), num(from), num(to), num(after), num(source),
                    num((int64_t)most)));
    take_ids(&r, ids, n);
    return OK;
}

enum err users_count(struct work *w, int64_t source, int64_t *n)
{
    struct rows r;

    TRY(store_query(
        w, &r,
        "SELECT (SELECT count(*) FROM person WHERE workspace = ? AND state IN (1, 2, "
        "3)) - (SELECT count(*) FROM link WHERE workspace = ? AND source = ? AND reason "
        "= 4 AND person > 0)",
        num(w->workspace), num(w->workspace), num(source)));
    *n = r.n ? rows_num(&r, 0, 0) : 0;
    return OK;
}

enum err user_by_record(struct work *w, int64_t source, const char *record, int64_t *id)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT person FROM link WHERE workspace = ? AND source = ? AND record = ? AND "
                    "reason <> 4",
                    num(w->workspace), num(source), txt(record)));
    *id = r.n ? rows_num(&r, 0, 0) : 0;
    return OK;
}
