/* cmd_why.c — `muster why WHO [ATTRIBUTE]`: where a value comes from; or why somebody is not here. */
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/person_values.h"
#include "sync/why.h"

/* ---- JSON ---- */

static void put_time(struct cli *c, struct json_out *j, const char *key, int64_t at)
{
    json_put(j, key, at ? time_text(c->mem, at) : NULL);
}

static void claims_json(struct json_out *j, const struct why_value *v)
{
    json_key(j, "claims");
    json_open(j, '[');
    for (size_t i = 0; i < v->nclaims; i++) {
        const struct why_claim *one = &v->claims[i];
        json_open(j, '{');
        json_put(j, "source", one->source);
        json_put(j, "record", one->record);
        json_put(j, "from", one->from);
        json_put(j, "said", one->said);
        json_put(j, "lost", one->lost);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void held_json(struct cli *c, struct json_out *j, const struct why_value *v)
{
    json_key(j, "held_back");
    json_open(j, '[');
    for (size_t i = 0; i < v->nheld; i++) {
        json_open(j, '{');
        json_put(j, "source", v->held[i].source);
        json_put(j, "said", v->held[i].said);
        put_time(c, j, "since", v->held[i].since);
        json_put(j, "run", id_text(v->held[i].run));
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void value_json(struct cli *c, struct json_out *j, const struct why_value *v)
{
    json_open(j, '{');
    json_put(j, "attribute", v->attr->name);
    json_put(j, "value", v->value);
    json_put(j, "origin", v->origin);
    claims_json(j, v);
    json_key(j, "override");
    if (v->pin.author) {
        json_open(j, '{');
        json_put(j, "author", v->pin.author);
        json_put(j, "reason", v->pin.reason);
        put_time(c, j, "until", v->pin.until);
        json_close(j, '}');
    } else {
        json_null(j);
    }
    held_json(c, j, v);
    json_key(j, "set");
    if (v->set.run) {
        json_open(j, '{');
        json_put(j, "run", id_text(v->set.run));
        json_put(j, "change",
                 arena_printf(c->mem, "%s.%lld", id_text(v->set.run), (long long)v->set.seq));
        put_time(c, j, "at", v->set.at);
        json_put(j, "kind", v->set.kind);
        json_put(j, "actor", v->set.actor);
        json_put(j, "reason", v->set.reason);
        json_close(j, '}');
    } else {
        json_null(j);
    }
    json_close(j, '}');
}

static void person_json_why(struct cli *c, const struct why *why)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };

    json_open(&j, '{');
    json_put(&j, "id", id_text(why->person->id));
    json_put(&j, "person", person_label(c->mem, why->person));
    json_put(&j, "state", state_name(why->person->state));
    json_key(&j, "values");
    json_open(&j, '[');
    for (size_t i = 0; i < why->n; i++)
        value_json(c, &j, &why->values[i]);
    json_close(&j, ']');
    json_close(&j, '}');
    cli_print_json(&text);
}

/* ---- text ---- */

static const char *quoted(struct cli *c, const char *text)
{
    return text ? arena_printf(c->mem, "'%s'", text) : "no value";
}

static void print_value(struct cli *c, const struct why_value *v)
{
    printf("%s: %s\n", v->attr->name, v->value ? v->value : "-");
    if (v->pin.author)
        printf("    override by %s%s%s%s%s\n", v->pin.author, str_empty(v->pin.reason) ? "" : ": ",
               v->pin.reason, v->pin.until ? ", until " : "",
               v->pin.until ? time_text(c->mem, v->pin.until) : "");
    for (size_t i = 0; i < v->nclaims; i++) {
        const struct why_claim *one = &v->claims[i];
        printf("    %s says %s%s%s (record %s)%s%s\n", one->source, quoted(c, one->said),
               one->from ? " in " : "", one->from ? one->from : "", one->record,
               one->lost ? ", but " : "", one->lost ? one->lost : "");
    }
    for (size_t i = 0; i < v->nheld; i++)
        printf("    held back since %s, while %s says %s (run %s); `muster release` ends it\n",
               time_text(c->mem, v->held[i].since), v->held[i].source, quoted(c, v->held[i].said),
               id_text(v->held[i].run));
    if (v->set.run)
        printf("    set by %s on %s (%s run %s.%lld)%s%s\n", v->set.actor,
               time_text(c->mem, v->set.at), v->set.kind, id_text(v->set.run),
               (long long)v->set.seq, v->set.reason ? ": " : "",
               v->set.reason ? v->set.reason : "");
    else if (v->origin && !v->nclaims)
        printf("    from %s\n", v->origin);
}

static enum err tell_person(struct cli *c, const struct attrs *attrs, int64_t id,
                            const struct attr *only)
{
    struct why why;

    TRY(why_person(c->w, attrs, id, only, &why));
    if (c->json) {
        person_json_why(c, &why);
        return OK;
    }
    printf("%s (%s)\n", person_label(c->mem, why.person), id_text(id));
    for (size_t i = 0; i < why.n; i++)
        print_value(c, &why.values[i]);
    return OK;
}

/* ---- nobody ---- */

static void tell_absent(struct cli *c, const struct why_absent *list, size_t n)
{
    static const char *const names[LINK_REASONS] = {
        [LINK_NONE] = "none",
        [LINK_EXCLUDED] = "excluded",
        [LINK_NOT_ACTIVE] = "not_active",
        [LINK_CONFLICT] = "conflict",
        [LINK_DELETED] = "deleted",
    };

    for (size_t i = 0; i < n; i++) {
        AUTO_BUF text = {};
        struct json_out j = { &text };
        if (!c->json) {
            printf("%s is not here: %s (record %s of %s)\n", c->args[0], list[i].words,
                   list[i].record, list[i].source);
            if (list[i].advice)
                printf("    %s\n", list[i].advice);
            continue;
        }
        json_open(&j, '{');
        json_put(&j, "who", c->args[0]);
        json_key(&j, "person");
        json_null(&j);
        json_put(&j, "source", list[i].source);
        json_put(&j, "record", list[i].record);
        json_put(&j, "reason", names[list[i].reason]);
        json_put(&j, "message", list[i].words);
        json_put(&j, "advice", list[i].advice);
        json_close(&j, '}');
        cli_print_json(&text);
    }
}

enum err cmd_why(struct cli *c)
{
    struct attrs *attrs;
    const struct attr *only = NULL;
    struct why_absent *absent = NULL;
    int64_t id;
    size_t n = 0;

    TRY(attrs_load(c->w, &attrs));
    if (c->nargs > 1)
        TRY(attribute_named(c->w, attrs, c->args[1], &only));
    enum err e = person_find(c->w, c->args[0], &id);
    if (e == ERR_NOT_FOUND)
        TRY(why_nobody(c->w, c->args[0], &absent, &n, &id));
    else
        TRY(e);
    if (id)
        return tell_person(c, attrs, id, only);
    tell_absent(c, absent, n);
    return OK;
}
