/* cmd_token.c — tokens of programs: add, list, revoke. */
#include "auth/token.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/cli.h"
#include "people/asof.h"
#include "sync/inbound.h"

#define CMD(name, function, ...) enum err function(struct cli *c);
#include "cli/commands.def"
#undef CMD

static const char default_source[] = "scim";

/* ---- add ---- */

struct adding {
    struct token token;
    const char *source;             /* NULL: the class has none */
    const char *secret;
};

static enum err add(struct work *w, void *arg)
{
    struct adding *a = arg;
    struct source_row source;

    if (a->source) {
        TRY(inbound_source(w, a->source, true, &source));
        a->token.source = source.id;
    }
    return token_add(w, &a->token, &a->secret);
}

/* "90d", or the end of a day, or an instant. */
static enum err read_expiry(struct cli *c, const char *text, int64_t *out)
{
    int64_t span;

    if (span_parse(text, &span))
        *out = c->w->now + span;
    else if (asof_instant(c->w, text, out) != OK)
        return errf(ERR_USAGE,
                    "--expires takes a length of time (90d, 12h) or a date (2027-01-31), not '%s'",
                    text);
    if (*out <= c->w->now)
        return errf(ERR_USAGE, "--expires %s is over already", text);
    return OK;
}

static enum err read_request(struct cli *c, struct adding *a)
{
    const char *expires = cli_value(c, "expires"), *source = cli_value(c, "source");

    if (!token_class_read(c->args[0], &a->token.class))
        return errf(ERR_USAGE, "a token is of class scim, content or admin, not '%s'", c->args[0]);
    a->token.name = cli_value(c, "name");
    if (str_empty(a->token.name))
        return errf(ERR_USAGE, "the token needs a name, so that it can be told from others: "
                               "--name 'Entra ID'");
    if (a->token.class == TOKEN_SCIM)
        a->source = source ? source : default_source;
    else if (source)
        return errf(ERR_USAGE, "--source goes with a SCIM token: no other belongs to a source");
    return expires ? read_expiry(c, expires, &a->token.expires_at) : OK;
}

static void put_time(struct json_out *j, struct arena *mem, const char *key, int64_t at)
{
    json_put(j, key, at ? time_text(mem, at) : NULL);
}

static void print_new(struct cli *c, const struct adding *a)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };

    if (!c->json) {
        puts(a->secret);
        return;
    }
    json_open(&j, '{');
    json_put(&j, "name", a->token.name);
    json_put(&j, "class", token_class_name(a->token.class));
    json_put(&j, "source", a->source);
    put_time(&j, c->mem, "expires_at", a->token.expires_at);
    json_put(&j, "token", a->secret);
    json_close(&j, '}');
    cli_print_json(&text);
}

enum err cmd_token_add(struct cli *c)
{
    struct adding a = {};

    TRY(read_request(c, &a));
    TRY(store_write(c->w, add, &a));
    print_new(c, &a);
    fflush(stdout);                             /* the token first, wherever both go */
    fputs("muster: the token is shown only now; keep it where the program that uses it finds it\n",
          stderr);
    if (a.token.class == TOKEN_SCIM)
        fputs("muster: the base URL for the client is this server's public address with /scim/v2, "
              "for example https://muster.example.com/scim/v2\n",
              stderr);
    return OK;
}

/* ---- list and revoke ---- */

static const char *source_name(const struct source_row *sources, size_t n, int64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (sources[i].id == id)
            return sources[i].name;
    return NULL;
}

static void print_json(struct cli *c, const struct token *t, const char *source)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };

    json_open(&j, '{');
    json_put(&j, "id", id_text(t->id));
    json_put(&j, "class", token_class_name(t->class));
    json_put(&j, "name", t->name);
    json_put(&j, "source", source);
    put_time(&j, c->mem, "created_at", t->created_at);
    put_time(&j, c->mem, "expires_at", t->expires_at);
    put_time(&j, c->mem, "used_at", t->used_at);
    json_close(&j, '}');
    cli_print_json(&text);
}

static void put_row(struct cli *c, struct buf *rows, const struct token *t, const char *source)
{
    buf_printf(rows, "%s\t%s\t%s\tcreated %s\t", token_class_name(t->class), t->name,
               source ? source : "-", time_text(c->mem, t->created_at));
    if (t->expires_at)
        buf_printf(rows, "%s %s\t", t->expires_at > c->w->now ? "expires" : "expired",
                   time_text(c->mem, t->expires_at));
    else
        buf_puts(rows, "never expires\t");
    if (t->used_at)
        buf_printf(rows, "last used %s\n", time_text(c->mem, t->used_at));
    else
        buf_puts(rows, "never used\n");
}

enum err cmd_token_list(struct cli *c)
{
    struct source_row *sources;
    struct token *all;
    AUTO_BUF rows = {};
    size_t n, nsources;

    TRY(token_list(c->w, &all, &n));
    TRY(source_rows(c->w, &sources, &nsources));
    for (size_t i = 0; i < n; i++) {
        const char *source = source_name(sources, nsources, all[i].source);
        if (c->json)
            print_json(c, &all[i], source);
        else
            put_row(c, &rows, &all[i], source);
    }
    cli_table(c, &rows);
    if (n == 0 && !c->json)
        puts("There is no token yet; `muster token add scim --name NAME` makes one.");
    return OK;
}

enum err cmd_token_revoke(struct cli *c)
{
    TRY(token_revoke(c->w, c->args[0]));
    if (!c->json)
        fprintf(stderr, "The token '%s' is revoked; a running server refuses it within a second.\n",
                c->args[0]);
    return OK;
}
