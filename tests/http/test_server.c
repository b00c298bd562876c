/* test_server.c — the server as clients see it: raw bytes in, raw bytes out. */
#include "http/house.h"

static void finds_routes_and_workspaces(void **state)
{
    static const struct { const char *request; int status; const char *body; } cases[] = {
        { "GET /hello" HOST "\r\n", 200, "{\"path\":\"/hello\",\"workspace\":1}" },
        { "GET /scan/hello" HOST "\r\n", 200, "{\"path\":\"/scan/hello\",\"workspace\":1}" },
        { "GET /bare" HOST "\r\n", 200, "{\"path\":\"/bare\",\"workspace\":0}" },
        { "GET /w/main/hello" HOST "\r\n", 200, "{\"path\":\"/hello\",\"workspace\":1}" },
        { "GET /w/main/scan/hello" HOST "\r\n", 200, "{\"path\":\"/scan/hello\",\"workspace\":1}" },
        { "GET /w/other/hello" HOST "\r\n", 404, "there is no workspace 'other'" },
        { "GET /w/other/scan/hello" HOST "\r\n", 404, "there is no workspace 'other'" },
        { "GET /w//hello" HOST "\r\n", 404, "there is no workspace ''" },
        { "GET /nothing" HOST "\r\n", 404, "there is nothing at /nothing" },
        { "GET /w/main" HOST "\r\n", 404, "there is nothing at /" },
        { "GET /people/ada%40x?q=a+b&z" HOST "User-Agent: test\r\n\r\n", 200, "ada@x|a b|test" },
        { "GET /scan/people/ada?r" HOST "User-Agent: test\r\n\r\n", 200, "ada|-|test" },
        { "GET http://x/people/ada" HOST "\r\n", 200, "ada|-|-" },
        { "GET /people/ada/ HTTP/1.1\r\nHost: x\r\n\r\n", 200, "ada|-|-" },
        { "GET //people///ada//?Q=b" HOST "\r\n", 200, "ada|b|-" },
        { "GET /w/main//hello/" HOST "\r\n", 200, "{\"path\":\"/hello\",\"workspace\":1}" },
        { "GET /people/a%2Fb" HOST "\r\n", 400, "encoded slash" },
        { "DELETE /page" HOST "\r\n", 204, "" },
        { "GET /hello HTTP/1.0\r\n\r\n", 200, "/hello" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct reply r = ask(*state, cases[i].request);
        print_message("  %.*s\n", (int)strcspn(cases[i].request, "\r"), cases[i].request);
        assert_int_equal(r.status, cases[i].status);
        assert_non_null(strstr(r.body, cases[i].body));
    }
}

static void says_which_methods_there_are(void **state)
{
    struct reply r = ask(*state, "PATCH /page" HOST "\r\n");

    assert_int_equal(r.status, 405);
    assert_true(has(&r, "\r\nAllow: GET, HEAD, DELETE\r\n"));
    assert_non_null(strstr(r.body, "/page takes GET, HEAD, DELETE, not PATCH"));
}

static void errors_are_problem_documents(void **state)
{
    static const struct { const char *as; int status; const char *header, *body; } cases[] = {
        { "denied", 401, "\r\nWWW-Authenticate: Bearer realm=\"muster\"\r\n",
          "{\"title\":\"Unauthorized\",\"status\":401,\"detail\":\"\\\"denied\\\"\\nas asked\"}" },
        { "missing", 404, "",
          "{\"title\":\"Not Found\",\"status\":404,\"detail\":\"\\\"missing\\\"\\nas asked\"}" },
        { "busy", 503, "\r\nRetry-After: 5\r\n", "\"status\":503" },
        { "defect", 500, "", "\"status\":500" },
    };

    for (size_t i = 0; i < COUNT(cases) * 2; i++) {
        char request[128];
        snprintf(request, sizeof request, "GET %s/fail?as=%s" HOST "\r\n", i % 2 ? "/scan" : "",
                 cases[i / 2].as);
        struct reply r = ask(*state, request);
        assert_int_equal(r.status, cases[i / 2].status);
        assert_true(has(&r, "\r\nContent-Type: application/problem+json\r\n"));
        assert_true(has(&r, cases[i / 2].header));
        assert_non_null(strstr(r.body, cases[i / 2].body));
        assert_null(strstr(r.body, "half a reply"));
    }
}

static void pages_are_fenced_in(void **state)
{
    struct reply page = ask(*state, "GET /page" HOST "\r\n");
    struct reply other = ask(*state, "GET /hello" HOST "\r\n");

    assert_true(
        has(&page, "\r\nContent-Security-Policy: default-src 'none'; style-src 'unsafe-inline'"));
    assert_true(has(&page, "frame-ancestors 'none'"));
    assert_true(has(&page, "\r\nReferrer-Policy: no-referrer\r\n"));
    assert_true(has(&page, "\r\nX-Content-Type-Options: nosniff\r\n"));
    assert_true(has(&other, "\r\nX-Content-Type-Options: nosniff\r\n"));
    assert_true(has(&other, "\r\nContent-Type: application/json\r\n"));
    assert_false(has(&other, "Content-Security-Policy"));
}

static void head_is_get_without_its_body(void **state)
{
    static const char *const paths[] = { "/page", "/scan/hello", "/nothing" };

    for (size_t i = 0; i < COUNT(paths); i++) {
        char request[128];
        int fd = dial(*state);
        snprintf(request, sizeof request, "HEAD %s" HOST "\r\nGET %s" HOST "\r\n", paths[i],
                 paths[i]);
        put(fd, request);
        struct reply head = get_reply(fd, true), get = get_reply(fd, false);
        close(fd);
        assert_int_equal(head.status, get.status);
        assert_true(head.n > 0);
        assert_int_equal(head.n, get.n);
    }
}

static void many_requests_on_one_connection(void **state)
{
    static const char *const requests[] = {
        "GET /hello" HOST "\r\n",
        "POST /echo" HOST "Content-Length: 3\r\n\r\nabc",
        "POST /scan/echo" HOST "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
        "GET /nothing" HOST "\r\n",
        "POST /echo" HOST "Content-Length: 101\r\n\r\n"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaa",
        "GET /scan/hello" HOST "\r\n",
    };
    static const int statuses[] = { 200, 200, 200, 404, 413, 200 };
    int one = dial(*state), all = dial(*state);

    for (size_t i = 0; i < COUNT(requests); i++)
        put(all, requests[i]);      /* without waiting for replies */
    for (size_t i = 0; i < COUNT(requests); i++) {
        put(one, requests[i]);
        struct reply r = get_reply(one, false), again = get_reply(all, false);
        print_message("  %.20s\n", requests[i]);
        assert_int_equal(r.status, statuses[i]);
        assert_string_equal(again.body, r.body);
        assert_false(has(&r, "Connection: close"));
    }
    close(one);
    close(all);
}

static void bodies_meet_their_ceiling(void **state)
{
    static char chunked[400] = "POST /echo" HOST "Transfer-Encoding: chunked\r\n\r\n";
    const size_t head = strlen(chunked);
    static const struct { const char *request; const char *words; bool ends; } cases[] = {
        { chunked, "the body is longer than the 100 bytes that POST /echo takes", false },
        { "POST /echo" HOST "Content-Length: 100000000\r\n\r\n",
          "the body of 100000000 bytes is longer than the 100", true },
        { "POST /echo" HOST "Content-Length: 101\r\nExpect: 100-continue\r\n\r\n",
          "is longer than the 100", true },
        { "GET /hello" HOST "Content-Length: 2\r\n\r\n{}", "GET /hello takes no body", false },
    };

    for (int i = 0; i < 6; i++)
        snprintf(chunked + strlen(chunked), 40, "14\r\naaaaaaaaaaaaaaaaaaaa\r\n");
    snprintf(chunked + strlen(chunked), 8, "0\r\n\r\n");
    assert_true(strlen(chunked) > head);
    for (size_t i = 0; i < COUNT(cases); i++) {
        int fd = dial(*state);
        put(fd, cases[i].request);
        struct reply r = get_reply(fd, false);
        print_message("  %s\n", cases[i].words);
        assert_int_equal(r.status, 413);
        assert_non_null(strstr(r.body, cases[i].words));
        assert_int_equal(has(&r, "Connection: close"), cases[i].ends);
        if (cases[i].ends)
            assert_true(ended(fd));
        close(fd);
    }
}

static void a_body_without_end_is_cut_off(void **state)
{
    static char chunk[65536 + 16];
    int fd = dial(*state);

    size_t n = (size_t)snprintf(chunk, sizeof chunk, "10000\r\n");
    memset(chunk + n, 'a', 65536);
    memcpy(chunk + n + 65536, "\r\n", 2);
    put(fd, "POST /echo" HOST "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 200; i++)                       /* 13 MB */
        put_bytes(fd, chunk, n + 65536 + 2);
    assert_int_equal(get_reply(fd, false).status, 0);
    close(fd);
}

static void a_body_up_to_its_ceiling_is_whole(void **state)
{
    static const char *const paths[] = { "/echo", "/scan/echo" };

    for (size_t i = 0; i < COUNT(paths); i++) {
        char request[256];
        int fd = dial(*state);
        int n = snprintf(request, sizeof request, "POST %s" HOST "Content-Length: 100\r\n\r\n",
                         paths[i]);
        put(fd, request);
        for (int k = 0; k < 100; k++)                   /* in a hundred pieces */
            put(fd, "x");
        struct reply r = get_reply(fd, false);
        assert_true(n > 0);
        assert_int_equal(r.status, 200);
        assert_int_equal(strspn(r.body, "x"), 100);
        close(fd);
    }
}

static void asks_for_the_body_it_is_promised(void **state)
{
    int fd = dial(*state);

    put(fd, "POST /echo" HOST "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    assert_int_equal(get_reply(fd, true).status, 100);
    put(fd, "ab");
    assert_string_equal(get_reply(fd, false).body, "ab");
    close(fd);
}

/* Each is followed by a request that must not be answered: it could be somebody else's. */
static void what_two_servers_could_read_in_two_ways_is_refused(void **state)
{
    static const struct { const char *request; int status; } cases[] = {
        { "POST /echo" HOST "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc", 400 },
        { "POST /echo" HOST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400 },
        { "POST /echo" HOST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          400 },
        { "POST /echo" HOST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
          400 },
        { "POST /echo" HOST
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          400 },
        { "POST /echo" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400 },
        { "POST /echo" HOST "Content-Length : 3\r\n\r\nabc", 400 },
        { "POST /echo" HOST "Content-Length: +3\r\n\r\nabc", 400 },
        { "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
        { "GET /hello" HOST "Host: y\r\n\r\n", 400 },
        { "GET /hello%00.png" HOST "\r\n", 400 },
        { "GET /people/a?q=%00" HOST "\r\n", 400 },
        { "GET /hello HTTP/1.1\r\n\r\n", 400 },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        int fd = dial(*state);
        put(fd, cases[i].request);
        put(fd, "GET /hello" HOST "\r\n");
        struct reply r = get_reply(fd, false);
        print_message("  %s\n", cases[i].request);
        assert_int_equal(r.status, cases[i].status);
        assert_true(has(&r, "\r\nConnection: close\r\n"));
        assert_int_equal(get_reply(fd, false).status, 0);
        close(fd);
    }
}

static void heads_have_ceilings(void **state)
{
    static const struct { const char *before; size_t n; const char *after; int status; } cases[] = {
        { "GET /", 9000, HOST "\r\n", 414 },
        { "GET /hello" HOST "X: ", 17000, "\r\n\r\n", 431 },
    };
    static char request[100000];

    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t n = (size_t)snprintf(request, sizeof request, "%s", cases[i].before);
        memset(request + n, 'a', cases[i].n);
        snprintf(request + n + cases[i].n, 100, "%s", cases[i].after);
        assert_int_equal(ask(*state, request).status, cases[i].status);
    }
}

/* Bytes that are no request at all, or none that ends, are nobody's; the next one is served. */
static void rubbish_harms_nobody(void **state)
{
    static const char *const cases[] = {
        "\r\n",
        "GET",
        "GET /",
        "GET / HTTP/1.1",
        "GET /hello HTTP/1.1\r\nHost: x",
        "GET /hello HTTP/1.1\r\nno colon\r\n\r\n",
        "GET /hello HTTP/9.9\r\n\r\n",
        "\x16\x03\x01\x02",
        "GET\r\n\r\n",
        "GET  HTTP/1.1\r\n\r\n",
        " / / /\r\n\r\n",
        "POST /echo" HOST "Content-Length: 10\r\n\r\nabc",
        "POST /echo" HOST "Content-Length: x\r\n\r\nabc",
        "POST /echo" HOST "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /scan/echo" HOST "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    };
    static char huge[80000];

    for (size_t i = 0; i < COUNT(cases); i++) {
        int fd = dial(*state);
        put(fd, cases[i]);
        close(fd);
    }
    memset(huge, 'a', sizeof huge - 1);
    int fd = dial(*state);
    put(fd, huge);
    get_reply(fd, false);
    close(fd);
    assert_int_equal(ask(*state, "GET /hello" HOST "\r\n").status, 200);
}

static void wait_until_idle(struct house *h)
{
    for (int i = 0; i < 5000 && server_counts(h->server).busy_connections; i++)
        poll(NULL, 0, 1);
    assert_int_equal(server_counts(h->server).busy_connections, 0);
}

static void a_client_that_says_no_more_still_gets_its_reply(void **state)
{
    static const char *const requests[] = { "GET /hello" HOST "\r\n",
                                            "POST /echo" HOST "Content-Length: 1\r\n\r\na" };

    for (size_t i = 0; i < COUNT(requests) * 20; i++) {
        int fd = dial(*state);
        put(fd, requests[i % 2]);
        shutdown(fd, SHUT_WR);
        assert_int_equal(get_reply(fd, false).status, 200);
        close(fd);
    }
}

/* libmicrohttpd takes the end of what it can read for the end of the client, once it has been suspended. */
static void one_that_says_no_more_during_a_scan_may_be_taken_for_gone(void **state)
{
    struct house *h = *state;
    int fd = dial(h);

    put(fd, "GET /gate" HOST "\r\n");
    sem_wait(&entered);
    shutdown(fd, SHUT_WR);
    sem_post(&gate);
    struct reply r = get_reply(fd, false);
    assert_true(r.status == 0 || str_eq(r.body, "through"));
    wait_until_idle(h);
    close(fd);
}

static void a_client_that_goes_away_is_forgotten(void **state)
{
    struct house *h = *state;
    int fd = dial(h), other = dial(h);

    put(fd, "GET /gate" HOST "\r\n");
    sem_wait(&entered);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
    close(fd);
    put(other, "GET /long" HOST "\r\n");
    get_reply(other, true);
    close(other);                           /* in the middle of a megabyte */
    sem_post(&gate);
    wait_until_idle(h);
}

static void a_long_reply_is_whole(void **state)
{
    struct house *h = *state;
    int fd = dial(h);
    char part[65536];
    size_t n = 0;

    put(fd, "GET /long" HOST "Connection: close\r\n\r\n");
    struct reply r = get_reply(fd, true);
    for (ssize_t k; (k = recv(fd, part, sizeof part, 0)) > 0;)
        n += (size_t)k;
    assert_int_equal(r.n, 1000000);
    assert_int_equal(n, 1000000);
    close(fd);
}

static void two_hundred_at_once_in_both_lanes(void **state)
{
    enum { EACH = 100 };
    struct house *h = *state;
    int fds[EACH * 2];

    for (int i = 0; i < EACH * 2; i++)
        fds[i] = dial(h);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < EACH * 2; i++)
            put(fds[i], i % 2 ? "GET /hello" HOST "\r\n" : "GET /scan/hello" HOST "\r\n");
        for (int i = 0; i < EACH * 2; i++) {
            struct reply r = get_reply(fds[i], false);
            assert_int_equal(r.status, 200);
            assert_non_null(strstr(r.body, i % 2 ? "\"/hello\"" : "\"/scan/hello\""));
        }
    }
    for (int i = 0; i < EACH * 2; i++)
        close(fds[i]);
    assert_int_equal(server_counts(h->server).requests, EACH * 2 * 3);
    assert_int_equal(server_counts(h->server).errors, 0);
}

static void scans_do_not_hold_up_reads_and_too_many_are_sent_away(void **state)
{
    enum { SCANS = 300, ROOM = 2 + 256 };
    struct house *h = *state;
    int fds[SCANS], refused = 0;

    for (int i = 0; i < SCANS; i++) {
        fds[i] = dial(h);
        put(fds[i], "GET /gate" HOST "\r\n");
    }
    sem_wait(&entered);
    sem_wait(&entered);
    struct reply read = ask(h, "GET /hello" HOST "\r\n");
    assert_int_equal(read.status, 200);
    for (int i = 0; i < SCANS; i++) {                   /* the refused have their answer already */
        struct pollfd p = { fds[i], POLLIN };
        refused += poll(&p, 1, 0);
    }
    for (int waited = 0; refused < SCANS - ROOM && waited < 2000; waited++) {
        poll(NULL, 0, 1);
        refused = 0;
        for (int i = 0; i < SCANS; i++)
            refused += poll(&(struct pollfd){ fds[i], POLLIN }, 1, 0);
    }
    assert_int_equal(refused, SCANS - ROOM);
    for (int i = 0; i < ROOM; i++)
        sem_post(&gate);
    int done = 0, busy = 0;
    for (int i = 0; i < SCANS; i++) {
        int status = get_reply(fds[i], false).status;
        done += status == 200;
        busy += status == 503;
        close(fds[i]);
    }
    assert_int_equal(done, ROOM);
    assert_int_equal(busy, SCANS - ROOM);
}

static void says_who_has_its_port(void **state)
{
    struct house *h = *state;
    struct server *another = NULL;
    char listen[32];

    snprintf(listen, sizeof listen, "127.0.0.1:%d", server_port(h->server));
    assert_err(
        server_start(
            &(struct server_options){ .listen = listen, .store = h->work->store, .tables = tables },
            &another),
        ERR_USAGE, "another program has this port");
    assert_null(another);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_HOUSE(finds_routes_and_workspaces),
        IN_HOUSE(says_which_methods_there_are),
        IN_HOUSE(errors_are_problem_documents),
        IN_HOUSE(pages_are_fenced_in),
        IN_HOUSE(head_is_get_without_its_body),
        IN_HOUSE(many_requests_on_one_connection),
        IN_HOUSE(bodies_meet_their_ceiling),
        IN_HOUSE(a_body_without_end_is_cut_off),
        IN_HOUSE(a_body_up_to_its_ceiling_is_whole),
        IN_HOUSE(asks_for_the_body_it_is_promised),
        IN_HOUSE(what_two_servers_could_read_in_two_ways_is_refused),
        IN_HOUSE(heads_have_ceilings),
        IN_HOUSE(rubbish_harms_nobody),
        IN_HOUSE(a_client_that_says_no_more_still_gets_its_reply),
        IN_HOUSE(one_that_says_no_more_during_a_scan_may_be_taken_for_gone),
        IN_HOUSE(a_client_that_goes_away_is_forgotten),
        IN_HOUSE(a_long_reply_is_whole),
        IN_HOUSE(two_hundred_at_once_in_both_lanes),
        IN_HOUSE(scans_do_not_hold_up_reads_and_too_many_are_sent_away),
        IN_HOUSE(says_who_has_its_port),
    };

    return RUN_TESTS(tests);
}
