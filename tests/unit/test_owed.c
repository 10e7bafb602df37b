/*
 * test_sweeps.c - what sweeps are owed, when all scenes are due, and where one
 * stopped; records that cannot be read.
 */
#include "helpers.h"
#include "queue_open.h"

#include "base/limits.h"
#include "base/log.h"
#include "state/state.h"
#include "state/tables.h"
#include "state/owed.h"

#define NOW    ((int64_t)1700000000000)
#define MINUTE ((int64_t)60 * 1000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

/* A transaction that only reads, on what was written so far. */
static void begin_reading(void)
{
	struct err err;

	assert_true(store_commit(&txn, &err));
	store_begin(&txn, state.queue, TXN_READ);
}

static void begin_writing(void)
{
	store_abort(&txn);
	store_begin(&txn, state.queue, TXN_WRITE);
}

/* --- performers, studios, tags, groups ------------------------------------------ */

static struct owed_entity next(void)
{
	struct owed_entity entity;

	assert_int_equal(owed_next(&txn, &entity), FOUND);
	return entity;
}

static void assert_none_is_owed(void)
{
	struct owed_entity entity;

	assert_int_equal(owed_next(&txn, &entity), ABSENT);
	assert_false(txn.failed);
}

static void test_entities_come_one_by_one(void **unused)
{
	static const struct {
		uint8_t noun;
		int64_t id;
	} rows[] = {{1, 7}, {1, 8}, {2, 7}, {4, 1}, {4, INT64_C(1) << 40}};

	(void)unused;
	assert_none_is_owed();
	for (size_t i = ROWS(rows); i > 0; i--)
		owed_add(&txn, rows[i - 1].noun, rows[i - 1].id);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct owed_entity entity = next();
		assert_int_equal(entity.noun, rows[i].noun);
		assert_int_equal(entity.id, rows[i].id);
		owed_done(&txn, &entity);
	}
	assert_none_is_owed();
}

static void test_an_entity_is_owed_once_however_often_it_is_edited(void **unused)
{
	struct owed_entity entity;

	(void)unused;
	for (int i = 0; i < 50; i++)
		owed_add(&txn, 1, 7);
	entity = next();
	owed_done(&txn, &entity);
	assert_none_is_owed();
}

static void test_an_edit_during_its_sweep_is_not_lost(void **unused)
{
	struct owed_entity before, after;

	(void)unused;
	owed_add(&txn, 1, 7);
	before = next();
	owed_add(&txn, 1, 7);
	owed_done(&txn, &before);
	after = next();
	assert_int_equal(after.id, 7);
	assert_int_not_equal(after.event, before.event);
	owed_done(&txn, &after);
	assert_none_is_owed();
	owed_done(&txn, &after); /* once more, and one that never was */
	owed_done(&txn, &(struct owed_entity){.noun = 3, .id = 99});
	assert_none_is_owed();
}

/* Rows that no version wrote neither show nor hide others. */
static void test_damaged_entities(void **unused)
{
	unsigned char long_key[9] = {1, 0, 0, 0, 0, 0, 0, 0, 5};
	struct owed_entity entity;

	(void)unused;
	store_put(&txn, QUEUE_ENTITIES, (struct bytes){"x", 1}, (struct bytes){"12345678", 8});
	store_put(&txn, QUEUE_ENTITIES, (struct bytes){long_key, 9}, (struct bytes){"123", 3});
	assert_none_is_owed();
	owed_add(&txn, 2, 7);
	assert_int_equal(next().noun, 2);
	/* Edited again, the damaged one is as good as new. */
	owed_add(&txn, 1, 5);
	entity = next();
	assert_int_equal(entity.noun, 1);
	assert_int_equal(entity.id, 5);
	owed_done(&txn, &entity);
	assert_int_equal(next().noun, 2);
}

static void test_a_failed_transaction_owes_nothing(void **unused)
{
	struct owed_entity entity;
	struct owed_position position;

	(void)unused;
	owed_add(&txn, 1, 7);
	owed_add_all(&txn);
	store_fail(&txn, "x");
	assert_int_equal(owed_next(&txn, &entity), FAILED);
	assert_int_equal(owed_position(&txn, 1, NOW, &position), FAILED);
	assert_false(owed_all_due(&txn, NOW));
}

/* --- all scenes ------------------------------------------------------------------- */

static void test_the_day_begins_when_it_is_started(void **unused)
{
	(void)unused;
	begin_reading();
	assert_false(owed_all_due(&txn, NOW));
	begin_writing();
	assert_false(owed_all_due(&txn, NOW + 9 * DAY));    /* a question changes nothing */
	assert_int_equal(store_count(&txn, QUEUE_META), 1); /* its version */
	owed_all_start_day(&txn, NOW + 9 * DAY);
	owed_all_start_day(&txn, NOW + 10 * DAY - 2); /* that was the first */
	assert_false(owed_all_due(&txn, NOW + 10 * DAY - 1));
	assert_true(owed_all_due(&txn, NOW + 10 * DAY));
	begin_reading();
	assert_true(owed_all_due(&txn, NOW + 10 * DAY));
}

static void test_when_all_are_due(void **unused)
{
	enum step { BEGUN, DONE, OWED, OWED_MEANWHILE };
	static const struct {
		const char *name;
		enum step step;
		int64_t later;
		bool due;
	} rows[] = {
		{"begun: not twice", BEGUN, 0, false},
		{"begun: it has an hour", BEGUN, HOUR - 1, false},
		{"begun, and cut off", BEGUN, HOUR, true},
		{"begun, and the clock was set back a little", BEGUN, -MINUTE, false},
		{"begun, and the clock was set back a year", BEGUN, -365 * DAY, true},
		{"done", DONE, 0, false},
		{"done: it has a day", DONE, DAY - 1, false},
		{"done a day ago", DONE, DAY, true},
		{"done, and the clock jumped ahead", DONE, 4000 * DAY, true},
		{"done, and the clock was set back", DONE, -HOUR, true},
		{"asked for", OWED, 0, true},
		{"asked for long ago", OWED, 100 * DAY, true},
		{"asked for, and the clock was set back", OWED, -365 * DAY, true},
		{"asked for while it ran", OWED_MEANWHILE, 0, true},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		owed_all_begin(&txn, NOW);
		if (rows[i].step == OWED || rows[i].step == OWED_MEANWHILE)
			owed_add_all(&txn);
		if (rows[i].step == DONE || rows[i].step == OWED_MEANWHILE)
			owed_all_done(&txn, NOW);
		ok &= row_int(rows[i].name, owed_all_due(&txn, NOW + rows[i].later), rows[i].due);
	}
	assert_true(ok);
}

/* What was asked for before it began is done with it. */
static void test_it_answers_what_was_asked_for_before(void **unused)
{
	(void)unused;
	owed_add_all(&txn);
	owed_add_all(&txn);
	owed_all_begin(&txn, NOW);
	owed_all_done(&txn, NOW);
	assert_false(owed_all_due(&txn, NOW));
}

/* --- where one stopped ------------------------------------------------------------ */

static void save(uint64_t kind, int64_t after, int64_t begun_ms)
{
	owed_save_position(
		&txn, &(struct owed_position){.kind = kind, .after = after, .begun_ms = begun_ms});
}

static void test_position(void **unused)
{
	static const struct {
		const char *name;
		uint64_t kind;
		int64_t after, age;
		enum lookup found;
	} rows[] = {
		{"just now", 42, 200, 0, FOUND},
		{"a while ago", 42, 200, HOUR - 1, FOUND},
		{"as far as can be", UINT64_MAX, INT64_MAX, 1, FOUND},
		{"yesterday", 42, 200, DAY, ABSENT},
		{"it came to its end", 42, 0, 0, ABSENT},
		{"before the first scene", 42, -1, 0, ABSENT},
		{"in the future: the clock was set back", 42, 200, -1, ABSENT},
	};
	struct owed_position got;
	bool ok = true;

	(void)unused;
	assert_int_equal(owed_position(&txn, 42, NOW, &got), ABSENT);
	for (size_t i = 0; i < ROWS(rows); i++) {
		save(rows[i].kind, rows[i].after, NOW - rows[i].age);
		ok &= row_int(
			rows[i].name, owed_position(&txn, rows[i].kind, NOW, &got), rows[i].found);
		ok &= row_int(rows[i].name, owed_position(&txn, 43, NOW, &got), ABSENT);
		if (rows[i].found != FOUND)
			continue;
		assert_int_equal(owed_position(&txn, rows[i].kind, NOW, &got), FOUND);
		ok &= row_int(rows[i].name, got.after, rows[i].after);
		ok &= row_int(rows[i].name, got.begun_ms, NOW - rows[i].age);
		ok &= row_true(rows[i].name, got.kind == rows[i].kind);
	}
	assert_true(ok);
}

/* The bytes of a record, in the arena. */
static struct bytes stored(const char *name)
{
	struct bytes value;

	assert_int_equal(
		store_get(&txn, QUEUE_META, (struct bytes){name, strlen(name)}, &value), FOUND);
	return (struct bytes){arena_strndup(&arena, value.data, value.len), value.len};
}

static void replace(const char *name, const void *data, size_t len)
{
	store_put(&txn, QUEUE_META, (struct bytes){name, strlen(name)}, (struct bytes){data, len});
}

/* Every way of cutting them is as if there were none. */
static void test_damaged_records(void **unused)
{
	struct owed_position got;
	struct bytes all, position;
	char *copy;

	(void)unused;
	owed_add_all(&txn);
	save(42, 200, NOW);
	all = stored("sweep-all");
	position = stored("sweep");
	for (size_t len = 0; len < all.len; len++) {
		replace("sweep-all", all.data, len);
		assert_false(owed_all_due(&txn, NOW));
		owed_all_start_day(&txn, NOW);
		assert_false(owed_all_due(&txn, NOW));
		assert_true(owed_all_due(&txn, NOW + DAY));
	}
	for (size_t len = 0; len < position.len; len++) {
		replace("sweep", position.data, len);
		assert_int_equal(owed_position(&txn, 42, NOW, &got), ABSENT);
	}
	copy = arena_strndup(&arena, position.data, position.len);
	copy[0] = 99; /* another version */
	replace("sweep", copy, position.len);
	assert_int_equal(owed_position(&txn, 42, NOW, &got), ABSENT);
	copy = arena_strndup(&arena, all.data, all.len);
	copy[0] = 99;
	replace("sweep-all", copy, all.len);
	assert_false(owed_all_due(&txn, NOW));
	assert_false(txn.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_entities_come_one_by_one, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_an_entity_is_owed_once_however_often_it_is_edited, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_an_edit_during_its_sweep_is_not_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_entities, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_failed_transaction_owes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_the_day_begins_when_it_is_started, setup, teardown),
		cmocka_unit_test_setup_teardown(test_when_all_are_due, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_it_answers_what_was_asked_for_before, setup, teardown),
		cmocka_unit_test_setup_teardown(test_position, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_records, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("sweeps", tests, NULL, NULL);
}
