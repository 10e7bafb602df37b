/*
 * deliver.h - pushes one scene to the Plex items that play its files.
 *
 * Reads the scene and the settings, asks the filters, finds the items, reads
 * each, plans, writes, reads back what was disputed. Repeatable at any point:
 * it brings Plex to a state, and a second time finds it there.
 */
#ifndef PLEXSYNC_PUSH_DELIVER_H
#define PLEXSYNC_PUSH_DELIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/timer.h"
#include "run/env.h"
#include "push/outcome.h"

/* 'since_ms': when the newest event about the scene came. On failure too, what
 * was done is in the outcome's saves, to be stored by the caller. Errors as of
 * stash_read and plex_get, and ERR_JOB for what this scene alone cannot do. */
bool deliver_scene(struct env *, int64_t scene, int64_t since_ms, struct outcome *, struct timer *,
	struct arena *, struct err *);

#endif
