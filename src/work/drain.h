/*
 * drain.h - the loop that works through everything that is due.
 */
#ifndef PLEXSYNC_WORK_DRAIN_H
#define PLEXSYNC_WORK_DRAIN_H

#include "run/env.h"

struct drain_report {
	size_t synced, unchanged, ignored, waiting, failed, retried;
	bool summoned;	/* asked for by PlexSync, not by a person */
	bool elsewhere; /* another drain runs: it does the work */
	bool gave_way;	/* other tasks of Stash waited: the rest follows after them */
};

/* One drain at a time. True if it came to the end of what is due, or gave way;
 * false with the error that stopped it (a server down, a setting wrong), the jobs
 * kept. 'from' (0 to 1): the part of Stash's task that was done before. */
bool drain_run(const struct env *, double from, struct drain_report *, struct err *);

#endif
