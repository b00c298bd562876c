/* inbound_claims.c — what the client says becomes claims: canonical text, name by name. */
#include <stdarg.h>
#include <stdio.h>

#include "base/id.h"
#include "base/str.h"
#include "people/level.h"
#include "sync/inbound_in.h"

void writing_note(struct writing *x, const char *fmt, ...)
{
    char words[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    for (size_t n = strlen(words); n && !str_utf8(words, n);)
        words[--n] = '\0';                      /* cut within a letter */
    x->note =
        x->note ? arena_printf(x->w->mem, "%s; %s", x->note, words) : arena_text(x->w->mem, words);
}

bool writing_names(const struct writing *x, const char *attribute)
{
    for (size_t i = 0; i < x->in->n; i++)
        if (str_eq(x->in->says[i].attr->name, attribute))
            return true;
    return false;
}

const struct mark *writing_mark(const struct writing *x, const char *attribute, bool held)
{
    for (size_t i = 0; i < x->nmarks; i++)
        if (str_eq(x->marks[i].attribute, attribute) && (x->marks[i].record != NULL) == held)
            return &x->marks[i];
    return NULL;
}

/* A value the attribute takes; an option or a level may be gone, or come, at any time. */
bool writing_fits(struct writing *x, const struct attr *attr, const char *text)
{
    bool is = !(attr->flags & ATTR_LEVEL) && attr->type != ATTR_SELECT;

    for (size_t i = 0; attr->type == ATTR_SELECT && i < attr->nchoices; i++)
        is |= str_eq(attr->choices[i], text);
    for (size_t i = 0; attr->flags & ATTR_LEVEL && i < x->nlevels; i++)
        is |= str_eq(x->levels[i], text);
    return is;
}

static enum err know_levels(struct writing *x)
{
    if (x->knows_levels)
        return OK;
    x->knows_levels = true;
    return levels_load(x->w, &x->levels, &x->nlevels);
}

/* References stand one in a line; in a claim \x1f is between them, as lists have it everywhere. */
static const char *references(struct arena *a, const char *text)
{
    char *copy = arena_text(a, str_trim(a, text));

    for (char *s = copy; *s; s++)
        if (*s == '\n')
            *s = '\x1f';
    return *copy ? copy : NULL;
}

static enum err claim_state(struct writing *x, const char *text)
{
    enum person_state state = state_read(text);

    if (!text)                                      /* says nothing about it any more */
        return OK;
    if (state != STATE_ACTIVE && state != STATE_DEACTIVATED)
        return errf(ERR_INVALID, "'%s' is no state a client can give; it is active or deactivated",
                    text);
    x->hears_status = true;
    said_set(&x->fresh, "?status", state == STATE_ACTIVE ? "active" : "gone");
    return OK;
}

static enum err claim_one(struct writing *x, const struct value *v)
{
    struct arena *a = x->w->mem;
    const char *text = v->text;

    if (str_eq(v->attr->name, "state"))
        return claim_state(x, text);
    if (v->attr->flags & ATTR_UNMAPPED || (v->attr->flags & ATTR_PLACE && v->attr->name[0] == 't'))
        return errf(ERR_INVALID, "%s is not set like this", v->attr->label);
    if (text && v->attr->flags & ATTR_KEY)
        text = str_trim(a, text);
    if (text && v->attr->flags & ATTR_KEY && !*text)
        text = NULL;
    if (text && v->attr->type == ATTR_PERSON)
        text = references(a, text);
    else if (text && v->attr->type != ATTR_SELECT)
        TRY(attr_canonical(a, v->attr, text, &text));
    if (text && v->attr->flags & ATTR_LEVEL)
        TRY(know_levels(x));
    if (text)
        said_set(&x->fresh, v->attr->name, text);
    else
        said_drop(&x->fresh, v->attr->name);
    return OK;
}

enum err writing_claims(struct writing *x)
{
    const struct inbound *in = x->in;
    bool whole = in->whole || x->revives || !x->before;

    x->fresh.list = NEW_ARRAY(x->w->mem, struct claim, x->old.n + in->n + 4);
    for (size_t i = 0; i < x->old.n; i++)
        if ((!whole && !x->drops) || (x->old.list[i].name[0] == '?' && !x->drops))
            x->fresh.list[x->fresh.n++] = x->old.list[i];
    for (size_t i = 0; i < in->n && !x->drops; i++)
        TRY(claim_one(x, &in->says[i]));
    if ((!x->before || x->revives) && !x->hears_status)
        TRY(claim_state(x, "active"));
    if (!x->drops && !x->before && !said_find(&x->fresh, "user_name"))
        return errf(ERR_INVALID, "userName is required");
    const char *external = said_text(&x->fresh, "external_id");
    x->record = external ? external : arena_printf(x->w->mem, "@%s", id_text(x->id));
    return OK;
}
