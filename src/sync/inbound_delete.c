/*
 * inbound_delete.c — SCIM DELETE: hidden from the source, and gone as far as nobody else speaks for them.
 */
#include "base/id.h"
#include "base/str.h"
#include "people/erase.h"
#include "people/waiting.h"
#include "sync/inbound_in.h"

/* What the client says of a report still names the manager: it is meant again if they are made anew. */
static enum err wait_again(struct writing *x, const int64_t *reports, size_t n)
{
    struct link *links;
    struct said said;
    size_t nlinks;

    TRY(links_of(x->w, reports, n, &links, &nlinks));
    for (size_t i = 0; i < nlinks; i++) {
        if (links[i].source != x->house.source || links[i].reason != LINK_NONE)
            continue;
        TRY(said_read(x->w->mem, links[i].said, &said));
        const char *reference = said_text(&said, "manager");
        if (reference)
            TRY(inbound_wait(x->w, x->house.source, links[i].person, "manager", reference));
    }
    return OK;
}

/* Those who had them as manager go on without one: nothing is to point at somebody who cannot be seen. */
static enum err free_reports(struct writing *x)
{
    struct work *w = x->w;
    int64_t *reports;
    size_t n;

    TRY(person_reports(w, x->id, &reports, &n));
    struct person **people = NEW_ARRAY(w->mem, struct person *, n + 1);
    struct edit *edits = NEW_ARRAY(w->mem, struct edit, n + 1);
    struct apply_context c = { .attrs = x->in->attrs,
                               .owner = x->house.source,
                               .source = x->house.source };
    TRY(people_load(w, x->in->attrs, reports, n, 0, people));
    for (size_t i = 0; i < n; i++) {
        edits[i] = (struct edit){ .person = reports[i], .known = people[i] };
        changes_add(w->mem, &edits[i].changes, attr_builtin("manager"),
                    arena_text(w->mem, id_text(x->id)), NULL);
    }
    TRY(people_apply(w, &c, edits, n));
    for (size_t i = 0; i < n; i++) {
        AUTO_BUF text = {};
        if (edits[i].result != EDIT_DONE)
            continue;
        changes_write(&text, &edits[i].changes);
        struct run_row row = { .person = reports[i],
                               .kind = ROW_UPDATE,
                               .changes = text.at,
                               .reason = "the manager was deleted" };
        TRY(inbound_row(w, &x->house, &row));
    }
    return wait_again(x, reports, n);
}

static enum err leave_groups(struct writing *x)
{
    struct inbound_group leaving = { .source = x->in->source,
                                     .attrs = x->in->attrs,
                                     .remove = &x->id,
                                     .nremove = 1,
                                     .reason = x->in->reason };
    struct group *groups;
    size_t n;

    TRY(groups_of(x->w, x->in->source, x->id, &groups, &n));
    for (size_t i = 0; i < n; i++) {
        leaving.group = groups[i].id;
        TRY(inbound_group(x->w, &leaving));
    }
    return OK;
}

static void want(struct writing *x, const char *attribute, const char *text)
{
    const struct attr *attr = attr_find(x->in->attrs, attribute);
    const char *is = person_value(x->w->mem, x->before, attr, x->house.source);

    if (!str_eq(is, text))
        changes_add(x->w->mem, &x->changes, attr, is, text);
}

/* Nobody else speaks for them: inactive, and their keys are free. Everything else stays as it was. */
static enum err retire(struct writing *x)
{
    static const char *const freed[] = { "email", "emails", "user_name", "external_id", "teams" };
    const char *email = person_text(x->before, "email");

    if (x->before->state == STATE_ACTIVE || x->before->state == STATE_SUSPENDED)
        TRY(inbound_guard(x->w, &x->house));
    want(x, "state", "deactivated");
    if (email)
        want(x, "former_email", email);
    for (size_t i = 0; i < COUNT(freed); i++)
        want(x, freed[i], NULL);
    return OK;
}

/* The link stays, without claims, so that they are hidden and known again if they come back. */
static enum err hide(struct writing *x)
{
    struct link l = x->own;

    l.source = x->house.source;
    l.person = x->id;
    l.record = x->record = l.record ? l.record : arena_printf(x->w->mem, "@%s", id_text(x->id));
    l.reason = LINK_DELETED;
    l.digest = 0;
    l.said = "{}";
    return link_put(x->w, &l);
}

static enum err store_row(struct writing *x)
{
    const struct change *state = changes_find(&x->changes, "state");
    AUTO_BUF text = {};

    changes_write(&text, &x->changes);
    struct run_row row = { .person = x->id,
                           .kind = state          ? ROW_DEACTIVATE
                                   : x->changes.n ? ROW_UPDATE
                                                  : ROW_NOTE,
                           .record = x->record,
                           .changes = text.at,
                           .reason = arena_printf(x->w->mem, "%s%sdeleted by the client",
                                                  x->in->reason ? x->in->reason : "",
                                                  x->in->reason ? ": " : "") };
    return inbound_row(x->w, &x->house, &row);
}

static bool claimed_by_others(const struct writing *x)
{
    for (size_t i = 0; i < x->others.n; i++)
        if (x->others.list[i].said.n)
            return true;
    return false;
}

static enum err drop_person(struct writing *x, bool claimed)
{
    struct apply_context c = { .attrs = x->in->attrs,
                               .owner = x->house.source,
                               .source = x->house.source,
                               .settled = x->others.n == 0 };

    TRY(leave_groups(x));
    TRY(people_load(x->w, x->in->attrs, &x->id, 1, LOAD_TEAMS, &x->before));
    x->drops = true;
    TRY(writing_claims(x));
    if (claimed || x->before->flags & PERSON_PROTECTED)
        TRY(writing_decide(x));
    else
        TRY(retire(x));
    struct edit e = { .person = x->id, .changes = x->changes, .known = x->before };
    TRY(people_apply(x->w, &c, &e, 1));
    if (e.result != EDIT_DONE)
        return errf(ERR_CONFLICT, "%s", e.why);
    TRY(hide(x));
    TRY(waiting_clear(x->w, x->id, "manager"));
    TRY(waiting_clear(x->w, x->id, "additional_managers"));
    TRY(store_row(x));
    return claimed ? OK : free_reports(x);
}

enum err inbound_delete(struct work *w, const struct inbound *in)
{
    struct inbound mine = *in;
    struct writing x;
    const char *how;
    size_t sources;

    mine.says = NULL;
    mine.n = 0;
    TRY(writing_open(w, &mine, in->person, true, &x));
    if (x.before->state == STATE_WITHDRAWN || x.own.reason == LINK_DELETED)
        return errf(ERR_NOT_FOUND, "there is no person with the id %s", id_text(in->person));
    if (in->version && in->version != x.before->version)
        return errf(ERR_STALE, "the person was changed since they were read");
    bool claimed = claimed_by_others(&x);
    TRY(inbound_delete_setting(w, &how));
    if (!claimed && str_eq(how, "erase") && !(x.before->flags & PERSON_PROTECTED))
        return people_erase(w, in->attrs, in->person, &sources);
    return drop_person(&x, claimed);
}
