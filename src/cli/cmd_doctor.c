/* cmd_doctor.c — `muster doctor`: what is wrong with this installation, and what to do about it. */
#include <stdarg.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/doctor.h"
#include "people/workspace.h"

static const struct { const char *name; int status; } levels[] = {
    [LEVEL_OK] = { "ok", 0 },
    [LEVEL_NOTE] = { "note", 0 },
    [LEVEL_WARN] = { "warn", 1 },
    [LEVEL_PROBLEM] = { "problem", 3 },
};

static void say_json(const struct doctor *d, enum level level, const char *about, const char *todo,
                     const char *text)
{
    AUTO_BUF line = {};
    struct json_out j = { &line };

    (void)d;
    json_open(&j, '{');
    json_put(&j, "check", about);
    json_put(&j, "level", levels[level].name);
    json_put(&j, "message", text);
    json_put(&j, "advice", todo);
    json_close(&j, '}');
    cli_print_json(&line);
}

void doctor_say(struct doctor *d, enum level level, const char *about, const char *todo,
                const char *fmt, ...)
{
    char *text;
    va_list ap;

    va_start(ap, fmt);
    int n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0)
        die_of_memory(0);
    d->worst = MAX(d->worst, level);
    if (d->c->json) {
        say_json(d, level, about, todo, text);
    } else {
        printf("%-8s %s: %s\n", levels[level].name, about, text);
        if (todo)
            printf("         → %s\n", todo);
    }
    free(text);
}

void doctor_say_error(struct doctor *d, enum level level, const char *about, const char *todo)
{
    struct err_saved e = err_save();

    doctor_say(d, level, about, todo, "%s", e.text);
}

bool version_reaches(const char *version, const char *least)
{
    while (*least) {
        char *end, *least_end;
        long have = strtol(version, &end, 10), wanted = strtol(least, &least_end, 10);
        if (have != wanted)
            return have > wanted;
        version = *end == '.' ? end + 1 : end;
        least = *least_end == '.' ? least_end + 1 : least_end;
    }
    return true;
}

/* Everything that has a workspace; a store that cannot be read has said so by then. */
static enum err look_at_workspaces(struct doctor *d)
{
    struct workspace *all;
    size_t n;

    TRY(workspaces_list(d->c->w, &all, &n));
    if (n == 0)
        doctor_say(d, LEVEL_WARN, "workspace", "make one with `muster init`", "there is none");
    for (size_t i = 0; i < n; i++) {
        d->c->w->workspace = all[i].id;
        doctor_clock(d);
        doctor_held(d, all[i].name);
        doctor_sources(d, all[i].name);
    }
    return OK;
}

enum err cmd_doctor(struct cli *c)
{
    static const struct actor actor = { "cli", "doctor" };
    struct doctor d = { .c = c };

    doctor_key(&d);
    if (store_open(c->store_url, 0, &c->store) != OK) {
        doctor_say_error(&d, LEVEL_PROBLEM, "store", NULL);
    } else {
        c->w = work_new(c->store, &actor);
        c->w->now = clock_now();
        doctor_store(&d);
        if (d.worst < LEVEL_PROBLEM && look_at_workspaces(&d) != OK)
            doctor_say_error(&d, LEVEL_PROBLEM, "store", NULL);
    }
    doctor_libraries(&d);
    c->status = levels[d.worst].status;
    return OK;
}
