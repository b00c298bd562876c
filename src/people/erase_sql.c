/* erase_sql.c — the statements of an erasure. */
#include "people/erase_sql.h"

#include "base/id.h"
#include "people/history.h"
#include "store/store.h"

enum err erase_belongings(struct work *w, int64_t id)
{
    static const char *const statements[] = {
        "DELETE FROM claim WHERE workspace = ? AND id IN (SELECT link.id FROM link WHERE "
        "link.workspace = "
        "claim.workspace AND link.person = ?)",
        "DELETE FROM link WHERE workspace = ? AND person = ?",
        "UPDATE team_group SET version = version + 1 WHERE workspace = ? AND id IN (SELECT "
        "membership.owner FROM membership WHERE membership.workspace = team_group.workspace AND "
        "membership.person = ?)",
        "DELETE FROM membership WHERE workspace = ? AND person = ?",
        "DELETE FROM waiting WHERE workspace = ? AND person = ?",
        "DELETE FROM pinned WHERE workspace = ? AND person = ?",
        "DELETE FROM held_back WHERE workspace = ? AND person = ?",
        "DELETE FROM person_key WHERE workspace = ? AND person = ?",
        "DELETE FROM person WHERE workspace = ? AND id = ?",
    };

    for (size_t i = 0; i < COUNT(statements); i++)
        TRY(store_run(w, statements[i], num(w->workspace), num(id)));
    return OK;
}

enum err erase_rows(struct work *w, int64_t id)
{
    TRY(store_run(
        w,
        "UPDATE run_row SET set_aside = ? WHERE workspace = ? AND person = ? AND set_aside = 0 AND "
        "seq > (SELECT run.applied_upto FROM run WHERE run.workspace = run_row.workspace AND "
        "run.id = "
        "run_row.run)",
        num(ROW_STALE), num(w->workspace), num(id)));
    TRY(store_run(
        w,
        "UPDATE run_row SET changes = '{}', said = NULL, record = NULL, digest = 0, reason = "
        "'erased' WHERE workspace = ? AND person = ?",
        num(w->workspace), num(id)));
    /* Recorded requests are sealed: nobody can look whom they are about, and they live for a day only. */
    return store_run(w, "DELETE FROM scim_body WHERE workspace = ?", num(w->workspace));
}

/* A pattern for LIKE that finds the text anywhere. */
static const char *anywhere(struct arena *a, const char *text)
{
    char *pattern = arena_alloc(a, 2 * strlen(text) + 3), *to = pattern;

    *to++ = '%';
    for (const char *s = text; *s; s++) {
        if (*s == '%' || *s == '_' || *s == '!')
            *to++ = '!';
        *to++ = *s;
    }
    *to = '%';
    return pattern;
}

enum err erase_mentions(struct work *w, int64_t id, int64_t **out, size_t *n)
{
    struct rows r;

    TRY(store_query(
        w, &r,
        "SELECT id FROM person WHERE workspace = ? AND (manager = ? OR vals LIKE ? ESCAPE '!') "
        "AND id <> ? ORDER BY id",
        num(w->workspace), num(id), txt(anywhere(w->mem, id_text(id))), num(id)));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, int64_t, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        (*out)[i] = rows_num(&r, i, 0);
    return OK;
}

static void read_places(struct work *w, const struct rows *r, struct place **out, size_t *n)
{
    *n = r->n;
    *out = NEW_ARRAY(w->mem, struct place, r->n + 1);
    for (size_t i = 0; i < r->n; i++)
        (*out)[i] = (struct place){ rows_num(r, i, 0), rows_num(r, i, 1), rows_text(r, i, 2) };
}

enum err erase_reasons(struct work *w, const char *text, struct place **out, size_t *n)
{
    struct rows r;

    TRY(store_query(
        w, &r,
        "SELECT run, seq, reason FROM run_row WHERE workspace = ? AND reason LIKE ? ESCAPE '!'",
        num(w->workspace), txt(anywhere(w->mem, text))));
    read_places(w, &r, out, n);
    return OK;
}

enum err erase_findings(struct work *w, const char *text, struct place **out, size_t *n)
{
    struct rows r;

    TRY(store_query(
        w, &r, "SELECT id, 0, findings FROM run WHERE workspace = ? AND findings LIKE ? ESCAPE '!'",
        num(w->workspace), txt(anywhere(w->mem, text))));
    read_places(w, &r, out, n);
    return OK;
}

enum err erase_put_reason(struct work *w, const struct place *p)
{
    return store_run(w, "UPDATE run_row SET reason = ? WHERE workspace = ? AND run = ? AND seq = ?",
                     txt(p->text), num(w->workspace), num(p->run), num(p->seq));
}

enum err erase_put_findings(struct work *w, const struct place *p)
{
    return store_run(w, "UPDATE run SET findings = ? WHERE workspace = ? AND id = ?", txt(p->text),
                     num(w->workspace), num(p->run));
}
