/* test_id.c — ids made by us: unique, never backwards, and their text. */
#include "base/id.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "support/support.h"

/* The machine's clock as this suite wants it: every look at it goes through here. */
static _Atomic int64_t set_clock;           /* ms since 1970; 0: the real one */

int clock_gettime(clockid_t which, struct timespec *t)
{
    static int (*real)(clockid_t, struct timespec *);

    if (which == CLOCK_REALTIME && set_clock) {
        *t = (struct timespec){ set_clock / 1000, set_clock % 1000 * 1000000 };
        return 0;
    }
    if (!real)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    return real(which, t);
}

static const int64_t noon = 3499416000000;  /* 2080-11-21T12:00:00Z: no id was made later */

static void ids_never_go_backwards_even_if_the_clock_does(void **state)
{
    (void)state;
    set_clock = noon;
    int64_t last = id_new();
    set_clock = noon - 3600000;
    for (int i = 0; i < 10000; i++) {
        int64_t next = id_new();
        assert_true(next > last);
        last = next;
    }
    set_clock = noon + 60000;
    assert_true(id_new() > last);
    assert_true(id_time(id_new()) == noon + 60000);
    set_clock = 0;
}

static void a_clock_that_was_never_set_still_gives_ids(void **state)
{
    (void)state;
    set_clock = 1000;                       /* 1970: a machine without a battery */
    int64_t a = id_new(), b = id_new();
    assert_true(a > 0 && b > a);
    set_clock = 0;
}

static void more_than_a_millisecond_holds_run_over_into_the_next(void **state)
{
    (void)state;
    set_clock = noon + 3600000;
    int64_t first = id_new();
    for (int i = 0; i < 5000; i++)
        id_new();
    int64_t last = id_new();
    assert_true(last > first);
    assert_true(id_time(last) == id_time(first) + 1);
    set_clock = 0;
}

enum { THREADS = 8, EACH = 20000 };

static void *make_many(void *out)
{
    int64_t *ids = out;

    for (int i = 0; i < EACH; i++)
        ids[i] = id_new();
    return NULL;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void eight_threads_never_get_the_same(void **state)
{
    (void)state;
    int64_t *ids = must_alloc(sizeof *ids * THREADS * EACH);
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, make_many, ids + i * EACH), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++)
        for (int k = 1; k < EACH; k++)
            assert_true(ids[i * EACH + k] > ids[i * EACH + k - 1]);
    qsort(ids, THREADS * EACH, sizeof *ids, by_number);
    for (int i = 1; i < THREADS * EACH; i++)
        assert_true(ids[i] != ids[i - 1]);
    free(ids);
}

static void processes_with_numbers_of_their_own_never_meet(void **state)
{
    (void)state;
    set_clock = noon + 7200000;
    id_process(1023);
    int64_t a = id_new();
    id_process(5);
    int64_t b = id_new();
    assert_true((a >> 12 & 1023) == 1023);
    assert_true((b >> 12 & 1023) == 5);
    assert_true(id_time(a) == noon + 7200000 && id_time(b) == noon + 7200000);
    id_process(0);
    set_clock = 0;
}

static void a_floor_lies_between_two_milliseconds(void **state)
{
    int64_t id = id_new(), ms = id_time(id);

    (void)state;
    assert_true(id_floor(ms) < id);
    assert_true(id_floor(ms + 1) >= id);
    assert_int_equal(id_time(id_floor(ms) + 1), ms);
    assert_int_equal(id_time(id_floor(ms)), ms - 1);
}

static void texts_read_back(void **state)
{
    (void)state;
    const int64_t ids[] = { 0, 1, 31, 32, INT64_MAX, INT64_MAX - 1, id_new(), INT64_C(1) << 62 };
    int64_t back;

    for (size_t i = 0; i < COUNT(ids); i++) {
        const char *text = id_text(ids[i]);
        assert_int_equal(strlen(text), 13);
        assert_int_equal(strspn(text, "abcdefghijklmnopqrstuvwxyz234567"), 13);
        assert_true(id_read(text, &back));
        assert_true(back == ids[i]);
    }
    assert_string_equal(id_text(0), "aaaaaaaaaaaaa");
    assert_string_equal(id_text(INT64_MAX), "h777777777777");
}

static void other_texts_are_no_ids(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "a",
        "aaaaaaaaaaaa",
        "aaaaaaaaaaaaaa",
        "aaaaaaaaaaaaA",
        "aaaaaaaaaaaa1",
        "aaaaaaaaaaaa8",
        "aaaaaa aaaaaa",
        "iaaaaaaaaaaaa",
        "7777777777777",
        "ada@example.com",
        "\xc3\xa9"
        "aaaaaaaaaaa",
    };
    int64_t out;

    for (size_t i = 0; i < COUNT(texts); i++)
        assert_false(id_read(texts[i], &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ids_never_go_backwards_even_if_the_clock_does),
        TEST(a_clock_that_was_never_set_still_gives_ids),
        TEST(more_than_a_millisecond_holds_run_over_into_the_next),
        TEST(eight_threads_never_get_the_same),
        TEST(processes_with_numbers_of_their_own_never_meet),
        TEST(a_floor_lies_between_two_milliseconds),
        TEST(texts_read_back),
        TEST(other_texts_are_no_ids),
    };

    return RUN_TESTS(tests);
}
