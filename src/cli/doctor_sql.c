/* doctor_sql.c — what the database says of itself. */
#include "base/str.h"
#include "cli/doctor.h"
#include "store/store.h"

enum err doctor_database(struct work *w, const char **version)
{
    struct rows r;

    if (str_eq(store_engine(w->store), "sqlite"))
        TRY(store_query_args(w, &r, "SELECT sqlite_version()", NULL, 0));
    else
        TRY(store_query_args(w, &r, "SELECT current_setting('server_version')", NULL, 0));
    *version = r.n ? rows_text(&r, 0, 0) : "unknown";
    return OK;
}
