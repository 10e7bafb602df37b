/*
 * art.h - the groups and studios whose collections are owed their poster and summary.
 */
#ifndef PLEXSYNC_WORK_ART_H
#define PLEXSYNC_WORK_ART_H

#include "run/env.h"

/* Deals with some of those that are owed, in a few seconds. False with the error that stopped it;
 * what was done until then is stored. */
bool art_owed(const struct env *, struct err *);

/* Says what would be done for all that have an entry, and writes nothing. False as above. */
bool art_preview(const struct env *, struct err *);

#endif
