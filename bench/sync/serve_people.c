/*
 * serve_people.c — an HR system that costs nothing: answers with prepared files, by sendfile().
 *
 * serve_people DIR listens on a free port of 127.0.0.1 and prints it. POST /v1/people/search is
 * answered with DIR/people.json, or DIR/changed.json while there is a file DIR/one-percent;
 * the metadata with DIR/fields.json and DIR/named-lists.json.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/core.h"

static int dir;

/* Reads one request, body included. Gives its first line. */
static bool request_read(int fd, char *line, size_t size)
{
    static const char length[] = "content-length:";
    char head[KB(64) + 1];
    size_t n = 0, body = 0;
    char *end = NULL;

    while (end == NULL) {
        ssize_t got = n < KB(64) ? recv(fd, head + n, KB(64) - n, 0) : -1;
        if (got <= 0)
            return false;
        n += (size_t)got;
        head[n] = 0;
        end = strstr(head, "\r\n\r\n");
    }
    for (char *p = head; p < end; p = strstr(p, "\r\n") + 2)
        if (strncasecmp(p, length, sizeof length - 1) == 0)
            body = strtoul(p + sizeof length - 1, NULL, 10);
    snprintf(line, size, "%.*s", (int)strcspn(head, "\r"), head);
    for (size_t have = n - (size_t)(end + 4 - head); have < body;) {
        ssize_t got = recv(fd, head, MIN(KB(64), body - have), 0);
        if (got <= 0)
            return false;
        have += (size_t)got;
    }
    return true;
}

static const char *file_for(const char *line)
{
    if (strncmp(line, "POST /v1/people/search ", 23) == 0)
        return faccessat(dir, "one-percent", F_OK, 0) == 0 ? "changed.json" : "people.json";
    if (strncmp(line, "GET /v1/company/people/fields", 29) == 0)
        return "fields.json";
    if (strncmp(line, "GET /v1/company/named-lists", 27) == 0)
        return "named-lists.json";
    return NULL;
}

static bool file_send(int fd, const char *name)
{
    static const char missing[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    char head[256];
    struct stat info;
    int file = name ? openat(dir, name, O_RDONLY | O_CLOEXEC) : -1;

    if (file < 0 || fstat(file, &info) != 0)
        return send(fd, missing, sizeof missing - 1, MSG_NOSIGNAL) > 0;
    int n = snprintf(
        head, sizeof head,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %lld\r\n\r\n",
        (long long)info.st_size);
    bool sent = send(fd, head, (size_t)n, MSG_NOSIGNAL | MSG_MORE) == n;
    for (off_t at = 0; sent && at < info.st_size;)
        sent = sendfile(fd, file, &at, (size_t)(info.st_size - at)) > 0;
    close(file);
    return sent;
}

static void *connection_serve(void *arg)
{
    int fd = (int)(intptr_t)arg, one = 1;
    char line[512];

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    while (request_read(fd, line, sizeof line) && file_send(fd, file_for(line)))
        continue;
    close(fd);
    return NULL;
}

int main(int argc, char **argv)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    dir = argc == 2 ? open(argv[1], O_DIRECTORY | O_RDONLY | O_CLOEXEC) : -1;
    if (dir < 0) {
        fprintf(stderr, "usage: serve_people DIR\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);           /* sendfile() has no flag against it */
    if (bind(listening, (struct sockaddr *)&at, sizeof at) != 0 || listen(listening, 16) != 0 ||
        getsockname(listening, (struct sockaddr *)&at, &size) != 0) {
        perror("serve_people");
        return 3;
    }
    printf("http://127.0.0.1:%d/v1\n", ntohs(at.sin_port));
    fflush(stdout);
    for (;;) {
        int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
        pthread_t thread;
        if (fd >= 0 && pthread_create(&thread, NULL, connection_serve, (void *)(intptr_t)fd) == 0)
            pthread_detach(thread);
    }
}
