/*
 * file_read.h — the rows of a file in any of the formats, one at a time, in bounded memory.
 */
#ifndef SOURCE_FILE_READ_H
#define SOURCE_FILE_READ_H

#include "base/err.h"
#include "source/csv.h"
#include "source/file.h"

struct file_rows {
    const char *path;
    enum file_format format;        /* FILE_AUTO: by its first byte */
    char delimiter;
    const bool *stop;
    /* Rows of CSV; objects of NDJSON and JSON. */
    csv_row_fn *row;
    enum err (*object)(void *arg, size_t number, const char *bytes, size_t n);
    /* Said before the first row; may be NULL. */
    void (*format_is)(void *arg, enum file_format format);
    void *arg;
};

/*
 * OK only if the file was there, was read to its end, was closed properly, and did not change
 * meanwhile. An error of a callback ends the reading and is passed on.
 */
enum err file_read(const struct file_rows *rows);

#endif
