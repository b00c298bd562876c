/* head.c — see head.h. RFC 9112 §6 has the rules of lengths. */
#include "http/head.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

#define TARGET_MOST KB(8)
#define HEADERS_MOST KB(16)

/* Token characters of RFC 9110 §5.6.2: a space before the colon is the oldest trick. */
static const bool token[256] = {
    ['!'] = true,         ['#' ... '\''] = true, ['*'] = true,         ['+'] = true,
    ['-'] = true,         ['.'] = true,          ['0' ... '9'] = true, ['A' ... 'Z'] = true,
    ['^' ... 'z'] = true, ['|'] = true,          ['~'] = true,
};

/* The length of a name, 0 if it is none. */
static size_t token_length(const char *s)
{
    const char *p = s;

    while (token[(unsigned char)*p])
        p++;
    return *p ? 0 : (size_t)(p - s);
}

/* The length of a value; false if there is a control character in it. */
static bool value_length(const char *s, size_t *n)
{
    const char *p = s;

    for (; *p; p++)
        if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7f)
            return false;
    *n = (size_t)(p - s);
    return true;
}

static void add_length(struct head *h, const char *value)
{
    size_t n = strlen(value);

    h->lengths++;
    if (n == 0 || n > 18 || value[strspn(value, "0123456789")])
        h->odd = "Content-Length is not one number";
    else
        h->length = strtoull(value, NULL, 10);
}

/* The few headers that say where a request ends and whose it is. */
static void note(struct head *h, const char *name, size_t n, const char *value)
{
    if (n == 4 && strcasecmp(name, "Host") == 0)
        h->hosts++;
    else if (n == 6 && strcasecmp(name, "Expect") == 0)
        h->expect = true;
    else if (n == 14 && strcasecmp(name, "Content-Length") == 0)
        add_length(h, value);
    else if (n == 17 && strcasecmp(name, "Transfer-Encoding") == 0) {
        h->encodings++;
        h->chunked = strcasecmp(value, "chunked") == 0;
    }
}

void head_add(struct head *h, const char *name, const char *value)
{
    size_t n = token_length(name), length = 0;

    if (n == 0)
        h->odd = "the name of a header has a character in it that is not allowed there";
    else if (!value_length(value, &length))
        h->odd = "a header has a control character in it";
    else
        note(h, name, n, value);
    h->bytes += n + length + 4;
}

enum err head_check(const struct head *h, const char *target, const char *version, int *status)
{
    bool old = !str_eq(version, "HTTP/1.1");

    if (strlen(target) > TARGET_MOST) {
        *status = 414;
        return errf(ERR_TOO_LARGE, "the address is longer than %zu bytes", TARGET_MOST);
    }
    if (h->bytes > HEADERS_MOST) {
        *status = 431;
        return errf(ERR_TOO_LARGE, "the headers are longer than %zu bytes", HEADERS_MOST);
    }
    if (h->odd)
        return errf(ERR_USAGE, "%s", h->odd);
    if (h->lengths > 1)
        return errf(ERR_USAGE, "there is more than one Content-Length");
    if (h->lengths && h->encodings)
        return errf(ERR_USAGE, "there is a Content-Length beside a Transfer-Encoding");
    if (h->encodings > 1 || (h->encodings && !h->chunked))
        return errf(ERR_USAGE, "of transfer encodings only one, \"chunked\", is understood");
    if (h->encodings && old)
        return errf(ERR_USAGE, "%s knows no transfer encodings", version);
    if (h->hosts > 1)
        return errf(ERR_USAGE, "there is more than one Host");
    if (strstr(target, "%00"))
        return errf(ERR_USAGE, "the address has a NUL (%%00) in it");
    return OK;
}
