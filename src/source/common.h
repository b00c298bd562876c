/*
 * common.h — what the connectors that speak HTTP share: opening the client, getting a JSON
 * document.
 */
#ifndef SOURCE_COMMON_H
#define SOURCE_COMMON_H

#include "base/json.h"
#include "source/source.h"

/* Makes s->client for the API at option `url`. $MUSTER_ALLOW_PRIVATE=1 lets it live on private
 * addresses. */
enum err source_client(struct source *s, const char *authorization, int per_minute);

/* GET of a JSON document into *out, which must be `type` application/json with status 200;
 * otherwise `refuse` makes the error. */
typedef enum err refuse_fn(struct source *s, const struct ask *ask, const struct answer *a);
enum err source_get(struct source *s, const char *path, size_t max, refuse_fn *refuse,
                    struct json **out);

#endif
