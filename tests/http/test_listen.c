/* test_listen.c — addresses to listen on. */
#include <stdio.h>
#include <unistd.h>

#include "http/listen.h"
#include "support/support.h"

static void takes_any_free_port(void **state)
{
    static const char *const cases[] = { "127.0.0.1:0", "[::1]:0", "localhost:0" };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int fd, port;
        assert_ok(listen_open(cases[i], &fd, &port));
        assert_in_range(port, 1, 65535);
        close(fd);
    }
}

static void says_who_has_the_port(void **state)
{
    int fd, second, port;
    char where[32];

    (void)state;
    assert_ok(listen_open("127.0.0.1:0", &fd, &port));
    snprintf(where, sizeof where, "127.0.0.1:%d", port);
    assert_err(listen_open(where, &second, &port), ERR_USAGE, "another program has this port");
    close(fd);
}

static void refuses_what_is_no_address(void **state)
{
    static const struct { const char *where, *words; } cases[] = {
        { "", "'' is no address to listen on: it is HOST:PORT" },
        { "8080", "is no address" },
        { ":8080", "is no address" },
        { "127.0.0.1", "is no address" },
        { "127.0.0.1:", "is no address" },
        { "127.0.0.1:http", "is no address" },
        { "127.0.0.1:65536", "is no address" },
        { "127.0.0.1:-1", "is no address" },
        { "::1:8080", "is no address" },
        { "[]:8080", "is no address" },
        { "192.0.2.1:0", "this machine does not have that address" },
        { "nowhere.invalid:0", "cannot listen on nowhere.invalid:0: " },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int fd, port;
        assert_err(listen_open(cases[i].where, &fd, &port), ERR_USAGE, cases[i].words);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(takes_any_free_port),
        TEST(says_who_has_the_port),
        TEST(refuses_what_is_no_address),
    };

    return RUN_TESTS(tests);
}
