/*
 * zone.h — time zones, read from the system's own files (/usr/share/zoneinfo).
 *
 * The C library knows one zone per process and takes a wrong name silently for UTC, so it is not asked.
 * A zone is immutable once open and may be used by many threads.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/clock.h"

struct zone;

/* "Europe/Berlin", "UTC". ERR_INVALID for a name that no zone has. */
enum err zone_open(const char *name, struct zone **out);
void zone_free(struct zone *z);             /* NULL is fine */
AUTO_FREE(zone)

int zone_offset(const struct zone *z, int64_t ms);              /* seconds east of UTC at that instant */
struct civil zone_civil(const struct zone *z, int64_t ms);      /* what clocks there show */

/*
 * The instant when clocks there show `local` (its weekday is not looked at). ZONE_SKIPPED: they never do,
 * because they were put forward: *ms is the moment after. ZONE_TWICE: put back; *ms is the first time.
 */
enum zone_fit { ZONE_ONCE, ZONE_SKIPPED, ZONE_TWICE };
enum zone_fit zone_instant(const struct zone *z, const struct civil *local, int64_t *ms);

#endif
