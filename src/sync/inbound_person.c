/*
 * inbound_person.c — one write of one person: claims, what follows from them, the link, the history and those
 * who waited, all in the transaction it is called in.
 */
#include "base/id.h"
#include "base/str.h"
#include "people/waiting.h"
#include "sync/inbound_in.h"

static enum err find_own(struct writing *x)
{
    TRY(links_of(x->w, &x->id, 1, &x->links, &x->nlinks));
    for (size_t i = 0; i < x->nlinks; i++)
        if (x->links[i].source == x->house.source)
            x->own = x->links[i];
    return OK;
}

static enum err nobody(int64_t id)
{
    return errf(ERR_NOT_FOUND, "there is no person with the id %s", id_text(id));
}

enum err writing_open(struct work *w, struct inbound *in, int64_t person, bool teams,
                      struct writing *out)
{
    struct writing *x = out;

    *x = (struct writing){ .w = w, .in = in };
    TRY(house_load(w, in->source, &x->house));
    x->id = person ? person : in->fresh ? in->fresh : id_new();
    if (!person)
        return OK;
    for (size_t i = 0; i < in->n && !teams; i++)
        teams = house_makes_teams(&x->house, in->says[i].attr->name);
    TRY(people_load(w, in->attrs, &person, 1, teams || in->whole ? LOAD_TEAMS : 0, &x->before));
    if (!x->before)
        return nobody(person);
    TRY(find_own(x));
    TRY(voices_read(w->mem, x->house.ranks, x->house.nranks, x->links, x->nlinks, in->source,
                    &x->others));
    if (x->own.reason != LINK_DELETED)
        TRY(said_read(w->mem, x->own.said, &x->old));
    return marks_load(w, in->source, person, &x->marks, &x->nmarks);
}

/* ---- conflicts ---- */

/* The value the client itself sent for a key. */
static const char *as_sent(struct writing *x, const struct person_key *k)
{
    for (size_t i = 0; i < x->in->n; i++) {
        const struct value *v = &x->in->says[i];
        const char *text = v->text ? str_trim(x->w->mem, v->text) : NULL;
        if (text && attr_key_kind(v->attr) == k->kind &&
            str_eq(key_fold(x->w->mem, k->kind, text), k->folded))
            return text;
    }
    return k->folded;
}

static enum err taken(struct writing *x, const struct person_key *k)
{
    static const char *const words[] = {
        [KEY_EMAIL] = "the e-mail", [KEY_USER_NAME] = "userName", [KEY_ANCHOR] = "externalId"
    };

    return errf(ERR_CONFLICT, "%s '%s' is taken", words[k->kind], as_sent(x, k));
}

/* An external id names one person of a source; one whom the source deleted gives it up. */
static enum err take_record(struct writing *x)
{
    struct link other;

    TRY(links_by_record(x->w, x->house.source, &x->record, 1, &other));
    if (!other.id || other.id == x->own.id)
        return OK;
    if (other.reason != LINK_DELETED)
        return errf(ERR_CONFLICT, "externalId '%s' is taken", x->record);
    other.record = arena_printf(x->w->mem, "@%s", id_text(other.person));
    other.said = NULL;
    return link_put(x->w, &other);
}

/* ---- writing ---- */

static enum err store_link(struct writing *x)
{
    struct link l = x->own;
    const char *said = said_write(x->w->mem, &x->fresh);
    bool same = l.id && str_eq(l.record, x->record) && l.reason == LINK_NONE;

    if (same)
        return str_eq(said, l.said) ? OK : link_say(x->w, &l, said);
    l.source = x->house.source;
    l.record = x->record;
    l.person = x->id;
    l.reason = LINK_NONE;
    l.said = l.id ? NULL : said;
    TRY(link_put(x->w, &l));
    return x->own.id ? link_say(x->w, &x->own, said) : OK;
}

static enum err store_row(struct writing *x, enum row_kind kind)
{
    AUTO_BUF changes = {};

    changes_write(&changes, &x->changes);
    struct run_row row = { .person = x->id,
                           .kind = kind,
                           .record = x->record,
                           .changes = changes.at,
                           .said = said_delta(x->w->mem, &x->old, &x->changes, &x->fresh),
                           .reason = x->in->reason };
    if (x->note)
        row.reason = arena_printf(x->w->mem, "%s%s%s", row.reason ? row.reason : "",
                                  row.reason ? ": " : "", x->note);
    return inbound_row(x->w, &x->house, &row);
}

enum err writing_store(struct writing *x, enum row_kind kind)
{
    bool fresh_record = !str_eq(x->own.record, x->record) || x->revives;

    TRY(store_link(x));
    TRY(store_row(x, kind));
    TRY(writing_wait(x));
    return x->drops ? OK : writing_heal(x, fresh_record);
}

static enum row_kind kind_of(const struct writing *x, bool applied)
{
    const struct change *state = changes_find(&x->changes, "state");

    if (!x->before)
        return ROW_CREATE;
    if (state && x->before->state == STATE_WITHDRAWN)
        return ROW_RESTORE;
    if (state)
        return str_eq(state->after, "active") ? ROW_REACTIVATE : ROW_DEACTIVATE;
    if (!x->own.id)
        return ROW_LINK;
    return applied ? ROW_UPDATE : ROW_NOTE;
}

/*
 * A circle is opened at the edge that would close it: the manager there before stays, the claim is kept, and the
 * reference is tried again with those that wait.
 */
static enum err without_manager(struct writing *x, struct apply_context *c, struct edit *e)
{
    if (!changes_find(&x->changes, "manager"))
        return errf(ERR_INVALID, "%s", e->why);
    writing_note(x, "Manager is kept as a claim: it would close a circle of managers");
    if (said_text(&x->fresh, "manager") && x->nawaits < COUNT(x->awaits)) {
        x->awaits[x->nawaits] = said_text(&x->fresh, "manager");
        x->awaits_for[x->nawaits++] = attr_builtin("manager");
    }
    changes_drop(&x->changes, "manager");
    e->changes = x->changes;
    TRY(people_apply(x->w, c, e, 1));
    return e->result == EDIT_DONE ? OK : errf(ERR_INVALID, "%s", e->why);
}

/* *holder: who has a key it wants, but is hidden from the source; then nothing was written. */
static enum err apply(struct writing *x, int64_t *holder)
{
    struct apply_context c = { .attrs = x->in->attrs,
                               .owner = x->house.source,
                               .source = x->house.source,
                               .settled = x->others.n == 0 };
    struct edit e = {
        .person = x->id, .create = !x->before, .changes = x->changes, .known = x->before
    };
    bool hidden;

    TRY(people_apply(x->w, &c, &e, 1));
    if (e.result == EDIT_CONFLICT && e.taken.kind == KEY_ANCHOR) {
        /* Another source calls somebody else so: ours is on the link, where each source sees its own. */
        writing_note(x, "Anchor is kept as a claim: another source has it for somebody else");
        changes_drop(&x->changes, "external_id");
        e.changes = x->changes;
        TRY(people_apply(x->w, &c, &e, 1));
    }
    if (e.result == EDIT_DONE)
        return OK;
    if (e.result == EDIT_STALE)
        return errf(ERR_STALE, "%s", e.why);
    if (!e.taken.kind)
        return without_manager(x, &c, &e);
    if (!x->before && e.holder) {
        TRY(links_hidden(x->w, x->house.source, &e.holder, 1, &hidden));
        if (hidden) {
            *holder = e.holder;
            return OK;
        }
    }
    return taken(x, &e.taken);
}

static enum err write_opened(struct writing *x, int64_t *holder)
{
    struct inbound *in = x->in;

    TRY(writing_claims(x));
    bool moved = x->before && !str_eq(x->own.record, x->record);
    if ((moved || !x->before) && *x->record != '@' && !x->record_free)
        TRY(take_record(x));
    TRY(writing_decide(x));
    bool protected = x->before && x->before->flags & PERSON_PROTECTED;
    bool version = x->own.id && moved && !protected;
    bool applied = !x->before || x->changes.n || version || (x->revives && !protected);
    if (applied)
        TRY(apply(x, holder));
    if (*holder)
        return OK;
    in->id = x->id;
    in->changed = applied;
    in->note = x->note;
    if (!applied && x->own.id && !moved && said_equal(&x->old, &x->fresh))
        return OK;
    return writing_store(x, kind_of(x, applied));
}

/* Somebody the source deleted comes back only if others still speak for them; else nobody has that id again. */
static enum err still_claimed(struct work *w, int64_t *person)
{
    struct link *links;
    bool claimed = false;
    size_t n;

    TRY(links_of(w, person, 1, &links, &n));
    for (size_t i = 0; i < n; i++)
        claimed |= links[i].reason == LINK_NONE;
    if (!claimed)
        *person = 0;
    return OK;
}

/* Whom a POST is about after all: somebody the source deleted, or whose making was undone. */
static enum err known_by_record(struct work *w, struct inbound *in, int64_t *person, bool *free)
{
    const char *record = NULL;
    struct link link;

    for (size_t i = 0; i < in->n; i++)
        if (str_eq(in->says[i].attr->name, "external_id") && in->says[i].text)
            record = str_trim(w->mem, in->says[i].text);
    *free = true;
    if (str_empty(record))
        return OK;
    TRY(links_by_record(w, in->source, &record, 1, &link));
    *free = link.id == 0;
    *person = link.person;
    return link.reason == LINK_DELETED ? still_claimed(w, person) : OK;
}

static enum err revive(struct work *w, struct inbound *in, int64_t person)
{
    struct writing x;
    int64_t holder = 0;

    TRY(writing_open(w, in, person, true, &x));
    bool withdrawn = x.before->state == STATE_WITHDRAWN;
    if (x.own.reason != LINK_DELETED && !withdrawn)
        return errf(ERR_CONFLICT, "externalId '%s' is taken", x.own.record);
    const struct mark *held = writing_mark(&x, "state", true);
    if (withdrawn && held)
        return errf(ERR_CONFLICT,
                    "externalId '%s' is held back: an admin undid its creation, and it is made "
                    "again only when they release it",
                    x.own.record);
    x.revives = true;
    TRY(write_opened(&x, &holder));
    return OK;
}

enum err inbound_person(struct work *w, struct inbound *in)
{
    struct writing x;
    int64_t person = in->person;

    in->id = person;
    in->changed = false;
    in->note = NULL;
    if (!person) {
        int64_t known = 0, holder = 0;
        bool record_free;
        TRY(known_by_record(w, in, &known, &record_free));
        if (known)
            return revive(w, in, known);
        TRY(writing_open(w, in, 0, true, &x));
        x.record_free = record_free;
        TRY(write_opened(&x, &holder));
        return holder ? revive(w, in, holder) : OK;
    }
    int64_t holder = 0;
    TRY(writing_open(w, in, person, false, &x));
    if (x.before->state == STATE_WITHDRAWN || x.own.reason == LINK_DELETED)
        return nobody(person);
    if (in->version && in->version != x.before->version)
        return errf(ERR_STALE, "the person was changed since they were read: version %lld is "
                    "%lld now", (long long)in->version, (long long)x.before->version);
    return write_opened(&x, &holder);
}
