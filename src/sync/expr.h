/*
 * expr.h — the small expressions of a mapping file: a field, a constant, a comparison of a field.
 *
 * The grammar is a part of the expression language to come, so that files stay valid.
 */
#ifndef SYNC_EXPR_H
#define SYNC_EXPR_H

#include "sync/map.h"

struct expr {
    enum { EXPR_FIELD, EXPR_CONSTANT, EXPR_EQUAL, EXPR_UNEQUAL, EXPR_PRESENT } kind;
    const char *field;
    size_t at;                      /* of the field in want; set by expr_bind() */
    const char *text;               /* constant, or what is compared with */
};

/* `rule`: a condition is expected, else a value. The message ends with the position in the text. */
enum err expr_parse(struct arena *a, const char *text, bool rule, struct expr **out);
void expr_bind(struct expr *e, const struct want *want);

#endif
