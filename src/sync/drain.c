/* drain.c - see drain.h. */
#include "sync/drain.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/timer.h"
#include "state/drainer.h"
#include "state/index.h"
#include "state/queue.h"
#include "sync/indexer.h"
#include "sync/push.h"

/* A drain that just found nothing due gives up its lock within milliseconds;
 * one that was asked for at that moment waits for it this long. */
#define HANDOVER_MS 2000

/* How often, and how long in all, a drain looks whether a scene that another
 * process is pushing was let go. */
#define BUSY_MS	     50
#define BUSY_MOST_MS 10000

static bool is_state(struct env *env, enum drainer_state state)
{
	struct drainer drainer;
	struct txn txn;

	store_begin(&txn, env->state.queue, TXN_READ);
	drainer_load(&txn, &drainer);
	store_abort(&txn);
	return drainer.state == state;
}

/* The lock, unless a drain holds it that will still look at the queue. */
static bool take_turn(struct env *env)
{
	for (int waited = 0; waited < HANDOVER_MS; waited += 10) {
		if (lock_try(&env->state.locks, LOCK_DRAIN) == FOUND)
			return true;
		if (is_state(env, DRAINER_RUNNING))
			return false;
		clock_sleep_ms(10);
	}
	return false;
}

static bool set_state(struct env *env, enum drainer_state state, struct err *err)
{
	struct txn txn;

	store_begin(&txn, env->state.queue, TXN_WRITE);
	drainer_save(&txn, state, clock_now_ms());
	return store_commit(&txn, err);
}

/* Says "idle" in the transaction that finds nothing due: whoever queues later
 * sees it and asks. False if a job came, or the store failed (then 'err'). */
static bool finish(struct env *env, bool *failed, struct err *err)
{
	int64_t now = clock_now_ms();
	struct txn txn;
	bool due;

	store_begin(&txn, env->state.queue, TXN_WRITE);
	due = queue_due(&txn, now, 0);
	if (!due)
		drainer_save(&txn, DRAINER_IDLE, now);
	*failed = !store_commit(&txn, err);
	return !due && !*failed;
}

static void tally(struct drain_report *report, const struct outcome *outcome, const struct err *err)
{
	if (err != NULL) {
		report->failed += err->kind == ERR_JOB || err->kind == ERR_INPUT;
		report->retried += err->kind == ERR_LATER;
		return;
	}
	report->synced += outcome->result == OUTCOME_SYNCED;
	report->unchanged += outcome->result == OUTCOME_UNCHANGED;
	report->ignored += outcome->result == OUTCOME_IGNORED;
	report->waiting += outcome->result == OUTCOME_NOT_FOUND;
	report->retried += outcome->result == OUTCOME_QUEUED;
	report->failed += outcome->result == OUTCOME_AMBIGUOUS;
}

static void log_done(const struct drain_report *report)
{
	log_info("Queue: %zu written, %zu unchanged, %zu ignored, %zu wait for Plex, %zu failed, "
		 "%zu to be tried again",
		report->synced, report->unchanged, report->ignored, report->waiting, report->failed,
		report->retried);
}

static enum settle_next run_job(
	struct env *env, const struct job *job, struct drain_report *report, struct err *err)
{
	struct outcome outcome;
	enum settle_next next;
	struct arena a;
	bool delivered;

	arena_init(&a);
	delivered = push_scene(env, job->scene, job, &outcome, &next, &a, err);
	tally(report, &outcome, delivered ? NULL : err);
	if (!delivered)
		settle_log(job, err);
	if (delivered && next == SETTLE_STOP)
		err_set(err, ERR_STORE, "the state cannot be written");
	arena_clear(&a);
	return next;
}

static void log_progress_of(struct env *env, size_t done)
{
	struct txn txn;
	size_t ready;

	store_begin(&txn, env->state.queue, TXN_READ);
	ready = queue_ready(&txn);
	store_abort(&txn);
	log_progress((double)done / (double)(done + ready));
}

/* An index that was not confirmed for an hour is, before the jobs rely on it; and
 * where scenes wait for Plex to have their file, every drain asks. */
static bool refresh_index(struct env *env, struct err *err)
{
	struct index index;
	struct txn txn;
	struct arena a;
	struct digest name = {{0}};
	bool stale, due, waited_for;

	if (state_cache(&env->state) == NULL)
		return true;
	store_begin(&txn, env->state.queue, TXN_READ);
	waited_for = queue_next_awaited(&txn, &name) == FOUND;
	due = queue_due(&txn, clock_now_ms(), 0);
	store_abort(&txn);
	if (!due && !waited_for)
		return true; /* nobody needs it now */
	arena_init(&a);
	store_begin(&txn, env->state.cache, TXN_READ);
	index_load(&txn, &index, &a);
	store_abort(&txn);
	stale = index.count == 0 || waited_for;
	for (size_t i = 0; i < index.count; i++) {
		int64_t age = clock_age_ms(clock_now_ms(), index.sections[i].confirmed_ms);
		stale |= age < 0 || age > LIMIT_INDEX_TRUST_MS;
	}
	arena_clear(&a);
	return !stale || (env_read_settings(env, err) && indexer_confirm(env, false, err));
}

static bool work(struct env *env, struct drain_report *report, struct err *err)
{
	struct arena a;
	size_t done = 0;
	int64_t waited_ms = 0;
	bool stopped = false;

	arena_init(&a);
	while (!stopped) {
		struct job job;
		enum lookup taken = queue_take(
			env->state.queue, &env->state.locks, clock_now_ms(), &job, &a, err);
		if (taken == ABSENT && finish(env, &stopped, err)) {
			arena_clear(&a);
			return true;
		}
		if (taken == ABSENT && !stopped) {
			/* Due, but in the hands of another process, which looks
			 * after what is due when it is done. */
			clock_sleep_ms(BUSY_MS);
			stopped = (waited_ms += BUSY_MS) > BUSY_MOST_MS;
			err_set(err, ERR_LATER, "a scene is being pushed by another process");
		}
		stopped |= taken == FAILED;
		if (taken != FOUND)
			continue;
		stopped = run_job(env, &job, report, err) == SETTLE_STOP;
		queue_release(&env->state.locks, &job);
		env_flush_stats(env, false);
		log_progress_of(env, ++done);
		arena_clear(&a);
	}
	arena_clear(&a);
	return false;
}

bool drain_run(struct env *env, struct drain_report *report, struct err *err)
{
	struct timer timer;
	struct err idle_err;
	bool done;

	*report = (struct drain_report){.summoned = is_state(env, DRAINER_ASKED)};
	timer_start(&timer);
	if (env->state.queue == NULL)
		return err_set(err, ERR_STORE, "there is no queue: the state cannot be opened");
	if (!take_turn(env)) {
		report->elsewhere = true;
		return true;
	}
	done = set_state(env, DRAINER_RUNNING, err);
	if (done && !(done = refresh_index(env, err)))
		settle_trouble(env, err);
	done = done && work(env, report, err);
	if (!done)
		set_state(env, DRAINER_IDLE, &idle_err);
	lock_release(&env->state.locks, LOCK_DRAIN);
	log_done(report);
	stats_time(&env->stats, TIMING_DRAIN, timer_log(&timer, "drain"));
	env_flush_stats(env, true);
	state_flush_cache(&env->state);
	return done;
}
