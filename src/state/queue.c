/*
 * queue.c - see queue.h. Lists of jobs are in queue_list.c.
 *
 * QUEUE_JOBS     scene (u64)                          → see code_job()
 * QUEUE_DUE      class (u8) due_ms (u64) scene (u64)  → "" ; ready jobs only
 * QUEUE_WAITING  name digest (16) scene (u64)         → "" ; jobs that are not ready
 * QUEUE_META     "events"                             → the newest event's number, u64
 *
 * All numbers big-endian, so keys sort as numbers do.
 */
#include "state/queue.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "state/tables.h"
#include "store/entry.h"

/* Version 1 has no 'unattended', version 2 no 'retry' and 'restored', version 3 no title,
 * size and duration. The state is the second byte: see queue_record_is(). */
#define JOB_VERSION 4
#define DUE_KEY	    17
#define WAITING_KEY 24

static struct bytes due_key(
	unsigned char key[DUE_KEY], enum origin origin, int64_t due_ms, int64_t scene)
{
	key[0] = (unsigned char)origin;
	record_key(key + 1, due_ms < 0 ? 0 : due_ms);
	record_key(key + 9, scene);
	return (struct bytes){key, DUE_KEY};
}

static struct bytes waiting_key(
	unsigned char key[WAITING_KEY], const struct digest *name, int64_t scene)
{
	memcpy(key, name->bytes, DIGEST_BYTES);
	record_key(key + DIGEST_BYTES, scene);
	return (struct bytes){key, WAITING_KEY};
}

static void code_job(struct record *r, void *what)
{
	struct job *job = what;
	uint8_t version = JOB_VERSION, state = (uint8_t)job->state, origin = (uint8_t)job->origin;

	record_u8(r, &version);
	record_u8(r, &state);
	record_u8(r, &origin);
	record_bool(r, &job->force);
	if (version > 1)
		record_bool(r, &job->unattended);
	if (version > 2) {
		record_bool(r, &job->retry);
		record_bool(r, &job->restored);
	}
	record_i64(r, &job->due_ms);
	record_i64(r, &job->event_ms);
	record_u64(r, &job->events);
	record_u32(r, &job->attempts);
	record_text(r, &job->path);
	record_text(r, &job->reason);
	if (version > 3) {
		record_text(r, &job->title);
		record_i64(r, &job->size);
		record_i64(r, &job->duration_ms);
	} else {
		job->title = "";
	}
	job->names = record_list(
		r, job->names, &job->name_count, sizeof(*job->names), DIGEST_BYTES);
	for (size_t i = 0; i < job->name_count; i++)
		record_digest(r, &job->names[i]);
	record_refuse(r, version >= 1 && version <= JOB_VERSION && state <= JOB_FAILED &&
				 origin <= ORIGIN_SWEEP);
	job->state = (enum job_state)state;
	job->origin = (enum origin)origin;
}

bool queue_is_job(struct bytes record)
{
	struct arena a;
	struct job job;
	bool is_job;

	arena_init(&a);
	is_job = entry_parse(record, code_job, &job, sizeof(job), &a);
	arena_clear(&a);
	return is_job;
}

bool queue_record_is(struct bytes record, enum job_state state)
{
	return record.len > 1 && ((const unsigned char *)record.data)[1] == (unsigned char)state;
}

bool queue_is_failed(struct bytes record)
{
	return queue_record_is(record, JOB_FAILED) && queue_is_job(record);
}

enum lookup queue_get(struct txn *txn, int64_t scene, struct job *out, struct arena *a)
{
	unsigned char key[8];
	struct bytes value;
	enum lookup found = store_get(txn, QUEUE_JOBS, record_key(key, scene), &value);

	if (found != FOUND)
		return found;
	/* A job that cannot be read starts again from the beginning: the scene's id, its
	 * key, is all that a job needs. Who asked for it is not known. */
	if (!entry_parse(value, code_job, out, sizeof(*out), a))
		*out = (struct job){
			.damaged = true, .unattended = true, .path = "", .reason = "", .title = ""};
	out->scene = scene;
	return FOUND;
}

/* Removes a scene's entries from a table whose keys end in the scene. */
static void unlink_scene(struct txn *txn, enum queue_db db, size_t key_len, int64_t scene)
{
	struct entry_each each;

	entry_each(&each, txn, db, (struct bytes){"", 0}, key_len);
	while (entry_each_next(&each)) {
		if (record_key_number(each.last, key_len - 8) == scene)
			store_del(txn, db, each.key);
	}
}

/* Removes the job's entries in the other tables. */
static void unlink_job(struct txn *txn, const struct job *job)
{
	unsigned char key[WAITING_KEY];

	if (job->damaged) { /* they are not known */
		unlink_scene(txn, QUEUE_DUE, DUE_KEY, job->scene);
		unlink_scene(txn, QUEUE_WAITING, WAITING_KEY, job->scene);
		return;
	}
	store_del(txn, QUEUE_DUE, due_key(key, job->origin, job->due_ms, job->scene));
	for (size_t i = 0; i < job->name_count; i++)
		store_del(txn, QUEUE_WAITING, waiting_key(key, &job->names[i], job->scene));
}

static void save_job(struct txn *txn, const struct job *job)
{
	static const struct bytes nothing = {"", 0};
	unsigned char key[WAITING_KEY];

	entry_save(txn, QUEUE_JOBS, record_key(key, job->scene), code_job, job, sizeof(*job));
	if (job->state == JOB_READY)
		store_put(txn, QUEUE_DUE, due_key(key, job->origin, job->due_ms, job->scene),
			nothing);
	for (size_t i = 0; job->state != JOB_READY && i < job->name_count; i++)
		store_put(
			txn, QUEUE_WAITING, waiting_key(key, &job->names[i], job->scene), nothing);
}

static void make_due(struct job *job, int64_t now_ms)
{
	job->state = JOB_READY;
	job->due_ms = now_ms;
	job->attempts = 0;
	job->name_count = 0;
}

void queue_add(struct txn *txn, const struct event *event, int64_t now_ms)
{
	struct arena a;
	struct job job = {.scene = event->scene,
		.origin = event->origin,
		.unattended = true,
		.path = "",
		.title = "",
		.reason = ""};

	assert(event->scene > 0);
	arena_init(&a);
	if (queue_get(txn, event->scene, &job, &a) == FOUND) {
		unlink_job(txn, &job);
		if (event->origin < job.origin)
			job.origin = event->origin;
	}
	make_due(&job, now_ms);
	job.event_ms = now_ms;
	/* One counter for all jobs: a job that was removed and queued again is not
	 * mistaken for the one that a process took before. */
	job.events = (uint64_t)entry_count_up(txn, QUEUE_META, "events");
	job.force |= event->force;
	job.unattended = job.unattended && event->unattended;
	job.restored |= event->restored;
	save_job(txn, &job);
	arena_clear(&a);
}

bool queue_is_due(int64_t due_ms, int64_t now_ms)
{
	return due_ms <= now_ms || due_ms - now_ms > 2 * LIMIT_BACKOFF_MAX_MS;
}

/* The entries of QUEUE_DUE, for next_due(). */
static void each_due(struct entry_each *each, struct txn *txn)
{
	entry_each(each, txn, QUEUE_DUE, (struct bytes){"", 0}, DUE_KEY);
}

/* The next entry that is due. */
static bool next_due(struct entry_each *each, int64_t now_ms, int64_t *scene)
{
	unsigned char key[DUE_KEY];

	while (entry_each_next(each)) {
		*scene = record_key_number(each->last, 9);
		if (queue_is_due(record_key_number(each->last, 1), now_ms))
			return true;
		/* Not due: on to those of this class that are too far away. */
		entry_each_from(each,
			due_key(key, (enum origin)each->last[0],
				now_ms + 2 * LIMIT_BACKOFF_MAX_MS + 1, 0),
			false);
	}
	return false;
}

bool queue_due(struct txn *txn, int64_t now_ms, int64_t except)
{
	struct entry_each each;
	int64_t scene;

	each_due(&each, txn);
	while (next_due(&each, now_ms, &scene)) {
		if (scene != except)
			return true;
	}
	return false;
}

bool queue_due_by_hand(struct txn *txn, int64_t now_ms)
{
	struct entry_each each;
	int64_t scene;

	each_due(&each, txn);
	return next_due(&each, now_ms, &scene) && each.last[0] == ORIGIN_HAND;
}

size_t queue_count_due(struct txn *txn, int64_t now_ms)
{
	struct entry_each each;
	size_t count = 0;
	int64_t scene;

	each_due(&each, txn);
	while (next_due(&each, now_ms, &scene))
		count++;
	return count;
}

enum lookup queue_take_scene(struct store *store, struct locks *locks, int64_t scene,
	struct job *job, struct arena *a, struct err *err)
{
	enum lookup found = lock_try_scene(locks, scene);
	struct txn txn;

	if (found == FAILED)
		err_set(err, ERR_STORE, "scene %lld cannot be locked: %s", (long long)scene,
			strerror(errno));
	if (found != FOUND)
		return found;
	/* Read with the lock held: its last holder may just have finished it. */
	store_begin(&txn, store, TXN_READ);
	found = queue_get(&txn, scene, job, a);
	if (!store_commit(&txn, err))
		found = FAILED;
	if (found != FOUND)
		lock_release_scene(locks, scene);
	return found;
}

/* An entry of QUEUE_DUE without a job would be due for ever. */
static void drop_stray(struct store *store, const unsigned char key[DUE_KEY], int64_t scene)
{
	unsigned char own[DUE_KEY];
	struct arena a;
	struct job job;
	struct txn txn;
	bool stray;

	arena_init(&a);
	store_begin(&txn, store, TXN_WRITE);
	stray = queue_get(&txn, scene, &job, &a) != FOUND || job.state != JOB_READY ||
		memcmp(due_key(own, job.origin, job.due_ms, scene).data, key, DUE_KEY) != 0;
	if (stray)
		store_del(&txn, QUEUE_DUE, (struct bytes){key, DUE_KEY});
	store_commit(&txn, NULL);
	arena_clear(&a);
}

/* The first entry after 'key' that is due; 'key' moves to it. */
static enum lookup find_due(struct store *store, int64_t now_ms, unsigned char key[DUE_KEY],
	int64_t *scene, struct err *err)
{
	struct entry_each each;
	struct txn txn;
	bool found;

	store_begin(&txn, store, TXN_READ);
	each_due(&each, &txn);
	entry_each_from(&each, (struct bytes){key, DUE_KEY}, true);
	found = next_due(&each, now_ms, scene);
	memcpy(key, each.last, DUE_KEY);
	if (!store_commit(&txn, err))
		return FAILED;
	return found ? FOUND : ABSENT;
}

enum lookup queue_take(struct store *store, struct locks *locks, const struct job *after,
	int64_t now_ms, struct job *job, struct arena *a, struct err *err)
{
	unsigned char key[DUE_KEY] = {0};
	enum lookup found;
	int64_t scene;

	if (after != NULL)
		due_key(key, after->origin, after->due_ms, after->scene);
	while ((found = find_due(store, now_ms, key, &scene, err)) == FOUND) {
		found = queue_take_scene(store, locks, scene, job, a, err);
		if (found == FAILED)
			break;
		if (found == FOUND && job->state == JOB_READY && queue_is_due(job->due_ms, now_ms))
			break;
		if (found == FOUND)
			queue_release(locks, job);
		drop_stray(store, key, scene);
	}
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

/* Servers echo what they were sent, and people paste into the wrong field. */
static const char *masked(const char *text, struct arena *a)
{
	char *copy = arena_strdup(a, text ? text : "");

	log_mask(copy);
	return copy;
}

/* Replaces the stored job by what the caller decided, unless an event came. */
static void settle(struct txn *txn, const struct job *taken, enum job_state state, int64_t due_ms,
	uint32_t attempts, const char *reason)
{
	struct arena a;
	struct job job;

	arena_init(&a);
	if (still_ours(txn, taken, &job, &a)) {
		unlink_job(txn, &job);
		job.state = state;
		job.due_ms = due_ms;
		job.attempts = attempts;
		job.path = taken->path;
		job.title = masked(taken->title, &a);
		job.size = taken->size;
		job.duration_ms = taken->duration_ms;
		job.reason = masked(reason, &a);
		job.names = taken->names;
		job.retry &= state == JOB_READY;
		job.restored &= state == JOB_READY;
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

void queue_revive(struct txn *txn, int64_t scene, bool asked, int64_t now_ms)
{
	struct arena a;
	struct job job;

	arena_init(&a);
	if (queue_get(txn, scene, &job, &a) == FOUND) {
		unlink_job(txn, &job);
		make_due(&job, now_ms);
		if (asked) {
			job.event_ms = now_ms;
			job.unattended = false;
			job.retry = true;
		}
		save_job(txn, &job);
	}
	arena_clear(&a);
}

/* The jobs that wait for a name. */
static void each_awaiting(struct entry_each *each, struct txn *txn, const struct digest *name)
{
	entry_each(
		each, txn, QUEUE_WAITING, (struct bytes){name->bytes, DIGEST_BYTES}, WAITING_KEY);
}

enum lookup queue_next_awaited(struct txn *txn, struct digest *name)
{
	unsigned char key[WAITING_KEY];
	struct entry_each each;

	entry_each(&each, txn, QUEUE_WAITING, (struct bytes){"", 0}, WAITING_KEY);
	entry_each_from(&each, waiting_key(key, name, INT64_MAX), true);
	if (!entry_each_next(&each))
		return txn->failed ? FAILED : ABSENT;
	memcpy(name->bytes, each.last, DIGEST_BYTES);
	return FOUND;
}

bool queue_is_awaited(struct txn *txn, const struct digest *name)
{
	struct entry_each each;

	each_awaiting(&each, txn, name);
	return entry_each_next(&each);
}

static bool is_failed(struct txn *txn, int64_t scene)
{
	unsigned char key[8];
	struct bytes value;

	return store_get(txn, QUEUE_JOBS, record_key(key, scene), &value) == FOUND &&
	       queue_is_failed(value);
}

size_t queue_wake(struct txn *txn, const struct digest *name, int64_t now_ms)
{
	struct entry_each each;
	size_t count = 0;

	each_awaiting(&each, txn, name);
	while (entry_each_next(&each)) {
		int64_t scene = record_key_number(each.last, DIGEST_BYTES);
		queue_revive(txn, scene, false, now_ms);
		store_del(txn, QUEUE_WAITING, each.key);
		count++;
	}
	return count;
}

static size_t wake_failed(struct txn *txn, size_t count, size_t most, int64_t now_ms)
{
	struct entry_each each;
	size_t woken = 0;

	entry_each(&each, txn, QUEUE_WAITING, (struct bytes){"", 0}, WAITING_KEY);
	while (entry_each_next(&each)) {
		int64_t scene = record_key_number(each.last, DIGEST_BYTES);
		if (!queue_has_turn(scene, count, most, now_ms) || !is_failed(txn, scene))
			continue;
		queue_revive(txn, scene, false, now_ms);
		woken++;
	}
	return woken;
}

bool queue_has_turn(int64_t scene, size_t count, size_t most, int64_t now_ms)
{
	int64_t days = count > most ? (int64_t)((count + most - 1) / most) : 1;

	return scene % days == clock_day(now_ms) % days;
}

size_t queue_wake_failed(struct txn *txn, int64_t now_ms)
{
	return wake_failed(txn, 0, 1, now_ms);
}

size_t queue_wake_some_failed(struct txn *txn, size_t most, int64_t now_ms)
{
	struct entry_each each;
	size_t count = 0;

	entry_each(&each, txn, QUEUE_WAITING, (struct bytes){"", 0}, WAITING_KEY);
	while (entry_each_next(&each))
		count += is_failed(txn, record_key_number(each.last, DIGEST_BYTES));
	return wake_failed(txn, count, most, now_ms);
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
