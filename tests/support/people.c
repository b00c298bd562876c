/* people.c — see people.h. */
#include "support/people.h"

#include "base/id.h"
#include "base/str.h"
#include "people/team.h"

const struct attrs *attrs_of(struct work *w)
{
    struct attrs *as;

    assert_ok(attrs_load(w, &as));
    return as;
}

struct person *the_person(struct work *w, int64_t id)
{
    struct person *p;

    assert_ok(person_load(w, attrs_of(w), id, &p));
    return p;
}

static void add_pair(struct work *w, const struct attrs *as, struct changes *c, const char *pair)
{
    const char *eq = strchr(pair, '=');
    const struct attr *attr = attr_find(as, arena_textn(w->mem, pair, (size_t)(eq - pair)));

    assert_non_null(attr);
    changes_add(w->mem, c, attr, NULL, arena_text(w->mem, eq + 1));
    if (str_eq(attr->name, "email"))
        changes_add(w->mem, c, attr_find(as, "user_name"), NULL, arena_text(w->mem, eq + 1));
}

int64_t given_person(struct work *w, const char *first, ...)
{
    struct edit edit = { .person = id_new(), .create = true };
    const struct attrs *as = attrs_of(w);
    va_list more;

    changes_add(w->mem, &edit.changes, attr_find(as, "state"), NULL, "active");
    va_start(more, first);
    for (const char *pair = first; pair; pair = va_arg(more, const char *))
        add_pair(w, as, &edit.changes, pair);
    va_end(more);
    assert_ok(people_edit(w, as, &edit, ROW_CREATE, NULL));
    return edit.person;
}

static void change(struct work *w, int64_t person, const char *attribute, const char *text,
                   enum row_kind kind)
{
    const struct attrs *as = attrs_of(w);
    const struct attr *attr = attr_find(as, attribute);
    struct edit edit = { .person = person };

    assert_non_null(attr);
    changes_add(w->mem, &edit.changes, attr, person_value(w->mem, the_person(w, person), attr, 0),
                text);
    assert_ok(people_edit(w, as, &edit, kind, NULL));
}

void given_change(struct work *w, int64_t person, const char *attribute, const char *text)
{
    change(w, person, attribute, text, ROW_UPDATE);
}

void given_state(struct work *w, int64_t person, enum person_state state)
{
    static const enum row_kind kinds[] = { [STATE_ACTIVE] = ROW_REACTIVATE,
                                           [STATE_SUSPENDED] = ROW_SUSPEND,
                                           [STATE_DEACTIVATED] = ROW_DEACTIVATE,
                                           [STATE_WITHDRAWN] = ROW_WITHDRAW };

    change(w, person, "state", state_name(state), kinds[state]);
}

static enum err put_team(struct work *w, void *arg)
{
    return team_put(w, arg);
}

int64_t given_team(struct work *w, const char *name, int64_t first, ...)
{
    struct team team = { .id = id_new(), .name = name };
    va_list more;

    assert_ok(store_write(w, put_team, &team));
    va_start(more, first);
    for (int64_t id = first; id; id = va_arg(more, int64_t)) {
        const struct person *p = the_person(w, id);
        const char *was = person_value(w->mem, p, attr_builtin("teams"), 0);
        const char *one = arena_text(w->mem, id_text(team.id));
        given_change(w, id, "teams", was ? arena_printf(w->mem, "%s %s", was, one) : one);
    }
    va_end(more);
    return team.id;
}
