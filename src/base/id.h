/*
 * id.h — ids made by us: 63 bits, 41 of milliseconds since 2020, 10 of process number, 12 of counter.
 *
 * On every wire an id is 13 lower-case base32 letters (RFC 4648 alphabet), which sort as the numbers
 * do not; nothing depends on that. Ids of one process never go backwards, even if the clock does.
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include "base/core.h"

enum { ID_TEXT = 14 };

void id_process(int number);                /* 0 … 1023, leased from the store; 0 until then */
int64_t id_new(void);                       /* thread-safe */
const char *id_write(int64_t id, char out[ID_TEXT]);
/* False unless it is exactly 13 letters that we could have made. */
bool id_read(const char *s, int64_t *out);
int64_t id_time(int64_t id);                /* the millisecond it was made in */
int64_t id_floor(int64_t ms);               /* below every id of this millisecond, above all before */

#define id_text(id) id_write((id), (char[ID_TEXT]){})

#endif
