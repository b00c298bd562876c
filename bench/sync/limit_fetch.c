/*
 * limit_fetch.c — the reference for a sync that finds no change: receives the answer with libcurl, cuts
 * it into records as it arrives, parses each with yyjson, and does nothing with them.
 *
 * limit_fetch URL
 */
#include <string.h>
#include <yyjson.h>

#include "base/core.h"
#include "fetch.h"

enum { RECORD_MOST = 1 << 20 };

static struct {
    char record[RECORD_MOST];
    size_t n;
    int depth;                  /* a record starts at depth 2: the document, the list */
    bool in_string, escaped;
    long employees, mail;
    yyjson_alc pool;
} reader;

static void record_parse(const char *bytes, size_t n)
{
    yyjson_read_err error;
    yyjson_doc *doc = yyjson_read_opts((char *)bytes, n, 0, &reader.pool, &error);

    if (doc == NULL) {
        fprintf(stderr, "record %ld: %s\n", reader.employees, error.msg);
        exit(3);
    }
    reader.employees++;
    reader.mail += (long)yyjson_get_len(yyjson_obj_get(yyjson_doc_get_root(doc), "email"));
    yyjson_doc_free(doc);
}

static void record_keep(const char *bytes, size_t n)
{
    if (reader.n + n > sizeof reader.record) {
        fprintf(stderr, "record %ld is over a megabyte\n", reader.employees);
        exit(3);
    }
    memcpy(reader.record + reader.n, bytes, n);
    reader.n += n;
}

static size_t piece_in(char *bytes, size_t size, size_t n, void *arg)
{
    size_t start = 0, end = size * n;       /* of the record at hand, in this piece */

    (void)arg;
    for (size_t i = 0; i < end; i++) {
        char c = bytes[i];
        if (reader.in_string) {
            if (reader.escaped)
                reader.escaped = false;
            else if (c == '\\')
                reader.escaped = true;
            else if (c == '"')
                reader.in_string = false;
        } else if (c == '"') {
            reader.in_string = true;
        } else if (c == '{' || c == '[') {
            if (++reader.depth == 3)
                start = i;
        } else if (c == '}' || c == ']') {
            if (--reader.depth != 2)
                continue;
            if (reader.n) {
                record_keep(bytes, i + 1);
                record_parse(reader.record, reader.n);
                reader.n = 0;
            } else {
                record_parse(bytes + start, i + 1 - start);
            }
        }
    }
    if (reader.depth > 2)
        record_keep(bytes + start, end - start);
    return end;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    size_t size = yyjson_read_max_memory_usage(RECORD_MOST, 0);
    yyjson_alc_pool_init(&reader.pool, malloc(size), size);
    fetch_people(argv[1], piece_in);
    fetch_result(reader.employees, reader.mail);
    return reader.depth ? 3 : 0;
}
