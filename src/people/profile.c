/* profile.c — see profile.h. */
#include "people/profile.h"

#include "base/id.h"
#include "base/str.h"
#include "people/asof.h"
#include "people/change.h"

const char *person_shown_name(struct arena *a, const struct person *p)
{
    const char *shown = person_text(p, "display_name");
    const char *given = person_text(p, "given_name"), *family = person_text(p, "family_name");

    if (shown || (!given && !family))
        return shown;
    return given && family ? arena_printf(a, "%s %s", given, family) : given ? given : family;
}

const char *person_shown_value(const struct person *p, const char *attribute)
{
    const char *text = person_text(p, attribute);

    return !text && str_eq(attribute, "invite") ? "none" : text;
}

static bool is_shown(const struct person *p)
{
    return p && p->state != STATE_NONE && p->state != STATE_WITHDRAWN;
}

/* The people whom a page names: one list of ids, looked up at once. */
struct named {
    int64_t *ids;
    size_t n, cap;
    struct person **people;
};

static void name_one(struct arena *a, struct named *all, int64_t id)
{
    ARENA_GROW(a, all->ids, all->n, all->cap);
    all->ids[all->n++] = id;
}

static void add_teams(struct arena *a, const struct teams *teams, struct profile *out)
{
    const struct person *p = out->person;

    out->teams = NEW_ARRAY(a, const struct team *, p->nteams + 1);
    for (size_t i = 0; i < p->nteams; i++) {
        const struct team *t = team_meant(teams, team_by_id(teams, p->teams[i].team));
        bool had = !t;
        for (size_t q = 0; q < out->nteams && !had; q++)
            had = out->teams[q] == t;
        if (!had)
            out->teams[out->nteams++] = t;
    }
}

enum err profiles_make(struct work *w, const struct attrs *as, const struct teams *teams,
                       const struct asof *at, struct person *const *people, size_t n,
                       struct profile **out)
{
    struct arena *a = w->mem;
    struct named all = {};
    size_t *managers = NEW_ARRAY(a, size_t, n + 1);

    *out = NEW_ARRAY(a, struct profile, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (!is_shown(people[i]))
            continue;
        struct profile *one = &(*out)[i];
        int64_t *more;
        one->person = people[i];
        managers[i] = all.n;
        if (people[i]->manager)
            name_one(a, &all, people[i]->manager);
        one->nmore = ids_read(a, person_text(people[i], "additional_managers"), &more);
        for (size_t q = 0; q < one->nmore; q++)
            name_one(a, &all, more[q]);
        add_teams(a, teams, one);
    }
    all.people = NEW_ARRAY(a, struct person *, all.n + 1);
    TRY(people_load(w, as, all.ids, all.n, 0, all.people));
    for (size_t i = 0; at && i < all.n; i++)
        asof_turn(a, at, &all.people[i]);
    for (size_t i = 0; i < n; i++) {
        struct profile *one = &(*out)[i];
        if (!one->person)
            continue;
        size_t from = managers[i], found = 0;
        if (one->person->manager && is_shown(all.people[from]))
            one->manager = all.people[from];
        from += one->person->manager != 0;
        one->more = NEW_ARRAY(a, const struct person *, one->nmore + 1);
        for (size_t q = 0; q < one->nmore; q++)
            if (is_shown(all.people[from + q]))
                one->more[found++] = all.people[from + q];
        one->nmore = found;
    }
    return OK;
}

enum err profile_load(struct work *w, const struct attrs *as, int64_t id, struct profile **out)
{
    struct teams *teams;
    struct person *p;

    TRY(teams_load(w, &teams));
    TRY(person_load(w, as, id, &p));
    TRY(profiles_make(w, as, teams, NULL, &p, 1, out));
    return (*out)->person
               ? OK
               : errf(ERR_NOT_FOUND, "the person %s was withdrawn; `muster why %s` says by whom",
                      id_text(id), id_text(id));
}
