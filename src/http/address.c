/* address.c — see address.h. The ranges are those of the IANA special-purpose registries. */
#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

struct range4 { uint8_t net[4]; int bits; };
struct range6 { uint8_t net[16]; int bits; };

static const struct range4 private4[] = {
    { { 0 }, 8 },                   /* this network */
    { { 10 }, 8 },
    { { 100, 64 }, 10 },            /* carrier-grade NAT */
    { { 127 }, 8 },                 /* loopback */
    { { 169, 254 }, 16 },           /* link-local; metadata services of clouds */
    { { 172, 16 }, 12 },
    { { 192, 0, 0 }, 24 },
    { { 192, 168 }, 16 },
    { { 198, 18 }, 15 },            /* benchmarking */
    { { 224 }, 3 },                 /* multicast, reserved, broadcast */
};

static const struct range6 private6[] = {
    { { 0xfc }, 7 },                /* unique local */
    { { 0xfe, 0x80 }, 10 },         /* link-local */
    { { 0xfe, 0xc0 }, 10 },         /* site-local, as it once was */
    { { 0xff }, 8 },                /* multicast */
    { { 0x01, 0x00 }, 64 },         /* discard-only */
    { { 0x20, 0x01, 0x00, 0x00 }, 32 },         /* Teredo: hides an IPv4 address */
    { { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 }, 48 },     /* local NAT64 */
};

/* IPv6 ranges that carry an IPv4 address, which is then the one to judge. */
static const struct { struct range6 range; size_t at; } carriers[] = {
    { { { [10] = 0xff, [11] = 0xff }, 96 }, 12 },       /* v4-mapped */
    { { { 0 }, 96 }, 12 },                              /* v4-compatible; :: and ::1 are 0.0.0.0/8 here */
    { { { 0x00, 0x64, 0xff, 0x9b }, 96 }, 12 },         /* NAT64 */
    { { { 0x20, 0x02 }, 16 }, 2 },                      /* 6to4 */
};

static bool within(const uint8_t *address, const uint8_t *net, int bits)
{
    int whole = bits / 8, rest = bits % 8;

    return memcmp(address, net, (size_t)whole) == 0 &&
           (rest == 0 || (address[whole] ^ net[whole]) >> (8 - rest) == 0);
}

static bool is_private4(const uint8_t *address)
{
    for (size_t i = 0; i < COUNT(private4); i++)
        if (within(address, private4[i].net, private4[i].bits))
            return true;
    return false;
}

static bool is_private6(const uint8_t *address)
{
    for (size_t i = 0; i < COUNT(carriers); i++)
        if (within(address, carriers[i].range.net, carriers[i].range.bits))
            return is_private4(address + carriers[i].at);
    for (size_t i = 0; i < COUNT(private6); i++)
        if (within(address, private6[i].net, private6[i].bits))
            return true;
    return false;
}

bool address_private(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET)
        return is_private4((const uint8_t *)&((const struct sockaddr_in *)a)->sin_addr);
    if (a->sa_family == AF_INET6)
        return is_private6((const uint8_t *)&((const struct sockaddr_in6 *)a)->sin6_addr);
    return true;
}

const char *address_text(const struct sockaddr *a, char out[ADDRESS_TEXT])
{
    const void *at = &((const struct sockaddr_in *)a)->sin_addr;

    if (a->sa_family == AF_INET6)
        at = &((const struct sockaddr_in6 *)a)->sin6_addr;
    if ((a->sa_family != AF_INET && a->sa_family != AF_INET6) ||
        !inet_ntop(a->sa_family, at, out, ADDRESS_TEXT))
        snprintf(out, ADDRESS_TEXT, "an address of family %d", a->sa_family);
    return out;
}
