/* findings.c — see findings.h. */
#include "sync/findings.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"

enum { APART = 1000 };

static const struct {
    const char *name;
    enum severity severity;
    const char *what, *todo;
} kinds[] = {
#define FINDING(name, severity, what, todo) { #name, severity, what, todo },
#include "sync/findings.def"
#undef FINDING
};

const char *finding_name(enum finding_kind k)
{
    return kinds[k].name;
}

void findings_free(struct findings *f)
{
    table_free(&f->index);
}

/* FNV-1a over 64 bits: two different findings with one hash would be counted as one. */
static uint64_t mix(uint64_t h, const char *s)
{
    for (; s && *s; s++)
        h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    return (h ^ 0xff) * 0x100000001b3u;
}

static struct finding *slot(struct findings *f, enum finding_kind kind, const char *subject,
                            const char *value)
{
    uint64_t key = mix(mix(0xcbf29ce484222325u + kind, subject), value) | 1;
    bool fresh;

    if (f->n >= APART &&
        !table_find(&f->index, key)) /* no more apart: a line per kind takes the rest */
        key = (uint64_t)kind + 1, subject = value = NULL;
    int64_t *at = table_put(&f->index, key, (int64_t)f->n, &fresh);
    if (!fresh)
        return &f->list[*at];
    ARENA_GROW(f->mem, f->list, f->n, f->cap);
    f->list[f->n] =
        (struct finding){ kind, arena_text(f->mem, subject), arena_text(f->mem, value), 0, {}, 0 };
    return &f->list[f->n++];
}

void findings_add(struct findings *f, enum finding_kind kind, const char *subject,
                  const char *value, const char *who)
{
    struct finding *one = slot(f, kind, subject, value);

    one->count++;
    if (who && one->nwho < COUNT(one->who))
        one->who[one->nwho++] = arena_text(f->mem, who);
}

bool findings_attention(const struct findings *f)
{
    for (size_t i = 0; i < f->n; i++)
        if (kinds[f->list[i].kind].severity == ATTENTION)
            return true;
    return false;
}

size_t findings_count(const struct findings *f, enum finding_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n; i++)
        if (f->list[i].kind == kind)
            n += (size_t)f->list[i].count;
    return n;
}

/* %1$s and %2$s of the table, filled by hand: a format string must not come from a table. */
static void say(struct buf *to, const char *words, const char *subject, const char *value)
{
    for (const char *at = words; *at;) {
        const char *mark = strstr(at, "$s");
        if (!mark || mark < at + 2) {
            buf_puts(to, at);
            return;
        }
        buf_add(to, at, (size_t)(mark - 2 - at));
        const char *text = mark[-1] == '1' ? subject : value;
        buf_puts(to, text ? text : "(several)");
        at = mark + 2;
    }
}

static void write_one(struct json_out *j, const struct finding *one)
{
    AUTO_BUF message = {};
    say(&message, kinds[one->kind].what, one->subject, one->value);
    json_open(j, '{');
    json_put(j, "type", kinds[one->kind].name);
    json_put(j, "severity", kinds[one->kind].severity == ATTENTION ? "attention" : "note");
    json_put(j, "subject", one->subject);
    json_put(j, "value", one->value);
    json_put_num(j, "count", one->count);
    json_key(j, "people");
    json_open(j, '[');
    for (size_t i = 0; i < one->nwho; i++)
        json_str(j, one->who[i]);
    json_close(j, ']');
    json_put(j, "message", message.at);
    json_put(j, "advice", kinds[one->kind].todo);
    json_close(j, '}');
}

char *findings_json(struct arena *a, const struct findings *f)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };

    json_open(&j, '[');
    for (int s = ATTENTION; s >= NOTE; s--)         /* what needs somebody comes first */
        for (size_t i = 0; i < f->n; i++)
            if ((int)kinds[f->list[i].kind].severity == s)
                write_one(&j, &f->list[i]);
    json_close(&j, ']');
    return arena_textn(a, text.at, text.n);
}
