/*
 * peer.h — the other side of a client under test: a thread that answers with scripted bytes.
 *
 * The n-th request gets the n-th act of the script, later ones the last act again. One connection at a
 * time, as one client has.
 */
#ifndef TESTS_HTTP_PEER_H
#define TESTS_HTTP_PEER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/support.h"

struct act {
    const char *bytes;              /* the answer, head and body */
    size_t n;                       /* its length; 0: up to its NUL */
    enum { THEN_KEEP, THEN_CLOSE, THEN_RESET, THEN_HANG } then;
    int drip_ms;                    /* one byte each so many milliseconds, after the head */
};

struct peer {
    int listener, port, bell[2];    /* a byte in the bell ends the thread */
    pthread_t thread;
    const struct act *acts;
    size_t count;
    _Atomic int requests, connections;
    char seen[16384];               /* the last request, whole */
};

/* False when the test is over. */
static inline bool peer_pause(struct peer *p, int ms)
{
    return poll(&(struct pollfd){ p->bell[0], POLLIN }, 1, ms) == 0;
}

/* Waits until `fd` has something to read; false when the test is over. */
static inline bool peer_await(struct peer *p, int fd)
{
    struct pollfd both[] = { { p->bell[0], POLLIN }, { fd, POLLIN } };

    return poll(both, 2, -1) > 0 && !both[0].revents;
}

/* Reads one request, or the first words of TLS; false if the connection ended or the test is over. */
static inline bool peer_read(struct peer *p, int fd)
{
    size_t n = 0;

    while (n < sizeof p->seen - 1 && peer_await(p, fd)) {
        ssize_t k = recv(fd, p->seen + n, sizeof p->seen - 1 - n, 0);
        if (k <= 0)
            return false;
        n += (size_t)k;
        p->seen[n] = '\0';
        if (p->seen[0] == 0x16)
            return true;
        const char *end = strstr(p->seen, "\r\n\r\n");
        const char *length = strstr(p->seen, "Content-Length: ");
        if (end && p->seen + n >= end + 4 + (length ? strtoul(length + 16, NULL, 10) : 0))
            return true;
    }
    return false;
}

static inline void peer_send(int fd, const char *bytes, size_t n)
{
    while (n) {
        ssize_t k = send(fd, bytes, n, MSG_NOSIGNAL);
        if (k <= 0)
            return;                 /* the client has hung up, as some tests want */
        bytes += k;
        n -= (size_t)k;
    }
}

/* False if the connection is not to be used again. */
static inline bool peer_answer(struct peer *p, int fd, const struct act *act)
{
    size_t n = act->n ? act->n : strlen(act->bytes), head = n;
    const char *end = memmem(act->bytes, n, "\r\n\r\n", 4);

    if (act->drip_ms && end)
        head = (size_t)(end + 4 - act->bytes);
    peer_send(fd, act->bytes, head);
    for (size_t i = head; i < n && peer_pause(p, act->drip_ms); i++)
        peer_send(fd, act->bytes + i, 1);
    if (act->then == THEN_RESET)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
    char rest;
    if (act->then == THEN_HANG && peer_await(p, fd))
        (void)!recv(fd, &rest, 1, 0);
    return act->then == THEN_KEEP;
}

static inline void *peer_main(void *arg)
{
    struct peer *p = arg;

    while (peer_await(p, p->listener)) {
        int fd = accept(p->listener, NULL, NULL);
        p->connections++;
        while (peer_read(p, fd)) {
            size_t i = (size_t)p->requests++;
            if (!peer_answer(p, fd, &p->acts[MIN(i, p->count - 1)]))
                break;
        }
        close(fd);
    }
    return NULL;
}

static inline void peer_start(struct peer *p, const struct act *acts, size_t count)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;

    *p = (struct peer){ .acts = acts, .count = count };
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(p->listener, (struct sockaddr *)&at, n), 0);
    assert_int_equal(listen(p->listener, 8), 0);
    assert_int_equal(getsockname(p->listener, (struct sockaddr *)&at, &n), 0);
    assert_int_equal(pipe(p->bell), 0);
    p->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&p->thread, NULL, peer_main, p), 0);
}

static inline void peer_stop(struct peer *p)
{
    if (!p->thread)
        return;
    assert_int_equal(write(p->bell[1], "", 1), 1);
    pthread_join(p->thread, NULL);
    close(p->listener);
    close(p->bell[0]);
    close(p->bell[1]);
    p->thread = 0;
}

#endif
