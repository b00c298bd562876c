/* pace.c — see pace.h. */
#include "http/pace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/str.h"

enum { MINUTE_US = 60000000, BACK_OFF_MOST = 60000 };

void pace_init(struct pace *p, int per_minute)
{
    *p = (struct pace){ .n = per_minute > 0 ? (size_t)per_minute : 0 };
    if (p->n == 0)
        return;
    p->starts = must_alloc(p->n * sizeof *p->starts);
    for (size_t i = 0; i < p->n; i++)
        p->starts[i] = -MINUTE_US;
}

void pace_free(struct pace *p)
{
    free(p->starts);
    *p = (struct pace){};
}

int64_t pace_wait(const struct pace *p, int64_t now)
{
    return p->n ? MAX(p->starts[p->next] + MINUTE_US - now, 0) : 0;
}

void pace_start(struct pace *p, int64_t now)
{
    if (p->n == 0)
        return;
    p->starts[p->next] = now;
    p->next = (p->next + 1) % p->n;
}

int64_t pace_back_off(int64_t first, int tries, uint64_t chance)
{
    int64_t whole = MIN(first << MIN(MAX(tries - 1, 0), 16), BACK_OFF_MOST);

    return whole - (int64_t)(chance % (uint64_t)(whole / 2 + 1));
}

static int month_of(const char *name)
{
    static const char *const names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

    for (size_t i = 0; i < COUNT(names); i++)
        if (strcasecmp(name, names[i]) == 0)
            return (int)i + 1;
    return 0;
}

/* Two digits of a year are at most 50 years ahead (RFC 9110 §5.6.7); this program was made in 2026. */
static int whole_year(int year)
{
    return year >= 100 ? year : year + (year <= 76 ? 2000 : 1900);
}

bool pace_date(const char *header, int64_t *ms)
{
    char month[4] = "";
    int year, day, hh, mm, ss;
    const char *rest = strchr(header, ',');

    if (rest) {
        if (sscanf(rest, ", %2d%*1[ -]%3[A-Za-z]%*1[ -]%4d %2d:%2d:%2d GMT", &day, month, &year,
                   &hh, &mm, &ss) != 6)
            return false;
    } else if (sscanf(header, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d", month, &day, &hh, &mm,
                      &ss, &year) != 6) {
        return false;
    }
    int m = month_of(month);
    if (year < 0 || m == 0 || day < 1 || day > month_length(whole_year(year), m) || hh < 0 ||
        hh > 23 || mm < 0 || mm > 59 || ss < 0 || ss > 60)
        return false;
    *ms = (civil_days(whole_year(year), m, day) * 86400 + hh * 3600 + mm * 60 + ss) * 1000;
    return true;
}

/* Digits alone, with at most a fraction that is rounded up; nobody means more than a dozen of them. */
static bool seconds(const char *s, int64_t *out)
{
    size_t n = strspn(s, "0123456789");

    *out = 0;
    for (size_t i = 0; i < n && i < 15; i++)
        *out = *out * 10 + (s[i] - '0');
    if (n == 0 || n > 15)
        return false;
    s += n;
    if (*s == '.') {
        n = strspn(s + 1, "0123456789");
        *out += strspn(s + 1, "0") < n;
        s += n + 1;
    }
    return s[strspn(s, " \t")] == '\0';
}

bool pace_retry_after(const char *header, int64_t now, int64_t *wait)
{
    int64_t n;

    if (seconds(header, &n))
        *wait = n * 1000;
    else if (pace_date(header, &n))
        *wait = MAX(n - now, 0);
    else
        return false;
    return true;
}

bool pace_rate_reset(const char *header, int64_t now, int64_t *wait)
{
    enum { YEAR_2001 = 1000000000 };    /* in seconds; nobody asks for a wait that long */
    int64_t n;

    if (!seconds(header, &n))
        return pace_retry_after(header, now, wait);
    if (n < YEAR_2001)
        *wait = n * 1000;
    else
        *wait = MAX((n < (int64_t)YEAR_2001 * 1000 ? n * 1000 : n) - now, 0);
    return true;
}
