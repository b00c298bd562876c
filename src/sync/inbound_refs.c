/*
 * inbound_refs.c — managers as clients name them: by id, by their own external id, by user name or e-mail. Who
 * is not here yet is waited for, in every form the reference may turn out to have.
 */
#include "base/id.h"
#include "base/str.h"
#include "people/waiting.h"
#include "sync/inbound_in.h"

enum { REFS_MOST = 16 };

struct refs {
    const char *text[REFS_MOST];
    int64_t id[REFS_MOST];
    size_t n;
};

static void split(struct arena *a, const char *text, struct refs *out)
{
    for (const char *s = text, *end; s && *s && out->n < REFS_MOST; s = *end ? end + 1 : end) {
        end = strchrnul(s, '\x1f');
        const char *one = str_trim(a, arena_textn(a, s, (size_t)(end - s)));
        if (*one)
            out->text[out->n++] = one;
    }
}

static enum err by_record(struct writing *x, int64_t source, struct refs *r)
{
    struct link links[REFS_MOST];

    TRY(links_by_record(x->w, source, r->text, r->n, links));
    for (size_t i = 0; i < r->n; i++)
        if (!r->id[i] && links[i].reason == LINK_NONE)
            r->id[i] = links[i].person;
    return OK;
}

static enum err by_key(struct writing *x, struct refs *r)
{
    struct person_key keys[3 * REFS_MOST];
    int64_t holders[3 * REFS_MOST];
    size_t n = 0;

    for (size_t i = 0; i < r->n; i++)
        for (enum key_kind k = KEY_EMAIL; k <= KEY_ANCHOR; k++)
            keys[n++] = (struct person_key){ k, key_fold(x->w->mem, k, r->text[i]) };
    TRY(people_keys_held(x->w, keys, n, holders));
    for (size_t i = 0; i < n; i++)
        if (!r->id[i / 3])
            r->id[i / 3] = holders[i];
    return OK;
}

/* An id that nobody has may still be somebody's external id. */
static enum err by_id(struct writing *x, struct refs *r)
{
    bool seen[REFS_MOST], any = false;

    for (size_t i = 0; i < r->n; i++)
        any |= id_read(r->text[i], &r->id[i]);
    if (!any)
        return OK;
    TRY(people_seen(x->w, x->house.source, r->id, r->n, seen));
    for (size_t i = 0; i < r->n; i++)
        if (!seen[i])
            r->id[i] = 0;
    return OK;
}

static bool all_known(const struct refs *r)
{
    for (size_t i = 0; i < r->n; i++)
        if (!r->id[i])
            return false;
    return true;
}

static enum err hide(struct writing *x, struct refs *r)
{
    bool seen[REFS_MOST];

    TRY(people_seen(x->w, x->house.source, r->id, r->n, seen));
    for (size_t i = 0; i < r->n; i++)
        if (!seen[i])
            r->id[i] = 0;
    return OK;
}

/* Somebody new is in no table yet. */
static bool is_self(struct writing *x, const char *ref)
{
    const char *folded = str_fold(x->w->mem, ref);
    static const char *const names[] = { "user_name", "email" };

    for (size_t i = 0; i < COUNT(names); i++) {
        const char *own = said_text(&x->fresh, names[i]);
        if (own && str_eq(str_fold(x->w->mem, own), folded))
            return true;
    }
    return str_eq(said_text(&x->fresh, "external_id"), ref);
}

/* As a sync does: the manager there before stays, and the claim. Notes go to the request log, so they name nobody. */
static void note_self(struct writing *x, const struct attr *attr)
{
    writing_note(x, "%s is kept as a claim: nobody is their own %s", attr->label,
                 attr->flags & ATTR_MANY ? "additional manager" : "manager");
}

enum err writing_refs(struct writing *x, const struct attr *attr, int64_t source, const char *text,
                      const char **out, bool *keep)
{
    struct refs r = {};
    int64_t ids[REFS_MOST];
    size_t n = 0;

    *out = NULL;
    x->resolved = true;
    split(x->w->mem, text, &r);
    if (r.n == 0)
        return OK;
    TRY(by_id(x, &r));
    if (!all_known(&r)) {
        TRY(by_record(x, source, &r));
        if (!all_known(&r))
            TRY(by_key(x, &r));
        TRY(hide(x, &r));
    }
    for (size_t i = 0; i < r.n; i++) {
        if (r.id[i] == x->id || (!r.id[i] && is_self(x, r.text[i]))) {
            note_self(x, attr);
            continue;
        }
        bool twice = false;
        for (size_t q = 0; q < n; q++)
            twice |= ids[q] == r.id[i];
        if (r.id[i] && !twice)
            ids[n++] = r.id[i];
        if (r.id[i] || x->nawaits == COUNT(x->awaits))
            continue;
        x->awaits[x->nawaits] = r.text[i];
        x->awaits_for[x->nawaits++] = attr;
        writing_note(x, "%s waits for '%s', whom nobody here is", attr->label, r.text[i]);
    }
    *keep = n == 0;                                 /* nobody known: what is there stays */
    *out = ids_join(x->w->mem, ids, n);
    return OK;
}

enum err inbound_wait(struct work *w, int64_t source, int64_t person, const char *attribute,
                      const char *reference)
{
    struct waiting one = {
        .person = person, .source = source, .wanted = reference, .attribute = attribute
    };

    TRY(waiting_put(w, &one));
    one.source = 0;
    TRY(waiting_put(w, &one));
    one.wanted = str_fold(w->mem, reference);
    return str_eq(one.wanted, reference) ? OK : waiting_put(w, &one);
}

enum err writing_wait(struct writing *x)
{
    static const char *const names[] = { "manager", "additional_managers" };

    for (size_t i = 0; x->resolved && x->before && i < COUNT(names); i++)
        if (writing_names(x, names[i]) || x->in->whole || x->drops)
            TRY(waiting_clear(x->w, x->id, names[i]));
    for (size_t i = 0; i < x->nawaits; i++)
        TRY(inbound_wait(x->w, x->house.source, x->id, x->awaits_for[i]->name, x->awaits[i]));
    return OK;
}

/* ---- healing ---- */

static enum err heal_one(struct writing *x, const struct waiting *one)
{
    struct work *w = x->w;
    const struct attr *attr = attr_find(x->in->attrs, one->attribute);
    const char *target = arena_text(w->mem, id_text(x->id)), *after = target;
    struct person *p;
    AUTO_BUF text = {};

    TRY(people_load(w, x->in->attrs, &one->person, 1, 0, &p));
    if (!p || !attr || p->state == STATE_WITHDRAWN || p->id == x->id)
        return OK;
    const char *before = person_value(w->mem, p, attr, 0);
    if (before && attr->flags & ATTR_MANY)
        after = strstr(before, target) ? before : arena_printf(w->mem, "%s %s", before, target);
    if (str_eq(before, after))
        return waiting_settle(w, one);
    struct edit e = { .person = p->id, .known = p };
    struct apply_context c = { .attrs = x->in->attrs,
                               .owner = x->house.source,
                               .source = x->house.source };
    changes_add(w->mem, &e.changes, attr, before, after);
    TRY(people_apply(w, &c, &e, 1));
    if (e.result != EDIT_DONE)                      /* a circle: waits on */
        return OK;
    changes_write(&text, &e.changes);
    struct run_row row = { .person = p->id,
                           .kind = ROW_UPDATE,
                           .changes = text.at,
                           .reason = arena_printf(w->mem,
                                                  "the person it waited for (%s) has appeared",
                                                  one->wanted) };
    TRY(inbound_row(w, &x->house, &row));
    return waiting_settle(w, one);
}

/* Somebody whose id was known before they were there: kept for them by a bulk request, or theirs from before a DELETE. */
static size_t put_ids(struct writing *x, const char **texts)
{
    size_t n = 0;

    if (x->revives || x->id == x->in->fresh)
        texts[n++] = arena_text(x->w->mem, id_text(x->id));
    if (x->in->fresh && x->id != x->in->fresh)
        texts[n++] = arena_text(x->w->mem, id_text(x->in->fresh));
    return n;
}

enum err writing_heal(struct writing *x, bool fresh_record)
{
    struct person appeared = { .state = STATE_ACTIVE };
    struct person_key *keys;
    struct waiting *list;
    size_t n;

    appeared.values = NEW_ARRAY(x->w->mem, struct value, x->changes.n + 1);
    for (size_t i = 0; i < x->changes.n; i++) {
        const struct change *c = &x->changes.list[i];
        if (c->after && (c->attr->flags & ATTR_KEY || str_eq(c->attr->name, "emails")))
            appeared.values[appeared.nvalues++] = (struct value){ c->attr, c->after };
    }
    const char *record = fresh_record && *x->record != '@' ? x->record : NULL;
    size_t nkeys = person_keys(x->w->mem, &appeared, &keys);
    const char **texts = NEW_ARRAY(x->w->mem, const char *, nkeys + 2);
    size_t ntexts = put_ids(x, texts);
    for (size_t i = 0; i < nkeys; i++)
        texts[ntexts++] = keys[i].folded;
    if (ntexts == 0 && !record)
        return OK;
    TRY(waiting_for(x->w, x->house.source, record, texts, ntexts, &list, &n));
    for (size_t i = 0; i < n; i++) {
        bool again = i > 0 && list[i].person == list[i - 1].person &&
                     str_eq(list[i].attribute, list[i - 1].attribute);
        if (!again)                                 /* one reference waits in several forms */
            TRY(heal_one(x, &list[i]));
    }
    return OK;
}
