/* test_cron.c — schedules: what they mean, and when they come when clocks are put forward and back. */
#include "base/cron.h"

#include <stdio.h>

#include "base/str.h"
#include "support/support.h"

static int64_t instant(const char *text)
{
    int64_t ms = 0;

    assert_true(time_parse(text, &ms));
    return ms;
}

static void comes_when_it_says(void **state)
{
    (void)state;
    static const struct { const char *cron, *after, *next; } cases[] = {
        { "0 4 * * *", "2026-11-21T00:00:00Z", "2026-11-21T04:00:00Z" },
        { "0 4 * * *", "2026-11-21T03:59:59Z", "2026-11-21T04:00:00Z" },
        { "0 4 * * *", "2026-11-21T04:00:00Z", "2026-11-22T04:00:00Z" },      /* later than, not at */
        { "0 4 * * *", "2026-12-31T04:00:00Z", "2027-01-01T04:00:00Z" },
        { "* * * * *", "2026-11-21T04:00:30Z", "2026-11-21T04:01:00Z" },
        { "*/15 * * * *", "2026-11-21T04:46:00Z", "2026-11-21T05:00:00Z" },
        { "5/20 * * * *", "2026-11-21T04:26:00Z", "2026-11-21T04:45:00Z" },
        { "10-20/5 * * * *", "2026-11-21T04:16:00Z", "2026-11-21T04:20:00Z" },
        { "10-20/5 * * * *", "2026-11-21T04:20:00Z", "2026-11-21T05:10:00Z" },
        { "1,3,5 2,4 * * *", "2026-11-21T02:05:00Z", "2026-11-21T04:01:00Z" },
        { "0 0 1 * *", "2026-11-21T00:00:00Z", "2026-12-01T00:00:00Z" },
        { "0 0 31 * *", "2026-11-21T00:00:00Z", "2026-12-31T00:00:00Z" },
        { "0 0 31 * *", "2026-12-31T00:00:00Z", "2027-01-31T00:00:00Z" },
        { "0 0 29 2 *", "2026-11-21T00:00:00Z", "2028-02-29T00:00:00Z" },
        { "0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z" },     /* 2100 has none */
        { "0 0 * jan,JUL *", "2026-11-21T00:00:00Z", "2027-01-01T00:00:00Z" },
        { "0 0 * 2-4/2 *", "2026-02-28T00:00:00Z", "2026-04-01T00:00:00Z" },
        { "0 9 * * mon", "2026-11-21T00:00:00Z",
          "2026-11-23T09:00:00Z" }, /* the 21st is a Saturday */
        { "0 9 * * mon-fri", "2026-11-20T09:00:00Z", "2026-11-23T09:00:00Z" },
        { "0 9 * * 0", "2026-11-21T00:00:00Z", "2026-11-22T09:00:00Z" },
        { "0 9 * * 7", "2026-11-21T00:00:00Z", "2026-11-22T09:00:00Z" },
        { "0 9 * * Sun", "2026-11-21T00:00:00Z", "2026-11-22T09:00:00Z" },
        { "0 9 * * fri-7", "2026-11-23T00:00:00Z", "2026-11-27T09:00:00Z" },
        { "0 0 13 * fri", "2026-11-21T00:00:00Z",
          "2026-11-27T00:00:00Z" }, /* either day is enough */
        { "0 0 13 * fri", "2026-12-11T00:00:00Z", "2026-12-13T00:00:00Z" },
        { "0 0 */2 * mon", "2026-11-21T00:00:00Z",
          "2026-11-23T00:00:00Z" }, /* with a star both must fit */
        { "0 0 30 2 mon", "2026-11-21T00:00:00Z",
          "2027-02-01T00:00:00Z" }, /* Mondays in February */
        { "  0\t4  * * *  ", "2026-11-21T00:00:00Z", "2026-11-21T04:00:00Z" },
    };
    AUTO(arena) *a = arena_new();
    AUTO(zone) *utc = NULL;

    assert_ok(zone_open("UTC", &utc));
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cron c;
        assert_ok(cron_parse(cases[i].cron, &c, NULL));
        const char *next = time_text(a, cron_next(&c, utc, instant(cases[i].after)));
        if (!str_eq(next, cases[i].next))
            fail_msg("'%s' after %s comes at %s, not %s", cases[i].cron, cases[i].after, next,
                     cases[i].next);
    }
}

/* The next five times, short: "DDThh:mm" in UTC. */
static void comes_right_when_clocks_change(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *cron, *after, *next;
    } cases[] = {
        { "Europe/Berlin", "0 4 * * *", "2026-03-27T12:00:00Z",
          "28T03:00 29T02:00 30T02:00 31T02:00 01T02:00" },
        /* 02:30 is skipped on the 29th: it comes at 03:00 */
        { "Europe/Berlin", "30 2 * * *", "2026-03-27T12:00:00Z",
          "28T01:30 29T01:00 30T00:30 31T00:30 01T00:30" },
        /* four skipped times are one */
        { "Europe/Berlin", "*/15 2 * * *", "2026-03-29T00:00:00Z",
          "29T01:00 30T00:00 30T00:15 30T00:30 30T00:45" },
        { "Europe/Berlin", "0 2,3 * * *", "2026-03-29T00:00:00Z",
          "29T01:00 30T00:00 30T01:00 31T00:00 31T01:00" },
        /* 02:30 comes twice on the 25th: the first counts */
        { "Europe/Berlin", "30 2 * * *", "2026-10-24T12:00:00Z",
          "25T00:30 26T01:30 27T01:30 28T01:30 29T01:30" },
        { "Europe/Berlin", "30 2 * * *", "2026-10-25T00:45:00Z",
          "26T01:30 27T01:30 28T01:30 29T01:30 30T01:30" },
        { "Europe/Berlin", "0 * * * *", "2026-10-24T23:30:00Z",
          "25T00:00 25T02:00 25T03:00 25T04:00 25T05:00" },
        { "America/Sao_Paulo", "15 0 * * *", "2018-11-03T12:00:00Z",
          "04T03:00 05T02:15 06T02:15 07T02:15 08T02:15" },
        /* the 30th was left out in Samoa: its run comes as the 31st begins */
        { "Pacific/Apia", "0 4 * * *", "2011-12-29T00:00:00Z",
          "29T14:00 30T10:00 30T14:00 31T14:00 01T14:00" },
        { "Australia/Lord_Howe", "10 2 4 10 *", "2026-10-01T00:00:00Z",
          "03T15:30 03T15:10 03T15:10 03T15:40 03T15:40" },
        { "Pacific/Kiritimati", "0 0 1 1 *", "2026-06-01T00:00:00Z",
          "31T10:00 31T10:00 31T10:00 31T10:00 31T10:00" },
    };
    AUTO(arena) *a = arena_new();

    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(zone) *z = NULL;
        char line[64] = "";
        struct cron c;
        int64_t at = instant(cases[i].after);
        assert_ok(zone_open(cases[i].zone, &z));
        assert_ok(cron_parse(cases[i].cron, &c, NULL));
        for (int k = 0; k < 5; k++) {
            at = cron_next(&c, z, at);
            snprintf(line + strlen(line), sizeof line - strlen(line), "%s%.8s", k ? " " : "",
                     time_text(a, at) + 8);
        }
        if (!str_eq(line, cases[i].next))
            fail_msg("'%s' in %s: %s, not %s", cases[i].cron, cases[i].zone, line, cases[i].next);
    }
}

static void the_next_time_is_always_later(void **state)
{
    (void)state;
    static const char *const crons[] = { "*/7 * * * *", "0 2 * * *", "59 23 * * sun",
                                         "30 1-3 1,15 * *" };
    AUTO(zone) *z = NULL;

    assert_ok(zone_open("America/New_York", &z));
    for (size_t i = 0; i < COUNT(crons); i++) {
        struct cron c;
        int64_t at = instant("2026-01-01T00:00:00Z");
        assert_ok(cron_parse(crons[i], &c, NULL));
        for (int k = 0; k < 2000; k++) {
            int64_t next = cron_next(&c, z, at);
            assert_true(next > at);
            at = next;
        }
    }
}

static void says_where_a_schedule_goes_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *cron;
        size_t at;
        const char *says;
    } cases[] = {
        { "", 0,
          "the minute is missing; a schedule is minute, hour, day, month, day of the week: \"0 4 * "
          "* *\"" },
        { "0 4 * *", 7, "the day of the week is missing" },
        { "0 4 * * * *", 10, "a schedule ends after the day of the week; '*' is too much" },
        { "60 4 * * *", 0,
          "'60' is no minute; it takes numbers from 0 to 59, lists (1,15), ranges (1-5) and "
          "steps" },
        { "0 24 * * *", 2, "'24' is no hour; it takes numbers from 0 to 23" },
        { "0 4 0 * *", 4, "'0' is no day of the month; it takes numbers from 1 to 31" },
        { "0 4 32 * *", 4, "'32' is no day of the month" },
        { "0 4 * 13 *", 6, "'13' is no month; it takes numbers from 1 to 12" },
        { "0 4 * * 8", 8, "'8' is no day of the week; it takes numbers from 0 to 7" },
        { "0 4 * * monday", 8, "'monday' is no day of the week" },
        { "0 4 * mon *", 6, "'mon' is no month" },
        { "jan 4 * * *", 0, "'jan' is no minute" },
        { "0 4-2 * * *", 2, "'4-2' is no hour" },
        { "0 4- * * *", 2, "'4-' is no hour" },
        { "0 -4 * * *", 2, "'-4' is no hour" },
        { "*/0 * * * *", 0, "'*/0' is no minute" },
        { "*/ * * * *", 0, "'*/' is no minute" },
        { "1,,2 * * * *", 2, "is no minute" },
        { "1, * * * *", 2, "the minute is missing" },
        { "0 4 * * 1,x", 10, "'x' is no day of the week" },
        { "4.5 * * * *", 0, "'4.5' is no minute" },
        { "99999999999999999999 * * * *", 0, "is no minute" },
        { "*5 * * * *", 0, "'*5' is no minute" },
        { "@daily", 0, "'@daily' is no minute" },
        { "0 0 30 2 *", 0, "'0 0 30 2 *' never comes: no month in it has such a day" },
        { "0 0 31 4,6,9,11 *", 0, "never comes" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cron c;
        size_t at = 1000;
        assert_err(cron_parse(cases[i].cron, &c, &at), ERR_INVALID, cases[i].says);
        if (at != cases[i].at)
            fail_msg("'%s' goes wrong at %zu, not %zu", cases[i].cron, at, cases[i].at);
        assert_err(cron_parse(cases[i].cron, &c, NULL), ERR_INVALID, cases[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(comes_when_it_says),
        TEST(comes_right_when_clocks_change),
        TEST(the_next_time_is_always_later),
        TEST(says_where_a_schedule_goes_wrong),
    };

    return RUN_TESTS(tests);
}
