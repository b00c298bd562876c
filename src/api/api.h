/*
 * api.h — what the server answers: tables of routes, and what their handlers need beside the work.
 */
#ifndef API_API_H
#define API_API_H

#include "http/server.h"

/* server_options.context */
struct api {
    struct server *server;          /* its own counters; NULL until it has started */
    int64_t started_at;
};

extern const struct route status_routes[], health_routes[], metrics_routes[];

/* All of them, ends with NULL. */
extern const struct route *const api_tables[];

#endif
