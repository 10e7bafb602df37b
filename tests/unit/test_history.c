/*
 * test_history.c - what was pushed to which item: round trip, owners, scenes
 * that are gone, records that cannot be read.
 */
#include "helpers.h"
#include "queue_open.h"

#include "base/log.h"
#include "state/history.h"
#include "state/state.h"
#include "state/tables.h"

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
	struct history history = {.owner = 42, .pushed_ms = 1700000000000}, got;

	(void)unused;
	assert_int_equal(history_get(&txn, "m", "55", &got, &arena), ABSENT);
	assert_int_equal(got.owner, 0);
	assert_false(got.pushed.v[FIELD_TITLE].known);
	history.pushed = some_fields("pushed", 1);
	history.seen = some_fields("seen", 2);
	history.meant = some_fields("meant", 3);
	history_put(&txn, "m", "55", &history);
	got = get("m", "55");
	assert_int_equal(got.owner, 42);
	assert_int_equal(got.pushed_ms, 1700000000000);
	assert_string_equal(got.pushed.v[FIELD_TITLE].text, "pushed");
	assert_string_equal(got.seen.v[FIELD_TITLE].text, "seen");
	assert_string_equal(got.meant.v[FIELD_TITLE].text, "meant");
	assert_int_equal(got.pushed.v[FIELD_PERFORMERS].names.n, 1);
	assert_int_equal(got.seen.v[FIELD_PERFORMERS].names.n, 2);
	assert_int_equal(got.meant.v[FIELD_PERFORMERS].names.n, 3);
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

static void put_item(const void *record, size_t len)
{
	store_put(&txn, QUEUE_ITEMS, (struct bytes){"m/55", 4}, (struct bytes){record, len});
}

static bool is_unreadable(void)
{
	struct history got = get("m", "55");

	return got.unreadable && got.owner == 0 && got.pushed_ms == 0 &&
	       !got.pushed.v[FIELD_TITLE].known && !got.seen.v[FIELD_TITLE].known;
}

/* Every way of cutting a record: there is a history, and it is not known. */
static void test_damaged_item(void **unused)
{
	struct history history = {.owner = 42, .added = 7, .updated = 8};
	const size_t past = 1 + 2 + DIGEST_BYTES, times = 4 + 2 * sizeof(int64_t), replaced = 5;
	struct bytes whole;
	unsigned char *copy;

	(void)unused;
	past_note(&history.past, FIELD_TITLE, PAST_LEFT, digest_text("A"));
	history.pushed = some_fields("pushed", 2);
	history.seen = some_fields("seen", 2);
	history_put(&txn, "m", "55", &history);
	assert_int_equal(store_get(&txn, QUEUE_ITEMS, (struct bytes){"m/55", 4}, &whole), FOUND);
	copy = arena_alloc(&arena, whole.len + 1);
	memcpy(copy, whole.data, whole.len);
	for (size_t len = 0; len <= whole.len + 1; len++) {
		put_item(copy, len);
		assert_int_equal(is_unreadable(), len != whole.len);
	}
	for (unsigned version = 0; version < 256; version++) {
		copy[0] = (unsigned char)version;
		put_item(copy, whole.len);
		/* Of the former versions the end is missing: nothing may be left over. */
		assert_int_equal(is_unreadable(), version != 5);
	}
	copy[0] = 5;
	put_item(copy, whole.len);
	assert_int_equal(get("m", "55").updated, 8);
	assert_int_equal(get("m", "55").past.count, 1);
	copy[0] = 4; /* it knew no past, */
	put_item(copy, whole.len - past - times);
	assert_false(is_unreadable());
	assert_int_equal(get("m", "55").past.count, 0);
	copy[0] = 3; /* this one no 'replaced' either, which is empty here */
	put_item(copy, whole.len - past - times - replaced);
	assert_false(is_unreadable());
	history_put(&txn, "m", "55", &history); /* another push begins it again */
	assert_false(is_unreadable());
	assert_false(txn.failed);
}

/* The bytes that the first version wrote, with texts longer than are kept now. */
static void test_version_1(void **unused)
{
	const char *summary = arena_printf(&arena, "%0500d", 7);
	struct history got;
	struct str out;

	(void)unused;
	str_init(&out, &arena);
	str_addn(&out,
		"\1"
		"\0\0\0\0\0\0\0\x2a"
		"\0\0\1\x8b\xcf\xe5\x68\0",
		17);
	/* pushed: a summary, and two tags */
	str_addn(&out,
		"\2"
		"\1\0\0\0\1"
		"\0\0\1\xf4",
		10);
	str_add(&out, summary);
	str_addn(&out,
		"\5\0\0\0\2"
		"\0\0\0\3Sea"
		"\0\0\0\5Drama",
		21);
	/* seen: a summary; pending; meant: a title; replaced: a date */
	str_addn(&out,
		"\1"
		"\1\0\0\0\1"
		"\0\0\0\2hi",
		12);
	str_addn(&out,
		"\1"
		"\1"
		"\0\0\0\0\2"
		"\0\0\0\2Ho"
		"\0\0\0\2Hi", /* damage: a title is one text */
		19);
	str_addn(&out,
		"\1"
		"\2\0\0\0\1"
		"\0\0\0\4"
		"2014",
		14);
	put_item(out.s, out.len);
	for (int read = 0; read < 2; read++) {
		got = get("m", "55");
		assert_false(got.unreadable);
		assert_int_equal(got.owner, 42);
		assert_int_equal(got.pushed_ms, 1700000000000);
		assert_true(value_is(&got.pushed.v[FIELD_SUMMARY], summary));
		assert_int_equal(got.pushed.v[FIELD_SUMMARY].cut, read == 1);
		assert_string_equal(got.meant.v[FIELD_TITLE].text, "Ho");
		assert_int_equal(got.meant.v[FIELD_TITLE].names.n, 0);
		assert_int_equal(got.pushed.v[FIELD_TAGS].names.n, 2);
		assert_string_equal(got.pushed.v[FIELD_TAGS].names.v[1], "Drama");
		assert_true(value_is(&got.seen.v[FIELD_SUMMARY], "hi"));
		assert_true(value_is(&got.meant.v[FIELD_TITLE], "Ho"));
		assert_false(got.meant.v[FIELD_DATE].known);
		history_put(&txn, "m", "55", &got); /* then it is of this one */
	}
	for (size_t len = 0; len < out.len; len++) {
		put_item(out.s, len);
		assert_true(is_unreadable());
	}
}

/* A whole queue of the first version: it is taken over when it is opened, and then the
 * first version, which asks for its own number alone, does not touch it. */
static void test_take_over(void **unused)
{
	struct bytes version;
	struct err err;

	(void)unused;
	put_owned("m", "55", 42);
	store_put(&txn, QUEUE_META, (struct bytes){"version", 7}, (struct bytes){"\1", 1});
	assert_true(store_commit(&txn, &err));
	state_close(&state);
	assert_true(state_open(&state, dir, &err));
	store_begin(&txn, state.queue, TXN_WRITE);
	assert_int_equal(
		store_get(&txn, QUEUE_META, (struct bytes){"version", 7}, &version), FOUND);
	assert_int_equal(version.len, 1);
	assert_int_equal(*(const unsigned char *)version.data, 2);
	assert_int_equal(get("m", "55").owner, 42);
	/* Of a later one nothing is taken over, nor touched. */
	store_put(&txn, QUEUE_META, (struct bytes){"version", 7}, (struct bytes){"\3", 1});
	assert_true(store_commit(&txn, &err));
	state_close(&state);
	assert_false(state_open(&state, dir, &err));
	assert_int_equal(err.status, STORE_OTHER_VERSION);
	store_begin(&txn, NULL, TXN_READ);
}

static char *sentences(size_t n)
{
	char *text = arena_alloc(&arena, n + 1);

	for (size_t i = 0; i < n; i++)
		text[i] = i % 7 == 6 ? ' ' : (char)('a' + i % 26);
	return text;
}

/* What an item costs, with nine names and this much text: as good as nothing more for
 * more of it. Version 1 took 1,750, 4,600 and 8,700 bytes. */
static void test_size(void **unused)
{
	static const struct {
		size_t details, most;
	} rows[] = {{0, 400}, {80, 480}, {300, 520}, {1000, 520}, {3000, 520}, {60000, 520}};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char name[40];
		struct history history = {.owner = 42};
		struct bytes value;
		history.pushed = some_fields("Harbour Lights", 3);
		history.pushed.v[FIELD_SUMMARY] = (struct value){
			.known = true, .text = sentences(rows[i].details)};
		history.pushed.v[FIELD_DATE] = (struct value){.known = true, .text = "2014-05-01"};
		history.pushed.v[FIELD_STUDIO] = (struct value){.known = true, .text = "Lantern"};
		history.pushed.v[FIELD_TAGS] = history.pushed.v[FIELD_PERFORMERS];
		history.pushed.v[FIELD_COLLECTIONS] = history.pushed.v[FIELD_PERFORMERS];
		history.pushed.v[FIELD_POSTER] = (struct value){
			.known = true, .text = "da39a3ee5e6b4b0d3255bfef95601890afd80709"};
		history.seen = history.pushed;
		history_put(&txn, "0123456789012345678901234567890123456789", "55", &history);
		assert_int_equal(
			store_get(&txn, QUEUE_ITEMS,
				(struct bytes){"0123456789012345678901234567890123456789/55", 43},
				&value),
			FOUND);
		snprintf(name, sizeof(name), "%zu characters", rows[i].details);
		print_message("%s of details: %zu bytes\n", name, value.len + 43);
		ok &= row_true(name, value.len + 43 <= rows[i].most);
	}
	assert_true(ok);
}

static void test_damaged_scene(void **unused)
{
	static const struct {
		const char *name, *record;
		size_t len;
	} rows[] = {
		{"empty", "", 0},
		{"unknown version", "\x09\0\0\0\0\0\0\0\1\0\0\0\0", 13},
		{"cut", "\x02\0\0\0\0", 5},
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
	assert_true(history_owns(&txn, 7, "m", "0")); /* and nobody takes it over */
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
		cmocka_unit_test_setup_teardown(test_version_1, setup, teardown),
		cmocka_unit_test_setup_teardown(test_take_over, setup, teardown),
		cmocka_unit_test_setup_teardown(test_size, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_scene, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failed_transaction, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
