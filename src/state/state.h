/*
 * state.h - everything that outlives the process, opened.
 *
 * Two environments. queue/ is small and synced: jobs, history, the drain
 * record. It is the promise. cache/ is disposable and not synced per commit:
 * matches, the library index, statistics. It is opened when it is first asked
 * for, because a hook that only queues has no use for it, and it is thrown away
 * if it is damaged or the machine stopped while it was dirty.
 *
 * Both are optional: a store that cannot be opened is worth one warning, its
 * pointer is NULL, and transactions on NULL read nothing and write nothing.
 */
#ifndef PLEXSYNC_STATE_STATE_H
#define PLEXSYNC_STATE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/lock.h"
#include "store/store.h"

/* Databases of queue/. Layouts are described where they are used. */
enum queue_db {
	QUEUE_META = 0,
	QUEUE_JOBS,
	QUEUE_DUE,
	QUEUE_WAITING,
	QUEUE_BULK,
	QUEUE_ITEMS,
	QUEUE_SCENES,
	QUEUE_ENTITIES,
	QUEUE_DATABASES
};

/* Databases of cache/. */
enum cache_db {
	CACHE_META = 0,
	CACHE_MATCHES,
	CACHE_MATCH_NAMES,
	CACHE_MATCH_AGES,
	CACHE_PARTS,
	CACHE_PART_NAMES,
	CACHE_SECTIONS,
	CACHE_STATS,
	CACHE_SCANS,
	CACHE_DATABASES
};

struct state {
	const char *dir; /* NULL: there is no folder for it */
	struct locks locks;
	struct store *queue; /* NULL: nothing can be remembered */
	struct store *cache; /* use state_cache() */
	bool cache_tried;
};

/* Opens queue/ and the locks below 'dir'. On failure the state is usable all
 * the same, with queue NULL, and the error says why. */
bool state_open(struct state *, const char *dir, struct err *);
void state_close(struct state *);

/* The cache, opened at the first call; NULL after one warning if it cannot be. */
struct store *state_cache(struct state *);

/* After an error of the cache: if it is damaged, it is thrown away and begun anew.
 * False if it was not, or cannot be. */
bool state_reset_cache(struct state *);

/* Marks cache/ as dirty, in a write transaction on it, before the first write. */
void state_touch_cache(struct state *);
/* Writes cache/ to the disk and marks it as clean. */
void state_flush_cache(struct state *);

/* What names this installation to Plex: made once, then stable. Without a
 * store it is derived from the folder's name. */
char *state_client_id(struct state *, struct arena *);

/* What the last read of the settings said of things that must be known before
 * the next one. No secret is in it. */
struct remembered {
	bool hook_queue_only;
	bool hide_paths;
	bool only_groups; /* Stash no longer knows movies, only groups */
};

void state_remembered(struct txn *, struct remembered *);
void state_remember(struct txn *, const struct remembered *);

/* Small named records in QUEUE_META, for the owners of one such record. */
enum lookup state_meta_get(struct txn *, const char *name, struct bytes *);
void state_meta_put(struct txn *, const char *name, const struct str *record);

#endif
