/*
 * test_entry.c - entries one after another: prefixes, keys of other lengths, and what is
 * removed and added on the way; and the records that are a few numbers.
 */
#include "helpers.h"

#include "base/log.h"
#include "state/state.h"
#include "state/tables.h"
#include "store/entry.h"

#define DB QUEUE_BULK

static char dir[TEMP_BYTES];
static struct state state;
static struct txn txn;

static struct bytes text(const char *s)
{
	return (struct bytes){s, strlen(s)};
}

static int setup(void **unused)
{
	static const char *const keys[] = {"a1", "a2", "a22", "a3", "ab", "b1", "b2"};
	struct err err;

	(void)unused;
	temp_make(dir);
	if (!state_open(&state, dir, &err))
		return -1;
	store_begin(&txn, state.queue, TXN_WRITE);
	for (size_t i = 0; i < ROWS(keys); i++)
		store_put(&txn, DB, text(keys[i]), text(keys[i]));
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

/* The keys that are passed, each followed by a blank. */
static const char *walk(struct entry_each *each)
{
	static char seen[200];

	*seen = '\0';
	while (entry_each_next(each)) {
		assert_memory_equal(each->key.data, each->value.data, each->key.len);
		snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%.*s ",
			(int)each->key.len, (const char *)each->key.data);
	}
	return seen;
}

static void test_prefix_and_length(void **unused)
{
	static const struct {
		const char *prefix;
		size_t len;
		const char *keys;
	} rows[] = {
		{"", 0, "a1 a2 a22 a3 ab b1 b2 "},
		{"", 2, "a1 a2 a3 ab b1 b2 "},
		{"", 3, "a22 "},
		{"", 9, ""},
		{"a", 2, "a1 a2 a3 ab "},
		{"a2", 0, "a2 a22 "},
		{"a2", 3, "a22 "},
		{"b", 2, "b1 b2 "},
		{"b2", 2, "b2 "},
		{"b3", 0, ""},
		{"c", 0, ""},
	};
	struct entry_each each;
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		entry_each(&each, &txn, DB, text(rows[i].prefix), rows[i].len);
		ok &= row_text(rows[i].keys, walk(&each), rows[i].keys);
		ok &= row_true(rows[i].keys, !entry_each_next(&each));
	}
	assert_true(ok);
}

static void test_from(void **unused)
{
	struct entry_each each;

	(void)unused;
	entry_each(&each, &txn, DB, text("a"), 2);
	entry_each_from(&each, text("a2"), false);
	assert_string_equal(walk(&each), "a2 a3 ab ");
	entry_each(&each, &txn, DB, text("a"), 2);
	entry_each_from(&each, text("a2"), true);
	assert_string_equal(walk(&each), "a3 ab ");
	entry_each(&each, &txn, DB, text(""), 0);
	assert_true(entry_each_next(&each));
	entry_each_from(&each, text("ab"), true);
	assert_string_equal(walk(&each), "b1 b2 ");
}

static void test_removing_on_the_way(void **unused)
{
	struct entry_each each;
	size_t count = 0;

	(void)unused;
	entry_each(&each, &txn, DB, text("a"), 0);
	for (; entry_each_next(&each); count++)
		store_del(&txn, DB, each.key);
	assert_int_equal(count, 5);
	assert_int_equal(store_count(&txn, DB), 2);
	entry_each(&each, &txn, DB, text(""), 0);
	assert_string_equal(walk(&each), "b1 b2 ");
	entry_each(&each, &txn, DB, text(""), 0); /* and all that is to come */
	assert_true(entry_each_next(&each));
	store_clear(&txn, DB);
	assert_false(entry_each_next(&each));
}

/* What is added above the entry at hand is seen, what is added below is not. */
static void test_adding_on_the_way(void **unused)
{
	struct entry_each each;

	(void)unused;
	entry_each(&each, &txn, DB, text("b"), 0);
	assert_true(entry_each_next(&each));
	store_put(&txn, DB, text("b0"), text("b0"));
	store_put(&txn, DB, text("b11"), text("b11"));
	assert_string_equal(walk(&each), "b11 b2 ");
}

static void test_failed(void **unused)
{
	struct entry_each each;

	(void)unused;
	entry_each(&each, &txn, DB, text(""), 0);
	assert_true(entry_each_next(&each));
	store_fail(&txn, "x");
	assert_false(entry_each_next(&each));
}

static void test_numbers(void **unused)
{
	const int64_t some[] = {INT64_MAX, -1, 0};
	int64_t got[3] = {9, 9, 9};

	(void)unused;
	assert_false(entry_load_numbers(&txn, QUEUE_META, "n", 3, got, 3));
	assert_true(got[0] == 0 && got[1] == 0 && got[2] == 0);
	entry_save_numbers(&txn, QUEUE_META, "n", 3, some, 3);
	assert_true(entry_load_numbers(&txn, QUEUE_META, "n", 3, got, 3));
	assert_memory_equal(got, some, sizeof(got));
	assert_false(entry_load_numbers(&txn, QUEUE_META, "n", 4, got, 3)); /* another version */
	assert_false(entry_load_numbers(&txn, QUEUE_META, "n", 3, got, 2)); /* another length */
	assert_true(got[0] == 0 && got[1] == 0);
	entry_save_numbers(&txn, QUEUE_META, "n", ENTRY_PLAIN, some, 2);
	assert_false(entry_load_numbers(&txn, QUEUE_META, "n", 3, got, 2));
	assert_true(entry_load_numbers(&txn, QUEUE_META, "n", ENTRY_PLAIN, got, 2));
	assert_true(got[0] == INT64_MAX && got[1] == -1);
}

/* A transaction that says what is there already has nothing to write to the disk. */
static void test_same_numbers_are_not_written(void **unused)
{
	const int64_t number = 5;
	struct bytes before, after;

	(void)unused;
	entry_save_numbers(&txn, QUEUE_META, "n", 1, &number, 1);
	assert_true(store_commit(&txn, NULL));
	store_begin(&txn, state.queue, TXN_WRITE);
	assert_int_equal(store_get(&txn, QUEUE_META, text("n"), &before), FOUND);
	entry_save_numbers(&txn, QUEUE_META, "n", 1, &number, 1);
	assert_int_equal(store_get(&txn, QUEUE_META, text("n"), &after), FOUND);
	assert_ptr_equal(before.data, after.data); /* the page was not copied */
}

static void test_counter(void **unused)
{
	const int64_t end = INT64_MAX;

	(void)unused;
	assert_int_equal(entry_count_up(&txn, QUEUE_META, "n"), 1);
	assert_int_equal(entry_count_up(&txn, QUEUE_META, "n"), 2);
	entry_save_numbers(&txn, QUEUE_META, "n", ENTRY_PLAIN, &end, 1);
	assert_int_equal(entry_count_up(&txn, QUEUE_META, "n"), 1);
	store_put(&txn, QUEUE_META, text("n"), text("damaged"));
	assert_int_equal(entry_count_up(&txn, QUEUE_META, "n"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_prefix_and_length, setup, teardown),
		cmocka_unit_test_setup_teardown(test_from, setup, teardown),
		cmocka_unit_test_setup_teardown(test_removing_on_the_way, setup, teardown),
		cmocka_unit_test_setup_teardown(test_adding_on_the_way, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same_numbers_are_not_written, setup, teardown),
		cmocka_unit_test_setup_teardown(test_counter, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("entry", tests, NULL, NULL);
}
