/*
 * pair.h — a client under test, the peer it speaks to, and what a stream delivered.
 */
#ifndef TESTS_HTTP_PAIR_H
#define TESTS_HTTP_PAIR_H

#include "http/client.h"
#include "http/peer.h"

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
/* printf '[{"id":1},{"id":1},{"id":1}]' | gzip -n9 */
#define PACKED                                                                                    \
    HEAD "Content-Encoding: gzip\r\nContent-Length: 33\r\n\r\n"                                   \
         "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x8b\xae\x56\xca\x4c\x51"                    \
         "\xb2\x32\xac\xd5\xc1\x60\xc4\x02\x00\x2a\x99\x8d\x12\x1c\x00\x00\x00"
#define CHUNKED HEAD "Transfer-Encoding: chunked\r\n\r\n"
#define ANSWER(length, body) HEAD "Content-Length: " length "\r\n\r\n" body

/* A client and the peer it speaks to; `told` is what waiting() heard. */
struct pair {
    struct peer peer;
    struct client *client;
    char url[64];
    bool stop;
    int seconds, waits;
    char told[256];
};

static inline void hear(void *arg, int seconds, const char *why)
{
    struct pair *p = arg;

    p->seconds = seconds;
    p->waits++;
    snprintf(p->told, sizeof p->told, "%s", why);
}

static inline void hear_and_stop(void *arg, int seconds, const char *why)
{
    struct pair *p = arg;

    hear(arg, seconds, why);
    p->stop = true;
}

static inline void pair_up(struct pair *p, struct client_options o, const struct act *acts,
                           size_t n)
{
    *p = (struct pair){};
    peer_start(&p->peer, acts, n);
    snprintf(p->url, sizeof p->url, "http://127.0.0.1:%d/v1", p->peer.port);
    o.label = "HiBob";
    o.url = o.url ? o.url : p->url;
    o.retry_ms = o.retry_ms ? o.retry_ms : 1;
    o.stop = &p->stop;
    o.waiting = o.waiting ? o.waiting : hear;
    o.waiting_arg = p;
    assert_ok(client_new(&o, &p->client));
}

static inline void part(struct pair *p)
{
    client_free(p->client);
    peer_stop(&p->peer);
}

/* PAIR(p, acts): with the default options of a test; PAIR(p, acts, .tries = 1) with others. */
#define PAIR(p, acts, ...)                                                                        \
    [[gnu::cleanup(part)]] struct pair p;                                                         \
    pair_up(&p, (struct client_options){ .allow_private = true, ##__VA_ARGS__ }, (acts),           \
            COUNT(acts))

static const struct ask search = { .method = "POST",
                                   .path = "/people/search?who=ada",
                                   .body = "{\"a\":1}" };
static const struct ask get = { .method = "GET", .path = "/people" };

/* What a stream delivered, and what to do at its first piece. */
struct sink {
    struct buf got;
    enum err answer;
    bool *stop;
};

static inline enum err sink_in(void *arg, const char *bytes, size_t n)
{
    struct sink *s = arg;

    buf_add(&s->got, bytes, n);
    if (s->stop)
        *s->stop = true;
    return s->answer == OK ? OK : errf(s->answer, "record 1: no id");
}

static inline void free_sink(struct sink *s)
{
    buf_free(&s->got);
}
#define SINK [[gnu::cleanup(free_sink)]] struct sink

#endif
