/*
 * expr.h — the expressions of a mapping: read once, then evaluated for every record.
 *
 * So far an expression is a field name, field("…") or a quoted constant, and a rule compares a field with
 * a constant or asks whether it is there. Nothing outside expr.c knows that: a richer language takes its
 * place behind these calls, and what is valid today stays valid.
 */
#ifndef SYNC_EXPR_H
#define SYNC_EXPR_H

#include "sync/map.h"

enum { EXPR_MOST = KB(4) };         /* bytes of one expression */

/* A value (`from`) or a condition (`exclude`). On ERR_INVALID *at is the byte of `text` where it goes wrong. */
typedef enum err expr_read_fn(struct arena *a, const char *text, struct expr **out, size_t *at);
enum err expr_value_read(struct arena *a, const char *text, struct expr **out, size_t *at);
enum err expr_rule_read(struct arena *a, const char *text, struct expr **out, size_t *at);

/* The names of the fields it reads; expr_bind() tells it where in `want`, which is sorted, they are. */
size_t expr_fields(const struct expr *e, const char *const **names);
void expr_bind(struct expr *e, const struct want *want);

bool expr_uses_today(const struct expr *e);
const struct raw *expr_constant(const struct expr *e);         /* NULL if it depends on the record */

struct raw expr_value(const struct expr *e, const struct record *r);

/* ABSENT inputs make *unknown true, and then the rule is not. A list is equal to a text when the text is all it
 * holds; an empty value is equal to "" and to nothing else. */
bool expr_true(const struct expr *e, const struct record *r, bool *unknown);

#endif
