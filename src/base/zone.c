/*
 * zone.c — reads TZif files (RFC 8536): the table of past and announced changes, and the rule in the
 * footer for the time beyond it.
 */
#include "base/zone.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"

#define ZONE_FOLDER "/usr/share/zoneinfo"
enum { NAME_MOST = 64, HEADER = 44, FILE_MOST = KB(256), DAY = 86400 };

/* When daylight saving begins or ends within a year. */
struct rule {
    enum { RULE_JULIAN, RULE_DAY, RULE_WEEK } kind;         /* Jn (no leap day), n, Mm.w.d */
    int month, week, day;
    int64_t time;                   /* seconds after midnight, local; may be negative or beyond the day */
};

struct zone {
    size_t n;                       /* changes, sorted */
    int64_t *at;                    /* seconds since 1970 */
    int *to;                        /* offset from then on */
    int first;                      /* offset before them all */
    bool ruled, saving;             /* there is a footer; it knows daylight saving */
    int standard, summer;
    struct rule start, end;
};

void zone_free(struct zone *z)
{
    if (!z)
        return;
    free(z->at);
    free(z->to);
    free(z);
}

/* ---- the footer: a POSIX TZ string ---- */

static bool read_number(const char **s, int most, int *out)
{
    if (!isdigit((unsigned char)**s))
        return false;
    for (*out = 0; isdigit((unsigned char)**s) && *out <= most; (*s)++)
        *out = *out * 10 + (**s - '0');
    return *out <= most;
}

/* "CET" or "<+0530>" */
static bool skip_name(const char **s)
{
    const char *start = *s;

    if (*start == '<') {
        *s = strchr(start, '>');
        return *s && (*s)++;
    }
    while (isalpha((unsigned char)**s))
        (*s)++;
    return *s - start >= 3;
}

/* [+-]h[h[h]][:mm[:ss]] in seconds */
static bool read_time(const char **s, int64_t *out)
{
    int h, m = 0, sec = 0, sign = **s == '-' ? -1 : 1;

    if (**s == '-' || **s == '+')
        (*s)++;
    if (!read_number(s, 167, &h))
        return false;
    if (**s == ':' && ((*s)++, !read_number(s, 59, &m)))
        return false;
    if (**s == ':' && ((*s)++, !read_number(s, 59, &sec)))
        return false;
    *out = sign * (h * (int64_t)3600 + m * 60 + sec);
    return true;
}

/* The sign is the other way round: what must be added to local time to get UTC. */
static bool read_offset(const char **s, int *out)
{
    int64_t t;

    if (!read_time(s, &t))
        return false;
    *out = (int)-t;
    return true;
}

static bool read_rule(const char **s, struct rule *r)
{
    r->time = 2 * 3600;
    if (**s == 'M') {
        r->kind = RULE_WEEK;
        (*s)++;
        if (!read_number(s, 12, &r->month) || r->month < 1 || *(*s)++ != '.' ||
            !read_number(s, 5, &r->week) || r->week < 1 || *(*s)++ != '.' ||
            !read_number(s, 6, &r->day))
            return false;
    } else {
        r->kind = **s == 'J' ? RULE_JULIAN : RULE_DAY;
        *s += **s == 'J';
        if (!read_number(s, 365, &r->day) || (r->kind == RULE_JULIAN && r->day < 1))
            return false;
    }
    if (**s != '/')
        return true;
    (*s)++;
    return read_time(s, &r->time);
}

static bool read_footer(struct zone *z, const char *s)
{
    if (!*s)
        return true;                            /* the last change holds for ever */
    z->ruled = true;
    if (!skip_name(&s) || !read_offset(&s, &z->standard))
        return false;
    if (!*s)
        return true;
    z->saving = true;
    z->summer = z->standard + 3600;
    if (!skip_name(&s) || (*s != ',' && !read_offset(&s, &z->summer)))
        return false;
    return *s++ == ',' && read_rule(&s, &z->start) && *s++ == ',' && read_rule(&s, &z->end) && !*s;
}

/* ---- the file ---- */

static int64_t big_endian(const uint8_t *p, int bytes)
{
    uint64_t n = p[0] & 0x80 ? UINT64_MAX : 0;

    while (bytes--)
        n = n << 8 | *p++;
    return (int64_t)n;
}

/* One of the two blocks of a file: how many of everything, and how large that is. */
struct block {
    int64_t utc, standard, leaps, times, types, letters;
    size_t size;
};

static bool read_block(const uint8_t *p, size_t n, int64_t width, struct block *b)
{
    if (n < HEADER || memcmp(p, "TZif", 4) != 0)
        return false;
    const uint8_t *c = p + 20;
    *b = (struct block){ big_endian(c, 4),
                         big_endian(c + 4, 4),
                         big_endian(c + 8, 4),
                         big_endian(c + 12, 4),
                         big_endian(c + 16, 4),
                         big_endian(c + 20, 4),
                         0 };
    for (int64_t *count = &b->utc; count <= &b->letters; count++)
        if (*count < 0 || *count > FILE_MOST)
            return false;
    int64_t size = HEADER + b->times * (width + 1) + b->types * 6 + b->letters +
                   b->leaps * (width + 4) + b->standard + b->utc;
    b->size = (size_t)size;
    return b->size <= n;
}

static bool read_changes(struct zone *z, const uint8_t *p, const struct block *b)
{
    const uint8_t *index = p + b->times * 8, *types = index + b->times;

    if (b->types < 1)
        return false;
    z->n = (size_t)b->times;
    z->at = must_alloc(z->n * sizeof *z->at);
    z->to = must_alloc(z->n * sizeof *z->to);
    z->first = (int)big_endian(types, 4);
    for (size_t i = 0; i < z->n; i++) {
        if (index[i] >= b->types)
            return false;
        z->at[i] = big_endian(p + i * 8, 8);
        z->to[i] = (int)big_endian(types + index[i] * 6, 4);
        if (z->to[i] < -26 * 3600 || z->to[i] > 26 * 3600 || (i && z->at[i] <= z->at[i - 1]))
            return false;
    }
    return true;
}

/* The first block has 32-bit times for old readers; the second is the one that counts, then the footer. */
static bool read_file(struct zone *z, const char *bytes, size_t n)
{
    const uint8_t *p = (const uint8_t *)bytes, *end = p + n;
    struct block b;

    if (!read_block(p, n, 4, &b) || p[4] < '2')
        return false;
    p += b.size;
    if (!read_block(p, (size_t)(end - p), 8, &b) || !read_changes(z, p + HEADER, &b))
        return false;
    p += b.size;
    const uint8_t *line = p < end && *p == '\n' ? memchr(p + 1, '\n', (size_t)(end - p - 1)) : NULL;
    char footer[128] = "";
    if (!line || line - p - 1 >= (int)sizeof footer)
        return false;
    memcpy(footer, p + 1, (size_t)(line - p - 1));
    return read_footer(z, footer);
}

/* A name is a path below the folder and nothing else: no "..", no empty part, no leading '/'. */
static bool name_fits(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/");

    return n > 0 && n <= NAME_MOST && !name[n] && *name != '/' && name[n - 1] != '/' &&
           !strstr(name, "//");
}

static enum err no_such_zone(const char *name)
{
    if (access(ZONE_FOLDER "/UTC", R_OK) != 0)
        return errf(ERR_INVALID,
                    "the time zone '%.80s' cannot be read: the system has none in " ZONE_FOLDER
                    "; install the package tzdata",
                    name);
    return errf(
        ERR_INVALID,
        "there is no time zone '%.80s'; names are like Europe/Berlin, America/New_York or UTC",
        name);
}

static enum err load(const char *name, struct buf *bytes)
{
    char path[sizeof ZONE_FOLDER + NAME_MOST + 2], part[8192];
    ssize_t n = 0;

    if (!name_fits(name))
        return no_such_zone(name);
    snprintf(path, sizeof path, ZONE_FOLDER "/%s", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return no_such_zone(name);
    while (bytes->n < FILE_MOST && (n = read(fd, part, sizeof part)) > 0)
        buf_add(bytes, part, (size_t)n);
    close(fd);
    return n < 0 || bytes->n == 0 ? no_such_zone(name) : OK;
}

enum err zone_open(const char *name, struct zone **out)
{
    AUTO_BUF bytes = {};

    TRY(load(name, &bytes));
    AUTO(zone) *z = must_alloc(sizeof *z);
    if (!read_file(z, bytes.at, bytes.n))
        return no_such_zone(name);
    *out = take(z);
    return OK;
}

/* ---- asking ---- */

/* The moment in `year` a rule is about, as if its local time were UTC. */
static int64_t rule_time(const struct rule *r, int year)
{
    int64_t days = civil_days(year, 1, 1);
    bool leap = month_length(year, 2) == 29;

    if (r->kind == RULE_DAY) {
        days += r->day;
    } else if (r->kind == RULE_JULIAN) {
        days += r->day - 1 + (leap && r->day >= 60);
    } else {
        int64_t first = civil_days(year, r->month, 1);
        int weekday = (int)(((first + 4) % 7 + 7) % 7);
        int day = 1 + (r->day - weekday + 7) % 7 + (r->week - 1) * 7;
        days = first + (day > month_length(year, r->month) ? day - 8 : day - 1);
    }
    return days * DAY + r->time;
}

static int offset_by_rule(const struct zone *z, int64_t t)
{
    if (!z->saving)
        return z->standard;
    int year = civil_of((t + z->standard) * 1000).year;
    int64_t start = rule_time(&z->start, year) - z->standard,
            end = rule_time(&z->end, year) - z->summer;
    bool summer = start < end ? t >= start && t < end : t >= start || t < end;
    return summer ? z->summer : z->standard;
}

static int offset_at(const struct zone *z, int64_t t)
{
    size_t low = 0, high = z->n;                /* low: how many changes are not later than t */

    if (z->ruled && (z->n == 0 || t >= z->at[z->n - 1]))
        return offset_by_rule(z, t);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (z->at[middle] <= t)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? z->to[low - 1] : z->first;
}

static int64_t seconds(int64_t ms)
{
    return ms / 1000 - (ms % 1000 < 0);
}

int zone_offset(const struct zone *z, int64_t ms)
{
    return offset_at(z, seconds(ms));
}

struct civil zone_civil(const struct zone *z, int64_t ms)
{
    return civil_of(ms + zone_offset(z, ms) * (int64_t)1000);
}

/* The second at which the offset stops being `before`; it changes between the two. */
static int64_t change_between(const struct zone *z, int64_t low, int64_t high, int before)
{
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (offset_at(z, middle) == before)
            low = middle;
        else
            high = middle;
    }
    return high;
}

enum zone_fit zone_instant(const struct zone *z, const struct civil *local, int64_t *ms)
{
    int64_t t = civil_days(local->year, local->month, local->day) * DAY + local->hour * 3600 +
                local->minute * 60 + local->second;
    int before = offset_at(z, t - DAY), after = offset_at(z, t + DAY);
    bool as_before = offset_at(z, t - before) == before,
         as_after = offset_at(z, t - after) == after;

    if (as_before && as_after) {
        *ms = (t - MAX(before, after)) * 1000;
        return before > after ? ZONE_TWICE : ZONE_ONCE;
    }
    if (as_before || as_after) {
        *ms = (t - (as_before ? before : after)) * 1000;
        return ZONE_ONCE;
    }
    *ms = change_between(z, t - DAY, t + DAY, before) * 1000;
    return ZONE_SKIPPED;
}
