/* cmd_init.c — init and set: the store, the workspace and its settings. */
#include "base/id.h"
#include "base/str.h"
#include "cli/cli.h"
#include "people/workspace.h"

enum err cmd_init(struct cli *c);
enum err cmd_set(struct cli *c);

enum err cmd_init(struct cli *c)
{
    static const struct actor actor = { "cli", "init" };
    int64_t id;
    bool fresh;

    TRY(store_open(c->store_url, STORE_CREATE, &c->store));
    c->w = work_new(c->store, &actor);
    TRY(workspace_make(c->w, c->workspace, &id, &fresh));
    if (c->json)
        printf("{\"workspace\":\"%s\",\"created\":%s}\n", c->workspace, fresh ? "true" : "false");
    else
        printf("The workspace %s is ready in %s%s.\n", c->workspace, c->store_url,
               fresh ? "" : " (it was there already)");
    return OK;
}

enum err cmd_set(struct cli *c)
{
    const struct setting *known = workspace_known_settings();
    const char *value;

    if (c->nargs == 2)
        return workspace_set(c->w, c->args[0], *c->args[1] ? c->args[1] : NULL);
    AUTO_BUF rows = {};
    for (size_t i = 0; known[i].name; i++) {
        if (c->nargs == 1 && !str_eq(known[i].name, c->args[0]))
            continue;
        TRY(workspace_get(c->w, known[i].name, &value));
        if (c->json)
            printf("{\"key\":\"%s\",\"value\":\"%s\"}\n", known[i].name, value);
        buf_printf(&rows, "%s\t%s\t%s\n", known[i].name, value, known[i].help);
    }
    if (rows.n == 0)
        return workspace_get(c->w, c->args[0], &value);         /* says which there are */
    if (!c->json)
        cli_table(c, &rows);
    return OK;
}
