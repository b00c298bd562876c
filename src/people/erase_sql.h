/* erase_sql.h — for erase.c only. */
#ifndef PEOPLE_ERASE_SQL_H
#define PEOPLE_ERASE_SQL_H

#include "people/person.h"

/* Deletes what belongs to one person: row, keys, memberships, links, claims, waiting, pinned, held back. */
enum err erase_belongings(struct work *w, int64_t id);

/* Empties their rows in plans and history; those not applied yet never will be. Recorded request bodies go, all. */
enum err erase_rows(struct work *w, int64_t id);

/* Who names this id in a list of people (additional managers); a scan. */
enum err erase_mentions(struct work *w, int64_t id, int64_t **out, size_t *n);

/* Rows of others whose reason contains the text, and runs whose findings do; scans. */
struct place { int64_t run, seq; const char *text; };
enum err erase_reasons(struct work *w, const char *text, struct place **out, size_t *n);
enum err erase_findings(struct work *w, const char *text, struct place **out, size_t *n);

enum err erase_put_reason(struct work *w, const struct place *p);
enum err erase_put_findings(struct work *w, const struct place *p);

#endif
