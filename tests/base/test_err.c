/* test_err.c — errors: the message of a thread, words put before it, the table of codes. */
#include "base/err.h"

#include <pthread.h>
#include <string.h>

#include "base/str.h"
#include "support/support.h"

static void the_message_names_what_happened_and_where(void **state)
{
    (void)state;
    assert_int_equal(errf(ERR_NOT_FOUND, "no person %s", "ada"), ERR_NOT_FOUND);
    assert_string_equal(err_text(), "no person ada");
    assert_non_null(strstr(err_place(), "test_err.c:"));
}

static void words_go_before_the_message(void **state)
{
    (void)state;
    IGNORE(errf(ERR_DENIED, "the token was refused"));
    assert_int_equal(err_in(ERR_DENIED, "%s: ", "HiBob"), ERR_DENIED);
    assert_string_equal(err_text(), "HiBob: the token was refused");
}

static void a_message_may_quote_the_one_before(void **state)
{
    (void)state;
    IGNORE(errf(ERR_STORE, "disk full"));
    IGNORE(errf(ERR_INTERNAL, "again: %s", err_text()));
    assert_string_equal(err_text(), "again: disk full");
}

static void long_messages_are_cut_at_a_character(void **state)
{
    (void)state;
    char longest[6000];

    for (size_t i = 0; i + 3 < sizeof longest; i += 3)
        memcpy(longest + i, "日", 4);
    IGNORE(errf(ERR_INVALID, "x%s", longest));
    assert_in_range(strlen(err_text()), 2040, 2047);
    assert_true(str_utf8(err_text(), strlen(err_text())));
    IGNORE(err_in(ERR_INVALID, "%s", "before: "));
    assert_true(str_starts(err_text(), "before: x日"));
    assert_in_range(strlen(err_text()), 2040, 2047);
    assert_true(str_utf8(err_text(), strlen(err_text())));
    IGNORE(err_in(ERR_INVALID, "%s", longest));                 /* the words themselves are too many */
    assert_in_range(strlen(err_text()), 2040, 2047);
    assert_true(str_utf8(err_text(), strlen(err_text())));
}

static void short_words_do_not_cost_the_end_of_a_message(void **state)
{
    (void)state;
    char most[2040] = "";

    memset(most, 'x', sizeof most - 1);
    most[sizeof most - 2] = 'Z';
    IGNORE(errf(ERR_INVALID, "%s", most));
    IGNORE(err_in(ERR_INVALID, "a: "));
    assert_true(str_ends(err_text(), "xZ"));
}

static void bytes_that_are_no_text_are_not_passed_on(void **state)
{
    (void)state;
    IGNORE(errf(ERR_INVALID, "got '%s' and '%.1s'", "a\xff\xc3 b", "é"));
    assert_string_equal(err_text(), "got 'a?? b' and '?'");
}

static void a_message_travels_past_other_errors(void **state)
{
    (void)state;
    IGNORE(errf(ERR_BUSY, "first"));
    struct err_saved saved = err_save();
    IGNORE(errf(ERR_STORE, "second"));
    err_restore(&saved);
    assert_string_equal(err_text(), "first");
    assert_non_null(strstr(err_place(), "test_err.c:"));
}

static void *fail_elsewhere(void *text)
{
    IGNORE(errf(ERR_STORE, "%s", (const char *)text));
    return NULL;
}

static void every_thread_has_its_own_message(void **state)
{
    (void)state;
    pthread_t other;

    IGNORE(errf(ERR_BUSY, "mine"));
    assert_int_equal(pthread_create(&other, NULL, fail_elsewhere, (void *)"theirs"), 0);
    pthread_join(other, NULL);
    assert_string_equal(err_text(), "mine");
}

static enum err steps(int *done, enum err second)
{
    (*done)++;
    TRY(second);
    (*done)++;
    return OK;
}

static void try_passes_an_error_on_at_once(void **state)
{
    (void)state;
    int done = 0;

    assert_int_equal(steps(&done, ERR_HELD), ERR_HELD);
    assert_int_equal(done, 1);
    assert_int_equal(steps(&done, OK), OK);
    assert_int_equal(done, 3);
}

static void every_code_has_a_row(void **state)
{
    (void)state;
    for (enum err e = OK; e < ERR_COUNT; e++) {
        const struct err_row *row = err_row(e);
        assert_non_null(row->name);
        assert_true(e == OK
                        ? row->http == 200 && row->exit == 0
                        : row->http >= 400 && row->http < 600 && row->exit >= 1 && row->exit <= 3);
    }
    assert_int_equal(err_row(ERR_STALE)->http, 412);
    assert_string_equal(err_row(ERR_CONFLICT)->scim, "uniqueness");
    assert_true(err_row(ERR_LIMITED)->retry);
    assert_ptr_equal(err_row((enum err)999), err_row(ERR_INTERNAL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_message_names_what_happened_and_where),
        TEST(words_go_before_the_message),
        TEST(a_message_may_quote_the_one_before),
        TEST(long_messages_are_cut_at_a_character),
        TEST(short_words_do_not_cost_the_end_of_a_message),
        TEST(bytes_that_are_no_text_are_not_passed_on),
        TEST(a_message_travels_past_other_errors),
        TEST(every_thread_has_its_own_message),
        TEST(try_passes_an_error_on_at_once),
        TEST(every_code_has_a_row),
    };

    return RUN_TESTS(tests);
}
