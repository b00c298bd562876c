/*
 * query.h — a SCIM filter (RFC 7644 §3.4.2.2) over the directory, and the listing it runs in.
 *
 * Attribute names are ours and SCIM's (userName, name.givenName, emails.value …), without case. Text is
 * compared without case, except the anchor and ids. The listing streams: pages by id, in bounded memory.
 */
#ifndef PEOPLE_QUERY_H
#define PEOPLE_QUERY_H

#include "people/profile.h"

enum { QUERY_MOST = 8192, QUERY_DEPTH = 64 };   /* bytes; brackets in brackets */

struct query;

/* ERR_INVALID: "filter, column 10: a value is expected, not the end". The query lives in `a`. */
enum err query_parse(struct arena *a, const struct attrs *as, const char *filter,
                     struct query **out);
bool query_match(struct arena *a, const struct query *q, const struct profile *p);

/* Does the filter ask for one key, so that at most one person can match? */
bool query_key(struct arena *a, const struct query *q, enum key_kind *kind, const char **folded);

struct listing {
    const struct attrs *attrs;
    const struct query *query;      /* NULL: everybody */
    const struct asof *at;          /* NULL: now */
};

/* Everybody who is not withdrawn, by id. What `fn` is given lives until it returns. */
typedef enum err profile_fn(void *arg, const struct profile *p);
enum err people_each(struct work *w, const struct listing *l, profile_fn *fn, void *arg);

/* What happened, oldest run first: the applied rows of a page of runs are read run by run. */
struct past_run { int64_t id, source, at, applied_upto; const char *kind, *actor; };
enum err runs_page(struct work *w, int64_t after, size_t most, struct past_run **out, size_t *n);

/* Those whose making was undone: nobody else's look-up finds them, because their keys are free. */
enum err people_withdrawn(struct work *w, int64_t **out, size_t *n);

/* The next ids after `after`, at most `most`. */
enum err people_page(struct work *w, int64_t after, size_t most, int64_t *ids, size_t *n);

#endif
