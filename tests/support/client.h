/*
 * client.h — an inbound source as its client uses it: tests say what it sends, in our attribute names.
 */
#ifndef TESTS_CLIENT_H
#define TESTS_CLIENT_H

#include "support/company.h"
#include "sync/inbound.h"

/* A SCIM source, ranked after those that are there. given_company() comes first. options: JSON or NULL. */
int64_t given_client(const char *name, const char *options);

/* "title=Engineer" says it, "title" says it no longer; references are separated by newlines. NULL ends them. */
enum err try_post(int64_t source, const char *first, ...);
enum err try_put(int64_t source, int64_t person, const char *first, ...);
enum err try_patch(int64_t source, int64_t person, const char *first, ...);
int64_t post(int64_t source, const char *first, ...);
bool put(int64_t source, int64_t person, const char *first, ...);       /* did the person change? */
bool patch(int64_t source, int64_t person, const char *first, ...);
int64_t posted(void);                           /* the id of the last one */
const char *noted(void);                        /* the note of the last one; "" for none */
void given_version(int64_t version);            /* If-Match of the next one */
enum err delete_it(int64_t source, int64_t person);
bool sees(int64_t source, int64_t person);

int64_t group(int64_t source, const char *name, const char *external_id);
enum err try_group(struct inbound_group *in);
/* Members in, out, or exactly these; ids end with 0. Gives the number skipped. */
size_t join(int64_t source, int64_t group, int64_t first, ...);
size_t leave(int64_t source, int64_t group, int64_t first, ...);
size_t replace(int64_t source, int64_t group, int64_t first, ...);
const char *members(int64_t source, int64_t group);     /* by what they are called, joined by ", " */
const char *team_of(int64_t source, int64_t group);     /* its name */
int64_t version_of(int64_t person);
int64_t group_version(int64_t source, int64_t group);

/* The rows of the source's open run, by kind: "create 1, update 2". */
const char *rows_of(int64_t source);
struct run *run_of(int64_t source);             /* its newest run of kind scim */

#endif
