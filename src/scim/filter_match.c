/* filter_match.c — does a resource, or an item, have what a filter asks for? */
#include "base/str.h"
#include "scim/filter_parts.h"
#include "scim/instant.h"

/* FLT-10: a value is present unless it is null, empty, or has nothing but such parts. false is a value. */
static bool is_present(yyjson_val *v)
{
    size_t i, n;
    yyjson_val *key, *part;

    if (!v || yyjson_is_str(v))
        return yyjson_get_len(v) > 0;
    yyjson_arr_foreach(v, i, n, part)
        if (is_present(part))
            return true;
    yyjson_obj_foreach(v, i, n, key, part)
        if (is_present(part))
            return true;
    return yyjson_is_bool(v) || yyjson_is_num(v) || yyjson_is_raw(v);
}

/* ---- one value ---- */

/* Two numbers in shortest form, whatever their length: by sign, digits before the point, then digit by digit. */
static int number_order(const char *x, const char *y)
{
    if (*x == '-' && *y == '-')
        return number_order(y + 1, x + 1);
    if (*x == '-' || *y == '-')
        return *x == '-' ? -1 : 1;
    size_t nx = strcspn(x, "."), ny = strcspn(y, ".");
    if (nx != ny)
        return nx < ny ? -1 : 1;
    return strcmp(x, y);
}

static bool order_fits(enum filter_op op, int order)
{
    switch (op) {
    case FILTER_EQ: return order == 0;
    case FILTER_NE: return order != 0;
    case FILTER_GT: return order > 0;
    case FILTER_GE: return order >= 0;
    case FILTER_LT: return order < 0;
    case FILTER_LE: return order <= 0;
    default: return false;
    }
}

static bool text_fits(struct arena *a, const struct filter *f, const char *is)
{
    if (!filter_leaf(f)->exact)
        is = str_fold(a, is);
    switch (f->op) {
    case FILTER_CO: return strstr(is, f->wanted) != NULL;
    case FILTER_SW: return str_starts(is, f->wanted);
    case FILTER_EW: return str_ends(is, f->wanted);
    default: return order_fits(f->op, strcmp(is, f->wanted));
    }
}

static bool time_fits(struct arena *a, const struct filter *f, const char *is)
{
    int64_t time;

    if (f->op >= FILTER_CO && f->op <= FILTER_EW)
        return text_fits(a, f, is);
    return instant_parse(is, &time) && order_fits(f->op, (time > f->time) - (time < f->time));
}

static bool number_fits(struct arena *a, const struct filter *f, const char *is)
{
    const char *number = filter_number(a, is);

    return number && order_fits(f->op, number_order(number, f->wanted));
}

/* A value that is there, no list. */
static bool value_fits(struct arena *a, const struct filter *f, yyjson_val *v)
{
    const char *is = json_scalar(a, v);

    if (!is)
        return false;
    switch (filter_leaf(f)->type) {
    case SCIM_BOOLEAN:
        return order_fits(f->op, str_eq_nocase(is, "true") != yyjson_get_bool(f->value));
    case SCIM_INTEGER:
    case SCIM_DECIMAL:
        return number_fits(a, f, is);
    case SCIM_DATETIME:
        return time_fits(a, f, is);
    case SCIM_STRING:
    case SCIM_REFERENCE:
    case SCIM_BINARY:
    case SCIM_COMPLEX:
        break;
    }
    return text_fits(a, f, is);
}

/* ---- the values of a name ---- */

/* FLT-11: what is missing is not equal to anything, and nothing else can be said of it. */
static bool part_fits(struct arena *a, const struct filter *f, yyjson_val *v)
{
    if (f->op == FILTER_PR)
        return is_present(v);
    if (!is_present(v))
        return f->op == FILTER_NE;
    return value_fits(a, f, v);
}

/* An item without parts is its own `value`. */
static yyjson_val *part_of(const struct filter *f, yyjson_val *item)
{
    if (!f->sub || (!yyjson_is_obj(item) && str_eq(f->sub->name, "value")))
        return item;
    return yyjson_obj_get(item, f->sub->name);
}

/* FLT-04: of several values one has to fit. An empty list is a missing value. */
static bool any_fits(struct arena *a, const struct filter *f, yyjson_val *v)
{
    size_t i, n;
    yyjson_val *item;

    if (!yyjson_is_arr(v) || yyjson_arr_size(v) == 0)
        return part_fits(a, f, part_of(f, yyjson_is_arr(v) ? NULL : v));
    yyjson_arr_foreach(v, i, n, item)
        if (part_fits(a, f, part_of(f, item)))
            return true;
    return false;
}

static yyjson_val *value_of(const struct filter *f, yyjson_val *resource)
{
    yyjson_val *home = f->under ? yyjson_obj_get(resource, f->under) : resource;

    return f->attr ? yyjson_obj_get(home, f->attr->name) : home;
}

static bool fits(struct arena *a, const struct filter *f, yyjson_val *at);

/* FLT-03: all that is asked for within brackets, of the same item. */
static bool item_fits(struct arena *a, const struct filter *f, yyjson_val *v)
{
    size_t i, n;
    yyjson_val *item;

    if (!yyjson_is_arr(v))
        return v && fits(a, f, v);
    yyjson_arr_foreach(v, i, n, item)
        if (fits(a, f, item))
            return true;
    return false;
}

/* `at` is a resource or an item. As deep as the parser allowed. */
static bool fits(struct arena *a, const struct filter *f, yyjson_val *at)
{
    switch (f->op) {
    case FILTER_AND:
        return fits(a, f->left, at) && fits(a, f->right, at);
    case FILTER_OR:
        return fits(a, f->left, at) || fits(a, f->right, at);
    case FILTER_NOT:
        return !fits(a, f->left, at);
    case FILTER_ITEMS:
        return item_fits(a, f->left, value_of(f, at));
    default:
        return f->relative ? part_fits(a, f, part_of(f, at)) : any_fits(a, f, value_of(f, at));
    }
}

static bool fits_and_forgets(struct arena *a, const struct filter *f, yyjson_val *at)
{
    struct arena_mark mark = arena_mark(a);
    bool yes = fits(a, f, at);

    arena_reset(a, mark);
    return yes;
}

bool filter_match(struct arena *a, const struct filter *f, yyjson_val *resource)
{
    return fits_and_forgets(a, f, resource);
}

bool filter_match_item(struct arena *a, const struct filter *f, yyjson_val *item)
{
    return fits_and_forgets(a, f, item);
}
