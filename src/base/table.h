/*
 * table.h — a hash table from 64-bit keys to 64-bit values: 16 bytes a slot, open addressing.
 *
 * Keys are hashes already (crypt_hash) or ids; 0 is not a key. Made for millions of entries: growth
 * doubles, nothing is ever removed.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/core.h"

struct table_slot { uint64_t key; int64_t value; };
struct table { struct table_slot *slots; size_t n, cap; };

void table_free(struct table *t);           /* frees the slots, not the struct */
void table_reserve(struct table *t, size_t n);
int64_t *table_find(const struct table *t,
                    uint64_t key); /* NULL if absent; valid until the next put */
int64_t *table_put(struct table *t, uint64_t key, int64_t value,
                   bool *fresh); /* keeps an existing value */

#endif
