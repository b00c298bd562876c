/* asof_sql.h — for asof.c only. */
#ifndef PEOPLE_ASOF_SQL_H
#define PEOPLE_ASOF_SQL_H

#include "store/work.h"

/* When each of them had last changed by then; at[i] stays where history has nothing. */
enum err people_changed_by(struct work *w, int64_t instant, const int64_t *ids, size_t n,
                           int64_t *at);

#endif
