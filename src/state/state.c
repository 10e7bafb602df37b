/*
 * state.c - see state.h.
 *
 *   DIR/locks          record locks (base/lock.h)
 *   DIR/queue/         LMDB, synced
 *   DIR/cache/         LMDB, not synced
 *   DIR/cache-dirty    see cache_mark.h
 */
#include "state/state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/log.h"
#include "state/cache_mark.h"
#include "state/rescue.h"
#include "state/tables.h"
#include "store/health.h"

/* What a user has to know who lost the history. */
#define HISTORY_IS_LOST                                                                            \
	"What was remembered of earlier pushes is lost: values that are locked in Plex are not "   \
	"replaced until you save a scene or run \"Sync all scenes\""

static struct store *open_queue(struct state *state, const char *dir, struct err *err)
{
	struct store_options options = {.name = "queue",
		.dir = dir,
		.version = TABLES_QUEUE_VERSION,
		.oldest = TABLES_QUEUE_OLDEST,
		.durable = true,
		.databases = tables_queue,
		.count = QUEUE_DATABASES,
		.when_full =
			"move that folder away while no task of PlexSync runs. What was queued "
			"and what is remembered of earlier pushes is lost then, nothing in Plex",
		.locks = &state->locks,
		.inside = LOCK_IN_QUEUE,
		.gate = LOCK_NONE};

	return file_make_dirs(dir, err) ? store_open(&options, err) : NULL;
}

static struct store *open_cache(struct state *state, const char *dir, struct err *err)
{
	struct store_options options = {.name = "cache",
		.dir = dir,
		.version = TABLES_CACHE_VERSION,
		.durable = false,
		.databases = tables_cache,
		.count = CACHE_DATABASES,
		.when_full = "run the task \"Clear caches\"",
		.locks = &state->locks,
		.inside = LOCK_IN_CACHE,
		.gate = LOCK_CACHE_WRITE};

	return file_make_dirs(dir, err) ? store_open(&options, err) : NULL;
}

/* Most signs of damage are none: a program that was killed, a disk that could not be
 * read once. What is whole is kept. Under a lock. */
static struct store *open_verified(struct state *state, const char *dir,
	struct store *(*open)(struct state *, const char *, struct err *), struct err *err)
{
	struct store *store = open(state, dir, err);

	if (store != NULL || err->status != STORE_DAMAGED)
		return store;
	switch (health_verify(dir)) {
	case HEALTH_WHOLE:
		log_info("%s looked damaged, was read as a whole, and is not", dir);
		health_clear(dir);
		return open(state, dir, err);
	case HEALTH_DAMAGED:
		return NULL;
	case HEALTH_UNKNOWN:
	default:
		err_set(err, ERR_STORE, "%s looks damaged, and cannot be verified now", dir);
		return NULL;
	}
}

/* --- the queue ------------------------------------------------------------------ */

/* Removes the new one that was begun, and takes back the old one. */
static void take_back(const char *dir, const char *aside, struct err *err)
{
	file_empty_dir(dir);
	rmdir(dir);
	if (rename(aside, dir) != 0)
		err_context(err, "it is damaged, and was set aside as %s", aside);
}

static struct store *set_aside(struct state *state, const char *dir, struct err *err)
{
	char aside[LIMIT_PATH_BYTES];
	struct store *fresh;
	size_t count;

	snprintf(aside, sizeof(aside), "%s/queue.damaged-%lld", state->dir,
		(long long)clock_now_ms());
	if (rename(dir, aside) != 0) {
		err_context(err, "it cannot be set aside (%s)", strerror(errno));
		return NULL;
	}
	fresh = open_queue(state, dir, err);
	if (fresh == NULL || !rescue_jobs(aside, fresh, &count, err)) {
		store_close(fresh); /* no room, perhaps: tried again when there is */
		take_back(dir, aside, err);
		return NULL;
	}
	log_warning("The queue was damaged. It is kept as %s; %zu scenes of it are queued "
		    "again. " HISTORY_IS_LOST,
		aside, count);
	return fresh;
}

/* Unless somebody else did it meanwhile. */
static struct store *mend_queue(struct state *state, const char *dir, struct err *err)
{
	struct store *store;

	lock_wait(&state->locks, LOCK_CACHE);
	store = open_verified(state, dir, open_queue, err);
	if (store == NULL && err->status == STORE_DAMAGED)
		store = set_aside(state, dir, err);
	lock_release(&state->locks, LOCK_CACHE);
	return store;
}

/* A file of 0 bytes is a new one to LMDB. Where there are caches there was a queue. */
static bool was_emptied(const char *dir)
{
	char path[LIMIT_PATH_BYTES];
	struct stat st;

	snprintf(path, sizeof(path), "%s/queue/data.mdb", dir);
	if (stat(path, &st) != 0 || st.st_size > 0)
		return false;
	snprintf(path, sizeof(path), "%s/cache", dir);
	return access(path, F_OK) == 0;
}

#define WAY_OUT "set PLEXSYNC_STATE, in the environment of Stash, to a folder on a local disk"

/* Network file systems give locks and shared maps that do not work. */
static bool is_fit(const char *dir, struct err *err)
{
	const char *name;

	if (file_system(dir, &name) != FILE_SYSTEM_NETWORK)
		return true;
	return err_set(err, ERR_STORE,
		"the folder %s is on a network file system (%s), which can keep no queue: " WAY_OUT,
		dir, name);
}

/* A file system in user space (FUSE) need not be able to share maps: then LMDB does not
 * open. */
static bool explain_fuse(const char *dir, struct err *err)
{
	struct err why = *err;
	const char *name;

	if (file_system(dir, &name) == FILE_SYSTEM_FUSE)
		err_set(err, ERR_STORE, "%.500s (the folder is on FUSE); " WAY_OUT, why.text);
	return false;
}

static bool open_or_mend(struct state *state, struct err *err)
{
	char path[LIMIT_PATH_BYTES];

	snprintf(path, sizeof(path), "%s/queue", state->dir);
	state->queue = open_queue(state, path, err);
	if (state->queue == NULL && err->status == STORE_DAMAGED)
		state->queue = mend_queue(state, path, err);
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
	snprintf(path, sizeof(path), "%s/locks", dir);
	if (!lock_open(&state->locks, path, err))
		return false;
	emptied = was_emptied(dir);
	if (open_or_mend(state, err) && emptied)
		log_warning(
			"The queue's file was empty: what was queued is lost. " HISTORY_IS_LOST);
	return state->queue != NULL || explain_fuse(dir, err);
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

/* Under a lock: no process of this boot has it open yet that did not pass the same
 * check. */
static void discard_cache(const struct state *state, const char *dir)
{
	FAULT("cache.discard");
	if (file_empty_dir(dir))
		cache_mark_remove(state->dir);
	FAULT("cache.discarded");
}

struct store *state_cache(struct state *state)
{
	char dir[LIMIT_PATH_BYTES];
	struct err err;

	if (state->cache_tried || state->queue == NULL)
		return state->cache;
	state->cache_tried = true;
	snprintf(dir, sizeof(dir), "%s/cache", state->dir);
	lock_wait(&state->locks, LOCK_CACHE);
	if (cache_mark_survived_a_stop(state->dir)) {
		log_info("The machine stopped while the caches were being written: they are "
			 "thrown away and built again");
		discard_cache(state, dir);
	}
	state->cache = open_verified(state, dir, open_cache, &err);
	if (state->cache == NULL &&
		(err.status == STORE_DAMAGED || err.status == STORE_OTHER_VERSION)) {
		log_info("The caches are built again: %s", err.text);
		discard_cache(state, dir);
		state->cache = open_cache(state, dir, &err);
	}
	lock_release(&state->locks, LOCK_CACHE);
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
		cache_mark_set(state->dir);
	return !txn->failed;
}

/* Nobody waits for the disk: it is written to outside of a transaction. The mark goes
 * only if nobody committed meanwhile, or is about to; else the next flush takes it. */
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
		cache_mark_remove(state->dir);
	store_abort(&txn);
	FAULT("cache.clean");
}
