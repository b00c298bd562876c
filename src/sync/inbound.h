/*
 * inbound.h — a source that speaks by itself: what it says about one person or group, carried into the directory.
 *
 * The source (inbound SCIM) keeps claims on its link like any other; the effective values are those of the highest
 * rank. A write goes through diff and apply and leaves one row in the source's open run of kind "scim" (one an
 * hour). All of these are called inside store_write(); references that wait heal in the same transaction.
 */
#ifndef SYNC_INBOUND_H
#define SYNC_INBOUND_H

#include "people/group.h"
#include "people/history.h"
#include "sync/connect.h"

/* The SCIM source of this name; made if it is not there and `make`. Its kind is "scim"; it is never fetched. */
enum err inbound_source(struct work *w, const char *name, bool make, struct source_row *out);

struct inbound {
    int64_t source;
    const struct attrs *attrs;
    int64_t person;                 /* 0: somebody new … */
    int64_t fresh;                  /* … who gets this id; 0: any */
    int64_t version;                /* If-Match: ERR_STALE unless the person has it; 0: any */
    bool whole;                     /* POST, PUT: the unnamed is said no longer; PATCH: it stays */
    /*
     * Sorted by attribute name; NULL text: says it no longer. "manager" and "additional_managers" (joined by
     * '\n') are references as written: id, externalId of this source, user name or e-mail. "state" is "active" or
     * "deactivated"; absent: not spoken of. "external_id" is this source's own: it is kept on the link.
     */
    const struct value *says;
    size_t n;
    const char *reason;             /* for the row: "PATCH with token Entra" */
    /* out */
    int64_t id;
    bool changed;                   /* the person is another than before, so is the version */
    const char *note;               /* something was kept as a claim or left out, in words; or NULL */
};

/*
 * ERR_CONFLICT: a user name, e-mail or externalId is taken (nothing is said about the holder);
 * ERR_NOT_FOUND: nobody has this id, or they are hidden from this source; ERR_INVALID: a value its
 * attribute does not take; ERR_STALE; ERR_BUSY: the deactivation guard is closed. An unknown
 * manager is waited for, one who would close a circle is kept as a claim.
 */
enum err inbound_person(struct work *w, struct inbound *in);

/* SCIM DELETE. Hidden from this source afterwards; keys are free unless another source claims them. */
enum err inbound_delete(struct work *w, const struct inbound *in);

/* Is this person to be seen by the source? */
enum err inbound_sees(struct work *w, int64_t source, int64_t person, bool *sees);

struct inbound_group {
    int64_t source;
    const struct attrs *attrs;
    int64_t group;                  /* 0: a new one … */
    int64_t fresh;                  /* … which gets this id; 0: any */
    int64_t version;                /* If-Match, or 0 */
    const char *name;               /* NULL: as it is */
    const char *external_id;        /* with sets_external_id */
    bool sets_external_id;
    bool replaces;                  /* the members are exactly `add` */
    const int64_t *add, *remove;    /* people, each once */
    size_t nadd, nremove;
    const char *reason;
    /* out */
    int64_t id;
    bool changed;
    size_t skipped;                 /* of `add`: not there, or hidden from this source */
};
/* A name in use by another group of the source: ERR_CONFLICT. Costs what it names, not the size of the group. */
enum err inbound_group(struct work *w, struct inbound_group *in);
/* Takes away at most `slice` members; *done when the group itself is gone. */
enum err inbound_group_delete(struct work *w, const struct inbound_group *in, size_t slice,
                              bool *done);

#endif
