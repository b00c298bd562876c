/*
 * plan_decide.c — what a record means for its person: the lifecycle table of the product, and the
 * changes that follow.
 */
#include "base/id.h"
#include "base/str.h"
#include "sync/plan.h"

static const char *const status_words[] = { "active", "leave", "gone", "unknown" };

static void find_for(struct plan *p, struct item *it, enum finding_kind kind, const char *subject,
                     const char *value)
{
    item_note(p, it, kind, subject, value);
}

/* No person comes of this record: the link says why, so that `why` can answer and the next run need
 * not look again. */
static enum err no_person(struct plan *p, struct item *it, enum link_reason reason, const char *why)
{
    struct changes none = {};

    return plan_emit(p, it, ROW_NOTE, 0, &none, reason, why);
}

static enum err conflict(struct plan *p, struct item *it, const char *why)
{
    p->tally.conflicts++;
    it->settled = false;
    return no_person(p, it, LINK_CONFLICT, why);
}

/* ---- keys ---- */

static const char *const key_words[] = {
    [KEY_EMAIL] = "e-mail", [KEY_USER_NAME] = "user name", [KEY_ANCHOR] = "anchor"
};

/* Two records of this run want one key: neither gets it. */
static bool wanted_twice(struct plan *p, struct item *it)
{
    for (enum key_kind k = KEY_EMAIL; k <= KEY_ANCHOR; k++) {
        const char *key = item_key(p, it, k);
        if (!key)
            continue;
        int64_t *first = table_find(&p->keys, plan_key_hash(p, k, key));
        if (!first)
            continue;
        find_for(p, it, FINDING_duplicate_email, key_words[k], key);
        plan_void_later(p, *first);
        return true;
    }
    return false;
}

static const char *holder_words(struct plan *p, enum key_kind k, const char *key, int64_t holder)
{
    struct person *h = NULL;

    if (people_load(p->w, p->attrs, &holder, 1, 0, &h) != OK || !h)
        return arena_printf(p->w->mem, "%s %s is taken", key_words[k], key);
    return arena_printf(p->w->mem, "%s already taken by %s%s%s", key, person_label(p->w->mem, h),
                        h->state == STATE_ACTIVE ? "" : ", who is ",
                        h->state == STATE_ACTIVE ? "" : state_name(h->state));
}

/* Somebody else has a key this record wants. *taken is the finding, NULL if all is free. */
static enum err keys_taken(struct plan *p, struct item *it, int64_t person, enum key_kind *which)
{
    *which = 0;
    for (enum key_kind k = KEY_EMAIL; k <= KEY_ANCHOR && !it->keys_free; k++)
        if (it->holders[k] && it->holders[k] != person && item_key(p, it, k)) {
            *which = k;
            return OK;
        }
    return OK;
}

/* Does the one who has the key come in this very answer, active and with that key? Then two records want
 * it, and neither is applied. */
static enum err comes_too(struct plan *p, struct item *it, enum key_kind k, bool *too)
{
    struct link *links;
    struct said said;
    size_t n;

    *too = false;
    if (table_find(&p->leaving, (uint64_t)it->holders[k]))
        return OK;                              /* they leave in this run: their address is only taken */
    TRY(links_of(p->w, &it->holders[k], 1, &links, &n));
    for (size_t i = 0; i < n; i++) {
        const struct known *known =
            links[i].source == p->source->id
                ? plan_known(p, crypt_hash(&p->hash, links[i].record, strlen(links[i].record)) | 1)
                : NULL;
        size_t at = known ? (size_t)(known - p->known) : 0;
        if (!known || !(p->seen[at / 8] >> at % 8 & 1))
            continue;
        TRY(said_read(p->w->mem, links[i].said, &said));
        const char *theirs = said_text(&said, key_attribute(k));
        *too |= theirs && str_eq(said_text(&said, "?status"), "active") &&
                str_eq(key_fold(p->w->mem, k, theirs), item_key(p, it, k));
    }
    if (!*too)
        return OK;
    find_for(p, it, FINDING_duplicate_email, key_words[k], item_key(p, it, k));
    plan_void_later(p, it->holders[k]);
    return OK;
}

/* ---- somebody new ---- */

/* A reference may have been promised an id for this record, or for one of its keys. */
static int64_t new_person_id(struct plan *p, struct item *it)
{
    bool fresh;
    int64_t id = 0, *who = table_put(&p->who, it->hash, 1, &fresh);

    if (*who != 1)
        id = *who < 0 ? -*who : *who;
    for (enum key_kind k = KEY_EMAIL; !id && k <= KEY_ANCHOR; k++) {
        const char *key = item_key(p, it, k);
        int64_t *promised = key ? table_find(&p->who, plan_key_hash(p, KEY_ANCHOR + 1, key)) : NULL;
        if (promised && *promised < 0)
            id = -*promised;
    }
    if (!id)
        id = id_new();
    *table_put(&p->who, it->hash, id, &fresh) = id;
    plan_promise_kept(p, id);
    return id;
}

static enum err create(struct plan *p, struct item *it)
{
    struct changes c;

    TRY(plan_wanted(p, it));
    int64_t id = new_person_id(p, it);
    people_diff(p->w->mem, NULL, it->wanted, it->nwanted, p->source->id, &c);
    changes_add(p->w->mem, &c, attr_builtin("state"), NULL, state_name(STATE_ACTIVE));
    p->tally.created++;
    return plan_emit(p, it, ROW_CREATE, id, &c, LINK_NONE,
                     arena_printf(p->w->mem, "new record, status %s",
                                  it->status_raw ? it->status_raw : "active"));
}

static const struct held *held_for(struct plan *p, const struct item *it, const char *attribute)
{
    for (size_t i = it->held_at; i < it->held_at + it->nheld; i++)
        if (str_eq(p->held[i].attribute, attribute))
            return &p->held[i];
    return NULL;
}

static enum err decide_new(struct plan *p, struct item *it)
{
    enum key_kind taken;
    const struct held *held = held_for(p, it, "state");

    if (held && it->status != STATUS_UNKNOWN && !str_eq(held->said, status_words[it->status]))
        it->released = "state";                 /* HR says something else now: the hold ends */
    if (it->status == STATUS_UNKNOWN) {
        find_for(p, it, it->status_raw ? FINDING_unknown_status : FINDING_status_absent, NULL,
                 it->status_raw);
        return conflict(p, it, "the status is not known");
    }
    if (it->status != STATUS_ACTIVE) {
        p->tally.not_active++;
        return no_person(p, it, LINK_NOT_ACTIVE,
                         arena_printf(p->w->mem, "status %s: nobody to create", it->status_raw));
    }
    if (held && str_eq(held->said, status_words[it->status])) {
        find_for(p, it, FINDING_held_back, "Creating them", "that they are active");
        p->tally.unchanged++;
        return OK;
    }
    if (it->failed)
        return conflict(p, it, "a field that must be filled is empty");
    if (!item_text(it, "email")) {
        find_for(p, it, FINDING_no_email, NULL, NULL);
        return conflict(p, it, "there is no e-mail");
    }
    if (wanted_twice(p, it))
        return conflict(p, it, "another record has the same e-mail, user name or anchor");
    TRY(keys_taken(p, it, 0, &taken));
    if (taken && !p->closing) {
        p->exchanges = true;
        plan_defer(p, it);
        return OK;
    }
    bool too = false;
    if (taken)
        TRY(comes_too(p, it, taken, &too));
    if (too)
        return conflict(p, it, "another record has the same e-mail, user name or anchor");
    if (taken) {
        find_for(p, it, FINDING_email_taken, "",
                 holder_words(p, taken, item_key(p, it, taken), it->holders[taken]));
        return conflict(p, it, "the e-mail, user name or anchor belongs to somebody else");
    }
    return create(p, it);
}

/* ---- somebody known ---- */

/* The state HR's status leads to, and the row's kind; see the lifecycle table. */
static enum person_state next_state(struct plan *p, struct item *it, enum row_kind *kind)
{
    enum person_state is = it->before->state;
    bool may_reactivate = str_eq(said_text(&it->old, "?retired"), state_name(is)) &&
                          !str_eq(said_text(&it->old, "?status"), "active") &&
                          p->map->options.auto_reactivate;

    switch (it->status) {
    case STATUS_ACTIVE:
        if (is == STATE_WITHDRAWN) {
            *kind = ROW_RESTORE;
            return STATE_ACTIVE;
        }
        if (is == STATE_ACTIVE || !may_reactivate)
            return is;
        *kind = ROW_REACTIVATE;
        return STATE_ACTIVE;
    case STATUS_LEAVE:
        if (is != STATE_ACTIVE)
            return is;
        *kind = p->map->options.suspend_on_leave ? ROW_SUSPEND : ROW_DEACTIVATE;
        return p->map->options.suspend_on_leave ? STATE_SUSPENDED : STATE_DEACTIVATED;
    case STATUS_GONE:
        if (is != STATE_ACTIVE && is != STATE_SUSPENDED)
            return is;
        *kind = ROW_DEACTIVATE;
        return STATE_DEACTIVATED;
    default:
        return is;
    }
}

static void claim_retired(struct item *it, const char *state)
{
    if (state)
        said_set(&it->fresh, "?retired", state);
    else
        said_drop(&it->fresh, "?retired");
}

/* The HR value a change is about: what held_back remembers and compares. */
static const char *hr_value(const struct item *it, const char *attribute)
{
    return str_eq(attribute, "state") ? status_words[it->status] : item_text(it, attribute);
}

static bool is_pinned(const struct item *it, const char *attribute)
{
    for (size_t i = 0; i < it->npinned; i++)
        if (str_eq(it->pinned[i].attr->name, attribute))
            return true;
    return false;
}

/* Takes out what is held back; names what HR says differently now, so that the hold ends. */
static const char *hold_back(struct plan *p, struct item *it, struct changes *c)
{
    AUTO_BUF ended = {};

    for (size_t i = it->held_at; i < it->held_at + it->nheld; i++) {
        const struct held *h = &p->held[i];
        if (!str_eq(h->said, hr_value(it, h->attribute))) {
            buf_printf(&ended, "%s%s", ended.n ? " " : "", h->attribute);
            continue;
        }
        if (!changes_find(c, h->attribute))
            continue;
        changes_drop(c, h->attribute);
        it->settled = false;
        find_for(p, it, FINDING_held_back,
                 attr_find(p->attrs, h->attribute) ? attr_find(p->attrs, h->attribute)->label
                                                   : h->attribute,
                 h->said ? arena_printf(p->w->mem, "'%s'", h->said) : "nothing");
    }
    return ended.n ? arena_textn(p->w->mem, ended.at, ended.n) : NULL;
}

static void count_changes(struct plan *p, const struct changes *c)
{
    for (size_t i = 0; i < c->n; i++)
        for (size_t s = 0; s < p->nslots; s++)
            if (p->slots[s].attr == c->list[i].attr)
                p->changed[s]++;
    if (changes_find(c, "manager"))
        p->manager_changes++;
}

static void count_row(struct plan *p, enum row_kind kind)
{
    int64_t *counters[ROW_KINDS] = {
        [ROW_CREATE] = &p->tally.created,         [ROW_RESTORE] = &p->tally.created,
        [ROW_UPDATE] = &p->tally.updated, [ROW_LINK] = &p->tally.updated,
        [ROW_DEACTIVATE] = &p->tally.deactivated, [ROW_SUSPEND] = &p->tally.suspended,
        [ROW_REACTIVATE] = &p->tally.reactivated, [ROW_NOTE] = &p->tally.unchanged
    };

    ++*counters[kind];
    p->gone += kind == ROW_DEACTIVATE || kind == ROW_SUSPEND;
    p->links += kind == ROW_LINK;
}

/* Key changes that cannot be: dropped from the list, the rest of the record goes ahead. */
static enum err drop_taken_keys(struct plan *p, struct item *it, struct changes *c)
{
    enum key_kind taken;

    TRY(keys_taken(p, it, it->before->id, &taken));
    if (!taken)
        return OK;
    find_for(p, it, FINDING_email_taken, "",
             holder_words(p, taken, item_key(p, it, taken), it->holders[taken]));
    it->settled = false;
    for (enum key_kind k = KEY_EMAIL; k <= KEY_ANCHOR; k++)
        if (it->holders[k] && it->holders[k] != it->before->id)
            changes_drop(c, key_attribute(k));
    return OK;
}

static bool changes_keys(const struct changes *c)
{
    return changes_find(c, "email") || changes_find(c, "user_name") ||
           changes_find(c, "external_id");
}

static const char *reason_for(struct plan *p, const struct item *it, enum row_kind kind)
{
    switch (kind) {
    case ROW_LINK:
        return arena_printf(p->w->mem, "matched by %s", it->matched);
    case ROW_UPDATE:
    case ROW_NOTE:
        return NULL;
    default:
        return arena_printf(p->w->mem, "status %s", it->status_raw ? it->status_raw : "not given");
    }
}

/* Untouched: excluded, protected, unknown status or a failing field. */
static void leave_alone(struct plan *p, struct item *it, int64_t *counter)
{
    ++*counter;
    if (it->status == STATUS_GONE && it->before && it->before->state == STATE_ACTIVE)
        find_for(p, it, FINDING_excluded_gone, NULL, NULL);
}

/* Who retired them, so that only this source takes it back; and what is said when nobody does. */
static void remember_state(struct plan *p, struct item *it, const struct change *to)
{
    bool active = it->before->state == STATE_ACTIVE;

    if (to && !str_eq(to->after, "active")) {
        claim_retired(it, to->after);
    } else if (it->status == STATUS_ACTIVE && (to || active)) {
        claim_retired(it, NULL);
    } else if (it->status == STATUS_ACTIVE && said_find(&it->old, "?retired")) {
        find_for(p, it, FINDING_not_reactivated, NULL, NULL);
        it->settled = false;
    } else if (it->status == STATUS_ACTIVE) {
        find_for(p, it, FINDING_inactive_here, NULL, NULL);
    }
}

/* Protected, of unknown status, or withdrawn and not to come back: counted, and left as they are. */
static bool is_left_alone(struct plan *p, struct item *it)
{
    const struct held *held = held_for(p, it, "state");
    bool withdrawn = it->before->state == STATE_WITHDRAWN;
    int64_t *counter = &p->tally.unchanged;

    if (it->before->flags & PERSON_PROTECTED) {
        find_for(p, it, FINDING_protected, NULL, NULL);
    } else if (it->status == STATUS_UNKNOWN) {
        find_for(p, it, it->status_raw ? FINDING_unknown_status : FINDING_status_absent, NULL,
                 it->status_raw);
    } else if (withdrawn && it->status != STATUS_ACTIVE && !it->failed) {
        counter = &p->tally.not_active;
    } else if (withdrawn && held && str_eq(held->said, status_words[it->status]) && !it->failed) {
        find_for(p, it, FINDING_held_back, "Creating them", "that they are active");
    } else if (!it->failed) {
        return false;
    }
    leave_alone(p, it, counter);
    return true;
}

/* Wanted against current, and the state that follows from the status. */
static void known_changes(struct plan *p, struct item *it, enum row_kind *kind, struct changes *c)
{
    enum person_state was = it->before->state, state = next_state(p, it, kind);
    bool outranked = false;

    people_diff(p->w->mem, it->before, it->wanted, it->nwanted, p->source->id, c);
    for (size_t i = 0; i < it->noutranked; i++)
        outranked |= str_eq(it->outranked[i], "state");
    if (state != was && !outranked && !is_pinned(it, "state"))
        changes_add(p->w->mem, c, attr_builtin("state"), state_name(was), state_name(state));
    /* An address that a leaver's was released from stays free, unless HR gives another. */
    if (it->status == STATUS_GONE && state != STATE_ACTIVE &&
        str_eq(said_text(&it->old, "email"), item_text(it, "email"))) {
        changes_drop(c, "email");
        changes_drop(c, "user_name");
    }
}

/* New keys must be free, or become so. *stop: this record is decided (a conflict), or later. */
static enum err settle_keys(struct plan *p, struct item *it, struct changes *c, bool *stop)
{
    enum key_kind taken;
    bool too = false;

    *stop = true;
    if (wanted_twice(p, it)) {
        p->tally.conflicts++;
        return OK;
    }
    TRY(keys_taken(p, it, it->before->id, &taken));
    if (taken && !p->closing) {
        p->exchanges = true;
        plan_defer(p, it);
        return OK;
    }
    if (taken)
        TRY(comes_too(p, it, taken, &too));
    if (too) {
        p->tally.conflicts++;
        return OK;
    }
    *stop = false;
    return drop_taken_keys(p, it, c);
}

/* The row of somebody known; none if they were looked at again and nothing is new. */
static enum err emit_known(struct plan *p, struct item *it, enum row_kind kind,
                           const struct changes *c)
{
    const struct change *to = changes_find(c, "state");

    if (!to && (kind == ROW_DEACTIVATE || kind == ROW_SUSPEND || kind == ROW_REACTIVATE))
        kind = it->link.person ? ROW_UPDATE : ROW_LINK;
    remember_state(p, it, to);
    if (kind == ROW_UPDATE && c->n == 0)
        kind = ROW_NOTE;
    count_row(p, kind);
    if (kind == ROW_DEACTIVATE || kind == ROW_SUSPEND)
        table_put(&p->leaving, (uint64_t)it->before->id, 1, &(bool){ false });
    count_changes(p, c);
    if (kind == ROW_NOTE && it->link.reason == LINK_NONE && it->link.missing == 0 &&
        !it->released && it->link.digest == (it->settled ? (int64_t)it->digest : 0) &&
        said_equal(&it->old, &it->fresh))
        return OK;
    return plan_emit(p, it, kind, it->before->id, c, LINK_NONE, reason_for(p, it, kind));
}

static enum err decide_known(struct plan *p, struct item *it)
{
    enum row_kind kind = it->link.person ? ROW_UPDATE : ROW_LINK;
    struct changes c;
    bool stop = false;

    if (is_left_alone(p, it))
        return OK;
    TRY(plan_wanted(p, it));
    if (it->promised && !p->closing) {          /* decided when it is known whether they come */
        plan_defer(p, it);
        return OK;
    }
    known_changes(p, it, &kind, &c);
    it->released = hold_back(p, it, &c);
    if (it->before->state == STATE_WITHDRAWN && !changes_find(&c, "state")) {
        leave_alone(p, it, &p->tally.unchanged);        /* its making was undone */
        return OK;
    }
    if (changes_keys(&c))
        TRY(settle_keys(p, it, &c, &stop));
    return stop ? OK : emit_known(p, it, kind, &c);
}

/* Nothing of an excluded record is kept but the keyed hash of its e-mail, so that `why` can answer. */
static void keep_only_mark(struct plan *p, struct item *it)
{
    struct said kept = { NEW_ARRAY(p->w->mem, struct claim, it->old.n + 1), 0 };
    const char *email = item_text(it, "email");

    for (size_t i = 0; i < it->old.n; i++)
        if (it->old.list[i].name[0] == '?')
            kept.list[kept.n++] = it->old.list[i];
    if (email)
        kept.list[kept.n++] = (struct claim){ "email", email };
    it->fresh = kept;
}

static enum err decide_excluded(struct plan *p, struct item *it)
{
    struct changes none = {};
    int64_t person = it->link.person;

    leave_alone(p, it, &p->tally.excluded);
    if (it->nnotes && it->status == STATUS_GONE)
        it->settled = false;                    /* reported until somebody settles it */
    if (it->link.id && it->link.reason == LINK_EXCLUDED &&
        it->link.digest == (it->settled ? (int64_t)it->digest : 0))
        return OK;
    keep_only_mark(p, it);
    return plan_emit(p, it, ROW_NOTE, person, &none, LINK_EXCLUDED, it->excluded);
}

enum err plan_decide(struct plan *p, struct item *it)
{
    if (it->excluded)
        TRY(decide_excluded(p, it));
    else if (it->before)
        TRY(decide_known(p, it));
    else
        TRY(decide_new(p, it));
    for (size_t i = 0; i < it->nnotes && !it->deferred; i++)
        findings_add(&p->findings, it->notes[i].kind, it->notes[i].subject, it->notes[i].value,
                     item_label(p, it));
    return OK;
}
