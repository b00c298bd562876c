/*
 * support.h — what every suite of tests shares: cmocka, a fresh store on either engine, errors as
 * assertions.
 *
 * A test of something that uses the store is listed as BOTH_ENGINES(name) and finds its struct
 * work in *state: a new store with the workspace `main`, gone when the test ends. PostgreSQL is at
 * $MUSTER_TEST_PG (tools/postgres.sh start prints it); MUSTER_TEST_PG=skip leaves that half out,
 * without the variable it fails. The suite ends with `return RUN_TESTS(tests);`.
 */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/store.h"

#define TEST(test)                                                                                 \
    {                                                                                              \
#test, test, NULL, NULL, NULL                                                              \
    }
#define ON_SQLITE(test)                                                                            \
    {                                                                                              \
#test " (sqlite)", test, work_setup, work_teardown, (void *)"sqlite"                       \
    }
#define ON_POSTGRES(test)                                                                          \
    {                                                                                              \
#test " (postgresql)", test, work_setup, work_teardown, (void *)"postgresql"               \
    }
#define BOTH_ENGINES(test) ON_SQLITE(test), ON_POSTGRES(test)

#define RUN_TESTS(tests) tests_run(__FILE__, (tests), COUNT(tests))
int tests_run(const char *file, const struct CMUnitTest *tests, size_t n);

int work_setup(void **state);           /* *state: the engine's name, then a struct work */
int work_teardown(void **state);

/* The same by hand; fails the test if it cannot be had. */
struct work *work_for_test(const char *engine);
void work_for_test_free(struct work *w);
const char *url_for_test(const struct work *w);
const char *dir_for_test(const struct work *w);         /* an empty folder of this test's own */
void reopen_for_test(struct work *w, unsigned flags);   /* closes the store and opens it again */

/* The error's words are printed when it is not what the test expects. */
#define assert_ok(expr) check_ok((expr), #expr, __FILE__, __LINE__)
#define assert_err(expr, code, part) check_err((expr), (code), (part), #expr, __FILE__, __LINE__)
void check_ok(enum err e, const char *expr, const char *file, int line);
void check_err(enum err e, enum err code, const char *part, const char *expr, const char *file,
               int line);

#endif
