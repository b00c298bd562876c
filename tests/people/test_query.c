/* test_query.c — filters are read, refused with a column, and find whom they mean. */
#include "people/query.h"

#include "base/id.h"
#include "base/str.h"
#include "support/people.h"

/* Everybody the filter finds, by given name. */
struct found { struct work *w; struct buf names; };

static enum err note_name(void *arg, const struct profile *p)
{
    struct found *f = arg;

    buf_printf(&f->names, "%s%s", f->names.n ? " " : "", person_text(p->person, "given_name"));
    return OK;
}

static void assert_finds(struct work *w, const char *filter, const char *names)
{
    struct listing l = { .attrs = attrs_of(w) };
    struct query *q = NULL;
    struct found f = { w, {} };

    if (filter)
        assert_ok(query_parse(w->mem, l.attrs, filter, &q));
    l.query = q;
    assert_ok(people_each(w, &l, note_name, &f));
    if (!str_eq(f.names.n ? f.names.at : "", names))
        fail_msg("%s finds %s, not %s", filter ? filter : "no filter",
                 f.names.n ? f.names.at : "nobody", names);
    buf_free(&f.names);
}

static void given_a_company(struct work *w)
{
    int64_t ada =
        given_person(w, "email=Ada@Example.com", "given_name=Ada", "family_name=Lovelace",
                     "title=Head of Engines", "external_id=H-1", "start_date=2019-04-01", NULL);
    int64_t bo = given_person(w, "email=bo@example.com", "given_name=Bo", "title=engineer",
                              "start_date=2021-01-15", "department=Sales & Ops", NULL);
    int64_t cy =
        given_person(w, "email=cy@example.com", "given_name=Cy", "start_date=2023-09-30", NULL);
    int64_t eve = given_person(w, "email=eve@example.com", "given_name=Eve", NULL);

    given_change(w, bo, "manager", arena_text(w->mem, id_text(ada)));
    given_change(w, cy, "manager", arena_text(w->mem, id_text(bo)));
    given_team(w, "Engines", ada, bo, (int64_t)0);
    given_state(w, cy, STATE_DEACTIVATED);
    given_state(w, eve, STATE_WITHDRAWN);
}

static void finds_whom_a_filter_means(void **state)
{
    static const struct { const char *filter, *names; } cases[] = {
        { NULL, "Ada Bo Cy" },
        { "userName eq \"ADA@example.com\"", "Ada" },
        { "emails.value eq \"bo@example.com\" and active eq true", "Bo" },
        { "email eq \"bo@example.com\" and active eq false", "" },
        { "email eq \"nobody@example.com\"", "" },
        { "externalId eq \"H-1\"", "Ada" },
        { "externalId eq \"h-1\"", "" },
        { "urn:ietf:params:scim:schemas:core:2.0:User:userName sw \"a\"", "Ada" },
        { "TITLE co \"ENGIN\"", "Ada Bo" },
        { "title ew \"neer\"", "Bo" },
        { "title ne \"engineer\"", "Ada Cy" },
        { "title pr", "Ada Bo" },
        { "not (title pr)", "Cy" },
        { "title eq null", "Cy" },
        { "title ne null", "Ada Bo" },
        { "active eq true", "Ada Bo" },
        { "state eq \"deactivated\"", "Cy" },
        { "invite eq \"none\"", "Ada Bo Cy" },
        { "start_date ge \"2021-01-15\"", "Bo Cy" },
        { "start_date gt \"2021-01-15\"", "Cy" },
        { "start_date lt \"2021-01-15\"", "Ada" },
        { "start_date le \"2021-01-15\"", "Ada Bo" },
        { "department eq \"sales & ops\"", "Bo" },
        { "teams eq \"engines\"", "Ada Bo" },
        { "teams ne \"Engines\"", "Cy" },
        { "manager eq \"ada@example.com\"", "Bo" },
        { "manager.displayName eq \"ada lovelace\"", "Bo" },
        { "manager pr", "Bo Cy" },
        { "title pr or active eq false", "Ada Bo Cy" },
        { "title pr and given_name eq \"Bo\" or active eq false", "Bo Cy" },
        { "title pr and (given_name eq \"Bo\" or active eq false)", "Bo" },
        { "given_name eq \"B\\u006f\"", "Bo" },
        { "meta.created gt \"2019-01-01T00:00:00Z\" and version ge 1", "Ada Bo Cy" },
        { "created_at lt \"2019-01-01\"", "" },
    };

    given_a_company(*state);
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_finds(*state, cases[i].filter, cases[i].names);
}

static void finds_a_person_by_id(void **state)
{
    struct work *w = *state;
    int64_t id = given_person(w, "email=ada@example.com", "given_name=Ada", NULL);

    assert_finds(w, arena_printf(w->mem, "id eq \"%s\"", id_text(id)), "Ada");
}

static void says_where_a_filter_is_wrong(void **state)
{
    static const struct { const char *filter, *says; enum err err; } cases[] = {
        { "", "column 1: an attribute is expected, not the end", ERR_INVALID },
        { "title eq", "column 9: a value is expected, not the end", ERR_INVALID },
        { "title eq ", "column 10: a value is expected, not the end", ERR_INVALID },
        { "title is \"x\"", "column 7: one of eq ne", ERR_INVALID },
        { "titel eq \"x\"", "column 1: there is no attribute 'titel'", ERR_INVALID },
        { "title eq \"x", "column 10: this text has no closing quote", ERR_INVALID },
        { "title eq x", "column 10: 'x' is no value", ERR_INVALID },
        { "title gt null", "column 10: null can only be compared", ERR_INVALID },
        { "active gt true", "column 11: true and false can only be compared", ERR_INVALID },
        { "active eq \"maybe\"", "column 11: true or false is expected", ERR_INVALID },
        { "created_at gt \"yesterday\"", "column 15: an instant is expected", ERR_INVALID },
        { "teams gt \"A\"", "column 10: people and teams have no order", ERR_INVALID },
        { "emails[type eq \"work\"]", "column 7: conditions in square brackets", ERR_INVALID },
        { "(title pr", "column 10: the bracket of column 1 is to be closed", ERR_INVALID },
        { "title pr)", "column 9: `and`, `or` or the end is expected, not ')'", ERR_INVALID },
        { "title pr and", "column 13: an attribute is expected", ERR_INVALID },
        { "not title pr", "column 5: a bracket is expected after not", ERR_INVALID },
        { "title eq \"\xff\"", "not UTF-8", ERR_INVALID },
    };
    struct work *w = *state;
    struct query *q;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_err(query_parse(w->mem, attrs_of(w), cases[i].filter, &q), cases[i].err,
                   cases[i].says);
}

static void has_a_ceiling_for_depth_and_length(void **state)
{
    struct work *w = *state;
    AUTO_BUF deep = {};
    AUTO_BUF chain = {};
    struct query *q;

    for (int i = 0; i < QUERY_DEPTH; i++)
        buf_putc(&deep, '(');
    buf_puts(&deep, "title pr");
    for (int i = 0; i < QUERY_DEPTH; i++)
        buf_putc(&deep, ')');
    assert_ok(query_parse(w->mem, attrs_of(w), deep.at, &q));
    assert_err(query_parse(w->mem, attrs_of(w), arena_printf(w->mem, "(%s)", deep.at), &q),
               ERR_INVALID, "brackets in each other");
    buf_puts(&chain, "title pr");
    while (chain.n + 11 <= QUERY_MOST)
        buf_puts(&chain, " or id pr");
    assert_ok(query_parse(w->mem, attrs_of(w), chain.at, &q));
    given_person(w, "email=ada@example.com", "given_name=Ada", NULL);
    assert_finds(w, chain.at, "Ada");
    buf_puts(&chain, " or title pr or title pr");
    assert_err(query_parse(w->mem, attrs_of(w), chain.at, &q), ERR_TOO_LARGE, "at most 8192 bytes");
}

static void lists_more_people_than_a_page(void **state)
{
    struct work *w = *state;
    struct found f = { w, {} };
    struct listing l = { .attrs = attrs_of(w) };
    for (int i = 0; i < 501; i++)
        given_person(w, arena_printf(w->mem, "email=p%d@example.com", i), "given_name=x", NULL);
    size_t before = arena_size(w->mem);
    assert_ok(people_each(w, &l, note_name, &f));
    assert_int_equal(f.names.n, 2 * 501 - 1);
    assert_ok(people_each(w, &l, note_name, &f));
    assert_true(arena_size(w->mem) < before + MB(4));
    buf_free(&f.names);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(finds_whom_a_filter_means),  BOTH_ENGINES(finds_a_person_by_id),
        ON_SQLITE(says_where_a_filter_is_wrong),  ON_SQLITE(has_a_ceiling_for_depth_and_length),
        ON_SQLITE(lists_more_people_than_a_page),
    };

    return RUN_TESTS(tests);
}
