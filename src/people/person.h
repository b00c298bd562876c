/*
 * person.h — a person of the directory in memory, and how to find one.
 *
 * A person is one row: state, manager and version are columns, every other value is canonical text
 * in one JSON column. Team memberships are rows of their own. All of it lives in the work's arena.
 */
#ifndef PEOPLE_PERSON_H
#define PEOPLE_PERSON_H

#include "base/buf.h"
#include "people/attr.h"

enum person_state {
    STATE_NONE,                     /* no such person (yet) */
    STATE_ACTIVE,
    STATE_SUSPENDED,
    STATE_DEACTIVATED,
    STATE_WITHDRAWN,                /* an undone create: hidden, keys free, kept for its history */
};

enum { PERSON_PROTECTED = 1 };      /* flags: never changed by any run */

enum key_kind { KEY_EMAIL = 1, KEY_USER_NAME, KEY_ANCHOR };

struct value {
    const struct attr *attr;
    const char *text;
};

struct member { int64_t team, owner; };         /* owner: the source, or 0 for an admin's */

struct person {
    int64_t id, manager;
    enum person_state state;
    unsigned flags;
    int64_t version, created_at, updated_at;
    struct value *values;           /* sorted by attribute name */
    size_t nvalues;
    struct member *teams;           /* sorted by team, owner; only with LOAD_TEAMS */
    size_t nteams;
};

const char *state_name(enum person_state s);            /* "active" … ; "" for STATE_NONE */
enum person_state state_read(const char *name);         /* STATE_NONE if unknown */

/* The value as canonical text, NULL if there is none. state, manager (id text) and teams (those of
 * `owner`, ids joined by spaces) are answered too; those live in `a`. */
const char *person_value(struct arena *a, const struct person *p, const struct attr *attr,
                         int64_t owner);
const char *person_text(const struct person *p, const char *attribute);      /* stored values only */

/* "Ana García <ana@example.com>": for messages. */
const char *person_label(struct arena *a, const struct person *p);

/* The key an attribute's value is unique by, 0 if none. */
enum key_kind attr_key_kind(const struct attr *attr);

/* The other way round: the attribute's name; and the form in which such a key is compared (anchors as
 * they are). NULL stays NULL. */
const char *key_attribute(enum key_kind kind);
const char *key_fold(struct arena *a, enum key_kind kind, const char *text);

/* What nobody else may have: anchor, user name, e-mail and every address of "All e-mails"; each once, sorted by
 * kind and text. None while they are withdrawn, or if `p` is NULL. */
struct person_key { enum key_kind kind; const char *folded; };
size_t person_keys(struct arena *a, const struct person *p, struct person_key **out);

/* Loads those that exist, in the order of `ids` (absent ones leave NULL in out[i]). */
enum { LOAD_TEAMS = 1 };
enum err people_load(struct work *w, const struct attrs *as, const int64_t *ids, size_t n,
                     unsigned flags, struct person **out);
enum err person_load(struct work *w, const struct attrs *as, int64_t id, struct person **out);

/* Who holds these keys? holders[i] is 0 where nobody does. `folded` as made by str_fold (anchors as
 * they are). */
enum err people_key_holders(struct work *w, enum key_kind kind, const char *const *folded, size_t n,
                            int64_t *holders);

/* The same for a few keys of any kind, in one look-up. */
enum err people_keys_held(struct work *w, const struct person_key *keys, size_t n,
                          int64_t *holders);

/* WHO of the command line: id, anchor, user name or e-mail. ERR_NOT_FOUND says what was tried. */
enum err person_find(struct work *w, const char *who, int64_t *id);

/* Who has this person as manager. */
enum err person_reports(struct work *w, int64_t id, int64_t **out, size_t *n);

/* Is there anybody at all? A first sync skips every look-up. */
enum err people_any(struct work *w, bool *any);

/* The ids of everybody in a state; reads an index only. */
typedef void id_fn(void *arg, int64_t person);
enum err people_each_in(struct work *w, enum person_state state, id_fn *fn, void *arg);

/* Every person's (id, manager), for the forest check; reads an index only. */
typedef void edge_fn(void *arg, int64_t person, int64_t manager);
enum err people_each_edge(struct work *w, edge_fn *fn, void *arg);

/* JSON of the stored values, and back. */
void values_write(struct buf *to, const struct value *values, size_t n);
enum err values_read(struct arena *a, const struct attrs *as, const char *json, size_t n,
                     struct value **values, size_t *nvalues);

#endif
