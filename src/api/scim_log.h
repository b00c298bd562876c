/*
 * scim_log.h — what SCIM clients asked, and how it went: a ring of 100,000 lines per workspace.
 *
 * No request costs a write: lines wait in memory and a thread of its own writes them in blocks, about once a
 * second (sooner when a block is full). Values are not in it: see scim_line_write(). Bodies are kept only while the
 * workspace has scim_record_bodies on, sealed, for 24 hours.
 */
#ifndef API_SCIM_LOG_H
#define API_SCIM_LOG_H

#include "api/scim.h"
#include "store/store.h"

enum {
    SCIM_LOG_RING =
        100000, /* lines of a workspace; whole blocks are dropped, so a few more may be there */
    SCIM_BODY_MS = 24 * 60 * 60 * 1000,
    SCIM_BODY_MOST = 1024 * 1024,   /* longer ones are not recorded */
};

struct scim_line {
    int64_t id;                     /* 0: one is made */
    int64_t at, us;                 /* when it came; how long it took, in microseconds */
    int64_t workspace, source, token;
    const char *token_name, *method;
    const char *path;               /* as sent, with its query */
    const char *address, *agent;
    const char *detail;             /* what an error says; else NULL */
    int status;                     /* 0: no request but a remark of the log itself */
    size_t in, out;                 /* bytes of the bodies */
    bool body;                      /* when read: it is recorded */
};

struct scim_log;

enum err scim_log_start(struct store *s, struct scim_log **out);
void scim_log_stop(struct scim_log *l);     /* writes what waits, frees; NULL is fine */

/* From any thread, without the store; copies what it is given. `body` may be NULL. NULL for `l` is fine. */
void scim_log_add(struct scim_log *l, const struct scim_line *line, const char *body, size_t n);

/* ---- reading, in the workspace of `w` ---- */

struct scim_log_query {
    bool failed;                    /* only status 400 and above, and remarks */
    int64_t since;                  /* 0: from the beginning */
    size_t limit;                   /* the newest so many */
};

/* Newest last. */
enum err scim_log_read(struct work *w, const struct scim_log_query *q, struct scim_line **out,
                       size_t *n);

/* The recorded request of a line. ERR_NOT_FOUND says when bodies are kept. */
enum err scim_log_request(struct work *w, int64_t id, struct scim_request *out);

/* ---- scim_log_line.c ---- */

/*
 * The line as JSON, without values of people: what stands in quotes within `filter` and `detail` is cut, so are
 * cursors; a token that somebody put into the query is left out. Ids and names of attributes stay.
 */
void scim_line_write(struct buf *to, const struct scim_line *line);
bool scim_line_read(struct arena *a, const char *json, size_t n, struct scim_line *out);

/* ---- scim_log_sql.c; the writing ones inside store_write() ---- */

struct scim_block {
    int64_t id, from_at, to_at, count;
    const char *lines;              /* NDJSON */
    size_t n;
};

enum err scim_block_put(struct work *w, const struct scim_block *b);    /* and keeps the ring */
/* The newest before `id` that has lines since then; id 0: there is none. */
enum err scim_block_before(struct work *w, int64_t id, int64_t since, struct scim_block *out);

enum err scim_body_put(struct work *w, int64_t id, int64_t at, const char *sealed);
enum err scim_body_find(struct work *w, int64_t id, int64_t since,
                        const char **sealed);                                        /* or NULL */
enum err scim_bodies_since(struct work *w, int64_t since, int64_t **ids, size_t *n);    /* sorted */
enum err scim_bodies_old(struct work *w, int64_t before, bool *any);
enum err scim_bodies_drop(struct work *w, int64_t before);

#endif
