/*
 * server.h — bytes in, bytes out: the HTTP server (libmicrohttpd) and its table of routes.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/buf.h"
#include "store/work.h"

enum method { GET, POST, PUT, PATCH, DELETE };

/*
 * READ: a few keyed look-ups, at once on the connection's thread. SCAN: lists, exports, pages that look
 * through the store; on a small pool of their own, the connection suspended meanwhile. BARE: as READ,
 * but its work has no workspace, so that it answers when the store does not.
 */
enum lane { LANE_READ, LANE_SCAN, LANE_BARE };

struct call {
    struct work *work;              /* arena of its own, workspace of the path */
    enum method method;
    const char *path;               /* decoded, without /w/NAME */
    const char *body;               /* NUL behind it; "" if there is none */
    size_t body_size;
    int status;                     /* the handler's answer: 200 unless it says otherwise */
    const char *type;               /* "text/html; charset=utf-8" … ; default application/json */
    struct buf reply;
    void *context;                  /* server_options.context */
    struct request *request;        /* the server's own */
};

const char *call_header(struct call *c, const char *name);
const char *call_query(struct call *c, const char *name);       /* ?name=… , decoded, UTF-8, or NULL */
const char *call_part(struct call *c, const char *name);        /* what stands for "{name}" in the path */

struct route {
    enum method method;
    const char *path;               /* "/healthz"; "{id}" matches one segment */
    enum lane lane;
    enum err (*handle)(struct call *c);
    size_t max_body;                /* 0: takes none */
    const char *summary;
};

const char *server_library(void);             /* the version of libmicrohttpd */

struct server;
struct server_options {
    const char *listen;             /* "127.0.0.1:8080", "[::1]:8080"; port 0: any free one */
    struct store *store;
    const struct route *const *tables;      /* ends with NULL; each table ends with an empty row */
    void *context;
    int drain_seconds;              /* for what is in work when the server stops; 0: 10 */
};

/*
 * 404 and 405 come from the tables; errors are RFC 9457 problem documents. What proxies and servers
 * could read in two ways is refused. ERR_USAGE if the address cannot be had. Copies `o`.
 */
enum err server_start(const struct server_options *o, struct server **out);
int server_port(const struct server *s);

/*
 * Graceful: no new connections, `Connection: close`, requests in work get drain_seconds to finish. What
 * only waits then is refused; a handler that still runs is waited for, because the store must not go away
 * under it. NULL is fine.
 */
void server_stop(struct server *s);

/* Counters for /metrics. */
struct server_counts { int64_t requests, errors, busy_connections; };
struct server_counts server_counts(const struct server *s);

#endif
