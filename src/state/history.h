/*
 * history.h - what was pushed to which Plex item, and for which scene.
 *
 * Kept per item, named by the server's machine id and the item's rating key,
 * so that an item of a rebuilt library, or of another server, has no history
 * and gets everything. It survives the scene: only the ownership is freed.
 */
#ifndef PLEXSYNC_STATE_HISTORY_H
#define PLEXSYNC_STATE_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "state/fields.h"
#include "state/past.h"
#include "store/store.h"

struct history {
	int64_t owner;	   /* the scene that the item belongs to; 0: free */
	int64_t pushed_ms; /* when a push was last confirmed; 0: never    */
	/* Of the item, in Plex's seconds; 0: not known. A database that was put back has it older
	 * than the last push left it; one that gives its rating keys again, added anew. */
	int64_t added, updated;
	/* The last confirmed push: what Stash had, and what Plex held after it. */
	struct fields pushed, seen;
	/* Pushes whose outcome is not known: recorded before the request leaves,
	 * forgotten when it is confirmed. */
	struct fields meant;
	/* What Plex held before the first push, empty if that is not known, and before the last
	 * that it did not refuse: what it goes back to when an item loses what was written. */
	struct fields original, previous;
	uint32_t original_locked; /* fields (bits) that may have been locked when they held it */
	struct past past;	  /* and what is known of other values than these */
	/* What 'meant' replaces, whole, until it is in the journal; and which of them were locked. */
	struct fields replaced;
	uint32_t replaced_locked;
	uint32_t locked; /* fields (bits) that were seen locked with our value; of pictures also
			    those that an item had when it lost others with their locks */
	/* Values of Stash that Plex refuses: of a text the value, of a set the names. */
	struct fields refused;
	/* There is a record, but it cannot be read: whether the item was ever pushed, and
	 * whose it is, is not known. Everything else is empty. */
	bool unreadable;
};

/* FOUND, ABSENT (the history is then empty), or FAILED: see the transaction. */
enum lookup history_get(struct txn *, const char *machine, const char *rating_key, struct history *,
	struct arena *) MUST_USE;
void history_put(struct txn *, const char *machine, const char *rating_key, const struct history *);

/* What was replaced is in the journal, but for what is meant still. */
void history_journalled(struct history *);

/* What a job waits for in place of a file's name (see queue.h): that this item is freed. */
struct digest history_item_name(const char *machine, const char *rating_key);

/* What is remembered of a scene: what it was when it was last pushed, so that a sweep
 * sees whether it differs, and the items it owns, so that Destroy can free them. */
struct history_item {
	const char *machine, *rating_key;
};
struct history_scene {
	int64_t settled_ms;    /* when its last job ended well */
	struct digest content; /* of all that decides what is pushed; zero: not known */
	const char *updated;   /* Stash's stamp of it, then; "" if not known */
	const char *cover_etag, *cover_sha1; /* of its cover; "" if not known or none */
	struct history_item *items;
	size_t count;
};

/* ABSENT also if the record cannot be read: then the scene is pushed again. */
enum lookup history_scene_get(
	struct txn *, int64_t scene, struct history_scene *, struct arena *) MUST_USE;
void history_scene_put(struct txn *, int64_t scene, const struct history_scene *);

/* The next scene after 'after' of which anything is remembered that can be read; ABSENT at the
 * end. */
enum lookup history_scene_next(struct txn *, int64_t after, int64_t *scene, struct history_scene *,
	struct arena *) MUST_USE;

/* True if one of the scene's items on that server was written since then, or may have been. */
bool history_written_since(
	struct txn *, const struct history_scene *, const char *machine, int64_t since_ms);

/* True if that scene still claims the item: an owner that was destroyed during its push may
 * still be named by the item. True also if the transaction failed: then nothing is taken
 * over. */
bool history_owns(struct txn *, int64_t scene, const char *machine, const char *rating_key);

/* Frees the items of a scene that is gone and forgets the scene. The items'
 * own history stays. */
void history_forget_scene(struct txn *, int64_t scene);

#endif
