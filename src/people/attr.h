/*
 * attr.h — the attributes a person can have: the built-in ones of attrs.def and those an admin made.
 *
 * Same struct for both. Values are canonical text everywhere: parsed and checked once, on entry, by
 * attr_canonical(); after that they are compared as bytes.
 */
#ifndef PEOPLE_ATTR_H
#define PEOPLE_ATTR_H

#include "store/work.h"

enum attr_type {
    ATTR_TEXT, ATTR_SELECT, ATTR_NUMBER, ATTR_DATE, ATTR_FLAG, ATTR_PERSON, ATTR_LIST, ATTR_RECORD,
};

enum {
    ATTR_KEY = 1,                   /* unique in the workspace: e-mail, user name, anchor */
    ATTR_MANY = 2,                  /* several values: teams, additional managers */
    ATTR_CUSTOM = 4,                /* made by an admin; its name starts with "custom." */
    ATTR_PLACE = 8,                 /* not in the JSON of values but in columns or tables of its own */
    ATTR_LEVEL = 16,                /* must name a level */
    ATTR_UNMAPPED = 32,             /* set by rules, not by a mapping row: state, invite, id */
};

struct attr {
    const char *name;               /* "title", "custom.squad" */
    enum attr_type type;
    unsigned flags;
    const char *label;
    const char *const *choices;     /* of a select */
    size_t nchoices;
};

/* All attributes of a workspace, sorted by name. Lives in w->mem. */
struct attrs {
    const struct attr *const *all;
    size_t n;
};

enum err attrs_load(struct work *w, struct attrs **out);
struct attrs *attrs_with(struct arena *a, const struct attr *custom,
                         size_t n); /* the built-in ones and these */
const struct attr *attr_find(const struct attrs *as, const char *name);         /* NULL if unknown */
const struct attr *attr_builtin(const char *name);

/*
 * The canonical text of what somebody wrote. ERR_INVALID says what the attribute takes: a number in its
 * shortest form, an ISO date that exists, true/false (also yes/no, 1/0), an option spelled exactly.
 */
enum err attr_canonical(struct arena *a, const struct attr *attr, const char *text,
                        const char **out);

/*
 * Admin's side. Names: [a-z][a-z0-9_]{0,63}, with or without "custom." before them. ERR_CONFLICT if it is
 * there already, ERR_NOT_FOUND with the command that adds it if it is not. An option added later and a
 * select made text fill their values in the next run: both make every source look at everybody again.
 */
enum err attr_add(struct work *w, const char *name, const char *label, enum attr_type type,
                  const char *const *choices, size_t n);
enum err attr_add_choice(struct work *w, const char *name, const char *choice);
enum err attr_make_text(struct work *w, const char *name);
const char *attr_type_name(enum attr_type t);
bool attr_type_read(const char *name, enum attr_type *out);     /* those an admin may choose */

#endif
