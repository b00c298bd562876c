/*
 * statements.h — the prepared statements of one connection, found by their SQL.
 *
 * Nearly all SQL is string literals, so a statement is looked for by the address of its text first
 * and the text only confirms it; text made at run time is found by its hash. The least recently
 * used go when there are too many, because filters can make any number of different texts.
 */
#ifndef STORE_STATEMENTS_H
#define STORE_STATEMENTS_H

#include "base/core.h"

enum { STATEMENTS_MOST = 256, STATEMENTS_SLOTS = 512 };

/* The head of a driver's own struct. */
struct statement {
    char *sql;
    uint64_t hash, used;
    struct statement *chain;
    bool busy;                      /* being stepped through: must not be used again, or go */
};

struct statements {
    struct statement *by_address[STATEMENTS_SLOTS];
    struct statement *by_hash[STATEMENTS_SLOTS];
    size_t n;
    uint64_t clock;
    void (*drop)(void *owner, struct statement *s);     /* frees it; sql is freed by the cache */
    void *owner;
};

struct statement *statements_find(struct statements *c, const char *sql);      /* NULL: not there */

/* Takes `s` over, under a copy of `sql`; something old may be dropped for it. */
void statements_add(struct statements *c, const char *sql, struct statement *s);

void statements_clear(struct statements *c);

#endif
