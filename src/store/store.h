/*
 * store.h - one LMDB environment: named databases, ordered keys, transactions.
 *
 * The only module that knows lmdb.h. A transaction remembers its first error:
 * every later operation on it does nothing, store_commit gives the verdict, so
 * that callers write straight lines. Values that were read are borrowed until
 * the next write or the end of the transaction. No transaction is ever open
 * across HTTP, stdin or a sleep.
 */
#ifndef PLEXSYNC_STORE_STORE_H
#define PLEXSYNC_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/lock.h"
#include "store/record.h"

#define STORE_DATABASES 12

struct store;

struct store_options {
	const char *name;	      /* a literal, for messages: "queue", "cache" */
	const char *dir;	      /* the folder, which exists */
	uint8_t version;	      /* of the records; another one is not opened */
	bool durable;		      /* a commit is on the disk when it returns */
	const char *const *databases; /* their names; the index in this list is their number */
	size_t count;
	struct locks *locks; /* for the versions of LMDB that need it */
};

/* NULL with the error set. *useless: what is there is damaged or of another
 * version, so that trying again is in vain; it was not touched. */
struct store *store_open(const struct store_options *, bool *useless, struct err *);
void store_close(struct store *);

/* True once it was found to be damaged: it is not touched any more, and marked, so
 * that the next one who opens it gets "useless". */
bool store_is_broken(const struct store *);

/* Frees what processes that were killed while they read still keep from being
 * used again. */
void store_tidy(struct store *);

/* Writes everything that was committed to the disk (environments that are not durable). */
bool store_sync(struct store *, struct err *);

/* Finds what can be found in the file of a damaged environment without trusting its
 * order: calls 'each' for every entry whose key has this length, on any page that
 * looks whole. Entries that were replaced or removed long ago may be among them. */
void store_scavenge(const char *dir, size_t key_len,
	void (*each)(void *user, struct bytes key, struct bytes value), void *user);

/* err->status of an error of the store that has reached its largest size. */
#define STORE_FULL 1
/* The same of one that another version of PlexSync wrote. */
#define STORE_OTHER_VERSION 2

enum txn_mode { TXN_READ, TXN_WRITE };

struct MDB_txn;

struct txn {
	struct store *store; /* NULL: there is no store; reads answer ABSENT, writes do nothing */
	struct MDB_txn *mdb;
	bool writes, failed;
	struct err err;
};

/* 'store' may be NULL: see above. */
void store_begin(struct txn *, struct store *, enum txn_mode);
/* Ends a transaction of either mode. False if anything in it failed; then
 * nothing of it was written. */
bool store_commit(struct txn *, struct err *);
void store_abort(struct txn *);

enum lookup store_get(struct txn *, unsigned db, struct bytes key, struct bytes *value);
void store_put(struct txn *, unsigned db, struct bytes key, struct bytes value);
/* Absent is no error. */
void store_del(struct txn *, unsigned db, struct bytes key);
/* First entry whose key is not below 'from'; with 'beyond', whose key is above
 * it. An empty 'from' means the first of all. */
enum lookup store_seek(struct txn *, unsigned db, struct bytes from, bool beyond, struct bytes *key,
	struct bytes *value);
/* Number of entries. */
size_t store_count(struct txn *, unsigned db);
/* Removes all entries. */
void store_clear(struct txn *, unsigned db);

/* Marks the transaction as failed with the error of its caller's making (a
 * record that cannot be read). */
void store_fail(struct txn *, const char *what);

#endif
