/* output.c — tables, JSON lines and the progress bar. */
#include <stdlib.h>
#include <unistd.h>
#include <utf8proc.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/cli.h"

void cli_print_json(const struct buf *text)
{
    fwrite(text->at, 1, text->n, stdout);
    fputc('\n', stdout);
}

/* Columns on a terminal: wide letters count twice, combining marks not at all. */
static size_t width(const char *s, size_t n)
{
    size_t columns = 0;

    for (size_t i = 0; i < n;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t k =
            utf8proc_iterate((const utf8proc_uint8_t *)s + i, (utf8proc_ssize_t)(n - i), &c);
        if (k < 1)
            k = 1, c = '?';
        columns += (size_t)utf8proc_charwidth(c);
        i += (size_t)k;
    }
    return columns;
}

enum { COLUMNS = 16 };

void cli_table(struct cli *c, const struct buf *rows)
{
    size_t widest[COLUMNS] = {}, column = 0;

    (void)c;
    if (rows->n == 0)
        return;
    for (const char *s = rows->at, *end = s + rows->n; s < end; s++) {
        size_t n = strcspn(s, "\t\n");
        if (column < COLUMNS)
            widest[column] = MAX(widest[column], width(s, n));
        column = s[n] == '\t' ? column + 1 : 0;
        s += n;
    }
    column = 0;
    for (const char *s = rows->at, *end = s + rows->n; s < end; s++) {
        size_t n = strcspn(s, "\t\n");
        fwrite(s, 1, n, stdout);
        if (s[n] == '\t')
            for (size_t pad = width(s, n); column < COLUMNS && pad < widest[column] + 2; pad++)
                fputc(' ', stdout);
        else
            fputc('\n', stdout);
        column = s[n] == '\t' ? column + 1 : 0;
        s += n;
    }
}

static int64_t shown_at;
static bool shown;

void cli_progress(void *arg, const char *phase, int64_t done, int64_t of)
{
    enum { BAR = 30 };
    const struct cli *c = arg;
    int64_t now = clock_tick();
    char bar[BAR + 1];

    if (c->json || !isatty(STDERR_FILENO) || (shown && now - shown_at < 50000 && done != of))
        return;
    shown_at = now;
    shown = true;
    if (of > 0) {
        int full = (int)(done * BAR / of);
        memset(bar, '#', (size_t)full);
        memset(bar + full, '.', (size_t)(BAR - full));
        bar[BAR] = '\0';
        fprintf(stderr, "\r%-6s [%s] %lld of %lld\033[K", phase, bar, (long long)done,
                (long long)of);
    } else {
        fprintf(stderr, "\r%-6s %lld records\033[K", phase, (long long)done);
    }
}

void cli_waiting(void *arg, int seconds, const char *why)
{
    (void)arg;
    cli_progress_end();
    if (seconds > 0)
        fprintf(stderr, "muster: waiting %d s: %s\n", seconds, why);
    else
        fprintf(stderr, "muster: %s\n", why);
}

void cli_progress_end(void)
{
    if (shown)
        fputs("\r\033[K", stderr);
    shown = false;
}
