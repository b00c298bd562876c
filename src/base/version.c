/* version.c — the version; the Makefile says it. */
#include "base/version.h"

const char muster_version[] = VERSION;
