/*
 * scim_cursor.h — where a walk through a list stands (RFC 9865), in a text only we can make and read.
 *
 * Nothing is kept per cursor: it holds the last resource seen, what was asked for, and when it ends; sealed for the
 * token it was given to.
 */
#ifndef API_SCIM_CURSOR_H
#define API_SCIM_CURSOR_H

#include "api/scim_serve.h"

/* Of a sort key; lists are sorted by no more than that, so that a cursor stands where the list says. Ids break ties. */
enum { CURSOR_KEY = 512 };

struct cursor {
    int64_t after;                  /* the id of the last one seen */
    const char *key;                /* its sort key, with sortBy; else "" */
    size_t key_size;                /* up to CURSOR_KEY */
    int64_t count;
    uint64_t question;              /* a hash of filter, sort and kind of resource */
};

/* Unreserved characters only (RFC 3986 §2.3). */
const char *cursor_write(const struct scim_asker *s, const struct cursor *c);

/* ERR_CURSOR: not one of ours, or not of this token or question; ERR_CURSOR_OLD. */
enum err cursor_read(const struct scim_asker *s, const char *text, uint64_t question,
                     struct cursor *out);

#endif
