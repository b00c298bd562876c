/* scim_people.c — people and groups as the source that asks sees them, as views and as JSON. */
#include <stdlib.h>

#include "api/scim_serve.h"
#include "base/id.h"
#include "base/str.h"
#include "people/change.h"

enum { MEMBERS_PAGE = 1000 };

/* The name that is shown, from a person's stored values. */
static const char *shown_name(struct arena *a, const char *vals)
{
    yyjson_val *root;

    if (!vals || json_read_in(a, vals, strlen(vals), &root) != OK)
        return NULL;
    const char *display = json_text(root, "display_name");
    const char *given = json_text(root, "given_name"), *family = json_text(root, "family_name");
    if (display || (!given && !family))
        return display;
    return given && family ? arena_printf(a, "%s %s", given, family) : given ? given : family;
}

/* A link without an externalId has the person's own id for a record: see sync/inbound.h. */
static const char *external_id(const char *record, int64_t person)
{
    return record && !(record[0] == '@' && str_eq(record + 1, id_text(person))) ? record : NULL;
}

static enum err view_of(const struct scim_asker *s, const struct user_record *r,
                        struct user_view *v)
{
    struct value *values;

    TRY(values_read(s->w->mem, s->space->attrs, r->vals, r->vals_size, &values, &v->nvalues));
    v->values = values;
    v->id = r->id;
    v->version = r->version;
    v->created_at = r->created_at;
    v->updated_at = r->updated_at;
    v->active = r->state == STATE_ACTIVE;
    v->external_id = external_id(r->record, r->id);
    if (r->manager && r->manager_vals)
        v->manager = (struct user_ref){ r->manager, shown_name(s->w->mem, r->manager_vals) };
    return OK;
}

static const char *text_of(const struct user_view *v, const char *attribute)
{
    for (size_t i = 0; i < v->nvalues; i++)
        if (str_eq(v->values[i].attr->name, attribute))
            return v->values[i].text;
    return NULL;
}

/* How a person is best referred to from outside. */
static const char *reference_of(const struct scim_asker *s, const struct user_record *r)
{
    static const char *const names[] = { "email", "user_name" };
    yyjson_val *root;

    if (json_read_in(s->w->mem, r->vals, r->vals_size, &root) == OK)
        for (size_t i = 0; i < COUNT(names); i++)
            if (json_text(root, names[i]))
                return json_text(root, names[i]);
    return arena_text(s->w->mem, id_text(r->id));
}

/* The additional managers of all that are shown, sorted by id. */
struct others { struct user_record *list; size_t n; };

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int by_record_id(const void *a, const void *b)
{
    return by_number(&((const struct user_record *)a)->id, &((const struct user_record *)b)->id);
}

static enum err load_others(const struct scim_asker *s, const struct user_view *views, size_t n,
                            struct others *out)
{
    int64_t *all = NULL, *ids;
    size_t nall = 0, cap = 0, kept = 0;

    *out = (struct others){};
    for (size_t i = 0; i < n; i++) {
        const char *text = text_of(&views[i], "additional_managers");
        size_t many = text ? ids_read(s->w->mem, text, &ids) : 0;
        for (size_t k = 0; k < many; k++) {
            ARENA_GROW(s->w->mem, all, nall, cap);
            all[nall++] = ids[k];
        }
    }
    if (nall == 0)
        return OK;
    qsort(all, nall, sizeof *all, by_number);
    for (size_t i = 0; i < nall; i++)
        if (i == 0 || all[i] != all[i - 1])
            all[kept++] = all[i];
    TRY(users_query(s->w, s->source, all, kept, &out->list, &out->n));
    qsort(out->list, out->n, sizeof *out->list, by_record_id);
    return OK;
}

/* Additional managers: those who are seen, then those who are waited for. */
static enum err name_more(const struct scim_asker *s, const struct others *others, bool waits,
                          struct user_view *v)
{
    const char *text = text_of(v, "additional_managers"), **wanted = NULL;
    int64_t *ids;
    size_t n = text ? ids_read(s->w->mem, text, &ids) : 0, nwanted = 0;
    AUTO_BUF all = {};

    for (size_t i = 0; i < n && others->n; i++) {
        struct user_record key = { .id = ids[i] };
        const struct user_record *one =
            bsearch(&key, others->list, others->n, sizeof key, by_record_id);
        if (one && !one->hidden)
            buf_printf(&all, "%s%s", all.n ? ", " : "", reference_of(s, one));
    }
    if (waits)
        TRY(user_waits_for(s->w, s->source, v->id, &wanted, &nwanted));
    for (size_t i = 0; i < nwanted; i++)
        buf_printf(&all, "%s%s", all.n ? ", " : "", wanted[i]);
    v->more = all.n ? arena_textn(s->w->mem, all.at, all.n) : NULL;
    return OK;
}

static enum err put_groups(const struct scim_asker *s, const int64_t *ids, size_t n,
                           struct user_view *views)
{
    struct user_in_group *in;
    size_t found;

    TRY(users_groups(s->w, s->source, ids, n, &in, &found));
    for (size_t i = 0, end; i < found; i = end) {
        for (end = i; end < found && in[end].person == in[i].person; end++)
            ;
        struct user_ref *groups = NEW_ARRAY(s->w->mem, struct user_ref, end - i);
        for (size_t k = i; k < end; k++)
            groups[k - i] = (struct user_ref){ in[k].group, in[k].name };
        for (size_t k = 0; k < n; k++)
            if (views[k].id == in[i].person) {
                views[k].groups = groups;
                views[k].ngroups = end - i;
            }
    }
    return OK;
}

enum err scim_users_load(const struct scim_asker *s, const int64_t *ids, size_t n, unsigned flags,
                         struct user_view *out)
{
    struct user_record *rows;
    struct others others;
    bool *waits = NEW_ARRAY(s->w->mem, bool, n + 1);
    size_t found;

    memset(out, 0, n * sizeof *out);
    TRY(users_query(s->w, s->source, ids, n, &rows, &found));
    for (size_t i = 0; i < found; i++)
        for (size_t k = 0; k < n; k++)
            if (ids[k] == rows[i].id && !rows[i].hidden && !out[k].id) {
                TRY(view_of(s, &rows[i], &out[k]));
                waits[k] = rows[i].waits;
                break;
            }
    TRY(load_others(s, out, n, &others));
    for (size_t k = 0; k < n; k++)
        if (out[k].id)
            TRY(name_more(s, &others, waits[k], &out[k]));
    return flags & WITH_GROUPS && found ? put_groups(s, ids, n, out) : OK;
}

enum err scim_user_load(const struct scim_asker *s, int64_t id, struct user_view *out)
{
    struct user_ref *groups;
    struct user_record row;
    struct others others;
    size_t ngroups;
    bool found;

    *out = (struct user_view){};
    TRY(user_query(s->w, s->source, id, &row, &found, &groups, &ngroups));
    if (!found || row.hidden)
        return errf(ERR_NOT_FOUND, "there is no user with the id %s", id_text(id));
    TRY(view_of(s, &row, out));
    TRY(load_others(s, out, 1, &others));
    TRY(name_more(s, &others, row.waits, out));
    out->groups = groups;
    out->ngroups = ngroups;
    return OK;
}

/* Most answers are whole; the others are cut out of the whole one. */
static enum err put_part(struct work *w, const struct projection *want,
                         const struct scim_resource *type, const struct buf *whole, struct buf *to)
{
    yyjson_val *root;

    TRY(json_read_in(w->mem, whole->at, whole->n, &root));
    projection_write(to, want, type, root);
    return OK;
}

enum err scim_user_put(const struct scim_asker *s, const struct user_view *v,
                       const struct projection *want, struct buf *to)
{
    AUTO_BUF whole = {};

    if (!want) {
        user_write(s->w->mem, to, s->space->shape, v, s->base);
        return OK;
    }
    user_write(s->w->mem, &whole, s->space->shape, v, s->base);
    return put_part(s->w, want, &s->space->scim->user, &whole, to);
}

static enum err put_members(const struct scim_asker *s, const struct group *g, struct json_out *o,
                            bool *any)
{
    struct group_member *page;
    int64_t after = 0;
    size_t n;

    do {
        struct arena_mark mark = arena_mark(s->w->mem);
        TRY(group_members(s->w, g, after, MEMBERS_PAGE, &page, &n));
        for (size_t i = 0; i < n; i++) {
            struct user_ref one = { page[i].person, page[i].shown };
            group_write_member(o, &one, !*any, s->base);
            *any = true;
        }
        after = n ? page[n - 1].person : after;
        arena_reset(s->w->mem, mark);
    } while (n == MEMBERS_PAGE);
    return OK;
}

enum err scim_group_put(const struct scim_asker *s, const struct group *g,
                        const struct projection *want, struct buf *to)
{
    struct group_view v = {
        g->id, g->version, g->created_at, g->updated_at, g->name, g->external_id
    };
    AUTO_BUF whole = {};
    struct json_out o = { .to = want ? &whole : to };
    bool any = false;

    group_write_start(&o, &v, s->base);
    if (projection_wants(want, "members"))
        TRY(put_members(s, g, &o, &any));
    group_write_end(&o, any);
    return want ? put_part(s->w, want, &s->space->scim->group, &whole, to) : OK;
}
