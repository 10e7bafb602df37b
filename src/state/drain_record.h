/*
 * drain_record.h - the record that says whether a drain will come.
 *
 * It is read and written only inside the transaction that queues a job or
 * finds none due, so no wake-up is lost: whoever queues after the drain has
 * looked for the last time sees "idle" and asks again. What it says is believed
 * only while there is evidence: the drain's lock is held, or the task was asked
 * for a moment ago or seen in Stash's queue.
 */
#ifndef PLEXSYNC_STATE_DRAIN_RECORD_H
#define PLEXSYNC_STATE_DRAIN_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/lock.h"
#include "store/store.h"

enum drain_state {
	DRAIN_IDLE = 0, /* nobody was asked                                    */
	DRAIN_ASKED,	/* a task was, or is being, put into Stash's queue     */
	DRAIN_RUNNING,	/* a drain runs; it holds LOCK_DRAIN                   */
};

struct drain_record {
	enum drain_state state;
	int64_t since_ms; /* when it came to be so, or was last seen to be so */
};

void drain_record_load(struct txn *, struct drain_record *);
void drain_record_save(struct txn *, enum drain_state, int64_t now_ms);

/* What somebody who leaves a job due has to do. */
enum drain_need {
	DRAIN_COMES, /* nothing: a drain will see the job                       */
	DRAIN_LOOK,  /* find out from Stash whether the task is still in its queue */
	DRAIN_ASK,   /* ask Stash for one                                       */
};
enum drain_need drain_record_need(const struct drain_record *, struct locks *, int64_t now_ms);

#endif
