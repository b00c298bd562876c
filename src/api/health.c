/* health.c — is the process there, and can it work? For load balancers and supervisors. */
#include "api/api.h"
#include "store/store.h"

static const char plain[] = "text/plain; charset=utf-8";

static enum err get_healthz(struct call *c)
{
    c->type = plain;
    buf_puts(&c->reply, "ok\n");
    return OK;
}

/* The reason is for whoever looks with curl; it names the store, never its password. */
static enum err get_readyz(struct call *c)
{
    c->type = plain;
    if (store_ready(c->work->store) == OK) {
        buf_puts(&c->reply, "ready\n");
        return OK;
    }
    c->status = 503;
    buf_printf(&c->reply, "not ready: %s\n", err_text());
    return OK;
}

const struct route health_routes[] = {
    { GET, "/healthz", 0, LANE_BARE, get_healthz, 0, "Is the process there?" },
    { GET, "/readyz", 0, LANE_BARE, get_readyz, 0, "Can it work? 503 and the reason if not" },
    {},
};
