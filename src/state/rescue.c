/* rescue.c - see rescue.h. */
#include "state/rescue.h"

#include "base/clock.h"
#include "state/queue.h"
#include "store/scavenge.h"

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

bool rescue_jobs(const char *from, struct store *to, size_t *count, struct err *err)
{
	struct rescue rescue = {.count = 0};

	store_begin(&rescue.txn, to, TXN_WRITE);
	scavenge(from, 8, rescue_job, &rescue);
	*count = rescue.count;
	return store_commit(&rescue.txn, err);
}
