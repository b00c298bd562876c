/* test_instant.c — xsd:dateTime. */
#include "scim/instant.h"

#include "support/support.h"

static void res_05_instants_are_points_in_time(void **state)
{
    (void)state;
    static const struct { const char *text; int64_t ms; } cases[] = {
        { "1970-01-01", 0 },
        { "1970-01-01T00:00:00Z", 0 },
        { "1970-01-01T00:00:00", 0 },
        { "1970-01-01T00:00:01z", 1000 },
        { "1970-01-01T00:00:00.5Z", 500 },
        { "1970-01-01T00:00:00.1239999Z", 123 },
        { "1970-01-01T01:00:00.0000000+01:00", 0 },
        { "1969-12-31T17:00:00-07:00", 0 },
        { "1970-01-01T05:30:00+0530", 0 },
        { "2015-10-10T14:38:21.8617979-07:00", 1444513101861 },
        { "0001-01-03T00:00:00.0000000Z", -62135424000000 },
        { "2024-02-29T23:59:59Z", 1709251199000 },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t ms = 1;
        print_message("%s\n", cases[i].text);
        assert_true(instant_parse(cases[i].text, &ms));
        assert_true(ms == cases[i].ms);
    }
}

static void what_is_no_instant_is_none(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "now",
        "1970",
        "1970-1-1",
        "1970-13-01",
        "2026-02-29",
        "1970-01-01T",
        "1970-01-01T00:00Z",
        "1970-01-01 00:00:00",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:60:00Z",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00ZZ",
        "1970-01-01T00:00:00+1",
        "1970-01-01T00:00:00+15:00",
        "1970-01-01T00:00:00+01:60",
        "1970-01-01T00:00:00+01:00x",
        "1970-01-01T00:00:00+0:100",
        "1970-01-01Z",
        "1970-01-01T00:00:00 Z",
        "1970-01-01T00-00-00Z",
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t ms;
        print_message("%s\n", cases[i]);
        assert_false(instant_parse(cases[i], &ms));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(res_05_instants_are_points_in_time),
        TEST(what_is_no_instant_is_none),
    };

    return RUN_TESTS(tests);
}
