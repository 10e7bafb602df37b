/*
 * state.c - see state.h.
 *
 *   DIR/locks          record locks (base/lock.h)
 *   DIR/queue/         LMDB, synced
 *   DIR/cache/         LMDB, not synced
 *   DIR/probed         there once a folder on FUSE was tried out and found fit
 *   DIR/cache-dirty    there while cache/ may hold commits that are not on the
 *                      disk; its text is the boot of the machine they were made in
 *
 * QUEUE_META: name → record. An unknown version of the cache is rebuilt, of the
 * queue never touched.
 */
#include "state/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/log.h"
#include "base/probe.h"
#include "state/queue.h"

#define QUEUE_VERSION 1
#define CACHE_VERSION 1

static const char *const queue_names[QUEUE_DATABASES] = {
	"meta", "jobs", "due", "waiting", "bulk", "items", "scenes", "entities"};
static const char *const cache_names[CACHE_DATABASES] = {"meta", "matches", "match-names",
	"match-ages", "parts", "part-names", "sections", "stats", "scans"};

static struct bytes text_bytes(const char *text)
{
	return (struct bytes){text, strlen(text)};
}

enum lookup state_meta_get(struct txn *txn, const char *name, struct bytes *record)
{
	return store_get(txn, QUEUE_META, text_bytes(name), record);
}

void state_meta_put(struct txn *txn, const char *name, const struct str *record)
{
	store_put(txn, QUEUE_META, text_bytes(name), record_bytes(record));
}

static struct store *open_queue(
	struct state *state, const char *dir, bool *damaged, struct err *err)
{
	struct store_options options = {.name = "queue",
		.dir = dir,
		.version = QUEUE_VERSION,
		.durable = true,
		.databases = queue_names,
		.count = QUEUE_DATABASES,
		.locks = &state->locks};
	struct store *store = NULL;

	*damaged = false;
	if (file_make_dirs(dir, err))
		store = store_open(&options, damaged, err);
	if (store == NULL && err->status == STORE_OTHER_VERSION)
		*damaged = false;
	return store;
}

struct rescue {
	struct txn txn;
	size_t count;
};

static void rescue_job(void *user, struct bytes key, struct bytes value)
{
	struct event event = {.scene = record_key_number(key.data, 0)};
	struct rescue *rescue = user;
	struct arena a;
	struct job job;

	if (event.scene <= 0 || !queue_is_job(value))
		return;
	arena_init(&a);
	if (queue_get(&rescue->txn, event.scene, &job, &a) == ABSENT) {
		queue_add(&rescue->txn, &event, clock_now_ms());
		rescue->count++;
	}
	arena_clear(&a);
}

/* Queues anew every scene that can be found in a damaged queue. A page of an earlier
 * time may name one that is done: pushing that again changes nothing. */
static bool rescue_jobs(const char *from, struct store *to, size_t *count, struct err *err)
{
	struct rescue rescue = {.count = 0};

	store_begin(&rescue.txn, to, TXN_WRITE);
	store_scavenge(from, 8, rescue_job, &rescue);
	*count = rescue.count;
	return store_commit(&rescue.txn, err);
}

/* Removes the new one that was begun, and takes back the old one. */
static void take_back(const char *dir, const char *aside, struct err *err)
{
	file_empty_dir(dir);
	rmdir(dir);
	if (rename(aside, dir) != 0)
		err_context(err, "it is damaged, and was set aside as %s", aside);
}

/* A damaged queue is set aside, not deleted, and a new one begun. Under a lock,
 * and only if nobody else did it meanwhile. */
static struct store *replace_queue(struct state *state, const char *dir, struct err *err)
{
	char aside[LIMIT_PATH_BYTES];
	struct store *fresh;
	bool damaged;
	size_t count;

	fresh = open_queue(state, dir, &damaged, err);
	if (fresh != NULL || !damaged)
		return fresh;
	snprintf(aside, sizeof(aside), "%s/queue.damaged-%lld", state->dir,
		(long long)clock_now_ms());
	if (rename(dir, aside) != 0) {
		err_context(err, "it cannot be set aside (%s)", strerror(errno));
		return NULL;
	}
	fresh = open_queue(state, dir, &damaged, err);
	if (fresh == NULL || !rescue_jobs(aside, fresh, &count, err)) {
		store_close(fresh); /* no room, perhaps: tried again when there is */
		take_back(dir, aside, err);
		return NULL;
	}
	log_warning(
		"The queue was damaged. It is kept as %s; %zu scenes of it are queued anew. What "
		"else was remembered is lost: the next push of a scene writes all its fields",
		aside, count);
	return fresh;
}

static struct store *open_cache(
	struct state *state, const char *dir, bool *useless, struct err *err)
{
	struct store_options options = {.name = "cache",
		.dir = dir,
		.version = CACHE_VERSION,
		.durable = false,
		.databases = cache_names,
		.count = CACHE_DATABASES,
		.locks = &state->locks};

	*useless = false;
	return file_make_dirs(dir, err) ? store_open(&options, useless, err) : NULL;
}

#define WAY_OUT "set PLEXSYNC_STATE, in the environment of Stash, to a folder on a local disk"

/* A file system in user space is tried out once, and told of once. */
static bool check_fuse(const char *dir, struct err *err)
{
	char probed[LIMIT_PATH_BYTES];
	const char *lacks;
	int fd;

	snprintf(probed, sizeof(probed), "%s/probed", dir);
	if (access(probed, F_OK) == 0)
		return true;
	if (!probe_folder(dir, &lacks))
		return err_set(err, ERR_STORE,
			"the folder %s is on FUSE, and %s: it can keep no queue; " WAY_OUT, dir,
			lacks);
	fd = open(probed, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	log_warning("The folder %s is on FUSE, which need not keep what several processes share. "
		    "It was tried out and is used; to be sure, " WAY_OUT,
		dir);
	return true;
}

static bool check_file_system(const char *dir, struct err *err)
{
	const char *name;

	switch (file_system(dir, &name)) {
	case FILE_SYSTEM_NETWORK:
		return err_set(err, ERR_STORE,
			"the folder %s is on a network file system (%s), which can keep no "
			"queue: " WAY_OUT,
			dir, name);
	case FILE_SYSTEM_FUSE:
		return check_fuse(dir, err);
	case FILE_SYSTEM_LOCAL:
	default:
		return true;
	}
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

bool state_open(struct state *state, const char *dir, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	bool damaged, emptied;

	*state = (struct state){.locks = {.fd = -1}};
	if (dir == NULL)
		return err_set(err, ERR_STORE, "there is no folder for it");
	if (strlen(dir) + 16 > sizeof(path))
		return err_set(err, ERR_STORE, "the folder's name is too long");
	if (!file_make_dirs(dir, err))
		return false;
	if (!check_file_system(dir, err))
		return false;
	state->dir = dir;
	snprintf(path, sizeof(path), "%s/locks", dir);
	if (!lock_open(&state->locks, path, err))
		return false;
	emptied = was_emptied(dir);
	snprintf(path, sizeof(path), "%s/queue", dir);
	state->queue = open_queue(state, path, &damaged, err);
	if (state->queue != NULL && emptied)
		log_warning("The queue's file was empty: what was queued and remembered is lost. "
			    "The next push of a scene writes all its fields");
	if (state->queue == NULL && damaged) {
		lock_wait(&state->locks, LOCK_CACHE);
		state->queue = replace_queue(state, path, err);
		lock_release(&state->locks, LOCK_CACHE);
	}
	return state->queue != NULL;
}

void state_close(struct state *state)
{
	store_close(state->cache);
	store_close(state->queue);
	lock_close(&state->locks);
	*state = (struct state){.locks = {.fd = -1}};
}

/* Names the machine's current boot; "" where the system does not tell. */
static void boot_id(char id[64])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, id, 63) : 0;

	if (fd >= 0)
		close(fd);
	id[n > 0 ? n : 0] = '\0';
}

/* What cache-dirty says: FOUND with its text, or ABSENT. */
static enum lookup read_dirty(const char *path, char text[64])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? ABSENT : FAILED;
	n = read(fd, text, 63);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return FOUND;
}

static bool survived_a_stop(const char *dirty)
{
	char then[64], now[64];

	boot_id(now);
	return read_dirty(dirty, then) == FOUND && strcmp(then, now) != 0;
}

/* Throws cache/ away. Under a lock: no process of this boot has it open yet
 * that did not pass the same check. */
static void discard_cache(const char *dir, const char *dirty)
{
	FAULT("cache.discard");
	if (file_empty_dir(dir))
		unlink(dirty);
	FAULT("cache.discarded");
}

struct store *state_cache(struct state *state)
{
	char dir[LIMIT_PATH_BYTES], dirty[LIMIT_PATH_BYTES];
	struct err err;
	bool useless;

	if (state->cache_tried || state->queue == NULL)
		return state->cache;
	state->cache_tried = true;
	snprintf(dir, sizeof(dir), "%s/cache", state->dir);
	snprintf(dirty, sizeof(dirty), "%s/cache-dirty", state->dir);
	lock_wait(&state->locks, LOCK_CACHE);
	if (survived_a_stop(dirty)) {
		log_info("The machine stopped while the caches were being written: they are "
			 "thrown away and built anew");
		discard_cache(dir, dirty);
	}
	state->cache = open_cache(state, dir, &useless, &err);
	if (state->cache == NULL && useless) {
		log_info("The caches are built anew: %s", err.text);
		discard_cache(dir, dirty);
		state->cache = open_cache(state, dir, &useless, &err);
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

static void sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

/* Called inside a write transaction, which keeps two processes from doing it at
 * once; the file reaches the disk before anything of the transaction can. */
void state_touch_cache(struct state *state)
{
	char dirty[LIMIT_PATH_BYTES], fresh[LIMIT_PATH_BYTES], id[64];
	int fd;

	snprintf(dirty, sizeof(dirty), "%s/cache-dirty", state->dir);
	if (access(dirty, F_OK) == 0)
		return;
	FAULT("cache.dirty");
	snprintf(fresh, sizeof(fresh), "%s/cache-dirty.new", state->dir);
	boot_id(id);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (write(fd, id, strlen(id)) >= 0 && fsync(fd) == 0 && rename(fresh, dirty) == 0)
		sync_dir(state->dir);
	close(fd);
}

void state_flush_cache(struct state *state)
{
	char dirty[LIMIT_PATH_BYTES];
	struct txn txn;
	struct err err;

	if (state->cache == NULL)
		return;
	snprintf(dirty, sizeof(dirty), "%s/cache-dirty", state->dir);
	store_begin(&txn, state->cache, TXN_WRITE); /* nobody else writes meanwhile */
	FAULT("cache.sync");
	if (!txn.failed && store_sync(state->cache, &err))
		unlink(dirty);
	FAULT("cache.clean");
	store_abort(&txn);
}

static void random_hex(char hex[2 * DIGEST_BYTES + 1])
{
	struct digest digest = {{0}};
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, digest.bytes, sizeof(digest.bytes)) < 0)
		digest = digest_text("plexsync");
	if (fd >= 0)
		close(fd);
	digest_hex(&digest, hex);
}

char *state_client_id(struct state *state, struct arena *a)
{
	char hex[2 * DIGEST_BYTES + 1];
	struct bytes value;
	struct str record;
	struct txn txn;
	char *id = NULL;

	store_begin(&txn, state->queue, TXN_READ);
	if (state_meta_get(&txn, "client", &value) == FOUND)
		id = arena_strndup(a, value.data, value.len);
	store_abort(&txn);
	if (id != NULL)
		return id;

	/* Another process may make one at the same time: the first one stays. */
	random_hex(hex);
	store_begin(&txn, state->queue, TXN_WRITE);
	if (state_meta_get(&txn, "client", &value) == FOUND) {
		id = arena_strndup(a, value.data, value.len);
	} else {
		str_init(&record, a);
		str_add(&record, hex);
		state_meta_put(&txn, "client", &record);
		id = record.s;
	}
	if (state->queue != NULL && store_commit(&txn, NULL))
		return id;
	store_abort(&txn);
	{
		struct digest digest = digest_text(state->dir ? state->dir : "plexsync");
		digest_hex(&digest, hex);
	}
	return arena_strdup(a, hex);
}

void state_remembered(struct txn *txn, struct remembered *remembered)
{
	struct bytes value;

	*remembered = (struct remembered){0};
	if (state_meta_get(txn, "settings", &value) == FOUND && value.len == 3) {
		const unsigned char *flags = value.data;
		remembered->hook_queue_only = flags[0] != 0;
		remembered->hide_paths = flags[1] != 0;
		remembered->only_groups = flags[2] != 0;
	}
}

void state_remember(struct txn *txn, const struct remembered *remembered)
{
	unsigned char flags[3] = {
		remembered->hook_queue_only, remembered->hide_paths, remembered->only_groups};

	store_put(txn, QUEUE_META, text_bytes("settings"), (struct bytes){flags, sizeof(flags)});
}
