/* expr.c — see expr.h. */
#include "sync/expr.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/str.h"

struct scanner { struct arena *mem; const char *start, *at; };

static void blanks(struct scanner *s)
{
    while (isspace((unsigned char)*s->at))
        s->at++;
}

static enum err wrong(const struct scanner *s, const char *what)
{
    return errf(ERR_INVALID, "%s at position %d of «%s»", what, (int)(s->at - s->start) + 1, s->start);
}

/* 'text' or "text"; a backslash takes the next letter as it is. */
static enum err quoted(struct scanner *s, const char **out)
{
    AUTO_BUF text = {};
    char end = *s->at;

    if (end != '"' && end != '\'')
        return wrong(s, "a quoted text is expected");
    for (s->at++; *s->at && *s->at != end; s->at++) {
        if (*s->at == '\\' && s->at[1])
            s->at++;
        buf_putc(&text, *s->at);
    }
    if (*s->at != end)
        return wrong(s, "the quote is not closed");
    s->at++;
    *out = arena_textn(s->mem, text.at ? text.at : "", text.n);
    return OK;
}

static size_t word_length(const char *s)
{
    size_t n = 0;

    if (!isalpha((unsigned char)*s) && *s != '_' && *s != '/')
        return 0;
    while (isalnum((unsigned char)s[n]) || strchr("_./-", s[n] ? s[n] : ' '))
        n++;
    return n;
}

static bool is_call(struct scanner *s, const char *name)
{
    size_t n = strlen(name);

    return strncmp(s->at, name, n) == 0 && s->at[n + strspn(s->at + n, " ")] == '(';
}

/* field("…"), or the name itself */
static enum err field(struct scanner *s, const char **out)
{
    if (is_call(s, "field")) {
        s->at = strchr(s->at, '(') + 1;
        blanks(s);
        TRY(quoted(s, out));
        blanks(s);
        if (*s->at != ')')
            return wrong(s, "')' is expected");
        s->at++;
        return OK;
    }
    size_t n = word_length(s->at);
    if (n == 0)
        return wrong(s, "a field's name is expected");
    *out = arena_textn(s->mem, s->at, n);
    s->at += n;
    return OK;
}

static enum err at_end(struct scanner *s)
{
    blanks(s);
    return *s->at ? wrong(s, "only a field, field(\"…\") or a quoted text is understood here; this is more") : OK;
}

static enum err parse_rule(struct scanner *s, struct expr *e)
{
    if (is_call(s, "is_present")) {
        s->at = strchr(s->at, '(') + 1;
        blanks(s);
        TRY(field(s, &e->field));
        blanks(s);
        if (*s->at != ')')
            return wrong(s, "')' is expected");
        s->at++;
        e->kind = EXPR_PRESENT;
    } else {
        TRY(field(s, &e->field));
        blanks(s);
        if (strncmp(s->at, "==", 2) != 0 && strncmp(s->at, "!=", 2) != 0)
            return wrong(s, "== or != is expected");
        e->kind = *s->at == '=' ? EXPR_EQUAL : EXPR_UNEQUAL;
        s->at += 2;
        blanks(s);
        TRY(quoted(s, &e->text));
    }
    blanks(s);
    return *s->at ? wrong(s, "a rule is FIELD == \"text\", FIELD != \"text\" or is_present(FIELD); this is more") : OK;
}

enum err expr_parse(struct arena *a, const char *text, bool rule, struct expr **out)
{
    struct scanner s = { a, text, text };
    struct expr *e = *out = NEW(a, struct expr);

    blanks(&s);
    if (rule)
        return parse_rule(&s, e);
    if (*s.at == '"' || *s.at == '\'') {
        e->kind = EXPR_CONSTANT;
        TRY(quoted(&s, &e->text));
    } else {
        TRY(field(&s, &e->field));
    }
    return at_end(&s);
}

void expr_bind(struct expr *e, const struct want *want)
{
    for (size_t i = 0; e->field && i < want->n; i++)
        if (str_eq(want->fields[i], e->field))
            e->at = i;
}

size_t expr_inputs(const struct expr *e, const size_t **at)
{
    *at = &e->at;
    return e->field != NULL;
}

struct raw map_value(struct arena *a, const struct mapping *m, const struct expr *e, const struct record *r)
{
    (void)a, (void)m;
    if (e->kind == EXPR_CONSTANT)
        return (struct raw){ RAW_TEXT, e->text, strlen(e->text), NULL };
    return r->values[e->at];
}

static bool holds(const struct expr *e, const struct raw *v)
{
    bool same = v->is >= RAW_TEXT && e->text && v->n == strlen(e->text) && memcmp(v->text, e->text, v->n) == 0;

    switch (e->kind) {
    case EXPR_EQUAL:
        return same;
    case EXPR_UNEQUAL:
        return !same;
    default:
        return v->is >= RAW_TEXT && v->n > 0;
    }
}

bool map_excluded(struct arena *a, const struct mapping *m, const struct record *r, const char *email,
                  const char **why, bool *unknown)
{
    *unknown = false;
    *why = NULL;
    for (size_t i = 0; i < m->nexclude_people; i++)
        if (str_eq(m->exclude_people[i], r->id) ||
            (email && str_eq(str_fold(a, m->exclude_people[i]), str_fold(a, email)))) {
            *why = "named in exclude_people";
            return true;
        }
    for (size_t i = 0; i < m->nexclude; i++) {
        const struct raw *v = &r->values[m->exclude[i].expr->at];
        if (v->is == RAW_ABSENT) {
            *unknown = true;
        } else if (holds(m->exclude[i].expr, v)) {
            *why = m->exclude[i].text;
            return true;
        }
    }
    return false;
}

static bool listed(const char *const *list, size_t n, const struct raw *v)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(list[i]) == v->n && strncasecmp(list[i], v->text, v->n) == 0)
            return true;
    return false;
}

enum status map_status(struct arena *a, const struct mapping *m, const struct record *r, struct raw *raw)
{
    *raw = map_value(a, m, m->status.from, r);
    if (raw->is < RAW_TEXT || raw->n == 0)
        return STATUS_UNKNOWN;
    if (listed(m->status.active, m->status.nactive, raw))
        return STATUS_ACTIVE;
    return listed(m->status.leave, m->status.nleave, raw) ? STATUS_LEAVE : STATUS_GONE;
}
