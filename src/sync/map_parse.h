/*
 * map_parse.h — what the files that read a mapping file share; the rest of the program uses sync/map.h.
 *
 *   map_parse.c    the file as a whole, status, exclusions, and which fields are wanted
 *   map_rows.c     the rows of `mapping:`
 *   map_settings.c options, guards and schedule: tables that are read and written by the same rows
 *   map_tests.c    `tests:` and `asserts:`
 *   map_default.c  the default mapping of a kind, as a file
 *   map.c          a mapping run over a record
 */
#ifndef SYNC_MAP_PARSE_H
#define SYNC_MAP_PARSE_H

#include "base/buf.h"
#include "base/yaml.h"
#include "sync/expr.h"

enum { MAP_MOST = KB(256), MAP_ROWS_MOST = 1000, MAP_LIST_MOST = 10000 };

/* A mapping file on its way to a mapping. */
struct parse {
    struct arena *a;
    const struct attrs *attrs;
    const struct source_type *type;
    struct mapping *m;
    struct expr **exprs;            /* those that are evaluated: their fields are wanted */
    size_t nexprs, cap_exprs;
};

/* Every key of the map is one of `keys` (which ends with NULL), or the error says which was meant. */
enum err map_keys(struct parse *p, const struct yaml *y, const char *const *keys);

enum err map_text(const struct yaml *y, const char *what,
                  const char **out); /* one text, not empty */
enum err map_items(const struct yaml *y, const char *what,
                   size_t most); /* a list, or nothing at all */
enum err map_texts(struct parse *p, const struct yaml *y, const char *what, const char *const **out,
                   size_t *n);

/* The place of byte `at` of a text, as far as its quotes let it be known; then `err_text()` again. */
enum err map_within(const struct yaml *y, size_t at);

/* Reads an expression; if it is to be evaluated, its fields are wanted. */
enum err map_expr(struct parse *p, const struct yaml *y, expr_read_fn *read, bool evaluated,
                  struct expr **out);

/* A comma list of a type table: its items, trimmed. */
const char *const *map_split(struct arena *a, const char *commas, size_t *n);

/* "; did you mean 'x'?" or, if nothing is near, "; there are a, b, c" if `list`, else "". */
const char *map_meant(struct arena *a, const char *wrong, const char *const *known, size_t n,
                      bool list);

enum err map_read_rows(struct parse *p, const struct yaml *y);
enum err map_read_options(struct parse *p, const struct yaml *y);      /* y may be NULL: the defaults */
enum err map_read_guards(struct parse *p, const struct yaml *y);
enum err map_read_schedule(struct parse *p, const struct yaml *y);
enum err map_read_asserts(struct parse *p, const struct yaml *y);
enum err map_run_tests(struct parse *p, const struct yaml *y);
void map_write_settings(struct buf *b);

#endif
