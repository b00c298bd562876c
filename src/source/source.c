/* source.c — the kinds of source there are, and opening one. */
#include "source/source.h"

#include "base/str.h"

#define SOURCE(name) extern const struct source_type source_##name;
#include "source/sources.def"
#undef SOURCE

static const struct source_type *const kinds[] = {
#define SOURCE(name) &source_##name,
#include "source/sources.def"
#undef SOURCE
    NULL,
};

const struct source_type *const *source_types(void)
{
    return kinds;
}

const struct source_type *source_type_find(const char *kind)
{
    for (size_t i = 0; kinds[i]; i++)
        if (str_eq(kinds[i]->name, kind))
            return kinds[i];
    return NULL;
}

static const struct option *secret_of(const struct source_type *type)
{
    for (const struct option *o = type->options; o->name; o++)
        if (o->type == OPT_SECRET)
            return o;
    return NULL;
}

enum err source_open(struct source *s)
{
    const struct option *secret = secret_of(s->type);
    enum err e = options_complete(s->options);

    if (e == OK && secret && str_empty(s->secret))
        e = errf(ERR_USAGE, "%s is missing (%s): give it with --secret-file FILE", secret->name,
                 secret->help);
    if (e == OK)
        e = s->type->open(s);
    if (e == OK)
        return OK;
    source_close(s);
    return err_in(e, "source %s: ", s->name);
}

void source_close(struct source *s)
{
    if (s->type->close)
        s->type->close(s);
    client_free(take(s->client));
    s->state = NULL;
}

enum err source_fit(struct source *s, struct source_type *out)
{
    *out = *s->type;
    return s->type->fit ? s->type->fit(s, out) : OK;
}
