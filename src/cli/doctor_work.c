/* doctor_work.c — the clock, the plans that wait, the sources and what they let us read. */
#include "api/overview.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/doctor.h"

enum { LATE_MS = 15 * 60 * 1000, CLOCK_SLACK_MS = 60 * 1000 };

/* " -w NAME" where it is needed for a command to be about this workspace. */
static const char *in_workspace(struct doctor *d, const char *workspace)
{
    return str_eq(workspace, "main") ? "" : arena_printf(d->c->mem, " -w %s", workspace);
}

void doctor_clock(struct doctor *d)
{
    struct run *last;
    size_t n;
    int64_t now = clock_now();

    if (runs_list(d->c->w, 0, 1, &last, &n) != OK) {
        doctor_say_error(d, LEVEL_PROBLEM, "clock", NULL);
        return;
    }
    if (n && last->started_at > now + CLOCK_SLACK_MS)
        doctor_say(d, LEVEL_WARN, "clock", "set the clock (timedatectl set-ntp true)",
                   "it says %s, but the last run began at %s", time_text(d->c->mem, now),
                   time_text(d->c->mem, last->started_at));
    else
        doctor_say(d, LEVEL_OK, "clock", NULL, "%s", time_text(d->c->mem, now));
}

void doctor_held(struct doctor *d, const char *workspace)
{
    struct run *held;
    size_t n;

    if (held_runs(d->c->w, &held, &n) != OK) {
        doctor_say_error(d, LEVEL_PROBLEM, "plans", NULL);
        return;
    }
    const char *where = in_workspace(d, workspace);
    for (size_t i = 0; i < n; i++)
        doctor_say(
            d, LEVEL_WARN, "plans",
            arena_printf(d->c->mem,
                         "look at it with `muster%s plan show %s`, then `muster%s apply %s` or "
                         "`muster%s refuse %s`",
                         where, id_text(held[i].id), where, id_text(held[i].id), where,
                         id_text(held[i].id)),
            "the plan %s of %s waits for a person", id_text(held[i].id),
            time_text(d->c->mem, held[i].started_at));
    if (n == 0)
        doctor_say(d, LEVEL_OK, "plans", NULL, "none waits for a person");
}

/* ---- sources ---- */

struct checking { struct doctor *d; const char *about; size_t readable; };

static enum err tell_line(void *arg, const struct check_line *line)
{
    struct checking *k = arg;

    if (line->readable) {
        k->readable++;
        return OK;
    }
    bool named = line->label && !str_eq(line->label, line->field);
    doctor_say(k->d, LEVEL_WARN, k->about, line->advice, "%s%s%s is mapped and cannot be read",
               line->field, named ? ", " : "", named ? line->label : "");
    return OK;
}

static enum err check_source(struct checking *k, const struct source_row *row)
{
    AUTO(work) *reader = work_new(k->d->c->store, k->d->c->w->actor);
    struct source s = {};
    struct attrs *attrs;
    struct mapping *map;

    reader->workspace = k->d->c->w->workspace;
    reader->now = clock_now();
    TRY(attrs_load(reader, &attrs));
    TRY(source_mapping(reader, attrs, row, &map));
    TRY(source_connect(reader, row, &s));
    enum err e = s.type->check(&s, &map->want, tell_line, k);
    source_close(&s);
    return e;
}

static void look_at(struct doctor *d, const char *where, const struct source_now *s)
{
    const char *about = arena_printf(d->c->mem, "source %s", s->row.name);
    struct checking k = { d, about };
    int64_t late = source_late(s, clock_now());

    if (s->row.trouble)
        doctor_say(d, LEVEL_WARN, about, NULL, "%s", s->row.trouble);
    if (s->row.paused)
        doctor_say(d, LEVEL_NOTE, about, NULL,
                   "paused: no run by the clock until `muster%s source resume %s`", where,
                   s->row.name);
    else if (late > LATE_MS)
        doctor_say(d, LEVEL_WARN, about,
                   "start `muster serve`, or see in its log why the run has not begun",
                   "its run of %s is late", time_text(d->c->mem, s->due_at));
    if (source_inbound(source_type_find(s->row.kind)))
        doctor_say(d, LEVEL_OK, about, NULL, "its client sends the changes");
    else if (check_source(&k, &s->row) != OK)
        doctor_say_error(d, LEVEL_WARN, about, NULL);
    else
        doctor_say(d, LEVEL_OK, about, NULL, "opens, and %s can be read",
                   str_count(d->c->mem, (int64_t)k.readable, "mapped field", "mapped fields"));
}

void doctor_sources(struct doctor *d, const char *workspace)
{
    struct overview now;

    if (overview_load(d->c->w, &now) != OK) {
        doctor_say_error(d, LEVEL_PROBLEM, "sources", NULL);
        return;
    }
    if (now.nsources == 0)
        doctor_say(d, LEVEL_NOTE, "sources", "add one with `muster source add KIND`",
                   "%s has none yet", workspace);
    for (size_t i = 0; i < now.nsources; i++)
        look_at(d, in_workspace(d, workspace), &now.sources[i]);
}
