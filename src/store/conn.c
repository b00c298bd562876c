/*
 * conn.c — each thread's own connection.
 *
 * A thread takes a connection at its first statement and keeps it, so that a statement costs no
 * lock; when the thread ends, or turns to another store, the next thread may have it. Connections
 * belong to their store and are closed with it, whichever threads still remember them: they
 * remember the store's serial number too, and no two stores have the same.
 */
#include "store/driver.h"

#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct store *open_stores;
static uint64_t serials;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t at_exit;
static _Thread_local struct conn *mine;
static _Thread_local uint64_t mine_of;          /* serial of its store */

static void give_back(void *unused)
{
    (void)unused;
    if (!mine)
        return;
    pthread_mutex_lock(&lock);
    for (struct store *s = open_stores; s; s = s->next_open)
        if (s->serial == mine_of) {
            mine->next_idle = s->idle;
            s->idle = mine;
        }
    pthread_mutex_unlock(&lock);
    mine = NULL;
}

static void watch_exits(void)
{
    if (pthread_key_create(&at_exit, give_back) != 0)
        die_of_memory(0);
}

void conn_store_opened(struct store *s)
{
    pthread_once(&once, watch_exits);
    pthread_mutex_lock(&lock);
    s->serial = ++serials;
    s->next_open = open_stores;
    open_stores = s;
    pthread_mutex_unlock(&lock);
}

void conn_store_closed(struct store *s)
{
    pthread_mutex_lock(&lock);
    struct store **at = &open_stores;
    while (*at && *at != s)
        at = &(*at)->next_open;
    if (*at)
        *at = s->next_open;
    pthread_mutex_unlock(&lock);
    if (mine_of == s->serial)
        mine = NULL;
    for (struct conn *c = s->all, *next; c; c = next) {
        next = c->next;
        s->driver->disconnect(c);
    }
    s->all = s->idle = NULL;
}

enum err conn_mine(struct store *s, struct conn **out)
{
    if (mine && mine_of == s->serial) {
        *out = mine;
        return OK;
    }
    give_back(NULL);
    pthread_mutex_lock(&lock);
    struct conn *c = s->idle;
    if (c)
        s->idle = c->next_idle;
    pthread_mutex_unlock(&lock);
    if (!c) {
        TRY(s->driver->connect(s, &c));
        c->store = s;
        c->tx.conn = c;
        pthread_mutex_lock(&lock);
        c->next = s->all;
        s->all = c;
        pthread_mutex_unlock(&lock);
    }
    pthread_setspecific(at_exit, c);            /* any value: it makes give_back() run */
    mine = c;
    mine_of = s->serial;
    *out = c;
    return OK;
}
