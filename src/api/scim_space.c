/*
 * scim_space.c — a workspace's attributes, schema and shapes, made once and compared with the store: every second,
 * and each time by who asks for the schemas.
 *
 * Requests of all threads read the same one. It is made anew only when an admin changed an attribute or a level;
 * the old one stays until the process ends, because somebody may be reading it.
 */
#include <pthread.h>

#include "api/scim_serve.h"
#include "base/clock.h"
#include "base/str.h"
#include "people/level.h"

enum { FRESH_US = 1000000, SLOTS = 1024 };

struct slot {
    int64_t workspace, looked;      /* when it was last compared with the store */
    struct scim_space *now;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct slot slots[SLOTS];
static struct scim_space *all;      /* newest first: also those that were replaced */

static struct slot *slot_of(int64_t workspace)
{
    return &slots[((uint64_t)workspace * 0x9e3779b97f4a7c15) >> 54];
}

static_assert(SLOTS == 1 << (64 - 54));

/* Everything the schema is made from, as one text. */
static const char *sign(struct arena *a, const struct attrs *as, const char *const *levels,
                        size_t n)
{
    AUTO_BUF text = {};

    for (size_t i = 0; i < as->n; i++) {
        const struct attr *one = as->all[i];
        if (!(one->flags & ATTR_CUSTOM))
            continue;
        buf_printf(&text, "%s\x1f%s\x1f%d", one->name, one->label, one->type);
        for (size_t k = 0; k < one->nchoices; k++)
            buf_printf(&text, "\x1f%s", one->choices[k]);
        buf_putc(&text, '\x1e');
    }
    for (size_t i = 0; i < n; i++)
        buf_printf(&text, "\x1d%s", levels[i]);
    return text.at ? arena_textn(a, text.at, text.n) : "";
}

/* Reads the store with an arena of its own, which becomes that of a new space if something is different. */
static enum err look(struct work *w, const struct scim_space *known, struct scim_space **fresh)
{
    AUTO(arena) *mem = arena_new();
    struct work mine = *w;
    struct attrs *as;
    const char *const *levels;
    size_t n;

    *fresh = NULL;
    mine.mem = mem;
    TRY(attrs_load(&mine, &as));
    TRY(levels_load(&mine, &levels, &n));
    const char *signature = sign(mem, as, levels, n);
    if (known && str_eq(known->signature, signature))
        return OK;
    struct scim_space *s = NEW(mem, struct scim_space);
    s->workspace = w->workspace;
    s->attrs = as;
    s->signature = signature;
    s->scim = scim_new(mem, as, levels, n);
    s->shape = user_shape_new(mem, s->scim, as);
    s->mem = take(mem);
    *fresh = s;
    return OK;
}

static const struct scim_space *known_of(int64_t workspace, int64_t now, bool *fresh)
{
    struct slot *slot = slot_of(workspace);
    const struct scim_space *known = NULL;

    pthread_mutex_lock(&lock);
    *fresh = slot->workspace == workspace && slot->now && now - slot->looked < FRESH_US;
    if (slot->workspace == workspace)
        known = slot->now;
    for (struct scim_space *s = all; s && !known; s = s->next)
        if (s->workspace == workspace)
            known = s;
    pthread_mutex_unlock(&lock);
    return known;
}

enum err scim_space_get(struct work *w, bool at_once, const struct scim_space **out)
{
    struct slot *slot = slot_of(w->workspace);
    struct scim_space *made;
    int64_t now = clock_tick();
    bool fresh;

    *out = known_of(w->workspace, now, &fresh);
    if (fresh && !at_once)
        return OK;
    TRY(look(w, *out, &made));
    pthread_mutex_lock(&lock);
    if (made) {
        made->next = all;
        all = made;
        *out = made;
    }
    *slot = (struct slot){ w->workspace, now, (struct scim_space *)*out };
    pthread_mutex_unlock(&lock);
    return OK;
}

void scim_spaces_free(void)
{
    pthread_mutex_lock(&lock);
    while (all) {
        struct scim_space *next = all->next;
        arena_free(all->mem);
        all = next;
    }
    memset(slots, 0, sizeof slots);
    pthread_mutex_unlock(&lock);
}
