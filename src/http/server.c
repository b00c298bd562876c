/*
 * server.c — see server.h. The only place that knows libmicrohttpd.
 *
 * Its life of a request: on_target() gets the raw target; on_request() is called once when the head is
 * there, once for each piece of the body, and then until a reply is queued; on_completed() comes last.
 * What the request does meanwhile is in request.c.
 */
#include <arpa/inet.h>
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
#include "base/log.h"
#include "base/str.h"
#include "http/listen.h"
#include "http/request.h"

enum {
    THREADS = 4,                    /* of libmicrohttpd; each has its own epoll */
    SCAN_THREADS = 2,
    SCAN_WAITING = 256,             /* more are told to come back */
    SCAN_NICE = 10,
    IDLE_SECONDS = 60,
    DRAIN_SECONDS = 10,
    PATIENCE_SECONDS = 30,
    HEAD_POOL = 24 * 1024,          /* libmicrohttpd's memory per connection: head and buffers */
    CONNECTIONS_MOST = 16384,       /* what their memory comes to is bounded, too */
};

/* ---- replies ---- */

const char *server_reason(int status)
{
    return MHD_get_reason_phrase_for((unsigned)status);
}

void server_suspend(struct request *r)
{
    MHD_suspend_connection(r->connection);
}

void server_resume(struct request *r)
{
    MHD_resume_connection(r->connection);
}

static void add_header(struct MHD_Response *reply, const struct request *r, const char *name,
                       const char *value)
{
    for (const struct reply_header *h = r->headers; h; h = h->next)
        if (str_eq_nocase(h->name, name))
            return;                 /* the handler knows better */
    MHD_add_response_header(reply, name, value);
}

static void add_page_headers(struct MHD_Response *reply, const struct request *r)
{
    /* The page has no script and loads nothing; only its own style sheet is inside it. */
    add_header(reply, r, "Content-Security-Policy",
               "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
               "form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    add_header(reply, r, "Referrer-Policy", "no-referrer");
}

static void add_refusal_headers(struct MHD_Response *reply, const struct request *r)
{
    int status = r->call.status;

    if (r->allow)
        add_header(reply, r, "Allow", r->allow);
    if (status == 401)
        add_header(reply, r, "WWW-Authenticate",
                   MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "Authorization")
                       ? "Bearer realm=\"muster\", error=\"invalid_token\""
                       : "Bearer realm=\"muster\"");
    if (status == 503 || status == 429)
        add_header(reply, r, "Retry-After", "5");
}

static bool has_no_body(int status)
{
    return status == 204 || status == 304;
}

static void add_headers(struct MHD_Response *reply, const struct request *r)
{
    const char *type = r->call.type ? r->call.type : "application/json";

    if (!has_no_body(r->call.status))
        add_header(reply, r, "Content-Type", type);
    add_header(reply, r, "X-Content-Type-Options", "nosniff");
    add_header(reply, r, "Cache-Control", "no-store");
    add_header(reply, r, "X-Request-Id", r->id);
    if (str_starts(type, "text/html"))
        add_page_headers(reply, r);
    if (r->allow || r->call.status >= 400)
        add_refusal_headers(reply, r);
    for (const struct reply_header *h = r->headers; h; h = h->next)
        if (MHD_add_response_header(reply, h->name, h->value) != MHD_YES)
            log_error("%s %s: the header %s cannot be sent: there is a character in it that is not "
                      "allowed there", r->method, r->call.path, h->name);
    if (r->hang_up || r->server->draining)
        MHD_add_response_header(reply, "Connection", "close");
}

static enum MHD_Result send_reply(struct request *r)
{
    struct call *c = &r->call;
    struct server *s = r->server;
    size_t n = has_no_body(c->status) ? 0 : c->reply.n;

    /* The bytes are the request's, which outlives the reply. */
    struct MHD_Response *reply =
        MHD_create_response_from_buffer(n, n ? c->reply.at : (void *)"", MHD_RESPMEM_PERSISTENT);
    if (!reply)
        return MHD_NO;
    add_headers(reply, r);
    if (c->status >= 500)
        s->errors++;
    c->sent = str_eq(r->method, "HEAD") ? 0 : n;
    watch_expect(r->watched);
    watch_grant(r->watched, n);
    enum MHD_Result queued = MHD_queue_response(r->connection, (unsigned)c->status, reply);
    MHD_destroy_response(reply);
    int64_t us = clock_tick() - r->began;
    if (s->options.finished)
        s->options.finished(c, us);
    log_debug("%s %s %s %d, %zu bytes, %" PRId64 " us", r->id, r->method, c->path ? c->path : "-",
              c->status, n, us);
    return queued;
}

/* ---- what libmicrohttpd calls ---- */

static void on_connection(void *arg, struct MHD_Connection *connection, void **watched,
                          enum MHD_ConnectionNotificationCode what)
{
    struct server *s = arg;

    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        *watched = watch_add(
            s->watch,
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
    else
        watch_remove(*watched);
}

static void *on_target(void *arg, const char *target, struct MHD_Connection *connection)
{
    struct request *r = request_new(arg, target);

    r->connection = connection;
    r->watched =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    watch_expect(r->watched);
    return r;
}

static enum MHD_Result header_in(void *arg, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    (void)kind;
    head_add(arg, name, value ? value : "");
    return MHD_YES;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *n, void **request)
{
    struct request *r = *request;

    (void)arg, (void)path;
    if (!r->seen) {
        struct head head = {};
        MHD_get_connection_values(connection, MHD_HEADER_KIND, header_in, &head);
        request_begin(r, method, version, &head);
        return r->hang_up ? send_reply(r) : MHD_YES;
    }
    if (*n == 0)
        return request_go(r) ? send_reply(r) : MHD_YES;
    bool more = request_body(r, bytes, *n);
    *n = 0;
    return more ? MHD_YES : MHD_NO;
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **request,
                         enum MHD_RequestTerminationCode how)
{
    struct server *s = arg;
    struct request *r = *request;

    (void)connection, (void)how;
    if (!r)
        return;
    *request = NULL;
    bool seen = r->seen;
    watch_rest(r->watched);
    request_free(r);
    if (seen && --s->active == 0 && s->draining) {
        pthread_mutex_lock(&s->lock);
        pthread_cond_broadcast(&s->quiet);
        pthread_mutex_unlock(&s->lock);
    }
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

const char *call_address(struct call *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c->request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *at = info ? info->client_addr : NULL;
    char text[INET6_ADDRSTRLEN] = "";

    if (at && at->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)at)->sin_addr, text, sizeof text);
    else if (at && at->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)at)->sin6_addr, text, sizeof text);
    /* An IPv4 client of a socket that takes both. */
    return arena_text(c->work->mem, str_starts(text, "::ffff:") ? text + 7 : text);
}

/* ---- start and stop ---- */

/* As many files as this process may have; an eighth is left to the store and the clients. */
static unsigned connection_limit(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files))
        return 512;
    rlim_t had = files.rlim_cur;
    files.rlim_cur = files.rlim_max;
    if (had < files.rlim_max && setrlimit(RLIMIT_NOFILE, &files))
        files.rlim_cur = had;
    rlim_t ours = files.rlim_cur - MIN(files.rlim_cur, MAX(files.rlim_cur / 8, 128));
    return (unsigned)MIN(MAX(ours, 64), CONNECTIONS_MOST);
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
    watch_free(s->watch);
    router_free(s->router);
    /* Those of this thread; the others took theirs with them. */
    struct spares *mine = pthread_getspecific(s->spares);
    if (mine)
        requests_drop(mine);
    pthread_key_delete(s->spares);
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
    if (pthread_key_create(&s->spares, requests_drop))
        die_of_memory(0);
    s->router = router_new(o->tables);
    s->connections = connection_limit();
    s->watch = watch_new(o->patience_seconds ? o->patience_seconds : PATIENCE_SECONDS,
                         s->connections / 8 * 7);
    s->scans = pool_new(SCAN_THREADS, SCAN_WAITING, SCAN_NICE);
    return s;
}

static struct MHD_Daemon *start_daemon(struct server *s, int listener)
{
    const unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME |
                           MHD_USE_TURBO | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem options[] = {
        { MHD_OPTION_LISTEN_SOCKET, listener, NULL },
        { MHD_OPTION_THREAD_POOL_SIZE, THREADS, NULL },
        { MHD_OPTION_CONNECTION_LIMIT, s->connections, NULL },
        { MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, NULL },
        { MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEAD_POOL, NULL },
        { MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL },
        { MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_target, s },
        { MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, s },
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
    return (struct server_counts){ s->requests, s->errors, s->active };
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
 * A daemon that is stopped with a suspended connection ends the process. So nobody goes away any more; what
 * waits for the pool is refused, what runs and what was handed to the store's writer is waited for.
 * True if there was any.
 */
static bool call_back(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    s->closing = true;
    bool any = s->away > 0;
    pthread_mutex_unlock(&s->lock);
    pool_end(s->scans);
    pthread_mutex_lock(&s->lock);
    while (s->away)
        pthread_cond_wait(&s->quiet, &s->lock);
    pthread_mutex_unlock(&s->lock);
    return any;
}

void server_stop(struct server *s)
{
    if (!s)
        return;
    s->draining = true;
    int listener = MHD_quiesce_daemon(s->daemon);
    if (listener >= 0)
        shutdown(listener, SHUT_RDWR);      /* who comes now is refused, not left waiting */
    wait_for_quiet(s, s->options.drain_seconds ? s->options.drain_seconds : DRAIN_SECONDS);
    if (call_back(s))
        wait_for_quiet(s, 1);               /* their replies go out */
    MHD_stop_daemon(s->daemon);
    if (listener >= 0)
        close(listener);
    server_free(s);
}
