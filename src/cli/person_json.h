/*
 * person_json.h — people on their way out: one table of columns drives JSON, CSV and the table on a
 * terminal. The API shows people through it too.
 */
#ifndef CLI_PERSON_JSON_H
#define CLI_PERSON_JSON_H

#include "base/json.h"
#include "people/profile.h"

/* One object, as the contract has it. */
void person_json(struct arena *a, struct json_out *j, const struct attrs *as,
                 const struct profile *p);

/* The header and one line of CSV (RFC 4180), with a line end. */
void person_csv_header(struct buf *to, const struct attrs *as);
void person_csv(struct arena *a, struct buf *to, const struct attrs *as, const struct profile *p);

/* The same for cli_table(): the columns that fit on a terminal. */
void person_table_header(struct buf *to);
void person_table(struct arena *a, struct buf *to, const struct profile *p);

/* {"id", "external_id", "email", "display_name"}, or null. */
void person_reference(struct arena *a, struct json_out *j, const struct person *p);

/* "label\tvalue" lines of everything that one person has. */
void person_lines(struct arena *a, struct buf *to, const struct attrs *as, const struct profile *p);

/* One cell of CSV; quoted where it has to be. `first` leaves out the comma. NULL is empty. */
void csv_cell(struct buf *to, const char *text, bool first);

#endif
