/* test_clock.c — instants and calendar dates. */
#include "base/clock.h"

#include <stdlib.h>

#include "base/str.h"
#include "support/support.h"

static void only_days_that_exist_are_dates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        { "2026-11-21", true },
        { "2024-02-29", true },
        { "2023-02-29", false },
        { "1900-02-29", false },
        { "2000-02-29", true },
        { "2021-02-31", false },
        { "2021-04-31", false },
        { "2021-12-31", true },
        { "0001-01-01", true },
        { "0000-01-01", false },
        { "0000-00-00", false },
        { "9999-12-31", true },
        { "2021-00-10", false },
        { "2021-13-01", false },
        { "2021-01-00", false },
        { "2021-01-32", false },
        { "2021-1-01", false },
        { "2021/01/01", false },
        { "21-01-01", false },
        { "2021-01-01 ", false },
        { " 2021-01-01", false },
        { "2021-01-01T00:00:00Z", false },
        { "", false },
        { "2021-01-0a", false },
        { "+021-01-01", false },
        { "2021-01-", false },
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        if (date_valid(cases[i].text) != cases[i].good)
            fail_msg("%s should %sbe a date", cases[i].text, cases[i].good ? "" : "not ");
    assert_false(date_valid(NULL));
}

static void days_count_from_1970(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t days;
    } cases[] = {
        { "1970-01-01", 0 },     { "1970-01-02", 1 },       { "1969-12-31", -1 },
        { "2000-03-01", 11017 }, { "0001-01-01", -719162 }, { "9999-12-31", 2932896 },
        { "2026-11-21", 20778 }, { "1600-02-29", -135081 },
    };
    AUTO(arena) *a = arena_new();

    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t days = 0;
        assert_true(date_to_days(cases[i].text, &days));
        assert_true(days == cases[i].days);
        assert_string_equal(date_text(a, days), cases[i].text);
    }
}

static void every_day_of_four_centuries_comes_after_the_one_before(void **state)
{
    (void)state;
    int year = 1800, month = 1, day = 1;
    int64_t first = civil_days(year, month, day);

    for (int64_t days = first; days < first + 146097; days++) {
        struct civil c = civil_of(days * 86400000);
        assert_true(c.year == year && c.month == month && c.day == day);
        assert_true(civil_days(year, month, day) == days);
        assert_int_equal(c.weekday, (int)(((days + 4) % 7 + 7) % 7));
        if (++day > month_length(year, month)) {
            day = 1;
            if (++month > 12) {
                month = 1;
                year++;
            }
        }
    }
    assert_int_equal(year, 2200);
}

static void instants_have_their_civil_fields(void **state)
{
    (void)state;
    struct civil c = civil_of(1795233600999);           /* Saturday 2026-11-21 04:00:00.999 */

    assert_int_equal(c.year, 2026);
    assert_int_equal(c.month, 11);
    assert_int_equal(c.day, 21);
    assert_int_equal(c.hour, 4);
    assert_int_equal(c.minute, 0);
    assert_int_equal(c.second, 0);
    assert_int_equal(c.weekday, 6);
    c = civil_of(-1);                                   /* the last moment of 1969 */
    assert_true(c.year == 1969 && c.month == 12 && c.day == 31 && c.hour == 23 && c.minute == 59 &&
                c.second == 59);
}

static void texts_of_instants_read_back(void **state)
{
    (void)state;
    static const struct { const char *text; bool good; const char *is; } cases[] = {
        { "2026-11-21T04:00:00Z", true, "2026-11-21T04:00:00Z" },
        { "2026-11-21T04:00:59", true, "2026-11-21T04:00:59Z" },
        { "2026-11-21 04:00", true, "2026-11-21T04:00:00Z" },
        { "2026-11-21", true, "2026-11-21T00:00:00Z" },
        { "1969-12-31T23:59:59Z", true, "1969-12-31T23:59:59Z" },
        { "0001-01-01T00:00:00Z", true, "0001-01-01T00:00:00Z" },
        { "2026-11-21T24:00:00Z", false, NULL },
        { "2026-11-21T04:60:00Z", false, NULL },
        { "2026-11-21T04:00:60Z", false, NULL },
        { "2026-11-21T04:00:00+01:00", false, NULL },
        { "2026-11-21T04", false, NULL },
        { "2026-11-21T", false, NULL },
        { "2026-11-21x", false, NULL },
        { "2026-02-30T04:00:00Z", false, NULL },
        { "2026-11-21T04:00:00ZZ", false, NULL },
        { "", false, NULL },
    };
    AUTO(arena) *a = arena_new();

    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t ms = 0;
        assert_int_equal(time_parse(cases[i].text, &ms), cases[i].good);
        if (cases[i].good)
            assert_string_equal(time_text(a, ms), cases[i].is);
    }
}

static void a_length_of_time_is_a_number_and_a_letter(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        { "90d", 90 * 86400000LL },
        { "12h", 12 * 3600000 },
        { "30m", 30 * 60000 },
        { "45s", 45000 },
        { "36525d", 36525 * 86400000LL },
        { "36526d", 0 },
        { "0d", 0 },
        { "d", 0 },
        { "90", 0 },
        { "90d ", 0 },
        { "-1d", 0 },
        { "1w", 0 },
        { "1.5h", 0 },
        { "", 0 },
        { "99999999999999999999999d", 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t ms = 0;
        bool good = span_parse(cases[i].text, &ms);
        if (good != (cases[i].ms != 0) || (good && ms != cases[i].ms))
            fail_msg("'%s' is %lld", cases[i].text, (long long)ms);
    }
}

static void a_test_can_set_the_clock(void **state)
{
    (void)state;
    int64_t before = clock_real();

    setenv("MUSTER_NOW", "2026-11-21T04:00:00Z", 1);
    assert_true(clock_now() == 1795233600000);
    assert_true(clock_real() >= before && clock_real() != clock_now());
    setenv("MUSTER_NOW", "tomorrow", 1);                /* no instant: the wall clock counts */
    assert_true(clock_now() >= before);
    unsetenv("MUSTER_NOW");
    assert_true(clock_now() >= before);
}

static void the_ticks_only_go_forward(void **state)
{
    (void)state;
    int64_t last = clock_tick();

    for (int i = 0; i < 1000; i++) {
        int64_t next = clock_tick();
        assert_true(next >= last);
        last = next;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_days_that_exist_are_dates),
        TEST(days_count_from_1970),
        TEST(every_day_of_four_centuries_comes_after_the_one_before),
        TEST(instants_have_their_civil_fields),
        TEST(texts_of_instants_read_back),
        TEST(a_length_of_time_is_a_number_and_a_letter),
        TEST(a_test_can_set_the_clock),
        TEST(the_ticks_only_go_forward),
    };

    return RUN_TESTS(tests);
}
