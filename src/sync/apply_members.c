/* apply_members.c — see apply_members.h. */
#include "sync/apply_members.h"

#include "base/id.h"
#include "base/str.h"
#include "people/group_sql.h"

struct batch {
    struct work *w;
    const struct attrs *attrs;
    int64_t source;
    const struct run_row *rows;
    struct edit *edits;
    size_t n;
};

static bool is_member(const struct batch *b, size_t i)
{
    return b->rows[i].kind == ROW_MEMBER && b->edits[i].changes.n;
}

static enum err find_group(const struct batch *b, const char *record, int64_t *id)
{
    struct group group;

    *id = 0;
    if (!id_read(record, id))
        return OK;
    enum err e = group_load(b->w, b->source, *id, &group);
    if (e == ERR_NOT_FOUND)
        *id = 0;
    return e == ERR_NOT_FOUND ? OK : e;
}

/* In and out of the group of row `first`, together: the group's version rises once. */
static enum err apply_group(const struct batch *b, size_t first)
{
    struct edit *edits = NEW_ARRAY(b->w->mem, struct edit, b->n + 1);
    size_t *whose = NEW_ARRAY(b->w->mem, size_t, b->n + 1), n = 0;
    int64_t id;

    for (size_t i = first; i < b->n; i++)
        if (is_member(b, i) && str_eq(b->rows[i].record, b->rows[first].record)) {
            whose[n] = i;
            edits[n++] = b->edits[i];
        }
    TRY(find_group(b, b->rows[first].record, &id));
    struct apply_context c = {
        .attrs = b->attrs, .owner = id, .settled = true, .expect_before = true
    };
    if (id) {
        TRY(people_apply(b->w, &c, edits, n));
        TRY(groups_touch(b->w, &id, 1));
    }
    for (size_t i = 0; i < n; i++) {
        if (!id) {
            edits[i].result = EDIT_STALE;
            edits[i].why = "the group is not there any more";
        }
        b->edits[whose[i]] = edits[i];
    }
    return OK;
}

enum err apply_members(struct work *w, const struct attrs *as, int64_t source,
                       const struct run_row *rows, struct edit *edits, size_t n)
{
    struct batch b = { w, as, source, rows, edits, n };

    for (size_t i = 0; i < n; i++) {
        bool first = is_member(&b, i);
        for (size_t q = 0; q < i && first; q++)
            first = !is_member(&b, q) || !str_eq(rows[q].record, rows[i].record);
        if (first)
            TRY(apply_group(&b, i));
    }
    return OK;
}
