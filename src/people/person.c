/* person.c — values of a person: look-up, JSON, labels. */
#include "people/person.h"

#include <stdlib.h>

#include "base/id.h"
#include "base/json.h"
#include "base/str.h"

static const char *const states[] = { "", "active", "suspended", "deactivated", "withdrawn" };

const char *state_name(enum person_state s)
{
    return states[s];
}

enum person_state state_read(const char *name)
{
    for (size_t i = 1; name && i < COUNT(states); i++)
        if (str_eq(states[i], name))
            return (enum person_state)i;
    return STATE_NONE;
}

enum key_kind attr_key_kind(const struct attr *attr)
{
    if (!(attr->flags & ATTR_KEY))
        return 0;
    return attr->name[0] == 'u' ? KEY_USER_NAME : attr->name[1] == 'm' ? KEY_EMAIL : KEY_ANCHOR;
}

const char *key_attribute(enum key_kind kind)
{
    static const char *const names[] = {
        [KEY_EMAIL] = "email", [KEY_USER_NAME] = "user_name", [KEY_ANCHOR] = "external_id"
    };

    return names[kind];
}

const char *key_fold(struct arena *a, enum key_kind kind, const char *text)
{
    return !text || kind == KEY_ANCHOR ? text : str_fold(a, text);
}

static int by_kind(const void *a, const void *b)
{
    const struct person_key *x = a, *y = b;

    return x->kind != y->kind ? (x->kind < y->kind ? -1 : 1) : strcmp(x->folded, y->folded);
}

size_t person_keys(struct arena *a, const struct person *p, struct person_key **out)
{
    const char *emails = p ? person_text(p, "emails") : NULL;
    yyjson_val *list = NULL, *one;
    size_t n = 0, kept = 0, i, max;

    *out = NULL;
    if (!p || p->state == STATE_WITHDRAWN)
        return 0;
    if (emails && json_read_in(a, emails, strlen(emails), &list) != OK)
        list = NULL;
    struct person_key *keys =
        NEW_ARRAY(a, struct person_key, KEY_ANCHOR + 1 + yyjson_arr_size(list));
    for (enum key_kind k = KEY_EMAIL; k <= KEY_ANCHOR; k++)
        if (person_text(p, key_attribute(k)))
            keys[n++] = (struct person_key){ k, key_fold(a, k, person_text(p, key_attribute(k))) };
    yyjson_arr_foreach(list, i, max, one)
        if (json_text(one, "value"))                /* the one without is the work e-mail */
            keys[n++] = (struct person_key){ KEY_EMAIL, str_fold(a, json_text(one, "value")) };
    qsort(keys, n, sizeof *keys, by_kind);
    for (i = 0; i < n; i++)
        if (i == 0 || by_kind(&keys[i], &keys[i - 1]) != 0)
            keys[kept++] = keys[i];
    *out = keys;
    return kept;
}

static const char *teams_text(struct arena *a, const struct person *p, int64_t owner)
{
    char *text = arena_alloc(a, p->nteams * ID_TEXT + 1), *to = text;

    for (size_t i = 0; i < p->nteams; i++) {
        if (p->teams[i].owner != owner)
            continue;
        if (to != text)
            *to++ = ' ';
        id_write(p->teams[i].team, to);
        to += ID_TEXT - 1;
    }
    *to = '\0';
    return to == text ? NULL : text;
}

const char *person_value(struct arena *a, const struct person *p, const struct attr *attr,
                         int64_t owner)
{
    if (attr->flags & ATTR_PLACE) {
        switch (attr->name[0]) {
        case 's':
            return p->state ? state_name(p->state) : NULL;
        case 'm':
            return p->manager ? arena_text(a, id_text(p->manager)) : NULL;
        default:
            return teams_text(a, p, owner);
        }
    }
    for (size_t i = 0; i < p->nvalues; i++)
        if (p->values[i].attr == attr)
            return p->values[i].text;
    return NULL;
}

const char *person_text(const struct person *p, const char *attribute)
{
    for (size_t i = 0; i < p->nvalues; i++)
        if (str_eq(p->values[i].attr->name, attribute))
            return p->values[i].text;
    return NULL;
}

const char *person_label(struct arena *a, const struct person *p)
{
    const char *shown = person_text(p, "display_name"), *email = person_text(p, "email");
    const char *given = person_text(p, "given_name"), *family = person_text(p, "family_name");

    if (!shown && (given || family))
        shown = arena_printf(a, "%s%s%s", given ? given : "", given && family ? " " : "",
                             family ? family : "");
    if (shown && email)
        return arena_printf(a, "%s <%s>", shown, email);
    return shown ? shown : email ? email : arena_text(a, id_text(p->id));
}

void values_write(struct buf *to, const struct value *values, size_t n)
{
    struct json_out j = { to };

    json_open(&j, '{');
    for (size_t i = 0; i < n; i++)
        json_put(&j, values[i].attr->name, values[i].text);
    json_close(&j, '}');
}

enum err values_read(struct arena *a, const struct attrs *as, const char *json, size_t n,
                     struct value **values, size_t *nvalues)
{
    yyjson_val *root, *key, *val;
    size_t i, max;

    TRY(json_read_in(a, json, n, &root));
    *values = NEW_ARRAY(a, struct value, yyjson_obj_size(root));
    *nvalues = 0;
    yyjson_obj_foreach(root, i, max, key, val) {
        const struct attr *attr = attr_find(as, yyjson_get_str(key));
        if (attr && yyjson_is_str(val))         /* an attribute that was removed stays unread */
            (*values)[(*nvalues)++] = (struct value){ attr, yyjson_get_str(val) };
    }
    return OK;
}

enum err person_load(struct work *w, const struct attrs *as, int64_t id, struct person **out)
{
    TRY(people_load(w, as, &id, 1, LOAD_TEAMS, out));
    return *out ? OK : errf(ERR_NOT_FOUND, "there is no person with the id %s", id_text(id));
}

enum err person_find(struct work *w, const char *who, int64_t *id)
{
    const char *folded = str_fold(w->mem, who);
    static const enum key_kind kinds[] = { KEY_EMAIL, KEY_USER_NAME, KEY_ANCHOR };

    for (size_t i = 0; i < COUNT(kinds); i++) {
        const char *key = kinds[i] == KEY_ANCHOR ? who : folded;
        TRY(people_key_holders(w, kinds[i], &key, 1, id));
        if (*id)
            return OK;
    }
    if (id_read(who, id)) {
        struct person *p;
        struct attrs *as;
        TRY(attrs_load(w, &as));
        TRY(people_load(w, as, id, 1, 0, &p));
        if (p)
            return OK;
    }
    return errf(ERR_NOT_FOUND, "nobody here has the e-mail, user name, anchor or id '%s'", who);
}
