/*
 * items.h — the items of a multi-valued attribute: which are the same, which one is primary (RFC 7643 §2.4).
 */
#ifndef SCIM_ITEMS_H
#define SCIM_ITEMS_H

#include "scim/schema.h"

/* Same `type` and same `value`; where there is no `value`, the same in everything. */
bool item_same(yyjson_mut_val *one, yyjson_mut_val *other);

/* Nothing but a type or a mark of being primary: what is left of an item that lost its value. */
bool item_blank(yyjson_mut_val *item);

/* Each once: what a later one says is merged into the first. Costs n log n. */
void items_unique(yyjson_mut_doc *doc, yyjson_mut_val *list);

/* At most one item is primary: `winner` if it is one of them, else the first. */
void items_one_primary(yyjson_mut_val *list, yyjson_mut_val *winner);

/* Sets what `from` has in `to`, and leaves the rest. */
void item_merge(yyjson_mut_doc *doc, yyjson_mut_val *to, yyjson_mut_val *from);

/* One key of an object, once; NULL takes it out. */
void item_put(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key, yyjson_mut_val *value);

#endif
