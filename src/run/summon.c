#include "run/summon.h"

#include "base/clock.h"
#include "base/log.h"
#include "state/breaker.h"
#include "state/owed.h"
#include "state/queue.h"
#include "state/trouble.h"

static enum drain_need need_now(const struct env *env, struct txn *txn, int64_t except)
{
	int64_t now = clock_now_ms();
	struct drain_record record;
	struct trouble trouble;
	struct breaker breaker;
	enum drain_need need;
	struct arena a;

	arena_init(&a);
	breaker_load(txn, &breaker);
	drain_record_load(txn, &record);
	trouble_load(txn, &trouble, &a);
	need = drain_record_decide(&record, lock_held(&env->state->locks, LOCK_DRAIN),
		env->stash != NULL, breaker_allows(&breaker, now), trouble_blocks(&trouble, now),
		queue_due(txn, now, except) || owed_any(txn, now), now);
	arena_clear(&a);
	return need;
}

static bool is_summons(enum drain_need need)
{
	return need == DRAIN_LOOK || need == DRAIN_ASK;
}

/* The record is written before Stash is asked: killed in between, it is
 * believed for a minute and then looked into. */
enum drain_need summon_decide(const struct env *env, struct txn *txn, int64_t except)
{
	enum drain_need need = need_now(env, txn, except);

	if (is_summons(need))
		drain_record_save(txn, DRAIN_ASKED, clock_now_ms());
	return need;
}

/* Unless the task started all the same: then the drain has taken over the record. */
static void take_back(const struct env *env)
{
	struct txn txn;

	store_begin(&txn, env->state->queue, TXN_WRITE);
	drain_record_replace(&txn, DRAIN_ASKED, DRAIN_IDLE, clock_now_ms());
	store_commit(&txn, NULL);
}

bool summon_send(const struct env *env, enum drain_need need)
{
	const struct stash_time time = {.ms = LIMIT_ASK_MS};
	struct arena a;
	struct err err;
	bool comes = true;

	if (!is_summons(need))
		return need == DRAIN_NO_NEED;
	arena_init(&a);
	if (need == DRAIN_LOOK && stash_find_job(env->stash, STASH_OUR_JOB, SUMMON_DESCRIPTION,
					  time, &a, &err) == FOUND) {
		log_debug("The task \"%s\" is waiting in Stash's queue", SUMMON_TASK);
	} else if (stash_run_task(env->stash, SUMMON_TASK, SUMMON_DESCRIPTION, time, &a, &err)) {
		log_debug("Asked Stash to run the task \"%s\"", SUMMON_TASK);
	} else {
		comes = false;
		take_back(env);
		log_warning("Stash could not be asked to run the task \"%s\": %s; the scenes stay "
			    "queued until the next edit or until the task is started by hand",
			SUMMON_TASK, err.text);
	}
	arena_clear(&a);
	return comes;
}

bool summon_if_due(const struct env *env)
{
	enum drain_need need;
	struct txn txn;
	struct err err;
	bool known;

	if (env->state->queue == NULL)
		return false;
	store_begin(&txn, env->state->queue, TXN_READ);
	need = need_now(env, &txn, 0);
	known = store_commit(&txn, &err);
	if (known && is_summons(need)) {
		store_begin(&txn, env->state->queue, TXN_WRITE);
		need = summon_decide(env, &txn, 0);
		known = store_commit(&txn, &err);
	}
	if (!known)
		log_warning("Stash was not asked to run the task that works through the queue: %s",
			err.text);
	return known && is_summons(need) && summon_send(env, need);
}
