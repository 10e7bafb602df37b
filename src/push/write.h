/*
 * write.h - carries out the plans of a push.
 */
#ifndef PLEXSYNC_PUSH_WRITE_H
#define PLEXSYNC_PUSH_WRITE_H

#include "push/push.h"

/* Records what is meant for all targets (one commit, durable), then writes each, and reads it
 * back: what Plex made of a value is known from then on. If the intent cannot be recorded nothing leaves. On failure the
 * targets say what was done all the same. A dry run only takes over the plans. */
bool write_targets(const struct env *, struct push *, struct err *);

/* Records what all targets intend in one commit: after a kill, or without an answer, nobody
 * would know what became of the request. */
bool write_intents(const struct env *, struct push *, struct err *);

#endif
