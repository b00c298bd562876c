/* tally.c — see tally.h. */
#include "sync/tally.h"

#include <string.h>

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
