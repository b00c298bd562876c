/* test_server_steps.c — handlers that go on in another lane, who is let in, and what goes beside the body. */
#include <stdatomic.h>

#include "base/id.h"
#include "http/house.h"

/* ---- a program whose handlers have steps ---- */

static _Atomic int finished, sent;
static const struct actor ada = { "scim", "ada" };

static enum err add_row(struct call *c)
{
    struct work *w = c->work;
    const char *name = c->state;
    struct rows r;

    TRY(store_query(w, &r, "SELECT id FROM workspace WHERE name = ?", txt(name)));
    if (r.n)
        return errf(ERR_CONFLICT, "'%s' is there already", name);
    c->status = 201;
    call_header_add(c, "Location", arena_printf(w->mem, "/rows/%s", name));
    buf_printf(&c->reply, "added %s", name);
    return store_run(w,
                     "INSERT INTO workspace (id, name, settings, managers_version, created_at) "
                     "VALUES (?, ?, '{}', 0, 0)",
                     num(id_new()), txt(name));
}

static enum err post_row(struct call *c)
{
    c->state = arena_text(c->work->mem, c->body);
    buf_puts(&c->reply, "what nobody hears");
    c->status = 500;
    call_header_add(c, "X-Never", "said");
    call_then(c, LANE_WRITE, add_row);
    return OK;
}

/* Writes, and then thinks better of it. */
static enum err add_and_fail(struct call *c)
{
    TRY(add_row(c));
    return errf(ERR_FORBIDDEN, "not %s", (const char *)c->state);
}

static enum err post_refused(struct call *c)
{
    c->state = arena_text(c->work->mem, c->body);
    call_then(c, LANE_WRITE, add_and_fail);
    return OK;
}

static enum err count_rows(struct call *c)
{
    struct rows r;

    TRY(store_query(c->work, &r, "SELECT count(*) FROM workspace"));
    buf_printf(&c->reply, "%d rows", (int)rows_num(&r, 0, 0));
    return OK;
}

static enum err add_then_count(struct call *c)
{
    TRY(add_row(c));
    call_then(c, c->body_size % 2 ? LANE_SCAN : LANE_READ, count_rows);
    return OK;
}

static enum err post_and_count(struct call *c)
{
    c->state = arena_text(c->work->mem, c->body);
    call_then(c, LANE_WRITE, add_then_count);
    return OK;
}

/* Scan, write, scan or read: the request goes through three threads. */
static enum err post_far(struct call *c)
{
    call_then(c, LANE_SCAN, post_and_count);
    return OK;
}

static enum err wait_and_add(struct call *c)
{
    sem_post(&entered);
    sem_wait(&gate);
    return add_row(c);
}

static enum err post_slow(struct call *c)
{
    c->state = arena_text(c->work->mem, c->body);
    call_then(c, LANE_WRITE, wait_and_add);
    return OK;
}

static enum err get_list(struct call *c)
{
    const char *all = call_query_list(c, "a");

    buf_printf(&c->reply, "%s|%s|%s", all ? all : "-", c->raw_query,
               c->workspace_name ? c->workspace_name : "-");
    return OK;
}

static enum err get_etag(struct call *c)
{
    call_header_add(c, "ETag", "W/\"1\"");
    call_header_add(c, "Cache-Control", "private");
    c->status = call_header(c, "If-None-Match") ? 304 : 200;
    buf_puts(&c->reply, "body");
    return OK;
}

static enum err get_who(struct call *c)
{
    buf_printf(&c->reply, "%s %s %s", (const char *)c->principal, c->id, call_address(c));
    return OK;
}

static enum err get_defect(struct call *c)
{
    call_header_add(c, "ETag", "of what failed");
    return errf(ERR_LIMITED, "slowly");
}

enum { OPEN, CLOSED = 7 };

static const struct route rows[] = {
    { GET, "/rows", OPEN, LANE_SCAN, count_rows, 0, "" },
    { POST, "/rows", OPEN, LANE_READ, post_row, 100, "" },
    { POST, "/refused", OPEN, LANE_READ, post_refused, 100, "" },
    { POST, "/far", OPEN, LANE_READ, post_far, 100, "" },
    { POST, "/slow", OPEN, LANE_READ, post_slow, 100, "" },
    { GET, "/list", OPEN, LANE_READ, get_list, 0, "" },
    { GET, "/etag", OPEN, LANE_READ, get_etag, 0, "" },
    { GET, "/who", CLOSED, LANE_READ, get_who, 0, "" },
    { POST, "/who", CLOSED, LANE_READ, get_who, 100, "" },
    { GET, "/defect", OPEN, LANE_READ, get_defect, 0, "" },
    {},
};
static const struct route *const step_tables[] = { rows, NULL };

static enum err admit(struct call *c, const struct route *r)
{
    const char *token = call_header(c, "Authorization");

    if (str_starts(c->path, "/hidden") || (r && r->scope == CLOSED)) {
        if (!str_eq(token, "Bearer ada"))
            return errf(ERR_DENIED, "who are you?");
        c->principal = (void *)ada.name;
        c->work->actor = &ada;
        c->work->workspace = ((struct house *)c->context)->work->workspace;
    }
    return OK;
}

static void tell(struct call *c, enum err e)
{
    c->type = "text/plain";
    call_header_add(c, "X-Told", err_row(e)->name);
    if (e == ERR_LIMITED)
        call_header_add(c, "Retry-After", "77");
    buf_printf(&c->reply, "%d: %s", c->status, err_text());
}

static void note(struct call *c, int64_t us)
{
    assert_true(us >= 0);
    sent = (int)c->sent;
    finished++;
}

static int open_steps(void **state)
{
    *state = house_new(*state,
                       (struct server_options){
                           .tables = step_tables, .admit = admit, .tell = tell, .finished = note });
    return 0;
}

static struct reply post(struct house *h, const char *path, const char *body)
{
    char request[512];

    snprintf(request, sizeof request, "POST %s" HOST "Content-Length: %zu\r\n\r\n%s", path,
             strlen(body), body);
    return ask(h, request);
}

/* ---- steps ---- */

static void a_write_is_answered_after_its_commit(void **state)
{
    struct reply r = post(*state, "/rows", "a");

    assert_int_equal(r.status, 201);
    assert_string_equal(r.body, "added a");
    assert_true(has(&r, "\r\nLocation: /rows/a\r\n"));
    assert_false(has(&r, "X-Never"));
    assert_string_equal(ask(*state, "GET /rows" HOST "\r\n").body, "2 rows");
}

static void a_write_that_fails_is_rolled_back_and_refused(void **state)
{
    struct reply r = post(*state, "/refused", "a");

    assert_int_equal(r.status, 403);
    assert_string_equal(r.body, "403: not a");
    assert_false(has(&r, "Location"));
    assert_string_equal(ask(*state, "GET /rows" HOST "\r\n").body, "1 rows");
    assert_int_equal(post(*state, "/rows", "a").status, 201);
    assert_int_equal(post(*state, "/rows", "a").status, 409);
}

static void steps_go_through_all_lanes(void **state)
{
    assert_string_equal(post(*state, "/far", "a").body, "2 rows");
    assert_string_equal(post(*state, "/far", "bb").body, "3 rows");
    assert_int_equal(post(*state, "/far", "a").status, 409);
    assert_string_equal(post(*state, "/far", "ccc").body, "4 rows");
}

/* As the closure of a serialization failure is: its reply is that of the last run alone. */
static void many_write_at_once(void **state)
{
    enum { CLIENTS = 64, ROUNDS = 5 };
    struct house *h = *state;
    int fds[CLIENTS];

    for (int i = 0; i < CLIENTS; i++)
        fds[i] = dial(h);
    for (int round = 0; round < ROUNDS; round++) {
        int fresh = 0, there = 0;
        for (int i = 0; i < CLIENTS; i++) {
            char request[256];
            snprintf(request, sizeof request,
                     "POST /rows" HOST "Content-Length: 6\r\n\r\nn%02d-%02d", round, i / 2);
            put(fds[i], request);
        }
        for (int i = 0; i < CLIENTS; i++) {
            struct reply r = get_reply(fds[i], false);
            fresh += r.status == 201;
            there += r.status == 409;
            if (r.status == 201)
                assert_int_equal(strncmp(r.body, "added n", 7), 0);
        }
        assert_int_equal(fresh, CLIENTS / 2);
        assert_int_equal(there, CLIENTS / 2);
    }
    for (int i = 0; i < CLIENTS; i++)
        close(fds[i]);
}

static void *stop(void *arg)
{
    server_stop(((struct house *)arg)->server);
    return NULL;
}

/* The second that work gets is long over when the writer goes on. */
static void stopping_waits_for_writes_and_answers_them(void **state)
{
    struct house *h = *state;
    int port = server_port(h->server), fd = dial(h), other = dial(h);
    pthread_t thread;

    put(fd, "POST /slow" HOST "Content-Length: 1\r\n\r\na");
    sem_wait(&entered);
    put(other, "POST /rows" HOST "Content-Length: 1\r\n\r\nb");
    while (server_counts(h->server).busy_connections < 2)
        poll(NULL, 0, 1);
    assert_int_equal(pthread_create(&thread, NULL, stop, h), 0);
    for (int more; (more = dial_port(port)) >= 0;) {
        close(more);
        poll(NULL, 0, 1);
    }
    poll(NULL, 0, 1200);
    sem_post(&gate);
    assert_int_equal(get_reply(fd, false).status, 201);
    struct reply r = get_reply(other, false);           /* it was in the queue, or came too late for it */
    assert_true(r.status == 201 || r.status == 503);
    pthread_join(thread, NULL);
    h->server = NULL;
    close(fd);
    close(other);
}

/* ---- who is let in ---- */

static void nobody_is_heard_before_being_let_in(void **state)
{
    static const struct { const char *request; int status; const char *header, *body; } cases[] = {
        { "GET /who" HOST "\r\n", 401, "WWW-Authenticate: Bearer realm=\"muster\"\r\n",
          "401: who are you?" },
        { "GET /who" HOST "Authorization: Bearer bob\r\n\r\n", 401,
          "WWW-Authenticate: Bearer realm=\"muster\", error=\"invalid_token\"\r\n", "who are you" },
        { "POST /who" HOST "Content-Length: 2\r\n\r\nab", 401, "X-Told: DENIED", "who are you?" },
        { "POST /who" HOST "Content-Length: 200\r\n\r\n", 401, "Bearer realm", "who are you?" },
        { "GET /who" HOST "Authorization: Bearer ada\r\n\r\n", 200, "", "ada " },
        { "GET /hidden/x" HOST "\r\n", 401, "", "who are you?" },
        { "GET /hidden/x" HOST "Authorization: Bearer ada\r\n\r\n", 404, "",
          "nothing at /hidden/x" },
        { "PATCH /who" HOST "\r\n", 405, "\r\nAllow: GET, HEAD, POST\r\n", "405: /who takes" },
        { "OPTIONS /who" HOST "\r\n", 204, "\r\nAllow: GET, HEAD, POST\r\n", "" },
        { "OPTIONS /nothing" HOST "\r\n", 404, "", "nothing at /nothing" },
        { "GET /defect" HOST "\r\n", 429, "\r\nRetry-After: 77\r\n", "429: slowly" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        int fd = dial(*state);
        const char *empty =
            strstr(cases[i].request, "Length: 200") ? "Expect: 100-continue\r\n" : "";
        char request[512];
        int head = (int)(strstr(cases[i].request, "\r\n\r\n") - cases[i].request);
        snprintf(request, sizeof request, "%.*s\r\n%s%s", head, cases[i].request, empty,
                 cases[i].request + head + 2);
        put(fd, request);
        struct reply r = get_reply(fd, false);
        close(fd);
        print_message("  %.*s\n", (int)strcspn(cases[i].request, "\r"), cases[i].request);
        assert_int_equal(r.status, cases[i].status);
        assert_true(has(&r, cases[i].header));
        assert_non_null(strstr(r.body, cases[i].body));
        if (r.status == 429)
            assert_false(has(&r, "Retry-After: 5"));
    }
}

/* HTTP-07: the body of a request that was refused is not taken for the next request. */
static void a_connection_goes_on_after_a_refusal(void **state)
{
    int fd = dial(*state);

    put(fd, "POST /who" HOST "Content-Length: 12\r\n\r\nGET /who HTT"
        "POST /rows" HOST "Content-Length: 1\r\n\r\na");
    assert_int_equal(get_reply(fd, false).status, 401);
    assert_string_equal(get_reply(fd, false).body, "added a");
    put(fd, "GET /nothing" HOST "\r\nGET /rows" HOST "\r\n");
    assert_int_equal(get_reply(fd, false).status, 404);
    assert_string_equal(get_reply(fd, false).body, "2 rows");
    close(fd);
}

/* ---- beside the body ---- */

static void replies_carry_headers_of_the_handler(void **state)
{
    struct reply full = ask(*state, "GET /etag" HOST "\r\n");
    struct reply same = ask(*state, "GET /etag" HOST "If-None-Match: *\r\n\r\n");
    struct reply failed = ask(*state, "GET /defect" HOST "\r\n");

    assert_int_equal(full.status, 200);
    assert_true(has(&full, "\r\nETag: W/\"1\"\r\n"));
    assert_true(has(&full, "\r\nCache-Control: private\r\n"));
    assert_false(has(&full, "no-store"));
    assert_int_equal(same.status, 304);
    assert_true(has(&same, "\r\nETag: W/\"1\"\r\n"));
    assert_false(has(&same, "\r\nContent-Type:"));
    assert_int_equal(same.n, 0);
    assert_false(has(&failed, "ETag"));
}

/* ERR-09. */
static void every_request_has_an_id(void **state)
{
    static const char *const requests[] = { "GET /etag" HOST "\r\n", "GET /nothing" HOST "\r\n",
                                            "GET /a%00" HOST "\r\n", "OPTIONS /etag" HOST "\r\n" };
    char last[ID_TEXT] = "";

    for (size_t i = 0; i < COUNT(requests); i++) {
        struct reply r = ask(*state, requests[i]);
        const char *id = strstr(r.head, "\r\nX-Request-Id: ");
        char text[ID_TEXT] = "";
        int64_t number;
        assert_non_null(id);
        memcpy(text, id + 16, ID_TEXT - 1);
        assert_true(id_read(text, &number));
        assert_string_not_equal(text, last);
        memcpy(last, text, sizeof last);
    }
    struct reply r = ask(*state, "GET /who" HOST "Authorization: Bearer ada\r\n\r\n");
    char line[64];
    snprintf(line, sizeof line, "X-Request-Id: %.13s\r\n", r.body + 4);
    assert_true(has(&r, line));
    assert_string_equal(r.body + 4 + ID_TEXT, "127.0.0.1");
}

static void queries_come_once_and_many_times(void **state)
{
    static const struct { const char *target, *body; } cases[] = {
        { "/list", "-||-" },
        { "/list?a=1", "1|a=1|-" },
        { "/w/main/list/?A=1&b=2&a=3%2C4", "1,3,4|A=1&b=2&a=3%2C4|main" },
        { "/list?%61=x&a", "x,|%61=x&a|-" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char request[256];
        snprintf(request, sizeof request, "GET %s" HOST "\r\n", cases[i].target);
        assert_string_equal(ask(*state, request).body, cases[i].body);
    }
}

static void who_keeps_the_log_hears_of_every_reply(void **state)
{
    static const struct { const char *request; int sent; } cases[] = {
        { "GET /etag" HOST "\r\n", 4 },
        { "HEAD /etag" HOST "\r\n", 0 },
        { "GET /etag" HOST "If-None-Match: *\r\n\r\n", 0 },
        { "GET /nothing" HOST "\r\n", 33 },
        { "POST /rows" HOST "Content-Length: 1\r\n\r\na", 7 },
        { "POST /rows" HOST "Content-Length: 2\r\nContent-Length: 2\r\n\r\nab", 42 },
    };

    finished = 0;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ask(*state, cases[i].request);
        print_message("  %.30s\n", cases[i].request);
        assert_int_equal(finished, (int)i + 1);
        assert_int_equal(sent, cases[i].sent);
    }
}

#define IN_STEPS(test)                                                                             \
    { #test " (sqlite)", test, open_steps, close_house, (void *)"sqlite" },                        \
    {                                                                                              \
#test " (postgresql)", test, open_steps, close_house, (void *)"postgresql"                 \
    }

int main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_STEPS(a_write_is_answered_after_its_commit),
        IN_STEPS(a_write_that_fails_is_rolled_back_and_refused),
        IN_STEPS(steps_go_through_all_lanes),
        IN_STEPS(many_write_at_once),
        IN_STEPS(stopping_waits_for_writes_and_answers_them),
        IN_STEPS(nobody_is_heard_before_being_let_in),
        IN_STEPS(a_connection_goes_on_after_a_refusal),
        IN_STEPS(replies_carry_headers_of_the_handler),
        IN_STEPS(every_request_has_an_id),
        IN_STEPS(queries_come_once_and_many_times),
        IN_STEPS(who_keeps_the_log_hears_of_every_reply),
    };

    return RUN_TESTS(tests);
}
