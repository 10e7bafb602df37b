/*
 * test_drain_record.c - the record that says whether a drain will come: what is
 * believed of it, and by what evidence.
 */
#include "helpers.h"

#include "base/limits.h"
#include "base/log.h"
#include "state/drain_record.h"
#include "state/state.h"
#include "state/tables.h"

#define NOW ((int64_t)1700000000000)

static char dir[TEMP_BYTES];
static struct state state;

static int setup(void **unused)
{
	struct err err;

	(void)unused;
	temp_make(dir);
	return state_open(&state, dir, &err) ? 0 : -1;
}

static int teardown(void **unused)
{
	(void)unused;
	state_close(&state);
	temp_remove(dir);
	return 0;
}

static void test_need(void **unused)
{
	static const struct {
		const char *name;
		enum drain_state state;
		int64_t age_ms;
		enum drain_need alone, held; /* held: another process has LOCK_DRAIN */
	} rows[] = {
		{"idle", DRAIN_IDLE, 0, DRAIN_ASK, DRAIN_ASK},
		{"idle for long", DRAIN_IDLE, 1000000, DRAIN_ASK, DRAIN_ASK},
		{"asked just now", DRAIN_ASKED, 0, DRAIN_NO_NEED, DRAIN_NO_NEED},
		{"asked a moment ago", DRAIN_ASKED, LIMIT_ASKED_TRUST_MS - 1, DRAIN_NO_NEED,
			DRAIN_NO_NEED},
		{"asked a minute ago", DRAIN_ASKED, LIMIT_ASKED_TRUST_MS, DRAIN_LOOK, DRAIN_LOOK},
		{"asked a year ago", DRAIN_ASKED, (int64_t)365 * 86400000, DRAIN_LOOK, DRAIN_LOOK},
		{"asked in the future: the clock went back", DRAIN_ASKED, -1, DRAIN_LOOK,
			DRAIN_LOOK},
		{"running", DRAIN_RUNNING, 0, DRAIN_ASK, DRAIN_NO_NEED},
		{"running for hours", DRAIN_RUNNING, 36000000, DRAIN_ASK, DRAIN_NO_NEED},
		{"running since the future", DRAIN_RUNNING, -36000000, DRAIN_ASK, DRAIN_NO_NEED},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct drain_record record = {rows[i].state, NOW - rows[i].age_ms};
		ok &= row_int(rows[i].name,
			drain_record_decide(&record, false, true, true, false, true, NOW),
			rows[i].alone);
		ok &= row_int(rows[i].name,
			drain_record_decide(&record, true, true, true, false, true, NOW),
			rows[i].held);
	}
	assert_true(ok);
}

/* What else there is to know matters only if the record says that none comes. */
static void test_decide(void **unused)
{
	static const struct drain_record idle = {DRAIN_IDLE, 0};
	static const struct drain_record asked = {DRAIN_ASKED, NOW - LIMIT_ASKED_TRUST_MS};
	static const struct drain_record running = {DRAIN_RUNNING, NOW};
	static const struct {
		const char *name;
		const struct drain_record *record;
		bool held, stash, plex, trouble, due;
		enum drain_need need;
	} rows[] = {
		{"work is due", &idle, false, true, true, false, true, DRAIN_ASK},
		{"a task may have been lost", &asked, false, true, true, false, true, DRAIN_LOOK},
		{"a drain was killed", &running, false, true, true, false, true, DRAIN_ASK},
		{"a drain runs", &running, true, true, true, false, true, DRAIN_NO_NEED},
		{"nothing is due", &idle, false, true, true, false, false, DRAIN_NO_NEED},
		{"nothing is due, Plex is down", &asked, false, true, false, false, false,
			DRAIN_NO_NEED},
		{"no Stash to ask", &idle, false, false, true, false, true, DRAIN_NOT_NOW},
		{"Plex is down", &idle, false, true, false, false, true, DRAIN_NOT_NOW},
		{"a setting is wrong", &idle, false, true, true, true, true, DRAIN_NOT_NOW},
		{"a setting is wrong, asked long ago", &asked, false, true, true, true, true,
			DRAIN_NOT_NOW},
		{"Plex is down, a drain runs", &running, true, true, false, true, true,
			DRAIN_NO_NEED},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].name,
			drain_record_decide(rows[i].record, rows[i].held, rows[i].stash,
				rows[i].plex, rows[i].trouble, rows[i].due, NOW),
			rows[i].need);
	assert_true(ok);
}

static void test_round_trip(void **unused)
{
	struct drain_record drainer = {DRAIN_RUNNING, 5};
	struct txn txn;

	(void)unused;
	store_begin(&txn, state.queue, TXN_WRITE);
	drain_record_load(&txn, &drainer);
	assert_int_equal(drainer.state, DRAIN_IDLE); /* none yet */
	assert_int_equal(drainer.since_ms, 0);
	for (int s = DRAIN_IDLE; s <= DRAIN_RUNNING; s++) {
		drain_record_save(&txn, (enum drain_state)s, NOW + s);
		drain_record_load(&txn, &drainer);
		assert_int_equal(drainer.state, s);
		assert_int_equal(drainer.since_ms, NOW + s);
	}
	store_abort(&txn);
}

/* Whoever takes back, or ends, what he wrote leaves alone what others wrote since. */
static void test_replace(void **unused)
{
	static const struct {
		const char *name;
		enum drain_state is, from, to, want;
	} rows[] = {
		{"Stash refused: nobody comes", DRAIN_ASKED, DRAIN_ASKED, DRAIN_IDLE, DRAIN_IDLE},
		{"Stash refused, and the drain runs all the same", DRAIN_RUNNING, DRAIN_ASKED,
			DRAIN_IDLE, DRAIN_RUNNING},
		{"the drain ends", DRAIN_RUNNING, DRAIN_RUNNING, DRAIN_IDLE, DRAIN_IDLE},
		{"the drain ends, and somebody has asked since", DRAIN_ASKED, DRAIN_RUNNING,
			DRAIN_IDLE, DRAIN_ASKED},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		bool replaced = rows[i].is == rows[i].from;
		struct drain_record record;
		struct txn txn;
		store_begin(&txn, state.queue, TXN_WRITE);
		drain_record_save(&txn, rows[i].is, NOW);
		drain_record_replace(&txn, rows[i].from, rows[i].to, NOW + 5);
		drain_record_load(&txn, &record);
		store_abort(&txn);
		ok &= row_int(rows[i].name, record.state, rows[i].want);
		ok &= row_int(rows[i].name, record.since_ms, replaced ? NOW + 5 : NOW);
	}
	assert_true(ok);
}

static void test_damaged_is_idle(void **unused)
{
	static const struct {
		const char *name, *record;
		size_t len;
	} rows[] = {
		{"empty", "", 0},
		{"version 1", "\x01\x02\0\0\0\0\0\0\0\1", 10},
		{"cut", "\x02\0\0\0\0\0\0\0\x02\0\0\0", 12},
		{"too long", "\x02\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\1\0", 18},
		{"unknown state", "\x02\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0\1", 17},
		{"absurd state", "\x02\xff\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1", 17},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct drain_record drainer = {DRAIN_RUNNING, 5};
		struct txn txn;
		store_begin(&txn, state.queue, TXN_WRITE);
		store_put(&txn, QUEUE_META, (struct bytes){"drain", 5},
			(struct bytes){rows[i].record, rows[i].len});
		drain_record_load(&txn, &drainer);
		store_abort(&txn);
		ok &= row_int(rows[i].name, drainer.state, DRAIN_IDLE);
	}
	assert_true(ok);
}

static void test_no_store(void **unused)
{
	struct drain_record drainer = {DRAIN_RUNNING, 5};
	struct txn txn;

	(void)unused;
	store_begin(&txn, NULL, TXN_WRITE);
	drain_record_save(&txn, DRAIN_ASKED, NOW);
	drain_record_load(&txn, &drainer);
	assert_int_equal(drainer.state, DRAIN_IDLE);
	assert_false(store_commit(&txn, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_need),
		cmocka_unit_test(test_decide),
		cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replace, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_is_idle, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_store, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("drain_record", tests, NULL, NULL);
}
