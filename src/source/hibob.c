/* hibob.c — people from HiBob. API facts: docs/sources/hibob.md */
#include "source/hibob.h"

#include <stdio.h>

#include "base/str.h"
#include "source/common.h"

#define GROUP "Bob → Settings → Integrations → Service users → permission group"

static const struct option options[] = {
    { "url", OPT_URL, "https://api.hibob.com/v1", "Where the API answers" },
    { "service_user", OPT_TEXT, NULL,
      "ID of the service user (Bob → Settings → Integrations → Service users)", .required = true },
    { "token", OPT_SECRET, NULL, "Token of the service user, shown once when it is made" },
    {},
};

static const struct default_row mapping[] = {
    { "external_id", "root.id" },
    { "employee_number", "work.employeeIdInCompany" },
    { "given_name", "root.firstName" },
    { "family_name", "root.surname" },
    { "email", "root.email" },
    { "start_date", "work.startDate" },
    { "end_date", "internal.terminationDate" },
    { "title", "work.title" },
    { "manager", "work.reportsTo" },
    { "location", "work.site" },
    { "teams", "work.department" },
    { "department", "work.department" },
    { "additional_managers", "work.secondLevelManager", .off = true },
    { "gender", "personal.legalGender" },
    { "birthday", "personal.birthDate" },
    {},
};

static enum err open_source(struct source *s)
{
    const char *user = options_get(s->options, "service_user");

    if (strchr(user, ':'))
        return errf(ERR_USAGE,
                    "service_user '%s' has a colon in it: give the ID alone, the token goes into "
                    "--secret-file",
                    user);
    const char *login = arena_printf(s->mem, "%s:%s", user, s->secret);
    const char *header = arena_printf(s->mem, "Basic %s", str_base64(s->mem, login, strlen(login)));
    return source_client(s, header, 50);
}

/* What an answer that is no answer means here, and where it is mended. */
static enum err refusal(struct source *s, const struct ask *ask, const struct answer *a)
{
    const char *url = options_get(s->options, "url");

    switch (a->status) {
    case 200:
        return errf(
            ERR_REMOTE,
            "HiBob: %s%s answered with %s where JSON was expected: %s is not the address of "
            "Bob's API (it is https://api.hibob.com/v1)",
            url, ask->path, *a->type ? a->type : "something without a content type", url);
    case 401:
        return errf(
            ERR_DENIED,
            "HiBob refused the login (401): the service-user id '%s' or its token is wrong, "
            "or the token was withdrawn; Bob does not say which. Compare the id, and make a "
            "new token at Bob → Settings → Integrations → Service users; then: muster "
            "source set %s --secret-file FILE",
            options_get(s->options, "service_user"), s->name);
    case 403:
        return errf(
            ERR_FORBIDDEN,
            "HiBob: the login is right, but the service user '%s' may not call %s (403): put "
            "it into a permission group that may view people (" GROUP ")",
            options_get(s->options, "service_user"), ask->path);
    case 404:
        return errf(ERR_NOT_FOUND,
                    "HiBob: %s%s does not exist (404): is the address right? Bob's API is at "
                    "https://api.hibob.com/v1",
                    url, ask->path);
    default:
        return client_refusal(ask, a);
    }
}

static enum err fields_get(struct source *s, struct arena *a, struct hibob_fields *out)
{
    AUTO(json) *doc = NULL;

    TRY(source_get(s, "/company/people/fields", MB(16), refusal, &doc));
    return hibob_fields_read(a, json_root(doc), out);
}

/* Archived entries still stand in old records. */
static enum err names_get(struct source *s, struct arena *a, struct names **out)
{
    AUTO(json) *doc = NULL;

    TRY(source_get(s, "/company/named-lists?includeArchived=true", MB(64), refusal, &doc));
    return hibob_names_read(a, json_root(doc), out);
}

struct search {
    struct hibob_reader *reader;
    struct answer answer;
};

static bool is_json(const struct answer *a)
{
    return str_eq(a->type, "application/json");
}

/* A page in HTML is not even looked at. */
static enum err piece_in(void *arg, const char *bytes, size_t n)
{
    struct search *search = arg;

    return is_json(&search->answer) ? hibob_reader_feed(search->reader, bytes, n) : ERR_REMOTE;
}

static enum err search_people(struct source *s, struct arena *a, struct hibob_reader *reader)
{
    struct ask ask = { .method = "POST", .path = "/people/search" };
    struct search search = { .reader = reader };

    TRY(hibob_reader_body(a, reader, &ask.body));
    enum err e = client_stream(s->client, &ask, piece_in, &search, &search.answer);
    bool answered = search.answer.status && (e == OK || e == ERR_REMOTE);
    if (answered && (search.answer.status != 200 || !is_json(&search.answer)))
        e = refusal(s, &ask, &search.answer);
    else if (e == OK)
        e = hibob_reader_end(reader);
    answer_free(&search.answer);
    return e;
}

static enum err fields(struct source *s, field_fn *emit, void *arg)
{
    AUTO(arena) *mem = arena_new();
    struct hibob_fields all;

    TRY(fields_get(s, mem, &all));
    for (size_t i = 0; i < all.n; i++) {
        const struct hibob_field *f = &all.all[i];
        TRY(emit(arg, &f->as));
        if (f->kind != HIBOB_PERSON)
            continue;
        static const char *const parts[] = { "id", "email" };
        for (size_t k = 0; k < COUNT(parts); k++) {
            struct field part = f->as;
            part.id = arena_printf(mem, "%s.%s", f->as.id, parts[k]);
            part.label = arena_printf(mem, "%s (%s)", f->as.label, parts[k]);
            part.type = "text";
            TRY(emit(arg, &part));
        }
    }
    return OK;
}

static enum err fetch(struct source *s, const struct want *want, record_fn *emit, void *arg)
{
    AUTO(arena) *mem = arena_new();
    struct hibob_fields all;
    struct names *names;

    TRY(fields_get(s, mem, &all));
    TRY(names_get(s, mem, &names));
    AUTO(hibob_reader) *reader = hibob_reader_new(mem, &all, names, want, emit, arg);
    return search_people(s, mem, reader);
}

/* ---- check ---- */

struct sight {
    bool *seen;                     /* per wanted field: somebody has it */
    size_t n, status;               /* the last is internal.status, asked for ourselves */
    bool inactive;
};

static enum err look(void *arg, const struct record *r)
{
    struct sight *sight = arg;

    for (size_t i = 0; i < sight->n; i++)
        sight->seen[i] |= r->values[i].is != RAW_ABSENT;
    const struct raw *status = &r->values[sight->status];
    sight->inactive |= status->is == RAW_TEXT && !str_eq_nocase(status->text, "Active");
    return OK;
}

static const char *advice_for(struct arena *a, const struct hibob_wanted *w)
{
    if (!w->field && w->note)
        return w->note;
    if (!w->field)
        return arena_printf(
            a, "this company has no field %s: choose another in the mapping (muster source fields)",
            w->id);
    return arena_printf(
        a, "tick \"View\" for %s, category %s, in " GROUP "; the new right may take a minute",
        w->field->as.label, w->field->as.category);
}

static const struct check_line no_leavers = {
    .field = "internal.status",
    .label = "People who left",
    .readable = true,
    .advice = "nobody who left or has not started yet is visible. If there is somebody, remove the "
              "condition \"Lifecycle status equals Employed\" from the people of " GROUP
              "; else leavers go missing instead of being seen to leave",
};

static enum err check(struct source *s, const struct want *want, check_fn *emit, void *arg)
{
    AUTO(arena) *mem = arena_new();
    const char **ids = NEW_ARRAY(mem, const char *, want->n + 1);
    struct sight sight = { NEW_ARRAY(mem, bool, want->n + 1), want->n + 1, want->n, false };
    struct hibob_fields all;
    struct names *names;

    for (size_t i = 0; i < want->n; i++)
        ids[i] = want->fields[i];
    ids[want->n] = "internal.status";
    TRY(fields_get(s, mem, &all));
    TRY(names_get(s, mem, &names));
    AUTO(hibob_reader) *reader =
        hibob_reader_new(mem, &all, names, &(struct want){ ids, sight.n }, look, &sight);
    enum err e = search_people(s, mem, reader);
    const struct hibob_wanted *wanted = hibob_reader_wanted(reader);
    bool hidden_columns = e == ERR_FORBIDDEN && hibob_reader_count(reader);     /* are a finding */
    if (e != OK && !hidden_columns)
        return e;
    if (hibob_reader_count(reader) == 0)
        return errf(
            ERR_FORBIDDEN,
            "HiBob: the login is right, but the service user '%s' sees nobody: choose whose "
            "data it may see in " GROUP,
            options_get(s->options, "service_user"));
    for (size_t i = 0; i < want->n; i++) {
        const struct hibob_wanted *w = &wanted[i];
        struct check_line line = { w->id, w->field ? w->field->as.label : w->id };
        line.readable = sight.seen[i] && !w->restricted;
        line.advice = line.readable ? w->note : advice_for(mem, w);
        TRY(emit(arg, &line));
    }
    if (!sight.seen[sight.status] || sight.inactive)
        return OK;
    return emit(arg, &no_leavers);
}

const struct source_type source_hibob = {
    .name = "hibob",
    .label = "HiBob",
    .options = options,
    .mapping = mapping,
    .status = { "internal.status", "Active", "", "Inactive" },
    .open = open_source,
    .check = check,
    .fields = fields,
    .fetch = fetch,
};
