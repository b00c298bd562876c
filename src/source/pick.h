/*
 * pick.h — the wanted values of a JSON record, found in one pass over it.
 *
 * The paths are put in once; every record is then walked along them only. A member that leads to a
 * wanted value and is there twice is an error: which of the two counts is anybody's guess.
 */
#ifndef SOURCE_PICK_H
#define SOURCE_PICK_H

#include "base/json.h"

struct pick;

/* `slots` values will be picked. Lives in `a`. */
struct pick *pick_new(struct arena *a, size_t slots);

/*
 * Slot `slot` is found at path[0 … n). From path[whole] on the path leads through a value that is
 * wanted as a whole (a reference to a person): a null there is a null for the slot. Several paths
 * may lead to one slot; the first found counts in no particular order, so give each its own slot
 * where that matters.
 */
void pick_add(struct pick *p, size_t slot, const char *const *path, size_t n, size_t whole);

/* found[slot]: the value, NULL if the record does not have it. ERR_REMOTE for a member that is
 * twice. */
enum err pick_run(struct pick *p, yyjson_val *record, yyjson_val **found);

#endif
