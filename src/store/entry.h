/*
 * entry.h - an entry of a database whose value is one record, by the function that says
 * its layout (record.h).
 */
#ifndef PLEXSYNC_STORE_ENTRY_H
#define PLEXSYNC_STORE_ENTRY_H

#include "store/store.h"

/* The 'size' bytes at 'into' are read from a value; false, and zeros, if that cannot be. */
bool entry_parse(struct bytes value, void (*code)(struct record *, void *), void *into, size_t size,
	struct arena *);
/* ABSENT, and zeros, also if the value cannot be read. */
enum lookup entry_load(struct txn *, unsigned db, struct bytes key,
	void (*code)(struct record *, void *), void *into, size_t size, struct arena *);
/* Writes nothing if that is what is stored. Returns the length of the value. */
size_t entry_save(struct txn *, unsigned db, struct bytes key,
	void (*code)(struct record *, void *), const void *from, size_t size);

#endif
