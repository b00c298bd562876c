/*
 * address.h — which addresses belong to the machine or its own network.
 *
 * An admin's URL must not let the program speak to what stands behind the firewall (a cloud's
 * metadata service, a database), so the address is judged after DNS, where it cannot be disguised.
 */
#ifndef HTTP_ADDRESS_H
#define HTTP_ADDRESS_H

#include <sys/socket.h>

#include "base/core.h"

/* True for everything that is not a public unicast address, and for families other than IPv4 and IPv6. */
bool address_private(const struct sockaddr *a);

enum { ADDRESS_TEXT = 48 };
const char *address_text(const struct sockaddr *a, char out[ADDRESS_TEXT]);

#endif
