/*
 * test_queue.c - the durable list of jobs: coalescing, the order in which they
 * are taken, clocks that jump, other processes that hold jobs, events during a
 * push, jobs that wait for a file name, records that cannot be read, and the
 * back-off.
 */
#include "helpers.h"

#include <fcntl.h>

#include "base/log.h"
#include "state/queue.h"
#include "state/recent.h"
#include "state/state.h"
#include "state/tables.h"

#define NOW    ((int64_t)1700000000000)
#define MINUTE ((int64_t)60000)
#define YEAR   ((int64_t)365 * 24 * 60 * MINUTE)

static char dir[TEMP_BYTES];
static struct state state;
static struct arena arena;

static int setup(void **unused)
{
	struct err err;

	(void)unused;
	temp_make(dir);
	arena_init(&arena);
	return state_open(&state, dir, &err) ? 0 : -1;
}

static int teardown(void **unused)
{
	(void)unused;
	state_close(&state);
	arena_clear(&arena);
	temp_remove(dir);
	return 0;
}

static struct txn writing(void)
{
	struct txn txn;

	store_begin(&txn, state.queue, TXN_WRITE);
	return txn;
}

static void commit(struct txn *txn)
{
	struct err err;

	if (!store_commit(txn, &err))
		fail_msg("%s", err.text);
}

static void push_in(struct txn *txn, int64_t scene, enum origin origin, int64_t now)
{
	struct event event = {.scene = scene, .origin = origin};

	queue_add(txn, &event, now);
}

static void push(int64_t scene, enum origin origin, int64_t now)
{
	struct txn txn = writing();

	push_in(&txn, scene, origin, now);
	commit(&txn);
}

/* The scene of the next due job, released again at once; 0: nothing is due. */
static int64_t take(int64_t now, struct job *job)
{
	struct err err = {.text = ""};
	enum lookup found = queue_take(state.queue, &state.locks, NULL, now, job, &arena, &err);

	if (found == FAILED)
		fail_msg("%s", err.text);
	if (found != FOUND)
		return 0;
	queue_release(&state.locks, job);
	return job->scene;
}

static struct job get(int64_t scene)
{
	struct txn txn;
	struct job job = {.scene = -1};

	store_begin(&txn, state.queue, TXN_READ);
	if (queue_get(&txn, scene, &job, &arena) != FOUND)
		job.scene = -1;
	store_abort(&txn);
	return job;
}

static bool is_in(int64_t scene)
{
	return get(scene).scene == scene;
}

static struct queue_counts count(int64_t now)
{
	struct queue_counts counts;
	struct txn txn;

	store_begin(&txn, state.queue, TXN_READ);
	queue_count(&txn, now, &counts);
	store_abort(&txn);
	return counts;
}

static bool due(int64_t now, int64_t except)
{
	struct txn txn;
	bool is_due;

	store_begin(&txn, state.queue, TXN_READ);
	is_due = queue_due(&txn, now, except);
	store_abort(&txn);
	return is_due;
}

static size_t rows_of(enum queue_db db)
{
	struct txn txn;
	size_t rows;

	store_begin(&txn, state.queue, TXN_READ);
	rows = store_count(&txn, db);
	store_abort(&txn);
	return rows;
}

/* Nothing is left of any job, in none of the tables. */
static void assert_empty(void)
{
	assert_int_equal(rows_of(QUEUE_JOBS), 0);
	assert_int_equal(rows_of(QUEUE_DUE), 0);
	assert_int_equal(rows_of(QUEUE_WAITING), 0);
	assert_false(due(NOW + YEAR, 0));
}

static void ack(const struct job *job)
{
	struct txn txn = writing();

	queue_ack(&txn, job);
	commit(&txn);
}

/* Takes everything that is due, in order, and acks it. */
static size_t drain(int64_t now, int64_t *scenes, size_t limit)
{
	struct job job;
	size_t n = 0;

	while (n < limit && (scenes[n] = take(now, &job)) != 0) {
		ack(&job);
		n++;
	}
	return n;
}

static void assert_drains(int64_t now, size_t n, const int64_t *expected)
{
	int64_t scenes[32] = {0};

	assert_int_equal(drain(now, scenes, 32), n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(scenes[i], expected[i]);
}

static void defer(struct job *job, int64_t due_ms)
{
	struct txn txn = writing();

	queue_defer(&txn, job, due_ms, "HTTP 500");
	commit(&txn);
}

/* ---- pushing ---- */

static void test_push_and_take(void **unused)
{
	struct event event = {.scene = 7, .origin = ORIGIN_SWEEP, .force = true};
	struct txn txn;
	struct job job;

	(void)unused;
	assert_int_equal(take(NOW, &job), 0);
	txn = writing();
	queue_add(&txn, &event, NOW);
	commit(&txn);
	assert_int_equal(take(NOW, &job), 7);
	assert_int_equal(job.origin, ORIGIN_SWEEP);
	assert_int_equal(job.state, JOB_READY);
	assert_true(job.force);
	assert_int_equal(job.due_ms, NOW);
	assert_int_equal(job.event_ms, NOW);
	assert_int_equal(job.attempts, 0);
	assert_string_equal(job.path, "");
	assert_string_equal(job.reason, "");
	assert_int_equal(job.name_count, 0);
	ack(&job);
	assert_empty();
}

static void test_coalescing(void **unused)
{
	static const int64_t once[] = {7};
	struct job job;

	(void)unused;
	for (int i = 0; i < 10; i++)
		push(7, ORIGIN_HAND, NOW + i);
	job = get(7);
	assert_int_equal(job.events, 10);
	assert_int_equal(job.event_ms, NOW + 9);
	assert_int_equal(rows_of(QUEUE_DUE), 1);
	assert_drains(NOW + 9, 1, once);
	assert_empty();
}

static void test_coalescing_of_origins(void **unused)
{
	static const struct {
		const char *name;
		enum origin first, second, folded;
	} rows[] = {
		{"hand, hand", ORIGIN_HAND, ORIGIN_HAND, ORIGIN_HAND},
		{"hand, sweep", ORIGIN_HAND, ORIGIN_SWEEP, ORIGIN_HAND},
		{"sweep, hand", ORIGIN_SWEEP, ORIGIN_HAND, ORIGIN_HAND},
		{"sweep, sweep", ORIGIN_SWEEP, ORIGIN_SWEEP, ORIGIN_SWEEP},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t scene = (int64_t)i + 1;
		push(scene, rows[i].first, NOW);
		push(scene, rows[i].second, NOW);
		ok &= row_int(rows[i].name, get(scene).origin, rows[i].folded);
	}
	ok &= row_int("one entry each", (int64_t)rows_of(QUEUE_DUE), ROWS(rows));
	assert_true(ok);
}

static void test_force_stays(void **unused)
{
	struct event event = {.scene = 7, .force = true};
	struct txn txn = writing();

	(void)unused;
	push_in(&txn, 7, ORIGIN_HAND, NOW);
	assert_int_equal(store_count(&txn, QUEUE_JOBS), 1);
	queue_add(&txn, &event, NOW);
	push_in(&txn, 7, ORIGIN_HAND, NOW);
	commit(&txn);
	assert_true(get(7).force);
}

/* ---- the order ---- */

static void test_order(void **unused)
{
	static const int64_t expected[] = {12, 11, 10, 3, 2, 1};

	(void)unused;
	push(1, ORIGIN_SWEEP, NOW - 1000);
	push(2, ORIGIN_SWEEP, NOW - 2000);
	push(3, ORIGIN_SWEEP, NOW - 3000);
	push(10, ORIGIN_HAND, NOW - 10);
	push(11, ORIGIN_HAND, NOW - 20);
	push(12, ORIGIN_HAND, NOW - 30);
	assert_int_equal(count(NOW).due, 6);
	assert_drains(NOW, 6, expected);
	assert_empty();
}

/* However much of a sweep came first, and whatever becomes of it. */
static void test_by_hand_comes_before_ten_thousand_of_a_sweep(void **unused)
{
	struct txn txn = writing();
	struct job job;

	(void)unused;
	for (int64_t scene = 1; scene <= 10000; scene++)
		push_in(&txn, scene, ORIGIN_SWEEP, NOW - 10000);
	commit(&txn);
	push(20000, ORIGIN_HAND, NOW);
	push(7000, ORIGIN_HAND, NOW + 1); /* of the sweep's own */
	assert_int_equal(count(NOW + 1).due, 10001);
	assert_int_equal(take(NOW + 1, &job), 20000);
	defer(&job, NOW + MINUTE); /* it fails, and is in nobody's way */
	assert_int_equal(take(NOW + 1, &job), 7000);
	ack(&job);
	assert_int_equal(take(NOW + 1, &job), 1);
	ack(&job);
	push(3, ORIGIN_SWEEP, NOW + 2); /* the sweep comes by again */
	assert_int_equal(take(NOW + MINUTE, &job), 20000);
	ack(&job);
	assert_int_equal(take(NOW + MINUTE, &job), 2);
	assert_int_equal(count(NOW + MINUTE).due, 9998);
}

static void test_not_due_never_delays_due(void **unused)
{
	static const int64_t expected[] = {20, 300};
	struct job job;

	(void)unused;
	for (int64_t scene = 1; scene <= 10; scene++) { /* by hand, failed before, due later */
		push(scene, ORIGIN_HAND, NOW);
		job = get(scene);
		defer(&job, NOW + scene * MINUTE);
	}
	push(20, ORIGIN_HAND, NOW);
	push(300, ORIGIN_SWEEP, NOW);
	push(301, ORIGIN_SWEEP, NOW);
	job = get(301);
	defer(&job, NOW + 5 * MINUTE);
	assert_int_equal(count(NOW).ready, 13);
	assert_int_equal(count(NOW).due, 2);
	assert_drains(NOW, 2, expected);
	assert_false(due(NOW, 0));
	assert_int_equal(count(NOW).due, 0);
	assert_int_equal(count(NOW).ready, 11);
	assert_true(due(NOW + MINUTE, 0));
	assert_false(due(NOW + MINUTE - 1, 0));
}

/* A due time beyond every back-off is due: the clock was set back. */
static void test_due_times(void **unused)
{
	static const struct {
		const char *name;
		int64_t due_ms;
		bool due;
	} rows[] = {
		{"a year ago", NOW - YEAR, true},
		{"just now", NOW, true},
		{"in a millisecond", NOW + 1, false},
		{"the longest back-off", NOW + LIMIT_BACKOFF_MAX_MS + LIMIT_BACKOFF_MAX_MS / 5,
			false},
		{"in an hour and more", NOW + 61 * MINUTE, true},
		{"in a year", NOW + YEAR, true},
		{"never", INT64_MAX, true},
		{"at the beginning", 0, true},
		{"before the beginning", -5, true},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct job job;
		push(7, ORIGIN_HAND, NOW);
		job = get(7);
		defer(&job, rows[i].due_ms);
		ok &= row_int(rows[i].name, take(NOW, &job) == 7, rows[i].due);
		ok &= row_int(rows[i].name, due(NOW, 0), rows[i].due);
		ok &= row_int(rows[i].name, (int64_t)count(NOW).due, rows[i].due);
		job = get(7);
		ack(&job);
		ok &= row_int(rows[i].name, (int64_t)rows_of(QUEUE_DUE), 0);
	}
	assert_true(ok);
}

static void test_clock_jumps(void **unused)
{
	static const int64_t first[] = {4, 5, 1, 2}, later[] = {3};
	struct job job;

	(void)unused;
	push(1, ORIGIN_HAND, NOW + YEAR); /* events of a wrong clock */
	push(2, ORIGIN_HAND, NOW + YEAR + 1);
	push(3, ORIGIN_HAND, NOW);
	job = get(3);
	defer(&job, NOW + MINUTE);
	push(4, ORIGIN_HAND, NOW - YEAR);
	push(5, ORIGIN_HAND, NOW);
	assert_int_equal(count(NOW).due, 4);
	assert_drains(NOW, 4, first);
	assert_false(due(NOW, 0));
	assert_drains(NOW + YEAR, 1, later); /* and forward again: all is due */
	assert_empty();
}

static void test_far_away_by_hand_before_sweep(void **unused)
{
	static const int64_t expected[] = {1, 2};

	(void)unused;
	push(2, ORIGIN_SWEEP, NOW);
	push(1, ORIGIN_HAND, NOW + YEAR);
	assert_drains(NOW, 2, expected);
}

static void test_due_except(void **unused)
{
	(void)unused;
	assert_false(due(NOW, 0));
	push(7, ORIGIN_HAND, NOW);
	assert_true(due(NOW, 0));
	assert_false(due(NOW, 7));
	assert_true(due(NOW, 8));
	push(8, ORIGIN_SWEEP, NOW);
	assert_true(due(NOW, 7));
	assert_true(due(NOW, 8));
}

/* ---- other processes ---- */

struct taker {
	int64_t scene; /* 0: the first that is due */
	int64_t expect;
};

/* Takes a job, says so, and sits on it. */
static int run_taker(struct child *parent, void *arg)
{
	const struct taker *taker = arg;
	struct state mine;
	struct arena a;
	struct err err;
	struct job job;
	enum lookup found;

	arena_init(&a);
	if (!state_open(&mine, dir, &err))
		return 10;
	found = taker->scene
			? queue_take_scene(mine.queue, &mine.locks, taker->scene, &job, &a, &err)
			: queue_take(mine.queue, &mine.locks, NULL, NOW, &job, &a, &err);
	if (found != FOUND || job.scene != taker->expect)
		return 11;
	child_tell(parent);
	if (!child_hear(parent))
		return 12;
	queue_release(&mine.locks, &job);
	child_tell(parent);
	child_hear(parent);
	state_close(&mine);
	arena_clear(&a);
	return 0;
}

static void test_take_skips_what_others_hold(void **unused)
{
	struct taker taker = {0, 1};
	struct child child;
	struct job job;
	struct err err;

	(void)unused;
	push(1, ORIGIN_HAND, NOW - 3);
	push(2, ORIGIN_HAND, NOW - 2);
	child = child_start(run_taker, &taker);
	assert_true(child_hear(&child));
	assert_int_equal(take(NOW, &job), 2);
	assert_int_equal(
		queue_take_scene(state.queue, &state.locks, 1, &job, &arena, &err), ABSENT);
	assert_true(due(NOW, 2)); /* it is still due: its holder may die */
	child_tell(&child);
	assert_true(child_hear(&child));
	assert_int_equal(take(NOW, &job), 1); /* released, not done */
	child_tell(&child);
	assert_int_equal(child_join(&child), 0);
}

static void test_only_job_is_held(void **unused)
{
	struct taker taker = {0, 1};
	struct child child;
	struct job job;

	(void)unused;
	push(1, ORIGIN_HAND, NOW);
	child = child_start(run_taker, &taker);
	assert_true(child_hear(&child));
	assert_int_equal(take(NOW, &job), 0);
	child_kill(&child); /* its taker died: handed out again */
	assert_int_equal(take(NOW, &job), 1);
}

static void test_take_scene(void **unused)
{
	struct taker taker = {5, 5};
	struct child child;
	struct job job;
	struct err err;

	(void)unused;
	assert_int_equal(
		queue_take_scene(state.queue, &state.locks, 5, &job, &arena, &err), ABSENT);
	push(5, ORIGIN_HAND, NOW);
	job = get(5);
	defer(&job, NOW + MINUTE);
	assert_int_equal(take(NOW, &job), 0);
	child = child_start(run_taker, &taker); /* due or not */
	assert_true(child_hear(&child));
	assert_int_equal(
		queue_take_scene(state.queue, &state.locks, 5, &job, &arena, &err), ABSENT);
	child_kill(&child);
	assert_int_equal(queue_take_scene(state.queue, &state.locks, 5, &job, &arena, &err), FOUND);
	assert_int_equal(job.attempts, 1);
	queue_release(&state.locks, &job);
}

/* Between the look and the lock the other one finished it. */
static int run_finisher(struct child *parent, void *arg)
{
	struct state mine;
	struct arena a;
	struct err err;
	struct job job;
	enum lookup found;
	int done = 0;

	(void)arg;
	arena_init(&a);
	if (!state_open(&mine, dir, &err) || !child_hear(parent))
		return 100;
	while ((found = queue_take(mine.queue, &mine.locks, NULL, NOW, &job, &a, &err)) == FOUND) {
		struct txn txn;
		store_begin(&txn, mine.queue, TXN_WRITE);
		queue_ack(&txn, &job);
		if (!store_commit(&txn, &err))
			return 102;
		queue_release(&mine.locks, &job);
		done++;
	}
	state_close(&mine);
	arena_clear(&a);
	return found == ABSENT ? done : 101;
}

/* Several drains at once: together they do every job just once. */
static void test_several_drains(void **unused)
{
	struct child children[4];
	struct txn txn = writing();
	int sum = 0;

	(void)unused;
	for (int64_t scene = 1; scene <= 60; scene++)
		push_in(&txn, scene, scene % 2 ? ORIGIN_HAND : ORIGIN_SWEEP, NOW - scene);
	commit(&txn);
	for (size_t i = 0; i < ROWS(children); i++)
		children[i] = child_start(run_finisher, NULL);
	for (size_t i = 0; i < ROWS(children); i++)
		child_tell(&children[i]);
	for (size_t i = 0; i < ROWS(children); i++) {
		int done = child_join(&children[i]);
		assert_in_range(done, 0, 60);
		sum += done;
	}
	assert_int_equal(sum, 60);
	assert_empty();
}

/* Where the file system knows no locks, a job that is due is not "nothing is due". */
static void test_locks_that_fail(void **unused)
{
	struct locks broken = {.fd = open("/dev/null", O_RDONLY)};
	struct err err = {.kind = ERR_NONE, .text = ""};
	struct job job;
	enum lookup found;

	(void)unused;
	push(1, ORIGIN_HAND, NOW);
	assert_int_equal(lock_try_scene(&broken, 1), FAILED);
	found = queue_take(state.queue, &broken, NULL, NOW, &job, &arena, &err);
	lock_close(&broken);
	assert_int_equal(found, FAILED);
	assert_int_equal(err.kind, ERR_STORE);
}

static void test_take_scene_with_locks_that_fail(void **unused)
{
	struct locks broken = {.fd = open("/dev/null", O_RDONLY)};
	struct err err = {.kind = ERR_NONE, .text = ""};
	struct job job;
	enum lookup found;

	(void)unused;
	push(1, ORIGIN_HAND, NOW);
	found = queue_take_scene(state.queue, &broken, 1, &job, &arena, &err);
	lock_close(&broken);
	assert_int_equal(found, FAILED);
}

static void test_no_store(void **unused)
{
	struct queue_counts counts;
	struct digest digest = digest_text("x");
	struct txn txn;
	struct job job;
	struct err err;

	(void)unused;
	assert_int_equal(queue_take(NULL, &state.locks, NULL, NOW, &job, &arena, &err), FAILED);
	assert_int_equal(queue_take_scene(NULL, &state.locks, 1, &job, &arena, &err), FAILED);
	store_begin(&txn, NULL, TXN_WRITE);
	push_in(&txn, 1, ORIGIN_HAND, NOW);
	assert_int_equal(queue_get(&txn, 1, &job, &arena), FAILED);
	assert_false(queue_due(&txn, NOW, 0));
	queue_count(&txn, NOW, &counts);
	assert_int_equal(counts.ready, 0);
	assert_int_equal(queue_wake(&txn, &digest, NOW), 0);
	assert_false(queue_is_awaited(&txn, &digest));
	assert_int_equal(queue_ready(&txn), 0);
	assert_int_equal(recent_edit_ms(&txn, &digest, NOW), 0);
	assert_false(store_commit(&txn, &err));
}

static void test_failed_is_not_absent(void **unused)
{
	struct txn txn = writing();
	struct job job;

	(void)unused;
	push_in(&txn, 1, ORIGIN_HAND, NOW);
	store_fail(&txn, "x");
	assert_int_equal(queue_get(&txn, 1, &job, &arena), FAILED);
	assert_int_equal(queue_get(&txn, 2, &job, &arena), FAILED);
	assert_int_equal(queue_next(&txn, JOB_READY, 0, &job, &arena), FAILED);
	store_abort(&txn);
}

static void test_killed_before_commit(void **unused)
{
	struct txn txn = writing();

	(void)unused;
	push_in(&txn, 1, ORIGIN_HAND, NOW);
	store_abort(&txn);
	assert_empty();
}

/* ---- what became of it ---- */

enum verdict { ACK, DEFER, KEEP, WAIT, FAIL };

static const char *const verdict_names[] = {"ack", "defer", "keep", "wait", "fail"};

static struct digest wanted_name;

static void settle(struct job *job, enum verdict verdict)
{
	struct txn txn = writing();

	job->path = "/films/Harbour Lights.mkv";
	wanted_name = digest_text("name");
	job->names = &wanted_name;
	job->name_count = 1;
	switch (verdict) {
	case ACK:
		queue_ack(&txn, job);
		break;
	case DEFER:
		queue_defer(&txn, job, NOW + MINUTE, "later");
		break;
	case KEEP:
		queue_keep(&txn, job, NOW, "kept");
		break;
	case WAIT:
		queue_wait(&txn, job, "not in Plex");
		break;
	case FAIL:
	default:
		queue_fail(&txn, job, "ambiguous");
		break;
	}
	commit(&txn);
}

static void test_verdicts(void **unused)
{
	static const struct {
		enum verdict verdict;
		bool there;
		enum job_state state;
		int64_t due_ms;
		uint32_t attempts;
		const char *reason;
		size_t ready, due, waiting, failed;
	} rows[] = {
		{ACK, false, JOB_READY, 0, 0, NULL, 0, 0, 0, 0},
		{DEFER, true, JOB_READY, NOW + MINUTE, 1, "later", 1, 0, 0, 0},
		{KEEP, true, JOB_READY, NOW, 0, "kept", 1, 1, 0, 0},
		{WAIT, true, JOB_WAITING, 0, 0, "not in Plex", 0, 0, 1, 0},
		{FAIL, true, JOB_FAILED, 0, 1, "ambiguous", 0, 0, 0, 1},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *name = verdict_names[rows[i].verdict];
		struct queue_counts counts;
		uint64_t event;
		struct txn txn;
		struct job job;

		push(7, ORIGIN_SWEEP, NOW);
		assert_int_equal(take(NOW, &job), 7);
		event = job.events;
		settle(&job, rows[i].verdict);
		counts = count(NOW);
		ok &= row_int(name, (int64_t)counts.ready, (int64_t)rows[i].ready);
		ok &= row_int(name, (int64_t)counts.due, (int64_t)rows[i].due);
		ok &= row_int(name, (int64_t)counts.waiting, (int64_t)rows[i].waiting);
		ok &= row_int(name, (int64_t)counts.failed, (int64_t)rows[i].failed);
		ok &= row_int(name, is_in(7), rows[i].there);
		if (rows[i].there) {
			job = get(7);
			ok &= row_int(name, job.state, rows[i].state);
			ok &= row_int(name, job.attempts, rows[i].attempts);
			ok &= row_text(name, job.reason, rows[i].reason);
			ok &= row_text(name, job.path, "/films/Harbour Lights.mkv");
			ok &= row_int(name, job.origin, ORIGIN_SWEEP);
			ok &= row_int(name, (int64_t)job.events, (int64_t)event);
			ok &= row_int(name, (int64_t)job.name_count, job.state != JOB_READY);
			if (job.state == JOB_READY)
				ok &= row_int(name, job.due_ms, rows[i].due_ms);
		}
		txn = writing();
		queue_remove(&txn, 7);
		commit(&txn);
		assert_empty();
	}
	assert_true(ok);
}

/* An event while its scene is being pushed: due again by that event. */
static void test_event_during_a_push(void **unused)
{
	bool ok = true;

	(void)unused;
	for (int verdict = ACK; verdict <= FAIL; verdict++) {
		const char *name = verdict_names[verdict];
		struct job taken, job;

		push(7, ORIGIN_SWEEP, NOW - 10);
		assert_int_equal(take(NOW, &taken), 7);
		push(7, ORIGIN_HAND, NOW + 5);
		settle(&taken, (enum verdict)verdict);
		ok &= row_true(name, is_in(7));
		job = get(7);
		ok &= row_int(name, job.state, JOB_READY);
		ok &= row_int(name, job.due_ms, NOW + 5);
		ok &= row_int(name, job.attempts, 0);
		ok &= row_int(name, job.origin, ORIGIN_HAND);
		ok &= row_true(name, job.events > taken.events);
		ok &= row_int(name, take(NOW + 5, &job), 7);
		ack(&job);
		assert_empty();
	}
	assert_true(ok);
}

/* The job was removed (Destroy, clear-queue) while it was being pushed, and
 * then came a new event: the verdict is about the old one. */
static void test_new_job_during_a_push(void **unused)
{
	bool ok = true;

	(void)unused;
	for (int verdict = ACK; verdict <= FAIL; verdict++) {
		const char *name = verdict_names[verdict];
		struct job taken, job;
		struct txn txn;

		push(7, ORIGIN_HAND, NOW - 10);
		assert_int_equal(take(NOW, &taken), 7);
		txn = writing();
		queue_remove(&txn, 7);
		commit(&txn);
		push(7, ORIGIN_HAND, NOW + 5);
		settle(&taken, (enum verdict)verdict);
		ok &= row_int(name, take(NOW + 5, &job), 7);
		txn = writing();
		queue_remove(&txn, 7);
		commit(&txn);
		assert_empty();
	}
	assert_true(ok);
}

/* Removed and nothing new: the verdict must not bring it back. */
static void test_removed_during_a_push(void **unused)
{
	(void)unused;
	for (int verdict = ACK; verdict <= FAIL; verdict++) {
		struct job taken;
		struct txn txn;

		push(7, ORIGIN_HAND, NOW);
		assert_int_equal(take(NOW, &taken), 7);
		txn = writing();
		queue_remove(&txn, 7);
		commit(&txn);
		settle(&taken, (enum verdict)verdict);
		assert_empty();
	}
}

static void test_event_for_any_state(void **unused)
{
	(void)unused;
	for (int verdict = DEFER; verdict <= FAIL; verdict++) {
		struct job job;

		push(7, ORIGIN_HAND, NOW);
		assert_int_equal(take(NOW, &job), 7);
		settle(&job, (enum verdict)verdict);
		push(7, ORIGIN_HAND, NOW + 1);
		job = get(7);
		assert_int_equal(job.state, JOB_READY);
		assert_int_equal(job.attempts, 0);
		assert_int_equal(job.due_ms, NOW + 1);
		assert_int_equal(job.name_count, 0);
		assert_int_equal(rows_of(QUEUE_DUE), 1);
		assert_int_equal(rows_of(QUEUE_WAITING), 0);
		assert_int_equal(take(NOW + 1, &job), 7);
		ack(&job);
		assert_empty();
	}
}

static void test_attempts_add_up(void **unused)
{
	struct job job;

	(void)unused;
	push(7, ORIGIN_HAND, NOW);
	for (uint32_t i = 0; i < LIMIT_ATTEMPTS; i++) {
		assert_int_equal(take(NOW, &job), 7);
		assert_int_equal(job.attempts, i);
		defer(&job, NOW);
	}
	assert_int_equal(take(NOW, &job), 7);
	assert_string_equal(job.reason, "HTTP 500");
	settle(&job, KEEP);
	assert_int_equal(get(7).attempts, LIMIT_ATTEMPTS);
	job = get(7);
	settle(&job, FAIL);
	assert_int_equal(get(7).attempts, LIMIT_ATTEMPTS + 1);
}

static void test_long_reason(void **unused)
{
	char *reason = arena_alloc(&arena, 100001);
	struct txn txn;
	struct job job;

	(void)unused;
	memset(reason, 'r', 100000);
	push(7, ORIGIN_HAND, NOW);
	assert_int_equal(take(NOW, &job), 7);
	txn = writing();
	queue_fail(&txn, &job, reason);
	commit(&txn);
	assert_string_equal(get(7).reason, reason);
}

/* ---- waiting ---- */

static void wait_for(int64_t scene, const char *const *names, size_t n)
{
	struct digest digests[4];
	struct job job;
	struct txn txn;

	push(scene, ORIGIN_HAND, NOW);
	job = get(scene);
	for (size_t i = 0; i < n; i++)
		digests[i] = digest_text(names[i]);
	job.names = digests;
	job.name_count = n;
	txn = writing();
	queue_wait(&txn, &job, "not in Plex");
	commit(&txn);
}

static size_t wake(const char *name, int64_t now)
{
	struct digest digest = digest_text(name);
	struct txn txn = writing();
	size_t n = queue_wake(&txn, &digest, now);

	commit(&txn);
	return n;
}

static bool has_waiting(void)
{
	return rows_of(QUEUE_WAITING) > 0;
}

static bool is_awaited(const char *name)
{
	struct digest digest = digest_text(name);
	struct txn txn;
	bool awaited;

	store_begin(&txn, state.queue, TXN_READ);
	awaited = queue_is_awaited(&txn, &digest);
	store_abort(&txn);
	return awaited;
}

static void test_wake(void **unused)
{
	static const char *const ab[] = {"a", "b"}, *const bc[] = {"b", "c"}, *const c[] = {"c"};
	static const int64_t first[] = {1, 2}, second[] = {3};

	(void)unused;
	assert_false(has_waiting());
	wait_for(1, ab, 2);
	wait_for(2, bc, 2);
	wait_for(3, c, 1);
	assert_true(has_waiting());
	assert_int_equal(count(NOW).waiting, 3);
	assert_false(due(NOW, 0));
	assert_true(is_awaited("a") && is_awaited("b") && is_awaited("c"));
	assert_false(is_awaited("nothing"));
	assert_int_equal(wake("nothing", NOW), 0);
	assert_int_equal(wake("b", NOW + 1), 2); /* several jobs of one name */
	assert_int_equal(wake("b", NOW + 1), 0);
	assert_int_equal(wake("a", NOW + 1), 0); /* several names of one job: all are gone */
	assert_false(is_awaited("a") || is_awaited("b"));
	assert_int_equal(count(NOW + 1).waiting, 1);
	assert_int_equal(get(1).due_ms, NOW + 1);
	assert_int_equal(get(1).state, JOB_READY);
	assert_drains(NOW + 1, 2, first);
	assert_true(has_waiting());
	assert_int_equal(wake("c", NOW + 2), 1);
	assert_false(has_waiting());
	assert_drains(NOW + 2, 1, second);
	assert_empty();
}

/* A failed job is revived by a part with one of its names, too. */
static void test_wake_failed(void **unused)
{
	static const int64_t expected[] = {7};
	struct job job;

	(void)unused;
	push(7, ORIGIN_HAND, NOW);
	assert_int_equal(take(NOW, &job), 7);
	settle(&job, FAIL);
	assert_true(is_awaited("name"));
	assert_int_equal(wake("name", NOW + 1), 1);
	assert_false(is_awaited("name"));
	job = get(7);
	assert_int_equal(job.state, JOB_READY);
	assert_int_equal(job.attempts, 0);
	assert_drains(NOW + 1, 1, expected);
	assert_empty();
}

static void test_clear_failed_forgets_names(void **unused)
{
	struct txn txn;
	struct job job;

	(void)unused;
	push(7, ORIGIN_HAND, NOW);
	assert_int_equal(take(NOW, &job), 7);
	settle(&job, FAIL);
	txn = writing();
	assert_int_equal(queue_clear_failed(&txn, INT64_MAX, SIZE_MAX), 1);
	commit(&txn);
	assert_empty();
}

static void test_wait_for_the_same_name_twice(void **unused)
{
	static const char *const aa[] = {"a", "a"};

	(void)unused;
	wait_for(1, aa, 2);
	assert_int_equal(wake("a", NOW), 1);
	assert_false(has_waiting());
}

static void test_wait_for_other_names(void **unused)
{
	static const char *const a[] = {"a"}, *const b[] = {"b"};

	(void)unused;
	wait_for(1, a, 1);
	wait_for(1, b, 1); /* the file was renamed meanwhile */
	assert_int_equal(wake("a", NOW), 0);
	assert_int_equal(wake("b", NOW), 1);
	assert_false(has_waiting());
}

/* Those that failed and wait for something; not those that wait, nor those that just failed. */
static void test_wake_all_that_failed(void **unused)
{
	struct digest names[] = {digest_text("a"), digest_text("b"), digest_text("c")};
	struct txn txn = writing();

	(void)unused;
	for (int64_t scene = 1; scene <= 6; scene++) {
		struct job job;
		push_in(&txn, scene, ORIGIN_HAND, NOW);
		assert_int_equal(queue_get(&txn, scene, &job, &arena), FOUND);
		job.names = names;
		job.name_count = scene <= 4 ? 3 : 0;
		if (scene % 2)
			queue_fail(&txn, &job, "ambiguous");
		else
			queue_wait(&txn, &job, "not in Plex");
	}
	assert_int_equal(queue_wake_failed(&txn, NOW), 2);
	assert_int_equal(queue_ready(&txn), 2);
	assert_int_equal(queue_wake_failed(&txn, NOW), 0);
	assert_true(queue_is_awaited(&txn, &names[0])); /* by those that wait */
	assert_int_equal(queue_wake(&txn, &names[0], NOW), 2);
	assert_false(queue_is_awaited(&txn, &names[1]));
	store_abort(&txn);
}

static void test_turns(void **unused)
{
	static const struct {
		const char *name;
		int64_t scene;
		size_t count, most;
		int64_t day;
		bool want;
	} rows[] = {
		{"one of few", 5, 10, 10, 0, true},
		{"one of few, the next day", 5, 10, 10, 1, true},
		{"of a few more every other one", 5, 11, 10, 0, false},
		{"and the others the next day", 5, 11, 10, 1, true},
		{"of many", 5, 100, 10, 15, true},
		{"of many, on another day", 5, 100, 10, 16, false},
		{"when there is none", 5, 0, 10, 3, true},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].name,
			queue_has_turn(rows[i].scene, rows[i].count, rows[i].most,
				rows[i].day * 24 * 3600 * 1000),
			rows[i].want);
	assert_true(ok);
}

/* Each once in three days. */
static void test_wake_some_that_failed(void **unused)
{
	struct digest name = digest_text("a");
	size_t woken = 0;

	(void)unused;
	for (int64_t day = 0; day < 3; day++) {
		struct txn txn = writing();
		size_t today;
		for (int64_t scene = 1; scene <= 9; scene++) {
			struct job job;
			push_in(&txn, scene, ORIGIN_HAND, NOW);
			assert_int_equal(queue_get(&txn, scene, &job, &arena), FOUND);
			job.names = &name;
			job.name_count = 1;
			queue_fail(&txn, &job, "ambiguous");
		}
		today = queue_wake_some_failed(&txn, 3, NOW + day * 24 * 3600 * 1000);
		assert_int_equal(queue_ready(&txn), today);
		assert_int_equal(today, 3);
		woken += today;
		store_abort(&txn);
	}
	assert_int_equal(woken, 9);
}

static void test_wake_is_no_event(void **unused)
{
	static const char *const a[] = {"a"};

	(void)unused;
	wait_for(1, a, 1);
	wake("a", NOW + 9);
	assert_int_equal(get(1).events, 1);
	assert_int_equal(get(1).event_ms, NOW);
}

static void test_waiting_by_the_thousand(void **unused)
{
	struct digest name = digest_text("video.mp4");
	struct txn txn = writing();

	(void)unused;
	for (int64_t scene = 1; scene <= 1500; scene++) {
		struct job job;
		push_in(&txn, scene, ORIGIN_SWEEP, NOW);
		assert_int_equal(queue_get(&txn, scene, &job, &arena), FOUND);
		job.names = &name;
		job.name_count = 1;
		queue_wait(&txn, &job, "not in Plex");
	}
	assert_int_equal(queue_wake(&txn, &name, NOW), 1500);
	assert_false(queue_is_awaited(&txn, &name));
	assert_int_equal(queue_ready(&txn), 1500);
	store_abort(&txn);
}

/* ---- lists, retry, clear ---- */

static void make_failed(int64_t scene, int64_t now)
{
	struct job job;
	struct txn txn;

	push(scene, ORIGIN_HAND, now);
	job = get(scene);
	txn = writing();
	queue_fail(&txn, &job, "ambiguous");
	commit(&txn);
}

static void make_one_of_each(void)
{
	static const char *const a[] = {"a"};

	make_failed(3, NOW - 1000);
	make_failed(1, NOW);
	push(2, ORIGIN_HAND, NOW);
	wait_for(4, a, 1);
	push(5, ORIGIN_SWEEP, NOW);
}

static void test_next(void **unused)
{
	static const struct {
		const char *name;
		enum job_state state;
		int64_t after, scene; /* 0: ABSENT */
	} rows[] = {
		{"ready: first", JOB_READY, 0, 2},
		{"ready: second", JOB_READY, 2, 5},
		{"ready: end", JOB_READY, 5, 0},
		{"waiting: first", JOB_WAITING, 0, 4},
		{"waiting: end", JOB_WAITING, 4, 0},
		{"failed: first", JOB_FAILED, 0, 1},
		{"failed: second", JOB_FAILED, 1, 3},
		{"failed: behind one of another state", JOB_FAILED, 2, 3},
		{"failed: end", JOB_FAILED, 3, 0},
		{"behind the largest", JOB_READY, INT64_MAX, 0},
	};
	bool ok = true;

	(void)unused;
	make_one_of_each();
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct job job = {0};
		struct txn txn;
		store_begin(&txn, state.queue, TXN_READ);
		enum lookup found = queue_next(&txn, rows[i].state, rows[i].after, &job, &arena);
		store_abort(&txn);
		ok &= row_int(rows[i].name, found, rows[i].scene ? FOUND : ABSENT);
		ok &= row_int(rows[i].name, found == FOUND ? job.scene : 0, rows[i].scene);
	}
	assert_true(ok);
}

static void test_retry_failed(void **unused)
{
	static const int64_t rest[] = {2, 1, 3, 5};
	struct txn txn;

	(void)unused;
	make_one_of_each();
	txn = writing();
	assert_int_equal(queue_retry_failed(&txn, 2, NOW), 0); /* not failed */
	assert_int_equal(queue_retry_failed(&txn, 9, NOW), 0); /* not there */
	assert_int_equal(queue_retry_failed(&txn, 1, NOW + 1), 1);
	commit(&txn);
	assert_int_equal(get(1).state, JOB_READY);
	assert_int_equal(get(1).attempts, 0);
	assert_int_equal(get(3).state, JOB_FAILED);
	txn = writing();
	assert_int_equal(queue_retry_failed(&txn, 0, NOW + 2), 1);
	commit(&txn);
	assert_int_equal(count(NOW + 2).failed, 0);
	assert_drains(NOW + 2, 4, rest);
	assert_int_equal(count(NOW + 2).waiting, 1); /* left alone */
}

/* ---- records that cannot be read ---- */

struct damage {
	const char *name, *record;
	size_t len;
};

static const struct damage damages[] = {
	{"empty", "", 0},
	{"one byte", "\x01", 1},
	{"unknown version", "\x63\x00\x00\x00", 4},
	{"cut", "\x01\x00\x00\x00\x00\x00", 6},
	{"text", "this is no job at all, is it?", 29},
	{"state failed, cut", "\x01\x02\x00\x00", 4},
	{"state waiting, cut", "\x01\x01\x00\x00", 4},
};

static void damage(int64_t scene, const struct damage *how)
{
	unsigned char key[8];
	struct txn txn = writing();

	store_put(&txn, QUEUE_JOBS, record_key(key, scene), (struct bytes){how->record, how->len});
	commit(&txn);
}

/* ---- who asked ---- */

static void push_of_a_sweep(int64_t scene, bool unattended)
{
	struct event event = {.scene = scene, .origin = ORIGIN_SWEEP, .unattended = unattended};
	struct txn txn = writing();

	queue_add(&txn, &event, NOW);
	commit(&txn);
}

/* A job is unattended only if all its events are. */
static void test_unattended(void **unused)
{
	static const struct {
		const char *name, *events; /* u: unattended, a: attended */
		bool unattended;
	} rows[] = {
		{"a sweep that nobody started", "u", true},
		{"one that somebody started", "a", false},
		{"twice by itself", "uu", true},
		{"and then by hand", "ua", false},
		{"by hand before", "au", false},
		{"by hand in between", "uau", false},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t scene = (int64_t)i + 1;
		for (const char *event = rows[i].events; *event != '\0'; event++)
			push_of_a_sweep(scene, *event == 'u');
		ok &= row_int(rows[i].name, get(scene).unattended, rows[i].unattended);
	}
	assert_true(ok);
}

/* What becomes of a job does not change who asked for it; a person who retries it does. */
static void test_unattended_stays(void **unused)
{
	struct txn txn;
	struct job job;

	(void)unused;
	push_of_a_sweep(1, true);
	assert_int_equal(take(NOW, &job), 1);
	assert_true(job.unattended);
	defer(&job, NOW + MINUTE);
	assert_true(get(1).unattended);
	job = get(1);
	txn = writing();
	queue_fail(&txn, &job, "no");
	queue_revive(&txn, 1, false, NOW); /* the index gained its file */
	commit(&txn);
	assert_true(get(1).unattended);
	job = get(1);
	txn = writing();
	queue_fail(&txn, &job, "no");
	assert_int_equal(queue_retry_failed(&txn, 1, NOW), 1);
	commit(&txn);
	assert_false(get(1).unattended);
}

/* Those of the second: an 'unattended' more, and no title. */
static void test_job_of_version_2(void **unused)
{
	static const char record[] = "\2\2\1\1\1" /* failed, of a sweep, forced, unattended */
				     "\0\0\0\0\0\0\0\0"
				     "\0\0\1\x8b\xcf\xe5\x68\0"
				     "\0\0\0\0\0\0\0\x63"
				     "\0\0\0\x0c"
				     "\0\0\0\6/a.mp4"
				     "\0\0\0\2no"
				     "\0\0\0\0";
	unsigned char key[8];
	struct txn txn = writing();
	struct job job;

	(void)unused;
	store_put(&txn, QUEUE_JOBS, record_key(key, 7), (struct bytes){record, sizeof(record) - 1});
	commit(&txn);
	job = get(7);
	assert_false(job.damaged);
	assert_true(job.unattended);
	assert_string_equal(job.title, "");
	assert_string_equal(job.reason, "no");
	job.title = "Harbour Lights";
	txn = writing();
	queue_fail(&txn, &job, "still no");
	commit(&txn);
	assert_string_equal(get(7).title, "Harbour Lights");
	assert_string_equal(get(7).reason, "still no");
}

/* The bytes that the first version wrote. */
static void test_job_of_version_1(void **unused)
{
	static const char record[] = "\1\2\1\1" /* failed, of a sweep, forced */
				     "\0\0\0\0\0\0\0\0"
				     "\0\0\1\x8b\xcf\xe5\x68\0"
				     "\0\0\0\0\0\0\0\x63"
				     "\0\0\0\x0c"
				     "\0\0\0\6/a.mp4"
				     "\0\0\0\2no"
				     "\0\0\0\1"
				     "0123456789abcdef";
	unsigned char key[8];
	struct txn txn = writing();
	struct job job;

	(void)unused;
	store_put(&txn, QUEUE_JOBS, record_key(key, 7), (struct bytes){record, sizeof(record) - 1});
	commit(&txn);
	job = get(7);
	assert_false(job.damaged);
	assert_false(job.unattended);
	assert_int_equal(job.state, JOB_FAILED);
	assert_int_equal(job.origin, ORIGIN_SWEEP);
	assert_true(job.force);
	assert_int_equal(job.event_ms, NOW);
	assert_int_equal(job.events, 99);
	assert_int_equal(job.attempts, 12);
	assert_string_equal(job.path, "/a.mp4");
	assert_string_equal(job.reason, "no");
	assert_int_equal(job.name_count, 1);
	push_of_a_sweep(7, true); /* an event of it may have been by hand */
	assert_false(get(7).unattended);
	assert_int_equal(get(7).state, JOB_READY);
}

/* Who asked for it is not known: nothing is replaced on a guess. */
static void test_damaged_job_is_unattended(void **unused)
{
	(void)unused;
	push(7, ORIGIN_HAND, NOW);
	damage(7, &damages[0]);
	assert_true(get(7).unattended);
}

static void test_clear_failed(void **unused)
{
	struct txn txn;

	(void)unused;
	make_one_of_each();
	txn = writing();
	assert_int_equal(queue_clear_failed(&txn, NOW - 1000, SIZE_MAX), 0);
	assert_int_equal(queue_clear_failed(&txn, NOW, SIZE_MAX), 1); /* 3 is older, 1 is not */
	commit(&txn);
	assert_false(is_in(3));
	assert_true(is_in(1));
	txn = writing();
	assert_int_equal(queue_clear_failed(&txn, INT64_MAX, SIZE_MAX), 1);
	commit(&txn);
	assert_int_equal(count(NOW).failed, 0);
	assert_int_equal(count(NOW).ready, 2);
	assert_int_equal(count(NOW).waiting, 1);
}

static void test_trim_failed(void **unused)
{
	/* time of the event, in the order of the scenes from 1 on */
	static const int64_t events[] = {5, 2, 9, 2, 7, 2};
	struct txn txn = writing();

	(void)unused;
	for (size_t i = 0; i < ROWS(events); i++)
		push_in(&txn, (int64_t)i + 1, ORIGIN_HAND, NOW + events[i]);
	push_in(&txn, 7, ORIGIN_HAND, NOW); /* the oldest, but not failed */
	commit(&txn);
	for (size_t i = 0; i < ROWS(events); i++) {
		struct job job = get((int64_t)i + 1);
		txn = writing();
		queue_fail(&txn, &job, "no");
		commit(&txn);
	}
	txn = writing();
	assert_int_equal(queue_clear_failed(&txn, 0, 6), 0);
	assert_int_equal(
		queue_clear_failed(&txn, 0, 4), 2); /* of three equally old ones the first two */
	commit(&txn);
	assert_false(is_in(2));
	assert_false(is_in(4));
	assert_true(is_in(6));
	assert_true(is_in(7));
	assert_int_equal(count(NOW).failed, 4);
	txn = writing();
	assert_int_equal(queue_clear_failed(&txn, 0, 0), 4);
	commit(&txn);
	assert_int_equal(count(NOW).failed, 0);
	assert_true(is_in(7));
}

static void test_clear(void **unused)
{
	struct txn txn;

	(void)unused;
	make_one_of_each();
	txn = writing();
	assert_int_equal(queue_clear(&txn), 3);
	assert_int_equal(queue_clear(&txn), 0);
	commit(&txn);
	assert_int_equal(count(NOW).ready, 0);
	assert_int_equal(count(NOW).waiting, 0);
	assert_int_equal(count(NOW).failed, 2);
	assert_false(has_waiting());
	assert_int_equal(rows_of(QUEUE_DUE), 0);
}

/* The scene's id is all that a job needs: it is done again, and then gone. */
static void test_damaged_job_is_done(void **unused)
{
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(damages); i++) {
		const char *name = damages[i].name;
		struct job job = {0};
		struct txn txn;

		push(7, ORIGIN_SWEEP, NOW);
		damage(7, &damages[i]);
		ok &= row_int(name, take(NOW, &job), 7);
		ok &= row_text(name, job.path, "");
		ok &= row_text(name, job.reason, "");
		ack(&job);
		ok &= row_true(name, !is_in(7));
		ok &= row_int(name, (int64_t)rows_of(QUEUE_DUE), 0);
		ok &= row_true(name, !due(NOW, 0));
		txn = writing(); /* a clean start for the next row */
		store_clear(&txn, QUEUE_DUE);
		commit(&txn);
	}
	assert_true(ok);
}

static void test_event_for_a_damaged_job(void **unused)
{
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(damages); i++) {
		const char *name = damages[i].name;
		struct job job;
		struct txn txn;

		push(7, ORIGIN_SWEEP, NOW - 5);
		damage(7, &damages[i]);
		push(7, ORIGIN_SWEEP, NOW);
		ok &= row_int(name, (int64_t)count(NOW).ready, 1);
		ok &= row_int(name, take(NOW, &job), 7);
		ack(&job);
		ok &= row_true(name, !due(NOW, 0));
		txn = writing();
		store_clear(&txn, QUEUE_DUE);
		commit(&txn);
	}
	assert_true(ok);
}

static void test_damaged_waiting_job(void **unused)
{
	static const char *const ab[] = {"a", "b"};
	struct job job;

	(void)unused;
	wait_for(7, ab, 2);
	damage(7, &damages[2]);
	assert_int_equal(wake("a", NOW), 1);
	assert_int_equal(take(NOW, &job), 7);
	ack(&job);
	assert_int_equal(rows_of(QUEUE_JOBS), 0);
	assert_false(due(NOW, 0));
	assert_false(has_waiting()); /* else every index pass would look for it for ever */
}

static void test_clear_takes_damaged_jobs(void **unused)
{
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < 4; i++) {
		const char *name = damages[i].name;
		struct txn txn;

		push(7, ORIGIN_SWEEP, NOW);
		damage(7, &damages[i]);
		txn = writing();
		queue_clear(&txn);
		commit(&txn);
		ok &= row_true(name, !due(NOW, 0));
		ok &= row_int(name, (int64_t)count(NOW).ready, 0);
		ok &= row_int(name, (int64_t)rows_of(QUEUE_JOBS), 0);
		txn = writing();
		store_clear(&txn, QUEUE_DUE);
		store_clear(&txn, QUEUE_JOBS);
		commit(&txn);
	}
	assert_true(ok);
}

/* One that cannot be read is not in anybody's way. */
static void test_damaged_job_among_others(void **unused)
{
	int64_t scenes[32] = {0};
	bool seen[4] = {false};

	(void)unused;
	push(1, ORIGIN_HAND, NOW - 3);
	push(2, ORIGIN_HAND, NOW - 2);
	push(3, ORIGIN_SWEEP, NOW - 1);
	damage(2, &damages[4]);
	assert_int_equal(drain(NOW, scenes, 32), 3);
	for (int i = 0; i < 3; i++)
		seen[scenes[i]] = true;
	assert_true(seen[1] && seen[2] && seen[3]);
}

/* It hides no job behind it. */
static void test_wrong_key_in_due(void **unused)
{
	struct txn txn = writing();
	struct job job;
	struct err err = {.kind = ERR_NONE};

	(void)unused;
	store_put(&txn, QUEUE_DUE, (struct bytes){"\0short", 6}, (struct bytes){"", 0});
	commit(&txn);
	assert_int_equal(
		queue_take(state.queue, &state.locks, NULL, NOW, &job, &arena, &err), ABSENT);
	push(7, ORIGIN_HAND, NOW);
	assert_int_equal(
		queue_take(state.queue, &state.locks, NULL, NOW, &job, &arena, &err), FOUND);
	assert_int_equal(job.scene, 7);
	queue_release(&state.locks, &job);
}

/* ---- bulk edits ---- */

static int64_t seen(const char *what, int64_t now)
{
	struct digest digest = digest_text(what);
	struct txn txn;
	int64_t at;

	store_begin(&txn, state.queue, TXN_READ);
	at = recent_edit_ms(&txn, &digest, now);
	store_abort(&txn);
	return at;
}

static void remember(struct txn *txn, const char *what, int64_t now)
{
	struct digest digest = digest_text(what);

	recent_note_edit(txn, &digest, now);
}

static void test_bulk(void **unused)
{
	static const struct {
		const char *name;
		int64_t later;
		bool seen;
	} rows[] = {
		{"at once", 0, true},
		{"a minute later", MINUTE, true},
		{"at the end of its time", LIMIT_BULK_MEMORY_MS - 1, true},
		{"behind it", LIMIT_BULK_MEMORY_MS, false},
		{"the clock went back", -1, false},
		{"the clock went back a year", -YEAR, false},
		{"the clock went forward a year", YEAR, false},
	};
	struct txn txn = writing();
	bool ok = true;

	(void)unused;
	remember(&txn, "input", NOW);
	commit(&txn);
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(
			rows[i].name, seen("input", NOW + rows[i].later), rows[i].seen ? NOW : 0);
	ok &= row_int("another input", seen("other", NOW), 0);
	assert_true(ok);
}

static void test_bulk_is_bounded(void **unused)
{
	struct txn txn = writing();

	(void)unused;
	for (int i = 0; i < 500; i++) {
		char what[16];
		snprintf(what, sizeof(what), "%d", i);
		remember(&txn, what, NOW + i);
		assert_in_range(store_count(&txn, QUEUE_BULK), 1, LIMIT_BULK_MEMORY);
	}
	commit(&txn);
	assert_int_equal(seen("499", NOW + 500), NOW + 499); /* the newest is always there */
}

static void test_bulk_forgets_the_old(void **unused)
{
	struct txn txn = writing();

	(void)unused;
	remember(&txn, "old", NOW);
	remember(&txn, "of a clock that was ahead", NOW + YEAR);
	remember(&txn, "new", NOW + LIMIT_BULK_MEMORY_MS);
	assert_int_equal(store_count(&txn, QUEUE_BULK), 1);
	commit(&txn);
	assert_int_equal(seen("new", NOW + LIMIT_BULK_MEMORY_MS), NOW + LIMIT_BULK_MEMORY_MS);
}

/* ---- back-off ---- */

static void test_backoff(void **unused)
{
	static const struct {
		uint32_t attempts;
		int64_t s;
	} rows[] = {{0, 30}, {1, 60}, {2, 120}, {3, 240}, {4, 480}, {5, 600}, {6, 600}, {11, 600},
		{1000, 600}, {UINT32_MAX, 600}};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t least = rows[i].s * 1000, first = queue_backoff_ms(rows[i].attempts, 1);
		bool spread = false;
		ok &= row_int("scene 0", queue_backoff_ms(rows[i].attempts, 0), least);
		for (int64_t scene = 1; scene <= 1000; scene++) {
			int64_t ms = queue_backoff_ms(rows[i].attempts, scene);
			if (ms < least || ms > least + least / 5)
				ok &= row_int("within a fifth more", ms, least);
			spread |= ms != first;
		}
		ok &= row_true("spread by scene", spread);
		ok &= row_true("never beyond what counts as due",
			queue_backoff_ms(rows[i].attempts, INT64_MAX) < 2 * LIMIT_BACKOFF_MAX_MS);
	}
	assert_true(ok);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_push_and_take),
		TEST(test_coalescing),
		TEST(test_coalescing_of_origins),
		TEST(test_force_stays),
		TEST(test_order),
		TEST(test_by_hand_comes_before_ten_thousand_of_a_sweep),
		TEST(test_not_due_never_delays_due),
		TEST(test_due_times),
		TEST(test_clock_jumps),
		TEST(test_far_away_by_hand_before_sweep),
		TEST(test_due_except),
		TEST(test_take_skips_what_others_hold),
		TEST(test_only_job_is_held),
		TEST(test_take_scene),
		TEST(test_several_drains),
		TEST(test_locks_that_fail),
		TEST(test_take_scene_with_locks_that_fail),
		TEST(test_no_store),
		TEST(test_killed_before_commit),
		TEST(test_verdicts),
		TEST(test_event_during_a_push),
		TEST(test_new_job_during_a_push),
		TEST(test_removed_during_a_push),
		TEST(test_event_for_any_state),
		TEST(test_attempts_add_up),
		TEST(test_long_reason),
		TEST(test_wake),
		TEST(test_wake_failed),
		TEST(test_clear_failed_forgets_names),
		TEST(test_wait_for_the_same_name_twice),
		TEST(test_wait_for_other_names),
		TEST(test_wake_all_that_failed),
		TEST(test_turns),
		TEST(test_wake_some_that_failed),
		TEST(test_wake_is_no_event),
		TEST(test_waiting_by_the_thousand),
		TEST(test_next),
		TEST(test_retry_failed),
		TEST(test_clear_failed),
		TEST(test_trim_failed),
		TEST(test_clear),
		TEST(test_damaged_job_is_done),
		TEST(test_event_for_a_damaged_job),
		TEST(test_damaged_waiting_job),
		TEST(test_clear_takes_damaged_jobs),
		TEST(test_damaged_job_among_others),
		TEST(test_wrong_key_in_due),
		TEST(test_unattended),
		TEST(test_unattended_stays),
		TEST(test_job_of_version_1),
		TEST(test_job_of_version_2),
		TEST(test_damaged_job_is_unattended),
		TEST(test_failed_is_not_absent),
		TEST(test_bulk),
		TEST(test_bulk_is_bounded),
		TEST(test_bulk_forgets_the_old),
		TEST(test_backoff),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
