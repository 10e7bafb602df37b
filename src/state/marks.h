/*
 * marks.h - what was last seen of each of Plex's libraries that otherwise only grows.
 *
 * Where it is smaller than before, Plex's database was put back to what it was some time ago,
 * and what was pushed since may be lost. A library is known by the server's machine id and by
 * its uuid: one that was deleted and made again has another one, and nothing to compare. Marks
 * are kept in the queue's environment, because after a crash both Plex's database and our cache
 * may be put back or thrown away.
 */
#ifndef PLEXSYNC_STATE_MARKS_H
#define PLEXSYNC_STATE_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* 0: not known. */
struct marks {
	int64_t counter;	  /* Plex's contentChangedAt */
	int64_t scanned, updated; /* when it was last scanned, and edited: seconds since 1970 */
};

/* All zero if there are none. */
void marks_load(struct txn *, const char *machine, const char *uuid, struct marks *);
/* Writes nothing if they are stored. */
void marks_save(struct txn *, const char *machine, const char *uuid, const struct marks *);

/* The time of the item that was edited last, when all were compared the last time: Plex's seconds;
 * 0: they never were. */
int64_t marks_compared(struct txn *, const char *machine, const char *uuid);
void marks_save_compared(struct txn *, const char *machine, const char *uuid, int64_t);

/* True if the library went back. *since_ms: when at the earliest it was as it is now, a day of
 * margin included, because Plex's clock need not be ours; 0: that is not known. */
bool marks_went_back(const struct marks *before, const struct marks *now, int64_t *since_ms);

/* What is remembered from now on: what is known now, else what was known before. */
struct marks marks_after(const struct marks *before, const struct marks *now);

#endif
