/*
 * recall.h - the first act of a push: what is remembered of the scene.
 */
#ifndef PLEXSYNC_PUSH_RECALL_H
#define PLEXSYNC_PUSH_RECALL_H

#include "push/push.h"

/* Fills push->before and push->known from one snapshot, unless the hook has done that in
 * the transaction that queued the scene, or there is no state to read. False with
 * ERR_STORE: nothing may be pushed then, because what cannot be read is not absent. A push
 * that is never tried again goes on, and becomes careful. */
bool recall_scene(const struct env *, struct push *, struct err *);

/* The same within a transaction, whose end says whether it went well. */
void recall_in(struct txn *, struct push *);

/* Of the scene that an item belongs to. */
struct recall_owner {
	bool lives;	/* it still claims the item */
	int64_t chosen; /* the number of the choice by which a person gave it the item; 0: none */
};

/* What is remembered of one item: of those that the scene had, or read now. 'history' is
 * empty, and the answer true, if there is nothing. */
bool recall_item(const struct env *, const struct push *, const char *machine,
	const char *rating_key, struct history *, struct recall_owner *, struct err *);

/* The item's place among those of the scene, or their count. Pure. */
size_t recall_place(const struct history_scene *, const char *machine, const char *rating_key);

#endif
