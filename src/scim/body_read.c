/* body_read.c — the bytes of a request body, see body.h. */
#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"
#include "scim/body.h"

enum { FEW_KEYS = 16 };             /* so many are compared each with each */

/* Before anything is made of them: how deep the brackets go. Texts are passed over. */
static enum err check_depth(const char *text, size_t n)
{
    size_t depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '[') && ++depth > BODY_DEPTH)
            return errf(ERR_USAGE, "this JSON is more than %d levels deep at byte %zu", BODY_DEPTH,
                        i);
        else if (!quoted && (c == '}' || c == ']') && depth > 0)
            depth--;
    }
    return OK;
}

static int by_name(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* Names that differ by case only are not refused: Microsoft's collection sends them, and the last one counts. */
static enum err twice(const char *name)
{
    return errf(ERR_USAGE, "\"%s\" is there twice in one object; send it once", name);
}

static enum err check_keys(struct arena *a, yyjson_val *object)
{
    size_t i, n, k = 0;
    yyjson_val *key, *val;
    const char *few[FEW_KEYS], **names = few;

    if (yyjson_obj_size(object) > FEW_KEYS)
        names = NEW_ARRAY(a, const char *, yyjson_obj_size(object));
    yyjson_obj_foreach(object, i, n, key, val)
        names[k++] = yyjson_get_str(key);
    if (k <= FEW_KEYS) {
        for (i = 0; i < k; i++)
            for (size_t j = i + 1; j < k; j++)
                if (str_eq(names[i], names[j]))
                    return twice(names[i]);
        return OK;
    }
    qsort(names, k, sizeof *names, by_name);
    for (i = 1; i < k; i++)
        if (str_eq(names[i - 1], names[i]))
            return twice(names[i]);
    return OK;
}

/* As deep as BODY_DEPTH. */
static enum err check_value(struct arena *a, yyjson_val *v)
{
    size_t i, n;
    yyjson_val *key, *val;

    if (yyjson_is_arr(v)) {
        yyjson_arr_foreach(v, i, n, val)
            if (yyjson_is_ctn(val))
                TRY(check_value(a, val));
    } else if (yyjson_is_obj(v)) {
        TRY(check_keys(a, v));
        yyjson_obj_foreach(v, i, n, key, val)
            if (yyjson_is_ctn(val))
                TRY(check_value(a, val));
    }
    return OK;
}

enum err body_read(struct arena *a, const char *text, size_t n, yyjson_val **out)
{
    /* A mark of the byte order says nothing in UTF-8, but some libraries write it. */
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        n -= 3;
    }
    if (n == 0)
        return errf(ERR_USAGE, "the body is empty; a JSON object is expected");
    TRY(check_depth(text, n));
    if (json_read_in(a, text, n, out) != OK)
        return errf(ERR_USAGE, "%s", err_text());
    if (!yyjson_is_obj(*out))
        return errf(ERR_USAGE, "the body is JSON, but no object");
    return check_value(a, *out);
}

yyjson_val *body_field(yyjson_val *object, const char *name)
{
    size_t i, n;
    yyjson_val *key, *val;

    if (yyjson_is_obj(object))
        yyjson_obj_foreach(object, i, n, key, val)
            if (str_eq_nocase(yyjson_get_str(key), name))
                return val;
    return NULL;
}

yyjson_mut_doc *body_doc(struct arena *a)
{
    yyjson_alc alc = json_alc(a);

    return yyjson_mut_doc_new(&alc);
}
