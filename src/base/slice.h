/*
 * slice.h — whole records cut out of a JSON array while its bytes arrive, at memory speed.
 *
 * An HR system answers with one document for the whole company. It is never held: each element of
 * the array is handed out as soon as its last bracket is there, contiguous, without a copy when it
 * lies whole in the piece. Records are balanced, not yet checked: whoever takes one parses it, and
 * only both together say that the answer was well-formed. slice_end() is the proof that nothing is
 * missing.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include "base/err.h"

struct slice;

enum { SLICE_DEPTH = 64 };          /* brackets within brackets, within one record */

/* `bytes` live until the call returns. `number` counts from 1. */
typedef enum err slice_fn(void *arg, size_t number, const char *bytes, size_t n);

/* Another member of the enclosing object, already found to be well-formed JSON. */
typedef enum err slice_other_fn(void *arg, const char *key, const char *json, size_t n);

struct slice_options {
    const char *array;              /* {"employees": [ … ]}; NULL: the document is the array */
    const char *what;               /* for messages; NULL: "the answer" */
    size_t max_record;              /* ceiling in bytes; 0: 1 MB */
    slice_fn *record;
    slice_other_fn *other;          /* may be NULL */
    void *arg;
};

struct slice *slice_new(const struct slice_options *o);     /* keeps what `o` points to, not `o` */
void slice_free(struct slice *s);                           /* NULL is fine */
AUTO_FREE(slice)

/*
 * Takes the next piece, of any size. ERR_REMOTE: this is not such an array; ERR_TOO_LARGE: a record
 * is over a ceiling; both name the record. An error of a callback is passed on. After an error the
 * slicer takes no more.
 */
enum err slice_feed(struct slice *s, const char *bytes, size_t n);

/* OK only if the array was there and everything is closed. ERR_INCOMPLETE says where it was cut;
 * ERR_REMOTE says what came instead of the array. */
enum err slice_end(struct slice *s);

size_t slice_count(const struct slice *s);                      /* records handed out */

#endif
