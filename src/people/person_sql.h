/*
 * person_sql.h — the writing half of the person tables. Only people/apply.c may call people_put_*
 * and people_drop_*: there is one way to change a person.
 */
#ifndef PEOPLE_PERSON_SQL_H
#define PEOPLE_PERSON_SQL_H

#include "people/person.h"

enum err people_put_new(struct work *w, const struct person *p);
enum err people_put_changed(struct work *w, const struct person *p);
enum err people_put_touched(struct work *w, const struct person *p);   /* version and time only */
enum { KEYS_AT_ONCE = 8 };
struct held_key { enum key_kind kind; const char *folded; int64_t person; };
enum err people_put_keys(struct work *w, const struct held_key *keys,
                         size_t n); /* at most KEYS_AT_ONCE */
enum err people_drop_key(struct work *w, enum key_kind kind, const char *folded);
enum err people_put_member(struct work *w, int64_t person, int64_t team, int64_t owner);
enum err people_drop_member(struct work *w, int64_t person, int64_t team, int64_t owner);
enum err people_put_managers_version(struct work *w);

#endif
