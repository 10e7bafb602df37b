/*
 * drainer.h - the record that says whether a drain will come.
 *
 * It is read and written only inside the transaction that queues a job or
 * finds none due, so no wake-up is lost: whoever queues after the drain has
 * looked for the last time sees "idle" and asks again. What it says is believed
 * only while there is evidence: the drain's lock is held, or the task was asked
 * for a moment ago or seen in Stash's queue.
 */
#ifndef PLEXSYNC_STATE_DRAINER_H
#define PLEXSYNC_STATE_DRAINER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/lock.h"
#include "state/store.h"

enum drainer_state {
	DRAINER_IDLE = 0, /* nobody was asked                                    */
	DRAINER_ASKED,	  /* a task was, or is being, put into Stash's queue     */
	DRAINER_RUNNING,  /* a drain runs; it holds LOCK_DRAIN                   */
};

struct drainer {
	enum drainer_state state;
	int64_t since_ms; /* when it came to be so, or was last seen to be so */
};

void drainer_load(struct txn *, struct drainer *);
void drainer_save(struct txn *, enum drainer_state, int64_t now_ms);

/* What somebody who leaves a job due has to do. */
enum drainer_need {
	DRAINER_COMES, /* nothing: a drain will see the job                       */
	DRAINER_LOOK,  /* find out from Stash whether the task is still in its queue */
	DRAINER_ASK,   /* ask Stash for one                                       */
};
enum drainer_need drainer_need(const struct drainer *, struct locks *, int64_t now_ms);

#endif
