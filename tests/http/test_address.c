/* test_address.c — which addresses are the machine's own or its network's. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "http/address.h"
#include "support/support.h"

static struct sockaddr_storage address_of(const char *text)
{
    struct sockaddr_storage s = {};
    struct sockaddr_in *v4 = (struct sockaddr_in *)&s;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&s;

    s.ss_family = strchr(text, ':') ? AF_INET6 : AF_INET;
    void *to = s.ss_family == AF_INET6 ? (void *)&v6->sin6_addr : (void *)&v4->sin_addr;
    assert_int_equal(inet_pton(s.ss_family, text, to), 1);
    return s;
}

static void tells_private_addresses_from_public_ones(void **state)
{
    static const struct { const char *address; bool private; } cases[] = {
        { "0.0.0.0", true },
        { "0.1.2.3", true },
        { "9.255.255.255", false },
        { "10.0.0.0", true },
        { "10.255.255.255", true },
        { "11.0.0.0", false },
        { "100.63.255.255", false },
        { "100.64.0.1", true },
        { "100.127.255.255", true },
        { "100.128.0.0", false },
        { "127.0.0.1", true },
        { "127.200.3.4", true },
        { "128.0.0.1", false },
        { "169.253.255.255", false },
        { "169.254.169.254", true },
        { "172.15.255.255", false },
        { "172.16.0.1", true },
        { "172.31.255.255", true },
        { "172.32.0.0", false },
        { "192.0.0.8", true },
        { "192.0.1.0", false },
        { "192.167.255.255", false },
        { "192.168.1.1", true },
        { "192.169.0.0", false },
        { "198.17.255.255", false },
        { "198.18.0.1", true },
        { "198.19.255.255", true },
        { "198.20.0.0", false },
        { "223.255.255.255", false },
        { "224.0.0.1", true },
        { "240.0.0.1", true },
        { "255.255.255.255", true },
        { "8.8.8.8", false },
        { "::", true },
        { "::1", true },
        { "::2", true },
        { "::8.8.8.8", false },
        { "::ffff:127.0.0.1", true },
        { "::ffff:10.1.2.3", true },
        { "::ffff:8.8.8.8", false },
        { "64:ff9b::127.0.0.1", true },
        { "64:ff9b::8.8.8.8", false },
        { "64:ff9b:1::8.8.8.8", true },
        { "100::1", true },
        { "2001:0:4136:e378:8000:63bf:3fff:fdd2", true },
        { "2001:4860:4860::8888", false },
        { "2002:7f00:1::1", true },
        { "2002:808:808::1", false },
        { "2606:4700::1111", false },
        { "fbff::1", false },
        { "fc00::1", true },
        { "fdff:ffff::1", true },
        { "fe7f::1", false },
        { "fe80::1", true },
        { "febf::1", true },
        { "fec0::1", true },
        { "ff02::1", true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sockaddr_storage s = address_of(cases[i].address);
        print_message("  %s\n", cases[i].address);
        assert_int_equal(address_private((struct sockaddr *)&s), cases[i].private);
    }
}

static void refuses_families_it_cannot_judge(void **state)
{
    struct sockaddr_un local = { .sun_family = AF_UNIX, .sun_path = "/run/docker.sock" };
    char text[ADDRESS_TEXT];

    (void)state;
    assert_true(address_private((struct sockaddr *)&local));
    assert_string_equal(address_text((struct sockaddr *)&local, text), "an address of family 1");
}

static void writes_addresses_as_people_do(void **state)
{
    static const char *const cases[] = { "192.168.1.1", "fe80::1", "::ffff:10.0.0.1" };
    char text[ADDRESS_TEXT];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sockaddr_storage s = address_of(cases[i]);
        assert_string_equal(address_text((struct sockaddr *)&s, text), cases[i]);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(tells_private_addresses_from_public_ones),
        TEST(refuses_families_it_cannot_judge),
        TEST(writes_addresses_as_people_do),
    };

    return RUN_TESTS(tests);
}
