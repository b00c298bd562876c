/* level_sql.c — level. */
#include "people/level.h"

#include "base/id.h"

enum err levels_load(struct work *w, const char *const **out, size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT name FROM level WHERE workspace = ? ORDER BY place, id",
                    num(w->workspace)));
    const char **names = NEW_ARRAY(w->mem, const char *, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        names[i] = rows_text(&r, i, 0);
    *out = names;
    *n = r.n;
    return OK;
}

static enum err write_add(struct work *w, void *arg)
{
    const char *name = arg;
    struct rows r;

    TRY(store_query(w, &r, "SELECT 1 FROM level WHERE workspace = ? AND name = ?",
                    num(w->workspace), txt(name)));
    if (r.n)
        return errf(ERR_CONFLICT, "there is a level '%s' already", name);
    return store_run(
        w,
        "INSERT INTO level (id, workspace, name, place) SELECT ?, ?, ?, coalesce(max(place), 0) "
        "+ 1 FROM level WHERE workspace = ?",
        num(id_new()), num(w->workspace), txt(name), num(w->workspace));
}

enum err level_add(struct work *w, const char *name)
{
    return store_write(w, write_add, (void *)name);
}

static enum err write_remove(struct work *w, void *arg)
{
    const char *name = arg;
    struct rows r;

    TRY(store_query(w, &r, "DELETE FROM level WHERE workspace = ? AND name = ? RETURNING id",
                    num(w->workspace), txt(name)));
    return r.n ? OK : errf(ERR_NOT_FOUND, "there is no level '%s'", name);
}

enum err level_remove(struct work *w, const char *name)
{
    return store_write(w, write_remove, (void *)name);
}
