/*
 * entry.h - the entries of a database: one whose value is a record, by the function that
 * says its layout (record.h); one that is a few numbers under a name; and all of them,
 * one after another.
 *
 *	entry_each(&each, txn, QUEUE_WAITING, prefix, 24);
 *	while (entry_each_next(&each))
 *		… each.key, each.value …
 *
 * Between two steps the caller may remove and add what it likes, the current entry
 * included: the next one is the first whose key is above that of the last.
 */
#ifndef PLEXSYNC_STORE_ENTRY_H
#define PLEXSYNC_STORE_ENTRY_H

#include "store/store.h"

/* Reads a value into the 'size' bytes at 'into'; false, and zeros, if it cannot be read. */
bool entry_parse(struct bytes value, void (*code)(struct record *, void *), void *into, size_t size,
	struct arena *);
/* ABSENT, and zeros, also if the value cannot be read. */
enum lookup entry_load(struct txn *, unsigned db, struct bytes key,
	void (*code)(struct record *, void *), void *into, size_t size, struct arena *);
/* Writes nothing if that is what is stored. */
void entry_save(struct txn *, unsigned db, struct bytes key, void (*code)(struct record *, void *),
	const void *from, size_t size);

/* A version byte, then each number in 8 bytes. The oldest have no version byte. */
#define ENTRY_PLAIN   0
#define ENTRY_NUMBERS ((size_t)4) /* at most */

/* False, and zeros: there is none, or none of this version and length. */
bool entry_load_numbers(
	struct txn *, unsigned db, const char *name, uint8_t version, int64_t *numbers, size_t n);
/* Writes nothing if that is what is stored. */
void entry_save_numbers(struct txn *, unsigned db, const char *name, uint8_t version,
	const int64_t *numbers, size_t n);
/* Stores and returns the next number of a plain counter; the first one is 1. */
int64_t entry_count_up(struct txn *, unsigned db, const char *name);

struct entry_each {
	struct txn *txn;
	unsigned db;
	size_t key_len, prefix; /* the bytes that 'last' must begin with */
	bool begun;
	struct bytes key;	 /* a copy, until the next step                */
	struct bytes value;	 /* borrowed until the next write, see store.h */
	unsigned char last[511]; /* as long as LMDB's longest key              */
};

/* Begins with the entries whose keys have this prefix, and 'key_len' bytes; keys of other
 * lengths are skipped (0: none is). */
void entry_each(
	struct entry_each *, struct txn *, unsigned db, struct bytes prefix, size_t key_len);
/* The next step is the first entry that is not below this key, or above it. */
void entry_each_from(struct entry_each *, struct bytes key, bool beyond);
/* False at the end, or if the transaction failed. */
bool entry_each_next(struct entry_each *);

#endif
