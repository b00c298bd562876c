/*
 * watch.h — connections that take too long: a byte every few seconds keeps one busy for ever (slowloris).
 *
 * A thread looks at all of them once a second and shuts down those whose time is over; whoever reads from
 * them learns it as the end of the client.
 */
#ifndef HTTP_WATCH_H
#define HTTP_WATCH_H

#include "base/core.h"

enum { WATCH_RATE = 8 * 1024 };     /* bytes a second at least, of bodies and replies */

struct watch;
struct watched;

/*
 * `patience`: seconds for a head, and for a body beside what its size grants. With more than `crowd`
 * connections, those that have rested for a while are ended, so that others find room.
 */
struct watch *watch_new(int patience, size_t crowd);
void watch_free(struct watch *w);               /* after the last connection; NULL is fine */
AUTO_FREE(watch)

/* `fd` is open until watch_remove() has returned. */
struct watched *watch_add(struct watch *w, int fd);
void watch_remove(struct watched *c);

/*
 * From one thread at a time. Before the first call a connection rests: then the first line of the next request
 * must be whole in time after its first bytes were noticed.
 */
void watch_expect(struct watched *c);           /* the present part ends in time … */
void watch_grant(struct watched *c,
                 size_t bytes);     /* … and in as much more as these take at the least rate */
void watch_work(struct watched *c);             /* it is our turn: no limit */
void watch_rest(struct watched *c);             /* between two requests */

#endif
