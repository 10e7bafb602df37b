/*
 * tag_tree.h - Stash's tags, and which of them are below which.
 */
#ifndef PLEXSYNC_STASH_TAG_TREE_H
#define PLEXSYNC_STASH_TAG_TREE_H

#include "stash/stash.h"

struct tree_tag {
	int64_t id;
	const char *name;
	int64_t *parents;
	size_t parent_count;
};

struct tag_tree {
	struct tree_tag *tags; /* by id */
	size_t n;
};

/* All tags, in one request. Errors as stash_read. */
bool tag_tree_read(
	struct stash *, struct stash_time, struct tag_tree *, struct arena *, struct err *);

/* True if a tag has this name (utf8_same_name). */
bool tag_tree_has(const struct tag_tree *, const char *name);

/* The ids, ascending, of the tags that the list names and of all below them, by any of their
 * parents. Tags that are above themselves end it. 'ids' has room for all; returns how many. */
size_t tag_tree_below(const struct tag_tree *, const struct str_list *names, int64_t *ids);

#endif
