#include "work/drain.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/timer.h"
#include "find/indexer.h"
#include "find/scan.h"
#include "state/breaker.h"
#include "state/drain_record.h"
#include "state/library_index.h"
#include "state/look.h"
#include "state/owed.h"
#include "state/pace.h"
#include "state/queue.h"
#include "push/push.h"
#include "push/settle.h"
#include "run/summon.h"
#include "work/outage.h"
#include "work/sweep.h"
#include "work/undoing.h"

/* A drain that just found nothing due gives up its lock within milliseconds;
 * one that was asked for at that moment waits for it this long. */
#define HANDOVER_MS 2000

/* How often, and how long in all, a drain looks whether a scene that another
 * process is pushing was let go. */
#define BUSY_MS	     50
#define BUSY_MOST_MS 10000

/* What the queue says at this moment; all zero if it cannot be read. */
struct glance {
	struct drain_record record;
	struct breaker breaker;
	bool due, waited_for;
	size_t ready;
};

static struct glance look(const struct env *env)
{
	struct digest name = {{0}};
	struct glance now = {0};
	struct txn txn;

	store_begin(&txn, env->state->queue, TXN_READ);
	drain_record_load(&txn, &now.record);
	breaker_load(&txn, &now.breaker);
	now.due = queue_due(&txn, clock_now_ms(), 0);
	now.waited_for = queue_next_awaited(&txn, &name) == FOUND;
	now.ready = queue_ready(&txn);
	store_abort(&txn);
	return now;
}

/* The lock, unless a drain holds it that will still look at the queue. */
static bool take_turn(const struct env *env)
{
	for (int waited = 0; waited < HANDOVER_MS; waited += 10) {
		if (lock_try(&env->state->locks, LOCK_DRAIN) == FOUND)
			return true;
		if (look(env).record.state == DRAIN_RUNNING)
			return false;
		clock_sleep_ms(10);
	}
	return false;
}

static bool begin(const struct env *env, struct err *err)
{
	struct txn txn;

	store_begin(&txn, env->state->queue, TXN_WRITE);
	drain_record_save(&txn, DRAIN_RUNNING, clock_now_ms());
	pace_note_stash(&txn, false); /* Stash has started us */
	stats_begin_drain(&txn);
	return store_commit(&txn, err);
}

/* Says "idle" in the transaction that finds nothing due: whoever queues later
 * sees it and asks. False if a job came, or the store failed (then 'err'). */
static bool finish(const struct env *env, bool *failed, struct err *err)
{
	int64_t now = clock_now_ms();
	struct txn txn;
	bool due;

	store_begin(&txn, env->state->queue, TXN_WRITE);
	owed_all_start_day(&txn, now);
	due = queue_due(&txn, now, 0) || owed_any(&txn, now);
	if (!due) {
		look_done(&txn, env->run->confirmed_ms != 0 ? env->run->confirmed_ms : now);
		drain_record_save(&txn, DRAIN_IDLE, now);
	}
	*failed = !store_commit(&txn, err);
	return !due && !*failed;
}

static void tally(struct drain_report *report, const struct push *push, const struct err *err)
{
	if (err != NULL) {
		report->failed += err->kind == ERR_JOB || err->kind == ERR_INPUT;
		report->retried += err->kind == ERR_LATER;
		return;
	}
	report->synced += push->result == PUSH_SYNCED;
	report->unchanged += push->result == PUSH_UNCHANGED && push->refusal == NULL;
	report->ignored += push->result == PUSH_IGNORED;
	report->waiting += push->result == PUSH_NOT_FOUND;
	report->retried += push->result == PUSH_QUEUED;
	report->failed += push->result == PUSH_AMBIGUOUS || push->refusal != NULL;
}

static void log_done(const struct drain_report *report)
{
	log_info("Queue: %zu written, %zu unchanged, %zu ignored, %zu wait for Plex, %zu failed, "
		 "%zu to be tried again",
		report->synced, report->unchanged, report->ignored, report->waiting, report->failed,
		report->retried);
}

/* An index that was not confirmed for an hour is, before the jobs rely on it; and
 * where scenes wait for Plex to have their file, every drain asks. */
static bool refresh_index(const struct env *env, struct err *err)
{
	struct library_index index;
	struct txn txn;
	struct arena a;
	struct glance now = look(env);
	bool stale;

	if (!now.due && !now.waited_for)
		return true; /* nobody needs it now */
	if (!state_begin_cache(env->state, &txn, TXN_READ))
		return true;
	arena_init(&a);
	library_index_load(&txn, &index, &a);
	store_abort(&txn);
	stale = index.count == 0 || now.waited_for;
	for (size_t i = 0; i < index.count; i++) {
		int64_t age = clock_age_ms(clock_now_ms(), index.sections[i].confirmed_ms);
		stale |= age < 0 || age > LIMIT_INDEX_TRUST_MS;
	}
	arena_clear(&a);
	return !stale ||
	       (env_read_settings(env, err) && indexer_confirm(env, INDEXER_CONFIRM, err));
}

/* --- manners --------------------------------------------------------------- */

/* What a drain is careful about while it works. */
struct manners {
	size_t gentle;	  /* scenes that still get a pause before them        */
	int64_t wrote_us; /* when the last one was begun to write; 0: none was */
	int64_t look_us;  /* when to look next whether others wait            */
};

static void manners_begin(const struct env *env, struct manners *manners)
{
	struct glance now = look(env);

	manners->gentle = breaker_wants_care(&now.breaker, clock_now_ms()) ? LIMIT_GENTLE_JOBS : 0;
	if (manners->gentle > 0)
		log_debug("Plex was away: the first %u scenes are written with pauses",
			LIMIT_GENTLE_JOBS);
	manners->look_us = clock_us() + clock_patience_ms(LIMIT_TURN_MS) * 1000;
}

/* Before a scene is written, while Plex has just come back. */
static void pause_before(struct manners *manners)
{
	int64_t ms = (clock_us() - manners->wrote_us) / 1000;

	if (manners->gentle == 0)
		return;
	if (ms < LIMIT_GENTLE_PAUSE_MS)
		ms = LIMIT_GENTLE_PAUSE_MS;
	if (ms > LIMIT_GENTLE_MOST_MS)
		ms = LIMIT_GENTLE_MOST_MS;
	if (manners->wrote_us > 0)
		clock_sleep_ms(
			clock_patience_ms(ms * (int64_t)manners->gentle-- / LIMIT_GENTLE_JOBS));
	manners->wrote_us = clock_us();
}

static bool is_in_the_way(const struct env *env, struct manners *manners)
{
	if (clock_us() < manners->look_us)
		return false;
	manners->look_us = clock_us() + clock_patience_ms(LIMIT_TURN_LOOK_MS) * 1000;
	return summon_others_wait(env);
}

/* --- the loop --------------------------------------------------------------- */

/* A job is due, but in the hands of another process, which looks after what is
 * due when it is done. False once that takes too long. */
static bool wait_for_others(int64_t *waited_ms, struct err *err)
{
	clock_sleep_ms(BUSY_MS);
	*waited_ms += BUSY_MS;
	return *waited_ms <= BUSY_MOST_MS ||
	       err_set(err, ERR_LATER, "a scene is being pushed by another process");
}

/* What the loop knows. */
struct work {
	double from; /* the part of Stash's task that was done before */
	struct drain_report *report;
	struct manners manners;
	size_t done;
	double shown; /* of these as progress */
	int64_t waited_ms;
	/* The state is full: jobs that need room in it are passed by, up to this one. */
	bool full;
	struct job passed;
	struct err why;
};

static void pass_by(struct work *work, const struct job *job, const struct err *err)
{
	work->full = true;
	work->passed = (struct job){
		.scene = job->scene, .origin = job->origin, .due_ms = job->due_ms};
	work->why = *err;
}

/* Jobs that are done side by side. */
struct batch {
	const struct env *env;
	struct work *work;
	struct job jobs[LIMIT_BATCH];
	struct push pushes[LIMIT_BATCH];
	struct arena arenas[LIMIT_BATCH];
	size_t count;
};

/* What is meant for many needs room before the first of them gives any back. */
static bool has_room(const struct env *env)
{
	struct store_fill fill;
	struct txn txn;

	store_begin(&txn, env->state->queue, TXN_READ);
	fill = store_fill(&txn);
	store_abort(&txn);
	return fill.limit - fill.bytes > LIMIT_BATCH * LIMIT_BATCH_ROOM;
}

/* Takes the next jobs, all of one origin: those by hand are not kept waiting by a sweep. One at a
 * time until Plex, which was away, answers one of them, and where the state is nearly full. FOUND,
 * ABSENT or FAILED as queue_take. */
static enum lookup take_jobs(struct batch *batch, struct err *err)
{
	const struct env *env = batch->env;
	const struct work *work = batch->work;
	size_t most = look(env).breaker.open || !has_room(env) ? 1 : LIMIT_BATCH;
	const struct job *after = work->full ? &work->passed : NULL;
	enum lookup taken = FOUND;

	while (batch->count < most && taken == FOUND) {
		struct job *job = &batch->jobs[batch->count];
		arena_init(&batch->arenas[batch->count]);
		taken = queue_take(env->state->queue, &env->state->locks, after, clock_now_ms(),
			job, &batch->arenas[batch->count], err);
		if (taken == FOUND && batch->count > 0 && job->origin != batch->jobs[0].origin) {
			queue_release(&env->state->locks, job);
			taken = ABSENT;
		}
		if (taken != FOUND)
			arena_clear(&batch->arenas[batch->count]);
		else
			after = &batch->jobs[batch->count++];
	}
	return batch->count > 0 ? FOUND : taken;
}

/* Another one is due that goes before those of a sweep. */
static bool is_overtaken(const struct env *env, const struct push *push)
{
	struct txn txn;
	bool by_hand = false;

	if (push->job->origin == ORIGIN_HAND)
		return false;
	store_begin(&txn, env->state->queue, TXN_READ);
	by_hand = queue_due_by_hand(&txn, clock_now_ms());
	store_abort(&txn);
	return by_hand;
}

/* 'before': so many scenes of this batch are written, of which the queue still has those whose
 * results are not stored. */
static void show_progress(const struct batch *batch, size_t before)
{
	struct work *work = batch->work;
	double done = (double)(work->done + before);
	size_t ready = look(batch->env).ready, pending = 0;

	for (size_t i = 0; i < before; i++)
		pending += !batch->pushes[i].stored;
	ready -= pending < ready ? pending : ready;
	/* A scene that is written has its pictures still to come. */
	if (done > work->shown)
		log_progress(work->from + (1 - work->from) * done / (done + (double)ready));
	work->shown = done > work->shown ? done : work->shown;
}

/* The first of a batch is written in any case. */
static bool may_write(struct batch *batch, const struct push *push)
{
	size_t before = (size_t)(push - batch->pushes);

	if (before == 0)
		return true;
	if (batch->work->report->gave_way)
		return false;
	show_progress(batch, before);
	if (is_in_the_way(batch->env, &batch->work->manners)) {
		batch->work->report->gave_way = true;
		return false;
	}
	return !is_overtaken(batch->env, push);
}

/* Before each scene of a batch is written. */
static bool may_go_on(void *what, const struct push *push)
{
	struct batch *batch = what;

	if (!may_write(batch, push))
		return false;
	pause_before(&batch->work->manners);
	return true;
}

static void push_jobs(struct batch *batch)
{
	struct push *pushes[LIMIT_BATCH];

	for (size_t i = 0; i < batch->count; i++) {
		const struct job *job = &batch->jobs[i];
		struct request request = {.scene = job->scene, .since_ms = job->event_ms};
		pushes[i] = &batch->pushes[i];
		push_init(pushes[i], &request, job, &batch->arenas[i]);
	}
	push_run_all(batch->env, pushes, batch->count, may_go_on, batch, NULL);
}

/* False if the drain is to stop. */
static bool conclude(struct batch *batch, struct err *err)
{
	struct work *work = batch->work;
	bool goes_on = true;

	for (size_t i = 0; i < batch->count; i++) {
		const struct push *push = &batch->pushes[i];
		if (!push->over)
			continue;
		tally(work->report, push, push->pushed ? NULL : &push->err);
		if (!push->pushed)
			settle_log(push);
		if (push->next == PUSH_PASS)
			pass_by(work, push->job, &push->err);
		if (push->next == PUSH_STOP) {
			*err = push->err;
			goes_on = false;
		}
		work->done++;
	}
	return goes_on;
}

static void end_batch(struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		queue_release(&batch->env->state->locks, &batch->jobs[i]);
		arena_clear(&batch->arenas[i]);
	}
	batch->count = 0;
}

/* False if the drain is to stop. */
static bool do_jobs(struct batch *batch, struct err *err)
{
	const struct env *env = batch->env;
	struct work *work = batch->work;
	bool goes_on;

	push_jobs(batch);
	goes_on = conclude(batch, err);
	end_batch(batch);
	show_progress(batch, 0);
	work->report->gave_way |= goes_on && is_in_the_way(env, &work->manners);
	return goes_on;
}

/* No job is due that somebody could do now. FOUND: look again. ABSENT: the end of all that
 * is due. */
static enum lookup look_further(const struct env *env, struct work *work, struct err *err)
{
	bool failed = false;
	enum lookup undone, swept;

	if (work->full) {
		*err = work->why;
		return FAILED;
	}
	undone = undoing_owed(env, err);
	if (undone == FAILED)
		settle_trouble(env, err);
	work->report->gave_way |= undone == FOUND && is_in_the_way(env, &work->manners);
	if (undone != ABSENT)
		return undone;
	swept = sweep_owed(env, err);
	if (swept == FAILED)
		settle_trouble(env, err);
	/* Pictures of many collections can take long. */
	work->report->gave_way |= swept == FOUND && env->use->s.collection_art &&
				  is_in_the_way(env, &work->manners);
	if (swept != ABSENT)
		return swept;
	if (finish(env, &failed, err))
		return ABSENT;
	return !failed && wait_for_others(&work->waited_ms, err) ? FOUND : FAILED;
}

/* True at the end of what is due, or where it gave way to other tasks. */
static bool work_through(
	const struct env *env, double from, struct drain_report *report, struct err *err)
{
	struct work work = {.from = from, .report = report};
	struct batch *batch = arena_alloc(env->arena, sizeof(*batch));
	enum lookup next = FOUND;

	manners_begin(env, &work.manners);
	batch->env = env;
	batch->work = &work;
	while (next == FOUND && !report->gave_way) {
		enum lookup taken = take_jobs(batch, err);
		if (taken == FOUND)
			next = do_jobs(batch, err) ? FOUND : FAILED;
		else
			next = taken == ABSENT ? look_further(env, &work, err) : FAILED;
	}
	return next != FAILED;
}

/* --- a scan that was asked for -------------------------------------------------- */

/* Scenes whose folder Plex scans at this moment are written by this drain, if the scan
 * is quick and nobody else waits. */
static bool await_scans(const struct env *env, struct drain_report *report, struct err *err)
{
	int64_t begun_us = clock_us(), waited_ms = 0;
	bool parents = false, done = true;

	if (scan_open(env) == 0)
		return true;
	if (!begin(env, err)) /* what comes meanwhile is seen here */
		return false;
	log_info("Plex scans for %zu scenes; waiting up to %d s for it", scan_open(env),
		LIMIT_SCAN_WAIT_MS / 1000);
	while (done && scan_open(env) > 0 && waited_ms < LIMIT_SCAN_WAIT_MS &&
		!summon_others_wait(env)) {
		clock_sleep_ms(clock_patience_ms(LIMIT_SCAN_LOOK_MS));
		waited_ms += LIMIT_SCAN_LOOK_MS;
		if (!parents && waited_ms >= LIMIT_SCAN_PARENT_MS) {
			scan_ask_parents(env);
			parents = true;
		}
		done = indexer_confirm(env, INDEXER_LOOK, err);
		if (done && look(env).due)
			done = work_through(env, 1, report, err) && begin(env, err);
	}
	done = done && work_through(env, 1, report, err);
	if (done && scan_open(env) > 0)
		log_info("After %.0f s Plex does not have %zu of them; they wait until it does",
			(double)(clock_us() - begun_us) / 1e6, scan_open(env));
	return done;
}

/* The list of failed scenes is for people: nobody reads ten thousand. */
static void trim_failed(const struct env *env)
{
	struct txn txn;
	size_t count;

	store_begin(&txn, env->state->queue, TXN_WRITE);
	count = queue_clear_failed(&txn, 0, LIMIT_FAILED_JOBS);
	if (count == 0)
		store_abort(&txn);
	else if (store_commit(&txn, NULL))
		log_warning("More than %u scenes failed: the oldest %zu of them are no longer "
			    "listed; their next edit is written as always",
			LIMIT_FAILED_JOBS, count);
}

/* Killed, refused or made room: whoever queues next asks again. Where the record does not
 * say "running" any more, somebody has asked since nothing was found due. */
static void end(const struct env *env)
{
	struct txn txn;

	store_begin(&txn, env->state->queue, TXN_WRITE);
	if (env->run->confirmed_ms != 0)
		look_done(&txn, env->run->confirmed_ms);
	else
		look_failed(&txn, clock_now_ms());
	drain_record_replace(&txn, DRAIN_RUNNING, DRAIN_IDLE, clock_now_ms());
	store_commit(&txn, NULL);
}

static bool run_through(
	const struct env *env, double from, struct drain_report *report, struct err *err)
{
	bool done = refresh_index(env, err);

	if (!done)
		settle_trouble(env, err);
	return done && work_through(env, from, report, err) &&
	       (report->gave_way || await_scans(env, report, err));
}

/* One that a person started ends where Plex is away; one that was asked for waits for it. */
static bool run_patiently(
	const struct env *env, double from, struct drain_report *report, struct err *err)
{
	bool done = false, again = true;

	while (again) {
		enum outage outage = report->summoned ? outage_wait(env, err) : OUTAGE_NONE;
		report->gave_way = outage == OUTAGE_IN_THE_WAY;
		if (outage == OUTAGE_LASTS || report->gave_way)
			return report->gave_way;
		done = run_through(env, from, report, err);
		again = !done && report->summoned && outage_is_fresh(env);
		if (again && !err->told)
			log_warning("The queue is kept: %s", err->text);
	}
	return done;
}

/* The lock is ours: all of the drain but the report. */
static bool run(const struct env *env, double from, struct drain_report *report, struct err *err)
{
	bool done = begin(env, err) && run_patiently(env, from, report, err);

	trim_failed(env);
	end(env);
	return done;
}

bool drain_run(const struct env *env, double from, struct drain_report *report, struct err *err)
{
	struct timer timer;
	bool done;

	*report = (struct drain_report){.summoned = look(env).record.state == DRAIN_ASKED};
	timer_start(&timer);
	if (!take_turn(env)) {
		report->elsewhere = true;
		return true;
	}
	done = run(env, from, report, err);
	report->summoned = report->summoned && (done || summon_is_listed(env));
	lock_release(&env->state->locks, LOCK_DRAIN);
	if (report->gave_way && summon_if_due(env))
		log_info("Other tasks of Stash are waiting: the rest of the queue follows after "
			 "them");
	log_done(report);
	stats_time(&env->run->stats, TIMING_DRAIN, timer_log(&timer, "drain"));
	env_flush_matches(env, false);
	env_flush(env, true);
	state_flush_cache(env->state);
	return done;
}
