/* cmd_mapping.c — the mapping file of a source: export, import, test. */
#include "base/str.h"
#include "cli/cli.h"
#include "sync/connect.h"

#define CMD(name, function, ...) enum err function(struct cli *c);
#include "cli/commands.def"
#undef CMD

enum err cmd_mapping_export(struct cli *c)
{
    struct source_row row;

    const char *text;

    TRY(source_row_load(c->w, c->args[0], &row));
    TRY(source_mapping_text(c->w, &row, &text));
    fputs(text, stdout);
    return OK;
}

static enum err parse_file(struct cli *c, const struct source_row *row, const char *path,
                           const char **yaml, struct mapping **map)
{
    struct attrs *as;

    TRY(cli_read(c, path, MB(1), yaml));
    TRY(attrs_load(c->w, &as));
    enum err e = mapping_parse(c->w->mem, as, source_type_find(row->kind), *yaml, map);
    return e == OK ? OK : err_in(e, "%s: ", path);
}

static enum err make_active(struct work *w, void *arg)
{
    struct source_row *row = arg;

    TRY(source_row_update(w, row));
    return source_raise_revision(w, row->id);
}

static enum err keep_draft(struct work *w, void *arg)
{
    return source_row_update(w, arg);
}

enum err cmd_mapping_import(struct cli *c)
{
    struct source_row row;
    struct mapping *map;
    const char *yaml;

    TRY(source_row_load(c->w, c->args[0], &row));
    TRY(source_maps(&row));
    TRY(parse_file(c, &row, c->args[1], &yaml, &map));
    if (cli_has(c, "draft")) {
        row.draft = yaml;
        TRY(store_write(c->w, keep_draft, &row));
        fprintf(stderr, "The draft is kept; the active mapping of %s is as it was.\n", row.name);
        return OK;
    }
    row.mapping = yaml;
    row.draft = NULL;
    TRY(store_write(c->w, make_active, &row));
    fprintf(stderr,
            "The mapping of %s is active: %zu rows, %zu fields are asked of it. `muster plan %s` "
            "shows what "
            "would change.\n",
            row.name, map->nrows, map->want.n, row.name);
    return OK;
}

enum err cmd_mapping_test(struct cli *c)
{
    struct source_row row;
    struct mapping *map;
    struct attrs *as;
    const char *yaml;

    TRY(source_row_load(c->w, c->args[0], &row));
    TRY(source_maps(&row));
    if (c->nargs == 2) {
        TRY(parse_file(c, &row, c->args[1], &yaml, &map));
    } else {
        TRY(attrs_load(c->w, &as));
        TRY(source_mapping(c->w, as, &row, &map));
    }
    puts("The mapping is sound and its tests hold.");
    return OK;
}
