/*
 * undoing.h - undoes pushes: one, or all of a run, the newest first, LIMIT_BATCH side by side.
 *
 * What is left of a long run is owed: a drain goes on with it.
 */
#ifndef PLEXSYNC_WORK_UNDOING_H
#define PLEXSYNC_WORK_UNDOING_H

#include <cjson/cJSON.h>

#include "run/env.h"

struct undoing_report {
	size_t scenes; /* all that there were to undo */
	size_t undone, kept, failed;
	bool owed;	/* the rest follows in a drain */
	cJSON *results; /* what became of the first LIMIT_LISTED: the caller deletes it */
};

/* One push; *output is as sync-scene's. ERR_INPUT: there is no such entry, or nothing to undo. */
bool undoing_entry(const struct env *, int64_t entry, bool dry_run, cJSON **output, struct err *);

/* A whole run. 'whole': all of it now, however long it takes. */
bool undoing_run(const struct env *, int64_t run, bool dry_run, bool whole, struct undoing_report *,
	struct err *);

/* A drain calls it: undoes some of what is owed. ABSENT: nothing is. */
enum lookup undoing_owed(const struct env *, struct err *);

#endif
