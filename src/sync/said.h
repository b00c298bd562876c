/*
 * said.h — claims: what a source last said about its record, name by name.
 *
 * Names are attributes, and three of the sync's own: "?status" (effective: active, leave, gone),
 * "?raw" (the status as HR spells it) and "?retired" (the state this source gave the person: only then
 * may it take it back). Sorted by name; a NULL text is a claim that there is no value.
 */
#ifndef SYNC_SAID_H
#define SYNC_SAID_H

#include "people/change.h"

struct claim { const char *name, *text; };
struct said { struct claim *list; size_t n; };

enum err said_read(struct arena *a, const char *json,
                   struct said *out); /* NULL json: nothing said */
char *said_write(struct arena *a, const struct said *s);
const struct claim *said_find(const struct said *s, const char *name);
static inline const char *said_text(const struct said *s, const char *name)
{
    const struct claim *c = said_find(s, name);
    return c ? c->text : NULL;
}
/* In place: the list has room for one more. */
void said_set(struct said *s, const char *name, const char *text);
void said_drop(struct said *s, const char *name);
bool said_equal(const struct said *a, const struct said *b);

/*
 * A plan row does not repeat what its changes show: it stores the difference (JSON; false: not claimed
 * any more) between the new claims and "old claims, with the after values laid over". NULL: none.
 */
char *said_delta(struct arena *a, const struct said *old, const struct changes *c,
                 const struct said *fresh);
enum err said_merge(struct arena *a, const struct said *old, const struct changes *c,
                    const char *delta, struct said *out);

#endif
