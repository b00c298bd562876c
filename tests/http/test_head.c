/* test_head.c — headers that two servers could read in two ways. */
#include <string.h>

#include "http/head.h"
#include "support/support.h"

struct line { const char *name, *value; };

static enum err look(const struct line *lines, const char *target, const char *version, int *status)
{
    struct head h = {};

    for (; lines->name; lines++)
        head_add(&h, lines->name, lines->value);
    return head_check(&h, target, version, status);
}

static void passes_ordinary_requests(void **state)
{
    static const struct line cases[][6] = {
        { { "Host", "muster.example" }, {} },
        { { "Host", "a" }, { "Content-Length", "0" }, {} },
        { { "host", "a" }, { "content-length", "1234567" }, { "Expect", "100-continue" }, {} },
        { { "Host", "a" }, { "Transfer-Encoding", "Chunked" }, {} },
        { { "Host", "a" },
          { "X-Name", "Zo\xc3\xab\t(she)" },
          { "Accept", "*/*" },
          { "Accept", "text/html" },
          {} },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int status = 0;
        assert_ok(look(cases[i], "/a?b=c", "HTTP/1.1", &status));
        assert_int_equal(status, 0);
    }
}

static void refuses_what_is_ambiguous(void **state)
{
    static const struct {
        struct line lines[4];
        const char *words;
    } cases[] = {
        { { { "Content-Length", "5" }, { "Content-Length", "5" }, {} },
          "more than one Content-Length" },
        { { { "Content-Length", "5" }, { "content-length", "6" }, {} },
          "more than one Content-Length" },
        { { { "Content-Length", "5" }, { "Transfer-Encoding", "chunked" }, {} },
          "beside a Transfer-Encoding" },
        { { { "Transfer-Encoding", "chunked" }, { "Transfer-Encoding", "chunked" }, {} },
          "only one" },
        { { { "Transfer-Encoding", "gzip, chunked" }, {} }, "only one" },
        { { { "Transfer-Encoding", "chunked, identity" }, {} }, "only one" },
        { { { "Transfer-Encoding", "identity" }, {} }, "only one" },
        { { { "Transfer-Encoding", "\vchunked" }, {} }, "control character" },
        { { { "Content-Length", "5, 5" }, {} }, "not one number" },
        { { { "Content-Length", "+5" }, {} }, "not one number" },
        { { { "Content-Length", "-1" }, {} }, "not one number" },
        { { { "Content-Length", "0x10" }, {} }, "not one number" },
        { { { "Content-Length", "" }, {} }, "not one number" },
        { { { "Content-Length", "9999999999999999999" }, {} }, "not one number" },
        { { { "Content-Length ", "5" }, {} }, "name of a header" },
        { { { "Content Length", "5" }, {} }, "name of a header" },
        { { { "", "5" }, {} }, "name of a header" },
        { { { "X\x01", "5" }, {} }, "name of a header" },
        { { { "X", "a\x7f" }, {} }, "control character" },
        { { { "X", "a\rb" }, {} }, "control character" },
        { { { "Host", "a" }, { "Host", "b" }, {} }, "more than one Host" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int status = 0;
        assert_err(look(cases[i].lines, "/", "HTTP/1.1", &status), ERR_USAGE, cases[i].words);
        assert_int_equal(status, 0);
    }
}

static void http_1_0_has_no_chunks(void **state)
{
    static const struct line lines[] = { { "Transfer-Encoding", "chunked" }, {} };
    int status = 0;

    (void)state;
    assert_err(look(lines, "/", "HTTP/1.0", &status), ERR_USAGE,
               "HTTP/1.0 knows no transfer encodings");
}

static void refuses_a_nul_in_the_address(void **state)
{
    static const struct line none[] = { {} };
    int status = 0;

    (void)state;
    assert_err(look(none, "/a%00.html", "HTTP/1.1", &status), ERR_USAGE, "NUL");
}

static void has_ceilings(void **state)
{
    static char target[9000], value[17000];
    const struct line none[] = { {} }, many[] = { { "X", value }, {} };
    int status = 0;

    (void)state;
    memset(target, 'a', sizeof target - 1);
    memset(value, 'a', sizeof value - 1);
    assert_err(look(none, target, "HTTP/1.1", &status), ERR_TOO_LARGE,
               "the address is longer than 8192 bytes");
    assert_int_equal(status, 414);
    assert_err(look(many, "/", "HTTP/1.1", &status), ERR_TOO_LARGE,
               "the headers are longer than 16384 bytes");
    assert_int_equal(status, 431);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(passes_ordinary_requests),
        TEST(refuses_what_is_ambiguous),
        TEST(http_1_0_has_no_chunks),
        TEST(refuses_a_nul_in_the_address),
        TEST(has_ceilings),
    };

    return RUN_TESTS(tests);
}
