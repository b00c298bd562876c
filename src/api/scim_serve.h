/*
 * scim_serve.h — what the handlers of /scim/v2 share; for the files api/scim_*.c only.
 *
 *   scim_space.c   a workspace's schema and shapes, kept ready
 *   scim_people.c  people and groups as the source that asks sees them  (scim_people_sql.c)
 *   scim_write.c   one POST, PUT, PATCH or DELETE, for a request, a bulk operation or a dry run
 *   scim_list.c    queries: filter, sort, pages, cursors
 *   scim_users.c, scim_groups.c, scim_bulk.c, scim_meta.c   the rows and their handlers
 */
#ifndef API_SCIM_SERVE_H
#define API_SCIM_SERVE_H

#include "api/api.h"
#include "auth/token.h"
#include "people/group.h"
#include "scim/group.h"
#include "scim/project.h"
#include "scim/user.h"

enum {
    SCIM_PAGE = 100,                /* without `count` */
    SCIM_PAGE_MOST = 1000,
    SCIM_CURSOR_SECONDS = 3600,
    SCIM_BULK_OPERATIONS = 1000,
    SCIM_GROUP_SHOWN = 100,         /* members up to which a PATCH answers with the group */
};
#define SCIM_USER_BYTES KB(256)
#define SCIM_GROUP_BYTES MB(8)
#define SCIM_BULK_BYTES MB(4)
#define SCIM_SEARCH_BYTES KB(64)

/* What is known of a workspace without asking the store for every request. */
struct scim_space {
    struct scim_space *next;
    int64_t workspace;
    struct attrs *attrs;
    struct scim *scim;
    struct user_shape *shape;
    const char *signature;          /* of what it was made from */
    struct arena *mem;
};

/* At most a second old, or with `at_once` as it is now. Lives until scim_spaces_free(). */
enum err scim_space_get(struct work *w, bool at_once, const struct scim_space **out);

/* Who asks, and for what. */
struct scim_asker {
    struct work *w;
    const struct scim_space *space;
    int64_t source, token;
    const char *token_name, *base;  /* base: ".../scim/v2" */
};

const char *scim_base(struct call *c);

/* From an admitted call. `at_once`: with what an admin added a moment ago; else it may take a second. */
enum err scim_asker(struct call *c, bool at_once, struct scim_asker *out);

/* ---- scim_people.c ---- */

enum { WITH_GROUPS = 1 };

/* Views of those whom the source sees; out[i].id is 0 for all others. */
enum err scim_users_load(const struct scim_asker *s, const int64_t *ids, size_t n, unsigned flags,
                         struct user_view *out);
enum err scim_user_load(const struct scim_asker *s, int64_t id,
                        struct user_view *out); /* ERR_NOT_FOUND */

/* One resource as JSON; `want` NULL: as it is by default. */
enum err scim_user_put(const struct scim_asker *s, const struct user_view *v,
                       const struct projection *want, struct buf *to);
enum err scim_group_put(const struct scim_asker *s, const struct group *g,
                        const struct projection *want, struct buf *to);

/* scim_people_sql.c */
struct user_record {                /* one row of users_query() */
    int64_t id, version, created_at, updated_at, manager;
    enum person_state state;
    bool hidden, waits;             /* waits: for an additional manager */
    const char *vals, *record, *manager_vals;
    size_t vals_size;
};
/* One, with the groups of the source they are in. */
enum err user_query(struct work *w, int64_t source, int64_t id, struct user_record *out,
                    bool *found, struct user_ref **groups, size_t *ngroups);
/* Several, in any order. */
enum err users_query(struct work *w, int64_t source, const int64_t *ids, size_t n,
                     struct user_record **out, size_t *found);
/* The additional managers of somebody who are not there yet, as the source wrote them. */
enum err user_waits_for(struct work *w, int64_t source, int64_t person, const char ***out,
                        size_t *n);
struct user_in_group {
    int64_t person, group;
    const char *name;
};
enum err users_groups(struct work *w, int64_t source, const int64_t *ids, size_t n,
                      struct user_in_group **out, size_t *found);
/* The next ids the source sees; changed since `from` and before `to` (ms) when those are given. */
enum err users_page(struct work *w, int64_t source, int64_t after, size_t skip, size_t most,
                    int64_t *ids, size_t *n);
enum err users_changed(struct work *w, int64_t source, int64_t from, int64_t to, int64_t after,
                       size_t most, int64_t *ids, size_t *n);
enum err users_count(struct work *w, int64_t source, int64_t *n);
enum err user_by_record(struct work *w, int64_t source, const char *record, int64_t *id);

/* ---- scim_write.c ---- */

enum scim_kind { SCIM_USERS, SCIM_GROUPS };

struct scim_op {
    enum method method;
    enum scim_kind kind;
    int64_t id;                     /* whom; with POST: 0, or the id that was kept for them */
    yyjson_val *body;
    const char *if_match;           /* header; NULL: any */
    const struct projection *want;
    bool asked;                     /* for attributes, so the answer has them */
    /* made before the transaction by scim_op_prepare() */
    yyjson_mut_val *clean;
    yyjson_mut_doc *doc;
    /* out */
    int status;
    int64_t made, version;
    const char *note;
};

/* Whatever can be checked without the store: so that the writer is not kept. */
enum err scim_op_prepare(const struct scim_asker *s, struct scim_op *op);
/* Inside store_write(). `reply` gets the resource, if there is one to be shown. */
enum err scim_op_run(const struct scim_asker *s, struct scim_op *op, struct buf *reply);
/* A group is deleted in slices, each a transaction of its own. */
enum err scim_group_drop(const struct scim_asker *s, struct scim_op *op);

/* ---- scim_list.c ---- */

struct scim_query {
    const char *filter, *sort_by, *sort_order, *attributes, *excluded, *cursor;
    int64_t start, count;
    bool has_start, has_count;
    struct filter *parsed;          /* by scim_query_is_quick(), for … */
    const struct scim_resource *parsed_for;
};
/* Is it answered by index look-ups alone, or does it look through the directory? */
enum err scim_query_read(struct call *c, struct scim_query *out);
enum err scim_query_body(struct arena *a, yyjson_val *body, struct scim_query *out);
bool scim_query_is_quick(const struct scim_asker *s, struct scim_query *q, bool users, bool groups);
enum err scim_query_run(const struct scim_asker *s, const struct scim_query *q, bool users,
                        bool groups, struct buf *reply);
/* So many users, or groups of a source, came; 0: some came or went, and all are to be counted anew. */
void scim_counts_changed(int64_t workspace, int64_t source, bool of_users, int64_t by);

/* ---- shared by handlers ---- */

extern const char scim_type[];      /* "application/scim+json" */
enum err scim_body(struct call *c, yyjson_val **out);
enum err scim_id(const char *text, const char *what, int64_t *out);     /* ERR_NOT_FOUND */
void scim_reply_headers(struct call *c, const struct scim_asker *s, const struct scim_op *op);
bool scim_etag_matches(const char *header, int64_t version);

#endif
