/* query_sql.c — pages of people for listings. */
#include "people/query.h"

enum err people_page(struct work *w, int64_t after, size_t most, int64_t *ids, size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT id FROM person WHERE workspace = ? AND id > ? ORDER BY id LIMIT ?",
                    num(w->workspace), num(after), num((int64_t)most)));
    *n = r.n;
    for (size_t i = 0; i < r.n; i++)
        ids[i] = rows_num(&r, i, 0);
    return OK;
}
