/* json.c — see json.h. */
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

struct json { yyjson_doc *doc; };

static enum err read_error(const yyjson_read_err *e, size_t n)
{
    return errf(ERR_INVALID, "not JSON: %s at byte %zu of %zu", e->msg, e->pos, n);
}

/* Text is handed on as C strings, so one that goes on after a NUL would be cut without a word. The
 * values of a document lie one after another; they are looked at only if the escape is there at all. */
static enum err refuse_nul(yyjson_doc *doc, const char *text, size_t n)
{
    const char *escape = memmem(text, n, "\\u0000", 6);
    yyjson_val *v = yyjson_doc_get_root(doc);

    for (size_t i = 0; escape && i < yyjson_doc_get_val_count(doc); i++, v++)
        if (yyjson_is_str(v) && strlen(yyjson_get_str(v)) != yyjson_get_len(v))
            return errf(ERR_INVALID,
                        "a text in this JSON has a NUL in it (\\u0000), which no value may have");
    return OK;
}

static enum err read_with(const char *text, size_t n, const yyjson_alc *alc, yyjson_doc **out)
{
    yyjson_read_err e;

    *out = yyjson_read_opts((char *)text, n, YYJSON_READ_BIGNUM_AS_RAW, alc, &e);
    if (!*out)
        return read_error(&e, n);
    enum err result = refuse_nul(*out, text, n);
    if (result != OK)
        yyjson_doc_free(*out);
    return result;
}

enum err json_read(const char *text, size_t n, struct json **out)
{
    yyjson_doc *doc = NULL;

    TRY(read_with(text, n, NULL, &doc));
    *out = must_alloc(sizeof **out);
    (*out)->doc = doc;
    return OK;
}

enum err json_read_file(const char *path, size_t max, struct json **out)
{
    AUTO_BUF text = { .max = max };
    char part[16384];
    ssize_t n;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return errf(ERR_INVALID, "cannot read %s: %m", path);
    while ((n = read(fd, part, sizeof part)) > 0) {
        enum err e = buf_take(&text, part, (size_t)n);
        if (e != OK) {
            close(fd);
            return err_in(e, "%s: ", path);
        }
    }
    int failure = errno;
    close(fd);
    if (n < 0)
        return errf(ERR_INVALID, "cannot read %s: %s", path, strerror(failure));
    enum err e = json_read(text.at ? text.at : "", text.n, out);
    return e == OK ? OK : err_in(e, "%s: ", path);
}

void json_free(struct json *j)
{
    if (!j)
        return;
    yyjson_doc_free(j->doc);
    free(j);
}

yyjson_val *json_root(const struct json *j)
{
    return yyjson_doc_get_root(j->doc);
}

static void *in_arena(void *ctx, size_t size)
{
    return arena_alloc(ctx, size);
}

static void *grow_in_arena(void *ctx, void *p, size_t old, size_t size)
{
    return memcpy(arena_alloc(ctx, size), p, MIN(old, size));
}

static void leave_in_arena(void *ctx, void *p)
{
    (void)ctx, (void)p;
}

yyjson_alc json_alc(struct arena *a)
{
    return (yyjson_alc){ in_arena, grow_in_arena, leave_in_arena, a };
}

enum err json_read_in(struct arena *a, const char *text, size_t n, yyjson_val **root)
{
    yyjson_alc alc = json_alc(a);
    yyjson_doc *doc = NULL;

    TRY(read_with(text, n, &alc, &doc));
    *root = yyjson_doc_get_root(doc);
    return OK;
}

int64_t json_int(yyjson_val *obj, const char *key, int64_t otherwise)
{
    yyjson_val *v = yyjson_obj_get(obj, key);

    bool fits = yyjson_is_sint(v) || (yyjson_is_uint(v) && yyjson_get_uint(v) <= INT64_MAX);
    return fits ? yyjson_get_sint(v) : otherwise;
}

bool json_flag(yyjson_val *obj, const char *key, bool otherwise)
{
    yyjson_val *v = yyjson_obj_get(obj, key);

    return yyjson_is_bool(v) ? yyjson_get_bool(v) : otherwise;
}

const char *json_scalar(struct arena *a, yyjson_val *v)
{
    switch (yyjson_get_type(v)) {
    case YYJSON_TYPE_STR:
        return yyjson_get_str(v);
    case YYJSON_TYPE_RAW:
        return arena_textn(a, yyjson_get_raw(v), yyjson_get_len(v));
    case YYJSON_TYPE_BOOL:
        return yyjson_get_bool(v) ? "true" : "false";
    case YYJSON_TYPE_NUM:
        if (yyjson_is_uint(v))
            return arena_printf(a, "%" PRIu64, yyjson_get_uint(v));
        if (yyjson_is_sint(v))
            return arena_printf(a, "%" PRId64, yyjson_get_sint(v));
        for (int digits = 15; digits <= 17; digits++) {         /* the shortest that reads back */
            char *s = arena_printf(a, "%.*g", digits, yyjson_get_real(v));
            if (digits == 17 || strtod(s, NULL) == yyjson_get_real(v))
                return s;
        }
        return NULL;
    default:
        return NULL;
    }
}

static void comma(struct json_out *o)
{
    if (o->comma)
        buf_putc(o->to, ',');
    o->comma = true;
}

void json_open(struct json_out *o, char bracket)
{
    comma(o);
    buf_putc(o->to, bracket);
    o->comma = false;
}

void json_close(struct json_out *o, char bracket)
{
    buf_putc(o->to, bracket);
    o->comma = true;
}

/* Bytes that cannot stand in a JSON string as they are. */
static const bool special[256] = {
    [0 ... 0x1f] = true,
    ['"'] = true,
    ['\\'] = true,
};

/* Where the next such byte is, looked at by eight: a byte below 0x20, or equal to one of the two, has its high bit
 * left after the subtraction. What lies behind a hit may be taken for one too, so the eight are looked at singly. */
static size_t plain_until(const char *s, size_t at, size_t n)
{
    const uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;

    for (; at + 8 <= n; at += 8) {
        uint64_t v, quote, slash;
        memcpy(&v, s + at, 8);
        quote = v ^ ones * '"';
        slash = v ^ ones * '\\';
        if ((((v - ones * 0x20) & ~v) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) &
            highs)
            break;
    }
    while (at < n && !special[(unsigned char)s[at]])
        at++;
    return at;
}

static void quoted(struct buf *b, const char *s, size_t n)
{
    buf_reserve(b, n + 2);
    buf_putc(b, '"');
    for (size_t i = 0; i < n;) {
        size_t run = plain_until(s, i, n);
        buf_add(b, s + i, run - i);
        if (run == n)
            break;
        switch (s[run]) {
        case '"': buf_add(b, "\\\"", 2); break;
        case '\\': buf_add(b, "\\\\", 2); break;
        case '\n': buf_add(b, "\\n", 2); break;
        case '\t': buf_add(b, "\\t", 2); break;
        default: buf_printf(b, "\\u%04x", (unsigned char)s[run]);
        }
        i = run + 1;
    }
    buf_putc(b, '"');
}

void json_key(struct json_out *o, const char *key)
{
    comma(o);
    quoted(o->to, key, strlen(key));
    buf_putc(o->to, ':');
    o->comma = false;
}

void json_strn(struct json_out *o, const char *s, size_t n)
{
    comma(o);
    quoted(o->to, s, n);
}

void json_str(struct json_out *o, const char *s)
{
    if (s)
        json_strn(o, s, strlen(s));
    else
        json_null(o);
}

void json_num(struct json_out *o, int64_t n)
{
    char digits[24], *at = digits + sizeof digits;
    uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;

    comma(o);
    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (n < 0)
        *--at = '-';
    buf_add(o->to, at, (size_t)(digits + sizeof digits - at));
}

void json_bool(struct json_out *o, bool b)
{
    comma(o);
    buf_puts(o->to, b ? "true" : "false");
}

void json_null(struct json_out *o)
{
    comma(o);
    buf_add(o->to, "null", 4);
}

void json_raw(struct json_out *o, const char *text, size_t n)
{
    comma(o);
    buf_add(o->to, text, n);
}

void json_val(struct json_out *o, yyjson_val *v)
{
    size_t n;
    char *s = yyjson_val_write(v, YYJSON_WRITE_NOFLAG, &n);

    if (!s)
        die_of_memory(0);
    json_raw(o, s, n);
    free(s);
}

void json_put(struct json_out *o, const char *key, const char *s)
{
    json_key(o, key);
    json_str(o, s);
}

void json_put_num(struct json_out *o, const char *key, int64_t n)
{
    json_key(o, key);
    json_num(o, n);
}

void json_put_bool(struct json_out *o, const char *key, bool b)
{
    json_key(o, key);
    json_bool(o, b);
}
