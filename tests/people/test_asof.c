/* test_asof.c — the directory of a past day is today's with the history since turned back. */
#include "people/asof.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "people/query.h"
#include "people/workspace.h"
#include "support/people.h"

enum { DAY = 86400000 };

static void on_day(struct work *w, int64_t day)
{
    static int64_t start;

    if (!start)
        time_parse("2026-03-01T12:00:00Z", &start);
    w->now = start + day * DAY;
}

static int64_t end_of(struct work *w, int64_t day)
{
    on_day(w, day);
    return w->now + DAY / 2;
}

/* "Ada:Engineer>manager{teams} …" */
struct picture { struct buf text; };

static enum err draw(void *arg, const struct profile *p)
{
    struct picture *to = arg;
    const char *title = person_text(p->person, "title");

    buf_printf(&to->text, "%s%s", to->text.n ? " " : "", person_text(p->person, "given_name"));
    if (p->person->state != STATE_ACTIVE)
        buf_printf(&to->text, "(%s)", state_name(p->person->state));
    if (title)
        buf_printf(&to->text, ":%s", title);
    if (p->manager)
        buf_printf(&to->text, ">%s", person_text(p->manager, "given_name"));
    for (size_t i = 0; i < p->nteams; i++)
        buf_printf(&to->text, "{%s}", p->teams[i]->name);
    return OK;
}

static void assert_was(struct work *w, int64_t day, const char *expected)
{
    struct listing l = { .attrs = attrs_of(w) };
    struct picture seen = {};
    AUTO(asof) *then = NULL;

    assert_ok(asof_open(w, l.attrs, end_of(w, day), &then));
    l.at = then;
    assert_ok(people_each(w, &l, draw, &seen));
    assert_string_equal(seen.text.n ? seen.text.at : "", expected);
    buf_free(&seen.text);
}

static void shows_every_day_as_it_was(void **state)
{
    struct work *w = *state;

    on_day(w, 0);
    int64_t ada =
        given_person(w, "email=ada@example.com", "given_name=Ada", "title=Engineer", NULL);
    on_day(w, 1);
    int64_t bo = given_person(w, "email=bo@example.com", "given_name=Bo", NULL);
    given_change(w, bo, "manager", arena_text(w->mem, id_text(ada)));
    on_day(w, 2);
    given_change(w, ada, "title", "Head of Engines");
    given_change(w, ada, "given_name", "Augusta");
    given_team(w, "Engines", bo, (int64_t)0);
    on_day(w, 3);
    given_change(w, ada, "title", NULL);
    given_change(w, bo, "manager", NULL);
    on_day(w, 4);
    given_state(w, bo, STATE_DEACTIVATED);
    given_change(w, bo, "teams", NULL);

    assert_was(w, -1, "");
    assert_was(w, 0, "Ada:Engineer");
    assert_was(w, 1, "Ada:Engineer Bo>Ada");
    assert_was(w, 2, "Augusta:Head of Engines Bo>Augusta{Engines}");
    assert_was(w, 3, "Augusta Bo{Engines}");
    assert_was(w, 4, "Augusta Bo(deactivated)");
}

static void shows_versions_and_times_of_then(void **state)
{
    struct work *w = *state;
    AUTO(asof) *then = NULL;

    on_day(w, 0);
    int64_t created = w->now,
            ada = given_person(w, "email=ada@example.com", "given_name=Ada", NULL);
    on_day(w, 1);
    int64_t changed = w->now;
    given_change(w, ada, "title", "Engineer");
    on_day(w, 2);
    given_change(w, ada, "title", "Head");
    struct person *p = the_person(w, ada);
    assert_int_equal(p->version, 3);
    assert_ok(asof_open(w, attrs_of(w), end_of(w, 1), &then));
    assert_ok(asof_people(w, then, &p, 1));
    assert_int_equal(p->version, 2);
    assert_true(p->updated_at == changed);
    assert_true(p->created_at == created);
}

static void filters_the_day_as_it_was(void **state)
{
    struct work *w = *state;
    struct listing l = { .attrs = attrs_of(w) };
    struct picture seen = {};
    struct query *q;
    AUTO(asof) *then = NULL;

    on_day(w, 0);
    int64_t ada = given_person(w, "email=ada@example.com", "given_name=Ada", NULL);
    on_day(w, 1);
    given_change(w, ada, "email", "countess@example.com");
    assert_ok(query_parse(w->mem, l.attrs, "email eq \"ada@example.com\"", &q));
    assert_ok(asof_open(w, l.attrs, end_of(w, 0), &then));
    l.at = then;
    l.query = q;
    assert_ok(people_each(w, &l, draw, &seen));
    assert_string_equal(seen.text.at, "Ada");
    buf_free(&seen.text);
}

static void a_day_ends_where_the_workspace_is(void **state)
{
    static const struct { const char *zone, *text, *instant; } cases[] = {
        { "UTC", "2026-03-31", "2026-03-31T23:59:59Z" },
        { "Europe/Berlin", "2026-03-31", "2026-03-31T21:59:59Z" },
        { "America/New_York", "2026-01-31", "2026-02-01T04:59:59Z" },
        { "Europe/Berlin", "2026-03-31T12:00:00Z", "2026-03-31T12:00:00Z" },
    };
    struct work *w = *state;
    int64_t at;

    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_ok(workspace_set(w, "time_zone", cases[i].zone));
        assert_ok(asof_instant(w, cases[i].text, &at));
        assert_string_equal(time_text(w->mem, at), cases[i].instant);
    }
    assert_err(asof_instant(w, "2026-02-30", &at), ERR_USAGE, "'2026-02-30' is no date");
    assert_err(asof_instant(w, "last week", &at), ERR_USAGE, "write it as 2026-03-31");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(shows_every_day_as_it_was),
        BOTH_ENGINES(shows_versions_and_times_of_then),
        BOTH_ENGINES(filters_the_day_as_it_was),
        ON_SQLITE(a_day_ends_where_the_workspace_is),
    };

    return RUN_TESTS(tests);
}
