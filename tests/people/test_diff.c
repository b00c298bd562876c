/* test_diff.c — wanted against current, and change lists as text. */
#include <string.h>

#include "base/id.h"
#include "base/str.h"
#include "people/change.h"
#include "support/support.h"

static const char *diff(struct work *w, const char *is, const char *wanted)
{
    struct person p = { .state = STATE_ACTIVE };
    struct attrs *as;
    struct changes before, want, out;
    AUTO_BUF text = {};

    assert_ok(attrs_load(w, &as));
    assert_ok(changes_read(w->mem, as, is, strlen(is), &before));
    assert_ok(changes_read(w->mem, as, wanted, strlen(wanted), &want));
    p.values = NEW_ARRAY(w->mem, struct value, before.n + 1);
    struct value *values = NEW_ARRAY(w->mem, struct value, want.n + 1);
    for (size_t i = 0; i < before.n; i++)
        p.values[p.nvalues++] = (struct value){ before.list[i].attr, before.list[i].after };
    for (size_t i = 0; i < want.n; i++)
        values[i] = (struct value){ want.list[i].attr, want.list[i].after };
    people_diff(w->mem, &p, values, want.n, 0, &out);
    changes_write(&text, &out);
    return arena_textn(w->mem, text.at, text.n);
}

/* Values stand as the after of a change: {"title":[null,"CEO"]}. */
static void only_what_differs_is_a_change(void **state)
{
    static const struct { const char *is, *wanted, *changes; } cases[] = {
        { "{}", "{}", "{}" },
        { "{\"title\":[null,\"CEO\"]}", "{}", "{}" },
        { "{\"title\":[null,\"CEO\"]}", "{\"title\":[null,\"CEO\"]}", "{}" },
        { "{\"title\":[null,\"CEO\"]}", "{\"title\":[null,\"CTO\"]}",
          "{\"title\":[\"CEO\",\"CTO\"]}" },
        { "{\"title\":[null,\"CEO\"]}", "{\"title\":[null,null]}", "{\"title\":[\"CEO\",null]}" },
        { "{}", "{\"title\":[null,null]}", "{}" },
        { "{\"email\":[null,\"a\"],\"title\":[null,\"b\"]}",
          "{\"department\":[null,\"c\"],\"title\":[null,\"d\"]}",
          "{\"department\":[null,\"c\"],\"title\":[\"b\",\"d\"]}" },
        { "{}", "{\"title\":[null,\"\\u001f \\\" ü\"]}", "{\"title\":[null,\"\\u001f \\\" ü\"]}" },
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(diff(*state, cases[i].is, cases[i].wanted), cases[i].changes);
}

static void entries_keep_their_order_and_replace(void **state)
{
    struct work *w = *state;
    struct changes c = {};
    AUTO_BUF text = {};

    changes_add(w->mem, &c, attr_builtin("title"), NULL, "a");
    changes_add(w->mem, &c, attr_builtin("email"), NULL, "b");
    changes_add(w->mem, &c, attr_builtin("user_name"), NULL, "c");
    changes_add(w->mem, &c, attr_builtin("title"), "x", "d");
    changes_drop(&c, "email");
    changes_write(&text, &c);
    assert_string_equal(text.at, "{\"title\":[\"x\",\"d\"],\"user_name\":[null,\"c\"]}");
    assert_null(changes_find(&c, "email"));
}

static void ids_stand_as_text_and_come_back(void **state)
{
    struct work *w = *state;
    int64_t some[] = { id_new(), id_new(), id_new() }, *back;

    for (size_t n = 1; n <= COUNT(some); n++) {
        assert_int_equal(ids_read(w->mem, ids_join(w->mem, some, n), &back), n);
        assert_memory_equal(back, some, n * sizeof *some);
    }
    assert_null(ids_join(w->mem, some, 0));
    assert_int_equal(ids_read(w->mem, NULL, &back), 0);
    assert_int_equal(ids_read(w->mem, "not an id", &back), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        ON_SQLITE(only_what_differs_is_a_change),
        ON_SQLITE(entries_keep_their_order_and_replace),
        ON_SQLITE(ids_stand_as_text_and_come_back),
    };

    return RUN_TESTS(tests);
}
