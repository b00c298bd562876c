/*
 * client.h — one remote API: base address, login, pace, retries. The only place that knows libcurl.
 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "base/buf.h"

struct client;

struct client_options {
    const char *label;              /* for messages: "HiBob" */
    const char *url;                /* base, without a slash at the end */
    const char *authorization;      /* whole header value, or NULL */
    int per_minute;                 /* own pace; 0: as fast as the other side lets us */
    int tries;                      /* for what is worth retrying; 0: 4 */
    int retry_ms;                   /* the first wait between tries, doubled each time; 0: 1000 */
    int idle_seconds;               /* no byte for so long: ERR_UNREACHABLE; 0: 60 */
    int total_seconds;              /* a whole answer; 0: 1800 */
    bool allow_private;             /* private and loopback addresses; else refused after DNS, IPv6 too */
    const bool *stop;               /* set by another thread: ERR_STOPPED soon after; may be NULL */
    /* Told before each wait: "… was answered with 429", 12. May be NULL. */
    void (*waiting)(void *arg, int seconds, const char *why);
    void *waiting_arg;
};

/* Copies what it keeps. */
enum err client_new(const struct client_options *o, struct client **out);
void client_free(struct client *c);         /* NULL is fine */
AUTO_FREE(client)

struct ask {
    const char *method;             /* "GET", "POST" */
    const char *path;               /* after the base address, percent-encoded */
    const char *body;               /* sent as application/json; NULL: no body, no Content-Type */
    size_t max;                     /* ceiling of the answer; 0: 16 MB */
};

struct answer {
    int status;
    char type[64];                  /* content type without parameters, lower case */
    char location[256];             /* of a redirect: none is followed */
    struct buf body;                /* whole answer; of a refusal, and with client_stream, at most 64 kB */
};
void answer_free(struct answer *a);
#define AUTO_ANSWER [[gnu::cleanup(answer_free)]] struct answer

/*
 * One request with retries: 429, 5xx, no connection, reset, time-out; Retry-After and
 * X-RateLimit-Reset are obeyed up to five minutes. OK means an answer came whole, whatever else its
 * status (see client_refusal). ERR_UNREACHABLE / ERR_LIMITED / ERR_INCOMPLETE / ERR_TOO_LARGE /
 * ERR_STOPPED say which host, what happened, and how often it was tried; ERR_FORBIDDEN: the address is
 * a private one. An answer with neither length nor chunks ends with the connection: only its content
 * can tell whether that is whole.
 */
enum err client_send(struct client *c, const struct ask *ask, struct answer *out);

/*
 * As client_send, but a 200 body goes to `fn` piece by piece as it arrives and is never kept. A
 * failure after the first piece is not retried: ERR_INCOMPLETE. An error of `fn` ends the transfer
 * and is passed on. `max` does not apply.
 */
typedef enum err body_fn(void *arg, const char *bytes, size_t n);
enum err client_stream(struct client *c, const struct ask *ask, body_fn *fn, void *arg,
                       struct answer *out);

/* The error that a status other than 200 stands for (401 ERR_DENIED, 403 ERR_FORBIDDEN, 404
 * ERR_NOT_FOUND …) with method, path, status and the start of the body, one line, in the message. */
enum err client_refusal(const struct ask *ask, const struct answer *a);

/* Bytes received and requests sent since it was made. */
void client_counts(const struct client *c, int64_t *bytes, int64_t *requests);

#endif
