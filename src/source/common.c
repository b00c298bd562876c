/* common.c — see common.h. */
#include "source/common.h"

#include <stdlib.h>

#include "base/str.h"

enum err source_client(struct source *s, const char *authorization, int per_minute)
{
    struct client_options o = {
        .label = s->type->label,
        .url = options_get(s->options, "url"),
        .authorization = authorization,
        .per_minute = per_minute,
        .allow_private = str_eq(getenv("MUSTER_ALLOW_PRIVATE"), "1"),
        .stop = s->stop,
        .waiting = s->waiting,
        .waiting_arg = s->waiting_arg,
    };

    return client_new(&o, &s->client);
}

enum err source_get(struct source *s, const char *path, size_t max, refuse_fn *refuse,
                    struct json **out)
{
    struct ask ask = { .method = "GET", .path = path, .max = max };
    AUTO_ANSWER answer = {};

    TRY(client_send(s->client, &ask, &answer));
    if (answer.status != 200 || !str_eq(answer.type, "application/json"))
        return refuse(s, &ask, &answer);
    enum err e = json_read(answer.body.at ? answer.body.at : "", answer.body.n, out);
    return e == OK ? OK : errf(ERR_REMOTE, "%s: GET %s: %s", s->type->label, path, err_text());
}
