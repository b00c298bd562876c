/* file_record.c — a row of a CSV file or a JSON object, as a record. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "source/file_read.h"
#include "source/pick.h"
#include "source/raw.h"

enum { LOOKED_AT = 1000 };          /* JSON objects whose members count as columns */

/* Columns that hold several values; as text they are joined by "; ". */
static const char *const many[] = { "teams", "additional_managers" };
/* Columns that hold people; our own export has objects there. */
static const char *const people[] = { "manager", "additional_managers" };

static bool one_of(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(names[i], name))
            return true;
    return false;
}

/* ---- columns ---- */

struct columns_seen {
    struct arena *mem, *scratch;
    struct file_columns *out;
    size_t cap, objects;
    struct record_parser parser;
    bool enough;                    /* the reading was stopped because everything is known */
};

static bool column_known(const struct file_columns *c, const char *name)
{
    return one_of(c->names, c->n, name);
}

static void column_add(struct columns_seen *seen, const char *name)
{
    if (str_empty(name) || column_known(seen->out, name) || seen->out->n == CSV_COLUMNS)
        return;
    ARENA_GROW(seen->mem, seen->out->names, seen->out->n, seen->cap);
    seen->out->names[seen->out->n++] = arena_text(seen->mem, name);
}

static enum err header_seen(void *arg, size_t line, const struct csv_cell *cells, size_t n)
{
    struct columns_seen *seen = arg;

    (void)line;
    for (size_t i = 0; i < n; i++)
        column_add(seen, str_trim(seen->scratch, cells[i].text));
    seen->enough = true;
    return ERR_STOPPED;
}

/* People and lists are columns as a whole, everything else by its innermost members. */
static void members_add(struct columns_seen *seen, const char *prefix, yyjson_val *object,
                        int depth)
{
    size_t i, max;
    yyjson_val *key, *v;

    yyjson_obj_foreach(object, i, max, key, v) {
        const char *name =
            arena_printf(seen->scratch, "%s%s%s", prefix, *prefix ? "." : "", yyjson_get_str(key));
        if (yyjson_is_obj(v) && depth < 8 && !one_of(people, COUNT(people), name))
            members_add(seen, name, v, depth + 1);
        else
            column_add(seen, name);
    }
}

/* Parses one object; the message names the line, or the record of a JSON array. */
static enum err object_parse(struct record_parser *p, enum file_format format, size_t number,
                             const char *bytes, size_t n, yyjson_val **root)
{
    enum err e = record_parse(p, bytes, n, root);

    if (e == OK && !yyjson_is_obj(*root))
        e = errf(ERR_INVALID, "this is not an object");
    return e == OK ? OK
                   : errf(ERR_INVALID, "%s %zu: %s", format == FILE_JSON ? "record" : "line",
                          number, err_text());
}

static enum err object_seen(void *arg, size_t number, const char *bytes, size_t n)
{
    struct columns_seen *seen = arg;
    yyjson_val *root;

    TRY(object_parse(&seen->parser, seen->out->format, number, bytes, n, &root));
    struct arena_mark mark = arena_mark(seen->scratch);
    members_add(seen, "", root, 0);
    arena_reset(seen->scratch, mark);
    seen->enough = ++seen->objects == LOOKED_AT;
    return seen->enough ? ERR_STOPPED : OK;
}

static void format_seen(void *arg, enum file_format format)
{
    struct columns_seen *seen = arg;

    seen->out->format = format;
}

enum err file_columns(struct arena *a, const struct file_ask *ask, struct file_columns *out)
{
    AUTO(arena) *scratch = arena_new();
    struct columns_seen seen = { .mem = a, .scratch = scratch, .out = out };

    *out = (struct file_columns){};
    enum err e = file_read(&(struct file_rows){ ask->path, ask->format, ask->delimiter, ask->stop,
                                                header_seen, object_seen, format_seen, &seen });
    record_parser_free(&seen.parser);
    if (e == OK || seen.enough)
        return OK;
    return e == ERR_NOT_FOUND ? e : err_in(e, "%s: ", ask->path);
}

const char *file_column_like(struct arena *a, const struct file_columns *columns, const char *name)
{
    const char *squashed = str_squash(a, name);

    if (column_known(columns, name))
        return name;
    for (size_t i = 0; i < columns->n; i++)
        if (str_eq(str_squash(a, columns->names[i]), squashed))
            return columns->names[i];
    return NULL;
}

/* ---- records ---- */

/* The id columns come first, then what is wanted. */
struct reading {
    const struct file_ask *ask;
    struct arena *mem, *record_mem;
    struct raw *values;
    size_t n;
    size_t *column;                 /* of CSV: the cell of each value, or NO_COLUMN */
    struct pick *pick;              /* of JSON */
    yyjson_val **found;
    struct record_parser parser;
    bool header, told;
};

static const size_t NO_COLUMN = SIZE_MAX;

static const char *name_at(const struct reading *r, size_t i)
{
    return i < r->ask->nids ? r->ask->ids[i] : r->ask->want->fields[i - r->ask->nids];
}

/* "Sales; R&D" → two items. Our own export joins them so. */
static struct raw split(struct arena *a, struct raw text)
{
    struct raw *items = NEW_ARRAY(a, struct raw, text.n / 2 + 1);
    size_t n = 0;

    for (const char *p = text.text; p;) {
        const char *end = strstr(p, "; ");
        size_t len = end ? (size_t)(end - p) : strlen(p);
        items[n++] = raw_text(p, len);
        p = end ? end + 2 : NULL;
    }
    return raw_list(a, items, n);
}

static enum err record_out(struct reading *r)
{
    struct record record = { .values = r->values + r->ask->nids };

    for (size_t i = 0; i < r->ask->nids && !record.id; i++)
        if (r->values[i].is == RAW_TEXT)
            record.id = r->values[i].text;
    for (size_t i = r->ask->nids; i < r->n; i++)
        if (r->values[i].is == RAW_TEXT && one_of(many, COUNT(many), name_at(r, i)))
            r->values[i] = split(r->record_mem, r->values[i]);
    enum err e = r->ask->emit(r->ask->arg, &record);
    r->told = e != OK;
    return e;
}

static enum err header_in(struct reading *r, size_t line, const struct csv_cell *cells, size_t n)
{
    const char **names = NEW_ARRAY(r->mem, const char *, n + 1);

    r->header = true;
    for (size_t i = 0; i < n; i++) {
        names[i] = str_trim(r->mem, cells[i].text);
        if (*names[i] && one_of(names, i, names[i]))
            return errf(ERR_INVALID, "line %zu: two columns are called '%s'; which one counts?",
                        line, names[i]);
    }
    for (size_t k = 0; k < r->n; k++) {
        r->column[k] = NO_COLUMN;
        for (size_t i = 0; i < n; i++)
            if (str_eq(names[i], name_at(r, k)))
                r->column[k] = i;
    }
    return OK;
}

static enum err row_in(void *arg, size_t line, const struct csv_cell *cells, size_t n)
{
    struct reading *r = arg;
    struct arena_mark mark = arena_mark(r->record_mem);

    if (!r->header)
        return header_in(r, line, cells, n);
    for (size_t i = 0; i < r->n; i++)
        r->values[i] = r->column[i] == NO_COLUMN
                           ? (struct raw){ .is = RAW_ABSENT }
                           : raw_text(cells[r->column[i]].text, cells[r->column[i]].n);
    enum err e = record_out(r);
    arena_reset(r->record_mem, mark);
    return e;
}

/* A person in our own export is an object; the e-mail is what the CSV has. */
static enum err item_in(void *arg, struct arena *a, yyjson_val *v, struct raw *out)
{
    static const char *const keys[] = { "email", "external_id", "id" };
    const char *name = arg;

    if (yyjson_is_obj(v) && one_of(people, COUNT(people), name))
        for (size_t i = 0; i < COUNT(keys); i++)
            if (!yyjson_is_null(yyjson_obj_get(v, keys[i])) && yyjson_obj_get(v, keys[i]))
                return raw_plain(a, yyjson_obj_get(v, keys[i]), out);
    return raw_plain(a, v, out);
}

/* The member of just that name, else the path that the dots in it say. */
static void places_add(struct reading *r, size_t slot, const char *name)
{
    const char *path[16];
    size_t n = 0;

    pick_add(r->pick, slot * 2, &name, 1, 0);
    for (const char *p = name; n < COUNT(path);) {
        size_t len = strcspn(p, ".");
        path[n++] = arena_textn(r->mem, p, len);
        if (!p[len])
            break;
        p += len + 1;
    }
    if (n > 1)
        pick_add(r->pick, slot * 2 + 1, path, n, 0);
}

static enum err object_read(struct reading *r, yyjson_val *root)
{
    TRY(pick_run(r->pick, root, r->found));
    for (size_t i = 0; i < r->n; i++) {
        yyjson_val *v = r->found[i * 2] ? r->found[i * 2] : r->found[i * 2 + 1];
        enum err e = raw_items(r->record_mem, v, item_in, (void *)name_at(r, i), &r->values[i]);
        if (e != OK)
            return err_in(e, "%s: ", name_at(r, i));
    }
    return OK;
}

static enum err object_in(void *arg, size_t number, const char *bytes, size_t n)
{
    struct reading *r = arg;
    struct arena_mark mark = arena_mark(r->record_mem);
    yyjson_val *root;

    TRY(object_parse(&r->parser, r->ask->format, number, bytes, n, &root));
    enum err e = object_read(r, root);
    if (e != OK)
        return errf(ERR_INVALID, "%s %zu: %s", r->ask->format == FILE_JSON ? "record" : "line",
                    number, err_text());
    e = record_out(r);
    arena_reset(r->record_mem, mark);
    return e;
}

enum err file_records(const struct file_ask *ask)
{
    AUTO(arena) *mem = arena_new();
    AUTO(arena) *record_mem = arena_new();
    size_t n = ask->nids + ask->want->n;
    struct reading r = {
        .ask = ask,
        .mem = mem,
        .record_mem = record_mem,
        .n = n,
        .values = NEW_ARRAY(mem, struct raw, n + 1),
        .column = NEW_ARRAY(mem, size_t, n + 1),
        .pick = pick_new(mem, n * 2),
        .found = NEW_ARRAY(mem, yyjson_val *, n * 2 + 1),
    };

    for (size_t i = 0; i < n; i++)
        places_add(&r, i, name_at(&r, i));
    enum err e = file_read(&(struct file_rows){ ask->path, ask->format, ask->delimiter, ask->stop,
                                                row_in, object_in, NULL, &r });
    record_parser_free(&r.parser);
    return e == OK || e == ERR_NOT_FOUND || r.told ? e : err_in(e, "%s: ", ask->path);
}
