/*
 * scim_bulk.c — POST /Bulk (RFC 7644 §3.7): operations one after another, each a transaction of its own.
 *
 * Whoever is to be made gets their id before anything is done, so `bulkId:x` means the same everywhere, forwards
 * and in circles: a manager who comes later is waited for like any other. Only a group is put off until those it
 * names have had their turn, because members have to be there.
 */
#include <stdlib.h>

#include "api/scim_error.h"
#include "api/scim_serve.h"
#include "base/id.h"
#include "base/str.h"
#include "store/store.h"

#define BULK_REQUEST "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
#define BULK_RESPONSE "urn:ietf:params:scim:api:messages:2.0:BulkResponse"

static const char refers[] = "bulkId:";

struct bulk_op {
    struct scim_op op;
    const char *method, *bulk_id, *path, *version;
    yyjson_val *data;
    bool done;
    const char *error;              /* an Error object, if it failed */
    int status;
};

struct bulk {
    struct call *call;
    struct scim_asker asker;
    struct bulk_op *ops;
    size_t n;
    struct bulk_op **named;         /* those who make something others can refer to, sorted by bulkId */
    size_t nnamed;
    int64_t most_errors, errors;    /* most_errors 0: go on whatever happens */
};

/* ---- what is asked ---- */

static const char *text_of(yyjson_val *object, const char *name)
{
    return yyjson_get_str(body_field(object, name));
}

/* Of the same bulkId the earlier one first. */
static int by_bulk_id(const void *a, const void *b)
{
    const struct bulk_op *x = *(struct bulk_op *const *)a, *y = *(struct bulk_op *const *)b;
    int order = strcmp(x->bulk_id, y->bulk_id);

    return order ? order : (x > y) - (x < y);
}

static void name_ops(struct bulk *b)
{
    b->named = NEW_ARRAY(b->asker.w->mem, struct bulk_op *, b->n + 1);
    for (size_t i = 0; i < b->n; i++)
        if (b->ops[i].bulk_id && b->ops[i].op.method == POST)
            b->named[b->nnamed++] = &b->ops[i];
    qsort(b->named, b->nnamed, sizeof(struct bulk_op *), by_bulk_id);
}

static struct bulk_op *op_of(const struct bulk *b, const char *bulk_id)
{
    size_t from = 0, to = b->nnamed;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (strcmp(b->named[middle]->bulk_id, bulk_id) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from < b->nnamed && str_eq(b->named[from]->bulk_id, bulk_id) ? b->named[from] : NULL;
}

static enum err read_request(struct bulk *b, yyjson_val *body)
{
    yyjson_val *schemas = body_field(body, "schemas"), *list = body_field(body, "Operations"), *one;
    yyjson_val *most = body_field(body, "failOnErrors");
    bool right = false;
    size_t i, n;

    yyjson_arr_foreach(schemas, i, n, one)
        right |= yyjson_is_str(one) && str_eq_nocase(yyjson_get_str(one), BULK_REQUEST);
    if (!right)
        return errf(ERR_USAGE, "a bulk request has \"schemas\": [\"" BULK_REQUEST "\"]");
    if (!yyjson_is_arr(list))
        return errf(ERR_USAGE, "a bulk request has a list of \"Operations\"");
    if (yyjson_arr_size(list) > SCIM_BULK_OPERATIONS)
        return errf(ERR_TOO_LARGE, "a bulk request has at most %d operations, not %zu",
                    SCIM_BULK_OPERATIONS, yyjson_arr_size(list));
    if (most && !yyjson_is_uint(most))
        return errf(ERR_INVALID, "failOnErrors is a number of errors");
    b->most_errors = most ? (int64_t)yyjson_get_uint(most) : 0;
    b->n = yyjson_arr_size(list);
    b->ops = NEW_ARRAY(b->asker.w->mem, struct bulk_op, b->n + 1);
    yyjson_arr_foreach(list, i, n, one)
        b->ops[i] = (struct bulk_op){ .method = text_of(one, "method"),
                                      .bulk_id = text_of(one, "bulkId"),
                                      .path = text_of(one, "path"),
                                      .version = text_of(one, "version"),
                                      .data = body_field(one, "data") };
    return OK;
}

/* ---- one operation ---- */

static enum err read_method(struct bulk_op *o)
{
    static const struct {
        const char *name;
        enum method method;
    } known[] = { { "POST", POST }, { "PUT", PUT }, { "PATCH", PATCH }, { "DELETE", DELETE } };

    for (size_t i = 0; i < COUNT(known); i++)
        if (o->method && str_eq_nocase(o->method, known[i].name)) {
            o->op.method = known[i].method;
            return OK;
        }
    return errf(ERR_USAGE, "method is POST, PUT, PATCH or DELETE, not '%.20s'",
                o->method ? o->method : "");
}

static enum err referred(struct bulk *b, const char *bulk_id, int64_t *id)
{
    struct bulk_op *o = op_of(b, bulk_id);

    if (!o)
        return errf(ERR_INVALID, "no POST of this request has the bulkId '%.80s'", bulk_id);
    if (o->done && o->error)
        return errf(ERR_INVALID, "bulkId '%.80s' was not made, so nothing can refer to it",
                    bulk_id);
    *id = o->done ? o->op.made : o->op.id;      /* somebody who came back has the id they had */
    return OK;
}

/* "/Users", "/Groups/ID", "/Users/bulkId:x" */
static enum err read_path(struct bulk *b, struct bulk_op *o)
{
    static const struct {
        const char *path;
        enum scim_kind kind;
    } known[] = { { "/Users", SCIM_USERS }, { "/Groups", SCIM_GROUPS } };
    const char *rest = NULL;
    int64_t id;

    for (size_t i = 0; o->path && i < COUNT(known); i++) {
        size_t n = strlen(known[i].path);
        if (strncasecmp(o->path, known[i].path, n) == 0 && strchr("/", o->path[n])) {
            o->op.kind = known[i].kind;
            rest = o->path + n;
        }
    }
    if (!rest)
        return errf(ERR_INVALID,
                    "path is /Users or /Groups, with an id unless it is a POST; not '%.80s'",
                    o->path ? o->path : "");
    rest += *rest == '/';
    if (o->op.method == POST)
        return *rest ? errf(ERR_INVALID, "a POST goes to /Users or /Groups, without an id") : OK;
    if (!*rest)
        return errf(ERR_INVALID, "%s needs the id in the path: %s/ID", o->method, o->path);
    if (str_starts(rest, refers))
        TRY(referred(b, rest + strlen(refers), &id));
    else
        TRY(scim_id(rest, o->op.kind == SCIM_USERS ? "user" : "group", &id));
    o->op.id = id;
    return OK;
}

static enum err resolve(struct bulk *b, yyjson_mut_doc *doc, yyjson_mut_val *v)
{
    yyjson_mut_val *key, *val;
    size_t i, n;
    int64_t id;

    if (yyjson_mut_is_str(v) && str_starts(yyjson_mut_get_str(v), refers)) {
        TRY(referred(b, yyjson_mut_get_str(v) + strlen(refers), &id));
        yyjson_mut_set_str(v, arena_text(b->asker.w->mem, id_text(id)));
        return OK;
    }
    if (yyjson_mut_is_arr(v)) {
        yyjson_mut_arr_foreach(v, i, n, val)
            TRY(resolve(b, doc, val));
    } else if (yyjson_mut_is_obj(v)) {
        yyjson_mut_obj_foreach(v, i, n, key, val)
            TRY(resolve(b, doc, val));
    }
    return OK;
}

/* The data with every `bulkId:x` replaced. */
static enum err read_data(struct bulk *b, struct bulk_op *o)
{
    struct arena *a = b->asker.w->mem;
    yyjson_mut_doc *doc;
    yyjson_mut_val *copy;
    size_t n;

    if (o->op.method == DELETE)
        return OK;
    if (!yyjson_is_obj(o->data))
        return errf(ERR_USAGE, "%s needs the resource in \"data\"", o->method);
    o->op.body = o->data;
    doc = body_doc(a);
    copy = yyjson_val_mut_copy(doc, o->data);
    if (!copy)
        die_of_memory(0);
    TRY(resolve(b, doc, copy));
    char *text = yyjson_mut_val_write(copy, YYJSON_WRITE_NOFLAG, &n);
    if (!text)
        die_of_memory(0);
    const char *kept = arena_textn(a, text, n);
    free(text);
    return json_read_in(a, kept, n, &o->op.body);
}

static bool is_to_come(const struct bulk *b, const char *bulk_id)
{
    const struct bulk_op *o = op_of(b, bulk_id);

    return o && !o->done;
}

/* Does it name somebody whose turn has not come? */
static bool names_later(const struct bulk *b, yyjson_val *v)
{
    yyjson_val *key, *val;
    size_t i, n;

    if (yyjson_is_str(v))
        return str_starts(yyjson_get_str(v), refers) &&
               is_to_come(b, yyjson_get_str(v) + strlen(refers));
    if (yyjson_is_arr(v)) {
        yyjson_arr_foreach(v, i, n, val)
            if (names_later(b, val))
                return true;
    } else if (yyjson_is_obj(v)) {
        yyjson_obj_foreach(v, i, n, key, val)
            if (names_later(b, val))
                return true;
    }
    return false;
}

static bool is_early(const struct bulk *b, const struct bulk_op *o)
{
    const char *whom = o->path ? strstr(o->path, refers) : NULL;

    if (whom && is_to_come(b, whom + strlen(refers)))
        return true;
    return o->path && strncasecmp(o->path, "/Groups", 7) == 0 && names_later(b, o->data);
}

struct running { struct bulk *bulk; struct bulk_op *op; };

static enum err run_one(struct work *w, void *arg)
{
    struct running *r = arg;
    AUTO_BUF unseen = {};

    (void)w;
    return scim_op_run(&r->bulk->asker, &r->op->op, &unseen);
}

static enum err carry_out(struct bulk *b, struct bulk_op *o)
{
    struct running r = { b, o };

    TRY(read_method(o));
    if (o->op.method == POST && str_empty(o->bulk_id))
        return errf(ERR_INVALID,
                    "a POST in a bulk request needs a bulkId, so that its answer is known");
    if (o->op.method == POST && op_of(b, o->bulk_id) != o)
        return errf(ERR_INVALID, "the bulkId '%.80s' is there twice", o->bulk_id);
    TRY(read_path(b, o));
    TRY(read_data(b, o));
    o->op.if_match = o->version;
    TRY(scim_op_prepare(&b->asker, &o->op));
    if (o->op.kind == SCIM_GROUPS && o->op.method == DELETE)
        return scim_group_drop(&b->asker, &o->op);
    return store_write(b->asker.w, run_one, &r);
}

/* ---- all of them ---- */

static const char *keep_error(struct bulk *b, enum err e)
{
    struct arena *a = b->asker.w->mem;
    AUTO_BUF text = {};
    struct json_out o = { .to = &text };

    scim_error_put(&o, call_discreet(b->call, e), 0);
    return arena_textn(a, text.at, text.n);
}

/* What an operation left in the arena goes with it, except its error. */
static void take_turn(struct bulk *b, struct bulk_op *o)
{
    struct arena *a = b->asker.w->mem;
    struct arena_mark mark = arena_mark(a);
    AUTO_BUF error = {};

    enum err e = carry_out(b, o);
    if (e != OK) {
        buf_puts(&error, keep_error(b, e));
    }
    arena_reset(a, mark);
    o->done = true;
    o->status = e == OK ? o->op.status : err_row(e)->http;
    o->op.body = NULL;
    if (e != OK) {
        o->error = arena_textn(a, error.at, error.n);
        b->errors++;
    }
}

static void put_result(struct bulk *b, const struct bulk_op *o, struct json_out *j)
{
    struct arena *a = b->asker.w->mem;
    int64_t id = o->op.made ? o->op.made : o->op.id;

    json_open(j, '{');
    json_put(j, "method", o->method);
    if (o->bulk_id)
        json_put(j, "bulkId", o->bulk_id);
    if (id && !(o->error && o->op.method == POST))
        json_put(j, "location",
                 arena_printf(a, "%s/%s/%s", b->asker.base,
                              o->op.kind == SCIM_USERS ? "Users" : "Groups", id_text(id)));
    if (!o->error && o->op.version)
        json_put(j, "version", scim_etag(a, o->op.version));
    json_put(j, "status", arena_printf(a, "%d", o->status));
    if (o->error) {
        json_key(j, "response");
        json_raw(j, o->error, strlen(o->error));
    }
    json_close(j, '}');
}

static bool goes_on(const struct bulk *b)
{
    return !b->most_errors || b->errors < b->most_errors;
}

/* A group waits for its members, and who changes that group for both: so there are three rounds, and in the last
 * nobody waits any longer. */
static void run_all(struct bulk *b)
{
    for (int rounds = 3; rounds > 0; rounds--)
        for (size_t i = 0; i < b->n && goes_on(b); i++)
            if (!b->ops[i].done && (rounds == 1 || !is_early(b, &b->ops[i])))
                take_turn(b, &b->ops[i]);
}

static enum err run_bulk(struct call *c)
{
    struct bulk *b = c->state;
    struct json_out j = { .to = &c->reply };

    for (size_t i = 0; i < b->n; i++) {
        struct bulk_op *o = &b->ops[i];
        if (read_method(o) == OK && o->op.method == POST)
            o->op.id = id_new();                /* kept for whoever this makes */
    }
    name_ops(b);
    run_all(b);
    if (b->errors)
        c->note =
            arena_printf(c->work->mem, "%lld of %zu operations failed", (long long)b->errors, b->n);
    c->type = scim_type;
    json_open(&j, '{');
    json_key(&j, "schemas");
    json_open(&j, '[');
    json_str(&j, BULK_RESPONSE);
    json_close(&j, ']');
    json_key(&j, "Operations");
    json_open(&j, '[');
    for (size_t i = 0; i < b->n; i++)
        if (b->ops[i].done)
            put_result(b, &b->ops[i], &j);
    json_close(&j, ']');
    json_close(&j, '}');
    return OK;
}

static enum err post_bulk(struct call *c)
{
    struct bulk *b = NEW(c->work->mem, struct bulk);
    yyjson_val *body;

    b->call = c;
    TRY(scim_asker(c, false, &b->asker));
    TRY(scim_body(c, &body));
    TRY(read_request(b, body));
    c->state = b;
    call_then(c, LANE_SCAN, run_bulk);
    return OK;
}

const struct route scim_bulk_routes[] = {
    { POST, "/scim/v2/Bulk", SCOPE_SCIM, LANE_READ, post_bulk, SCIM_BULK_BYTES,
      "Many operations in one request" },
    {},
};
