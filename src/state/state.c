/*
 * state.c - see state.h.
 *
 *   DIR/locks          record locks (base/lock.h)
 *   DIR/queue/         LMDB, synced
 *   DIR/cache/         LMDB, not synced
 *   DIR/cache-dirty    there while cache/ may hold commits that are not on the disk; it
 *                      names the boot of the machine in which they were made, because
 *                      after another boot what the cache holds means nothing
 */
#include "state/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/log.h"
#include "state/queue.h"
#include "state/tables.h"
#include "store/health.h"
#include "store/verify.h"

/* Names the machine's current boot, where the system does that. */
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

#define HISTORY_IS_LOST                                                                            \
	"What was remembered of earlier pushes is lost: values that are locked in Plex are not "   \
	"replaced until you save a scene or run \"Sync all scenes\". Items that you chose by "     \
	"hand have to be chosen again"

static const char *const queue_databases[QUEUE_DATABASES] = {"meta", "jobs", "due", "waiting",
	"bulk", "items", "scenes", "entities", "choices", "activity"};
static const char *const cache_databases[CACHE_DATABASES] = {
	"meta", "matches", "parts", "sections", "scans"};

static const struct store_options queue_options = {.name = "queue",
	.version = TABLES_QUEUE_VERSION,
	.oldest = TABLES_QUEUE_OLDEST,
	.durable = true,
	.databases = queue_databases,
	.count = QUEUE_DATABASES,
	.when_full = "move that folder away while no task of PlexSync runs. What was queued "
		     "and what is remembered of earlier pushes and choices is lost then, nothing "
		     "in Plex",
	.inside = LOCK_IN_QUEUE,
	.gate = LOCK_NONE};
static const struct store_options cache_options = {.name = "cache",
	.version = TABLES_CACHE_VERSION,
	.databases = cache_databases,
	.count = CACHE_DATABASES,
	.when_full = "run the task \"Clear caches\"",
	.inside = LOCK_IN_CACHE,
	.gate = LOCK_CACHE_WRITE};

static const char *path_of(const struct state *state, const char *name, char path[LIMIT_PATH_BYTES])
{
	snprintf(path, LIMIT_PATH_BYTES, "%s/%s", state->dir, name);
	return path;
}

static struct store *open_store(
	struct state *state, const struct store_options *which, struct err *err)
{
	struct store_options options = *which;
	char dir[LIMIT_PATH_BYTES];

	options.dir = path_of(state, which->name, dir);
	options.locks = &state->locks;
	return file_make_dirs(dir, err) ? store_open(&options, err) : NULL;
}

/* Most signs of damage mean nothing: a program that was killed, a disk that failed once.
 * What is whole is kept. Under a lock. */
static struct store *open_verified(
	struct state *state, const struct store_options *which, struct err *err)
{
	struct store *store = open_store(state, which, err);
	char dir[LIMIT_PATH_BYTES];

	if (store != NULL || err->status != STORE_DAMAGED)
		return store;
	switch (verify_environment(path_of(state, which->name, dir))) {
	case VERDICT_WHOLE:
		log_info("%s looked damaged. All of it was read: it is not", dir);
		health_clear(dir);
		return open_store(state, which, err);
	case VERDICT_DAMAGED:
		return NULL;
	case VERDICT_UNKNOWN:
	default:
		err_set(err, ERR_STORE, "%s looks damaged, and cannot be verified now", dir);
		return NULL;
	}
}

/* --- the queue ------------------------------------------------------------------ */

/* Removes the new one that was begun, and puts the old one back. */
static void take_back(const char *dir, const char *aside, struct err *err)
{
	file_empty_dir(dir);
	rmdir(dir);
	if (rename(aside, dir) != 0)
		err_context(err, "it is damaged, and was set aside as %s", aside);
}

static struct store *set_aside(struct state *state, struct err *err)
{
	char dir[LIMIT_PATH_BYTES], aside[LIMIT_PATH_BYTES];
	struct store *fresh;
	size_t count;

	path_of(state, "queue", dir);
	snprintf(aside, sizeof(aside), "%s/queue.damaged-%lld", state->dir,
		(long long)clock_now_ms());
	if (rename(dir, aside) != 0) {
		err_context(err, "it cannot be set aside (%s)", strerror(errno));
		return NULL;
	}
	fresh = open_store(state, &queue_options, err);
	if (fresh == NULL || !queue_rescue(aside, fresh, &count, err)) {
		store_close(fresh); /* no room, perhaps: tried again when there is */
		take_back(dir, aside, err);
		return NULL;
	}
	log_warning("The queue was damaged. It is kept as %s; %zu scenes of it are queued "
		    "again. " HISTORY_IS_LOST,
		aside, count);
	return fresh;
}

/* Unless another process has done it meanwhile. */
static struct store *mend_queue(struct state *state, struct err *err)
{
	struct store *store;

	if (!lock_enter(&state->locks))
		return NULL;
	lock_wait(&state->locks, LOCK_CACHE);
	store = open_verified(state, &queue_options, err);
	if (store == NULL && err->status == STORE_DAMAGED)
		store = set_aside(state, err);
	lock_release(&state->locks, LOCK_CACHE);
	lock_leave(&state->locks);
	return store;
}

/* LMDB takes a file of 0 bytes for a new one. Where there are caches there was a queue. */
static bool was_emptied(const struct state *state)
{
	char path[LIMIT_PATH_BYTES];
	struct stat st;

	return stat(path_of(state, "queue/data.mdb", path), &st) == 0 && st.st_size == 0 &&
	       access(path_of(state, "cache", path), F_OK) == 0;
}

#define WAY_OUT "set PLEXSYNC_STATE, in the environment of Stash, to a folder on a local disk"

/* On network file systems locks and shared maps do not work. */
static bool is_fit(const char *dir, struct err *err)
{
	const char *name;

	if (file_system(dir, &name) != FILE_SYSTEM_NETWORK)
		return true;
	return err_set(err, ERR_STORE,
		"the folder %s is on a network file system (%s), which cannot hold the "
		"queue: " WAY_OUT,
		dir, name);
}

/* Not every file system in user space (FUSE) can share maps: then LMDB does not open. */
static bool explain(const char *dir, struct err *err)
{
	struct err why = *err;
	const char *name;

	if (err->status == STORE_OTHER_VERSION)
		err_set(err, ERR_STORE,
			"%.500s. It is left as it is: install that version again, or a newer one",
			why.text);
	else if (file_system(dir, &name) == FILE_SYSTEM_FUSE)
		err_set(err, ERR_STORE, "%.500s (the folder is on FUSE); " WAY_OUT, why.text);
	err->status = why.status;
	return false;
}

static bool open_or_mend(struct state *state, struct err *err)
{
	state->queue = open_store(state, &queue_options, err);
	if (state->queue == NULL && err->status == STORE_DAMAGED)
		state->queue = mend_queue(state, err);
	return state->queue != NULL;
}

bool state_open(struct state *state, const char *dir, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	bool emptied;

	*state = (struct state){.locks = {.fd = -1}};
	if (dir == NULL)
		return err_set(err, ERR_STORE, "there is no folder for it");
	if (strlen(dir) + 32 > sizeof(path))
		return err_set(err, ERR_STORE, "the folder's name is too long");
	if (!file_make_dirs(dir, err) || !is_fit(dir, err))
		return false;
	state->dir = dir;
	if (!lock_open(&state->locks, path_of(state, "locks", path), err))
		return false;
	emptied = was_emptied(state);
	if (open_or_mend(state, err) && emptied)
		log_warning(
			"The queue's file was empty: what was queued is lost. " HISTORY_IS_LOST);
	return state->queue != NULL || explain(dir, err);
}

bool state_open_again(struct state *state, struct err *err)
{
	store_close(state->queue);
	state->queue = NULL;
	return open_or_mend(state, err);
}

void state_close(struct state *state)
{
	store_close(state->cache);
	store_close(state->queue);
	lock_close(&state->locks);
	*state = (struct state){.locks = {.fd = -1}};
}

/* --- the cache ------------------------------------------------------------------ */

/* The text of a small file; "" if it cannot be read, false if it is not there. */
static bool read_text(const char *path, char text[64])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, 63) : 0;

	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* True if the machine stopped while the cache was dirty. */
static bool was_stopped(const struct state *state)
{
	char path[LIMIT_PATH_BYTES], then[64], now[64];

	read_text(BOOT_ID, now);
	return read_text(path_of(state, "cache-dirty", path), then) && strcmp(then, now) != 0;
}

/* Writes a file, and waits until it is on the disk. */
static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool done = fd >= 0 && write(fd, text, strlen(text)) >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return done;
}

static void sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

/* In a write transaction, so that only one process does it; the mark reaches the disk before
 * anything of the transaction can. */
static void mark_dirty(const struct state *state)
{
	char dirty[LIMIT_PATH_BYTES], fresh[LIMIT_PATH_BYTES], id[64];

	if (access(path_of(state, "cache-dirty", dirty), F_OK) == 0)
		return;
	FAULT("cache.dirty");
	read_text(BOOT_ID, id);
	if (write_text(path_of(state, "cache-dirty.new", fresh), id) && rename(fresh, dirty) == 0)
		sync_dir(state->dir);
}

static void remove_mark(const struct state *state)
{
	char path[LIMIT_PATH_BYTES];

	unlink(path_of(state, "cache-dirty", path));
}

/* Under a lock: every process of this boot that has it open passed the same check. */
static void discard_cache(const struct state *state)
{
	char dir[LIMIT_PATH_BYTES];

	FAULT("cache.discard");
	if (file_empty_dir(path_of(state, "cache", dir)))
		remove_mark(state);
	FAULT("cache.discarded");
}

struct store *state_cache(struct state *state)
{
	struct err err;

	if (state->cache_tried || state->queue == NULL)
		return state->cache;
	state->cache_tried = true;
	if (!lock_enter(&state->locks))
		return NULL;
	lock_wait(&state->locks, LOCK_CACHE);
	if (was_stopped(state)) {
		log_info("The machine stopped while the caches were being written: they are "
			 "thrown away and built again");
		discard_cache(state);
	}
	state->cache = open_verified(state, &cache_options, &err);
	if (state->cache == NULL &&
		(err.status == STORE_DAMAGED || err.status == STORE_OTHER_VERSION)) {
		log_info("The caches are built again: %s", err.text);
		discard_cache(state);
		state->cache = open_store(state, &cache_options, &err);
	}
	lock_release(&state->locks, LOCK_CACHE);
	lock_leave(&state->locks);
	if (state->cache == NULL)
		log_warning("PlexSync works without its caches, more slowly: %s", err.text);
	return state->cache;
}

bool state_reset_cache(struct state *state)
{
	if (state->cache == NULL || !store_is_broken(state->cache))
		return false;
	store_close(state->cache);
	state->cache = NULL;
	state->cache_tried = false;
	return state_cache(state) != NULL;
}

bool state_begin_cache(struct state *state, struct txn *txn, enum txn_mode mode)
{
	store_begin(txn, state_cache(state), mode);
	if (!txn->failed && txn->writes)
		mark_dirty(state);
	return !txn->failed;
}

/* Nobody waits for the disk: it is written to outside of a transaction. The mark goes only if
 * no process has committed meanwhile, or is about to; else the next flush removes it. */
void state_flush_cache(struct state *state)
{
	struct txn txn;
	struct err err;
	size_t synced;

	if (state->cache == NULL)
		return;
	FAULT("cache.sync");
	synced = store_last_commit(state->cache);
	if (!store_sync(state->cache, &err))
		return;
	store_begin(&txn, state->cache, TXN_TRY);
	if (!txn.failed && store_last_commit(state->cache) == synced)
		remove_mark(state);
	store_abort(&txn);
	FAULT("cache.clean");
}

const char *state_real_dir(const struct state *state, struct arena *a)
{
	char *dir = realpath(state->dir, NULL);
	const char *copy = arena_strdup(a, dir ? dir : state->dir);

	free(dir);
	return copy;
}
