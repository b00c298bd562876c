/* scim_log_line.c — a line of the request log: what may stand in it, and its form in the store. */
#include <ctype.h>

#include "api/scim_log.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"

enum { PATH_MOST = 1024, DETAIL_MOST = 512, NAME_MOST = 200, CURSOR_KEPT = 6 };

static const char cut[] = "…";

/* ---- leaving values out ---- */

static int hex(char c)
{
    return isdigit((unsigned char)c)    ? c - '0'
           : isxdigit((unsigned char)c) ? (c | 32) - 'a' + 10
                                        : -1;
}

/* One character, which a query may have as %22: its length. */
static size_t symbol(const char *s, size_t n, bool encoded, char *out)
{
    *out = *s;
    if (!encoded || n < 3 || *s != '%' || hex(s[1]) < 0 || hex(s[2]) < 0)
        return 1;
    *out = (char)(hex(s[1]) << 4 | hex(s[2]));
    return 3;
}

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* How far the quoted text goes: to the quote that ends it, or to the end. "don't" and O'Brien have no quotes. */
static size_t quoted_length(const char *s, size_t n, char quote, bool encoded)
{
    char c, next;

    for (size_t i = 0; i < n;) {
        size_t k = symbol(s + i, n - i, encoded, &c);
        if (c == '\\' && i + k < n) {
            i += k + symbol(s + i + k, n - i - k, encoded, &next);
            continue;
        }
        next = ' ';
        if (i + k < n)
            symbol(s + i + k, n - i - k, encoded, &next);
        if (c == quote && (quote == '"' || !in_word(next)))
            return i;
        i += k;
    }
    return n;
}

static void put_without_quoted(struct buf *to, const char *s, size_t n, bool encoded)
{
    char before = ' ', c;

    for (size_t i = 0; i < n;) {
        size_t k = symbol(s + i, n - i, encoded, &c);
        buf_add(to, s + i, k);
        i += k;
        bool opens = c == '"' || (c == '\'' && !in_word(before));
        before = c;
        if (!opens)
            continue;
        i += quoted_length(s + i, n - i, c, encoded);
        buf_puts(to, cut);
        if (i < n) {
            k = symbol(s + i, n - i, encoded, &c);
            buf_add(to, s + i, k);
            i += k;
        }
    }
}

static bool named(const char *s, size_t n, const char *name)
{
    char c;

    for (size_t i = 0; i < n; name++) {
        i += symbol(s + i, n - i, true, &c);
        if (!*name || tolower((unsigned char)c) != *name)
            return false;
    }
    return !*name;
}

static void put_parameter(struct buf *to, const char *s, size_t n)
{
    const char *eq = memchr(s, '=', n);
    size_t name = eq ? (size_t)(eq - s) : n, rest = n - name;

    if (eq) {
        name++;
        rest--;
    }
    buf_add(to, s, name);
    size_t length = name - (eq != NULL);
    if (named(s, length, "filter")) {
        put_without_quoted(to, s + name, rest, true);
    } else if (named(s, length, "cursor") && rest > CURSOR_KEPT) {
        buf_add(to, s + name, CURSOR_KEPT);
        buf_puts(to, cut);
    } else if (named(s, length, "access_token") || named(s, length, "token")) {
        buf_puts(to, cut);
    } else {
        buf_add(to, s + name, rest);
    }
}

static void put_target(struct buf *to, const char *s)
{
    size_t n = strcspn(s, "?");

    buf_add(to, s, n);
    for (s += n; *s; s += n) {
        buf_putc(to, *s++);
        n = strcspn(s, "&");
        put_parameter(to, s, n);
    }
}

/* ---- writing ---- */

/* At most so many bytes, and UTF-8 whatever the client sent. */
static void put_text(struct json_out *j, const char *key, char *s, size_t n, size_t most)
{
    AUTO_BUF shorter = {};

    if (!str_utf8(s, n))
        for (size_t i = 0; i < n; i++)
            if ((unsigned char)s[i] >= 0x80 || s[i] == '\0')
                s[i] = '?';
    json_key(j, key);
    if (n <= most) {
        json_strn(j, s, n);
        return;
    }
    while (most > 0 && ((unsigned char)s[most] & 0xc0) == 0x80)
        most--;
    buf_add(&shorter, s, most);
    buf_puts(&shorter, cut);
    json_strn(j, shorter.at, shorter.n);
}

static void put_copy(struct json_out *j, const char *key, const char *s, size_t most)
{
    if (str_empty(s))
        return;
    size_t n = strlen(s);
    if (n <= most && str_utf8(s, n)) {
        json_put(j, key, s);
        return;
    }
    AUTO_BUF copy = {};
    buf_add(&copy, s, n);
    put_text(j, key, copy.at, copy.n, most);
}

static void put_id(struct json_out *j, const char *key, int64_t id)
{
    if (id)
        json_put(j, key, id_text(id));
}

void scim_line_write(struct buf *to, const struct scim_line *line)
{
    struct json_out j = { .to = to };
    AUTO_BUF text = {};

    json_open(&j, '{');
    json_put(&j, "id", id_text(line->id));
    json_put_num(&j, "at", line->at);
    json_put_num(&j, "us", line->us);
    json_put_num(&j, "status", line->status);
    put_copy(&j, "method", line->method, NAME_MOST);
    if (!str_empty(line->path)) {
        put_target(&text, line->path);
        put_text(&j, "path", text.at, text.n, PATH_MOST);
        buf_clear(&text);
    }
    put_id(&j, "source", line->source);
    put_id(&j, "token", line->token);
    put_copy(&j, "name", line->token_name, NAME_MOST);
    put_copy(&j, "address", line->address, NAME_MOST);
    put_copy(&j, "agent", line->agent, NAME_MOST);
    json_put_num(&j, "in", (int64_t)line->in);
    json_put_num(&j, "out", (int64_t)line->out);
    if (!str_empty(line->detail)) {
        put_without_quoted(&text, line->detail, strlen(line->detail), false);
        put_text(&j, "detail", text.at, text.n, DETAIL_MOST);
    }
    json_close(&j, '}');
}

/* ---- reading ---- */

static int64_t id_of(yyjson_val *obj, const char *key)
{
    const char *text = json_text(obj, key);
    int64_t id;

    return text && id_read(text, &id) ? id : 0;
}

bool scim_line_read(struct arena *a, const char *json, size_t n, struct scim_line *out)
{
    yyjson_val *root;

    if (json_read_in(a, json, n, &root) != OK || !yyjson_is_obj(root))
        return false;
    *out = (struct scim_line){ .id = id_of(root, "id"),
                               .at = json_int(root, "at", 0),
                               .us = json_int(root, "us", 0),
                               .source = id_of(root, "source"),
                               .token = id_of(root, "token"),
                               .token_name = json_text(root, "name"),
                               .method = json_text(root, "method"),
                               .path = json_text(root, "path"),
                               .address = json_text(root, "address"),
                               .agent = json_text(root, "agent"),
                               .detail = json_text(root, "detail"),
                               .status = (int)json_int(root, "status", 0),
                               .in = (size_t)json_int(root, "in", 0),
                               .out = (size_t)json_int(root, "out", 0) };
    return true;
}
