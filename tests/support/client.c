/* client.c — see client.h. */
#include "support/client.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/str.h"

static struct { int64_t id, version; const char *note; bool changed; } last;

static enum err put_source(struct work *w, void *arg)
{
    return source_row_put(w, arg);
}

int64_t given_client(const char *name, const char *options)
{
    struct source_row *all, row = { .id = id_new(),
                                    .name = name,
                                    .kind = "scim",
                                    .place = 1,
                                    .options = options ? options : "{}",
                                    .mapping = "" };
    size_t n;

    assert_ok(source_rows(the_work(), &all, &n));
    for (size_t i = 0; i < n; i++)
        row.place = all[i].place + 1;
    assert_ok(store_write(the_work(), put_source, &row));
    return row.id;
}

static int by_attr(const void *a, const void *b)
{
    return strcmp(((const struct value *)a)->attr->name, ((const struct value *)b)->attr->name);
}

static enum err write_it(struct work *w, void *arg)
{
    return inbound_person(w, arg);
}

static enum err send(int64_t source, int64_t person, bool whole, const char *first, va_list more)
{
    struct arena *a = the_work()->mem;
    struct value says[32] = {};
    struct inbound in = { .source = source,
                          .attrs = the_attrs(),
                          .person = person,
                          .version = last.version,
                          .whole = whole,
                          .says = says,
                          .reason = "a test" };

    last.version = 0;
    for (const char *pair = first; pair; pair = va_arg(more, const char *)) {
        const char *eq = strchrnul(pair, '=');
        const struct attr *attr = attr_find(in.attrs, arena_textn(a, pair, (size_t)(eq - pair)));
        assert_non_null(attr);
        says[in.n++] = (struct value){ attr, *eq ? arena_text(a, eq + 1) : NULL };
    }
    qsort(says, in.n, sizeof *says, by_attr);
    enum err e = store_write(the_work(), write_it, &in);
    last.id = in.id;
    last.note = in.note;
    last.changed = in.changed;
    return e;
}

#define SEND(person, whole)                                                                        \
    va_list more;                                                                                  \
    va_start(more, first);                                                                         \
    enum err e = send(source, (person), (whole), first, more);                                     \
    va_end(more)

enum err try_post(int64_t source, const char *first, ...)
{
    SEND(0, true);
    return e;
}

enum err try_put(int64_t source, int64_t person, const char *first, ...)
{
    SEND(person, true);
    return e;
}

enum err try_patch(int64_t source, int64_t person, const char *first, ...)
{
    SEND(person, false);
    return e;
}

int64_t post(int64_t source, const char *first, ...)
{
    SEND(0, true);
    assert_ok(e);
    return last.id;
}

bool put(int64_t source, int64_t person, const char *first, ...)
{
    SEND(person, true);
    assert_ok(e);
    return last.changed;
}

bool patch(int64_t source, int64_t person, const char *first, ...)
{
    SEND(person, false);
    assert_ok(e);
    return last.changed;
}

int64_t posted(void)
{
    return last.id;
}

const char *noted(void)
{
    return last.note ? last.note : "";
}

void given_version(int64_t version)
{
    last.version = version;
}

static enum err delete_person(struct work *w, void *arg)
{
    return inbound_delete(w, arg);
}

enum err delete_it(int64_t source, int64_t person)
{
    struct inbound in = { .source = source,
                          .attrs = the_attrs(),
                          .person = person,
                          .version = last.version,
                          .reason = "a test" };

    last.version = 0;
    return store_write(the_work(), delete_person, &in);
}

bool sees(int64_t source, int64_t person)
{
    bool it;

    assert_ok(inbound_sees(the_work(), source, person, &it));
    return it;
}

/* ---- groups ---- */

static enum err write_group(struct work *w, void *arg)
{
    return inbound_group(w, arg);
}

enum err try_group(struct inbound_group *in)
{
    in->attrs = the_attrs();
    in->reason = "a test";
    return store_write(the_work(), write_group, in);
}

int64_t group(int64_t source, const char *name, const char *external_id)
{
    struct inbound_group in = {
        .source = source, .name = name, .external_id = external_id, .sets_external_id = true
    };

    assert_ok(try_group(&in));
    return in.id;
}

static size_t list_ids(int64_t first, va_list more, int64_t *ids)
{
    size_t n = 0;

    for (int64_t id = first; id; id = va_arg(more, int64_t))
        ids[n++] = id;
    return n;
}

#define MEMBERS(which, count, ...)                                                                 \
    int64_t ids[32];                                                                               \
    struct inbound_group in = { .source = source, .group = id, .which = ids, __VA_ARGS__ };        \
    va_list more;                                                                                  \
    va_start(more, first);                                                                         \
    in.count = list_ids(first, more, ids);                                                         \
    va_end(more);                                                                                  \
    assert_ok(try_group(&in));                                                                     \
    return in.skipped

size_t join(int64_t source, int64_t id, int64_t first, ...)
{
    MEMBERS(add, nadd, );
}

size_t leave(int64_t source, int64_t id, int64_t first, ...)
{
    MEMBERS(remove, nremove, );
}

size_t replace(int64_t source, int64_t id, int64_t first, ...)
{
    MEMBERS(add, nadd, .replaces = true);
}

static struct group load_group(int64_t source, int64_t id)
{
    struct group g;

    assert_ok(group_load(the_work(), source, id, &g));
    return g;
}

const char *members(int64_t source, int64_t id)
{
    struct group g = load_group(source, id);
    struct group_member *list;
    AUTO_BUF text = {};
    size_t n;

    assert_ok(group_members(the_work(), &g, 0, 100, &list, &n));
    for (size_t i = 0; i < n; i++)
        buf_printf(&text, "%s%s", i ? ", " : "", list[i].shown ? list[i].shown : "?");
    return arena_textn(the_work()->mem, text.at ? text.at : "", text.n);
}

const char *team_of(int64_t source, int64_t id)
{
    struct team team;

    assert_ok(team_load(the_work(), load_group(source, id).team, &team));
    return team.name;
}

int64_t version_of(int64_t person)
{
    struct person *p;

    assert_ok(person_load(the_work(), the_attrs(), person, &p));
    return p->version;
}

int64_t group_version(int64_t source, int64_t id)
{
    return load_group(source, id).version;
}

struct run *run_of(int64_t source)
{
    struct run *runs;
    size_t n;

    assert_ok(runs_list(the_work(), source, 20, &runs, &n));
    for (size_t i = 0; i < n; i++)
        if (str_eq(runs[i].kind, "scim"))
            return &runs[i];
    return NULL;
}

const char *rows_of(int64_t source)
{
    const struct run *run = run_of(source);
    int counts[ROW_KINDS] = {};
    struct run_row *rows;
    AUTO_BUF text = {};
    size_t n;

    if (!run)
        return "";
    assert_ok(run_rows(the_work(), run->id, 0, INT64_MAX, 10000, &rows, &n));
    for (size_t i = 0; i < n; i++)
        counts[rows[i].kind]++;
    for (enum row_kind k = ROW_CREATE; k < ROW_KINDS; k++)
        if (counts[k])
            buf_printf(&text, "%s%s %d", text.n ? ", " : "", row_kind_name(k), counts[k]);
    return arena_textn(the_work()->mem, text.at ? text.at : "", text.n);
}
