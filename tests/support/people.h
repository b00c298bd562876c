/*
 * people.h — people for tests, made the way everybody makes them: by people_edit().
 */
#ifndef TESTS_PEOPLE_H
#define TESTS_PEOPLE_H

#include "people/history.h"
#include "support/support.h"

/* "email=ana@example.com", "title=Engineer" …; ends with NULL. An active person; user_name is the e-mail. */
int64_t given_person(struct work *w, const char *first, ...);

/* One change of somebody, canonical text or NULL. */
void given_change(struct work *w, int64_t person, const char *attribute, const char *text);
void given_state(struct work *w, int64_t person, enum person_state state);

/* A manual team, with these people in it; 0 ends them. */
int64_t given_team(struct work *w, const char *name, int64_t first, ...);

const struct attrs *attrs_of(struct work *w);
struct person *the_person(struct work *w, int64_t id);          /* fails the test if there is none */

#endif
