/* clock.c — see clock.h. Day arithmetic on the proleptic Gregorian calendar. */
#include "base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MS_DAY = 86400000 };

int64_t clock_real(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_now(void)
{
    const char *fixed = getenv("MUSTER_NOW");
    int64_t ms;

    return fixed && time_parse(fixed, &ms) ? ms : clock_real();
}

int64_t clock_tick(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool leap(int y)
{
    return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

int month_length(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return days[month - 1] + (month == 2 && leap(year));
}

/* Counts from 1 March, so that the leap day is the last of its year. */
int64_t civil_days(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t in_era = y - era * 400;
    int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

static void days_to_civil(int64_t days, struct civil *c)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    c->day = (int)(doy - (153 * mp + 2) / 5 + 1);
    c->month = (int)(mp < 10 ? mp + 3 : mp - 9);
    c->year = (int)(yoe + era * 400 + (c->month <= 2));
}

struct civil civil_of(int64_t ms)
{
    struct civil c = {};
    int64_t days = ms / MS_DAY, rest = ms % MS_DAY;

    if (rest < 0) {
        rest += MS_DAY;
        days--;
    }
    days_to_civil(days, &c);
    c.hour = (int)(rest / 3600000);
    c.minute = (int)(rest / 60000 % 60);
    c.second = (int)(rest / 1000 % 60);
    c.weekday = (int)(((days + 4) % 7 + 7) % 7);
    return c;
}

char *time_text(struct arena *a, int64_t ms)
{
    struct civil c = civil_of(ms);

    return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day, c.hour,
                        c.minute, c.second);
}

static bool digits(const char *s, int n, int *out)
{
    *out = 0;
    for (int i = 0; i < n; i++) {
        if (!isdigit((unsigned char)s[i]))
            return false;
        *out = *out * 10 + (s[i] - '0');
    }
    return true;
}

bool date_to_days(const char *s, int64_t *days)
{
    int y, m, d;

    if (!s || strnlen(s, 11) != 10 || !digits(s, 4, &y) || s[4] != '-' || !digits(s + 5, 2, &m) ||
        s[7] != '-' || !digits(s + 8, 2, &d))
        return false;
    if (y < 1 || m < 1 || m > 12 || d < 1 || d > month_length(y, m))
        return false;
    *days = civil_days(y, m, d);
    return true;
}

bool date_valid(const char *s)
{
    int64_t days;

    return date_to_days(s, &days);
}

char *date_text(struct arena *a, int64_t days)
{
    struct civil c = {};

    days_to_civil(days, &c);
    return arena_printf(a, "%04d-%02d-%02d", c.year, c.month, c.day);
}

bool time_parse(const char *s, int64_t *ms)
{
    char date[11] = "";
    int64_t days;
    int hh, mm, ss = 0;

    memcpy(date, s, strnlen(s, 10));
    if (!date_to_days(date, &days))
        return false;
    *ms = days * MS_DAY;
    if (s[10] == '\0')
        return true;
    if ((s[10] != 'T' && s[10] != ' ') || !digits(s + 11, 2, &hh) || s[13] != ':' ||
        !digits(s + 14, 2, &mm) || hh > 23 || mm > 59)
        return false;
    s += 16;
    if (*s == ':') {
        if (!digits(s + 1, 2, &ss) || ss > 59)
            return false;
        s += 3;
    }
    *ms += (hh * 3600 + mm * 60 + ss) * (int64_t)1000;
    return *s == '\0' || (s[0] == 'Z' && s[1] == '\0');
}

bool span_parse(const char *s, int64_t *ms)
{
    static const struct {
        char letter;
        int64_t ms;
    } units[] = { { 'd', MS_DAY }, { 'h', 3600000 }, { 'm', 60000 }, { 's', 1000 } };
    static const int64_t most = 36525 * (int64_t)MS_DAY;
    int64_t n = 0;

    if (!isdigit((unsigned char)*s))
        return false;
    for (; isdigit((unsigned char)*s); s++)
        if ((n = n * 10 + (*s - '0')) > most)
            return false;
    for (size_t i = 0; i < COUNT(units); i++)
        if (s[0] == units[i].letter && s[1] == '\0') {
            *ms = n * units[i].ms;
            return n > 0 && n <= most / units[i].ms;
        }
    return false;
}
