/* test_throttle.c — how often an address may be wrong. */
#include <stdio.h>

#include "auth/token.h"
#include "base/crypt.h"
#include "support/support.h"

static const char words[] = "too many failed sign-ins from this address; wait a minute";

static void fail_often(const char *address, int times, int64_t now)
{
    for (int i = 0; i < times; i++)
        assert_ok(throttle_failed(address, now));
}

static void twenty_a_minute_are_let_through(void **state)
{
    (void)state;
    fail_often("192.0.2.1", 20, 1000000);
    assert_err(throttle_failed("192.0.2.1", 1000001), ERR_LIMITED, words);
    assert_err(throttle_failed("192.0.2.1", 1059999), ERR_LIMITED, words);
    fail_often("192.0.2.1", 20, 1060000);
    assert_err(throttle_failed("192.0.2.1", 1060001), ERR_LIMITED, words);
}

static void one_address_does_not_slow_another(void **state)
{
    (void)state;
    fail_often("192.0.2.2", 20, 1000000);
    fail_often("192.0.2.3", 20, 1000000);
    fail_often("somewhere", 20, 1000000);
    assert_err(throttle_failed("192.0.2.2", 1000001), ERR_LIMITED, words);
    assert_ok(throttle_failed(NULL, 1000001));
}

static void a_network_of_ipv6_counts_as_one(void **state)
{
    (void)state;
    fail_often("2001:db8:1:2::1", 10, 1000000);
    fail_often("2001:db8:1:2:ffff::9", 10, 1000000);
    assert_err(throttle_failed("2001:db8:1:2::3", 1000001), ERR_LIMITED, words);
    assert_ok(throttle_failed("2001:db8:1:3::1", 1000001));
    fail_often("::ffff:192.0.2.9", 20, 1000000);
    assert_err(throttle_failed("192.0.2.9", 1000001), ERR_LIMITED, words);
    assert_ok(throttle_failed("::ffff:192.0.2.10", 1000001));
}

/* The table is bounded: those who come from everywhere push out the oldest, nothing grows. */
static void a_hundred_thousand_addresses_fit(void **state)
{
    char address[32];

    (void)state;
    for (int i = 0; i < 100000; i++) {
        snprintf(address, sizeof address, "10.%d.%d.%d", i >> 16 & 255, i >> 8 & 255, i & 255);
        assert_ok(throttle_failed(address, 2000000 + i / 100));
    }
    fail_often("192.0.2.77", 20, 2002000);
    assert_err(throttle_failed("192.0.2.77", 2002000), ERR_LIMITED, words);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(twenty_a_minute_are_let_through),
        TEST(one_address_does_not_slow_another),
        TEST(a_network_of_ipv6_counts_as_one),
        TEST(a_hundred_thousand_addresses_fit),
    };

    crypt_init();
    return RUN_TESTS(tests);
}
