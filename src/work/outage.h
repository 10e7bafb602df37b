/*
 * outage.h - a drain waits for a Plex that has just gone away.
 *
 * Most outages are a restart. The drain that the first one to meet it has asked for, or that
 * met it itself, waits where everybody can see it, in Stash's list of tasks; see breaker.h
 * for when it looks, and for how long. It leaves at once if another task of Stash waits.
 */
#ifndef PLEXSYNC_WORK_OUTAGE_H
#define PLEXSYNC_WORK_OUTAGE_H

#include "run/env.h"

enum outage {
	OUTAGE_NONE,	   /* no fresh outage is known: nothing was waited for            */
	OUTAGE_OVER,	   /* Plex answers again, or something else is wrong, which work meets */
	OUTAGE_LASTS,	   /* it did not come back: the error says what it does instead   */
	OUTAGE_IN_THE_WAY, /* another task of Stash waits                                 */
};

/* True if an outage is fresh, and this run is a task that was asked for, not one whose end a
 * person waits for. */
bool outage_is_fresh(const struct env *);

/* Waits if there is a reason to; never in a transaction. */
enum outage outage_wait(const struct env *, struct err *);

#endif
