/* connect.c — adding, changing and opening a source. */
#include "sync/connect.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/id.h"
#include "base/str.h"
#include "store/store.h"

static enum err known_kind(const char *kind, const struct source_type **type)
{
    AUTO_BUF known = {};

    *type = source_type_find(kind);
    if (*type)
        return OK;
    for (size_t i = 0; source_types()[i]; i++)
        buf_printf(&known, "%s%s", i ? ", " : "", source_types()[i]->name);
    return errf(ERR_USAGE, "there is no source kind '%s'; there is: %s", kind, known.at);
}

static bool has_secret(const struct source_type *type)
{
    for (size_t i = 0; type->options[i].name; i++)
        if (type->options[i].type == OPT_SECRET)
            return true;
    return false;
}

static const char *seal(struct work *w, int64_t source, const char *secret)
{
    const char *what = arena_printf(w->mem, "source:%s:secret", id_text(source));

    return crypt_seal(w->mem, store_key(w->store), what, str_trim(w->mem, secret));
}

static enum err valid_name(const char *name)
{
    for (const char *s = name; *s; s++)
        if (!isalnum((unsigned char)*s) && !strchr("-_.", *s))
            return errf(ERR_USAGE,
                        "a source's name has letters, digits, '-', '_' and '.' only, not '%s'",
                        name);
    return *name && strlen(name) <= 64 ? OK
                                       : errf(ERR_USAGE, "a source's name has 1 to 64 letters");
}

struct add { struct source_row *row; };

static enum err write_new(struct work *w, void *arg)
{
    struct source_row *row = ((struct add *)arg)->row, *all;
    size_t n;

    TRY(source_rows(w, &all, &n));
    for (size_t i = 0; i < n; i++) {
        if (str_eq(all[i].name, row->name))
            return errf(ERR_CONFLICT, "there is a source '%s' already; give this one a --name",
                        row->name);
        row->place = all[i].place + 1;
    }
    return source_row_put(w, row);
}

static enum err set_options(struct work *w, const struct source_type *type, const char *stored,
                            char *const *assignments, size_t n, const char **json)
{
    struct options *o = options_new(w->mem, type->options);

    TRY(options_from_json(w->mem, o, stored));
    for (size_t i = 0; i < n; i++)
        TRY(options_set(w->mem, o, assignments[i]));
    for (size_t i = 0; type->options[i].name; i++)
        if (type->options[i].required && type->options[i].type != OPT_SECRET && !o->values[i])
            return errf(ERR_USAGE, "%s needs --set %s=… (%s)", type->label, type->options[i].name,
                        type->options[i].help);
    *json = options_json(w->mem, o);
    return OK;
}

enum err source_add(struct work *w, const char *kind, const char *name, char *const *assignments,
                    size_t n, const char *secret, struct source_row *out)
{
    const struct source_type *type;

    TRY(known_kind(kind, &type));
    *out = (struct source_row){
        .id = id_new(), .name = name ? name : kind, .kind = kind, .place = 1, .mapping = ""
    };
    TRY(valid_name(out->name));
    TRY(set_options(w, type, "{}", assignments, n, &out->options));
    if (has_secret(type)) {
        if (str_empty(secret))
            return errf(ERR_USAGE,
                        "%s needs a secret: give it with --secret-file FILE ('-' reads standard "
                        "input) or $MUSTER_SECRET",
                        type->label);
        out->secret = seal(w, out->id, secret);
    }
    struct add add = { out };
    return store_write(w, write_new, &add);
}

static enum err write_change(struct work *w, void *arg)
{
    struct source_row *row = arg;

    TRY(source_row_update(w, row));
    return source_raise_revision(w, row->id);
}

enum err source_change(struct work *w, struct source_row *row, char *const *assignments, size_t n,
                       const char *secret)
{
    const struct source_type *type;

    TRY(known_kind(row->kind, &type));
    TRY(set_options(w, type, row->options, assignments, n, &row->options));
    if (secret && has_secret(type))
        row->secret = seal(w, row->id, secret);
    return store_write(w, write_change, row);
}

enum err source_fetches(const struct source_row *row)
{
    if (!source_inbound(source_type_find(row->kind)))
        return OK;
    return errf(ERR_USAGE,
                "%s is an inbound source: its client sends the changes; there is nothing to fetch",
                row->name);
}

enum err source_maps(const struct source_row *row)
{
    if (!source_inbound(source_type_find(row->kind)))
        return OK;
    return errf(ERR_USAGE,
                "%s is an inbound source: what goes where is laid down by SCIM, it has no mapping",
                row->name);
}

enum err source_connect(struct work *w, const struct source_row *row, struct source *out)
{
    const struct source_type *type;
    char *secret = NULL;

    TRY(source_fetches(row));
    TRY(known_kind(row->kind, &type));
    out->type = type;
    out->name = row->name;
    out->mem = w->mem;
    out->options = options_new(w->mem, type->options);
    TRY(options_from_json(w->mem, out->options, row->options));
    if (row->secret)
        TRY(crypt_open(w->mem, store_key(w->store),
                       arena_printf(w->mem, "source:%s:secret", id_text(row->id)), row->secret,
                       &secret));
    out->secret = secret;
    return source_open(out);
}

/* The default mapping of a kind, or, where every source of the kind is another thing, of this one. */
static enum err default_text(struct work *w, const struct source_row *row,
                             const struct source_type *type, const char **out)
{
    struct source_type fitted = *type;
    struct source s = {};

    if (type->fit) {
        TRY(source_connect(w, row, &s));
        enum err e = source_fit(&s, &fitted);
        if (e == OK)
            *out = mapping_default(w->mem, &fitted);
        source_close(&s);
        return e;
    }
    *out = mapping_default(w->mem, type);
    return OK;
}

enum err source_mapping_text(struct work *w, const struct source_row *row, const char **out)
{
    const struct source_type *type;

    TRY(known_kind(row->kind, &type));
    TRY(source_maps(row));
    if (!*row->mapping)
        return default_text(w, row, type, out);
    *out = row->mapping;
    return OK;
}

enum err source_mapping(struct work *w, const struct attrs *as, const struct source_row *row,
                        struct mapping **out)
{
    const struct source_type *type;
    const char *text;

    TRY(known_kind(row->kind, &type));
    TRY(source_mapping_text(w, row, &text));
    enum err e = mapping_parse(w->mem, as, type, text, out);
    return e == OK ? OK : err_in(e, "the mapping of %s: ", row->name);
}
