/* history_sql.c — run and run_row. */
#include "people/history.h"

#include "base/id.h"
#include "base/str.h"

static const char *const kind_names[ROW_KINDS] = {
    "",           "create", "link", "update",   "deactivate", "suspend",
    "reactivate", "team",   "note", "withdraw", "restore", "member",
};
static const char *const aside_names[] = { "", "stale", "conflict", "unticked", "kept" };

const char *row_kind_name(enum row_kind k)
{
    return kind_names[k];
}

const char *set_aside_name(enum set_aside s)
{
    return aside_names[s];
}

enum err run_put(struct work *w, const struct run *r)
{
    return store_run(
        w,
        "INSERT INTO run (id, workspace, source, kind, state, dry, actor, started_at, "
        "finished_at, rows, applied_upto, basis, undoes, resumed, tally, findings, guards, "
        "outcome, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        num(r->id), num(w->workspace), id_or_null(r->source), txt(r->kind), txt(r->state),
        num(r->dry), txt(r->actor), num(r->started_at), id_or_null(r->finished_at), num(r->rows),
        num(r->applied_upto), num(r->basis), id_or_null(r->undoes), id_or_null(r->resumed),
        txt(r->tally ? r->tally : "{}"), txt(r->findings ? r->findings : "[]"),
        txt(r->guards ? r->guards : "[]"), txt(r->outcome ? r->outcome : "{}"), txt(r->error));
}

enum err run_update(struct work *w, const struct run *r)
{
    return store_run(
        w,
        "UPDATE run SET state = ?, finished_at = ?, rows = ?, basis = ?, resumed = ?, "
        "tally = ?, findings = ?, guards = ?, outcome = ?, error = ? WHERE workspace = ? AND "
        "id = ?",
        txt(r->state), id_or_null(r->finished_at), num(r->rows), num(r->basis),
        id_or_null(r->resumed), txt(r->tally ? r->tally : "{}"),
        txt(r->findings ? r->findings : "[]"), txt(r->guards ? r->guards : "[]"),
        txt(r->outcome ? r->outcome : "{}"), txt(r->error), num(w->workspace), num(r->id));
}

enum err run_advance(struct work *w, int64_t run, int64_t upto)
{
    return store_run(w, "UPDATE run SET applied_upto = ? WHERE workspace = ? AND id = ?", num(upto),
                     num(w->workspace), num(run));
}

#define RUN_COLUMNS                                                                                \
    "id, source, kind, state, dry, actor, started_at, finished_at, rows, applied_upto, "           \
    "basis, undoes, resumed, tally, findings, guards, outcome, error FROM run "

static struct run read_run(const struct rows *r, size_t i)
{
    return (struct run){ .id = rows_num(r, i, 0),
                         .source = rows_num(r, i, 1),
                         .kind = rows_text(r, i, 2),
                         .state = rows_text(r, i, 3),
                         .dry = rows_num(r, i, 4) != 0,
                         .actor = rows_text(r, i, 5),
                         .started_at = rows_num(r, i, 6),
                         .finished_at = rows_num(r, i, 7),
                         .rows = rows_num(r, i, 8),
                         .applied_upto = rows_num(r, i, 9),
                         .basis = rows_num(r, i, 10),
                         .undoes = rows_num(r, i, 11),
                         .resumed = rows_num(r, i, 12),
                         .tally = rows_text(r, i, 13),
                         .findings = rows_text(r, i, 14),
                         .guards = rows_text(r, i, 15),
                         .outcome = rows_text(r, i, 16),
                         .error = rows_text(r, i, 17) };
}

enum err run_load(struct work *w, int64_t id, struct run *out)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT " RUN_COLUMNS "WHERE workspace = ? AND id = ?",
                    num(w->workspace), num(id)));
    if (r.n == 0)
        return errf(ERR_NOT_FOUND, "there is no run %s; `muster runs` lists them", id_text(id));
    *out = read_run(&r, 0);
    return OK;
}

enum err runs_list(struct work *w, int64_t source, size_t most, struct run **out, size_t *n)
{
    struct rows r;

    if (source)
        TRY(store_query(w, &r,
                        "SELECT " RUN_COLUMNS
                        "WHERE workspace = ? AND source = ? ORDER BY id DESC LIMIT "
                        "?",
                        num(w->workspace), num(source), num((int64_t)most)));
    else
        TRY(store_query(w, &r, "SELECT " RUN_COLUMNS "WHERE workspace = ? ORDER BY id DESC LIMIT ?",
                        num(w->workspace), num((int64_t)most)));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, struct run, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        (*out)[i] = read_run(&r, i);
    return OK;
}

enum err run_rows_drop(struct work *w, int64_t run)
{
    return store_run(w, "DELETE FROM run_row WHERE workspace = ? AND run = ?", num(w->workspace),
                     num(run));
}

enum err run_row_put(struct work *w, int64_t run, const struct run_row *row)
{
    return store_run(
        w,
        "INSERT INTO run_row (workspace, run, seq, person, kind, record, digest, changes, "
        "said, reason, set_aside) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        num(w->workspace), num(run), num(row->seq), id_or_null(row->person), num(row->kind),
        txt(row->record), num(row->digest), txt(row->changes ? row->changes : "{}"), txt(row->said),
        txt(row->reason), num(row->aside));
}

enum err run_row_rewrite(struct work *w, int64_t run, const struct run_row *row)
{
    return store_run(w,
                     "UPDATE run_row SET kind = ?, digest = ?, changes = ?, said = ?, reason = ?, "
                     "set_aside = ? WHERE workspace = ? AND run = ? AND seq = ?",
                     num(row->kind), num(row->digest), txt(row->changes), txt(row->said),
                     txt(row->reason), num(row->aside), num(w->workspace), num(run), num(row->seq));
}

enum err run_row_drop(struct work *w, int64_t run, int64_t seq)
{
    return store_run(w, "DELETE FROM run_row WHERE workspace = ? AND run = ? AND seq = ?",
                     num(w->workspace), num(run), num(seq));
}

enum err run_row_set_aside(struct work *w, int64_t run, int64_t seq, enum set_aside aside,
                           const char *reason)
{
    return store_run(
        w,
        "UPDATE run_row SET set_aside = ?, reason = ? WHERE workspace = ? AND run = ? AND "
        "seq = ?",
        num(aside), txt(reason), num(w->workspace), num(run), num(seq));
}

#define ROW_COLUMNS                                                                                \
    "seq, person, kind, record, digest, changes, said, reason, set_aside FROM run_row "

static struct run_row read_row(const struct rows *r, size_t i)
{
    return (struct run_row){ .seq = rows_num(r, i, 0),
                             .person = rows_num(r, i, 1),
                             .kind = (enum row_kind)rows_num(r, i, 2),
                             .record = rows_text(r, i, 3),
                             .digest = rows_num(r, i, 4),
                             .changes = rows_text(r, i, 5),
                             .said = rows_text(r, i, 6),
                             .reason = rows_text(r, i, 7),
                             .aside = (enum set_aside)rows_num(r, i, 8) };
}

enum err run_rows(struct work *w, int64_t run, int64_t after, int64_t upto, size_t most,
                  struct run_row **out, size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT " ROW_COLUMNS
                    "WHERE workspace = ? AND run = ? AND seq > ? AND seq <= ? "
                    "ORDER BY seq LIMIT ?",
                    num(w->workspace), num(run), num(after), num(upto), num((int64_t)most)));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, struct run_row, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        (*out)[i] = read_row(&r, i);
    return OK;
}

enum err run_rows_last(struct work *w, int64_t run, int64_t upto, size_t most, struct run_row **out,
                       size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT " ROW_COLUMNS
                    "WHERE workspace = ? AND run = ? AND seq <= ? ORDER BY seq DESC LIMIT ?",
                    num(w->workspace), num(run), num(upto), num((int64_t)most)));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, struct run_row, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        (*out)[r.n - 1 - i] = read_row(&r, i);
    return OK;
}

enum err run_row_of_record(struct work *w, int64_t run, const char *record, int64_t *person)
{
    struct rows r;

    TRY(store_query(
        w, &r,
        "SELECT person FROM run_row WHERE workspace = ? AND run = ? AND record = ? AND kind <> ?",
        num(w->workspace), num(run), txt(record), num(ROW_TEAM)));
    *person = r.n ? rows_num(&r, 0, 0) : 0;
    return OK;
}

enum err run_rows_about(struct work *w, int64_t run, int64_t person, struct run_row **out,
                        size_t *n)
{
    struct rows r;

    TRY(store_query(
        w, &r, "SELECT " ROW_COLUMNS "WHERE workspace = ? AND person = ? AND run = ? ORDER BY seq",
        num(w->workspace), num(person), num(run)));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, struct run_row, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        (*out)[i] = read_row(&r, i);
    return OK;
}

enum err run_rows_naming(struct work *w, int64_t run, int64_t upto, int64_t person,
                         struct run_row **out, size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT " ROW_COLUMNS
                    "WHERE workspace = ? AND run = ? AND seq <= ? AND set_aside = 0 "
                    "AND kind <> ? AND person <> ? AND changes LIKE ? ORDER BY seq",
                    num(w->workspace), num(run), num(upto), num(ROW_TEAM), num(person),
                    txt(arena_printf(w->mem, "%%%s%%", id_text(person)))));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, struct run_row, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        (*out)[i] = read_row(&r, i);
    return OK;
}

enum err run_rows_aside(struct work *w, int64_t run, enum row_kind kind, struct run_row **out,
                        size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT " ROW_COLUMNS
                    "WHERE workspace = ? AND run = ? AND kind = ? AND set_aside <> 0 "
                    "ORDER BY seq",
                    num(w->workspace), num(run), num(kind)));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, struct run_row, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        (*out)[i] = read_row(&r, i);
    return OK;
}

enum err run_rows_counts(struct work *w, int64_t run, int64_t counts[ROW_KINDS][ROW_KEPT + 1])
{
    struct rows r;

    TRY(store_query(
        w, &r,
        "SELECT kind, set_aside, count(*) FROM run_row WHERE workspace = ? AND run = ? AND "
        "set_aside <> 0 AND coalesce(said, '') NOT LIKE '{\"!missing\"%' GROUP BY kind, set_aside",
        num(w->workspace), num(run)));
    for (size_t i = 0; i < r.n; i++)
        if (rows_num(&r, i, 0) < ROW_KINDS && rows_num(&r, i, 1) <= ROW_KEPT)
            counts[rows_num(&r, i, 0)][rows_num(&r, i, 1)] = rows_num(&r, i, 2);
    return OK;
}

enum err run_rows_kinds(struct work *w, int64_t run, int64_t counts[ROW_KINDS], int64_t *newest)
{
    struct rows r;

    *newest = 0;
    memset(counts, 0, ROW_KINDS * sizeof *counts);
    TRY(store_query(w, &r,
                    "SELECT kind, count(*), max(seq) FROM run_row WHERE workspace = ? AND run = ? "
                    "GROUP BY kind",
                    num(w->workspace), num(run)));
    for (size_t i = 0; i < r.n; i++)
        if (rows_num(&r, i, 0) < ROW_KINDS) {
            counts[rows_num(&r, i, 0)] = rows_num(&r, i, 1);
            *newest = MAX(*newest, rows_num(&r, i, 2));
        }
    return OK;
}

enum err run_row_load(struct work *w, int64_t run, int64_t seq, struct run_row *out)
{
    struct run_row *rows;
    size_t n;

    TRY(run_rows(w, run, seq - 1, seq, 1, &rows, &n));
    if (n == 0)
        return errf(ERR_NOT_FOUND, "run %s has no change number %lld", id_text(run),
                    (long long)seq);
    *out = rows[0];
    return OK;
}

#define PAST_COLUMNS                                                                               \
    "run_row.seq, run_row.person, run_row.kind, run_row.record, run_row.digest, "                  \
    "run_row.changes, run_row.said, run_row.reason, run_row.set_aside, run.id, "                   \
    "run.source, coalesce(run.finished_at, run.started_at), run.kind, run.actor "                  \
    "FROM run_row JOIN run ON run.workspace = run_row.workspace AND run.id = run_row.run "

static void read_past(const struct cell *c, struct past *p)
{
    *p = (struct past){ { .seq = c[0].num,
                          .person = c[1].num,
                          .kind = (enum row_kind)c[2].num,
                          .record = c[3].text,
                          .digest = c[4].num,
                          .changes = c[5].text,
                          .said = c[6].text,
                          .reason = c[7].text,
                          .aside = (enum set_aside)c[8].num },
                        c[9].num,
                        c[10].num,
                        c[11].num,
                        c[12].text,
                        c[13].text };
    if (str_eq(p->kind, "scim"))
        p->at = id_time(p->run + p->row.seq);
}

int64_t past_owner(const struct past *p)
{
    int64_t group;

    return p->row.kind == ROW_MEMBER && p->row.record && id_read(p->row.record, &group) ? group
                                                                                        : p->source;
}

/* The rows of a SCIM run lie between those of the runs of its hour. */
#define NEWEST_FIRST                                                                               \
    "ORDER BY CASE WHEN run.kind = 'scim' THEN run_row.run + run_row.seq ELSE run_row.run END "    \
    "DESC, run_row.run DESC, run_row.seq DESC"

/* Without statistics SQLite would rather read all rows of the workspace than the person's by their index. */
enum err history_of(struct work *w, int64_t person, size_t most, struct past **out, size_t *n)
{
    struct rows r;

    TRY(store_query(
        w, &r,
        "WITH mine AS MATERIALIZED (SELECT run, seq FROM run_row WHERE workspace = ? AND person = "
        "?) SELECT " PAST_COLUMNS "JOIN mine ON run_row.run = mine.run AND run_row.seq = mine.seq "
        "WHERE run_row.workspace = ? AND run_row.seq <= run.applied_upto AND run_row.set_aside = "
        "0 " NEWEST_FIRST " LIMIT ?",
        num(w->workspace), num(person), num(w->workspace), num((int64_t)most)));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, struct past, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        read_past(cell(&r, i, 0), &(*out)[i]);
    return OK;
}

struct past_scan { past_fn *fn; void *arg; };

static enum err scan_past(void *arg, const struct cell *cells)
{
    struct past_scan *s = arg;
    struct past p;

    read_past(cells, &p);
    return s->fn(s->arg, &p);
}

enum err history_since(struct work *w, int64_t after, past_fn *fn, void *arg)
{
    struct past_scan s = { fn, arg };
    struct rows r;

    TRY(store_query(w, &r, "SELECT 1 FROM run WHERE workspace = ? AND kind = 'scim' LIMIT 1",
                    num(w->workspace)));
    if (r.n == 0)                               /* read in the order of the primary key */
        return store_each(
            w, scan_past, &s,
            "SELECT " PAST_COLUMNS "WHERE run_row.workspace = ? AND run_row.seq <= "
            "run.applied_upto AND run_row.set_aside = 0 AND coalesce(run.finished_at, "
            "run.started_at) > ? ORDER BY run_row.run DESC, run_row.seq DESC",
            num(w->workspace), num(after));
    return store_each(w, scan_past, &s,
                      "SELECT " PAST_COLUMNS "WHERE run_row.workspace = ? AND run_row.seq <= "
                      "run.applied_upto AND run_row.set_aside = 0 AND (CASE WHEN run.kind = 'scim' "
                      "THEN run_row.run + run_row.seq > ? ELSE coalesce(run.finished_at, "
                      "run.started_at) > ? END) " NEWEST_FIRST,
                      num(w->workspace), num(id_floor(after + 1)), num(after));
}
