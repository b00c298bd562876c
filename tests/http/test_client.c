/* test_client.c — the client against another side that answers, refuses and asks for patience. */
#include "base/clock.h"
#include "base/str.h"
#include "http/pair.h"

/* ---- what goes well ---- */

static void gives_the_whole_answer(void **state)
{
    static const struct act acts[] = { { "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n"
                                         "Content-Type: Application/SCIM+JSON ; charset=utf-8\r\n"
                                         "Content-Length: 4\r\n\r\nbody" } };
    PAIR(p, acts);
    AUTO_ANSWER a = {};

    (void)state;
    assert_ok(client_send(p.client, &search, &a));
    assert_int_equal(a.status, 201);
    assert_string_equal(a.type, "application/scim+json");
    assert_string_equal(a.body.at, "body");
    assert_int_equal(p.waits, 0);
}

static void sends_what_the_api_needs_and_a_content_type_only_with_a_body(void **state)
{
    static const struct act acts[] = { { ANSWER("2", "{}") } };
    PAIR(p, acts, .authorization = "Basic c2VjcmV0");
    AUTO_ANSWER a = {};

    (void)state;
    assert_ok(client_send(p.client, &search, &a));
    assert_non_null(strstr(p.peer.seen, "POST /v1/people/search?who=ada HTTP/1.1\r\n"));
    assert_non_null(strstr(p.peer.seen, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(p.peer.seen, "\r\nContent-Length: 7\r\n"));
    assert_non_null(strstr(p.peer.seen, "\r\n\r\n{\"a\":1}"));
    assert_ok(client_send(p.client, &get, &a));
    assert_non_null(strstr(p.peer.seen, "GET /v1/people HTTP/1.1\r\n"));
    assert_non_null(strstr(p.peer.seen, "\r\nAuthorization: Basic c2VjcmV0\r\n"));
    assert_non_null(strstr(p.peer.seen, "\r\nAccept-Encoding: gzip\r\n"));
    assert_null(strstr(p.peer.seen, "Content-Type"));
    assert_null(strstr(p.peer.seen, "Content-Length"));
    assert_ok(client_send(p.client, &(struct ask){ .method = "POST", .path = "" }, &a));
    assert_non_null(strstr(p.peer.seen, "POST /v1 HTTP/1.1\r\n"));
    assert_non_null(strstr(p.peer.seen, "Content-Length: 0"));
    assert_null(strstr(p.peer.seen, "Content-Type"));
}

static void uses_one_connection_for_many_requests(void **state)
{
    static const struct act acts[] = { { ANSWER("2", "{}") } };
    PAIR(p, acts);
    int64_t bytes, requests;

    (void)state;
    for (int i = 0; i < 5; i++) {
        AUTO_ANSWER a = {};
        assert_ok(client_send(p.client, i % 2 ? &search : &get, &a));
    }
    client_counts(p.client, &bytes, &requests);
    assert_int_equal(bytes, 10);
    assert_int_equal(requests, 5);
    assert_int_equal(p.peer.requests, 5);
    assert_int_equal(p.peer.connections, 1);
}

static void a_connection_closed_in_between_is_made_again(void **state)
{
    static const struct act acts[] = { { ANSWER("2", "{}"), .then = THEN_CLOSE } };
    PAIR(p, acts, .tries = 1);

    (void)state;
    for (int i = 0; i < 3; i++) {
        AUTO_ANSWER a = {};
        assert_ok(client_send(p.client, &search, &a));
    }
    assert_int_equal(p.peer.connections, 3);
}

static void unpacks_gzip(void **state)
{
    static const struct act acts[] = { { PACKED, sizeof PACKED - 1 } };
    PAIR(p, acts);
    AUTO_ANSWER a = {};

    (void)state;
    assert_ok(client_send(p.client, &get, &a));
    assert_string_equal(a.body.at, "[{\"id\":1},{\"id\":1},{\"id\":1}]");
}

static void gzip_that_is_none_is_no_answer(void **state)
{
    static const struct act acts[] = { { ANSWER("8\r\nContent-Encoding: gzip", "[1,2,3] ") } };
    PAIR(p, acts, .tries = 2);
    AUTO_ANSWER a = {};
    SINK s = {};

    (void)state;
    assert_err(client_send(p.client, &get, &a), ERR_INCOMPLETE,
               "sent an answer that cannot be unpacked");
    assert_err(client_stream(p.client, &get, sink_in, &s, &a), ERR_INCOMPLETE,
               "cannot be unpacked");
    assert_int_equal(p.peer.requests, 4);
    assert_int_equal(s.got.n, 0);
}

static void a_page_of_another_type_passes_through(void **state)
{
    static const struct act acts[] = {
        { "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>" }
    };
    PAIR(p, acts);
    AUTO_ANSWER a = {};
    SINK s = {};

    (void)state;
    assert_ok(client_send(p.client, &get, &a));
    assert_string_equal(a.type, "text/html");
    assert_ok(client_stream(p.client, &get, sink_in, &s, &a));
    assert_string_equal(a.type, "text/html");
    assert_string_equal(s.got.at, "<html>");
}

static void streams_the_pieces_and_keeps_none(void **state)
{
    static const struct act acts[] = { { CHUNKED
                                         "5\r\n[1,2,\r\n3\r\n3,4\r\n1\r\n]\r\n0\r\n\r\n" } };
    PAIR(p, acts);
    AUTO_ANSWER a = {};
    SINK s = {};

    (void)state;
    assert_ok(client_stream(p.client, &search, sink_in, &s, &a));
    assert_string_equal(s.got.at, "[1,2,3,4]");
    assert_int_equal(a.status, 200);
    assert_int_equal(a.body.n, 0);
}

static void proxies_of_the_environment_are_not_used(void **state)
{
    static const struct act acts[] = { { ANSWER("2", "{}") } };

    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("all_proxy", "http://127.0.0.1:1", 1);
    PAIR(p, acts, .tries = 1);
    AUTO_ANSWER a = {};
    assert_ok(client_send(p.client, &get, &a));
    unsetenv("http_proxy");
    unsetenv("all_proxy");
}

/* ---- refusals ---- */

static void a_refusal_is_an_answer_and_says_what_it_means(void **state)
{
    static const struct { const char *bytes; enum err err; const char *words; } cases[] = {
        { "HTTP/1.1 400 Bad\r\nContent-Length: 3\r\n\r\nbad", ERR_REMOTE,
          "POST /people/search was answered with 400: bad" },
        { "HTTP/1.1 401 No\r\nContent-Length: 27\r\n\r\n{\"key\":\r\n\t \"tokenNotMatch\"}  ",
          ERR_DENIED, "answered with 401: {\"key\": \"tokenNotMatch\"}" },
        { "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", ERR_FORBIDDEN,
          "POST /people/search was answered with 403" },
        { "HTTP/1.1 404 No\r\nContent-Length: 5\r\n\r\n\xff\xfe..?", ERR_NOT_FOUND,
          "answered with 404: ??..?" },
        { "HTTP/1.1 409 No\r\nContent-Length: 4\r\n\r\ncaf\xc3", ERR_CONFLICT,
          "answered with 409: caf" },
        { "HTTP/1.1 412 No\r\nContent-Length: 0\r\n\r\n", ERR_STALE, "412" },
        { "HTTP/1.1 418 No\r\nContent-Length: 0\r\n\r\n", ERR_REMOTE, "418" },
        { "HTTP/1.1 204 No\r\n\r\n", ERR_REMOTE, "204" },
        { "HTTP/1.1 302 Found\r\nLocation: https://else.example/in\r\nContent-Length: 0\r\n\r\n",
          ERR_REMOTE,
          "was answered with 302, a redirect to https://else.example/in; redirects are" },
        { "HTTP/1.1 304 Not Modified\r\n\r\n", ERR_REMOTE, "was answered with 304" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct act acts[] = { { cases[i].bytes } };
        PAIR(p, acts, .tries = 1);
        AUTO_ANSWER a = {};
        SINK s = {};
        assert_ok(client_send(p.client, &search, &a));
        assert_err(client_refusal(&search, &a), cases[i].err, cases[i].words);
        assert_null(strstr(err_text(), "ada"));         /* what was looked for stays out of messages */
        assert_ok(client_stream(p.client, &search, sink_in, &s, &a));
        assert_err(client_refusal(&search, &a), cases[i].err, cases[i].words);
        assert_int_equal(s.got.n, 0);
        assert_int_equal(p.peer.requests, 2);
    }
}

static void of_a_long_refusal_the_start_is_kept(void **state)
{
    enum { LONG = 200000 };
    static char bytes[LONG + 64];
    int n = snprintf(bytes, sizeof bytes, "HTTP/1.1 404 No\r\nContent-Length: %d\r\n\r\n", LONG);
    memset(bytes + n, 'x', LONG);
    const struct act acts[] = { { bytes, (size_t)n + LONG } };
    PAIR(p, acts, .tries = 1);
    AUTO_ANSWER a = {};

    (void)state;
    assert_ok(client_send(p.client, &(struct ask){ .method = "GET", .path = "/", .max = 10 }, &a));
    assert_int_equal(a.status, 404);
    assert_int_equal(a.body.n, KB(64));
    assert_err(client_refusal(&get, &a), ERR_NOT_FOUND, "xxxx");
    assert_true(strlen(err_text()) < 300);
}

/* ---- tries and waits ---- */

static void tries_again_what_is_worth_it(void **state)
{
    static const struct act good = { ANSWER("2", "{}") };
    static const struct { struct act bad; const char *told; } cases[] = {
        { { "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n" }, "was answered with 429" },
        { { "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops" }, "was answered with 500: oops" },
        { { "HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n" }, "502" },
        { { "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n" }, "503" },
        { { "", .then = THEN_CLOSE }, "closed the connection without an answer" },
        { { "", .then = THEN_RESET }, "ended the connection without an answer" },
        { { ANSWER("3", "{}"), .then = THEN_CLOSE },
          "ended after 2 bytes, before it was complete" },
        { { ANSWER("3", "{}"), .then = THEN_RESET }, "before it was complete" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct act acts[] = { cases[i].bad, cases[i].bad, cases[i].bad, good };
        PAIR(p, acts);
        AUTO_ANSWER a = {};
        assert_ok(client_send(p.client, &search, &a));
        assert_int_equal(a.status, 200);
        assert_string_equal(a.body.at, "{}");
        assert_int_equal(p.peer.requests, 4);
        assert_int_equal(p.waits, 3);
        if (!strstr(p.told, cases[i].told))
            fail_msg("\"%s\" does not say \"%s\"", p.told, cases[i].told);
    }
}

static void gives_up_with_the_count_of_its_tries(void **state)
{
    static const struct {
        struct act bad;
        enum err err;
        const char *words;
    } cases[] = {
        { { "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n" },
          ERR_LIMITED,
          "HiBob at 127.0.0.1: POST /people/search was answered with 429 (tried 3 times over 0" },
        { { "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops" },
          ERR_UNREACHABLE,
          "was answered with 500: oops (tried 3 times over 0 s)" },
        { { "", .then = THEN_RESET }, ERR_UNREACHABLE, "(tried 3 times" },
        { { ANSWER("30000", "{}"), .then = THEN_CLOSE },
          ERR_INCOMPLETE,
          "the answer of POST /people/search ended after 2 bytes, before it was complete (tried "
          "3" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct act acts[] = { cases[i].bad };
        PAIR(p, acts, .tries = 3);
        AUTO_ANSWER a = {};
        assert_err(client_send(p.client, &search, &a), cases[i].err, cases[i].words);
        assert_int_equal(p.peer.requests, 3);
    }
}

static void says_that_nobody_listens(void **state)
{
    static const struct act acts[] = { { "" } };
    PAIR(p, acts, .tries = 2);
    AUTO_ANSWER a = {};

    (void)state;
    peer_stop(&p.peer);
    assert_err(client_send(p.client, &get, &a), ERR_UNREACHABLE,
               "HiBob at 127.0.0.1 refused the connection (tried 2 times over 0 s); is it running");
}

static void says_that_there_is_no_such_host(void **state)
{
    static const struct act acts[] = { { "" } };
    PAIR(p, acts, .url = "https://hibob.invalid/v1", .tries = 1);
    AUTO_ANSWER a = {};

    (void)state;
    assert_err(client_send(p.client, &get, &a), ERR_UNREACHABLE,
               "HiBob at hibob.invalid cannot be found");
}

static void waits_as_long_as_it_is_asked_to(void **state)
{
    static const struct { const char *headers; int seconds; } cases[] = {
        { "Retry-After: 12\r\n", 12 },
        { "Date: Sat, 21 Nov 2026 04:00:00 GMT\r\nRetry-After: Sat, 21 Nov 2026 04:00:42 GMT\r\n",
          42 },
        { "Date: Sat, 21 Nov 2026 04:00:00 GMT\r\nX-RateLimit-Reset: 1795233630\r\n", 30 },
        { "X-RateLimit-Reset: 7\r\n", 7 },
        { "X-RateLimit-Reset: 7\r\nRetry-After: 9\r\n", 9 },
        { "Retry-After: whenever\r\nX-RateLimit-Reset: 7\r\n", 7 },
        { "Retry-After: 300\r\n", 300 },
        { "Retry-After: 0\r\n", 1 },
        { "", 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char bytes[256];
        snprintf(bytes, sizeof bytes, "HTTP/1.1 %d Slow\r\n%sContent-Length: 0\r\n\r\n",
                 i % 2 ? 429 : 503, cases[i].headers);
        const struct act acts[] = { { bytes } };
        PAIR(p, acts, .waiting = hear_and_stop);
        AUTO_ANSWER a = {};
        assert_err(client_send(p.client, &get, &a), ERR_STOPPED,
                   "stopped while waiting for HiBob at 127.0.0.1");
        print_message("  %s%s", cases[i].headers, *cases[i].headers ? "" : "\n");
        assert_int_equal(p.seconds, cases[i].seconds);
        assert_int_equal(p.peer.requests, 1);
    }
}

static void does_not_wait_longer_than_five_minutes(void **state)
{
    static const struct act acts[] = {
        { "HTTP/1.1 429 Slow\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n" }
    };
    PAIR(p, acts);
    AUTO_ANSWER a = {};

    (void)state;
    assert_err(
        client_send(p.client, &get, &a), ERR_LIMITED,
        "was answered with 429; it asks to be left alone for 60 minutes; try again after that");
    assert_int_equal(p.peer.requests, 1);
    assert_int_equal(p.waits, 0);
}

static void keeps_its_own_pace(void **state)
{
    static const struct act acts[] = { { ANSWER("2", "{}") } };
    PAIR(p, acts, .per_minute = 2, .waiting = hear_and_stop);
    AUTO_ANSWER a = {};

    (void)state;
    assert_ok(client_send(p.client, &get, &a));
    assert_ok(client_send(p.client, &get, &a));
    assert_err(client_send(p.client, &get, &a), ERR_STOPPED, "stopped");
    assert_int_equal(p.seconds, 60);
    assert_string_equal(p.told, "at most 2 requests a minute");
    assert_int_equal(p.peer.requests, 2);
}

static void a_stop_in_the_middle_of_an_answer_is_soon_obeyed(void **state)
{
    static const struct act acts[] = { { ANSWER("100", "[1,"), .then = THEN_HANG } };
    PAIR(p, acts);
    AUTO_ANSWER a = {};
    SINK s = { .stop = &p.stop };
    int64_t began = clock_tick();

    (void)state;
    assert_err(client_stream(p.client, &get, sink_in, &s, &a), ERR_STOPPED,
               "stopped while asking HiBob at 127.0.0.1 (GET /people)");
    assert_in_range(clock_tick() - began, 0, 1000000);
    assert_int_equal(p.peer.requests, 1);
}

/* ---- what is refused before anything is sent ---- */

static void refuses_addresses_and_secrets_that_cannot_work(void **state)
{
    static const struct {
        const char *url, *authorization, *words;
    } cases[] = {
        { "ftp://api.example/v1", NULL,
          "'ftp://api.example/v1' is no address: it must begin with https://" },
        { "file:///etc/passwd", NULL, "is no address" },
        { "api.example", NULL, "is no address" },
        { "", NULL, "is no address" },
        { "https://", NULL, "is no address" },
        { "https://ada:pw@api.example", NULL, "must not have a login in it" },
        { "https://api.example/v1?key=1", NULL, "leave out what begins with ? or #" },
        { "https://api.example/v1#top", NULL, "leave out what begins with ? or #" },
        { "https://api.example", "Bearer a\r\nHost: b", "the secret has a line end" },
    };
    struct client *c = NULL;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct client_options o = { .label = "HiBob",
                                          .url = cases[i].url,
                                          .authorization = cases[i].authorization };
        assert_err(client_new(&o, &c), ERR_USAGE, cases[i].words);
        assert_null(c);
        assert_null(strstr(err_text(), "pw"));
    }
}

static void refuses_a_path_that_could_name_another_host(void **state)
{
    static const char *const paths[] = { "@evil.example/", ".evil.example/", ":81/",
                                         "/a b",           "/a\r\nX: y",     "/a#b" };
    static const struct act acts[] = { { ANSWER("2", "{}") } };
    PAIR(p, acts);

    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        AUTO_ANSWER a = {};
        assert_err(client_send(p.client, &(struct ask){ .method = "GET", .path = paths[i] }, &a),
                   ERR_INTERNAL, "is no percent-encoded path");
    }
    assert_int_equal(p.peer.connections, 0);
}

static void a_slash_at_the_end_of_the_address_does_no_harm(void **state)
{
    static const struct act acts[] = { { ANSWER("2", "{}") } };
    char url[sizeof(struct pair){}.url + 2];

    (void)state;
    PAIR(p, acts);
    snprintf(url, sizeof url, "%s//", p.url);
    client_free(p.client);
    assert_ok(
        client_new(&(struct client_options){ .label = "HiBob", .url = url, .allow_private = true },
                   &p.client));
    AUTO_ANSWER a = {};
    assert_ok(client_send(p.client, &get, &a));
    assert_non_null(strstr(p.peer.seen, "GET /v1/people HTTP/1.1\r\n"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(gives_the_whole_answer),
        TEST(sends_what_the_api_needs_and_a_content_type_only_with_a_body),
        TEST(uses_one_connection_for_many_requests),
        TEST(a_connection_closed_in_between_is_made_again),
        TEST(unpacks_gzip),
        TEST(gzip_that_is_none_is_no_answer),
        TEST(a_page_of_another_type_passes_through),
        TEST(streams_the_pieces_and_keeps_none),
        TEST(proxies_of_the_environment_are_not_used),
        TEST(a_refusal_is_an_answer_and_says_what_it_means),
        TEST(of_a_long_refusal_the_start_is_kept),
        TEST(tries_again_what_is_worth_it),
        TEST(gives_up_with_the_count_of_its_tries),
        TEST(says_that_nobody_listens),
        TEST(says_that_there_is_no_such_host),
        TEST(waits_as_long_as_it_is_asked_to),
        TEST(does_not_wait_longer_than_five_minutes),
        TEST(keeps_its_own_pace),
        TEST(a_stop_in_the_middle_of_an_answer_is_soon_obeyed),
        TEST(refuses_addresses_and_secrets_that_cannot_work),
        TEST(refuses_a_path_that_could_name_another_host),
        TEST(a_slash_at_the_end_of_the_address_does_no_harm),
    };

    return RUN_TESTS(tests);
}
