/* Several requests at once: nothing is lost, and one key has one holder. */
#include <pthread.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/str.h"
#include "support/client.h"

enum { THREADS = 6 };

static int64_t okta;

struct racer {
    pthread_t thread;
    struct work *house;             /* the test's: store and workspace */
    int64_t person, id;             /* whom; who came of it */
    const char *attribute;
    const char *text;
    int times;
    int done, taken;
    enum err err;
};

static enum err write_it(struct work *w, void *arg)
{
    return inbound_person(w, arg);
}

static void *race(void *arg)
{
    static const struct actor actor = { "test", "racer" };
    struct racer *r = arg;

    for (int i = 0; i < r->times && r->err == OK; i++) {
        AUTO(work) *w = work_new(r->house->store, &actor);
        struct attrs *as;
        w->workspace = r->house->workspace;
        r->err = attrs_load(w, &as);
        if (r->err != OK)
            break;
        struct value says = { attr_find(as, r->attribute),
                              r->person ? arena_printf(w->mem, "%s%d", r->text, i) : r->text };
        struct inbound in = { .source = okta,
                              .attrs = as,
                              .person = r->person,
                              .whole = !r->person,
                              .says = &says,
                              .n = 1 };
        enum err e = store_write(w, write_it, &in);
        r->done += e == OK;
        r->taken += e == ERR_CONFLICT && strstr(err_text(), "userName 'ana' is taken") != NULL;
        r->id = in.id;
        if (e != OK && e != ERR_CONFLICT) {
            fprintf(stderr, "%s\n", err_text());
            r->err = e;
        }
    }
    return NULL;
}

static void run_all(struct racer *racers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    for (size_t i = 0; i < n; i++)
        pthread_join(racers[i].thread, NULL);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(racers[i].err, OK);
}

static void one_user_name_has_one_winner(void **state_)
{
    struct racer racers[THREADS] = {};
    struct work *w = *state_;
    int done = 0, taken = 0;

    given_company(w, NULL);
    okta = given_client("okta", NULL);
    for (size_t i = 0; i < THREADS; i++)
        racers[i] =
            (struct racer){ .house = w, .attribute = "user_name", .text = "ana", .times = 5 };
    run_all(racers, THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        done += racers[i].done;
        taken += racers[i].taken;
    }
    assert_int_equal(done, 1);
    assert_int_equal(taken, THREADS * 5 - 1);
    assert_int_equal(rows_in("person"), 1);
    check_history();
}

static void two_writers_of_one_person_keep_each_others_change(void **state_)
{
    struct work *w = *state_;

    given_company(w, NULL);
    okta = given_client("okta", NULL);
    int64_t ana = post(okta, "user_name=ana", NULL);
    struct racer racers[] = {
        { .house = w, .person = ana, .attribute = "title", .text = "t", .times = 20 },
        { .house = w, .person = ana, .attribute = "phone", .text = "p", .times = 20 },
    };
    run_all(racers, COUNT(racers));
    assert_string_equal(value("ana", "title"), "t19");
    assert_string_equal(value("ana", "phone"), "p19");
    assert_int_equal(version_of(ana), 41);
    assert_string_equal(rows_of(okta), "create 1, update 40");
    check_history();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(one_user_name_has_one_winner),
        BOTH_ENGINES(two_writers_of_one_person_keep_each_others_change),
    };

    return RUN_TESTS(tests);
}
