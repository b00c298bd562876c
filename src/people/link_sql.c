/* link_sql.c — link and claim. */
#include "people/link.h"

#include <stdlib.h>

#include "base/id.h"
#include "base/str.h"
#include "people/person.h"
#include "store/store.h"

struct link_scan { link_fn *fn; void *arg; int64_t source; };

static enum err scan_link(void *arg, const struct cell *c)
{
    struct link_scan *s = arg;
    struct link l = { .id = c[0].num,
                      .source = s->source,
                      .record = c[1].text,
                      .person = c[2].num,
                      .reason = (enum link_reason)c[3].num,
                      .digest = c[4].num,
                      .missing = c[5].num };

    return s->fn(s->arg, &l);
}

enum err links_each(struct work *w, int64_t source, link_fn *fn, void *arg)
{
    struct link_scan s = { fn, arg, source };

    return store_each(w, scan_link, &s,
                      "SELECT id, record, person, reason, digest, missing FROM link WHERE "
                      "workspace = ? AND source = ?",
                      num(w->workspace), num(source));
}

static struct link read_link(const struct rows *r, size_t i)
{
    return (struct link){ .id = rows_num(r, i, 0),
                          .source = rows_num(r, i, 1),
                          .record = rows_text(r, i, 2),
                          .person = rows_num(r, i, 3),
                          .reason = (enum link_reason)rows_num(r, i, 4),
                          .digest = rows_num(r, i, 5),
                          .missing = rows_num(r, i, 6),
                          .mark = rows_text(r, i, 7),
                          .said = rows_text(r, i, 8) };
}

#define LINK_COLUMNS                                                                               \
    "link.id, link.source, link.record, link.person, link.reason, link.digest, "                   \
    "link.missing, link.mark, claim.said FROM link LEFT JOIN claim ON "                            \
    "claim.workspace = link.workspace AND claim.id = link.id "

static int by_person(const void *a, const void *b)
{
    const struct link *x = a, *y = b;

    if (x->person != y->person)
        return x->person < y->person ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

size_t links_first(const struct link *list, size_t n, int64_t person)
{
    size_t from = 0, to = n;

    while (from < to) {
        size_t mid = (from + to) / 2;
        if (list[mid].person < person)
            from = mid + 1;
        else
            to = mid;
    }
    return from < n && list[from].person == person ? from : n;
}

enum err links_of(struct work *w, const int64_t *people, size_t n, struct link **out, size_t *count)
{
    size_t cap = 0;

    *out = NULL;
    *count = 0;
    for (size_t at = 0; at < n; at += STORE_IN_MOST) {
        size_t k = MIN(n - at, (size_t)STORE_IN_MOST);
        struct arg *args = NEW_ARRAY(w->mem, struct arg, store_in_size(k) + 1);
        struct rows r;
        args[0] = num(w->workspace);
        for (size_t i = 0; i < k; i++)
            args[1 + i] = num(people[at + i]);
        store_pad(args + 1, k);
        TRY(store_query_args(w, &r,
                             arena_printf(w->mem,
                                          "SELECT " LINK_COLUMNS "WHERE link.workspace = ? AND "
                                          "link.person IN %s ORDER BY link.person, link.id",
                                          store_in(k)),
                             args, store_in_size(k) + 1));
        for (size_t i = 0; i < r.n; i++) {
            ARENA_GROW(w->mem, *out, *count, cap);
            (*out)[(*count)++] = read_link(&r, i);
        }
    }
    if (n > STORE_IN_MOST && *count)
        qsort(*out, *count, sizeof **out, by_person);
    return OK;
}

enum err links_by_record(struct work *w, int64_t source, const char *const *records, size_t n,
                         struct link *out)
{
    memset(out, 0, n * sizeof *out);
    for (size_t at = 0; at < n; at += STORE_IN_MOST) {
        size_t k = MIN(n - at, (size_t)STORE_IN_MOST);
        struct arg *args = NEW_ARRAY(w->mem, struct arg, store_in_size(k) + 2);
        struct rows r;
        args[0] = num(w->workspace);
        args[1] = num(source);
        for (size_t i = 0; i < k; i++)
            args[2 + i] = txt(records[at + i]);
        store_pad(args + 2, k);
        TRY(store_query_args(w, &r,
                             arena_printf(w->mem,
                                          "SELECT " LINK_COLUMNS "WHERE link.workspace = ? AND "
                                          "link.source = ? AND link.record IN %s",
                                          store_in(k)),
                             args, store_in_size(k) + 2));
        for (size_t i = 0; i < r.n; i++)
            for (size_t q = at; q < at + k; q++)
                if (str_eq(records[q], rows_text(&r, i, 2)))
                    out[q] = read_link(&r, i);
    }
    return OK;
}

enum err link_by_mark(struct work *w, const char *mark, struct link **out, size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT " LINK_COLUMNS "WHERE link.workspace = ? AND link.mark = ?",
                    num(w->workspace), txt(mark)));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, struct link, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        (*out)[i] = read_link(&r, i);
    return OK;
}

enum err link_put(struct work *w, struct link *l)
{
    bool fresh = l->id == 0;

    if (fresh) {
        l->id = id_new();
        TRY(store_run(
            w,
            "INSERT INTO link (id, workspace, source, record, person, reason, digest, missing, "
            "mark) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            num(l->id), num(w->workspace), num(l->source), txt(l->record), id_or_null(l->person),
            num(l->reason), num(l->digest), num(l->missing), txt(l->mark)));
    } else {
        TRY(store_run(
            w,
            "UPDATE link SET record = ?, person = ?, reason = ?, digest = ?, missing = ?, mark = "
            "? WHERE workspace = ? AND id = ?",
            txt(l->record), id_or_null(l->person), num(l->reason), num(l->digest), num(l->missing),
            txt(l->mark), num(w->workspace), num(l->id)));
    }
    if (!l->said)
        return OK;
    if (fresh)
        return store_run(w, "INSERT INTO claim (id, workspace, said) VALUES (?, ?, ?)", num(l->id),
                         num(w->workspace), txt(l->said));
    /* Not an upsert: the conflict target differs between the engines' primary keys. */
    TRY(store_run(w, "DELETE FROM claim WHERE workspace = ? AND id = ?", num(w->workspace),
                  num(l->id)));
    return store_run(w, "INSERT INTO claim (id, workspace, said) VALUES (?, ?, ?)", num(l->id),
                     num(w->workspace), txt(l->said));
}

enum err link_say(struct work *w, const struct link *l, const char *said)
{
    if (l->said)
        return store_run(w, "UPDATE claim SET said = ? WHERE workspace = ? AND id = ?", txt(said),
                         num(w->workspace), num(l->id));
    return store_run(w, "INSERT INTO claim (id, workspace, said) VALUES (?, ?, ?)", num(l->id),
                     num(w->workspace), txt(said));
}

enum err links_hidden(struct work *w, int64_t source, const int64_t *people, size_t n, bool *hidden)
{
    for (size_t at = 0; at < n; at += STORE_IN_MOST) {
        size_t k = MIN(n - at, (size_t)STORE_IN_MOST);
        struct arg *args = NEW_ARRAY(w->mem, struct arg, store_in_size(k) + 2);
        struct rows r;
        args[0] = num(w->workspace);
        args[1] = num(source);
        for (size_t i = 0; i < k; i++)
            args[2 + i] = num(people[at + i]);
        store_pad(args + 2, k);
        static_assert(LINK_DELETED == 4, "the index link_hidden says so too");
        TRY(store_query_args(w, &r,
                             arena_printf(w->mem,
                                          "SELECT person FROM link WHERE workspace = ? AND source "
                                          "= ? AND reason = 4 AND person IN %s",
                                          store_in(k)),
                             args, store_in_size(k) + 2));
        for (size_t i = 0; i < k; i++) {
            hidden[at + i] = false;
            for (size_t q = 0; q < r.n; q++)
                hidden[at + i] |= rows_num(&r, q, 0) == people[at + i];
        }
    }
    return OK;
}

enum err links_unsettle(struct work *w, const int64_t *people, size_t n, int64_t source)
{
    for (size_t at = 0; at < n; at += STORE_IN_MOST) {
        size_t k = MIN(n - at, (size_t)STORE_IN_MOST);
        struct arg *args = NEW_ARRAY(w->mem, struct arg, store_in_size(k) + 2);
        args[0] = num(w->workspace);
        args[1] = num(source);
        for (size_t i = 0; i < k; i++)
            args[2 + i] = num(people[at + i]);
        store_pad(args + 2, k);
        TRY(store_run_args(w,
                           arena_printf(w->mem,
                                        "UPDATE link SET digest = 0 WHERE workspace = ? AND "
                                        "source <> ? AND person IN %s AND digest <> 0",
                                        store_in(k)),
                           args, store_in_size(k) + 2));
    }
    return OK;
}
