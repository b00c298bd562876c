/*
 * waiting.h — references whose person is not there yet; they heal the moment that person appears.
 */
#ifndef PEOPLE_WAITING_H
#define PEOPLE_WAITING_H

#include "people/attr.h"

struct waiting { int64_t person, source, target; const char *wanted, *attribute; };

/* Inside store_write(). */
enum err waiting_put(struct work *w, const struct waiting *one);
enum err waiting_clear(struct work *w, int64_t person, const char *attribute);

/* The references that wait for this record of the source, or for one of these keys (folded; anchors as they are);
 * sorted by person and attribute. */
enum err waiting_for(struct work *w, int64_t source, const char *record, const char *const *keys,
                     size_t n, struct waiting **out, size_t *count);
/* One reference is settled, in every form it was waited for in. */
enum err waiting_settle(struct work *w, const struct waiting *one);

/* Those whose wanted person exists now: target is filled. */
enum err waiting_ready(struct work *w, struct waiting **out, size_t *n);

/* Sets the references that are ready, each as a change of its own with its reason; one that would close
 * a circle goes on waiting. Outside of a transaction. */
enum err waiting_heal(struct work *w, const struct attrs *as);

#endif
