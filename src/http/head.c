/* head.c — see head.h. RFC 9112 §6 has the rules of lengths. */
#include "http/head.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

#define TARGET_MOST KB(8)
#define HEADERS_MOST KB(16)

/* Token characters of RFC 9110 §5.6.2: a space before the colon is the oldest trick. */
static bool is_token(const char *s)
{
    static const char letters[] =
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    return *s && s[strspn(s, letters)] == '\0';
}

static bool has_control(const char *s)
{
    for (; *s; s++)
        if (((unsigned char)*s < ' ' && *s != '\t') || *s == 0x7f)
            return true;
    return false;
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

void head_add(struct head *h, const char *name, const char *value)
{
    h->bytes += strlen(name) + strlen(value) + 4;
    if (!is_token(name))
        h->odd = "the name of a header has a character in it that is not allowed there";
    else if (has_control(value))
        h->odd = "a header has a control character in it";
    else if (strcasecmp(name, "Content-Length") == 0)
        add_length(h, value);
    else if (strcasecmp(name, "Transfer-Encoding") == 0) {
        h->encodings++;
        h->chunked = strcasecmp(value, "chunked") == 0;
    } else if (strcasecmp(name, "Host") == 0)
        h->hosts++;
    else if (strcasecmp(name, "Expect") == 0)
        h->expect = true;
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
