/* str.c — see str.h. */
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <utf8proc.h>

bool str_eq_nocase(const char *a, const char *b)
{
    return a == b || (a && b && strcasecmp(a, b) == 0);
}

bool str_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
    size_t n = strlen(s), k = strlen(suffix);

    return n >= k && memcmp(s + n - k, suffix, k) == 0;
}

char *str_trim(struct arena *a, const char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    size_t n = strlen(s);
    while (n && isspace((unsigned char)s[n - 1]))
        n--;
    return arena_textn(a, s, n);
}

bool str_utf8(const char *s, size_t n)
{
    const uint8_t *p = (const uint8_t *)s, *end = p + n;

    while (p < end) {
        if (*p < 0x80) {
            if (*p++ == 0)
                return false;
            continue;
        }
        utf8proc_int32_t c;
        utf8proc_ssize_t k = utf8proc_iterate(p, end - p, &c);
        if (k < 1)
            return false;
        p += k;
    }
    return true;
}

static bool fold_ascii(char *s)
{
    for (; *s; s++) {
        if ((unsigned char)*s >= 0x80)
            return false;
        if (*s >= 'A' && *s <= 'Z')
            *s |= 0x20;
    }
    return true;
}

/* Walks the code points of the NFC form of `s`, lower-cased, and keeps those `want` likes. */
static char *fold_points(struct arena *a, const char *s, bool squash)
{
    utf8proc_uint8_t *nfc = utf8proc_NFC((const utf8proc_uint8_t *)s);
    if (!nfc)
        return arena_text(a, s);
    size_t n = strlen((char *)nfc);
    utf8proc_uint8_t *out = arena_alloc(a, n * 2 + 8), *to = out;

    for (size_t i = 0; i < n;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t k = utf8proc_iterate(nfc + i, (utf8proc_ssize_t)(n - i), &c);
        if (k < 1)
            break;
        i += (size_t)k;
        utf8proc_category_t cat = utf8proc_category(c);
        if (squash && (cat < UTF8PROC_CATEGORY_LU || cat > UTF8PROC_CATEGORY_NO))
            continue;
        to += utf8proc_encode_char(utf8proc_tolower(c), to);
    }
    *to = 0;
    free(nfc);
    utf8proc_uint8_t *again = utf8proc_NFC(out);        /* lower-casing can leave a pair apart */
    char *folded = arena_text(a, again ? (char *)again : (char *)out);
    free(again);
    return folded;
}

char *str_fold(struct arena *a, const char *s)
{
    char *copy = arena_text(a, s);

    return fold_ascii(copy) ? copy : fold_points(a, s, false);
}

char *str_squash(struct arena *a, const char *s)
{
    return fold_points(a, s, true);
}

enum { NEAR_MOST = 64 };                    /* longer words are not compared */

/* How many letters are wrong, missing, too many or swapped with their neighbour; capitals do not count. */
static size_t slips(const char *a, size_t na, const char *b, size_t nb)
{
    size_t rows[3][NEAR_MOST + 1], *before = rows[0], *above = rows[1], *row = rows[2];

    for (size_t j = 0; j <= nb; j++)
        above[j] = j;
    for (size_t i = 1; i <= na; i++) {
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
            row[j] = MIN(above[j - 1] + !same, MIN(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = MIN(row[j], before[j - 2] + 1);
        }
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[nb];
}

const char *str_nearest(const char *wrong, const char *const *known, size_t n)
{
    size_t length = strnlen(wrong, NEAR_MOST + 1), least = length < 4 ? 2 : 3;
    const char *best = NULL;

    for (size_t i = 0; i < n; i++) {
        size_t k = strnlen(known[i], NEAR_MOST + 1);
        if (length > NEAR_MOST || k > NEAR_MOST)
            continue;
        size_t away = slips(wrong, length, known[i], k);
        if (away < least) {
            least = away;
            best = known[i];
        }
    }
    return best;
}

bool str_number(const char *s, int64_t *out)
{
    char *end;

    if (!*s || isspace((unsigned char)*s))
        return false;
    errno = 0;
    long long n = strtoll(s, &end, 10);
    if (errno || *end)
        return false;
    *out = n;
    return true;
}

char *str_count(struct arena *a, int64_t n, const char *one, const char *many)
{
    return arena_printf(a, "%lld %s", (long long)n, n == 1 ? one : many);
}

char *str_base64(struct arena *a, const void *bytes, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *in = bytes;
    char *out = arena_alloc(a, (n + 2) / 3 * 4 + 1), *to = out;

    for (size_t i = 0; i < n; i += 3) {
        uint32_t three = (uint32_t)in[i] << 16;
        three |= i + 1 < n ? (uint32_t)in[i + 1] << 8 : 0;
        three |= i + 2 < n ? (uint32_t)in[i + 2] : 0;
        *to++ = digits[three >> 18];
        *to++ = digits[three >> 12 & 63];
        *to++ = i + 1 < n ? digits[three >> 6 & 63] : '=';
        *to++ = i + 2 < n ? digits[three & 63] : '=';
    }
    return out;
}
