/*
 * plan_values.c — a record becomes claims (what HR says, in canonical text) and, once the person is
 * known, wanted values (what the directory is to say).
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "store/store.h"
#include "sync/claims.h"
#include "sync/pinned.h"
#include "sync/plan.h"

static int by_attr(const void *a, const void *b)
{
    return strcmp(((const struct slot *)a)->attr->name, ((const struct slot *)b)->attr->name);
}

enum err plan_slots(struct plan *p)
{
    p->slots = NEW_ARRAY(p->mem, struct slot, p->map->nrows + 1);
    for (size_t i = 0; i < p->map->nrows; i++) {
        const struct map_row *row = &p->map->rows[i];
        const struct attr *attr = attr_find(p->attrs, row->attribute);
        struct slot *s = NULL;
        if (!attr)
            return errf(ERR_INVALID, "the mapping names the attribute %s, which is gone",
                        row->attribute);
        if (str_eq(attr->name, "additional_managers") && !p->map->options.additional_manager)
            continue;
        for (size_t q = 0; q < p->nslots; q++)
            if (p->slots[q].attr == attr)
                s = &p->slots[q];
        if (!s) {
            s = &p->slots[p->nslots++];
            *s = (struct slot){ attr, NEW_ARRAY(p->mem, const struct map_row *, p->map->nrows), 0 };
        }
        s->rows[s->n++] = row;
    }
    qsort(p->slots, p->nslots, sizeof *p->slots, by_attr);
    return OK;
}

const char *item_text(const struct item *it, const char *attribute)
{
    return said_text(&it->fresh, attribute);
}

const char *item_label(struct plan *p, const struct item *it)
{
    const char *given = item_text(it, "given_name"), *family = item_text(it, "family_name");
    const char *email = item_text(it, "email");

    if (!given && !family && !email)
        return it->before ? person_label(p->w->mem, it->before) : it->id;
    return arena_printf(p->w->mem, "%s%s%s%s%s%s", given ? given : "", given && family ? " " : "",
                        family ? family : "", email ? " <" : "", email ? email : "",
                        email ? ">" : "");
}

const char *item_key(struct plan *p, const struct item *it, enum key_kind kind)
{
    const char *text = item_text(it, key_attribute(kind));

    return key_fold(p->w->mem, kind, text);
}

uint64_t plan_key_hash(struct plan *p, enum key_kind kind, const char *folded)
{
    return (crypt_hash(&p->hash, folded, strlen(folded)) ^ (uint64_t)kind << 60) | 1;
}

void item_note(struct plan *p, struct item *it, enum finding_kind kind, const char *subject,
               const char *value)
{
    ARENA_GROW(p->w->mem, it->notes, it->nnotes, it->cap_notes);
    it->notes[it->nnotes++] = (struct item_note){ kind, subject, value };
}

/* ---- claims ---- */

static void claim(struct item *it, const char *name, const char *text)
{
    said_set(&it->fresh, name, text);
}

/* The field is not in the record, or its value is no good: what was said last stands. */
static void claim_stands(struct item *it, const char *name)
{
    const struct claim *old = said_find(&it->old, name);

    if (old)
        claim(it, name, old->text);
}

static const char *joined(struct arena *a, const struct raw *v)
{
    AUTO_BUF text = {};

    for (size_t i = 0; i < v->n; i++) {
        if (v->text[i] == '\x1f')
            buf_puts(&text, ", ");
        else
            buf_putc(&text, v->text[i]);
    }
    return arena_textn(a, text.at, text.n);
}

static void refuse_value(struct plan *p, struct item *it, const struct attr *attr, const char *text)
{
    enum finding_kind kind =
        attr->type == ATTR_SELECT ? FINDING_not_an_option : FINDING_invalid_value;
    const char *value = attr->type == ATTR_SELECT ? text : arena_text(p->w->mem, err_text());

    it->settled = false;
    item_note(p, it, kind, attr->label, value);
    claim_stands(it, attr->name);
}

static bool is_level(const struct plan *p, const char *text)
{
    for (size_t i = 0; i < p->nlevels; i++)
        if (str_eq(p->levels[i], text))
            return true;
    return false;
}

static void claim_value(struct plan *p, struct item *it, const struct attr *attr,
                        const struct raw *v)
{
    struct arena *a = p->w->mem;
    const char *text = v->is == RAW_LIST ? joined(a, v) : arena_textn(a, v->text, v->n), *canonical;

    if (attr->flags & ATTR_KEY)
        text = str_trim(a, text);
    if (attr->type == ATTR_PERSON) {
        claim(it, attr->name,
              attr->flags & ATTR_MANY && v->is == RAW_LIST ? arena_textn(a, v->text, v->n) : text);
    } else if (attr->flags & ATTR_LEVEL && !is_level(p, text)) {
        it->settled = false;
        item_note(p, it, FINDING_not_a_level, attr->label, text);
        claim_stands(it, attr->name);
    } else if (attr_canonical(a, attr, text, &canonical) != OK) {
        refuse_value(p, it, attr, text);
    } else {
        claim(it, attr->name, canonical);
    }
}

/* Each row feeds memberships; the names are one claim, separated as lists are. */
static void claim_teams(struct plan *p, struct item *it, const struct slot *s)
{
    AUTO_BUF names = {};
    bool absent = false;

    for (size_t i = 0; i < s->n; i++) {
        struct record r = { it->id, NULL, it->values };
        struct raw v = map_value(p->w->mem, p->map, s->rows[i]->from, &r);
        absent |= v.is == RAW_ABSENT;
        if (v.is < RAW_TEXT || v.n == 0)
            continue;
        if (names.n)
            buf_putc(&names, '\x1f');
        buf_add(&names, v.text, v.n);
    }
    if (absent)
        claim_stands(it, s->attr->name);
    else
        claim(it, s->attr->name, names.n ? arena_textn(p->w->mem, names.at, names.n) : NULL);
}

/* The user name is the e-mail unless the record has one of its own. */
static void follow_email(struct item *it)
{
    for (size_t i = 0; i < it->fresh.n; i++)
        if (str_eq(it->fresh.list[i].name, "user_name")) {
            if (!it->fresh.list[i].text)
                it->fresh.list[i].text = item_text(it, "email");
            return;
        }
    claim(it, "user_name", item_text(it, "email"));
}

static bool followed_email(const struct item *it, const struct attr *attr)
{
    return str_eq(attr->name, "user_name") &&
           str_eq(said_text(&it->old, "user_name"), said_text(&it->old, "email"));
}

static void claim_slot(struct plan *p, struct item *it, const struct slot *s)
{
    const struct map_row *row = s->rows[0];
    struct record r = { it->id, NULL, it->values };

    if (row->create_only && it->known && it->link.person) {
        claim_stands(it, s->attr->name);
        return;
    }
    if (s->attr->flags & ATTR_PLACE && s->attr->flags & ATTR_MANY) {
        claim_teams(p, it, s);
        return;
    }
    struct raw v = map_value(p->w->mem, p->map, row->from, &r);
    if (v.is == RAW_EMPTY && row->empty == EMPTY_DEFAULT)
        v = (struct raw){ RAW_TEXT, row->otherwise, strlen(row->otherwise), NULL };
    if (v.is >= RAW_TEXT && v.n > 0) {
        claim_value(p, it, s->attr, &v);
    } else if (v.is != RAW_ABSENT && row->empty == EMPTY_CLEAR) {
        claim(it, s->attr->name, NULL);
    } else {
        if (v.is != RAW_ABSENT && row->empty == EMPTY_FAIL) {
            it->failed = true;
            it->settled = false;
            item_note(p, it, FINDING_empty_value, s->attr->label, NULL);
        }
        if (v.is != RAW_ABSENT || !followed_email(it, s->attr))
            claim_stands(it, s->attr->name);
    }
}

static bool listed(const char *const *list, size_t n, const char *text)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_nocase(list[i], text))
            return true;
    return false;
}

/* A value that means "gone" only because it is in no list must be one this source is known to have. */
static void read_status(struct plan *p, struct item *it)
{
    struct record r = { it->id, NULL, it->values };
    struct raw raw;

    it->status = map_status(p->w->mem, p->map, &r, &raw);
    p->all_active &= it->status == STATUS_ACTIVE;
    it->status_raw = raw.is >= RAW_TEXT ? arena_textn(p->w->mem, raw.text, raw.n) : NULL;
    if (!it->status_raw)
        return;
    if (!listed(p->statuses, p->nstatuses, it->status_raw) && p->nstatuses < 200) {
        ARENA_GROW(p->mem, p->statuses, p->nstatuses, p->cap_statuses);
        p->statuses[p->nstatuses++] = arena_text(p->mem, it->status_raw);
    }
    bool said = listed(p->map->status.gone, p->map->status.ngone, it->status_raw);
    if (it->status == STATUS_GONE && !said && !p->first &&
        !listed(p->known_statuses, p->nknown_statuses, it->status_raw))
        it->status = STATUS_UNKNOWN;
}

/* Within create_days_before of the start date counts as active. */
static void start_early(struct plan *p, struct item *it)
{
    const char *start = item_text(it, "start_date");
    int64_t day, today;

    if (p->map->options.create_days_before < 0 || it->status == STATUS_ACTIVE || !start ||
        !date_to_days(start, &day) || !date_to_days(p->today, &today) || day <= today)
        return;
    it->settled = false;                        /* tomorrow it may be another thing */
    if (it->status == STATUS_GONE && day <= today + p->map->options.create_days_before)
        it->status = STATUS_ACTIVE;
}

enum err plan_values(struct plan *p, struct item *it)
{
    static const char *const names[] = { "active", "leave", "gone", NULL };
    struct record r = { it->id, NULL, it->values };
    bool unknown = false;

    it->fresh.list = NEW_ARRAY(p->w->mem, struct claim, p->nslots + it->old.n + 5);
    for (size_t i = 0; i < p->nslots; i++)
        claim_slot(p, it, &p->slots[i]);
    follow_email(it);
    it->email = item_text(it, "email");
    read_status(p, it);
    start_early(p, it);
    if (it->status != STATUS_UNKNOWN) {
        claim(it, "?status", names[it->status]);
        claim(it, "?raw", it->status_raw);
    } else {
        claim_stands(it, "?status");
        claim_stands(it, "?raw");
    }
    claim_stands(it, "?retired");
    if (!map_excluded(p->w->mem, p->map, &r, item_text(it, "email"), &it->excluded, &unknown))
        it->excluded = NULL;
    else if (!it->excluded)
        it->excluded = "an exclusion rule";
    return OK;
}

/* ---- who else speaks for this person ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct value *)a)->attr->name, ((const struct value *)b)->attr->name);
}

static void pin(struct plan *p, struct item *it, const struct pinned *one)
{
    const struct attr *attr = attr_find(p->attrs, one->attribute);
    struct value *more = NEW_ARRAY(p->w->mem, struct value, it->npinned + 1);

    if (!attr)
        return;
    if (it->npinned)
        memcpy(more, it->pinned, it->npinned * sizeof *more);
    more[it->npinned++] = (struct value){ attr, one->value };
    it->settled &= one->expires == 0;           /* HR's value comes back that day, without a change of HR's */
    qsort(more, it->npinned, sizeof *more, by_name);
    it->pinned = more;
}

enum err plan_others(struct plan *p, struct item *items, size_t n)
{
    int64_t *ids = NEW_ARRAY(p->w->mem, int64_t, n + 1);
    struct rank *ranks = NEW_ARRAY(p->w->mem, struct rank, p->nsources + 1);
    struct link *links = NULL;
    struct pinned *pins = NULL;
    size_t k = 0, nlinks = 0, npins = 0;

    if (p->nsources < 2 && !p->any_pinned)
        return OK;
    for (size_t i = 0; i < n; i++)
        if (items[i].before)
            ids[k++] = items[i].before->id;
    if (p->nsources > 1)
        TRY(links_of(p->w, ids, k, &links, &nlinks));
    for (size_t i = 0; i < p->nsources; i++)
        ranks[i] = (struct rank){ p->sources[i].id, p->sources[i].place };
    if (p->any_pinned)
        TRY(pinned_of(p->w, ids, k, &pins, &npins));
    for (size_t i = 0; i < n; i++) {
        int64_t person = items[i].before ? items[i].before->id : 0;
        size_t from = person ? links_first(links, nlinks, person) : nlinks, to = from;
        struct voices others;
        while (to < nlinks && links[to].person == person)
            to++;
        TRY(voices_read(p->w->mem, ranks, p->nsources, &links[from], to - from, p->source->id,
                        &others));
        items[i].noutranked =
            voices_names_above(p->w->mem, &others, p->source->place, &items[i].outranked);
        for (size_t q = 0; items[i].before && q < npins; q++)
            if (pins[q].person == items[i].before->id)
                pin(p, &items[i], &pins[q]);
    }
    return OK;
}

/* ---- wanted values ---- */

static bool outranked(const struct item *it, const char *name)
{
    for (size_t i = 0; i < it->noutranked; i++)
        if (str_eq(it->outranked[i], name))
            return true;
    return false;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The names of a claim become teams; an unchanged claim keeps the memberships it has. */
static enum err team_ids(struct plan *p, struct item *it, const char *claim, const char **out)
{
    size_t n = 0, max = 1;

    for (const char *s = claim; s && *s; s++)
        max += *s == '\x1f';
    int64_t *ids = NEW_ARRAY(p->w->mem, int64_t, max);
    for (const char *s = claim, *end; s && *s; s = *end ? end + 1 : end) {
        end = strchrnul(s, '\x1f');
        const char *name = arena_textn(p->w->mem, s, (size_t)(end - s)), *key = NULL;
        for (size_t i = 0; i < p->map->want.n; i++)
            if (it->values[i].key && it->values[i].n == (size_t)(end - s) &&
                memcmp(it->values[i].text, s, (size_t)(end - s)) == 0)
                key = it->values[i].key;
        TRY(plan_team(p, name, key, &ids[n]));
        bool twice = false;
        for (size_t q = 0; q < n; q++)
            twice |= ids[q] == ids[n];
        n += !twice;
    }
    qsort(ids, n, sizeof *ids, by_id);
    *out = ids_join(p->w->mem, ids, n);
    return OK;
}

/* Everybody has come: whoever is not here now is waited for. */
static void await(struct plan *p, struct item *it, const struct attr *attr, const char *reference)
{
    bool key = strchr(reference, '@') != NULL;

    item_note(p, it, FINDING_manager_unknown, attr->label, reference);
    it->settled = false;
    it->awaits = arena_printf(p->w->mem, "%s%s%s\x1f%s\x1f%s", it->awaits ? it->awaits : "",
                              it->awaits ? "\x1e" : "", attr->name, key ? "key" : "record",
                              key ? str_fold(p->w->mem, reference) : reference);
}

/* By record id or by one of its own keys; somebody new is in no table yet. */
static bool is_self(struct plan *p, const struct item *it, const char *one)
{
    if (!strchr(one, '@'))
        return str_eq(one, it->id);
    const char *folded = str_fold(p->w->mem, one);
    return str_eq(folded, item_key(p, it, KEY_EMAIL)) ||
           str_eq(folded, item_key(p, it, KEY_USER_NAME));
}

/* One manager or several: each a person, or a place kept for one who may still come. */
static const char *reference(struct plan *p, struct item *it, const struct attr *attr,
                             const char *claim, bool *keep)
{
    int64_t ids[16];
    size_t n = 0;

    for (const char *s = claim, *end; s && *s && n < COUNT(ids); s = *end ? end + 1 : end) {
        bool open = false;
        end = strchrnul(s, '\x1f');
        const char *one = arena_textn(p->w->mem, s, (size_t)(end - s));
        int64_t target = is_self(p, it, one) ? -1 : plan_target(p, one, &open);
        if (target == -1 || (it->before && target == it->before->id)) {
            item_note(p, it, FINDING_manager_self, attr->label, NULL);
            it->settled = false;
        } else if (open && p->closing && it->known) {
            await(p, it, attr, one);
        } else {
            it->promised |= open;
            ids[n++] = target;
        }
    }
    *keep = !(attr->flags & ATTR_MANY) && n == 0 && claim;
    return n ? ids_join(p->w->mem, ids, n) : NULL;
}

/* What was undone or refused, and HR says the same: no team is made for it. */
static bool held_teams(struct plan *p, struct item *it, const struct attr *attr, const char *claim)
{
    for (size_t i = it->held_at; i < it->held_at + it->nheld; i++)
        if (str_eq(p->held[i].attribute, attr->name) && str_eq(p->held[i].said, claim)) {
            item_note(p, it, FINDING_held_back, attr->label, NULL);
            it->settled = false;
            return true;
        }
    return false;
}

enum err plan_wanted(struct plan *p, struct item *it)
{
    it->wanted = NEW_ARRAY(p->w->mem, struct value, it->fresh.n + it->npinned + 1);
    it->nwanted = 0;
    for (size_t i = 0, pin = 0; i < it->fresh.n || pin < it->npinned;) {
        const struct claim *c = i < it->fresh.n ? &it->fresh.list[i] : NULL;
        int order = !c ? 1 : pin == it->npinned ? -1 : strcmp(c->name, it->pinned[pin].attr->name);
        if (order >= 0) {
            if (order == 0 && str_eq(c->text, it->pinned[pin].text))
                item_note(p, it, FINDING_pinned_agrees, it->pinned[pin].attr->label, NULL);
            if (!(it->pinned[pin].attr->flags & ATTR_UNMAPPED))
                it->wanted[it->nwanted++] = it->pinned[pin];
            pin++;
            i += order == 0;
            continue;
        }
        i++;
        const struct attr *attr = c->name[0] == '?' ? NULL : attr_find(p->attrs, c->name);
        if (!attr || outranked(it, c->name))
            continue;
        const char *text = c->text;
        bool keep = false;
        if (attr->type == ATTR_PERSON)
            text = reference(p, it, attr, c->text, &keep);
        else if (attr->flags & ATTR_PLACE && held_teams(p, it, attr, c->text))
            keep = true;
        else if (attr->flags & ATTR_PLACE)
            TRY(team_ids(p, it, c->text, &text));
        else if (attr->flags & ATTR_KEY && !text)
            keep = true;                        /* nobody loses their address to an empty field */
        if (keep && attr_key_kind(attr) == KEY_EMAIL && it->status == STATUS_ACTIVE) {
            item_note(p, it, FINDING_no_email, NULL, NULL);
            it->settled = false;
        }
        if (!keep)
            it->wanted[it->nwanted++] = (struct value){ attr, text };
    }
    return OK;
}
