/* test_pace.c — waits and the headers that ask for them. */
#include <string.h>

#include "http/pace.h"
#include "support/support.h"

/* 2026-11-21T04:00:00Z */
static const int64_t now = 1795233600000;

static void reads_what_a_retry_after_asks_for(void **state)
{
    static const struct { const char *header; bool ok; int64_t wait; } cases[] = {
        { "0", true, 0 },
        { "12", true, 12000 },
        { "12 ", true, 12000 },
        { "1.5", true, 2000 },
        { "3.0", true, 3000 },
        { "Sat, 21 Nov 2026 04:00:30 GMT", true, 30000 },
        { "Saturday, 21-Nov-26 04:01:00 GMT", true, 60000 },
        { "Sat Nov 21 04:00:05 2026", true, 5000 },
        { "Sat Nov  1 04:00:05 2026", true, 0 },
        { "Fri, 20 Nov 2026 04:00:00 GMT", true, 0 },
        { "Thu, 31 Dec 2026 23:59:60 GMT", true, 3528000000 },
        { "Sat, 31 Feb 2026 04:00:30 GMT", false, 0 },
        { "Sat, 21 Now 2026 04:00:30 GMT", false, 0 },
        { "Sat, 21 Nov 2026 24:00:30 GMT", false, 0 },
        { "Sat, -1 Nov 2026 04:00:30 GMT", false, 0 },
        { "-5", false, 0 },
        { "12 s", false, 0 },
        { "1.5.5", false, 0 },
        { "99999999999999999999", false, 0 },
        { "soon", false, 0 },
        { "", false, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t wait = 0;
        print_message("  \"%s\"\n", cases[i].header);
        assert_int_equal(pace_retry_after(cases[i].header, now, &wait), cases[i].ok);
        assert_int_equal(wait, cases[i].wait);
    }
}

static void reads_a_rate_reset_in_each_of_its_forms(void **state)
{
    static const struct { const char *header; bool ok; int64_t wait; } cases[] = {
        { "1795233612", true, 12000 },          /* seconds since 1970: HiBob */
        { "1795233612.25", true, 13000 },
        { "1795233612345", true, 12345 },       /* milliseconds since 1970 */
        { "45", true, 45000 },                  /* seconds from now */
        { "1795233000", true, 0 },              /* over */
        { "Sat, 21 Nov 2026 04:00:30 GMT", true, 30000 },
        { "never", false, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t wait = 0;
        print_message("  \"%s\"\n", cases[i].header);
        assert_int_equal(pace_rate_reset(cases[i].header, now, &wait), cases[i].ok);
        assert_int_equal(wait, cases[i].wait);
    }
}

static void backs_off_twice_as_long_each_time_half_of_it_by_chance(void **state)
{
    static const int64_t whole[] = { 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000 };

    (void)state;
    for (int tries = 1; tries <= (int)COUNT(whole); tries++) {
        int64_t least = INT64_MAX, most = 0;
        for (uint64_t chance = 0; chance < 100000; chance += 7) {
            int64_t wait = pace_back_off(1000, tries, chance);
            least = MIN(least, wait);
            most = MAX(most, wait);
        }
        assert_int_equal(most, whole[tries - 1]);
        assert_in_range(least, whole[tries - 1] / 2, whole[tries - 1] / 2 + 7);
    }
    assert_int_equal(pace_back_off(1000, 1000000, 0), 60000);
    assert_int_equal(pace_back_off(1, 1, UINT64_MAX), 1);
}

static void lets_a_short_series_through_and_slows_a_long_one(void **state)
{
    enum { SECOND = 1000000 };
    struct pace p;

    (void)state;
    pace_init(&p, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pace_wait(&p, i * SECOND), 0);
        pace_start(&p, i * SECOND);
    }
    assert_int_equal(pace_wait(&p, 3 * SECOND), 57 * SECOND);
    assert_int_equal(pace_wait(&p, 60 * SECOND), 0);
    pace_start(&p, 60 * SECOND);
    assert_int_equal(pace_wait(&p, 60 * SECOND), SECOND);
    pace_free(&p);
}

static void without_a_pace_nothing_waits(void **state)
{
    struct pace p;

    (void)state;
    pace_init(&p, 0);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(pace_wait(&p, 0), 0);
        pace_start(&p, 0);
    }
    pace_free(&p);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(reads_what_a_retry_after_asks_for),
        TEST(reads_a_rate_reset_in_each_of_its_forms),
        TEST(backs_off_twice_as_long_each_time_half_of_it_by_chance),
        TEST(lets_a_short_series_through_and_slows_a_long_one),
        TEST(without_a_pace_nothing_waits),
    };

    return RUN_TESTS(tests);
}
