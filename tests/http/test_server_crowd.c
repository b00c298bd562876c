/* test_server_crowd.c — many connections at once, and some that never come to the point. */
#include "base/clock.h"
#include "http/house.h"

static enum err wait_in_write(struct call *c)
{
    if (str_eq(c->body, "first")) {
        sem_post(&entered);
        sem_wait(&gate);
    }
    buf_puts(&c->reply, "written");
    return OK;
}

static enum err post_write(struct call *c)
{
    call_then(c, LANE_WRITE, wait_in_write);
    return OK;
}

static const struct route rows[] = {
    { GET, "/hello", 0, LANE_READ, get_hello, 0, "" },
    { GET, "/gate", 0, LANE_SCAN, get_gate, 0, "" },
    { POST, "/echo", 0, LANE_READ, put_echo, 1000000, "" },
    { POST, "/write", 0, LANE_READ, post_write, 100, "" },
    {},
};
static const struct route *const crowd_tables[] = { rows, NULL };

static int open_crowd(void **state)
{
    *state = house_new("sqlite",
                       (struct server_options){ .tables = crowd_tables, .patience_seconds = 1 });
    return 0;
}

static int64_t resident(void)
{
    long long size, pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");

    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lld %lld", &size, &pages), 2);
    fclose(f);
    return pages * sysconf(_SC_PAGESIZE);
}

/* How long the server bears a byte every 50 ms, in us; 0 if it bears it for good. */
static int64_t trickle(int fd)
{
    int64_t began = clock_tick();

    while (clock_tick() - began < 9000000) {
        struct pollfd p = { fd, POLLIN };
        if (poll(&p, 1, 50) > 0)
            return clock_tick() - began;
        put(fd, "x");
    }
    return 0;
}

static void who_sends_a_byte_now_and_then_is_ended(void **state)
{
    static const char *const said[] = {
        "",                                             /* not even a first line */
        "GET /hel",
        "GET /hello" HOST,
        "GET /hello" HOST "X: ",
        "POST /echo" HOST "Content-Length: 5000\r\n\r\n",
        "POST /echo" HOST "Transfer-Encoding: chunked\r\n\r\n1000\r\n",
        "POST /nothing" HOST "Content-Length: 5000\r\n\r\n",
        "GET /hello" HOST "\r\nGET /hel",               /* the second on its connection */
        "GET /hello" HOST "\r\nPOST /echo" HOST "Content-Length: 5000\r\n\r\n",
    };

    for (size_t i = 0; i < COUNT(said); i++) {
        int fd = dial(*state);
        put(fd, said[i]);
        if (strstr(said[i], "\r\n\r\nGET") || strstr(said[i], "\r\n\r\nPOST"))
            assert_int_equal(get_reply(fd, false).status, 200);
        int64_t borne = trickle(fd);
        print_message("  %.50s: %d ms\n", said[i], (int)(borne / 1000));
        assert_in_range(borne, 900000, 8000000);
        assert_true(ended(fd));
        close(fd);
    }
    assert_int_equal(ask(*state, "GET /hello" HOST "\r\n").status, 200);
}

/* Each is as slow as it may be: at rest between requests, in work, or with a body that comes at a fair rate. */
static void who_has_a_reason_to_take_long_is_not_ended(void **state)
{
    static char part[8 * 1024];
    struct house *h = *state;
    int rests = dial(h), fresh = dial(h), works = dial(h), sends = dial(h);

    put(rests, "GET /hello" HOST "\r\n");
    assert_int_equal(get_reply(rests, false).status, 200);
    put(works, "GET /gate" HOST "\r\n");
    sem_wait(&entered);
    put(sends, "POST /echo" HOST "Content-Length: 122880\r\n\r\n");
    memset(part, 'a', sizeof part);
    for (int i = 0; i < 15; i++) {                      /* 4.5 s, at 27 KB a second */
        put_bytes(sends, part, sizeof part);
        poll(NULL, 0, 300);
    }
    struct reply r = get_reply(sends, true);
    assert_int_equal(r.status, 200);
    assert_int_equal(r.n, 122880);
    sem_post(&gate);
    assert_int_equal(get_reply(works, false).status, 200);
    put(rests, "GET /hello" HOST "\r\n");
    assert_int_equal(get_reply(rests, false).status, 200);
    put(fresh, "GET /hello" HOST "\r\n");
    assert_int_equal(get_reply(fresh, false).status, 200);
    close(rests);
    close(fresh);
    close(works);
    close(sends);
}

/* Both ends of a connection are in this process. */
static size_t connections_possible(size_t wanted)
{
    struct rlimit files;

    getrlimit(RLIMIT_NOFILE, &files);
    return MIN(wanted, ((size_t)files.rlim_cur - 300) / 2);
}

static void ten_thousand_idle_connections_harm_nobody(void **state)
{
    struct house *h = *state;
    size_t n = connections_possible(10000);
    int *fds = must_alloc(n * sizeof *fds);
    int64_t before = resident();

    for (size_t i = 0; i < n; i++) {
        fds[i] = dial(h);
        if (i % 2) {                                    /* the others have never said a word */
            put(fds[i], "GET /hello" HOST "\r\n");
            assert_int_equal(get_reply(fds[i], false).status, 200);
        }
    }
    int64_t each = (resident() - before) / (int64_t)n;
    print_message("  %zu connections, %d bytes each\n", n, (int)each);
    assert_in_range(each, 0, 48 * 1024);
    for (int i = 0; i < 500; i++)
        assert_int_equal(ask(h, "GET /hello" HOST "\r\n").status, 200);
    for (size_t i = 1; i < n; i += 1000) {
        put(fds[i], "GET /hello" HOST "\r\n");
        assert_int_equal(get_reply(fds[i], false).status, 200);
    }
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
    free(fds);
}

static void too_many_writes_are_sent_away(void **state)
{
    enum { ROOM = 4096 };
    struct house *h = *state;
    size_t n = connections_possible(ROOM + 100), written = 0, busy = 0;
    int *fds = must_alloc(n * sizeof *fds);

    if (n < ROOM + 100)
        skip();
    for (size_t i = 0; i < n; i++) {
        fds[i] = dial(h);
        put(fds[i], i ? "POST /write" HOST "Content-Length: 1\r\n\r\na"
                      : "POST /write" HOST "Content-Length: 5\r\n\r\nfirst");
        if (i == 0)
            sem_wait(&entered);
    }
    for (int waited = 0; server_counts(h->server).requests < (int64_t)n && waited < 10000; waited++)
        poll(NULL, 0, 1);
    sem_post(&gate);
    for (size_t i = 0; i < n; i++) {
        struct reply r = get_reply(fds[i], false);
        written += r.status == 200;
        busy += r.status == 503 && strstr(r.body, "too much is being written at once");
        close(fds[i]);
    }
    assert_int_equal(written, ROOM);
    assert_int_equal(busy, 100);
    free(fds);
}

static void a_client_that_goes_away_during_a_write_is_forgotten(void **state)
{
    struct house *h = *state;
    int fd = dial(h), half = dial(h);

    put(fd, "POST /write" HOST "Content-Length: 5\r\n\r\nfirst");
    sem_wait(&entered);
    put(half, "POST /write" HOST "Content-Length: 1\r\n\r\na");
    shutdown(half, SHUT_WR);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
    close(fd);
    sem_post(&gate);
    struct reply r = get_reply(half, false);            /* see test_server.c about scans */
    assert_true(r.status == 0 || r.status == 200);
    for (int i = 0; i < 5000 && server_counts(h->server).busy_connections; i++)
        poll(NULL, 0, 1);
    assert_int_equal(server_counts(h->server).busy_connections, 0);
    close(half);
}

/* Much longer than those of clients, proxies' additions included; the reply has room beside them. */
static void long_heads_are_served(void **state)
{
    static const struct { int target, headers, each; } cases[] = {
        { 8000, 10, 100 }, { 7000, 40, 200 }, { 100, 1, 16000 }, { 100, 150, 50 },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char request[40000];
        size_t n =
            (size_t)snprintf(request, sizeof request, "GET /hello?q=%0*d" HOST, cases[i].target, 1);
        for (int k = 0; k < cases[i].headers; k++)
            n += (size_t)snprintf(request + n, sizeof request - n, "X-Header-%03d: %0*d\r\n", k,
                                  cases[i].each, k);
        snprintf(request + n, sizeof request - n, "\r\n");
        print_message("  %zu bytes\n", n);
        assert_int_equal(ask(*state, request).status, 200);
    }
}

#define IN_CROWD(test)                                                                             \
    {                                                                                              \
#test, test, open_crowd, close_house, NULL                                                 \
    }

int main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_CROWD(who_sends_a_byte_now_and_then_is_ended),
        IN_CROWD(who_has_a_reason_to_take_long_is_not_ended),
        IN_CROWD(ten_thousand_idle_connections_harm_nobody),
        IN_CROWD(too_many_writes_are_sent_away),
        IN_CROWD(a_client_that_goes_away_during_a_write_is_forgotten),
        IN_CROWD(long_heads_are_served),
    };

    return RUN_TESTS(tests);
}
