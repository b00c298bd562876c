/* test_scim_cursor.c — where a walk stands, as a text nobody else can make, change, use for something else, or keep. */
#include "api/scim_cursor.h"

#include <stdlib.h>

#include "base/str.h"
#include "support/support.h"

enum { QUESTION = 4711 };

static struct scim_asker asker_of(struct work *w)
{
    return (struct scim_asker){ .w = w, .token = 7, .source = 1 };
}

static const char *a_cursor(struct work *w)
{
    struct scim_asker s = asker_of(w);
    struct cursor c = {
        .after = 12345, .key = "garcía", .key_size = 7, .count = 50, .question = QUESTION
    };

    return cursor_write(&s, &c);
}

static enum err try_read(struct work *w, const char *text)
{
    struct scim_asker s = asker_of(w);
    struct cursor c;

    return cursor_read(&s, text, QUESTION, &c);
}

static void a_cursor_comes_back_as_it_was(void **state)
{
    struct work *w = *state;
    struct scim_asker s = asker_of(w);
    char key[512];

    srand(6);
    for (int i = 0; i < 300; i++) {
        struct cursor out, c = { .after = (int64_t)rand() << 31 | rand(),
                                 .key = key,
                                 .key_size = (size_t)rand() % (sizeof key + 1),
                                 .count = rand() % 1000,
                                 .question = (uint64_t)rand() << 33 ^ (uint64_t)rand() };
        for (size_t k = 0; k < c.key_size; k++)
            key[k] = (char)rand();
        const char *text = cursor_write(&s, &c);
        assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                      "0123456789-._~"),
                         strlen(text));
        assert_ok(cursor_read(&s, text, c.question, &out));
        assert_int_equal(out.after, c.after);
        assert_int_equal(out.count, c.count);
        assert_int_equal(out.key_size, c.key_size);
        assert_memory_equal(out.key, c.key, c.key_size);
    }
}

static void CUR_04_every_changed_byte_is_noticed(void **state)
{
    struct work *w = *state;
    char *text = arena_text(w->mem, a_cursor(w));

    assert_ok(try_read(w, text));
    for (size_t i = 0; text[i]; i++)
        for (const char *other = "AQgw_9"; *other; other++) {
            char was = text[i];
            if (*other == was)
                continue;
            text[i] = *other;
            assert_err(try_read(w, text), ERR_CURSOR, "not made here");
            text[i] = was;
        }
    assert_ok(try_read(w, text));
}

static void CUR_04_what_is_no_cursor_is_refused(void **state)
{
    struct work *w = *state;
    const char *text = a_cursor(w);
    static const char *const others[] = {
        "", "x", "=", "==", "....", "AAAA", "%00", "\xc3\xa4", "null", "1", "A A A", "AAAA\n",
    };

    for (size_t i = 0; i < COUNT(others); i++)
        assert_err(try_read(w, others[i]), ERR_CURSOR, "begin again");
    for (size_t n = 0; n < strlen(text); n++)
        assert_err(try_read(w, arena_textn(w->mem, text, n)), ERR_CURSOR, "begin again");
    for (const char *more = "A-=+/ "; *more; more++)
        assert_err(try_read(w, arena_printf(w->mem, "%s%c", text, *more)), ERR_CURSOR,
                   "begin again");
    assert_err(try_read(w, arena_printf(w->mem, "%s%s", text, text)), ERR_CURSOR, "begin again");
}

static void CUR_10_a_cursor_is_of_one_token_and_one_workspace(void **state)
{
    struct work *w = *state;
    const char *text = a_cursor(w);
    struct scim_asker other = asker_of(w);
    struct work elsewhere = *w;
    struct cursor c;

    other.token++;
    assert_err(cursor_read(&other, text, QUESTION, &c), ERR_CURSOR, "not for this token");
    elsewhere.workspace++;
    assert_err(try_read(&elsewhere, text), ERR_CURSOR, "not for this token");
}

static void CUR_05_a_cursor_belongs_to_its_question(void **state)
{
    struct work *w = *state;
    struct scim_asker s = asker_of(w);
    struct cursor c;

    assert_err(cursor_read(&s, a_cursor(w), QUESTION + 1, &c), ERR_CURSOR, "another filter");
}

static void CUR_06_a_cursor_ends(void **state)
{
    struct work *w = *state;
    const char *text = a_cursor(w);

    w->now += SCIM_CURSOR_SECONDS * 1000;
    assert_ok(try_read(w, text));
    w->now++;
    assert_err(try_read(w, text), ERR_CURSOR_OLD, "60 minutes");
}

static void CUR_11_a_long_key_makes_no_long_cursor(void **state)
{
    struct work *w = *state;
    struct scim_asker s = asker_of(w);
    char *key = arena_alloc(w->mem, 100000);
    struct cursor out, c = { .after = 1, .key = key, .key_size = 100000, .count = 1 };

    memset(key, 'x', 100000);
    const char *text = cursor_write(&s, &c);
    assert_true(strlen(text) < 2000);
    assert_ok(cursor_read(&s, text, 0, &out));
    assert_true(out.key_size > 0 && out.key_size < 1000);
    assert_memory_equal(out.key, key, out.key_size);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        ON_SQLITE(a_cursor_comes_back_as_it_was),
        ON_SQLITE(CUR_04_every_changed_byte_is_noticed),
        ON_SQLITE(CUR_04_what_is_no_cursor_is_refused),
        ON_SQLITE(CUR_10_a_cursor_is_of_one_token_and_one_workspace),
        ON_SQLITE(CUR_05_a_cursor_belongs_to_its_question),
        ON_SQLITE(CUR_06_a_cursor_ends),
        ON_SQLITE(CUR_11_a_long_key_makes_no_long_cursor),
    };

    return RUN_TESTS(tests);
}
