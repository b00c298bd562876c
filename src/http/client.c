/*
 * client.c — see client.h. One easy handle per client, so that its connection is used again; driven
 * through the multi interface, so that stop and silence are noticed within a tenth of a second.
 */
#include "http/client.h"

#include <ctype.h>
#include <curl/curl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/str.h"
#include "http/pace.h"
#include "http/trouble.h"

enum {
    TICK_MS = 100,                  /* how soon a stop or a silence is noticed */
    CONNECT_SECONDS = 15,
    PIECE = 512 * 1024,             /* libcurl's most: fewer calls of recv() for a big answer */
    TOTAL_SECONDS = 1800,           /* these four: unless the options say otherwise */
    IDLE_SECONDS = 60,
    TRIES = 4,
    RETRY_MS = 1000,
};
#define BODY_MOST MB(16)
#define REFUSAL_MOST KB(64)

struct client {
    char *label, *url, *host;
    int tries, retry_ms, idle_seconds, total_seconds;
    bool allow_private;
    const bool *stop;
    void (*waiting)(void *arg, int seconds, const char *why);
    void *waiting_arg;
    CURL *easy;
    CURLM *multi;
    struct curl_slist *bare, *with_body;    /* headers */
    char detail[CURL_ERROR_SIZE];
    struct pace pace;
    int64_t bytes, requests;
};

/* One try at a request; libcurl's callbacks fill it. */
struct transfer {
    struct attempt seen;
    struct client *client;
    struct answer *out;
    body_fn *fn;                    /* NULL: the answer is kept */
    void *arg;
    int64_t started, last_byte;     /* ticks */
    enum err sink;                  /* the error of fn; its words are the thread's */
};

/* ---- what libcurl calls ---- */

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct transfer *t = arg;

    (void)purpose;
    if (!t->client->allow_private && address_private(&a->addr)) {
        address_text(&a->addr, t->seen.guarded);
        return CURL_SOCKET_BAD;
    }
    t->seen.reached = true;
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static void keep_header(struct client *c, const char *name, char *out, size_t room)
{
    struct curl_header *h;

    *out = '\0';
    if (curl_easy_header(c->easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK)
        snprintf(out, room, "%s", h->value);
}

/* The empty line after the headers of a final answer. */
static void read_head(struct transfer *t)
{
    struct client *c = t->client;
    long status = 0;

    curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200)
        return;
    t->seen.answered = true;
    t->out->status = (int)status;
    keep_header(c, "Content-Type", t->out->type, sizeof t->out->type);
    t->out->type[strcspn(t->out->type, "; \t")] = '\0';
    for (char *p = t->out->type; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    if (status >= 300 && status < 400)
        keep_header(c, "Location", t->out->location, sizeof t->out->location);
}

static size_t header_in(char *line, size_t one, size_t n, void *arg)
{
    struct transfer *t = arg;

    t->last_byte = clock_tick();
    if (!t->seen.answered && n * one <= 2 && (*line == '\r' || *line == '\n'))
        read_head(t);
    return n * one;
}

static bool fine(int status)
{
    return status >= 200 && status < 300;
}

/* A refusal may be as long as it likes: its start is enough, and then we hang up. */
static size_t keep_body(struct transfer *t, const char *bytes, size_t n)
{
    bool all = !t->fn && fine(t->out->status);
    struct buf *body = &t->out->body;

    body->max = all ? (t->seen.ask->max ? t->seen.ask->max : BODY_MOST) : REFUSAL_MOST;
    if (n <= body->max - body->n) {
        buf_add(body, bytes, n);
        return n;
    }
    if (!all)
        buf_add(body, bytes, body->max - body->n);
    t->seen.end = all ? END_TOO_LARGE : END_ENOUGH;
    t->seen.most = body->max;
    return CURL_WRITEFUNC_ERROR;
}

static size_t body_in(char *bytes, size_t one, size_t n, void *arg)
{
    struct transfer *t = arg;

    n *= one;
    t->seen.got += (int64_t)n;
    t->client->bytes += (int64_t)n;
    t->last_byte = clock_tick();
    if (!t->fn || t->out->status != 200)
        return keep_body(t, bytes, n);
    t->seen.passed_on = true;
    t->sink = t->fn(t->arg, bytes, n);
    t->last_byte = clock_tick();            /* its own time is not the other side's silence */
    if (t->sink == OK)
        return n;
    t->seen.end = END_SINK;
    return CURL_WRITEFUNC_ERROR;
}

/* ---- one try ---- */

static bool stopped(const struct client *c)
{
    return c->stop && __atomic_load_n(c->stop, __ATOMIC_RELAXED);
}

static void watch(struct transfer *t)
{
    const struct client *c = t->client;
    int64_t now = clock_tick();

    if (t->seen.end != END_NOT)
        return;
    if (stopped(c))
        t->seen.end = END_STOP;
    else if (now - t->last_byte > (int64_t)c->idle_seconds * 1000000)
        t->seen.end = END_IDLE;
    else if (now - t->started > (int64_t)c->total_seconds * 1000000)
        t->seen.end = END_TOTAL;
}

static CURLcode transfer_run(struct transfer *t)
{
    struct client *c = t->client;
    CURLcode result = CURLE_OK;
    int running = 1, queued;

    if (curl_multi_add_handle(c->multi, c->easy) != CURLM_OK)
        return CURLE_FAILED_INIT;
    while (running && t->seen.end == END_NOT) {
        CURLMcode m = curl_multi_perform(c->multi, &running);
        if (m == CURLM_OK && running)
            m = curl_multi_poll(c->multi, NULL, 0, TICK_MS, NULL);
        if (m != CURLM_OK) {
            result = CURLE_FAILED_INIT;
            break;
        }
        if (running)
            watch(t);
    }
    for (struct CURLMsg *said; (said = curl_multi_info_read(c->multi, &queued));)
        if (said->msg == CURLMSG_DONE)
            result = said->data.result;
    curl_multi_remove_handle(c->multi, c->easy);
    return result;
}

static void prepare(struct client *c, struct transfer *t, const char *url)
{
    const struct ask *ask = t->seen.ask;
    bool body = ask->body != NULL, none = !body && str_eq(ask->method, "GET");

    *c->detail = '\0';
    curl_easy_setopt(c->easy, CURLOPT_URL, url);
    curl_easy_setopt(c->easy, CURLOPT_HTTPGET, 1L);
    if (!none) {
        curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)(body ? strlen(ask->body) : 0));
        curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, body ? ask->body : "");
    }
    curl_easy_setopt(c->easy, CURLOPT_CUSTOMREQUEST, none ? NULL : ask->method);
    curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, body ? c->with_body : c->bare);
    curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(c->easy, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(c->easy, CURLOPT_OPENSOCKETDATA, t);
    answer_free(t->out);
    *t->out = (struct answer){};
}

/* What libcurl's codes mean. Those after a complete head are an answer cut short, see attempt(). */
struct failure {
    CURLcode code;
    enum err err;
    bool again, detail;             /* detail: libcurl's own words say more */
    const char *words, *advice;
};

static const struct failure failures[] = {
    { CURLE_COULDNT_RESOLVE_HOST, ERR_UNREACHABLE, true, false,
      "cannot be found: no such host name, or the name service does not answer",
      "is the address spelled right?" },
    { CURLE_OPERATION_TIMEDOUT, ERR_UNREACHABLE, true, false,
      "did not take the connection in time" },
    { CURLE_GOT_NOTHING, ERR_UNREACHABLE, true, false, "closed the connection without an answer" },
    { CURLE_SEND_ERROR, ERR_UNREACHABLE, true, false, "ended the connection during the request" },
    { CURLE_RECV_ERROR, ERR_UNREACHABLE, true, false, "ended the connection without an answer" },
    { CURLE_SSL_CONNECT_ERROR, ERR_UNREACHABLE, true, true, "could not agree on TLS",
      "does this address speak https, or is http:// meant?" },
    { CURLE_PEER_FAILED_VERIFICATION, ERR_UNREACHABLE, false, true,
      "showed a certificate that is not trusted",
      "if it is your own, add its issuer to this machine's certificates (update-ca-certificates); "
      "else do not go on: somebody may be reading along" },
    { CURLE_SSL_CACERT_BADFILE, ERR_UNREACHABLE, false, true,
      "cannot be checked: this machine has no certificates", "install ca-certificates" },
    { CURLE_BAD_CONTENT_ENCODING, ERR_INCOMPLETE, true, true,
      "sent an answer that cannot be unpacked" },
    { CURLE_UNSUPPORTED_PROTOCOL, ERR_REMOTE, false, false, "answered something that is not HTTP",
      "is the address right, with its port?" },
    { CURLE_WEIRD_SERVER_REPLY, ERR_REMOTE, false, true, "answered something that is not HTTP",
      "is the address right, with its port?" },
    { CURLE_URL_MALFORMAT, ERR_INVALID, false, false,
      "was to be asked for a path that no address can have" },
    {},
};

static void failed(const struct transfer *t, CURLcode code, struct trouble *out)
{
    const char *detail = *t->client->detail ? t->client->detail : curl_easy_strerror(code);
    const struct failure *f = failures;

    if (code == CURLE_COULDNT_CONNECT) {
        trouble_connect(out, &t->seen);
        return;
    }
    while (f->words && f->code != code)
        f++;
    out->code = f->words ? f->err : ERR_UNREACHABLE;
    out->again = f->words ? f->again && !t->seen.passed_on : true;
    out->advice = f->advice;
    trouble_say(out, &t->seen, f->words ? f->words : "could not be asked",
                f->words && !f->detail ? NULL : detail);
}

/* How long a 429 or 5xx asks us to wait, by the other side's clock if it shows one. */
static int64_t asked_wait(const struct client *c)
{
    static const struct {
        const char *name;
        bool (*read)(const char *header, int64_t now, int64_t *wait);
    } headers[] = {
        { "Retry-After", pace_retry_after },
        { "X-RateLimit-Reset", pace_rate_reset },
    };
    struct curl_header *h;
    int64_t now = clock_real(), wait;

    if (curl_easy_header(c->easy, "Date", 0, CURLH_HEADER, -1, &h) == CURLHE_OK)
        pace_date(h->value, &now);          /* else our own has to do */
    for (size_t i = 0; i < COUNT(headers); i++)
        if (curl_easy_header(c->easy, headers[i].name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK &&
            headers[i].read(h->value, now, &wait))
            return wait;
    return 0;
}

static void attempt(struct client *c, struct transfer *t, const char *url, struct trouble *out)
{
    struct attempt *seen = &t->seen;
    long number = 0;

    prepare(c, t, url);
    c->requests++;
    t->started = t->last_byte = clock_tick();
    CURLcode code = transfer_run(t);
    curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &number);
    seen->os_error = (int)number;

    if (seen->end == END_SINK)
        out->code = t->sink;
    else if (seen->end != END_NOT && seen->end != END_ENOUGH)
        trouble_ended(out, seen);
    else if (seen->end == END_ENOUGH || (code == CURLE_OK && seen->answered))
        trouble_status(out, seen, t->out, asked_wait(c));
    else if (code == CURLE_OK || code == CURLE_PARTIAL_FILE ||
             (seen->answered && code != CURLE_BAD_CONTENT_ENCODING))
        trouble_cut(out, seen);
    else
        failed(t, code, out);
}

/* ---- tries and waits ---- */

/* Told to `waiting`, ended early by `stop`. */
static enum err rest(struct client *c, int64_t ms, const char *why)
{
    int64_t until = clock_tick() + ms * 1000;

    if (c->waiting && ms > 0)
        c->waiting(c->waiting_arg, (int)((ms + 999) / 1000), why);
    for (int64_t left = ms; left > 0 && !stopped(c); left = (until - clock_tick() + 999) / 1000)
        poll(NULL, 0, (int)MIN(left, TICK_MS));
    if (stopped(c))
        return errf(ERR_STOPPED, "stopped while waiting for %s at %s", c->label, c->host);
    return OK;
}

static enum err take_turn(struct client *c)
{
    int64_t wait = pace_wait(&c->pace, clock_tick());
    char why[80];

    snprintf(why, sizeof why, "at most %zu requests a minute", c->pace.n);
    TRY(rest(c, (wait + 999) / 1000, why));
    pace_start(&c->pace, clock_tick());
    return OK;
}

/* What the other side asks for, but no less than the back-off: "at once" has just not helped. */
static int64_t next_wait(const struct client *c, const struct trouble *trouble, int tries)
{
    uint64_t chance;

    crypt_random(&chance, sizeof chance);
    return MAX(trouble->asked, pace_back_off(c->retry_ms, tries, chance));
}

static enum err check_path(const struct ask *ask)
{
    bool rooted = *ask->path == '\0' || *ask->path == '/' || *ask->path == '?';

    if (rooted && strcspn(ask->path, " \t\r\n#") == strlen(ask->path))
        return OK;      /* anything else could name another host ("@host", ".host") */
    return errf(ERR_INTERNAL, "'%s' is no percent-encoded path that starts with a slash",
                ask->path);
}

static enum err exchange(struct client *c, const struct ask *ask, body_fn *fn, void *arg,
                         struct answer *out)
{
    AUTO_BUF url = {};
    int64_t began = clock_tick();

    TRY(check_path(ask));
    buf_printf(&url, "%s%s", c->url, ask->path);
    for (int tries = 1;; tries++) {
        struct transfer t = { .client = c, .out = out, .fn = fn, .arg = arg };
        t.seen = (struct attempt){
            .label = c->label,
            .host = c->host,
            .ask = ask,
            .idle_seconds = c->idle_seconds,
            .total_seconds = c->total_seconds,
        };
        struct trouble trouble = {};
        TRY(take_turn(c));
        attempt(c, &t, url.at, &trouble);
        if (trouble.code == OK || t.seen.end == END_SINK)
            return trouble.code;            /* the words of the sink stand as they are */
        if (!trouble.again || tries >= c->tries)
            return trouble_error(&trouble, tries, clock_tick() - began);
        TRY(rest(c, next_wait(c, &trouble, tries), trouble.words));
    }
}

enum err client_send(struct client *c, const struct ask *ask, struct answer *out)
{
    return exchange(c, ask, NULL, NULL, out);
}

enum err client_stream(struct client *c, const struct ask *ask, body_fn *fn, void *arg,
                       struct answer *out)
{
    return exchange(c, ask, fn, arg, out);
}

void answer_free(struct answer *a)
{
    buf_free(&a->body);
}

void client_counts(const struct client *c, int64_t *bytes, int64_t *requests)
{
    *bytes = c->bytes;
    *requests = c->requests;
}

/* ---- making and freeing ---- */

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void curl_start(void)
{
    crypt_init();
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        die_of_memory(0);
}

static enum err check_url(const struct client *c, const char *label, char **host)
{
    CURLU *u = curl_url();
    char *scheme = NULL, *user = NULL, *query = NULL, *fragment = NULL, *name = NULL;
    enum err e = OK;

    if (!u)
        die_of_memory(0);
    if (curl_url_set(u, CURLUPART_URL, c->url, 0) != CURLUE_OK ||
        curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        (!str_eq(scheme, "http") && !str_eq(scheme, "https")))
        e = errf(ERR_USAGE, "%s: '%s' is no address: it must begin with https://", label, c->url);
    else if (curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_OK)
        e = errf(ERR_USAGE, "%s: the address must not have a login in it: give the token as the "
                 "secret", label);
    else if (curl_url_get(u, CURLUPART_QUERY, &query, 0) == CURLUE_OK ||
             curl_url_get(u, CURLUPART_FRAGMENT, &fragment, 0) == CURLUE_OK)
        e = errf(ERR_USAGE, "%s: the address '%s' must end with its path: leave out what begins "
                 "with ? or #", label, c->url);
    else if (curl_url_get(u, CURLUPART_HOST, &name, 0) == CURLUE_OK)
        *host = strdup(name);
    char *parts[] = { scheme, user, query, fragment, name };
    for (size_t i = 0; i < COUNT(parts); i++)
        curl_free(parts[i]);
    curl_url_cleanup(u);
    if (e == OK && !*host)
        die_of_memory(0);
    return e;
}

static void add_header(struct curl_slist **to, const char *line)
{
    struct curl_slist *more = curl_slist_append(*to, line);

    if (!more)
        die_of_memory(strlen(line));
    *to = more;
}

/* "Name:" takes a header out that libcurl would add. */
static enum err make_headers(struct client *c, const char *authorization)
{
    static const char *const both[] = { "Accept: application/json", "Expect:" };
    AUTO_BUF login = {};

    for (const char *p = authorization; p && *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            return errf(ERR_USAGE, "%s: the secret has a line end or control character in it; "
                        "paste it again", c->label);
    for (size_t i = 0; i < COUNT(both); i++)
        add_header(&c->bare, both[i]);
    if (authorization) {
        buf_printf(&login, "Authorization: %s", authorization);
        add_header(&c->bare, login.at);
    }
    for (struct curl_slist *h = c->bare; h; h = h->next)
        add_header(&c->with_body, h->data);
    add_header(&c->bare, "Content-Type:");
    add_header(&c->with_body, "Content-Type: application/json");
    return OK;
}

static enum err make_handles(struct client *c)
{
    c->easy = curl_easy_init();
    c->multi = curl_multi_init();
    if (!c->easy || !c->multi)
        die_of_memory(0);
    CURLcode e = CURLE_OK;
#define SET(option, value) e = e ? e : curl_easy_setopt(c->easy, CURLOPT_##option, (value))
    SET(PROTOCOLS_STR, "http,https");
    SET(NOPROXY, "*");                      /* a proxy would be asked past the address guard */
    SET(FOLLOWLOCATION, 0L);
    SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);     /* one request at a time */
    SET(ACCEPT_ENCODING, "gzip");
    SET(USERAGENT, "muster");
    SET(BUFFERSIZE, (long)PIECE);
    SET(CONNECTTIMEOUT, (long)MIN(CONNECT_SECONDS, c->idle_seconds));
    SET(TCP_KEEPALIVE, 1L);
    SET(NOSIGNAL, 1L);
    SET(QUICK_EXIT, 1L);                    /* a stop does not wait for the name service */
    SET(ERRORBUFFER, c->detail);
    SET(WRITEFUNCTION, body_in);
    SET(HEADERFUNCTION, header_in);
    SET(OPENSOCKETFUNCTION, open_socket);
#undef SET
    if (e != CURLE_OK)
        return errf(ERR_INTERNAL, "%s refuses an option: %s", curl_version(),
                    curl_easy_strerror(e));
    return OK;
}

enum err client_new(const struct client_options *o, struct client **out)
{
    AUTO(client) *c = must_alloc(sizeof *c);

    pthread_once(&curl_once, curl_start);
    c->label = strdup(o->label);
    c->url = strdup(o->url);
    if (!c->label || !c->url)
        die_of_memory(0);
    for (size_t n = strlen(c->url); n && c->url[n - 1] == '/'; n--)
        c->url[n - 1] = '\0';
    c->tries = o->tries ? o->tries : TRIES;
    c->retry_ms = o->retry_ms ? o->retry_ms : RETRY_MS;
    c->idle_seconds = o->idle_seconds ? o->idle_seconds : IDLE_SECONDS;
    c->total_seconds = o->total_seconds ? o->total_seconds : TOTAL_SECONDS;
    c->allow_private = o->allow_private;
    c->stop = o->stop;
    c->waiting = o->waiting;
    c->waiting_arg = o->waiting_arg;
    pace_init(&c->pace, o->per_minute);
    TRY(check_url(c, c->label, &c->host));
    TRY(make_headers(c, o->authorization));
    TRY(make_handles(c));
    *out = take(c);
    return OK;
}

void client_free(struct client *c)
{
    if (!c)
        return;
    curl_easy_cleanup(c->easy);
    if (c->multi)
        curl_multi_cleanup(c->multi);
    curl_slist_free_all(c->bare);
    curl_slist_free_all(c->with_body);
    pace_free(&c->pace);
    free(c->label);
    free(c->url);
    free(c->host);
    free(c);
}
