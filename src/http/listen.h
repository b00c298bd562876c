/*
 * listen.h — a listening socket from an address as an admin writes it.
 */
#ifndef HTTP_LISTEN_H
#define HTTP_LISTEN_H

#include "base/err.h"

/* "127.0.0.1:8080", "[::1]:8080", "localhost:0". The caller closes *fd; *port is the one that was had. */
enum err listen_open(const char *where, int *fd, int *port);

#endif
