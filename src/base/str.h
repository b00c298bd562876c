/*
 * str.h — text: trimming, comparing, folding keys, checking UTF-8.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <string.h>

#include "base/arena.h"

static inline bool str_eq(const char *a, const char *b)         /* NULL equals only NULL */
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static inline bool str_empty(const char *s)
{
    return !s || !*s;
}

bool str_eq_nocase(const char *a, const char *b);               /* ASCII only */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);

/* A copy without leading and trailing white space and line ends. */
char *str_trim(struct arena *a, const char *s);

/* True for well-formed UTF-8 without NUL: no overlong forms, no surrogates. */
bool str_utf8(const char *s, size_t n);

/*
 * The form in which user names and e-mail addresses are compared: lower case by code point, then
 * NFC (RFC 8265 §3.3). Not case folding: "straße" and "strasse" stay two people. ASCII takes a
 * short way. `s` must be UTF-8.
 */
char *str_fold(struct arena *a, const char *s);

/* Looser than str_fold, for "looks like": folded, and only letters and digits are kept. */
char *str_squash(struct arena *a, const char *s);

/* The one of `known` that is a slip or two of the fingers away from `wrong`, for "did you mean"; or NULL. */
const char *str_nearest(const char *wrong, const char *const *known, size_t n);

/* Reads a whole decimal number; false if there is anything else in `s`. */
bool str_number(const char *s, int64_t *out);

/* RFC 4648 §4, with padding. */
char *str_base64(struct arena *a, const void *bytes, size_t n);

/* "1 person", "28 people": the count with the right word; lives in the arena. */
char *str_count(struct arena *a, int64_t n, const char *one, const char *many);

#endif
