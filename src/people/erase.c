/* erase.c — see erase.h. What has to be searched is read before the write transaction, which is short. */
#include "people/erase.h"

#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "people/erase_sql.h"
#include "people/link.h"

/* Texts in which the person is recognised wherever they stand. Not the anchor: "17" stands everywhere. */
struct traces { const char *list[4]; size_t n; };

struct erasing {
    const struct attrs *attrs;
    int64_t id;
    int64_t *mentions;
    size_t nmentions;
    struct place *reasons, *findings;
    size_t nreasons, nfindings;
};

static void collect_traces(struct arena *a, const struct person *p, struct traces *t)
{
    const char *texts[] = { person_text(p, "email"), person_text(p, "user_name"),
                            person_label(a, p) };

    for (size_t i = 0; i < COUNT(texts); i++)
        if (texts[i] && strlen(texts[i]) >= 3 && (i != 1 || !str_eq(texts[0], texts[1])))
            t->list[t->n++] = texts[i];
}

static bool shows(const struct traces *t, const char *text)
{
    for (size_t i = 0; text && i < t->n; i++)
        if (strstr(text, t->list[i]))
            return true;
    return false;
}

/* Writes a JSON value again, with texts that show the person replaced. */
static void copy_without(struct json_out *j, yyjson_val *v, const struct traces *t)
{
    yyjson_val *key, *val;
    size_t i, n;

    if (yyjson_is_str(v) && shows(t, yyjson_get_str(v))) {
        json_str(j, "(erased)");
    } else if (yyjson_is_obj(v)) {
        json_open(j, '{');
        yyjson_obj_foreach(v, i, n, key, val) {
            json_key(j, yyjson_get_str(key));
            copy_without(j, val, t);
        }
        json_close(j, '}');
    } else if (yyjson_is_arr(v)) {
        json_open(j, '[');
        yyjson_arr_foreach(v, i, n, val)
            copy_without(j, val, t);
        json_close(j, ']');
    } else {
        json_val(j, v);
    }
}

static enum err search(struct work *w, const struct traces *t, struct erasing *e)
{
    struct place *found;
    size_t n, cap_reasons = 0, cap_findings = 0;
    yyjson_val *root;

    for (size_t i = 0; i < t->n; i++) {
        TRY(erase_reasons(w, t->list[i], &found, &n));
        for (size_t q = 0; q < n; q++) {
            ARENA_GROW(w->mem, e->reasons, e->nreasons, cap_reasons);
            e->reasons[e->nreasons++] =
                (struct place){ found[q].run, found[q].seq, "(names somebody erased)" };
        }
        TRY(erase_findings(w, t->list[i], &found, &n));
        for (size_t q = 0; q < n; q++) {
            AUTO_BUF text = {};
            struct json_out j = { &text };
            TRY(json_read_in(w->mem, found[q].text, strlen(found[q].text), &root));
            copy_without(&j, root, t);
            found[q].text = arena_textn(w->mem, text.at, text.n);
            ARENA_GROW(w->mem, e->findings, e->nfindings, cap_findings);
            e->findings[e->nfindings++] = found[q];
        }
    }
    return erase_mentions(w, e->id, &e->mentions, &e->nmentions);
}

/* One of those who named the person as manager or additional manager. */
static enum err forget_manager(struct work *w, const struct erasing *e, int64_t report)
{
    struct changes c = {};
    struct person *p;
    int64_t *ids;
    size_t kept = 0;

    TRY(people_load(w, e->attrs, &report, 1, LOAD_TEAMS, &p));
    if (!p)
        return OK;
    if (p->manager == e->id)
        changes_add(w->mem, &c, attr_builtin("manager"), arena_text(w->mem, id_text(e->id)), NULL);
    const char *more = person_text(p, "additional_managers");
    size_t n = ids_read(w->mem, more, &ids);
    for (size_t i = 0; i < n; i++)
        if (ids[i] != e->id)
            ids[kept++] = ids[i];
    if (kept < n)
        changes_add(w->mem, &c, attr_builtin("additional_managers"), more,
                    ids_join(w->mem, ids, kept));
    struct edit edit = { .person = report, .changes = c };
    return people_edit(w, e->attrs, &edit, ROW_UPDATE, "the manager was erased");
}

static enum err write_erasure(struct work *w, void *arg)
{
    struct erasing *e = arg;
    struct run_row row = { .person = e->id, .kind = ROW_NOTE, .reason = "erased" };

    for (size_t i = 0; i < e->nmentions; i++)
        TRY(forget_manager(w, e, e->mentions[i]));
    for (size_t i = 0; i < e->nreasons; i++)
        TRY(erase_put_reason(w, &e->reasons[i]));
    for (size_t i = 0; i < e->nfindings; i++)
        TRY(erase_put_findings(w, &e->findings[i]));
    TRY(erase_belongings(w, e->id));
    TRY(erase_rows(w, e->id));
    return edit_row_put(w, &row);
}

enum err people_erase(struct work *w, const struct attrs *as, int64_t id, size_t *sources)
{
    struct erasing e = { .attrs = as, .id = id };
    struct traces traces = {};
    struct link *links;
    struct person *p;

    TRY(person_load(w, as, id, &p));
    TRY(links_of(w, &id, 1, &links, sources));
    collect_traces(w->mem, p, &traces);
    TRY(search(w, &traces, &e));
    return store_write(w, write_erasure, &e);
}
