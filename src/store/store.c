/*
 * store.c - see store.h.
 *
 * MDB_NOTLS: a read transaction belongs to us and not to the thread, so a
 * reader and a writer can be open side by side. The map is fixed in size and
 * not written through (no MDB_WRITEMAP): a stray pointer of ours cannot damage
 * what is on the disk.
 */
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <lmdb.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/log.h"

struct store {
	const char *name;
	MDB_env *env;
	MDB_dbi dbs[STORE_DATABASES];
	size_t count;
	struct locks *locks;
	bool serialised;
	char damaged[LIMIT_PATH_BYTES]; /* the file that says so to the next one who opens it */
	bool broken;			/* found damaged: LMDB is not called for it any more */
	bool told;			/* that it is */
	sigjmp_buf panic;
	struct store *next_broken;
};

/* Damaged environments that were given up, kept until the process ends. */
static struct store *graveyard;

/* LMDB ends the process when a page makes no sense to it, and follows a wrong page
 * number out of the file (SIGBUS). Both are left by a jump instead, and then LMDB
 * is never called again for this environment: its locks die with the process.
 * Every call that may meet a damaged page is made through this. */
#define GUARDED(store, code, call)                                                                 \
	do {                                                                                       \
		if ((store)->broken || sigsetjmp((store)->panic, 0) != 0) {                        \
			(code) = MDB_CORRUPTED;                                                    \
		} else {                                                                           \
			guarded = (store);                                                         \
			(code) = (call);                                                           \
		}                                                                                  \
		guarded = NULL;                                                                    \
	} while (0)

/* The environment that LMDB works on at this moment. */
static struct store *volatile guarded;

static void mark_damaged(struct store *store)
{
	int fd = open(store->damaged, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	store->broken = true;
}

static void on_assert(MDB_env *env, const char *message)
{
	struct store *store = mdb_env_get_userctx(env);

	(void)message;
	mark_damaged(store);
	siglongjmp(store->panic, 1);
}

static void on_bad_page(int signal_number)
{
	struct store *store = guarded;

	if (store == NULL) { /* not LMDB's: let it be what it is */
		signal(signal_number, SIG_DFL);
		raise(signal_number);
		return;
	}
	mark_damaged(store);
	siglongjmp(store->panic, 1);
}

static void catch_bad_pages(void)
{
	/* SA_NODEFER: the handler is left by a jump, and the signal must not stay blocked. */
	struct sigaction action = {.sa_handler = on_bad_page, .sa_flags = SA_NODEFER};

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

/* LMDB 0.9.26 to 0.9.31: a process that closes the environment while another
 * one opens it can take the lock file's mutexes from under it (fixed in 0.9.32).
 * With those, opening and closing wait for each other. */
static bool races_on_open(void)
{
	int major, minor, patch;

	mdb_version(&major, &minor, &patch);
	return major == 0 && minor == 9 && patch >= 26 && patch <= 31;
}

/* A code of our own, far from LMDB's and from errno. */
enum { OTHER_VERSION = -1 };

static const char *reason(int code)
{
	switch (code) {
	case OTHER_VERSION:
		return "it was written by another version of PlexSync";
	case MDB_MAP_FULL:
		return "it has reached its largest size";
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
		return "it is damaged";
	case MDB_VERSION_MISMATCH:
		return "it was written by another version of LMDB";
	case MDB_READERS_FULL:
		return "too many processes read it at once";
	default:
		return mdb_strerror(code);
	}
}

/* The first database holds the version. It is read before any other one is
 * opened, let alone made: what another version wrote stays as it is. */
static int check_version(
	struct store *store, const struct store_options *o, MDB_txn *txn, bool create)
{
	static char name[] = "version";
	MDB_val key = {.mv_size = sizeof(name) - 1, .mv_data = name}, value;
	uint8_t version = o->version;
	int code = mdb_dbi_open(txn, o->databases[0], create ? MDB_CREATE : 0, &store->dbs[0]);

	if (code == 0)
		code = mdb_get(txn, store->dbs[0], &key, &value);
	if (code == 0)
		return value.mv_size == 1 && *(uint8_t *)value.mv_data == o->version
			       ? 0
			       : OTHER_VERSION;
	if (code != MDB_NOTFOUND || !create)
		return code;
	value = (MDB_val){.mv_size = 1, .mv_data = &version};
	return mdb_put(txn, store->dbs[0], &key, &value, 0);
}

static int open_databases(struct store *store, const struct store_options *o, bool create)
{
	MDB_txn *txn;
	int code = mdb_txn_begin(store->env, NULL, create ? 0 : MDB_RDONLY, &txn);

	if (code != 0)
		return code;
	code = check_version(store, o, txn, create);
	for (size_t i = 1; i < o->count && code == 0; i++)
		code = mdb_dbi_open(txn, o->databases[i], create ? MDB_CREATE : 0, &store->dbs[i]);
	if (code == 0)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return code;
}

/* A file may end before its last page: LMDB does not write pages that were
 * allocated and freed at once. A file that was cut ends early, too, and then
 * reading is the end of the process (SIGBUS). Made as long as it says it is, it
 * has empty pages instead, and those LMDB recognises as damage. Never shrinks. */
static int fill_up(MDB_env *env)
{
	MDB_envinfo info;
	MDB_stat stat;
	mdb_filehandle_t fd;
	off_t size;

	if (mdb_env_info(env, &info) != 0 || mdb_env_stat(env, &stat) != 0 ||
		mdb_env_get_fd(env, &fd) != 0)
		return 0;
	size = (off_t)((info.me_last_pgno + 1) * stat.ms_psize);
	if (lseek(fd, 0, SEEK_END) >= size)
		return 0;
	return posix_fallocate(fd, size - 1, 1);
}

/* A test build may have smaller ones: PLEXSYNC_TEST_MAP, in bytes. */
static size_t map_bytes(void)
{
#ifdef PLEXSYNC_TESTING
	const char *bytes = getenv("PLEXSYNC_TEST_MAP");
	if (bytes != NULL)
		return strtoull(bytes, NULL, 10);
#endif
	return LIMIT_MAP_BYTES;
}

/* LMDB makes its lock file long and writes to it through a map: on a full disk that
 * is a SIGBUS, which looks as if the environment was damaged. So it gets its room
 * before, where the file system can do that. */
static int make_room(const char *dir)
{
	const off_t size = LIMIT_READERS * 64 + 4096;
	char path[LIMIT_PATH_BYTES];
	struct stat st;
	int fd, code = 0;

	snprintf(path, sizeof(path), "%s/lock.mdb", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	if (fstat(fd, &st) == 0 && st.st_blocks * 512 < size &&
		fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, size) != 0 && errno == ENOSPC)
		code = ENOSPC;
	close(fd);
	return code;
}

static int open_env(struct store *store, const struct store_options *o)
{
	unsigned flags = MDB_NOTLS | (o->durable ? 0 : MDB_NOSYNC);
	int code = make_room(o->dir);

	if (code == 0)
		code = mdb_env_create(&store->env);
	if (code != 0)
		return code;
	mdb_env_set_mapsize(store->env, map_bytes());
	mdb_env_set_maxreaders(store->env, LIMIT_READERS);
	mdb_env_set_maxdbs(store->env, STORE_DATABASES);
	mdb_env_set_userctx(store->env, store);
	mdb_env_set_assert(store->env, on_assert);
	code = mdb_env_open(store->env, o->dir, flags, 0600);
	if (code == 0)
		code = fill_up(store->env);
	if (code == 0)
		code = open_databases(store, o, false);
	if (code == MDB_READERS_FULL) {
		mdb_reader_check(store->env, NULL);
		code = open_databases(store, o, false);
	}
	if (code == 0) /* what killed readers keep from being used again */
		mdb_reader_check(store->env, NULL);
	if (code == MDB_NOTFOUND)
		code = open_databases(store, o, true);
	if (code != 0) {
		mdb_env_close(store->env);
		store->env = NULL;
	}
	return code;
}

static int guarded_open(struct store *store, const struct store_options *o)
{
	int code;

	GUARDED(store, code, open_env(store, o));
	return code;
}

static bool is_useless(int code)
{
	return code == OTHER_VERSION || code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND ||
	       code == MDB_INVALID || code == MDB_VERSION_MISMATCH;
}

/* What is not open. Closing a damaged one would meet the damage again: it is left
 * as it is. */
static void give_up(struct store *store)
{
	if (!store->broken) {
		free(store);
		return;
	}
	store->next_broken = graveyard;
	graveyard = store;
}

struct store *store_open(const struct store_options *o, bool *useless, struct err *err)
{
	struct store *store = arena_malloc(sizeof(*store));
	int code;

	assert(o->count <= STORE_DATABASES);
	*store = (struct store){.name = o->name, .count = o->count, .locks = o->locks};
	store->serialised = races_on_open();
	catch_bad_pages();
	snprintf(store->damaged, sizeof(store->damaged), "%s/damaged", o->dir);
	if (store->serialised)
		lock_wait(store->locks, LOCK_OPEN);
	/* Somebody found it damaged: it is not opened, but dealt with by the caller. */
	code = access(store->damaged, F_OK) == 0 ? MDB_CORRUPTED : guarded_open(store, o);
	if (store->serialised)
		lock_release(store->locks, LOCK_OPEN);
	*useless = is_useless(code);
	if (code == 0)
		return store;
	give_up(store);
	err_set(err, ERR_STORE, "the %s in %s cannot be opened: %s", o->name, o->dir, reason(code));
	if (code == OTHER_VERSION || code == MDB_VERSION_MISMATCH)
		err->status = STORE_OTHER_VERSION;
	return NULL;
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	if (store->broken) {
		give_up(store);
		return;
	}
	if (store->serialised)
		lock_wait(store->locks, LOCK_OPEN);
	mdb_env_close(store->env);
	if (store->serialised)
		lock_release(store->locks, LOCK_OPEN);
	free(store);
}

void store_tidy(struct store *store)
{
	int code, dead = 0;

	if (store == NULL)
		return;
	GUARDED(store, code, mdb_reader_check(store->env, &dead));
	if (code == 0 && dead > 0)
		log_debug("The %s: %d readers had died", store->name, dead);
}

bool store_sync(struct store *store, struct err *err)
{
	int code;

	GUARDED(store, code, mdb_env_sync(store->env, 1));

	return code == 0 || err_set(err, ERR_STORE, "the %s: %s", store->name, reason(code));
}

/* Also where nobody asks for the error of a transaction that only reads. */
static void tell_damage(struct store *store)
{
	if (!store->told)
		log_warning("The %s is damaged: the next run begins it anew", store->name);
	store->told = true;
}

static bool check(struct txn *txn, int code)
{
	if (code == 0)
		return true;
	if (code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND) {
		mark_damaged(txn->store);
		tell_damage(txn->store);
	}
	if (!txn->failed)
		err_set(&txn->err, ERR_STORE, "the %s: %s", txn->store->name, reason(code));
	if (!txn->failed && code == MDB_MAP_FULL)
		txn->err.status = STORE_FULL;
	txn->failed = true;
	return false;
}

bool store_is_broken(const struct store *store)
{
	return store->broken;
}

void store_fail(struct txn *txn, const char *what)
{
	if (!txn->failed)
		err_set(&txn->err, ERR_STORE, "the %s: %s", txn->store ? txn->store->name : "state",
			what);
	txn->failed = true;
}

static int begin(struct txn *txn, unsigned flags)
{
	int code;

	GUARDED(txn->store, code, mdb_txn_begin(txn->store->env, NULL, flags, &txn->mdb));
	return code;
}

void store_begin(struct txn *txn, struct store *store, enum txn_mode mode)
{
	unsigned flags = mode == TXN_READ ? MDB_RDONLY : 0;
	int code;

	*txn = (struct txn){.store = store, .writes = mode == TXN_WRITE};
	if (store == NULL)
		return;
	code = begin(txn, flags);
	if (code == MDB_READERS_FULL) {
		/* Slots of processes that were killed while they read. */
		mdb_reader_check(store->env, NULL);
		code = begin(txn, flags);
	}
	if (!check(txn, code))
		txn->mdb = NULL;
}

/* Names the store's commits for the crash tests. */
static void at_commit(const struct txn *txn, const char *when)
{
#ifdef PLEXSYNC_TESTING
	char name[FAULT_LINE];

	snprintf(name, sizeof(name), "%s.%s", txn->store->name, when);
	if (txn->writes)
		FAULT(name);
#else
	(void)txn;
	(void)when;
#endif
}

static int end(struct txn *txn)
{
	int code;

	GUARDED(txn->store, code, mdb_txn_commit(txn->mdb));
	return code;
}

static void commit(struct txn *txn)
{
	at_commit(txn, "commit");
	if (check(txn, end(txn)))
		at_commit(txn, "committed");
}

bool store_commit(struct txn *txn, struct err *err)
{
	if (txn->mdb != NULL && !txn->failed)
		commit(txn);
	else
		store_abort(txn);
	txn->mdb = NULL;
	if (txn->failed && err != NULL)
		*err = txn->err;
	return !txn->failed;
}

static int abandon(struct txn *txn)
{
	mdb_txn_abort(txn->mdb);
	return 0;
}

void store_abort(struct txn *txn)
{
	int ignored = 0;

	if (txn->mdb != NULL)
		GUARDED(txn->store, ignored, abandon(txn));
	(void)ignored;
	txn->mdb = NULL;
}

static bool usable(const struct txn *txn, unsigned db)
{
	assert(txn->store == NULL || db < txn->store->count);
	return txn->mdb != NULL && !txn->failed;
}

static MDB_val to_val(struct bytes b)
{
	MDB_val val = {.mv_size = b.len};

	/* LMDB only reads keys and values that it is given. */
	memcpy(&val.mv_data, &b.data, sizeof(val.mv_data));
	return val;
}

static int get(struct txn *txn, unsigned db, MDB_val *key, MDB_val *value)
{
	int code;

	GUARDED(txn->store, code, mdb_get(txn->mdb, txn->store->dbs[db], key, value));
	return code;
}

enum lookup store_get(struct txn *txn, unsigned db, struct bytes key, struct bytes *value)
{
	MDB_val k = to_val(key), v;
	int code;

	if (!usable(txn, db))
		return txn->failed ? FAILED : ABSENT;
	code = get(txn, db, &k, &v);
	if (code == MDB_NOTFOUND)
		return ABSENT;
	if (!check(txn, code))
		return FAILED;
	*value = (struct bytes){v.mv_data, v.mv_size};
	return FOUND;
}

static int put(struct txn *txn, unsigned db, MDB_val *key, MDB_val *value)
{
	int code;

	GUARDED(txn->store, code, mdb_put(txn->mdb, txn->store->dbs[db], key, value, 0));
	return code;
}

void store_put(struct txn *txn, unsigned db, struct bytes key, struct bytes value)
{
	MDB_val k = to_val(key), v = to_val(value);

	if (usable(txn, db))
		check(txn, put(txn, db, &k, &v));
}

static int del(struct txn *txn, unsigned db, MDB_val *key)
{
	int code;

	GUARDED(txn->store, code, mdb_del(txn->mdb, txn->store->dbs[db], key, NULL));
	return code;
}

void store_del(struct txn *txn, unsigned db, struct bytes key)
{
	MDB_val k = to_val(key);
	int code;

	if (!usable(txn, db))
		return;
	code = del(txn, db, &k);
	if (code != MDB_NOTFOUND)
		check(txn, code);
}

static int seek(
	struct txn *txn, unsigned db, struct bytes from, bool beyond, MDB_val *k, MDB_val *v)
{
	MDB_cursor *cursor;
	int code = mdb_cursor_open(txn->mdb, txn->store->dbs[db], &cursor);

	if (code != 0)
		return code;
	code = mdb_cursor_get(cursor, k, v, from.len > 0 ? MDB_SET_RANGE : MDB_FIRST);
	if (code == 0 && beyond && k->mv_size == from.len &&
		memcmp(k->mv_data, from.data, from.len) == 0)
		code = mdb_cursor_get(cursor, k, v, MDB_NEXT);
	mdb_cursor_close(cursor);
	/* In pages that changed places keys are not in order, and whoever goes from
	 * one to the next would never come to an end. */
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
	int code;

	if (!usable(txn, db))
		return txn->failed ? FAILED : ABSENT;
	GUARDED(txn->store, code, seek(txn, db, from, beyond, &k, &v));
	if (code == MDB_NOTFOUND)
		return ABSENT;
	if (!check(txn, code))
		return FAILED;
	*key = (struct bytes){k.mv_data, k.mv_size};
	*value = (struct bytes){v.mv_data, v.mv_size};
	return FOUND;
}

static int count(struct txn *txn, unsigned db, MDB_stat *stat)
{
	int code;

	GUARDED(txn->store, code, mdb_stat(txn->mdb, txn->store->dbs[db], stat));
	return code;
}

size_t store_count(struct txn *txn, unsigned db)
{
	MDB_stat stat;

	if (!usable(txn, db) || !check(txn, count(txn, db, &stat)))
		return 0;
	return stat.ms_entries;
}

static int drop(struct txn *txn, unsigned db)
{
	int code;

	GUARDED(txn->store, code, mdb_drop(txn->mdb, txn->store->dbs[db], 0));
	return code;
}

void store_clear(struct txn *txn, unsigned db)
{
	if (usable(txn, db))
		check(txn, drop(txn, db));
}

/* --- what is left of a damaged file ---------------------------------------- */

/* As much of LMDB's pages as a rescue has to know: a head of 16 bytes with the flags
 * at 10 and the end of the list of offsets at 12; a leaf's entry is the size of its
 * value, flags, and the size of its key, 8 bytes in all, then key and value. */
#define PAGE_HEAD  16u
#define ENTRY_HEAD 8u
#define LEAF	   0x02u
#define KINDS	   0x6fu /* branch, leaf, overflow, meta, and the kinds of leaves without values */

static unsigned u16_at(const unsigned char *page, size_t at)
{
	uint16_t n;

	memcpy(&n, page + at, sizeof(n));
	return n;
}

static void scavenge_page(const unsigned char *page, size_t size, size_t key_len,
	void (*each)(void *, struct bytes, struct bytes), void *user)
{
	size_t slots_end = u16_at(page, 12);

	if ((u16_at(page, 10) & KINDS) != LEAF || slots_end < PAGE_HEAD || slots_end > size)
		return;
	for (size_t slot = PAGE_HEAD; slot + 2 <= slots_end; slot += 2) {
		size_t at = u16_at(page, slot), len, keys;
		if (at < slots_end || at + ENTRY_HEAD > size)
			continue;
		len = u16_at(page, at) | (size_t)u16_at(page, at + 2) << 16;
		keys = u16_at(page, at + 6);
		if (u16_at(page, at + 4) != 0 || keys != key_len || len > size ||
			at + ENTRY_HEAD + keys + len > size)
			continue;
		each(user, (struct bytes){page + at + ENTRY_HEAD, keys},
			(struct bytes){page + at + ENTRY_HEAD + keys, len});
	}
}

void store_scavenge(const char *dir, size_t key_len,
	void (*each)(void *user, struct bytes key, struct bytes value), void *user)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char *page = arena_malloc(size);
	char path[LIMIT_PATH_BYTES];
	off_t at = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/data.mdb", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	for (; fd >= 0 && pread(fd, page, size, at) == (ssize_t)size; at += (off_t)size)
		scavenge_page(page, size, key_len, each, user);
	if (fd >= 0)
		close(fd);
	free(page);
}
