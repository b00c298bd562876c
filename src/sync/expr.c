/* expr.c — see expr.h. A hand-written reader: names, quoted texts and a few signs. */
#include "sync/expr.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/str.h"

enum expr_op { EXPR_FIELD, EXPR_CONSTANT, EXPR_IS, EXPR_IS_NOT, EXPR_PRESENT };

struct expr {
    enum expr_op op;
    const char *const *fields;
    size_t *at;                     /* where they are in want */
    size_t n;
    struct raw constant;
};

/* What is being read, and where. */
struct reader {
    struct arena *a;
    const char *text, *at;
    const char *forms;              /* what may stand here, for messages */
};

#define NOT_YET "the expression language is not there yet"
static const char value_forms[] = "a field name, field(\"…\") or a quoted constant";
static const char rule_forms[] = "FIELD == \"text\", FIELD != \"text\" or is_present(FIELD)";

/* Sorted: the words a bare name cannot be, because the language to come has them. */
static const char *const keywords[] = {
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
    "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
};

static bool is_keyword(const char *s, size_t n)
{
    for (size_t i = 0; i < COUNT(keywords); i++)
        if (strlen(keywords[i]) == n && memcmp(keywords[i], s, n) == 0)
            return true;
    return false;
}

static void skip_space(struct reader *r)
{
    r->at += strspn(r->at, " \t\r\n");
}

static bool take_sign(struct reader *r, const char *sign)
{
    skip_space(r);
    if (!str_starts(r->at, sign))
        return false;
    r->at += strlen(sign);
    return true;
}

/* The word that begins here: up to the next space or sign. */
static size_t word_length(const char *s)
{
    return strcspn(s, " \t\r\n()\"'=!~<>,+*%^&|{}[]#;");
}

/* As much of a word as a message quotes. */
static int shown(size_t n)
{
    return (int)MIN(n, 80);
}

static enum err not_yet(struct reader *r, const char *from)
{
    size_t n = word_length(from);

    r->at = from;
    if (from[n] == '(' && n > 0)
        return errf(ERR_INVALID, "%.*s(…) cannot be used: " NOT_YET "; write %s", shown(n), from,
                    r->forms);
    if (!*from)
        return errf(ERR_INVALID, "something is missing here; write %s", r->forms);
    return errf(ERR_INVALID, "'%.*s' cannot stand here: " NOT_YET "; write %s", shown(n ? n : 1),
                from, r->forms);
}

/* A quoted text: '…' or "…", with \\ \" \' \n \t. */
static enum err read_quoted(struct reader *r, const char **out)
{
    const char *start = r->at;
    char quote = *r->at++;
    char *text = arena_alloc(r->a, strlen(r->at) + 1), *to = text;
    static const char escapes[] = "\\\"'nt", meant[] = "\\\"'\n\t";

    for (; *r->at != quote; r->at++) {
        const char *escape;
        if (*r->at == '\0' || *r->at == '\n') {
            r->at = start;
            return errf(ERR_INVALID, "the quote that opens here is not closed");
        }
        if (*r->at != '\\') {
            *to++ = *r->at;
            continue;
        }
        escape = r->at[1] ? strchr(escapes, r->at[1]) : NULL;
        if (!escape)
            return errf(
                ERR_INVALID,
                "after a backslash comes one of \\ \" ' n t; write \\\\ for the backslash itself");
        *to++ = meant[escape - escapes];
        r->at++;
    }
    r->at++;
    *out = text;
    return OK;
}

/* How far a plain name goes: words of letters, digits and '_', joined by '.' or '/'. */
static size_t plain_length(const char *s)
{
    size_t n = 0;

    if (*s == '/')
        n++;
    for (;;) {
        if (!isalpha((unsigned char)s[n]) && s[n] != '_')
            return 0;
        while (isalnum((unsigned char)s[n]) || s[n] == '_')
            n++;
        if (s[n] != '.' && s[n] != '/')
            return n;
        n++;
    }
}

static bool has_keyword(const char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t k = strcspn(s + i, "./");
        k = MIN(k, n - i);
        if (is_keyword(s + i, k))
            return true;
        i += k + 1;
    }
    return false;
}

/* A bare field name. What is none gets the advice to quote it, unless it is plainly something else. */
static enum err read_name(struct reader *r, const char **out)
{
    const char *start = r->at;
    size_t n = plain_length(start), word = word_length(start);
    int part = shown(word);

    if (n == 0 && word == 0)
        return not_yet(r, start);
    if (is_keyword(start, word) || start[word] == '(' || (n == 0 && strstr(start, "..")))
        return not_yet(r, start);
    if (n != word || has_keyword(start, n))
        return errf(
            ERR_INVALID,
            "'%.*s' is not a plain name; write field(\"%.*s\"), or \"%.*s\" in quotes if the "
            "text itself is meant",
            part, start, part, start, part, start);
    *out = arena_textn(r->a, start, n);
    r->at += n;
    return OK;
}

/* field("…"), once `field` is known to stand here. */
static enum err read_field_call(struct reader *r, const char **out)
{
    r->at += strlen("field");
    if (!take_sign(r, "("))
        return not_yet(r, r->at);
    skip_space(r);
    if (*r->at != '"' && *r->at != '\'')
        return errf(ERR_INVALID, "field(…) takes the field's name in quotes");
    const char *start = r->at;
    TRY(read_quoted(r, out));
    if (!**out) {
        r->at = start;
        return errf(ERR_INVALID, "field(\"\") names no field");
    }
    if (!take_sign(r, ")"))
        return errf(ERR_INVALID, "a ')' is missing here");
    return OK;
}

static bool call_of(const char *s, const char *name)
{
    size_t n = strlen(name);

    return str_starts(s, name) && s[n + strspn(s + n, " \t\r\n")] == '(';
}

static enum err read_field(struct reader *r, struct expr *e)
{
    const char *name = NULL;
    const char **names = NEW_ARRAY(r->a, const char *, 1);

    skip_space(r);
    if (call_of(r->at, "field"))
        TRY(read_field_call(r, &name));
    else
        TRY(read_name(r, &name));
    names[0] = name;
    e->fields = names;
    e->at = NEW_ARRAY(r->a, size_t, 1);
    e->n = 1;
    return OK;
}

static enum err read_constant(struct reader *r, struct expr *e)
{
    const char *text = NULL;

    skip_space(r);
    if (*r->at != '"' && *r->at != '\'')
        return errf(ERR_INVALID, "a text in quotes is expected here: \"…\"");
    TRY(read_quoted(r, &text));
    e->constant =
        (struct raw){ .is = *text ? RAW_TEXT : RAW_EMPTY, .text = text, .n = strlen(text) };
    return OK;
}

static enum err read_value(struct reader *r, struct expr *e)
{
    skip_space(r);
    if (*r->at == '"' || *r->at == '\'') {
        e->op = EXPR_CONSTANT;
        return read_constant(r, e);
    }
    e->op = EXPR_FIELD;
    return read_field(r, e);
}

static enum err read_rule(struct reader *r, struct expr *e)
{
    skip_space(r);
    if (call_of(r->at, "is_present")) {
        e->op = EXPR_PRESENT;
        r->at += strlen("is_present");
        if (!take_sign(r, "("))
            return not_yet(r, r->at);
        TRY(read_field(r, e));
        return take_sign(r, ")") ? OK : errf(ERR_INVALID, "a ')' is missing here");
    }
    TRY(read_field(r, e));
    if (take_sign(r, "=="))
        e->op = EXPR_IS;
    else if (take_sign(r, "!="))
        e->op = EXPR_IS_NOT;
    else if (*r->at == '=')
        return errf(ERR_INVALID, "a single '=' compares nothing; write == or !=");
    else
        return not_yet(r, r->at);
    return read_constant(r, e);
}

static enum err read_all(struct reader *r, enum err (*read)(struct reader *, struct expr *),
                         struct expr **out, size_t *at)
{
    struct expr *e = NEW(r->a, struct expr);
    size_t n = strlen(r->text);

    *at = 0;
    if (n > EXPR_MOST)
        return errf(ERR_INVALID, "an expression has at most %d bytes; this one has %zu", EXPR_MOST,
                    n);
    enum err result = read(r, e);
    skip_space(r);
    if (result == OK && *r->at)
        result = not_yet(r, r->at);
    *at = (size_t)(r->at - r->text);
    *out = e;
    return result;
}

enum err expr_value_read(struct arena *a, const char *text, struct expr **out, size_t *at)
{
    struct reader r = { a, text, text, value_forms };

    return read_all(&r, read_value, out, at);
}

enum err expr_rule_read(struct arena *a, const char *text, struct expr **out, size_t *at)
{
    struct reader r = { a, text, text, rule_forms };

    return read_all(&r, read_rule, out, at);
}

/* ---- what it needs ---- */

size_t expr_fields(const struct expr *e, const char *const **names)
{
    *names = e->fields;
    return e->n;
}

static int compare_name(const void *name, const void *at)
{
    return strcmp(name, *(const char *const *)at);
}

void expr_bind(struct expr *e, const struct want *want)
{
    for (size_t i = 0; i < e->n; i++) {
        const char *const *at =
            bsearch(e->fields[i], want->fields, want->n, sizeof *want->fields, compare_name);
        assert(at);
        e->at[i] = (size_t)(at - want->fields);
    }
}

size_t expr_inputs(const struct expr *e, const size_t **at)
{
    *at = e->at;
    return e->n;
}

bool expr_uses_today(const struct expr *e)
{
    (void)e;                        /* no form of today's reads the date */
    return false;
}

const struct raw *expr_constant(const struct expr *e)
{
    return e->op == EXPR_CONSTANT ? &e->constant : NULL;
}

/* ---- running it ---- */

struct raw expr_value(const struct expr *e, const struct record *r)
{
    return e->op == EXPR_FIELD ? r->values[e->at[0]] : e->constant;
}

bool expr_true(const struct expr *e, const struct record *r, bool *unknown)
{
    const struct raw *v = &r->values[e->at[0]];

    if (v->is == RAW_ABSENT) {
        *unknown = true;
        return false;
    }
    size_t n = v->is == RAW_EMPTY ? 0 : v->n;
    if (e->op == EXPR_PRESENT)
        return n > 0;
    bool equal = n == e->constant.n && (n == 0 || memcmp(v->text, e->constant.text, n) == 0);
    return equal == (e->op == EXPR_IS);
}
