/* tally_words.c — a tally in a line that people read: the log, the status page. */
#include "base/str.h"
#include "sync/tally.h"

/* In the order of TALLY_FIELDS. */
static const char *const words[] = {
#define X(name) #name,
    TALLY_FIELDS(X)
#undef X
};

/* The field's name is its word, but for the underscore. */
static void put_word(struct buf *to, const char *name)
{
    for (; *name; name++)
        buf_putc(to, *name == '_' ? ' ' : *name);
}

char *tally_words(struct arena *a, const char *json)
{
    struct tally t;
    AUTO_BUF text = {};

    if (tally_read(a, json, &t) != OK)
        return arena_text(a, "no tally");       /* a run that failed early has none */
    const int64_t counts[] = {
#define X(name) t.name,
        TALLY_FIELDS(X)
#undef X
    };
    static_assert(COUNT(counts) == COUNT(words));
    buf_printf(&text, "%lld read", (long long)counts[0]);
    for (size_t i = 1, n = 0; i < COUNT(words); i++)
        if (counts[i]) {
            buf_printf(&text, "%s%lld ", n++ ? ", " : ": ", (long long)counts[i]);
            put_word(&text, words[i]);
        }
    return arena_textn(a, text.at, text.n);
}
