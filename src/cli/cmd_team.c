/* cmd_team.c — `muster team …`: teams by hand. Teams are named by name or id. */
#include "base/id.h"
#include "base/str.h"
#include "cli/cli.h"
#include "people/history.h"
#include "people/team.h"
#include "sync/connect.h"

/* The team somebody means; a merged one's name means the team it went into. */
static enum err team_named(struct work *w, const struct teams *teams, const char *name,
                           struct team **out)
{
    int64_t id;

    *out = team_by_name(teams, name);
    if (!*out && id_read(name, &id))
        *out = team_by_id(teams, id);
    *out = team_meant(teams, *out);
    if (*out)
        return OK;
    const struct team *alike = team_alike(w->mem, teams, name);
    if (alike)
        return errf(ERR_NOT_FOUND, "there is no team '%s'; did you mean '%s'?", name, alike->name);
    return errf(ERR_NOT_FOUND, "there is no team '%s'; `muster team list` shows them", name);
}

/* ---- list ---- */

static void team_json(struct json_out *j, const struct team *t)
{
    json_open(j, '{');
    json_put(j, "id", id_text(t->id));
    json_put(j, "name", t->name);
    json_put(j, "kind", t->kind == TEAM_MANUAL ? "manual" : "synced");
    json_put_num(j, "members", t->members);
    json_close(j, '}');
}

/* A synced team that nobody is in any more is kept, but not shown. */
static bool is_listed(const struct team *t)
{
    return !t->merged && (t->kind == TEAM_MANUAL || t->members > 0);
}

enum err cmd_team_list(struct cli *c)
{
    struct teams *teams;
    AUTO_BUF text = {};

    TRY(teams_load(c->w, &teams));
    TRY(teams_count(c->w, teams));
    if (!c->json)
        buf_puts(&text, "TEAM\tKIND\tMEMBERS\n");
    for (size_t i = 0; i < teams->n; i++) {
        const struct team *t = teams->all[i];
        if (!is_listed(t))
            continue;
        if (!c->json) {
            buf_printf(&text, "%s\t%s\t%lld\n", t->name,
                       t->kind == TEAM_MANUAL ? "manual" : "synced", (long long)t->members);
            continue;
        }
        struct json_out j = { &text };
        buf_clear(&text);
        team_json(&j, t);
        cli_print_json(&text);
    }
    if (!c->json)
        cli_table(c, &text);
    return OK;
}

/* Prints one team as it is now. */
static enum err show_team(struct cli *c, int64_t id)
{
    struct teams *teams;
    AUTO_BUF text = {};
    struct json_out j = { &text };

    TRY(teams_load(c->w, &teams));
    TRY(teams_count(c->w, teams));
    const struct team *t = team_by_id(teams, id);
    if (!t)
        return errf(ERR_NOT_FOUND, "this team was removed meanwhile");
    if (c->json) {
        team_json(&j, t);
        cli_print_json(&text);
    } else {
        printf("%s: %s\n", t->name, str_count(c->mem, t->members, "member", "members"));
    }
    return OK;
}

/* ---- add, rename, merge ---- */

struct team_edit {
    const char *name, *other;       /* the team; its new name, or the one it goes into */
    int64_t id;                     /* out */
};

/* {"name":[before, after]}, as a sync writes it. */
static enum err note_name(struct work *w, int64_t id, const char *before, const char *after)
{
    struct run_row row = { .person = id,
                           .kind = ROW_TEAM,
                           .changes = team_name_change(w->mem, before, after),
                           .reason = "by hand" };
    return edit_row_put(w, &row);
}

static enum err check_free(const struct teams *teams, const char *name, bool in_use)
{
    struct team *taken = team_by_name(teams, name);

    if (str_empty(name))
        return errf(ERR_USAGE, "a team needs a name");
    if (!str_utf8(name, strlen(name)) || name[strcspn(name, "\t\r\n")])
        return errf(ERR_USAGE, "a team's name is text in UTF-8 without tabs and line ends");
    if (taken && taken->merged)
        return errf(ERR_CONFLICT, "'%s' was merged: it means the team '%s' now", name,
                    team_meant(teams, taken)->name);
    if (taken)
        return errf(ERR_CONFLICT, "there is a team '%s' already%s", name,
                    in_use ? "; `muster team merge` joins the two" : "");
    return OK;
}

static enum err write_add(struct work *w, void *arg)
{
    struct team_edit *e = arg;
    struct teams *teams;

    TRY(teams_load(w, &teams));
    TRY(check_free(teams, e->name, false));
    struct team t = { .id = e->id = id_new(), .name = e->name, .kind = TEAM_MANUAL };
    TRY(team_put(w, &t));
    return note_name(w, t.id, NULL, t.name);
}

static enum err write_rename(struct work *w, void *arg)
{
    struct team_edit *e = arg;
    struct teams *teams;
    struct team *t;

    TRY(teams_load(w, &teams));
    TRY(team_named(w, teams, e->name, &t));
    e->id = t->id;
    if (str_eq(t->name, e->other))
        return OK;
    TRY(check_free(teams, e->other, true));
    TRY(team_rename(w, t->id, e->other));
    return note_name(w, t->id, t->name, e->other);
}

/* Values that were spelled like the merged team now mean the other: everybody is looked at again. */
static enum err write_merge(struct work *w, void *arg)
{
    struct team_edit *e = arg;
    struct teams *teams;
    struct team *from, *into;

    TRY(teams_load(w, &teams));
    TRY(team_named(w, teams, e->name, &from));
    TRY(team_named(w, teams, e->other, &into));
    if (from == into)
        return errf(ERR_CONFLICT, "'%s' and '%s' are one team already", e->name, e->other);
    e->id = into->id;
    TRY(team_merge(w, from->id, into->id));
    TRY(source_raise_revision(w, 0));
    struct run_row row = { .kind = ROW_NOTE,
                           .reason = arena_printf(w->mem, "the team '%s' was merged into '%s'",
                                                  from->name, into->name) };
    return edit_row_put(w, &row);
}

static enum err note_alike(struct cli *c, const char *name)
{
    struct teams *teams;

    TRY(teams_load(c->w, &teams));
    const struct team *alike = team_alike(c->mem, teams, name);
    if (alike)
        fprintf(stderr,
                "note: '%s' looks like the team '%s'; `muster team merge` joins the two if they "
                "are one\n",
                name, alike->name);
    return OK;
}

enum err cmd_team_add(struct cli *c)
{
    struct team_edit e = { c->args[0], NULL, 0 };

    TRY(store_write(c->w, write_add, &e));
    TRY(note_alike(c, e.name));
    return show_team(c, e.id);
}

enum err cmd_team_rename(struct cli *c)
{
    struct team_edit e = { c->args[0], c->args[1], 0 };

    TRY(store_write(c->w, write_rename, &e));
    TRY(note_alike(c, e.other));
    return show_team(c, e.id);
}

enum err cmd_team_merge(struct cli *c)
{
    struct team_edit e = { c->args[0], c->args[1], 0 };

    TRY(store_write(c->w, write_merge, &e));
    return show_team(c, e.id);
}

/* ---- join, leave ---- */

struct membership_edit {
    struct team *team;
    struct person *person;
    struct attrs *attrs;
    bool by_hand, at_all;           /* is the person in it now? */
};

static enum err membership_meant(struct cli *c, struct membership_edit *m)
{
    struct teams *teams;
    int64_t id;

    TRY(attrs_load(c->w, &m->attrs));
    TRY(teams_load(c->w, &teams));
    TRY(team_named(c->w, teams, c->args[0], &m->team));
    TRY(person_find(c->w, c->args[1], &id));
    TRY(person_load(c->w, m->attrs, id, &m->person));
    for (size_t i = 0; i < m->person->nteams; i++)
        if (m->person->teams[i].team == m->team->id) {
            m->at_all = true;
            m->by_hand |= m->person->teams[i].owner == 0;
        }
    return OK;
}

/* Memberships by hand, with this team or without it. */
static enum err change_membership(struct cli *c, struct membership_edit *m, bool in)
{
    const struct attr *teams = attr_builtin("teams");
    const char *before = person_value(c->mem, m->person, teams, 0);
    int64_t *was, *is;
    size_t n = ids_read(c->mem, before, &was), kept = 0;
    struct edit edit = { .person = m->person->id };

    is = NEW_ARRAY(c->mem, int64_t, n + 1);
    for (size_t i = 0; i < n && was[i] < m->team->id; i++)
        is[kept++] = was[i];
    size_t from = kept + (kept < n && was[kept] == m->team->id);
    if (in)
        is[kept++] = m->team->id;
    while (from < n)
        is[kept++] = was[from++];
    changes_add(c->mem, &edit.changes, teams, before, ids_join(c->mem, is, kept));
    TRY(people_edit(c->w, m->attrs, &edit, ROW_UPDATE, "by hand"));
    return show_team(c, m->team->id);
}

enum err cmd_team_join(struct cli *c)
{
    struct membership_edit m = {};

    TRY(membership_meant(c, &m));
    if (m.person->state == STATE_WITHDRAWN)
        return errf(ERR_CONFLICT, "%s was withdrawn", person_label(c->mem, m.person));
    if (m.by_hand) {
        fprintf(stderr, "%s is in '%s' already\n", person_label(c->mem, m.person), m.team->name);
        return show_team(c, m.team->id);
    }
    return change_membership(c, &m, true);
}

enum err cmd_team_leave(struct cli *c)
{
    struct membership_edit m = {};

    TRY(membership_meant(c, &m));
    if (!m.at_all)
        return errf(ERR_CONFLICT, "%s is not in '%s'", person_label(c->mem, m.person),
                    m.team->name);
    if (!m.by_hand)
        return errf(ERR_CONFLICT, "%s is in '%s' because a source says so; change it there",
                    person_label(c->mem, m.person), m.team->name);
    return change_membership(c, &m, false);
}
