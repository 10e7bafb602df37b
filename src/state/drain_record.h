/*
 * drain_record.h - the record that says whether a drain will come, and what a process
 * that leaves work has to do so that one does.
 *
 * It is read and written only inside the transaction that queues a job or finds none
 * due, so no wake-up is lost: a process that queues after the drain has looked for the
 * last time sees "idle" and asks again. What it says is believed only while there is
 * evidence, which the caller gathers:
 *
 *   record    since            LOCK_DRAIN   Stash's queue          meaning, and what follows
 *   -------   --------------   ----------   --------------------   ---------------------------
 *   idle      any              any          not looked at          none was asked for: ASK
 *   asked     under a minute   any          not looked at          it is on its way: NO_NEED
 *   asked     longer, future   any          the task is in it      still on its way (LOOK);
 *                                                                  the record is dated now
 *   asked     longer, future   any          the task is not in it  it was cancelled, or Stash
 *                                                                  restarted (LOOK): asked again
 *   running   any              held         not looked at          it sees the job: NO_NEED
 *   running   any              free         not looked at          it was killed: ASK
 *
 *   from      to        by                      in the transaction that
 *   -------   -------   ---------------------   ------------------------------------------
 *   any       asked     who leaves work         queues it, before Stash is asked; killed in
 *                                               between, it is believed for a minute
 *   asked     idle      the same                follows a refusal by Stash, unless a drain
 *                                               has taken the record over meanwhile
 *   any       running   the drain               is its first, with LOCK_DRAIN held
 *   running   idle      the drain               finds nothing due; or gives up, or makes room
 *                                               for another task of Stash (and asks again)
 */
#ifndef PLEXSYNC_STATE_DRAIN_RECORD_H
#define PLEXSYNC_STATE_DRAIN_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* Stored by number. */
enum drain_state {
	DRAIN_IDLE = 0, /* none was asked for                                  */
	DRAIN_ASKED,	/* a task was, or is being, put into Stash's queue     */
	DRAIN_RUNNING,	/* a drain runs; it holds LOCK_DRAIN                   */
};

struct drain_record {
	enum drain_state state;
	int64_t since_ms; /* when it came to be so, or was last seen to be so */
};

/* One that cannot be read is idle: asking once too often is harmless. */
void drain_record_load(struct txn *, struct drain_record *);
void drain_record_save(struct txn *, enum drain_state, int64_t now_ms);
/* The same if the record says 'from'; if not, another process has written it since, and it
 * stays. */
void drain_record_replace(struct txn *, enum drain_state from, enum drain_state to, int64_t now_ms);

enum drain_need {
	DRAIN_NO_NEED, /* a drain comes and will see the work, or there is none           */
	DRAIN_NOT_NOW, /* no drain comes, and none could do anything: asked for later */
	DRAIN_LOOK,    /* find out from Stash whether the task is still in its queue      */
	DRAIN_ASK,     /* ask Stash for one                                               */
};

/* What is to be done. While Plex is down a drain is asked for only when a probe is due, or
 * at once if the outage is fresh; and while a setting is wrong only now and then. */
enum drain_need drain_record_decide(const struct drain_record *, bool lock_held, bool stash_known,
	bool breaker_allows, bool trouble_blocks, bool work_due, int64_t now_ms);

#endif
