/*
 * plan_asserts.c — the assertions of a mapping file, looked at for every record, changed or not; one that
 * does not hold is a finding, and holds the plan.
 */
#include "base/str.h"
#include "sync/plan.h"

/* What is counted for one assertion. */
struct asserted { const struct expr *from; struct table values; int64_t filled, twice; };

enum err plan_asserts_open(struct plan *p)
{
    p->asserted = NEW_ARRAY(p->mem, struct asserted, p->map->nasserts + 1);
    for (size_t i = 0; i < p->map->nasserts; i++)
        for (size_t q = 0; q < p->map->nrows; q++)
            if (str_eq(p->map->rows[q].attribute, p->map->asserts[i].attribute))
                p->asserted[i].from = p->map->rows[q].from;
    for (size_t i = 0; i < p->map->nasserts; i++)
        if (!p->asserted[i].from)
            return errf(ERR_INVALID, "the mapping asserts something of %s, which it does not map",
                        p->map->asserts[i].attribute);
    return OK;
}

void plan_asserts_record(struct plan *p, const struct record *r)
{
    for (size_t i = 0; i < p->map->nasserts; i++) {
        struct asserted *a = &p->asserted[i];
        struct arena_mark mark = arena_mark(p->w->mem);
        struct raw v = map_value(p->w->mem, p->map, a->from, r);
        bool fresh = true;
        if (v.is >= RAW_TEXT && v.n > 0) {
            a->filled++;
            if (p->map->asserts[i].kind == ASSERT_UNIQUE) {
                const char *text = str_fold(p->w->mem, arena_textn(p->w->mem, v.text, v.n));
                table_put(&a->values, crypt_hash(&p->hash, text, strlen(text)) | 1, 1, &fresh);
            }
        }
        a->twice += !fresh;
        arena_reset(p->w->mem, mark);
    }
}

void plan_asserts_close(struct plan *p)
{
    for (size_t i = 0; i < p->map->nasserts; i++) {
        const struct map_assert *wish = &p->map->asserts[i];
        const struct asserted *a = &p->asserted[i];
        double percent = p->tally.read ? 100.0 * (double)a->filled / (double)p->tally.read : 100;
        if (wish->kind == ASSERT_UNIQUE && a->twice)
            findings_add(
                &p->findings, FINDING_assertion, wish->attribute,
                arena_printf(p->mem,
                             "%s is not unique: %lld records have a value that another one has",
                             wish->attribute, (long long)a->twice),
                NULL);
        if (wish->kind == ASSERT_FILLED && percent < wish->percent)
            findings_add(&p->findings, FINDING_assertion, wish->attribute,
                         arena_printf(p->mem,
                                      "%s is filled for %.1f %% of the records, less than %.1f %%",
                                      wish->attribute, percent, wish->percent),
                         NULL);
    }
}

void plan_asserts_free(struct plan *p)
{
    for (size_t i = 0; p->asserted && i < p->map->nasserts; i++)
        table_free(&p->asserted[i].values);
}
