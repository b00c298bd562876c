/* team.c — the teams of a workspace in memory. */
#include "people/team.h"

#include "base/json.h"
#include "base/str.h"

struct team *team_by_name(const struct teams *t, const char *name)
{
    for (size_t i = 0; i < t->n; i++)
        if (str_eq(t->all[i]->name, name))
            return t->all[i];
    return NULL;
}

struct team *team_by_id(const struct teams *t, int64_t id)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->all[i]->id == id)
            return t->all[i];
    return NULL;
}

struct team *team_meant(const struct teams *t, struct team *named)
{
    for (int hops = 0; named && named->merged && hops < 64; hops++)
        named = team_by_id(t, named->merged);
    return named;
}

struct team *team_alike(struct arena *a, const struct teams *t, const char *name)
{
    const char *squashed = str_squash(a, name);

    for (size_t i = 0; i < t->n; i++)
        if (!str_eq(t->all[i]->name, name) && !t->all[i]->merged &&
            str_eq(str_squash(a, t->all[i]->name), squashed))
            return t->all[i];
    return NULL;
}

const char *team_name_change(struct arena *a, const char *before, const char *after)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };

    json_open(&j, '{');
    json_key(&j, "name");
    json_open(&j, '[');
    json_str(&j, before);
    json_str(&j, after);
    json_close(&j, ']');
    json_close(&j, '}');
    return arena_textn(a, text.at, text.n);
}
