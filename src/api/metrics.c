/*
 * metrics.c — GET /metrics, in the OpenMetrics text format 1.0.
 *
 * All samples of a family stand together, so every workspace is loaded first. Values of people never
 * go here: only counts, times and the names that admins gave.
 */
#include <stdio.h>
#include <unistd.h>

#include "api/api.h"
#include "api/overview.h"
#include "base/clock.h"
#include "base/version.h"
#include "people/workspace.h"
#include "store/store.h"

struct scrape {
    struct buf *to;
    const struct overview *all;
    size_t n;
    int64_t now;
};

static void put_label(struct buf *to, const char *s)
{
    for (; *s; s++) {
        if (*s == '\\' || *s == '"')
            buf_putc(to, '\\');
        if (*s == '\n')
            buf_puts(to, "\\n");
        else
            buf_putc(to, *s);
    }
}

/* `name{a="…",b="…"} `; a label whose name is NULL ends them. */
struct label { const char *name, *value; };

static void put_sample(struct buf *to, const char *name, const struct label *labels)
{
    buf_puts(to, name);
    for (size_t i = 0; labels && labels[i].name; i++) {
        buf_printf(to, "%s%s=\"", i ? "," : "{", labels[i].name);
        put_label(to, labels[i].value);
        buf_puts(to, labels[i + 1].name ? "\"" : "\"}");
    }
    buf_putc(to, ' ');
}

static void put_count(struct buf *to, const char *name, const struct label *labels, int64_t n)
{
    put_sample(to, name, labels);
    buf_printf(to, "%lld\n", (long long)n);
}

static void put_seconds(struct buf *to, const char *name, const struct label *labels, int64_t ms)
{
    put_sample(to, name, labels);
    buf_printf(to, "%lld.%03d\n", (long long)(ms / 1000), (int)(ms % 1000));
}

static void put_family(struct buf *to, const char *name, const char *type, const char *unit,
                       const char *help)
{
    buf_printf(to, "# TYPE %s %s\n", name, type);
    if (unit)
        buf_printf(to, "# UNIT %s %s\n", name, unit);
    buf_printf(to, "# HELP %s %s\n", name, help);
}

/* ---- the directory ---- */

static void put_people(const struct scrape *s)
{
    put_family(s->to, "muster_people", "gauge", NULL, "People by state.");
    for (size_t i = 0; i < s->n; i++)
        for (enum person_state state = STATE_ACTIVE; state < STATE_WITHDRAWN; state++)
            put_count(s->to, "muster_people",
                      (struct label[]){ { "workspace", s->all[i].workspace },
                                        { "state", state_name(state) },
                                        {} },
                      s->all[i].people[state]);
}

static void put_runs(const struct scrape *s)
{
    put_family(s->to, "muster_runs", "gauge", NULL, "Runs in the store by kind and state.");
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->all[i].ncounts; k++) {
            const struct run_count *c = &s->all[i].counts[k];
            put_count(s->to, "muster_runs",
                      (struct label[]){ { "workspace", s->all[i].workspace },
                                        { "kind", c->kind },
                                        { "state", c->state },
                                        {} },
                      c->runs);
        }
    put_family(s->to, "muster_history_rows", "gauge", NULL,
               "Rows of history: what was applied so far, without those of SCIM runs, which "
               "are not counted.");
    for (size_t i = 0; i < s->n; i++) {
        int64_t rows = 0;
        for (size_t k = 0; k < s->all[i].ncounts; k++)
            rows += s->all[i].counts[k].rows;
        put_count(s->to, "muster_history_rows",
                  (struct label[]){ { "workspace", s->all[i].workspace }, {} }, rows);
    }
}

/* ---- sources ---- */

static int64_t ran_at(const struct source_now *s, int64_t now)
{
    (void)now;
    return s->last.started_at;
}

static int64_t took(const struct source_now *s, int64_t now)
{
    (void)now;
    return s->last.finished_at ? MAX(s->last.finished_at - s->last.started_at, 0) : 0;
}

static const struct {
    const char *name, *help;
    int64_t (*value)(const struct source_now *s, int64_t now);
    bool ran;                       /* only of sources that ever ran */
} times[] = {
    { "muster_last_run_timestamp_seconds", "When the last run of a source began.", ran_at, true },
    { "muster_last_run_duration_seconds", "How long it took.", took, true },
    { "muster_source_late_seconds", "How long ago a run should have begun.", source_late, false },
};

static void put_sources(const struct scrape *s)
{
    put_family(s->to, "muster_source_state", "stateset", NULL, "How a source stands.");
    static const char *const states[] = { "ok", "running", "paused", "failing", "attention" };
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->all[i].nsources; k++)
            for (size_t m = 0; m < COUNT(states); m++) {
                const struct source_now *one = &s->all[i].sources[k];
                put_count(s->to, "muster_source_state",
                          (struct label[]){ { "workspace", s->all[i].workspace },
                                            { "source", one->row.name },
                                            { "muster_source_state", states[m] },
                                            {} },
                          strcmp(source_state(one), states[m]) == 0);
            }
    put_family(s->to, "muster_source_failures", "gauge", NULL,
               "Runs that failed since one succeeded.");
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->all[i].nsources; k++)
            put_count(s->to, "muster_source_failures",
                      (struct label[]){ { "workspace", s->all[i].workspace },
                                        { "source", s->all[i].sources[k].row.name }, {} },
                      s->all[i].sources[k].failures);
}

static void put_times(const struct scrape *s)
{
    for (size_t t = 0; t < COUNT(times); t++) {
        put_family(s->to, times[t].name, "gauge", "seconds", times[t].help);
        for (size_t i = 0; i < s->n; i++)
            for (size_t k = 0; k < s->all[i].nsources; k++) {
                const struct source_now *one = &s->all[i].sources[k];
                if (times[t].ran && !one->last.id)
                    continue;
                put_seconds(s->to, times[t].name,
                            (struct label[]){ { "workspace", s->all[i].workspace },
                                              { "source", one->row.name },
                                              {} },
                            times[t].value(one, s->now));
            }
    }
}

/* ---- the process ---- */

static int64_t resident_bytes(void)
{
    long long size, resident = 0;
    FILE *f = fopen("/proc/self/statm", "re");

    if (!f)
        return 0;
    if (fscanf(f, "%lld %lld", &size, &resident) != 2)
        resident = 0;
    fclose(f);
    return resident * sysconf(_SC_PAGESIZE);
}

static void put_process(struct call *c)
{
    const struct api *api = c->context;
    struct server *server = __atomic_load_n(&api->server, __ATOMIC_ACQUIRE);
    struct server_counts n = server ? server_counts(server) : (struct server_counts){};
    struct buf *to = &c->reply;

    put_family(to, "muster_build", "info", NULL, "Which program this is.");
    put_count(to, "muster_build_info",
              (struct label[]){
                  { "version", muster_version }, { "engine", store_engine(c->work->store) }, {} },
              1);
    put_family(to, "muster_http_requests", "counter", NULL, "Requests answered.");
    put_count(to, "muster_http_requests_total", NULL, n.requests);
    put_family(to, "muster_http_errors", "counter", NULL,
               "Of these, with a status of 500 and above.");
    put_count(to, "muster_http_errors_total", NULL, n.errors);
    put_family(to, "muster_http_connections", "gauge", NULL, "Connections with a request in work.");
    put_count(to, "muster_http_connections", NULL, n.busy_connections);
    put_family(to, "process_resident_memory_bytes", "gauge", "bytes", "Memory of the process.");
    put_count(to, "process_resident_memory_bytes", NULL, resident_bytes());
    put_family(to, "process_start_time_seconds", "gauge", "seconds", "When the process started.");
    put_seconds(to, "process_start_time_seconds", NULL, api->started_at);
}

static enum err get_metrics(struct call *c)
{
    struct work *w = c->work;
    struct workspace *spaces;
    struct scrape s = { .to = &c->reply, .now = clock_now() };

    TRY(workspaces_list(w, &spaces, &s.n));
    struct overview *all = NEW_ARRAY(w->mem, struct overview, s.n + 1);
    s.all = all;
    for (size_t i = 0; i < s.n; i++) {
        w->workspace = spaces[i].id;
        TRY(overview_load(w, &all[i]));
    }
    c->type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    put_people(&s);
    put_runs(&s);
    put_sources(&s);
    put_times(&s);
    put_process(c);
    buf_puts(&c->reply, "# EOF\n");
    return OK;
}

const struct route metrics_routes[] = {
    { GET, "/metrics", 0, LANE_SCAN, get_metrics, 0, "Counters and gauges (OpenMetrics)" },
    {},
};
