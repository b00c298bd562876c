/* err.c — one message per thread, and the table of codes. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

static _Thread_local char text[sizeof((struct err_saved *)0)->text];
static _Thread_local char place[sizeof((struct err_saved *)0)->place];

static const struct err_row rows[ERR_COUNT] = {
    [OK] = { "ok", 200, NULL, 0, false },
#define ERR(name, http, scim, exit, retry) [ERR_##name] = { #name, http, scim, exit, retry },
#include "base/errors.def"
#undef ERR
};

/* A message quotes what others wrote, cut to some length, and goes into JSON: bytes that are no UTF-8 become '?'. */
static void make_readable(char *s)
{
    for (utf8proc_ssize_t n = (utf8proc_ssize_t)strlen(s); n > 0;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t k =
            (unsigned char)*s < 0x80 ? 1 : utf8proc_iterate((utf8proc_uint8_t *)s, n, &c);
        if (k < 1) {
            *s = '?';
            k = 1;
        }
        s += k;
        n -= k;
    }
}

enum err err_make(enum err code, const char *file, int line, const char *fmt, ...)
{
    char fresh[sizeof text];        /* an argument may be the present message */
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(fresh, sizeof fresh, fmt, ap);
    va_end(ap);
    make_readable(fresh);
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
    snprintf(text, sizeof text, "%s%.*s", before, (int)(sizeof text - 1 - strlen(before)), old);
    make_readable(text);
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
