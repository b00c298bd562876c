/* claims.c — see claims.h. */
#include "sync/claims.h"

#include <stdlib.h>

#include "base/str.h"

static int by_rank(const void *a, const void *b)
{
    const struct voice *x = a, *y = b;

    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return (x->link->id > y->link->id) - (x->link->id < y->link->id);
}

enum err voices_read(struct arena *a, const struct rank *ranks, size_t nranks,
                     const struct link *links, size_t n, int64_t but, struct voices *out)
{
    *out = (struct voices){ NEW_ARRAY(a, struct voice, n + 1), 0 };
    for (size_t i = 0; i < n; i++) {
        if (links[i].source == but || links[i].reason == LINK_DELETED)
            continue;
        for (size_t q = 0; q < nranks; q++) {
            if (ranks[q].source != links[i].source)
                continue;
            struct voice *v = &out->list[out->n++];
            *v = (struct voice){ links[i].source, ranks[q].place, &links[i], {} };
            TRY(said_read(a, links[i].said, &v->said));
        }
    }
    if (out->n > 1)
        qsort(out->list, out->n, sizeof *out->list, by_rank);
    return OK;
}

const char *claim_name(const char *attribute)
{
    return str_eq(attribute, "state") ? "?status" : attribute;
}

const struct voice *voices_above(const struct voices *v, int64_t place, const char *attribute)
{
    for (size_t i = 0; i < v->n && v->list[i].place < place; i++)
        if (said_find(&v->list[i].said, claim_name(attribute)))
            return &v->list[i];
    return NULL;
}

const struct voice *voices_below(const struct voices *v, int64_t place, const char *attribute)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->list[i].place >= place && said_find(&v->list[i].said, claim_name(attribute)))
            return &v->list[i];
    return NULL;
}

size_t voices_names_above(struct arena *a, const struct voices *v, int64_t place,
                          const char *const **out)
{
    size_t n = 0, most = 1;

    for (size_t i = 0; i < v->n; i++)
        most += v->list[i].said.n;
    const char **names = NEW_ARRAY(a, const char *, most);
    for (size_t i = 0; i < v->n && v->list[i].place < place; i++)
        for (size_t q = 0; q < v->list[i].said.n; q++) {
            const char *name = v->list[i].said.list[q].name;
            names[n++] = str_eq(name, "?status") ? "state" : name;
        }
    *out = names;
    return n;
}
