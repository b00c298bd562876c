/*
 * cron.h — when is it due: five fields, minute hour day month weekday, meant in a time zone.
 *
 * Lists, ranges, steps and names (mon, jan) as in cron(5); 0 and 7 are Sunday; if both day fields are
 * restricted, either is enough. A time that is skipped runs at the next valid minute, one that comes
 * twice runs once.
 */
#ifndef BASE_CRON_H
#define BASE_CRON_H

#include "base/zone.h"

struct cron;

enum err cron_parse(const char *text, struct cron **out);       /* ERR_INVALID names field and position */
void cron_free(struct cron *c);
AUTO_FREE(cron)

/* The first due instant after `after_ms`; 0 if there is none within five years (31 February). */
int64_t cron_next(const struct cron *c, const struct zone *z, int64_t after_ms);

#endif
