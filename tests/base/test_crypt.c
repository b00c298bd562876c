/* test_crypt.c — sealed secrets, the key file, keyed hashes. */
#include "base/crypt.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "support/support.h"

/* Each test has an arena and an empty folder. */
static struct arena *mem;
static char folder[] = "/tmp/muster-crypt.XXXXXX";

static int setup(void **state)
{
    (void)state;
    crypt_init();
    mem = arena_new();
    memcpy(strrchr(folder, '.') + 1, "XXXXXX", 6);
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static int teardown(void **state)
{
    (void)state;
    arena_free(mem);
    return nftw(folder, remove_one, 4, FTW_DEPTH | FTW_PHYS);
}

static struct crypt_key key_of(char c)
{
    struct crypt_key k;

    memset(k.bytes, c, sizeof k.bytes);
    return k;
}

static void what_is_sealed_opens_again(void **state)
{
    (void)state;
    struct crypt_key k = key_of('k');
    static const char *const secrets[] = { "", "token", "with spaces and é日😀", "\x01\x7f" };
    char *plain;

    for (size_t i = 0; i < COUNT(secrets); i++) {
        char *sealed = crypt_seal(mem, &k, "source:1:secret", secrets[i]);
        assert_true(!*secrets[i] || !strstr(sealed, secrets[i]));
        assert_ok(crypt_open(mem, &k, "source:1:secret", sealed, &plain));
        assert_string_equal(plain, secrets[i]);
    }
    assert_string_not_equal(crypt_seal(mem, &k, "w", "same"), crypt_seal(mem, &k, "w", "same"));
}

static void a_secret_opens_only_in_its_place_with_its_key(void **state)
{
    (void)state;
    struct crypt_key k = key_of('k'), other = key_of('o');
    char *sealed = crypt_seal(mem, &k, "source:1:secret", "token"), *plain;

    assert_err(crypt_open(mem, &k, "source:2:secret", sealed, &plain), ERR_STORE,
               "cannot be opened with this key file");
    assert_err(crypt_open(mem, &k, "", sealed, &plain), ERR_STORE, "cannot be opened");
    assert_err(crypt_open(mem, &other, "source:1:secret", sealed, &plain), ERR_STORE,
               "enter the secret again");
}

static void a_changed_secret_does_not_open(void **state)
{
    (void)state;
    struct crypt_key k = key_of('k');
    const char *sealed = crypt_seal(mem, &k, "w", "token");
    char *plain;

    for (size_t i = 0; sealed[i]; i++) {
        char *changed = arena_text(mem, sealed);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        assert_err(crypt_open(mem, &k, "w", changed, &plain), ERR_STORE, "cannot be opened");
    }
    for (size_t n = 0; n < strlen(sealed); n++)
        assert_err(crypt_open(mem, &k, "w", arena_textn(mem, sealed, n), &plain), ERR_STORE,
                   "cannot be opened");
    assert_err(crypt_open(mem, &k, "w", "not base64!", &plain), ERR_STORE, "cannot be opened");
    assert_err(crypt_open(mem, &k, "w", arena_printf(mem, "%sAAAA", sealed), &plain), ERR_STORE,
               "cannot be opened");
}

static void the_key_file_is_made_once_and_for_its_owner_only(void **state)
{
    (void)state;
    const char *path = arena_printf(mem, "%s/key", folder);
    struct crypt_key a, b;
    struct stat st;

    assert_err(crypt_key_file(path, false, &a), ERR_STORE, "cannot read the key file");
    mode_t old = umask(0);
    assert_ok(crypt_key_file(path, true, &a));
    umask(old);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_size, 65);
    assert_ok(crypt_key_file(path, true, &b));
    assert_memory_equal(&a, &b, sizeof a);
    assert_ok(crypt_key_file(path, false, &b));
    assert_memory_equal(&a, &b, sizeof a);
    assert_ok(crypt_key_file(arena_printf(mem, "%s/other", folder), true, &b));
    assert_memory_not_equal(&a, &b, sizeof a);
}

static void put_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void a_file_that_is_no_key_is_refused(void **state)
{
    (void)state;
    const char *path = arena_printf(mem, "%s/key", folder);
    static const char *const texts[] = {
        "", "abc", "not hex not hex not hex not hex not hex not hex not hex not hex not hex",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",      /* one digit short */
    };
    struct crypt_key k;

    for (size_t i = 0; i < COUNT(texts); i++) {
        put_file(path, texts[i]);
        assert_err(crypt_key_file(path, true, &k), ERR_STORE,
                   "is not a key file: 64 hex digits expected");
    }
    put_file(path, "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef");
    assert_ok(crypt_key_file(path, false, &k));
    assert_int_equal(k.bytes[7], 0xef);
    assert_err(crypt_key_file(arena_printf(mem, "%s/no/such/folder", folder), true, &k), ERR_STORE,
               "cannot make the key file");
    assert_err(crypt_key_file(folder, false, &k), ERR_STORE, "is not a key file");
}

static void hashes_depend_on_key_purpose_and_every_byte(void **state)
{
    (void)state;
    struct crypt_key k = key_of('k'), other = key_of('o');
    struct crypt_hash records = crypt_hash_for(&k, "records"), links = crypt_hash_for(&k, "links");
    struct crypt_hash again = crypt_hash_for(&k, "records"),
                      elsewhere = crypt_hash_for(&other, "records");
    uint64_t h = crypt_hash(&records, "a\0b", 3);

    assert_true(h == crypt_hash(&again, "a\0b", 3));
    assert_true(h != crypt_hash(&records, "a\0c", 3));
    assert_true(h != crypt_hash(&records, "a\0b", 2));
    assert_true(h != crypt_hash(&links, "a\0b", 3));
    assert_true(h != crypt_hash(&elsewhere, "a\0b", 3));
}

static void marks_recognise_a_text_without_telling_it(void **state)
{
    (void)state;
    struct crypt_key k = key_of('k'), other = key_of('o');
    char *mark = crypt_mac(mem, &k, "e-mail", "ana@example.com");

    assert_int_equal(strlen(mark), 32);
    assert_int_equal(strspn(mark, "0123456789abcdef"), 32);
    assert_string_equal(mark, crypt_mac(mem, &k, "e-mail", "ana@example.com"));
    assert_string_not_equal(mark, crypt_mac(mem, &k, "e-mail", "bo@example.com"));
    assert_string_not_equal(mark, crypt_mac(mem, &k, "e-mai", "lana@example.com"));
    assert_string_not_equal(mark, crypt_mac(mem, &other, "e-mail", "ana@example.com"));
}

static void digests_are_compared_bit_by_bit(void **state)
{
    (void)state;
    struct crypt_key k = { { 1 } }, other = { { 2 } };
    struct crypt_digest d = crypt_digest(&k, "token", "secret", 6), back = {};

    const struct crypt_digest different[] = { crypt_digest(&other, "token", "secret", 6),
                                              crypt_digest(&k, "mark", "secret", 6),
                                              crypt_digest(&k, "token", "secreT", 6),
                                              crypt_digest(&k, "token", "secret", 5) };
    for (size_t i = 0; i < COUNT(different); i++)
        assert_false(crypt_digest_same(&d, &different[i]));
    assert_true(crypt_digest_read(crypt_digest_text(mem, &d), &back));
    assert_true(crypt_digest_same(&d, &back));
    assert_false(crypt_digest_read("abcd", &back));
    assert_false(crypt_digest_read("", &back));
    assert_false(crypt_digest_read("not hex", &back));
}

static void random_numbers_stay_below_their_limit(void **state)
{
    (void)state;
    bool seen[6] = {};
    uint8_t a[32] = {}, b[32] = {};

    for (int i = 0; i < 1000; i++) {
        uint64_t n = crypt_random_below(6);
        assert_true(n < 6);
        seen[n] = true;
    }
    for (int i = 0; i < 6; i++)
        assert_true(seen[i]);
    assert_true(crypt_random_below(1) == 0);
    assert_true(crypt_random_below(0) == 0);
    crypt_random(a, sizeof a);
    crypt_random(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

#define IN_FOLDER(test)                                                                            \
    {                                                                                              \
#test, test, setup, teardown, NULL                                                         \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(what_is_sealed_opens_again),
        IN_FOLDER(a_secret_opens_only_in_its_place_with_its_key),
        IN_FOLDER(a_changed_secret_does_not_open),
        IN_FOLDER(the_key_file_is_made_once_and_for_its_owner_only),
        IN_FOLDER(a_file_that_is_no_key_is_refused),
        IN_FOLDER(hashes_depend_on_key_purpose_and_every_byte),
        IN_FOLDER(marks_recognise_a_text_without_telling_it),
        IN_FOLDER(digests_are_compared_bit_by_bit),
        IN_FOLDER(random_numbers_stay_below_their_limit),
    };

    return RUN_TESTS(tests);
}
