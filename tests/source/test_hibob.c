/* test_hibob.c — check, fields and fetch against a HiBob that answers over a real socket. */
#include "source/source.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"

/* ---- the peer: one answer per path, given as often as it is asked for ---- */

struct reply { const char *path; int status; const char *type, *file, *body; size_t cut; };

static struct peer {
    int listener, port;
    pthread_t thread;
    struct reply replies[4];
    char requests[32768];           /* all of them, one after the other */
} peer;

static char *file_text(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = must_alloc(65536);

    assert_non_null(f);
    assert_true(fread(text, 1, 65535, f) > 0);
    fclose(f);
    return text;
}

/* `cut`: so many bytes fewer than announced. */
static void reply_send(int fd, const struct reply *r)
{
    char head[512];
    char *text = r->file ? file_text(r->file) : strdup(r->body ? r->body : "");
    size_t n = strlen(text);
    int len = snprintf(head, sizeof head,
                       "HTTP/1.1 %d x\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                       "Connection: close\r\n\r\n",
                       r->status, r->type ? r->type : "application/json", n);

    if (write(fd, head, (size_t)len) == len && write(fd, text, n - r->cut) < 0)
        perror("peer");
    free(text);
}

/* Head and body of one request, appended to what came before. */
static void request_read(int fd, char *request, size_t size)
{
    size_t n = 0, want = 0;

    for (ssize_t got; n + 1 < size && (got = read(fd, request + n, size - 1 - n)) > 0;) {
        n += (size_t)got;
        request[n] = '\0';
        const char *end = strstr(request, "\r\n\r\n"),
                   *length = strcasestr(request, "\r\nContent-Length:");
        if (end)
            want = (size_t)(end + 4 - request) +
                   (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
        if (end && n >= want)
            return;
    }
}

static void *peer_run(void *arg)
{
    (void)arg;
    for (int fd; (fd = accept(peer.listener, NULL, NULL)) >= 0; close(fd)) {
        char request[16384] = "";
        request_read(fd, request, sizeof request);
        strncat(peer.requests, request, sizeof peer.requests - strlen(peer.requests) - 1);
        char *path = strchr(request, ' ');
        for (size_t i = 0; path && i < COUNT(peer.replies) && peer.replies[i].path; i++)
            if (strncmp(path + 1, peer.replies[i].path, strlen(peer.replies[i].path)) == 0) {
                reply_send(fd, &peer.replies[i]);
                break;
            }
        shutdown(fd, SHUT_WR);
    }
    return NULL;
}

static int peer_start(void **state)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;

    (void)state;
    setenv("MUSTER_ALLOW_PRIVATE", "1", 1);
    peer.listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(peer.listener, (struct sockaddr *)&at, n) != 0 || listen(peer.listener, 16) != 0)
        return -1;
    getsockname(peer.listener, (struct sockaddr *)&at, &n);
    peer.port = ntohs(at.sin_port);
    return pthread_create(&peer.thread, NULL, peer_run, NULL);
}

static int peer_stop(void **state)
{
    (void)state;
    shutdown(peer.listener, SHUT_RDWR);
    pthread_join(peer.thread, NULL);
    close(peer.listener);
    return 0;
}

#define FIELDS "/v1/company/people/fields"
#define LISTS  "/v1/company/named-lists"
#define SEARCH "/v1/people/search"

/* Everybody as recorded, but for one answer. */
static void given(struct reply other)
{
    static const struct reply recorded[] = {
        { FIELDS, 200, NULL, "tests/source/wire/hibob_fields.json" },
        { LISTS, 200, NULL, "tests/source/wire/hibob_lists.json" },
        { SEARCH, 200, NULL, "tests/source/wire/hibob_people.json" },
    };

    peer.requests[0] = '\0';
    for (size_t i = 0; i < COUNT(recorded); i++)
        peer.replies[i] = other.path && str_eq(other.path, recorded[i].path) ? other : recorded[i];
}

/* ---- the source ---- */

static enum err opened(struct source *s, struct arena *a)
{
    *s = (struct source){
        .type = source_type_find("hibob"), .name = "bob", .mem = a, .secret = "t0ken"
    };
    s->options = options_new(a, s->type->options);
    TRY(options_put(a, s->options, "url", arena_printf(a, "http://127.0.0.1:%d/v1", peer.port)));
    TRY(options_put(a, s->options, "service_user", "SERVICE-7"));
    return source_open(s);
}

static enum err record_seen(void *arg, const struct record *r)
{
    buf_printf(arg, "%s %s=%s\n", r->id, r->company,
               r->values[0].is == RAW_TEXT ? r->values[0].text : "");
    return OK;
}

static enum err fetched(const char *field, struct buf *out)
{
    AUTO(arena) *mem = arena_new();
    struct source s;

    TRY(opened(&s, mem));
    enum err e = s.type->fetch(&s, &(struct want){ &field, 1 }, record_seen, out);
    source_close(&s);
    return e;
}

static void fetches_everybody(void **state)
{
    AUTO_BUF out = {};

    (void)state;
    given((struct reply){});
    assert_int_equal(fetched("work.department", &out), OK);
    assert_string_equal(out.at,
                        "3332883804569821953 100200=R&D\n3332883804569821900 100200=Admirals\n");
    assert_non_null(strcasestr(peer.requests, "Authorization: Basic U0VSVklDRS03OnQwa2Vu\r\n"));
    assert_non_null(strstr(peer.requests, "GET /v1/company/named-lists?includeArchived=true"));
    assert_non_null(strstr(peer.requests,
                           "{\"showInactive\":true,\"humanReadable\":\"\",\"fields\":[\"root.id\","
                           "\"work.department\"]}"));
}

static void says_what_is_wrong_and_where_to_mend_it(void **state)
{
    static const struct { struct reply reply; enum err err; const char *says; } cases[] = {
        { { FIELDS, 401, NULL, NULL, "{\"key\":\"tokenNotMatch\"}" }, ERR_DENIED,
          "the service-user id 'SERVICE-7' or its token is wrong" },
        { { SEARCH, 401, NULL, NULL, "{}" },
          ERR_DENIED,
          "make a new token at Bob → Settings → Integrations" },
        { { SEARCH, 403, NULL, NULL, "{}" }, ERR_FORBIDDEN, "put it into a permission group" },
        { { FIELDS, 404, NULL, NULL, "{}" },
          ERR_NOT_FOUND,
          "Bob's API is at https://api.hibob.com/v1" },
        { { FIELDS, 200, "text/html", NULL, "<html>" },
          ERR_REMOTE,
          "is not the address of Bob's API" },
        { { SEARCH, 200, "text/html", NULL, "<html>sign in</html>" },
          ERR_REMOTE,
          "answered with text/html" },
        { { SEARCH, 200, "text/html", NULL, "" }, ERR_REMOTE, "text/html" },
        { { SEARCH, 200, NULL, NULL, "" }, ERR_INCOMPLETE, "the answer is empty" },
        { { SEARCH, 200, NULL, NULL, "{\"employees\":[{\"id\":\"1\"},{\"id" }, ERR_INCOMPLETE,
          "HiBob: the answer ended in the middle of record 2" },
        { { SEARCH, 200, NULL, NULL,
            "{\"employees\":[{\"id\":\"1\",\"work\":{\"department\":\"\\u0000\"}}]}" },
          ERR_REMOTE,
          "HiBob: record 1 cannot be read: 1: work.department: there is a NUL character" },
        { { SEARCH, 200, NULL, NULL, "{\"key\":\"x\"}" },
          ERR_REMOTE,
          "HiBob: the answer has no list 'employees'" },
        { { FIELDS, 200, NULL, NULL, "{}" }, ERR_REMOTE, "is not a list" },
        { { FIELDS, 200, NULL, NULL, "[{]" },
          ERR_REMOTE,
          "HiBob: GET /company/people/fields: not JSON" },
        { { LISTS, 200, NULL, NULL, "[]" }, ERR_REMOTE, "named-lists is not an object" },
        { { SEARCH, 400, NULL, NULL, "{\"error\":\"bad field\"}" }, ERR_REMOTE, "400" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_BUF out = {};
        given(cases[i].reply);
        enum err e = fetched("work.department", &out);
        if (e == OK || e != cases[i].err || !strstr(err_text(), cases[i].says))
            fail_msg("case %zu: %s: '%s' does not say '%s'", i, err_row(e)->name, err_text(),
                     cases[i].says);
    }
}

static void never_takes_a_dropped_connection_for_the_end(void **state)
{
    (void)state;
    for (size_t cut = 1; cut < 2000; cut += 333) {
        AUTO_BUF out = {};
        given(
            (struct reply){ SEARCH, 200, NULL, "tests/source/wire/hibob_people.json", .cut = cut });
        assert_int_equal(fetched("work.department", &out), ERR_INCOMPLETE);
    }
}

static enum err refuse(void *arg, const struct record *r)
{
    (void)arg, (void)r;
    return errf(ERR_HELD, "not now");
}

static void passes_on_what_the_receiver_says(void **state)
{
    AUTO(arena) *mem = arena_new();
    const char *ids[] = { "root.email" };
    struct source s;

    (void)state;
    given((struct reply){});
    assert_int_equal(opened(&s, mem), OK);
    assert_int_equal(s.type->fetch(&s, &(struct want){ ids, 1 }, refuse, NULL), ERR_HELD);
    assert_string_equal(err_text(), "not now");
    source_close(&s);
}

static enum err line_seen(void *arg, const struct check_line *l)
{
    buf_printf(arg, "%s (%s) %s%s%s\n", l->field, l->label, l->readable ? "yes" : "no",
               l->advice ? ": " : "", l->advice ? l->advice : "");
    return OK;
}

static enum err checked(const char *const *ids, size_t n, struct buf *out)
{
    AUTO(arena) *mem = arena_new();
    struct source s;

    TRY(opened(&s, mem));
    enum err e = s.type->check(&s, &(struct want){ ids, n }, line_seen, out);
    source_close(&s);
    return e;
}

static void checks_field_by_field(void **state)
{
    static const char *const ids[] = { "root.email", "personal.legalGender", "personal.birthDate",
                                       "work.nowhere", "payroll.employment.type" };
    AUTO_BUF out = {};

    (void)state;
    given((struct reply){});
    assert_int_equal(checked(ids, COUNT(ids), &out), OK);
    assert_string_equal(
        out.at,
        "root.email (Email) yes\n"
        "personal.legalGender (Legal gender) no: tick \"View\" for Legal gender, category "
        "Personal, in Bob → Settings "
        "→ Integrations → Service users → permission group; the new right may take a minute\n"
        "personal.birthDate (Birthday) yes: this company has no field personal.birthDate; "
        "personal.dateOfBirth, called "
        "'Birthday', is read in its place\n"
        "work.nowhere (work.nowhere) no: this company has no field work.nowhere: choose another in "
        "the mapping "
        "(muster source fields)\n"
        "payroll.employment.type (payroll.employment.type) no: this company has no field "
        "payroll.employment.type, and "
        "two that are called 'Employment Type': payroll.type.one and payroll.type.two; name the "
        "right one in the "
        "mapping\n");
}

static void notes_that_nobody_who_left_is_visible(void **state)
{
    static const struct {
        const char *body;
        bool noted;
    } cases[] = {
        { "{\"employees\":[{\"id\":\"1\",\"email\":\"a\",\"internal\":{\"status\":\"Active\"}}]}",
          true },
        { "{\"employees\":[{\"id\":\"1\",\"email\":\"a\",\"internal\":{\"status\":\"Inactive\"}}]}",
          false },
        { "{\"employees\":[{\"id\":\"1\",\"email\":\"a\"}]}",
          false }, /* the status itself is hidden */
    };
    static const char *const ids[] = { "root.email" };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_BUF out = {};
        given((struct reply){ SEARCH, 200, NULL, NULL, cases[i].body });
        assert_int_equal(checked(ids, 1, &out), OK);
        assert_int_equal(strstr(out.at, "internal.status (People who left) yes: nobody who left") !=
                             NULL,
                         cases[i].noted);
    }
}

static void says_that_nobody_at_all_is_visible(void **state)
{
    static const char *const ids[] = { "root.email" };
    AUTO_BUF out = {};

    (void)state;
    given((struct reply){ SEARCH, 200, NULL, NULL, "{\"employees\":[]}" });
    assert_int_equal(checked(ids, 1, &out), ERR_FORBIDDEN);
    assert_non_null(strstr(err_text(), "sees nobody"));
}

static void finds_hidden_columns_wherever_they_are_told(void **state)
{
    static const char *const bodies[] = {
        "{\"restricted_columns\":{\"no_view_permission\":[\"work.title\"]},\"employees\":"
        "[{\"id\":\"1\",\"email\":\"a\",\"work\":{\"title\":null},\"internal\":{\"status\":\"x\"}}]"
        "}",
        "{\"employees\":[{\"id\":\"1\",\"email\":\"a\",\"work\":{\"title\":null},\"internal\":{"
        "\"status\":\"x\"}}],"
        "\"restricted_columns\":{\"no_view_permission\":[\"title\"]}}",
    };
    static const char *const ids[] = { "root.email", "work.title" };

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        AUTO_BUF out = {};
        given((struct reply){ SEARCH, 200, NULL, NULL, bodies[i] });
        assert_int_equal(checked(ids, 2, &out), OK);
        assert_non_null(
            strstr(out.at, "root.email (Email) yes\nwork.title (Job title) no: tick \"View\""));
    }
}

static enum err field_seen(void *arg, const struct field *f)
{
    buf_printf(arg, "%s|%s|%s|%s%s\n", f->id, f->label, f->type, f->category,
               f->custom ? "|custom" : "");
    return OK;
}

static void lists_fields_with_the_parts_of_people(void **state)
{
    AUTO(arena) *mem = arena_new();
    AUTO_BUF out = {};
    struct source s;

    (void)state;
    given((struct reply){});
    assert_int_equal(opened(&s, mem), OK);
    assert_int_equal(s.type->fields(&s, field_seen, &out), OK);
    source_close(&s);
    assert_non_null(strstr(out.at, "root.email|Email|text|Basic info\n"));
    assert_non_null(strstr(out.at,
                           "work.reportsTo|Reports to|employee-reference|Work\n"
                           "work.reportsTo.id|Reports to (id)|text|Work\nwork.reportsTo.email|"));
    assert_non_null(
        strstr(out.at, "work.customColumns.column_1700000000002|Squad|list|Work|custom\n"));
}

static void needs_its_credentials(void **state)
{
    AUTO(arena) *mem = arena_new();
    struct source s = { .type = source_type_find("hibob"), .name = "bob", .mem = mem };

    (void)state;
    s.options = options_new(mem, s.type->options);
    assert_int_equal(source_open(&s), ERR_USAGE);
    assert_non_null(strstr(err_text(), "source bob: service_user is missing"));
    assert_int_equal(options_put(mem, s.options, "service_user", "SERVICE-7"), OK);
    assert_int_equal(source_open(&s), ERR_USAGE);
    assert_non_null(strstr(err_text(), "token is missing"));
    s.secret = "t";
    assert_int_equal(options_put(mem, s.options, "service_user", "SERVICE-7:t0ken"), OK);
    assert_int_equal(source_open(&s), ERR_USAGE);
    assert_non_null(strstr(err_text(), "give the ID alone"));
}

static void has_a_default_mapping_of_known_fields(void **state)
{
    const struct source_type *t = source_type_find("hibob");
    struct source_type fitted;

    (void)state;
    assert_int_equal(source_fit(&(struct source){ .type = t }, &fitted), OK);
    assert_ptr_equal(fitted.mapping, t->mapping);
    assert_string_equal(t->mapping[0].attribute, "external_id");
    assert_null(source_type_find("nothing"));
    for (size_t i = 0; source_types()[i]; i++)
        assert_ptr_equal(source_type_find(source_types()[i]->name), source_types()[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fetches_everybody),
        cmocka_unit_test(says_what_is_wrong_and_where_to_mend_it),
        cmocka_unit_test(never_takes_a_dropped_connection_for_the_end),
        cmocka_unit_test(passes_on_what_the_receiver_says),
        cmocka_unit_test(checks_field_by_field),
        cmocka_unit_test(notes_that_nobody_who_left_is_visible),
        cmocka_unit_test(says_that_nobody_at_all_is_visible),
        cmocka_unit_test(finds_hidden_columns_wherever_they_are_told),
        cmocka_unit_test(lists_fields_with_the_parts_of_people),
        cmocka_unit_test(needs_its_credentials),
        cmocka_unit_test(has_a_default_mapping_of_known_fields),
    };

    return cmocka_run_group_tests(tests, peer_start, peer_stop);
}
