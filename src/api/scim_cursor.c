/* scim_cursor.c — see scim_cursor.h. */
#include "api/scim_cursor.h"

#include "base/id.h"
#include "base/str.h"
#include "store/store.h"

/* Base64 and its letters for addresses (RFC 4648 §5), there and back. */
static char *swap_letters(char *s, const char *from, const char *to)
{
    for (char *at = s; *at; at++) {
        const char *hit = strchr(from, *at);
        if (hit)
            *at = to[hit - from];
    }
    return s;
}

static const char *purpose(const struct scim_asker *s)
{
    return arena_printf(s->w->mem, "cursor:%lld:%lld", (long long)s->w->workspace,
                        (long long)s->token);
}

static const char *hex(struct arena *a, const char *bytes, size_t n)
{
    char *text = arena_alloc(a, 2 * n + 1);

    for (size_t i = 0; i < n; i++)
        snprintf(text + 2 * i, 3, "%02x", (unsigned char)bytes[i]);
    return text;
}

static const char *unhex(struct arena *a, const char *text, size_t *n)
{
    *n = strlen(text) / 2;
    char *bytes = arena_alloc(a, *n + 1);

    for (size_t i = 0; i < *n; i++) {
        unsigned value = 0;
        sscanf(text + 2 * i, "%2x", &value);
        bytes[i] = (char)value;
    }
    return bytes;
}

const char *cursor_write(const struct scim_asker *s, const struct cursor *c)
{
    struct arena *a = s->w->mem;
    const char *plain = arena_printf(a, "%lld %lld %llu %lld .%s", (long long)c->after,
                                     (long long)c->count, (unsigned long long)c->question,
                                     (long long)(s->w->now + SCIM_CURSOR_SECONDS * (int64_t)1000),
                                     hex(a, c->key, MIN(c->key_size, (size_t)CURSOR_KEY)));
    char *text = crypt_seal(a, store_key(s->w->store), purpose(s), plain);

    text[strcspn(text, "=")] = '\0';
    return swap_letters(text, "+/", "-_");
}

enum err cursor_read(const struct scim_asker *s, const char *text, uint64_t question,
                     struct cursor *out)
{
    struct arena *a = s->w->mem;
    long long after, count, ends;
    unsigned long long asked;
    char *plain,
        *sealed = arena_printf(a, "%s%.*s", text, (int)((4 - strlen(text) % 4) % 4), "===");
    int at = 0;

    if (strchr(text, '+') || strchr(text, '/') || strchr(text, '=') ||
        crypt_open(a, store_key(s->w->store), purpose(s), swap_letters(sealed, "-_", "+/"),
                   &plain) != OK ||
        sscanf(plain, "%lld %lld %llu %lld .%n", &after, &count, &asked, &ends, &at) != 4 || !at)
        return errf(ERR_CURSOR, "this cursor was not made here, or not for this token; begin again "
                                "with an empty one");
    if (asked != question)
        return errf(ERR_CURSOR,
                    "this cursor belongs to another filter or sorting; begin again with "
                    "an empty one");
    if (ends < s->w->now)
        return errf(ERR_CURSOR_OLD, "this cursor is older than %d minutes; begin again with an "
                                    "empty one",
                    SCIM_CURSOR_SECONDS / 60);
    *out = (struct cursor){ .after = after, .count = count, .question = asked };
    out->key = unhex(a, plain + at, &out->key_size);
    return OK;
}
