/*
 * server.c — see server.h. The only place that knows libmicrohttpd.
 *
 * Its life of a request: on_target() gets the raw target; on_request() is called once when the head is
 * there, once for each piece of the body, and then until a reply is queued; on_completed() comes last.
 */
#include "http/server.h"

#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "http/head.h"
#include "http/listen.h"
#include "http/pool.h"
#include "http/router.h"
#include "http/server_sql.h"
#include "http/target.h"
#include "store/store.h"

enum {
    THREADS = 4,                    /* of libmicrohttpd; each has its own epoll */
    SCAN_THREADS = 2,
    SCAN_WAITING = 256,             /* more are told to come back */
    SCAN_PATIENCE_US = 30000000,    /* in the queue; whoever asked has gone by then */
    IDLE_SECONDS = 60,
    DRAIN_SECONDS = 10,
    HEAD_POOL = 48 * 1024,          /* libmicrohttpd's memory per connection: head and buffers */
    DISCARD_MOST = 4 * 1024 * 1024, /* of an unwanted body, so that the reply gets through */
};

struct server {
    struct MHD_Daemon *daemon;
    struct server_options options;
    struct pool *scans;
    int port;
    pthread_mutex_t lock;
    pthread_cond_t quiet;           /* active became 0 */
    int64_t active, requests, errors;
    bool draining;
};

struct request {
    struct pool_job job;            /* first: a job is its request */
    struct server *server;
    struct MHD_Connection *connection;
    char *raw;                      /* the target as it came */
    const char *method, *allow;
    struct target target;
    const struct route *route;      /* NULL: refused before one was found */
    struct call call;
    struct buf body;
    size_t discarded;
    int64_t began, queued;
    bool seen;                      /* the head was looked at */
    bool answered;                  /* call holds the reply */
    bool hang_up;                   /* the connection cannot be used any more */
};

static const struct actor nobody = { "http", "nobody" };

/* ---- replies ---- */

/* Makes the error of this thread the reply. `status` 0: that of the error's row. */
static void refuse(struct request *r, enum err e, int status)
{
    struct call *c = &r->call;
    struct json_out o = { .to = &c->reply };

    c->status = status ? status : err_row(e)->http;
    c->type = "application/problem+json";
    buf_clear(&c->reply);
    json_open(&o, '{');
    json_put(&o, "title", MHD_get_reason_phrase_for((unsigned)c->status));
    json_put_num(&o, "status", c->status);
    json_put(&o, "detail", err_text());
    json_close(&o, '}');
    r->answered = true;
    bool on_purpose = e == ERR_BUSY || e == ERR_STOPPED;
    if (c->status >= 500 && !on_purpose)
        log_line(err_row(e)->retry ? LOG_WARN : LOG_ERROR, "%s %s: %s (%s)", r->method,
                 c->path ? c->path : "", err_text(), err_place());
}

static void add_headers(struct MHD_Response *reply, const struct request *r)
{
    /* The page has no script and loads nothing; only its own style sheet is inside it. */
    static const struct {
        const char *name, *value;
    } page[] = {
        { "Content-Security-Policy",
          "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
          "form-action 'self'; base-uri 'none'; frame-ancestors 'none'" },
        { "Referrer-Policy", "no-referrer" },
    };
    const char *type = r->call.type ? r->call.type : "application/json";

    MHD_add_response_header(reply, "Content-Type", type);
    MHD_add_response_header(reply, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(reply, "Cache-Control", "no-store");
    for (size_t i = 0; i < COUNT(page) && str_starts(type, "text/html"); i++)
        MHD_add_response_header(reply, page[i].name, page[i].value);
    if (r->allow)
        MHD_add_response_header(reply, "Allow", r->allow);
    if (r->call.status == 401)
        MHD_add_response_header(reply, "WWW-Authenticate", "Bearer");
    if (r->call.status == 503 || r->call.status == 429)
        MHD_add_response_header(reply, "Retry-After", "5");
    if (r->hang_up || __atomic_load_n(&r->server->draining, __ATOMIC_RELAXED))
        MHD_add_response_header(reply, "Connection", "close");
}

static enum MHD_Result send_reply(struct request *r)
{
    struct buf *bytes = &r->call.reply;

    buf_reserve(bytes, 1);                  /* so that an empty reply has an address too */
    struct MHD_Response *reply =
        MHD_create_response_from_buffer(bytes->n, bytes->at, MHD_RESPMEM_MUST_FREE);
    if (!reply)
        return MHD_NO;
    log_debug("%s %s %d, %zu bytes, %" PRId64 " us", r->method, r->call.path ? r->call.path : "-",
              r->call.status, bytes->n, clock_tick() - r->began);
    *bytes = (struct buf){};                /* the response owns them */
    add_headers(reply, r);
    if (r->call.status >= 500)
        __atomic_add_fetch(&r->server->errors, 1, __ATOMIC_RELAXED);
    enum MHD_Result queued = MHD_queue_response(r->connection, (unsigned)r->call.status, reply);
    MHD_destroy_response(reply);
    return queued;
}

/* ---- the head ---- */

static enum MHD_Result header_in(void *arg, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    (void)kind;
    head_add(arg, name, value ? value : "");
    return MHD_YES;
}

/* A body that is not wanted is read on if it is on its way and short, see upload_in(); else we hang up. */
static bool unwanted(const struct head *head)
{
    return head->length > DISCARD_MOST || head->expect;
}

static enum err check_length(struct request *r, const struct head *head)
{
    if (head->length <= r->route->max_body)
        return OK;
    r->hang_up = unwanted(head);
    if (r->route->max_body == 0)
        return errf(ERR_TOO_LARGE, "%s %s takes no body", r->method, r->target.path);
    return errf(ERR_TOO_LARGE,
                "the body of %" PRIu64 " bytes is longer than the %zu that %s %s takes",
                head->length, r->route->max_body, r->method, r->target.path);
}

static enum err read_head(struct request *r, const char *version, int *status)
{
    struct arena *mem = r->call.work->mem;
    struct head head = {};

    MHD_get_connection_values(r->connection, MHD_HEADER_KIND, header_in, &head);
    r->hang_up = true;
    TRY(head_check(&head, r->raw, version, status));
    r->hang_up = unwanted(&head);
    TRY(target_read(mem, r->raw, &r->target));
    r->call.path = r->target.path;
    enum err e = router_find(mem, r->server->options.tables, r->method, r->target.path, &r->route,
                             &r->allow);
    if (r->allow)
        *status = 405;
    TRY(e);
    r->call.method = r->route->method;
    r->body.max = MAX(r->route->max_body, 1);           /* 0 would be no ceiling */
    r->hang_up = false;
    return check_length(r, &head);
}

static enum MHD_Result begin(struct request *r, const char *method, const char *version)
{
    struct server *s = r->server;
    int status = 0;

    pthread_mutex_lock(&s->lock);
    s->active++;
    s->requests++;
    pthread_mutex_unlock(&s->lock);
    r->seen = true;
    r->began = clock_tick();
    r->method = method;
    r->call = (struct call){
        .work = work_new(s->options.store, &nobody),
        .status = 200,
        .body = "",
        .context = s->options.context,
        .request = r,
    };
    enum err e = read_head(r, version, &status);
    if (e != OK)
        refuse(r, e, status);
    return r->hang_up ? send_reply(r) : MHD_YES;
}

/* ---- the body and the handler ---- */

static enum MHD_Result upload_in(struct request *r, const char *bytes, size_t n)
{
    if (!r->answered && n > r->route->max_body - r->body.n) {
        enum err e = errf(ERR_TOO_LARGE, "the body is longer than the %zu bytes that %s %s takes",
                          r->route->max_body, r->method, r->target.path);
        refuse(r, e, 0);
    }
    if (!r->answered) {
        buf_add(&r->body, bytes, n);
        return MHD_YES;
    }
    /* libmicrohttpd takes no reply before the end of a body, so a refused one is read on, up to a point. */
    r->discarded += n;
    return r->discarded > DISCARD_MOST ? MHD_NO : MHD_YES;
}

static enum err handle(struct request *r)
{
    struct call *c = &r->call;

    c->body = r->body.at ? r->body.at : "";
    c->body_size = r->body.n;
    if (r->route->lane != LANE_BARE)
        TRY(server_workspace(c->work, r->target.workspace ? r->target.workspace : "main"));
    return r->route->handle(c);
}

static void run(struct request *r)
{
    enum err e = handle(r);

    if (e != OK)
        refuse(r, e, 0);
    r->answered = true;
}

/* On a thread of the pool; the connection is suspended, so nobody else touches the request. */
static void run_scan(struct pool_job *job, bool refused)
{
    struct request *r = (struct request *)job;

    if (refused)
        refuse(r, errf(ERR_STOPPED, "the server is stopping; ask again in a moment"), 0);
    else if (clock_tick() - r->queued > SCAN_PATIENCE_US)
        refuse(r, errf(ERR_BUSY, "too much is being looked up at once; ask again in a moment"), 0);
    else
        run(r);
    MHD_resume_connection(r->connection);
}

static enum MHD_Result dispatch(struct request *r)
{
    if (r->answered)
        return send_reply(r);
    if (r->route->lane != LANE_SCAN) {
        run(r);
        return send_reply(r);
    }
    r->job.run = run_scan;
    r->queued = clock_tick();
    MHD_suspend_connection(r->connection);  /* first: the pool may be faster than we are */
    if (!pool_add(r->server->scans, &r->job)) {
        refuse(r, errf(ERR_BUSY, "too much is being looked up at once; ask again in a moment"), 0);
        MHD_resume_connection(r->connection);
    }
    return MHD_YES;
}

/* ---- what libmicrohttpd calls ---- */

static void *on_target(void *arg, const char *target, struct MHD_Connection *connection)
{
    struct request *r = must_alloc(sizeof *r);

    r->server = arg;
    r->connection = connection;
    r->raw = strdup(target);
    if (!r->raw)
        die_of_memory(strlen(target));
    return r;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *n, void **request)
{
    struct request *r = *request;

    (void)arg, (void)connection, (void)path;
    if (!r->seen)
        return begin(r, method, version);
    if (*n == 0)
        return dispatch(r);
    enum MHD_Result more = upload_in(r, bytes, *n);
    *n = 0;
    return more;
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **request,
                         enum MHD_RequestTerminationCode how)
{
    struct server *s = arg;
    struct request *r = *request;

    (void)connection, (void)how;
    if (!r)
        return;
    if (r->seen) {
        pthread_mutex_lock(&s->lock);
        if (--s->active == 0)
            pthread_cond_broadcast(&s->quiet);
        pthread_mutex_unlock(&s->lock);
    }
    work_free(r->call.work);
    buf_free(&r->call.reply);
    buf_free(&r->body);
    free(r->raw);
    free(r);
    *request = NULL;
}

[[gnu::format(printf, 2, 0)]] static void on_words(void *arg, const char *fmt, va_list ap)
{
    char line[512];

    (void)arg;
    vsnprintf(line, sizeof line, fmt, ap);
    log_debug("libmicrohttpd: %s", line);
}

/* ---- what handlers ask ---- */

const char *call_header(struct call *c, const char *name)
{
    return MHD_lookup_connection_value(c->request->connection, MHD_HEADER_KIND, name);
}

const char *call_query(struct call *c, const char *name)
{
    return target_query(c->work->mem, &c->request->target, name);
}

const char *call_part(struct call *c, const char *name)
{
    return router_part(c->work->mem, c->request->route->path, c->path, name);
}

/* ---- start and stop ---- */

/* Half of the files this process may open; the rest is the store's and the clients'. */
static unsigned connection_limit(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur > 8192)
        return 4096;
    return (unsigned)MAX(files.rlim_cur / 2, 64);
}

static void warn_of_old_library(void)
{
    int major = 0, minor = 0, patch = 0;

    sscanf(MHD_get_version(), "%d.%d.%d", &major, &minor, &patch);
    if (major < 1 || (major == 1 && minor == 0 && patch < 10))
        log_warn("libmicrohttpd is %s: requests that can be read in two ways are refused by Muster "
                 "itself, except bare line feeds, folded headers and NUL in headers, which 1.0.10 "
                 "refuses; behind a proxy prefer 1.0.10", MHD_get_version());
}

static void server_free(struct server *s)
{
    pool_free(s->scans);
    pthread_cond_destroy(&s->quiet);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static struct server *server_new(const struct server_options *o)
{
    struct server *s = must_alloc(sizeof *s);
    pthread_condattr_t monotonic;

    s->options = *o;
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->quiet, &monotonic);
    pthread_condattr_destroy(&monotonic);
    s->scans = pool_new(SCAN_THREADS, SCAN_WAITING);
    return s;
}

static struct MHD_Daemon *start_daemon(struct server *s, int listener)
{
    const unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME |
                           MHD_USE_TURBO | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem options[] = {
        { MHD_OPTION_LISTEN_SOCKET, listener, NULL },
        { MHD_OPTION_THREAD_POOL_SIZE, THREADS, NULL },
        { MHD_OPTION_CONNECTION_LIMIT, connection_limit(), NULL },
        { MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, NULL },
        { MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEAD_POOL, NULL },
        { MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL },
        { MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_target, s },
        { MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, s },
        { MHD_OPTION_END, 0, NULL },
    };

    /* The logger goes first, for what is said about the others. */
    return MHD_start_daemon(flags, 0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER,
                            on_words, NULL, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

enum err server_start(const struct server_options *o, struct server **out)
{
    int listener, port;

    TRY(listen_open(o->listen, &listener, &port));
    warn_of_old_library();
    struct server *s = server_new(o);
    s->port = port;
    s->daemon = start_daemon(s, listener);
    if (!s->daemon) {
        server_free(s);             /* the listener is closed by the library, also when it fails */
        return errf(ERR_INTERNAL, "the HTTP server did not start on %s", o->listen);
    }
    *out = s;
    return OK;
}

int server_port(const struct server *s)
{
    return s->port;
}

struct server_counts server_counts(const struct server *s)
{
    struct server *own = (struct server *)s;            /* the lock is not part of what is const */

    pthread_mutex_lock(&own->lock);
    struct server_counts counts = { own->requests, __atomic_load_n(&own->errors, __ATOMIC_RELAXED),
                                    own->active };
    pthread_mutex_unlock(&own->lock);
    return counts;
}

/* Until no request is in work, or for so many seconds. */
static void wait_for_quiet(struct server *s, int seconds)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&s->lock);
    while (s->active && pthread_cond_timedwait(&s->quiet, &s->lock, &until) == 0)
        continue;
    pthread_mutex_unlock(&s->lock);
}

/*
 * A daemon that is stopped with a suspended connection ends the process, so the pool goes first: what
 * runs is waited for, what waits is refused, both are resumed.
 */
void server_stop(struct server *s)
{
    if (!s)
        return;
    __atomic_store_n(&s->draining, true, __ATOMIC_RELAXED);
    int listener = MHD_quiesce_daemon(s->daemon);
    if (listener >= 0)
        shutdown(listener, SHUT_RDWR);      /* who comes now is refused, not left waiting */
    wait_for_quiet(s, s->options.drain_seconds ? s->options.drain_seconds : DRAIN_SECONDS);
    bool late = pool_busy(s->scans) > 0;
    pool_free(take(s->scans));
    if (late)
        wait_for_quiet(s, 1);               /* their replies go out */
    MHD_stop_daemon(s->daemon);
    if (listener >= 0)
        close(listener);
    server_free(s);
}
