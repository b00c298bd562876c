/* manager.c — see manager.h. */
#include "people/manager.h"

#include "base/id.h"
#include "base/str.h"

enum err manager_chain(struct work *w, int64_t id, struct chain *out)
{
    size_t cap = 0;
    int64_t at;

    *out = (struct chain){};
    TRY(manager_of(w, id, &at));
    while (at) {
        for (size_t i = 0; i < out->n; i++)
            if (out->ids[i] == at)
                return errf(ERR_INTERNAL, "the managers above %s form a circle", id_text(id));
        ARENA_GROW(w->mem, out->ids, out->n, cap);
        out->ids[out->n++] = at;
        TRY(manager_of(w, at, &at));
    }
    return OK;
}

static const char *label(struct work *w, const struct attrs *as, int64_t id)
{
    struct person *p = NULL;

    if (people_load(w, as, &id, 1, 0, &p) != OK || !p)
        return arena_text(w->mem, id_text(id));
    return person_label(w->mem, p);
}

enum err manager_check(struct work *w, const struct attrs *as, int64_t id, int64_t manager)
{
    struct chain above;

    if (id == manager)
        return errf(ERR_CONFLICT, "%s cannot be their own manager", label(w, as, id));
    TRY(manager_chain(w, manager, &above));
    for (size_t i = 0; i < above.n; i++)
        if (above.ids[i] == id)
            return errf(ERR_CONFLICT, "%s already manages %s", label(w, as, id),
                        label(w, as, manager));
    return OK;
}
