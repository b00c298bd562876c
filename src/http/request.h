/*
 * request.h — one request from its head to its reply, whatever library carries the bytes.
 *
 * server.c calls request_new(), request_begin(), request_body(), request_go() in this order on the connection's
 * thread, and request_free() at the end. Between, a request may be away on another thread.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <pthread.h>

#include "base/id.h"
#include "http/head.h"
#include "http/pool.h"
#include "http/router.h"
#include "http/server.h"
#include "http/target.h"
#include "http/watch.h"

struct server {
    void *daemon;                   /* server.c's */
    struct server_options options;
    struct router *router;
    struct pool *scans;
    struct watch *watch;
    pthread_key_t spares;           /* requests of each thread that can be used again */
    int port;
    unsigned connections;           /* at most */
    pthread_mutex_t lock;
    pthread_cond_t quiet;           /* active or away became 0 */
    int64_t away;                   /* requests on other threads; under the lock */
    bool closing;                   /* nobody goes away any more; under the lock */
    _Atomic bool draining;
    _Atomic int64_t active, requests, errors, writing;
};

struct reply_header {
    struct reply_header *next;
    const char *name, *value;
};

struct request {
    struct pool_job job;            /* first: a job is its request */
    struct request *spare;          /* the next that can be used again */
    struct server *server;
    void *connection;               /* server.c's */
    struct watched *watched;
    struct arena_mark fresh;        /* of the work's arena, when nothing of a request is in it */
    char *raw;                      /* the target as it came */
    const char *method, *allow;
    struct target target;
    const struct route *route;      /* NULL: refused before one was found */
    struct call call;
    struct buf body;
    struct reply_header *headers;
    step_fn *step, *then;           /* the one that runs; the one it named */
    enum lane then_lane;
    size_t discarded;
    int64_t began, queued;
    bool seen;                      /* the head was looked at */
    bool away;                      /* the connection is suspended */
    bool answered;                  /* call holds the reply */
    bool hang_up;                   /* the connection cannot be used any more */
    char id[ID_TEXT];
};

struct request *request_new(struct server *s, const char *target);
void request_free(struct request *r);
void requests_drop(void *spares);               /* what a thread kept; ends with the thread */

/* hang_up says whether the reply has to go out before the body. */
void request_begin(struct request *r, const char *method, const char *version,
                   const struct head *head);
bool request_body(struct request *r, const char *bytes, size_t n);      /* false: enough of it */

/* True: the reply is there. False: another thread has the request; it is called again after the resume. */
bool request_go(struct request *r);

/* ---- server.c ---- */

void server_suspend(struct request *r);
void server_resume(struct request *r);          /* the request may be gone when it returns */
const char *server_reason(int status);          /* "Not Found" */

#endif
