/* cron.c — see cron.h. A field is a set of bits. */
#include "base/cron.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "base/clock.h"
#include "base/str.h"

struct cron {
    uint64_t minute, hour, day, month, weekday;
    bool any_day, any_weekday;
};

static const char *const months[] = { "jan", "feb", "mar", "apr", "may", "jun",
                                      "jul", "aug", "sep", "oct", "nov", "dec" };
static const char *const weekdays[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

struct field {
    const char *name;
    int least, most;
    const char *const *names;
    int nnames;
};
static const struct field fields[] = {
    { "minute", 0, 59, NULL, 0 },       { "hour", 0, 23, NULL, 0 },          { "day", 1, 31, NULL, 0 },
    { "month", 1, 12, months, 12 },     { "weekday", 0, 7, weekdays, 7 },
};

static bool value(const struct field *f, const char **s, int *out)
{
    if (isdigit((unsigned char)**s)) {
        *out = 0;
        for (; isdigit((unsigned char)**s) && *out < 1000; (*s)++)
            *out = *out * 10 + (**s - '0');
        return *out >= f->least && *out <= f->most;
    }
    for (int i = 0; i < f->nnames; i++)
        if (strncasecmp(*s, f->names[i], 3) == 0) {
            *s += 3;
            *out = i + f->least;
            return true;
        }
    return false;
}

/* One of a list: "*", "5", "1-5", and any of them with "/2" behind it. */
static bool part(const struct field *f, const char **s, uint64_t *bits)
{
    int from = f->least, to = f->most, step = 1;
    bool star = **s == '*';

    if (star) {
        (*s)++;
    } else {
        if (!value(f, s, &from))
            return false;
        to = from;
        if (**s == '-') {
            (*s)++;
            if (!value(f, s, &to) || to < from)
                return false;
        }
    }
    if (**s == '/') {
        (*s)++;
        step = (int)strtol(*s, (char **)s, 10);
        if (step < 1 || step > f->most)
            return false;
        if (!star && to == from)
            to = f->most;
    }
    for (int i = from; i <= to; i += step)
        *bits |= 1ull << i;
    return true;
}

enum err cron_parse(const char *text, struct cron **out)
{
    AUTO(cron) *c = must_alloc(sizeof *c);
    uint64_t *bits[] = { &c->minute, &c->hour, &c->day, &c->month, &c->weekday };
    const char *s = text;

    for (size_t i = 0; i < COUNT(fields); i++) {
        while (*s == ' ' || *s == '\t')
            s++;
        if (!*s)
            return errf(ERR_INVALID, "a schedule has five fields (minute hour day month weekday), '%s' has %zu", text, i);
        if (i == 2)
            c->any_day = *s == '*';
        if (i == 4)
            c->any_weekday = *s == '*';
        do {
            if (!part(&fields[i], &s, bits[i]))
                return errf(ERR_INVALID, "the %s at position %d of '%s' is not one from %d to %d", fields[i].name,
                            (int)(s - text) + 1, text, fields[i].least, fields[i].most);
        } while (*s == ',' && s++);
        if (*s && *s != ' ' && *s != '\t')
            return errf(ERR_INVALID, "'%c' at position %d of '%s' is not understood", *s, (int)(s - text) + 1, text);
    }
    while (*s == ' ' || *s == '\t')
        s++;
    if (*s)
        return errf(ERR_INVALID, "a schedule has five fields; '%s' has more", text);
    if (c->weekday & 1 << 7)
        c->weekday |= 1;
    *out = take(c);
    return OK;
}

void cron_free(struct cron *c)
{
    free(c);
}

static bool day_fits(const struct cron *c, const struct civil *t)
{
    bool day = c->day >> t->day & 1, weekday = c->weekday >> t->weekday & 1;

    if (!(c->month >> t->month & 1))
        return false;
    if (c->any_day || c->any_weekday)
        return day && weekday;
    return day || weekday;
}

int64_t cron_next(const struct cron *c, const struct zone *z, int64_t after_ms)
{
    enum { DAY = 86400000, MINUTE = 60000, FIVE_YEARS = 5 * 366 };
    int64_t local = after_ms + zone_offset(z, after_ms) * 1000;
    int64_t midnight = local - (local % DAY + DAY) % DAY - DAY;     /* a day back: the clock may have been turned */

    for (int d = 0; d < FIVE_YEARS; d++, midnight += DAY) {
        struct civil t = civil_of(midnight);
        if (!day_fits(c, &t))
            continue;
        for (int m = 0; m < 24 * 60; m++) {
            if (!(c->hour >> m / 60 & 1) || !(c->minute >> m % 60 & 1))
                continue;
            int64_t due = zone_instant(z, midnight + m * (int64_t)MINUTE);
            if (due > after_ms)
                return due;
        }
    }
    return 0;
}
