/*
 * inbound_decide.c — claims become what the person is to be: the highest rank is heard, overrides stand above
 * all, and what was undone is not done again while the client says the same.
 */
#include <stdlib.h>

#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "sync/inbound_in.h"

static void want(struct writing *x, const struct attr *attr, const char *text)
{
    x->wanted[x->nwanted++] = (struct value){ attr, text };
}

static bool is_current(const struct writing *x, const struct attr *attr, const char *text)
{
    return x->before && str_eq(person_value(x->w->mem, x->before, attr, x->house.source), text);
}

/* The person's anchor is that of the first-ranked source they have, whether it says one or not. */
static bool outranks(const struct writing *x, const char *attribute)
{
    if (str_eq(attribute, "external_id") && x->others.n && x->others.list[0].place < x->house.place)
        return true;
    return voices_above(&x->others, x->house.place, attribute) != NULL;
}

/* What stands in the way of our claim, in words for the client; NULL: nothing. */
static const char *in_the_way(struct writing *x, const struct attr *attr, const struct claim *ours)
{
    struct arena *a = x->w->mem;
    const struct mark *held = writing_mark(x, attr->name, true);

    if (writing_mark(x, attr->name, false))
        return arena_printf(a, "%s is overridden by an admin", attr->label);
    if (outranks(x, attr->name))
        return arena_printf(a, "%s is kept as a claim: a source of a higher rank says it",
                            attr->label);
    if (ours && !writing_fits(x, attr, ours->text))
        return arena_printf(a, "'%s' is not an option of %s", ours->text, attr->label);
    if (held && str_eq(held->text, ours ? ours->text : NULL))
        return arena_printf(a, "%s is held back since it was undone", attr->label);
    return NULL;
}

static enum err end_hold(struct writing *x, const char *attribute)
{
    const struct mark *held = writing_mark(x, attribute, true);

    return held ? held_drop(x->w, x->house.source, held->record, attribute) : OK;
}

static enum err decide_one(struct writing *x, const struct attr *attr)
{
    const struct claim *ours = said_find(&x->fresh, attr->name);
    const struct voice *next = voices_below(&x->others, x->house.place, attr->name);
    const char *why = in_the_way(x, attr, ours);
    bool keep = false;

    if (why) {
        if (ours && !is_current(x, attr, ours->text) && !str_eq(attr->name, "external_id"))
            writing_note(x, "%s", why);
        return OK;
    }
    TRY(end_hold(x, attr->name));
    const char *text = ours ? ours->text : next ? said_text(&next->said, attr->name) : NULL;
    if (!ours && text && !writing_fits(x, attr, text))
        return OK;
    if (attr->type == ATTR_PERSON)
        TRY(writing_refs(x, attr, ours || !next ? x->house.source : next->source, text, &text,
                         &keep));
    if (!text && attr_key_kind(attr) == KEY_USER_NAME)
        keep = true;                                /* nobody is left without one */
    if (!keep)
        want(x, attr, text);
    return OK;
}

/* ---- teams ---- */

bool house_makes_teams(const struct house *h, const char *attribute)
{
    size_t n = strlen(attribute);

    for (const char *s = strstr(h->teams, attribute); s; s = strstr(s + 1, attribute))
        if ((s == h->teams || s[-1] == ',' || s[-1] == ' ') &&
            (s[n] == '\0' || s[n] == ',' || s[n] == ' '))
            return true;
    return false;
}

enum err inbound_team(struct work *w, const struct house *h, const char *name, int64_t *id)
{
    struct team team;

    TRY(team_find(w, name, &team));
    *id = team.id;
    if (team.id)
        return OK;
    *id = id_new();
    team = (struct team){ .id = *id, .name = name, .kind = TEAM_SYNCED, .source = h->source };
    TRY(team_put(w, &team));
    struct run_row row = { .person = *id,
                           .kind = ROW_TEAM,
                           .changes = team_name_change(w->mem, NULL, name) };
    return inbound_row(w, h, &row);
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The value whose team it is: ours as far as it is heard; what is held back stays as it is. */
static const char *team_name(struct writing *x, const struct attr *attr)
{
    const struct claim *ours = said_find(&x->fresh, attr->name);
    const struct mark *held = writing_mark(x, attr->name, true);

    if (held && str_eq(held->text, ours ? ours->text : NULL))
        return x->before ? person_text(x->before, attr->name) : NULL;
    return ours && !in_the_way(x, attr, ours) ? ours->text : NULL;
}

static enum err decide_teams(struct writing *x)
{
    const struct attrs *as = x->in->attrs;
    int64_t ids[16] = {};
    size_t n = 0, kept = 0;

    for (size_t i = 0; i < as->n && n < COUNT(ids); i++) {
        const char *name =
            house_makes_teams(&x->house, as->all[i]->name) ? team_name(x, as->all[i]) : NULL;
        if (name && *name)
            TRY(inbound_team(x->w, &x->house, name, &ids[n++]));
    }
    qsort(ids, n, sizeof *ids, by_id);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || ids[i] != ids[i - 1])
            ids[kept++] = ids[i];
    want(x, attr_builtin("teams"), ids_join(x->w->mem, ids, kept));
    return OK;
}

/* ---- state ---- */

/* Retired by this source, or by nobody that still says so: then it may take them back. */
static bool may_return(const struct writing *x)
{
    const char *was = said_text(&x->old, "?status");

    if (x->revives || x->before->state == STATE_WITHDRAWN)
        return true;
    if (str_eq(was, "active"))
        return false;                               /* repeats itself: an admin's word stands */
    if (said_find(&x->old, "?retired"))
        return true;
    for (size_t i = 0; i < x->others.n; i++) {
        const char *status = said_text(&x->others.list[i].said, "?status");
        if (said_find(&x->others.list[i].said, "?retired") || (status && !str_eq(status, "active")))
            return false;
    }
    return true;
}

static enum err deactivate(struct writing *x)
{
    enum person_state is = x->before ? x->before->state : STATE_NONE;

    if (is == STATE_DEACTIVATED)
        return OK;
    if (x->before)
        TRY(inbound_guard(x->w, &x->house));
    said_set(&x->fresh, "?retired", "deactivated");
    want(x, attr_builtin("state"), "deactivated");
    return OK;
}

static enum err decide_state(struct writing *x)
{
    const char *status = said_text(&x->fresh, "?status");
    const struct mark *held = writing_mark(x, "state", true);
    bool active = x->before && x->before->state == STATE_ACTIVE;

    if (writing_mark(x, "state", false) || voices_above(&x->others, x->house.place, "state")) {
        if (active != str_eq(status, "active"))
            writing_note(x,
                         "State is kept as a claim: a source of a higher rank or an admin says it");
        return OK;
    }
    if (held && str_eq(held->text, status)) {
        if (active != str_eq(status, "active"))
            writing_note(x, "State is held back since it was undone");
        return OK;
    }
    TRY(end_hold(x, "state"));
    if (!str_eq(status, "active"))
        return deactivate(x);
    if (!active && x->before && !may_return(x)) {
        writing_note(x, "they were not deactivated by this source, so it does not reactivate them");
        return OK;
    }
    said_drop(&x->fresh, "?retired");
    if (!active)
        want(x, attr_builtin("state"), "active");
    return OK;
}

/* ---- everything ---- */

static int by_attr(const void *a, const void *b)
{
    return strcmp(((const struct value *)a)->attr->name, ((const struct value *)b)->attr->name);
}

/* Is this attribute to be looked at? A PATCH is about what it names; else about all that is or was said. */
static bool concerns(const struct writing *x, const struct attr *attr)
{
    if (attr->flags & ATTR_PLACE && attr->name[0] != 'm')
        return false;
    if (writing_names(x, attr->name))
        return true;
    return (x->in->whole || x->drops || x->revives) &&
           (said_find(&x->old, attr->name) || said_find(&x->fresh, attr->name));
}

enum err writing_decide(struct writing *x)
{
    const struct attrs *as = x->in->attrs;
    bool teams = x->drops || x->revives;

    x->wanted = NEW_ARRAY(x->w->mem, struct value, as->n + 4);
    x->nwanted = 0;
    if (x->before && x->before->flags & PERSON_PROTECTED) {
        writing_note(x, "this person is protected: nothing was changed");
        return OK;
    }
    for (size_t i = 0; i < as->n; i++) {
        if (!concerns(x, as->all[i]))
            continue;
        teams |= house_makes_teams(&x->house, as->all[i]->name);
        TRY(decide_one(x, as->all[i]));
    }
    if (teams)
        TRY(decide_teams(x));
    if (x->hears_status)
        TRY(decide_state(x));
    if (x->nwanted)
        qsort(x->wanted, x->nwanted, sizeof *x->wanted, by_attr);
    people_diff(x->w->mem, x->before, x->wanted, x->nwanted, x->house.source, &x->changes);
    return OK;
}
