/* throttle.c — how often an address may be wrong; see token.h. */
#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>

#include "auth/token.h"
#include "base/crypt.h"

enum { MOST = 20, WINDOW_MS = 60000, SETS = 1024, WAYS = 4 };

/* The oldest of a set gives way: whoever fills the table with addresses gains tries only from new ones. */
struct failing { uint64_t key; int64_t since; int n; };

static struct failing table[SETS][WAYS];
static struct crypt_hash secret;    /* so that nobody can aim at another's place */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_secret(void)
{
    crypt_random(secret.key, sizeof secret.key);
}

/* Whoever has one IPv6 address has 2^64 of them: the network counts. IPv4 in IPv6 is IPv4. */
static uint64_t key_of(const char *address)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    uint8_t raw[sizeof(struct in6_addr)];
    size_t n = 0;

    pthread_once(&once, make_secret);
    if (inet_pton(AF_INET, address, raw) == 1)
        n = 4;
    else if (inet_pton(AF_INET6, address, raw) == 1)
        n = 8;
    if (n == 0)
        return crypt_hash(&secret, address, strlen(address));
    if (n == 8 && memcmp(raw, mapped, sizeof mapped) == 0)
        return crypt_hash(&secret, raw + sizeof mapped, 4);
    return crypt_hash(&secret, raw, n);
}

static struct failing *place_of(uint64_t key, int64_t now)
{
    struct failing *set = table[key % SETS], *oldest = &set[0];

    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].key == key && now - set[i].since < WINDOW_MS && now >= set[i].since)
            return &set[i];
        if (set[i].key == key)
            oldest = &set[i];           /* its minute is over */
        else if (oldest->key != key && set[i].since < oldest->since)
            oldest = &set[i];
    }
    *oldest = (struct failing){ .key = key, .since = now };
    return oldest;
}

enum err throttle_failed(const char *address, int64_t now)
{
    uint64_t key = key_of(address ? address : "");

    pthread_mutex_lock(&lock);
    struct failing *f = place_of(key, now);
    if (f->n <= MOST)
        f->n++;
    bool limited = f->n > MOST;
    pthread_mutex_unlock(&lock);
    if (limited)
        return errf(ERR_LIMITED,
                    "too many failed sign-ins from this address; wait a minute");
    return OK;
}
