/*
 * test_activity.c - the journal: round trip, order, what is dropped, and what a push says in it.
 */
#include "helpers.h"
#include "queue_open.h"

#include "base/limits.h"
#include "base/log.h"
#include "push/journal.h"
#include "state/activity.h"
#include "state/tables.h"

static struct value text(const char *value)
{
	return (struct value){.known = true, .text = value};
}

static struct activity entry_of(int64_t scene, struct activity_item *item)
{
	*item = (struct activity_item){.machine = "m",
		.rating_key = "55",
		.library = "Films",
		.path = "/films/quay.mp4",
		.section = 1,
		.type = 1,
		.locked_before = 1,
		.locked_after = 3};
	return (struct activity){.at_ms = 5,
		.run = 2,
		.scene = scene,
		.title = "Harbour Lights",
		.reason = "",
		.items = item,
		.count = 1};
}

static void test_round_trip(void **unused)
{
	struct activity_item item;
	struct activity entry = entry_of(45, &item), got;
	char *summary = arena_alloc(&arena, 20001);

	(void)unused;
	memset(summary, 'x', 20000);
	item.before.v[FIELD_SUMMARY] = text(summary);
	item.after.v[FIELD_SUMMARY] = text("");
	activity_add(&txn, &entry);
	assert_int_equal(activity_get(&txn, entry.id, &got, &arena), FOUND);
	assert_int_equal(got.scene, 45);
	assert_string_equal(got.title, "Harbour Lights");
	assert_int_equal(got.items[0].locked_after, 3);
	assert_string_equal(got.items[0].before.v[FIELD_SUMMARY].text, summary);
	assert_true(value_is_whole(FIELD_SUMMARY, &got.items[0].before.v[FIELD_SUMMARY]));
	assert_true(activity_has_changes(&got));
	assert_int_equal(activity_get(&txn, entry.id + 1, &got, &arena), ABSENT);
}

/* What is too long, or has a secret in it, is not there as it was, and says so. */
static void test_what_is_not_whole(void **unused)
{
	struct activity_item item;
	struct activity entry = entry_of(45, &item), got;
	char *long_text = arena_alloc(&arena, LIMIT_WHOLE_BYTES + 2);
	const struct fields *before;

	(void)unused;
	memset(long_text, 'x', LIMIT_WHOLE_BYTES + 1);
	log_secret("token-Zq81xxTT");
	item.before.v[FIELD_SUMMARY] = text(long_text);
	item.before.v[FIELD_TITLE] = text("a token-Zq81xxTT in it");
	item.before.v[FIELD_TAGS] = text("");
	str_list_init(&item.before.v[FIELD_TAGS].names, &arena);
	str_list_add(&item.before.v[FIELD_TAGS].names, arena_strdup(&arena, "token-Zq81xxTT"));
	activity_add(&txn, &entry);
	assert_int_equal(activity_get(&txn, entry.id, &got, &arena), FOUND);
	before = &got.items[0].before;
	assert_false(value_is_whole(FIELD_SUMMARY, &before->v[FIELD_SUMMARY]));
	assert_false(value_is_whole(FIELD_TITLE, &before->v[FIELD_TITLE]));
	assert_false(value_is_whole(FIELD_TAGS, &before->v[FIELD_TAGS]));
	assert_null(strstr(before->v[FIELD_TITLE].text, "Zq81"));
	assert_null(strstr(before->v[FIELD_TAGS].names.v[0], "Zq81"));
}

/* The newest first, from any place; one that cannot be read is passed by. */
static void test_order(void **unused)
{
	struct activity_item item;
	struct activity entry, got;
	unsigned char key[8];

	(void)unused;
	assert_int_equal(activity_older(&txn, 0, &got, &arena), ABSENT);
	for (int64_t scene = 1; scene <= 4; scene++) {
		entry = entry_of(scene, &item);
		activity_add(&txn, &entry);
	}
	store_put(&txn, QUEUE_ACTIVITY, record_key(key, 2), (struct bytes){"?", 1});
	assert_int_equal(activity_older(&txn, 0, &got, &arena), FOUND);
	assert_int_equal(got.id, 4);
	assert_int_equal(activity_older(&txn, INT64_MAX, &got, &arena), FOUND);
	assert_int_equal(got.id, 4);
	assert_int_equal(activity_older(&txn, 3, &got, &arena), FOUND);
	assert_int_equal(got.id, 1);
	assert_int_equal(activity_older(&txn, 1, &got, &arena), ABSENT);
}

/* By number and by bytes, a few at a time. */
static void test_the_oldest_go(void **unused)
{
	struct activity_item item;
	struct activity entry = entry_of(45, &item), got;
	char *summary = arena_alloc(&arena, LIMIT_WHOLE_BYTES + 1);

	(void)unused;
	for (int i = 0; i < LIMIT_ACTIVITY_ENTRIES + 3; i++)
		activity_add(&txn, &entry);
	assert_int_equal(store_count(&txn, QUEUE_ACTIVITY), LIMIT_ACTIVITY_ENTRIES);
	assert_int_equal(activity_get(&txn, 3, &got, &arena), ABSENT);
	assert_int_equal(activity_get(&txn, 4, &got, &arena), FOUND);
	memset(summary, 'x', LIMIT_WHOLE_BYTES);
	item.before.v[FIELD_SUMMARY] = text(summary);
	item.after.v[FIELD_SUMMARY] = text("");
	for (int i = 0; i < 1200; i++) {
		size_t before = store_count(&txn, QUEUE_ACTIVITY);
		activity_add(&txn, &entry);
		assert_true(store_count(&txn, QUEUE_ACTIVITY) + LIMIT_ACTIVITY_TRIM > before);
	}
	assert_true(store_bytes(&txn, QUEUE_ACTIVITY) <= LIMIT_ACTIVITY_BYTES + (1 << 20));
	assert_int_equal(activity_older(&txn, 0, &got, &arena), FOUND);
	assert_int_equal(got.id, entry.id);
}

/* --- what a push says --------------------------------------------------------------- */

static void test_what_is_said(void **unused)
{
	static const struct {
		const char *name;
		enum push_result result;
		bool pushed, written, gives_up, told, refused;
		int want; /* -1: nothing */
	} rows[] = {
		{"written", PUSH_SYNCED, true, true, false, false, false, ACTIVITY_SYNCED},
		{"written, then it failed", PUSH_SYNCED, false, true, false, false, false,
			ACTIVITY_SYNCED},
		{"unchanged", PUSH_UNCHANGED, true, false, false, false, false, -1},
		{"ignored", PUSH_IGNORED, true, false, false, false, false, -1},
		{"queued", PUSH_QUEUED, true, false, false, false, false, -1},
		{"tried again later", PUSH_SYNCED, false, false, false, false, false, -1},
		{"failed for good", PUSH_SYNCED, false, false, true, false, false, ACTIVITY_FAILED},
		{"failed for good, told before", PUSH_SYNCED, false, false, true, true, false,
			ACTIVITY_FAILED},
		{"refused", PUSH_UNCHANGED, true, false, false, false, true, ACTIVITY_FAILED},
		{"ambiguous", PUSH_AMBIGUOUS, true, false, false, false, false, ACTIVITY_AMBIGUOUS},
		{"still ambiguous", PUSH_AMBIGUOUS, true, false, false, true, false, -1},
		{"not found", PUSH_NOT_FOUND, true, false, false, false, false, ACTIVITY_NOT_FOUND},
		{"waits as before", PUSH_NOT_FOUND, true, false, false, true, false, -1},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct job job = {.scene = 45,
			.path = "/films/quay.mp4",
			.title = "",
			.reason = rows[i].told ? "why" : ""};
		struct request asked = {.scene = 45};
		struct target target = {.settled = true, .found.path = "/films/quay.mp4"};
		struct activity entry;
		struct push push;
		bool said;
		push_init(&push, &asked, &job, &arena);
		push.pushed = rows[i].pushed;
		push.result = rows[i].result;
		push.refusal = rows[i].refused ? "why" : NULL;
		push.targets[push.target_count++] = &target;
		target.input.base = &target.before;
		target.theirs.v[FIELD_TITLE] = text("quay");
		target.now.v[FIELD_TITLE] = text("Harbour Lights");
		target.written = rows[i].written ? 1u << FIELD_TITLE : 0;
		said = journal_entry(&push, rows[i].gives_up, "why", &entry, &arena);
		ok &= row_int(rows[i].name, said ? (int64_t)entry.result : -1, rows[i].want);
		ok &= row_text(rows[i].name, entry.title, "quay.mp4");
		ok &= row_true(rows[i].name, activity_has_changes(&entry) == rows[i].written);
	}
	assert_true(ok);
}

/* A push that was killed has written; the next one found that, and says it. */
static void test_what_was_cut_off(void **unused)
{
	struct request asked = {.scene = 45};
	struct history base = {.replaced_locked = 1u << FIELD_TITLE};
	struct target target = {.settled = true};
	struct activity entry;
	struct push push;

	(void)unused;
	push_init(&push, &asked, NULL, &arena);
	push.pushed = true;
	push.result = PUSH_UNCHANGED;
	push.targets[push.target_count++] = &target;
	target.input.base = &base;
	base.replaced.v[FIELD_TITLE] = text("quay");
	base.seen.v[FIELD_TITLE] = text("Harbour Lights");
	target.theirs.v[FIELD_TITLE] = text("Harbour Lights");
	target.input.locked[FIELD_TITLE] = true;
	assert_true(journal_entry(&push, false, NULL, &entry, &arena));
	assert_int_equal(entry.result, ACTIVITY_SYNCED);
	assert_string_equal(entry.items[0].before.v[FIELD_TITLE].text, "quay");
	assert_string_equal(entry.items[0].after.v[FIELD_TITLE].text, "Harbour Lights");
	assert_int_equal(entry.items[0].locked_before, 1u << FIELD_TITLE);
	target.theirs.v[FIELD_TITLE] = text("Somebody's"); /* since then */
	assert_false(journal_entry(&push, false, NULL, &entry, &arena));
	target.theirs.v[FIELD_TITLE] = text("Harbour Lights");
	target.after.meant.v[FIELD_TITLE] = text("Low Tide"); /* nobody knows its outcome yet */
	assert_false(journal_entry(&push, false, NULL, &entry, &arena));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_not_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_oldest_go, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_said, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_was_cut_off, setup, teardown),
	};

	return cmocka_run_group_tests_name("activity", tests, NULL, NULL);
}
