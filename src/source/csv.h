/*
 * csv.h — CSV as it is found in the wild, in pieces of any size: RFC 4180, with the separators
 * people use.
 *
 * The separator (comma, semicolon, tab, bar) is read off the first row unless it is given. A row
 * with more or fewer cells than the first, text that is not UTF-8, a quote that is never closed:
 * errors that name the line. Blank lines are passed over. Nothing is ever guessed within a row.
 */
#ifndef SOURCE_CSV_H
#define SOURCE_CSV_H

#include "base/err.h"

enum { CSV_COLUMNS = 4096 };

struct csv;
struct csv_cell { const char *text; size_t n; };        /* ends with a NUL that is not counted */

/* `line` is where the row begins; the first is the header. Cells live until the call returns. */
typedef enum err csv_row_fn(void *arg, size_t line, const struct csv_cell *cells, size_t n);

/* `delimiter` 0: find out. `max_row` 0: 1 MB. */
struct csv *csv_new(char delimiter, size_t max_row, csv_row_fn *row, void *arg);
void csv_free(struct csv *c);                           /* NULL is fine */
AUTO_FREE(csv)

enum err csv_feed(struct csv *c, const char *bytes, size_t n);

/* ERR_INCOMPLETE if it ends within quotes, within a row, or before there was a header. */
enum err csv_end(struct csv *c);

#endif
