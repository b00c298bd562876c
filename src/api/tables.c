/* tables.c — every table of routes. */
#include "api/api.h"

const struct route *const api_tables[] = { health_routes, metrics_routes, status_routes, NULL };
