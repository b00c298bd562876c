/* test_yaml.c — plain YAML becomes a tree; everything else is refused with its place. */
#include "base/yaml.h"

#include "base/buf.h"
#include "base/str.h"
#include "support/support.h"

static struct arena *mem;

static int setup(void **state)
{
    (void)state;
    mem = arena_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(mem);
    return 0;
}

static struct yaml *parse(const char *text)
{
    struct yaml *y = NULL;

    assert_ok(yaml_read(mem, text, KB(64), &y));
    return y;
}

/* The tree on one line: {key: value} and [item]; ' " | after a text say how it was quoted. */
static void draw(struct buf *b, const struct yaml *y)
{
    static const char *const marks[] = {
        [YAML_BARE] = "", [YAML_SINGLE] = "'", [YAML_DOUBLE] = "\"", [YAML_BLOCK] = "|"
    };

    if (y->kind == YAML_TEXT) {
        buf_printf(b, "%s%s", y->text, marks[y->style]);
        return;
    }
    buf_putc(b, y->kind == YAML_MAP ? '{' : '[');
    for (size_t i = 0; i < y->n; i++) {
        buf_puts(b, i ? ", " : "");
        if (y->kind == YAML_MAP)
            buf_printf(b, "%s: ", y->items[i].key);
        draw(b, &y->items[i]);
    }
    buf_putc(b, y->kind == YAML_MAP ? '}' : ']');
}

static void reads_texts_lists_and_maps(void **state)
{
    (void)state;
    static const struct { const char *text, *tree; } cases[] = {
        { "a", "a" },
        { "'it''s'", "it's'" },
        { "\"a\\tb\\u00e9\"", "a\tbé\"" },
        { "|\n  two\n  lines\n", "two\nlines\n|" },
        { ">-\n  folded\n  text\n", "folded text|" },
        { "[]", "[]" },
        { "{}", "{}" },
        { "- a\n- 'b'\n-\n- []\n", "[a, b', , []]" },
        { "a: 1\nb:\n  - x\n  - {y: z}\nc:\n", "{a: 1, b: [x, {y: z}], c: }" },
        { "'quoted key': v\n\"other\": w\n", "{quoted key: v, other: w}" },
        { "a: b # comment\n# another\n", "{a: b}" },
        { "\xef\xbb\xbf" "a: b\n", "{a: b}" },                  /* as editors on Windows write it */
        { "a: b\r\nc: d\r\n", "{a: b, c: d}" },
        { "---\na: b\n...\n", "{a: b}" },
        { "url: http://x/y#z\n", "{url: http://x/y#z}" },
        { "日本: é\n", "{日本: é}" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_BUF tree = {};
        draw(&tree, parse(cases[i].text));
        assert_string_equal(tree.at, cases[i].tree);
    }
}

static void everything_has_its_place(void **state)
{
    (void)state;
    const struct yaml *y =
        parse("a: 1\n日本:   'x'\nlist:\n  -   deep: value\n      long: two\n        lines\n");
    const struct yaml *x = yaml_get(y, "日本"),
                      *deep = yaml_get(&yaml_get(y, "list")->items[0], "deep");
    const struct yaml *longer = yaml_get(&yaml_get(y, "list")->items[0], "long");

    assert_int_equal(x->line, 2);
    assert_int_equal(x->column, 7);                             /* in characters */
    assert_int_equal(x->key_line, 2);
    assert_int_equal(x->key_column, 1);
    assert_int_equal(deep->line, 4);
    assert_int_equal(deep->column, 13);
    assert_int_equal(deep->key_column, 7);
    assert_false(deep->lines);
    assert_true(longer->lines);
    assert_string_equal(longer->text, "two lines");
    assert_int_equal(yaml_errf(deep, "bad %s", "thing"), ERR_INVALID);
    assert_string_equal(err_text(), "line 4, column 13: bad thing");
    assert_int_equal(yaml_key_errf(deep, "bad"), ERR_INVALID);
    assert_string_equal(err_text(), "line 4, column 7: bad");
}

static void bare_words_are_null_or_flags_and_quoted_ones_are_text(void **state)
{
    (void)state;
    const struct yaml *y =
        parse("[null, ~, Null, 'null', \"\", true, FALSE, 'true', yes, text, [], {}]");
    static const struct {
        bool null, flag, is;
        const char *name;
    } expected[] = {
        { true, false, false, "nothing" }, { true, false, false, "nothing" },
        { true, false, false, "nothing" }, { false, false, false, "text" },
        { false, false, false, "text" },   { false, true, true, "text" },
        { false, true, false, "text" },    { false, false, false, "text" },
        { false, false, false, "text" },   { false, false, false, "text" },
        { false, false, false, "a list" }, { false, false, false, "a map" },
    };

    assert_int_equal(y->n, COUNT(expected));
    for (size_t i = 0; i < y->n; i++) {
        bool is = true;
        assert_int_equal(yaml_null(&y->items[i]), expected[i].null);
        assert_int_equal(yaml_flag(&y->items[i], &is), expected[i].flag);
        assert_int_equal(is, expected[i].is);
        assert_string_equal(yaml_kind_name(&y->items[i]), expected[i].name);
    }
    assert_true(yaml_null(NULL));
    assert_null(yaml_get(y, "a"));
    assert_null(yaml_get(NULL, "a"));
    assert_null(yaml_get(parse("a: b"), "b"));
}

static void refuses_what_is_not_plain(void **state)
{
    (void)state;
    static const struct { const char *text, *says; } cases[] = {
        { "", "line 1, column 1: there is nothing in it" },
        { "# only a comment\n", "line 1, column 1: there is nothing in it" },
        { "a: &x 1\n", "line 1, column 4: anchors (&name) are not used here" },
        { "&x a: 1\n", "line 1, column 1: anchors" },
        { "a: &x [1]\n", "line 1, column 4: anchors" },
        { "a: &x {b: 1}\n", "line 1, column 4: anchors" },
        { "a: *x\n", "line 1, column 4: aliases (*name) are not used here" },
        { "*x : a\n", "line 1, column 1: a key is a word here" },
        { "a: !!str 1\n", "line 1, column 4: tags (!type) are not used here" },
        { "a: ! 1\n", "line 1, column 4: tags" },
        { "a: !x [1]\n", "line 1, column 4: tags" },
        { "<<: {a: b}\n", "line 1, column 1: merge keys (<<) are not used here" },
        { "? [a]\n: b\n", "line 1, column 3: a key is a word here, not a list or a map" },
        { "{a: b}: c\n", "a key is a word here" },
        { "a: 1\nb: 2\na: 3\n", "line 3, column 1: 'a' comes twice; it is in line 1 already" },
        { "x: {a: 1, 'a': 2}\n", "line 1, column 11: 'a' comes twice; it is in line 1 already" },
        { "a: 1\n---\nb: 2\n", "line 2, column 1: a second document begins here" },
        { "%YAML 1.1\n---\na: b\n", "directives (%) are not used here" },
        { "%TAG ! tag:x,2000:\n---\na: b\n", "directives (%) are not used here" },
        { "a: b: c\n", "line 1, column 5: mapping values are not allowed in this context" },
        { "a: [1\n", "line 2, column 1: did not find expected ',' or ']'" },
        { "a: 'open\n", "found unexpected end of stream" },
        { "\ta: b\n", "line 1, column 1: found character that cannot start any token" },
        { "a: \"\\0\"\n", "line 1, column 4: this text has a NUL character in it" },
        { "a: \"\\ud800\"\n", "line 1, column" },
        { "a: b\nc: \xff\n", "line 2, column 4: this is not UTF-8 text" },
        { "a: \x01\n", "line 1, column 4: this is not UTF-8 text" },
        { "\xff\xfe" "a\0", "line 1, column 1: this is not UTF-8 text" },
        { "@x", "line 1, column 1: found character that cannot start any token" },
    };
    struct yaml *y;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_err(yaml_read(mem, cases[i].text, KB(64), &y), ERR_INVALID, cases[i].says);
}

static void size_and_depth_have_ceilings(void **state)
{
    (void)state;
    struct yaml *y;
    AUTO_BUF deep = {}, wide = {};

    assert_err(yaml_read(mem, "abcdef", 5, &y), ERR_TOO_LARGE,
               "the file has 6 bytes; 5 is the most");
    assert_ok(yaml_read(mem, "abcde", 5, &y));
    for (int i = 0; i < YAML_DEPTH; i++)
        buf_putc(&deep, '[');
    for (int i = 0; i < YAML_DEPTH; i++)
        buf_putc(&deep, ']');
    assert_ok(yaml_read(mem, deep.at, KB(64), &y));
    buf_clear(&deep);
    for (int i = 0; i < 5000; i++)
        buf_puts(&deep, "[{a: ");
    assert_err(yaml_read(mem, deep.at, KB(64), &y), ERR_INVALID,
               "lists and maps go more than 16 deep here");
    for (int i = 0; i < 5000; i++)
        buf_printf(&wide, "k%d: v\n", i);
    assert_ok(yaml_read(mem, wide.at, KB(64), &y));
    assert_int_equal(y->n, 5000);
    buf_puts(&wide, "k0: v\n");
    assert_err(yaml_read(mem, wide.at, KB(64), &y), ERR_INVALID,
               "line 5001, column 1: 'k0' comes twice");
}

#define IN_ARENA(test)                                                                             \
    {                                                                                              \
#test, test, setup, teardown, NULL                                                         \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ARENA(reads_texts_lists_and_maps),
        IN_ARENA(everything_has_its_place),
        IN_ARENA(bare_words_are_null_or_flags_and_quoted_ones_are_text),
        IN_ARENA(refuses_what_is_not_plain),
        IN_ARENA(size_and_depth_have_ceilings),
    };

    return RUN_TESTS(tests);
}
