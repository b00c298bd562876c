/*
 * apply_sweep.h — after the last row of a plan: what was not applied must not be relied upon by what was.
 */
#ifndef SYNC_APPLY_SWEEP_H
#define SYNC_APPLY_SWEEP_H

#include "people/history.h"

/* A create that did not happen: whoever names them as manager waits for them. */
struct absent { int64_t person; const char *record; };

/*
 * Takes people who were not made out of the lines of those who were told so before, and with `circles`
 * opens those that a row set aside left behind. Each as a row of the run. Outside of a transaction.
 */
enum err apply_sweep(struct work *w, struct run *run, const struct attrs *as,
                     const struct absent *absent, size_t n, bool circles);

#endif
