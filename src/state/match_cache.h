/*
 * match_cache.h - the match cache: which Plex items play this scene's file.
 *
 * A hint without expiry: the item is read anyway before anything is written,
 * and an entry that turns out wrong is dropped. At LIMIT_MATCH_BYTES it is cleared.
 */
#ifndef PLEXSYNC_STATE_MATCH_CACHE_H
#define PLEXSYNC_STATE_MATCH_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "store/store.h"

struct match_item {
	const char *rating_key;
	int section; /* library id */
};

struct match_entry {
	struct match_item items[LIMIT_ITEMS];
	size_t count;
	uint8_t rule;	   /* of enum match_rule: what found them */
	uint64_t settings; /* of the settings that decided it; others make it a miss */
};

/* 'path' is Stash's. ABSENT also if the entry cannot be read. */
enum lookup match_cache_get(struct txn *, const char *path, struct match_entry *, struct arena *);

void match_cache_put(struct txn *, const char *path, const struct match_entry *);

void match_cache_forget(struct txn *, const char *path);
/* Every entry whose file has this name (path_name_digest). Returns how many. */
size_t match_cache_forget_name(struct txn *, const struct digest *name);
/* Every entry with an item of this library. Returns how many. */
size_t match_cache_forget_section(struct txn *, int section);
void match_cache_clear(struct txn *);

struct match_cache_size {
	size_t entries, bytes;
};
void match_cache_size(struct txn *, struct match_cache_size *);

#endif
