/*
 * driver.h — what the two engines have to offer; for the files of this room only.
 *
 * A driver talks through connections. A connection belongs to one thread at a time (conn.c) and
 * has at most one transaction. Everything both engines do alike (arguments, joining an open
 * transaction, running one again, queues, migrations) is written once, above the drivers.
 */
#ifndef STORE_DRIVER_H
#define STORE_DRIVER_H

#include <pthread.h>

#include "base/buf.h"
#include "store/statements.h"
#include "store/store.h"

/*
 * An open write transaction. The first statement that fails dooms it: PostgreSQL knows it no other
 * way, and SQLite is made to behave alike, so that code tried on one engine runs on the other.
 */
struct tx {
    struct conn *conn;
    enum err failed;
    bool again;                     /* it may succeed if it is run again from the start */
    int attempt;                    /* 0: the first */
    char why[512];                  /* the message that belongs to `failed` */
};

struct conn {
    struct store *store;
    struct conn *next, *next_idle;
    struct statements statements;
    struct tx tx;
    bool writing;                   /* tx is open */
    bool scanning;                  /* inside store_each() */
};

struct store_driver {
    const char *name;               /* "sqlite" */
    const char *const *schemes;     /* what a URL starts with; NULL: everything else */
    const char *id, *text, *without_rowid;      /* the schema's tokens */
    bool keys;                      /* {key …}: are primary keys spelled out? */
    const char *has_migrations;     /* a query: 1 if the store has its table of migrations */
    int writers;                    /* threads when serving; 1: store_write() goes there too */

    enum err (*open)(struct store *s);
    enum err (*number)(struct store *s);    /* the process number of ids; after the migrations */
    void (*leave)(struct store *s);         /* the last words, while there are connections */
    void (*close)(struct store *s);         /* after them */
    enum err (*ready)(struct store *s);
    void (*tend)(struct store *s);          /* every STORE_TEND_MS in a serving process */

    enum err (*connect)(struct store *s, struct conn **out);
    void (*disconnect)(struct conn *c);

    enum err (*query)(struct conn *c, struct arena *mem, struct rows *out, const char *sql,
                      const struct arg *args, size_t n);
    enum err (*each)(struct conn *c, row_fn *fn, void *arg, const char *sql, const struct arg *args,
                     size_t n, enum err *stopped);       /* *stopped: the error of `fn` */
    enum err (*run)(struct conn *c, const char *sql, const struct arg *args, size_t n);
    enum err (*script)(struct conn *c, const char *sql);

    enum err (*begin)(struct conn *c);
    enum err (*end)(struct conn *c, bool commit);        /* speaks only when it was to commit */
    void (*tidy)(struct conn *c);           /* what can wait until the writers have their answer */

    /* A part of a transaction that can fail by itself; only where writers is 1. */
    enum err (*part_begin)(struct conn *c);
    enum err (*part_end)(struct conn *c, bool keep);
};

enum { STORE_TEND_MS = 20000 };

extern const struct store_driver store_sqlite, store_postgres;

struct store {
    const struct store_driver *driver;
    char *url;                      /* as given; may hold a password: never in a message */
    char *label;                    /* the file, or "database X at HOST": for messages */
    unsigned flags;
    struct crypt_key key;
    struct queue *queue;            /* STORE_SERVE: see writer.c */
    void *own;                      /* the driver's */

    uint64_t serial;                /* conn.c: no two stores of a process ever have the same */
    struct store *next_open;
    struct conn *all, *idle;
};

/* conn.c — the calling thread's own connection. */
void conn_store_opened(struct store *s);
void conn_store_closed(struct store *s);
enum err conn_mine(struct store *s, struct conn **out);

/* work.c */
enum err tx_write(struct work *w, write_fn *fn, void *arg);     /* on this very thread */
enum err tx_call(struct work *w, struct conn *c, write_fn *fn, void *arg);
void tx_open(struct conn *c);
enum err tx_fail(struct conn *c, enum err e);       /* keeps the message if a transaction is open */
enum err tx_failure(const struct tx *tx);           /* says it again */

/* writer.c */
void queue_start(struct store *s);
void queue_stop(struct store *s);                   /* everything queued is written first */
enum err queue_write(struct work *w, write_fn *fn, void *arg);

/* migrate.c */
enum err migrate(struct store *s);
/* The schema's text for one engine; ERR_INTERNAL names a token nobody knows. */
enum err migrate_expand(const struct store_driver *d, const char *text, struct buf *out);

#endif
