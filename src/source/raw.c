/* raw.c — see raw.h. */
#include "source/raw.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

void record_parser_free(struct record_parser *p)
{
    free(p->pool);
    *p = (struct record_parser){};
}

enum err record_parse(struct record_parser *p, const char *bytes, size_t n, yyjson_val **root)
{
    const yyjson_read_flag numbers = YYJSON_READ_NUMBER_AS_RAW;
    size_t need = yyjson_read_max_memory_usage(n, numbers);
    yyjson_read_err e;
    yyjson_alc pool;

    if (need > p->size) {
        p->size = MAX(need, p->size * 2);
        free(p->pool);
        p->pool = malloc(p->size);
        if (!p->pool)
            die_of_memory(p->size);
    }
    yyjson_alc_pool_init(&pool, p->pool, p->size);
    yyjson_doc *doc = yyjson_read_opts((char *)bytes, n, numbers, &pool, &e);
    if (!doc)
        return errf(ERR_REMOTE, "%s at byte %zu of %zu", e.msg, e.pos, n);
    *root = yyjson_doc_get_root(doc);
    return OK;
}

/* "1.50" and "15e-1" are the same number: 1.5. Whole numbers keep all their digits. */
static struct raw number_text(struct arena *a, const char *text, size_t n)
{
    if (strcspn(text, ".eE") == n && !str_eq(text, "-0"))
        return raw_text(text, n);
    double d = strtod(text, NULL);
    if (!isfinite(d))
        return raw_text(text, n);
    char *shortest = NULL;
    for (int digits = 15; digits <= 17; digits++) {
        shortest = arena_printf(a, "%.*g", digits, d == 0 ? 0.0 : d);
        if (strtod(shortest, NULL) == d)
            break;
    }
    return raw_text(shortest, strlen(shortest));
}

static int by_key(const void *a, const void *b)
{
    yyjson_val *const *x = a, *const *y = b;

    return strcmp(yyjson_get_str(*x), yyjson_get_str(*y));
}

/* The order of members is not information. */
static enum err canonical(struct arena *a, struct json_out *o, yyjson_val *v, int depth)
{
    size_t i, max, n = 0;
    yyjson_val *key, *item;

    if (depth > RAW_DEPTH)
        return errf(ERR_REMOTE, "there are more than %d brackets within each other", RAW_DEPTH);
    switch (yyjson_get_type(v)) {
    case YYJSON_TYPE_OBJ: {
        yyjson_val **keys = NEW_ARRAY(a, yyjson_val *, yyjson_obj_size(v) + 1);
        yyjson_obj_foreach(v, i, max, key, item)
            keys[n++] = key;
        qsort(keys, n, sizeof *keys, by_key);
        json_open(o, '{');
        for (i = 0; i < n; i++) {
            json_key(o, yyjson_get_str(keys[i]));
            TRY(canonical(a, o, yyjson_obj_iter_get_val(keys[i]), depth + 1));
        }
        json_close(o, '}');
        break;
    }
    case YYJSON_TYPE_ARR:
        json_open(o, '[');
        yyjson_arr_foreach(v, i, max, item)
            TRY(canonical(a, o, item, depth + 1));
        json_close(o, ']');
        break;
    case YYJSON_TYPE_STR:
        json_strn(o, yyjson_get_str(v), yyjson_get_len(v));
        break;
    case YYJSON_TYPE_RAW: {
        struct raw number = number_text(a, yyjson_get_raw(v), yyjson_get_len(v));
        json_raw(o, number.text, number.n);
        break;
    }
    case YYJSON_TYPE_BOOL:
        json_bool(o, yyjson_get_bool(v));
        break;
    default:
        json_null(o);
    }
    return OK;
}

enum err raw_plain(struct arena *a, yyjson_val *v, struct raw *out)
{
    AUTO_BUF text = {};
    size_t n;

    switch (yyjson_get_type(v)) {
    case YYJSON_TYPE_NONE:
        *out = (struct raw){ .is = RAW_ABSENT };
        return OK;
    case YYJSON_TYPE_NULL:
        *out = (struct raw){ .is = RAW_EMPTY };
        return OK;
    case YYJSON_TYPE_STR:
        n = yyjson_get_len(v);
        *out = raw_text(yyjson_get_str(v), n);
        return n && memchr(out->text, '\0', n)
                   ? errf(ERR_REMOTE, "there is a NUL character in the text")
                   : OK;
    case YYJSON_TYPE_RAW:
        *out = number_text(a, yyjson_get_raw(v), yyjson_get_len(v));
        return OK;
    case YYJSON_TYPE_BOOL:
        *out = yyjson_get_bool(v) ? raw_text("true", 4) : raw_text("false", 5);
        return OK;
    default:
        if (yyjson_get_len(v) == 0) {
            *out = (struct raw){ .is = RAW_EMPTY };
            return OK;
        }
        TRY(canonical(a, &(struct json_out){ &text }, v, 1));
        *out = raw_text(arena_textn(a, text.at, text.n), text.n);
        return OK;
    }
}

struct raw raw_list(struct arena *a, const struct raw *items, size_t n)
{
    size_t size = 0, used = 0;

    for (size_t i = 0; i < n; i++)
        size += items[i].n + 1;
    char *text = arena_alloc(a, size + 1);
    for (size_t i = 0; i < n; i++) {
        if (items[i].is == RAW_ABSENT || items[i].is == RAW_EMPTY)
            continue;
        if (used)
            text[used++] = '\x1f';
        memcpy(text + used, items[i].text, items[i].n);
        for (char *p = text + used;
             (p = memchr(p, '\x1f', (size_t)(text + used + items[i].n - p)));)
            *p = ' ';
        used += items[i].n;
    }
    if (!used)
        return (struct raw){ .is = RAW_EMPTY };
    return (struct raw){ .is = RAW_LIST, .text = text, .n = used };
}

enum err raw_items(struct arena *a, yyjson_val *v, raw_item_fn *item, void *arg, struct raw *out)
{
    size_t i, max;
    yyjson_val *element;

    if (!yyjson_is_arr(v))
        return item(arg, a, v, out);
    struct raw *items = NEW_ARRAY(a, struct raw, yyjson_arr_size(v) + 1);
    yyjson_arr_foreach(v, i, max, element)
        TRY(item(arg, a, element, &items[i]));
    *out = raw_list(a, items, yyjson_arr_size(v));
    return OK;
}
