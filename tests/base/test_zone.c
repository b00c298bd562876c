/* test_zone.c — time zones against what is known of them, and against the C library. */
#include "base/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/str.h"
#include "support/support.h"

static int64_t instant(const char *text)
{
    int64_t ms = 0;

    assert_true(time_parse(text, &ms));
    return ms;
}

static struct zone *zone(const char *name)
{
    struct zone *z = NULL;

    assert_ok(zone_open(name, &z));
    return z;
}

static void offsets_are_known(void **state)
{
    (void)state;
    static const struct { const char *zone, *at; int minutes; } cases[] = {
        { "UTC", "2026-07-01T00:00:00Z", 0 },
        { "Europe/Berlin", "2026-01-01T00:00:00Z", 60 },
        { "Europe/Berlin", "2026-07-01T00:00:00Z", 120 },
        { "Europe/Berlin", "2026-03-29T00:59:59Z", 60 },
        { "Europe/Berlin", "2026-03-29T01:00:00Z", 120 },
        { "Europe/Berlin", "2026-10-25T00:59:59Z", 120 },
        { "Europe/Berlin", "2026-10-25T01:00:00Z", 60 },
        { "Europe/Berlin", "1947-06-01T00:00:00Z", 180 },           /* double summer time */
        { "Europe/Berlin", "1800-01-01T00:00:00Z", 53 },            /* local mean time, 53:28 */
        { "Europe/Berlin", "2150-07-01T00:00:00Z", 120 },           /* beyond every table */
        { "Europe/Berlin", "9999-12-31T00:00:00Z", 60 },
        { "America/New_York", "2026-07-01T00:00:00Z", -240 },
        { "America/New_York", "2150-03-08T06:59:59Z", -300 },
        { "America/New_York", "2150-03-08T07:00:00Z", -240 },
        { "Asia/Kolkata", "2026-07-01T00:00:00Z", 330 },
        { "Asia/Kathmandu", "2150-07-01T00:00:00Z", 345 },
        { "Australia/Sydney", "2026-01-01T00:00:00Z", 660 },        /* the south: summer at new year */
        { "Australia/Sydney", "2150-01-01T00:00:00Z", 660 },
        { "Australia/Sydney", "2150-07-01T00:00:00Z", 600 },
        { "Australia/Lord_Howe", "2150-01-01T00:00:00Z", 660 },     /* half an hour of it */
        { "Australia/Lord_Howe", "2150-07-01T00:00:00Z", 630 },
        { "America/Godthab", "2150-07-01T00:00:00Z", -60 },
        { "Asia/Jerusalem", "2150-07-01T00:00:00Z", 180 },
        { "Pacific/Apia", "2011-12-30T09:59:59Z", -600 },
        { "Pacific/Apia", "2011-12-30T10:00:00Z", 840 },            /* a day was left out */
        { "Europe/Dublin", "2150-01-01T00:00:00Z", 0 },             /* winter is the exception there */
        { "Europe/Dublin", "2150-07-01T00:00:00Z", 60 },
        { "Etc/GMT+5", "2026-01-01T00:00:00Z", -300 },
        { "America/Argentina/Buenos_Aires", "2026-01-01T00:00:00Z", -180 },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(zone) *z = zone(cases[i].zone);
        int offset = zone_offset(z, instant(cases[i].at));
        if (offset / 60 != cases[i].minutes)
            fail_msg("%s at %s is %d minutes, not %d", cases[i].zone, cases[i].at, offset / 60,
                     cases[i].minutes);
    }
}

/* The C library knows one zone at a time, but it knows it well. */
static void the_c_library_agrees(void **state)
{
    (void)state;
    static const char *const names[] = {
        "Europe/Berlin",     "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe",
        "Africa/Casablanca", "Asia/Tehran",      "America/Nuuk",      "Europe/Dublin",
        "Antarctica/Troll",  "Pacific/Chatham",  "Asia/Gaza",         "Africa/Cairo",
    };

    for (size_t i = 0; i < COUNT(names); i++) {
        AUTO(zone) *z = zone(names[i]);
        setenv("TZ", names[i], 1);
        tzset();
        for (int64_t t = -3000000000; t < 8000000000; t += 86400 * 5 + 3607) {
            time_t c = t;
            struct tm tm;
            localtime_r(&c, &tm);
            if (zone_offset(z, t * 1000) != tm.tm_gmtoff)
                fail_msg("%s at %lld is %d, not %ld", names[i], (long long)t,
                         zone_offset(z, t * 1000), tm.tm_gmtoff);
        }
    }
    unsetenv("TZ");
    tzset();
}

static void clocks_show_the_local_time(void **state)
{
    (void)state;
    AUTO(zone) *z = zone("Europe/Berlin");
    struct civil c = zone_civil(z, instant("2026-06-30T22:30:05Z"));

    assert_true(c.year == 2026 && c.month == 7 && c.day == 1 && c.hour == 0 && c.minute == 30 &&
                c.second == 5);
    assert_int_equal(c.weekday, 3);
    assert_int_equal(zone_offset(z, instant("2026-03-29T01:00:00Z") - 1),
                     3600); /* a millisecond before */
}

static void a_local_time_comes_once_twice_or_never(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        struct civil local;
        enum zone_fit fit;
        const char *at;
    } cases[] = {
        { "UTC", { 2026, 7, 1, 4, 0, 0 }, ZONE_ONCE, "2026-07-01T04:00:00Z" },
        { "Europe/Berlin", { 2026, 7, 1, 4, 0, 0 }, ZONE_ONCE, "2026-07-01T02:00:00Z" },
        { "Europe/Berlin", { 2026, 3, 29, 1, 59, 59 }, ZONE_ONCE, "2026-03-29T00:59:59Z" },
        { "Europe/Berlin", { 2026, 3, 29, 2, 0, 0 }, ZONE_SKIPPED, "2026-03-29T01:00:00Z" },
        { "Europe/Berlin", { 2026, 3, 29, 2, 30, 0 }, ZONE_SKIPPED, "2026-03-29T01:00:00Z" },
        { "Europe/Berlin", { 2026, 3, 29, 3, 0, 0 }, ZONE_ONCE, "2026-03-29T01:00:00Z" },
        { "Europe/Berlin", { 2026, 10, 25, 1, 59, 59 }, ZONE_ONCE, "2026-10-24T23:59:59Z" },
        { "Europe/Berlin", { 2026, 10, 25, 2, 0, 0 }, ZONE_TWICE, "2026-10-25T00:00:00Z" },
        { "Europe/Berlin", { 2026, 10, 25, 2, 59, 59 }, ZONE_TWICE, "2026-10-25T00:59:59Z" },
        { "Europe/Berlin", { 2026, 10, 25, 3, 0, 0 }, ZONE_ONCE, "2026-10-25T02:00:00Z" },
        { "Europe/Berlin", { 2150, 3, 29, 2, 30, 0 }, ZONE_SKIPPED, "2150-03-29T01:00:00Z" },
        { "Australia/Lord_Howe", { 2026, 10, 4, 2, 15, 0 }, ZONE_SKIPPED, "2026-10-03T15:30:00Z" },
        { "Australia/Lord_Howe", { 2026, 4, 5, 1, 45, 0 }, ZONE_TWICE, "2026-04-04T14:45:00Z" },
        { "Pacific/Apia", { 2011, 12, 30, 12, 0, 0 }, ZONE_SKIPPED, "2011-12-30T10:00:00Z" },
        { "Pacific/Apia", { 2011, 12, 31, 9, 0, 0 }, ZONE_ONCE, "2011-12-30T19:00:00Z" },
        { "Pacific/Apia", { 2011, 12, 29, 23, 59, 0 }, ZONE_ONCE, "2011-12-30T09:59:00Z" },
        { "America/Sao_Paulo",
          { 2018, 11, 4, 0, 30, 0 },
          ZONE_SKIPPED,
          "2018-11-04T03:00:00Z" }, /* at midnight */
    };
    AUTO(arena) *a = arena_new();

    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(zone) *z = zone(cases[i].zone);
        int64_t ms = 0;
        enum zone_fit fit = zone_instant(z, &cases[i].local, &ms);
        if (fit != cases[i].fit || !str_eq(time_text(a, ms), cases[i].at))
            fail_msg("case %zu: %d at %s, not %d at %s", i, (int)fit, time_text(a, ms),
                     (int)cases[i].fit, cases[i].at);
    }
}

static void every_shown_time_leads_back_to_its_instant(void **state)
{
    (void)state;
    static const char *const names[] = { "Europe/Berlin", "Australia/Lord_Howe",
                                         "America/St_Johns" };

    for (size_t i = 0; i < COUNT(names); i++) {
        AUTO(zone) *z = zone(names[i]);
        int64_t start = instant("2026-01-01T00:00:00Z"), end = instant("2027-01-01T00:00:00Z");
        for (int64_t ms = start; ms < end; ms += 15 * 60000) {
            struct civil c = zone_civil(z, ms);
            int64_t back;
            enum zone_fit fit = zone_instant(z, &c, &back);
            assert_int_not_equal(fit, ZONE_SKIPPED);
            assert_true(back == ms || (fit == ZONE_TWICE && back < ms && ms - back <= 3600000));
        }
    }
}

static void only_names_of_zones_are_zones(void **state)
{
    (void)state;
    static const char *const names[] = {
        "",
        "Nowhere/City",
        "europe/berlin",
        "Europe",
        "Europe/",
        "/usr/share/zoneinfo/UTC",
        "/UTC",
        "../zoneinfo/UTC",
        "Europe/../UTC",
        "Europe//Berlin",
        "..",
        ".",
        "UTC\n",
        "zone.tab",
        "tzdata.zi",
        "leapseconds",
        "Europe/Berlin ",
        "a23456789/123456789/123456789/123456789/123456789/123456789/1234",
        "UT\xc3\xa9",
        "../../../etc/passwd",
    };

    for (size_t i = 0; i < COUNT(names); i++) {
        AUTO(zone) *z = NULL;
        assert_err(zone_open(names[i], &z), ERR_INVALID, "there is no time zone '");
        assert_null(z);
    }
    zone_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(offsets_are_known),
        TEST(the_c_library_agrees),
        TEST(clocks_show_the_local_time),
        TEST(a_local_time_comes_once_twice_or_never),
        TEST(every_shown_time_leads_back_to_its_instant),
        TEST(only_names_of_zones_are_zones),
    };

    return RUN_TESTS(tests);
}
