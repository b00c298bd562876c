/* cmd_scim.c — scim log: what SCIM clients asked, and how it went. */
#include "api/scim_log.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/cli.h"

#define CMD(name, function, ...) enum err function(struct cli *c);
#include "cli/commands.def"
#undef CMD

enum { LINES = 100 };

static enum err read_query(struct cli *c, struct scim_log_query *q)
{
    const char *since = cli_value(c, "since"), *limit = cli_value(c, "limit");
    int64_t span, most = LINES;

    q->failed = cli_has(c, "failed");
    if (since && span_parse(since, &span))
        q->since = c->w->now - span;
    else if (since && !time_parse(since, &q->since))
        return errf(ERR_USAGE,
                    "--since takes a length of time (1h, 7d) or an instant (2026-11-21T04:00:00Z), "
                    "not '%s'",
                    since);
    if (limit && (!str_number(limit, &most) || most < 1))
        return errf(ERR_USAGE, "--limit takes a number from 1 on, not '%s'", limit);
    q->limit = (size_t)MIN(most, 2 * SCIM_LOG_RING);
    return OK;
}

static void print_json(struct cli *c, const struct scim_line *line)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };

    json_open(&j, '{');
    json_put(&j, "id", id_text(line->id));
    json_put(&j, "at", time_text(c->mem, line->at));
    json_put_num(&j, "status", line->status);
    json_put(&j, "method", line->method);
    json_put(&j, "path", line->path);
    json_put_num(&j, "microseconds", line->us);
    json_put(&j, "token", line->token_name);
    json_put(&j, "source", line->source ? id_text(line->source) : NULL);
    json_put(&j, "address", line->address);
    json_put(&j, "agent", line->agent);
    json_put_num(&j, "in", (int64_t)line->in);
    json_put_num(&j, "out", (int64_t)line->out);
    json_put(&j, "detail", line->detail);
    json_put_bool(&j, "body", line->body);
    json_close(&j, '}');
    cli_print_json(&text);
}

/* A cell is one line, and no client writes to the terminal of whoever looks. */
static void put_cell(struct buf *to, const char *s, char end)
{
    for (; s && *s; s++)
        buf_putc(to, (unsigned char)*s < ' ' || *s == 0x7f ? ' ' : *s);
    buf_putc(to, end);
}

static void put_row(struct cli *c, struct buf *rows, const struct scim_line *line)
{
    put_cell(rows, time_text(c->mem, line->at), '\t');
    if (line->status)
        buf_printf(rows, "%d\t%s\t", line->status, line->method ? line->method : "");
    else
        buf_puts(rows, "-\t\t");
    put_cell(rows, line->path, '\t');
    if (line->status)
        buf_printf(rows, "%.1f ms", (double)line->us / 1000);
    buf_putc(rows, '\t');
    put_cell(rows, line->token_name ? line->token_name : "-", '\t');
    buf_printf(rows, "%s\t", id_text(line->id));
    put_cell(rows, line->detail, '\n');
}

enum err cmd_scim_log(struct cli *c)
{
    struct scim_log_query q = {};
    struct scim_line *lines;
    AUTO_BUF rows = {};
    size_t n;

    TRY(read_query(c, &q));
    TRY(scim_log_read(c->w, &q, &lines, &n));
    for (size_t i = 0; i < n; i++) {
        if (c->json)
            print_json(c, &lines[i]);
        else
            put_row(c, &rows, &lines[i]);
    }
    cli_table(c, &rows);
    if (n == 0 && !c->json)
        puts(q.failed || q.since ? "No such request is in the log."
                                 : "No SCIM request is in the log yet.");
    return OK;
}
