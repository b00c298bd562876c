/*
 * yaml.h — a small tree over libyaml, for configuration: maps, lists and scalars, nothing else.
 *
 * Anchors, aliases, tags, merge keys, duplicate keys and several documents are errors; every node
 * knows its line and column.
 */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include "base/arena.h"
#include "base/err.h"

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml {
    enum yaml_kind kind;
    const char *text;               /* of a scalar */
    bool quoted;                    /* 'x' or "x": null and true are then text */
    const char **keys;              /* of a map */
    struct yaml **items;            /* of a map or a list */
    size_t n;
    int line, column;
};

/* At most 1 MB and 32 levels. ERR_INVALID says where. */
enum err yaml_read(struct arena *a, const char *text, struct yaml **out);

struct yaml *yaml_get(const struct yaml *map, const char *key);     /* NULL if absent or no map */
bool yaml_is_null(const struct yaml *y);                            /* NULL, ~, null or nothing */

/* "line 4, column 11: …" */
#define yaml_error(y, ...) yaml_error_at((y)->line, (y)->column, __VA_ARGS__)
enum err yaml_error_at(int line, int column, const char *fmt, ...) PRINTF(3, 4);

#endif
