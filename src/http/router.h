/*
 * router.h — from method and path to a row of the tables.
 */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "http/server.h"

struct router;

struct router *router_new(const struct route *const *tables);   /* which must stay */
void router_free(struct router *r);             /* NULL is fine */
AUTO_FREE(router)

/*
 * ERR_NOT_FOUND if no row has this path. If one has it but not with this method, the error is ERR_USAGE and
 * *allow names the methods it takes ("GET, HEAD"). `method` is the text of the request; HEAD is GET.
 */
enum err router_find(const struct router *r, struct arena *a, const char *method, const char *path,
                     const struct route **out, const char **allow);

/* What stands in `path` where the pattern has "{name}"; NULL if the pattern has no such segment. */
const char *router_part(struct arena *a, const char *pattern, const char *path, const char *name);

#endif
