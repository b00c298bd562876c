/*
 * sample.h — the fields of a source, and on request what they look like: values of at most 20 people and
 * fill rates, live in memory for this answer and stored nowhere; that somebody asked is in the history.
 */
#ifndef SYNC_SAMPLE_H
#define SYNC_SAMPLE_H

#include "sync/map.h"

/* Prints a table or NDJSON on standard output. */
enum err sample_fields(struct work *w, struct source *s, bool samples, bool json, const char *name);

#endif
