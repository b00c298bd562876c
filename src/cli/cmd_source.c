/* cmd_source.c — sources: add, list, show, set, check, fields, pause, resume, remove. */
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/cli.h"
#include "people/history.h"
#include "sync/connect.h"
#include "sync/sample.h"

#define CMD(name, function, ...) enum err function(struct cli *c);
#include "cli/commands.def"
#undef CMD

enum err cmd_source_add(struct cli *c)
{
    struct source_row row;
    const char *secret;
    char **set;
    size_t n = cli_values(c, "set", &set);

    TRY(cli_secret(c, &secret));
    TRY(source_add(c->w, c->args[0], cli_value(c, "name"), set, n, secret, &row));
    if (c->json)
        printf("{\"id\":\"%s\",\"name\":\"%s\",\"kind\":\"%s\"}\n", id_text(row.id), row.name,
               row.kind);
    else
        printf("%s\n", row.name);
    return OK;
}

static enum err source_json(struct cli *c, const struct source_row *s, struct json_out *j)
{
    struct run *last;
    size_t n;

    TRY(runs_list(c->w, s->id, 1, &last, &n));
    json_open(j, '{');
    json_put(j, "id", id_text(s->id));
    json_put(j, "name", s->name);
    json_put(j, "kind", s->kind);
    json_put_num(j, "rank", s->place);
    json_key(j, "options");
    json_raw(j, s->options, strlen(s->options));
    json_put_bool(j, "secret", s->secret != NULL);
    json_put_bool(j, "paused", s->paused);
    json_put_bool(j, "draft", s->draft != NULL);
    json_put(j, "trouble", s->trouble);
    json_put(j, "last_run", n ? id_text(last[0].id) : NULL);
    json_put(j, "last_state", n ? last[0].state : NULL);
    json_close(j, '}');
    return OK;
}

enum err cmd_source_list(struct cli *c)
{
    struct source_row *all;
    AUTO_BUF rows = {};
    size_t n;

    TRY(source_rows(c->w, &all, &n));
    for (size_t i = 0; i < n; i++) {
        struct run *last;
        size_t runs;
        if (c->json) {
            AUTO_BUF text = {};
            struct json_out j = { &text };
            TRY(source_json(c, &all[i], &j));
            cli_print_json(&text);
            continue;
        }
        TRY(runs_list(c->w, all[i].id, 1, &last, &runs));
        buf_printf(&rows, "%s\t%s\t%s\t%s\n", all[i].name, all[i].kind,
                   all[i].paused    ? "paused"
                   : all[i].trouble ? "in need of attention"
                   : runs           ? last[0].state
                   : source_inbound(source_type_find(all[i].kind)) ? "waiting for its client"
                                                                   : "never run",
                   runs ? time_text(c->mem, last[0].started_at) : "");
    }
    cli_table(c, &rows);
    if (n == 0 && !c->json)
        puts("There is no source yet; `muster source add KIND` makes one.");
    return OK;
}

enum err cmd_source_show(struct cli *c)
{
    struct source_row row;
    AUTO_BUF text = {};
    struct json_out j = { &text };

    TRY(source_row_load(c->w, c->args[0], &row));
    TRY(source_json(c, &row, &j));
    if (c->json) {
        cli_print_json(&text);
        return OK;
    }
    printf("%s (%s), rank %lld%s\n", row.name, row.kind, (long long)row.place,
           row.paused ? ", paused" : "");
    printf("options: %s\n", row.options);
    printf("secret:  %s\n", row.secret ? "kept sealed" : "none");
    if (source_inbound(source_type_find(row.kind)))
        puts("mapping: none: its client sends the changes");
    else
        printf("mapping: %s\n", *row.mapping ? "its own" : "the default of its kind");
    if (row.draft)
        puts("         a draft is waiting");
    if (row.trouble)
        printf("in need of attention: %s\n", row.trouble);
    return OK;
}

static enum err update(struct work *w, void *row)
{
    return source_row_update(w, row);
}

enum err cmd_source_set(struct cli *c)
{
    struct source_row row;
    const char *secret, *rank = cli_value(c, "rank");
    char **set;
    size_t n = cli_values(c, "set", &set);

    TRY(source_row_load(c->w, c->args[0], &row));
    TRY(cli_secret(c, &secret));
    if (rank && (!str_number(rank, &row.place) || row.place < 1))
        return errf(ERR_USAGE, "--rank takes a number from 1 on, not '%s'", rank);
    return source_change(c->w, &row, set, n, secret);
}

static enum err set_paused(struct cli *c, bool paused)
{
    struct source_row row;

    TRY(source_row_load(c->w, c->args[0], &row));
    row.paused = paused;
    return store_write(c->w, update, &row);
}

enum err cmd_source_pause(struct cli *c)
{
    return set_paused(c, true);
}

/* A source that is read shows by its next run that all is well; one that sends by itself has no runs to show. */
static enum err settle(struct work *w, void *arg)
{
    const struct source_row *row = arg;

    return str_eq(row->kind, "scim") ? source_row_trouble(w, row->id, NULL) : OK;
}

enum err cmd_source_resume(struct cli *c)
{
    struct source_row row;

    TRY(set_paused(c, false));
    TRY(source_row_load(c->w, c->args[0], &row));
    return store_write(c->w, settle, &row);
}

static enum err drop(struct work *w, void *row)
{
    return source_row_drop(w, ((struct source_row *)row)->id);
}

enum err cmd_source_remove(struct cli *c)
{
    struct source_row row;

    TRY(source_row_load(c->w, c->args[0], &row));
    return store_write(c->w, drop, &row);
}

/* ---- check and fields ---- */

struct checking { struct cli *c; int unreadable; };

static enum err show_check(void *arg, const struct check_line *line)
{
    struct checking *k = arg;

    k->unreadable += !line->readable;
    if (k->c->json) {
        AUTO_BUF text = {};
        struct json_out j = { &text };
        json_open(&j, '{');
        json_put(&j, "field", line->field);
        json_put(&j, "label", line->label);
        json_put_bool(&j, "readable", line->readable);
        json_put(&j, "advice", line->advice);
        json_close(&j, '}');
        cli_print_json(&text);
    } else if (line->readable && line->advice) {
        printf("note     %s (%s)\n         %s\n", line->field, line->label ? line->label : "",
               line->advice);
    } else if (line->readable) {
        printf("ok       %s (%s)\n", line->field, line->label ? line->label : "");
        if (line->advice)
            printf("         %s\n", line->advice);
    } else {
        printf("MISSING  %s (%s)\n         %s\n", line->field, line->label ? line->label : "",
               line->advice ? line->advice : "");
    }
    return OK;
}

static enum err connect_row(struct cli *c, struct source *s, struct mapping **map)
{
    struct source_row row;
    struct attrs *as;

    TRY(source_row_load(c->w, c->args[0], &row));
    TRY(attrs_load(c->w, &as));
    TRY(source_mapping(c->w, as, &row, map));
    s->stop = &cli_stop;
    s->waiting = cli_waiting;
    return source_connect(c->w, &row, s);
}

enum err cmd_source_check(struct cli *c)
{
    struct source s = {};
    struct mapping *map;
    struct checking k = { c, 0 };

    TRY(connect_row(c, &s, &map));
    enum err e = s.type->check(&s, &map->want, show_check, &k);
    source_close(&s);
    TRY(e);
    c->status = k.unreadable > 0;
    if (!c->json)
        printf(k.unreadable ? "%d of the mapped fields cannot be read.\n"
                            : "Everything that is mapped can be read.\n",
               k.unreadable);
    return OK;
}

enum err cmd_source_fields(struct cli *c)
{
    struct source s = {};
    struct mapping *map;

    TRY(connect_row(c, &s, &map));
    enum err e = sample_fields(c->w, &s, cli_has(c, "samples"), c->json, c->args[0]);
    source_close(&s);
    return e;
}
