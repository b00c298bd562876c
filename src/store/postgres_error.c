/* postgres_error.c — SQLSTATE and libpq's own failures, as our codes and in words that help. */
#include <string.h>

#include "base/str.h"
#include "store/postgres.h"

/* The first row whose state begins so; `again`: the whole transaction may be run again. */
static const struct {
    const char *state;
    enum err err;
    enum { NEVER, ONCE, ALWAYS } again;
    const char *words;
} failures[] = {
    { "40001", ERR_BUSY, ALWAYS, "another writer changed the same rows" },
    { "40P01", ERR_BUSY, ALWAYS, "two writers waited for each other" },
    /* Somebody wrote the key after our snapshot: run again, the closure sees it and can say so. */
    { "23505", ERR_CONFLICT, ONCE, "that key is taken" },
    { "42P07", ERR_CONFLICT, ONCE, "that table is there already" },
    { "23", ERR_INTERNAL, NEVER, "a value is missing or not allowed" },
    { "53100", ERR_FULL, NEVER,
      "the disk of the database server is full, nothing of this change was kept. "
      "Make room there and try again" },
    { "53300", ERR_BUSY, NEVER,
      "the server has no connection left for us. Raise max_connections, or "
      "run fewer nodes" },
    { "53", ERR_STORE, NEVER, "the server ran out of something" },
    { "25006", ERR_STORE, NEVER, "the database is read-only: is it a standby? Name the primary" },
    { "22021", ERR_INVALID, NEVER, "a text is not valid UTF-8" },
    { "54", ERR_TOO_LARGE, NEVER, "a value is too long" },
    { "42501", ERR_STORE, NEVER,
      "the database user lacks a right. GRANT it, on the database and schema" },
    { "42", ERR_INTERNAL, NEVER, "the statement is wrong" },
    { "22", ERR_INTERNAL, NEVER, "a value does not fit the statement" },
    { "28", ERR_STORE, NEVER, "the server refused user or password. Check the URL of the store" },
    { "3D000", ERR_NOT_FOUND, NEVER,
      "there is no such database. Make it with `createdb`, then run "
      "`muster init`" },
    { "57014", ERR_STORE, NEVER, "the statement was cancelled" },
    /* The server says that it did not finish; a commit that was, it would have answered before. */
    { "57P", ERR_STORE, ONCE, "the server is starting, stopping or was restarted. Try again" },
    { "08", ERR_STORE, NEVER, "the connection broke" },
    { "XX001", ERR_STORE, NEVER, "the database is damaged. Stop muster and restore a backup" },
    { "", ERR_STORE, NEVER, "the server refused" },
};

/* libpq ends its messages with a new line and puts details on lines of their own. */
static void add_line(struct buf *b, const char *s)
{
    size_t n = s ? strcspn(s, "\n") : 0;

    if (n) {
        buf_puts(b, " [");
        buf_add(b, s, n);
        buf_putc(b, ']');
    }
}

static enum err broken(struct postgres_conn *c)
{
    AUTO_BUF why = {};

    add_line(&why, PQerrorMessage(c->pg));
    if (c->committing)
        return errf(ERR_STORE,
                    "the connection to %s broke while a change was being committed: look "
                    "whether it is there before doing it again%s",
                    c->base.store->label, why.n ? why.at : "");
    c->base.tx.again = c->base.tx.attempt == 0;
    return errf(ERR_STORE,
                "the connection to %s broke. Check that the server runs and can be reached%s",
                c->base.store->label, why.n ? why.at : "");
}

enum err postgres_err(struct postgres_conn *c, const PGresult *res, const char *sql)
{
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    AUTO_BUF text = {};
    size_t i = 0;

    if (!state)
        return broken(c);
    while (!str_starts(state, failures[i].state))
        i++;
    if (failures[i].again == ALWAYS || (failures[i].again == ONCE && c->base.tx.attempt == 0))
        c->base.tx.again = true;
    buf_printf(&text, "%s: %s", c->base.store->label, failures[i].words);
    add_line(&text, PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY));
    add_line(&text, PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL));
    if (failures[i].err == ERR_INTERNAL)
        buf_printf(&text, " (in: %s)", sql);
    return errf(failures[i].err, "%s", text.at);
}
