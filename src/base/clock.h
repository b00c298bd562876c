/*
 * clock.h — instants in milliseconds since 1970 (UTC), and calendar dates as "YYYY-MM-DD".
 *
 * strptime() accepts 31 February and localtime() has one zone per process; neither is used.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/arena.h"
#include "base/err.h"

int64_t clock_now(void);                    /* wall clock, ms; $MUSTER_NOW (ISO instant) overrides it for tests */
int64_t clock_real(void);                   /* wall clock whatever $MUSTER_NOW says: for ids and leases */
int64_t clock_tick(void);                   /* monotonic, microseconds */

/* "2026-11-21T04:00:00Z" */
char *time_text(struct arena *a, int64_t ms);
bool time_parse(const char *s, int64_t *ms);        /* instant, or a date (its first moment, UTC) */

/* A length of time: "90d", "12h", "30m", "45s"; more than nothing, at most 100 years. */
bool span_parse(const char *s, int64_t *ms);

bool date_valid(const char *s);             /* exactly YYYY-MM-DD, and such a day exists */
bool date_to_days(const char *s, int64_t *days);    /* days since 1970-01-01 */
char *date_text(struct arena *a, int64_t days);

/* The civil fields of an instant in UTC. */
struct civil { int year, month, day, hour, minute, second, weekday; };  /* weekday 0 = Sunday */
struct civil civil_of(int64_t ms);
int64_t civil_days(int year, int month, int day);
int month_length(int year, int month);

#endif
