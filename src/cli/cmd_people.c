/* cmd_people.c — `muster people`: the list of people, now or on a past day. */
#include "base/str.h"
#include "cli/cli.h"
#include "cli/person_json.h"
#include "people/asof.h"
#include "people/query.h"

struct output {
    struct cli *c;
    const struct attrs *attrs;
    struct buf text;
    size_t n;
};

enum { TABLE_ROWS = 500 };

static void flush_table(struct output *o)
{
    if (o->text.n)
        cli_table(o->c, &o->text);
    buf_clear(&o->text);
}

static enum err print_one(void *arg, const struct profile *p)
{
    struct output *o = arg;

    if (cli_stop)
        return errf(ERR_STOPPED, "stopped after %zu people", o->n);
    o->n++;
    if (o->c->json) {
        struct json_out j = { &o->text };
        buf_clear(&o->text);
        person_json(o->c->w->mem, &j, o->attrs, p);
        cli_print_json(&o->text);
        return OK;
    }
    if (o->n == 1)
        person_table_header(&o->text);
    person_table(o->c->w->mem, &o->text, p);
    if (o->n % TABLE_ROWS == 0)         /* aligned by page: a million people are not kept for the widths */
        flush_table(o);
    return OK;
}

enum err cmd_people(struct cli *c)
{
    struct output o = { c };
    struct attrs *attrs;
    struct query *query = NULL;
    AUTO(asof) *then = NULL;
    int64_t instant;

    TRY(attrs_load(c->w, &attrs));
    o.attrs = attrs;
    if (cli_has(c, "filter"))
        TRY(query_parse(c->mem, attrs, cli_value(c, "filter"), &query));
    if (cli_has(c, "at")) {
        TRY(asof_instant(c->w, cli_value(c, "at"), &instant));
        TRY(asof_open(c->w, attrs, instant, &then));
    }
    struct listing l = { attrs, query, then };
    enum err e = people_each(c->w, &l, print_one, &o);
    if (e == OK && !c->json) {
        flush_table(&o);
        fprintf(stderr, "%s\n", str_count(c->mem, (int64_t)o.n, "person", "people"));
    }
    buf_free(&o.text);
    return e;
}
