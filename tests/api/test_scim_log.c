/* test_scim_log.c — the request log: lines without values, blocks instead of writes, a ring. */
#include "api/scim_log.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "people/workspace.h"
#include "support/support.h"

static struct scim_line line_of(struct work *w, int status)
{
    return (struct scim_line){ .at = w->now,
                               .us = 1234,
                               .workspace = w->workspace,
                               .source = 7,
                               .token = 9,
                               .token_name = "Entra ID",
                               .method = "GET",
                               .path = "/scim/v2/Users/aaaaaaaaaaaab",
                               .address = "192.0.2.1",
                               .agent = "Entra/1.0",
                               .status = status,
                               .in = 0,
                               .out = 512 };
}

static struct scim_line *lines_of(struct work *w, bool failed, size_t limit, size_t *n)
{
    struct scim_log_query q = { .failed = failed, .limit = limit };
    struct scim_line *lines;

    assert_ok(scim_log_read(w, &q, &lines, n));
    return lines;
}

static int64_t rows_in(struct work *w, const char *table)
{
    struct rows r;
    const char *sql = arena_printf(w->mem, "SELECT count(*) FROM %s WHERE workspace = ?", table);

    assert_ok(store_query(w, &r, sql, num(w->workspace)));
    return rows_num(&r, 0, 0);
}

/* ---- what may stand in a line ---- */

/* "ERR-05" and the product's log: values are redacted. */
static void values_are_cut_and_the_rest_stays(void **state)
{
    static const struct { const char *path, *reads; } paths[] = {
        { "/scim/v2/Users/aaaaaaaaaaaab", NULL },
        { "/scim/v2/Users?count=100&startIndex=1&sortBy=userName", NULL },
        { "/scim/v2/Users?attributes=userName,emails&excludedAttributes=groups", NULL },
        { "/scim/v2/Users?filter=userName+eq+%22ada@example.com%22",
          "/scim/v2/Users?filter=userName+eq+%22…%22" },
        { "/scim/v2/Users?filter=userName%20eq%20\"ada\"&count=1",
          "/scim/v2/Users?filter=userName%20eq%20\"…\"&count=1" },
        { "/x?filter=a eq \"1\" and emails[type eq \"work\"].value eq \"b%26c\"",
          "/x?filter=a eq \"…\" and emails[type eq \"…\"].value eq \"…\"" },
        { "/x?filter=a%20eq%20%22say%20%5C%22hi%5C%22%20ada%22%20or%20b%20pr",
          "/x?filter=a%20eq%20%22…%22%20or%20b%20pr" },
        { "/x?filter=a eq \"say \\\"hi\\\" ada\" or b pr", "/x?filter=a eq \"…\" or b pr" },
        { "/x?filter=a eq \"never closed & on", "/x?filter=a eq \"…& on" },
        { "/x?filter=a%20eq%20%27ada%27%20x", "/x?filter=a%20eq%20%27…%27%20x" },
        { "/x?%66ilter=a eq \"1\"", "/x?%66ilter=a eq \"…\"" },
        { "/x?FILTER=a eq \"1\"", "/x?FILTER=a eq \"…\"" },
        { "/x?filters=\"1\"", NULL },
        { "/x?cursor=abcdefghij&count=2", "/x?cursor=abcdef…&count=2" },
        { "/x?cursor=abc", NULL },
        { "/x?access_token=muster_scim_x", "/x?access_token=…" },
        { "/x?filter", NULL },
        { "/x?", NULL },
        { "/x?&&a=%zz&=", NULL },
        { "/x?filter=%2", NULL },
    };
    static const struct { const char *detail, *reads; } details[] = {
        { "the user name 'ada@example.com' is taken", "the user name '…' is taken" },
        { "title: \"Head of \\\"X\\\"\" is too long", "title: \"…\" is too long" },
        { "that isn't theirs, it's Ada's", "that isn't theirs, it's Ada's" },
        { "'O'Brien' is in use", "'…' is in use" },
        { "nobody is called 'ada", "nobody is called '…" },
        { "no person aaaaaaaaaaaab", "no person aaaaaaaaaaaab" },
    };
    struct arena *mem = arena_new();

    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct scim_line line = { .path = paths[i].path }, back;
        AUTO_BUF text = {};
        scim_line_write(&text, &line);
        assert_true(scim_line_read(mem, text.at, text.n, &back));
        assert_string_equal(back.path, paths[i].reads ? paths[i].reads : paths[i].path);
    }
    for (size_t i = 0; i < COUNT(details); i++) {
        struct scim_line line = { .detail = details[i].detail }, back;
        AUTO_BUF text = {};
        scim_line_write(&text, &line);
        assert_true(scim_line_read(mem, text.at, text.n, &back));
        assert_string_equal(back.detail, details[i].reads);
    }
    arena_free(mem);
}

static void whatever_a_client_sends_is_one_line_of_text(void **state)
{
    struct arena *mem = arena_new();
    char agent[4000], path[4000];
    struct scim_line line = { .path = path, .agent = agent, .token_name = "a\nb\"c" }, back;
    AUTO_BUF text = {};

    (void)state;
    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    for (size_t i = 0; i < sizeof agent; i++)
        agent[i] = (char)(i % 255 + 1);
    agent[sizeof agent - 1] = '\0';
    scim_line_write(&text, &line);
    assert_null(strchr(text.at, '\n'));
    assert_true(str_utf8(text.at, text.n));
    assert_true(text.n < 3000);
    assert_true(scim_line_read(mem, text.at, text.n, &back));
    assert_string_equal(back.token_name, "a\nb\"c");
    assert_false(scim_line_read(mem, "[]", 2, &back));
    assert_false(scim_line_read(mem, "{", 1, &back));
    arena_free(mem);
}

/* ---- from memory into the store ---- */

static void what_was_asked_is_read_back_newest_last(void **state)
{
    struct work *w = *state;
    struct scim_log *log;
    size_t n;

    reopen_for_test(w, STORE_SERVE);
    assert_ok(scim_log_start(w->store, &log));
    for (int i = 0; i < 10; i++) {
        struct scim_line line = line_of(w, i % 3 ? 200 : 404);
        line.at += i;
        line.detail = i % 3 ? NULL : "no person aaaaaaaaaaaab";
        scim_log_add(log, &line, NULL, 0);
    }
    scim_log_stop(log);
    assert_int_equal(rows_in(w, "scim_log"), 1);
    struct scim_line *lines = lines_of(w, false, 100, &n);
    assert_int_equal(n, 10);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(lines[i].at, w->now + (int64_t)i);
    assert_string_equal(lines[0].token_name, "Entra ID");
    assert_string_equal(lines[0].method, "GET");
    assert_string_equal(lines[0].path, "/scim/v2/Users/aaaaaaaaaaaab");
    assert_string_equal(lines[0].address, "192.0.2.1");
    assert_string_equal(lines[0].agent, "Entra/1.0");
    assert_string_equal(lines[0].detail, "no person aaaaaaaaaaaab");
    assert_null(lines[1].detail);
    assert_int_equal(lines[0].source, 7);
    assert_int_equal(lines[0].token, 9);
    assert_int_equal(lines[0].us, 1234);
    assert_int_equal(lines[0].out, 512);
    assert_true(lines[0].id != 0 && lines[0].id < lines[9].id);
    lines = lines_of(w, true, 100, &n);
    assert_int_equal(n, 4);
    lines = lines_of(w, true, 2, &n);
    assert_int_equal(n, 2);
    assert_int_equal(lines[1].at, w->now + 9);
    struct scim_log_query late = { .since = w->now + 8, .limit = 100 };
    assert_ok(scim_log_read(w, &late, &lines, &n));
    assert_int_equal(n, 2);
    w->workspace++;
    lines_of(w, false, 100, &n);
    assert_int_equal(n, 0);
}

static void lines_are_written_within_seconds_by_themselves(void **state)
{
    struct work *w = *state;
    struct scim_line line = line_of(w, 200);
    struct scim_log *log;
    size_t n = 0;

    reopen_for_test(w, STORE_SERVE);
    assert_ok(scim_log_start(w->store, &log));
    scim_log_add(log, &line, NULL, 0);
    lines_of(w, false, 1, &n);
    assert_int_equal(n, 0);
    for (int64_t end = clock_tick() + 10000000; n == 0 && clock_tick() < end;) {
        nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
        lines_of(w, false, 1, &n);
    }
    assert_int_equal(n, 1);
    scim_log_stop(log);
}

static void each_workspace_has_lines_of_its_own(void **state)
{
    enum { WORKSPACES = 200 };
    struct work *w = *state;
    struct scim_log *log;
    int64_t first = w->workspace;
    size_t n;

    assert_ok(scim_log_start(w->store, &log));
    for (int i = 0; i < 3 * WORKSPACES; i++) {
        struct scim_line line = line_of(w, 200 + i / WORKSPACES);
        line.workspace = first + i % WORKSPACES;
        scim_log_add(log, &line, NULL, 0);
    }
    scim_log_stop(log);
    for (int i = 0; i < WORKSPACES; i += 37) {
        w->workspace = first + i;
        struct scim_line *lines = lines_of(w, false, 10, &n);
        assert_int_equal(n, 3);
        assert_int_equal(lines[0].status, 200);
        assert_int_equal(lines[2].status, 202);
    }
}

static void the_ring_keeps_the_last_hundred_thousand(void **state)
{
    enum { MANY = 115000 };
    struct work *w = *state;
    struct scim_log *log;
    size_t n;

    assert_ok(scim_log_start(w->store, &log));
    for (int i = 0; i < MANY; i++) {
        struct scim_line line = line_of(w, 200);
        line.us = i;
        scim_log_add(log, &line, NULL, 0);
        if (i % 20000 == 19999) {               /* no faster than it can be written */
            scim_log_stop(log);
            assert_ok(scim_log_start(w->store, &log));
        }
    }
    scim_log_stop(log);
    struct scim_line *lines = lines_of(w, false, MANY, &n);
    assert_in_range(n, SCIM_LOG_RING, SCIM_LOG_RING + 8192);
    assert_int_equal(lines[n - 1].us, MANY - 1);
    assert_int_equal(lines[0].us, MANY - (int64_t)n);
}

struct flood { struct scim_log *log; struct scim_line line; int n; };

static enum err pour(struct work *w, void *arg)
{
    const struct flood *f = arg;

    (void)w;
    for (int i = 0; i < f->n; i++)
        scim_log_add(f->log, &f->line, NULL, 0);
    return OK;
}

/* SQLite has one writer; while a transaction keeps it, lines can only wait. */
static void what_comes_faster_than_it_can_be_written_is_counted(void **state)
{
    enum { MANY = 80000 };
    struct work *w = *state;
    struct flood f = { .line = line_of(w, 200), .n = MANY };
    size_t n;
    int dropped = 0;

    reopen_for_test(w, STORE_SERVE);
    assert_ok(scim_log_start(w->store, &f.log));
    assert_ok(store_write(w, pour, &f));
    scim_log_stop(f.log);
    struct scim_line *lines = lines_of(w, false, MANY, &n);
    size_t remark = 0;
    while (remark < n && lines[remark].status != 0)
        remark++;
    assert_true(remark < n);
    assert_int_equal(
        sscanf(lines[remark].detail, "%d lines before this one were dropped", &dropped), 1);
    assert_int_equal((size_t)dropped + n - 1, MANY);
    assert_int_equal(lines_of(w, true, 10, &n)->status, 0);
}

static void *pour_from_a_thread(void *arg)
{
    assert_ok(pour(NULL, arg));
    return NULL;
}

static void threads_add_at_once(void **state)
{
    enum { THREADS = 4, EACH = 5000 };
    struct work *w = *state;
    pthread_t threads[THREADS];
    struct flood f = { .line = line_of(w, 200), .n = EACH };
    size_t n;

    reopen_for_test(w, STORE_SERVE);
    assert_ok(scim_log_start(w->store, &f.log));
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, pour_from_a_thread, &f), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    scim_log_stop(f.log);
    lines_of(w, false, 2 * THREADS * EACH, &n);
    assert_int_equal(n, THREADS * EACH);
}

/* ---- bodies ---- */

static const char body[] = "{\"userName\":\"ada@example.com\"}";

static void given_request(struct work *w, const char *path)
{
    struct scim_line line = line_of(w, 201);
    struct scim_log *log;

    line.method = "POST";
    line.path = path;
    line.in = strlen(body);
    assert_ok(scim_log_start(w->store, &log));
    scim_log_add(log, &line, body, strlen(body));
    scim_log_stop(log);
}

static void bodies_are_kept_only_when_asked_for(void **state)
{
    struct work *w = *state;
    struct scim_request r;
    struct rows rows;
    size_t n;

    given_request(w, "/scim/v2/Users");
    assert_int_equal(rows_in(w, "scim_body"), 0);
    struct scim_line *lines = lines_of(w, false, 10, &n);
    assert_false(lines[0].body);
    assert_err(scim_log_request(w, lines[0].id, &r), ERR_NOT_FOUND,
               "bodies are kept only while `muster set scim_record_bodies on`, for 24 hours");

    assert_ok(workspace_set(w, "scim_record_bodies", "on"));
    given_request(w, "/scim/v2/Users?filter=userName+eq+%22ada%22&attributes=id");
    assert_ok(store_query(w, &rows, "SELECT sealed FROM scim_body WHERE workspace = ?",
                          num(w->workspace)));
    assert_int_equal(rows.n, 1);
    assert_null(strstr(rows_text(&rows, 0, 0), "ada"));
    lines = lines_of(w, false, 10, &n);
    assert_int_equal(n, 2);
    assert_true(lines[1].body);
    assert_ok(scim_log_request(w, lines[1].id, &r));
    assert_string_equal(r.method, "POST");
    assert_string_equal(r.path, "/scim/v2/Users");
    assert_string_equal(r.query, "filter=userName+eq+%22ada%22&attributes=id");
    assert_string_equal(r.body, body);
    assert_int_equal(r.body_size, strlen(body));
    assert_int_equal(r.source, 7);
}

static enum err drop_old(struct work *w, void *arg)
{
    (void)arg;
    return scim_bodies_drop(w, w->now - SCIM_BODY_MS);
}

static void a_body_is_gone_after_a_day(void **state)
{
    struct work *w = *state;
    struct scim_request r;
    bool any;
    size_t n;

    assert_ok(workspace_set(w, "scim_record_bodies", "on"));
    given_request(w, "/scim/v2/Users");
    int64_t id = lines_of(w, false, 1, &n)->id;
    w->now += SCIM_BODY_MS - 1;
    assert_ok(scim_log_request(w, id, &r));
    assert_ok(scim_bodies_old(w, w->now - SCIM_BODY_MS, &any));
    assert_false(any);
    w->now++;
    assert_err(scim_log_request(w, id, &r), ERR_NOT_FOUND, "for 24 hours");
    assert_false(lines_of(w, false, 1, &n)->body);
    assert_ok(scim_bodies_old(w, w->now - SCIM_BODY_MS, &any));
    assert_true(any);
    assert_ok(store_write(w, drop_old, NULL));
    assert_int_equal(rows_in(w, "scim_body"), 0);
}

static void a_body_of_another_workspace_is_not_found(void **state)
{
    struct work *w = *state;
    struct scim_request r;
    size_t n;

    assert_ok(workspace_set(w, "scim_record_bodies", "on"));
    given_request(w, "/scim/v2/Users");
    int64_t id = lines_of(w, false, 1, &n)->id;
    w->workspace++;
    assert_err(scim_log_request(w, id, &r), ERR_NOT_FOUND, "no body is recorded");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(values_are_cut_and_the_rest_stays),
        TEST(whatever_a_client_sends_is_one_line_of_text),
        BOTH_ENGINES(what_was_asked_is_read_back_newest_last),
        BOTH_ENGINES(lines_are_written_within_seconds_by_themselves),
        BOTH_ENGINES(each_workspace_has_lines_of_its_own),
        BOTH_ENGINES(the_ring_keeps_the_last_hundred_thousand),
        ON_SQLITE(what_comes_faster_than_it_can_be_written_is_counted),
        BOTH_ENGINES(threads_add_at_once),
        BOTH_ENGINES(bodies_are_kept_only_when_asked_for),
        BOTH_ENGINES(a_body_is_gone_after_a_day),
        BOTH_ENGINES(a_body_of_another_workspace_is_not_found),
    };

    return RUN_TESTS(tests);
}
