/*
 * test_breaker.c - remembering that Plex is down: when a probe is due, what
 * the server asked for, clocks that jump.
 */
#include "helpers.h"

#include "base/limits.h"
#include "base/log.h"
#include "state/tables.h"
#include "state/breaker.h"
#include "state/state.h"

#define NOW  ((int64_t)1700000000000)
#define ZERO "\0\0\0\0\0\0\0\0" /* a number of a record */

static char dir[TEMP_BYTES];
static struct state state;
static struct txn txn;

static int setup(void **unused)
{
	struct err err;

	(void)unused;
	temp_make(dir);
	if (!state_open(&state, dir, &err))
		return -1;
	store_begin(&txn, state.queue, TXN_WRITE);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	store_abort(&txn);
	state_close(&state);
	temp_remove(dir);
	return 0;
}

static struct breaker load(void)
{
	struct breaker breaker = {.open = true, .failures = 99, .probe_ms = 99, .back_ms = 99};

	breaker_load(&txn, &breaker);
	return breaker;
}

static void trip(int64_t now_ms, int64_t retry_after_ms)
{
	struct breaker breaker = load();

	breaker = breaker_tripped(&breaker, now_ms, retry_after_ms);
	breaker_save(&txn, &breaker);
}

static void close_it(int64_t now_ms)
{
	struct breaker breaker = load();

	breaker = breaker_closed(&breaker, now_ms);
	breaker_save(&txn, &breaker);
}

static void test_closed_at_first(void **unused)
{
	struct breaker breaker = load();

	(void)unused;
	assert_false(breaker.open);
	assert_true(breaker_allows(&breaker, NOW));
	assert_string_equal(breaker_word(&breaker, NOW), "closed");
}

static void test_probes(void **unused)
{
	static const int64_t seconds[] = {30, 60, 120, 240, 480, 600, 600, 600};
	int64_t now = NOW;

	(void)unused;
	for (size_t i = 0; i < ROWS(seconds); i++) {
		struct breaker breaker;
		trip(now, 0);
		breaker = load();
		assert_true(breaker.open);
		assert_int_equal(breaker.failures, i + 1);
		assert_int_equal(breaker.probe_ms, now + seconds[i] * 1000);
		assert_false(breaker_allows(&breaker, now));
		assert_false(breaker_allows(&breaker, breaker.probe_ms - 1));
		assert_string_equal(breaker_word(&breaker, breaker.probe_ms - 1), "open");
		assert_true(breaker_allows(&breaker, breaker.probe_ms));
		assert_string_equal(breaker_word(&breaker, breaker.probe_ms), "half_open");
		now = breaker.probe_ms;
	}
	close_it(NOW);
	assert_false(load().open);
	assert_int_equal(load().failures, 0);
	trip(now, 0); /* from the beginning */
	assert_int_equal(load().probe_ms, now + 30000);
}

static void test_retry_after(void **unused)
{
	static const struct {
		const char *name;
		int64_t asked_ms, wait_ms;
	} rows[] = {
		{"nothing", 0, 30000},
		{"negative", -1000, 30000},
		{"a second", 1000, 1000},
		{"twenty minutes", 1200000, 1200000},
		{"the most that it may ask", LIMIT_RETRY_AFTER_MS, LIMIT_RETRY_AFTER_MS},
		{"more than that", (int64_t)LIMIT_RETRY_AFTER_MS * 24, LIMIT_RETRY_AFTER_MS},
		{"absurd", INT64_MAX, LIMIT_RETRY_AFTER_MS},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct breaker breaker;
		close_it(NOW);
		trip(NOW, rows[i].asked_ms);
		breaker = load();
		ok &= row_int(rows[i].name, breaker.probe_ms - NOW, rows[i].wait_ms);
		ok &= row_true(rows[i].name, !breaker_allows(&breaker, NOW));
	}
	assert_true(ok);
}

static void test_clock_jumps(void **unused)
{
	struct breaker breaker;

	(void)unused;
	trip(NOW, 0);
	breaker = load();
	assert_true(breaker_allows(&breaker, NOW - (int64_t)365 * 86400000)); /* set back */
	assert_true(breaker_allows(&breaker, NOW + (int64_t)365 * 86400000));
	assert_false(breaker_allows(&breaker, NOW - 60000)); /* a little is no jump */
}

static void test_close_writes_only_if_open(void **unused)
{
	struct bytes value;

	(void)unused;
	close_it(NOW);
	assert_int_equal(store_get(&txn, QUEUE_META, (struct bytes){"breaker", 7}, &value), ABSENT);
	trip(NOW, 0);
	close_it(NOW + 1);
	close_it(NOW + 99999);
	assert_int_equal(load().back_ms, NOW + 1);
}

static void test_damaged_is_closed(void **unused)
{
	static const struct {
		const char *name, *record;
		size_t len;
	} rows[] = {
		{"empty", "", 0},
		{"version 1", "\x01\0\0\0\1\0\0\0\0\0\0\0\1", 13},
		{"version 2", "\x02\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1", 17},
		{"cut", "\x03\0\0\0\0\0\0\0\1\0\0", 11},
		{"too long", "\x03\0\0\0\0\0\0\0\1" ZERO ZERO ZERO "\0", 34},
		{"fewer than none failed", "\x03\xff\0\0\0\0\0\0\1" ZERO ZERO ZERO, 33},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct breaker breaker;
		store_put(&txn, QUEUE_META, (struct bytes){"breaker", 7},
			(struct bytes){rows[i].record, rows[i].len});
		breaker = load();
		ok &= row_true(rows[i].name, !breaker.open);
		ok &= row_true(rows[i].name, breaker_allows(&breaker, 0));
	}
	assert_true(ok);
}

static void test_care(void **unused)
{
	static const struct {
		int64_t ms; /* since Plex came back */
		bool care;
	} rows[] = {{0, true}, {LIMIT_GENTLE_MS - 1, true}, {LIMIT_GENTLE_MS, false}, {-1, false}};
	struct breaker breaker = load();

	(void)unused;
	assert_false(breaker_wants_care(&breaker, NOW)); /* it never was away */
	trip(NOW, 0);
	breaker = load();
	assert_true(breaker_wants_care(&breaker, NOW));
	assert_true(breaker_wants_care(&breaker, NOW + 10 * LIMIT_GENTLE_MS));
	close_it(NOW);
	breaker = load();
	assert_int_equal(breaker.back_ms, NOW);
	for (size_t i = 0; i < ROWS(rows); i++)
		assert_int_equal(breaker_wants_care(&breaker, NOW + rows[i].ms), rows[i].care);
}

/* When a drain that waits looks, in seconds since the outage began. */
static void test_looks(void **unused)
{
	static const struct {
		const char *name;
		int asked_s; /* what Retry-After said; 0: nothing */
		int seconds[17];
	} rows[] = {
		{"nothing was asked", 0,
			{1, 2, 4, 8, 18, 28, 38, 48, 58, 68, 78, 88, 98, 108, 118}},
		{"three seconds", 3, {4, 8, 18, 28, 38, 48, 58, 68, 78, 88, 98, 108, 118}},
		{"exactly then", 8, {8, 18, 28, 38, 48, 58, 68, 78, 88, 98, 108, 118}},
		{"a minute and a half", 90, {98, 108, 118}},
		{"just too long", 119, {0}},
		{"an hour", 3600, {0}},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct breaker none = {0},
			       breaker = breaker_tripped(&none, NOW, rows[i].asked_s * 1000);
		int64_t at = 0;
		for (const int *want = rows[i].seconds; *want != 0; want++) {
			at = breaker_next_look_ms(&breaker, at);
			ok &= row_int(rows[i].name, at, *want * 1000);
		}
		ok &= row_int(rows[i].name, breaker_next_look_ms(&breaker, at), -1);
		ok &= row_int(rows[i].name, breaker_is_fresh(&breaker, NOW), *rows[i].seconds != 0);
	}
	ok &= row_int("a look took long", breaker_next_look_ms(&(struct breaker){0}, 7000), 8000);
	assert_true(ok);
}

static void test_fresh(void **unused)
{
	static const struct {
		const char *name;
		uint32_t failures;
		int64_t age_ms;
		bool fresh;
	} rows[] = {
		{"closed", 0, 0, false},
		{"just now", 1, 0, true},
		{"a minute ago", 1, 60000, true},
		{"after the last look", 1, 118000, false},
		{"two minutes ago", 1, LIMIT_OUTAGE_MS, false},
		{"in the future: the clock went back", 1, -1, false},
		{"it was waited for", 2, 0, false},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct breaker breaker = {.open = rows[i].failures > 0,
			.failures = rows[i].failures,
			.since_ms = NOW - rows[i].age_ms};
		ok &= row_int(rows[i].name, breaker_is_fresh(&breaker, NOW), rows[i].fresh);
	}
	assert_true(ok);
}

static void test_since(void **unused)
{
	(void)unused;
	trip(NOW, 0);
	trip(NOW + 40000, 5000);
	assert_int_equal(load().since_ms, NOW); /* the first of them */
	assert_true(load().asked);
	close_it(NOW + 50000);
	trip(NOW + 60000, 0);
	assert_int_equal(load().since_ms, NOW + 60000);
	assert_false(load().asked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_closed_at_first, setup, teardown),
		cmocka_unit_test_setup_teardown(test_probes, setup, teardown),
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_fresh),
		cmocka_unit_test_setup_teardown(test_since, setup, teardown),
		cmocka_unit_test_setup_teardown(test_care, setup, teardown),
		cmocka_unit_test_setup_teardown(test_retry_after, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clock_jumps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_close_writes_only_if_open, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_is_closed, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("breaker", tests, NULL, NULL);
}
