/*
 * test_history.c - what was pushed to which item: round trip, owners, scenes
 * that are gone, records that cannot be read.
 */
#include "helpers.h"

#include "base/log.h"
#include "state/history.h"
#include "state/state.h"

static char dir[TEMP_BYTES];
static struct state state;
static struct arena arena;
static struct txn txn;

static int setup(void **unused)
{
	struct err err;

	(void)unused;
	temp_make(dir);
	arena_init(&arena);
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
	arena_clear(&arena);
	temp_remove(dir);
	return 0;
}

static struct fields some_fields(const char *title, size_t names)
{
	struct fields fields = {0};

	fields.v[FIELD_TITLE] = (struct value){.known = true, .text = title};
	fields.v[FIELD_PERFORMERS].known = true;
	str_list_init(&fields.v[FIELD_PERFORMERS].names, &arena);
	for (size_t i = 0; i < names; i++)
		str_list_add(&fields.v[FIELD_PERFORMERS].names,
			arena_printf(&arena, "Ana Duarte %zu", i));
	return fields;
}

static struct history get(const char *machine, const char *key)
{
	struct history history;

	assert_int_equal(history_get(&txn, machine, key, &history, &arena), FOUND);
	return history;
}

static void put_owned(const char *machine, const char *key, int64_t owner)
{
	struct history history = {.owner = owner, .pushed_ms = 5};

	history.pushed = some_fields("Harbour Lights", 1);
	history_put(&txn, machine, key, &history);
}

static void test_round_trip(void **unused)
{
	struct history history = {.owner = 42, .pushed_ms = 1700000000000, .pending = true}, got;

	(void)unused;
	assert_int_equal(history_get(&txn, "m", "55", &got, &arena), ABSENT);
	assert_int_equal(got.owner, 0);
	assert_false(got.pushed.v[FIELD_TITLE].known);
	history.pushed = some_fields("pushed", 1);
	history.seen = some_fields("seen", 2);
	history.meant = some_fields("meant", 3);
	history.replaced = some_fields("replaced", 4);
	history_put(&txn, "m", "55", &history);
	got = get("m", "55");
	assert_int_equal(got.owner, 42);
	assert_int_equal(got.pushed_ms, 1700000000000);
	assert_true(got.pending);
	assert_string_equal(got.pushed.v[FIELD_TITLE].text, "pushed");
	assert_string_equal(got.seen.v[FIELD_TITLE].text, "seen");
	assert_string_equal(got.meant.v[FIELD_TITLE].text, "meant");
	assert_string_equal(got.replaced.v[FIELD_TITLE].text, "replaced");
	assert_int_equal(got.pushed.v[FIELD_PERFORMERS].names.n, 1);
	assert_int_equal(got.seen.v[FIELD_PERFORMERS].names.n, 2);
	assert_int_equal(got.meant.v[FIELD_PERFORMERS].names.n, 3);
	assert_int_equal(got.replaced.v[FIELD_PERFORMERS].names.n, 4);
	assert_string_equal(got.replaced.v[FIELD_PERFORMERS].names.v[3], "Ana Duarte 3");
	assert_false(got.pushed.v[FIELD_SUMMARY].known);
}

/* Another server, or another item, has no history. */
static void test_named_by_machine_and_key(void **unused)
{
	struct history got;

	(void)unused;
	put_owned("m1", "55", 1);
	assert_int_equal(history_get(&txn, "m2", "55", &got, &arena), ABSENT);
	assert_int_equal(history_get(&txn, "m1", "5", &got, &arena), ABSENT);
	assert_int_equal(history_get(&txn, "m1", "555", &got, &arena), ABSENT);
	put_owned("m2", "55", 2);
	assert_int_equal(get("m1", "55").owner, 1);
	assert_int_equal(get("m2", "55").owner, 2);
}

static void test_very_long_names(void **unused)
{
	char machine[2000], other[2000];
	struct history got;

	(void)unused;
	memset(machine, 'm', sizeof(machine) - 1);
	machine[sizeof(machine) - 1] = '\0';
	memcpy(other, machine, sizeof(other));
	other[sizeof(other) - 2] = 'n';
	put_owned(machine, "55", 1);
	assert_int_equal(get(machine, "55").owner, 1);
	assert_int_equal(history_get(&txn, other, "55", &got, &arena), ABSENT);
	assert_int_equal(history_get(&txn, machine, "56", &got, &arena), ABSENT);
	assert_false(txn.failed);
}

static void put_scene(int64_t scene, size_t count)
{
	static char machine[] = "m";
	struct history_item items[LIMIT_ITEMS];
	struct history_scene remembered = {.settled_ms = 77, .items = items, .count = count};

	for (size_t i = 0; i < count; i++)
		items[i] = (struct history_item){machine, arena_printf(&arena, "%zu", i)};
	history_scene_put(&txn, scene, &remembered);
}

static void test_scene(void **unused)
{
	static const size_t counts[] = {0, 1, 3, LIMIT_ITEMS};
	struct history_scene got;

	(void)unused;
	assert_int_equal(history_scene_get(&txn, 7, &got, &arena), ABSENT);
	assert_int_equal(got.count, 0);
	for (size_t i = 0; i < ROWS(counts); i++) {
		put_scene(7, counts[i]);
		assert_int_equal(history_scene_get(&txn, 7, &got, &arena), FOUND);
		assert_int_equal(got.settled_ms, 77);
		assert_int_equal(got.count, counts[i]);
		for (size_t j = 0; j < got.count; j++) {
			assert_string_equal(got.items[j].machine, "m");
			assert_string_equal(
				got.items[j].rating_key, arena_printf(&arena, "%zu", j));
		}
	}
	assert_int_equal(history_scene_get(&txn, 8, &got, &arena), ABSENT);
}

static void test_forget_scene(void **unused)
{
	struct history_scene scene;
	struct history got;

	(void)unused;
	put_owned("m", "0", 7);
	put_owned("m", "1", 8); /* taken over by another scene */
	put_owned("m", "3", 7); /* not in the scene's list */
	put_scene(7, 3);	/* the third one has no history at all */
	put_scene(8, 1);
	history_forget_scene(&txn, 7);
	assert_int_equal(get("m", "0").owner, 0);
	assert_int_equal(get("m", "1").owner, 8);
	assert_int_equal(get("m", "3").owner, 7);
	assert_int_equal(history_get(&txn, "m", "2", &got, &arena), ABSENT);
	assert_string_equal(get("m", "0").pushed.v[FIELD_TITLE].text, "Harbour Lights");
	assert_int_equal(get("m", "0").pushed_ms, 5);
	assert_int_equal(history_scene_get(&txn, 7, &scene, &arena), ABSENT);
	assert_int_equal(history_scene_get(&txn, 8, &scene, &arena), FOUND);
	history_forget_scene(&txn, 7); /* once more, and one that never was */
	history_forget_scene(&txn, 99);
	assert_false(txn.failed);
}

/* Every way of cutting a record is no history, and harms nothing. */
static void test_damaged_item(void **unused)
{
	struct history history = {.owner = 42}, got;
	struct bytes whole;
	unsigned char *copy;

	(void)unused;
	history.pushed = some_fields("pushed", 2);
	history.seen = some_fields("seen", 2);
	history_put(&txn, "m", "55", &history);
	assert_int_equal(store_get(&txn, QUEUE_ITEMS, (struct bytes){"m/55", 4}, &whole), FOUND);
	copy = arena_alloc(&arena, whole.len + 1);
	memcpy(copy, whole.data, whole.len);
	for (size_t len = 0; len <= whole.len + 1; len++) {
		if (len == whole.len)
			continue;
		store_put(&txn, QUEUE_ITEMS, (struct bytes){"m/55", 4}, (struct bytes){copy, len});
		assert_int_equal(history_get(&txn, "m", "55", &got, &arena), ABSENT);
		assert_int_equal(got.owner, 0);
		assert_false(got.pushed.v[FIELD_TITLE].known);
	}
	copy[0] = 99; /* another version */
	store_put(&txn, QUEUE_ITEMS, (struct bytes){"m/55", 4}, (struct bytes){copy, whole.len});
	assert_int_equal(history_get(&txn, "m", "55", &got, &arena), ABSENT);
	assert_false(txn.failed);
}

static void test_damaged_scene(void **unused)
{
	static const struct {
		const char *name, *record;
		size_t len;
	} rows[] = {
		{"empty", "", 0},
		{"unknown version", "\x09\0\0\0\0\0\0\0\1\0\0\0\0", 13},
		{"cut", "\x01\0\0\0\0", 5},
		{"too many items", "\x01\0\0\0\0\0\0\0\1\0\0\0\x11", 13},
		{"absurdly many items", "\x01\0\0\0\0\0\0\0\1\xff\xff\xff\xff", 13},
		{"an item is missing", "\x01\0\0\0\0\0\0\0\1\0\0\0\1", 13},
	};
	unsigned char key[8];
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct history_scene got;
		store_put(&txn, QUEUE_SCENES, record_key(key, 7),
			(struct bytes){rows[i].record, rows[i].len});
		ok &= row_int(rows[i].name, history_scene_get(&txn, 7, &got, &arena), ABSENT);
		ok &= row_int(rows[i].name, (int64_t)got.count, 0);
		history_forget_scene(&txn, 7);
		ok &= row_int(rows[i].name, (int64_t)store_count(&txn, QUEUE_SCENES), 0);
	}
	assert_true(ok);
}

static void test_failed_transaction(void **unused)
{
	struct history_scene scene;
	struct history history;

	(void)unused;
	put_owned("m", "0", 7);
	store_fail(&txn, "x");
	assert_int_equal(history_get(&txn, "m", "0", &history, &arena), FAILED);
	assert_int_equal(history_scene_get(&txn, 7, &scene, &arena), FAILED);
	history_forget_scene(&txn, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_named_by_machine_and_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_very_long_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_scene, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forget_scene, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_item, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_scene, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failed_transaction, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
