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

/* Those whose wanted person exists now: target is filled. */
enum err waiting_ready(struct work *w, struct waiting **out, size_t *n);

/* Sets the references that are ready, each as a change of its own with its reason; one that would close
 * a circle goes on waiting. Outside of a transaction. */
enum err waiting_heal(struct work *w, const struct attrs *as);

#endif
