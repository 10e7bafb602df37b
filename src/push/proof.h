/*
 * proof.h - the item's detail proves what the caches only claim. Pure.
 */
#ifndef PLEXSYNC_PUSH_PROOF_H
#define PLEXSYNC_PUSH_PROOF_H

#include <stdbool.h>

#include "base/arena.h"
#include "find/match.h"
#include "plex/item.h"
#include "stash/scene.h"

/* The part of the item that is the file, by the rule that found it or a better one; NULL if
 * there is none. 'mapped': the file's path as Plex would say it. Of an item that was chosen any
 * part will do. */
const struct item_part *proof_part(const struct item *, const struct scene_file *,
	const char *mapped, enum match_rule, struct arena *);

/* The rule that says that a scene's primary file is the item's first part; MATCH_NONE: it is
 * not. */
enum match_rule proof_first(
	const struct item *, const struct scene_file *primary, const char *mapped, struct arena *);

/* True if the part is another file, though it has the path: its size and its duration are
 * both known, and both differ. */
bool proof_is_another(const struct item_part *, const struct scene_file *);

/* True if the scene has a file with the name of one of the item's parts. */
bool proof_can_play(const struct scene *, const struct item *);

#endif
