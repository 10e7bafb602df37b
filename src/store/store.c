/*
 * store.c - see store.h.
 *
 * MDB_NOTLS: a read transaction belongs to us and not to the thread, so a
 * reader and a writer can be open side by side. The map is not written through (no
 * MDB_WRITEMAP): a stray pointer of ours cannot damage what is on the disk.
 *
 * A map of the largest size costs address space only. Where there is too little of
 * that (32 bit) it begins small and is doubled before it is half full, so that one
 * transaction has room. Each process does it for itself: LMDB keeps the larger size,
 * and the others learn of it when they need it (MDB_MAP_RESIZED).
 */
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "store/health.h"
#include "store/room.h"
#include "store/sharing.h"

struct store {
	struct store_options o; /* 'dir' is the one below */
	char dir[LIMIT_PATH_BYTES];
	MDB_env *env;
	MDB_dbi dbs[STORE_DATABASES];
	size_t map, map_limit; /* bytes */
	size_t open;	       /* transactions of ours: the map must not move under them */
	bool cramped;	       /* a transaction did not fit into the map */
	bool broken;
};

/* Not one of LMDB's codes or of errno. */
enum { OTHER_VERSION = -1, OTHER_SHARING = -2 };

static const char *reason(int code)
{
	switch (code) {
	case OTHER_VERSION:
		return "it was written by another version of PlexSync";
	case OTHER_SHARING:
		return "another build of PlexSync, whose locks are not those of this one, has it "
		       "open: wait until its tasks have ended, and keep one of the two";
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
		return "it is damaged";
	case MDB_MAP_FULL:
		return "this is more than it can take at once";
	case MDB_VERSION_MISMATCH:
		return "it was written by another version of LMDB";
	case MDB_READERS_FULL:
		return "too many processes are reading it";
	case ENODEV:
		return "files cannot be mapped into shared memory there";
	default:
		return mdb_strerror(code);
	}
}

static bool is_damage(int code)
{
	return code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND || code == MDB_INVALID;
}

/* LMDB met a page that it cannot make sense of. */
static void on_assert(MDB_env *env, const char *message)
{
	const struct store *store = mdb_env_get_userctx(env);

	log_error("The %s is damaged or cannot be read: this run ends here (%s). If the next run "
		  "ends the same way, the %s is checked",
		store->o.name, message, store->o.name);
	abort();
}

/* --- opening --------------------------------------------------------------- */

/* The first database holds the version. It is read before any other one is
 * opened, let alone created: what another version wrote is left as it is. */
static int check_version(struct store *store, MDB_txn *txn, bool create)
{
	const struct store_options *o = &store->o;
	static char name[] = "version";
	MDB_val key = {.mv_size = sizeof(name) - 1, .mv_data = name}, value;
	uint8_t version = o->version;
	int code = mdb_dbi_open(txn, o->databases[0], create ? MDB_CREATE : 0, &store->dbs[0]);

	if (code == 0)
		code = mdb_get(txn, store->dbs[0], &key, &value);
	if (code == 0) {
		uint8_t theirs = value.mv_size == 1 ? *(uint8_t *)value.mv_data : 0;
		if (theirs == o->version)
			return 0;
		if (o->oldest == 0 || theirs < o->oldest || theirs > o->version)
			return OTHER_VERSION;
		code = MDB_NOTFOUND; /* taken over: opened once more, to write */
	}
	if (code != MDB_NOTFOUND || !create)
		return code;
	value = (MDB_val){.mv_size = 1, .mv_data = &version};
	return mdb_put(txn, store->dbs[0], &key, &value, 0);
}

static int open_databases(struct store *store, bool create)
{
	unsigned flags = create ? MDB_CREATE : 0;
	MDB_txn *txn;
	int code = mdb_txn_begin(store->env, NULL, create ? 0 : MDB_RDONLY, &txn);

	if (code != 0)
		return code;
	code = check_version(store, txn, create);
	for (size_t i = 1; i < store->o.count && code == 0; i++)
		code = mdb_dbi_open(txn, store->o.databases[i], flags, &store->dbs[i]);
	if (code == 0)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return code;
}

/* LMDB takes a larger map than it was given if the file needs it. */
static void learn_map(struct store *store)
{
	MDB_envinfo info;

	if (mdb_env_info(store->env, &info) == 0)
		store->map = info.me_mapsize;
}

/* The file is as long as its header says. */
static int fill_up(MDB_env *env)
{
	MDB_envinfo info;
	MDB_stat stat;
	mdb_filehandle_t fd;

	if (mdb_env_info(env, &info) != 0 || mdb_env_stat(env, &stat) != 0 ||
		mdb_env_get_fd(env, &fd) != 0)
		return 0;
	return room_fill_up(fd, (uint64_t)(info.me_last_pgno + 1) * stat.ms_psize);
}

static int open_env(struct store *store)
{
	unsigned flags = MDB_NOTLS | (store->o.durable ? 0 : MDB_NOSYNC) |
			 (store->o.locks->alone ? MDB_NOLOCK : 0);
	int code = room_for_lock(store->dir);

	if (code == 0)
		code = mdb_env_create(&store->env);
	if (code != 0)
		return code;
	mdb_env_set_mapsize(store->env, store->map);
	mdb_env_set_maxreaders(store->env, LIMIT_READERS);
	mdb_env_set_maxdbs(store->env, STORE_DATABASES);
	mdb_env_set_userctx(store->env, store);
	mdb_env_set_assert(store->env, on_assert);
	code = mdb_env_open(store->env, store->dir, flags, 0600);
	if (code == 0) {
		learn_map(store);
		mdb_reader_check(store->env, NULL); /* slots and pages of killed readers */
		code = fill_up(store->env);
	}
	if (code == 0)
		code = open_databases(store, false);
	if (code == MDB_NOTFOUND)
		code = open_databases(store, true);
	if (code != 0)
		mdb_env_close(store->env);
	return code;
}

static int enter(struct store *store)
{
	bool alone = !lock_held(store->o.locks, store->o.inside);
	int code;

	if (health_is_doubtful(store->dir, alone))
		return MDB_CORRUPTED;
	lock_share(store->o.locks, store->o.inside);
	health_opened(store->dir);
	code = open_env(store);
	/* Not every process may have so much address space (ulimit -v, valgrind). */
	if ((code == ENOMEM || code == EINVAL) && store->map > LIMIT_MAP_SMALL_BYTES) {
		store->map = LIMIT_MAP_SMALL_BYTES;
		code = open_env(store);
	}
	if (code != 0) {
		health_closed(store->dir);
		lock_release(store->o.locks, store->o.inside);
	}
	return code;
}

/* One process at a time opens or closes: the signs of a crash need it; and with LMDB 0.9.26
 * to 0.9.31 one that closes can take the lock file's mutexes from under another that opens. */
struct store *store_open(const struct store_options *o, struct err *err)
{
	struct store *store = arena_malloc(sizeof(*store));
	int code;

	assert(o->count <= STORE_DATABASES);
	*store = (struct store){.o = *o};
	snprintf(store->dir, sizeof(store->dir), "%s", o->dir);
	room_for_map(o->name, &store->map, &store->map_limit);
	code = sharing_join(o->locks) ? 0 : OTHER_SHARING;
	if (code == 0 && !lock_enter(o->locks))
		code = errno;
	if (code == 0) {
		lock_wait(o->locks, LOCK_OPEN);
		code = enter(store);
		lock_release(o->locks, LOCK_OPEN);
		lock_leave(o->locks);
	}
	if (code == 0)
		return store;
	free(store);
	err_set(err, ERR_STORE, "the %s in %s cannot be opened: %s", o->name, o->dir, reason(code));
	if (code == OTHER_VERSION || code == MDB_VERSION_MISMATCH)
		err->status = STORE_OTHER_VERSION;
	if (is_damage(code))
		err->status = STORE_DAMAGED;
	return NULL;
}

void store_close(struct store *store)
{
	bool entered;

	if (store == NULL)
		return;
	entered = lock_enter(store->o.locks);
	lock_wait(store->o.locks, LOCK_OPEN);
	mdb_env_close(store->env);
	health_closed(store->dir);
	lock_release(store->o.locks, store->o.inside);
	lock_release(store->o.locks, LOCK_OPEN);
	if (entered)
		lock_leave(store->o.locks);
	free(store);
}

bool store_is_broken(const struct store *store)
{
	return store->broken;
}

bool store_sync(struct store *store, struct err *err)
{
	int code = mdb_env_sync(store->env, 1);

	return code == 0 || err_set(err, ERR_STORE, "the %s: %s", store->o.name, reason(code));
}

size_t store_last_commit(struct store *store)
{
	MDB_envinfo info;

	return mdb_env_info(store->env, &info) == 0 ? info.me_last_txnid : 0;
}

/* --- transactions ---------------------------------------------------------- */

/* Logged at once: the error of a transaction that only reads is often ignored. */
static void mark_damaged(struct store *store)
{
	if (!store->broken)
		log_warning("The %s looks damaged: the next run checks it", store->o.name);
	store->broken = true;
	health_mark(store->dir);
}

void store_fail(struct txn *txn, const char *what)
{
	if (!txn->failed)
		err_set(&txn->err, ERR_STORE, "the %s: %s",
			txn->store ? txn->store->o.name : "state", what);
	txn->failed = true;
}

static bool check(struct txn *txn, int code)
{
	struct store *store = txn->store;

	if (code == 0)
		return true;
	if (is_damage(code))
		mark_damaged(store);
	if (code == MDB_MAP_FULL)
		store->cramped = true;
	store_fail(txn, reason(code)); /* the first error stays */
	if (code == MDB_MAP_FULL && store->map >= store->map_limit && txn->err.status == 0) {
		err_set(&txn->err, ERR_STORE,
			"the %s in %s has reached its largest size, %zu MB; %s", store->o.name,
			store->dir, store->map_limit >> 20, store->o.when_full);
		txn->err.status = STORE_FULL;
	}
	return false;
}

/* False: another process writes, and this one does not wait. Where the file system gives no
 * locks everybody passes: LMDB has its own. */
static bool pass_gate(struct txn *txn, enum txn_mode mode)
{
	struct store *store = txn->store;

	if (mode == TXN_READ || store->o.gate == LOCK_NONE)
		return true;
	if (mode == TXN_TRY && lock_try(store->o.locks, store->o.gate) != FOUND)
		return false;
	if (mode == TXN_WRITE)
		lock_wait(store->o.locks, store->o.gate);
	txn->gated = true;
	return true;
}

static void leave_gate(struct txn *txn)
{
	if (txn->gated)
		lock_release(txn->store->o.locks, txn->store->o.gate);
	txn->gated = false;
	lock_leave(txn->store->o.locks);
}

static void count_txn(const struct txn *txn)
{
	char what[FAULT_LINE];

	snprintf(what, sizeof(what), "%s %s", txn->store->o.name, txn->writes ? "write" : "read");
	FAULT_COUNT("PLEXSYNC_TEST_TXNS", what);
}

static void use_map(struct store *store, size_t size)
{
	if (store->open == 0 && mdb_env_set_mapsize(store->env, size) == 0)
		learn_map(store);
}

static void make_larger(struct store *store)
{
	MDB_envinfo info;
	MDB_stat stat;

	if (store->map >= store->map_limit || mdb_env_info(store->env, &info) != 0 ||
		mdb_env_stat(store->env, &stat) != 0)
		return;
	if (!store->cramped && info.me_last_pgno < store->map / stat.ms_psize / 2)
		return;
	store->cramped = false;
	use_map(store, store->map < store->map_limit / 2 ? store->map * 2 : store->map_limit);
}

static int begin(struct txn *txn)
{
	struct store *store = txn->store;
	unsigned flags = txn->writes ? 0 : MDB_RDONLY;
	int code;

	if (txn->writes)
		make_larger(store);
	code = mdb_txn_begin(store->env, NULL, flags, &txn->mdb);
	if (code == MDB_MAP_RESIZED) { /* by another process */
		use_map(store, 0);
		code = mdb_txn_begin(store->env, NULL, flags, &txn->mdb);
	}
	if (code == MDB_READERS_FULL) { /* slots of processes that were killed while they read */
		mdb_reader_check(store->env, NULL);
		code = mdb_txn_begin(store->env, NULL, flags, &txn->mdb);
	}
	return code;
}

void store_begin(struct txn *txn, struct store *store, enum txn_mode mode)
{
	*txn = (struct txn){.store = store, .writes = mode != TXN_READ};
	if (store == NULL) {
		store_fail(txn, "it could not be opened");
	} else if (store->broken) {
		store_fail(txn, "it is damaged");
	} else if (!lock_enter(store->o.locks)) {
		store_fail(txn, strerror(errno));
	} else if (!pass_gate(txn, mode)) {
		lock_leave(store->o.locks);
		store_fail(txn, "another process is writing it");
		txn->err.status = STORE_BUSY;
	} else if (check(txn, begin(txn))) {
		store->open++;
		FAULT_OPEN(1);
		count_txn(txn);
	} else {
		txn->mdb = NULL;
		leave_gate(txn);
	}
}

/* Names the store's commits for the crash tests. */
static void at_commit(const struct txn *txn, const char *when)
{
	char name[FAULT_LINE];

	snprintf(name, sizeof(name), "%s.%s", txn->store->o.name, when);
	if (txn->writes)
		FAULT(name);
}

static void ended(struct txn *txn)
{
	txn->mdb = NULL;
	txn->store->open--;
	FAULT_OPEN(-1);
	leave_gate(txn);
}

bool store_commit(struct txn *txn, struct err *err)
{
	if (txn->mdb != NULL && !txn->failed) {
		at_commit(txn, "commit");
		if (check(txn, mdb_txn_commit(txn->mdb)))
			at_commit(txn, "committed");
		ended(txn);
	}
	store_abort(txn);
	if (txn->failed && err != NULL)
		*err = txn->err;
	return !txn->failed;
}

void store_abort(struct txn *txn)
{
	if (txn->mdb == NULL)
		return;
	mdb_txn_abort(txn->mdb);
	ended(txn);
}

/* --- what is in it ---------------------------------------------------------- */

static bool usable(const struct txn *txn, unsigned db)
{
	assert(txn->failed || db < txn->store->o.count);
	return !txn->failed;
}

static MDB_val to_val(struct bytes b)
{
	MDB_val val = {.mv_size = b.len};

	/* LMDB only reads keys and values that it is given. */
	memcpy(&val.mv_data, &b.data, sizeof(val.mv_data));
	return val;
}

/* In a test build PLEXSYNC_TEST_READ_ERROR, "queue 3", makes the third read of a
 * process fail as a damaged page does. */
static int before_read(struct store *store)
{
#ifdef PLEXSYNC_TESTING
	static unsigned long reads; /* also of a store that was opened again */
	const char *wanted = getenv("PLEXSYNC_TEST_READ_ERROR");
	size_t len = strlen(store->o.name);

	if (wanted != NULL && strncmp(wanted, store->o.name, len) == 0 &&
		++reads == strtoul(wanted + len, NULL, 10))
		return MDB_CORRUPTED;
#else
	(void)store;
#endif
	return 0;
}

static enum lookup answer(struct txn *txn, int code)
{
	if (code == MDB_NOTFOUND)
		return ABSENT;
	return check(txn, code) ? FOUND : FAILED;
}

enum lookup store_get(struct txn *txn, unsigned db, struct bytes key, struct bytes *value)
{
	MDB_val k = to_val(key), v = {0};
	enum lookup found;
	int code;

	if (!usable(txn, db))
		return FAILED;
	code = before_read(txn->store);
	if (code == 0)
		code = mdb_get(txn->mdb, txn->store->dbs[db], &k, &v);
	found = answer(txn, code);
	if (found == FOUND)
		*value = (struct bytes){v.mv_data, v.mv_size};
	return found;
}

void store_put(struct txn *txn, unsigned db, struct bytes key, struct bytes value)
{
	MDB_val k = to_val(key), v = to_val(value);

	if (usable(txn, db))
		check(txn, mdb_put(txn->mdb, txn->store->dbs[db], &k, &v, 0));
}

void store_del(struct txn *txn, unsigned db, struct bytes key)
{
	MDB_val k = to_val(key);

	if (usable(txn, db))
		answer(txn, mdb_del(txn->mdb, txn->store->dbs[db], &k, NULL));
}

static int seek(
	struct txn *txn, unsigned db, struct bytes from, bool beyond, MDB_val *k, MDB_val *v)
{
	MDB_cursor *cursor;
	int code = before_read(txn->store);

	if (code == 0)
		code = mdb_cursor_open(txn->mdb, txn->store->dbs[db], &cursor);
	if (code != 0)
		return code;
	code = mdb_cursor_get(cursor, k, v, from.len > 0 ? MDB_SET_RANGE : MDB_FIRST);
	if (code == 0 && beyond && k->mv_size == from.len &&
		memcmp(k->mv_data, from.data, from.len) == 0)
		code = mdb_cursor_get(cursor, k, v, MDB_NEXT);
	mdb_cursor_close(cursor);
	/* In pages that changed places keys are not in order, and a loop over them
	 * might never end. */
	if (code == 0 && from.len > 0) {
		MDB_val bound = to_val(from);
		int order = mdb_cmp(txn->mdb, txn->store->dbs[db], k, &bound);
		if (order < 0 || (order == 0 && beyond))
			code = MDB_CORRUPTED;
	}
	return code;
}

enum lookup store_seek(struct txn *txn, unsigned db, struct bytes from, bool beyond,
	struct bytes *key, struct bytes *value)
{
	MDB_val k = to_val(from), v = {0};
	enum lookup found;

	if (!usable(txn, db))
		return FAILED;
	found = answer(txn, seek(txn, db, from, beyond, &k, &v));
	if (found == FOUND) {
		*key = (struct bytes){k.mv_data, k.mv_size};
		*value = (struct bytes){v.mv_data, v.mv_size};
	}
	return found;
}

static MDB_stat stat_of(struct txn *txn, unsigned db)
{
	MDB_stat stat = {0};

	if (usable(txn, db))
		check(txn, mdb_stat(txn->mdb, txn->store->dbs[db], &stat));
	return stat;
}

size_t store_count(struct txn *txn, unsigned db)
{
	return stat_of(txn, db).ms_entries;
}

size_t store_bytes(struct txn *txn, unsigned db)
{
	MDB_stat stat = stat_of(txn, db);

	return (stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages) * stat.ms_psize;
}

void store_clear(struct txn *txn, unsigned db)
{
	if (usable(txn, db))
		check(txn, mdb_drop(txn->mdb, txn->store->dbs[db], 0));
}

struct store_fill store_fill(struct txn *txn)
{
	struct store_fill fill = {.limit = txn->failed ? 0 : txn->store->map_limit};

	for (unsigned db = 0; !txn->failed && db < txn->store->o.count; db++)
		fill.bytes += store_bytes(txn, db);
	return fill;
}
