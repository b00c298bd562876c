/* test_server_stop.c — a server that is told to stop while it has work. */
#include "base/clock.h"
#include "http/house.h"

static void *stop(void *arg)
{
    struct house *h = arg;

    server_stop(h->server);
    return NULL;
}

/* Returns when nobody is let in any more. */
static pthread_t start_to_stop(struct house *h)
{
    int port = server_port(h->server);
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, stop, h), 0);
    for (int fd; (fd = dial_port(port)) >= 0;) {
        close(fd);
        poll(NULL, 0, 1);
    }
    return thread;
}

static void stopping_lets_what_is_in_work_finish(void **state)
{
    struct house *h = *state;
    int scan = dial(h), kept = dial(h);

    put(kept, "GET /hello" HOST "\r\n");
    assert_int_equal(get_reply(kept, false).status, 200);
    put(scan, "GET /gate" HOST "\r\n");
    sem_wait(&entered);
    pthread_t stopper = start_to_stop(h);
    put(kept, "GET /hello" HOST "\r\n");                /* on a connection that was there before */
    struct reply late = get_reply(kept, false);
    assert_int_equal(late.status, 200);
    assert_true(has(&late, "\r\nConnection: close\r\n"));
    sem_post(&gate);
    struct reply r = get_reply(scan, false);
    assert_int_equal(r.status, 200);
    assert_string_equal(r.body, "through");
    assert_true(has(&r, "\r\nConnection: close\r\n"));
    pthread_join(stopper, NULL);
    h->server = NULL;
    close(scan);
    close(kept);
}

/* Two are in work for longer than the second they get, one waits behind them. */
static void stopping_refuses_what_only_waits_and_waits_for_what_works(void **state)
{
    struct house *h = *state;
    int fds[3];

    for (int i = 0; i < 3; i++) {
        fds[i] = dial(h);
        put(fds[i], "GET /gate" HOST "\r\n");
        if (i < 2)
            sem_wait(&entered);
    }
    while (server_counts(h->server).busy_connections < 3)
        poll(NULL, 0, 1);
    pthread_t stopper = start_to_stop(h);
    struct reply r = get_reply(fds[2], false);
    assert_int_equal(r.status, 503);
    assert_non_null(strstr(r.body, "the server is stopping"));
    sem_post(&gate);
    sem_post(&gate);
    for (int i = 0; i < 2; i++)
        assert_int_equal(get_reply(fds[i], false).status, 200);
    pthread_join(stopper, NULL);
    h->server = NULL;
    for (int i = 0; i < 3; i++)
        close(fds[i]);
}

static void idle_and_dawdling_connections_do_not_hold_up_the_stop(void **state)
{
    static const char *const said[] = { "", "GET /hello" HOST "\r\n", "GET /hel",
                                        "POST /echo" HOST "Content-Length: 50\r\n\r\nab" };
    struct house *h = *state;
    int fds[COUNT(said) * 4];
    int64_t began;

    for (size_t i = 0; i < COUNT(fds); i++) {
        fds[i] = dial(h);
        put(fds[i], said[i % COUNT(said)]);
        if (i % COUNT(said) == 1)
            assert_int_equal(get_reply(fds[i], false).status, 200);
    }
    began = clock_tick();
    server_stop(take(h->server));
    assert_in_range(clock_tick() - began, 0, 1900000);
    for (size_t i = 0; i < COUNT(fds); i++) {
        assert_true(ended(fds[i]));
        close(fds[i]);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_HOUSE(stopping_lets_what_is_in_work_finish),
        IN_HOUSE(stopping_refuses_what_only_waits_and_waits_for_what_works),
        IN_HOUSE(idle_and_dawdling_connections_do_not_hold_up_the_stop),
    };

    return RUN_TESTS(tests);
}
