/*
 * state.h - everything that outlives the process, opened.
 *
 * Two environments. queue/ is synced: jobs, history, the drain record. It is the
 * promise. cache/ is disposable and not synced per commit: matches, the library index. It
 * is opened when it is first used, because a hook that only queues does not need it, and
 * it is thrown away if it is damaged or the machine stopped while it was dirty.
 *
 * Both may be missing: a store that cannot be opened costs one warning, and its pointer is
 * NULL. Without the queue every transaction fails; without the cache the work is done more
 * slowly.
 */
#ifndef PLEXSYNC_STATE_STATE_H
#define PLEXSYNC_STATE_STATE_H

#include <stdbool.h>

#include "base/lock.h"
#include "store/store.h"

struct state {
	const char *dir; /* NULL: none is known */
	struct locks locks;
	struct store *queue; /* NULL: nothing can be remembered */
	struct store *cache; /* use state_cache() */
	bool cache_tried;
};

/* Opens queue/ and the locks below 'dir'. On failure the state can still be used, with queue
 * NULL, and the error says why. All of a queue that looks damaged is read first; only one
 * that really is gets set aside, and a new one begins with the scenes that could be found in
 * it. */
bool state_open(struct state *, const char *dir, struct err *);
void state_close(struct state *);

/* The folder's whole path, whatever the working directory is later. */
const char *state_real_dir(const struct state *, struct arena *);

/* After a transaction on the queue that failed: LMDB does not use an environment again
 * whose last write broke off, and what looked damaged is verified. False, with queue NULL,
 * if it cannot be used. */
bool state_open_again(struct state *, struct err *);

/* The cache, opened at the first call; NULL after one warning if it cannot be. */
struct store *state_cache(struct state *);

/* Begins a transaction on the cache, which is opened if need be, and marked as dirty if this
 * writes. False: the transaction has failed, perhaps because there is no cache. */
bool state_begin_cache(struct state *, struct txn *, enum txn_mode);

/* After an error of the cache: opens it again if it looked damaged, and throws it away
 * if it is. False if it was not, or cannot be. */
bool state_reset_cache(struct state *);

/* Writes cache/ to the disk and removes the mark that it is dirty. */
void state_flush_cache(struct state *);

#endif
