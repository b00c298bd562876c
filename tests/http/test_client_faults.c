/* test_client_faults.c — answers that break off or never end, certificates nobody should trust. */
#include <signal.h>
#include <sys/wait.h>

#include "base/str.h"
#include "http/pair.h"

/* ---- answers that break off ---- */

static void ask_one_that_stops(const struct act *act, const char *whole)
{
    PAIR(p, ((struct act[]){ *act }), .tries = 1);
    AUTO_ANSWER a = {};
    enum err e = client_send(p.client, &get, &a);

    if (e == OK && (a.status != 200 || !str_eq(a.body.at, whole)))
        fail_msg("cut after %zu bytes it passed for whole: %s", act->n, a.body.at);
    if (e != OK && e != ERR_INCOMPLETE && e != ERR_UNREACHABLE && e != ERR_REMOTE)
        fail_msg("cut after %zu bytes it gave %s", act->n, err_row(e)->name);
}

/* Wherever it is cut off and however the connection ends: no part passes for the whole. */
static void no_part_of_an_answer_passes_for_the_whole(void **state)
{
    static const struct { const char *bytes; size_t n; const char *whole; } answers[] = {
#define TEXT(s) s, sizeof(s) - 1
        { TEXT(ANSWER("19", "[{\"id\":1},{\"id\":2}]")), "[{\"id\":1},{\"id\":2}]" },
        { TEXT(CHUNKED "a\r\n[{\"id\":1},\r\n9\r\n{\"id\":2}]\r\n0\r\n\r\n"),
          "[{\"id\":1},{\"id\":2}]" },
        { TEXT(CHUNKED "2\r\n[]\r\n0\r\nDigest: x\r\n\r\n"), "[]" },
        { TEXT(PACKED), "[{\"id\":1},{\"id\":1},{\"id\":1}]" },
#undef TEXT
    };

    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        for (size_t cut = 1; cut < answers[i].n; cut++) {
            ask_one_that_stops(&(struct act){ answers[i].bytes, cut, THEN_CLOSE },
                               answers[i].whole);
            ask_one_that_stops(&(struct act){ answers[i].bytes, cut, THEN_RESET },
                               answers[i].whole);
        }
        PAIR(p, ((struct act[]){ { answers[i].bytes, answers[i].n } }), .tries = 1);
        AUTO_ANSWER a = {};
        assert_ok(client_send(p.client, &get, &a));
        assert_string_equal(a.body.at, answers[i].whole);
    }
}

static void an_answer_without_a_length_ends_with_its_connection(void **state)
{
    static const struct act acts[] = { { HEAD "\r\n[1,2]", .then = THEN_CLOSE },
                                       { HEAD "\r\n[1,2]", .then = THEN_RESET } };
    PAIR(p, acts, .tries = 1);
    AUTO_ANSWER a = {};

    (void)state;
    assert_ok(client_send(p.client, &get, &a));
    assert_string_equal(a.body.at, "[1,2]");
    assert_err(client_send(p.client, &get, &a), ERR_INCOMPLETE, "before it was complete");
}

static void a_stream_is_not_tried_again_after_its_first_piece(void **state)
{
    static const struct act acts[] = {
        { "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n" },
        { HEAD "Transfer-Encoding: chunked\r\n\r\n4\r\n[1,2\r\n", .then = THEN_CLOSE },
    };
    PAIR(p, acts);
    AUTO_ANSWER a = {};
    SINK s = {};

    (void)state;
    assert_err(client_stream(p.client, &search, sink_in, &s, &a), ERR_INCOMPLETE,
               "the answer of POST /people/search ended after 4 bytes, before it was complete");
    assert_int_equal(p.peer.requests, 2);
    assert_string_equal(s.got.at, "[1,2");
}

static void an_error_of_the_reader_ends_the_transfer_and_is_passed_on(void **state)
{
    static const struct act acts[] = { { ANSWER("100", "[1,"), .then = THEN_HANG } };
    PAIR(p, acts);
    AUTO_ANSWER a = {};
    SINK s = { .answer = ERR_INVALID };

    (void)state;
    assert_err(client_stream(p.client, &get, sink_in, &s, &a), ERR_INVALID, "record 1: no id");
    assert_string_equal(err_text(), "record 1: no id");
    assert_int_equal(p.peer.requests, 1);
}

static void an_answer_meets_its_ceiling(void **state)
{
    static const struct act acts[] = { { ANSWER("6", "[1,2,3") }, { ANSWER("5", "[1,2]") } };
    PAIR(p, acts);
    struct ask ask = get;
    AUTO_ANSWER a = {};

    (void)state;
    ask.max = 5;
    assert_err(client_send(p.client, &ask, &a), ERR_TOO_LARGE,
               "HiBob at 127.0.0.1: the answer of GET /people is longer than 5 bytes");
    assert_ok(client_send(p.client, &ask, &a));
    assert_string_equal(a.body.at, "[1,2]");
    assert_int_equal(p.peer.requests, 2);
}

struct slow {
    struct pair pair;
    bool stream;
    enum err e;
    struct err_saved error;
};

static void *ask_slowly(void *arg)
{
    struct slow *slow = arg;
    AUTO_ANSWER a = {};
    SINK s = {};

    slow->e = slow->stream ? client_stream(slow->pair.client, &get, sink_in, &s, &a)
                           : client_send(slow->pair.client, &get, &a);
    slow->error = err_save();
    return NULL;
}

/* All at once, for each costs a second. */
static void silence_and_dripping_come_to_an_end(void **state)
{
    static const struct {
        struct act act;
        bool stream;
        int idle, total;
        enum err err;
        const char *words;
    } cases[] = {
        { { "", .then = THEN_HANG }, false, 1, 0, ERR_UNREACHABLE,
          "HiBob at 127.0.0.1 did not answer GET /people within 1 s" },
        { { ANSWER("12", "[1,2"), .then = THEN_HANG }, false, 1, 0, ERR_UNREACHABLE,
          "sent nothing more for 1 s, with 4 bytes of the answer of GET /people received" },
        { { ANSWER("12", "[1,2"), .then = THEN_HANG }, true, 1, 0, ERR_INCOMPLETE,
          "sent nothing more for 1 s" },
        { { ANSWER("12", "[1,2,3,4,5,6"), .drip_ms = 2000 }, false, 1, 0, ERR_UNREACHABLE,
          "with 0 bytes" },
        { { ANSWER("24", "[1,2,3,4,5,6,7,8,9,0,1,2"), .drip_ms = 100 },
          false,
          0,
          1,
          ERR_UNREACHABLE,
          "the answer of GET /people was not complete after 1 s" },
    };
    struct slow slow[COUNT(cases)] = {};
    pthread_t threads[COUNT(cases)];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct client_options o = { .allow_private = true, .tries = 1 };
        o.idle_seconds = cases[i].idle;
        o.total_seconds = cases[i].total;
        pair_up(&slow[i].pair, o, &cases[i].act, 1);
        slow[i].stream = cases[i].stream;
        assert_int_equal(pthread_create(&threads[i], NULL, ask_slowly, &slow[i]), 0);
    }
    for (size_t i = 0; i < COUNT(cases); i++) {
        pthread_join(threads[i], NULL);
        part(&slow[i].pair);
        err_restore(&slow[i].error);
        assert_err(slow[i].e, cases[i].err, cases[i].words);
    }
}

/* ---- addresses and certificates ---- */

static void private_addresses_are_not_asked(void **state)
{
    static const char *const hosts[] = { "127.0.0.1",          "localhost", "[::1]",
                                         "[::ffff:127.0.0.1]", "0.0.0.0",   "2130706433" };
    static const struct act acts[] = { { ANSWER("2", "{}") } };

    (void)state;
    for (size_t i = 0; i < COUNT(hosts); i++) {
        PAIR(p, acts);
        struct client *c;
        AUTO_ANSWER a = {};
        snprintf(p.url, sizeof p.url, "http://%s:%d", hosts[i], p.peer.port);
        assert_ok(client_new(
            &(struct client_options){ .label = "HiBob", .url = p.url, .retry_ms = 1 }, &c));
        assert_err(client_send(c, &get, &a), ERR_FORBIDDEN, "is not asked: ");
        assert_non_null(strstr(
            err_text(), "is an address of this machine or of a private network; if that is meant"));
        client_free(c);
        peer_stop(&p.peer);
        assert_int_equal(p.peer.connections, 0);
    }
}

/* openssl as a server with a certificate of its own making; its port is in *port. */
static pid_t start_openssl(const char *dir, int *port)
{
    char script[640], line[128];
    int out[2];

    snprintf(script, sizeof script,
             "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
             "-keyout k -out c -subj /CN=localhost 2>/dev/null && "
             "exec openssl s_server -accept 127.0.0.1:0 -key k -cert c -www 2>/dev/null",
             dir);
    assert_int_equal(pipe(out), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        execl("/bin/sh", "sh", "-c", script, NULL);
        _exit(127);
    }
    close(out[1]);
    FILE *said = fdopen(out[0], "r");
    *port = 0;
    while (!*port && fgets(line, sizeof line, said)) {
        const char *colon = strrchr(line, ':');
        if (str_starts(line, "ACCEPT") && colon)
            *port = (int)strtol(colon + 1, NULL, 10);
    }
    fclose(said);
    return pid;
}

static void a_certificate_nobody_vouches_for_is_refused(void **state)
{
    char dir[] = "/tmp/muster-test.XXXXXX", path[64];
    static const struct act acts[] = { { "" } };
    int port;

    (void)state;
    assert_non_null(mkdtemp(dir));
    pid_t server = start_openssl(dir, &port);
    snprintf(path, sizeof path, "https://127.0.0.1:%d", port);
    PAIR(p, acts, .url = path);
    AUTO_ANSWER a = {};
    enum err e = client_send(p.client, &get, &a);
    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
    static const char *const files[] = { "k", "c" };
    for (size_t i = 0; i < COUNT(files); i++) {
        snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        unlink(path);
    }
    rmdir(dir);
    assert_true(port > 0);
    assert_err(
        e, ERR_UNREACHABLE,
        "HiBob at 127.0.0.1 showed a certificate that is not trusted (SSL certificate problem: "
        "self-signed certificate); if it is your own, add");
    assert_int_equal(p.waits, 0);
}

static void https_to_a_server_that_speaks_none_says_so(void **state)
{
    static const struct act acts[] = { { "HTTP/1.1 400 Bad\r\n\r\n" } };
    char url[64];

    (void)state;
    PAIR(plain, acts);
    snprintf(url, sizeof url, "https://127.0.0.1:%d", plain.peer.port);
    client_free(plain.client);
    assert_ok(client_new(
        &(struct client_options){ .label = "HiBob", .url = url, .tries = 1, .allow_private = true },
        &plain.client));
    AUTO_ANSWER a = {};
    assert_err(client_send(plain.client, &get, &a), ERR_UNREACHABLE, "could not agree on TLS (");
    assert_non_null(strstr(err_text(), "does this address speak https, or is http:// meant?"));
}

static void what_is_not_http_says_so(void **state)
{
    static const struct act acts[] = { { "SSH-2.0-OpenSSH_9.2\r\n", .then = THEN_CLOSE } };
    PAIR(p, acts);
    AUTO_ANSWER a = {};

    (void)state;
    assert_err(client_send(p.client, &get, &a), ERR_REMOTE,
               "HiBob at 127.0.0.1 answered something that is not HTTP");
    assert_int_equal(p.peer.requests, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(no_part_of_an_answer_passes_for_the_whole),
        TEST(an_answer_without_a_length_ends_with_its_connection),
        TEST(a_stream_is_not_tried_again_after_its_first_piece),
        TEST(an_error_of_the_reader_ends_the_transfer_and_is_passed_on),
        TEST(an_answer_meets_its_ceiling),
        TEST(silence_and_dripping_come_to_an_end),
        TEST(private_addresses_are_not_asked),
        TEST(a_certificate_nobody_vouches_for_is_refused),
        TEST(https_to_a_server_that_speaks_none_says_so),
        TEST(what_is_not_http_says_so),
    };

    return RUN_TESTS(tests);
}
