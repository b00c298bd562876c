/* cmd_person.c — `muster person …`: one person, seen and changed by hand. */
#include <unistd.h>

#include "base/id.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/person_json.h"
#include "cli/person_values.h"
#include "people/asof.h"
#include "people/erase.h"
#include "people/link.h"
#include "sync/connect.h"
#include "sync/pinned.h"
#include "sync/said.h"

/* The person WHO of the first argument; withdrawn ones are not found. */
static enum err person_meant(struct cli *c, struct attrs **attrs, struct person **out)
{
    int64_t id;

    TRY(attrs_load(c->w, attrs));
    TRY(person_find(c->w, c->args[0], &id));
    TRY(person_load(c->w, *attrs, id, out));
    if ((*out)->state == STATE_WITHDRAWN)
        return errf(
            ERR_NOT_FOUND,
            "%s was withdrawn; `muster why %s` says more, `muster release` lets the next run "
            "make them again",
            person_label(c->mem, *out), id_text(id));
    return OK;
}

static enum err show_person(struct cli *c, const struct attrs *attrs, int64_t id)
{
    AUTO_BUF text = {};
    struct profile *profile;

    TRY(profile_load(c->w, attrs, id, &profile));
    if (c->json) {
        struct json_out j = { &text };
        person_json(c->mem, &j, attrs, profile);
        cli_print_json(&text);
    } else {
        person_lines(c->mem, &text, attrs, profile);
        cli_table(c, &text);
    }
    return OK;
}

enum err cmd_person_show(struct cli *c)
{
    struct attrs *attrs;
    struct person *p;

    TRY(person_meant(c, &attrs, &p));
    return show_person(c, attrs, p->id);
}

enum err cmd_person_add(struct cli *c)
{
    struct edit edit = { .create = true, .person = id_new() };
    struct attrs *attrs;
    struct given *given;

    TRY(attrs_load(c->w, &attrs));
    TRY(changes_given(c->w, attrs, NULL, c->args, (size_t)c->nargs, &edit.changes, &given));
    if (!changes_find(&edit.changes, "email"))
        return errf(ERR_USAGE,
                    "nobody can be without an e-mail: muster person add email=ana@example.com …");
    changes_add(c->mem, &edit.changes, attr_find(attrs, "state"), NULL, state_name(STATE_ACTIVE));
    TRY(people_edit(c->w, attrs, &edit, ROW_CREATE, "added by hand"));
    return show_person(c, attrs, edit.person);
}

/* ---- set, pin, unpin ---- */

struct setting_by_hand {
    struct cli *c;
    const struct attrs *attrs;
    struct edit edit;
    struct given *given;
    size_t n;
    const char *reason;
    int64_t until;
    bool pin;
};

static enum err write_settings(struct work *w, void *arg)
{
    struct setting_by_hand *s = arg;

    TRY(people_edit(w, s->attrs, &s->edit, ROW_UPDATE, s->reason ? s->reason : "by hand"));
    for (size_t i = 0; s->pin && i < s->n; i++) {
        struct pinned pin = { .person = s->edit.person,
                              .attribute = s->given[i].attr->name,
                              .value = s->given[i].text,
                              .author = w->actor->name,
                              .reason = s->reason ? s->reason : "",
                              .expires = s->until };
        TRY(pinned_put(w, &pin));
    }
    return OK;
}

/* Values that a source maps come back with its next run. */
static enum err warn_of_sources(struct setting_by_hand *s)
{
    struct work *w = s->c->w;
    struct source_row *sources;
    struct link *links;
    struct said said;
    size_t nsources, n;

    TRY(source_rows(w, &sources, &nsources));
    TRY(links_of(w, &s->edit.person, 1, &links, &n));
    for (size_t i = 0; i < n; i++) {
        const char *name = "a removed source";
        for (size_t q = 0; q < nsources; q++)
            if (sources[q].id == links[i].source)
                name = sources[q].name;
        TRY(said_read(w->mem, links[i].said, &said));
        for (size_t q = 0; q < s->n; q++) {
            const struct claim *claim = said_find(&said, s->given[q].attr->name);
            if (claim && !str_eq(claim->text, s->given[q].text))
                fprintf(stderr,
                        "note: %s comes from %s, whose next run sets it back; --pin keeps yours\n",
                        s->given[q].attr->name, name);
        }
    }
    return OK;
}

static enum err unpin(struct cli *c, const struct attrs *attrs, const struct person *p)
{
    const struct attr *attr;
    bool was;

    for (int i = 1; i < c->nargs; i++) {
        if (strchr(c->args[i], '='))
            return errf(ERR_USAGE, "--unpin takes attributes without a value, not '%s'",
                        c->args[i]);
        TRY(attribute_settable(c->w, attrs, c->args[i], &attr));
        TRY(pinned_drop(c->w, p->id, attr->name, &was));
        if (!was)
            return errf(ERR_NOT_FOUND, "%s of %s has no override", attr->name,
                        person_label(c->mem, p));
        fprintf(stderr, "%s is not pinned any more; the next run sets what the sources say\n",
                attr->name);
    }
    return show_person(c, attrs, p->id);
}

enum err cmd_person_set(struct cli *c)
{
    struct setting_by_hand s = { .c = c,
                                 .pin = cli_has(c, "pin"),
                                 .reason = cli_value(c, "reason") };
    struct attrs *attrs;
    struct person *p;

    TRY(person_meant(c, &attrs, &p));
    if (cli_has(c, "unpin") && s.pin)
        return errf(ERR_USAGE, "either --pin or --unpin");
    if (cli_has(c, "unpin"))
        return unpin(c, attrs, p);
    if (cli_has(c, "until") && !s.pin)
        return errf(ERR_USAGE, "--until goes with --pin: it is the override that ends");
    if (cli_has(c, "until"))
        TRY(asof_instant(c->w, cli_value(c, "until"), &s.until));
    if (s.until && s.until <= c->w->now)
        return errf(ERR_USAGE, "--until %s is over already", cli_value(c, "until"));
    s.attrs = attrs;
    s.n = (size_t)c->nargs - 1;
    s.edit.person = p->id;
    TRY(changes_given(c->w, attrs, p, c->args + 1, s.n, &s.edit.changes, &s.given));
    TRY(store_write(c->w, write_settings, &s));
    if (!s.pin)
        TRY(warn_of_sources(&s));
    return show_person(c, attrs, p->id);
}

/* ---- state ---- */

static enum err set_state(struct cli *c, enum person_state to, enum row_kind kind,
                          const char *reason)
{
    struct attrs *attrs;
    struct person *p;
    struct edit edit = {};

    TRY(person_meant(c, &attrs, &p));
    if (p->state == to)
        fprintf(stderr, "%s is %s already\n", person_label(c->mem, p), state_name(to));
    else
        changes_add(c->mem, &edit.changes, attr_find(attrs, "state"), state_name(p->state),
                    state_name(to));
    edit.person = p->id;
    TRY(people_edit(c->w, attrs, &edit, kind, reason));
    return show_person(c, attrs, p->id);
}

enum err cmd_person_deactivate(struct cli *c)
{
    return set_state(c, STATE_DEACTIVATED, ROW_DEACTIVATE, "deactivated by hand");
}

enum err cmd_person_reactivate(struct cli *c)
{
    return set_state(c, STATE_ACTIVE, ROW_REACTIVATE, "reactivated by hand");
}

/* ---- delete ---- */

static enum err confirm(struct cli *c, const char *label)
{
    char answer[16] = "";

    if (cli_has(c, "yes"))
        return OK;
    if (!isatty(STDIN_FILENO))
        return errf(ERR_USAGE,
                    "this erases %s for good, from history too; say --yes if it is meant", label);
    fprintf(stderr, "Erase %s for good, from history too? Type yes: ", label);
    if (!fgets(answer, sizeof answer, stdin) || !str_eq(str_trim(c->mem, answer), "yes"))
        return errf(ERR_USAGE, "nobody was erased");
    return OK;
}

enum err cmd_person_delete(struct cli *c)
{
    struct attrs *attrs;
    size_t sources;
    int64_t id;
    struct person *p;
    AUTO_BUF text = {};

    TRY(attrs_load(c->w, &attrs));
    TRY(person_find(c->w, c->args[0], &id));        /* withdrawn ones too */
    TRY(person_load(c->w, attrs, id, &p));
    TRY(confirm(c, person_label(c->mem, p)));
    TRY(people_erase(c->w, attrs, id, &sources));
    if (sources)
        fprintf(stderr, "note: a source listed this person; its next run makes them again unless "
                        "they are gone there "
                        "or the mapping excludes them\n");
    if (!c->json) {
        printf("erased %s\n", id_text(id));
        return OK;
    }
    struct json_out j = { &text };
    json_open(&j, '{');
    json_put(&j, "erased", id_text(id));
    json_close(&j, '}');
    cli_print_json(&text);
    return OK;
}
