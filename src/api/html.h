/* html.h — text and times on a page. */
#ifndef API_HTML_H
#define API_HTML_H

#include "base/buf.h"
#include "base/zone.h"

/* Text as content or within a quoted attribute: nothing in it is markup. */
void html_text(struct buf *to, const char *s);
void html_printf(struct buf *to, const char *fmt, ...)
    PRINTF(2, 3); /* the result is escaped as a whole */

/* "3 min ago", "in 2 h": within <time>, with the zone's clock beside it. */
void html_time(struct buf *to, const struct zone *zone, int64_t at, int64_t now);

/* "12 s", "3 min", "5 h", "2 days": roughly. */
void html_span(struct buf *to, int64_t ms);

#endif
