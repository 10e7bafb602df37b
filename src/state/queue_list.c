/*
 * queue_list.c - the part of queue.h that looks at many jobs: counting, listing, failed
 * ones, and those of a damaged queue.
 */
#include "state/queue.h"

#include <stdlib.h>

#include "base/clock.h"
#include "state/tables.h"
#include "store/entry.h"
#include "store/scavenge.h"

/* The jobs of scenes above 'after'. */
static void each_job(struct entry_each *each, struct txn *txn, int64_t after)
{
	unsigned char key[8];

	entry_each(each, txn, QUEUE_JOBS, (struct bytes){"", 0}, sizeof(key));
	entry_each_from(each, record_key(key, after), true);
}

enum lookup queue_next(
	struct txn *txn, enum job_state state, int64_t after, struct job *job, struct arena *a)
{
	struct entry_each each;

	each_job(&each, txn, after);
	while (entry_each_next(&each)) {
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
	struct entry_each each;

	*counts = (struct queue_counts){
		.ready = queue_ready(txn), .due = queue_count_due(txn, now_ms)};
	each_job(&each, txn, 0);
	while (entry_each_next(&each)) {
		counts->waiting += queue_record_is(each.value, JOB_WAITING);
		counts->failed += queue_record_is(each.value, JOB_FAILED);
	}
}

size_t queue_retry_failed(struct txn *txn, int64_t scene, int64_t now_ms)
{
	struct entry_each each;
	size_t count = 0;

	each_job(&each, txn, scene > 0 ? scene - 1 : 0);
	while (entry_each_next(&each)) {
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

/* All failed jobs, the oldest first; *count: how many there may be, and how many there are. */
static struct failed_job *list_failed(struct txn *txn, size_t *count, struct arena *a)
{
	struct failed_job *list = arena_array(a, *count, sizeof(*list));
	struct job job = {.scene = 0};
	struct arena each;
	size_t n = 0;

	arena_init(&each);
	while (n < *count && queue_next(txn, JOB_FAILED, job.scene, &job, &each) == FOUND) {
		list[n++] = (struct failed_job){job.event_ms, job.scene};
		arena_clear(&each);
	}
	arena_clear(&each);
	qsort(list, n, sizeof(*list), by_age);
	*count = n;
	return list;
}

size_t queue_clear_failed(struct txn *txn, int64_t before_ms, size_t most)
{
	struct queue_counts counts;
	struct failed_job *list;
	struct arena a;
	size_t n = 0;

	queue_count(txn, 0, &counts);
	if (before_ms == 0 && counts.failed <= most)
		return 0;
	arena_init(&a);
	list = list_failed(txn, &counts.failed, &a);
	while (n < counts.failed && (counts.failed - n > most || list[n].event_ms < before_ms))
		queue_remove(txn, list[n++].scene);
	arena_clear(&a);
	return n;
}

size_t queue_clear(struct txn *txn)
{
	struct entry_each each;
	size_t count = 0;

	each_job(&each, txn, 0);
	while (entry_each_next(&each)) {
		if (queue_is_failed(each.value))
			continue;
		queue_remove(txn, record_key_number(each.last, 0));
		count++;
	}
	return count;
}

struct rescue {
	struct txn txn;
	size_t count;
};

static void rescue_job(void *user, struct bytes key, struct bytes value)
{
	struct event event = {.scene = record_key_number(key.data, 0)};
	struct rescue *rescue = user;
	struct bytes there;

	if (event.scene <= 0 || !queue_is_job(value) ||
		store_get(&rescue->txn, QUEUE_JOBS, key, &there) != ABSENT)
		return;
	queue_add(&rescue->txn, &event, clock_now_ms());
	rescue->count++;
}

bool queue_rescue(const char *from, struct store *to, size_t *count, struct err *err)
{
	struct rescue rescue = {.count = 0};

	store_begin(&rescue.txn, to, TXN_WRITE);
	scavenge(from, 8, rescue_job, &rescue);
	*count = rescue.count;
	return store_commit(&rescue.txn, err);
}
