/*
 * rescue.h - the scenes of a queue that is damaged.
 */
#ifndef PLEXSYNC_STATE_RESCUE_H
#define PLEXSYNC_STATE_RESCUE_H

#include "store/store.h"

/* Queues every scene again that can be found in the damaged queue in the folder 'from'.
 * A page of an earlier time may name one that is done: pushing that again changes
 * nothing. *count: how many. */
bool rescue_jobs(const char *from, struct store *to, size_t *count, struct err *err);

#endif
