/*
 * source.h — what every HR system looks like to the rest: check, fields, fetch.
 *
 * A connector is one file and one line in sources.def. It knows nothing of people, mapping or the
 * store; it turns the HR system's answer into records, one at a time, and never shortens a failure
 * into a smaller company: fetch() returning OK means "that was everybody".
 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include "base/option.h"
#include "http/client.h"

/* One field of the HR system, from its metadata. */
struct field {
    const char *id;                 /* "work.department", "root.firstName" */
    const char *label;              /* "Department" */
    const char *type;               /* the HR system's own word: "list", "date", "text" … */
    const char *category;           /* "Work" */
    bool custom;
};
typedef enum err field_fn(void *arg, const struct field *f);

/* The fields a fetch must deliver, in this order; nothing else is asked of the HR system. */
struct want {
    const char *const *fields;
    size_t n;
};

/*
 * A raw value. ABSENT: the answer does not have the field at all (no right, no such field); EMPTY:
 * it is there and null or "". Lists hold their items separated by \x1f. Text is UTF-8 without NUL;
 * dates are ISO; list fields give names, not ids.
 */
struct raw {
    enum { RAW_ABSENT, RAW_EMPTY, RAW_TEXT, RAW_LIST } is;
    const char *text;
    size_t n;
    const char *key;                /* of a list entry: its id at the source, so that a rename is seen; or NULL */
};

struct record {
    const char *id;                 /* the HR system's own, immutable; NULL if there is none */
    const char *company;            /* whose data this is, if the record says so; else NULL */
    const struct raw *values;       /* one per want->fields */
};

/* The record and all its text live until the call returns. */
typedef enum err record_fn(void *arg, const struct record *r);

/*
 * One line of `check`: may this field be read, and if not, what is to be ticked where. A readable
 * line with advice is a note: nothing stands in the way, but a person should know (another field is
 * read in its place; nobody who left is visible).
 */
struct check_line {
    const char *field, *label;
    bool readable;
    const char *advice;             /* always when not readable; else a note or NULL */
};
typedef enum err check_fn(void *arg, const struct check_line *line);

/* One row of the default mapping. `off`: listed in the file, but as a comment until switched on. */
struct default_row {
    const char *attribute, *from;
    bool off;
};

struct source {
    const struct source_type *type;
    const char *name;               /* the admin's name for it */
    struct arena *mem;              /* lives as long as the source is open */
    struct options *options;
    const char *secret;             /* opened, trimmed; NULL if the kind has none */
    struct client *client;          /* kinds that speak HTTP; opened by source_open() */
    const bool *stop;
    void (*waiting)(void *arg, int seconds, const char *why);
    void *waiting_arg;
    void *state;                    /* the connector's, in mem */
};

struct source_type {
    const char *name, *label;
    const struct option *options;   /* a row of type OPT_SECRET if it has a credential */
    const struct default_row *mapping;      /* ends with an empty row */
    struct { const char *from, *active, *leave, *gone; } status;    /* comma lists */

    /* Makes s->client or whatever it needs; no request yet. */
    enum err (*open)(struct source *s);
    void (*close)(struct source *s);        /* may be NULL */
    /* Logs in and says per wanted field whether it may be read. Changes nothing. ERR_DENIED &c. say
     * which of token, service user, scope, permission is wrong and where to mend it. */
    enum err (*check)(struct source *s, const struct want *want, check_fn *emit, void *arg);
    enum err (*fields)(struct source *s, field_fn *emit, void *arg);
    enum err (*fetch)(struct source *s, const struct want *want, record_fn *emit, void *arg);
    /* All but options and mapping are NULL where the other side sends by itself: source_inbound(). */
    /* See source_fit(). NULL: the default mapping is the same for every source of the kind. */
    enum err (*fit)(struct source *s, struct source_type *out);
};

const struct source_type *source_type_find(const char *kind);           /* NULL if unknown */
const struct source_type *const *source_types(void);                    /* ends with NULL */

/* Its client sends the changes: there is nothing to open, to fetch or to map. */
static inline bool source_inbound(const struct source_type *type)
{
    return type && !type->fetch;
}

/* Fills *s (name, mem, options, secret, stop … set by the caller) and opens it. */
enum err source_open(struct source *s);
void source_close(struct source *s);

/*
 * The type with the default mapping as it fits this very source: where the fields are whatever the
 * admin's file has, rows without a column are switched off. Reads the source; lives in s->mem.
 */
enum err source_fit(struct source *s, struct source_type *out);

#endif
