/*
 * state.h - everything that outlives the process, opened.
 *
 * Two environments. queue/ is synced: jobs, history, the drain record. It is the
 * promise. cache/ is disposable and not synced per commit: matches, the library index,
 * statistics. It is opened when it is first asked for, because a hook that only queues
 * has no use for it, and it is thrown away if it is damaged or the machine stopped
 * while it was dirty.
 *
 * Both may be missing: a store that cannot be opened is worth one warning, and its
 * pointer is NULL. Without the queue every transaction fails; without the caches the
 * work is done without them, which is what state_cache() and state_begin_cache() say.
 */
#ifndef PLEXSYNC_STATE_STATE_H
#define PLEXSYNC_STATE_STATE_H

#include <stdbool.h>

#include "base/lock.h"
#include "store/store.h"

struct state {
	const char *dir; /* NULL: there is no folder for it */
	struct locks locks;
	struct store *queue; /* NULL: nothing can be remembered */
	struct store *cache; /* use state_cache() */
	bool cache_tried;
};

/* Opens queue/ and the locks below 'dir'. On failure the state is usable all
 * the same, with queue NULL, and the error says why. A queue of which something says
 * that it is damaged is read as a whole first; only one that really is gets set aside,
 * and a new one is begun with the scenes that could be found in it. */
bool state_open(struct state *, const char *dir, struct err *);
void state_close(struct state *);

/* After a transaction on the queue that failed: LMDB does not use an environment again
 * whose last write broke off, and what looked damaged is verified. False, with queue NULL,
 * if it cannot be used. */
bool state_open_again(struct state *, struct err *);

/* The cache, opened at the first call; NULL after one warning if it cannot be. */
struct store *state_cache(struct state *);

/* Begins a transaction on the cache, which is opened if need be, and marked as dirty
 * if this writes. False: the transaction has failed, for want of a cache perhaps, and
 * there is nothing to do in it. */
bool state_begin_cache(struct state *, struct txn *, enum txn_mode);

/* After an error of the cache: opens it again if it looked damaged, and throws it away
 * if it is. False if it was not, or cannot be. */
bool state_reset_cache(struct state *);

/* Writes cache/ to the disk and removes the mark that it is dirty. */
void state_flush_cache(struct state *);

#endif
