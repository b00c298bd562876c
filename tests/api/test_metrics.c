/* test_metrics.c — /metrics: families whole and in one piece, labels escaped, the end marked. */
#include <stdio.h>
#include <stdlib.h>

#include "api/api.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "people/history.h"
#include "people/workspace.h"
#include "store/job.h"
#include "support/support.h"
#include "sync/connect.h"

static enum err put_source(struct work *w, void *s)
{
    return source_row_put(w, s);
}

static enum err put_run(struct work *w, void *run)
{
    return run_put(w, run);
}

static int64_t given_source(struct work *w, const char *name)
{
    struct source_row s = { .id = id_new(), .name = name, .kind = "file", .options = "{}" };

    assert_ok(store_write(w, put_source, &s));
    return s.id;
}

static struct buf metrics(struct work *w)
{
    struct api api = { .started_at = 1500 };
    struct call c = { .work = w, .path = "/metrics", .status = 200, .context = &api };
    int64_t workspace = w->workspace;

    assert_ok(metrics_routes[0].handle(&c));
    w->workspace = workspace;
    assert_string_equal(c.type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    return c.reply;
}

static void says(const struct buf *text, const char *line)
{
    const char *at = strstr(text->at, line);

    if (!at || (at > text->at && at[-1] != '\n') || at[strlen(line)] != '\n')
        fail_msg("no line '%s' in:\n%s", line, text->at);
}

static void counts_what_is_there(void **state)
{
    struct work *w = *state;
    int64_t source = given_source(w, "acme");
    struct run run = { .id = id_new(),
                       .source = source,
                       .kind = "sync",
                       .state = "applied",
                       .actor = "cli:ana",
                       .started_at = 1700000000000,
                       .finished_at = 1700000001500,
                       .rows = 7 };

    assert_ok(store_write(w, put_run, &run));
    AUTO_BUF text = metrics(w);
    says(&text, "muster_people{workspace=\"main\",state=\"active\"} 0");
    says(&text, "muster_runs{workspace=\"main\",kind=\"sync\",state=\"applied\"} 1");
    says(&text,
         "muster_last_run_timestamp_seconds{workspace=\"main\",source=\"acme\"} 1700000000.000");
    says(&text, "muster_last_run_duration_seconds{workspace=\"main\",source=\"acme\"} 1.500");
    says(&text, "muster_source_late_seconds{workspace=\"main\",source=\"acme\"} 0.000");
    says(&text,
         "muster_source_state{workspace=\"main\",source=\"acme\",muster_source_state=\"ok\"} 1");
    says(&text, "process_start_time_seconds 1.500");
    says(&text, "muster_http_requests_total 0");
}

static void a_run_that_has_not_begun_is_late(void **state)
{
    struct work *w = *state;

    setenv("MUSTER_NOW", "2026-11-21T12:00:00Z", 1);
    assert_ok(job_schedule(w, "sync", given_source(w, "acme"), clock_now() - 90500));
    AUTO_BUF text = metrics(w);
    unsetenv("MUSTER_NOW");
    says(&text, "muster_source_late_seconds{workspace=\"main\",source=\"acme\"} 90.500");
}

static void label_values_are_escaped(void **state)
{
    (void)given_source(*state, "a\"b\\c\nd");
    AUTO_BUF text = metrics(*state);
    says(&text, "muster_source_failures{workspace=\"main\",source=\"a\\\"b\\\\c\\nd\"} 0");
}

/* The format forbids a family to come back once another has begun. */
static void every_family_is_in_one_piece_and_the_end_is_marked(void **state)
{
    struct work *w = *state;
    int64_t second;
    bool fresh;

    (void)given_source(w, "acme");
    (void)given_source(w, "beta");
    assert_ok(workspace_make(w, "second", &second, &fresh));
    AUTO_BUF text = metrics(w);
    assert_true(str_ends(text.at, "\n# EOF\n"));
    says(&text, "muster_people{workspace=\"second\",state=\"active\"} 0");
    char family[128] = "";
    for (char *line = text.at; !str_starts(line, "# EOF"); line = strchr(line, '\n') + 1) {
        if (str_starts(line, "# TYPE ")) {
            snprintf(family, sizeof family, "%.*s", (int)strcspn(line + 7, " "), line + 7);
            AUTO_BUF head = {};
            buf_printf(&head, "\n# TYPE %s ", family);
            assert_null(strstr(line, head.at));
        } else if (*line != '#') {
            assert_true(str_starts(line, family));
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(counts_what_is_there),
        BOTH_ENGINES(a_run_that_has_not_begun_is_late),
        BOTH_ENGINES(label_values_are_escaped),
        BOTH_ENGINES(every_family_is_in_one_piece_and_the_end_is_marked),
    };

    return RUN_TESTS(tests);
}
