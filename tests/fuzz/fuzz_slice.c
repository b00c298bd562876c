/*
 * fuzz_slice.c — the slicer, and the parser behind it, against any bytes in any pieces.
 *
 * The first byte is the size of the pieces. What the slicer takes must be what a whole-document
 * parser takes: a list it calls complete is JSON, with as many objects as were handed out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "source/raw.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

struct taker { struct record_parser parser; size_t bad; };

static enum err record_in(void *arg, size_t number, const char *bytes, size_t n)
{
    struct taker *t = arg;
    yyjson_val *root;

    (void)number;
    if (record_parse(&t->parser, bytes, n, &root) != OK)
        t->bad++;
    return OK;
}

static enum err slice_all(const char *text, size_t n, size_t piece, struct taker *t, size_t *count)
{
    AUTO(slice) *s = slice_new(&(struct slice_options){
        .array = "employees", .max_record = 4096, .record = record_in, .arg = t });
    for (size_t at = 0; at < n; at += piece) {
        size_t len = MIN(piece, n - at);
        char *alone = malloc(len);
        memcpy(alone, text + at, len);
        enum err e = slice_feed(s, alone, len);
        free(alone);
        TRY(e);
    }
    *count = slice_count(s);
    return slice_end(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct taker t = {}, whole = {};
    size_t count = 0, count_whole = 0;

    if (n < 1)
        return 0;
    const char *text = (const char *)bytes + 1;
    enum err e = slice_all(text, n - 1, 1 + bytes[0] % 130, &t, &count);
    if (e != slice_all(text, n - 1, n, &whole, &count_whole) || count != count_whole ||
        t.bad != whole.bad)
        abort();                    /* the pieces made a difference */
    if (e == OK && !t.bad) {
        yyjson_doc *doc = yyjson_read(text, n - 1, YYJSON_READ_NUMBER_AS_RAW);
        yyjson_val *list = NULL, *key, *v;
        size_t i, max;
        if (!doc)
            abort();                /* called complete, and is not JSON */
        yyjson_obj_foreach(yyjson_doc_get_root(doc), i, max, key, v)
            if (yyjson_equals_str(key, "employees"))
                list = v;
        if (yyjson_arr_size(list) != count)
            abort();
        yyjson_doc_free(doc);
    }
    record_parser_free(&t.parser);
    record_parser_free(&whole.parser);
    return 0;
}
