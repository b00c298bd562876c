/*
 * house.h — the server in this process, with its real routes, and requests to it over a socket.
 *
 * The house's source is `scim`; its token is sent with every request of ask().
 */
#ifndef TESTS_HOUSE_H
#define TESTS_HOUSE_H

#include "api/api.h"
#include "base/json.h"
#include "support/support.h"

struct house {
    struct work *work;
    struct api api;
    struct server *server;
    const char *token;
    int64_t source;
    int port;
};

/* Opens the store of `w` anew, for serving. */
void open_house(struct work *w, struct house *h);
void close_house(struct house *h);

/* A token of another source, made if it is not there. Put it in h->token to ask with it. */
const char *token_of(struct house *h, const char *source);

struct reply {
    int status;
    const char *head, *body;        /* head: with the line end of its last line */
    size_t n;
    yyjson_val *json;               /* NULL: there is no body */
};

/* The bytes as they are, with "Connection: close" in them. */
struct reply send_request(struct house *h, struct arena *a, const struct buf *request);
const char *header_of(struct arena *a, const struct reply *answer, const char *name);

/* path: behind /scim/v2; body: JSON in the shorthand of support/scim.h, NULL for none. */
struct reply ask(struct house *h, struct arena *a, const char *method, const char *path,
                 const char *body);
/* The same; the status has to be this one. */
struct reply asked(struct house *h, struct arena *a, int status, const char *method,
                   const char *path, const char *body);

/* The text at a pointer ("/Operations/0/status"), NULL if there is none. A `.` is an ordinary character, as in URNs. */
yyjson_val *at_pointer(struct arena *a, yyjson_val *v, const char *pointer);
const char *text_at(struct arena *a, const struct reply *r, const char *pointer);

#endif
