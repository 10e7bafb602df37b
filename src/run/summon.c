/* summon.c - see summon.h. */
#include "run/summon.h"

#include "base/clock.h"
#include "base/log.h"
#include "state/breaker.h"
#include "state/owed.h"
#include "state/queue.h"
#include "state/trouble.h"

/* While Plex is down a drain is asked for only when a probe is due, while a
 * setting is wrong only now and then. */
static enum drain_need need_now(struct env *env, struct txn *txn)
{
	int64_t now = clock_now_ms();
	struct drain_record drainer;
	struct breaker breaker;

	breaker_load(txn, &breaker);
	if (env->stash == NULL || !breaker_allows(&breaker, now) || trouble_blocks(txn, now))
		return DRAIN_COMES;
	drain_record_load(txn, &drainer);
	return drain_record_need(&drainer, &env->state.locks, now);
}

static bool is_needed(struct env *env, struct txn *txn)
{
	return need_now(env, txn) != DRAIN_COMES;
}

/* The record is written before Stash is asked: killed in between, it is
 * believed for a minute and then looked into. */
enum drain_need summon_decide(struct env *env, struct txn *txn)
{
	enum drain_need need = need_now(env, txn);

	if (need != DRAIN_COMES)
		drain_record_save(txn, DRAIN_ASKED, clock_now_ms());
	return need;
}

static struct stash_time ask_time(void)
{
	return (struct stash_time){.ms = LIMIT_ASK_MS};
}

/* Unless the task started all the same: then the drain has taken over the record. */
static void take_back(struct env *env)
{
	struct drain_record drainer;
	struct txn txn;

	store_begin(&txn, env->state.queue, TXN_WRITE);
	drain_record_load(&txn, &drainer);
	if (drainer.state == DRAIN_ASKED)
		drain_record_save(&txn, DRAIN_IDLE, clock_now_ms());
	store_commit(&txn, NULL);
}

bool summon_send(struct env *env, enum drain_need need)
{
	struct arena a;
	struct err err;
	bool comes = true;

	if (need == DRAIN_COMES)
		return true;
	arena_init(&a);
	if (need == DRAIN_LOOK &&
		stash_find_task(env->stash, SUMMON_DESCRIPTION, ask_time(), &a, &err) == FOUND) {
		log_debug("The task \"%s\" waits in Stash's queue", SUMMON_TASK);
	} else if (stash_run_task(
			   env->stash, SUMMON_TASK, SUMMON_DESCRIPTION, ask_time(), &a, &err)) {
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

static bool is_work(struct txn *txn)
{
	int64_t now = clock_now_ms();

	return queue_due(txn, now, 0) || owed_any(txn, now);
}

bool summon_if_due(struct env *env)
{
	enum drain_need need = DRAIN_COMES;
	struct txn txn;
	struct err err;
	bool due, known;

	store_begin(&txn, env->state.queue, TXN_READ);
	due = is_work(&txn) && is_needed(env, &txn);
	known = store_commit(&txn, &err);
	if (known && !due)
		return false;
	if (known) {
		store_begin(&txn, env->state.queue, TXN_WRITE);
		if (is_work(&txn))
			need = summon_decide(env, &txn);
		known = store_commit(&txn, &err);
	}
	if (!known) {
		log_warning("Nobody was asked to work through the queue: %s", err.text);
		return false;
	}
	return summon_send(env, need) && need != DRAIN_COMES;
}
