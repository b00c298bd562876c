/*
 * fuzz_mapping.c — any bytes as a mapping file, as an expression and as a schedule: refused in words that can be
 * shown, or taken, and then they run over a record.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cron.h"
#include "base/str.h"
#include "sync/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const struct default_row rows[] = {
    { "external_id", "root.id" },
    { "email", "root.email" },
    { "additional_managers", "work.secondLevelManager", .off = true },
    {},
};
static const struct source_type type = {
    .name = "hibob",
    .label = "HiBob",
    .mapping = rows,
    .status = { "internal.status", "Active", "Leave" },
};
static const char *const shifts[] = { "Day", "Night" };
static const struct attr custom[] = {
    { "custom.desk", ATTR_NUMBER, ATTR_CUSTOM, "Desk" },
    { "custom.remote", ATTR_FLAG, ATTR_CUSTOM, "Remote" },
    { "custom.shift", ATTR_SELECT, ATTR_CUSTOM, "Shift", shifts, COUNT(shifts) },
    { "custom.squad", ATTR_TEXT, ATTR_CUSTOM, "Squad" },
};

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* What a person gets to read: text, not empty, of a length one can read. */
static void must_be_readable(void)
{
    must(*err_text() && str_utf8(err_text(), strlen(err_text())));
}

static void run_over(struct arena *a, const struct mapping *m, const struct raw *raw)
{
    struct raw *values = NEW_ARRAY(a, struct raw, m->want.n + 1), status;
    struct record r = { .id = "17", .values = values };
    const char *why = NULL;
    bool unknown = false;

    for (size_t i = 0; i < m->want.n; i++) {
        values[i] = *raw;
        must(i == 0 || strcmp(m->want.fields[i - 1], m->want.fields[i]) < 0);
    }
    for (size_t i = 0; i < m->nrows; i++) {
        struct raw v = map_value(a, m, m->rows[i].from, &r);
        must(v.is < RAW_TEXT || strlen(v.text) == v.n);
        must(m->rows[i].empty != EMPTY_DEFAULT || m->rows[i].otherwise);
    }
    must(map_status(a, m, &r, &status) <= STATUS_UNKNOWN);
    must(!map_excluded(a, m, &r, "ana@example.com", &why, &unknown) || why);
}

static void read_mapping(struct arena *a, const char *text)
{
    static const struct raw raws[] = {
        { .is = RAW_ABSENT },
        { .is = RAW_EMPTY, .text = "" },
        { .is = RAW_TEXT, .text = "Active", .n = 6 },
        { .is = RAW_LIST,
          .text = "a\x1f"
                  "b",
          .n = 3 },
    };
    struct mapping *m = NULL;

    if (mapping_parse(a, attrs_with(a, custom, COUNT(custom)), &type, text, &m) != OK) {
        must_be_readable();
        return;
    }
    for (size_t i = 0; i < COUNT(raws); i++)
        run_over(a, m, &raws[i]);
}

static void read_expressions(struct arena *a, const char *text)
{
    struct expr *e = NULL;
    size_t at = SIZE_MAX;

    if (expr_value_read(a, text, &e, &at) != OK)
        must_be_readable();
    must(at <= strlen(text));
    if (expr_rule_read(a, text, &e, &at) != OK)
        must_be_readable();
    must(at <= strlen(text));
}

static void read_schedule(const char *text)
{
    static struct zone *berlin;
    const int64_t now = 1795233600000;
    struct cron c;
    size_t at = SIZE_MAX;

    if (!berlin)
        must(zone_open("Europe/Berlin", &berlin) == OK);
    if (cron_parse(text, &c, &at) != OK)
        must_be_readable();
    else
        must(cron_next(&c, berlin, now) > now && cron_next(&c, berlin, now) < INT64_MAX);
    must(at <= strlen(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    AUTO(arena) *a = arena_new();
    const char *text = arena_textn(a, (const char *)bytes, n);

    read_mapping(a, text);
    read_expressions(a, text);
    read_schedule(text);
    return 0;
}
