/*
 * api.h — what the server answers: tables of routes, and what their handlers need beside the work.
 */
#ifndef API_API_H
#define API_API_H

#include "http/server.h"

struct scim_log;

/* server_options.context */
struct api {
    struct server *server;          /* its own counters; NULL until it has started */
    int64_t started_at;
    const char *public_url;         /* the address people and clients use; NULL: what they say in Host */
    struct scim_log *scim_log;      /* of requests to /scim/v2; NULL: none is kept */
};

/* route.scope: who may ask. */
enum scope { SCOPE_ANYBODY, SCOPE_SCIM };

extern const struct route status_routes[], health_routes[], metrics_routes[], docs_routes[];
extern const struct route scim_meta_routes[], scim_user_routes[], scim_group_routes[],
    scim_bulk_routes[];

/* All of them, ends with NULL. */
extern const struct route *const api_tables[];

/* server_options.admit, .tell and .finished */
enum err api_admit(struct call *c, const struct route *r);
void api_tell(struct call *c, enum err e);
void api_finished(struct call *c, int64_t us);

/* After the server has stopped: what was kept ready of workspaces. */
void scim_spaces_free(void);

#endif
