/*
 * scim_log.c — lines on their way to the store; see scim_log.h.
 *
 * A chunk is a block in the making. Whoever adds a line writes it into the open chunk of its workspace, under one
 * lock and without the store; one thread takes all chunks about once a second and writes each in a transaction
 * of its own. A chunk is small enough that other writers do not wait long for it.
 */
#include "api/scim_log.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/str.h"
#include "people/workspace.h"

enum {
    CHUNK_LINES = 4096,
    CHUNK_BYTES = 1024 * 1024,
    WAITING_LINES = 40000,
    WAITING_BYTES = 16 * 1024 * 1024,
    WAITING_BODIES = 16 * 1024 * 1024,
    OPEN = 64,
    FLUSH_MS = 1000,
    TIDY_MS = 60000,
    RECORDS_US = 3000000,           /* how long it is believed what a setting was */
};

struct body {
    struct body *next;
    int64_t id, at;
    struct buf request;             /* method, path, source and body, one under the other */
};

struct chunk {
    struct chunk *next;
    int64_t workspace, id, from_at, to_at;
    size_t lines, dropped;          /* before these lines */
    struct buf text;
    struct body *bodies, **bodies_end;
};

/* Whether a workspace records bodies, as its setting was when it was last looked at. */
struct records { int64_t workspace, read_at; bool on; };

struct scim_log {
    struct store *store;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    struct chunk *first, **end;     /* oldest first */
    struct chunk *open[OPEN];       /* the youngest of a workspace, by its id */
    struct records records[OPEN];
    size_t lines, bytes, body_bytes;        /* that wait */
    bool full;                      /* a chunk is: it is time */
    bool stop, complained;
    int64_t tidied;
};

/* ---- chunks; under the lock ---- */

static size_t slot_of(int64_t workspace)
{
    return (size_t)(((uint64_t)workspace * 0x9e3779b97f4a7c15u) >> 58) % OPEN;
}

static struct chunk *chunk_new(struct scim_log *l, int64_t workspace)
{
    struct chunk *c = must_alloc(sizeof *c);

    c->workspace = workspace;
    c->bodies_end = &c->bodies;
    *l->end = c;
    l->end = &c->next;
    l->open[slot_of(workspace)] = c;
    return c;
}

static void bodies_free(struct scim_log *l, struct chunk *c)
{
    for (struct body *b = c->bodies; b; b = c->bodies) {
        l->body_bytes -= b->request.n;
        c->bodies = b->next;
        buf_free(&b->request);
        free(b);
    }
    c->bodies_end = &c->bodies;
}

static void chunk_free(struct scim_log *l, struct chunk *c)
{
    bodies_free(l, c);
    buf_free(&c->text);
    free(c);
}

static struct chunk *chunk_for(struct scim_log *l, int64_t workspace)
{
    struct chunk *c = l->open[slot_of(workspace)];

    if (c && c->workspace == workspace && c->lines < CHUNK_LINES && c->text.n < CHUNK_BYTES)
        return c;
    if (c && c->workspace == workspace)
        l->full = true;
    return chunk_new(l, workspace);
}

static struct chunk *next_of(const struct chunk *c)
{
    struct chunk *next = c->next;

    while (next && next->workspace != c->workspace)
        next = next->next;
    return next;
}

/* The lines of a chunk are gone; the next one of its workspace, or else the hollow chunk, says how many that were. */
static bool drop_chunk(struct scim_log *l, struct chunk **at)
{
    struct chunk *c = *at, *heir = next_of(c);

    l->lines -= c->lines;
    l->bytes -= c->text.n;
    c->dropped += c->lines;
    c->lines = 0;
    bodies_free(l, c);
    buf_free(&c->text);
    if (!heir)
        return false;
    heir->dropped += c->dropped;
    if (l->open[slot_of(c->workspace)] == c)
        l->open[slot_of(c->workspace)] = NULL;
    *at = c->next;
    free(c);
    return true;
}

/* The oldest lines give way, the youngest chunk stays. */
static void keep_bounds(struct scim_log *l)
{
    struct chunk **at = &l->first;

    while ((l->lines > WAITING_LINES || l->bytes > WAITING_BYTES) && *at && (*at)->next)
        if ((*at)->lines == 0 || !drop_chunk(l, at))
            at = &(*at)->next;
}

/* ---- adding ---- */

/* Perhaps: the setting is looked at again before anything is written. */
static bool may_record(const struct scim_log *l, int64_t workspace)
{
    const struct records *r = &l->records[slot_of(workspace)];

    return r->workspace != workspace || r->on || clock_tick() - r->read_at > RECORDS_US;
}

static void add_body(struct scim_log *l, struct chunk *c, const struct scim_line *line,
                     const char *body, size_t n)
{
    struct body *b = must_alloc(sizeof *b);

    b->id = line->id;
    b->at = line->at;
    buf_printf(&b->request, "%s\n%s\n%s\n", line->method, line->path, id_text(line->source));
    buf_add(&b->request, body, n);
    l->body_bytes += b->request.n;
    *c->bodies_end = b;
    c->bodies_end = &b->next;
}

static bool recordable(const struct scim_line *line, const char *body, size_t n)
{
    return body && n > 0 && n <= SCIM_BODY_MOST && !memchr(body, '\0', n) && line->method &&
           line->path && !strchr(line->path, '\n');
}

void scim_log_add(struct scim_log *l, const struct scim_line *given, const char *body, size_t n)
{
    struct scim_line line = *given;
    AUTO_BUF text = {};

    if (!l)
        return;
    line.id = line.id ? line.id : id_new();
    buf_reserve(&text, 512);
    scim_line_write(&text, &line);
    buf_putc(&text, '\n');

    pthread_mutex_lock(&l->lock);
    bool asleep = !l->first;
    struct chunk *c = chunk_for(l, line.workspace);
    if (c->lines++ == 0) {
        c->id = line.id;
        c->from_at = c->to_at = line.at;
    }
    c->from_at = MIN(c->from_at, line.at);
    c->to_at = MAX(c->to_at, line.at);
    buf_add(&c->text, text.at, text.n);
    l->lines++;
    l->bytes += text.n;
    if (recordable(&line, body, n) && may_record(l, line.workspace) &&
        l->body_bytes + n <= WAITING_BODIES)
        add_body(l, c, &line, body, n);
    keep_bounds(l);
    if (asleep || l->full)
        pthread_cond_signal(&l->wake);
    pthread_mutex_unlock(&l->lock);
}

/* ---- writing; on the log's own thread ---- */

struct writing {
    const struct chunk *chunk;
    struct buf *lines;
    size_t count;
    bool bodies;
};

static enum err write_chunk(struct work *w, void *arg)
{
    struct writing *x = arg;
    struct scim_block block = { .id = x->chunk->id,
                                .from_at = x->chunk->from_at,
                                .to_at = x->chunk->to_at,
                                .count = (int64_t)x->count,
                                .lines = x->lines->at,
                                .n = x->lines->n };

    TRY(scim_block_put(w, &block));
    for (const struct body *b = x->chunk->bodies; b && x->bodies; b = b->next) {
        const char *what = arena_printf(w->mem, "scim_body:%s", id_text(b->id));
        TRY(scim_body_put(w, b->id, b->at,
                          crypt_seal(w->mem, store_key(w->store), what, b->request.at)));
    }
    return OK;
}

static void put_remark(struct buf *to, struct chunk *c, int64_t now)
{
    AUTO_BUF words = {};

    if (c->lines == 0) {
        c->id = id_new();
        c->from_at = c->to_at = now;
    }
    buf_printf(
        &words,
        "%zu lines before this one were dropped: they came faster than they could be written",
        c->dropped);
    struct scim_line remark = { .id = id_new(), .at = c->from_at, .detail = words.at };
    scim_line_write(to, &remark);
    buf_putc(to, '\n');
}

static enum err look_at_setting(struct scim_log *l, struct work *w, bool *on)
{
    int64_t read_at = clock_tick();
    const char *value;

    TRY(workspace_get(w, "scim_record_bodies", &value));
    *on = str_eq(value, "on");
    pthread_mutex_lock(&l->lock);
    l->records[slot_of(w->workspace)] = (struct records){ w->workspace, read_at, *on };
    pthread_mutex_unlock(&l->lock);
    return OK;
}

static const struct actor actor = { "http", "scim log" };

static enum err write_one(struct scim_log *l, struct chunk *c)
{
    AUTO(work) *w = work_new(l->store, &actor);
    struct writing x = { .chunk = c, .lines = &c->text, .count = c->lines };
    AUTO_BUF with_remark = {};

    w->workspace = c->workspace;
    TRY(look_at_setting(l, w, &x.bodies));
    if (c->dropped) {
        put_remark(&with_remark, c, w->now);
        if (c->text.n)
            buf_add(&with_remark, c->text.at, c->text.n);
        x.lines = &with_remark;
        x.count++;
    }
    return store_write(w, write_chunk, &x);
}

/* Takes what waits; the counts go on including it until it is written, so that memory stays bounded. */
static struct chunk *take_all(struct scim_log *l)
{
    struct chunk *all = l->first;

    l->first = NULL;
    l->end = &l->first;
    memset(l->open, 0, sizeof l->open);
    l->full = false;
    return all;
}

static void written(struct scim_log *l, struct chunk *c)
{
    pthread_mutex_lock(&l->lock);
    l->lines -= c->lines;
    l->bytes -= c->text.n;
    chunk_free(l, c);
    pthread_mutex_unlock(&l->lock);
}

/* What could not be written waits again, before everything that came since. */
static void put_back(struct scim_log *l, struct chunk *rest)
{
    struct chunk **end = &rest;

    while (*end)
        end = &(*end)->next;
    pthread_mutex_lock(&l->lock);
    *end = l->first;
    if (!l->first)
        l->end = end;
    l->first = rest;
    keep_bounds(l);
    pthread_mutex_unlock(&l->lock);
}

static bool write_all(struct scim_log *l)
{
    enum err e = OK;

    pthread_mutex_lock(&l->lock);
    struct chunk *c = take_all(l);
    pthread_mutex_unlock(&l->lock);
    while (c && (e = write_one(l, c)) == OK) {
        struct chunk *next = c->next;
        written(l, c);
        c = next;
    }
    if (e != OK && !l->complained)
        log_warn("the SCIM request log cannot be written: %s; it is tried again", err_text());
    l->complained = e != OK;
    if (c)
        put_back(l, c);
    return e == OK;
}

static enum err drop_old(struct work *w, void *arg)
{
    (void)arg;
    return scim_bodies_drop(w, w->now - SCIM_BODY_MS);
}

static enum err tidy(struct scim_log *l)
{
    AUTO(work) *w = work_new(l->store, &actor);
    struct workspace *all;
    size_t n;
    bool any;

    TRY(workspaces_list(w, &all, &n));
    for (size_t i = 0; i < n; i++) {
        w->workspace = all[i].id;
        TRY(scim_bodies_old(w, w->now - SCIM_BODY_MS, &any));
        if (any)
            TRY(store_write(w, drop_old, NULL));
    }
    return OK;
}

static void tidy_if_due(struct scim_log *l)
{
    if (clock_tick() - l->tidied < TIDY_MS * (int64_t)1000)
        return;
    l->tidied = clock_tick();
    if (tidy(l) != OK)
        log_warn("old SCIM bodies were not dropped: %s; it is tried again", err_text());
}

/* ---- the thread ---- */

static void wait_until(struct scim_log *l, int64_t tick)
{
    struct timespec until = { tick / 1000000, tick % 1000000 * 1000 };

    pthread_cond_timedwait(&l->wake, &l->lock, &until);
}

static void *work_off(void *arg)
{
    struct scim_log *l = arg;

    pthread_mutex_lock(&l->lock);
    while (!l->stop) {
        int64_t idle = clock_tick() + TIDY_MS * (int64_t)1000;
        while (!l->first && !l->stop && clock_tick() < idle)
            wait_until(l, idle);
        int64_t due = clock_tick() + FLUSH_MS * (int64_t)1000;
        while (l->first && (!l->full || l->complained) && !l->stop && clock_tick() < due)
            wait_until(l, due);
        pthread_mutex_unlock(&l->lock);
        write_all(l);
        tidy_if_due(l);
        pthread_mutex_lock(&l->lock);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

enum err scim_log_start(struct store *s, struct scim_log **out)
{
    struct scim_log *l = must_alloc(sizeof *l);
    pthread_condattr_t monotonic;

    l->store = s;
    l->end = &l->first;
    pthread_mutex_init(&l->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&l->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&l->thread, NULL, work_off, l) != 0) {
        free(l);
        return errf(ERR_INTERNAL, "no thread for the SCIM request log: %m");
    }
    *out = l;
    return OK;
}

void scim_log_stop(struct scim_log *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->stop = true;
    pthread_cond_signal(&l->wake);
    pthread_mutex_unlock(&l->lock);
    pthread_join(l->thread, NULL);
    if (l->first && !write_all(l))
        log_warn("%zu lines of the SCIM request log are lost", l->lines);
    while (l->first) {
        struct chunk *c = l->first;
        l->first = c->next;
        chunk_free(l, c);
    }
    pthread_cond_destroy(&l->wake);
    pthread_mutex_destroy(&l->lock);
    free(l);
}
