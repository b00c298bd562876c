/*
 * crypt.h — randomness, sealed secrets, keyed hashes; all from libsodium.
 */
#ifndef BASE_CRYPT_H
#define BASE_CRYPT_H

#include "base/arena.h"
#include "base/err.h"

enum { CRYPT_KEY = 32 };

struct crypt_key { uint8_t bytes[CRYPT_KEY]; };

void crypt_init(void);                                  /* once, before anything else here */
void crypt_random(void *out, size_t n);
uint64_t crypt_random_below(uint64_t limit);

/* Reads the sealing key, or makes it (mode 0600) if `make`. The file holds 64 hex digits. */
enum err crypt_key_file(const char *path, bool make, struct crypt_key *out);

/* XChaCha20-Poly1305, base64. `what` binds the text to its place ("source:ID:secret"). */
char *crypt_seal(struct arena *a, const struct crypt_key *k, const char *what, const char *plain);
enum err crypt_open(struct arena *a, const struct crypt_key *k, const char *what,
                    const char *sealed, char **plain);

/* SipHash-2-4 under a key derived from `k` for `purpose`: a source cannot aim at a collision. */
struct crypt_hash { uint8_t key[16]; };
struct crypt_hash crypt_hash_for(const struct crypt_key *k, const char *purpose);
uint64_t crypt_hash(const struct crypt_hash *h, const void *bytes, size_t n);

/* Keyed BLAKE2b, hex, for what must be recognised but not read back (e-mails of excluded people). */
char *crypt_mac(struct arena *a, const struct crypt_key *k, const char *purpose, const char *text);

/* The same with all its bits, for secrets that are compared and never shown. */
enum { CRYPT_DIGEST = 32 };
struct crypt_digest { uint8_t bytes[CRYPT_DIGEST]; };
struct crypt_digest crypt_digest(const struct crypt_key *k, const char *purpose, const void *text,
                                 size_t n);
char *crypt_digest_text(struct arena *a, const struct crypt_digest *d);         /* hex */
bool crypt_digest_read(const char *hex, struct crypt_digest *out);
bool crypt_digest_same(const struct crypt_digest *a,
                       const struct crypt_digest *b); /* constant time */

#endif
