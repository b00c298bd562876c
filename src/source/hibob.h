/*
 * hibob.h — the parts of the HiBob connector: what its metadata says, and how a record is read.
 * API facts: docs/sources/hibob.md.
 */
#ifndef SOURCE_HIBOB_H
#define SOURCE_HIBOB_H

#include "source/names.h"
#include "source/raw.h"

enum { HIBOB_FIELDS = 400 };        /* of one request */

/* ---- hibob_fields.c: the metadata ---- */

/* How a value is turned into text. */
enum hibob_kind { HIBOB_PLAIN, HIBOB_NAMED, HIBOB_PERSON };

struct hibob_field {
    struct field as;                /* what the rest of the program sees */
    const char *category_id;
    const char *path;               /* jsonPath: where it is in the nested half */
    const char *list;               /* of HIBOB_NAMED: the id of its list, or NULL */
    enum hibob_kind kind;
};

struct hibob_fields {
    struct hibob_field *all;
    size_t n;
};

/* The answer of GET /company/people/fields. */
enum err hibob_fields_read(struct arena *a, yyjson_val *root, struct hibob_fields *out);

/* The answer of GET /company/named-lists. */
enum err hibob_names_read(struct arena *a, yyjson_val *root, struct names **out);

/* A wanted field, and what it is in this company. */
struct hibob_wanted {
    const char *id;                 /* as the mapping says it */
    const char *asked;              /* as HiBob is asked for it */
    const char *path;               /* in the nested half */
    const char *part;               /* of a person: "email" of work.reportsTo.email; else NULL */
    const struct hibob_field *field;        /* NULL: the metadata does not have it */
    const char *note;               /* another field is read in its place, or why none is */
    enum hibob_kind kind;
    const struct name_list *list;
    bool restricted;                /* HiBob said that it hides the column */
};

/* Finds `id` in the metadata; ids that HiBob's documents do not confirm are also looked up by
 * label. */
void hibob_want(struct arena *a, const struct hibob_fields *fields, const struct names *names,
                const char *id, struct hibob_wanted *out);

/* ---- hibob_record.c: the answer of POST /people/search ---- */

struct hibob_reader;

struct hibob_reader *hibob_reader_new(struct arena *a, const struct hibob_fields *fields,
                                      const struct names *names, const struct want *want,
                                      record_fn *emit, void *arg);
void hibob_reader_free(struct hibob_reader *r);
AUTO_FREE(hibob_reader)

/* One per want->fields. */
const struct hibob_wanted *hibob_reader_wanted(const struct hibob_reader *r);

/* The body of the request. ERR_INVALID if more is wanted than one request can ask for. */
enum err hibob_reader_body(struct arena *a, const struct hibob_reader *r, const char **out);

/* The answer, as it arrives; then its end. OK from the end means "that was everybody". */
enum err hibob_reader_feed(struct hibob_reader *r, const char *bytes, size_t n);
enum err hibob_reader_end(struct hibob_reader *r);
size_t hibob_reader_count(const struct hibob_reader *r);

#endif
