/*
 * limit_yajl.c — what a streaming parser costs: receives the answer with libcurl and picks the fifteen
 * mapped fields of each employee with yajl.
 *
 * limit_yajl URL
 */
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/core.h"
#include "fetch.h"

enum { DEEPEST = 8, VALUE_MOST = 256 };

static const char *const wanted[] = {
    "id", "email", "firstName", "surname", "displayName", "work.title", "work.department",
    "work.site", "work.reportsTo.id", "work.startDate", "work.employeeIdInCompany",
    "internal.status", "internal.terminationDate", "personal.legalGender", "personal.birthDate",
};

static struct {
    char values[COUNT(wanted)][VALUE_MOST];
    size_t sizes[COUNT(wanted)];
    char path[256];             /* of the value that comes next, within the employee */
    size_t ends[DEEPEST];       /* where the path of each level ends */
    int depth;                  /* objects open: 1 the document, 2 an employee */
    long employees, mail;
} reader;

static int key_in(void *arg, const unsigned char *key, size_t n)
{
    (void)arg;
    if (reader.depth < 2 || reader.depth >= DEEPEST)
        return 1;
    size_t at = reader.ends[reader.depth - 1];
    if (at + n + 2 > sizeof reader.path)
        return 1;
    if (at)
        reader.path[at++] = '.';
    memcpy(reader.path + at, key, n);
    reader.path[at + n] = 0;
    reader.ends[reader.depth] = at + n;
    return 1;
}

static int value_in(void *arg, const unsigned char *text, size_t n)
{
    (void)arg;
    for (size_t i = 0; reader.depth >= 2 && i < COUNT(wanted); i++)
        if (strcmp(reader.path, wanted[i]) == 0) {
            reader.sizes[i] = MIN(n, (size_t)VALUE_MOST);
            memcpy(reader.values[i], text, reader.sizes[i]);
            break;
        }
    return 1;
}

static int number_in(void *arg, const char *text, size_t n)
{
    return value_in(arg, (const unsigned char *)text, n);
}

static int object_in(void *arg)
{
    (void)arg;
    if (++reader.depth == 2) {
        memset(reader.sizes, 0, sizeof reader.sizes);
        reader.ends[1] = 0;
    }
    return 1;
}

static int object_out(void *arg)
{
    (void)arg;
    if (reader.depth-- == 2) {
        reader.employees++;
        reader.mail += (long)reader.sizes[1];
    }
    return 1;
}

static const yajl_callbacks callbacks = {
    .yajl_number = number_in,
    .yajl_string = value_in,
    .yajl_start_map = object_in,
    .yajl_map_key = key_in,
    .yajl_end_map = object_out,
};
static yajl_handle parser;

static size_t piece_in(char *bytes, size_t size, size_t n, void *arg)
{
    (void)arg;
    return yajl_parse(parser, (const unsigned char *)bytes, size * n) == yajl_status_ok ? size * n
                                                                                        : 0;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    parser = yajl_alloc(&callbacks, NULL, NULL);
    fetch_people(argv[1], piece_in);
    if (yajl_complete_parse(parser) != yajl_status_ok)
        return 3;
    fetch_result(reader.employees, reader.mail);
    yajl_free(parser);
    return 0;
}
