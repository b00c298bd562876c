/* sample.c — see sample.h. */
#include "sync/sample.h"

#include <stdio.h>

#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "people/history.h"

enum { PEOPLE = 20, MOST_FIELDS = 400 };

struct gathered {
    struct arena *mem;
    struct field *fields;
    size_t n, cap;
    int64_t *filled, seen;
    const char **examples;          /* three per field */
};

static enum err gather(void *arg, const struct field *f)
{
    struct gathered *g = arg;

    ARENA_GROW(g->mem, g->fields, g->n, g->cap);
    g->fields[g->n++] =
        (struct field){ arena_text(g->mem, f->id), arena_text(g->mem, f->label),
                        arena_text(g->mem, f->type), arena_text(g->mem, f->category), f->custom };
    return OK;
}

static enum err look(void *arg, const struct record *r)
{
    struct gathered *g = arg;
    size_t n = MIN(g->n, (size_t)MOST_FIELDS);

    g->seen++;
    for (size_t i = 0; i < n; i++) {
        const struct raw *v = &r->values[i];
        if (v->is < RAW_TEXT)
            continue;
        g->filled[i]++;
        for (size_t q = 0; q < 3 && g->seen <= PEOPLE; q++) {
            const char **at = &g->examples[i * 3 + q];
            const char *text = *at ? NULL : arena_textn(g->mem, v->text, MIN(v->n, (size_t)40));
            if (*at && strlen(*at) == MIN(v->n, (size_t)40) &&
                memcmp(*at, v->text, strlen(*at)) == 0)
                break;
            if (text) {
                *at = text;
                break;
            }
        }
    }
    return OK;
}

/* Asking for people's values is an act of an administrator: it is in the history, without them. */
static enum err record_asking(struct work *w, void *arg)
{
    struct run run = { .id = id_new(),
                       .kind = "samples",
                       .state = "applied",
                       .started_at = w->now,
                       .finished_at = w->now,
                       .actor = arena_printf(w->mem, "%s:%s", w->actor->kind, w->actor->name),
                       .outcome = arena_printf(w->mem, "{\"source\":\"%s\"}", (const char *)arg) };

    return run_put(w, &run);
}

static void print_json(const struct gathered *g, size_t i, bool samples)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };

    json_open(&j, '{');
    json_put(&j, "id", g->fields[i].id);
    json_put(&j, "label", g->fields[i].label);
    json_put(&j, "type", g->fields[i].type);
    json_put(&j, "category", g->fields[i].category);
    json_put_bool(&j, "custom", g->fields[i].custom);
    if (samples && i < MOST_FIELDS) {
        json_put_num(&j, "filled_percent", g->filled[i] * 100 / MAX(g->seen, 1));
        json_key(&j, "samples");
        json_open(&j, '[');
        for (size_t q = 0; q < 3 && g->examples[i * 3 + q]; q++)
            json_str(&j, g->examples[i * 3 + q]);
        json_close(&j, ']');
    }
    json_close(&j, '}');
    puts(text.at);
}

enum err sample_fields(struct work *w, struct source *s, bool samples, bool json, const char *name)
{
    struct gathered g = { .mem = w->mem };

    TRY(s->type->fields(s, gather, &g));
    if (samples) {
        size_t n = MIN(g.n, (size_t)MOST_FIELDS);
        const char **ids = NEW_ARRAY(w->mem, const char *, n + 1);
        for (size_t i = 0; i < n; i++)
            ids[i] = g.fields[i].id;
        g.filled = NEW_ARRAY(w->mem, int64_t, n + 1);
        g.examples = NEW_ARRAY(w->mem, const char *, n * 3 + 3);
        struct want want = { ids, n };
        TRY(store_write(w, record_asking, (void *)name));
        TRY(s->type->fetch(s, &want, look, &g));
    }
    for (size_t i = 0; i < g.n; i++) {
        if (json) {
            print_json(&g, i, samples);
            continue;
        }
        printf("%-40s %-30s %-12s %s%s", g.fields[i].id, g.fields[i].label, g.fields[i].type,
               g.fields[i].category, g.fields[i].custom ? " (custom)" : "");
        if (samples && i < MOST_FIELDS)
            printf("  %3lld %%  %s%s%s", (long long)(g.filled[i] * 100 / MAX(g.seen, 1)),
                   g.examples[i * 3] ? g.examples[i * 3] : "", g.examples[i * 3 + 1] ? " | " : "",
                   g.examples[i * 3 + 1] ? g.examples[i * 3 + 1] : "");
        putchar('\n');
    }
    return OK;
}
