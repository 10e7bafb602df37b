/*
 * tables.h - the databases of both environments (their names: state.c), and their versions.
 */
#ifndef PLEXSYNC_STATE_TABLES_H
#define PLEXSYNC_STATE_TABLES_H

/* Of the records. A cache of another version is built again; a queue of another version is
 * not touched, but one since TABLES_QUEUE_OLDEST is taken over, and its records are read. */
#define TABLES_QUEUE_VERSION 2
#define TABLES_QUEUE_OLDEST  1
#define TABLES_CACHE_VERSION 2

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
	QUEUE_CHOICES,
	QUEUE_ACTIVITY,
	QUEUE_DATABASES
};

/* Databases of cache/. */
enum cache_db {
	CACHE_META = 0,
	CACHE_MATCHES,
	CACHE_PARTS,
	CACHE_SECTIONS,
	CACHE_SCANS,
	CACHE_DATABASES
};

#endif
