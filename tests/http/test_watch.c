/* test_watch.c — connections that take too long, or are too many. */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/watch.h"
#include "support/support.h"

enum { PATIENCE = 1, CROWD = 4, MANY = 6 };

struct pair {
    int ours, theirs;
    struct watched *watched;
};

static struct pair connect_pair(struct watch *w)
{
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    return (struct pair){ fds[0], fds[1], watch_add(w, fds[0]) };
}

/* Whether it was shut down within so many ms. */
static bool ended(const struct pair *p, int ms)
{
    return poll(&(struct pollfd){ p->theirs, POLLIN }, 1, ms) == 1;
}

static void disconnect(struct pair *p)
{
    watch_remove(p->watched);
    close(p->ours);
    close(p->theirs);
}

static void ends_what_is_over_and_nothing_else(void **state)
{
    AUTO(watch) *w = watch_new(PATIENCE, CROWD);
    struct pair late = connect_pair(w), granted = connect_pair(w), works = connect_pair(w),
                rests = connect_pair(w);

    (void)state;
    watch_expect(late.watched);
    watch_expect(granted.watched);
    for (int i = 0; i < 40; i++)
        watch_grant(granted.watched, WATCH_RATE / 4);
    watch_expect(works.watched);
    watch_work(works.watched);
    watch_expect(rests.watched);
    watch_rest(rests.watched);
    assert_true(ended(&late, 4000));
    assert_false(ended(&granted, 1500));
    assert_false(ended(&works, 0));
    assert_false(ended(&rests, 0));
    disconnect(&late);
    disconnect(&granted);
    disconnect(&works);
    disconnect(&rests);
}

static void in_a_crowd_who_rests_makes_room(void **state)
{
    AUTO(watch) *w = watch_new(PATIENCE, CROWD);
    struct pair pairs[MANY];

    (void)state;
    for (int i = 0; i < MANY; i++) {
        pairs[i] = connect_pair(w);
        if (i < 2)
            watch_work(pairs[i].watched);
    }
    for (int i = 2; i < MANY; i++)
        assert_true(ended(&pairs[i], 5000));
    assert_false(ended(&pairs[0], 0));
    assert_false(ended(&pairs[1], 0));
    for (int i = 0; i < MANY; i++)
        disconnect(&pairs[i]);
}

static void connections_may_end_while_it_looks(void **state)
{
    AUTO(watch) *w = watch_new(PATIENCE, 1000);
    struct pair pairs[200];
    int64_t began = clock_tick();

    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++)
        pairs[i] = connect_pair(w);
    for (size_t i = 0; clock_tick() - began < 2500000; i++) {
        struct pair *p = &pairs[i * 7919 % COUNT(pairs)];
        watch_remove(p->watched);
        p->watched = watch_add(w, p->ours);
    }
    for (size_t i = 0; i < COUNT(pairs); i++)
        disconnect(&pairs[i]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(ends_what_is_over_and_nothing_else),
        TEST(in_a_crowd_who_rests_makes_room),
        TEST(connections_may_end_while_it_looks),
    };

    return RUN_TESTS(tests);
}
