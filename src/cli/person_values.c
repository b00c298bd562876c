/* person_values.c — see person_values.h. */
#include "cli/person_values.h"

#include "base/id.h"
#include "base/str.h"
#include "people/level.h"

/* ---- which attribute ---- */

/* How many letters must be changed; more than `most` is told as most + 1. */
static int distance(const char *a, const char *b, int most)
{
    while (*a && *a == *b)
        a++, b++;
    if (!*a && !*b)
        return 0;
    if (most == 0)
        return 1;
    int put = *b ? distance(a, b + 1, most - 1) : most,
        drop = *a ? distance(a + 1, b, most - 1) : most;
    int swap = *a && *b ? distance(a + 1, b + 1, most - 1) : most;
    return 1 + MIN(swap, MIN(put, drop));
}

static const char *bare(const struct attr *attr)
{
    return attr->flags & ATTR_CUSTOM ? attr->name + strlen("custom.") : attr->name;
}

enum err attribute_named(struct work *w, const struct attrs *as, const char *name,
                         const struct attr **out)
{
    *out = attr_find(as, name);
    if (!*out)
        *out = attr_find(as, arena_printf(w->mem, "custom.%s", name));
    if (*out)
        return OK;
    for (int most = 1; most <= 2; most++)
        for (size_t i = 0; i < as->n; i++)
            if (distance(name, as->all[i]->name, most) <= most ||
                distance(name, bare(as->all[i]), most) <= most)
                return errf(ERR_INVALID, "there is no attribute '%s'; did you mean '%s'?", name,
                            as->all[i]->name);
    return errf(ERR_INVALID, "there is no attribute '%s'; `muster attribute list` shows them",
                name);
}

enum err attribute_settable(struct work *w, const struct attrs *as, const char *name,
                            const struct attr **out)
{
    static const struct { const char *name, *instead; } refused[] = {
        { "state", "use `muster person deactivate` and `muster person reactivate`" },
        { "teams", "use `muster team join` and `muster team leave`" },
        { "invite", "it follows from the invites that are sent" },
    };

    TRY(attribute_named(w, as, name, out));
    for (size_t i = 0; i < COUNT(refused); i++)
        if (str_eq((*out)->name, refused[i].name))
            return errf(ERR_USAGE, "%s is not set like this: %s", (*out)->name, refused[i].instead);
    return OK;
}

/* ---- which value ---- */

static enum err person_named(struct work *w, const char *who, const char **out)
{
    int64_t id;

    TRY(person_find(w, who, &id));
    *out = arena_text(w->mem, id_text(id));
    return OK;
}

/* "bo@example.com; cy@example.com" */
static enum err people_named(struct work *w, const char *list, const char **out)
{
    int64_t *ids = NEW_ARRAY(w->mem, int64_t, strlen(list) + 1);
    size_t n = 0;

    while (*list) {
        size_t length = strcspn(list, ",;");
        const char *who = str_trim(w->mem, arena_textn(w->mem, list, length));
        list += length + (list[length] != '\0');
        if (!*who)
            continue;
        TRY(person_find(w, who, &ids[n]));
        bool had = false;
        for (size_t i = 0; i < n && !had; i++)
            had = ids[i] == ids[n];
        n += !had;
    }
    *out = ids_join(w->mem, ids, n);
    return OK;
}

static enum err check_level(struct work *w, const char *text)
{
    const char *const *levels;
    size_t n;

    TRY(levels_load(w, &levels, &n));
    for (size_t i = 0; i < n; i++)
        if (str_eq(levels[i], text))
            return OK;
    return errf(ERR_INVALID,
                "'%s' is not a level; `muster level list` shows them, `muster level add` adds one",
                text);
}

static enum err read_value(struct work *w, const struct attr *attr, const char *text,
                           const char **out)
{
    *out = NULL;
    if (!*text && str_eq(attr->name, "email"))
        return errf(ERR_INVALID, "nobody can be without an e-mail");
    if (!*text)
        return OK;
    if (attr->type == ATTR_PERSON)
        return attr->flags & ATTR_MANY ? people_named(w, text, out) : person_named(w, text, out);
    TRY(attr_canonical(w->mem, attr, text, out));
    return attr->flags & ATTR_LEVEL && *out ? check_level(w, *out) : OK;
}

static bool was_the_email(struct arena *a, const struct person *before)
{
    const char *email = before ? person_text(before, "email") : NULL;
    const char *name = before ? person_text(before, "user_name") : NULL;

    return !name || (email && str_eq(str_fold(a, email), str_fold(a, name)));
}

enum err changes_given(struct work *w, const struct attrs *as, const struct person *before,
                       char *const *words, size_t n, struct changes *out, struct given **given)
{
    static const struct person nobody = {};
    const struct person *p = before ? before : &nobody;
    const struct given *email = NULL, *user_name = NULL;

    *given = NEW_ARRAY(w->mem, struct given, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char *eq = strchr(words[i], '=');
        struct given *g = &(*given)[i];
        if (!eq)
            return errf(ERR_USAGE, "'%s' is not ATTRIBUTE=VALUE (ATTRIBUTE= takes a value away)",
                        words[i]);
        if (!str_utf8(eq + 1, strlen(eq + 1)))
            return errf(ERR_INVALID, "the value of %.*s is not UTF-8", (int)(eq - words[i]),
                        words[i]);
        TRY(attribute_settable(w, as, arena_textn(w->mem, words[i], (size_t)(eq - words[i])),
                               &g->attr));
        TRY(read_value(w, g->attr, eq + 1, &g->text));
        const char *is = person_value(w->mem, p, g->attr, 0);
        if (!str_eq(is, g->text))
            changes_add(w->mem, out, g->attr, is, g->text);
        email = str_eq(g->attr->name, "email") ? g : email;
        user_name = str_eq(g->attr->name, "user_name") ? g : user_name;
    }
    const char *is = person_text(p, "user_name");
    if (email && !user_name && was_the_email(w->mem, before) && !str_eq(is, email->text))
        changes_add(w->mem, out, attr_find(as, "user_name"), is, email->text);
    return OK;
}
