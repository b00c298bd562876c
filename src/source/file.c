/* file.c — people from a file: CSV, NDJSON, JSON; our own export too. See docs/sources/file.md */
#include "source/file.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"

static const struct option options[] = {
    { "path", OPT_PATH, NULL, "The file: CSV with a header row, NDJSON, or a JSON array",
      .required = true },
    { "format", OPT_TEXT, "auto", "auto, csv, ndjson or json" },
    { "delimiter", OPT_TEXT, "auto",
      "Between the cells of a CSV row: auto, comma, semicolon, tab or bar" },
    { "id", OPT_TEXT, NULL,
      "The column that says who a record is; default: the first of external_id, id, "
      "employee id, employee number, e-mail that is there" },
    {},
};

static const struct { const char *name; enum file_format format; } formats[] = {
    { "auto", FILE_AUTO }, { "csv", FILE_CSV }, { "ndjson", FILE_NDJSON }, { "json", FILE_JSON },
};

static const struct { const char *name; char delimiter; } delimiters[] = {
    { "auto", 0 },
    { "comma", ',' }, { ",", ',' },
    { "semicolon", ';' }, { ";", ';' },
    { "tab", '\t' },
    { "bar", '|' }, { "|", '|' },
};

/* What may say who a record is, best first; compared without case, spaces and punctuation. */
static const char *const id_columns[] = {
    "external_id",      "id",    "employee_id", "employee_number",
    "personnel_number", "email", "work_email",
};

/* As behaviour.md §2 names them, which is also how our own export names its columns. */
static const struct default_row mapping[] = {
    { "external_id", "external_id" },
    { "user_name", "user_name" },
    { "email", "email" },
    { "given_name", "given_name" },
    { "middle_name", "middle_name" },
    { "family_name", "family_name" },
    { "display_name", "display_name" },
    { "preferred_name", "preferred_name" },
    { "title", "title" },
    { "employee_number", "employee_number" },
    { "user_type", "user_type" },
    { "organization", "organization" },
    { "department", "department" },
    { "division", "division" },
    { "cost_center", "cost_center" },
    { "location", "location" },
    { "gender", "gender" },
    { "birthday", "birthday" },
    { "start_date", "start_date" },
    { "end_date", "end_date" },
    { "phone", "phone" },
    { "timezone", "timezone" },
    { "locale", "locale" },
    { "photo", "photo" },
    { "level", "level" },
    { "manager", "manager" },
    { "additional_managers", "additional_managers" },
    { "teams", "teams" },
    {},
};

/* What other exports call the same. */
static const struct { const char *attribute, *column; } synonyms[] = {
    { "email", "work_email" }, { "email", "email_address" },
    { "given_name", "first_name" },
    { "family_name", "last_name" }, { "family_name", "surname" },
    { "display_name", "full_name" }, { "display_name", "name" },
    { "preferred_name", "nickname" },
    { "title", "job_title" }, { "title", "position" },
    { "employee_number", "employee_id" }, { "employee_number", "personnel_number" },
    { "user_type", "contract_type" }, { "user_type", "employment_type" },
    { "organization", "company" },
    { "cost_center", "cost_centre" },
    { "location", "site" }, { "location", "office" },
    { "birthday", "date_of_birth" }, { "birthday", "birth_date" },
    { "start_date", "hire_date" },
    { "end_date", "termination_date" },
    { "phone", "phone_number" },
    { "manager", "manager_email" }, { "manager", "reports_to" }, { "manager", "supervisor" },
    { "teams", "team" }, { "teams", "department" },
};

struct state {
    struct file_ask ask;
    const char *id;                 /* chosen by the admin, or NULL */
};

static enum err open_source(struct source *s)
{
    struct state *st = NEW(s->mem, struct state);
    const char *format = options_get(s->options, "format");
    const char *delimiter = options_get(s->options, "delimiter");
    size_t f = 0, d = 0;

    while (f < COUNT(formats) && !str_eq(formats[f].name, format))
        f++;
    while (d < COUNT(delimiters) && !str_eq(delimiters[d].name, delimiter))
        d++;
    if (f == COUNT(formats))
        return errf(ERR_USAGE, "format must be auto, csv, ndjson or json, not '%s'", format);
    if (d == COUNT(delimiters))
        return errf(ERR_USAGE, "delimiter must be auto, comma, semicolon, tab or bar, not '%s'",
                    delimiter);
    st->ask = (struct file_ask){ .path = options_get(s->options, "path"),
                                 .format = formats[f].format,
                                 .delimiter = delimiters[d].delimiter,
                                 .stop = s->stop };
    st->id = options_get(s->options, "id");
    s->state = st;
    return OK;
}

static const char *columns_text(struct arena *a, const struct file_columns *c)
{
    AUTO_BUF text = {};

    for (size_t i = 0; i < c->n && text.n < 500; i++)
        buf_printf(&text, "%s%s", i ? ", " : "", c->names[i]);
    return arena_text(a, text.at ? text.at : "(none)");
}

/*
 * Which columns say who a record is. People whom an admin made by hand have no external_id in our
 * own export, so there the id stands in; nowhere else may a record's id come from one column today
 * and from another tomorrow.
 */
static enum err ids_choose(const struct state *st, struct arena *a, const struct file_columns *c,
                           struct file_ask *ask)
{
    const char **ids = NEW_ARRAY(a, const char *, 2);

    ask->ids = ids;
    if (st->id) {
        ids[ask->nids++] = file_column_like(a, c, st->id);
        if (!ids[0])
            return errf(ERR_USAGE, "%s has no column '%s' (option id); it has: %s", ask->path,
                        st->id, columns_text(a, c));
        return OK;
    }
    for (size_t i = 0; i < COUNT(id_columns) && !ask->nids; i++)
        if ((ids[0] = file_column_like(a, c, id_columns[i])))
            ask->nids++;
    if (!ask->nids && c->n)         /* an empty JSON array has none */
        return errf(ERR_INVALID,
                    "%s has no column that says who a record is; choose one with the option id: %s",
                    ask->path, columns_text(a, c));
    if (ask->nids && str_eq(ids[0], "external_id") && (ids[1] = file_column_like(a, c, "id")))
        ask->nids++;
    return OK;
}

static enum err look(struct source *s, struct arena *a, struct file_columns *columns,
                     struct file_ask *ask)
{
    const struct state *st = s->state;

    TRY(file_columns(a, &st->ask, columns));
    *ask = st->ask;
    ask->format = columns->format;
    return ids_choose(st, a, columns, ask);
}

static enum err fetch(struct source *s, const struct want *want, record_fn *emit, void *arg)
{
    AUTO(arena) *mem = arena_new();
    struct file_columns columns;
    struct file_ask ask;

    TRY(look(s, mem, &columns, &ask));
    ask.want = want;
    ask.emit = emit;
    ask.arg = arg;
    return file_records(&ask);
}

static bool is_custom(const char *column)
{
    return str_starts(column, "custom.");
}

static enum err fields(struct source *s, field_fn *emit, void *arg)
{
    const struct state *st = s->state;
    AUTO(arena) *mem = arena_new();
    struct file_columns columns;

    TRY(file_columns(mem, &st->ask, &columns));
    for (size_t i = 0; i < columns.n; i++) {
        const char *name = columns.names[i];
        struct field f = { name, name, "text", "Columns", is_custom(name) };
        TRY(emit(arg, &f));
    }
    return OK;
}

struct sight { bool *seen; size_t n; };

static enum err note_seen(void *arg, const struct record *r)
{
    struct sight *sight = arg;

    for (size_t i = 0; i < sight->n; i++)
        sight->seen[i] |= r->values[i].is != RAW_ABSENT;
    return OK;
}

/* Reads the whole file, so that a broken line is known before the first sync. */
static enum err check(struct source *s, const struct want *want, check_fn *emit, void *arg)
{
    AUTO(arena) *mem = arena_new();
    struct sight sight = { NEW_ARRAY(mem, bool, want->n + 1), want->n };
    struct file_columns columns;
    struct file_ask ask;

    TRY(look(s, mem, &columns, &ask));
    ask.want = want;
    ask.emit = note_seen;
    ask.arg = &sight;
    TRY(file_records(&ask));
    for (size_t i = 0; i < want->n; i++) {
        const char *id = want->fields[i];
        struct check_line line = { .field = id, .label = id };
        line.readable = sight.seen[i] || str_eq(file_column_like(mem, &columns, id), id);
        if (!line.readable)
            line.advice = arena_printf(mem, "the file has no column '%s'; it has: %s", id,
                                       columns_text(mem, &columns));
        TRY(emit(arg, &line));
    }
    return OK;
}

/* ---- the default mapping of this very file ---- */

/* A column as an expression: names that are no identifiers are quoted. */
static const char *expression(struct arena *a, const char *column)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";

    if (!strchr("0123456789.", *column) && column[strspn(column, plain)] == '\0')
        return column;
    if (strpbrk(column, "\"\\\n"))
        return NULL;
    return arena_printf(a, "field(\"%s\")", column);
}

static const char *column_for(struct arena *a, const struct file_columns *columns,
                              const char *attribute)
{
    const char *column = file_column_like(a, columns, attribute);

    for (size_t i = 0; i < COUNT(synonyms) && !column; i++)
        if (str_eq(synonyms[i].attribute, attribute))
            column = file_column_like(a, columns, synonyms[i].column);
    return column;
}

static enum err fit(struct source *s, struct source_type *out)
{
    struct file_columns columns;
    struct file_ask ask;
    size_t n = COUNT(mapping) - 1;

    TRY(look(s, s->mem, &columns, &ask));
    struct default_row *rows = NEW_ARRAY(s->mem, struct default_row, n + columns.n + 1);
    for (size_t i = 0; i < n; i++) {
        const char *column = column_for(s->mem, &columns, mapping[i].attribute);
        if (!column && str_eq(mapping[i].attribute, "external_id"))
            column = ask.nids ? ask.ids[0] : NULL;
        const char *from = column ? expression(s->mem, column) : NULL;
        rows[i] =
            (struct default_row){ mapping[i].attribute, from ? from : mapping[i].from, !from };
    }
    for (size_t i = 0; i < columns.n; i++)      /* off: the attribute has to be made first */
        if (is_custom(columns.names[i]) && expression(s->mem, columns.names[i]) == columns.names[i])
            rows[n++] = (struct default_row){ columns.names[i], columns.names[i], true };
    out->mapping = rows;

    const char *status = file_column_like(s->mem, &columns, "state");
    if (!status)
        status = file_column_like(s->mem, &columns, "status");
    status = status ? expression(s->mem, status) : NULL;
    out->status.from = status ? status : "\"active\"";     /* whoever is in the file is there */
    return OK;
}

const struct source_type source_file = {
    .name = "file",
    .label = "File",
    .options = options,
    .mapping = mapping,
    .status = { "state", "active", "suspended", "deactivated" },
    .open = open_source,
    .check = check,
    .fields = fields,
    .fetch = fetch,
    .fit = fit,
};
