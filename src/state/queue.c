/*
 * queue.c - see queue.h.
 *
 * QUEUE_JOBS     scene (u64)                          → job record
 * QUEUE_DUE      class (u8) due_ms (u64) scene (u64)  → "" ; ready jobs only
 * QUEUE_WAITING  name digest (16) scene (u64)         → "" ; jobs that are not ready
 * QUEUE_BULK     digest (16)                          → first seen, ms (u64)
 *
 * Job record: version 1, state u8, origin u8, force u8, due u64, event u64,
 * events u64, attempts u32, path, reason, count u32, name digests.
 * All numbers big-endian, so keys sort as numbers do.
 */
#include "state/queue.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "state/state.h"

#define JOB_VERSION 1

static struct bytes due_key(
	unsigned char key[17], enum origin origin, int64_t due_ms, int64_t scene)
{
	key[0] = (unsigned char)origin;
	record_key(key + 1, due_ms < 0 ? 0 : due_ms);
	record_key(key + 9, scene);
	return (struct bytes){key, 17};
}

static struct bytes waiting_key(unsigned char key[24], const struct digest *name, int64_t scene)
{
	memcpy(key, name->bytes, DIGEST_BYTES);
	record_key(key + DIGEST_BYTES, scene);
	return (struct bytes){key, 24};
}

static bool parse_job(struct bytes value, int64_t scene, struct job *job, struct arena *a)
{
	struct record_reader in;
	uint32_t names;

	record_open(&in, value, a);
	if (record_u8(&in) != JOB_VERSION)
		return false;
	*job = (struct job){.scene = scene};
	job->state = record_u8(&in);
	job->origin = record_u8(&in);
	job->force = record_u8(&in) != 0;
	job->due_ms = (int64_t)record_u64(&in);
	job->event_ms = (int64_t)record_u64(&in);
	job->events = record_u64(&in);
	job->attempts = record_u32(&in);
	job->path = record_text(&in);
	job->reason = record_text(&in);
	names = record_u32(&in);
	if (in.bad || names > in.left / DIGEST_BYTES)
		return false;
	job->names = arena_array(a, names, sizeof(*job->names));
	for (; names > 0; names--)
		job->names[job->name_count++] = record_digest(&in);
	return record_ok(&in) && job->state <= JOB_FAILED && job->origin <= ORIGIN_SWEEP;
}

bool queue_is_job(struct bytes record)
{
	struct arena a;
	struct job job;
	bool is_job;

	arena_init(&a);
	is_job = parse_job(record, 0, &job, &a);
	arena_clear(&a);
	return is_job;
}

enum lookup queue_get(struct txn *txn, int64_t scene, struct job *job, struct arena *a)
{
	unsigned char key[8];
	struct bytes value;
	enum lookup found = store_get(txn, QUEUE_JOBS, record_key(key, scene), &value);

	if (found != FOUND)
		return found;
	if (parse_job(value, scene, job, a))
		return FOUND;
	/* A job that cannot be read is done again from the beginning: the
	 * scene's id, its key, is all that a job needs. */
	*job = (struct job){.scene = scene, .damaged = true, .path = "", .reason = ""};
	return FOUND;
}

/* Removes a scene's entries from a table whose keys end in the scene. */
static void unlink_scene(struct txn *txn, enum queue_db db, size_t key_len, int64_t scene)
{
	unsigned char key[24];
	struct bytes k = {"", 0}, v;

	while (store_seek(txn, db, k, k.len > 0, &k, &v) == FOUND) {
		if (k.len != key_len || record_key_number(k.data, key_len - 8) != scene)
			continue;
		memcpy(key, k.data, key_len);
		k = (struct bytes){key, key_len};
		store_del(txn, db, k);
	}
}

/* Removes what the job stands in beside QUEUE_JOBS. */
static void unlink_job(struct txn *txn, const struct job *job)
{
	unsigned char key[24];

	if (job->damaged) { /* what it stood in is not known */
		unlink_scene(txn, QUEUE_DUE, 17, job->scene);
		unlink_scene(txn, QUEUE_WAITING, 24, job->scene);
		return;
	}
	store_del(txn, QUEUE_DUE, due_key(key, job->origin, job->due_ms, job->scene));
	for (size_t i = 0; i < job->name_count; i++)
		store_del(txn, QUEUE_WAITING, waiting_key(key, &job->names[i], job->scene));
}

static void save_job(struct txn *txn, const struct job *job)
{
	unsigned char key[24];
	struct arena a;
	struct str out;

	arena_init(&a);
	str_init(&out, &a);
	record_put_u8(&out, JOB_VERSION);
	record_put_u8(&out, (uint8_t)job->state);
	record_put_u8(&out, (uint8_t)job->origin);
	record_put_u8(&out, job->force);
	record_put_u64(&out, (uint64_t)job->due_ms);
	record_put_u64(&out, (uint64_t)job->event_ms);
	record_put_u64(&out, job->events);
	record_put_u32(&out, job->attempts);
	record_put_text(&out, job->path);
	record_put_text(&out, job->reason);
	record_put_u32(&out, (uint32_t)job->name_count);
	for (size_t i = 0; i < job->name_count; i++)
		record_put_digest(&out, &job->names[i]);
	store_put(txn, QUEUE_JOBS, record_key(key, job->scene), record_bytes(&out));
	if (job->state == JOB_READY)
		store_put(txn, QUEUE_DUE, due_key(key, job->origin, job->due_ms, job->scene),
			(struct bytes){"", 0});
	for (size_t i = 0; job->state != JOB_READY && i < job->name_count; i++)
		store_put(txn, QUEUE_WAITING, waiting_key(key, &job->names[i], job->scene),
			(struct bytes){"", 0});
	arena_clear(&a);
}

static void make_due(struct job *job, int64_t now_ms)
{
	job->state = JOB_READY;
	job->due_ms = now_ms;
	job->attempts = 0;
	job->name_count = 0;
}

/* One counter for all jobs: a job that was removed and queued again is not
 * mistaken for the one that somebody took before. */
static uint64_t next_event(struct txn *txn)
{
	unsigned char next[8];
	struct bytes value;
	uint64_t n = 0;

	if (state_meta_get(txn, "events", &value) == FOUND && value.len == 8)
		n = (uint64_t)record_key_number(value.data, 0);
	store_put(txn, QUEUE_META, (struct bytes){"events", 6}, record_key(next, (int64_t)++n));
	return n;
}

void queue_add(struct txn *txn, const struct event *event, int64_t now_ms)
{
	struct arena a;
	struct job job = {.scene = event->scene, .origin = event->origin, .path = "", .reason = ""};

	assert(event->scene > 0);
	arena_init(&a);
	if (queue_get(txn, event->scene, &job, &a) == FOUND) {
		unlink_job(txn, &job);
		if (event->origin < job.origin)
			job.origin = event->origin;
	}
	make_due(&job, now_ms);
	job.event_ms = now_ms;
	job.events = next_event(txn);
	job.force |= event->force;
	save_job(txn, &job);
	arena_clear(&a);
}

bool queue_is_due(int64_t due_ms, int64_t now_ms)
{
	return due_ms <= now_ms || due_ms - now_ms > 2 * LIMIT_BACKOFF_MAX_MS;
}

/* First entry of QUEUE_DUE behind 'key' that is due; 'key' moves to it. */
static enum lookup next_due(struct txn *txn, unsigned char key[17], int64_t now_ms, int64_t *scene)
{
	struct bytes k, v;
	enum lookup found;
	bool beyond = true;

	for (;;) {
		found = store_seek(txn, QUEUE_DUE, (struct bytes){key, 17}, beyond, &k, &v);
		if (found != FOUND)
			return found;
		if (k.len != 17) {
			store_fail(txn, "an entry of the queue has a wrong length");
			return FAILED;
		}
		memcpy(key, k.data, 17);
		if (queue_is_due(record_key_number(key, 1), now_ms)) {
			*scene = record_key_number(key, 9);
			return FOUND;
		}
		/* Not due: on to those of this class that are too far away. */
		due_key(key, (enum origin)key[0], now_ms + 2 * LIMIT_BACKOFF_MAX_MS + 1, 0);
		beyond = false;
	}
}

bool queue_due(struct txn *txn, int64_t now_ms, int64_t except)
{
	unsigned char key[17] = {0};
	int64_t scene;

	while (next_due(txn, key, now_ms, &scene) == FOUND) {
		if (scene != except)
			return true;
	}
	return false;
}

/* With the lock held, what a snapshot showed is read again: its last holder
 * may have finished it in between. */
static enum lookup take_locked(struct store *store, int64_t scene, bool only_due, int64_t now_ms,
	struct job *job, struct arena *a, struct err *err)
{
	struct txn txn;
	enum lookup found;

	store_begin(&txn, store, TXN_READ);
	found = queue_get(&txn, scene, job, a);
	if (!store_commit(&txn, err))
		return FAILED;
	if (found == FOUND && only_due &&
		(job->state != JOB_READY || !queue_is_due(job->due_ms, now_ms)))
		return ABSENT;
	return found;
}

static enum lookup lock_scene(struct locks *locks, int64_t scene, struct err *err)
{
	enum lookup locked = lock_try_scene(locks, scene);

	if (locked == FAILED)
		err_set(err, ERR_STORE, "scene %lld cannot be locked: %s", (long long)scene,
			strerror(errno));
	return locked;
}

enum lookup queue_take_scene(struct store *store, struct locks *locks, int64_t scene,
	struct job *job, struct arena *a, struct err *err)
{
	enum lookup found = lock_scene(locks, scene, err);

	if (found != FOUND)
		return found;
	found = take_locked(store, scene, false, 0, job, a, err);
	if (found != FOUND)
		lock_release_scene(locks, scene);
	return found;
}

/* An entry of QUEUE_DUE that no job stands for would be due for ever. */
static void drop_stray(struct store *store, const unsigned char key[17], int64_t scene)
{
	unsigned char own[17];
	struct arena a;
	struct job job;
	struct txn txn;
	bool stray;

	arena_init(&a);
	store_begin(&txn, store, TXN_WRITE);
	stray = queue_get(&txn, scene, &job, &a) != FOUND || job.state != JOB_READY ||
		memcmp(due_key(own, job.origin, job.due_ms, scene).data, key, 17) != 0;
	if (stray)
		store_del(&txn, QUEUE_DUE, (struct bytes){key, 17});
	store_commit(&txn, NULL);
	arena_clear(&a);
}

enum lookup queue_take(struct store *store, struct locks *locks, int64_t now_ms, struct job *job,
	struct arena *a, struct err *err)
{
	unsigned char key[17] = {0};
	enum lookup found;
	int64_t scene;
	struct txn txn;

	for (;;) {
		store_begin(&txn, store, TXN_READ);
		found = next_due(&txn, key, now_ms, &scene);
		if (!store_commit(&txn, err))
			return FAILED;
		if (found != FOUND)
			return ABSENT;
		found = lock_scene(locks, scene, err);
		if (found == ABSENT)
			continue; /* somebody works on it */
		if (found == FAILED)
			return FAILED;
		found = take_locked(store, scene, true, now_ms, job, a, err);
		if (found != ABSENT)
			break;
		drop_stray(store, key, scene);
		lock_release_scene(locks, scene);
	}
	if (found == FAILED)
		lock_release_scene(locks, scene);
	return found;
}

void queue_release(struct locks *locks, const struct job *job)
{
	lock_release_scene(locks, job->scene);
}

/* Reads the job as it is now; false if it is gone or a new event came. */
static bool still_ours(struct txn *txn, const struct job *taken, struct job *now, struct arena *a)
{
	return queue_get(txn, taken->scene, now, a) == FOUND && now->events == taken->events;
}

void queue_ack(struct txn *txn, const struct job *taken)
{
	struct arena a;
	struct job job;

	arena_init(&a);
	if (still_ours(txn, taken, &job, &a))
		queue_remove(txn, taken->scene);
	arena_clear(&a);
}

/* Replaces the stored job by what the caller decided, unless an event came. */
static void settle(struct txn *txn, const struct job *taken, enum job_state state, int64_t due_ms,
	uint32_t attempts, const char *reason)
{
	struct arena a;
	struct job job;
	char *reason_text;

	arena_init(&a);
	if (still_ours(txn, taken, &job, &a)) {
		unlink_job(txn, &job);
		job.state = state;
		job.due_ms = due_ms;
		job.attempts = attempts;
		job.path = taken->path;
		reason_text = arena_strdup(&a, reason);
		log_mask(reason_text); /* servers echo what they were sent */
		job.reason = reason_text;
		job.names = taken->names;
		job.name_count = state == JOB_READY ? 0 : taken->name_count;
		save_job(txn, &job);
	}
	arena_clear(&a);
}

void queue_defer(struct txn *txn, const struct job *job, int64_t due_ms, const char *reason)
{
	settle(txn, job, JOB_READY, due_ms, job->attempts + 1, reason);
}

void queue_keep(struct txn *txn, const struct job *job, int64_t now_ms, const char *reason)
{
	settle(txn, job, JOB_READY, now_ms, job->attempts, reason);
}

void queue_wait(struct txn *txn, const struct job *job, const char *reason)
{
	settle(txn, job, JOB_WAITING, 0, 0, reason);
}

void queue_fail(struct txn *txn, const struct job *job, const char *reason)
{
	settle(txn, job, JOB_FAILED, 0, job->attempts + 1, reason);
}

void queue_remove(struct txn *txn, int64_t scene)
{
	unsigned char key[8];
	struct arena a;
	struct job job;

	arena_init(&a);
	if (queue_get(txn, scene, &job, &a) == FOUND) {
		unlink_job(txn, &job);
		store_del(txn, QUEUE_JOBS, record_key(key, scene));
	}
	arena_clear(&a);
}

/* Makes a job due. 'anew': a person asks again, so what was known of Plex before
 * then does not count. */
static void revive(struct txn *txn, int64_t scene, bool anew, int64_t now_ms)
{
	struct arena a;
	struct job job;

	arena_init(&a);
	if (queue_get(txn, scene, &job, &a) == FOUND) {
		unlink_job(txn, &job);
		make_due(&job, now_ms);
		if (anew)
			job.event_ms = now_ms;
		save_job(txn, &job);
	}
	arena_clear(&a);
}

static bool first_awaiting(struct txn *txn, const struct digest *name, unsigned char key[24])
{
	struct bytes k, v;

	if (store_seek(txn, QUEUE_WAITING, waiting_key(key, name, 0), false, &k, &v) != FOUND ||
		k.len != 24 || memcmp(k.data, name->bytes, DIGEST_BYTES) != 0)
		return false;
	memcpy(key, k.data, 24);
	return true;
}

enum lookup queue_next_awaited(struct txn *txn, struct digest *name)
{
	unsigned char key[24];
	struct bytes k, v;
	enum lookup found;

	waiting_key(key, name, INT64_MAX);
	found = store_seek(txn, QUEUE_WAITING, (struct bytes){key, sizeof(key)}, true, &k, &v);
	if (found == FOUND && k.len == sizeof(key))
		memcpy(name->bytes, k.data, DIGEST_BYTES);
	return found == FOUND && k.len != sizeof(key) ? ABSENT : found;
}

bool queue_is_awaited(struct txn *txn, const struct digest *name)
{
	unsigned char key[24];

	return first_awaiting(txn, name, key);
}

static bool is_waiting(struct txn *txn, int64_t scene)
{
	struct arena a;
	struct job job;
	bool waiting;

	arena_init(&a);
	waiting = queue_get(txn, scene, &job, &a) != FOUND || job.state != JOB_FAILED;
	arena_clear(&a);
	return waiting;
}

size_t queue_wake(struct txn *txn, const struct digest *name, bool failed_too, int64_t now_ms)
{
	unsigned char key[24];
	struct bytes k, v;
	size_t count = 0;
	bool beyond = false;

	waiting_key(key, name, 0);
	while (store_seek(txn, QUEUE_WAITING, (struct bytes){key, sizeof(key)}, beyond, &k, &v) ==
			FOUND &&
		k.len == sizeof(key) && memcmp(k.data, name->bytes, DIGEST_BYTES) == 0) {
		int64_t scene = record_key_number(k.data, DIGEST_BYTES);
		memcpy(key, k.data, sizeof(key));
		beyond = true;
		if (!failed_too && !is_waiting(txn, scene))
			continue;
		revive(txn, scene, false, now_ms);
		store_del(txn, QUEUE_WAITING, (struct bytes){key, sizeof(key)});
		count++;
	}
	return count;
}

enum lookup queue_next(
	struct txn *txn, enum job_state state, int64_t after, struct job *job, struct arena *a)
{
	unsigned char key[8];
	struct bytes k, v;
	enum lookup found;

	for (;;) {
		found = store_seek(txn, QUEUE_JOBS, record_key(key, after), true, &k, &v);
		if (found != FOUND)
			return found;
		if (k.len != 8) {
			store_fail(txn, "a job of the queue has a wrong key");
			return FAILED;
		}
		after = record_key_number(k.data, 0);
		/* The state is the second byte: most jobs are passed by without parsing. */
		if (v.len > 1 && ((const unsigned char *)v.data)[1] == (unsigned char)state)
			return queue_get(txn, after, job, a);
	}
}

size_t queue_ready(struct txn *txn)
{
	return store_count(txn, QUEUE_DUE);
}

void queue_count(struct txn *txn, int64_t now_ms, struct queue_counts *counts)
{
	unsigned char key[17] = {0};
	struct bytes k = {key, 8}, v;
	bool beyond = false;
	int64_t scene;

	*counts = (struct queue_counts){0};
	counts->ready = queue_ready(txn);
	while (next_due(txn, key, now_ms, &scene) == FOUND)
		counts->due++;
	memset(key, 0, sizeof(key));
	while (store_seek(txn, QUEUE_JOBS, k, beyond, &k, &v) == FOUND) {
		if (v.len > 1 && ((const unsigned char *)v.data)[1] == JOB_WAITING)
			counts->waiting++;
		if (v.len > 1 && ((const unsigned char *)v.data)[1] == JOB_FAILED)
			counts->failed++;
		beyond = true;
	}
}

size_t queue_retry_failed(struct txn *txn, int64_t scene, int64_t now_ms)
{
	struct arena a;
	struct job job;
	int64_t after = scene > 0 ? scene - 1 : 0;
	size_t count = 0;

	arena_init(&a);
	while (queue_next(txn, JOB_FAILED, after, &job, &a) == FOUND) {
		if (scene > 0 && job.scene != scene)
			break;
		revive(txn, job.scene, true, now_ms);
		after = job.scene;
		count++;
		arena_clear(&a);
	}
	arena_clear(&a);
	return count;
}

size_t queue_clear_failed(struct txn *txn, int64_t before_ms)
{
	struct arena a;
	struct job job;
	int64_t after = 0;
	size_t count = 0;

	arena_init(&a);
	while (queue_next(txn, JOB_FAILED, after, &job, &a) == FOUND) {
		after = job.scene;
		if (job.event_ms < before_ms) {
			queue_remove(txn, job.scene);
			count++;
		}
		arena_clear(&a);
	}
	arena_clear(&a);
	return count;
}

struct failed_job {
	int64_t event_ms, scene;
};

static int by_age(const void *x, const void *y)
{
	const struct failed_job *a = x, *b = y;

	if (a->event_ms != b->event_ms)
		return a->event_ms < b->event_ms ? -1 : 1;
	return (a->scene > b->scene) - (a->scene < b->scene);
}

/* All failed jobs; 'count' of them are known to be there. */
static struct failed_job *list_failed(struct txn *txn, size_t *count, struct arena *a)
{
	struct failed_job *list = arena_array(a, *count, sizeof(*list));
	size_t n = 0;
	struct arena each;
	struct job job = {0};

	arena_init(&each);
	while (n < *count && queue_next(txn, JOB_FAILED, job.scene, &job, &each) == FOUND) {
		list[n++] = (struct failed_job){job.event_ms, job.scene};
		arena_clear(&each);
	}
	arena_clear(&each);
	*count = n;
	return list;
}

size_t queue_trim_failed(struct txn *txn, size_t most)
{
	struct queue_counts counts;
	struct failed_job *list;
	struct arena a;

	queue_count(txn, 0, &counts);
	if (counts.failed <= most)
		return 0;
	arena_init(&a);
	list = list_failed(txn, &counts.failed, &a);
	qsort(list, counts.failed, sizeof(*list), by_age);
	for (size_t i = 0; i + most < counts.failed; i++)
		queue_remove(txn, list[i].scene);
	arena_clear(&a);
	return counts.failed > most ? counts.failed - most : 0;
}

size_t queue_clear(struct txn *txn)
{
	unsigned char key[8];
	struct bytes k, v;
	struct arena a;
	struct job job;
	int64_t after = 0;
	size_t count = 0;

	arena_init(&a);
	while (store_seek(txn, QUEUE_JOBS, record_key(key, after), true, &k, &v) == FOUND &&
		k.len == 8) {
		after = record_key_number(k.data, 0);
		if (queue_get(txn, after, &job, &a) == FOUND && job.state != JOB_FAILED) {
			queue_remove(txn, after);
			count++;
		}
		arena_clear(&a);
	}
	arena_clear(&a);
	return count;
}

static bool bulk_fresh(int64_t seen_ms, int64_t now_ms)
{
	int64_t age = clock_age_ms(now_ms, seen_ms);

	return age >= 0 && age < LIMIT_BULK_MEMORY_MS;
}

int64_t queue_bulk_seen(struct txn *txn, const struct digest *digest, int64_t now_ms)
{
	struct bytes value;
	int64_t seen;

	if (store_get(txn, QUEUE_BULK, (struct bytes){digest->bytes, DIGEST_BYTES}, &value) !=
			FOUND ||
		value.len != 8)
		return 0;
	seen = record_key_number(value.data, 0);
	return bulk_fresh(seen, now_ms) ? seen : 0;
}

void queue_bulk_remember(struct txn *txn, const struct digest *digest, int64_t now_ms)
{
	unsigned char key[DIGEST_BYTES] = {0}, time[8];
	struct bytes k, v;
	bool beyond = false;

	/* Old ones go first; if that leaves too many, all of them go: the worst
	 * that a forgotten one costs is that its scenes are checked twice. */
	while (store_seek(txn, QUEUE_BULK, (struct bytes){key, sizeof(key)}, beyond, &k, &v) ==
			FOUND &&
		k.len == sizeof(key)) {
		memcpy(key, k.data, sizeof(key));
		beyond = true;
		if (v.len != 8 || !bulk_fresh(record_key_number(v.data, 0), now_ms))
			store_del(txn, QUEUE_BULK, (struct bytes){key, sizeof(key)});
	}
	if (store_count(txn, QUEUE_BULK) >= LIMIT_BULK_MEMORY)
		store_clear(txn, QUEUE_BULK);
	store_put(txn, QUEUE_BULK, (struct bytes){digest->bytes, DIGEST_BYTES},
		record_key(time, now_ms));
}

int64_t queue_backoff_ms(uint32_t attempts, int64_t scene)
{
	int64_t ms = LIMIT_BACKOFF_FIRST_MS;

	for (; attempts > 0 && ms < LIMIT_BACKOFF_MAX_MS; attempts--)
		ms *= 2;
	if (ms > LIMIT_BACKOFF_MAX_MS)
		ms = LIMIT_BACKOFF_MAX_MS;
	return ms + ms / 5 * (scene % 16) / 16;
}
