/*
 * scim_list.c — queries over users and groups: what an index can answer is looked up, everything else is walked
 * through in pages by id, each resource rendered, matched and forgotten.
 */
#include <pthread.h>
#include <stdlib.h>

#include "api/scim_cursor.h"
#include "api/scim_serve.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "store/store.h"

enum { WALK = 200, QUICK_PAGE = 200 };
enum { START_MOST = INT32_MAX };    /* nobody has so many, and what is counted from there fits */

/* ---- what is asked ---- */

static enum err number(const char *name, const char *text, int64_t *out, bool *has)
{
    *has = text != NULL;
    if (text && !str_number(text, out))
        return errf(ERR_INVALID, "%s is a whole number, not '%.40s'", name, text);
    return OK;
}

static enum err settle(struct scim_query *q)
{
    if (q->cursor && q->has_start)
        return errf(ERR_INVALID, "startIndex and cursor are two ways through a list; give one");
    if (!q->has_start || q->start < 1)
        q->start = 1;
    if (!q->has_count)
        q->count = SCIM_PAGE;
    q->count = MAX(q->count, 0);
    if (q->sort_order && !str_eq_nocase(q->sort_order, "ascending") &&
        !str_eq_nocase(q->sort_order, "descending"))
        return errf(ERR_INVALID, "sortOrder is ascending or descending, not '%.40s'",
                    q->sort_order);
    q->count = MIN(q->count, SCIM_PAGE_MOST);
    q->start = MIN(q->start, START_MOST);
    return OK;
}

enum err scim_query_read(struct call *c, struct scim_query *out)
{
    *out = (struct scim_query){
        .filter = call_query(c, "filter"),
        .sort_by = call_query(c, "sortBy"),
        .sort_order = call_query(c, "sortOrder"),
        .attributes = call_query_list(c, "attributes"),
        .excluded = call_query_list(c, "excludedAttributes"),
        .cursor = call_query(c, "cursor"),
    };
    TRY(number("startIndex", call_query(c, "startIndex"), &out->start, &out->has_start));
    TRY(number("count", call_query(c, "count"), &out->count, &out->has_count));
    return settle(out);
}

static enum err text_in(struct arena *a, yyjson_val *body, const char *name, const char **out)
{
    yyjson_val *v = body_field(body, name), *one;
    AUTO_BUF text = {};
    size_t i, n;

    *out = NULL;
    if (!v || yyjson_is_null(v))
        return OK;
    if (yyjson_is_arr(v)) {
        yyjson_arr_foreach(v, i, n, one)
            if (yyjson_is_str(one))
                buf_printf(&text, "%s%s", text.n ? "," : "", yyjson_get_str(one));
        *out = arena_textn(a, text.at ? text.at : "", text.n);
        return OK;
    }
    *out = json_scalar(a, v);
    return *out ? OK : errf(ERR_USAGE, "%s is a text, not an object", name);
}

#define SEARCH_REQUEST "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

enum err scim_query_body(struct arena *a, yyjson_val *body, struct scim_query *out)
{
    const char *start, *count;
    yyjson_val *schemas = body_field(body, "schemas"), *one;
    bool right = false;
    size_t i, n;

    yyjson_arr_foreach(schemas, i, n, one)
        right |= yyjson_is_str(one) && str_eq_nocase(yyjson_get_str(one), SEARCH_REQUEST);
    if (!right)
        return errf(ERR_USAGE, "a search has \"schemas\": [\"" SEARCH_REQUEST "\"]");
    *out = (struct scim_query){};
    TRY(text_in(a, body, "filter", &out->filter));
    TRY(text_in(a, body, "sortBy", &out->sort_by));
    TRY(text_in(a, body, "sortOrder", &out->sort_order));
    TRY(text_in(a, body, "attributes", &out->attributes));
    TRY(text_in(a, body, "excludedAttributes", &out->excluded));
    TRY(text_in(a, body, "cursor", &out->cursor));
    TRY(text_in(a, body, "startIndex", &start));
    TRY(text_in(a, body, "count", &count));
    TRY(number("startIndex", start, &out->start, &out->has_start));
    TRY(number("count", count, &out->count, &out->has_count));
    return settle(out);
}

/* ---- one kind of resource, as a list sees it ---- */

struct walk;

struct kind {
    const char *name;               /* of questions: cursors of users are not cursors of groups */
    enum err (*page)(struct walk *k, int64_t after, size_t skip, size_t most, int64_t *ids,
                     size_t *n);
    enum err (*count)(const struct scim_asker *s, int64_t *n);
    /* Calls show_one() for each that is there. */
    enum err (*each)(struct walk *k, const int64_t *ids, size_t n);
    /* By index, if one of the keys has one: *known. */
    enum err (*find)(struct walk *k, const struct filter_key *key, bool *known, int64_t **ids,
                     size_t *n);
};

struct sorted { const char *key; size_t size; int64_t id; };

struct walk {
    const struct scim_asker *s;
    const struct scim_query *q;
    const struct kind *kind;
    const struct scim_resource *type;
    struct filter *filter;          /* NULL: all */
    struct projection *want;
    struct path by;
    bool sorts, descending, cursor;
    struct cursor from;
    uint64_t question;
    int64_t modified_from, modified_to;
    unsigned flags;                 /* WITH_GROUPS */
    /* where it goes */
    struct buf *to;
    size_t skip, room;              /* matches to pass over; resources that may be written still */
    size_t written;
    int64_t matches, last;          /* last: the id of the last one written */
    bool more;                      /* there is another match behind the page */
    bool collect;                   /* only keys: for sorting */
    struct sorted *list;
    size_t n, cap;
    struct arena *keys;
};

/* Matched, then counted, collected or written; `text` is a whole resource, or the part that is wanted already. */
static enum err show_one(struct walk *k, int64_t id, const struct buf *text)
{
    struct arena *a = k->s->w->mem;
    yyjson_val *root = NULL;

    if (k->filter || k->collect)
        TRY(json_read_in(a, text->at, text->n, &root));
    if (k->filter && !filter_match(a, k->filter, root))
        return OK;
    k->matches++;
    if (k->collect) {
        struct sorted one = { .id = id };
        const char *key = sort_key(a, &k->by, root, &one.size);
        one.size = MIN(one.size, (size_t)CURSOR_KEY);
        one.key = arena_textn(k->keys, key ? key : "", one.size);
        ARENA_GROW(k->keys, k->list, k->n, k->cap);
        k->list[k->n++] = one;
        return OK;
    }
    if (k->skip) {
        k->skip--;
        return OK;
    }
    if (k->room == 0) {
        k->more = true;
        return OK;
    }
    if (k->written++)
        buf_putc(k->to, ',');
    k->room--;
    k->last = id;
    if (!k->want) {
        buf_add(k->to, text->at, text->n);
        return OK;
    }
    if (!root)
        TRY(json_read_in(a, text->at, text->n, &root));
    projection_write(k->to, k->want, k->type, root);
    return OK;
}

/* ---- users ---- */

static enum err users_ids(struct walk *k, int64_t after, size_t skip, size_t most, int64_t *ids,
                          size_t *n)
{
    if (k->modified_from > INT64_MIN || k->modified_to < INT64_MAX)
        return users_changed(k->s->w, k->s->source, k->modified_from, k->modified_to, after, most,
                             ids, n);
    return users_page(k->s->w, k->s->source, after, skip, most, ids, n);
}

static enum err show_user(struct walk *k, const struct user_view *v, struct buf *text)
{
    buf_clear(text);
    user_write(k->s->w->mem, text, k->s->space->shape, v, k->s->base);
    return show_one(k, v->id, text);
}

static enum err users_each(struct walk *k, const int64_t *ids, size_t n)
{
    struct user_view *views = NEW_ARRAY(k->s->w->mem, struct user_view, n + 1);
    AUTO_BUF text = {};

    if (n == 1) {
        enum err e = scim_user_load(k->s, *ids, views);
        return e == OK ? show_user(k, views, &text) : e == ERR_NOT_FOUND ? OK : e;
    }
    TRY(scim_users_load(k->s, ids, n, k->flags, views));
    for (size_t i = 0; i < n; i++)
        if (views[i].id)
            TRY(show_user(k, &views[i], &text));
    return OK;
}

static enum err by_key(struct walk *k, enum key_kind kind, const char *text, int64_t *id)
{
    struct person_key key = { kind, key_fold(k->s->w->mem, kind, text) };

    return people_keys_held(k->s->w, &key, 1, id);
}

static enum err users_find(struct walk *k, const struct filter_key *key, bool *known, int64_t **ids,
                           size_t *n)
{
    const char *attr = key->attr->name;
    int64_t *id = *ids = NEW(k->s->w->mem, int64_t);

    *known = true;
    if (str_eq(attr, "id") && !key->schema)
        *n = id_read(key->text, id);
    else if (str_eq(attr, "externalId") && !key->schema)
        TRY(user_by_record(k->s->w, k->s->source, key->text, id));
    else if (str_eq(attr, "userName") && key->schema == k->type->core)
        TRY(by_key(k, KEY_USER_NAME, key->text, id));
    else if (str_eq(attr, "emails") && key->schema == k->type->core &&
             (!key->sub || str_eq(key->sub->name, "value")))
        TRY(by_key(k, KEY_EMAIL, key->text, id));
    else
        *known = false;
    *n = *id != 0;
    return OK;
}

static enum err all_users(const struct scim_asker *s, int64_t *n)
{
    return users_count(s->w, s->source, n);
}

static const struct kind users = { "User", users_ids, all_users, users_each, users_find };

/* ---- groups ---- */

static enum err groups_ids(struct walk *k, int64_t after, size_t skip, size_t most, int64_t *ids,
                           size_t *n)
{
    struct group *page;
    size_t found, from = 0;

    TRY(groups_page(k->s->w, k->s->source, after, skip + most, &page, &found));
    *n = 0;
    for (from = skip; from < found; from++)
        ids[(*n)++] = page[from].id;
    return OK;
}

static enum err groups_each(struct walk *k, const int64_t *ids, size_t n)
{
    bool members =
        (k->filter && filter_uses(k->filter, "members")) || projection_wants(k->want, "members");
    struct projection *bare = NULL;
    AUTO_BUF text = {};

    if (!members)
        TRY(projection_parse(k->s->w->mem, k->type, NULL, "members", &bare));
    for (size_t i = 0; i < n; i++) {
        struct group g;
        enum err e = group_load(k->s->w, k->s->source, ids[i], &g);
        if (e == ERR_NOT_FOUND)
            continue;                           /* it went while the list was made */
        TRY(e);
        buf_clear(&text);
        TRY(scim_group_put(k->s, &g, bare, &text));
        TRY(show_one(k, g.id, &text));
    }
    return OK;
}

static enum err groups_find(struct walk *k, const struct filter_key *key, bool *known,
                            int64_t **ids, size_t *n)
{
    const char *attr = key->attr->name;
    int64_t *id = *ids = NEW(k->s->w->mem, int64_t), person = 0;
    struct group *in;

    *known = true;
    if (str_eq(attr, "members") && (!key->sub || str_eq(key->sub->name, "value"))) {
        *n = 0;
        if (!id_read(key->text, &person))
            return OK;
        TRY(groups_of(k->s->w, k->s->source, person, &in, n));
        *ids = NEW_ARRAY(k->s->w->mem, int64_t, *n + 1);
        for (size_t i = 0; i < *n; i++)
            (*ids)[i] = in[i].id;
        return OK;
    }
    if (str_eq(attr, "id") && !key->schema)
        *n = id_read(key->text, id);
    else if (str_eq(attr, "displayName"))
        TRY(group_by_name(k->s->w, k->s->source, key->text, id));
    else if (str_eq(attr, "externalId"))
        TRY(group_by_external(k->s->w, k->s->source, key->text, id));
    else
        *known = false;
    *n = *id != 0;
    return OK;
}

static enum err all_groups(const struct scim_asker *s, int64_t *n)
{
    return groups_count(s->w, s->source, n);
}

static const struct kind groups = { "Group", groups_ids, all_groups, groups_each, groups_find };

/* ---- totals, not counted anew for every page ---- */

/* What other processes add or take away shows after a second; after longer, where counting takes long. */
enum { TOTALS = 256, TOTAL_US = 1000000, TOTAL_COSTS = 100 };

static pthread_mutex_t totals_lock = PTHREAD_MUTEX_INITIALIZER;
static struct total {
    int64_t workspace, source, n, until;
    const struct kind *kind;
} totals[TOTALS];
static uint64_t totals_changes;

static struct total *total_of(int64_t workspace, int64_t source, const struct kind *kind)
{
    uint64_t mixed =
        ((uint64_t)workspace ^ (uint64_t)source << 1 ^ (kind == &users)) * 0x9e3779b97f4a7c15;

    return &totals[mixed >> 56];
}

static_assert(TOTALS == 1 << (64 - 56));

static bool total_known(const struct scim_asker *s, const struct kind *kind, int64_t *n,
                        uint64_t *changes)
{
    const struct total *slot = total_of(s->w->workspace, s->source, kind);

    pthread_mutex_lock(&totals_lock);
    bool known = slot->workspace == s->w->workspace && slot->source == s->source &&
                 slot->kind == kind && clock_tick() < slot->until;
    *n = slot->n;
    *changes = totals_changes;
    pthread_mutex_unlock(&totals_lock);
    return known;
}

static enum err total(const struct scim_asker *s, const struct kind *kind, int64_t *n)
{
    struct total *slot = total_of(s->w->workspace, s->source, kind);
    int64_t began = clock_tick();
    uint64_t changes;

    if (total_known(s, kind, n, &changes))
        return OK;
    TRY(kind->count(s, n));
    int64_t now = clock_tick(), good = MAX((int64_t)TOTAL_US, TOTAL_COSTS * (now - began));
    pthread_mutex_lock(&totals_lock);
    if (changes == totals_changes)              /* else somebody came while they were counted */
        *slot = (struct total){ s->w->workspace, s->source, *n, now + good, kind };
    pthread_mutex_unlock(&totals_lock);
    return OK;
}

void scim_counts_changed(int64_t workspace, int64_t source, bool of_users, int64_t by)
{
    pthread_mutex_lock(&totals_lock);
    totals_changes++;
    for (size_t i = 0; i < TOTALS; i++) {
        struct total *t = &totals[i];
        if (t->workspace != workspace)
            continue;
        if (by == 0)
            t->until = 0;
        else if (of_users ? t->kind == &users : t->kind == &groups && t->source == source)
            t->n += by;
    }
    pthread_mutex_unlock(&totals_lock);
}

/* ---- walking ---- */

/* Those an index names; false if the filter has to look at everybody. */
static enum err walk_keyed(struct walk *k, bool *keyed)
{
    struct filter_key *keys;
    int64_t *ids = NULL;
    size_t n = k->filter ? filter_keys(k->s->w->mem, k->filter, &keys) : 0, found = 0;

    *keyed = false;
    for (size_t i = 0; i < n && !*keyed; i++)
        TRY(k->kind->find(k, &keys[i], keyed, &ids, &found));
    if (!*keyed)
        return OK;
    if (k->cursor && !k->sorts) {               /* they come by id, as in a walk */
        size_t from = 0;
        while (from < found && ids[from] <= k->from.after)
            from++;
        memmove(ids, ids + from, (found - from) * sizeof *ids);
        found -= from;
    }
    return found ? k->kind->each(k, ids, found) : OK;
}

static enum err walk_all(struct walk *k, int64_t after, bool until_full)
{
    int64_t ids[WALK];
    size_t n;

    do {
        struct arena_mark mark = arena_mark(k->s->w->mem);
        TRY(k->kind->page(k, after, 0, WALK, ids, &n));
        if (n)
            TRY(k->kind->each(k, ids, n));
        after = n ? ids[n - 1] : after;
        arena_reset(k->s->w->mem, mark);
    } while (n == WALK && !(until_full && k->more));
    return OK;
}

/* A plain page: nobody else is looked at. */
static enum err walk_page(struct walk *k, int64_t after)
{
    int64_t ids[SCIM_PAGE_MOST + 1];
    size_t n;

    TRY(k->kind->page(k, after, k->skip, k->room + (k->cursor ? 1 : 0), ids, &n));
    k->skip = 0;
    if (k->cursor && n > k->room) {
        n--;
        k->more = true;
    }
    return n ? k->kind->each(k, ids, n) : OK;
}

static int by_order(const void *a, const void *b)
{
    const struct sorted *x = a, *y = b;
    int order = memcmp(x->key, y->key, MIN(x->size, y->size));

    if ((x->size == 0) != (y->size == 0))
        return x->size == 0 ? 1 : -1;           /* without a value: last */
    if (order == 0)
        order = (x->size > y->size) - (x->size < y->size);
    return order ? order : (x->id > y->id) - (x->id < y->id);
}

static int by_order_down(const void *a, const void *b)
{
    return by_order(b, a);
}

/* Everything that matches is sorted by its key; then the page is read. */
static enum err walk_sorted(struct walk *k)
{
    int (*order)(const void *, const void *) = k->descending ? by_order_down : by_order;
    struct sorted from = { k->from.key, k->from.key_size, k->from.after };
    int64_t ids[SCIM_PAGE_MOST];
    bool keyed;
    size_t at = k->skip, n;

    k->collect = true;
    TRY(walk_keyed(k, &keyed));
    if (!keyed)
        TRY(walk_all(k, 0, false));
    k->collect = false;
    if (k->n)
        qsort(k->list, k->n, sizeof *k->list, order);
    if (k->cursor && k->from.after)
        while (at < k->n && order(&k->list[at], &from) <= 0)
            at++;
    k->filter = NULL;                           /* they match */
    k->skip = 0;
    int64_t matches = k->matches;
    for (n = 0; n < k->room && at + n < k->n; n++)
        ids[n] = k->list[at + n].id;
    k->more = at + n < k->n;
    if (n) {
        k->from.key = k->list[at + n - 1].key;
        k->from.key_size = k->list[at + n - 1].size;
    }
    for (size_t i = 0; i < n; i++)              /* one by one: the order is ours */
        TRY(k->kind->each(k, &ids[i], 1));
    k->matches = matches;
    return OK;
}

static enum err walk_unsorted(struct walk *k, bool *counted)
{
    int64_t after = k->cursor ? k->from.after : 0;
    bool keyed;

    *counted = true;
    TRY(walk_keyed(k, &keyed));
    if (keyed) {
        *counted = !k->cursor;
        return OK;
    }
    if (k->filter) {
        *counted = !k->cursor;
        return walk_all(k, after, k->cursor);
    }
    TRY(k->room ? walk_page(k, after) : OK);
    return total(k->s, k->kind, &k->matches);
}

/* ---- the answer ---- */

static enum err read_filter(struct walk *k)
{
    k->filter = k->q->parsed;
    return k->q->parsed_for == k->type
               ? OK
               : filter_parse(k->s->w->mem, k->type, k->q->filter, &k->filter);
}

static enum err walk_open(struct walk *k)
{
    const struct scim_query *q = k->q;
    struct arena *a = k->s->w->mem;
    struct crypt_hash hash = crypt_hash_for(store_key(k->s->w->store), "scim cursor");

    k->modified_from = INT64_MIN;
    k->modified_to = INT64_MAX;
    TRY(projection_parse(a, k->type, q->attributes, q->excluded, &k->want));
    if (!str_empty(q->filter))
        TRY(read_filter(k));
    if (k->filter)
        filter_modified(k->filter, &k->modified_from, &k->modified_to);
    k->sorts = !str_empty(q->sort_by);
    if (k->sorts)
        TRY(sort_parse(a, k->type, q->sort_by, &k->by));
    k->descending = q->sort_order && str_eq_nocase(q->sort_order, "descending");
    if ((k->filter && filter_uses(k->filter, "groups")) || projection_wants(k->want, "groups") ||
        (k->sorts && k->by.attr && str_eq(k->by.attr->name, "groups")))
        k->flags |= WITH_GROUPS;
    const char *question =
        arena_printf(a, "%s\x1f%s\x1f%s\x1f%d", k->kind->name, q->filter ? q->filter : "",
                     q->sort_by ? q->sort_by : "", k->descending);
    k->question = crypt_hash(&hash, question, strlen(question));
    k->cursor = q->cursor != NULL;
    if (!str_empty(q->cursor)) {
        TRY(cursor_read(k->s, q->cursor, k->question, &k->from));
        if (q->has_count && q->count != k->from.count)
            return errf(ERR_COUNT_RANGE,
                        "this cursor was given for pages of %lld; begin again with an "
                        "empty one for another count",
                        (long long)k->from.count);
        k->room = (size_t)k->from.count;
    }
    return OK;
}

static enum err walk_run(struct walk *k, bool *counted)
{
    *counted = true;
    return k->sorts ? walk_sorted(k) : walk_unsorted(k, counted);
}

static void put_list(struct buf *to, const struct scim_query *q, const struct buf *resources,
                     size_t written, int64_t matches, bool counted, const char *next)
{
    struct json_out o = { .to = to };

    json_open(&o, '{');
    json_key(&o, "schemas");
    json_open(&o, '[');
    json_str(&o, "urn:ietf:params:scim:api:messages:2.0:ListResponse");
    json_close(&o, ']');
    if (counted)
        json_put_num(&o, "totalResults", matches);
    json_put_num(&o, "itemsPerPage", (int64_t)written);
    if (!q->cursor)
        json_put_num(&o, "startIndex", q->start);
    if (next)
        json_put(&o, "nextCursor", next);
    json_key(&o, "Resources");
    json_open(&o, '[');
    buf_add(to, resources->at ? resources->at : "", resources->n);
    json_close(&o, ']');
    json_close(&o, '}');
}

static enum err run_kind(struct walk *k, bool *counted)
{
    AUTO(arena) *keys = arena_new();

    k->keys = keys;
    TRY(walk_run(k, counted));
    if (k->more && k->cursor && k->sorts)       /* the last key outlives its arena */
        k->from.key = arena_textn(k->s->w->mem, k->from.key, k->from.key_size);
    return OK;
}

static struct walk walk_of(const struct scim_asker *s, const struct scim_query *q, bool of_users,
                           struct buf *to)
{
    return (struct walk){
        .s = s,
        .q = q,
        .to = to,
        .kind = of_users ? &users : &groups,
        .type = of_users ? &s->space->scim->user : &s->space->scim->group,
        .skip = q->cursor ? 0 : (size_t)(q->start - 1),
        .room = (size_t)q->count,
    };
}

static const char *next_of(struct walk *k)
{
    struct cursor c = { k->last, k->sorts ? k->from.key : "", k->sorts ? k->from.key_size : 0,
                        (int64_t)k->q->count, k->question };

    if (!k->cursor || !k->more || !k->last)
        return NULL;
    if (!str_empty(k->q->cursor))
        c.count = k->from.count;
    return cursor_write(k->s, &c);
}

/* Users, then groups; what one of them has no such attribute for is asked of the other alone. */
static enum err run_both(const struct scim_asker *s, const struct scim_query *q, struct buf *reply)
{
    AUTO_BUF resources = {};
    int64_t matches = 0;
    size_t written = 0;
    enum err first = OK;
    bool answered = false, counted;

    if (q->cursor)
        return errf(ERR_INVALID,
                    "a search through users and groups at once has no cursor; search one");
    for (int of_users = 1; of_users >= 0; of_users--) {
        struct walk k = walk_of(s, q, of_users, &resources);
        k.skip = (size_t)MAX(q->start - 1 - matches, 0);
        k.room = (size_t)q->count - written;
        k.written = written;
        enum err e = walk_open(&k);
        if (e == ERR_FILTER && !answered && of_users) {
            first = e;
            continue;
        }
        if (e == ERR_FILTER && answered)
            break;
        TRY(e);
        TRY(run_kind(&k, &counted));
        answered = true;
        matches += k.matches;
        written = k.written;
    }
    TRY(answered ? OK : first);
    put_list(reply, q, &resources, written, matches, true, NULL);
    return OK;
}

enum err scim_query_run(const struct scim_asker *s, const struct scim_query *q, bool of_users,
                        bool of_groups, struct buf *reply)
{
    AUTO_BUF resources = {};
    bool counted;

    if (of_users && of_groups)
        return run_both(s, q, reply);
    struct walk k = walk_of(s, q, of_users, &resources);
    TRY(walk_open(&k));
    TRY(run_kind(&k, &counted));
    put_list(reply, q, &resources, k.written, k.matches, counted, next_of(&k));
    return OK;
}

bool scim_query_is_quick(const struct scim_asker *s, struct scim_query *q, bool of_users,
                         bool of_groups)
{
    const struct scim_resource *r = of_users ? &s->space->scim->user : &s->space->scim->group;
    struct filter_key *keys;
    uint64_t changes;
    int64_t n;

    if ((of_users && of_groups) || !str_empty(q->sort_by))
        return false;
    if (str_empty(q->filter))
        return of_users && q->count <= QUICK_PAGE && q->start <= QUICK_PAGE * SCIM_PAGE &&
               total_known(s, &users, &n, &changes);
    if (filter_parse(s->w->mem, r, q->filter, &q->parsed) != OK)
        return true;                            /* it is refused at once */
    q->parsed_for = r;
    size_t nkeys = filter_keys(s->w->mem, q->parsed, &keys);
    for (size_t i = 0; i < nkeys; i++) {
        const char *name = keys[i].attr->name;
        if (of_users
                ? str_eq(name, "id") || str_eq(name, "externalId") || str_eq(name, "userName") ||
                      (str_eq(name, "emails") &&
                       (!keys[i].sub || str_eq(keys[i].sub->name, "value")))
                : str_eq(name, "id") || str_eq(name, "displayName") || str_eq(name, "externalId"))
            return true;
    }
    return false;
}
