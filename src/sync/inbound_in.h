/*
 * inbound_in.h — what the inbound_*.c files share; the rest of the program uses sync/inbound.h.
 *
 *   inbound_person.c  one write of one person, from claims to history row
 *   inbound_claims.c  what the client says becomes claims
 *   inbound_decide.c  claims become what the person is to be
 *   inbound_refs.c    managers: resolved, waited for, healed
 *   inbound_delete.c  SCIM DELETE
 *   inbound_group.c   groups and their members
 *   inbound_run.c     the open run of the hour
 *   inbound_guard.c   too many deactivations in an hour
 */
#ifndef SYNC_INBOUND_IN_H
#define SYNC_INBOUND_IN_H

#include "sync/claims.h"
#include "sync/held.h"
#include "sync/inbound.h"

/* The writing source among the others. */
struct house {
    int64_t source, place;
    const char *name;
    const char *teams;              /* attributes whose values make teams, comma list */
    bool refuses;                   /* option guard: further deactivations are refused */
    struct rank *ranks;
    size_t nranks;
};

/* An override, or something held back, of one person. */
struct mark {
    const char *attribute, *text;   /* the override, or what the source said then */
    const char *record;             /* of something held back; NULL: an override */
    int64_t since;
};

/* One write of one person. */
struct writing {
    struct work *w;
    struct inbound *in;
    struct house house;
    int64_t id;
    struct person *before;          /* NULL: somebody new */
    struct link *links;             /* of every source */
    size_t nlinks;
    struct link own;                /* id 0: this source has none yet */
    bool revives, drops;            /* they come back after a DELETE; the source says nothing any more */
    const char *record;             /* of the link, as it is to be … */
    bool record_free;               /* … and nobody of the source has it: that was looked up already */
    struct said old, fresh;
    struct voices others;
    struct mark *marks;
    size_t nmarks;
    struct value *wanted;
    size_t nwanted;
    struct changes changes;
    const char *awaits[16];         /* references of the manager attributes that nobody answers to */
    const struct attr *awaits_for[16];
    size_t nawaits;
    bool resolved;                  /* a manager attribute was decided: what it waited for before is forgotten */
    bool hears_status;              /* the status is new */
    const char *const *levels;
    size_t nlevels;
    bool knows_levels;
    const char *note;
};

/* inbound_sql.c */
enum err house_load(struct work *w, int64_t source, struct house *out);
enum err marks_load(struct work *w, int64_t source, int64_t person, struct mark **out, size_t *n);
/* There, not withdrawn, and not hidden from the source? */
enum err people_seen(struct work *w, int64_t source, const int64_t *ids, size_t n, bool *seen);
/* Deactivations of the source's SCIM runs with row ids above `after`; *newest is the last one's. */
enum err inbound_gone(struct work *w, int64_t source, int64_t after, int64_t *n, int64_t *newest);
enum err inbound_active(struct work *w, int64_t source, int64_t most,
                        int64_t *n); /* counts up to `most` */
enum err group_alone(struct work *w, int64_t team, int64_t group,
                     bool *alone); /* no other group is this team */
enum err group_page_ids(struct work *w, const struct group *g, int64_t after, size_t most,
                        int64_t *ids, size_t *n);

enum err inbound_delete_setting(struct work *w, const char **how);     /* "deactivate" or "erase" */

/* inbound_claims.c */
enum err writing_claims(struct writing *x);
bool writing_fits(struct writing *x, const struct attr *attr, const char *text);
bool writing_names(const struct writing *x, const char *attribute);     /* does the request name it? */
void writing_note(struct writing *x, const char *fmt, ...) PRINTF(2, 3);
const struct mark *writing_mark(const struct writing *x, const char *attribute, bool held);

/* inbound_decide.c: fills changes */
enum err writing_decide(struct writing *x);
enum err inbound_team(struct work *w, const struct house *h, const char *name, int64_t *id);
bool house_makes_teams(const struct house *h, const char *attribute);

/* inbound_refs.c */
enum err writing_refs(struct writing *x, const struct attr *attr, int64_t source, const char *text,
                      const char **ids, bool *keep);
enum err writing_wait(struct writing *x);                       /* what nobody answers to */
/* In every form the reference may turn out to have: record of the source, key, anchor. */
enum err inbound_wait(struct work *w, int64_t source, int64_t person, const char *attribute,
                      const char *reference);
enum err writing_heal(struct writing *x, bool fresh_record);    /* who waited for this person */

/* inbound_person.c */
enum err writing_open(struct work *w, struct inbound *in, int64_t person, bool teams,
                      struct writing *out);
enum err writing_store(struct writing *x, enum row_kind kind);

/* inbound_run.c: numbers the row and puts it into the source's open run */
enum err inbound_row(struct work *w, const struct house *h, struct run_row *row);

/* inbound_guard.c: asked before a deactivation that is about to be made. ERR_BUSY if the source is to be stopped. */
enum err inbound_guard(struct work *w, const struct house *h);

#endif
