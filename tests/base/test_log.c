/* test_log.c — one line per event on standard error. */
#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "support/support.h"

/* Standard error goes into a file while a test logs; what came is in `said`. */
static char said[600000];
static int file, usual;

static void listen_to_stderr(void)
{
    char path[] = "/tmp/muster-log.XXXXXX";

    file = mkstemp(path);
    unlink(path);
    usual = dup(STDERR_FILENO);
    dup2(file, STDERR_FILENO);
}

static void hear_stderr(void)
{
    dup2(usual, STDERR_FILENO);
    close(usual);
    ssize_t n = pread(file, said, sizeof said - 1, 0);
    said[n > 0 ? n : 0] = '\0';
    close(file);
}

static void a_line_has_time_level_and_words(void **state)
{
    (void)state;
    setenv("MUSTER_NOW", "2026-11-21T04:05:06Z", 1);
    log_set_level(LOG_WARN);
    listen_to_stderr();
    log_warn("disk %d %% full", 93);
    log_error("broken");
    log_info("not heard");
    hear_stderr();
    unsetenv("MUSTER_NOW");
    assert_string_equal(
        said, "2026-11-21T04:05:06Z warn  disk 93 % full\n2026-11-21T04:05:06Z error broken\n");
}

static void the_environment_can_ask_for_more(void **state)
{
    (void)state;
    setenv("MUSTER_LOG", "debug", 1);
    log_set_level(LOG_WARN);
    listen_to_stderr();
    log_debug("details");
    hear_stderr();
    unsetenv("MUSTER_LOG");
    log_set_level(LOG_WARN);
    assert_non_null(strstr(said, " debug details\n"));
}

static void an_event_stays_one_line_whatever_it_quotes(void **state)
{
    (void)state;
    listen_to_stderr();
    log_error("said %s", "one\ntwo\r\x1b[31mred\t.");
    hear_stderr();
    assert_non_null(strstr(said, "said one two  [31mred .\n"));
    assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

static void long_lines_are_cut_and_still_end(void **state)
{
    (void)state;
    char longest[5000] = "";

    memset(longest, 'x', sizeof longest - 1);
    for (size_t n = 2500; n < 2560; n++) {                  /* around the room there is */
        longest[n] = '\0';
        listen_to_stderr();
        log_error("%s", longest);
        hear_stderr();
        longest[n] = 'x';
        assert_true(str_ends(said, "x\n"));
        assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
        assert_in_range(strlen(said), 2500, 2560);
    }
}

static void *log_many(void *word)
{
    for (int i = 0; i < 500; i++)
        log_error("%s%s%s%s", (const char *)word, (const char *)word, (const char *)word,
                  (const char *)word);
    return NULL;
}

static void lines_of_threads_do_not_mix(void **state)
{
    (void)state;
    pthread_t threads[4];
    static const char *const words[] = { "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "cccccccccccccccc",
                                         "dddddddddddddddd" };
    int lines = 0;

    listen_to_stderr();
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, log_many, (void *)words[i]);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    hear_stderr();
    for (char *line = said, *end; (end = strchr(line, '\n')); line = end + 1, lines++) {
        const char *word = strstr(line, "error ") + 6;
        assert_int_equal(strspn(word, (const char[]){ *word, '\0' }), 64);
        assert_ptr_equal(word + 64, end);
    }
    assert_int_equal(lines, 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_has_time_level_and_words),
        TEST(the_environment_can_ask_for_more),
        TEST(an_event_stays_one_line_whatever_it_quotes),
        TEST(long_lines_are_cut_and_still_end),
        TEST(lines_of_threads_do_not_mix),
    };

    return RUN_TESTS(tests);
}
