/*
 * cron.h — "0 4 * * *": when something is due, in the time of a zone.
 *
 * Five fields: minute, hour, day of the month, month, day of the week; each a list of numbers, ranges and
 * steps, months and days of the week also by their English names (jan, mon), Sunday is 0 and 7. When
 * both days are restricted either is enough.
 */
#ifndef BASE_CRON_H
#define BASE_CRON_H

#include "base/zone.h"

struct cron {
    uint64_t minutes;               /* one bit for each value that fits */
    uint32_t hours, days, months, weekdays;
    bool any_day, any_weekday;      /* the field starts with a star */
};

/* ERR_INVALID says what the field takes; *at (may be NULL) is the byte of `text` where it goes wrong. What
 * never comes (30 February) is refused. */
enum err cron_parse(const char *text, struct cron *out, size_t *at);

/* The first due time later than `after_ms`. A local time that the zone skips is due at the next valid minute,
 * one that comes twice the first time only. */
int64_t cron_next(const struct cron *c, const struct zone *z, int64_t after_ms);

#endif
