/*
 * store.h - one LMDB environment: named databases, ordered keys, transactions.
 *
 * A transaction remembers its first error: every later operation on it does
 * nothing, store_commit gives the verdict, so that callers write straight lines.
 * Values that were read are borrowed until the next write or the end of the
 * transaction. No transaction is ever open across HTTP, stdin or a sleep.
 *
 * A page that LMDB cannot make sense of may end the process. That is intended: every step of
 * the program can be repeated, and whether the file is damaged is found out when the
 * environment is next opened (see health.h).
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
	uint8_t oldest;		      /* but this one and later ones become the present version,
				       * with their records as they are (0: none) */
	bool durable;		      /* a commit is on the disk when it returns */
	const char *const *databases; /* their names; the index in this list is their number */
	size_t count;
	const char *when_full; /* a literal: what the user is to do when it is full */
	struct locks *locks;
	enum lock_name inside; /* shared by all who have it open */
	enum lock_name
		gate; /* held by the writer, so that others can avoid waiting; or LOCK_NONE */
};

/* err->status of an error of the store, where it is one of these. */
enum store_status {
	STORE_FULL = 1,	     /* it has reached its largest size */
	STORE_OTHER_VERSION, /* another version of PlexSync, or of LMDB, wrote it */
	STORE_BUSY,	     /* a TXN_TRY while another process writes */
	STORE_DAMAGED,	     /* not opened: it may be damaged, see verify_environment */
};

/* NULL with the error set; what is there was not touched. */
struct store *store_open(const struct store_options *, struct err *);
void store_close(struct store *);

/* True once an operation found it damaged: no transaction is begun on it any more. */
bool store_is_broken(const struct store *);

/* Writes everything that was committed to the disk, without holding up other writers
 * (environments that are not durable). */
bool store_sync(struct store *, struct err *);
/* The number of the last commit. */
size_t store_last_commit(struct store *);

/* TXN_TRY: as TXN_WRITE, but if another process writes at this moment the transaction has
 * failed at once. Only with a gate. */
enum txn_mode { TXN_READ, TXN_WRITE, TXN_TRY };

struct MDB_txn;

struct txn {
	struct store *store;
	struct MDB_txn *mdb;
	bool writes, failed, gated;
	struct err err;
};

/* Without a store (NULL) it has failed from the start: what cannot be read is not absent. In a
 * test build each appends a line to the file PLEXSYNC_TEST_TXNS: "queue read". */
void store_begin(struct txn *, struct store *, enum txn_mode);
/* Ends a transaction of either mode. False if anything in it failed; then
 * nothing of it was written. */
bool store_commit(struct txn *, struct err *);
void store_abort(struct txn *);

enum lookup store_get(struct txn *, unsigned db, struct bytes key, struct bytes *value) MUST_USE;
void store_put(struct txn *, unsigned db, struct bytes key, struct bytes value);
/* An absent key is not an error. */
void store_del(struct txn *, unsigned db, struct bytes key);
/* First entry whose key is not below 'from'; with 'beyond', whose key is above
 * it. An empty 'from' means the first of all. */
enum lookup store_seek(struct txn *, unsigned db, struct bytes from, bool beyond, struct bytes *key,
	struct bytes *value) MUST_USE;
/* Number of entries; and of the bytes of the pages that hold them. */
size_t store_count(struct txn *, unsigned db);
size_t store_bytes(struct txn *, unsigned db);
/* Removes all entries. */
void store_clear(struct txn *, unsigned db);

/* Marks the transaction as failed with an error of the caller's. */
void store_fail(struct txn *, const char *what);

/* How much of its largest size the databases take. */
struct store_fill {
	uint64_t bytes, limit;
};

struct store_fill store_fill(struct txn *);

#endif
