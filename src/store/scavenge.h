/*
 * scavenge.h - what can be found in the file of a damaged environment.
 */
#ifndef PLEXSYNC_STORE_SCAVENGE_H
#define PLEXSYNC_STORE_SCAVENGE_H

#include <stddef.h>

#include "store/record.h"

/* Calls 'each' for every entry whose key has this length, on any page that looks whole,
 * without trusting the order of the pages. Entries that were replaced or removed long
 * ago may be among them. */
void scavenge(const char *dir, size_t key_len,
	void (*each)(void *user, struct bytes key, struct bytes value), void *user);

#endif
