/* company.c — see company.h. */
#include "support/company.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/str.h"
#include "people/manager.h"

static struct { struct work *w; struct run *last; } here;

struct work *the_work(void)
{
    return here.w;
}

struct run *the_last(void)
{
    return here.last;
}

/* ---- sources ---- */

const struct source_row *the_source(const char *name)
{
    struct source_row *row = NEW(here.w->mem, struct source_row);

    assert_ok(source_row_load(here.w, name, row));
    return row;
}

struct attrs *the_attrs(void)
{
    struct attrs *as;

    assert_ok(attrs_load(here.w, &as));
    return as;
}

static const char *csv_path(const char *source)
{
    return arena_printf(here.w->mem, "%s/%s.csv", dir_for_test(here.w), source);
}

static void write_csv(const char *source, const char *csv)
{
    FILE *f = fopen(csv_path(source), "w");

    assert_non_null(f);
    assert_true(fputs(csv, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static size_t line_length(const char *at)
{
    const char *end = strchr(at, '\n');

    return end ? (size_t)(end - at) + 1 : strlen(at);
}

/* "key: value" in place of the line of that key; see company.h for the other two forms. */
static char *with_setting(const char *yaml, const char *setting)
{
    struct arena *a = here.w->mem;
    AUTO_BUF to = {};
    const char *colon = strchr(setting, ':'),
               *dot = memchr(setting, '.', (size_t)(colon - setting));
    bool row = dot && *setting != '+', done = false;

    assert_non_null(colon);
    for (const char *at = yaml; *at;) {
        size_t n = line_length(at);
        const char *word = at + strspn(at, " ");
        bool hit = !row && strncmp(word, setting, (size_t)(colon - setting) + 1) == 0;
        if (hit && !done) {
            buf_printf(&to, "%.*s%s\n", (int)(word - at), at, setting);
            done = true;
        } else {
            buf_add(&to, at, n);
        }
        if (*setting == '+' && str_starts(at, "mapping:")) {
            buf_printf(&to, "  - attribute: %.*s\n    from:%s\n", (int)(colon - setting - 1),
                       setting + 1, colon + 1);
            done = true;
        }
        if (row && str_starts(word, arena_printf(a, "- attribute: %.*s\n", (int)(dot - setting),
                                                 setting))) {
            buf_printf(&to, "    %s\n", dot + 1);
            done = true;
        }
        at += n;
    }
    if (!done)
        fail_msg("the mapping has nothing to set '%s' at:\n%s", setting, yaml);
    return arena_textn(a, to.at, to.n);
}

static enum err write_mapping(struct work *w, void *arg)
{
    struct source_row *row = arg;

    TRY(source_row_update(w, row));
    return source_raise_revision(w, row->id);
}

/* Every row that the tests fill; a column that a CSV leaves out is an absent field. */
static const char plain_mapping[] =
    "source: file\nmapping:\n"
    "  - attribute: external_id\n    from: external_id\n"
    "  - attribute: email\n    from: email\n"
    "  - attribute: given_name\n    from: given_name\n"
    "  - attribute: family_name\n    from: family_name\n"
    "  - attribute: title\n    from: title\n"
    "  - attribute: teams\n    from: teams\n"
    "  - attribute: location\n    from: location\n"
    "  - attribute: start_date\n    from: start_date\n"
    "  - attribute: manager\n    from: manager\n"
    "  - attribute: additional_managers\n    from: additional_managers\n"
    "  - attribute: level\n    from: level\n"
    "status:\n  from: state\n  active: [active]\n  leave: [leave]\n  gone: [gone]\n"
    "exclude: []\nexclude_people: []\n"
    "options:\n  auto_reactivate: false\n  additional_manager: true\n  suspend_on_leave: false\n"
    "  create_days_before: null\n  on_missing: hold\n  missing_runs: 2\n  review: false\n"
    "guards:\n  deactivations: {percent: 20, count: 3}\n  records: {percent: 80}\n"
    "  fill_rate: {points: 20}\n  id_swaps: {percent: 5}\n  managers: {percent: 50, count: 20}\n"
    "  one_attribute: {percent: 50, count: 20}\n  creates: {percent: 50, count: 20}\n";

void given_mapping(const char *source, const char *yaml)
{
    struct source_row row = *the_source(source);
    struct mapping *map;

    row.mapping = yaml;
    assert_ok(source_mapping(here.w, the_attrs(), &row, &map));
    assert_ok(store_write(here.w, write_mapping, &row));
}

static void set_settings(const char *source, const char *settings)
{
    struct source_row row = *the_source(source);
    char *text = arena_text(here.w->mem, *row.mapping ? row.mapping : plain_mapping), *save = NULL;
    char *list = arena_text(here.w->mem, settings);

    for (char *one = settings ? strtok_r(list, "\n", &save) : NULL; one;
         one = strtok_r(NULL, "\n", &save))
        text = with_setting(text, one);
    given_mapping(source, text);
}

static const char all_columns[] =
    "external_id,email,given_name,family_name,title,department,teams,location,"
    "start_date,manager,level,state\n";

void given_source(const char *name, const char *settings)
{
    struct source_row row;
    char *assignment = arena_printf(here.w->mem, "path=%s", csv_path(name));

    write_csv(name, all_columns);
    assert_ok(source_add(here.w, "file", name, &assignment, 1, NULL, &row));
    set_settings(name, settings);
}

void given_company(struct work *w, const char *settings)
{
    here.w = w;
    here.last = NULL;
    given_source("hr", settings);
}

void given_settings(const char *settings)
{
    set_settings("hr", settings);
}

/* ---- runs ---- */

static int64_t tally_of(const struct run *run, const char *name)
{
    yyjson_val *root;

    assert_ok(json_read_in(here.w->mem, run->tally, strlen(run->tally), &root));
    return json_int(root, name, 0);
}

/* read = created + …: every record is counted once, and nothing less than never. */
static void check_tally(const struct run *run)
{
    static const char *const parts[] = { "created",     "updated",   "deactivated", "suspended",
                                         "reactivated", "unchanged", "excluded",    "not_active",
                                         "conflicts",   "stale" };
    int64_t sum = 0;

    for (size_t i = 0; i < COUNT(parts); i++) {
        int64_t one = tally_of(run, parts[i]);
        if (one < 0)
            fail_msg("%s is %lld: %s", parts[i], (long long)one, run->tally);
        sum += one;
    }
    if (sum != tally_of(run, "read"))
        fail_msg("the tally does not add up: %s", run->tally);
}

static struct run *after(struct run *run)
{
    struct run stored;

    assert_ok(run_load(here.w, run->id, &stored));
    assert_string_equal(stored.state, run->state);
    *run = stored;
    here.last = run;
    check_tally(run);
    check_forest();
    check_history();
    return run;
}

struct run *sync_with(const char *source, const char *csv, const struct sync_request *q,
                      enum err expected)
{
    struct run *run = NEW(here.w->mem, struct run);

    if (csv)
        write_csv(source, csv);
    enum err e = sync_run(here.w, the_source(source), q, run);
    if (e != expected) {
        print_error("the run of %s gave %s: %s\n", source, err_row(e)->name,
                    e == OK ? run->state : err_text());
        fail();
    }
    if (e == OK)
        return after(run);
    here.last = run;
    return run;
}

struct run *sync_of(const char *source, const char *csv)
{
    static const struct sync_request plain = {};

    return sync_with(source, csv, &plain, OK);
}

struct run *sync_csv(const char *csv)
{
    return sync_of("hr", csv);
}

struct run *apply_held(const struct run *held, const int64_t *unticked, size_t n)
{
    static const struct sync_request plain = {};
    struct run *run = NEW(here.w->mem, struct run);

    assert_ok(sync_apply(here.w, held->id, unticked, n, &plain, run));
    return after(run);
}

struct run *refuse(const struct run *held)
{
    struct run *run = NEW(here.w->mem, struct run);

    assert_ok(sync_refuse(here.w, held->id, run));
    return after(run);
}

struct run *undo(const struct run *done, int64_t seq)
{
    static const struct sync_request sure = { .yes = true };
    struct run *run = NEW(here.w->mem, struct run);

    assert_ok(sync_undo(here.w, done->id, seq, &sure, run));
    return after(run);
}

void counts(const char *expected)
{
    static const char *const all[] = { "read",       "created",     "updated",   "deactivated",
                                       "suspended",  "reactivated", "unchanged", "excluded",
                                       "not_active", "missing",     "conflicts", "stale" };

    for (size_t i = 0; i < COUNT(all); i++) {
        const char *at = strstr(expected, all[i]);
        int64_t want = at ? atoll(at + strlen(all[i])) : 0;
        if (tally_of(here.last, all[i]) != want)
            fail_msg("%s should be %lld: expected %s\n  got %s\n  findings %s\n  guards %s", all[i],
                     (long long)want, expected, here.last->tally, here.last->findings,
                     here.last->guards);
    }
}

const char *finding_text(const char *finding)
{
    yyjson_val *root, *one;
    size_t i, n;
    AUTO_BUF all = {};

    assert_ok(json_read_in(here.w->mem, here.last->findings, strlen(here.last->findings), &root));
    yyjson_arr_foreach(root, i, n, one)
        if (str_eq(json_text(one, "type"), finding)) {
            struct json_out j = { &all };
            json_val(&j, one);
        }
    return all.n ? arena_textn(here.w->mem, all.at, all.n) : "";
}

bool found(const char *finding)
{
    return *finding_text(finding) != '\0';
}

bool tripped(const char *guard)
{
    const char *name = arena_printf(here.w->mem, "\"guard\":\"%s\"", guard);

    return here.last->guards && strstr(here.last->guards, name);
}

const struct run_row *row_of(const struct run *run, const char *record)
{
    struct run_row *rows;
    size_t n;

    assert_ok(run_rows(here.w, run->id, 0, INT64_MAX, 100000, &rows, &n));
    for (size_t i = 0; i < n; i++)
        if (str_eq(rows[i].record, record) && rows[i].kind != ROW_TEAM)
            return &rows[i];
    return NULL;
}

int64_t seq_of(const struct run *run, const char *record)
{
    const struct run_row *row = row_of(run, record);

    return row ? row->seq : 0;
}

/* ---- the directory ---- */

int64_t the(const char *who)
{
    int64_t id;

    assert_ok(person_find(here.w, who, &id));
    return id;
}

bool nobody(const char *who)
{
    int64_t id;

    return person_find(here.w, who, &id) == ERR_NOT_FOUND;
}

static struct person *load(int64_t id)
{
    struct person *p;

    assert_ok(person_load(here.w, the_attrs(), id, &p));
    return p;
}

const char *value(const char *who, const char *attribute)
{
    const char *text = person_text(load(the(who)), attribute);

    return text ? text : "";
}

const char *state(const char *who)
{
    return state_name(load(the(who))->state);
}

const char *manager(const char *who)
{
    int64_t id = load(the(who))->manager;
    const char *name = id ? person_text(load(id), "given_name") : "";

    return name ? name : "?";
}

const char *teams(const char *who)
{
    struct person *p = load(the(who));
    struct teams *all;
    AUTO_BUF names = {};
    const char *last = "";

    assert_ok(teams_load(here.w, &all));
    for (size_t shown = 0; shown < p->nteams; shown++) {
        const char *next = NULL;
        for (size_t i = 0; i < p->nteams; i++) {
            struct team *t = team_by_id(all, p->teams[i].team);
            if (!t)
                fail_msg("%s is in the team %s, which is not there", who,
                         id_text(p->teams[i].team));
            else if (strcmp(t->name, last) > 0 && (!next || strcmp(t->name, next) < 0))
                next = t->name;
        }
        if (!next)
            break;
        buf_printf(&names, "%s%s", names.n ? ", " : "", next);
        last = next;
    }
    return names.n ? arena_textn(here.w->mem, names.at, names.n) : "";
}

struct link link_to(const char *source, const char *record)
{
    struct link l;

    assert_ok(links_by_record(here.w, the_source(source)->id, &record, 1, &l));
    return l;
}

int64_t rows_in(const char *table)
{
    struct rows r;

    assert_ok(store_query(
        here.w, &r, arena_printf(here.w->mem, "SELECT count(*) FROM %s WHERE workspace = ?", table),
        num(here.w->workspace)));
    return rows_num(&r, 0, 0);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char *table_text(const char *table)
{
    struct rows r;
    AUTO_BUF all = {};

    assert_ok(store_query(here.w, &r,
                          arena_printf(here.w->mem, "SELECT * FROM %s WHERE workspace = ?", table),
                          num(here.w->workspace)));
    const char **lines = NEW_ARRAY(here.w->mem, const char *, r.n + 1);
    for (size_t i = 0; i < r.n; i++) {
        AUTO_BUF line = {};
        for (size_t c = 0; c < r.columns; c++) {
            const char *text = rows_text(&r, i, c);
            buf_printf(&line, "%s|",
                       text ? text
                            : arena_printf(here.w->mem, "%lld", (long long)rows_num(&r, i, c)));
        }
        lines[i] = arena_textn(here.w->mem, line.at, line.n);
    }
    if (r.n)
        qsort(lines, r.n, sizeof *lines, by_text);
    for (size_t i = 0; i < r.n; i++)
        buf_printf(&all, "%s\n", lines[i]);
    return arena_textn(here.w->mem, all.at ? all.at : "", all.n);
}

/* ---- by hand ---- */

enum err try_edit(int64_t person, const char *attribute, const char *text)
{
    struct attrs *as = the_attrs();
    const struct attr *attr = attr_find(as, attribute);
    struct edit e = { .person = person };
    struct person *p = load(person);

    changes_add(here.w->mem, &e.changes, attr, person_value(here.w->mem, p, attr, 0), text);
    return people_edit(here.w, as, &e, ROW_UPDATE, "by hand");
}

void edit(const char *who, const char *attribute, const char *text)
{
    assert_ok(try_edit(the(who), attribute, text));
}

int64_t by_hand(const char *email, const char *given, const char *manager_id)
{
    struct attrs *as = the_attrs();
    struct edit e = { .person = id_new(), .create = true };

    changes_add(here.w->mem, &e.changes, attr_builtin("state"), NULL, "active");
    changes_add(here.w->mem, &e.changes, attr_builtin("email"), NULL, email);
    changes_add(here.w->mem, &e.changes, attr_builtin("user_name"), NULL, email);
    changes_add(here.w->mem, &e.changes, attr_builtin("given_name"), NULL, given);
    if (manager_id)
        changes_add(here.w->mem, &e.changes, attr_builtin("manager"), NULL, manager_id);
    assert_ok(people_edit(here.w, as, &e, ROW_CREATE, "by hand"));
    return e.person;
}

static enum err write_flag(struct work *w, void *arg)
{
    return store_run(w, "UPDATE person SET flags = 1 WHERE workspace = ? AND id = ?",
                     num(w->workspace), num(*(int64_t *)arg));
}

void protect(const char *who)
{
    int64_t id = the(who);

    assert_ok(store_write(here.w, write_flag, &id));
}

/* ---- what must hold after every run ---- */

/* The value an attribute has after a person's rows, memberships owner by owner. */
static const char *rebuilt(const struct past *list, size_t n, const struct attrs *as,
                           const struct attr *attr, int64_t owner)
{
    for (size_t i = 0; i < n; i++) {            /* newest first */
        struct changes c;
        if (str_eq(attr->name, "teams") && past_owner(&list[i]) != owner)
            continue;
        if (list[i].row.kind == ROW_TEAM)
            continue;
        assert_ok(
            changes_read(here.w->mem, as, list[i].row.changes, strlen(list[i].row.changes), &c));
        const struct change *one = changes_find(&c, attr->name);
        if (one)
            return one->after;
    }
    return NULL;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* A merge moves members without a row of their own: the teams that the told ones mean now. */
static const char *teams_meant(const char *told)
{
    struct teams *all;
    int64_t *ids;
    size_t n = ids_read(here.w->mem, told, &ids), kept = 0;

    assert_ok(teams_load(here.w, &all));
    for (size_t i = 0; i < n; i++) {
        struct team *t = team_by_id(all, ids[i]);
        ids[i] = t ? team_meant(all, t)->id : ids[i];
    }
    if (n)
        qsort(ids, n, sizeof *ids, by_number);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || ids[i] != ids[i - 1])
            ids[kept++] = ids[i];
    return ids_join(here.w->mem, ids, kept);
}

static void check_person(int64_t id, const struct attrs *as, const int64_t *owners, size_t nowners)
{
    struct past *list;
    struct person *p;
    size_t n;

    assert_ok(history_of(here.w, id, 10000, &list, &n));
    assert_ok(person_load(here.w, as, id, &p));
    for (size_t i = 0; i < as->n; i++) {
        bool many = str_eq(as->all[i]->name, "teams");
        for (size_t o = 0; o < (many ? nowners : 1); o++) {
            const char *is = person_value(here.w->mem, p, as->all[i], owners[o]);
            const char *told = rebuilt(list, n, as, as->all[i], owners[o]);
            if (many)
                told = teams_meant(told);
            if (!str_eq(is, told))
                fail_msg("%s of %s is '%s', but history tells '%s'", as->all[i]->name,
                         person_label(here.w->mem, p), is ? is : "(nothing)",
                         told ? told : "(nothing)");
        }
    }
}

void check_history(void)
{
    struct attrs *as = the_attrs();
    struct source_row *sources;
    struct rows r;
    size_t n;

    assert_ok(source_rows(here.w, &sources, &n));
    int64_t *owners = NEW_ARRAY(here.w->mem, int64_t, n + 1);
    for (size_t i = 0; i < n; i++)
        owners[i + 1] = sources[i].id;
    assert_ok(store_query(here.w, &r,
                          "SELECT id FROM person WHERE workspace = ? ORDER BY id LIMIT 150",
                          num(here.w->workspace)));
    for (size_t i = 0; i < r.n; i++)
        check_person(rows_num(&r, i, 0), as, owners, n + 1);
}

void check_forest(void)
{
    struct rows r;
    struct chain chain;

    assert_ok(store_query(here.w, &r,
                          "SELECT id FROM person WHERE workspace = ? AND manager > 0 LIMIT 150",
                          num(here.w->workspace)));
    for (size_t i = 0; i < r.n; i++)
        assert_ok(manager_chain(here.w, rows_num(&r, i, 0), &chain));
}
