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
 * through the store; on a small pool of their own, the connection suspended meanwhile.
 */
enum lane { LANE_READ, LANE_SCAN };

struct call {
    struct work *work;              /* arena of its own, workspace of the path */
    enum method method;
    const char *path;               /* without /w/NAME */
    const char *body;
    size_t body_size;
    int status;                     /* the handler's answer: 200 unless it says otherwise */
    const char *type;               /* "text/html; charset=utf-8" … ; default application/json */
    struct buf reply;
    void *context;                  /* server_options.context */
    struct request *request;        /* the server's own */
};

const char *call_header(struct call *c, const char *name);
const char *call_query(struct call *c, const char *name);       /* ?name=… , decoded, UTF-8, or NULL */

struct route {
    enum method method;
    const char *path;               /* "/healthz"; "{id}" matches one segment */
    enum lane lane;
    enum err (*handle)(struct call *c);
    size_t max_body;
    const char *summary;
};

struct server;
struct server_options {
    const char *listen;             /* "127.0.0.1:8080", "[::1]:8080"; port 0: any free one */
    struct store *store;
    const struct route *const *tables;      /* ends with NULL; each table ends with an empty row */
    void *context;
};

/* 404 and 405 come from the tables; errors are RFC 9457 problem documents. */
enum err server_start(const struct server_options *o, struct server **out);
int server_port(const struct server *s);

/* Graceful: no new connections, `Connection: close`, requests in work finish (10 s at most). */
void server_stop(struct server *s);

/* Counters for /metrics. */
struct server_counts { int64_t requests, errors, busy_connections; };
struct server_counts server_counts(const struct server *s);

/* The version of libmicrohttpd that is in use. */
const char *server_library(void);

#endif
