/* listen.c — see listen.h. */
#include "http/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"

enum { BACKLOG = 1024 };

/* Host and port of "host:port" or "[host]:port"; false if it is neither. */
static bool split(const char *where, char host[256], char port[8])
{
    const char *colon = strrchr(where, ':');
    size_t n = colon ? (size_t)(colon - where) : 0;
    bool bracket = n > 2 && where[0] == '[' && where[n - 1] == ']';
    int64_t number;

    if (n == 0 || n >= 256 || (!bracket && (*where == '[' || memchr(where, ':', n))))
        return false;
    if (!str_number(colon + 1, &number) || number < 0 || number > 65535)
        return false;
    snprintf(host, 256, "%.*s", (int)(bracket ? n - 2 : n), where + bracket);
    snprintf(port, 8, "%d", (int)number);
    return true;
}

static enum err cannot(const char *where, int number)
{
    switch (number) {
    case EADDRINUSE:
        return errf(ERR_USAGE, "cannot listen on %s: another program has this port; stop it, or "
                    "choose another with --listen", where);
    case EACCES:
        return errf(ERR_USAGE, "cannot listen on %s: ports below 1024 need a right this process "
                    "does not have; choose another with --listen", where);
    case EADDRNOTAVAIL:
        return errf(ERR_USAGE, "cannot listen on %s: this machine does not have that address",
                    where);
    default:
        return errf(ERR_USAGE, "cannot listen on %s: %s", where, strerrordesc_np(number));
    }
}

static int port_of(const struct sockaddr_storage *at)
{
    return ntohs(at->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)at)->sin6_port
                                           : ((const struct sockaddr_in *)at)->sin_port);
}

enum err listen_open(const char *where, int *fd, int *port)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    struct addrinfo *found;
    struct sockaddr_storage at;
    socklen_t n = sizeof at;
    char host[256], service[8];
    int one = 1;

    if (!split(where, host, service))
        return errf(ERR_USAGE, "'%s' is no address to listen on: it is HOST:PORT, 127.0.0.1:8080 "
                    "or [::1]:8080", where);
    int e = getaddrinfo(host, service, &hints, &found);
    if (e)
        return errf(ERR_USAGE, "cannot listen on %s: %s", where, gai_strerror(e));
    int s = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s < 0 || setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) ||
        bind(s, found->ai_addr, found->ai_addrlen) || listen(s, BACKLOG) ||
        getsockname(s, (struct sockaddr *)&at, &n)) {
        int number = errno;
        if (s >= 0)
            close(s);
        freeaddrinfo(found);
        return cannot(where, number);
    }
    freeaddrinfo(found);
    *fd = s;
    *port = port_of(&at);
    return OK;
}
