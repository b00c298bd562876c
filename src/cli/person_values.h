/* person_values.h — ATTRIBUTE=VALUE of the command line becomes changes of a person. */
#ifndef CLI_PERSON_VALUES_H
#define CLI_PERSON_VALUES_H

#include "people/change.h"

/* ERR_INVALID says which attribute may have been meant; a custom one is also found without "custom.". */
enum err attribute_named(struct work *w, const struct attrs *as, const char *name,
                         const struct attr **out);

/* The same, for one that a person sets by hand: what has a command of its own is refused, naming it. */
enum err attribute_settable(struct work *w, const struct attrs *as, const char *name,
                            const struct attr **out);

/*
 * Reads assignments against `before` (NULL: somebody new). Names of people become ids, values canonical.
 * A user name that was the e-mail follows it, unless it is among the assignments. `given` holds every
 * attribute that was named, changed or not.
 */
struct given { const struct attr *attr; const char *text; };
enum err changes_given(struct work *w, const struct attrs *as, const struct person *before,
                       char *const *words, size_t n, struct changes *out, struct given **given);

#endif
