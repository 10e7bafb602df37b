/*
 * gather.h - what a push has to know before it decides: the scene, where Plex has its
 * files, and the items that play them.
 */
#ifndef PLEXSYNC_PUSH_GATHER_H
#define PLEXSYNC_PUSH_GATHER_H

#include "push/push.h"

/* Reads the scene and the settings from Stash. Errors as stash_read. */
bool gather_scene(const struct env *, struct push *, struct err *);

/* Finds each file of the scene and reads the items that it leads to: a place for each file,
 * a target for each item. False with errors as plex_get; what was gathered until then can
 * be used. */
bool gather_items(const struct env *, struct push *, struct err *);

/* The items that the index names for the scene's files, to be read ahead. */
void gather_keys(const struct env *, const struct push *, struct str_list *rating_keys);

/* What to do when an item is not what the caches said: decided by the number of looks that
 * proved wrong before this one. Where there is time, the index is confirmed, and only if
 * Plex has nothing new to say and still does not have the item is its row dropped. */
enum gather_heal { GATHER_GIVE_UP, GATHER_LOOK_AGAIN, GATHER_CONFIRM, GATHER_DROP_ROW };
enum gather_heal gather_heal(unsigned wrong_before, bool in_hook);

#endif
