/* err.c — one message per thread, and the table of codes. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char text[sizeof((struct err_saved *)0)->text];
static _Thread_local char place[sizeof((struct err_saved *)0)->place];

static const struct err_row rows[ERR_COUNT] = {
    [OK] = { "ok", 200, NULL, 0, false },
#define ERR(name, http, scim, exit, retry) [ERR_##name] = { #name, http, scim, exit, retry },
#include "base/errors.def"
#undef ERR
};

enum err err_make(enum err code, const char *file, int line, const char *fmt, ...)
{
    char fresh[sizeof text];        /* an argument may be the present message */
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(fresh, sizeof fresh, fmt, ap);
    va_end(ap);
    memcpy(text, fresh, strlen(fresh) + 1);
    snprintf(place, sizeof place, "%s:%d", file, line);
    return code;
}

enum err err_in(enum err code, const char *fmt, ...)
{
    char before[512], old[sizeof text];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(before, sizeof before, fmt, ap);
    va_end(ap);
    memcpy(old, text, strlen(text) + 1);
    snprintf(text, sizeof text, "%s%.*s", before, (int)(sizeof text - sizeof before), old);
    return code;
}

const char *err_text(void)
{
    return text;
}

const char *err_place(void)
{
    return place;
}

struct err_saved err_save(void)
{
    struct err_saved e;

    memcpy(e.text, text, sizeof text);
    memcpy(e.place, place, sizeof place);
    return e;
}

void err_restore(const struct err_saved *e)
{
    memcpy(text, e->text, sizeof text);
    memcpy(place, e->place, sizeof place);
}

const struct err_row *err_row(enum err code)
{
    return &rows[code < ERR_COUNT ? code : ERR_INTERNAL];
}
