/* map.c — a mapping run over one record. Called for every record of a sync, so it makes nothing it need not. */
#include "sync/map.h"

#include <stdlib.h>

#include "base/str.h"
#include "sync/expr.h"

struct raw map_value(struct arena *a, const struct mapping *m, const struct expr *e,
                     const struct record *r)
{
    (void)a, (void)m;               /* for expressions that make a new text; these only point at one */
    return expr_value(e, r);
}

static int compare_text(const void *text, const void *at)
{
    return strcmp(text, *(const char *const *)at);
}

static bool named(struct arena *a, const struct mapping *m, const char *who)
{
    const char *key = who && strchr(who, '@') ? str_fold(a, who) : who;

    return key && bsearch(key, m->exclude_people, m->nexclude_people, sizeof *m->exclude_people,
                          compare_text);
}

bool map_excluded(struct arena *a, const struct mapping *m, const struct record *r,
                  const char *email, const char **why, bool *unknown)
{
    for (size_t i = 0; i < m->nexclude; i++) {
        if (expr_true(m->exclude[i].expr, r, unknown)) {
            *why = m->exclude[i].text;
            return true;
        }
    }
    if (m->nexclude_people == 0)
        return false;
    const char *who = named(a, m, email) ? email : named(a, m, r->id) ? r->id : NULL;
    if (who)
        *why = arena_printf(a, "exclude_people names %s", who);
    return who != NULL;
}

static bool listed(const char *const *list, size_t n, const struct raw *v)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(list[i]) == v->n && strncasecmp(list[i], v->text, v->n) == 0)
            return true;
    return false;
}

enum status map_status(struct arena *a, const struct mapping *m, const struct record *r,
                       struct raw *raw)
{
    *raw = map_value(a, m, m->status.from, r);
    if (raw->is < RAW_TEXT || raw->n == 0)
        return STATUS_UNKNOWN;
    if (listed(m->status.active, m->status.nactive, raw))
        return STATUS_ACTIVE;
    return listed(m->status.leave, m->status.nleave, raw) ? STATUS_LEAVE : STATUS_GONE;
}
