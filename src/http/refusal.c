/* refusal.c — what an answer other than 200 means, in words. See client_refusal() in client.h. */
#include <string.h>

#include "base/str.h"
#include "http/client.h"

struct meaning { int from, to; enum err code; const char *words; };

static const struct meaning meanings[] = {
    { 300, 399, ERR_REMOTE,
      "redirects are not followed, so that the login goes nowhere else: is the address right?" },
    { 401, 401, ERR_DENIED, NULL },
    { 403, 403, ERR_FORBIDDEN, NULL },
    { 404, 404, ERR_NOT_FOUND, NULL },
    { 409, 409, ERR_CONFLICT, NULL },
    { 412, 412, ERR_STALE, NULL },
    { 413, 413, ERR_TOO_LARGE, NULL },
    { 429, 429, ERR_LIMITED, NULL },
    { 500, 599, ERR_UNREACHABLE, NULL },
    { 0, 999, ERR_REMOTE, NULL },
};

enum { SHOWN = 200 };

/*
 * The start of the body as one line of UTF-8: runs of blanks and control characters become one space,
 * a character cut by the end is left out, and text in another encoding loses all but its ASCII.
 */
static void one_line(const struct buf *body, char out[SHOWN + 1])
{
    size_t n = 0;

    for (size_t i = 0; i < body->n && n < SHOWN; i++) {
        unsigned char c = (unsigned char)body->at[i];
        if (c > ' ' && c != 0x7f)
            out[n++] = (char)c;
        else if (n && out[n - 1] != ' ')
            out[n++] = ' ';
    }
    size_t whole = n;
    while (whole && n - whole < 3 && !str_utf8(out, whole))
        whole--;
    if (str_utf8(out, whole))
        n = whole;
    for (size_t i = 0; whole < n && i < n; i++)
        if ((unsigned char)out[i] >= 0x80)
            out[i] = '?';
    while (n && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
}

enum err client_refusal(const struct ask *ask, const struct answer *a)
{
    const struct meaning *m = meanings;
    int path = (int)strcspn(ask->path, "?");            /* what is asked for may be somebody's address */
    char start[SHOWN + 1];

    while (a->status < m->from || a->status > m->to)
        m++;
    if (*a->location)
        return errf(m->code, "%s %.*s was answered with %d, a redirect to %s%s%s", ask->method,
                    path, ask->path, a->status, a->location, m->words ? "; " : "",
                    m->words ? m->words : "");
    one_line(&a->body, start);
    return errf(m->code, "%s %.*s was answered with %d%s%s%s%s", ask->method, path, ask->path,
                a->status, *start ? ": " : "", start, m->words ? "; " : "",
                m->words ? m->words : "");
}
