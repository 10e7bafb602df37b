/*
 * restored.h - a Plex whose database was put back to what it was some time ago.
 *
 * Plex makes a backup of its database every three days, and offers it after a crash. What was
 * pushed since is then gone, locks included, and every scene concerned is queued with the word
 * "restored", by which its push tells what Plex lost from what a person edited. Plex keeps all
 * of its libraries in one database, so that what shows in one of them concerns them all.
 *
 * A counter that is smaller for another reason costs a look at every item, and writes nothing.
 */
#ifndef PLEXSYNC_FIND_RESTORED_H
#define PLEXSYNC_FIND_RESTORED_H

#include "plex/library.h"
#include "run/env.h"

/* Compares what Plex says of its libraries with what it last said, and remembers it. Those that
 * went back get a true in 'went_back' (one for each), a look at what they may have lost is owed
 * in the same commit, and its scenes are queued. A state that cannot be read or written leaves
 * that to the next time. */
void restored_notice(const struct env *, const struct library_list *, bool *went_back);

/* Queues the scenes that are owed, a bounded number in one commit with how far it came, so that
 * what a kill cut off goes on there. True also if none are owed. */
bool restored_queue(const struct env *, struct err *);

#endif
