/*
 * connect.h — a source as it is stored: options, sealed secret, mapping; and opening it.
 */
#ifndef SYNC_CONNECT_H
#define SYNC_CONNECT_H

#include "sync/map.h"

struct source_row {
    int64_t id, place, revision, created_at;
    const char *name, *kind, *options, *secret, *mapping, *draft, *company, *seen, *trouble;
    bool paused;
};

enum err source_row_load(struct work *w, const char *name,
                         struct source_row *out); /* ERR_NOT_FOUND lists them */
enum err source_row_by_id(struct work *w, int64_t id, struct source_row *out);
enum err source_rows(struct work *w, struct source_row **out, size_t *n);       /* by rank */
enum err source_row_put(struct work *w, const struct source_row *s);    /* new, inside store_write() */
enum err source_row_update(struct work *w,
                           const struct source_row *s); /* everything but revision and seen */
enum err source_row_remember(struct work *w, int64_t id, const char *seen, const char *company);
enum err source_row_trouble(struct work *w, int64_t id, const char *trouble);   /* NULL: recovered */
enum err source_row_drop(struct work *w,
                         int64_t id); /* with links, claims and tokens; people stay */

/* Old digests are worthless from now on. source 0: of every source of the workspace. */
enum err source_raise_revision(struct work *w, int64_t source);

/* Adds a source: kind known, options complete, secret sealed, first of its name. The name is given back. */
enum err source_add(struct work *w, const char *kind, const char *name, char *const *assignments,
                    size_t n, const char *secret, struct source_row *out);
/* Changes options and, if not NULL, the secret. */
enum err source_change(struct work *w, struct source_row *row, char *const *assignments, size_t n,
                       const char *secret);

/* ERR_USAGE, with words, if nothing can be fetched from it: its client sends the changes. */
enum err source_fetches(const struct source_row *row);
enum err source_maps(const struct source_row *row);     /* the same of a mapping */

/* The connector of a row, opened in w->mem; end with source_close(). */
enum err source_connect(struct work *w, const struct source_row *row, struct source *out);

/* The active mapping (the default of the kind if none was saved), and its text. ERR_USAGE: an inbound source has none. */
enum err source_mapping(struct work *w, const struct attrs *as, const struct source_row *row,
                        struct mapping **out);
enum err source_mapping_text(struct work *w, const struct source_row *row, const char **out);

#endif
