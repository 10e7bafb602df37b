/*
 * decide.h - what is to be done, from what was recalled and gathered. Pure: a dry run prints
 * it and stops, so it cannot lie.
 */
#ifndef PLEXSYNC_PUSH_DECIDE_H
#define PLEXSYNC_PUSH_DECIDE_H

#include "push/push.h"

/* Whether the scene is to be pushed at all. True: its values are in push->ours. False: the
 * push ends here, with its result. */
bool decide_scene(const struct env_settings *, struct push *);

/* Plans every target that is the scene's own, each by itself. */
void decide_targets(const struct env_settings *, struct push *);

/* The result, from what became of the places and the targets. */
void decide_result(struct push *);

#endif
