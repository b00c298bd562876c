/*
 * why.h — where a value comes from and what lost; or why somebody is not here.
 *
 * Everything is read from what is stored: claims, overrides, held-back entries, history. Texts are as
 * people read them: people by e-mail, teams by name, lists joined by "; ". All of it lives in w->mem.
 */
#ifndef SYNC_WHY_H
#define SYNC_WHY_H

#include "people/history.h"
#include "people/link.h"

/* What a source says about the value, and why that is not the value (NULL: it is). */
struct why_claim {
    const char *source, *record;
    const char *from;               /* the mapping row's expression; NULL: not mapped (any more) */
    const char *said;               /* NULL: that there is no value */
    const char *lost;
};

struct why_held {
    const char *source, *said;      /* the HR value it was about; NULL: empty */
    int64_t since, run;
};

struct why_value {
    const struct attr *attr;
    const char *value;              /* NULL: none */
    const char *origin;             /* "hibob", "override", "by hand"; NULL: nobody said */
    struct why_claim *claims;       /* by rank of the source */
    size_t nclaims;
    struct why_held *held;
    size_t nheld;
    struct {
        const char *author, *reason;
        int64_t until;
    } pin; /* author NULL: no override */
    struct {
        int64_t run, seq, at;
        const char *kind, *actor, *reason;
    } set; /* run 0: not in the history */
};

struct why {
    struct person *person;
    struct why_value
        *values; /* state first, then by attribute name; those that have something to tell */
    size_t n;
};

/* `only` NULL: everything. Withdrawn people are answered too. */
enum err why_person(struct work *w, const struct attrs *as, int64_t id, const struct attr *only,
                    struct why *out);

/* A record that has no person. */
struct why_absent {
    const char *source, *record;
    enum link_reason reason;
    const char *words;              /* the reason, with the finding of the last run if there is one */
    const char *advice;             /* what to do; NULL: nothing */
};

/*
 * Somebody who is not here, by e-mail or by record id; *person is set if the record has a person after
 * all. ERR_NOT_FOUND says what was tried.
 */
enum err why_nobody(struct work *w, const char *who, struct why_absent **out, size_t *n,
                    int64_t *person);

#endif
