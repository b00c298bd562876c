/* inbound_source.c — the SCIM sources of a workspace, by name. */
#include "base/str.h"
#include "sync/inbound.h"

static enum err find(struct work *w, const char *name, struct source_row *out, bool *found)
{
    struct source_row *all;
    size_t n;

    *found = false;
    TRY(source_rows(w, &all, &n));
    for (size_t i = 0; i < n && !*found; i++)
        if (str_eq(all[i].name, name)) {
            *out = all[i];
            *found = true;
        }
    return OK;
}

enum err inbound_source(struct work *w, const char *name, bool make, struct source_row *out)
{
    bool found;

    TRY(find(w, name, out, &found));
    if (!found && !make)
        return source_row_load(w, name, out);           /* says which there are */
    if (!found)
        TRY(source_add(w, "scim", name, NULL, 0, NULL, out));
    if (!str_eq(out->kind, "scim"))
        return errf(ERR_USAGE,
                    "the source '%s' is of kind %s: people are read from it. Name another with "
                    "--source; it is made if it is not there",
                    name, out->kind);
    return OK;
}
