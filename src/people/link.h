/*
 * link.h — person ↔ record of a source: digest, claims, and why there is no person.
 */
#ifndef PEOPLE_LINK_H
#define PEOPLE_LINK_H

#include "store/work.h"

/* Why a record has no person. Kept small: the in-memory table stores it in place of the person. */
enum link_reason {
    LINK_NONE,
    LINK_EXCLUDED,
    LINK_NOT_ACTIVE,                /* leave or gone, and nobody to deactivate */
    LINK_CONFLICT,                  /* no e-mail, taken e-mail, unknown status …: the finding says which */
    LINK_DELETED,                   /* the source deleted them: `person` is kept, and hidden from it */
    LINK_REASONS
};

struct link {
    int64_t id, source, person, digest, missing;
    enum link_reason reason;
    const char *record;
    const char *mark;               /* keyed hash of the e-mail when there is no person */
    const char *said;               /* claims, JSON; NULL unless asked for */
};

/* Every link of a source, without claims. The texts live until `fn` returns. */
typedef enum err link_fn(void *arg, const struct link *l);
enum err links_each(struct work *w, int64_t source, link_fn *fn, void *arg);

/* The links (with claims) of these people, of every source; sorted by person. */
enum err links_of(struct work *w, const int64_t *people, size_t n, struct link **out,
                  size_t *count);

/* Where a person's links begin in such a list; n if there are none. */
size_t links_first(const struct link *list, size_t n, int64_t person);

/* By record id, with claims; out[i].id is 0 where there is none. */
enum err links_by_record(struct work *w, int64_t source, const char *const *records, size_t n,
                         struct link *out);

enum err link_by_mark(struct work *w, const char *mark, struct link **out, size_t *n);

/* Inside store_write(). A link with id 0 is new and gets one. said NULL leaves the claims alone. */
enum err link_put(struct work *w, struct link *l);
/* Only its claims; l->said is what they were, NULL if there were none. */
enum err link_say(struct work *w, const struct link *l, const char *said);

/* Which of these people did the source delete? */
enum err links_hidden(struct work *w, int64_t source, const int64_t *people, size_t n,
                      bool *hidden);

/* They are looked at again in the next run: everything of these people except of `source`. */
enum err links_unsettle(struct work *w, const int64_t *people, size_t n, int64_t source);

#endif
