/*
 * edited.h - items that were edited in Plex after our last push: one that was matched anew has
 * lost what was written, and no scene of Stash says so.
 *
 * Plex lists first what was edited last, so a comparison of all scenes reads no more than what
 * was edited since the one before it; the first one reads all.
 */
#ifndef PLEXSYNC_FIND_EDITED_H
#define PLEXSYNC_FIND_EDITED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "run/env.h"

/* Queues the scenes of those items, but for those that are in the queue; adds to *queued how many.
 * Of the libraries that the index has whole, which was brought up to date just now. Errors as
 * listing_walk. */
bool edited_queue(const struct env *, bool unattended, size_t *queued, struct err *);

#endif
