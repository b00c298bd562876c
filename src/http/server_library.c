/* server_library.c — which libmicrohttpd is this? Releases carry one; a distribution's may be older. */
#include <microhttpd.h>

#include "http/server.h"

const char *server_library(void)
{
    return MHD_get_version();
}
