/*
 * told.h - what people were told once, and are not told again by every process that meets it.
 */
#ifndef PLEXSYNC_STATE_TOLD_H
#define PLEXSYNC_STATE_TOLD_H

#include "store/store.h"

/* True if this text was not told within LIMIT_TOLD_MS, and then it counts as told now. In
 * transactions of its own. Without a usable state ('queue' NULL) everything is news. */
bool told_first(struct store *queue, const char *text, int64_t now_ms);

#endif
