/* log.c — see log.h. A line is written with one call, so lines of threads do not mix. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

static enum log_level most = LOG_WARN;

void log_set_level(enum log_level level)
{
    const char *wish = getenv("MUSTER_LOG");

    most = wish && str_eq(wish, "debug") ? LOG_DEBUG : level;
}

void log_line(enum log_level level, const char *fmt, ...)
{
    static const char *const names[] = { "error", "warn", "info", "debug" };
    char line[2560];
    va_list ap;

    if (level > most)
        return;
    struct civil c = civil_of(clock_now());
    int n = snprintf(line, sizeof line, "%04d-%02d-%02dT%02d:%02d:%02dZ %-5s ", c.year, c.month,
                     c.day, c.hour, c.minute, c.second, names[level]);
    va_start(ap, fmt);
    int k = vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, ap);
    va_end(ap);
    size_t end = MIN((size_t)(n + k), sizeof line - 2);
    for (size_t i = (size_t)n; i < end; i++)            /* one event stays one line */
        if ((unsigned char)line[i] < ' ')
            line[i] = ' ';
    line[end] = '\n';
    if (write(STDERR_FILENO, line, end + 1) < 0)
        return;                                         /* nobody left to tell */
}
