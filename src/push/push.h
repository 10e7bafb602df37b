/*
 * push.h - one scene from the queue to Plex and back: deliver, time, settle.
 */
#ifndef PLEXSYNC_PUSH_PUSH_H
#define PLEXSYNC_PUSH_PUSH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "state/queue.h"
#include "run/env.h"
#include "push/outcome.h"
#include "push/settle.h"

/* Delivers the scene and settles its job. NULL 'job': there is no queue, or
 * nothing shall be written. False with the error if it was not delivered. The
 * outcome lives in the arena. *next: whether others would fare better. */
bool push_scene(struct env *, int64_t scene, const struct job *job, struct outcome *,
	enum settle_next *next, struct arena *, struct err *);

#endif
