/*
 * claims.h — who speaks for a person: the claims of their links by rank. The highest rank that says something
 * about an attribute is heard; the sync and inbound sources decide by the same rule.
 */
#ifndef SYNC_CLAIMS_H
#define SYNC_CLAIMS_H

#include "people/link.h"
#include "sync/said.h"

struct rank { int64_t source, place; };         /* the lower place wins */

struct voice { int64_t source, place; const struct link *link; struct said said; };
struct voices { struct voice *list; size_t n; };        /* the highest rank first */

/*
 * The links (with claims) of one person, without those of `but`, of removed sources and of sources that deleted
 * the person. Lives in `a`, as far as it does not point to `links`.
 */
enum err voices_read(struct arena *a, const struct rank *ranks, size_t nranks,
                     const struct link *links, size_t n, int64_t but, struct voices *out);

/* The claim of the first that has one, above `place` or below it; NULL if nobody. "state" is claimed as "?status". */
const struct voice *voices_above(const struct voices *v, int64_t place, const char *attribute);
const struct voice *voices_below(const struct voices *v, int64_t place, const char *attribute);
const char *claim_name(const char *attribute);          /* under which a source claims it */

/* Every attribute that somebody above `place` speaks for; may name one twice. */
size_t voices_names_above(struct arena *a, const struct voices *v, int64_t place,
                          const char *const **out);

#endif
