/* test_hibob_record.c — what a HiBob answer becomes, value by value, and what is refused. */
#include "source/hibob.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

/* One wanted value a record: "id company|value"; - is absent, "" is empty, lists are [ ]. */
static enum err record_seen(void *arg, const struct record *r)
{
    struct buf *out = arg;
    const struct raw *v = r->values;

    buf_printf(out, "%s %s", r->id ? r->id : "-", r->company ? r->company : "-");
    if (v->is == RAW_TEXT)
        buf_printf(out, "|%.*s\n", (int)v->n, v->text);
    else if (v->is == RAW_LIST)
        buf_printf(out, "|[%.*s]\n", (int)v->n, v->text);
    else
        buf_puts(out, v->is == RAW_EMPTY ? "|\"\"\n" : "|-\n");
    return OK;
}

static enum err read_all(const char *path, struct arena *a, yyjson_val **root, struct buf *text)
{
    FILE *f = fopen(path, "r");
    char part[4096];

    assert_non_null(f);
    for (size_t n; (n = fread(part, 1, sizeof part, f));)
        buf_add(text, part, n);
    fclose(f);
    return root ? json_read_in(a, text->at, text->n, root) : OK;
}

struct company {
    struct arena *mem;
    struct hibob_fields fields;
    struct names *names;
    struct buf people;
};

static int open_company(void **state)
{
    struct company *c = must_alloc(sizeof *c);
    AUTO_BUF fields = {}, lists = {};
    yyjson_val *root;

    c->mem = arena_new();
    assert_int_equal(read_all("tests/source/wire/hibob_fields.json", c->mem, &root, &fields), OK);
    assert_int_equal(hibob_fields_read(c->mem, root, &c->fields), OK);
    assert_int_equal(read_all("tests/source/wire/hibob_lists.json", c->mem, &root, &lists), OK);
    assert_int_equal(hibob_names_read(c->mem, root, &c->names), OK);
    assert_int_equal(read_all("tests/source/wire/hibob_people.json", NULL, NULL, &c->people), OK);
    *state = c;
    return 0;
}

static int close_company(void **state)
{
    struct company *c = *state;

    arena_free(c->mem);
    buf_free(&c->people);
    free(c);
    return 0;
}

/* One wanted field, the answer in pieces of `piece`. */
static enum err read_field(struct company *c, const char *field, const char *json, size_t n,
                           size_t piece, struct buf *out)
{
    AUTO(arena) *mem = arena_new();
    AUTO(hibob_reader) *r =
        hibob_reader_new(mem, &c->fields, c->names, &(struct want){ &field, 1 }, record_seen, out);

    for (size_t at = 0; at < n; at += piece) {
        size_t len = MIN(piece, n - at);
        char *alone = malloc(len);
        memcpy(alone, json + at, len);
        enum err e = hibob_reader_feed(r, alone, len);
        free(alone);
        TRY(e);
    }
    return hibob_reader_end(r);
}

static void gives_each_type_its_text(void **state)
{
    static const struct { const char *field, *ada, *grace; } cases[] = {
        { "root.id", "3332883804569821953", "3332883804569821900" },
        { "root.firstName", "Ada", "Grace" },
        { "root.displayName", "Ada Byron", "\"\"" },
        { "work.title", "Engineer", "\"\"" },                       /* list; null */
        { "work.department", "R&D", "Admirals" },           /* an old list: the text is the id */
        { "work.site", "London", "Tel Aviv" },                      /* only as slash key */
        { "work.siteId", "London", "7" },                   /* list_id, a number; not in the list */
        { "work.reportsTo", "3332883804569821900", "\"\"" },
        { "work.reportsTo.id", "3332883804569821900", "\"\"" },
        { "work.reportsTo.email", "grace@example.com", "\"\"" },
        { "work.manager", "3332883804569821900", "\"\"" },
        { "work.secondLevelManager", "3332883804569821800", "-" },  /* found by its label */
        { "work.startDate", "2026-01-05", "0000-00-00" },           /* judged by the mapping */
        { "work.employeeIdInCompany", "17", "15" },
        { "work.isManager", "false", "true" },
        { "work.tenureDuration",
          "{\"humanize\":\"3 years, 1 month\",\"periodISO\":\"P3Y1M\",\"sortFactor\":1137}",
          "\"\"" },
        { "work.custom.field_1700000000001", "[Welsh\x1fMāori]", "\"\"" },
        { "work.customColumns.column_1700000000002", "Blue", "\"\"" },
        { "internal.lifecycleStatus", "employed", "terminated" },   /* a list nobody told us */
        { "internal.terminationDate", "\"\"", "2026-02-28" },
        { "personal.birthDate", "1990-02-30", "-" },        /* by label; the category is not there */
        { "personal.dateOfBirth", "1990-02-30", "-" },
        { "personal.legalGender", "-", "-" },                       /* no right */
        { "work.nowhere", "-", "-" },
    };
    struct company *c = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_BUF out = {}, expected = {};
        buf_printf(&expected, "3332883804569821953 100200|%s\n3332883804569821900 100200|%s\n",
                   cases[i].ada, cases[i].grace);
        assert_int_equal(read_field(c, cases[i].field, c->people.at, c->people.n, 1000, &out), OK);
        assert_string_equal(out.at, expected.at);
    }
}

static enum err key_seen(void *arg, const struct record *r)
{
    buf_printf(arg, "%s=%s ", r->values[0].text, r->values[0].key ? r->values[0].key : "-");
    return OK;
}

static void keeps_the_id_of_a_list_entry_so_that_a_rename_is_seen(void **state)
{
    struct company *c = *state;
    AUTO(arena) *mem = arena_new();
    AUTO_BUF out = {};
    const char *ids[] = { "work.department" };
    AUTO(hibob_reader) *r =
        hibob_reader_new(mem, &c->fields, c->names, &(struct want){ ids, 1 }, key_seen, &out);

    assert_int_equal(hibob_reader_feed(r, c->people.at, c->people.n), OK);
    assert_int_equal(hibob_reader_end(r), OK);
    assert_string_equal(out.at, "R&D=209192163 Admirals=- ");
}

static void reads_the_same_in_any_pieces(void **state)
{
    struct company *c = *state;
    AUTO_BUF whole = {};

    assert_int_equal(
        read_field(c, "work.department", c->people.at, c->people.n, c->people.n, &whole), OK);
    for (size_t piece = 1; piece <= 70; piece++) {
        AUTO_BUF out = {};
        assert_int_equal(read_field(c, "work.department", c->people.at, c->people.n, piece, &out),
                         OK);
        assert_string_equal(out.at, whole.at);
    }
}

static void never_takes_a_cut_answer_for_a_small_company(void **state)
{
    struct company *c = *state;
    size_t end = c->people.n;

    while (c->people.at[end - 1] != '}')
        end--;
    for (size_t n = 0; n < end; n++) {
        AUTO_BUF out = {};
        assert_int_equal(read_field(c, "root.email", c->people.at, n, 512, &out), ERR_INCOMPLETE);
        assert_true(str_starts(err_text(), "HiBob: the answer "));
    }
}

static void refuses_what_cannot_be_trusted(void **state)
{
    static const struct {
        const char *field, *json;
        enum err err;
        const char *says;
    } cases[] = {
        { "root.firstName",
          "{\"employees\":[{\"id\":\"1\"},{\"id\":\"2\",\"firstName\":\"a\\u0000b\"}]}", ERR_REMOTE,
          "HiBob: record 2 (the one after 1) cannot be read: 2: root.firstName: there is a NUL" },
        { "root.firstName", "{\"employees\":[{\"id\":\"1\",\"x\":\"\\ud800\"}]}", ERR_REMOTE,
          "HiBob: record 1 cannot be" },
        { "root.firstName", "{\"employees\":[{\"id\":\"1\",\"x\":\"\xc3\x28\"}]}", ERR_REMOTE,
          "invalid UTF-8" },
        { "root.firstName", "{\"employees\":[{\"id\":\"1\",\"x\":\"\xed\xa0\x80\"}]}", ERR_REMOTE,
          "invalid UTF-8" },
        { "root.firstName", "{\"employees\":[{\"id\":\"1\",\"x\":[}]}]}", ERR_REMOTE,
          "record 1 cannot be read" },
        { "root.firstName", "{\"employees\":[{\"id\":\"1\",\"id\":\"2\"}]}", ERR_REMOTE,
          "'id' is there twice" },
        { "root.firstName", "{\"employees\":[{\"firstName\":\"a\",\"firstName\":\"b\"}]}",
          ERR_REMOTE, "'firstName' is there twice" },
        { "root.firstName", "{\"employees\":[1]}", ERR_REMOTE, "HiBob: record 1 is not an object" },
        { "root.firstName", "{\"key\":\"x\",\"error\":\"y\"}", ERR_REMOTE,
          "no list 'employees', only key, error" },
        { "root.firstName",
          "{\"employees\":[{}],\"restricted_columns\":{\"no_view_permission\":[\"root.firstName\"]}"
          "}",
          ERR_FORBIDDEN, "may not see the column root.firstName" },
        { "root.firstName", "{\"employees\":[]} {\"employees\":[]}", ERR_REMOTE,
          "more after the end" },
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t piece = 1; piece < 200; piece += 66) {
            AUTO_BUF out = {};
            assert_int_equal(read_field(*state, cases[i].field, cases[i].json,
                                        strlen(cases[i].json), piece, &out),
                             cases[i].err);
            if (!strstr(err_text(), cases[i].says))
                fail_msg("'%s' does not say '%s'", err_text(), cases[i].says);
        }
}

static void takes_what_is_merely_strange(void **state)
{
    static const struct { const char *field, *json, *reads; } cases[] = {
        { "root.email", "{\"employees\":[]}", "" },
        { "root.email", "{\"employees\":[{}]}", "- -|-\n" },
        { "root.email", "{\"employees\":[{\"id\":3332883804569821953}]}",
          "3332883804569821953 -|-\n" },
        { "root.email", "{\"employees\":[{\"/root/id\":{\"value\":\"9\"}}]}", "9 -|-\n" },
        { "root.email", "{\"employees\":[{\"id\":\"1\"},{\"id\":\"1\"}]}", "1 -|-\n1 -|-\n" },
        { "work.x", "{\"employees\":[{\"work\":{\"x\":99999999999999999999999}}]}",
          "- -|99999999999999999999999\n" },
        { "work.x", "{\"employees\":[{\"work\":{\"x\":1e400}}]}", "- -|1e400\n" },
        { "work.x", "{\"employees\":[{\"work\":{\"x\":-0.0}}]}", "- -|0\n" },
        { "work.x", "{\"employees\":[{\"work\":{\"x\":0.1}}]}", "- -|0.1\n" },
        { "work.x",
          "{\"employees\":[{\"work\":{\"x\":[\"a\",null,\"\",\"b\\u001fc\",{\"z\":1,\"y\":[2]}]}}]"
          "}",
          "- -|[a\x1f"
          "b c\x1f{\"y\":[2],\"z\":1}]\n" },
        { "work.x", "{\"employees\":[{\"work\":7}]}", "- -|-\n" },
        { "root.email", "{\"restricted_columns\":{\"no_view_permission\":[\"email\"]},"
          "\"employees\":[{\"id\":\"1\",\"email\":null}]}", "1 -|-\n" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_BUF out = {};
        assert_int_equal(
            read_field(*state, cases[i].field, cases[i].json, strlen(cases[i].json), 7, &out), OK);
        assert_string_equal(out.at ? out.at : "", cases[i].reads);
    }
}

static void asks_for_each_field_once(void **state)
{
    struct company *c = *state;
    static const char *const ids[] = { "personal.birthDate", "root.id", "work.reportsTo",
                                       "work.reportsTo.email" };
    AUTO(arena) *mem = arena_new();
    AUTO(hibob_reader) *r = hibob_reader_new(mem, &c->fields, c->names,
                                             &(struct want){ ids, COUNT(ids) }, record_seen, NULL);
    const char *body;

    assert_int_equal(hibob_reader_body(mem, r, &body), OK);
    assert_string_equal(body,
                        "{\"showInactive\":true,\"humanReadable\":\"\",\"fields\":[\"root.id\","
                        "\"personal.dateOfBirth\",\"work.reportsTo\"]}");
}

static void knows_how_many_fields_may_be_asked(void **state)
{
    struct company *c = *state;
    AUTO(arena) *mem = arena_new();
    const char *ids[HIBOB_FIELDS], *body;

    for (size_t i = 0; i < COUNT(ids); i++)
        ids[i] = arena_printf(mem, "work.custom.field_%zu", i);
    for (size_t n = COUNT(ids) - 1; n <= COUNT(ids); n++) {     /* the id is asked for in any case */
        AUTO(hibob_reader) *r = hibob_reader_new(mem, &c->fields, c->names,
                                                 &(struct want){ ids, n }, record_seen, NULL);
        assert_int_equal(hibob_reader_body(mem, r, &body), n < COUNT(ids) ? OK : ERR_INVALID);
    }
}

static void says_which_field_is_read_instead(void **state)
{
    static const struct {
        const char *field, *asked, *note;
    } cases[] = {
        { "personal.birthDate", "personal.dateOfBirth",
          "personal.dateOfBirth, called 'Birthday', is read in its" },
        { "payroll.employment.type", "payroll.employment.type",
          "payroll.type.one and payroll.type.two; name" },
        { "personal.legalGender", "personal.legalGender", NULL },
    };
    struct company *c = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct hibob_wanted w;
        hibob_want(c->mem, &c->fields, c->names, cases[i].field, &w);
        assert_string_equal(w.asked, cases[i].asked);
        assert_int_equal(!w.note, !cases[i].note);
        if (w.note)
            assert_non_null(strstr(w.note, cases[i].note));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_each_type_its_text),
        cmocka_unit_test(keeps_the_id_of_a_list_entry_so_that_a_rename_is_seen),
        cmocka_unit_test(reads_the_same_in_any_pieces),
        cmocka_unit_test(never_takes_a_cut_answer_for_a_small_company),
        cmocka_unit_test(refuses_what_cannot_be_trusted),
        cmocka_unit_test(takes_what_is_merely_strange),
        cmocka_unit_test(asks_for_each_field_once),
        cmocka_unit_test(knows_how_many_fields_may_be_asked),
        cmocka_unit_test(says_which_field_is_read_instead),
    };

    return cmocka_run_group_tests(tests, open_company, close_company);
}
