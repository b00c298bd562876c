/*
 * query.c — the filter as a small tree: parsed by recursive descent, evaluated over one profile.
 */
#include "people/query.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "people/asof.h"

enum op {
    OP_EQ,
    OP_NE,
    OP_CO,
    OP_SW,
    OP_EW,
    OP_GT,
    OP_GE,
    OP_LT,
    OP_LE,
    OP_PR,
    OP_AND,
    OP_OR,
    OP_NOT
};

static const char *const operators[] = {
    "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"
};

/* What a name in a filter is about. */
enum topic {
    TOPIC_VALUE,
    TOPIC_ID,
    TOPIC_STATE,
    TOPIC_ACTIVE,
    TOPIC_MANAGER,
    TOPIC_MORE,
    TOPIC_TEAMS,
    TOPIC_CREATED,
    TOPIC_UPDATED,
    TOPIC_VERSION
};

struct query {
    enum op op;
    enum topic topic;
    const struct attr *attr;        /* of TOPIC_VALUE */
    const char *text, *folded;      /* the value; NULL: null */
    int64_t time;                   /* of created_at, updated_at */
    const struct query *left, *right;
};

/* ---- names ---- */

static const struct { const char *name; enum topic topic; const char *attribute; } names[] = {
    { "id", TOPIC_ID, NULL },
    { "state", TOPIC_STATE, NULL },
    { "active", TOPIC_ACTIVE, NULL },
    { "manager", TOPIC_MANAGER, NULL },
    { "manager.value", TOPIC_MANAGER, NULL },
    { "manager.displayname", TOPIC_MANAGER, NULL },
    { "manager.email", TOPIC_MANAGER, NULL },
    { "additional_managers", TOPIC_MORE, NULL },
    { "teams", TOPIC_TEAMS, NULL },
    { "groups", TOPIC_TEAMS, NULL },
    { "groups.display", TOPIC_TEAMS, NULL },
    { "created_at", TOPIC_CREATED, NULL },
    { "meta.created", TOPIC_CREATED, NULL },
    { "updated_at", TOPIC_UPDATED, NULL },
    { "meta.lastmodified", TOPIC_UPDATED, NULL },
    { "version", TOPIC_VERSION, NULL },
    { "username", TOPIC_VALUE, "user_name" },
    { "externalid", TOPIC_VALUE, "external_id" },
    { "emails", TOPIC_VALUE, "email" },
    { "emails.value", TOPIC_VALUE, "email" },
    { "name.givenname", TOPIC_VALUE, "given_name" },
    { "name.familyname", TOPIC_VALUE, "family_name" },
    { "name.middlename", TOPIC_VALUE, "middle_name" },
    { "displayname", TOPIC_VALUE, "display_name" },
    { "nickname", TOPIC_VALUE, "preferred_name" },
    { "usertype", TOPIC_VALUE, "user_type" },
    { "employeenumber", TOPIC_VALUE, "employee_number" },
    { "costcenter", TOPIC_VALUE, "cost_center" },
    { "phonenumbers", TOPIC_VALUE, "phone" },
    { "phonenumbers.value", TOPIC_VALUE, "phone" },
    { "photos", TOPIC_VALUE, "photo" },
    { "photos.value", TOPIC_VALUE, "photo" },
};

static bool find_name(struct arena *a, const struct attrs *as, const char *written, struct query *q)
{
    char *name = arena_text(a, written);

    for (char *s = name; *s; s++)
        if (*s >= 'A' && *s <= 'Z')
            *s = (char)(*s + ('a' - 'A'));
    if (str_starts(name, "urn:"))                   /* urn:ietf:params:scim:schemas:…:User:title */
        name = strrchr(name, ':') + 1;
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_eq(names[i].name, name)) {
            q->topic = names[i].topic;
            q->attr = names[i].attribute ? attr_find(as, names[i].attribute) : NULL;
            return true;
        }
    q->topic = TOPIC_VALUE;
    q->attr = attr_find(as, name);
    if (!q->attr)
        q->attr = attr_find(as, arena_printf(a, "custom.%s", name));
    return q->attr != NULL;
}

/* ---- parsing ---- */

struct parser {
    struct arena *mem;
    const struct attrs *attrs;
    const char *text;
    size_t at;
    int depth;
};

static enum err fail(size_t at, const char *what)
{
    return errf(ERR_INVALID, "filter, column %zu: %s", at + 1, what);
}

static const char *here(const struct parser *p, size_t at)
{
    size_t n = strcspn(p->text + at, " ()");

    if (!p->text[at])
        return "the end";
    return arena_printf(p->mem, "'%.*s'", (int)MIN(MAX(n, (size_t)1), (size_t)40), p->text + at);
}

static void skip_blanks(struct parser *p)
{
    p->at += strspn(p->text + p->at, " \t\r\n");
}

/* A word of letters and what names may hold; empty if there is none. */
static const char *read_word(struct parser *p)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-:$";
    size_t n = strspn(p->text + p->at, letters);
    const char *word = arena_textn(p->mem, p->text + p->at, n);

    p->at += n;
    return word;
}

static bool take_word(struct parser *p, const char *word)
{
    size_t was = p->at;

    skip_blanks(p);
    if (str_eq_nocase(read_word(p), word))
        return true;
    p->at = was;
    return false;
}

/* compValue: JSON's string, number, true, false, null. */
static enum err read_value(struct parser *p, const char **out)
{
    size_t from = p->at, n;
    yyjson_val *v;

    if (p->text[from] == '"') {
        for (n = 1; p->text[from + n] && p->text[from + n] != '"'; n++)
            if (p->text[from + n] == '\\' && p->text[from + n + 1])
                n++;
        if (!p->text[from + n])
            return fail(from, "this text has no closing quote");
        n++;
    } else {
        n = strcspn(p->text + from, " \t\r\n()");
    }
    if (n == 0)
        return fail(from, arena_printf(p->mem, "a value is expected, not %s", here(p, from)));
    if (json_read_in(p->mem, p->text + from, n, &v) != OK || yyjson_is_ctn(v))
        return fail(from, arena_printf(p->mem, "%s is no value; texts are written in double quotes",
                                       here(p, from)));
    p->at += n;
    *out = json_scalar(p->mem, v);
    return OK;
}

static enum err check_value(const struct parser *p, struct query *q, size_t at)
{
    bool flag = q->topic == TOPIC_ACTIVE || (q->attr && q->attr->type == ATTR_FLAG);
    bool ordered = q->op >= OP_GT && q->op <= OP_LE;

    if (!q->text && q->op != OP_EQ && q->op != OP_NE)
        return fail(at,
                    "null can only be compared with eq and ne; `pr` asks whether there is a value");
    if (!q->text)
        return OK;
    if (flag && q->op != OP_EQ && q->op != OP_NE)
        return fail(at, "true and false can only be compared with eq and ne");
    if (flag && !str_eq_nocase(q->text, "true") && !str_eq_nocase(q->text, "false"))
        return fail(at, "true or false is expected");
    if ((q->topic == TOPIC_CREATED || q->topic == TOPIC_UPDATED) && !time_parse(q->text, &q->time))
        return fail(at, "an instant is expected, for example \"2026-01-31T12:00:00Z\"");
    if (ordered && q->topic >= TOPIC_MANAGER && q->topic <= TOPIC_TEAMS)
        return fail(at, "people and teams have no order");
    q->folded = str_fold(p->mem, q->text);
    return OK;
}

static enum err read_comparison(struct parser *p, struct query **out)
{
    struct query *q = *out = NEW(p->mem, struct query);
    size_t at = p->at, op = 0;
    const char *name = read_word(p);

    if (!*name)
        return fail(at, arena_printf(p->mem, "an attribute is expected, not %s", here(p, at)));
    if (p->text[p->at] == '[')
        return fail(p->at,
                    "conditions in square brackets are not read here; write emails.value eq \"…\"");
    if (!find_name(p->mem, p->attrs, name, q))
        return fail(at,
                    arena_printf(p->mem,
                                 "there is no attribute '%s'; `muster attribute list` shows them",
                                 name));
    skip_blanks(p);
    at = p->at;
    const char *word = read_word(p);
    while (op < COUNT(operators) && !str_eq_nocase(word, operators[op]))
        op++;
    if (op == COUNT(operators))
        return fail(at,
                    arena_printf(p->mem, "one of eq ne co sw ew gt ge lt le pr is expected, not %s",
                                 here(p, at)));
    q->op = (enum op)op;
    if (q->op == OP_PR)
        return OK;
    skip_blanks(p);
    at = p->at;
    TRY(read_value(p, &q->text));
    return check_value(p, q, at);
}

static enum err read_or(struct parser *p, struct query **out);

static enum err read_term(struct parser *p, struct query **out)
{
    bool negated = false;

    skip_blanks(p);
    size_t at = p->at;
    if (str_eq_nocase(read_word(p), "not")) {
        skip_blanks(p);
        negated = true;
        if (p->text[p->at] != '(')
            return fail(p->at, arena_printf(p->mem, "a bracket is expected after not, not %s",
                                            here(p, p->at)));
    } else {
        p->at = at;
    }
    if (p->text[p->at] != '(')
        return read_comparison(p, out);
    if (++p->depth > QUERY_DEPTH)
        return fail(p->at,
                    arena_printf(p->mem, "more than %d brackets in each other", QUERY_DEPTH));
    at = p->at++;
    TRY(read_or(p, out));
    skip_blanks(p);
    if (p->text[p->at] != ')')
        return fail(p->at,
                    arena_printf(p->mem, "the bracket of column %zu is to be closed, here is %s",
                                 at + 1, here(p, p->at)));
    p->at++;
    p->depth--;
    if (negated) {
        struct query *inner = *out;
        *out = NEW(p->mem, struct query);
        **out = (struct query){ .op = OP_NOT, .left = inner };
    }
    return OK;
}

/* `and` binds closer than `or`; both to the left. */
static enum err read_chain(struct parser *p, const char *word, enum op op,
                           enum err (*part)(struct parser *, struct query **), struct query **out)
{
    TRY(part(p, out));
    while (take_word(p, word)) {
        struct query *both = NEW(p->mem, struct query), *right;
        TRY(part(p, &right));
        *both = (struct query){ .op = op, .left = *out, .right = right };
        *out = both;
    }
    return OK;
}

static enum err read_and(struct parser *p, struct query **out)
{
    return read_chain(p, "and", OP_AND, read_term, out);
}

static enum err read_or(struct parser *p, struct query **out)
{
    return read_chain(p, "or", OP_OR, read_and, out);
}

enum err query_parse(struct arena *a, const struct attrs *as, const char *filter,
                     struct query **out)
{
    struct parser p = { .mem = a, .attrs = as, .text = filter };
    size_t n = strlen(filter);

    if (n > QUERY_MOST)
        return errf(ERR_TOO_LARGE, "a filter has at most %d bytes, not %zu", QUERY_MOST, n);
    if (!str_utf8(filter, n))
        return errf(ERR_INVALID, "the filter is not UTF-8");
    TRY(read_or(&p, out));
    skip_blanks(&p);
    if (p.text[p.at])
        return fail(p.at,
                    arena_printf(a, "`and`, `or` or the end is expected, not %s", here(&p, p.at)));
    return OK;
}

/* ---- matching ---- */

static int compare_values(const struct query *q, const char *is, const char *wanted)
{
    if (q->topic == TOPIC_VERSION || (q->attr && q->attr->type == ATTR_NUMBER)) {
        double x = strtod(is, NULL), y = strtod(wanted, NULL);
        return (x > y) - (x < y);
    }
    return strcmp(is, wanted);
}

static bool is_exact(const struct query *q)
{
    return q->topic == TOPIC_ID || (q->attr && attr_key_kind(q->attr) == KEY_ANCHOR);
}

static bool text_fits(struct arena *a, const struct query *q, const char *is)
{
    const char *wanted = is_exact(q) ? q->text : q->folded;

    if (!is_exact(q))
        is = str_fold(a, is);
    switch (q->op) {
    case OP_EQ: case OP_NE: return compare_values(q, is, wanted) == 0;
    case OP_CO: return strstr(is, wanted) != NULL;
    case OP_SW: return str_starts(is, wanted);
    case OP_EW: return str_ends(is, wanted);
    case OP_GT: return compare_values(q, is, wanted) > 0;
    case OP_GE: return compare_values(q, is, wanted) >= 0;
    case OP_LT: return compare_values(q, is, wanted) < 0;
    case OP_LE: return compare_values(q, is, wanted) <= 0;
    default: return false;
    }
}

static bool time_fits(const struct query *q, int64_t is)
{
    switch (q->op) {
    case OP_GT:
        return is > q->time;
    case OP_GE:
        return is >= q->time;
    case OP_LT:
        return is < q->time;
    case OP_LE:
        return is <= q->time;
    default:
        return is / 1000 == q->time / 1000; /* instants are shown to the second */
    }
}

/* Somebody can be named by id, e-mail, user name, anchor or by what they are called. */
static bool person_fits(struct arena *a, const struct query *q, const struct person *p)
{
    const char *texts[] = { arena_text(a, id_text(p->id)), person_text(p, "email"),
                            person_text(p, "user_name"), person_text(p, "external_id"),
                            person_shown_name(a, p) };

    for (size_t i = 0; i < COUNT(texts); i++)
        if (texts[i] && text_fits(a, q, texts[i]))
            return true;
    return false;
}

/* The single text a topic has; NULL if it has none or several. */
static const char *topic_text(struct arena *a, const struct query *q, const struct person *p)
{
    switch (q->topic) {
    case TOPIC_VALUE: return person_shown_value(p, q->attr->name);
    case TOPIC_ID: return arena_text(a, id_text(p->id));
    case TOPIC_STATE: return state_name(p->state);
    case TOPIC_ACTIVE: return p->state == STATE_ACTIVE ? "true" : "false";
    case TOPIC_VERSION: return arena_printf(a, "%lld", (long long)p->version);
    default: return NULL;
    }
}

static bool is_present(struct arena *a, const struct query *q, const struct profile *p)
{
    switch (q->topic) {
    case TOPIC_MANAGER: return p->manager != NULL;
    case TOPIC_MORE: return p->nmore > 0;
    case TOPIC_TEAMS: return p->nteams > 0;
    case TOPIC_CREATED: case TOPIC_UPDATED: return true;
    default: return topic_text(a, q, p->person) != NULL;
    }
}

/* Does any value fit? `ne` is answered as "none is equal" by the caller. */
static bool any_fits(struct arena *a, const struct query *q, const struct profile *p)
{
    const char *text;

    switch (q->topic) {
    case TOPIC_MANAGER:
        return p->manager && person_fits(a, q, p->manager);
    case TOPIC_MORE:
        for (size_t i = 0; i < p->nmore; i++)
            if (person_fits(a, q, p->more[i]))
                return true;
        return false;
    case TOPIC_TEAMS:
        for (size_t i = 0; i < p->nteams; i++)
            if (text_fits(a, q, p->teams[i]->name))
                return true;
        return false;
    case TOPIC_CREATED:
        return time_fits(q, p->person->created_at);
    case TOPIC_UPDATED:
        return time_fits(q, p->person->updated_at);
    default:
        text = topic_text(a, q, p->person);
        return text && text_fits(a, q, text);
    }
}

bool query_match(struct arena *a, const struct query *q, const struct profile *p)
{
    switch (q->op) {
    case OP_AND: return query_match(a, q->left, p) && query_match(a, q->right, p);
    case OP_OR: return query_match(a, q->left, p) || query_match(a, q->right, p);
    case OP_NOT: return !query_match(a, q->left, p);
    case OP_PR: return is_present(a, q, p);
    case OP_EQ: return q->text ? any_fits(a, q, p) : !is_present(a, q, p);
    case OP_NE: return q->text ? !any_fits(a, q, p) : is_present(a, q, p);
    default: return any_fits(a, q, p);
    }
}

bool query_key(struct arena *a, const struct query *q, enum key_kind *kind, const char **folded)
{
    if (q->op == OP_AND)
        return query_key(a, q->left, kind, folded) || query_key(a, q->right, kind, folded);
    if (q->op != OP_EQ || !q->text || q->topic != TOPIC_VALUE || !attr_key_kind(q->attr))
        return false;
    *kind = attr_key_kind(q->attr);
    *folded = is_exact(q) ? q->text : q->folded;
    return true;
}

/* ---- listing ---- */

enum { PAGE = 500 };

static enum err list_page(struct work *w, const struct listing *l, const struct teams *teams,
                          const int64_t *ids, size_t n, profile_fn *fn, void *arg)
{
    struct person **people = NEW_ARRAY(w->mem, struct person *, n + 1);
    struct profile *profiles;

    TRY(people_load(w, l->attrs, ids, n, LOAD_TEAMS, people));
    if (l->at)
        TRY(asof_people(w, l->at, people, n));
    TRY(profiles_make(w, l->attrs, teams, l->at, people, n, &profiles));
    for (size_t i = 0; i < n; i++)
        if (profiles[i].person && (!l->query || query_match(w->mem, l->query, &profiles[i])))
            TRY(fn(arg, &profiles[i]));
    return OK;
}

enum err people_each(struct work *w, const struct listing *l, profile_fn *fn, void *arg)
{
    struct teams *teams;
    enum key_kind kind;
    const char *folded;
    int64_t ids[PAGE], after = 0;
    size_t n;

    if (l->at)
        teams = asof_teams(l->at);
    else
        TRY(teams_load(w, &teams));
    if (l->query && !l->at && query_key(w->mem, l->query, &kind, &folded)) {
        TRY(people_key_holders(w, kind, &folded, 1, &ids[0]));
        return ids[0] ? list_page(w, l, teams, ids, 1, fn, arg) : OK;
    }
    do {
        struct arena_mark mark = arena_mark(w->mem);
        TRY(people_page(w, after, PAGE, ids, &n));
        after = n ? ids[n - 1] : after;
        TRY(list_page(w, l, teams, ids, n, fn, arg));
        arena_reset(w->mem, mark);
    } while (n == PAGE);
    return OK;
}
