/*
 * filter_parts.h — the tree behind filter.h; filter_parse.c makes it, filter_match.c and filter_keys.c read it.
 */
#ifndef SCIM_FILTER_PARTS_H
#define SCIM_FILTER_PARTS_H

#include "scim/filter.h"

enum filter_op {
    FILTER_EQ,
    FILTER_NE,
    FILTER_CO,
    FILTER_SW,
    FILTER_EW,
    FILTER_GT,
    FILTER_GE,
    FILTER_LT,
    FILTER_LE,
    FILTER_PR,                              /* the last one that is written between a name and a value */
    FILTER_AND,
    FILTER_OR,
    FILTER_NOT,
    FILTER_ITEMS                            /* an item of `attr` is what `left` asks for */
};

/*
 * eq and ne with null are made pr and its opposite when they are read, so a comparison always has a value. `text`
 * is the value as written; `wanted` is what it is compared as: folded, in shortest form, or the same.
 */
struct filter {
    enum filter_op op;
    bool relative;                          /* about an item, not about a resource */
    const struct scim_schema *schema;
    const char *under;                      /* the extension's URN, whose object has the attribute */
    const struct scim_attr *attr, *sub;
    const char *text, *wanted;
    yyjson_val *value;                      /* the same as the attribute's type wants it */
    int64_t time;                           /* of a dateTime */
    const struct filter *left, *right;
};

/* The part that is compared; NULL if a whole schema is asked for. */
static inline const struct scim_attr *filter_leaf(const struct filter *f)
{
    return f->sub ? f->sub : f->attr;
}

/* A number in the form the program keeps: decimals as text, so that long ones stay what they are. NULL: none. */
const char *filter_number(struct arena *a, const char *text);

#endif
