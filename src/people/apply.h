/*
 * apply.h — the one way a person changes.
 *
 * HR sync, undo, single edits and, later, SCIM and the console all end here. A batch is checked
 * against the directory as it is now and written in the transaction it is called in: keys that
 * people of the batch exchange are parked first, so two people can swap addresses.
 */
#ifndef PEOPLE_APPLY_H
#define PEOPLE_APPLY_H

#include "people/change.h"

enum edit_result {
    EDIT_DONE,
    EDIT_STALE,                     /* the person is not as the plan saw them */
    EDIT_CONFLICT,                  /* a key belongs to somebody else; a circle of managers */
};

struct edit {
    int64_t person;
    bool create;                    /* nobody has this id yet */
    struct changes changes;         /* none: only the version rises */
    struct person *
        known; /* as read in this very transaction (with teams, if expect_before): not read again */
    enum edit_result result;        /* out */
    const char *why;                /* out, when not done … */
    struct person_key
        taken;      /* … and the key somebody else has (kind 0: it is about something else), */
    int64_t holder;                 /* with who that is, if they are no edit of this batch */
};

struct apply_context {
    const struct attrs *attrs;
    int64_t owner;                  /* of team memberships: the source, 0 for an admin's edit */
    int64_t source;                 /* whose links stay settled; all others of these people are looked at again */
    int64_t basis;                  /* managers_version the manager changes were checked at; moves with our own
                                       changes. 0: check every chain */
    bool settled;                   /* no other source has a say in these changes: all links stay settled */
    bool expect_before;             /* compare with `before` (plans); false: an admin's word stands */
};

/* Inside store_write(). Edits that cannot be applied say so in `result`; the others are written. */
enum err people_apply(struct work *w, struct apply_context *c, struct edit *edits, size_t n);

#endif
