/*
 * pace.h — when the next request may go out: our own pace, back-off, and what the other side asks for.
 *
 * Pure: the time and the dice are given, nothing here waits.
 */
#ifndef HTTP_PACE_H
#define HTTP_PACE_H

#include "base/core.h"

/*
 * At most `per_minute` requests in any 60 seconds. A short series goes out at once, only a long one is
 * slowed: three requests in a row are the usual fetch, and spacing them would cost seconds for nothing.
 */
struct pace {
    int64_t *starts;                /* ring of the last `n`, microseconds */
    size_t n, next;
};
void pace_init(struct pace *p, int per_minute);         /* 0: no limit */
void pace_free(struct pace *p);
int64_t pace_wait(const struct pace *p, int64_t now);   /* us until the next may start */
void pace_start(struct pace *p, int64_t now);

/*
 * The wait after try number `tries` (1 is the first): `first` doubled each time, at most a minute, of
 * which half is left to chance, so that many clients do not come back together.
 */
int64_t pace_back_off(int64_t first, int tries, uint64_t chance);

/* "120", or an HTTP date (RFC 9110 §5.6.7, all three forms); `now` and *wait are milliseconds. */
bool pace_retry_after(const char *header, int64_t now, int64_t *wait);

/* Seconds since 1970, milliseconds since 1970, or seconds from now: there is no standard. */
bool pace_rate_reset(const char *header, int64_t now, int64_t *wait);

bool pace_date(const char *header, int64_t *ms);        /* an HTTP date */

#endif
