/*
 * test_drain.c - what the record says of a drain when it has ended, or was asked for in vain.
 */
#include "helpers.h"

#include "base/log.h"
#include "run/env.h"
#include "run/summon.h"
#include "state/drain_record.h"
#include "state/queue.h"
#include "work/drain.h"

static char dir[TEMP_BYTES];
static const struct env *env;

/* Stash's address is one where nobody listens. */
static int setup(void **state)
{
	struct input_connection nowhere = {.url = "http://127.0.0.1:1"};
	struct env_options options = {.stash = &nowhere, .state_dir = dir};

	(void)state;
	temp_make(dir);
	env = env_open(&options);
	return env->state->queue != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	env_close(env);
	temp_remove(dir);
	return 0;
}

static void begin(enum drain_state record, bool due)
{
	struct event event = {.scene = 45};
	struct txn txn;

	store_begin(&txn, env->state->queue, TXN_WRITE);
	drain_record_save(&txn, record, 5);
	if (due)
		queue_add(&txn, &event, 5);
	assert_true(store_commit(&txn, NULL));
}

static enum drain_state record(void)
{
	struct drain_record record;
	struct txn txn;

	store_begin(&txn, env->state->queue, TXN_READ);
	drain_record_load(&txn, &record);
	store_abort(&txn);
	return record.state;
}

static void test_nothing_due(void **state)
{
	struct drain_report report;
	struct err err;

	(void)state;
	begin(DRAIN_ASKED, false);
	assert_true(drain_run(env, 0, &report, &err));
	assert_true(report.summoned);
	assert_int_equal(record(), DRAIN_IDLE);
}

/* The job stays due, and whoever queues the next one asks for a drain again. */
static void test_failed(void **state)
{
	struct drain_report report;
	struct txn txn;
	struct err err;

	(void)state;
	begin(DRAIN_ASKED, true);
	assert_false(drain_run(env, 0, &report, &err));
	assert_int_equal(err.kind, ERR_SERVER);
	assert_int_equal(record(), DRAIN_IDLE);
	store_begin(&txn, env->state->queue, TXN_READ);
	assert_true(queue_due(&txn, 5, 0));
	store_abort(&txn);
}

/* Nobody comes: whoever queues the next one asks again. Unless the task began all the same. */
static void test_refused(void **state)
{
	(void)state;
	begin(DRAIN_ASKED, true);
	assert_false(summon_send(env, DRAIN_ASK));
	assert_int_equal(record(), DRAIN_IDLE);
	begin(DRAIN_ASKED, true);
	assert_false(summon_send(env, DRAIN_LOOK));
	assert_int_equal(record(), DRAIN_IDLE);
	begin(DRAIN_RUNNING, true);
	assert_false(summon_send(env, DRAIN_ASK));
	assert_int_equal(record(), DRAIN_RUNNING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing_due, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("drain", tests, NULL, NULL);
}
