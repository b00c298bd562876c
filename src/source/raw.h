/*
 * raw.h — from JSON to raw values: records parsed one after the other in the same memory, and the
 * text of whatever stands in them.
 */
#ifndef SOURCE_RAW_H
#define SOURCE_RAW_H

#include "base/json.h"
#include "source/source.h"

/* Parses records one at a time; numbers keep their text. What it gave is gone with the next. */
struct record_parser { char *pool; size_t size; };
void record_parser_free(struct record_parser *p);
enum err record_parse(struct record_parser *p, const char *bytes, size_t n, yyjson_val **root);

enum { RAW_DEPTH = 64 };            /* brackets within each other */

/*
 * A scalar as text, in the form the rest of the program compares: strings as they are, numbers in
 * the shortest form, true/false; null and "" are EMPTY, NULL is ABSENT; arrays and objects become
 * canonical JSON (members sorted, no spaces) unless they are empty. ERR_REMOTE for a string with
 * NUL.
 */
enum err raw_plain(struct arena *a, yyjson_val *v, struct raw *out);

/* As raw_plain, but the elements of an array go through `item` one by one and become a list. */
typedef enum err raw_item_fn(void *arg, struct arena *a, yyjson_val *v, struct raw *out);
enum err raw_items(struct arena *a, yyjson_val *v, raw_item_fn *item, void *arg, struct raw *out);

/* A list from its items; empty ones are left out, \x1f within one becomes a space. */
struct raw raw_list(struct arena *a, const struct raw *items, size_t n);

static inline struct raw raw_text(const char *text, size_t n)
{
    return (struct raw){ .is = n ? RAW_TEXT : RAW_EMPTY, .text = n ? text : NULL, .n = n };
}

#endif
