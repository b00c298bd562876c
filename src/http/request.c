/*
 * request.c — see request.h.
 *
 * A handler is the first step of its request; each step runs in a lane and may name the next one. Steps of
 * LANE_READ and LANE_BARE run where the request is, LANE_SCAN on the pool, LANE_WRITE on the store's
 * writer. Before a request goes to another thread its connection is suspended, so that nobody else touches it;
 * the last step's thread resumes it.
 */
#include "http/request.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "http/server_sql.h"
#include "store/store.h"

enum {
    SCAN_PATIENCE_US = 30000000,    /* in the queue; whoever asked has gone by then */
    WRITES_WAITING = 4096,          /* more are told to come back */
    DISCARD_MOST = 4 * 1024 * 1024, /* of an unwanted body, so that the reply gets through */
    SPARES_MOST = 16,               /* requests a thread keeps for the next */
    KEEP_MOST = 32 * 1024,          /* bytes of memory one of them keeps, of each kind */
};

static const struct actor nobody = { "http", "nobody" };

/* ---- memory: a thread uses its requests again ---- */

struct spares { struct request *first; int n; };

static struct spares *spares_mine(struct server *s)
{
    struct spares *mine = pthread_getspecific(s->spares);

    if (!mine) {
        mine = must_alloc(sizeof *mine);
        pthread_setspecific(s->spares, mine);
    }
    return mine;
}

static void drop(struct request *r)
{
    work_free(r->call.work);
    buf_free(&r->call.reply);
    buf_free(&r->body);
    free(r);
}

void requests_drop(void *spares)
{
    struct spares *all = spares;

    for (struct request *r = all->first, *next; r; r = next) {
        next = r->spare;
        drop(r);
    }
    free(all);
}

static struct request *request_make(struct server *s)
{
    struct request *r = must_alloc(sizeof *r);

    r->server = s;
    r->call.work = work_new(s->options.store, &nobody);
    r->fresh = arena_mark(r->call.work->mem);
    return r;
}

struct request *request_new(struct server *s, const char *target)
{
    struct spares *mine = spares_mine(s);
    struct request *r = mine->first;

    if (r) {
        mine->first = r->spare;
        mine->n--;
        r->call.work->now = clock_now();
    } else {
        r = request_make(s);
    }
    r->raw = arena_text(r->call.work->mem, target);
    r->call.target = r->raw;
    return r;
}

static struct buf emptied(struct buf *b)
{
    if (b->cap > KEEP_MOST)
        buf_free(b);
    return (struct buf){ .at = b->at, .cap = b->cap };
}

/* Leaves of a request what the next one can use: its work and the memory of body and reply. */
static void clean(struct request *r)
{
    struct work *w = r->call.work;
    struct arena *mem = w->mem;

    arena_reset(mem, r->fresh);
    *w = (struct work){ .mem = mem, .store = r->server->options.store, .actor = &nobody };
    *r = (struct request){
        .server = r->server,
        .fresh = r->fresh,
        .call = { .work = w, .reply = emptied(&r->call.reply) },
        .body = emptied(&r->body),
    };
}

void request_free(struct request *r)
{
    struct spares *mine = spares_mine(r->server);

    clean(r);
    if (mine->n == SPARES_MOST || arena_size(r->call.work->mem) > KEEP_MOST) {
        drop(r);
        return;
    }
    r->spare = mine->first;
    mine->first = r;
    mine->n++;
}

/* ---- replies ---- */

static void empty_reply(struct request *r)
{
    struct call *c = &r->call;

    c->status = 200;
    c->type = NULL;
    buf_clear(&c->reply);
    r->headers = NULL;
}

void server_problem(struct call *c, enum err e)
{
    struct json_out o = { .to = &c->reply };

    (void)e;
    c->type = "application/problem+json";
    json_open(&o, '{');
    json_put(&o, "title", server_reason(c->status));
    json_put_num(&o, "status", c->status);
    json_put(&o, "detail", err_text());
    json_close(&o, '}');
}

enum err call_discreet(struct call *c, enum err e)
{
    const char *store = store_label(c->request->server->options.store);
    bool ours = e == ERR_BUSY || e == ERR_STOPPED || e == ERR_UNSUPPORTED;

    if (err_row(e)->http < 500 || (ours && !(store && strstr(err_text(), store))))
        return e;
    log_line(err_row(e)->retry ? LOG_WARN : LOG_ERROR, "request %s, %s %s: %s (%s)", c->id,
             c->request->method, c->path ? c->path : "", err_text(), err_place());
    return errf(e, "the server could not do this now; its log says why, at request %s", c->id);
}

/* Makes the error of this thread the reply. `status` 0: that of the error's row. */
static void refuse(struct request *r, enum err e, int status)
{
    struct call *c = &r->call;

    e = call_discreet(c, e);
    empty_reply(r);
    c->status = status ? status : err_row(e)->http;
    (r->server->options.tell ? r->server->options.tell : server_problem)(c, e);
    r->then = NULL;
    r->answered = true;
}

/* ---- the head ---- */

/* A body that is not wanted is read on if it is on its way and short, see request_body(); else we hang up. */
static bool unwanted(const struct head *head)
{
    return head->length > DISCARD_MOST || head->expect;
}

static enum err check_length(struct request *r, const struct head *head)
{
    if (head->length <= r->route->max_body)
        return OK;
    if (r->route->max_body == 0)
        return errf(ERR_TOO_LARGE, "%s %s takes no body", r->method, r->target.path);
    return errf(ERR_TOO_LARGE,
                "the body of %" PRIu64 " bytes is longer than the %zu that %s %s takes",
                head->length, r->route->max_body, r->method, r->target.path);
}

static enum err admit(struct request *r)
{
    struct server *s = r->server;

    return s->options.admit ? s->options.admit(&r->call, r->route) : OK;
}

/* No such row: who may not know that hears it from admit() first. */
static enum err nothing_there(struct request *r, enum err e, int *status)
{
    struct err_saved words = err_save();

    if (r->allow && str_eq(r->method, "OPTIONS")) {
        r->call.status = 204;
        r->answered = true;
        return OK;
    }
    TRY(admit(r));
    err_restore(&words);
    if (r->allow)
        *status = 405;
    return e;
}

static enum err read_head(struct request *r, const char *version, const struct head *head,
                          int *status)
{
    struct call *c = &r->call;
    struct arena *mem = c->work->mem;

    r->hang_up = true;
    TRY(head_check(head, r->raw, version, status));
    r->hang_up = unwanted(head);
    TRY(target_read(mem, r->raw, &r->target));
    c->path = r->target.path;
    c->raw_query = r->target.query;
    c->workspace_name = r->target.workspace;
    enum err e = router_find(r->server->router, mem, r->method, c->path, &r->route, &r->allow);
    if (e != OK)
        return nothing_there(r, e, status);
    c->route = r->route;
    c->method = r->route->method;
    TRY(admit(r));
    TRY(check_length(r, head));
    r->hang_up = false;
    return OK;
}

void request_begin(struct request *r, const char *method, const char *version,
                   const struct head *head)
{
    struct call *c = &r->call;
    int status = 0;

    r->server->active++;
    r->server->requests++;
    r->seen = true;
    r->began = clock_tick();
    r->method = method;
    c->id = id_write(id_new(), r->id);
    c->body = "";
    c->raw_query = "";
    c->status = 200;
    c->context = r->server->options.context;
    c->request = r;
    enum err e = read_head(r, version, head, &status);
    if (e != OK)
        refuse(r, e, status);
    if (head->length || head->chunked)
        watch_expect(r->watched);
}

bool request_body(struct request *r, const char *bytes, size_t n)
{
    watch_grant(r->watched, n);
    if (!r->answered && n > r->route->max_body - r->body.n) {
        enum err e = errf(ERR_TOO_LARGE, "the body is longer than the %zu bytes that %s %s takes",
                          r->route->max_body, r->method, r->target.path);
        refuse(r, e, 0);
    }
    if (!r->answered) {
        buf_add(&r->body, bytes, n);
        return true;
    }
    /* libmicrohttpd takes no reply before the end of a body, so a refused one is read on, up to a point. */
    r->discarded += n;
    return r->discarded <= DISCARD_MOST;
}

/* ---- steps ---- */

/* Before the connection is suspended; false when the server stops. */
static bool leave(struct request *r)
{
    struct server *s = r->server;

    pthread_mutex_lock(&s->lock);
    bool may = !s->closing;
    s->away += may;
    pthread_mutex_unlock(&s->lock);
    return may;
}

static void come_back(struct request *r)
{
    struct server *s = r->server;

    r->away = false;
    server_resume(r);
    pthread_mutex_lock(&s->lock);
    if (--s->away == 0 && s->closing)
        pthread_cond_broadcast(&s->quiet);
    pthread_mutex_unlock(&s->lock);
}

static enum err run_step(struct request *r)
{
    struct call *c = &r->call;
    struct work *w = c->work;

    empty_reply(r);
    r->then = NULL;
    if (w->workspace == 0 && r->route->lane != LANE_BARE)
        TRY(server_workspace(w, c->workspace_name ? c->workspace_name : "main"));
    return r->step(c);
}

static bool proceed(struct request *r, enum lane where);

static void settle(struct request *r, enum err e, enum lane where)
{
    if (e != OK)
        refuse(r, e, 0);
    if (proceed(r, where))
        come_back(r);
}

/* On a thread of the pool. */
static void run_scan(struct pool_job *job, bool refused)
{
    struct request *r = (struct request *)job;
    enum err e;

    if (refused)
        e = errf(ERR_STOPPED, "the server is stopping; ask again in a moment");
    else if (clock_tick() - r->queued > SCAN_PATIENCE_US)
        e = errf(ERR_BUSY, "too much is being looked up at once; ask again in a moment");
    else
        e = run_step(r);
    settle(r, e, LANE_SCAN);
}

static enum err run_write(struct work *w, void *arg)
{
    (void)w;
    return run_step(arg);
}

/* On the writer's thread, after the commit. */
static void wrote(void *arg, enum err e)
{
    struct request *r = arg;

    r->server->writing--;
    settle(r, e, LANE_WRITE);
}

static enum err hand_to_writer(struct request *r)
{
    struct server *s = r->server;

    if (s->writing++ < WRITES_WAITING) {
        store_submit(r->call.work, run_write, r, wrote, r);
        return OK;
    }
    s->writing--;
    return errf(ERR_BUSY, "too much is being written at once; ask again in a moment");
}

static enum err hand_to_pool(struct request *r)
{
    r->job.run = run_scan;
    r->queued = clock_tick();
    if (pool_add(r->server->scans, &r->job))
        return OK;
    return errf(ERR_BUSY, "too much is being looked up at once; ask again in a moment");
}

/* False if it is refused here instead. */
static bool hand_over(struct request *r, enum lane lane)
{
    bool from_here = !r->away;

    if (from_here && !leave(r)) {
        refuse(r, errf(ERR_STOPPED, "the server is stopping; ask again in a moment"), 0);
        return false;
    }
    r->away = true;
    if (from_here)
        server_suspend(r);          /* first: the other thread may be faster than we are */
    enum err e = lane == LANE_WRITE ? hand_to_writer(r) : hand_to_pool(r);
    if (e == OK)
        return true;
    refuse(r, e, 0);
    if (from_here)
        come_back(r);
    return from_here;
}

/* Runs what comes next, where the request is; false when another thread has it. */
static bool proceed(struct request *r, enum lane where)
{
    while (r->then) {
        bool read = r->then_lane == LANE_READ || r->then_lane == LANE_BARE;
        r->step = take(r->then);
        if (where == LANE_WRITE || !(read || r->then_lane == where)) {
            if (hand_over(r, r->then_lane))
                return false;
            break;
        }
        enum err e = run_step(r);
        if (e != OK)
            refuse(r, e, 0);
    }
    r->answered = true;
    return true;
}

bool request_go(struct request *r)
{
    if (r->answered)
        return true;
    watch_work(r->watched);
    r->call.body = r->body.at ? r->body.at : "";
    r->call.body_size = r->body.n;
    call_then(&r->call, r->route->lane, r->route->handle);
    return proceed(r, LANE_READ);
}

/* ---- what handlers ask ---- */

void call_then(struct call *c, enum lane lane, step_fn *step)
{
    c->request->then = step;
    c->request->then_lane = lane;
}

const char *call_query(struct call *c, const char *name)
{
    return target_query(c->work->mem, &c->request->target, name);
}

const char *call_query_list(struct call *c, const char *name)
{
    return target_query_list(c->work->mem, &c->request->target, name);
}

const char *call_part(struct call *c, const char *name)
{
    return router_part(c->work->mem, c->request->route->path, c->path, name);
}

void call_header_add(struct call *c, const char *name, const char *value)
{
    struct reply_header *h = NEW(c->work->mem, struct reply_header), **end = &c->request->headers;

    h->name = arena_text(c->work->mem, name);
    h->value = arena_text(c->work->mem, value);
    while (*end)
        end = &(*end)->next;
    *end = h;
}
