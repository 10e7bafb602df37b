/*
 * tag_cover.h - which of Stash's tags the settings' lists of tags mean: those that they name, and
 * all below them in Stash's tag tree.
 *
 * It takes the whole tree to say so. That is read once per run and remembered for the hooks that
 * follow, until a tag is edited.
 */
#ifndef PLEXSYNC_STATE_TAG_COVER_H
#define PLEXSYNC_STATE_TAG_COVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/store.h"

/* Ids of tags, ascending. */
struct tag_ids {
	int64_t *v;
	size_t n;
};

struct tag_cover {
	uint64_t settings; /* digest of the lists that it is of */
	int64_t newest;	   /* the largest id in the tree: nothing is known of a larger one */
	struct tag_ids only, ignored;
	int64_t edits; /* of tags, before the tree was read; not in the record */
};

bool tag_ids_has(const struct tag_ids *, int64_t id);

/* ABSENT also if it cannot be read; only 'edits' is set then. */
enum lookup tag_cover_get(struct txn *, struct tag_cover *, struct arena *) MUST_USE;
/* Does nothing if a tag was edited since its 'edits' were read. */
void tag_cover_put(struct txn *, const struct tag_cover *);
/* A tag was edited: it may be somewhere else in the tree. */
void tag_cover_forget(struct txn *);

#endif
