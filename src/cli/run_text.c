/* run_text.c — see run_text.h. */
#include "cli/run_text.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "people/team.h"
#include "sync/connect.h"
#include "sync/held.h"
#include "sync/tally.h"

enum { PAGE = 500 };

/* ---- the tally ---- */

/* `whole`: the findings themselves stand in the place of their number. */
static enum err write_tally(struct cli *c, const struct run *run, bool whole, struct json_out *j)
{
    struct tally t = {};

    TRY(tally_read(c->mem, run->tally ? run->tally : "{}", &t));
    json_put(j, "run", id_text(run->id));
    json_put(j, "state", run->state);
    json_put(j, "resumed", run->resumed ? id_text(run->resumed) : NULL);
#define X(name)                                                                                    \
    if (!whole || !str_eq(#name, "findings"))                                                      \
        json_put_num(j, #name, t.name);
    TALLY_FIELDS(X)
#undef X
    if (whole) {
        json_key(j, "findings");
        json_raw(j, run->findings ? run->findings : "[]",
                 strlen(run->findings ? run->findings : "[]"));
    }
    json_put(j, "error", run->error);
    return OK;
}

static void print_list(const char *json, const char *kind, size_t most)
{
    AUTO(json) *doc = NULL;
    yyjson_val *one;
    size_t i, n;

    if (!json || json_read(json, strlen(json), &doc) != OK)
        return;
    yyjson_arr_foreach(json_root(doc), i, n, one) {
        if (i == most) {
            printf("  … and %zu more kinds; `muster run show RUN --json` has them all\n", n - i);
            break;
        }
        int64_t count = json_int(one, "count", 0);
        const char *advice = json_text(one, "advice"), *who = NULL;
        yyjson_val *people = yyjson_obj_get(one, "people");
        if (count == 1 && yyjson_arr_size(people) == 1)
            who = yyjson_get_str(yyjson_arr_get(people, 0));
        const char *severity = json_text(one, "severity"), *message = json_text(one, "message");
        printf("  %-9s %s", severity ? severity : kind, message ? message : "");
        if (who)
            printf(": %s", who);
        else if (count > 1)
            printf(" (%" PRId64 " people)", count);
        putchar('\n');
        if (advice)
            printf("            → %s\n", advice);
    }
}

static void print_counts(const struct tally *t)
{
    bool any = false;

    printf("  %" PRId64 " read:", t->read);
#define X(name)                                                                                    \
    if (t->name && !str_eq(#name, "read") && !str_eq(#name, "findings") &&                         \
        !str_eq(#name, "missing")) {                                                               \
        printf("%s %" PRId64 " %s", any ? "," : "", t->name,                                       \
               str_eq(#name, "not_active") ? "not active" : #name);                                \
        any = true;                                                                                \
    }
    TALLY_FIELDS(X)
#undef X
    puts(any ? "" : " nothing to do");
    if (t->missing)
        printf("  %" PRId64 " people of the source were not in its answer\n", t->missing);
}

static const char *const state_words[][2] = {
    { "applied", "is done" },
    { "held", "is held: a person must decide" },
    { "planned", "is planned; nothing was changed" },
    { "failed", "failed; nothing was changed" },
    { "applying", "was interrupted; the next sync goes on where it stopped" },
};

enum err run_print(struct cli *c, const struct run *run)
{
    struct tally t = {};
    const char *words = run->state;

    if (c->json) {
        AUTO_BUF text = {};
        struct json_out j = { &text };
        json_open(&j, '{');
        TRY(write_tally(c, run, false, &j));
        json_close(&j, '}');
        cli_print_json(&text);
        return OK;
    }
    TRY(tally_read(c->mem, run->tally ? run->tally : "{}", &t));
    for (size_t i = 0; i < COUNT(state_words); i++)
        if (str_eq(state_words[i][0], run->state))
            words = state_words[i][1];
    if (run->resumed)
        printf("Run %s had been interrupted and was finished first.\n", id_text(run->resumed));
    printf("Run %s %s.\n", id_text(run->id), words);
    if (t.read)
        print_counts(&t);
    print_list(run->guards, "guard", 100);
    print_list(run->findings, "note", 12);
    if (str_eq(run->state, "held"))
        printf("  `muster plan show %s` shows it; then `muster apply %s` or `muster refuse %s`.\n",
               id_text(run->id), id_text(run->id), id_text(run->id));
    return OK;
}

enum err run_status(struct cli *c, const struct run *run, int *status)
{
    struct tally t = {};

    TRY(tally_read(c->mem, run->tally ? run->tally : "{}", &t));
    bool attention = run->findings && strstr(run->findings, "\"severity\":\"attention\"");
    *status = str_eq(run->state, "held") || t.stale || t.conflicts || attention;
    if (str_eq(run->state, "planned"))
        *status = 0;
    return OK;
}

enum err run_print_whole(struct cli *c, const struct run *run)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };

    if (!c->json) {
        printf("started %s by %s%s%s\n", time_text(c->mem, run->started_at), run->actor,
               run->finished_at ? ", finished " : "",
               run->finished_at ? time_text(c->mem, run->finished_at) : "");
        if (run->error)
            printf("error: %s\n", run->error);
        return run_print(c, run);
    }
    json_open(&j, '{');
    TRY(write_tally(c, run, true, &j));
    json_put(&j, "kind", run->kind);
    json_put(&j, "actor", run->actor);
    json_put(&j, "started_at", time_text(c->mem, run->started_at));
    json_put(&j, "finished_at", run->finished_at ? time_text(c->mem, run->finished_at) : NULL);
    json_put_num(&j, "rows", run->rows);
    json_put_num(&j, "applied_upto", str_eq(run->kind, "scim") ? run->rows : run->applied_upto);
    json_put(&j, "undoes", run->undoes ? id_text(run->undoes) : NULL);
    json_key(&j, "guards");
    json_raw(&j, run->guards ? run->guards : "[]", strlen(run->guards ? run->guards : "[]"));
    json_close(&j, '}');
    cli_print_json(&text);
    return OK;
}

enum err runs_print(struct cli *c, const struct run *runs, size_t n)
{
    AUTO_BUF rows = {};

    for (size_t i = 0; i < n; i++) {
        struct tally t = {};
        if (c->json) {
            AUTO_BUF text = {};
            struct json_out j = { &text };
            json_open(&j, '{');
            TRY(write_tally(c, &runs[i], false, &j));
            json_put(&j, "kind", runs[i].kind);
            json_put(&j, "actor", runs[i].actor);
            json_put(&j, "started_at", time_text(c->mem, runs[i].started_at));
            json_put(&j, "finished_at",
                     runs[i].finished_at ? time_text(c->mem, runs[i].finished_at) : NULL);
            json_close(&j, '}');
            cli_print_json(&text);
            continue;
        }
        TRY(tally_read(c->mem, runs[i].tally, &t));
        buf_printf(&rows, "%s\t%s\t%s\t%s\t+%" PRId64 " ~%" PRId64 " -%" PRId64 "\t%s\n",
                   id_text(runs[i].id), time_text(c->mem, runs[i].started_at), runs[i].kind,
                   runs[i].state, t.created, t.updated, t.deactivated + t.suspended,
                   runs[i].error ? runs[i].error : "");
    }
    if (!c->json && n == 0)
        puts("There was no run yet; `muster sync NAME` makes one.");
    cli_table(c, &rows);
    return OK;
}

/* ---- rows ---- */

struct names { struct cli *c; const struct run *run; struct attrs *attrs; struct teams *teams; };

/* A planned person is only in the plan: found by the row that makes them. */
static const char *person_name(struct names *n, int64_t id)
{
    struct person *p = NULL;
    struct run_row *rows;
    struct changes c;
    size_t count;

    if (people_load(n->c->w, n->attrs, &id, 1, 0, &p) == OK && p)
        return person_label(n->c->w->mem, p);
    if (run_rows_about(n->c->w, n->run->id, id, &rows, &count) != OK || count == 0 ||
        changes_read(n->c->w->mem, n->attrs, rows[0].changes, strlen(rows[0].changes), &c) != OK)
        return id_text(id);
    struct person made = { .id = id, .values = NEW_ARRAY(n->c->w->mem, struct value, c.n + 1) };
    for (size_t i = 0; i < c.n; i++)
        if (c.list[i].after)
            made.values[made.nvalues++] = (struct value){ c.list[i].attr, c.list[i].after };
    return person_label(n->c->w->mem, &made);
}

static const char *shown(struct names *n, const struct attr *attr, const char *text)
{
    AUTO_BUF out = {};
    int64_t *ids;

    if (!text)
        return NULL;
    bool teams = str_eq(attr->name, "teams");
    if (!teams && attr->type != ATTR_PERSON)
        return text;
    size_t count = ids_read(n->c->w->mem, text, &ids);
    for (size_t i = 0; i < count; i++) {
        struct team *t = teams ? team_by_id(n->teams, ids[i]) : NULL;
        buf_printf(&out, "%s%s", i ? "; " : "",
                   t       ? t->name
                   : teams ? planned_team(n->c, n->run, ids[i])
                           : person_name(n, ids[i]));
    }
    return arena_text(n->c->w->mem, out.at ? out.at : "");
}

static void write_row(struct names *n, const struct run_row *row, const struct changes *c,
                      struct json_out *j)
{
    json_open(j, '{');
    json_put(j, "run", id_text(n->run->id));
    json_put_num(j, "seq", row->seq);
    json_put(j, "change", arena_printf(n->c->w->mem, "%s.%" PRId64, id_text(n->run->id), row->seq));
    json_put(j, "kind", row_kind_name(row->kind));
    json_put(j, "person", row->kind == ROW_TEAM || !row->person ? NULL : id_text(row->person));
    json_put(j, "who",
             row->kind == ROW_TEAM ? NULL
             : row->person         ? person_name(n, row->person)
                                   : row->record);
    json_put(j, "record", row->record);
    json_key(j, "changes");
    if (row->kind == ROW_TEAM) {
        json_raw(j, row->changes, strlen(row->changes));
    } else {
        json_open(j, '{');
        for (size_t i = 0; i < c->n; i++) {
            json_key(j, c->list[i].attr->name);
            json_open(j, '[');
            json_str(j, shown(n, c->list[i].attr, c->list[i].before));
            json_str(j, shown(n, c->list[i].attr, c->list[i].after));
            json_close(j, ']');
        }
        json_close(j, '}');
    }
    json_put(j, "reason", row->reason);
    json_put(j, "set_aside", row->aside ? set_aside_name(row->aside) : NULL);
    json_close(j, '}');
}

static void print_row(struct names *n, const struct run_row *row, const struct changes *c)
{
    if (row->kind == ROW_TEAM) {
        printf("team        %s\n", row->changes);
        return;
    }
    printf("%-11s %s%s%s%s%s\n", row_kind_name(row->kind),
           row->person ? person_name(n, row->person) : row->record, row->reason ? "  — " : "",
           row->reason ? row->reason : "", row->aside ? "  — " : "",
           row->aside ? set_aside_name(row->aside) : "");
    for (size_t i = 0; i < c->n; i++) {
        const char *before = shown(n, c->list[i].attr, c->list[i].before);
        const char *after = shown(n, c->list[i].attr, c->list[i].after);
        printf("              %s: %s → %s\n", c->list[i].attr->name, before ? before : "–",
               after ? after : "–");
    }
}

typedef enum err each_fn(struct names *n, const struct run_row *row, const struct changes *c,
                         void *arg);

static enum err each_row(struct cli *c, const struct run *run, each_fn *fn, void *arg)
{
    struct names n = { .c = c, .run = run };
    int64_t after = 0, upto = str_eq(run->kind, "scim") ? run->applied_upto : run->rows;
    size_t count;

    TRY(attrs_load(c->w, &n.attrs));
    TRY(teams_load(c->w, &n.teams));
    do {
        struct run_row *rows;
        struct arena_mark mark = arena_mark(c->w->mem);
        TRY(run_rows(c->w, run->id, after, upto, PAGE, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            struct changes changes = {};
            if (rows[i].kind != ROW_TEAM)
                TRY(changes_read(c->w->mem, n.attrs, rows[i].changes, strlen(rows[i].changes),
                                 &changes));
            TRY(fn(&n, &rows[i], &changes, arg));
            after = rows[i].seq;
        }
        arena_reset(c->w->mem, mark);
    } while (count == PAGE);
    return OK;
}

static enum err show_row(struct names *n, const struct run_row *row, const struct changes *c,
                         void *to)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };

    if (row->kind == ROW_NOTE && !n->c->json && !to)
        return OK;                              /* only what the source said is remembered */
    if (!n->c->json && !to) {
        print_row(n, row, c);
        return OK;
    }
    write_row(n, row, c, &j);
    fprintf(to ? to : stdout, "%s\n", text.at);
    return OK;
}

enum err run_print_rows(struct cli *c, const struct run *run)
{
    if (c->json && str_eq(c->command->name, "plan"))
        return OK;
    return each_row(c, run, show_row, NULL);
}

enum err run_write_file(struct cli *c, const struct run *run, const char *path)
{
    FILE *f = fopen(path, "we");

    if (!f)
        return errf(ERR_USAGE, "cannot write %s: %m", path);
    enum err e = each_row(c, run, show_row, f);
    if (fclose(f) != 0 && e == OK)
        e = errf(ERR_FULL, "cannot write %s: %m", path);
    return e;
}

static int by_seq(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

enum err run_read_file(struct cli *c, const char *path, int64_t *id, int64_t **unticked, size_t *n)
{
    const char *text;
    int64_t *named = NULL, at = 0;
    size_t count = 0, cap = 0;
    struct run run;

    TRY(cli_read(c, path, MB(2048), &text));
    *id = 0;
    for (int line = 1; *text; line++) {
        size_t length = strcspn(text, "\n");
        AUTO(json) *doc = NULL;
        int64_t owner;
        if (length) {
            enum err e = json_read(text, length, &doc);
            if (e != OK)
                return err_in(e, "%s, line %d: ", path, line);
            const char *name = json_text(json_root(doc), "run");
            if (!name || !id_read(name, &owner) || (*id && owner != *id))
                return errf(
                    ERR_USAGE,
                    "%s, line %d: not a row of one plan as `muster plan NAME -o FILE` writes them",
                    path, line);
            *id = owner;
            ARENA_GROW(c->mem, named, count, cap);
            named[count++] = json_int(json_root(doc), "seq", 0);
        }
        text += length + (text[length] == '\n');
    }
    if (!*id)
        return errf(ERR_USAGE,
                    "%s names no row of a plan; to refuse a whole plan use `muster refuse RUN`",
                    path);
    TRY(run_load(c->w, *id, &run));
    qsort(named, count, sizeof *named, by_seq);
    *unticked = NEW_ARRAY(c->mem, int64_t, (size_t)run.rows + 1);
    *n = 0;
    for (int64_t seq = 1; seq <= run.rows; seq++) {
        while (at < (int64_t)count && named[at] < seq)
            at++;
        if (at == (int64_t)count || named[at] != seq)
            (*unticked)[(*n)++] = seq;
    }
    return OK;
}

const char *planned_team(struct cli *c, const struct run *run, int64_t id)
{
    struct run_row *rows;
    yyjson_val *root;
    size_t n;

    if (run_rows_about(c->w, run->id, id, &rows, &n) != OK || n == 0 ||
        json_read_in(c->w->mem, rows[0].changes, strlen(rows[0].changes), &root) != OK)
        return id_text(id);
    return yyjson_get_str(yyjson_arr_get(yyjson_obj_get(root, "name"), 1));
}

enum err release_absent(struct cli *c, const char *who, int64_t *n)
{
    const char *mark =
        crypt_mac(c->mem, store_key(c->store), "e-mail without a person", str_fold(c->mem, who));
    struct link *links;
    size_t count;

    TRY(held_release_record(c->w, who, n));
    if (*n)
        return OK;
    TRY(link_by_mark(c->w, mark, &links, &count));
    for (size_t i = 0; i < count && !*n; i++)
        TRY(held_release_record(c->w, links[i].record, n));
    if (*n == 0)
        return errf(ERR_NOT_FOUND,
                    "nobody here has the e-mail, user name, anchor or id '%s', and nothing of a "
                    "record with that id is held back",
                    who);
    return OK;
}
