/* postgres.h — what the files of the PostgreSQL driver know of each other. */
#ifndef STORE_POSTGRES_H
#define STORE_POSTGRES_H

#include <libpq-fe.h>

#include "store/driver.h"

enum { PIPELINE_MOST = 512 };

struct postgres_conn {
    struct conn base;
    PGconn *pg;
    uint64_t statements_made;       /* their names are s1, s2 … */
    size_t waiting;                 /* commands sent whose answers were not read: */
    struct { struct statement *statement; bool prepares; } sent[PIPELINE_MOST];
    int64_t used;                   /* clock_tick() of the last answer */
    bool committing;                /* COMMIT is on its way: its end is not known until it answers */
};

/* The driver's own part of a store: the number of this process, see postgres_number.c. */
struct postgres {
    pthread_mutex_t lock;
    bool numbering;                 /* the table is there: writes renew the lease, or take one */
    int number;                     /* -1: none yet */
    _Atomic int64_t until;
};

/* postgres.c: a fresh connection in place of a broken one; its statements are forgotten. */
enum err postgres_reconnect(struct postgres_conn *c);

/* postgres_error.c: what the server or libpq said, in words that say what to do. `res` may be NULL. */
enum err postgres_err(struct postgres_conn *c, const PGresult *res, const char *sql);

/* postgres_query.c */
enum err postgres_query(struct conn *c, struct arena *mem, struct rows *out, const char *sql,
                        const struct arg *args, size_t n);
enum err postgres_each(struct conn *c, row_fn *fn, void *arg, const char *sql,
                       const struct arg *args, size_t n, enum err *stopped);
enum err postgres_run(struct conn *c, const char *sql, const struct arg *args, size_t n);
void postgres_statement_drop(void *owner, struct statement *s);

/* Puts a command without parameters or answer into the pipeline … */
enum err postgres_control(struct postgres_conn *c, const char *sql);
/* … and this waits for the answers to all of them; `last` (or NULL) gets the last command's. */
enum err postgres_settle(struct postgres_conn *c, const char *sql, PGresult **last);

/* postgres_value.c */
enum err postgres_cell(const PGresult *res, int row, int column, struct cell *out);
char *postgres_number_params(const char *sql, size_t *count);   /* `?` → $1, $2 … ; to be freed */

/* postgres_number.c */
enum err postgres_number_lease(struct store *s);
enum err postgres_number_renew(struct conn *c,
                               int64_t ahead); /* if less than `ahead` ms are left */
void postgres_number_return(struct store *s);

#endif
