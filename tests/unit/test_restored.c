/*
 * test_restored.c - when a library went back, what is queued then, and where that goes on.
 */
#include "helpers.h"
#include "queue_open.h"

#include "base/limits.h"
#include "base/log.h"
#include "find/restored.h"
#include "state/history.h"
#include "state/marks.h"
#include "state/owed.h"
#include "state/queue.h"

#define DAY    ((int64_t)24 * 3600)
#define T      ((int64_t)1700000000) /* seconds */
#define SINCE  ((T - DAY) * 1000)
#define SCENES (2 * LIMIT_RESTORED_SCENES + 5)

static void test_went_back(void **unused)
{
	static const struct {
		const char *name;
		struct marks before, now;
		bool back;
		int64_t since_ms;
		struct marks after;
	} rows[] = {
		{"first seen", {0, 0, 0}, {7, T, T}, false, 0, {7, T, T}},
		{"as it was", {7, T, T}, {7, T, T}, false, 0, {7, T, T}},
		{"went on", {7, T, T}, {9, T + 5, T + 6}, false, 0, {9, T + 5, T + 6}},
		{"the counter", {9, T, T}, {7, T, T}, true, 0, {7, T, T}},
		{"the counter, and a scan since", {9, T, T}, {7, T + 9, T}, true, 0, {7, T + 9, T}},
		{"all", {9, T + 9, T + 5}, {7, T, T - 5}, true, SINCE, {7, T, T - 5}},
		{"all, edited later than scanned", {9, T + 9, T + 5}, {7, T - 9, T}, true, SINCE,
			{7, T - 9, T}},
		{"the scan alone", {7, T + 9, T}, {9, T, T}, true, SINCE, {9, T, T}},
		{"the edit alone", {7, T, T + 9}, {9, T + 9, T}, true, SINCE, {9, T + 9, T}},
		{"nothing is said", {7, T, T}, {0, 0, 0}, false, 0, {7, T, T}},
		{"less than nothing", {7, T, T}, {-1, -1, -1}, false, 0, {7, T, T}},
		{"the counter is said again", {7, T, T}, {3, 0, 0}, true, 0, {3, T, T}},
		{"a time of long ago", {7, T, T}, {7, 60, T}, true, 0, {7, 60, T}},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t since_ms = -1;
		struct marks after = marks_after(&rows[i].before, &rows[i].now);
		bool back = marks_went_back(&rows[i].before, &rows[i].now, &since_ms);
		ok &= row_int(rows[i].name, back, rows[i].back);
		if (back)
			ok &= row_int(rows[i].name, since_ms, rows[i].since_ms);
		ok &= row_int(rows[i].name, memcmp(&after, &rows[i].after, sizeof(after)), 0);
	}
	assert_true(ok);
}

static void test_marks_are_of_one_library_of_one_server(void **unused)
{
	const struct marks marks = {7, T, T + 1};
	struct marks got;

	(void)unused;
	marks_save(&txn, "m", "a", &marks);
	marks_load(&txn, "m", "a", &got);
	assert_memory_equal(&got, &marks, sizeof(got));
	marks_load(&txn, "m", "b", &got);
	assert_int_equal(got.counter, 0);
	marks_load(&txn, "n", "a", &got);
	assert_int_equal(got.counter, 0);
	assert_int_equal(marks_compared(&txn, "m", "a"), 0);
	marks_save_compared(&txn, "m", "a", 1700000000);
	assert_int_equal(marks_compared(&txn, "m", "a"), 1700000000);
	assert_int_equal(marks_compared(&txn, "m", "b"), 0);
	marks_load(&txn, "m", "a", &got);
	assert_memory_equal(&got, &marks, sizeof(got));
}

/* A scene with one item on that server. */
static void put(int64_t scene, const char *machine, int64_t pushed_ms, bool meant)
{
	char key[24];
	struct history_item item = {machine, key};
	struct history_scene remembered = {.items = &item, .count = 1};
	struct history history = {.owner = scene, .pushed_ms = pushed_ms};

	snprintf(key, sizeof(key), "%lld", (long long)scene);
	if (meant)
		history.meant.v[FIELD_TITLE] = (struct value){.known = true, .text = "Pier"};
	history_put(&txn, machine, key, &history);
	history_scene_put(&txn, scene, &remembered);
}

static bool is_queued(int64_t scene)
{
	struct job job;
	bool queued = queue_get(&txn, scene, &job, &arena) == FOUND;

	assert_true(!queued || (job.restored && job.unattended && job.origin == ORIGIN_SWEEP));
	return queued;
}

static void queue_owed(void)
{
	struct env env = {.state = &state};
	struct err err;

	assert_true(store_commit(&txn, &err));
	assert_true(restored_queue(&env, &err));
	store_begin(&txn, state.queue, TXN_WRITE);
	assert_false(owed_restored_any(&txn));
}

static void test_which_scenes(void **unused)
{
	const struct owed_restored owed = {"m", "\"Films\"", SINCE, 0, 0};

	(void)unused;
	put(1, "m", SINCE - 1, false);
	put(2, "m", SINCE, false);
	put(3, "other", SINCE, false);
	put(4, "m", SINCE - 1, true); /* what became of its last push is not known */
	put(5, "m", SINCE + 1, false);
	owed_restored_add(&txn, &owed);
	queue_owed();
	assert_false(is_queued(1) || is_queued(3));
	assert_true(is_queued(2) && is_queued(4) && is_queued(5));
	assert_int_equal(queue_ready(&txn), 3);
}

/* More than one commit holds, and from where it was cut off. */
static void test_it_goes_on_where_it_stopped(void **unused)
{
	struct owed_restored owed = {"m", "\"Films\"", 0, 0, 0};

	(void)unused;
	for (int64_t scene = 1; scene <= SCENES; scene++)
		put(scene, "m", 1, false);
	owed_restored_add(&txn, &owed);
	queue_owed();
	assert_int_equal(queue_ready(&txn), SCENES);
	queue_clear(&txn);
	owed.after = LIMIT_RESTORED_SCENES;
	owed_restored_save(&txn, &owed);
	queue_owed();
	assert_int_equal(queue_ready(&txn), SCENES - LIMIT_RESTORED_SCENES);
	queue_clear(&txn);
	queue_owed(); /* nothing is owed */
	assert_int_equal(queue_ready(&txn), 0);
}

static void test_what_is_owed_twice_is_owed_as_far_back_as_either(void **unused)
{
	const struct owed_restored first = {"m", "\"Films\"", SINCE, 7, 2},
				   second = {"m", "\"Clips\"", SINCE + 5, 0, 0},
				   elsewhere = {"n", "\"Films\"", SINCE + 9, 0, 0};
	struct owed_restored got;

	(void)unused;
	assert_false(owed_any(&txn, 0));
	owed_restored_save(&txn, &first);
	assert_true(owed_any(&txn, 0));
	owed_restored_add(&txn, &second);
	owed_restored_add(&txn, &second);
	assert_int_equal(owed_restored_get(&txn, &got, &arena), FOUND);
	assert_string_equal(got.libraries, "\"Films\", \"Clips\"");
	assert_int_equal(got.since_ms, SINCE);
	assert_int_equal(got.after, 0);
	owed_restored_add(&txn, &elsewhere);
	assert_int_equal(owed_restored_get(&txn, &got, &arena), FOUND);
	assert_string_equal(got.machine, "n");
	assert_int_equal(got.since_ms, SINCE + 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_went_back),
		cmocka_unit_test_setup_teardown(
			test_marks_are_of_one_library_of_one_server, setup, teardown),
		cmocka_unit_test_setup_teardown(test_which_scenes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_it_goes_on_where_it_stopped, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_what_is_owed_twice_is_owed_as_far_back_as_either, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("restored", tests, NULL, NULL);
}
