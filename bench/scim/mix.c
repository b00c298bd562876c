/*
 * mix.c — reads and writes at once, each with latencies of its own, which wrk does not tell apart.
 *
 * mix PORT BASE TOKEN IDS SECONDS CONNECTIONS WRITES RATE TAG
 *
 * IDS is a file with the id of user i ("u0000000@example.com" and on) in line i. WRITES of 100 requests
 * are writes, POST and PATCH in turn; the reads are by id and by user name in turn. RATE requests a
 * second are due at equal distances and their latency counts from then, so that a server that stands still is
 * seen; with 0 every connection sends as soon as it has its answer. Prints for reads and for writes:
 * requests, p50, p99 and longest in microseconds, failed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "base/core.h"

enum { READ, WRITE, CLASSES };
enum { MOST = 1024, REQUEST = 4096, HEAD = 4096 };

struct connection {
    int fd;
    int class;
    int64_t due;                        /* 0: nothing is asked for */
    char out[REQUEST], head[HEAD + 1];
    size_t to_send, sent, in_head;
    bool in_body;
    uint64_t body;                      /* bytes still to come */
};

static struct seen { uint32_t *us; size_t n, cap, failed; } seen[CLASSES];
static struct connection all[MOST];
static const char *base, *token, *tag;
static struct { char **list; size_t n, cap; } ids;
static size_t asked;
static long port, connections, writes, rate;
static uint64_t dice = 88172645463325252;

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(3);
}

static int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static uint64_t draw(void)              /* xorshift64 */
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    return dice ^= dice << 17;
}

static void ids_read(const char *path)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;

    if (!file)
        fail(path);
    while ((n = getline(&line, &cap, file)) > 0) {
        line[n - 1] = '\0';
        if (ids.n == ids.cap) {
            ids.cap = ids.cap ? ids.cap * 2 : 1024;
            ids.list = realloc(ids.list, ids.cap * sizeof *ids.list);
        }
        ids.list[ids.n++] = strdup(line);
    }
    free(line);
    fclose(file);
    if (ids.n == 0) {
        fprintf(stderr, "mix: %s has no ids\n", path);
        exit(2);
    }
}

/* ---- what is asked ---- */

static void compose(struct connection *c, const char *method, const char *target, const char *body)
{
    int n = snprintf(c->out, sizeof c->out,
                     "%s %s%s HTTP/1.1\r\nHost: 127.0.0.1:%ld\r\nAuthorization: Bearer %s\r\n"
                     "Accept: application/scim+json\r\n",
                     method, base, target, port, token);
    if (*body)
        n += snprintf(c->out + n, sizeof c->out - (size_t)n,
                      "Content-Type: application/scim+json\r\nContent-Length: %zu\r\n\r\n%s",
                      strlen(body), body);
    else
        n += snprintf(c->out + n, sizeof c->out - (size_t)n, "\r\n");
    c->to_send = (size_t)n;
}

static void compose_read(struct connection *c, size_t user)
{
    char target[128];

    if (asked % 2)
        snprintf(target, sizeof target, "/Users/%s", ids.list[user]);
    else
        snprintf(target, sizeof target,
                 "/Users?filter=userName%%20eq%%20%%22u%07zu%%40example.com%%22", user);
    compose(c, "GET", target, "");
}

static void compose_write(struct connection *c, size_t user)
{
    char target[128] = "/Users", body[1024];

    if (draw() % 2) {
        snprintf(target, sizeof target, "/Users/%s", ids.list[user]);
        snprintf(body, sizeof body,
                 "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],\"Operations\":"
                 "[{\"op\":\"replace\",\"path\":\"title\",\"value\":\"Title %s%zu\"}]}",
                 tag, asked);
        compose(c, "PATCH", target, body);
    } else {
        snprintf(body, sizeof body,
                 "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],"
                 "\"externalId\":\"%s%zu\",\"userName\":\"%s%zu@example.com\",\"active\":true,"
                 "\"name\":{\"givenName\":\"Given\",\"familyName\":\"Family\"},\"emails\":"
                 "[{\"value\":\"%s%zu@example.com\",\"type\":\"work\",\"primary\":true}]}",
                 tag, asked, tag, asked, tag, asked);
        compose(c, "POST", target, body);
    }
}

/* ---- a connection ---- */

static void push(struct connection *c)
{
    while (c->sent < c->to_send) {
        ssize_t n = send(c->fd, c->out + c->sent, c->to_send - c->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            return;                     /* the edge of EPOLLOUT comes */
        if (n < 0)
            fail("send");
        c->sent += (size_t)n;
    }
}

static void ask(struct connection *c, int64_t due)
{
    size_t user = draw() % ids.n;

    asked++;
    c->class = (long)(draw() % 100) < writes ? WRITE : READ;
    c->due = due;
    c->sent = c->in_head = 0;
    c->in_body = false;
    if (c->class == READ)
        compose_read(c, user);
    else
        compose_write(c, user);
    push(c);
}

static void note(struct connection *c, bool well)
{
    struct seen *s = &seen[c->class];

    if (s->n == s->cap)
        s->us = realloc(s->us, (s->cap = s->cap ? s->cap * 2 : 65536) * sizeof *s->us);
    s->us[s->n++] = (uint32_t)((now() - c->due) / 1000);
    s->failed += !well;
    c->due = 0;
}

/* What of the bytes behind the head is body already? */
static void head_read(struct connection *c)
{
    char *end = strstr(c->head, "\r\n\r\n");

    if (!end && c->in_head < HEAD)
        return;
    if (!end || strncmp(c->head, "HTTP/1.1 ", 9) != 0 ||
        strcasestr(c->head, "\r\nTransfer-Encoding:")) {
        fprintf(stderr, "mix: an answer that is not understood: %.200s\n", c->head);
        exit(3);
    }
    end[2] = '\0';
    const char *length = strcasestr(c->head, "\r\nContent-Length:");
    c->body = length ? strtoull(length + 17, NULL, 10) : 0;
    c->in_body = true;
    c->body -= MIN(c->body, (uint64_t)(c->head + c->in_head - (end + 4)));
}

/* True when a whole answer is there. */
static bool pull(struct connection *c)
{
    static char sink[65536];

    while (c->due) {
        char *to = c->in_body ? sink : c->head + c->in_head;
        size_t room = c->in_body ? MIN(sizeof sink, (size_t)c->body) : HEAD - c->in_head;
        ssize_t n = recv(c->fd, to, room, 0);
        if (n < 0 && errno == EAGAIN)
            return false;
        if (n <= 0) {
            fprintf(stderr, "mix: the server hung up\n");
            exit(3);
        }
        if (c->in_body) {
            c->body -= (uint64_t)n;
        } else {
            c->in_head += (size_t)n;
            c->head[c->in_head] = '\0';
            head_read(c);
        }
        if (c->in_body && c->body == 0)
            return true;
    }
    return false;
}

static void connect_all(int poll)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

    for (long i = 0; i < connections; i++) {
        struct epoll_event want = { EPOLLIN | EPOLLOUT | EPOLLET, { .u32 = (uint32_t)i } };
        all[i].fd = socket(AF_INET, SOCK_STREAM, 0);
        if (all[i].fd < 0 || connect(all[i].fd, (struct sockaddr *)&to, sizeof to) != 0)
            fail("connect");
        setsockopt(all[i].fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
        fcntl(all[i].fd, F_SETFL, O_NONBLOCK);
        epoll_ctl(poll, EPOLL_CTL_ADD, all[i].fd, &want);
    }
}

/* ---- the load ---- */

/* Hands out what is due; returns when the next will be. */
static int64_t hand_out(int64_t start, int64_t end)
{
    static long next;
    int64_t at = now();

    for (long tried = 0; tried < connections; tried++, next = (next + 1) % connections) {
        int64_t due = rate ? start + (int64_t)asked * 1000000000 / rate : at;
        if (due > at || due >= end)
            return due;
        if (!all[next].due)
            ask(&all[next], due);
    }
    return end;
}

static void load(int poll, double secs)
{
    struct epoll_event events[MOST];
    int64_t start = now(), end = start + (int64_t)(secs * 1e9);

    for (int64_t at = start; at < end; at = now()) {
        int64_t wait = MAX(MIN(hand_out(start, end), end) - now(), (int64_t)0);
        struct timespec most = { wait / 1000000000, wait % 1000000000 };
        int n = epoll_pwait2(poll, events, MOST, &most, NULL);
        for (int i = 0; i < n; i++) {
            struct connection *c = &all[events[i].data.u32];
            push(c);
            if (!pull(c))
                continue;
            note(c, c->head[9] == '2');     /* "HTTP/1.1 200 …" */
            if (!rate)
                ask(c, now());
        }
    }
    for (long i = 0; i < connections; i++)      /* who still waits has waited so long at least */
        if (all[i].due)
            note(&all[i], true);
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static const char *const names[] = { "read", "write" };

    if (argc != 10) {
        fprintf(stderr,
                "usage: mix PORT BASE TOKEN IDS SECONDS CONNECTIONS WRITES-PERCENT RATE TAG\n");
        return 2;
    }
    port = strtol(argv[1], NULL, 10);
    base = argv[2];
    token = argv[3];
    ids_read(argv[4]);
    connections = MIN(MAX(strtol(argv[6], NULL, 10), 1L), (long)MOST);
    writes = strtol(argv[7], NULL, 10);
    rate = strtol(argv[8], NULL, 10);
    tag = argv[9];
    int poll = epoll_create1(0);
    connect_all(poll);
    load(poll, strtod(argv[5], NULL));
    for (int i = 0; i < CLASSES; i++) {
        struct seen *s = &seen[i];
        if (s->n == 0)
            continue;
        qsort(s->us, s->n, sizeof *s->us, by_size);
        printf("%s,%zu,%u,%u,%u,%zu\n", names[i], s->n, s->us[s->n / 2], s->us[s->n * 99 / 100],
               s->us[s->n - 1], s->failed);
    }
    return 0;
}
