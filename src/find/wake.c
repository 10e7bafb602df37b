#include "find/wake.h"

#include "base/clock.h"
#include "state/library_index.h"
#include "state/queue.h"

bool wake_names(const struct env *env, const struct digest *names, size_t count, struct err *err)
{
	struct txn txn;
	bool waited = false;

	store_begin(&txn, env->state->queue, TXN_READ);
	for (size_t i = 0; i < count && !waited; i++)
		waited = queue_is_awaited(&txn, &names[i]);
	if (!store_commit(&txn, err))
		return false;
	if (!waited)
		return true;
	store_begin(&txn, env->state->queue, TXN_WRITE);
	for (size_t i = 0; i < count; i++)
		queue_wake(&txn, &names[i], clock_now_ms());
	return store_commit(&txn, err);
}

bool wake_waiting(const struct env *env, struct err *err)
{
	struct digest name = {{0}};
	struct library_index index;
	struct arena a;
	struct txn txn;
	bool done = true;
	enum lookup found;

	arena_init(&a);
	state_begin_cache(env->state, &txn, TXN_READ);
	library_index_load(&txn, &index, &a);
	do {
		struct txn queue;
		store_begin(&queue, env->state->queue, TXN_READ);
		found = queue_next_awaited(&queue, &name);
		store_abort(&queue);
		if (found == FOUND && library_index_has_name(&txn, &index, &name))
			done = wake_names(env, &name, 1, err);
	} while (found == FOUND && done);
	store_abort(&txn);
	arena_clear(&a);
	return done;
}

bool wake_failed(const struct env *env, struct err *err)
{
	struct txn txn;

	store_begin(&txn, env->state->queue, TXN_WRITE);
	queue_wake_failed(&txn, clock_now_ms());
	return store_commit(&txn, err);
}
