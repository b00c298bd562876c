/*
 * option.h — tables of options: one row is read by validation, forms, help and documentation.
 */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H

#include "base/arena.h"
#include "base/err.h"

enum option_type {
    OPT_TEXT,
    OPT_URL,
    OPT_SECRET,
    OPT_NUMBER,
    OPT_FLAG,
    OPT_PATH,
    OPT_CHOICE,                     /* one of `choices` */
    OPT_CHOICES,                    /* some of them, separated by commas */
};

struct option {
    const char *name;
    enum option_type type;
    const char *otherwise;          /* default; NULL: none */
    const char *help;
    bool required;
    const char *choices;            /* separated by commas */
};

/* A set of values for one table, kept as canonical text. */
struct options {
    const struct option *table;     /* ends with a row without name */
    const char **values;            /* one per row; NULL: not set, the default counts */
};

struct options *options_new(struct arena *a, const struct option *table);

/* "url=https://…": ERR_USAGE names the option and lists the known ones. */
enum err options_set(struct arena *a, struct options *o, const char *assignment);
enum err options_put(struct arena *a, struct options *o, const char *name, const char *value);
const char *options_get(const struct options *o, const char *name);    /* value or default or NULL */
bool options_flag(const struct options *o, const char *name);
int64_t options_number(const struct options *o, const char *name);
enum err options_complete(const struct options *o);         /* ERR_USAGE names what is missing */

/* Stored as a JSON object of the values that were set; secrets are left out. */
char *options_json(struct arena *a, const struct options *o);
enum err options_from_json(struct arena *a, struct options *o, const char *json);

#endif
