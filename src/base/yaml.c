/* yaml.c — see yaml.h. */
#include "base/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <yaml.h>

#include "base/str.h"

enum { DEEPEST = 32 };

struct reader { struct arena *mem; yaml_parser_t parser; };

enum err yaml_error_at(int line, int column, const char *fmt, ...)
{
    char words[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(words, sizeof words, fmt, ap);
    va_end(ap);
    return errf(ERR_INVALID, "line %d, column %d: %s", line, column, words);
}

static enum err next(struct reader *r, yaml_event_t *e)
{
    if (yaml_parser_parse(&r->parser, e))
        return OK;
    const yaml_parser_t *p = &r->parser;
    return yaml_error_at((int)p->problem_mark.line + 1, (int)p->problem_mark.column + 1, "%s",
                         p->problem ? p->problem : "this is no YAML");
}

static enum err read_node(struct reader *r, yaml_event_t *e, int depth, struct yaml **out);

static void grow(struct reader *r, struct yaml *y, size_t *cap)
{
    if (y->n < *cap)
        return;
    size_t more = *cap ? *cap * 2 : 8;
    const char **keys = NEW_ARRAY(r->mem, const char *, more);
    struct yaml **items = NEW_ARRAY(r->mem, struct yaml *, more);
    if (y->n) {
        memcpy(keys, y->keys, y->n * sizeof *keys);
        memcpy(items, y->items, y->n * sizeof *items);
    }
    y->keys = keys;
    y->items = items;
    *cap = more;
}

static enum err read_list(struct reader *r, struct yaml *y, int depth)
{
    size_t cap = 0;

    for (;;) {
        yaml_event_t e;
        TRY(next(r, &e));
        if (e.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&e);
            return OK;
        }
        grow(r, y, &cap);
        TRY(read_node(r, &e, depth + 1, &y->items[y->n]));
        y->n++;
    }
}

static enum err read_map(struct reader *r, struct yaml *y, int depth)
{
    size_t cap = 0;

    for (;;) {
        yaml_event_t e;
        struct yaml *key;
        TRY(next(r, &e));
        if (e.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&e);
            return OK;
        }
        TRY(read_node(r, &e, depth + 1, &key));
        if (key->kind != YAML_TEXT)
            return yaml_error(key, "a key must be a word");
        if (!key->quoted && str_eq(key->text, "<<"))
            return yaml_error(key, "merge keys are not used here");
        if (yaml_get(y, key->text))
            return yaml_error(key, "'%s' is there twice", key->text);
        grow(r, y, &cap);
        TRY(next(r, &e));
        TRY(read_node(r, &e, depth + 1, &y->items[y->n]));
        y->keys[y->n++] = key->text;
    }
}

/* Takes the event over. */
static enum err read_node(struct reader *r, yaml_event_t *e, int depth, struct yaml **out)
{
    struct yaml *y = *out = NEW(r->mem, struct yaml);
    bool anchor = false, tag = false;
    yaml_event_type_t type = e->type;

    y->line = (int)e->start_mark.line + 1;
    y->column = (int)e->start_mark.column + 1;
    if (type == YAML_SCALAR_EVENT) {
        anchor = e->data.scalar.anchor;
        tag = e->data.scalar.tag;
        y->text = arena_textn(r->mem, (char *)e->data.scalar.value, e->data.scalar.length);
        y->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        if (strlen(y->text) != e->data.scalar.length)
            tag = true;                         /* a NUL within: as unwelcome */
    } else if (type == YAML_SEQUENCE_START_EVENT) {
        y->kind = YAML_LIST;
        anchor = e->data.sequence_start.anchor;
        tag = e->data.sequence_start.tag;
    } else if (type == YAML_MAPPING_START_EVENT) {
        y->kind = YAML_MAP;
        anchor = e->data.mapping_start.anchor;
        tag = e->data.mapping_start.tag;
    }
    yaml_event_delete(e);
    if (type == YAML_ALIAS_EVENT || anchor || tag)
        return yaml_error(y, "anchors, aliases and tags are not used here");
    if (depth > DEEPEST)
        return yaml_error(y, "nested too deeply");
    if (y->kind == YAML_LIST)
        return read_list(r, y, depth);
    return y->kind == YAML_MAP ? read_map(r, y, depth) : OK;
}

static enum err read_document(struct reader *r, struct yaml **out)
{
    yaml_event_t e;

    *out = NULL;
    for (;;) {
        TRY(next(r, &e));
        yaml_event_type_t type = e.type;
        switch (type) {
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_START_EVENT:
        case YAML_DOCUMENT_END_EVENT:
            yaml_event_delete(&e);
            break;
        case YAML_STREAM_END_EVENT:
            yaml_event_delete(&e);
            return *out ? OK : errf(ERR_INVALID, "the file is empty");
        default:
            if (*out) {
                enum err err = yaml_error_at((int)e.start_mark.line + 1, 1, "a second document begins here");
                yaml_event_delete(&e);
                return err;
            }
            TRY(read_node(r, &e, 0, out));
        }
    }
}

enum err yaml_read(struct arena *a, const char *text, struct yaml **out)
{
    struct reader r = { .mem = a };

    if (strlen(text) > MB(1))
        return errf(ERR_TOO_LARGE, "the file has more than 1 MB");
    if (!yaml_parser_initialize(&r.parser))
        die_of_memory(sizeof r.parser);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, strlen(text));
    enum err e = read_document(&r, out);
    yaml_parser_delete(&r.parser);
    return e;
}

struct yaml *yaml_get(const struct yaml *map, const char *key)
{
    for (size_t i = 0; map && map->kind == YAML_MAP && i < map->n; i++)
        if (str_eq(map->keys[i], key))
            return map->items[i];
    return NULL;
}

bool yaml_is_null(const struct yaml *y)
{
    return !y || (y->kind == YAML_TEXT && !y->quoted &&
                  (!*y->text || str_eq(y->text, "null") || str_eq(y->text, "~")));
}
