/* html.c — see html.h. */
#include "api/html.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

void html_text(struct buf *to, const char *s)
{
    for (; *s; s++) {
        switch (*s) {
        case '<': buf_puts(to, "&lt;"); break;
        case '>': buf_puts(to, "&gt;"); break;
        case '&': buf_puts(to, "&amp;"); break;
        case '"': buf_puts(to, "&quot;"); break;
        case '\'': buf_puts(to, "&#39;"); break;
        default: buf_putc(to, *s);
        }
    }
}

void html_printf(struct buf *to, const char *fmt, ...)
{
    char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    int n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0)
        die_of_memory(0);
    html_text(to, text);
    free(text);
}

void html_span(struct buf *to, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *one, *many;
    } units[] = {
        { 86400000, "day", "days" },
        { 3600000, "h", "h" },
        { 60000, "min", "min" },
        { 1000, "s", "s" },
    };

    for (size_t i = 0; i < COUNT(units); i++) {
        int64_t n = ms / units[i].ms;
        if (n >= 2 || (n == 1 && i > 0)) {      /* 36 h say more than 1 day */
            buf_printf(to, "%lld %s", (long long)n, n == 1 ? units[i].one : units[i].many);
            return;
        }
    }
    buf_printf(to, "%lld ms", (long long)ms);
}

void html_time(struct buf *to, const struct zone *zone, int64_t at, int64_t now)
{
    struct civil utc = civil_of(at), here = civil_of(at + zone_offset(zone, at) * 1000);
    int64_t away = at < now ? now - at : at - now;

    buf_printf(to,
               "<time datetime=\"%04d-%02d-%02dT%02d:%02d:%02dZ\">%04d-%02d-%02d %02d:%02d</time> "
               "<small>(",
               utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, here.year,
               here.month, here.day, here.hour, here.minute);
    if (away < 1000) {
        buf_puts(to, "now)</small>");
        return;
    }
    buf_puts(to, at > now ? "in " : "");
    html_span(to, away);
    buf_puts(to, at > now ? ")</small>" : " ago)</small>");
}
