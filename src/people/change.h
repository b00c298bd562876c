/*
 * change.h — what is to become different about one person: attribute, before, after.
 *
 * The same list is the plan, the history and, turned round, the undo. Texts are canonical; ids of
 * people and teams stand as id text, several of them joined by spaces; NULL is "no value".
 */
#ifndef PEOPLE_CHANGE_H
#define PEOPLE_CHANGE_H

#include "people/person.h"

struct change {
    const struct attr *attr;
    const char *before, *after;
};

struct changes {                    /* sorted by attribute name, one entry each */
    struct change *list;
    size_t n;
};

/*
 * Wanted against current: a merge of two sorted lists. `wanted` is sorted by attribute name; a NULL
 * text clears; attributes that are not named stay. Team values are the memberships of `owner`.
 * `before` may be NULL: somebody new.
 */
void people_diff(struct arena *a, const struct person *before, const struct value *wanted, size_t n,
                 int64_t owner, struct changes *out);

const struct change *changes_find(const struct changes *c, const char *attribute);
void changes_add(struct arena *a, struct changes *c, const struct attr *attr, const char *before,
                 const char *after);        /* keeps the order; replaces an entry for the same attribute */
void changes_drop(struct changes *c, const char *attribute);

/* {"title":["Analyst","Engineer"]} */
void changes_write(struct buf *to, const struct changes *c);
enum err changes_read(struct arena *a, const struct attrs *as, const char *json, size_t n,
                      struct changes *out);

/* Ids joined by spaces, as teams and additional managers are kept. */
size_t ids_read(struct arena *a, const char *text, int64_t **out);
const char *ids_join(struct arena *a, const int64_t *ids, size_t n);    /* NULL if n is 0 */

#endif
