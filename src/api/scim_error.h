/* scim_error.h — errors as RFC 7644 §3.12 wants them. */
#ifndef API_SCIM_ERROR_H
#define API_SCIM_ERROR_H

#include "base/json.h"

/* The error of this thread as an Error object. `status` 0: that of the error's row. */
void scim_error_put(struct json_out *o, enum err e, int status);

#endif
