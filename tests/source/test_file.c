/* test_file.c — people from files: our own export in every format, others, and broken ones. */
#include "source/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"

static char path[] = "/tmp/muster-file-XXXXXX";

static void given_file(const char *text, size_t n)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    fclose(f);
}
#define GIVEN(text) given_file(text, strlen(text))

/* A source over `path`, with more options as "name=value" or NULL. */
static enum err opened(struct source *s, struct arena *a, const char *option)
{
    *s = (struct source){ .type = source_type_find("file"), .name = "people", .mem = a };
    s->options = options_new(a, s->type->options);
    TRY(options_put(a, s->options, "path", path));
    if (option)
        TRY(options_set(a, s->options, option));
    return source_open(s);
}

/* "id|value|value", - is absent, "" is empty, [ ] a list with its separators as '/'. */
static enum err record_seen(void *arg, const struct record *r)
{
    struct { struct buf *out; size_t n; } *to = arg;

    buf_puts(to->out, r->id ? r->id : "-");
    for (size_t i = 0; i < to->n; i++) {
        const struct raw *v = &r->values[i];
        char text[256];
        snprintf(text, sizeof text, "%.*s", (int)v->n, v->text ? v->text : "");
        for (char *p = text; (p = strchr(p, '\x1f'));)
            *p = '/';
        if (v->is == RAW_TEXT)
            buf_printf(to->out, "|%s", text);
        else if (v->is == RAW_LIST)
            buf_printf(to->out, "|[%s]", text);
        else
            buf_puts(to->out, v->is == RAW_ABSENT ? "|-" : "|\"\"");
    }
    buf_putc(to->out, '\n');
    return OK;
}

static enum err fetched(const char *option, const char *const *ids, size_t n, struct buf *out)
{
    AUTO(arena) *mem = arena_new();
    struct { struct buf *out; size_t n; } to = { out, n };
    struct source s;

    TRY(opened(&s, mem, option));
    enum err e = s.type->fetch(&s, &(struct want){ ids, n }, record_seen, &to);
    source_close(&s);
    return e;
}

/* The contract's export: the same two people in three formats. */
static const char *const own[] = {
    "id,state,external_id,email,given_name,manager,additional_managers,teams,custom.squad,"
    "birthday\n"
    "aaaaaaaaaaaaa,active,100,ada@example.com,Ada,,,\"R&D; Sales, North\",Blue,1990-01-02\n"
    "bbbbbbbbbbbbb,suspended,,bo@example.com,Bo,ada@example.com,ada@example.com; cy@example.com, "
    "Spaced ,,\n",
    "{\"id\":\"aaaaaaaaaaaaa\",\"state\":\"active\",\"external_id\":\"100\",\"email\":\"ada@"
    "example.com\","
    "\"given_name\":\"Ada\",\"manager\":null,\"additional_managers\":[],\"teams\":[\"R&D\",\"Sales,"
    " North\"],"
    "\"custom\":{\"squad\":\"Blue\"},\"birthday\":\"1990-01-02\"}\n"
    "{\"id\":\"bbbbbbbbbbbbb\",\"state\":\"suspended\",\"external_id\":null,\"email\":\"bo@example."
    "com\","
    "\"given_name\":\"Bo\",\"manager\":{\"id\":\"aaaaaaaaaaaaa\",\"external_id\":\"100\",\"email\":"
    "\"ada@example.com\","
    "\"display_name\":\"Ada\"},\"additional_managers\":[{\"id\":\"a\",\"email\":\"ada@example."
    "com\"},"
    "{\"id\":\"c\",\"email\":\"cy@example.com\"}],\"teams\":[\" Spaced "
    "\"],\"custom\":{\"squad\":null},"
    "\"birthday\":\"\"}\n",
};

static void reads_our_own_export_in_every_format(void **state)
{
    static const char *const ids[] = {
        "state", "external_id",  "email",    "manager", "additional_managers",
        "teams", "custom.squad", "birthday", "phone"
    };
    static const char expected[] =
        "100|active|100|ada@example.com|\"\"|\"\"|[R&D/Sales, North]|Blue|1990-01-02|-\n"
        "bbbbbbbbbbbbb|suspended|\"\"|bo@example.com|ada@example.com|[ada@example.com/"
        "cy@example.com]|[ Spaced ]|"
        "\"\"|\"\"|-\n";
    AUTO_BUF array = {};

    (void)state;
    buf_putc(&array, '[');
    buf_puts(&array, own[1]);
    *strchr(array.at, '\n') = ',';
    buf_puts(&array, "]\n");
    const char *const files[] = { own[0], own[1], array.at };
    for (size_t i = 0; i < COUNT(files); i++) {
        AUTO_BUF out = {};
        GIVEN(files[i]);
        assert_int_equal(fetched(NULL, ids, COUNT(ids), &out), OK);
        assert_string_equal(out.at, expected);
    }
}

static void finds_out_who_a_record_is(void **state)
{
    static const struct { const char *file, *option, *reads; } cases[] = {
        { "email,Employee ID\na@x,7\n", NULL, "7|a@x\n" },
        { "email,name\na@x,Ada\n", NULL, "a@x|a@x\n" },
        { "email,id\na@x,\n", NULL, "-|a@x\n" },
        { "email,external_id\na@x,\n", NULL, "-|a@x\n" },
        { "email,badge\na@x,9\n", "id=badge", "9|a@x\n" },
        { "email,Badge No.\na@x,9\n", "id=badge no", "9|a@x\n" },
        { "{\"email\":\"a@x\",\"person\":{\"key\":3332883804569821953}}\n", "id=person.key",
          "3332883804569821953|a@x\n" },
        { "[]", NULL, "" },
        { "email;id\na@x;1\n", "delimiter=semicolon", "1|a@x\n" },
        { "email\tid\na@x\t1\n", "delimiter=tab", "1|a@x\n" },
        { "email,id\n", NULL, "" },
    };
    static const char *const ids[] = { "email" };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_BUF out = {};
        GIVEN(cases[i].file);
        assert_int_equal(fetched(cases[i].option, ids, 1, &out), OK);
        assert_string_equal(out.at ? out.at : "", cases[i].reads);
    }
}

static void never_takes_a_broken_file_for_a_small_company(void **state)
{
    static const struct { const char *file, *option; enum err err; const char *says; } cases[] = {
        { "", NULL, ERR_INCOMPLETE, "the file is empty" },
        { "\n \n", "format=ndjson", ERR_INCOMPLETE, "there is no record in the file" },
        { "id,email\n1,\"a@x\n2,b@x\n", NULL, ERR_INCOMPLETE,
          "within the quotes that were opened in line 2" },
        { "id,email\n1,a@x\n2\n", NULL, ERR_INVALID, "line 3 has 1 cells where the header has 2" },
        { "id,email,id\n1,a@x,1\n", NULL, ERR_INVALID, "two columns are called 'id'" },
        { "id,email\n1,M\xfcller\n", NULL, ERR_INVALID, "line 2, cell 2 is not UTF-8" },
        { "name,town\nAda,London\n", NULL, ERR_INVALID,
          "no column that says who a record is; choose one with the "
          "option id: name, town" },
        { "id,email\n1,a@x\n", "id=badge", ERR_USAGE,
          "has no column 'badge' (option id); it has: id, email" },
        { "{\"id\":1}\n{\"id\":2\n", NULL, ERR_INVALID, "line 2" },
        { "{\"id\":1}\n{\"id\":2,\"em", NULL, ERR_INCOMPLETE, "ends in the middle of line 2" },
        { "{\"id\":1}\n[2]\n", NULL, ERR_INVALID, "line 2: this is not an object" },
        { "{\"id\":1}\n{\"id\":2,\"id\":3}\n", NULL, ERR_INVALID, "line 2: 'id' is there twice" },
        { "{\"id\":1}\n{\"id\":2,\"email\":\"a\\u0000b\"}\n", NULL, ERR_INVALID,
          "line 2: email: there is a NUL" },
        { "{\"id\":1}\n{\"id\":2,\"email\":\"\\udc00\"}\n", NULL, ERR_INVALID, "line 2" },
        { "[{\"id\":1},{\"id\":2}", NULL, ERR_INCOMPLETE, "the file ended after record 2" },
        { "[{\"id\":1},{\"id\":", NULL, ERR_INCOMPLETE,
          "the file ended in the middle of record 2" },
        { "[{\"id\":1},7]", NULL, ERR_REMOTE, "record 2 is not an object" },
        { "id\n1\n", "format=xlsx", ERR_USAGE, "format must be auto, csv, ndjson or json" },
        { "id\n1\n", "delimiter=:", ERR_USAGE, "delimiter must be" },
    };
    static const char *const ids[] = { "email" };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_BUF out = {};
        GIVEN(cases[i].file);
        enum err e = fetched(cases[i].option, ids, 1, &out);
        if (e != cases[i].err || !strstr(err_text(), cases[i].says))
            fail_msg("case %zu: '%s' (%s) does not say '%s'", i, err_text(), err_row(e)->name,
                     cases[i].says);
    }
}

static void says_that_the_file_is_not_there(void **state)
{
    static const char *const ids[] = { "email" };
    AUTO_BUF out = {};

    (void)state;
    unlink(path);
    assert_int_equal(fetched(NULL, ids, 1, &out), ERR_NOT_FOUND);
    assert_non_null(strstr(err_text(), "cannot be read: No such file"));
    char keep = path[4];
    path[4] = '\0';                 /* a folder */
    assert_int_equal(fetched(NULL, ids, 1, &out), ERR_INVALID);
    assert_non_null(strstr(err_text(), "this is not a file"));
    path[4] = keep;
}

static enum err grow_the_file(void *arg, const struct record *r)
{
    (void)arg, (void)r;
    FILE *f = fopen(path, "a");
    fputs("2,b@x\n", f);
    fclose(f);
    return OK;
}

static void refuses_a_file_that_changes_while_it_is_read(void **state)
{
    AUTO(arena) *mem = arena_new();
    const char *ids[] = { "email" };
    struct source s;

    (void)state;
    GIVEN("id,email\n1,a@x\n");
    assert_int_equal(opened(&s, mem, NULL), OK);
    assert_int_equal(s.type->fetch(&s, &(struct want){ ids, 1 }, grow_the_file, NULL),
                     ERR_INCOMPLETE);
    assert_non_null(strstr(err_text(), "the file changed while it was read"));
    source_close(&s);
}

static enum err stop_it(void *arg, const struct record *r)
{
    (void)r;
    *(bool *)arg = true;
    return OK;
}

static void stops_when_told(void **state)
{
    AUTO(arena) *mem = arena_new();
    AUTO_BUF text = {};
    const char *ids[] = { "email" };
    bool stop = false;
    struct source s;

    (void)state;
    buf_puts(&text, "id,email\n");
    for (int i = 0; i < 20000; i++)
        buf_printf(&text, "%d,a%d@example.com\n", i, i);
    given_file(text.at, text.n);
    assert_int_equal(opened(&s, mem, NULL), OK);
    s.stop = &stop;
    source_close(&s);
    assert_int_equal(source_open(&s), OK);
    assert_int_equal(s.type->fetch(&s, &(struct want){ ids, 1 }, stop_it, &stop), ERR_STOPPED);
    source_close(&s);
}

static enum err line_seen(void *arg, const struct check_line *l)
{
    buf_printf(arg, "%s %s%s%s\n", l->field, l->readable ? "yes" : "no", l->advice ? ": " : "",
               l->advice ? l->advice : "");
    return OK;
}

static enum err field_seen(void *arg, const struct field *f)
{
    buf_printf(arg, "%s%s\n", f->id, f->custom ? " (custom)" : "");
    return OK;
}

static void checks_and_lists_columns(void **state)
{
    AUTO(arena) *mem = arena_new();
    AUTO_BUF check = {}, fields = {};
    const char *ids[] = { "email", "phone" };
    struct source s;

    (void)state;
    GIVEN("id,email,custom.squad\n");
    assert_int_equal(opened(&s, mem, NULL), OK);
    assert_int_equal(s.type->check(&s, &(struct want){ ids, 2 }, line_seen, &check), OK);
    assert_string_equal(
        check.at,
        "email yes\nphone no: the file has no column 'phone'; it has: id, email, custom.squad\n");
    assert_int_equal(s.type->fields(&s, field_seen, &fields), OK);
    assert_string_equal(fields.at, "id\nemail\ncustom.squad (custom)\n");
    source_close(&s);
}

static void fits_the_default_mapping_to_the_columns(void **state)
{
    static const struct { const char *file, *rows, *status; } cases[] = {
        { "External ID,E-Mail,First name,Last Name,Department,Status,custom.squad\n",
          "external_id=field(\"External ID\") email=field(\"E-Mail\") given_name=field(\"First "
          "name\") "
          "family_name=field(\"Last Name\") department=Department teams=Department ",
          "Status" },
        { "id,email,state,teams,department\n",
          "external_id=id email=email department=department teams=teams ", "state" },
        { "employee_id,work_email\n",
          "external_id=employee_id email=work_email employee_number=employee_id ", "\"active\"" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(arena) *mem = arena_new();
        AUTO_BUF rows = {};
        struct source_type fitted;
        struct source s;
        GIVEN(cases[i].file);
        assert_int_equal(opened(&s, mem, NULL), OK);
        assert_int_equal(source_fit(&s, &fitted), OK);
        for (const struct default_row *r = fitted.mapping; r->attribute; r++)
            if (!r->off)
                buf_printf(&rows, "%s=%s ", r->attribute, r->from);
        assert_string_equal(rows.at, cases[i].rows);
        assert_string_equal(fitted.status.from, cases[i].status);
        source_close(&s);
    }
}

static int make_path(void **state)
{
    (void)state;
    int fd = mkstemp(path);

    return fd < 0 ? -1 : close(fd);
}

static int drop_path(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_our_own_export_in_every_format),
        cmocka_unit_test(finds_out_who_a_record_is),
        cmocka_unit_test(never_takes_a_broken_file_for_a_small_company),
        cmocka_unit_test(says_that_the_file_is_not_there),
        cmocka_unit_test(refuses_a_file_that_changes_while_it_is_read),
        cmocka_unit_test(stops_when_told),
        cmocka_unit_test(checks_and_lists_columns),
        cmocka_unit_test(fits_the_default_mapping_to_the_columns),
    };

    return cmocka_run_group_tests(tests, make_path, drop_path);
}
