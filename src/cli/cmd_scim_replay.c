/* cmd_scim_replay.c — scim replay: a recorded request, tried again without consequences. */
#include "api/scim_log.h"
#include "base/id.h"
#include "cli/cli.h"

#define CMD(name, function, ...) enum err function(struct cli *c);
#include "cli/commands.def"
#undef CMD

static void print_json(const struct scim_request *r, int status, const struct buf *answer)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };

    json_open(&j, '{');
    json_put(&j, "method", r->method);
    json_put(&j, "path", r->path);
    json_put_num(&j, "status", status);
    json_key(&j, "answer");
    if (answer->n)
        json_raw(&j, answer->at, answer->n);
    else
        json_null(&j);
    json_close(&j, '}');
    cli_print_json(&text);
}

enum err cmd_scim_replay(struct cli *c)
{
    struct scim_request r;
    AUTO_BUF answer = {};
    int64_t id;
    int status = 0;

    if (!cli_has(c, "dry-run"))
        return errf(ERR_USAGE,
                    "a request is only tried again with --dry-run, which changes nothing; "
                    "to have it carried out, let its client send it again");
    if (!id_read(c->args[0], &id))
        return errf(ERR_USAGE, "'%s' is no request; `muster scim log` lists them with their ids",
                    c->args[0]);
    TRY(scim_log_request(c->w, id, &r));
    TRY(scim_dry_run(c->w, &r, &answer, &status));
    if (c->json) {
        print_json(&r, status, &answer);
    } else {
        printf("%s %s%s%s: it would be answered with %d. Nothing was changed.\n", r.method, r.path,
               r.query ? "?" : "", r.query ? r.query : "", status);
        if (answer.n)
            printf("%s\n", answer.at);
    }
    c->status = status >= 400;
    return OK;
}
