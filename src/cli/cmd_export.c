/* cmd_export.c — `muster export people|teams|history`: everything, as CSV, JSON or NDJSON, while it is read. */
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "base/table.h"
#include "cli/cli.h"
#include "cli/person_json.h"
#include "people/history.h"
#include "people/query.h"
#include "people/team.h"
#include "sync/connect.h"

enum form { FORM_NDJSON, FORM_JSON, FORM_CSV };

static const char *const forms[] = { "ndjson", "json", "csv" };

/* One object or line after the other; `text` is emptied for each. */
struct exporting {
    struct cli *c;
    enum form form;
    struct buf text;
    const struct attrs *attrs;
    size_t n;
};

static enum err put(struct exporting *x)
{
    if (cli_stop)
        return errf(ERR_STOPPED, "stopped: the export is not complete");
    if (x->form == FORM_JSON)
        fputs(x->n ? ",\n" : "\n", stdout);
    fwrite(x->text.at, 1, x->text.n, stdout);
    if (x->form == FORM_NDJSON)
        fputc('\n', stdout);
    buf_clear(&x->text);
    x->n++;
    return ferror(stdout) ? errf(ERR_FULL, "cannot write the export: %m") : OK;
}

/* ---- people ---- */

static enum err put_person(void *arg, const struct profile *p)
{
    struct exporting *x = arg;
    struct json_out j = { &x->text };

    if (x->form == FORM_CSV)
        person_csv(x->c->w->mem, &x->text, x->attrs, p);
    else
        person_json(x->c->w->mem, &j, x->attrs, p);
    return put(x);
}

static enum err export_people(struct exporting *x)
{
    struct listing l = { .attrs = x->attrs };

    if (x->form == FORM_CSV) {
        person_csv_header(&x->text, x->attrs);
        fwrite(x->text.at, 1, x->text.n, stdout);
        buf_clear(&x->text);
    }
    return people_each(x->c->w, &l, put_person, x);
}

/* ---- teams ---- */

static enum err export_teams(struct exporting *x)
{
    struct teams *teams;

    TRY(teams_load(x->c->w, &teams));
    TRY(teams_count(x->c->w, teams));
    if (x->form == FORM_CSV)
        fputs("id,name,kind,members\r\n", stdout);
    for (size_t i = 0; i < teams->n; i++) {
        const struct team *t = teams->all[i];
        const char *kind = t->kind == TEAM_MANUAL ? "manual" : "synced";
        struct json_out j = { &x->text };
        if (t->merged)
            continue;
        if (x->form == FORM_CSV) {
            csv_cell(&x->text, id_text(t->id), true);
            csv_cell(&x->text, t->name, false);
            csv_cell(&x->text, kind, false);
            buf_printf(&x->text, ",%lld\r\n", (long long)t->members);
        } else {
            json_open(&j, '{');
            json_put(&j, "id", id_text(t->id));
            json_put(&j, "name", t->name);
            json_put(&j, "kind", kind);
            json_put_num(&j, "members", t->members);
            json_close(&j, '}');
        }
        TRY(put(x));
    }
    return OK;
}

/* ---- history ---- */

/* One change as it is told: ids of people and teams are names where they are known. */
struct event {
    const char *at, *run, *change, *kind, *person, *attribute, *before, *after, *reason, *actor,
        *source;
};

static const struct { const char *name; size_t place; } event_columns[] = {
    { "at", offsetof(struct event, at) },
    { "run", offsetof(struct event, run) },
    { "change", offsetof(struct event, change) },
    { "kind", offsetof(struct event, kind) },
    { "person", offsetof(struct event, person) },
    { "attribute", offsetof(struct event, attribute) },
    { "before", offsetof(struct event, before) },
    { "after", offsetof(struct event, after) },
    { "reason", offsetof(struct event, reason) },
    { "actor", offsetof(struct event, actor) },
    { "source", offsetof(struct event, source) },
};

static const char *event_text(const struct event *e, size_t column)
{
    return *(const char *const *)((const char *)e + event_columns[column].place);
}

static enum err put_event(struct exporting *x, const struct event *e)
{
    struct json_out j = { &x->text };

    if (x->form == FORM_CSV) {
        for (size_t i = 0; i < COUNT(event_columns); i++)
            csv_cell(&x->text, event_text(e, i), i == 0);
        buf_puts(&x->text, "\r\n");
        return put(x);
    }
    json_open(&j, '{');
    for (size_t i = 0; i < COUNT(event_columns); i++)
        json_put(&j, event_columns[i].name, event_text(e, i));
    json_close(&j, '}');
    return put(x);
}

struct chronicle {
    struct exporting *x;
    struct teams *teams;
    struct source_row *sources;
    size_t nsources;
    /* the people that a page of rows names */
    struct table places;
    int64_t *ids;
    size_t n, cap;
    struct person **people;
};

enum { PAGE = 500 };

static void want_person(struct chronicle *h, int64_t id)
{
    bool fresh;

    if (!id)
        return;
    table_put(&h->places, (uint64_t)id, (int64_t)h->n, &fresh);
    if (!fresh)
        return;
    ARENA_GROW(h->x->c->w->mem, h->ids, h->n, h->cap);
    h->ids[h->n++] = id;
}

static void want_people(struct chronicle *h, const char *ids)
{
    int64_t *list;
    size_t n = ids_read(h->x->c->w->mem, ids, &list);

    for (size_t i = 0; i < n; i++)
        want_person(h, list[i]);
}

static const char *person_name(struct chronicle *h, int64_t id)
{
    int64_t *at = table_find(&h->places, (uint64_t)id);
    const struct person *p = at ? h->people[*at] : NULL;
    const char *email = p ? person_text(p, "email") : NULL;

    return email ? email : arena_text(h->x->c->w->mem, id_text(id));
}

static const char *names_of(struct chronicle *h, const struct attr *attr, const char *text)
{
    struct arena *a = h->x->c->w->mem;
    const char *all = NULL;
    int64_t *ids;

    if (!text || (attr->type != ATTR_PERSON && !str_eq(attr->name, "teams")))
        return text;
    size_t n = ids_read(a, text, &ids);
    for (size_t i = 0; i < n; i++) {
        const struct team *t = attr->type == ATTR_PERSON ? NULL : team_by_id(h->teams, ids[i]);
        const char *one = attr->type == ATTR_PERSON ? person_name(h, ids[i])
                          : t                       ? t->name
                                                    : arena_text(a, id_text(ids[i]));
        all = all ? arena_printf(a, "%s; %s", all, one) : one;
    }
    return all;
}

static const char *source_name(const struct chronicle *h, int64_t id)
{
    for (size_t i = 0; i < h->nsources; i++)
        if (h->sources[i].id == id)
            return h->sources[i].name;
    return id ? "(removed)" : NULL;
}

/* A team's row has its name in place of attributes. */
static enum err put_team_row(struct chronicle *h, const struct run_row *row, struct event e)
{
    yyjson_val *root;

    TRY(json_read_in(h->x->c->w->mem, row->changes, strlen(row->changes), &root));
    yyjson_val *name = yyjson_obj_get(root, "name");
    e.person = NULL;
    e.attribute = "name";
    e.before = yyjson_get_str(yyjson_arr_get(name, 0));
    e.after = yyjson_get_str(yyjson_arr_get(name, 1));
    return put_event(h->x, &e);
}

static enum err put_row(struct chronicle *h, const struct past_run *run, const struct run_row *row)
{
    struct arena *a = h->x->c->w->mem;
    struct changes c;
    bool own = str_eq(run->kind, "scim");          /* its rows have times of their own */
    struct event e = { .at = time_text(a, own ? id_time(run->id + row->seq) : run->at),
                       .run = arena_text(a, id_text(run->id)),
                       .kind = row_kind_name(row->kind),
                       .reason = row->reason,
                       .actor = run->actor,
                       .source = source_name(h, run->source),
                       .person = row->person ? person_name(h, row->person) : NULL };

    e.change = arena_printf(a, "%s.%lld", e.run, (long long)row->seq);
    if (row->kind == ROW_TEAM)
        return put_team_row(h, row, e);
    TRY(changes_read(a, h->x->attrs, row->changes, strlen(row->changes), &c));
    for (size_t i = 0; i < c.n; i++) {
        e.attribute = c.list[i].attr->name;
        e.before = names_of(h, c.list[i].attr, c.list[i].before);
        e.after = names_of(h, c.list[i].attr, c.list[i].after);
        TRY(put_event(h->x, &e));
    }
    bool told =
        row->person || !row->record; /* a record without a person is no change of the directory */
    return c.n || !row->reason || !told ? OK
                                        : put_event(h->x, &e); /* erased, merged: only the reason */
}

static enum err put_rows(struct chronicle *h, const struct past_run *run,
                         const struct run_row *rows, size_t n)
{
    struct work *w = h->x->c->w;
    struct changes c;

    h->ids = NULL;
    h->n = h->cap = 0;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].kind == ROW_TEAM || rows[i].aside != ROW_GOES)
            continue;
        want_person(h, rows[i].person);
        TRY(changes_read(w->mem, h->x->attrs, rows[i].changes, strlen(rows[i].changes), &c));
        for (size_t q = 0; q < c.n; q++)
            if (c.list[q].attr->type == ATTR_PERSON) {
                want_people(h, c.list[q].before);
                want_people(h, c.list[q].after);
            }
    }
    h->people = NEW_ARRAY(w->mem, struct person *, h->n + 1);
    TRY(people_load(w, h->x->attrs, h->ids, h->n, 0, h->people));
    for (size_t i = 0; i < n; i++)
        if (rows[i].aside == ROW_GOES)
            TRY(put_row(h, run, &rows[i]));
    return OK;
}

static enum err put_run(struct chronicle *h, const struct past_run *run)
{
    struct work *w = h->x->c->w;
    struct run_row *rows;
    size_t n;

    for (int64_t after = 0; after < run->applied_upto;) {
        struct arena_mark mark = arena_mark(w->mem);
        TRY(run_rows(w, run->id, after, run->applied_upto, PAGE, &rows, &n));
        after = n ? rows[n - 1].seq : run->applied_upto;
        enum err e = put_rows(h, run, rows, n);
        table_free(&h->places);
        h->places = (struct table){};
        TRY(e);
        arena_reset(w->mem, mark);
    }
    return OK;
}

static enum err export_history(struct exporting *x)
{
    struct chronicle h = { x };
    struct past_run *runs;
    int64_t after = 0;
    size_t n;

    TRY(teams_load(x->c->w, &h.teams));
    TRY(source_rows(x->c->w, &h.sources, &h.nsources));
    for (size_t i = 0; x->form == FORM_CSV && i < COUNT(event_columns); i++)
        printf("%s%s", event_columns[i].name, i + 1 < COUNT(event_columns) ? "," : "\r\n");
    do {
        struct arena_mark mark = arena_mark(x->c->w->mem);
        TRY(runs_page(x->c->w, after, PAGE, &runs, &n));
        for (size_t i = 0; i < n; i++)
            TRY(put_run(&h, &runs[i]));
        after = n ? runs[n - 1].id : after;
        arena_reset(x->c->w->mem, mark);
    } while (n == PAGE);
    return OK;
}

/* ---- the command ---- */

static const struct { const char *name; enum err (*run)(struct exporting *x); } exports[] = {
    { "people", export_people },
    { "teams", export_teams },
    { "history", export_history },
};

static enum err read_form(struct cli *c, enum form *out)
{
    const char *name = cli_value(c, "format") ? cli_value(c, "format") : "ndjson";

    for (size_t i = 0; i < COUNT(forms); i++)
        if (str_eq(forms[i], name)) {
            *out = (enum form)i;
            return OK;
        }
    return errf(ERR_USAGE, "'%s' is no format; it is one of csv, json, ndjson", name);
}

enum err cmd_export(struct cli *c)
{
    struct exporting x = { c };
    struct attrs *attrs;
    size_t which = 0;

    TRY(read_form(c, &x.form));
    while (which < COUNT(exports) && !str_eq(exports[which].name, c->args[0]))
        which++;
    if (which == COUNT(exports))
        return errf(ERR_USAGE, "'%s' cannot be exported; it is one of people, teams, history",
                    c->args[0]);
    TRY(attrs_load(c->w, &attrs));
    x.attrs = attrs;
    if (x.form == FORM_JSON)
        putchar('[');
    enum err e = exports[which].run(&x);
    if (e == OK && x.form == FORM_JSON)
        puts(x.n ? "\n]" : "]");
    buf_free(&x.text);
    return e;
}
