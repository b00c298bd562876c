/*
 * store.h — opening a store: a SQLite file or a PostgreSQL database behind the same calls.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/crypt.h"
#include "store/work.h"

enum {
    STORE_CREATE = 1,               /* make the file and the key if they are not there (muster init) */
    STORE_SERVE = 2,                /* a long-lived process: own writer thread, group commit */
};

/*
 * `url`: a path (SQLite) or postgresql://…. Without STORE_CREATE a missing store is ERR_NOT_FOUND with
 * the advice to run `muster init`. Numbered migrations are applied under the write lock; a store
 * newer than the program is refused. Reads the sealing key ($MUSTER_KEY_FILE, else URL.key).
 */
enum err store_open(const char *url, unsigned flags, struct store **out);
void store_free(struct store *s);           /* waits for queued writes; NULL is fine */
AUTO_FREE(store)

const struct crypt_key *store_key(const struct store *s);
const char *store_label(
    const struct store *s); /* the file, or "database X at HOST": for messages to its admin */
const char *store_engine(const struct store *s);        /* "sqlite", "postgresql" */

/* Is it there and writable? For /readyz and doctor. */
enum err store_ready(struct store *s);

/* A work outside any workspace yet (workspace 0), with its own arena; freed with work_free(). */
struct work *work_new(struct store *s, const struct actor *actor);
void work_free(struct work *w);             /* gives back its arena */
AUTO_FREE(work)

/*
 * For handlers that must not wait: queues `fn` for the writer thread; `done` is called on that thread
 * after the commit (or its failure) with the error; err_text() is the reason there. STORE_SERVE only.
 * `done` must not write itself: on SQLite it is on the only thread that could.
 */
typedef void done_fn(void *arg, enum err result);
void store_submit(struct work *w, write_fn *fn, void *arg, done_fn *done, void *done_arg);

/*
 * Placeholders for IN lists: store_in(n) is "(?,?,…)" with the next of 1, 8, 64, 512 that holds n, so that
 * only four statements are ever prepared; store_pad() fills the args up with the last value.
 */
enum { STORE_IN_MOST = 512 };
const char *store_in(size_t n);
size_t store_in_size(size_t n);
void store_pad(struct arg *args, size_t n);     /* args has room for store_in_size(n) */

#endif
