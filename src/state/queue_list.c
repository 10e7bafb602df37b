/*
 * queue_list.c - the part of queue.h that looks at many jobs: counting, listing, failed
 * ones, and bulk edits.
 *
 * QUEUE_BULK  digest (16) → first seen, ms (u64)
 */
#include "state/queue.h"

#include <stdlib.h>

#include "base/clock.h"
#include "state/tables.h"
#include "store/each.h"

/* The jobs of scenes above 'after'. */
static void each_job(struct store_each *each, struct txn *txn, int64_t after)
{
	unsigned char key[8];

	store_each(each, txn, QUEUE_JOBS, (struct bytes){"", 0}, sizeof(key));
	store_each_from(each, record_key(key, after), true);
}

enum lookup queue_next(
	struct txn *txn, enum job_state state, int64_t after, struct job *job, struct arena *a)
{
	struct store_each each;

	each_job(&each, txn, after);
	while (store_each_next(&each)) {
		if (queue_record_is(each.value, state))
			return queue_get(txn, record_key_number(each.last, 0), job, a);
	}
	return txn->failed ? FAILED : ABSENT;
}

size_t queue_ready(struct txn *txn)
{
	return store_count(txn, QUEUE_DUE);
}

void queue_count(struct txn *txn, int64_t now_ms, struct queue_counts *counts)
{
	struct store_each each;

	*counts = (struct queue_counts){
		.ready = queue_ready(txn), .due = queue_count_due(txn, now_ms)};
	each_job(&each, txn, 0);
	while (store_each_next(&each)) {
		counts->waiting += queue_record_is(each.value, JOB_WAITING);
		counts->failed += queue_record_is(each.value, JOB_FAILED);
	}
}

size_t queue_retry_failed(struct txn *txn, int64_t scene, int64_t now_ms)
{
	struct store_each each;
	size_t count = 0;

	each_job(&each, txn, scene > 0 ? scene - 1 : 0);
	while (store_each_next(&each)) {
		int64_t at = record_key_number(each.last, 0);
		if (scene > 0 && at != scene)
			break;
		if (!queue_record_is(each.value, JOB_FAILED))
			continue;
		queue_revive(txn, at, true, now_ms);
		count++;
	}
	return count;
}

size_t queue_clear_failed(struct txn *txn, int64_t before_ms)
{
	struct arena a;
	struct job job = {.scene = 0};
	size_t count = 0;

	arena_init(&a);
	while (queue_next(txn, JOB_FAILED, job.scene, &job, &a) == FOUND) {
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
	struct job job = {.scene = 0};

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
	struct store_each each;
	size_t count = 0;

	each_job(&each, txn, 0);
	while (store_each_next(&each)) {
		if (queue_record_is(each.value, JOB_FAILED) && queue_is_job(each.value))
			continue;
		queue_remove(txn, record_key_number(each.last, 0));
		count++;
	}
	return count;
}

static bool bulk_fresh(struct bytes value, int64_t now_ms)
{
	int64_t age = value.len == 8 ? clock_age_ms(now_ms, record_key_number(value.data, 0)) : -1;

	return age >= 0 && age < LIMIT_BULK_MEMORY_MS;
}

int64_t queue_bulk_seen(struct txn *txn, const struct digest *digest, int64_t now_ms)
{
	struct bytes value;

	if (store_get(txn, QUEUE_BULK, (struct bytes){digest->bytes, DIGEST_BYTES}, &value) !=
			FOUND ||
		!bulk_fresh(value, now_ms))
		return 0;
	return record_key_number(value.data, 0);
}

void queue_bulk_remember(struct txn *txn, const struct digest *digest, int64_t now_ms)
{
	unsigned char time[8];
	struct store_each each;

	/* Old ones go first; if that leaves too many, all of them go: the worst
	 * that a forgotten one costs is that its scenes are checked twice. */
	store_each(&each, txn, QUEUE_BULK, (struct bytes){"", 0}, DIGEST_BYTES);
	while (store_each_next(&each)) {
		if (!bulk_fresh(each.value, now_ms))
			store_del(txn, QUEUE_BULK, each.key);
	}
	if (store_count(txn, QUEUE_BULK) >= LIMIT_BULK_MEMORY)
		store_clear(txn, QUEUE_BULK);
	store_put(txn, QUEUE_BULK, (struct bytes){digest->bytes, DIGEST_BYTES},
		record_key(time, now_ms));
}
