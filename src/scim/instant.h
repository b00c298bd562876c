/*
 * instant.h — xsd:dateTime as SCIM has it (RFC 7643 §2.3.5).
 */
#ifndef SCIM_INSTANT_H
#define SCIM_INSTANT_H

#include "base/core.h"

/* Any number of fraction digits, `Z` or an offset, UTC if there is none; or a date alone, its first moment. */
bool instant_parse(const char *s, int64_t *ms);

#endif
