/*
 * plan_late.c — people who want a key that somebody else has, and people whose manager has not come
 * yet: perhaps the one gives it up, and the other comes, in this very run. They are decided last, and
 * those who exchange keys are applied in one batch in which the keys are parked first.
 */
#include <stdlib.h>

#include "base/str.h"
#include "sync/plan.h"

/* Outlives the batch: the raw values are copied, everything else is made again. */
void plan_defer(struct plan *p, struct item *it)
{
    it->deferred = true;
    if (p->nlate == p->cap_late) {
        p->cap_late = p->cap_late ? p->cap_late * 2 : 64;
        p->late = must_realloc(p->late, p->cap_late * sizeof *p->late);
    }
    struct item *late = &p->late[p->nlate++];
    *late = (struct item){ .id = arena_text(p->mem, it->id),
                           .hash = it->hash,
                           .digest = it->digest,
                           .known = it->known,
                           .settled = true,
                           .values = NEW_ARRAY(p->mem, struct raw, p->map->want.n + 1) };
    for (size_t i = 0; i < p->map->want.n; i++) {
        late->values[i] = it->values[i];
        if (it->values[i].is >= RAW_TEXT)
            late->values[i].text = arena_textn(p->mem, it->values[i].text, it->values[i].n);
        late->values[i].key = arena_text(p->mem, it->values[i].key);
    }
}

static const char *old_key(struct plan *p, const struct item *it, enum key_kind k)
{
    const char *text = it->before ? person_text(it->before, key_attribute(k)) : NULL;

    return key_fold(p->w->mem, k, text);
}

/* Every key it wants is its own, or given up by a row of this run or by a late one that can go. */
static bool can_go(struct plan *p, const struct item *it, const struct table *giving)
{
    for (enum key_kind k = KEY_EMAIL; k <= KEY_ANCHOR; k++) {
        const char *key = item_key(p, it, k);
        if (!key || !it->holders[k] || (it->before && it->holders[k] == it->before->id))
            continue;
        uint64_t hash = plan_key_hash(p, k, key);
        int64_t *gone = table_find(&p->freed, hash), *late = table_find(giving, hash);
        if (!(gone && *gone == it->holders[k]) && !(late && *late == it->holders[k]))
            return false;
    }
    return true;
}

/* Refusing one keeps its keys taken, which may refuse the next: repeat until it is quiet. */
enum err plan_late_settle(struct plan *p, struct item *items, size_t n)
{
    bool again = true;

    for (size_t i = 0; i < n; i++)
        items[i].keys_free = true;
    while (again) {
        struct table giving = {};
        bool fresh;
        again = false;
        for (size_t i = 0; i < n; i++)
            for (enum key_kind k = KEY_EMAIL; k <= KEY_ANCHOR && items[i].keys_free; k++) {
                const char *is = old_key(p, &items[i], k), *wants = item_key(p, &items[i], k);
                if (is && !str_eq(is, wants))
                    table_put(&giving, plan_key_hash(p, k, is), items[i].before->id, &fresh);
            }
        for (size_t i = 0; i < n; i++)
            if (items[i].keys_free && !can_go(p, &items[i], &giving)) {
                items[i].keys_free = false;
                again = true;
            }
        table_free(&giving);
    }
    return OK;
}

/* New people first: somebody may wait for them. */
static int new_first(const void *a, const void *b)
{
    return (int)((const struct item *)a)->known - (int)((const struct item *)b)->known;
}

enum err plan_late(struct plan *p)
{
    int64_t first = p->run.rows + 1;

    if (p->nlate == 0)
        return OK;
    p->closing = true;
    qsort(p->late, p->nlate, sizeof *p->late, new_first);
    TRY(plan_batch(p, p->late, p->nlate));
    p->together = p->exchanges && p->run.rows >= first ? first : 0;
    p->together_to = p->run.rows;
    return OK;
}
