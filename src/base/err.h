/*
 * err.h — how failure travels: a code that must not be dropped, and one message per thread.
 *
 * errf() makes an error where it happens, TRY() passes it on, and only the edges (api/, cli/, the
 * job loop) speak it. A message names the thing, the value, and what to do next.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/core.h"

/* Version 14 does not know attributes of an enum. */
/* clang-format off */
enum [[nodiscard]] err {
    OK,
#define ERR(name, http, scim, exit, retry) ERR_##name,
#include "base/errors.def"
#undef ERR
    ERR_COUNT
};
/* clang-format on */

struct err_row {
    const char *name;               /* "NOT_FOUND" */
    int http;
    const char *scim;               /* scimType or NULL */
    int exit;
    bool retry;
};

/* Records the message of this thread and returns `code`. What is quoted may be any bytes: the message is UTF-8. */
#define errf(code, ...) err_make((code), __FILE__, __LINE__, __VA_ARGS__)
enum err err_make(enum err code, const char *file, int line, const char *fmt, ...) PRINTF(4, 5);

/* Puts words before the present message: "HiBob: " + "the token was refused". Returns `code`. */
enum err err_in(enum err code, const char *fmt, ...) PRINTF(2, 3);

const char *err_text(void);         /* this thread's last message; valid until its next error */
const char *err_place(void);        /* "file.c:12", for logs */
/* The message on its way to another thread, or past calls that may make another. */
struct err_saved { char text[2048], place[96]; };
struct err_saved err_save(void);
void err_restore(const struct err_saved *e);

const struct err_row *err_row(enum err code);

#define TRY(expr)                                                                                 \
    do {                                                                                          \
        enum err try_ = (expr);                                                                   \
        if (__builtin_expect(try_ != OK, 0))                                                             \
            return try_;                                                                          \
    } while (0)

/* For a failure that changes nothing for the caller, with the reason in a comment beside it. */
#define IGNORE(expr)                                                                              \
    do {                                                                                          \
        enum err ignored_ = (expr);                                                               \
        (void)ignored_;                                                                           \
    } while (0)

#endif
