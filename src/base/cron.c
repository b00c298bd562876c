/* cron.c — see cron.h. */
#include "base/cron.h"

#include <ctype.h>

#include "base/str.h"

static const char *const months[] = { "jan", "feb", "mar", "apr", "may", "jun",
                                      "jul", "aug", "sep", "oct", "nov", "dec" };
static const char *const weekdays[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

static const struct field {
    const char *name;
    int least, most;
    const char *const *words;       /* the first stands for `least` */
    size_t nwords;
} fields[] = {
    { "minute", 0, 59 },
    { "hour", 0, 23 },
    { "day of the month", 1, 31 },
    { "month", 1, 12, months, COUNT(months) },
    { "day of the week", 0, 7, weekdays, COUNT(weekdays) },
};

struct reader { const char *text, *at; const struct field *field; };

static bool field_ends(char c)
{
    return c == '\0' || c == ' ' || c == '\t';
}

static enum err refuse(const struct reader *r)
{
    const struct field *f = r->field;
    int n = (int)strcspn(r->at, " \t,");

    if (field_ends(*r->at))
        return errf(ERR_INVALID,
                    "the %s is missing; a schedule is minute, hour, day, month, day of the week: "
                    "\"0 4 * * *\"",
                    f->name);
    return errf(
        ERR_INVALID,
        "'%.*s' is no %s; it takes numbers from %d to %d%s, lists (1,15), ranges (1-5) and steps "
        "(*/10)",
        MIN(n ? n : 1, 40), r->at, f->name, f->least, f->most,
        f->words ? ", names (mon, jan)" : "");
}

static bool read_value(struct reader *r, int *out)
{
    const struct field *f = r->field;

    if (isdigit((unsigned char)*r->at)) {
        *out = 0;
        for (; isdigit((unsigned char)*r->at) && *out < 1000; r->at++)
            *out = *out * 10 + (*r->at - '0');
        return *out >= f->least && *out <= f->most;
    }
    for (size_t i = 0; i < f->nwords; i++) {
        if (strncasecmp(r->at, f->words[i], 3) == 0 && !isalnum((unsigned char)r->at[3])) {
            r->at += 3;
            *out = f->least + (int)i;
            return true;
        }
    }
    return false;
}

/* One entry of a list: a star, a number, a range, any of them with a step. */
static enum err read_entry(struct reader *r, uint64_t *bits)
{
    const char *start = r->at;
    int from = r->field->least, to = r->field->most, step = 1;
    bool star = *r->at == '*', good = true;

    if (star) {
        r->at++;
    } else {
        good = read_value(r, &from);
        to = from;
        if (good && *r->at == '-') {
            r->at++;
            good = read_value(r, &to) && to >= from;
        } else if (good && *r->at == '/') {         /* 5/15: from 5 on */
            to = r->field->most;
        }
    }
    if (good && *r->at == '/') {
        r->at++;
        for (step = 0; isdigit((unsigned char)*r->at) && step < 1000; r->at++)
            step = step * 10 + (*r->at - '0');
        good = step > 0;
    }
    if (!good || (!field_ends(*r->at) && *r->at != ',')) {
        r->at = start;
        return refuse(r);
    }
    for (int i = from; i <= to; i += step)
        *bits |= UINT64_C(1) << i;
    return OK;
}

static enum err read_field(struct reader *r, uint64_t *bits, bool *any)
{
    *bits = 0;
    r->at += strspn(r->at, " \t");
    *any = *r->at == '*';
    for (;;) {
        TRY(read_entry(r, bits));
        if (*r->at != ',')
            return OK;
        r->at++;
    }
}

/* Days that no listed month has are never due; with a day of the week there is always one. */
static bool ever(const struct cron *c)
{
    for (int month = 1; month <= 12; month++)
        for (int day = 1; day <= month_length(2000, month); day++)
            if (c->months >> month & 1 && c->days >> day & 1)
                return true;
    return !c->any_weekday;
}

static enum err read_all(struct reader *r, struct cron *out)
{
    uint64_t bits[COUNT(fields)];
    bool any[COUNT(fields)];

    for (size_t i = 0; i < COUNT(fields); i++) {
        r->field = &fields[i];
        TRY(read_field(r, &bits[i], &any[i]));
    }
    r->at += strspn(r->at, " \t");
    if (*r->at)
        return errf(ERR_INVALID, "a schedule ends after the day of the week; '%.40s' is too much",
                    r->at);
    *out = (struct cron){ bits[0],
                          (uint32_t)bits[1],
                          (uint32_t)bits[2],
                          (uint32_t)bits[3],
                          (uint32_t)((bits[4] | bits[4] >> 7) & 0x7f),
                          any[2],
                          any[4] };
    if (ever(out))
        return OK;
    r->at = r->text;
    return errf(ERR_INVALID, "'%.40s' never comes: no month in it has such a day", r->text);
}

enum err cron_parse(const char *text, struct cron *out, size_t *at)
{
    struct reader r = { text, text, fields };
    enum err e = read_all(&r, out);

    if (at)
        *at = (size_t)(r.at - text);
    return e;
}

static bool day_fits(const struct cron *c, const struct civil *day)
{
    bool by_date = c->days >> day->day & 1, by_weekday = c->weekdays >> day->weekday & 1;

    if (!(c->months >> day->month & 1))
        return false;
    return c->any_day || c->any_weekday ? by_date && by_weekday : by_date || by_weekday;
}

/* The first due time of one day later than `after`. Local times in their order give instants in theirs. */
static bool next_of_day(const struct cron *c, const struct zone *z, struct civil day, int64_t after,
                        int64_t *out)
{
    day.second = 0;
    for (day.hour = 0; day.hour < 24; day.hour++) {
        for (day.minute = 0; day.minute < 60; day.minute++) {
            if (!(c->hours >> day.hour & 1) || !(c->minutes >> day.minute & 1))
                continue;
            zone_instant(z, &day, out);
            if (*out > after)
                return true;
        }
    }
    return false;
}

int64_t cron_next(const struct cron *c, const struct zone *z, int64_t after_ms)
{
    enum { DAY_MS = 86400000, DAYS_MOST = 366 * 9 };        /* 29 February may be eight years away */
    int64_t next = INT64_MAX;

    /* From the day before: where a day comes twice or not at all, its times may lie on the other side. */
    int64_t noon = after_ms + zone_offset(z, after_ms) * (int64_t)1000;
    noon -= ((noon % DAY_MS) + DAY_MS) % DAY_MS - DAY_MS / 2;
    for (int i = -1; i < DAYS_MOST; i++) {
        struct civil day = civil_of(noon + i * (int64_t)DAY_MS);
        if (day_fits(c, &day) && next_of_day(c, z, day, after_ms, &next))
            return next;
    }
    return INT64_MAX;
}
