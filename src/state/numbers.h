/*
 * numbers.h - records that are a few numbers under a name, for the modules that have
 * nothing else to keep: a version byte, then each number in 8 bytes.
 */
#ifndef PLEXSYNC_STATE_NUMBERS_H
#define PLEXSYNC_STATE_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

/* The oldest records of this kind have no version byte. */
#define NUMBERS_PLAIN 0
#define NUMBERS_MOST  4

/* False, and zeros: there is none, or none of this version and length. */
bool numbers_load(
	struct txn *, unsigned db, const char *name, uint8_t version, int64_t *numbers, size_t n);
/* Writes nothing if the record says so already. */
void numbers_save(struct txn *, unsigned db, const char *name, uint8_t version,
	const int64_t *numbers, size_t n);
/* A plain counter: what it is (0: never set), and the next number of it, which is stored. */
int64_t numbers_count(struct txn *, unsigned db, const char *name);
int64_t numbers_next(struct txn *, unsigned db, const char *name);

#endif
