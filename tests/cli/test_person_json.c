/* test_person_json.c — one table of columns: a person looks the same in JSON, CSV and on a terminal. */
#include "cli/person_json.h"

#include "base/id.h"
#include "base/str.h"
#include "support/people.h"

static enum err add_custom(struct work *w, void *arg)
{
    static const char *const choices[] = { "Red", "Blue" };

    (void)arg;
    TRY(attr_add(w, "squad", "Squad", ATTR_SELECT, choices, 2));
    TRY(attr_add(w, "desk", "Desk", ATTR_NUMBER, NULL, 0));
    return attr_add(w, "remote", "Remote", ATTR_FLAG, NULL, 0);
}

struct fixture { const struct attrs *attrs; struct profile *profile; int64_t ada, bo; };

static void given_bo(struct work *w, struct fixture *f)
{
    w->now = 1774958400000;             /* 2026-03-31T12:00:00Z */
    assert_ok(store_write(w, add_custom, NULL));
    f->attrs = attrs_of(w);
    f->ada = given_person(w, "email=ada@example.com", "given_name=Ada", "family_name=Lovelace",
                          "external_id=H-1", NULL);
    f->bo = given_person(w, "email=bo@example.com", "given_name=Bo", "title=Say \"hi\", twice",
                         "custom.squad=Red", "custom.desk=12.5", "custom.remote=true", NULL);
    given_change(w, f->bo, "manager", arena_text(w->mem, id_text(f->ada)));
    given_change(w, f->bo, "additional_managers", arena_text(w->mem, id_text(f->ada)));
    given_team(w, " Sales & Ops ", f->bo, (int64_t)0);
    given_team(w, "Engines", f->bo, (int64_t)0);
    f->attrs = attrs_of(w);
    assert_ok(profile_load(w, f->attrs, f->bo, &f->profile));
}

static void every_built_in_attribute_is_in_the_object(void **state)
{
    struct work *w = *state;
    struct fixture f;
    AUTO_BUF text = {};
    struct json_out j = { &text };
    yyjson_val *root;

    given_bo(w, &f);
    person_json(w->mem, &j, f.attrs, f.profile);
    assert_ok(json_read_in(w->mem, text.at, text.n, &root));
    for (size_t i = 0; i < f.attrs->n; i++)
        if (!(f.attrs->all[i]->flags & ATTR_CUSTOM) && !yyjson_obj_get(root, f.attrs->all[i]->name))
            fail_msg("%s is not in %s", f.attrs->all[i]->name, text.at);
    assert_string_equal(json_text(root, "id"), id_text(f.bo));
    assert_string_equal(json_text(root, "state"), "active");
    assert_string_equal(json_text(root, "invite"), "none");
    assert_true(yyjson_is_null(yyjson_obj_get(root, "department")));
    assert_string_equal(json_text(root, "created_at"), "2026-03-31T12:00:00Z");
    assert_int_equal(json_int(root, "version", 0), 5);
}

static void references_are_objects_and_custom_values_have_their_type(void **state)
{
    struct work *w = *state;
    struct fixture f;
    AUTO_BUF text = {};
    struct json_out j = { &text };
    yyjson_val *root;

    given_bo(w, &f);
    person_json(w->mem, &j, f.attrs, f.profile);
    assert_ok(json_read_in(w->mem, text.at, text.n, &root));
    yyjson_val *manager = yyjson_obj_get(root, "manager"), *custom = yyjson_obj_get(root, "custom");
    assert_string_equal(json_text(manager, "id"), id_text(f.ada));
    assert_string_equal(json_text(manager, "external_id"), "H-1");
    assert_string_equal(json_text(manager, "email"), "ada@example.com");
    assert_string_equal(json_text(manager, "display_name"), "Ada Lovelace");
    assert_int_equal(yyjson_arr_size(yyjson_obj_get(root, "additional_managers")), 1);
    assert_string_equal(yyjson_get_str(yyjson_arr_get(yyjson_obj_get(root, "teams"), 0)),
                        " Sales & Ops ");
    assert_string_equal(json_text(custom, "squad"), "Red");
    assert_true(yyjson_get_num(yyjson_obj_get(custom, "desk")) == 12.5);
    assert_true(yyjson_is_true(yyjson_obj_get(custom, "remote")));
    assert_ok(profile_load(w, f.attrs, f.ada, &f.profile));
    buf_clear(&text);
    j = (struct json_out){ &text };
    person_json(w->mem, &j, f.attrs, f.profile);
    assert_ok(json_read_in(w->mem, text.at, text.n, &root));
    assert_true(yyjson_is_null(yyjson_obj_get(root, "manager")));
    assert_true(yyjson_is_null(yyjson_obj_get(yyjson_obj_get(root, "custom"), "squad")));
}

/* Cells of a line, quotes taken off. */
static size_t cells_of(struct arena *a, const char *s, const char **out)
{
    size_t n = 0;

    while (*s && *s != '\r') {
        AUTO_BUF cell = {};
        if (*s == '"')
            for (s++; *s && (*s != '"' || s[1] == '"'); s++) {
                s += *s == '"';
                buf_putc(&cell, *s);
            }
        else
            for (; *s && *s != ',' && *s != '\r'; s++)
                buf_putc(&cell, *s);
        s += *s == '"';
        s += *s == ',';
        out[n++] = arena_textn(a, cell.n ? cell.at : "", cell.n);
    }
    return n;
}

static void a_line_of_csv_has_the_same_columns(void **state)
{
    static const struct {
        const char *column, *text;
    } cases[] = {
        { "email", "bo@example.com" },
        { "title", "Say \"hi\", twice" },
        { "manager", "ada@example.com" },
        { "additional_managers", "ada@example.com" },
        { "teams", " Sales & Ops ; Engines" },
        { "custom.squad", "Red" },
        { "custom.desk", "12.5" },
        { "department", "" },
        { "version", "5" },
    };
    struct work *w = *state;
    struct fixture f;
    AUTO_BUF head = {};
    AUTO_BUF line = {};
    const char *names[64], *texts[64];

    given_bo(w, &f);
    person_csv_header(&head, f.attrs);
    person_csv(w->mem, &line, f.attrs, f.profile);
    size_t n = cells_of(w->mem, head.at, names);
    assert_int_equal(cells_of(w->mem, line.at, texts), n);
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t at = 0;
        while (at < n && !str_eq(names[at], cases[i].column))
            at++;
        assert_true(at < n);
        assert_string_equal(texts[at], cases[i].text);
    }
}

static void a_table_cell_never_breaks_its_line(void **state)
{
    struct work *w = *state;
    struct profile *p;
    AUTO_BUF text = {};

    int64_t id = given_person(w, "email=a@example.com", "display_name=A\tB\nC\033[31m", NULL);
    assert_ok(profile_load(w, attrs_of(w), id, &p));
    person_table(w->mem, &text, p);
    assert_true(str_starts(text.at, "A B C [31m\tactive\ta@example.com\t"));
    assert_ptr_equal(strchr(text.at, '\n'), text.at + text.n - 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(every_built_in_attribute_is_in_the_object),
        BOTH_ENGINES(references_are_objects_and_custom_values_have_their_type),
        ON_SQLITE(a_line_of_csv_has_the_same_columns),
        ON_SQLITE(a_table_cell_never_breaks_its_line),
    };

    return RUN_TESTS(tests);
}
