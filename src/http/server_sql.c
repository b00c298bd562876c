/* server_sql.c — see server_sql.h. */
#include "http/server_sql.h"

enum err server_workspace(struct work *w, const char *name)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT id FROM workspace WHERE name = ?", txt(name)));
    if (r.n == 0)
        return errf(ERR_NOT_FOUND, "there is no workspace '%s'", name);
    w->workspace = rows_num(&r, 0, 0);
    return OK;
}
