/* test_status.c — the page at /: what it says, in which order, and that nothing on it is markup but ours. */
#include <stdlib.h>

#include "api/api.h"
#include "api/html.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "people/history.h"
#include "support/support.h"
#include "sync/connect.h"

static const int64_t HOUR = 3600 * 1000;

static enum err put_source(struct work *w, void *s)
{
    return source_row_put(w, s);
}

static enum err put_run(struct work *w, void *run)
{
    return run_put(w, run);
}

static struct source_row given_source(struct work *w, const char *name)
{
    struct source_row s = { .id = id_new(), .name = name, .kind = "file", .options = "{}" };

    assert_ok(store_write(w, put_source, &s));
    return s;
}

static int64_t given_run(struct work *w, int64_t source, const char *run_state, const char *tally,
                         const char *guards, const char *error)
{
    struct run run = { .id = id_new(),
                       .source = source,
                       .kind = "sync",
                       .state = run_state,
                       .actor = "cli:ana",
                       .started_at = w->now - 3 * HOUR,
                       .finished_at = w->now - 3 * HOUR + 12000,
                       .tally = tally,
                       .guards = guards,
                       .error = error };

    assert_ok(store_write(w, put_run, &run));
    return run.id;
}

/* The page as the server would send it; to be freed with buf_free(). */
static struct buf page(struct work *w)
{
    struct api api = {};
    struct call c = { .work = w, .path = "/", .status = 200, .context = &api };

    assert_ok(status_routes[0].handle(&c));
    assert_int_equal(c.status, 200);
    assert_string_equal(c.type, "text/html; charset=utf-8");
    return c.reply;
}

static const char *found(const struct buf *page, const char *words)
{
    const char *at = strstr(page->at, words);

    if (!at)
        fail_msg("the page does not say '%s': %s", words, strstr(page->at, "<body>"));
    return at;
}

static void an_empty_workspace_says_what_to_do_first(void **state)
{
    AUTO_BUF html = page(*state);

    found(&html, "muster source add KIND");
    found(&html, "None yet");
    assert_null(strstr(html.at, "Waiting for a person"));
    assert_null(strstr(html.at, "<script"));
}

static void every_run_has_its_tally_in_words(void **state)
{
    struct work *w = *state;
    struct source_row s = given_source(w, "acme");

    given_run(w, s.id, "applied", "{\"read\":1000,\"created\":1000}", "[]", NULL);
    given_run(w, s.id, "failed", "{}", "[]", "the token was refused");
    AUTO_BUF html = page(w);
    found(&html, "1000 read: 1000 created");
    found(&html, "the token was refused");
    found(&html, "3 h ago");
    found(&html, "took 12 s");
}

static void held_plans_come_first_with_the_commands(void **state)
{
    struct work *w = *state;
    struct source_row s = given_source(w, "acme");
    int64_t id = given_run(
        w, s.id, "held", "{\"read\":9,\"deactivated\":8}",
        "[{\"guard\":\"deactivations\",\"message\":\"8 of 9 people would leave\"}]", NULL);

    AUTO_BUF html = page(w);
    const char *first = found(&html, "Waiting for a person");
    assert_true(first < found(&html, "<h2>People</h2>"));
    found(&html, "8 of 9 people would leave");
    found(&html, arena_printf(w->mem, "<code>muster plan show %s</code>", id_text(id)));
    found(&html, arena_printf(w->mem, "<code>muster apply %s</code>", id_text(id)));
    found(&html, arena_printf(w->mem, "<code>muster refuse %s</code>", id_text(id)));
}

static enum err trouble(struct work *w, void *s)
{
    return source_row_trouble(w, ((struct source_row *)s)->id, "3 runs in a row failed <b>");
}

static void trouble_and_names_are_text_not_markup(void **state)
{
    struct work *w = *state;
    struct source_row s = given_source(w, "<img src=x onerror=\"alert('&')\">");

    assert_ok(store_write(w, trouble, &s));
    given_run(w, s.id, "failed", "{}", "[]", "<script>alert(1)</script>");
    AUTO_BUF html = page(w);
    found(&html, "&lt;img src=x onerror=&quot;alert(&#39;&amp;&#39;)&quot;&gt;");
    found(&html, "3 runs in a row failed &lt;b&gt;");
    found(&html, "needs attention");
    assert_null(strstr(html.at, "<img"));
    assert_null(strstr(html.at, "<script"));
}

static const struct { int64_t ms; const char *words; } spans[] = {
    { 0, "0 ms" },          { 999, "999 ms" },           { 1000, "1 s" },
    { 59999, "59 s" },      { 60000, "1 min" },          { 3599999, "59 min" },
    { 36 * 3600000LL, "36 h" }, { 48 * 3600000LL, "2 days" },
};

static void spans_are_told_roughly(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(spans); i++) {
        AUTO_BUF text = {};
        html_span(&text, spans[i].ms);
        assert_string_equal(text.at, spans[i].words);
    }
}

static void times_are_told_by_the_clock_of_the_zone(void **state)
{
    AUTO(zone) *berlin = NULL;
    AUTO_BUF text = {};
    int64_t at;

    (void)state;
    assert_ok(zone_open("Europe/Berlin", &berlin));
    assert_true(time_parse("2026-11-21T23:30:00Z", &at));
    html_time(&text, berlin, at, at - 2 * HOUR);
    assert_string_equal(text.at, "<time datetime=\"2026-11-21T23:30:00Z\">2026-11-22 00:30</time> "
                                 "<small>(in 2 h)</small>");
}

static void ready_is_the_stores_word(void **state)
{
    struct call c = { .work = *state, .status = 200 };
    struct call h = { .work = *state, .status = 200 };

    assert_ok(health_routes[0].handle(&h));
    assert_string_equal(h.reply.at, "ok\n");
    assert_ok(health_routes[1].handle(&c));
    assert_int_equal(c.status, 200);
    buf_free(&c.reply);
    buf_free(&h.reply);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(an_empty_workspace_says_what_to_do_first),
        BOTH_ENGINES(every_run_has_its_tally_in_words),
        BOTH_ENGINES(held_plans_come_first_with_the_commands),
        BOTH_ENGINES(trouble_and_names_are_text_not_markup),
        TEST(spans_are_told_roughly),
        TEST(times_are_told_by_the_clock_of_the_zone),
        BOTH_ENGINES(ready_is_the_stores_word),
    };

    return RUN_TESTS(tests);
}
