/*
 * tally.h — how many of what. read = created + updated + deactivated + suspended + reactivated +
 * unchanged + excluded + not_active + conflicts + stale: every record is counted once.
 */
#ifndef SYNC_TALLY_H
#define SYNC_TALLY_H

#include "base/json.h"
#include "people/history.h"

/* clang-format off */
#define TALLY_FIELDS(X)                                                                           \
    X(read) X(created) X(updated) X(deactivated) X(suspended) X(reactivated) X(unchanged)         \
    X(excluded) X(not_active) X(missing) X(conflicts) X(stale) X(findings)
/* clang-format on */

struct tally {
#define X(name) int64_t name;
    TALLY_FIELDS(X)
#undef X
};

/* Adds the members to an object that is open. */
void tally_write(struct json_out *j, const struct tally *t);
char *tally_json(struct arena *a, const struct tally *t);
enum err tally_read(struct arena *a, const char *json, struct tally *out);

/* "1000 read: 12 created, 3 updated": what happened, for people; zeros are left out. */
char *tally_words(struct arena *a, const char *json);

/* A SCIM run keeps no counters: its rows are counted now (tally, rows, the time of the last). Any other run stays. */
enum err runs_counted(struct work *w, struct run *runs, size_t n);

#endif
