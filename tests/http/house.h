/*
 * house.h — a server under test with a few routes, and a client that speaks in bytes.
 */
#ifndef TESTS_HTTP_HOUSE_H
#define TESTS_HTTP_HOUSE_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"
#include "http/server.h"
#include "support/support.h"

/* ---- a program with a few routes ---- */

static sem_t entered, gate;         /* of /gate: a request is in work; it may go on */

static inline enum err get_hello(struct call *c)
{
    assert_non_null(c->context);
    buf_printf(&c->reply, "{\"path\":\"%s\",\"workspace\":%d}", c->path, c->work->workspace != 0);
    return OK;
}

static inline enum err get_person(struct call *c)
{
    const char *q = call_query(c, "q"), *agent = call_header(c, "user-agent");

    buf_printf(&c->reply, "%s|%s|%s", call_part(c, "id"), q ? q : "-", agent ? agent : "-");
    return OK;
}

static inline enum err get_page(struct call *c)
{
    c->type = "text/html; charset=utf-8";
    buf_puts(&c->reply, "<p>hello");
    return OK;
}

static inline enum err get_empty(struct call *c)
{
    c->status = 204;
    return OK;
}

static inline enum err put_echo(struct call *c)
{
    assert_int_equal(strlen(c->body), c->body_size);
    buf_add(&c->reply, c->body, c->body_size);
    return OK;
}

static inline enum err get_fail(struct call *c)
{
    static const struct {
        const char *name;
        enum err err;
    } kinds[] = {
        { "denied", ERR_DENIED },
        { "missing", ERR_NOT_FOUND },
        { "busy", ERR_BUSY },
        { "defect", ERR_INTERNAL },
    };

    buf_puts(&c->reply, "half a reply");
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (str_eq(call_query(c, "as"), kinds[i].name))
            return errf(kinds[i].err, "\"%s\"\nas asked", kinds[i].name);
    return OK;
}

static inline enum err get_gate(struct call *c)
{
    sem_post(&entered);
    sem_wait(&gate);
    buf_puts(&c->reply, "through");
    return OK;
}

static inline enum err get_long(struct call *c)
{
    for (int i = 0; i < 100000; i++)
        buf_printf(&c->reply, "%09d\n", i);
    return OK;
}

static const struct route first[] = {
    { GET, "/hello", 0, LANE_READ, get_hello, 0, "" },
    { GET, "/scan/hello", 0, LANE_SCAN, get_hello, 0, "" },
    { GET, "/bare", 0, LANE_BARE, get_hello, 0, "" },
    { GET, "/people/{id}", 0, LANE_READ, get_person, 0, "" },
    { GET, "/scan/people/{id}", 0, LANE_SCAN, get_person, 0, "" },
    {},
};
static const struct route second[] = {
    { GET, "/page", 0, LANE_READ, get_page, 0, "" },
    { DELETE, "/page", 0, LANE_READ, get_empty, 0, "" },
    { POST, "/echo", 0, LANE_READ, put_echo, 100, "" },
    { POST, "/scan/echo", 0, LANE_SCAN, put_echo, 100, "" },
    { GET, "/fail", 0, LANE_READ, get_fail, 0, "" },
    { GET, "/scan/fail", 0, LANE_SCAN, get_fail, 0, "" },
    { GET, "/gate", 0, LANE_SCAN, get_gate, 0, "" },
    { GET, "/long", 0, LANE_SCAN, get_long, 0, "" },
    {},
};
static const struct route *const tables[] = { first, second, NULL };

struct house {
    struct work *work;
    struct server *server;
};

/* On `engine`, with what `o` says; the store and the address are ours. */
static inline struct house *house_new(const char *engine, struct server_options o)
{
    struct house *h = must_alloc(sizeof *h);

    sem_init(&entered, 0, 0);
    sem_init(&gate, 0, 0);
    h->work = work_for_test(engine ? engine : "sqlite");
    reopen_for_test(h->work, STORE_SERVE);
    o.listen = "127.0.0.1:0";
    o.store = h->work->store;
    o.context = h;
    o.drain_seconds = 1;
    assert_ok(server_start(&o, &h->server));
    return h;
}

static inline int open_house(void **state)
{
    *state = house_new(*state, (struct server_options){ .tables = tables });
    return 0;
}

static inline int close_house(void **state)
{
    struct house *h = *state;

    server_stop(h->server);
    work_for_test_free(h->work);
    free(h);
    return 0;
}
#define IN_HOUSE(test)                                                                             \
    {                                                                                              \
#test, test, open_house, close_house, NULL                                                 \
    }

/* ---- a client of bytes ---- */

struct reply {
    int status;
    char head[4096], body[4096];
    size_t n;                       /* of the body, as its Content-Length says */
};

static inline int dial_port(int port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                              .sin_port = htons((uint16_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ 10, 0 }, sizeof(struct timeval));
    if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    close(fd);
    return -1;
}

static inline int dial(struct house *h)
{
    int fd = dial_port(server_port(h->server));

    assert_true(fd >= 0);
    return fd;
}

static inline void put_bytes(int fd, const char *bytes, size_t n)
{
    while (n) {
        ssize_t k = send(fd, bytes, n, MSG_NOSIGNAL);
        if (k <= 0)
            return;                 /* the server hung up; what it said before is read all the same */
        bytes += k;
        n -= (size_t)k;
    }
}

static inline void put(int fd, const char *text)
{
    put_bytes(fd, text, strlen(text));
}

/* Reads one reply; status 0 if the connection ended without one. `head`: leaves the body alone. */
static inline struct reply get_reply(int fd, bool head)
{
    struct reply r = {};
    size_t n = 0;

    /* Byte for byte up to the end of the head, so as not to eat what comes behind. */
    while (n < sizeof r.head - 1 && !strstr(r.head, "\r\n\r\n") && recv(fd, r.head + n, 1, 0) == 1)
        n++;
    sscanf(r.head, "HTTP/1.1 %d", &r.status);
    const char *length = strcasestr(r.head, "\r\nContent-Length: ");
    r.n = length ? strtoul(length + 18, NULL, 10) : 0;
    size_t want = head ? 0 : MIN(r.n, sizeof r.body - 1);
    for (n = 0; n < want;) {
        ssize_t k = recv(fd, r.body + n, want - n, 0);
        if (k <= 0)
            break;
        n += (size_t)k;
    }
    return r;
}

static inline bool ended(int fd)
{
    char rest;

    return recv(fd, &rest, 1, 0) <= 0 && errno != EAGAIN;
}

static inline bool has(const struct reply *r, const char *header)
{
    return strcasestr(r->head, header) != NULL;
}

/* One request on a connection of its own. */
static inline struct reply ask(struct house *h, const char *text)
{
    int fd = dial(h);

    put(fd, text);
    struct reply r = get_reply(fd, str_starts(text, "HEAD"));
    close(fd);
    return r;
}

#define HOST " HTTP/1.1\r\nHost: x\r\n"

#endif
