/*
 * head.h — the headers of a request, looked at for what two servers could read in two ways.
 *
 * A proxy in front of us that ends a request elsewhere than we do lets one client speak in another's
 * name (request smuggling). libmicrohttpd before 1.0.10 takes such requests, so they are refused here.
 */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "base/err.h"

struct head {
    int lengths, encodings, hosts;  /* how many of each header */
    size_t bytes;
    uint64_t length;                /* Content-Length; 0: none */
    bool chunked, expect;
    const char *odd;                /* what is wrong with one of them */
};

void head_add(struct head *h, const char *name, const char *value);

/* After the last: ERR_USAGE or ERR_TOO_LARGE with the words, and in *status the HTTP status, if it is not the error's. */
enum err head_check(const struct head *h, const char *target, const char *version, int *status);

#endif
