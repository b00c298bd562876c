/* test_erase.c — after an erasure nothing of a person is left but the id. */
#include "people/erase.h"

#include "base/id.h"
#include "base/str.h"
#include "people/link.h"
#include "support/people.h"

/* Every text of every table that may hold something about a person, in one. */
static const char *everything(struct work *w)
{
    static const char *const questions[] = {
        "SELECT vals FROM person WHERE workspace = ?",
        "SELECT folded FROM person_key WHERE workspace = ?",
        "SELECT said FROM claim WHERE workspace = ?",
        "SELECT record FROM link WHERE workspace = ?",
        "SELECT value FROM pinned WHERE workspace = ?",
        "SELECT said FROM held_back WHERE workspace = ?",
        "SELECT changes FROM run_row WHERE workspace = ?",
        "SELECT said FROM run_row WHERE workspace = ?",
        "SELECT reason FROM run_row WHERE workspace = ?",
        "SELECT record FROM run_row WHERE workspace = ?",
        "SELECT findings FROM run WHERE workspace = ?",
        "SELECT sealed FROM scim_body WHERE workspace = ?",
    };
    AUTO_BUF all = {};

    for (size_t i = 0; i < COUNT(questions); i++) {
        struct rows r;
        assert_ok(store_query(w, &r, questions[i], num(w->workspace)));
        for (size_t row = 0; row < r.n; row++)
            buf_printf(&all, "%s\n", rows_text(&r, row, 0) ? rows_text(&r, row, 0) : "");
    }
    return arena_textn(w->mem, all.at ? all.at : "", all.n);
}

struct belongings { int64_t person, other; };

static enum err put_belongings(struct work *w, void *arg)
{
    const struct belongings *b = arg;
    struct link link = { .source = 7,
                         .person = b->person,
                         .record = "HR-Lovelace",
                         .digest = 1,
                         .said = "{\"title\":\"Countess\"}" };
    struct run run = { .id = id_new(),
                       .source = 7,
                       .kind = "sync",
                       .state = "held",
                       .actor = "cli:test",
                       .started_at = w->now,
                       .rows = 2,
                       .findings =
                           "[{\"type\":\"not_an_option\",\"count\":2,\"people\":"
                           "[\"Ada Lovelace <ada@example.com>\",\"Bo <bo@example.com>\"]}]" };
    struct run_row mine = { .seq = 1,
                            .person = b->person,
                            .kind = ROW_UPDATE,
                            .record = "HR-Lovelace",
                            .changes = "{\"title\":[\"Engineer\",\"Countess\"]}",
                            .said = "{\"title\":\"Countess\"}" };
    struct run_row other = { .seq = 2,
                             .person = b->other,
                             .kind = ROW_UPDATE,
                             .record = "HR-Bo",
                             .reason = "the person it waited for (ada@example.com) has appeared" };

    TRY(link_put(w, &link));
    TRY(run_put(w, &run));
    TRY(run_row_put(w, run.id, &mine));
    TRY(run_row_put(w, run.id, &other));
    TRY(store_run(
        w,
        "INSERT INTO pinned (workspace, person, attribute, value, author, reason, expires) VALUES "
        "(?, ?, 'title', 'Countess', 'me', '', NULL)",
        num(w->workspace), num(b->person)));
    TRY(store_run(w,
                  "INSERT INTO scim_body (id, workspace, at, sealed) VALUES (1, ?, 1, 'Byron')",
                  num(w->workspace)));
    return store_run(
        w,
        "INSERT INTO held_back (workspace, source, record, attribute, said, person, run, since) "
        "VALUES (?, 7, 'HR-Lovelace', 'title', 'Countess', ?, 1, 1)",
        num(w->workspace), num(b->person));
}

static void leaves_nothing_but_the_id(void **state)
{
    static const char *const traces[] = { "ada@example.com", "Lovelace", "Countess", "Engineer",
                                         "Byron" };
    struct work *w = *state;
    struct belongings b;
    size_t sources;

    b.person = given_person(w, "email=ada@example.com", "given_name=Ada", "family_name=Lovelace",
                            "title=Engineer", NULL);
    b.other = given_person(w, "email=bo@example.com", "given_name=Bo", NULL);
    given_team(w, "Engines", b.person, (int64_t)0);
    assert_ok(store_write(w, put_belongings, &b));
    for (size_t i = 0; i < COUNT(traces); i++)
        assert_non_null(strstr(everything(w), traces[i]));

    assert_ok(people_erase(w, attrs_of(w), b.person, &sources));
    assert_int_equal(sources, 1);
    const char *left = everything(w);
    for (size_t i = 0; i < COUNT(traces); i++)
        if (strstr(left, traces[i]))
            fail_msg("%s is left:\n%s", traces[i], left);
    assert_non_null(strstr(left, "bo@example.com"));
    assert_non_null(strstr(left, "HR-Bo"));
}

static void a_waiting_row_is_never_carried_out(void **state)
{
    struct work *w = *state;
    struct belongings b = { given_person(w, "email=ada@example.com", "given_name=Ada",
                                         "family_name=Lovelace", NULL),
                            given_person(w, "email=bo@example.com", NULL) };
    struct run *runs;
    struct run_row row;
    size_t sources, n;

    assert_ok(store_write(w, put_belongings, &b));
    assert_ok(people_erase(w, attrs_of(w), b.person, &sources));
    assert_ok(runs_list(w, 7, 1, &runs, &n));
    assert_ok(run_row_load(w, runs[0].id, 1, &row));
    assert_int_equal(row.aside, ROW_STALE);
    assert_string_equal(row.reason, "erased");
    assert_ok(run_row_load(w, runs[0].id, 2, &row));
    assert_int_equal(row.aside, ROW_GOES);
}

static void reports_lose_the_manager_as_a_change(void **state)
{
    struct work *w = *state;
    int64_t ada = given_person(w, "email=ada@example.com", NULL),
            bo = given_person(w, "email=bo@example.com", NULL);
    int64_t cy = given_person(w, "email=cy@example.com", NULL);
    struct past *past;
    size_t sources, n;

    given_change(w, bo, "manager", arena_text(w->mem, id_text(ada)));
    given_change(w, cy, "additional_managers",
                 arena_printf(w->mem, "%s %s", arena_text(w->mem, id_text(ada)),
                              arena_text(w->mem, id_text(bo))));
    assert_ok(people_erase(w, attrs_of(w), ada, &sources));
    assert_int_equal(sources, 0);
    assert_true(the_person(w, bo)->manager == 0);
    assert_string_equal(person_text(the_person(w, cy), "additional_managers"), id_text(bo));
    assert_ok(history_of(w, bo, 10, &past, &n));
    assert_string_equal(past[0].row.reason, "the manager was erased");
}

static void the_history_says_that_somebody_was_erased_and_the_keys_are_free(void **state)
{
    struct work *w = *state;
    int64_t ada = given_person(w, "email=ada@example.com", NULL), id;
    struct past *past;
    size_t sources, n;

    assert_ok(people_erase(w, attrs_of(w), ada, &sources));
    assert_ok(history_of(w, ada, 10, &past, &n));
    assert_int_equal(n, 2);
    assert_string_equal(past[0].row.reason, "erased");
    assert_string_equal(past[0].row.changes, "{}");
    assert_string_equal(past[1].row.changes, "{}");
    assert_err(person_find(w, "ada@example.com", &id), ERR_NOT_FOUND, "ada@example.com");
    assert_err(people_erase(w, attrs_of(w), ada, &sources), ERR_NOT_FOUND, "there is no person");
    given_person(w, "email=ada@example.com", NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(leaves_nothing_but_the_id),
        BOTH_ENGINES(a_waiting_row_is_never_carried_out),
        BOTH_ENGINES(reports_lose_the_manager_as_a_change),
        BOTH_ENGINES(the_history_says_that_somebody_was_erased_and_the_keys_are_free),
    };

    return RUN_TESTS(tests);
}
