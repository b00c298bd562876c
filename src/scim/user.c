/*
 * user.c — see user.h. The shape is a list of steps in the order of the schema; a step that finds nothing
 * writes nothing, and an object is opened by the first of its members.
 */
#include "scim/user.h"

#include <stdlib.h>

#include "base/id.h"
#include "base/str.h"

enum { LIST_BYTES = 60 * 1024 };                /* a value of the directory has 64 KB */

enum step_kind { STEP_VALUE, STEP_LIST, STEP_ACTIVE, STEP_MANAGER, STEP_MORE, STEP_GROUPS };

struct step {
    enum step_kind kind;
    const struct scim_attr *outer, *attr;       /* outer: the complex attribute it is a member of */
    const struct scim_schema *extension;        /* NULL: core */
    size_t slot, main;              /* main: of a list, the plain attribute one entry stands for */
    const char *key;                /* "title": as it stands in the resource */
    size_t key_size;
};

/* A directory attribute that a resource can speak of; sorted by name. */
struct slot {
    const char *name;
    const struct attr *attr;
    const struct scim_attr *top;    /* the resource's top-level attribute … */
    const struct scim_attr *part;   /* … and which member of it; NULL: it as a whole */
};

/* Lists with an entry that is a plain attribute, and how that entry looks when nobody said otherwise. */
static const struct main_of {
    const char *list, *plain, *type, *alone;
} mains[] = {
    { "emails", "email", "work", "[{\"type\":\"work\",\"primary\":true}]" },
    { "phones", "phone", "work", "[{\"type\":\"work\",\"primary\":true}]" },
    { "photos", "photo", "photo", "[{\"type\":\"photo\",\"primary\":true}]" },
};

enum { NONE = SIZE_MAX };

struct user_shape {
    const struct scim *scim;
    struct step *steps;
    size_t nsteps;
    struct slot *slots;
    size_t nslots;
    size_t external, manager, more, state;
};

/* ---- the shape ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct slot *)a)->name, ((const struct slot *)b)->name);
}

static size_t slot_of(const struct user_shape *s, const char *name)
{
    struct slot wanted = { .name = name };
    struct slot *hit = name ? bsearch(&wanted, s->slots, s->nslots, sizeof wanted, by_name) : NULL;

    return hit ? (size_t)(hit - s->slots) : NONE;
}

static const struct main_of *main_of(const char *list)
{
    for (size_t i = 0; i < COUNT(mains); i++)
        if (str_eq(mains[i].list, list))
            return &mains[i];
    return NULL;
}

/* Counted first, then made: `out` NULL counts. */
struct walk {
    struct step *steps;
    struct slot *slots;
    size_t nsteps, nslots;
};

static void add_slot(struct walk *k, const char *name, const struct scim_attr *top,
                     const struct scim_attr *part)
{
    if (k->slots)
        k->slots[k->nslots] = (struct slot){ .name = name, .top = top, .part = part };
    k->nslots++;
}

static void add_step(struct walk *k, enum step_kind kind, const struct scim_attr *outer,
                     const struct scim_attr *attr, const struct scim_schema *extension)
{
    if (k->steps)
        k->steps[k->nsteps] = (struct step){ kind, outer, attr, extension, NONE, NONE, NULL, 0 };
    k->nsteps++;
}

static void walk_attr(struct walk *k, const struct scim_attr *attr,
                      const struct scim_schema *extension)
{
    if (attr->attribute) {
        const struct main_of *m = attr->many ? main_of(attr->attribute) : NULL;
        add_step(k, attr->many ? STEP_LIST : STEP_VALUE, NULL, attr, extension);
        add_slot(k, attr->attribute, attr, NULL);
        if (m)
            add_slot(k, m->plain, attr, NULL);
    } else if (str_eq(attr->name, "active")) {
        add_step(k, STEP_ACTIVE, NULL, attr, extension);
        add_slot(k, "state", attr, NULL);
    } else if (str_eq(attr->name, "groups")) {
        add_step(k, STEP_GROUPS, NULL, attr, extension);
    } else if (str_eq(attr->name, "manager")) {
        add_step(k, STEP_MANAGER, NULL, attr, extension);
        add_slot(k, "manager", attr, NULL);
    } else if (str_eq(attr->name, "additionalManagers")) {
        add_step(k, STEP_MORE, NULL, attr, extension);
        add_slot(k, "additional_managers", attr, NULL);
    } else {
        for (const struct scim_attr *sub = attr->sub; sub && sub->name; sub++)
            if (sub->attribute) {
                add_step(k, STEP_VALUE, attr, sub, extension);
                add_slot(k, sub->attribute, attr, sub);
            }
    }
}

static void walk_all(struct walk *k, const struct scim_resource *r)
{
    k->nsteps = k->nslots = 0;
    for (const struct scim_attr *at = r->core->attrs; at->name; at++)
        walk_attr(k, at, NULL);
    for (size_t i = 0; i < COUNT(r->extensions) && r->extensions[i]; i++)
        for (const struct scim_attr *at = r->extensions[i]->attrs; at->name; at++)
            walk_attr(k, at, r->extensions[i]);
    add_slot(k, "external_id", scim_attr_find(scim_common, "externalId", strlen("externalId")),
             NULL);
}

struct user_shape *user_shape_new(struct arena *a, const struct scim *scim, const struct attrs *as)
{
    struct user_shape *s = NEW(a, struct user_shape);
    struct walk k = {};

    walk_all(&k, &scim->user);
    k.steps = s->steps = NEW_ARRAY(a, struct step, k.nsteps);
    k.slots = s->slots = NEW_ARRAY(a, struct slot, k.nslots);
    walk_all(&k, &scim->user);
    s->scim = scim;
    s->nsteps = k.nsteps;
    s->nslots = k.nslots;
    qsort(s->slots, s->nslots, sizeof *s->slots, by_name);
    for (size_t i = 0; i < s->nslots; i++)
        s->slots[i].attr = attr_find(as, s->slots[i].name);
    for (size_t i = 0; i < s->nsteps; i++) {
        struct step *step = &s->steps[i];
        const struct main_of *m = step->kind == STEP_LIST ? main_of(step->attr->attribute) : NULL;
        step->slot = slot_of(s, step->attr->attribute);
        step->main = m ? slot_of(s, m->plain) : NONE;
        step->key = arena_printf(a, "\"%s\":", step->attr->name);
        step->key_size = strlen(step->key);
    }
    s->external = slot_of(s, "external_id");
    s->manager = slot_of(s, "manager");
    s->more = slot_of(s, "additional_managers");
    s->state = slot_of(s, "state");
    return s;
}

/* ---- writing ---- */

struct writer {
    struct arena *a;
    struct json_out out;
    const struct user_shape *shape;
    const struct user_view *view;
    const char *base;
    const char **texts;             /* per slot */
    const struct scim_attr *outer;  /* objects that are open */
    const struct scim_schema *extension;
};

static void fill_texts(const struct user_shape *s, const struct user_view *v, const char **texts)
{
    size_t at = 0;

    for (size_t i = 0; i < v->nvalues; i++) {
        int order = -1;
        while (at < s->nslots && (order = strcmp(s->slots[at].name, v->values[i].attr->name)) < 0)
            at++;
        if (at < s->nslots && order == 0)
            texts[at] = v->values[i].text;
    }
}

/* Of a list whose plain attribute nobody says only the other entries are left, and there may be none. */
static bool is_list_there(const struct writer *w, const struct step *s)
{
    const char *list = w->texts[s->slot];

    return s->main == NONE ? list != NULL
                           : w->texts[s->main] ||
                                 (list && (strstr(list, "\"value\":") || str_starts(list, "[\"")));
}

static bool is_there(const struct writer *w, const struct step *s)
{
    switch (s->kind) {
    case STEP_VALUE:
        return w->texts[s->slot];
    case STEP_LIST:
        return is_list_there(w, s);
    case STEP_ACTIVE:
        return true;
    case STEP_MANAGER:
        return w->view->manager.id;
    case STEP_MORE:
        return w->view->more;
    case STEP_GROUPS:
        return w->view->ngroups;
    }
    return false;
}

/* The objects this step stands in are opened, those it does not stand in closed. */
static void stand_in(struct writer *w, const struct scim_attr *outer,
                     const struct scim_schema *extension)
{
    if (w->outer && w->outer != outer) {
        json_close(&w->out, '}');
        w->outer = NULL;
    }
    if (w->extension && w->extension != extension) {
        json_close(&w->out, '}');
        w->extension = NULL;
    }
    if (extension && !w->extension) {
        json_key(&w->out, extension->id);
        json_open(&w->out, '{');
        w->extension = extension;
    }
    if (outer && !w->outer) {
        json_key(&w->out, outer->name);
        json_open(&w->out, '{');
        w->outer = outer;
    }
}

/* Other sources write anything where a URI is meant; clients that parse it could not read the person at all. */
static const char *uri_text(struct arena *a, const char *text)
{
    AUTO_BUF out = {};

    for (const char *s = text; *s; s++)
        if ((unsigned char)*s <= ' ' || *s == 0x7f)
            buf_printf(&out, "%%%02X", (unsigned char)*s);
        else
            buf_putc(&out, *s);
    return out.n ? arena_textn(a, out.at, out.n) : text;
}

static void put_value(struct arena *a, struct json_out *o, const struct scim_attr *attr,
                      const char *text)
{
    switch (attr->type) {
    case SCIM_REFERENCE:
        json_str(o, uri_text(a, text));
        break;
    case SCIM_BOOLEAN:
    case SCIM_INTEGER:
    case SCIM_DECIMAL:
        json_raw(o, text, strlen(text));
        break;
    default:
        json_str(o, text);
    }
}

static void put_main_alone(struct json_out *o, const struct main_of *m, const char *text,
                           bool primary)
{
    json_open(o, '{');
    json_put(o, "value", text);
    json_put(o, "type", m->type);
    if (primary)
        json_put_bool(o, "primary", true);
    json_close(o, '}');
}

/* An entry without a value: that is the plain attribute's. Other sources may write bare texts, which have one. */
static bool stands_for_plain(yyjson_val *entry)
{
    return yyjson_is_obj(entry) && !yyjson_obj_get(entry, "value");
}

static void put_entry(struct json_out *o, yyjson_val *entry, const char *main, bool demoted)
{
    yyjson_val *key, *val;
    size_t i, n;

    json_open(o, '{');
    if (main || yyjson_is_str(entry))
        json_put(o, "value", main ? main : yyjson_get_str(entry));
    yyjson_obj_foreach(entry, i, n, key, val) {
        if (demoted && yyjson_equals_str(key, "primary"))
            continue;
        json_key(o, yyjson_get_str(key));
        json_val(o, val);
    }
    json_close(o, '}');
}

/* How main_entry() ranks an entry: of the wanted type and primary, of the type, primary, or any. */
enum { RANK_PRIMARY = 1, RANK_TYPE = 2, RANK_BEST = RANK_PRIMARY | RANK_TYPE };

static int rank_of(const struct main_of *m, const char *type, bool primary)
{
    return (type && str_eq_nocase(type, m->type) ? RANK_TYPE : 0) | (primary ? RANK_PRIMARY : 0);
}

/*
 * A stored list with the plain attribute put where it belongs; the store's own text needs no check. If the list has
 * no place for it, because another source said the list, it gets one that stands before all others: whoever sends
 * back what they read says the same plain attribute.
 */
static void put_list(struct writer *w, const struct step *s)
{
    const struct main_of *m = s->main == NONE ? NULL : main_of(s->attr->attribute);
    const char *list = w->texts[s->slot], *main = m ? w->texts[s->main] : NULL;
    yyjson_val *root = NULL, *entry;
    bool primary = false, placed = false, rival = false;
    size_t i, n;

    if (!m) {
        json_raw(&w->out, list, strlen(list));
        return;
    }
    if (list && json_read_in(w->a, list, strlen(list), &root) != OK)
        root = NULL;
    if (main && scim_attr_find(s->attr->sub, "value", 5)->type == SCIM_REFERENCE)
        main = uri_text(w->a, main);
    yyjson_arr_foreach(root, i, n, entry) {
        bool first = json_flag(entry, "primary", false);
        primary |= first;
        placed |= stands_for_plain(entry);
        rival |= rank_of(m, json_text(entry, "type"), first) == RANK_BEST;
    }
    rival &= main && !placed;
    json_open(&w->out, '[');
    if (main && !placed)
        put_main_alone(&w->out, m, main, !primary || rival);
    yyjson_arr_foreach(root, i, n, entry) {
        bool stands_for = stands_for_plain(entry);
        if (!stands_for || main)
            put_entry(&w->out, entry, stands_for ? main : NULL, rival);
    }
    json_close(&w->out, ']');
}

static void put_ref(struct writer *w, const struct user_ref *r, const char *endpoint,
                    const char *shown, const char *type)
{
    struct json_out *o = &w->out;

    json_open(o, '{');
    json_put(o, "value", id_text(r->id));
    json_key(o, "$ref");
    json_raw(o, "\"", 1);
    buf_puts(o->to, w->base);
    buf_puts(o->to, endpoint);
    buf_puts(o->to, id_text(r->id));
    buf_putc(o->to, '"');
    if (r->shown)
        json_put(o, shown, r->shown);
    if (type)
        json_put(o, "type", type);
    json_close(o, '}');
}

static void put_groups(struct writer *w)
{
    json_open(&w->out, '[');
    for (size_t i = 0; i < w->view->ngroups; i++)
        put_ref(w, &w->view->groups[i], "/Groups/", "display", "direct");
    json_close(&w->out, ']');
}

static void put_step(struct writer *w, const struct step *s)
{
    if (!is_there(w, s))
        return;
    stand_in(w, s->outer, s->extension);
    json_raw(&w->out, s->key, s->key_size);
    w->out.comma = false;
    switch (s->kind) {
    case STEP_VALUE:
        put_value(w->a, &w->out, s->attr, w->texts[s->slot]);
        break;
    case STEP_LIST:
        put_list(w, s);
        break;
    case STEP_ACTIVE:
        json_bool(&w->out, w->view->active);
        break;
    case STEP_MANAGER:
        put_ref(w, &w->view->manager, "/Users/", "displayName", NULL);
        break;
    case STEP_MORE:
        json_str(&w->out, w->view->more);
        break;
    case STEP_GROUPS:
        put_groups(w);
        break;
    }
}

static void put_schemas(struct writer *w)
{
    const struct scim_schema *last = NULL;

    json_key(&w->out, "schemas");
    json_open(&w->out, '[');
    json_str(&w->out, w->shape->scim->user.core->id);
    for (size_t i = 0; i < w->shape->nsteps; i++) {
        const struct step *s = &w->shape->steps[i];
        if (!s->extension || s->extension == last || !is_there(w, s))
            continue;
        last = s->extension;
        json_str(&w->out, last->id);
    }
    json_close(&w->out, ']');
}

void user_write(struct arena *a, struct buf *to, const struct user_shape *s,
                const struct user_view *v, const char *base)
{
    struct writer w = {
        .a = a,
        .out = { .to = to },
        .shape = s,
        .view = v,
        .base = base,
        .texts = NEW_ARRAY(a, const char *, s->nslots),
    };
    struct scim_meta meta = { "User", "/Users", v->id, v->created_at, v->updated_at, v->version };

    buf_reserve(to, 1024);
    fill_texts(s, v, w.texts);
    json_open(&w.out, '{');
    put_schemas(&w);
    json_put(&w.out, "id", id_text(v->id));
    if (v->external_id)
        json_put(&w.out, "externalId", v->external_id);
    json_key(&w.out, "meta");
    scim_write_meta(to, &meta, base);
    w.out.comma = true;
    for (size_t i = 0; i < s->nsteps; i++)
        put_step(&w, &s->steps[i]);
    stand_in(&w, NULL, NULL);
    json_close(&w.out, '}');
}

/* ---- reading ---- */

static yyjson_mut_val *member(yyjson_mut_val *object, const char *name)
{
    return object ? yyjson_mut_obj_get(object, name) : NULL;
}

/* A value's canonical text as far as SCIM decides it; what the attribute takes is the directory's business. */
static const char *value_text(struct arena *a, yyjson_mut_val *v)
{
    yyjson_doc *copy;

    if (!v)
        return NULL;
    if (yyjson_mut_is_str(v))
        return yyjson_mut_get_str(v);
    copy = yyjson_mut_val_imut_copy(v, NULL);
    if (!copy)
        die_of_memory(0);
    const char *text = json_scalar(a, yyjson_doc_get_root(copy));
    text = arena_text(a, text);
    yyjson_doc_free(copy);
    return text;
}

static bool has_value(yyjson_mut_val *entry)
{
    return yyjson_mut_is_str(yyjson_mut_obj_get(entry, "value"));
}

/* Which entry is the plain attribute: the first of the best rank. */
static yyjson_mut_val *main_entry(const struct main_of *m, yyjson_mut_val *list)
{
    yyjson_mut_val *best = NULL, *entry;
    int best_rank = -1;
    size_t i, n;

    yyjson_mut_arr_foreach(list, i, n, entry) {
        int rank = rank_of(m, yyjson_mut_get_str(yyjson_mut_obj_get(entry, "type")),
                           yyjson_mut_get_bool(yyjson_mut_obj_get(entry, "primary")));
        if (rank > best_rank && has_value(entry)) {
            best = entry;
            best_rank = rank;
        }
    }
    return best;
}

/* An entry in the order of the schema, so that equal lists are equal texts. */
static void keep_entry(struct json_out *o, const struct scim_attr *attr, yyjson_mut_val *entry,
                       bool stands_for)
{
    json_open(o, '{');
    for (const struct scim_attr *sub = attr->sub; sub && sub->name; sub++) {
        yyjson_mut_val *v = yyjson_mut_obj_get(entry, sub->name);
        size_t n;
        if (!v || (stands_for && str_eq(sub->name, "value")))
            continue;
        char *text = yyjson_mut_val_write(v, YYJSON_WRITE_NOFLAG, &n);
        if (!text)
            die_of_memory(0);
        json_key(o, sub->name);
        json_raw(o, text, n);
        free(text);
    }
    json_close(o, '}');
}

static enum err read_list(struct arena *a, const struct step *s, yyjson_mut_val *list,
                          const char **texts)
{
    const struct main_of *m = s->main == NONE ? NULL : main_of(s->attr->attribute);
    yyjson_mut_val *main = m ? main_entry(m, list) : NULL, *entry;
    AUTO_BUF text = {};
    struct json_out o = { .to = &text };
    size_t i, n;

    if (!list || yyjson_mut_arr_size(list) == 0 || (m && !main))
        return OK;
    json_open(&o, '[');
    yyjson_mut_arr_foreach(list, i, n, entry)
        if (!m || has_value(entry))             /* without one it would stand for the plain attribute */
            keep_entry(&o, s->attr, entry, entry == main);
    json_close(&o, ']');
    if (text.n > LIST_BYTES)
        return errf(ERR_INVALID, "%s: these %zu entries are longer than the %d KB that are kept",
                    s->attr->name, n, LIST_BYTES / 1024);
    if (main)
        texts[s->main] = yyjson_mut_get_str(yyjson_mut_obj_get(main, "value"));
    if (!m || !str_eq(text.at, m->alone))
        texts[s->slot] = arena_textn(a, text.at, text.n);
    return OK;
}

/* "a@x, b@x" as the directory has references: one a line. */
static const char *read_more(struct arena *a, const char *text)
{
    AUTO_BUF lines = {};
    char *rest = text ? arena_text(a, text) : NULL;

    for (char *one; (one = strsep(&rest, ","));) {
        one = str_trim(a, one);
        if (*one)
            buf_printf(&lines, "%s%s", lines.n ? "\n" : "", one);
    }
    return lines.n ? arena_textn(a, lines.at, lines.n) : NULL;
}

static enum err read_step(struct arena *a, const struct user_shape *s, const struct step *step,
                          yyjson_mut_val *resource, const char **texts)
{
    yyjson_mut_val *at = step->extension ? member(resource, step->extension->id) : resource;

    if (step->outer)
        at = member(at, step->outer->name);
    at = member(at, step->attr->name);
    switch (step->kind) {
    case STEP_VALUE:
        texts[step->slot] = value_text(a, at);
        return OK;
    case STEP_LIST:
        return read_list(a, step, at, texts);
    case STEP_ACTIVE:
        if (at)
            texts[s->state] = yyjson_mut_get_bool(at) ? "active" : "deactivated";
        return OK;
    case STEP_MANAGER:
        texts[s->manager] = yyjson_mut_get_str(member(at, "value"));
        return OK;
    case STEP_MORE:
        texts[s->more] = read_more(a, yyjson_mut_get_str(at));
        return OK;
    case STEP_GROUPS:
        return OK;
    }
    return OK;
}

static enum err read_texts(struct arena *a, const struct user_shape *s, yyjson_mut_val *resource,
                           const char ***out)
{
    const char **texts = *out = NEW_ARRAY(a, const char *, s->nslots);

    for (size_t i = 0; i < s->nsteps; i++)
        TRY(read_step(a, s, &s->steps[i], resource, texts));
    texts[s->external] = yyjson_mut_get_str(member(resource, "externalId"));
    for (size_t i = 0; i < s->nslots; i++) {
        const struct attr *attr = s->slots[i].attr;
        if (texts[i] && !*texts[i])
            texts[i] = NULL;                    /* "" is how Okta says nothing */
        else if (texts[i] && attr && attr->type == ATTR_DATE && strcspn(texts[i], "T") == 10)
            texts[i] = arena_textn(a, texts[i], 10);    /* Entra has no days either */
    }
    return OK;
}

enum err user_read(struct arena *a, const struct user_shape *s, yyjson_mut_val *resource,
                   struct value **says, size_t *n)
{
    const char **texts;

    TRY(read_texts(a, s, resource, &texts));
    *says = NEW_ARRAY(a, struct value, s->nslots + 1);
    *n = 0;
    for (size_t i = 0; i < s->nslots; i++)
        if (texts[i] && s->slots[i].attr)
            (*says)[(*n)++] = (struct value){ s->slots[i].attr, texts[i] };
    return OK;
}

static bool is_among(const struct scim_attr *const *list, size_t n, const struct scim_attr *attr)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == attr)
            return true;
    return false;
}

static bool is_named(const struct patch_named *named, const struct slot *s)
{
    return s->part ? is_among(named->parts, named->nparts, s->part)
                   : is_among(named->attrs, named->n, s->top);
}

enum err user_read_change(struct arena *a, const struct user_shape *s, yyjson_mut_val *before,
                          yyjson_mut_val *after, const struct patch_named *named,
                          struct value **says, size_t *n)
{
    const char **was, **is;

    TRY(read_texts(a, s, before, &was));
    TRY(read_texts(a, s, after, &is));
    *says = NEW_ARRAY(a, struct value, s->nslots + 1);
    *n = 0;
    for (size_t i = 0; i < s->nslots; i++)
        if (s->slots[i].attr && (!str_eq(was[i], is[i]) || is_named(named, &s->slots[i])))
            (*says)[(*n)++] = (struct value){ s->slots[i].attr, is[i] };
    return OK;
}
