#include "run/summon.h"

#include "base/clock.h"
#include "base/log.h"
#include "run/request.h"
#include "state/breaker.h"
#include "state/look.h"
#include "state/owed.h"
#include "state/pace.h"
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
		env->stash != NULL,
		breaker_allows(&breaker, now) || breaker_is_fresh(&breaker, now),
		trouble_blocks(&trouble, now),
		queue_due(txn, now, except) || owed_any(txn, now) || look_due(txn, now), now);
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

/* Unless the task started all the same: then the drain has taken over the record. True if it
 * is news that Stash cannot be asked. */
static bool take_back(const struct env *env)
{
	struct txn txn;
	bool is_news;

	store_begin(&txn, env->state->queue, TXN_WRITE);
	drain_record_replace(&txn, DRAIN_ASKED, DRAIN_IDLE, clock_now_ms());
	is_news = pace_note_stash(&txn, true);
	store_commit(&txn, NULL);
	return is_news;
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
		log_at(take_back(env) ? LOG_WARNING : LOG_DEBUG,
			"Stash could not be asked to run the task \"%s\": %s; the scenes stay "
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

static bool finds(const struct env *env, enum stash_job wanted)
{
	struct arena a;
	struct err err;
	bool found;

	arena_init(&a);
	found = env->is_task && stash_find_job(env->stash, wanted, SUMMON_DESCRIPTION,
					request_stash_time(NULL), &a, &err) == FOUND;
	arena_clear(&a);
	return found;
}

bool summon_others_wait(const struct env *env)
{
	return finds(env, STASH_OTHERS_JOB);
}

bool summon_is_listed(const struct env *env)
{
	return finds(env, STASH_OUR_JOB);
}
