/* yaml.c — libyaml's events become a tree; whatever is not plain is refused with its place. */
#include "base/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/str.h"

struct reader {
    yaml_parser_t parser;
    yaml_event_t event;             /* the present one; its text is libyaml's until the next */
    struct arena *a;
    const char *text;
    size_t n;
};

static void reader_end(struct reader *r)
{
    yaml_event_delete(&r->event);
    yaml_parser_delete(&r->parser);
}

enum err yaml_at(int line, int column, enum err e)
{
    return e == OK ? OK : err_in(e, "line %d, column %d: ", line, column);
}

static enum err refuse(const yaml_mark_t *at, const char *what)
{
    return yaml_at((int)at->line + 1, (int)at->column + 1, errf(ERR_INVALID, "%s", what));
}

/* Bytes that are no text have an offset only. */
static enum err refuse_bytes(const struct reader *r)
{
    yaml_mark_t at = {};

    for (size_t i = 0; i < r->parser.problem_offset && i < r->n; i++) {
        at.column++;
        if (r->text[i] == '\n')
            at.line++, at.column = 0;
    }
    return refuse(&at, arena_printf(r->a, "this is not UTF-8 text (%s)", r->parser.problem));
}

static enum err next(struct reader *r)
{
    yaml_event_delete(&r->event);
    if (yaml_parser_parse(&r->parser, &r->event))
        return OK;
    if (r->parser.error == YAML_MEMORY_ERROR)
        die_of_memory(0);
    if (r->parser.error == YAML_READER_ERROR)
        return refuse_bytes(r);
    return refuse(&r->parser.problem_mark, r->parser.problem);
}

static enum err read_node(struct reader *r, int depth, struct yaml *out);

static enum err check_plain(const struct reader *r, const yaml_char_t *anchor,
                            const yaml_char_t *tag)
{
    if (anchor)
        return refuse(&r->event.start_mark,
                      "anchors (&name) are not used here; write the value where it is needed");
    if (tag)
        return refuse(&r->event.start_mark,
                      "tags (!type) are not used here; quote a value to make it text");
    return OK;
}

static enum err read_text(struct reader *r, struct yaml *out)
{
    const char *text = (const char *)r->event.data.scalar.value;
    size_t n = r->event.data.scalar.length;

    if (strlen(text) != n)
        return refuse(&r->event.start_mark, "this text has a NUL character in it");
    out->kind = YAML_TEXT;
    out->text = arena_textn(r->a, text, n);
    out->lines = r->event.start_mark.line != r->event.end_mark.line;
    switch (r->event.data.scalar.style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: out->style = YAML_SINGLE; break;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: out->style = YAML_DOUBLE; break;
    case YAML_PLAIN_SCALAR_STYLE: out->style = YAML_BARE; break;
    default: out->style = YAML_BLOCK;
    }
    return OK;
}

static enum err read_list(struct reader *r, int depth, struct yaml *out)
{
    struct yaml *items = NULL;
    size_t cap = 0;

    out->kind = YAML_LIST;
    for (;;) {
        TRY(next(r));
        if (r->event.type == YAML_SEQUENCE_END_EVENT)
            break;
        ARENA_GROW(r->a, items, out->n, cap);
        TRY(read_node(r, depth, &items[out->n++]));
    }
    out->items = items;
    return OK;
}

static enum err read_key(struct reader *r, struct yaml *key)
{
    if (r->event.type != YAML_SCALAR_EVENT)
        return refuse(&r->event.start_mark, "a key is a word here, not a list or a map");
    TRY(read_node(r, 0, key));
    if (key->style == YAML_BARE && str_eq(key->text, "<<"))
        return refuse(&r->event.start_mark,
                      "merge keys (<<) are not used here; write the keys where they are needed");
    return OK;
}

static int by_key(const void *a, const void *b)
{
    const struct yaml *x = *(const struct yaml *const *)a, *y = *(const struct yaml *const *)b;
    int order = strcmp(x->key, y->key);

    return order ? order : (x > y) - (x < y);
}

static enum err check_twice(struct reader *r, const struct yaml *items, size_t n)
{
    const struct yaml **sorted = NEW_ARRAY(r->a, const struct yaml *, n + 1);

    for (size_t i = 0; i < n; i++)
        sorted[i] = &items[i];
    qsort(sorted, n, sizeof *sorted, by_key);
    for (size_t i = 1; i < n; i++)
        if (str_eq(sorted[i - 1]->key, sorted[i]->key))
            return yaml_key_errf(sorted[i], "'%.80s' comes twice; it is in line %d already",
                                 sorted[i]->key, sorted[i - 1]->key_line);
    return OK;
}

static enum err read_map(struct reader *r, int depth, struct yaml *out)
{
    struct yaml *items = NULL;
    size_t cap = 0;

    out->kind = YAML_MAP;
    for (;;) {
        struct yaml key = {};
        TRY(next(r));
        if (r->event.type == YAML_MAPPING_END_EVENT)
            break;
        TRY(read_key(r, &key));
        TRY(next(r));
        ARENA_GROW(r->a, items, out->n, cap);
        struct yaml *item = &items[out->n++];
        TRY(read_node(r, depth, item));
        item->key = key.text;
        item->key_line = key.line;
        item->key_column = key.column;
    }
    out->items = items;
    return check_twice(r, items, out->n);
}

/* The node that begins with the present event. */
static enum err read_node(struct reader *r, int depth, struct yaml *out)
{
    *out = (struct yaml){ .line = (int)r->event.start_mark.line + 1,
                          .column = (int)r->event.start_mark.column + 1 };
    if (depth > YAML_DEPTH)
        return yaml_errf(out, "lists and maps go more than %d deep here", YAML_DEPTH);
    switch (r->event.type) {
    case YAML_SCALAR_EVENT:
        TRY(check_plain(r, r->event.data.scalar.anchor, r->event.data.scalar.tag));
        return read_text(r, out);
    case YAML_SEQUENCE_START_EVENT:
        TRY(check_plain(r, r->event.data.sequence_start.anchor, r->event.data.sequence_start.tag));
        return read_list(r, depth + 1, out);
    case YAML_MAPPING_START_EVENT:
        TRY(check_plain(r, r->event.data.mapping_start.anchor, r->event.data.mapping_start.tag));
        return read_map(r, depth + 1, out);
    case YAML_ALIAS_EVENT:
        return refuse(&r->event.start_mark,
                      "aliases (*name) are not used here; write the value where it is needed");
    default:
        return errf(ERR_INTERNAL, "libyaml gave event %d where a value begins", (int)r->event.type);
    }
}

static enum err read_document(struct reader *r, struct yaml *out)
{
    TRY(next(r));                               /* the stream's start */
    TRY(next(r));
    if (r->event.type == YAML_STREAM_END_EVENT)
        return errf(ERR_INVALID, "line 1, column 1: there is nothing in it");
    if (r->event.data.document_start.version_directive ||
        r->event.data.document_start.tag_directives.start !=
            r->event.data.document_start.tag_directives.end)
        return refuse(&r->event.start_mark, "directives (%) are not used here");
    TRY(next(r));
    TRY(read_node(r, 0, out));
    TRY(next(r));                               /* the document's end */
    TRY(next(r));
    if (r->event.type != YAML_STREAM_END_EVENT)
        return refuse(&r->event.start_mark, "a second document begins here; one file has one");
    return OK;
}

enum err yaml_read(struct arena *a, const char *text, size_t max, struct yaml **out)
{
    [[gnu::cleanup(reader_end)]] struct reader r = { .a = a, .text = text, .n = strlen(text) };

    if (!yaml_parser_initialize(&r.parser))
        die_of_memory(0);
    if (r.n > max)
        return errf(ERR_TOO_LARGE, "the file has %zu bytes; %zu is the most", r.n, max);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, r.n);
    *out = NEW(a, struct yaml);
    return read_document(&r, *out);
}

/* ---- looking at it ---- */

const struct yaml *yaml_get(const struct yaml *map, const char *key)
{
    for (size_t i = 0; map && map->kind == YAML_MAP && i < map->n; i++)
        if (str_eq(map->items[i].key, key))
            return &map->items[i];
    return NULL;
}

static bool bare(const struct yaml *y, const char *const *words, size_t n)
{
    for (size_t i = 0; y && y->kind == YAML_TEXT && y->style == YAML_BARE && i < n; i++)
        if (str_eq(y->text, words[i]))
            return true;
    return false;
}

bool yaml_null(const struct yaml *y)
{
    static const char *const words[] = { "", "~", "null", "Null", "NULL" };

    return !y || bare(y, words, COUNT(words));
}

bool yaml_flag(const struct yaml *y, bool *out)
{
    static const char *const yes[] = { "true", "True", "TRUE" }, *const no[] = { "false", "False",
                                                                                 "FALSE" };

    *out = bare(y, yes, COUNT(yes));
    return *out || bare(y, no, COUNT(no));
}

const char *yaml_kind_name(const struct yaml *y)
{
    if (yaml_null(y))
        return "nothing";
    return y->kind == YAML_LIST ? "a list" : y->kind == YAML_MAP ? "a map" : "text";
}
