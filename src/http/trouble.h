/*
 * trouble.h — what went wrong with a request, in words for the person who has to mend it.
 *
 * Internal to http/. client.c notes what it saw; here it becomes a code, a sentence, an advice, and the answer to
 * whether another try is worth it.
 */
#ifndef HTTP_TROUBLE_H
#define HTTP_TROUBLE_H

#include "http/address.h"
#include "http/client.h"

/* Why we ended a transfer ourselves. */
enum end { END_NOT, END_STOP, END_IDLE, END_TOTAL, END_SINK, END_TOO_LARGE, END_ENOUGH };

/* What was seen of one try. */
struct attempt {
    const char *label, *host;
    const struct ask *ask;
    int idle_seconds, total_seconds;
    size_t most;                    /* the ceiling that END_TOO_LARGE is about */
    int64_t got;                    /* bytes of the body so far */
    bool answered;                  /* the headers are complete */
    bool passed_on;                 /* the caller has seen a piece: no way back */
    bool reached;                   /* an address was let through the guard … */
    char guarded[ADDRESS_TEXT];     /* … and one that was not */
    enum end end;
    int os_error;                   /* of a connection that did not come about */
};

struct trouble {
    enum err code;                  /* OK: none */
    bool again;                     /* worth another try */
    int64_t asked;                  /* milliseconds the other side asks for; 0: nothing asked */
    const char *advice;
    char words[1024];
};

/* "HiBob at api.hibob.com WORDS (DETAIL)"; `detail` may be NULL or empty. */
void trouble_say(struct trouble *out, const struct attempt *a, const char *words,
                 const char *detail);

void trouble_cut(struct trouble *out, const struct attempt *a);         /* the answer ended too early */
void trouble_ended(struct trouble *out, const struct attempt *a);       /* we ended it: a->end */
void trouble_connect(struct trouble *out, const struct attempt *a);     /* nobody took the connection */

/* An answer of 429 or 5xx came; `wait` is what it asks for. Nothing for any other status. */
void trouble_status(struct trouble *out, const struct attempt *a, const struct answer *answer,
                    int64_t wait);

/* The error with its words, how often it was tried, and the advice. */
enum err trouble_error(const struct trouble *t, int tries, int64_t microseconds);

#endif
