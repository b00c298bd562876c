/* tally.c — see tally.h. */
#include "sync/tally.h"

#include <string.h>

#include "base/id.h"
#include "base/str.h"

void tally_write(struct json_out *j, const struct tally *t)
{
#define X(name) json_put_num(j, #name, t->name);
    TALLY_FIELDS(X)
#undef X
}

char *tally_json(struct arena *a, const struct tally *t)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };

    json_open(&j, '{');
    tally_write(&j, t);
    json_close(&j, '}');
    return arena_textn(a, text.at, text.n);
}

enum err tally_read(struct arena *a, const char *json, struct tally *out)
{
    yyjson_val *root;

    TRY(json_read_in(a, json, strlen(json), &root));
#define X(name) out->name = json_int(root, #name, 0);
    TALLY_FIELDS(X)
#undef X
    return OK;
}

static enum err count_rows(struct work *w, struct run *r)
{
    int64_t counts[ROW_KINDS], newest;
    struct tally t = {};

    TRY(run_rows_kinds(w, r->id, counts, &newest));
    t.created = counts[ROW_CREATE] + counts[ROW_RESTORE];
    t.updated = counts[ROW_UPDATE] + counts[ROW_LINK] + counts[ROW_MEMBER];
    t.deactivated = counts[ROW_DEACTIVATE] + counts[ROW_WITHDRAW];
    t.suspended = counts[ROW_SUSPEND];
    t.reactivated = counts[ROW_REACTIVATE];
    t.unchanged = counts[ROW_NOTE];
    t.read = t.created + t.updated + t.deactivated + t.suspended + t.reactivated + t.unchanged;
    r->tally = tally_json(w->mem, &t);
    r->rows = t.read + counts[ROW_TEAM];
    r->finished_at = newest ? id_time(r->id + newest) : 0;
    return OK;
}

enum err runs_counted(struct work *w, struct run *runs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(runs[i].kind, "scim"))
            TRY(count_rows(w, &runs[i]));
    return OK;
}
