/* manager_sql.c — the manager column, and the version that fences its writers. */
#include "people/manager.h"

enum err manager_of(struct work *w, int64_t id, int64_t *manager)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT manager FROM person WHERE workspace = ? AND id = ?",
                    num(w->workspace), num(id)));
    *manager = r.n ? rows_num(&r, 0, 0) : 0;
    return OK;
}

enum err managers_version(struct work *w, int64_t *out)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT managers_version FROM workspace WHERE id = ?",
                    num(w->workspace)));
    *out = r.n ? rows_num(&r, 0, 0) : 0;
    return OK;
}
