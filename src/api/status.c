/*
 * status.c — GET /: how the workspace stands, on one plain page without a script. What waits for a
 * person comes first, with the command to type.
 */
#include "api/api.h"
#include "api/html.h"
#include "api/overview.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "base/version.h"
#include "people/workspace.h"
#include "store/store.h"
#include "sync/tally.h"

enum { RUNS_SHOWN = 20 };

struct page {
    struct work *w;
    struct buf *to;
    const struct overview *now;
    const struct zone *zone;
    int64_t at;
};

static const char style[] =
    "<style>\n"
    ":root{color-scheme:light "
    "dark;--ink:#1c2024;--soft:#60646c;--line:#dfe2e6;--paper:#fff;--ground:#f6f7f9;"
    "--good:#18794e;--warn:#ad5700;--bad:#ce2c31;--info:#0b68cb}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#edeef0;--soft:#a1a6ae;--line:#33373d;--paper:#"
    "1b1d21;"
    "--ground:#121316;--good:#3dd68c;--warn:#ffa057;--bad:#ff9592;--info:#70b8ff}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}\n"
    "main,header,footer{max-width:60rem;margin:0 auto;padding:1rem}\n"
    "h1{font-size:1.5rem;margin:.5rem 0 0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.25rem "
    "0}\n"
    "header p,footer,small,dt{color:var(--soft)}\n"
    ".card{background:var(--paper);border:1px solid var(--line);border-radius:.6rem;padding:.75rem "
    "1rem;"
    "margin:.5rem 0;overflow-wrap:anywhere}\n"
    ".card.attention{border-left:.3rem solid var(--warn)}\n"
    ".row{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:baseline}.row "
    "b{font-size:1.05rem}\n"
    ".chip{font-size:.8rem;border:1px solid currentColor;border-radius:1rem;padding:0 "
    ".55rem;color:var(--soft)}\n"
    ".chip.ok,.chip.applied{color:var(--good)}.chip.running,.chip.planned{color:var(--info)}\n"
    ".chip.held,.chip.paused,.chip.failing{color:var(--warn)}\n"
    ".chip.attention,.chip.failed{color:var(--bad)}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.5rem 0 "
    "0}dd{margin:0}\n"
    ".people{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:.5rem}\n"
    ".people .card{margin:0}.people b{display:block;font-size:1.6rem;line-height:1.2}\n"
    "code{font:.9em ui-monospace,monospace;background:var(--ground);border:1px solid var(--line);"
    "border-radius:.3rem;padding:.05rem .35rem;overflow-wrap:anywhere}\n"
    "</style>\n";

static void put_chip(struct buf *to, const char *state)
{
    buf_puts(to, "<span class=\"chip ");
    html_text(to, state);
    buf_puts(to, "\">");
    html_text(to, str_eq(state, "attention") ? "needs attention" : state);
    buf_puts(to, "</span>");
}

/* `muster VERB ID`, for this workspace. */
static void put_command(const struct page *p, const char *verb, const char *what)
{
    buf_puts(p->to, "<code>muster ");
    if (!str_eq(p->now->workspace, "main"))
        html_printf(p->to, "-w %s ", p->now->workspace);
    html_printf(p->to, "%s %s", verb, what);
    buf_puts(p->to, "</code>");
}

static const char *source_name(const struct page *p, int64_t id)
{
    for (size_t i = 0; i < p->now->nsources; i++)
        if (p->now->sources[i].row.id == id)
            return p->now->sources[i].row.name;
    return NULL;
}

/* What the guards said; a plan held by `--review` has none. */
static void put_guards(const struct page *p, const struct run *run)
{
    yyjson_val *root, *guard;
    size_t i, n;

    if (str_empty(run->guards) ||
        json_read_in(p->w->mem, run->guards, strlen(run->guards), &root) != OK)
        return;
    yyjson_arr_foreach(root, i, n, guard) {
        const char *words = json_text(guard, "message");
        if (!words)
            continue;
        buf_puts(p->to, "<p>");
        html_text(p->to, words);
        buf_puts(p->to, "</p>\n");
    }
}

static enum err put_held(const struct page *p)
{
    struct run *held;
    size_t n;

    TRY(held_runs(p->w, &held, &n));
    if (n)
        buf_printf(p->to, "<h2>Waiting for a person</h2>\n");
    for (size_t i = 0; i < n; i++) {
        const char *name = source_name(p, held[i].source);
        buf_puts(p->to, "<section class=\"card attention\"><div class=\"row\"><b>");
        html_text(p->to, name ? name : held[i].kind);
        buf_puts(p->to, "</b>");
        put_chip(p->to, "held");
        html_time(p->to, p->zone, held[i].started_at, p->at);
        buf_puts(p->to, "</div>\n<p>");
        html_text(p->to, tally_words(p->w->mem, held[i].tally));
        buf_puts(p->to, "</p>\n");
        put_guards(p, &held[i]);
        buf_puts(p->to, "<p>Nothing was changed yet. Look at it with ");
        put_command(p, "plan show", id_text(held[i].id));
        buf_puts(p->to, ", then ");
        put_command(p, "apply", id_text(held[i].id));
        buf_puts(p->to, " or ");
        put_command(p, "refuse", id_text(held[i].id));
        buf_puts(p->to, ".</p></section>\n");
    }
    return OK;
}

static void put_people(const struct page *p)
{
    buf_puts(p->to, "<h2>People</h2>\n<div class=\"people\">\n");
    for (enum person_state s = STATE_ACTIVE; s < STATE_WITHDRAWN; s++)
        buf_printf(p->to, "<div class=\"card\"><b>%lld</b><small>%s</small></div>\n",
                   (long long)p->now->people[s], state_name(s));
    buf_puts(p->to, "</div>\n");
}

static void put_last_run(const struct page *p, const struct run *run)
{
    if (!run->id) {
        buf_puts(p->to, "never");
        return;
    }
    html_time(p->to, p->zone, run->started_at, p->at);
    buf_puts(p->to, " ");
    put_chip(p->to, run->state);
    buf_puts(p->to, "<br>");
    html_text(p->to, run->error ? run->error : tally_words(p->w->mem, run->tally));
}

static void put_source(const struct page *p, const struct source_now *s)
{
    buf_printf(p->to, "<section class=\"card%s\"><div class=\"row\"><b>",
               s->row.trouble ? " attention" : "");
    html_text(p->to, s->row.name);
    buf_puts(p->to, "</b>");
    put_chip(p->to, source_state(s));
    buf_puts(p->to, "<small>");
    html_text(p->to, s->row.kind);
    buf_puts(p->to, "</small></div>\n");
    if (s->row.trouble) {
        buf_puts(p->to, "<p>");
        html_text(p->to, s->row.trouble);
        buf_puts(p->to, "</p>\n");
    }
    buf_puts(p->to, "<dl><dt>Last run</dt><dd>");
    put_last_run(p, &s->last);
    buf_puts(p->to, "</dd><dt>Next run</dt><dd>");
    if (s->row.paused)
        buf_puts(p->to, "none: this source is paused");
    else if (s->due_at)
        html_time(p->to, p->zone, s->due_at, p->at);
    else if (source_inbound(source_type_find(s->row.kind)))
        buf_puts(p->to, "none: its client sends the changes");
    else
        buf_puts(p->to, "not scheduled yet");
    buf_puts(p->to, "</dd></dl></section>\n");
}

static void put_sources(const struct page *p)
{
    buf_puts(p->to, "<h2>Sources</h2>\n");
    if (p->now->nsources == 0) {
        buf_puts(p->to, "<p class=\"card\">None yet: add one with ");
        put_command(p, "source add", "KIND");
        buf_puts(p->to, "</p>\n");
    }
    for (size_t i = 0; i < p->now->nsources; i++)
        put_source(p, &p->now->sources[i]);
}

static void put_run(const struct page *p, const struct run *run)
{
    const char *name = source_name(p, run->source);

    buf_puts(p->to, "<section class=\"card\"><div class=\"row\"><b>");
    html_printf(p->to, "%s%s%s", run->kind, name ? " " : "", name ? name : "");
    buf_puts(p->to, "</b>");
    put_chip(p->to, run->state);
    html_time(p->to, p->zone, run->started_at, p->at);
    if (run->finished_at > run->started_at) {
        buf_puts(p->to, "<small>took ");
        html_span(p->to, run->finished_at - run->started_at);
        buf_puts(p->to, "</small>");
    }
    buf_puts(p->to, "</div>\n<p>");
    html_text(p->to, tally_words(p->w->mem, run->tally));
    buf_puts(p->to, "</p>\n");
    if (run->error) {
        buf_puts(p->to, "<p>");
        html_text(p->to, run->error);
        buf_puts(p->to, "</p>\n");
    }
    buf_puts(p->to, "<small>by ");
    html_text(p->to, run->actor);
    buf_puts(p->to, " · </small>");
    put_command(p, "run show", id_text(run->id));
    buf_puts(p->to, "</section>\n");
}

static enum err put_runs(const struct page *p)
{
    struct run *runs;
    size_t n;

    TRY(runs_list(p->w, 0, RUNS_SHOWN, &runs, &n));
    TRY(runs_counted(p->w, runs, n));
    buf_puts(p->to, "<h2>Last runs</h2>\n");
    if (n == 0)
        buf_puts(p->to, "<p class=\"card\">None yet.</p>\n");
    for (size_t i = 0; i < n; i++)
        put_run(p, &runs[i]);
    return OK;
}

static enum err get_status(struct call *c)
{
    AUTO(zone) *zone = NULL;
    struct overview now;
    struct page p = { c->work, &c->reply, &now, NULL, clock_now() };
    const char *zone_name;

    TRY(workspace_get(c->work, "time_zone", &zone_name));
    TRY(zone_open(zone_name, &zone));
    TRY(overview_load(c->work, &now));
    p.zone = zone;
    c->type = "text/html; charset=utf-8";
    buf_puts(
        p.to,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>Muster · ");
    html_text(p.to, now.workspace);
    buf_puts(p.to, "</title>\n");
    buf_puts(p.to, style);
    buf_puts(p.to, "</head><body>\n<header><h1>Muster</h1><p>Workspace ");
    html_text(p.to, now.workspace);
    html_printf(p.to, " · times in %s", zone_name);
    buf_puts(p.to, "</p></header>\n<main>\n");
    TRY(put_held(&p));
    put_people(&p);
    put_sources(&p);
    TRY(put_runs(&p));
    buf_puts(p.to, "</main>\n<footer>");
    html_printf(p.to, "muster %s · %s", muster_version, store_engine(c->work->store));
    buf_puts(p.to, " · <a href=\"/metrics\">metrics</a></footer>\n</body></html>\n");
    return OK;
}

const struct route status_routes[] = {
    { GET, "/", 0, LANE_SCAN, get_status, 0, "How the workspace stands" },
    {},
};
