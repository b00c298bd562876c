/* tables.c — every table of routes. */
#include "api/api.h"

const struct route *const api_tables[] = {
    scim_user_routes, scim_group_routes, scim_meta_routes,
    scim_bulk_routes, health_routes,     metrics_routes,
    docs_routes,      status_routes,     NULL,
};
