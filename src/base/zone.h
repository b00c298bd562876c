/*
 * zone.h — time zones, read from the system's own TZif files (RFC 8536).
 *
 * glibc takes an unknown TZ for UTC without a word, and knows one zone per process; neither will do.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/err.h"

struct zone;

/* "Europe/Berlin", "UTC". ERR_USAGE if there is no such zone. */
enum err zone_open(const char *name, struct zone **out);
void zone_free(struct zone *z);             /* NULL is fine */
AUTO_FREE(zone)

/* Seconds east of Greenwich at an instant (ms since 1970). */
int64_t zone_offset(const struct zone *z, int64_t ms);

/*
 * The instant of a local time, given as if it were UTC (ms). A time that is skipped gives the first
 * instant after the gap; one that comes twice gives the first.
 */
int64_t zone_instant(const struct zone *z, int64_t local_ms);

#endif
