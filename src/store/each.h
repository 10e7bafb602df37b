/*
 * each.h - the entries of a database one after another, in the order of their keys.
 *
 *	store_each(&each, txn, QUEUE_WAITING, prefix, 24);
 *	while (store_each_next(&each))
 *		… each.key, each.value …
 *
 * Between two steps the caller may remove and add what it likes, the entry at hand
 * included: the next one is the first whose key is above that of the last.
 */
#ifndef PLEXSYNC_STORE_EACH_H
#define PLEXSYNC_STORE_EACH_H

#include "store/store.h"

#define EACH_KEY_BYTES 511 /* the longest key that LMDB has */

struct store_each {
	struct txn *txn;
	unsigned db;
	size_t key_len, prefix; /* the bytes that 'last' must begin with */
	bool begun;
	struct bytes key;   /* a copy, until the next step                  */
	struct bytes value; /* borrowed until the next write, see store.h   */
	unsigned char last[EACH_KEY_BYTES];
};

/* Begins with the entries whose keys have this prefix, and 'key_len' bytes; keys of other
 * lengths are passed over (0: none is). */
void store_each(
	struct store_each *, struct txn *, unsigned db, struct bytes prefix, size_t key_len);
/* The next step is the first entry that is not below this key, or above it. */
void store_each_from(struct store_each *, struct bytes key, bool beyond);
/* False at the end, or if the transaction failed. */
bool store_each_next(struct store_each *);

#endif
