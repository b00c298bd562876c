/*
 * file.h — the parts of the file source: reading a file of any of its formats, row by row.
 */
#ifndef SOURCE_FILE_H
#define SOURCE_FILE_H

#include "source/source.h"

enum file_format { FILE_AUTO, FILE_CSV, FILE_NDJSON, FILE_JSON };

/* What is read, and for whom. */
struct file_ask {
    const char *path;
    enum file_format format;
    char delimiter;                 /* 0: find out */
    const bool *stop;
    const char *const *ids;         /* columns that may be the record id: the first filled counts */
    size_t nids;
    const struct want *want;
    record_fn *emit;
    void *arg;
};

/* The columns of a file, or the members of its first 1,000 objects, with dots where they nest. */
struct file_columns { const char **names; size_t n; enum file_format format; };
enum err file_columns(struct arena *a, const struct file_ask *ask, struct file_columns *out);

/*
 * Gives every record to `emit`. OK only if the whole file was read and did not change meanwhile;
 * otherwise the message names file and line.
 */
enum err file_records(const struct file_ask *ask);

/* In a name that people may write in several ways only letters and digits count. NULL: no such
 * column. */
const char *file_column_like(struct arena *a, const struct file_columns *columns, const char *name);

#endif
