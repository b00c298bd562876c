/*
 * json.h — reading JSON with yyjson, writing it straight into a buf.
 *
 * Reading: json_read() gives an owned document; the helpers walk it without fear of absent keys.
 * Numbers beyond 64 bits are kept as their own text; 19-digit ids never pass through a double.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <yyjson.h>

#include "base/arena.h"
#include "base/buf.h"

/* An owned document. The message says where the text is wrong. NUL inside a string is refused. */
struct json;
enum err json_read(const char *text, size_t n, struct json **out);
enum err json_read_file(const char *path, size_t max, struct json **out);
void json_free(struct json *j);
AUTO_FREE(json)
yyjson_val *json_root(const struct json *j);

/* One that lives in the arena, so that nobody has to free it. */
enum err json_read_in(struct arena *a, const char *text, size_t n, yyjson_val **root);

/* Lets documents of yyjson live in the arena. */
yyjson_alc json_alc(struct arena *a);

/* NULL if absent or no text */
static inline const char *json_text(yyjson_val *obj, const char *key)
{
    return yyjson_get_str(yyjson_obj_get(obj, key));
}

int64_t json_int(yyjson_val *obj, const char *key, int64_t otherwise);
bool json_flag(yyjson_val *obj, const char *key, bool otherwise);

/* A scalar as canonical text: strings as they are, numbers in shortest form, true/false; NULL for
 * null, objects and arrays. Lives in the arena only if it had to be made. */
const char *json_scalar(struct arena *a, yyjson_val *v);

/* Writing. Commas and colons are put by the writer; depth is the caller's business. */
struct json_out { struct buf *to; bool comma; };

void json_open(struct json_out *o, char bracket);               /* '{' or '[' */
void json_close(struct json_out *o, char bracket);              /* '}' or ']' */
void json_key(struct json_out *o, const char *key);
void json_str(struct json_out *o, const char *s);               /* NULL writes null */
void json_strn(struct json_out *o, const char *s, size_t n);
void json_num(struct json_out *o, int64_t n);
void json_bool(struct json_out *o, bool b);
void json_null(struct json_out *o);
void json_raw(struct json_out *o, const char *text, size_t n);  /* already JSON */
void json_val(struct json_out *o, yyjson_val *v);               /* a read value, as it is */

/* key and value in one line */
void json_put(struct json_out *o, const char *key, const char *s);
void json_put_num(struct json_out *o, const char *key, int64_t n);
void json_put_bool(struct json_out *o, const char *key, bool b);

#endif
