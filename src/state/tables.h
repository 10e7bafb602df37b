/*
 * tables.h - the databases of both environments, and their versions.
 */
#ifndef PLEXSYNC_STATE_TABLES_H
#define PLEXSYNC_STATE_TABLES_H

#include "store/store.h"

/* Of the records. An unknown version of the cache is rebuilt, of the queue never touched;
 * one that is not older than TABLES_QUEUE_OLDEST is taken over, and its records are read. */
#define TABLES_QUEUE_VERSION 2
#define TABLES_QUEUE_OLDEST  1
#define TABLES_CACHE_VERSION 1

/* Databases of queue/. Layouts are described where they are used. */
enum queue_db {
	QUEUE_META = 0,
	QUEUE_JOBS,
	QUEUE_DUE,
	QUEUE_WAITING,
	QUEUE_BULK,
	QUEUE_ITEMS,
	QUEUE_SCENES,
	QUEUE_ENTITIES,
	QUEUE_DATABASES
};

/* Databases of cache/. */
enum cache_db {
	CACHE_META = 0,
	CACHE_MATCHES,
	CACHE_MATCH_NAMES,
	CACHE_MATCH_AGES,
	CACHE_PARTS,
	CACHE_PART_NAMES,
	CACHE_SECTIONS,
	CACHE_SCANS,
	CACHE_DATABASES
};

extern const char *const tables_queue[QUEUE_DATABASES], *const tables_cache[CACHE_DATABASES];

/* Small named records in QUEUE_META, name → record, for the owners of one such record. */
enum lookup tables_meta_get(struct txn *, const char *name, struct bytes *) MUST_USE;
void tables_meta_put(struct txn *, const char *name, const struct str *record);

#endif
