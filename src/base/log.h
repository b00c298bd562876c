/*
 * log.h — one line per event on standard error: time, level, words. Values of people never go there.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/core.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Default: LOG_WARN; serve sets LOG_INFO; $MUSTER_LOG=debug. */
void log_set_level(enum log_level most);
void log_line(enum log_level level, const char *fmt, ...) PRINTF(2, 3);

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

#endif
