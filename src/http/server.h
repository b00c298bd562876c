/*
 * server.h — bytes in, bytes out: the HTTP server (libmicrohttpd) and its table of routes.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/buf.h"
#include "store/work.h"

enum method { GET, POST, PUT, PATCH, DELETE };

/*
 * READ: a few keyed look-ups, at once on the connection's thread. SCAN: lists, exports, bulk, pages that
 * look through the store; on a small pool of their own, which gives way to everybody else, the connection
 * suspended meanwhile. BARE: as READ, but its work has no workspace, so that it answers when the store does
 * not. WRITE: inside store_write() on the store's writer, many in one commit; see call_then().
 */
enum lane { LANE_READ, LANE_SCAN, LANE_BARE, LANE_WRITE };

struct call {
    struct work *work;              /* arena of its own; workspace of the path, or the one admit() chose */
    const struct route *route;      /* NULL: there is none (404, 405) */
    enum method method;
    const char *path;               /* decoded, without /w/NAME and needless slashes; NULL: cannot be read */
    const char *target;             /* of the request line, as it came */
    const char *workspace_name;     /* NAME of /w/NAME; NULL: the path names none */
    const char *raw_query;          /* as it came, without the question mark; "" if there is none */
    const char *id;                 /* of this request: 13 letters, X-Request-Id of the reply */
    const char *body;               /* NUL behind it; "" if there is none */
    size_t body_size;
    int status;                     /* the handler's answer: 200 unless it says otherwise */
    const char *note;               /* for finished(): what is to be remembered of the answer; NULL: nothing */
    const char *type;               /* "text/html; charset=utf-8" … ; default application/json */
    struct buf reply;
    size_t sent;                    /* for finished(): bytes of the body that go out */
    void *context;                  /* server_options.context */
    void *principal;                /* admit()'s: who is calling */
    void *state;                    /* the handler's, from step to step; in work->mem */
    struct request *request;        /* the server's own */
};

const char *call_header(struct call *c, const char *name);
const char *call_address(struct call *c);                       /* of the other side: "192.0.2.1", "2001:db8::1" */
const char *call_part(struct call *c, const char *name);        /* what stands for "{name}" in the path */

/* The first ?name=… , decoded, UTF-8, or NULL. Names are compared without regard to case. */
const char *call_query(struct call *c, const char *name);
/* All of them: "?a=1&a=2,3" is "1,2,3". */
const char *call_query_list(struct call *c, const char *name);

/*
 * An error on its way to the client: where the store is and what is wrong with it is its admin's business, so such
 * words go to the log, and others take their place. Returns `e`. What a handler returns goes through it anyway.
 */
enum err call_discreet(struct call *c, enum err e);

/* A header of the reply (ETag, Location …); replaces the server's own of that name, except the body's length. */
void call_header_add(struct call *c, const char *name, const char *value);

/*
 * The request goes on with `step` in `lane`, when the handler or step that says so returns OK; until then
 * nothing is answered. Each step begins with an empty reply: status 200, no type, no headers. In LANE_WRITE it
 * may be run again from the start (see store_write()), and what it replies is sent after the commit, or
 * the commit's error instead. A step that returns an error is refused, in LANE_WRITE rolled back too. A step
 * may name a further one.
 */
typedef enum err step_fn(struct call *c);
void call_then(struct call *c, enum lane lane, step_fn *step);

struct route {
    enum method method;
    const char *path;               /* "/healthz"; "{id}" matches one segment */
    int scope;                      /* 0: anybody; else what admit() understands */
    enum lane lane;                 /* where `handle` runs */
    step_fn *handle;
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
    int patience_seconds;           /* for a head, and for a body beside what its size grants (watch.h); 0: 30 */
    /*
     * May this call be made? Before any of the body is read, on the connection's thread, also when there is
     * no such route (NULL; 404 or 405 follow if it says OK). May set work->workspace, work->actor and principal;
     * where it leaves the workspace 0, that of the path is taken. NULL: everybody may.
     */
    enum err (*admit)(struct call *c, const struct route *r);
    /* Writes type, body and headers of an error; status is set, err_text() is the reason. NULL: RFC 9457. */
    void (*tell)(struct call *c, enum err e);
    /* The reply is on its way; `us` since the head was there. On the connection's thread. NULL: nobody asks. */
    void (*finished)(struct call *c, int64_t us);
};

/* What is told where `tell` is NULL: a problem document (RFC 9457). */
void server_problem(struct call *c, enum err e);

/*
 * 404, 405 and OPTIONS come from the tables; HEAD is GET. What proxies and servers could read in two ways is
 * refused. As many files as the system allows are asked for; connections are a part of them. A head or
 * body that does not arrive in time ends its connection (watch.h). ERR_USAGE if the address cannot be had.
 * Copies `o`.
 */
enum err server_start(const struct server_options *o, struct server **out);
int server_port(const struct server *s);

/*
 * Graceful: no new connections, `Connection: close`, requests in work get drain_seconds to finish. What
 * only waits then is refused; a handler that still runs and a write that was handed to the store are waited
 * for, because the store must not go away under them. NULL is fine.
 */
void server_stop(struct server *s);

/* Counters for /metrics. */
struct server_counts { int64_t requests, errors, busy_connections; };
struct server_counts server_counts(const struct server *s);

#endif
