/*
 * server_sql.h — the workspace that an address names.
 */
#ifndef HTTP_SERVER_SQL_H
#define HTTP_SERVER_SQL_H

#include "store/work.h"

/* Sets w->workspace; ERR_NOT_FOUND if there is none of that name. */
enum err server_workspace(struct work *w, const char *name);

#endif
