/*
 * told.h - what was said once in the log, and is said again only when it is something else.
 *
 * In the cache: to lose it costs a line.
 */
#ifndef PLEXSYNC_STATE_TOLD_H
#define PLEXSYNC_STATE_TOLD_H

#include "state/state.h"

/* True if 'text' is to be said now: it is not what was last said about this (a literal), and
 * not "", which means that there is nothing to say any more. Remembers it. In no transaction
 * on the cache. */
bool told_is_news(struct state *, const char *about, const char *text);

#endif
