/* zone.c — see zone.h. The second, 64-bit half of a TZif file, then its POSIX rule for later years. */
#include "base/zone.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"

/* One end of summer time in a POSIX rule: Mm.w.d, Jn or n, and the time of day in seconds. */
struct change { char kind; int month, week, day; int64_t at; };

struct zone {
    int64_t *at;                    /* seconds since 1970 */
    int32_t *offset;                /* from then on */
    size_t n;
    int32_t first;                  /* before the first */
    bool rule, summer;
    int32_t standard, daylight;
    struct change start, end;
};

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* ---- the POSIX rule: "CET-1CEST,M3.5.0,M10.5.0/3" ---- */

static const char *skip_name(const char *s)
{
    if (*s == '<') {
        const char *end = strchr(s, '>');
        return end ? end + 1 : NULL;
    }
    while (isalpha((unsigned char)*s))
        s++;
    return s;
}

static const char *read_time(const char *s, int64_t *out)
{
    int64_t parts[3] = {}, sign = *s == '-' ? -1 : 1;
    char *end;

    s += *s == '-' || *s == '+';
    for (int i = 0; i < 3; i++) {
        if (!isdigit((unsigned char)*s))
            return NULL;
        parts[i] = strtol(s, &end, 10);
        s = end;
        if (*s != ':')
            break;
        s++;
    }
    *out = sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]);
    return s;
}

static const char *read_change(const char *s, struct change *c)
{
    char *end;

    *c = (struct change){ .kind = isdigit((unsigned char)*s) ? '0' : *s, .at = 7200 };
    if (c->kind == 'M') {
        c->month = (int)strtol(s + 1, &end, 10);
        if (*end != '.')
            return NULL;
        c->week = (int)strtol(end + 1, &end, 10);
        if (*end != '.')
            return NULL;
        c->day = (int)strtol(end + 1, &end, 10);
        if (c->month < 1 || c->month > 12 || c->week < 1 || c->week > 5 || c->day < 0 || c->day > 6)
            return NULL;
    } else if (c->kind == 'J' || c->kind == '0') {
        c->day = (int)strtol(s + (c->kind == 'J'), &end, 10);
    } else {
        return NULL;
    }
    s = end;
    return *s == '/' ? read_time(s + 1, &c->at) : s;
}

static bool read_rule(struct zone *z, const char *s)
{
    int64_t west, east;

    s = skip_name(s);
    if (!s || !(s = read_time(s, &west)))
        return false;
    z->standard = (int32_t)-west;
    if (!*s)
        return true;
    s = skip_name(s);
    if (!s)
        return false;
    z->daylight = z->standard + 3600;
    if (*s && *s != ',') {
        if (!(s = read_time(s, &east)))
            return false;
        z->daylight = (int32_t)-east;
    }
    z->summer = true;
    return *s == ',' && (s = read_change(s + 1, &z->start)) && *s == ',' && (s = read_change(s + 1, &z->end)) && !*s;
}

/* Local seconds since 1970 at which the change happens in a year. */
static int64_t change_at(const struct change *c, int year)
{
    int64_t days;

    if (c->kind == 'M') {
        days = civil_days(year, c->month, 1);
        int64_t weekday = ((days + 4) % 7 + 7) % 7;
        days += (c->day - weekday + 7) % 7 + (c->week - 1) * 7;
        while (days >= civil_days(year, c->month, 1) + month_length(year, c->month))
            days -= 7;
    } else {
        bool after_february = c->kind == 'J' && c->day >= 60 && month_length(year, 2) == 29;
        days = civil_days(year, 1, 1) + c->day - (c->kind == 'J') + after_february;
    }
    return days * 86400 + c->at;
}

static int64_t rule_offset(const struct zone *z, int64_t seconds)
{
    if (!z->summer)
        return z->standard;
    int year = civil_of((seconds + z->standard) * 1000).year;
    int64_t start = change_at(&z->start, year) - z->standard, end = change_at(&z->end, year) - z->daylight;
    bool summer = start < end ? seconds >= start && seconds < end : seconds >= start || seconds < end;
    return summer ? z->daylight : z->standard;
}

/* ---- the file ---- */

struct counts { uint32_t isut, isstd, leap, time, type, chars; };

static bool read_header(const uint8_t *p, size_t n, struct counts *c)
{
    if (n < 44 || memcmp(p, "TZif", 4) != 0)
        return false;
    *c = (struct counts){ be32(p + 20), be32(p + 24), be32(p + 28), be32(p + 32), be32(p + 36), be32(p + 40) };
    return c->time < 10000 && c->type < 256 && c->type > 0 && c->chars < 10000 && c->leap < 1000 &&
           c->isut < 256 && c->isstd < 256;
}

static size_t block_size(const struct counts *c, size_t width)
{
    return c->time * (width + 1) + c->type * 6 + c->chars + c->leap * (width + 4) + c->isstd + c->isut;
}

static bool read_file(struct zone *z, const uint8_t *p, size_t n)
{
    struct counts c;

    if (!read_header(p, n, &c) || p[4] < '2')
        return false;
    size_t skip = 44 + block_size(&c, 4);
    if (skip > n || !read_header(p + skip, n - skip, &c))
        return false;
    p += skip + 44;
    n -= skip + 44;
    if (block_size(&c, 8) > n)
        return false;
    const uint8_t *index = p + c.time * 8, *types = index + c.time;
    z->n = c.time;
    z->at = must_alloc((c.time + 1) * sizeof *z->at);
    z->offset = must_alloc((c.time + 1) * sizeof *z->offset);
    z->first = (int32_t)be32(types);
    for (size_t i = 0; i < c.time; i++) {
        z->at[i] = (int64_t)((uint64_t)be32(p + i * 8) << 32 | be32(p + i * 8 + 4));
        if (index[i] >= c.type)
            return false;
        z->offset[i] = (int32_t)be32(types + index[i] * 6);
    }
    const char *footer = (const char *)p + block_size(&c, 8);
    size_t left = n - block_size(&c, 8);
    if (left > 2 && footer[0] == '\n') {
        char rule[128] = "";
        memcpy(rule, footer + 1, MIN(left - 2, sizeof rule - 1));
        rule[strcspn(rule, "\n")] = '\0';
        z->rule = *rule && read_rule(z, rule);
    }
    return true;
}

static enum err load(const char *path, struct buf *out)
{
    char part[4096];
    ssize_t n;
    enum err e = OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return errf(ERR_USAGE, "no such file");
    while (e == OK && (n = read(fd, part, sizeof part)) > 0)
        e = buf_take(out, part, (size_t)n);
    close(fd);
    return n < 0 && e == OK ? errf(ERR_USAGE, "not readable") : e;
}

enum err zone_open(const char *name, struct zone **out)
{
    AUTO_BUF file = { .max = KB(256) };
    AUTO(zone) *z = must_alloc(sizeof *z);
    char path[256];

    size_t plain = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/");
    if (!*name || name[plain] || *name == '/' || strstr(name, "//") || strlen(name) > 100)
        return errf(ERR_USAGE, "'%s' is no time zone; one is Europe/Berlin, another UTC", name);
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    if (load(path, &file) != OK || !read_file(z, (uint8_t *)file.at, file.n))
        return errf(ERR_USAGE, "there is no time zone '%s'; one is Europe/Berlin, another UTC", name);
    *out = take(z);
    return OK;
}

void zone_free(struct zone *z)
{
    if (!z)
        return;
    free(z->at);
    free(z->offset);
    free(z);
}

int64_t zone_offset(const struct zone *z, int64_t ms)
{
    int64_t seconds = ms >= 0 ? ms / 1000 : -((999 - ms) / 1000);
    size_t from = 0, to = z->n;

    while (from < to) {                         /* the first transition after it */
        size_t mid = (from + to) / 2;
        if (z->at[mid] <= seconds)
            from = mid + 1;
        else
            to = mid;
    }
    if (from == z->n && z->rule)
        return rule_offset(z, seconds);
    return from ? z->offset[from - 1] : z->first;
}

int64_t zone_instant(const struct zone *z, int64_t local_ms)
{
    int64_t before = zone_offset(z, local_ms - 86400000), after = zone_offset(z, local_ms + 86400000);
    int64_t early = local_ms - before * 1000, late = local_ms - after * 1000;

    if (zone_offset(z, MIN(early, late)) * 1000 == local_ms - MIN(early, late))
        return MIN(early, late);
    if (zone_offset(z, MAX(early, late)) * 1000 == local_ms - MAX(early, late))
        return MAX(early, late);
    /* Skipped: the gap begins where the offset changes between the two readings. */
    int64_t from = MIN(early, late), to = MAX(early, late);
    while (to - from > 1) {
        int64_t mid = from + (to - from) / 2;
        if (zone_offset(z, mid) == zone_offset(z, from))
            from = mid;
        else
            to = mid;
    }
    return to;
}
