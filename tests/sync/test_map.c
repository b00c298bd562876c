/* test_map.c — mapping files: what they say, what is wrong with them and where, and what they make of a record. */
#include "sync/map.h"

#include <stdlib.h>

#include "base/str.h"
#include "support/support.h"

/* ---- a kind of source and a workspace's attributes ---- */

static const struct default_row hris_rows[] = {
    { "external_id", "root.id" },
    { "given_name", "root.firstName" },
    { "email", "root.email" },
    { "manager", "work.reportsTo" },
    { "teams", "work.department" },
    { "department", "work.department" },
    { "additional_managers", "work.secondLevelManager", .off = true },
    {},
};

static const struct source_type hris = {
    .name = "hris",
    .label = "The HRIS",
    .mapping = hris_rows,
    .status = { "internal.status", "Active, Employed", "Leave" },
};

static const char *const shifts[] = { "Day", "Night" };
static const struct attr custom[] = {
    { "custom.desk", ATTR_NUMBER, ATTR_CUSTOM, "Desk" },
    { "custom.shift", ATTR_SELECT, ATTR_CUSTOM, "Shift", shifts, 2 },
    { "custom.squad", ATTR_TEXT, ATTR_CUSTOM, "Squad" },
    { "custom.remote", ATTR_FLAG, ATTR_CUSTOM, "Remote" },
};

static struct arena *mem;
static struct attrs *attrs;

static int setup(void **state)
{
    (void)state;
    mem = arena_new();
    attrs = attrs_with(mem, custom, COUNT(custom));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(mem);
    return 0;
}

static struct mapping *parse(const char *yaml)
{
    struct mapping *m = NULL;

    assert_ok(mapping_parse(mem, attrs, &hris, yaml, &m));
    return m;
}

/* A whole file from a few lines: e-mail and anchor are mapped already, in lines 1 to 5. */
#define WITH_EMAIL(more)                                                                          \
    "mapping:\n"                                                                                  \
    "  - attribute: external_id\n"                                                                \
    "    from: root.id\n"                                                                         \
    "  - attribute: email\n"                                                                      \
    "    from: root.email\n" more

struct refused { const char *yaml, *says; };

static void check_refused(const struct refused *cases, size_t n)
{
    struct mapping *m = NULL;

    for (size_t i = 0; i < n; i++)
        assert_err(mapping_parse(mem, attrs, &hris, cases[i].yaml, &m), ERR_INVALID, cases[i].says);
}

/* ---- reading the whole form ---- */

static const char whole_file[] =
    "source: hris\n"
    "mapping:\n"
    "  - attribute: given_name            # a comment\n"
    "    from: root.firstName\n"
    "  - attribute: email\n"
    "    from: field(\"4435.0\")\n"
    "  - attribute: custom.squad\n"
    "    from: 'field(\"work.customColumns.column_1700000000002\")'\n"
    "    empty: keep\n"
    "    when: create\n"
    "  - attribute: custom.shift\n"
    "    from: /work/shift\n"
    "    empty: default\n"
    "    default: Day\n"
    "  - {attribute: organization, from: '\"ACME\"', when: always}\n"
    "  - {attribute: teams, from: work.department}\n"
    "  - {attribute: teams, from: work.site, empty: clear}\n"
    "status: {from: internal.status, active: [Active], leave: [Parental leave, \"Garden\"], gone: "
    "[Left]}\n"
    "exclude:\n"
    "  - 'payroll.employment.type == \"Contractor\"'\n"
    "  - is_present(field('secret'))\n"
    "exclude_people: [Someone@Example.com, '17', 9]\n"
    "options: {auto_invite: true, create_days_before: 14, on_missing: keep, missing_runs: 5}\n"
    "guards: {deactivations: {percent: 10}, creates: {percent: 5, count: 500}}\n"
    "schedule: \"30 2 * * mon-fri\"\n"
    "tests:\n"
    "  - given: {root.firstName: Ana, /work/shift: null}\n"
    "    expect: {given_name: Ana, custom.shift: Day, organization: ACME, teams: null}\n"
    "asserts:\n"
    "  - unique: email\n"
    "  - {filled: given_name, percent: 99.5}\n"
    "  - {filled: teams}\n";

static void reads_every_section(void **state)
{
    (void)state;
    struct mapping *m = parse(whole_file);

    assert_int_equal(m->nrows, 7);
    assert_string_equal(m->rows[0].attribute, "given_name");
    assert_string_equal(m->rows[0].from_text, "root.firstName");
    assert_int_equal(m->rows[0].line, 3);
    assert_int_equal(m->rows[0].empty, EMPTY_CLEAR);
    assert_int_equal(m->rows[2].empty, EMPTY_KEEP);
    assert_true(m->rows[2].create_only);
    assert_int_equal(m->rows[3].empty, EMPTY_DEFAULT);
    assert_string_equal(m->rows[3].otherwise, "Day");
    assert_false(m->rows[4].create_only);
    assert_string_equal(m->status.from_text, "internal.status");
    assert_int_equal(m->status.nactive, 1);
    assert_int_equal(m->status.nleave, 2);
    assert_string_equal(m->status.leave[0], "Parental leave");
    assert_int_equal(m->status.ngone, 1);
    assert_int_equal(m->nexclude, 2);
    assert_int_equal(m->nexclude_people, 3);
    assert_true(m->options.auto_invite);
    assert_false(m->options.review);
    assert_int_equal(m->options.create_days_before, 14);
    assert_int_equal(m->options.on_missing, MISSING_KEEP);
    assert_int_equal(m->options.missing_runs, 5);
    assert_int_equal(m->guards.deactivations_percent, 10);
    assert_int_equal(m->guards.deactivations_count, 3);
    assert_int_equal(m->guards.creates_count, 500);
    assert_int_equal(m->guards.records_percent, 80);
    assert_string_equal(m->schedule, "30 2 * * mon-fri");
    assert_int_equal(m->nasserts, 3);
    assert_int_equal(m->asserts[0].kind, ASSERT_UNIQUE);
    assert_true(m->asserts[1].percent == 99.5);
    assert_true(m->asserts[2].percent == 100);
    assert_false(m->uses_today);
}

static void wants_every_field_once_and_sorted(void **state)
{
    (void)state;
    static const char *const fields[] = {
        "/work/shift",
        "4435.0",
        "internal.status",
        "payroll.employment.type",
        "root.firstName",
        "secret",
        "work.customColumns.column_1700000000002",
        "work.department",
        "work.site",
    };
    struct mapping *m = parse(whole_file);
    const size_t *at;

    assert_int_equal(m->want.n, COUNT(fields));
    for (size_t i = 0; i < m->want.n; i++)
        assert_string_equal(m->want.fields[i], fields[i]);
    assert_int_equal(expr_inputs(m->status.from, &at), 1);
    assert_int_equal(at[0], 2);
    assert_int_equal(expr_inputs(m->exclude[1].expr, &at), 1);
    assert_int_equal(at[0], 5);
    assert_int_equal(expr_inputs(m->rows[4].from, &at), 0);
}

static void what_is_not_said_is_as_usual(void **state)
{
    (void)state;
    struct mapping *m = parse(WITH_EMAIL(""));

    assert_string_equal(m->status.from_text, "internal.status");
    assert_int_equal(m->status.nactive, 2);
    assert_string_equal(m->status.active[1], "Employed");
    assert_int_equal(m->status.nleave, 1);
    assert_false(m->options.auto_invite || m->options.auto_reactivate ||
                 m->options.additional_manager || m->options.suspend_on_leave || m->options.review);
    assert_int_equal(m->options.create_days_before, -1);
    assert_int_equal(m->options.on_missing, MISSING_HOLD);
    assert_int_equal(m->options.missing_runs, 2);
    assert_int_equal(m->guards.deactivations_percent, 20);
    assert_int_equal(m->guards.deactivations_count, 3);
    assert_int_equal(m->guards.fill_rate_points, 20);
    assert_int_equal(m->guards.id_swaps_percent, 5);
    assert_int_equal(m->guards.managers_percent, 50);
    assert_int_equal(m->guards.managers_count, 20);
    assert_int_equal(m->guards.one_attribute_percent, 50);
    assert_int_equal(m->guards.one_attribute_count, 20);
    assert_int_equal(m->guards.creates_percent, 50);
    assert_int_equal(m->guards.creates_count, 20);
    assert_string_equal(m->schedule, "0 4 * * *");
    assert_null(parse(WITH_EMAIL("schedule: null\n"))->schedule);
    assert_int_equal(
        parse(WITH_EMAIL("options: {create_days_before: null}\nexclude:\nguards:\n"))->nexclude, 0);
}

/* ---- the default file ---- */

static void the_default_file_reads_back(void **state)
{
    (void)state;
    char *yaml = mapping_default(mem, &hris);
    struct mapping *m = parse(yaml), *bare = parse(WITH_EMAIL(""));

    assert_int_equal(m->nrows, 6);                      /* the row that is off is a comment */
    for (size_t i = 0; i < m->nrows; i++) {
        assert_string_equal(m->rows[i].attribute, hris_rows[i].attribute);
        assert_string_equal(m->rows[i].from_text, hris_rows[i].from);
    }
    assert_non_null(strstr(
        yaml, "\n  # - attribute: additional_managers\n  #   from: work.secondLevelManager\n"));
    assert_int_equal(m->status.nactive, 2);
    assert_string_equal(m->status.active[1], "Employed");
    assert_memory_equal(&m->options, &bare->options, sizeof m->options);
    assert_memory_equal(&m->guards, &bare->guards, sizeof m->guards);
    assert_string_equal(m->schedule, bare->schedule);
    assert_string_equal(yaml, mapping_default(mem, &hris));
}

static void any_table_of_a_kind_gives_a_file_that_reads_back(void **state)
{
    (void)state;
    static const struct default_row rows[] = {
        { "email", "field(\"E-Mail: 'privat' # \\\\ \\\"x\\\"\")" },
        { "given_name", "field(\"tab\there, \x01 and \xc2\x85\")" },
        { "family_name", "'null'" },
        { "title", "no" },
        { "locale", "\"- [x]: {y}\"" },
        { "teams", "field(\"日本 語\")" },
        { "custom.unknown", "x", .off = true },
        { "user_name", "field(\"line\\nend\")", .off = true },
        {},
    };
    static const struct source_type odd = { .name = "null",
                                            .label = "Odd",
                                            .mapping = rows,
                                            .status = { "\"active\"",
                                                        "active,yes, on leave: 50 %,'", "no" } };
    static const struct source_type silent = { .name = "on", .label = "Silent", .mapping = rows };
    char *yaml = mapping_default(mem, &odd);
    struct mapping *m;

    assert_ok(mapping_parse(mem, attrs, &odd, yaml, &m));
    assert_int_equal(m->nrows, 6);
    for (size_t i = 0; i < m->nrows; i++)
        assert_string_equal(m->rows[i].from_text, rows[i].from);
    assert_int_equal(m->status.nactive, 4);
    assert_string_equal(m->status.active[2], "on leave: 50 %");
    assert_string_equal(m->status.active[3], "'");
    assert_string_equal(m->status.leave[0], "no");
    assert_non_null(strstr(yaml, "muster attribute add unknown --type text"));
    assert_ok(mapping_parse(mem, attrs, &silent, mapping_default(mem, &silent), &m));
    struct raw raw;
    assert_int_equal(map_status(mem, m, &(struct record){}, &raw), STATUS_ACTIVE);
}

static void additional_managers_follow_their_switch(void **state)
{
    (void)state;
    static const char off[] =
        WITH_EMAIL("  - {attribute: additional_managers, from: work.other}\n");
    static const char on[] = WITH_EMAIL("  - {attribute: additional_managers, from: work.other}\n"
                                        "options: {additional_manager: true}\n");
    static const char usual[] = WITH_EMAIL("options: {additional_manager: true}\n");
    struct mapping *m = parse(off);

    assert_int_equal(m->nrows, 2);                      /* checked, but it plays no part */
    assert_int_equal(m->want.n, 3);
    m = parse(on);
    assert_int_equal(m->nrows, 3);
    assert_string_equal(m->rows[2].from_text, "work.other");
    assert_int_equal(m->want.n, 4);
    m = parse(usual);                                   /* the row of the kind, which the file shows as a comment */
    assert_int_equal(m->nrows, 3);
    assert_string_equal(m->rows[2].from_text, "work.secondLevelManager");
    struct source_type without = hris;
    without.mapping = &hris_rows[7];
    assert_err(mapping_parse(mem, attrs, &without, usual, &m), ERR_INVALID,
               "no row says where additional_managers come");
}

/* ---- what is wrong, and where ---- */

static void refuses_unknown_words_with_their_place(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        { WITH_EMAIL("maping: []\n"),
          "line 6, column 1: unknown key 'maping'; did you mean 'mapping'?" },
        { WITH_EMAIL("zzzzzzz: 1\n"),
          "line 6, column 1: unknown key 'zzzzzzz'; there are: source, options, mapping" },
        { WITH_EMAIL("    emty: keep\n"),
          "line 6, column 5: unknown key 'emty'; did you mean 'empty'?" },
        { WITH_EMAIL("status: {form: x, active: [a]}\n"),
          "line 6, column 10: unknown key 'form'; did you mean 'from'?" },
        { WITH_EMAIL("options: {auto_invit: true}\n"),
          "line 6, column 11: unknown key 'auto_invit'; did you mean 'auto_invite'?" },
        { WITH_EMAIL("guards:\n  deactivation: {percent: 1}\n"),
          "line 7, column 3: unknown key 'deactivation'; did you mean 'deactivations'?" },
        { WITH_EMAIL("guards:\n  records: {count: 1}\n"),
          "line 7, column 13: unknown key 'count'; there are: percent" },
        { WITH_EMAIL("tests: [{give: {}}]\n"),
          "line 6, column 10: unknown key 'give'; did you mean 'given'?" },
        { WITH_EMAIL("asserts: [{uniqe: email}]\n"),
          "line 6, column 12: unknown key 'uniqe'; did you mean 'unique'?" },
        { WITH_EMAIL("  - attribute: titel\n    from: x\n"),
          "line 6, column 16: unknown attribute 'titel'; did you mean 'title'?" },
        { WITH_EMAIL("  - attribute: squad\n    from: x\n"),
          "line 6, column 16: unknown attribute 'squad'; did you mean 'custom.squad'?" },
        { WITH_EMAIL("  - attribute: zzzzzzz\n    from: x\n"),
          "unknown attribute 'zzzzzzz'; attributes you make yourself are written custom.NAME" },
        { WITH_EMAIL("  - attribute: custom.skills\n    from: x\n"),
          "line 6, column 16: there is no attribute custom.skills yet; add it with `muster "
          "attribute add skills --type text`" },
        { WITH_EMAIL("  - attribute: custom.squat\n    from: x\n"),
          "there is no attribute custom.squat yet; did you mean 'custom.squad'? If not, add it "
          "with `muster attribute add squat --type text`" },
        { WITH_EMAIL("  - {attribute: state, from: x}\n"),
          "line 6, column 17: state is not mapped: it follows from `status:`" },
        { "source: bamboohr\n" WITH_EMAIL(""), "line 1, column 9: this file is for a source of "
                                               "kind 'bamboohr'; here it is to be used for hris" },
    };
    check_refused(cases, COUNT(cases));
}

static void refuses_rows_that_cannot_be_meant(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        { "mapping:\n  - {attribute: title, from: work.title}\n",
          "line 1, column 1: no row maps email" },
        { "mapping: []\n", "no row maps email" },
        { "mapping:\n", "no row maps email" },
        { "source: hris\n", "the file has no `mapping:`" },
        { "mapping: 5\n", "line 1, column 10: mapping is a list, not text" },
        { "mapping: [title]\n", "line 1, column 11: `attribute: …` is expected here, not text" },
        { "- a\n", "line 1, column 1: `source: …` is expected here, not a list" },
        { WITH_EMAIL("  - {from: x}\n"), "line 6, column 5: this row says no `attribute:`" },
        { WITH_EMAIL("  - {attribute: title}\n"),
          "line 6, column 5: the row of title says no `from:`" },
        { WITH_EMAIL("  - {attribute: title, from: }\n"),
          "an expression is expected here, not nothing" },
        { WITH_EMAIL("  - {attribute: title, from: [a]}\n"),
          "line 6, column 30: an expression is expected here, not a list" },
        { WITH_EMAIL("  - {attribute: title, from: ''}\n"),
          "line 6, column 31: something is missing here; write a field name" },
        { WITH_EMAIL("  - {attribute: email, from: x}\n"),
          "line 6, column 17: email has a row already, in line 4" },
        { WITH_EMAIL("  - {attribute: title, from: x, empty: default}\n"),
          "line 6, column 33: `empty: default` needs a `default:` beside it" },
        { WITH_EMAIL("  - {attribute: title, from: x, default: y}\n"),
          "line 6, column 33: `default:` counts only with `empty: default`" },
        { WITH_EMAIL("  - {attribute: title, from: x, empty: nothing}\n"),
          "line 6, column 40: empty is one of clear, keep, default, fail, not 'nothing'" },
        { WITH_EMAIL("  - {attribute: title, from: x, when: never}\n"),
          "when is one of always, create, not 'never'" },
        { WITH_EMAIL("  - {attribute: custom.shift, from: x, empty: default, default: Late}\n"),
          "line 6, column 65: 'Late' is not an option of Shift" },
        { WITH_EMAIL("  - {attribute: start_date, from: \"'soon'\"}\n"),
          "line 6, column 35: 'soon' is not a value of Start date" },
        { WITH_EMAIL("  - {attribute: user_name, from: \"'admin'\"}\n"),
          "user_name is different for everybody" },
        { WITH_EMAIL("  - {attribute: user_name, from: x, empty: default, default: a}\n"),
          "user_name is different for everybody" },
    };
    check_refused(cases, COUNT(cases));
}

static void refuses_settings_out_of_range(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        { WITH_EMAIL("status: Active\n"),
          "line 6, column 9: `from: …` is expected here, not text" },
        { WITH_EMAIL("status: {active: [A]}\n"), "line 6, column 9: status needs `from:`" },
        { WITH_EMAIL("status: {from: x}\n"), "status needs `active:`" },
        { WITH_EMAIL("status: {from: x, active: A}\n"),
          "line 6, column 27: active is a list, not text" },
        { WITH_EMAIL("status: {from: x, active: [A, {b: c}]}\n"),
          "line 6, column 31: an entry of active is a text, not a map" },
        { WITH_EMAIL("status: {from: x, active: [A], leave: [a]}\n"),
          "the status 'A' cannot be active and leave" },
        { WITH_EMAIL("status: {from: x, active: [A], leave: [b], gone: [B]}\n"),
          "the status 'b' cannot be leave and gone" },
        { WITH_EMAIL("options: {review: yes}\n"), "line 6, column 19: review is true or false" },
        { WITH_EMAIL("options: {review: 'true'}\n"), "review is true or false" },
        { WITH_EMAIL("options: {missing_runs: 0}\n"),
          "missing_runs is a whole number from 1 to 100" },
        { WITH_EMAIL("options: {missing_runs: null}\n"), "missing_runs is a whole number" },
        { WITH_EMAIL("options: {create_days_before: 400}\n"),
          "create_days_before is a whole number from 0 to 366, or null" },
        { WITH_EMAIL("options: {on_missing: ask}\n"),
          "line 6, column 23: on_missing is one of hold, deactivate, keep" },
        { WITH_EMAIL("options: [review]\n"),
          "line 6, column 10: `auto_invite: …` is expected here, not a list" },
        { WITH_EMAIL("guards: {records: {percent: 101}}\n"),
          "percent is a whole number from 0 to 100" },
        { WITH_EMAIL("guards: {creates: {count: 1000000001}}\n"),
          "count is a whole number from 0 to 1000000000" },
        { WITH_EMAIL("guards: {fill_rate: 20}\n"), "`points: …` is expected here, not text" },
        { WITH_EMAIL("schedule: 0 25 * * *\n"), "line 6, column 13: '25' is no hour" },
        { WITH_EMAIL("schedule: '0 4 * *'\n"),
          "line 6, column 19: the day of the week is missing" },
        { WITH_EMAIL("exclude_people: [a, null]\n"),
          "line 6, column 21: an entry of exclude_people is a text, not nothing" },
        { WITH_EMAIL("asserts: [{unique: title}]\n"), "line 6, column 20: no row maps 'title'" },
        { WITH_EMAIL("asserts: [{unique: emial}]\n"),
          "no row maps 'emial'; did you mean 'email'?" },
        { WITH_EMAIL("asserts: [{filled: email, percent: 101}]\n"),
          "percent is a number from 0 to 100" },
        { WITH_EMAIL("asserts: [{filled: email, percent: nan}]\n"),
          "percent is a number from 0 to 100" },
        { WITH_EMAIL("asserts: [{unique: email, percent: 1}]\n"), "percent belongs to `filled:`" },
        { WITH_EMAIL("asserts: [{unique: email, filled: email}]\n"),
          "an assertion is `unique: ATTRIBUTE` or" },
        { WITH_EMAIL("asserts: [{}]\n"), "an assertion is `unique: ATTRIBUTE` or" },
    };
    check_refused(cases, COUNT(cases));
}

static void refuses_what_is_not_plain_yaml(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        { "", "line 1, column 1: there is nothing in it" },
        { "mapping: &all []\n", "line 1, column 10: anchors" },
        { WITH_EMAIL("exclude: *all\n"), "line 6, column 10: aliases" },
        { WITH_EMAIL("schedule: !!str x\n"), "line 6, column 11: tags" },
        { WITH_EMAIL("options: {<<: {review: true}}\n"), "line 6, column 11: merge keys" },
        { WITH_EMAIL("mapping: []\n"),
          "line 6, column 1: 'mapping' comes twice; it is in line 1 already" },
        { WITH_EMAIL("---\na: b\n"), "line 6, column 1: a second document begins here" },
        { "mapping: [\n", "line 2, column 1: did not find expected node content" },
    };
    check_refused(cases, COUNT(cases));
    char *big = arena_alloc(mem, KB(257));
    memset(big, '#', KB(257) - 1);
    struct mapping *m;
    assert_err(mapping_parse(mem, attrs, &hris, big, &m), ERR_TOO_LARGE, "262144 is the most");
}

static void places_are_right_in_every_kind_of_quotes(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        { WITH_EMAIL("exclude: [a == b]\n"), "line 6, column 16: a text in quotes" },
        { WITH_EMAIL("exclude: ['a == b']\n"), "line 6, column 17: a text in quotes" },
        { WITH_EMAIL("exclude: [\"a == b\"]\n"), "line 6, column 17: a text in quotes" },
        { WITH_EMAIL("exclude: ['a == ''b'' or']\n"), "line 6, column 23: 'or'" },
        { WITH_EMAIL("exclude: [\"a == \\\"b\\\" or\"]\n"), "line 6, column 23: 'or'" },
        { WITH_EMAIL("exclude: ['field(\"ä日\") or']\n"), "line 6, column 24: 'or'" },
        { WITH_EMAIL("exclude:\n  - >\n    a == b\n"),
          "line 7, column 5: at character 6 of the text: a text in quotes" },
        { WITH_EMAIL("exclude:\n  - a ==\n    b\n"),
          "line 7, column 5: at character 6 of the text: a text in quotes" },
    };
    check_refused(cases, COUNT(cases));
}

/* ---- running it ---- */

/* Values for the fields a mapping wants, by name; what is not named is absent. */
struct given {
    const char *field;
    struct raw value;
};
#define TEXT(s)                                                                                    \
    {                                                                                              \
        .is = RAW_TEXT, .text = (s), .n = sizeof(s) - 1                                            \
    }
#define LIST(s)                                                                                    \
    {                                                                                              \
        .is = RAW_LIST, .text = (s), .n = sizeof(s) - 1                                            \
    }
#define EMPTY                                                                                      \
    {                                                                                              \
        .is = RAW_EMPTY, .text = ""                                                                \
    }

static struct record record_of(const struct mapping *m, const struct given *given, size_t n)
{
    struct raw *values = NEW_ARRAY(mem, struct raw, m->want.n + 1);

    for (size_t i = 0; i < m->want.n; i++)
        for (size_t k = 0; k < n; k++)
            if (str_eq(m->want.fields[i], given[k].field))
                values[i] = given[k].value;
    return (struct record){ .id = "17", .values = values };
}

static void a_plain_field_gives_the_very_bytes_of_the_record(void **state)
{
    (void)state;
    static const struct given given[] = { { "root.email", TEXT("ana@example.com") },
                                          { "root.id", EMPTY },
                                          { "work.x", LIST("a\x1f"
                                                           "b") } };
    struct mapping *m = parse(
        WITH_EMAIL("  - {attribute: teams, from: work.x}\n  - {attribute: title, from: work.y}\n"));
    struct record r = record_of(m, given, COUNT(given));
    size_t held = arena_size(mem);

    struct raw v = map_value(mem, m, m->rows[1].from, &r);
    assert_ptr_equal(v.text, given[0].value.text);
    assert_int_equal(v.n, given[0].value.n);
    assert_int_equal(map_value(mem, m, m->rows[0].from, &r).is, RAW_EMPTY);
    assert_int_equal(map_value(mem, m, m->rows[2].from, &r).is, RAW_LIST);
    assert_int_equal(map_value(mem, m, m->rows[3].from, &r).is, RAW_ABSENT);
    for (int i = 0; i < 100000; i++)
        v = map_value(mem, m, m->rows[1].from, &r);
    assert_int_equal(arena_size(mem), held);
}

static void the_status_is_compared_without_case(void **state)
{
    (void)state;
    static const struct { struct raw raw; enum status is; } cases[] = {
        { TEXT("Active"), STATUS_ACTIVE },
        { TEXT("aCTIVE"), STATUS_ACTIVE },
        { TEXT("Activ"), STATUS_GONE },
        { TEXT("Actives"), STATUS_GONE },
        { TEXT("parental leave"), STATUS_LEAVE },
        { TEXT("Left"), STATUS_GONE },
        { TEXT("never seen"), STATUS_GONE },
        { EMPTY, STATUS_UNKNOWN },
        { { .is = RAW_ABSENT }, STATUS_UNKNOWN },
    };
    struct mapping *m = parse(
        WITH_EMAIL("status: {from: s, active: [Active], leave: [Parental Leave], gone: [LEFT]}\n"));

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct given given[] = { { "s", cases[i].raw } };
        struct record r = record_of(m, given, 1);
        struct raw raw;
        assert_int_equal(map_status(mem, m, &r, &raw), cases[i].is);
        assert_int_equal(raw.is, cases[i].raw.is);
        assert_int_equal(raw.n, cases[i].raw.n);
    }
}

static void one_true_rule_is_enough_even_beside_an_unknown_one(void **state)
{
    (void)state;
    static const struct given given[] = { { "b", TEXT("x") } };
    struct mapping *m = parse(WITH_EMAIL("exclude: ['a == \"x\"', 'b == \"x\"']\n"));
    struct record r = record_of(m, given, 1);
    const char *why = NULL;
    bool unknown = false;

    assert_true(map_excluded(mem, m, &r, NULL, &why, &unknown));
    assert_true(unknown);
    assert_string_equal(why, "b == \"x\"");
}

static void people_are_excluded_by_email_or_record_id(void **state)
{
    (void)state;
    struct mapping *m =
        parse(WITH_EMAIL("exclude_people: [Zoë@Example.com, ' boss@example.com ', '17', ABC]\n"));
    static const struct {
        const char *id, *email;
        bool out;
    } cases[] = {
        { "1", "ZOË@EXAMPLE.COM", true },
        { "1", "boss@example.com", true },
        { "17", NULL, true },
        { "17", "x@example.com", true },
        { "ABC", NULL, true },
        { "abc", NULL, false },
        { "1", "zoe@example.com", false },
        { "Zoë@example.com", NULL, true },
        { NULL, NULL, false },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct record r = record_of(m, NULL, 0);
        const char *why = NULL;
        bool unknown = false;
        r.id = cases[i].id;
        assert_int_equal(map_excluded(mem, m, &r, cases[i].email, &why, &unknown), cases[i].out);
        assert_int_equal(why != NULL, cases[i].out);
        if (why)
            assert_true(str_starts(why, "exclude_people names "));
        assert_false(unknown);
    }
}

/* ---- tests within the file ---- */

static void the_tests_of_a_file_are_run(void **state)
{
    (void)state;
    parse(WITH_EMAIL("  - {attribute: custom.desk, from: d}\n"
                     "  - {attribute: custom.remote, from: r}\n"
                     "  - {attribute: title, from: t, empty: default, default: Staff}\n"
                     "  - {attribute: teams, from: a}\n"
                     "  - {attribute: teams, from: b}\n"
                     "  - {attribute: location, from: l}\n"
                     "tests:\n"
                     "  - given: {root.email: ' ana@example.com ', d: '1.50', r: yes, a: Sales, b: "
                     "[Ops, Legal], l: [X, Y]}\n"
                     "    expect: {email: ana@example.com, custom.desk: 1.5, custom.remote: true, "
                     "title: Staff,\n"
                     "             teams: [Sales, Ops, Legal], location: 'X, Y'}\n"
                     "  - {expect: {title: Staff, custom.desk: null, teams: []}}\n"
                     "  - {given: , expect: {location: ''}}\n"));
    static const struct refused cases[] = {
        { WITH_EMAIL("tests:\n  - given: {root.email: a@b}\n    expect: {email: c@d}\n"),
          "line 8, column 21: test 1 fails: email is 'a@b', expected 'c@d'" },
        { WITH_EMAIL("  - {attribute: teams, from: a}\ntests:\n  - {expect: {}, given: {}}\n"),
          "test 1 expects nothing" },
        { WITH_EMAIL("tests: [{given: {}}]\n"), "line 6, column 9: test 1 expects nothing" },
        { WITH_EMAIL("  - {attribute: teams, from: a}\ntests:\n  - {given: {a: [X, Y]}, expect: "
                     "{teams: X}}\n"),
          "test 1 fails: teams is 'X', 'Y', expected 'X'" },
        { WITH_EMAIL(
              "  - {attribute: teams, from: a}\ntests:\n  - {given: {}, expect: {teams: X}}\n"),
          "test 1 fails: teams is empty, expected 'X'" },
        { WITH_EMAIL("tests:\n  - {given: {root.mail: x}, expect: {email: y}}\n"),
          "line 7, column 14: nothing in this file reads the field 'root.mail'; did you mean "
          "'root.email'?" },
        { WITH_EMAIL("tests:\n  - {given: {}, expect: {title: y}}\n"),
          "line 7, column 26: no row maps 'title'" },
        { WITH_EMAIL("tests:\n  - {given: [], expect: {email: y}}\n"),
          "line 7, column 13: given is a map of fields" },
        { WITH_EMAIL("tests:\n  - {given: {root.id: {}}, expect: {email: y}}\n"),
          "a test's value is a text or a list" },
        { WITH_EMAIL("tests:\n  - {given: {root.id: [[a]]}, expect: {email: y}}\n"),
          "a list of texts is expected" },
        { WITH_EMAIL("  - {attribute: custom.shift, from: s}\ntests:\n  - {given: {s: Late}, "
                     "expect: {custom.shift: Day}}\n"),
          "test 1: 'Late' is not an option of Shift" },
        { WITH_EMAIL("  - {attribute: title, from: t, empty: fail}\ntests:\n  - {expect: {title: "
                     "null}}\n"),
          "test 1: title is empty, and its row says `empty: fail`" },
    };
    check_refused(cases, COUNT(cases));
}

#define IN_ARENA(test)                                                                             \
    {                                                                                              \
#test, test, setup, teardown, NULL                                                         \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ARENA(reads_every_section),
        IN_ARENA(wants_every_field_once_and_sorted),
        IN_ARENA(what_is_not_said_is_as_usual),
        IN_ARENA(the_default_file_reads_back),
        IN_ARENA(any_table_of_a_kind_gives_a_file_that_reads_back),
        IN_ARENA(additional_managers_follow_their_switch),
        IN_ARENA(refuses_unknown_words_with_their_place),
        IN_ARENA(refuses_rows_that_cannot_be_meant),
        IN_ARENA(refuses_settings_out_of_range),
        IN_ARENA(refuses_what_is_not_plain_yaml),
        IN_ARENA(places_are_right_in_every_kind_of_quotes),
        IN_ARENA(a_plain_field_gives_the_very_bytes_of_the_record),
        IN_ARENA(the_status_is_compared_without_case),
        IN_ARENA(one_true_rule_is_enough_even_beside_an_unknown_one),
        IN_ARENA(people_are_excluded_by_email_or_record_id),
        IN_ARENA(the_tests_of_a_file_are_run),
    };

    return RUN_TESTS(tests);
}
