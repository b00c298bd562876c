/*
 * map_settings.c — options, guards and schedule of a mapping file. One row of a table reads a setting, holds
 * its default and writes it into the default file.
 */
#include "sync/map_parse.h"

#include "base/cron.h"
#include "base/str.h"

#define USUAL_SCHEDULE "0 4 * * *"

enum setting_kind { SETTING_FLAG, SETTING_NUMBER, SETTING_NUMBER_OR_NULL, SETTING_MISSING };

struct setting {
    const char *name;
    enum setting_kind kind;
    size_t offset;                  /* in struct mapping */
    int least, most;
    const char *usual;              /* the default, as the file spells it */
    const char *help;
};

static const char *const missing_words[] = {
    [MISSING_HOLD] = "hold",
    [MISSING_DEACTIVATE] = "deactivate",
    [MISSING_KEEP] = "keep",
};

#define OPTION(name, kind, ...)                                                                    \
    {                                                                                              \
#name, SETTING_##kind, offsetof(struct mapping, options.name), __VA_ARGS__                 \
    }
static const struct setting options[] = {
    OPTION(auto_invite, FLAG, 0, 0, "false", "invite people when they are created"),
    OPTION(auto_reactivate, FLAG, 0, 0, "false",
           "reactivate whom this source had deactivated, when they come back"),
    OPTION(additional_manager, FLAG, 0, 0, "false", "set additional managers"),
    OPTION(suspend_on_leave, FLAG, 0, 0, "false",
           "suspend people on leave instead of deactivating them"),
    OPTION(create_days_before, NUMBER_OR_NULL, 0, 366, "null",
           "create people so many days before their start date"),
    OPTION(on_missing, MISSING, 0, 0, "hold",
           "people who are missing from complete runs: hold, deactivate or keep"),
    OPTION(missing_runs, NUMBER, 1, 100, "2", "after so many runs"),
    OPTION(review, FLAG, 0, 0, "false", "every plan waits for a person"),
    {},
};

#define GUARD(section, key, usual, most)                                                          \
    {                                                                                              \
#key, SETTING_NUMBER, offsetof(struct mapping, guards.section##_##key), 0, most, usual     \
    }
#define PERCENT(section, usual) GUARD(section, percent, usual, 100)
#define NUMBER(section, usual) GUARD(section, count, usual, 1000000000)
static const struct { const char *name; struct setting keys[3]; const char *help; } guards[] = {
    { "deactivations", { PERCENT(deactivations, "20"), NUMBER(deactivations, "3") },
      "of the active people, and more people than this" },
    { "records",
      { PERCENT(records, "80") },
      "less than this part of the largest of the last 7 applied runs" },
    { "fill_rate",
      { GUARD(fill_rate, points, "20", 100) },
      "percentage points less of a mapped field" },
    { "id_swaps", { PERCENT(id_swaps, "5") }, "of the people: same e-mail, new anchor" },
    { "managers",
      { PERCENT(managers, "50"), NUMBER(managers, "20") },
      "of the managers changed, and more than this" },
    { "one_attribute",
      { PERCENT(one_attribute, "50"), NUMBER(one_attribute, "20") },
      "of the people with a new value of it, and more than this" },
    { "creates", { PERCENT(creates, "50"), NUMBER(creates, "20") },
      "of the people new after the first run, and more than this" },
};

static int *number_at(struct mapping *m, const struct setting *s)
{
    return (int *)((char *)m + s->offset);
}

static enum err read_missing(struct parse *p, const struct yaml *y, const struct setting *s)
{
    for (size_t i = 0; i < COUNT(missing_words); i++) {
        if (y->kind == YAML_TEXT && str_eq(y->text, missing_words[i])) {
            *(enum map_missing *)((char *)p->m + s->offset) = (enum map_missing)i;
            return OK;
        }
    }
    return yaml_errf(y, "%s is one of hold, deactivate, keep", s->name);
}

static enum err read_setting(struct parse *p, const struct yaml *y, const struct setting *s)
{
    int64_t n = -1;

    switch (s->kind) {
    case SETTING_FLAG:
        if (!yaml_flag(y, (bool *)((char *)p->m + s->offset)))
            return yaml_errf(y, "%s is true or false", s->name);
        return OK;
    case SETTING_MISSING:
        return read_missing(p, y, s);
    case SETTING_NUMBER_OR_NULL:
        *number_at(p->m, s) = -1;
        if (yaml_null(y))
            return OK;
        [[fallthrough]];
    case SETTING_NUMBER:
        if (y->kind != YAML_TEXT || y->style != YAML_BARE || !str_number(y->text, &n) ||
            n < s->least || n > s->most)
            return yaml_errf(y, "%s is a whole number from %d to %d%s", s->name, s->least, s->most,
                             s->kind == SETTING_NUMBER_OR_NULL ? ", or null" : "");
        *number_at(p->m, s) = (int)n;
        return OK;
    }
    return errf(ERR_INTERNAL, "the setting %s has a kind that does not exist", s->name);
}

/* Every setting of the table: from the map `y` where it says something, else as usual. */
static enum err read_table(struct parse *p, const struct yaml *y, const struct setting *table,
                           size_t most)
{
    const char *keys[COUNT(options)] = {};

    for (size_t i = 0; i < most && table[i].name; i++) {
        struct yaml usual = { .kind = YAML_TEXT, .text = table[i].usual };
        const struct yaml *said = yaml_get(y, table[i].name);
        keys[i] = table[i].name;
        TRY(read_setting(p, said ? said : &usual, &table[i]));
    }
    return yaml_null(y) ? OK : map_keys(p, y, keys);
}

enum err map_read_options(struct parse *p, const struct yaml *y)
{
    return read_table(p, y, options, COUNT(options));
}

enum err map_read_guards(struct parse *p, const struct yaml *y)
{
    const char *names[COUNT(guards) + 1] = {};

    for (size_t i = 0; i < COUNT(guards); i++) {
        names[i] = guards[i].name;
        TRY(read_table(p, yaml_get(y, guards[i].name), guards[i].keys, COUNT(guards[i].keys)));
    }
    return yaml_null(y) ? OK : map_keys(p, y, names);
}

enum err map_read_schedule(struct parse *p, const struct yaml *y)
{
    struct cron cron;
    size_t at;

    p->m->schedule = USUAL_SCHEDULE;
    if (!y)
        return OK;
    p->m->schedule = NULL;
    if (yaml_null(y))
        return OK;
    TRY(map_text(y, "schedule", &p->m->schedule));
    return cron_parse(y->text, &cron, &at) == OK ? OK : map_within(y, at);
}

/* ---- the default file ---- */

static void write_options(struct buf *b)
{
    buf_puts(b, "options:\n");
    for (const struct setting *s = options; s->name; s++)
        buf_printf(b, "  %s: %s%*s# %s\n", s->name, s->usual,
                   (int)(30 - strlen(s->name) - strlen(s->usual)), "", s->help);
}

static void write_guards(struct buf *b)
{
    buf_puts(b, "\n# Limits: a plan beyond one of them is held until a person has looked at "
                "it.\nguards:\n");
    for (size_t i = 0; i < COUNT(guards); i++) {
        size_t start = b->n;
        buf_printf(b, "  %s: {", guards[i].name);
        for (size_t k = 0; k < COUNT(guards[i].keys) && guards[i].keys[k].name; k++)
            buf_printf(b, "%s%s: %s", k ? ", " : "", guards[i].keys[k].name,
                       guards[i].keys[k].usual);
        buf_printf(b, "}%*s# %s\n", (int)(47 - (b->n - start)), "", guards[i].help);
    }
}

void map_write_settings(struct buf *b)
{
    write_options(b);
    write_guards(b);
    buf_puts(b, "\n# Minute, hour, day, month, day of the week, in the workspace's time zone; "
                "null: only on request.\n"
                "schedule: \"" USUAL_SCHEDULE "\"\n");
}
