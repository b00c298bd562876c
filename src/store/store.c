/*
 * store.c — opening and closing a store, whichever engine is behind it.
 *
 * Process numbers of ids (base/id.h): on SQLite the first free of 1,024 byte locks beside the store,
 * held as long as it is open, nothing is written (sqlite_lock.c); on PostgreSQL a leased row of the
 * table `process`, renewed while serving and by writes (postgres_number.c). A program opens one
 * store; one that opens two gets the number of the last.
 */
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "store/driver.h"

static const struct store_driver *const drivers[] = { &store_postgres, &store_sqlite };

static const struct store_driver *driver_of(const char *url)
{
    for (size_t i = 0; i < COUNT(drivers); i++) {
        if (!drivers[i]->schemes)
            return drivers[i];
        for (const char *const *scheme = drivers[i]->schemes; *scheme; scheme++)
            if (str_starts(url, *scheme))
                return drivers[i];
    }
    return NULL;
}

static enum err read_key(struct store *s)
{
    const char *path = getenv("MUSTER_KEY_FILE");
    AUTO_BUF beside = {};

    if (str_empty(path)) {
        if (s->driver->schemes)
            return errf(ERR_USAGE,
                        "a store in PostgreSQL needs $MUSTER_KEY_FILE: the path of the sealing "
                        "key, the same file on every node");
        buf_printf(&beside, "%s.key", s->url);
        path = beside.at;
    }
    crypt_init();
    return crypt_key_file(path, s->flags & STORE_CREATE, &s->key);
}

static enum err open_all(struct store *s)
{
    TRY(s->driver->open(s));
    TRY(migrate(s));
    TRY(s->driver->number(s));
    TRY(read_key(s));
    if (s->flags & STORE_SERVE)
        queue_start(s);
    return OK;
}

enum err store_open(const char *url, unsigned flags, struct store **out)
{
    AUTO(store) *s = NULL;

    if (str_empty(url))
        return errf(ERR_USAGE, "which store? Name it with --store PATH or $MUSTER_STORE");
    s = must_alloc(sizeof *s);
    s->driver = driver_of(url);
    s->flags = flags;
    s->url = strdup(url);
    if (!s->url)
        die_of_memory(strlen(url));
    conn_store_opened(s);
    TRY(open_all(s));
    *out = take(s);
    return OK;
}

void store_free(struct store *s)
{
    if (!s)
        return;
    if (s->queue)
        queue_stop(s);
    s->driver->leave(s);
    conn_store_closed(s);
    s->driver->close(s);
    explicit_bzero(&s->key, sizeof s->key);
    free(s->label);
    free(s->url);
    free(s);
}

const struct crypt_key *store_key(const struct store *s)
{
    return &s->key;
}

const char *store_label(const struct store *s)
{
    return s->label;
}

const char *store_engine(const struct store *s)
{
    return s->driver->name;
}

enum err store_ready(struct store *s)
{
    return s->driver->ready(s);
}
