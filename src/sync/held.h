/*
 * held.h — held back: what was undone, refused or unticked is not planned again while HR says the same.
 */
#ifndef SYNC_HELD_H
#define SYNC_HELD_H

#include "store/work.h"

struct held {
    int64_t source, person, run, since;
    const char *record, *attribute; /* "state" for a create, a deactivation … */
    const char *said;               /* the HR value it was about; NULL: empty */
};

enum err held_put(struct work *w, const struct held *h);        /* replaces, inside store_write() */
enum err held_drop(struct work *w, int64_t source, const char *record, const char *attribute);
enum err held_by_record(struct work *w, int64_t source, const char *const *records, size_t n,
                        struct held **out, size_t *count);
enum err held_any(struct work *w, int64_t source, bool *any);
enum err held_of(struct work *w, int64_t person, struct held **out, size_t *n);

/* A person releases: the next run may plan it again. attribute NULL: all. Returns how many ended. */
enum err held_release(struct work *w, int64_t person, const char *attribute, int64_t *n);
enum err held_release_record(struct work *w, const char *record, int64_t *n);

#endif
