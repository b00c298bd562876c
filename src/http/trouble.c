/* trouble.c — see trouble.h. */
#include "http/trouble.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

enum { PATIENCE_MS = 300000 };      /* the longest wait the other side may ask for */

/* The path without its query: what is looked for may be somebody's e-mail address. */
#define ASKED(a) (a)->ask->method, (int)strcspn((a)->ask->path, "?"), (a)->ask->path

PRINTF(2, 3) static void say(struct trouble *out, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(out->words, sizeof out->words, fmt, ap);
    va_end(ap);
}

/* 12288 as "12,288". */
static const char *grouped(int64_t n, char out[32])
{
    char digits[24];
    size_t count = (size_t)snprintf(digits, sizeof digits, "%" PRId64, n), k = 0;

    for (size_t i = 0; i < count; i++) {
        if (i && (count - i) % 3 == 0)
            out[k++] = ',';
        out[k++] = digits[i];
    }
    out[k] = '\0';
    return out;
}
#define GROUPED(n) grouped((n), (char[32]){})

void trouble_say(struct trouble *out, const struct attempt *a, const char *words,
                 const char *detail)
{
    if (str_empty(detail))
        say(out, "%s at %s %s", a->label, a->host, words);
    else
        say(out, "%s at %s %s (%s)", a->label, a->host, words, detail);
}

void trouble_cut(struct trouble *out, const struct attempt *a)
{
    out->code = ERR_INCOMPLETE;
    out->again = !a->passed_on;
    say(out, "%s at %s: the answer of %s %.*s ended after %s bytes, before it was complete",
        a->label, a->host, ASKED(a), GROUPED(a->got));
}

static void too_slow(struct trouble *out, const struct attempt *a)
{
    out->code = a->passed_on ? ERR_INCOMPLETE : ERR_UNREACHABLE;
    out->again = !a->passed_on;
    if (a->end == END_TOTAL)
        say(out, "%s at %s: the answer of %s %.*s was not complete after %d s, with %s bytes "
            "received", a->label, a->host, ASKED(a), a->total_seconds, GROUPED(a->got));
    else if (a->answered)
        say(out, "%s at %s sent nothing more for %d s, with %s bytes of the answer of %s %.*s "
            "received", a->label, a->host, a->idle_seconds, GROUPED(a->got), ASKED(a));
    else
        say(out, "%s at %s did not answer %s %.*s within %d s", a->label, a->host, ASKED(a),
            a->idle_seconds);
}

void trouble_ended(struct trouble *out, const struct attempt *a)
{
    if (a->end == END_STOP) {
        out->code = ERR_STOPPED;
        say(out, "stopped while asking %s at %s (%s %.*s)", a->label, a->host, ASKED(a));
    } else if (a->end == END_TOO_LARGE) {
        out->code = ERR_TOO_LARGE;
        say(out, "%s at %s: the answer of %s %.*s is longer than %s bytes", a->label, a->host,
            ASKED(a), GROUPED((int64_t)a->most));
    } else {
        too_slow(out, a);
    }
}

void trouble_connect(struct trouble *out, const struct attempt *a)
{
    bool guarded = *a->guarded && !a->reached;

    out->code = guarded ? ERR_FORBIDDEN : ERR_UNREACHABLE;
    out->again = !guarded;
    out->advice = "is it running, and is the address right?";
    if (guarded) {
        out->advice = "if that is meant, allow private addresses (MUSTER_ALLOW_PRIVATE=1)";
        say(out, "%s at %s is not asked: %s is an address of this machine or of a private network",
            a->label, a->host, a->guarded);
    } else if (a->os_error == ECONNREFUSED) {
        trouble_say(out, a, "refused the connection", NULL);
    } else {
        trouble_say(out, a, "cannot be reached", a->os_error ? strerrordesc_np(a->os_error) : NULL);
    }
}

void trouble_status(struct trouble *out, const struct attempt *a, const struct answer *answer,
                    int64_t wait)
{
    if (answer->status != 429 && answer->status < 500)
        return;
    out->code = client_refusal(a->ask, answer);
    out->asked = wait;
    out->again = wait <= PATIENCE_MS;
    if (out->again) {
        say(out, "%s at %s: %s", a->label, a->host, err_text());
        return;
    }
    out->advice = "try again after that";
    say(out, "%s at %s: %s; it asks to be left alone for %s minutes", a->label, a->host, err_text(),
        GROUPED((wait + 59999) / 60000));
}

enum err trouble_error(const struct trouble *t, int tries, int64_t microseconds)
{
    char times[64] = "";

    if (tries > 1)
        snprintf(times, sizeof times, " (tried %d times over %" PRId64 " s)", tries,
                 (microseconds + 500000) / 1000000);
    return errf(t->code, "%s%s%s%s", t->words, times, t->advice ? "; " : "",
                t->advice ? t->advice : "");
}
