/* scim.h — the SCIM server for those who have no connection: a request carried out as a trial. */
#ifndef API_SCIM_H
#define API_SCIM_H

#include "base/buf.h"
#include "store/work.h"

struct scim_request {
    const char *method, *path, *query;      /* path: "/scim/v2/Users/…" */
    const char *body;
    size_t body_size;
    int64_t source;                         /* whose request it was */
};

/*
 * What this request would be answered now, and nothing of it stays. ERR_UNSUPPORTED for what is no single write
 * of a user or group.
 */
enum err scim_dry_run(struct work *w, const struct scim_request *r, struct buf *answer, int *status);

#endif
