/*
 * plan.h — the making of a plan: records stream in, rows stream out, and only what must be known of
 * everybody stays in memory (24 bytes a link, 16 a new person, 24 a new reporting line).
 *
 * This header is shared by the plan_*.c files; the rest of the program uses sync/run.h.
 *
 *   plan.c         intake: digest, duplicates, batches
 *   plan_values.c  a record becomes claims and wanted values
 *   plan_decide.c  what that means for the person
 *   plan_rows.c    rows are numbered and stored
 *   plan_late.c    people who exchange keys
 *   plan_missing.c links that no record came for
 *   plan_asserts.c the mapping's assertions
 *   managers.c     reporting lines once everybody is known
 */
#ifndef SYNC_PLAN_H
#define SYNC_PLAN_H

#include "base/crypt.h"
#include "base/table.h"
#include "people/history.h"
#include "people/link.h"
#include "people/team.h"
#include "sync/connect.h"
#include "sync/findings.h"
#include "sync/held.h"
#include "sync/said.h"
#include "sync/tally.h"

/* What is remembered of a link: 24 bytes. `person` below LINK_REASONS is the reason there is none;
 * negative: the person -person, who is excluded. */
struct known { uint64_t hash; int64_t person; uint64_t digest; };

/* The mapping rows of one attribute. */
struct slot { const struct attr *attr; const struct map_row **rows; size_t n; };

/* How often a wanted field was there, and filled. */
struct fill { int64_t absent, filled; };

/* A new manager (or additional manager) whose target may not be known yet. */
struct edge { int64_t person, target /* 0: none any more */, seq; bool additional, refused; };

/* A reference to somebody who has not come yet: the id kept for them. */
struct promise { const char *reference; bool key, kept; };

/* A finding that counts once the item is decided: a deferred one is looked at again. */
struct item_note { enum finding_kind kind; const char *subject, *value; };

/* One record on its way through a batch. */
struct item {
    const char *id;
    uint64_t hash, digest;
    struct raw *values;             /* one per want field */
    bool known;                     /* there is a link */
    struct link link;
    struct said old, fresh;
    struct value *wanted;           /* what our claims want, sorted by attribute */
    size_t nwanted;
    enum status status;
    const char *status_raw, *excluded;
    const char *email;              /* as the record has it, for people who are not kept too */
    struct person *before;
    const char *matched;            /* how an unlinked record found its person */
    int64_t holders[KEY_ANCHOR + 1];    /* who has the keys it wants */
    bool settled, failed, keys_free, deferred;
    bool promised;                  /* refers to somebody who has not come yet */
    const char *awaits;             /* rider: references to wait for (see plan_rows.c) */
    struct item_note *notes;
    size_t nnotes, cap_notes;
    size_t held_at, nheld;
    const char *released;           /* attributes whose hold ends, because HR says something else now */
    const char *const *outranked;       /* attributes somebody of a higher rank speaks for */
    size_t noutranked;
    struct value *pinned;           /* overrides: they win */
    size_t npinned;
};

struct plan {
    struct work *w;                 /* w->mem is scratch: reset after each batch */
    struct arena_mark scratch;      /* where w->mem is emptied to */
    struct arena *mem;              /* lives as long as the plan */
    const struct source_row *source;
    const struct mapping *map;
    const struct attrs *attrs;
    struct run run;
    bool stored;                    /* the run's row is in the store */
    struct crypt_hash hash;
    struct buf bytes;               /* of a digest */
    struct slot *slots;
    size_t nslots;
    struct fill *fill;
    struct teams *teams;
    struct table team_names, team_keys;
    const char *const *levels;
    size_t nlevels;
    struct source_row *sources;     /* by rank */
    size_t nsources;
    bool empty, first, any_held, any_pinned;
    const char *today;

    struct known *known;            /* open addressing */
    uint8_t *seen;
    size_t nknown, cap;
    struct table who;               /* hash of a record id or "key:folded" → person; negative: reserved */
    struct table keys;              /* hash of a key wanted in this run → person */
    struct table alias;             /* reserved person → the person it turned out to be */
    struct table matched;           /* person → hash of the record that is to be linked to them */
    struct table freed;             /* hash of a key given up in this run */
    struct table leaving;           /* people whom this run deactivates or suspends */
    struct table named;             /* person who was meant by a key → its hash … */
    struct table moved;             /* … and who takes that key in this run */
    struct table promised;          /* id → promises */
    struct promise *promises;
    size_t npromises, cap_promises;
    struct edge *edges;
    size_t nedges, cap_edges;
    int64_t *voided;                /* people whose rows are to be set aside */
    size_t nvoided, cap_voided;
    const char **twice;             /* ids that came twice */
    struct table twice_at;          /* their hashes */
    size_t ntwice, cap_twice;

    struct item *items;
    size_t nitems, cap_items;
    struct held *held;
    struct item *late;              /* copies in mem */
    size_t nlate, cap_late;
    bool closing;                   /* the late ones are being decided */
    bool exchanges;                 /* some of them for a key that somebody has */

    struct run_row *rows;           /* on their way to the store, texts in row_mem */
    size_t nrows;
    struct arena *row_mem;

    struct asserted *asserted;      /* one per assertion of the mapping */
    struct tally tally;
    struct findings findings;
    int64_t together, together_to;  /* these rows are one batch; 0: none */
    bool all_active;                /* not one record that is not active came */
    int64_t links, id_swaps, manager_changes, gone, missing_proposed, aside;
    int64_t *changed;               /* per slot */
    const char *company, *other_company;
    const char **statuses;          /* seen in this fetch */
    size_t nstatuses, cap_statuses;
    const char *const *known_statuses;
    size_t nknown_statuses;
    void (*progress)(void *arg, int64_t read);
    void *progress_arg;
};

enum { PLAN_BATCH = 512 };

/* plan.c */
enum err plan_open(struct plan *p);
enum err plan_record(void *plan, const struct record *r);
enum err plan_batch(struct plan *p, struct item *items, size_t n);
struct known *plan_known(const struct plan *p, uint64_t hash);
enum err plan_close(struct plan *p);        /* everything after the last record, up to the guards */
void plan_free(struct plan *p);

/* plan_values.c */
enum err plan_slots(struct plan *p);
enum err plan_values(struct plan *p, struct item *it);
enum err plan_wanted(struct plan *p, struct item *it);          /* needs it->before */
enum err plan_others(struct plan *p, struct item *items,
                     size_t n); /* other sources' claims, overrides */
const char *item_text(const struct item *it, const char *attribute);     /* a fresh claim */
void item_note(struct plan *p, struct item *it, enum finding_kind kind, const char *subject,
               const char *value);
const char *item_label(struct plan *p, const struct item *it);
const char *item_key(struct plan *p, const struct item *it,
                     enum key_kind kind); /* folded, or NULL */
uint64_t plan_key_hash(struct plan *p, enum key_kind kind, const char *folded);

/* plan_decide.c */
enum err plan_decide(struct plan *p, struct item *it);

/* plan_rows.c */
enum err plan_emit(struct plan *p, const struct item *it, enum row_kind kind, int64_t person,
                   const struct changes *c, enum link_reason reason, const char *why);
enum err plan_emit_row(struct plan *p, struct run_row *row);    /* numbers it; texts are copied */
enum err plan_flush(struct plan *p);
enum err plan_store(struct plan *p);        /* the run's row, new or changed */
enum err plan_void(struct plan *p);         /* sets the voided rows aside */
void plan_void_later(struct plan *p, int64_t person);
enum err plan_team(struct plan *p, const char *name, const char *key, int64_t *id);

/* plan_late.c, plan_missing.c, managers.c */
enum err plan_late(struct plan *p);
void plan_defer(struct plan *p, struct item *it);
enum err plan_missing(struct plan *p);
enum err plan_managers(struct plan *p);
enum err plan_late_settle(struct plan *p, struct item *items, size_t n);
void plan_promise_kept(struct plan *p, int64_t id);
/* The person a reference means, or an id promised for somebody who may still come (*open). */
int64_t plan_target(struct plan *p, const char *reference, bool *open);

/* plan_asserts.c */
enum err plan_asserts_open(struct plan *p);
void plan_asserts_record(struct plan *p, const struct record *r);
void plan_asserts_close(struct plan *p);
void plan_asserts_free(struct plan *p);

/* guard.c */
enum err plan_guards(struct plan *p, bool review, bool yes,
                     const char **tripped); /* JSON or NULL */

#endif
