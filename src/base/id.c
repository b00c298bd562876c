/* id.c — see id.h. */
#include "base/id.h"

#include <stdatomic.h>

#include "base/clock.h"

static const int64_t epoch = 1577836800000;     /* 2020-01-01 */
static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

static _Atomic int64_t last;                    /* milliseconds << 12 | counter */
static _Atomic int process;

void id_process(int number)
{
    process = number;
}

int64_t id_new(void)
{
    /* The real clock: two commands of a test that share one $MUSTER_NOW must not share ids. */
    int64_t fresh = MAX(clock_real() - epoch, 0)
                    << 12; /* a clock that was never set is before 2020 */
    int64_t seen = last, next;

    do
        next = fresh > seen ? fresh : seen + 1;
    while (!atomic_compare_exchange_weak(&last, &seen, next));
    return (next >> 12) << 22 | (int64_t)process << 12 | (next & 0xfff);
}

const char *id_write(int64_t id, char out[ID_TEXT])
{
    uint64_t n = (uint64_t)id;

    for (int i = 12; i >= 0; i--, n >>= 5)
        out[i] = letters[n & 31];
    out[13] = '\0';
    return out;
}

bool id_read(const char *s, int64_t *out)
{
    uint64_t n = 0;

    for (int i = 0; i < 13; i++) {
        char c = s[i];
        int v = c >= 'a' && c <= 'z' ? c - 'a' : c >= '2' && c <= '7' ? c - '2' + 26 : -1;
        if (v < 0 || (i == 0 && v > 7))
            return false;
        n = n << 5 | (uint64_t)v;
    }
    if (s[13] != '\0' || n > INT64_MAX)
        return false;
    *out = (int64_t)n;
    return true;
}

int64_t id_time(int64_t id)
{
    return (id >> 22) + epoch;
}

int64_t id_floor(int64_t ms)
{
    return (MAX(ms - epoch, 0) << 22) - 1;
}
