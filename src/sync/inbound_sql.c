/* inbound_sql.c — the few look-ups of inbound writes that are nobody else's. */
#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "base/table.h"
#include "people/workspace.h"
#include "store/store.h"
#include "sync/inbound_in.h"

enum err house_load(struct work *w, int64_t source, struct house *out)
{
    struct rows r;
    yyjson_val *options;

    *out = (struct house){ .source = source };
    TRY(store_query(w, &r,
                    "SELECT id, place, name, CASE WHEN id = ? THEN options END FROM source WHERE "
                    "workspace = ?",
                    num(source), num(w->workspace)));
    out->ranks = NEW_ARRAY(w->mem, struct rank, r.n + 1);
    for (size_t i = 0; i < r.n; i++) {
        out->ranks[out->nranks++] = (struct rank){ rows_num(&r, i, 0), rows_num(&r, i, 1) };
        if (rows_num(&r, i, 0) != source)
            continue;
        out->place = rows_num(&r, i, 1);
        out->name = rows_text(&r, i, 2);
        TRY(json_read_in(w->mem, rows_text(&r, i, 3), cell(&r, i, 3)->n, &options));
        out->teams = json_text(options, "teams");
        out->refuses = str_eq(json_text(options, "guard"), "refuse");
    }
    if (!out->name)
        return errf(ERR_NOT_FOUND, "this source was removed");
    if (!out->teams)
        out->teams = "department,division,cost_center";
    return OK;
}

/* Both are few and asked for with every write: one look-up. */
enum err marks_load(struct work *w, int64_t source, int64_t person, struct mark **out, size_t *n)
{
    struct rows r;

    TRY(store_query(
        w, &r,
        "SELECT attribute, value, '' AS record, 0 AS since, 0 AS held FROM pinned WHERE workspace "
        "= ? AND person = ? AND coalesce(expires, 0) NOT BETWEEN 1 AND ? UNION ALL SELECT "
        "attribute, said, record, since, 1 FROM held_back WHERE workspace = ? AND person = ? AND "
        "source = ?",
        num(w->workspace), num(person), num(w->now), num(w->workspace), num(person), num(source)));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, struct mark, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        (*out)[i] =
            (struct mark){ rows_text(&r, i, 0), rows_text(&r, i, 1),
                           rows_num(&r, i, 4) ? rows_text(&r, i, 2) : NULL, rows_num(&r, i, 3) };
    return OK;
}

#define IS_SEEN                                                                                    \
    "person.state <> ? AND NOT EXISTS (SELECT 1 FROM link WHERE link.workspace = "                 \
    "person.workspace AND link.source = ? AND link.person = person.id AND link.reason = 4)"
static_assert(LINK_DELETED == 4, "the index link_hidden says so too");

/* Joined to the list: see person_sql.c. */
static enum err seen_slice(struct work *w, int64_t source, const int64_t *ids, size_t n, bool *seen)
{
    size_t size = store_in_size(n);
    struct arg *args = NEW_ARRAY(w->mem, struct arg, size + 3);
    struct table found = {};
    AUTO_BUF sql = {};
    struct rows r;

    buf_puts(&sql, "SELECT person.id FROM (VALUES ");
    for (size_t i = 0; i < size; i++) {
        buf_puts(&sql, i ? ",(?)" : "(?)");
        args[i] = num(i < n ? ids[i] : 0);
    }
    buf_puts(&sql, ") AS wanted JOIN person ON person.workspace = ? AND person.id = "
                   "wanted.column1 WHERE " IS_SEEN);
    args[size] = num(w->workspace);
    args[size + 1] = num(STATE_WITHDRAWN);
    args[size + 2] = num(source);
    TRY(store_query_args(w, &r, sql.at, args, size + 3));
    for (size_t i = 0; i < r.n; i++)
        table_put(&found, (uint64_t)rows_num(&r, i, 0), 1, &(bool){ false });
    for (size_t i = 0; i < n; i++)
        seen[i] = ids[i] > 0 && table_find(&found, (uint64_t)ids[i]);
    table_free(&found);
    return OK;
}

enum err people_seen(struct work *w, int64_t source, const int64_t *ids, size_t n, bool *seen)
{
    struct rows r;

    if (n == 1) {
        TRY(store_query(w, &r, "SELECT id FROM person WHERE workspace = ? AND id = ? AND " IS_SEEN,
                        num(w->workspace), num(ids[0]), num(STATE_WITHDRAWN), num(source)));
        *seen = r.n > 0;
        return OK;
    }
    for (size_t at = 0; at < n; at += STORE_IN_MOST)
        TRY(seen_slice(w, source, ids + at, MIN(n - at, (size_t)STORE_IN_MOST), seen + at));
    return OK;
}

enum err inbound_sees(struct work *w, int64_t source, int64_t person, bool *sees)
{
    return people_seen(w, source, &person, 1, sees);
}

/* A run lasts an hour at most, so those that were opened up to an hour before have newer rows. */
enum err inbound_gone(struct work *w, int64_t source, int64_t after, int64_t *n, int64_t *newest)
{
    enum { HOUR_MS = 3600000 };
    struct rows r;

    TRY(store_query(
        w, &r,
        "WITH hours AS MATERIALIZED (SELECT id FROM run WHERE workspace = ? AND source = ? AND id "
        "> ? AND kind = 'scim') SELECT count(*), max(hours.id + run_row.seq) FROM hours JOIN "
        "run_row ON run_row.workspace = ? AND run_row.run = hours.id AND run_row.seq > ? - "
        "hours.id WHERE run_row.kind = ? AND run_row.set_aside = 0",
        num(w->workspace), num(source), num(id_floor(id_time(after) - HOUR_MS)), num(w->workspace),
        num(after), num(ROW_DEACTIVATE)));
    *n = rows_num(&r, 0, 0);
    *newest = rows_num(&r, 0, 1);
    return OK;
}

enum err inbound_active(struct work *w, int64_t source, int64_t most, int64_t *n)
{
    struct rows r;

    TRY(store_query(
        w, &r,
        "SELECT count(*) FROM (SELECT 1 FROM link JOIN person ON person.workspace = link.workspace "
        "AND person.id = link.person WHERE link.workspace = ? AND link.source = ? AND link.reason "
        "= 0 AND person.state = ? LIMIT ?) AS counted",
        num(w->workspace), num(source), num(STATE_ACTIVE), num(most)));
    *n = rows_num(&r, 0, 0);
    return OK;
}

enum err group_alone(struct work *w, int64_t team, int64_t group, bool *alone)
{
    struct rows r;

    TRY(store_query(
        w, &r, "SELECT id FROM team_group WHERE workspace = ? AND team = ? AND id <> ? LIMIT 1",
        num(w->workspace), num(team), num(group)));
    *alone = r.n == 0;
    return OK;
}

enum err group_page_ids(struct work *w, const struct group *g, int64_t after, size_t most,
                        int64_t *ids, size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT person FROM membership WHERE workspace = ? AND team = ? AND owner = ? "
                    "AND person > ? ORDER BY person LIMIT ?",
                    num(w->workspace), num(g->team), num(g->id), num(after), num((int64_t)most)));
    *n = r.n;
    for (size_t i = 0; i < r.n; i++)
        ids[i] = rows_num(&r, i, 0);
    return OK;
}

enum err inbound_delete_setting(struct work *w, const char **how)
{
    const char *json, *text;
    yyjson_val *root;

    TRY(workspace_settings(w, &json));
    TRY(json_read_in(w->mem, json, strlen(json), &root));
    text = json_text(root, "scim_delete");
    *how = text ? text : "deactivate";
    return OK;
}
