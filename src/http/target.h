/*
 * target.h — what a request asks for: the target of its first line, taken apart and decoded.
 *
 * We read the raw target ourselves: libmicrohttpd decodes before it is looked at, so that %00 would cut a
 * path and %2F would make two segments of one.
 */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include "base/arena.h"
#include "base/err.h"

struct target {
    const char *workspace;          /* NULL: the path names none */
    const char
        *path; /* decoded, without /w/NAME; one slash before each segment, none behind the last */
    const char *query;              /* as it came, without the question mark; "" if there is none */
};

/* ERR_USAGE for what cannot be read in one way only; `raw` must live as long as the target. */
enum err target_read(struct arena *a, const char *raw, struct target *out);

/* The first `name=…` of the query, decoded; NULL if there is none. The name in any case. */
const char *target_query(struct arena *a, const struct target *t, const char *name);

/* All of them, decoded, with a comma between; NULL if there is none. */
const char *target_query_list(struct arena *a, const struct target *t, const char *name);

#endif
