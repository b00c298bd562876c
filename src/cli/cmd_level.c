/* cmd_level.c — `muster level …`: the workspace's levels. Sources look again at everybody after a change. */
#include "people/level.h"

#include "cli/cli.h"
#include "sync/connect.h"

struct level_edit {
    enum err (*change)(struct work *w, const char *name);
    const char *name;
};

static enum err write_level(struct work *w, void *arg)
{
    const struct level_edit *e = arg;

    TRY(e->change(w, e->name));
    return source_raise_revision(w, 0);
}

enum err cmd_level_add(struct cli *c)
{
    struct level_edit e = { level_add, c->args[0] };

    TRY(store_write(c->w, write_level, &e));
    return cmd_level_list(c);
}

enum err cmd_level_remove(struct cli *c)
{
    struct level_edit e = { level_remove, c->args[0] };

    TRY(store_write(c->w, write_level, &e));
    return cmd_level_list(c);
}

enum err cmd_level_list(struct cli *c)
{
    const char *const *levels;
    AUTO_BUF text = {};
    size_t n;

    TRY(levels_load(c->w, &levels, &n));
    for (size_t i = 0; i < n; i++) {
        if (!c->json) {
            printf("%s\n", levels[i]);
            continue;
        }
        struct json_out j = { &text };
        buf_clear(&text);
        json_open(&j, '{');
        json_put(&j, "name", levels[i]);
        json_put_num(&j, "place", (int64_t)i + 1);
        json_close(&j, '}');
        cli_print_json(&text);
    }
    return OK;
}
