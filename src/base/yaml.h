/*
 * yaml.h — plain YAML as a small tree: text, lists and maps, each with its place in the file.
 *
 * Plain means: one document, no anchors, aliases, tags, merge keys or directives, keys are text and none
 * comes twice. Anything else is ERR_INVALID with line and column, so a file says what it says
 * without a reader having to know more of YAML than this.
 */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include "base/arena.h"
#include "base/err.h"

enum { YAML_DEPTH = 16 };           /* lists and maps within each other */

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml {
    enum yaml_kind kind;
    int line, column;               /* from 1; the first character of the value */
    const char *text;               /* of YAML_TEXT */
    enum { YAML_BARE, YAML_SINGLE, YAML_DOUBLE, YAML_BLOCK } style;    /* how that text is quoted */
    bool lines;                     /* it goes over several lines of the file */
    const struct yaml *items;       /* of a list or a map */
    size_t n;
    const char *key;                /* when it stands in a map */
    int key_line, key_column;
};

/* Reads at most `max` bytes (ERR_TOO_LARGE over it). Everything lives in `a`. */
enum err yaml_read(struct arena *a, const char *text, size_t max, struct yaml **out);

const struct yaml *yaml_get(const struct yaml *map,
                            const char *key);     /* NULL if absent, or no map */
bool yaml_null(const struct yaml *y);                   /* bare null, ~ or nothing; also y == NULL */
bool yaml_flag(const struct yaml *y, bool *out);        /* bare true or false */
const char *yaml_kind_name(const struct yaml *y);       /* "text", "a list", "a map", "nothing" */

/* ERR_INVALID "line 4, column 11: …": the place of the value, or of the key it stands under. */
#define yaml_errf(y, ...) yaml_at((y)->line, (y)->column, errf(ERR_INVALID, __VA_ARGS__))
#define yaml_key_errf(y, ...)                                                                      \
    yaml_at((y)->key_line, (y)->key_column, errf(ERR_INVALID, __VA_ARGS__))
enum err yaml_at(int line, int column, enum err e);     /* puts the place before the message of `e` */

#endif
