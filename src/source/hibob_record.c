/* hibob_record.c — one employee of POST /people/search, from JSON to raw values. */
#include "source/hibob.h"

#include "base/slice.h"
#include "base/str.h"
#include "source/pick.h"

enum { PATH = 16 };                 /* names in a path */

/* Besides the wanted fields a record is asked who it is. Each is looked for in two places. */
enum { OF_ID, OF_COMPANY, OF_WANTED };
enum { NESTED, SLASH, PLACES };

struct hibob_reader {
    struct arena *mem;
    struct arena *record_mem;       /* text made for one record */
    struct slice *slice;
    struct record_parser parser;
    struct pick *pick;
    yyjson_val **found;             /* PLACES for each of OF_ID, OF_COMPANY, wanted … */
    struct hibob_wanted *wanted;
    struct raw *values;
    size_t n;
    record_fn *emit;
    void *arg;
    char previous[40];              /* the id of the record before, for messages */
    bool told;                      /* the error at hand has its words already */
    const char *hidden;             /* a column that was told to be hidden after the records */
};

static enum err record_in(void *arg, size_t number, const char *bytes, size_t n);
static enum err member_in(void *arg, const char *key, const char *json, size_t n);

/* "work.reportsTo" → { "work", "reportsTo" } and what follows in `part`. */
static size_t path_split(struct arena *a, const char *dotted, const char *path[PATH])
{
    size_t n = 0;

    while (n < PATH - 2) {
        size_t len = strcspn(dotted, ".");
        path[n++] = arena_textn(a, dotted, len);
        if (!dotted[len])
            break;
        dotted += len + 1;
    }
    return n;
}

/* The nested half ("work": {"title": …}) and the slash key ("/work/title": {"value": …}). */
static void places_add(struct hibob_reader *r, size_t slot, const char *id, const char *dotted,
                       const char *part)
{
    const char *path[PATH];
    size_t n = path_split(r->mem, dotted, path);

    path[n] = part;
    pick_add(r->pick, slot * PLACES + NESTED, path, n + !!part, n - 1);

    char *slash = arena_printf(r->mem, "/%s", id);
    for (char *p = slash; (p = strchr(p, '.'));)
        *p = '/';
    const char *const keyed[] = { slash, "value", part };
    pick_add(r->pick, slot * PLACES + SLASH, keyed, part ? 3 : 2, 0);
}

struct hibob_reader *hibob_reader_new(struct arena *a, const struct hibob_fields *fields,
                                      const struct names *names, const struct want *want,
                                      record_fn *emit, void *arg)
{
    struct hibob_reader *r = NEW(a, struct hibob_reader);

    r->mem = a;
    r->record_mem = arena_new();
    r->n = want->n;
    r->emit = emit;
    r->arg = arg;
    r->wanted = NEW_ARRAY(a, struct hibob_wanted, want->n + 1);
    r->values = NEW_ARRAY(a, struct raw, want->n + 1);
    r->found = NEW_ARRAY(a, yyjson_val *, (OF_WANTED + want->n) * PLACES);
    r->pick = pick_new(a, (OF_WANTED + want->n) * PLACES);
    places_add(r, OF_ID, "root.id", "id", NULL);
    places_add(r, OF_COMPANY, "root.companyId", "companyId", NULL);
    for (size_t i = 0; i < want->n; i++) {
        struct hibob_wanted *w = &r->wanted[i];
        hibob_want(a, fields, names, want->fields[i], w);
        places_add(r, OF_WANTED + i, w->asked, w->path, w->part);
    }
    r->slice = slice_new(&(struct slice_options){
        .array = "employees", .record = record_in, .other = member_in, .arg = r });
    return r;
}

void hibob_reader_free(struct hibob_reader *r)
{
    if (!r)
        return;
    arena_free(r->record_mem);
    slice_free(r->slice);
    record_parser_free(&r->parser);
}

const struct hibob_wanted *hibob_reader_wanted(const struct hibob_reader *r)
{
    return r->wanted;
}

size_t hibob_reader_count(const struct hibob_reader *r)
{
    return slice_count(r->slice);
}

static bool asked_before(const struct hibob_reader *r, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (str_eq(r->wanted[k].asked, r->wanted[i].asked))
            return true;
    return str_eq(r->wanted[i].asked, "root.id");
}

/*
 * Machine values (humanReadable ""): dates stay ISO, ids stay ids, and the names come from the
 * named lists; the readable half would be a third of the bytes again, in the company's own date
 * format. No `filters`: an empty one is answered with 400.
 */
enum err hibob_reader_body(struct arena *a, const struct hibob_reader *r, const char **out)
{
    AUTO_BUF text = {};
    struct json_out o = { &text };
    size_t asked = 1;

    json_open(&o, '{');
    json_put_bool(&o, "showInactive", true);
    json_put(&o, "humanReadable", "");
    json_key(&o, "fields");
    json_open(&o, '[');
    json_str(&o, "root.id");
    for (size_t i = 0; i < r->n; i++)
        if (!asked_before(r, i)) {
            json_str(&o, r->wanted[i].asked);
            asked++;
        }
    json_close(&o, ']');
    json_close(&o, '}');
    if (asked > HIBOB_FIELDS)
        return errf(ERR_INVALID,
                    "the mapping reads %zu fields; HiBob gives at most %d in one request: take "
                    "some out of the mapping",
                    asked, HIBOB_FIELDS);
    *out = arena_text(a, text.at);
    return OK;
}

/* A person is told by the id; the id alone is what work.manager has. */
static enum err item_in(void *arg, struct arena *a, yyjson_val *v, struct raw *out)
{
    const struct hibob_wanted *w = arg;

    if (w->kind == HIBOB_PERSON && yyjson_is_obj(v) && yyjson_obj_get(v, "id"))
        v = yyjson_obj_get(v, "id");
    TRY(raw_plain(a, v, out));
    if (w->kind != HIBOB_NAMED || out->is != RAW_TEXT)
        return OK;
    const char *name = name_find(w->list, out->text, out->n);
    if (name) {                     /* old lists have the text itself as id */
        const char *id = out->text;
        *out = raw_text(name, strlen(name));
        out->key = id;
    }
    return OK;
}

/* The nested half has nulls too, so it tells EMPTY from ABSENT; a slash key comes second. */
static yyjson_val *found_at(const struct hibob_reader *r, size_t slot)
{
    yyjson_val *nested = r->found[slot * PLACES + NESTED];

    return nested ? nested : r->found[slot * PLACES + SLASH];
}

static enum err whole_text(struct hibob_reader *r, size_t slot, const char *what, const char **out)
{
    struct raw raw;
    enum err e = raw_plain(r->record_mem, found_at(r, slot), &raw);

    if (e != OK)
        return err_in(e, "%s: ", what);
    *out = raw.is == RAW_TEXT ? raw.text : NULL;
    return OK;
}

static enum err record_read(struct hibob_reader *r, yyjson_val *root, struct record *out)
{
    TRY(pick_run(r->pick, root, r->found));
    TRY(whole_text(r, OF_ID, "id", &out->id));
    TRY(whole_text(r, OF_COMPANY, "companyId", &out->company));
    for (size_t i = 0; i < r->n; i++) {
        struct hibob_wanted *w = &r->wanted[i];
        yyjson_val *v = w->restricted ? NULL : found_at(r, OF_WANTED + i);
        enum err e = raw_items(r->record_mem, v, item_in, w, &r->values[i]);
        if (e != OK)
            return err_in(e, "%s%s%s: ", out->id ? out->id : "", out->id ? ": " : "", w->id);
    }
    out->values = r->values;
    return OK;
}

static void previous_is(struct hibob_reader *r, const char *id)
{
    size_t n = id ? strnlen(id, sizeof r->previous - 1) : 0;

    memcpy(r->previous, id ? id : "", n);
    r->previous[n] = '\0';
}

static enum err record_in(void *arg, size_t number, const char *bytes, size_t n)
{
    struct hibob_reader *r = arg;
    struct arena_mark mark = arena_mark(r->record_mem);
    struct record record = {};
    yyjson_val *root;

    enum err e = record_parse(&r->parser, bytes, n, &root);
    if (e == OK)
        e = record_read(r, root, &record);
    r->told = true;
    if (e != OK)
        return err_in(e, "HiBob: record %zu%s%s%s cannot be read: ", number,
                      *r->previous ? " (the one after " : "", r->previous, *r->previous ? ")" : "");
    previous_is(r, record.id);
    e = r->emit(r->arg, &record);
    arena_reset(r->record_mem, mark);
    r->told = e != OK;
    return e;
}

/* "work.title", or the column's own name "title". */
static bool names_column(const char *id, const char *column)
{
    const char *last = strrchr(id, '.');

    return str_eq(id, column) || (last && str_eq(last + 1, column));
}

/*
 * {"restricted_columns": {"no_view_permission": ["work.title"]}}: columns that are null because of
 * missing rights, not because they are empty. Before the records they count as absent; after them
 * it is too late.
 */
static enum err member_in(void *arg, const char *key, const char *json, size_t n)
{
    struct hibob_reader *r = arg;
    AUTO(arena) *mem = arena_new();
    yyjson_val *root, *column;
    size_t i, max;

    if (!str_eq(key, "restricted_columns"))
        return OK;
    TRY(json_read_in(mem, json, n, &root));
    yyjson_arr_foreach(yyjson_obj_get(root, "no_view_permission"), i, max, column)
        for (size_t k = 0; k < r->n; k++)
            if (names_column(r->wanted[k].asked, yyjson_get_str(column))) {
                r->wanted[k].restricted = true;
                if (slice_count(r->slice))
                    r->hidden = r->wanted[k].id;
            }
    return OK;
}

enum err hibob_reader_feed(struct hibob_reader *r, const char *bytes, size_t n)
{
    enum err e = slice_feed(r->slice, bytes, n);

    return e == OK || r->told ? e : err_in(e, "HiBob: ");
}

enum err hibob_reader_end(struct hibob_reader *r)
{
    enum err e = slice_end(r->slice);

    if (e != OK)
        return err_in(e, "HiBob: ");
    if (r->hidden)
        return errf(ERR_FORBIDDEN,
                    "HiBob: the service user may not see the column %s, and it came empty for "
                    "everybody: give its permission group the right to view it (Bob → Settings → "
                    "Integrations → Service users → permission group), or take it out of "
                    "the mapping", r->hidden);
    return OK;
}
