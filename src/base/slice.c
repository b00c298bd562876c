/*
 * slice.c — see slice.h. Two speeds: what stands around the records is read byte by byte by a small
 * state machine; inside a record only quotes, backslashes and brackets count, and they are looked
 * for 64 bytes at a time as bit masks (the first stage of Langdale and Lemire, "Parsing Gigabytes
 * of JSON per Second", 2019), without remembering where they were.
 */
#include "base/slice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined __SSE2__ && !defined SLICE_PLAIN
#include <emmintrin.h>
#endif

#include "base/buf.h"
#include "base/json.h"

enum place {
    AT_START, AT_FIRST_KEY, AT_KEY, IN_KEY, AT_COLON, AT_VALUE, IN_STRING, IN_SCALAR, IN_VALUE,
    AFTER_VALUE, AT_FIRST_RECORD, AT_RECORD, IN_RECORD, AFTER_RECORD, AT_END, FAILED,
};

/* What the scanner of a bracketed value knows between two blocks. */
struct scan {
    uint64_t in_string;             /* all ones inside a string */
    uint64_t escaped;               /* 1: the next byte stands behind a backslash */
    size_t depth;
};

struct slice {
    struct slice_options o;
    enum place place;
    struct scan scan;
    bool escaped;                   /* in keys and strings around the array */
    bool seen;                      /* the array was there */
    size_t count;
    struct buf held;                /* what of a key, value or record came in earlier pieces */
    struct buf key;                 /* the member we are in, decoded */
    struct buf names;               /* the members seen, to say what came instead of the array */
};

struct slice *slice_new(const struct slice_options *o)
{
    struct slice *s = must_alloc(sizeof *s);

    s->o = *o;
    if (!s->o.what)
        s->o.what = "the answer";
    if (!s->o.max_record)
        s->o.max_record = MB(1);
    s->held.max = s->o.max_record;
    return s;
}

void slice_free(struct slice *s)
{
    if (!s)
        return;
    buf_free(&s->held);
    buf_free(&s->key);
    buf_free(&s->names);
    free(s);
}

size_t slice_count(const struct slice *s)
{
    return s->count;
}

/* ---- 64 bytes at a time ---- */

struct masks { uint64_t quote, backslash, open, close; };

#if defined __SSE2__ && !defined SLICE_PLAIN
static inline uint64_t bits16(__m128i equal, int lane)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(equal) << (16 * lane);
}

/* '[' and '{' differ in one bit, as do ']' and '}': with it set, one comparison finds both. */
static inline struct masks masks_of(const char *p)
{
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
    const __m128i open = _mm_set1_epi8('{'), close = _mm_set1_epi8('}'), bit = _mm_set1_epi8(0x20);
    struct masks m = {};

    for (int lane = 0; lane < 4; lane++) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * lane));
        __m128i folded = _mm_or_si128(v, bit);
        m.quote |= bits16(_mm_cmpeq_epi8(v, quote), lane);
        m.backslash |= bits16(_mm_cmpeq_epi8(v, backslash), lane);
        m.open |= bits16(_mm_cmpeq_epi8(folded, open), lane);
        m.close |= bits16(_mm_cmpeq_epi8(folded, close), lane);
    }
    return m;
}
#else
static inline struct masks masks_of(const char *p)
{
    struct masks m = {};

    for (int i = 0; i < 64; i++) {
        m.quote |= (uint64_t)(p[i] == '"') << i;
        m.backslash |= (uint64_t)(p[i] == '\\') << i;
        m.open |= (uint64_t)((p[i] | 0x20) == '{') << i;
        m.close |= (uint64_t)((p[i] | 0x20) == '}') << i;
    }
    return m;
}
#endif

/* The bytes that stand behind an odd number of backslashes; bit 64 goes into the next block. */
static inline uint64_t escaped_bytes(uint64_t backslash, uint64_t *carry)
{
    const uint64_t odd = 0xAAAAAAAAAAAAAAAAu;

    if (__builtin_expect(!backslash, 1)) {
        uint64_t escaped = *carry;
        *carry = 0;
        return escaped;
    }
    /* Each run of backslashes is one carry chain of a subtraction; where it ends, and whether it
     * began on an odd place, says what is escaped (simdjson, "find_escaped_branchless"). */
    uint64_t escape = backslash & ~*carry;
    uint64_t codes = (((escape << 1) | odd) - escape) ^ odd;
    uint64_t escaped = codes ^ (backslash | *carry);
    *carry = (codes & backslash) >> 63;
    return escaped;
}

/* Bit i: an odd number of quotes up to and with i. */
static inline uint64_t prefix_xor(uint64_t x)
{
    for (int shift = 1; shift < 64; shift *= 2)
        x ^= x << shift;
    return x;
}

/*
 * Where in the next `n` ≤ 64 bytes (64 may be read) the value that began earlier ends: the offset
 * behind its last bracket, or 0 if it goes on. Depth over the ceiling is left in scan->depth.
 */
static inline size_t scan_block(struct scan *scan, const char *p, size_t n)
{
    struct masks m = masks_of(p);
    uint64_t escaped = escaped_bytes(m.backslash, &scan->escaped);

    if (n < 64)                     /* the padding is no string's and no backslash's business */
        scan->escaped = escaped >> n & 1;
    uint64_t in_string = prefix_xor(m.quote & ~escaped) ^ scan->in_string;
    scan->in_string = (uint64_t)((int64_t)in_string >> 63);
    uint64_t open = m.open & ~in_string, close = m.close & ~in_string;

    /* a record has a dozen brackets in a kilobyte: most blocks have none */
    for (uint64_t both = open | close; both; both &= both - 1) {
        uint64_t bit = both & -both;
        if (open & bit) {
            if (++scan->depth > SLICE_DEPTH)
                return 0;
        } else if (--scan->depth == 0) {
            return (size_t)__builtin_ctzll(bit) + 1;
        }
    }
    return 0;
}

/* As scan_block, over a whole piece. */
static size_t scan_piece(struct scan *scan, const char *p, size_t n)
{
    size_t at = 0;

    for (; n - at >= 64; at += 64) {
        size_t end = scan_block(scan, p + at, 64);
        if (end)
            return at + end;
        if (scan->depth > SLICE_DEPTH)
            return 0;
    }
    if (at == n)
        return 0;
    char last[64];
    memset(last, ' ', sizeof last);
    memcpy(last, p + at, n - at);
    size_t end = scan_block(scan, last, n - at);
    return end ? at + end : 0;
}

/* ---- around the records ---- */

static enum err not_such_an_array(const struct slice *s, char c)
{
    static const char *const wanted[] = {
        [AT_FIRST_KEY] = "a member name was expected",
        [AT_KEY] = "a member name was expected after the comma",
        [AT_COLON] = "a colon was expected",
        [AT_VALUE] = "a value was expected",
        [AFTER_VALUE] = "a comma or the end of the object was expected",
        [AT_RECORD] = "a record was expected",
        [AFTER_RECORD] = "a comma or the end of the list was expected",
        [AT_END] = "there is more after the end",
    };
    char shown[8] = { c };

    if (c < ' ' || c > '~')
        snprintf(shown, sizeof shown, "\\x%02x", (unsigned char)c);
    if (s->place == AT_START)
        return errf(ERR_REMOTE,
                    "%s does not begin with '%c' but with '%s': this is not the expected JSON",
                    s->o.what, s->o.array ? '{' : '[', shown);
    if (!s->seen)
        return errf(ERR_REMOTE,
                    "%s, but '%s' came before the list '%s': %s is not well-formed JSON",
                    wanted[s->place], shown, s->o.array, s->o.what);
    return errf(ERR_REMOTE, "%s, but '%s' came after record %zu: %s is not well-formed JSON",
                wanted[s->place], shown, s->count, s->o.what);
}

/* Where a ceiling was hit or the answer ended. */
static const char *where(const struct slice *s, char out[128])
{
    if (s->place == IN_RECORD)
        snprintf(out, 128, "record %zu", s->count + 1);
    else if (s->place == IN_KEY)
        snprintf(out, 128, "a member name");
    else
        snprintf(out, 128, "'%.80s'", s->key.at ? s->key.at : "");
    return out;
}

static enum err hold(struct slice *s, const char *p, size_t n)
{
    if (buf_take(&s->held, p, n) == OK)
        return OK;
    return errf(ERR_TOO_LARGE, "%s is larger than %zu bytes; no record of a person is",
                where(s, (char[128]){}), s->o.max_record);
}

static enum err too_deep(const struct slice *s)
{
    return errf(ERR_TOO_LARGE,
                "%s has more than %d brackets within each other; no record of a person has",
                where(s, (char[128]){}), SLICE_DEPTH);
}

/* The bytes of the name came whole, quotes included: decode it, look whether it is ours. */
static enum err key_done(struct slice *s)
{
    AUTO(json) *name = NULL;

    if (json_read(s->held.at, s->held.n, &name) != OK)
        return errf(ERR_REMOTE, "a member name around the list is not well-formed JSON: %s",
                    err_text());
    const char *text = yyjson_get_str(json_root(name));
    if (strlen(text) != yyjson_get_len(json_root(name)))
        return errf(ERR_REMOTE, "a member name around the list has a NUL in it");
    buf_clear(&s->key);
    buf_puts(&s->key, text);
    buf_clear(&s->held);
    if (s->names.n < 200)
        buf_printf(&s->names, "%s%.60s", s->names.n ? ", " : "", s->key.at);
    s->place = AT_COLON;
    return OK;
}

static enum err value_done(struct slice *s)
{
    AUTO(json) *value = NULL;

    if (json_read(s->held.at, s->held.n, &value) != OK)
        return errf(ERR_REMOTE, "'%.80s' beside the list is not well-formed JSON: %s", s->key.at,
                    err_text());
    if (s->o.other)
        TRY(s->o.other(s->o.arg, s->key.at, s->held.at, s->held.n));
    buf_clear(&s->held);
    s->place = AFTER_VALUE;
    return OK;
}

static enum err value_begins(struct slice *s, char c)
{
    if (s->o.array && strcmp(s->key.at, s->o.array) == 0) {
        if (c != '[')
            return errf(ERR_REMOTE, "'%s' in %s is not a list", s->o.array, s->o.what);
        if (s->seen)
            return errf(ERR_REMOTE, "%s has two lists '%s'", s->o.what, s->o.array);
        s->seen = true;
        s->place = AT_FIRST_RECORD;
        return OK;
    }
    if (c == '{' || c == '[') {
        s->scan = (struct scan){};
        s->place = IN_VALUE;
    } else if (c == '"' || c == '-' || (c >= '0' && c <= '9') || c == 't' || c == 'f' || c == 'n') {
        s->place = c == '"' ? IN_STRING : IN_SCALAR;
    } else {
        return not_such_an_array(s, c);
    }
    return OK;
}

/* A key or a string value: up to the quote that is not behind a backslash. */
static enum err in_text(struct slice *s, const char *p, size_t n, size_t *used)
{
    for (size_t i = 0; i < n; i++) {
        bool first = s->held.n == 0 && i == 0;
        if (s->escaped || first) {
            s->escaped = false;
        } else if (p[i] == '\\') {
            s->escaped = true;
        } else if (p[i] == '"') {
            *used = i + 1;
            TRY(hold(s, p, i + 1));
            return s->place == IN_KEY ? key_done(s) : value_done(s);
        }
    }
    *used = n;
    return hold(s, p, n);
}

static enum err in_scalar(struct slice *s, const char *p, size_t n, size_t *used)
{
    size_t i = 0;

    while (i < n && p[i] != ',' && p[i] != '}' && p[i] != ' ' && p[i] != '\n' && p[i] != '\r' &&
           p[i] != '\t')
        i++;
    *used = i;
    TRY(hold(s, p, i));
    return i < n ? value_done(s) : OK;
}

/* A record, or a bracketed value beside the array. */
static enum err in_brackets(struct slice *s, const char *p, size_t n, size_t *used)
{
    size_t end = scan_piece(&s->scan, p, n);

    if (s->scan.depth > SLICE_DEPTH)
        return too_deep(s);
    *used = end ? end : n;
    if (!end || s->held.n || s->place == IN_VALUE)
        TRY(hold(s, p, *used));
    if (!end)
        return OK;
    if (s->place == IN_VALUE)
        return value_done(s);
    if (end > s->o.max_record)
        TRY(hold(s, p, end));       /* says so */
    s->count++;
    if (s->held.n)
        TRY(s->o.record(s->o.arg, s->count, s->held.at, s->held.n));
    else
        TRY(s->o.record(s->o.arg, s->count, p, end));
    buf_clear(&s->held);
    s->place = AFTER_RECORD;
    return OK;
}

/* One byte that is not white space, where the grammar decides what may come. *again: the byte
 * belongs to what begins here. */
static enum err step(struct slice *s, char c, bool *again)
{
    *again = false;
    switch (s->place) {
    case AT_START:
        if (c != (s->o.array ? '{' : '['))
            return not_such_an_array(s, c);
        s->seen = !s->o.array;
        s->place = s->o.array ? AT_FIRST_KEY : AT_FIRST_RECORD;
        return OK;
    case AT_FIRST_KEY:
    case AT_KEY:
        if (c == '"') {
            s->place = IN_KEY;
            *again = true;
            return OK;
        }
        if (c != '}' || s->place == AT_KEY)
            return not_such_an_array(s, c);
        s->place = AT_END;
        return OK;
    case AT_COLON:
        if (c != ':')
            return not_such_an_array(s, c);
        s->place = AT_VALUE;
        return OK;
    case AT_VALUE:
        TRY(value_begins(s, c));
        *again = s->place != AT_FIRST_RECORD;
        return OK;
    case AFTER_VALUE:
        if (c != ',' && c != '}')
            return not_such_an_array(s, c);
        s->place = c == ',' ? AT_KEY : AT_END;
        return OK;
    case AT_FIRST_RECORD:
    case AT_RECORD:
        if (c == '{') {
            s->scan = (struct scan){};
            s->place = IN_RECORD;
            *again = true;
            return OK;
        }
        if (c != ']' || s->place == AT_RECORD)
            return c == ']' ? not_such_an_array(s, c)
                            : errf(ERR_REMOTE, "record %zu is not an object", s->count + 1);
        s->place = s->o.array ? AFTER_VALUE : AT_END;
        return OK;
    case AFTER_RECORD:
        if (c == ',')
            s->place = AT_RECORD;
        else if (c == ']')
            s->place = s->o.array ? AFTER_VALUE : AT_END;
        else
            return not_such_an_array(s, c);
        return OK;
    default:
        return not_such_an_array(s, c);
    }
}

static enum err feed(struct slice *s, const char *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t used = 0;
        bool again;

        switch (s->place) {
        case IN_RECORD:
        case IN_VALUE:
            TRY(in_brackets(s, p + i, n - i, &used));
            break;
        case IN_KEY:
        case IN_STRING:
            TRY(in_text(s, p + i, n - i, &used));
            break;
        case IN_SCALAR:
            TRY(in_scalar(s, p + i, n - i, &used));
            break;
        default:
            if (p[i] != ' ' && p[i] != '\n' && p[i] != '\r' && p[i] != '\t') {
                TRY(step(s, p[i], &again));
                used = !again;
            } else {
                used = 1;
            }
        }
        i += used;
    }
    return OK;
}

enum err slice_feed(struct slice *s, const char *bytes, size_t n)
{
    if (s->place == FAILED)
        return errf(ERR_REMOTE, "%s was already found to be unusable", s->o.what);
    enum err e = feed(s, bytes, n);
    if (e != OK)
        s->place = FAILED;
    return e;
}

enum err slice_end(struct slice *s)
{
    switch (s->place) {
    case FAILED:
        return errf(ERR_REMOTE, "%s was already found to be unusable", s->o.what);
    case AT_END:
        if (s->seen)
            return OK;
        return errf(ERR_REMOTE, "%s has no list '%s', only %s", s->o.what, s->o.array,
                    s->names.n ? s->names.at : "an empty object");
    case AT_START:
        return errf(ERR_INCOMPLETE, "%s is empty", s->o.what);
    case IN_RECORD:
        return errf(ERR_INCOMPLETE, "%s ended in the middle of record %zu", s->o.what,
                    s->count + 1);
    case AT_FIRST_RECORD:
    case AT_RECORD:
    case AFTER_RECORD:
        return errf(ERR_INCOMPLETE, "%s ended after record %zu, before its list was closed",
                    s->o.what, s->count);
    default:
        if (s->seen)
            return errf(ERR_INCOMPLETE,
                        "%s ended after its list of %zu records, before it was closed", s->o.what,
                        s->count);
        return errf(ERR_INCOMPLETE, "%s ended before its list '%s' began", s->o.what, s->o.array);
    }
}
