/*
 * test_look.c - when somebody has to look for what scenes wait for.
 */
#include "helpers.h"

#include "base/limits.h"
#include "base/log.h"
#include "queue_open.h"
#include "state/queue.h"
#include "state/look.h"
#include "state/tables.h"

#define NOW    ((int64_t)1700000000000)
#define MINUTE ((int64_t)60000)

static void test_next(void **unused)
{
	static const struct {
		const char *name;
		int64_t age_ms, next_ms; /* since the wait began */
	} rows[] = {
		{"it begins", 0, MINUTE},
		{"looked just before", -5000, MINUTE},
		{"before the first", MINUTE - 1, MINUTE},
		{"after the first", MINUTE, 2 * MINUTE},
		{"nobody came for a while", 6 * MINUTE, 10 * MINUTE},
		{"the last of the row", 39 * MINUTE, 40 * MINUTE},
		{"then hourly", 40 * MINUTE, 100 * MINUTE},
		{"and on", 5000 * MINUTE, 5060 * MINUTE},
		{"the clock was set back", -61 * MINUTE, -MINUTE},
		{"almost by an hour", -59 * MINUTE - 30000, 30000},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].name, look_next_ms(NOW, NOW + rows[i].age_ms) - NOW,
			rows[i].next_ms);
	assert_true(ok);
}

static void test_is_due(void **unused)
{
	static const struct {
		const char *name;
		int64_t in_ms;
		bool due;
	} rows[] = {
		{"now", 0, true},
		{"a while ago", -MINUTE, true},
		{"in a moment", 1, false},
		{"in an hour", LIMIT_LOOK_MOST_MS, false},
		{"later than any is", LIMIT_LOOK_MOST_MS + 1, true},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct look look = {NOW, NOW + rows[i].in_ms};
		ok &= row_int(rows[i].name, look_is_due(&look, NOW), rows[i].due);
	}
	assert_true(ok);
}

static int64_t next_look(void)
{
	struct look look;

	look_load(&txn, &look);
	return look.next_ms - NOW;
}

static void wait_for(int64_t scene, int64_t now_ms)
{
	struct digest name = digest_text("name");
	struct event event = {.scene = scene};
	struct job job;

	queue_add(&txn, &event, now_ms);
	assert_int_equal(queue_get(&txn, scene, &job, &arena), FOUND);
	job.names = &name;
	job.name_count = 1;
	look_begin(&txn, now_ms);
	queue_wait(&txn, &job, "not in Plex");
}

static void test_one_record_for_all(void **unused)
{
	(void)unused;
	assert_false(look_due(&txn, NOW)); /* nobody waits */
	look_soon(&txn, NOW);
	look_done(&txn, NOW);
	assert_int_equal(next_look(), -NOW); /* nothing is written, then */
	wait_for(1, NOW);
	assert_false(look_due(&txn, NOW + MINUTE - 1));
	assert_true(look_due(&txn, NOW + MINUTE));
	for (int64_t scene = 2; scene < 100; scene++)
		wait_for(scene, NOW + scene * 100);
	assert_int_equal(next_look(), MINUTE); /* not put off */
	look_done(&txn, NOW + MINUTE);
	assert_int_equal(next_look(), 9900 + MINUTE); /* counted from the newest */
	look_done(&txn, NOW + 50 * MINUTE);
	assert_int_equal(next_look(), 110 * MINUTE);
	wait_for(100, NOW + 55 * MINUTE);
	assert_int_equal(next_look(), 56 * MINUTE);
}

static void test_a_new_file_in_stash(void **unused)
{
	(void)unused;
	wait_for(1, NOW);
	look_done(&txn, NOW + 50 * MINUTE);
	look_soon(&txn, NOW + 52 * MINUTE);
	assert_int_equal(next_look(), 53 * MINUTE);
	look_soon(&txn, NOW + 52 * MINUTE + 30000); /* the next file of the same scan */
	assert_int_equal(next_look(), 53 * MINUTE);
	look_done(&txn, NOW + 53 * MINUTE);
	assert_int_equal(next_look(), 53 * MINUTE + 30000);
}

static void test_a_wait_after_all_others_were_over(void **unused)
{
	(void)unused;
	wait_for(1, NOW);
	queue_remove(&txn, 1);
	wait_for(2, NOW + 500 * MINUTE);
	assert_int_equal(next_look(), 501 * MINUTE); /* not at once */
}

static void test_a_failed_look(void **unused)
{
	(void)unused;
	look_failed(&txn, NOW);
	wait_for(1, NOW);
	look_failed(&txn, NOW + 1);
	assert_int_equal(next_look(), MINUTE); /* it was not due */
	look_failed(&txn, NOW + MINUTE);
	assert_int_equal(next_look(), 2 * MINUTE);
}

/* Also what an earlier version left waiting. */
static void test_damaged_is_due(void **unused)
{
	(void)unused;
	wait_for(1, NOW);
	store_put(&txn, QUEUE_META, (struct bytes){"look", 4}, (struct bytes){"\x09", 1});
	assert_true(look_due(&txn, NOW));
	look_done(&txn, NOW);
	assert_int_equal(next_look(), 60 * MINUTE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_is_due),
		cmocka_unit_test_setup_teardown(test_one_record_for_all, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_new_file_in_stash, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_wait_after_all_others_were_over, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_failed_look, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_is_due, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("look", tests, NULL, NULL);
}
