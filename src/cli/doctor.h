/*
 * doctor.h — the checks of `muster doctor`: each says lines, and the worst of them is the exit status.
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "cli/cli.h"

enum level {
    LEVEL_OK,
    LEVEL_NOTE,                     /* good to know; nobody has to do anything */
    LEVEL_WARN,                     /* a person has to look: exit status 1 */
    LEVEL_PROBLEM,                  /* nothing works until it is mended: exit status 3 */
};

struct doctor {
    struct cli *c;
    enum level worst;
};

/* One line; `todo` says what to do and may be NULL. */
void doctor_say(struct doctor *d, enum level level, const char *about, const char *todo,
                const char *fmt, ...) PRINTF(5, 6);

/* The message of the last error; a period at its end is dropped. */
void doctor_say_error(struct doctor *d, enum level level, const char *about, const char *todo);

/* Is `version` ("3.40.1") at least `least`? */
bool version_reaches(const char *version, const char *least);

/* doctor_store.c: before the store is opened, after it. */
void doctor_key(struct doctor *d);
void doctor_store(struct doctor *d);
void doctor_libraries(struct doctor *d);

/* doctor_work.c: what a workspace has to say; `d->c->w` is set to it. */
void doctor_clock(struct doctor *d);
void doctor_sources(struct doctor *d, const char *workspace);
void doctor_held(struct doctor *d, const char *workspace);

/* doctor_sql.c */
enum err doctor_database(struct work *w, const char **version);

#endif
