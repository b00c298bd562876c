/* scim.h — requests to /scim/v2 outside a connection: as they were recorded, and tried again. */
#ifndef API_SCIM_H
#define API_SCIM_H

#include "base/buf.h"
#include "store/work.h"

struct scim_request {
    const char *method;             /* "PATCH" */
    const char *path, *query;       /* as sent, before and behind the '?'; query NULL: there was none */
    const char *body;
    size_t body_size;
    int64_t source;
};

/* What the server would answer now, in the workspace of `w`. Changes nothing; an error of the request is an answer. */
enum err scim_dry_run(struct work *w, const struct scim_request *r, struct buf *answer,
                      int *status);

#endif
