/*
 * ceiling.c — what HTTP alone does here: libmicrohttpd as our server runs it, and a body of 1 KB from memory.
 *
 * ceiling PORT answers every request so, whoever asks.
 */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 4, BODY = 1024 };          /* THREADS: as in src/http/server.c */

static enum MHD_Result answer(void *response, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *bytes, size_t *n,
                              void **seen)
{
    (void)path, (void)method, (void)version, (void)bytes;
    if (!*seen) {
        *seen = response;
        return MHD_YES;
    }
    if (*n) {
        *n = 0;
        return MHD_YES;
    }
    return MHD_queue_response(connection, 200, response);
}

int main(int argc, char **argv)
{
    static char body[BODY];
    long port = argc > 1 ? strtol(argv[1], NULL, 10) : 0;

    if (port <= 0 || port > 65535) {
        fprintf(stderr, "usage: ceiling PORT\n");
        return 2;
    }
    memset(body, 'x', sizeof body);
    memcpy(body, "{\"pad\":\"", 8);
    memcpy(body + sizeof body - 2, "\"}", 2);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(sizeof body, body, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/scim+json");
    const unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME |
                           MHD_USE_TURBO | MHD_USE_ERROR_LOG;
    if (!MHD_start_daemon(flags, (uint16_t)port, NULL, NULL, answer, response,
                          MHD_OPTION_THREAD_POOL_SIZE, THREADS, MHD_OPTION_END)) {
        fprintf(stderr, "ceiling: cannot listen on port %ld\n", port);
        return 3;
    }
    for (;;)
        pause();
}
