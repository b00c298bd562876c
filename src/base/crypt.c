/* crypt.c — see crypt.h. */
#include "base/crypt.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static_assert(CRYPT_KEY == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

void crypt_init(void)
{
    if (sodium_init() < 0)
        die_of_memory(0);
}

void crypt_random(void *out, size_t n)
{
    randombytes_buf(out, n);
}

uint64_t crypt_random_below(uint64_t limit)
{
    uint64_t n;

    crypt_random(&n, sizeof n);
    return limit ? n % limit : 0;
}

static enum err key_make(const char *path)
{
    uint8_t raw[CRYPT_KEY];
    char hex[CRYPT_KEY * 2 + 1];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return errno == EEXIST ? OK : errf(ERR_STORE, "cannot make the key file %s: %m", path);
    crypt_random(raw, sizeof raw);
    sodium_bin2hex(hex, sizeof hex, raw, sizeof raw);
    hex[CRYPT_KEY * 2] = '\n';
    bool good = write(fd, hex, sizeof hex) == (ssize_t)sizeof hex && fsync(fd) == 0;
    int failure = errno;
    sodium_memzero(hex, sizeof hex);
    sodium_memzero(raw, sizeof raw);
    close(fd);
    if (good)
        return OK;
    unlink(path);                   /* half a key would be taken for a broken one the next time */
    return errf(ERR_STORE, "cannot write the key file %s: %s", path, strerror(failure));
}

enum err crypt_key_file(const char *path, bool make, struct crypt_key *out)
{
    char hex[CRYPT_KEY * 2];
    size_t n = 0;

    if (make && access(path, F_OK) != 0)
        TRY(key_make(path));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errf(ERR_STORE, "cannot read the key file %s: %m. It was made by `muster init`; "
                    "secrets of sources cannot be opened without it", path);
    ssize_t got = read(fd, hex, sizeof hex);
    close(fd);
    if (got != (ssize_t)sizeof hex ||
        sodium_hex2bin(out->bytes, CRYPT_KEY, hex, sizeof hex, NULL, &n, NULL) != 0 ||
        n != CRYPT_KEY)
        return errf(ERR_STORE, "%s is not a key file: 64 hex digits expected", path);
    sodium_memzero(hex, sizeof hex);
    return OK;
}

char *crypt_seal(struct arena *a, const struct crypt_key *k, const char *what, const char *plain)
{
    enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };
    enum { TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES };
    size_t n = strlen(plain), size = NONCE + n + TAG;
    uint8_t *raw = arena_alloc(a, size);
    unsigned long long sealed;

    crypt_random(raw, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(raw + NONCE, &sealed, (const uint8_t *)plain, n,
                                               (const uint8_t *)what, strlen(what), NULL, raw,
                                               k->bytes);
    size_t room = sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL);
    char *text = arena_alloc(a, room);
    return sodium_bin2base64(text, room, raw, size, sodium_base64_VARIANT_ORIGINAL);
}

enum err crypt_open(struct arena *a, const struct crypt_key *k, const char *what,
                    const char *sealed, char **plain)
{
    enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };
    enum { TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES };
    size_t size = strlen(sealed), n = 0;
    uint8_t *raw = arena_alloc(a, size + 1);
    unsigned long long opened;

    if (sodium_base642bin(raw, size, sealed, size, NULL, &n, NULL,
                          sodium_base64_VARIANT_ORIGINAL) == 0 &&
        n >= NONCE + TAG) {
        *plain = arena_alloc(a, n);
        if (crypto_aead_xchacha20poly1305_ietf_decrypt(
                (uint8_t *)*plain, &opened, NULL, raw + NONCE, n - NONCE, (const uint8_t *)what,
                strlen(what), raw, k->bytes) == 0)
            return OK;
    }
    return errf(ERR_STORE, "the stored secret cannot be opened with this key file; enter the "
                "secret again with `muster source set NAME --secret-file F`");
}

struct crypt_hash crypt_hash_for(const struct crypt_key *k, const char *purpose)
{
    struct crypt_hash h;

    crypto_generichash(h.key, sizeof h.key, (const uint8_t *)purpose, strlen(purpose), k->bytes,
                       CRYPT_KEY);
    return h;
}

uint64_t crypt_hash(const struct crypt_hash *h, const void *bytes, size_t n)
{
    uint64_t out;

    static_assert(sizeof out == crypto_shorthash_BYTES &&
                  sizeof h->key == crypto_shorthash_KEYBYTES);
    crypto_shorthash((uint8_t *)&out, bytes, n, h->key);
    return out;
}

char *crypt_mac(struct arena *a, const struct crypt_key *k, const char *purpose, const char *text)
{
    uint8_t raw[16];
    crypto_generichash_state s;

    crypto_generichash_init(&s, k->bytes, CRYPT_KEY, sizeof raw);
    crypto_generichash_update(&s, (const uint8_t *)purpose, strlen(purpose) + 1);
    crypto_generichash_update(&s, (const uint8_t *)text, strlen(text));
    crypto_generichash_final(&s, raw, sizeof raw);
    char *hex = arena_alloc(a, sizeof raw * 2 + 1);
    return sodium_bin2hex(hex, sizeof raw * 2 + 1, raw, sizeof raw);
}

struct crypt_digest crypt_digest(const struct crypt_key *k, const char *purpose, const void *text,
                                 size_t n)
{
    struct crypt_digest d;
    crypto_generichash_state s;

    crypto_generichash_init(&s, k->bytes, CRYPT_KEY, sizeof d.bytes);
    crypto_generichash_update(&s, (const uint8_t *)purpose, strlen(purpose) + 1);
    crypto_generichash_update(&s, text, n);
    crypto_generichash_final(&s, d.bytes, sizeof d.bytes);
    return d;
}

char *crypt_digest_text(struct arena *a, const struct crypt_digest *d)
{
    char *hex = arena_alloc(a, sizeof d->bytes * 2 + 1);

    return sodium_bin2hex(hex, sizeof d->bytes * 2 + 1, d->bytes, sizeof d->bytes);
}

bool crypt_digest_read(const char *hex, struct crypt_digest *out)
{
    size_t n;

    return sodium_hex2bin(out->bytes, sizeof out->bytes, hex, strlen(hex), NULL, &n, NULL) == 0 &&
           n == sizeof out->bytes;
}

bool crypt_digest_same(const struct crypt_digest *a, const struct crypt_digest *b)
{
    return sodium_memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}
