/* option.c — see option.h. */
#include "base/option.h"

#include <string.h>

#include "base/json.h"
#include "base/str.h"

static size_t table_size(const struct option *t)
{
    size_t n = 0;

    while (t[n].name)
        n++;
    return n;
}

struct options *options_new(struct arena *a, const struct option *table)
{
    struct options *o = NEW(a, struct options);

    o->table = table;
    o->values = NEW_ARRAY(a, const char *, table_size(table) + 1);
    return o;
}

static enum err find(const struct options *o, const char *name, size_t *at)
{
    AUTO_BUF known = {};

    for (size_t i = 0; o->table[i].name; i++) {
        if (str_eq(o->table[i].name, name)) {
            *at = i;
            return OK;
        }
        if (o->table[i].type != OPT_SECRET)
            buf_printf(&known, "%s%s", known.n ? ", " : "", o->table[i].name);
    }
    return errf(ERR_USAGE, "there is no option '%s'; the options are: %s", name,
                known.n ? known.at : "(none)");
}

/* Is it one of the words of a list? */
static bool listed(const char *list, const char *word, size_t n)
{
    for (;; list++) {
        size_t length = strcspn(list, ",");
        if (length == n && memcmp(list, word, n) == 0)
            return true;
        list += length;
        if (!*list)
            return false;
    }
}

static enum err check_choices(const struct option *row, const char *value)
{
    for (const char *s = value;; s++) {
        size_t n = row->type == OPT_CHOICES ? strcspn(s, ",") : strlen(s);
        if (!listed(row->choices, s, n))
            return errf(ERR_USAGE, "%s takes %s of %s, not '%s'", row->name,
                        row->type == OPT_CHOICES ? "some" : "one", row->choices, value);
        s += n;
        if (!*s)
            return OK;
    }
}

static enum err check(const struct option *row, const char *value)
{
    int64_t n;

    switch (row->type) {
    case OPT_URL:
        if (!str_starts(value, "https://") && !str_starts(value, "http://"))
            return errf(ERR_USAGE, "%s must be an http(s) address, not '%s'", row->name, value);
        return OK;
    case OPT_NUMBER:
        if (!str_number(value, &n))
            return errf(ERR_USAGE, "%s must be a whole number, not '%s'", row->name, value);
        return OK;
    case OPT_FLAG:
        if (!str_eq(value, "true") && !str_eq(value, "false"))
            return errf(ERR_USAGE, "%s must be true or false, not '%s'", row->name, value);
        return OK;
    case OPT_CHOICE:
    case OPT_CHOICES:
        return check_choices(row, value);
    default:
        return OK;
    }
}

enum err options_put(struct arena *a, struct options *o, const char *name, const char *value)
{
    size_t at;

    TRY(find(o, name, &at));
    const char *trimmed = str_trim(a, value);       /* pasted values carry stray spaces and line ends */
    if (!*trimmed) {
        o->values[at] = NULL;                       /* an empty value goes back to the default */
        return OK;
    }
    TRY(check(&o->table[at], trimmed));
    o->values[at] = trimmed;
    return OK;
}

enum err options_set(struct arena *a, struct options *o, const char *assignment)
{
    const char *eq = strchr(assignment, '=');

    if (!eq)
        return errf(ERR_USAGE, "expected option=value, not '%s'", assignment);
    const char *name = arena_textn(a, assignment, (size_t)(eq - assignment));
    size_t at;
    TRY(find(o, name, &at));
    if (o->table[at].type == OPT_SECRET)
        return errf(ERR_USAGE, "%s is a secret: give it with --secret-file FILE ('-' reads "
                    "standard input) or $MUSTER_SECRET, so that it is in no command history", name);
    return options_put(a, o, name, eq + 1);
}

const char *options_get(const struct options *o, const char *name)
{
    for (size_t i = 0; o->table[i].name; i++)
        if (str_eq(o->table[i].name, name))
            return o->values[i] ? o->values[i] : o->table[i].otherwise;
    return NULL;
}

bool options_flag(const struct options *o, const char *name)
{
    return str_eq(options_get(o, name), "true");
}

int64_t options_number(const struct options *o, const char *name)
{
    const char *text = options_get(o, name);
    int64_t n = 0;

    return text && str_number(text, &n) ? n : 0;
}

enum err options_complete(const struct options *o)
{
    for (size_t i = 0; o->table[i].name; i++)
        if (o->table[i].required && !o->values[i] && !o->table[i].otherwise)
            return errf(ERR_USAGE, "%s is missing (%s)", o->table[i].name, o->table[i].help);
    return OK;
}

char *options_json(struct arena *a, const struct options *o)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };

    json_open(&j, '{');
    for (size_t i = 0; o->table[i].name; i++)
        if (o->values[i] && o->table[i].type != OPT_SECRET)
            json_put(&j, o->table[i].name, o->values[i]);
    json_close(&j, '}');
    return arena_text(a, text.at);
}

enum err options_from_json(struct arena *a, struct options *o, const char *json)
{
    yyjson_val *root, *key, *val;
    size_t i, n;

    TRY(json_read_in(a, json, strlen(json), &root));
    if (!yyjson_is_obj(root))
        return errf(ERR_INVALID, "stored options are a JSON object, not %.80s", json);
    yyjson_obj_foreach(root, i, n, key, val) {
        if (!yyjson_is_str(val))
            return errf(ERR_INVALID, "the stored option %s is no text", yyjson_get_str(key));
        TRY(options_put(a, o, yyjson_get_str(key), yyjson_get_str(val)));
    }
    return OK;
}
