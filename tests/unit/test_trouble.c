/*
 * test_trouble.c - remembering that a setting is wrong: what is news, whose it is, how
 * long it keeps drains away.
 */
#include "helpers.h"
#include "queue_open.h"

#include "base/limits.h"
#include "base/log.h"
#include "state/state.h"
#include "state/tables.h"
#include "state/trouble.h"

#define NOW ((int64_t)1700000000000)

static struct trouble load(void)
{
	struct trouble trouble = {99, 99, NULL};

	trouble_load(&txn, &trouble, &arena);
	return trouble;
}

static void test_news(void **unused)
{
	struct trouble trouble = load();

	(void)unused;
	assert_string_equal(trouble.text, "");
	assert_true(trouble_note(&txn, "connectUrl is wrong", 1, NOW));
	assert_false(trouble_note(&txn, "connectUrl is wrong", 1, NOW + 4));
	assert_true(trouble_note(&txn, "connectUrl is wrong", 2, NOW + 5)); /* still wrong */
	assert_true(trouble_note(&txn, "connectToken is wrong", 2, NOW + 6));
	trouble = load();
	assert_string_equal(trouble.text, "connectToken is wrong");
	assert_int_equal(trouble.since_ms, NOW + 6);
	assert_int_equal(trouble.settings, 2);
	trouble_clear(&txn);
	assert_string_equal(load().text, "");
	assert_true(trouble_note(&txn, "connectToken is wrong", 2, NOW + 7));
}

static void test_secrets_are_masked(void **unused)
{
	const char *text = "connectToken abcdefghij0123456789 is wrong";

	(void)unused;
	log_secret("abcdefghij0123456789");
	assert_true(trouble_note(&txn, text, 1, NOW));
	assert_null(strstr(load().text, "abcdefghij"));
	assert_false(trouble_note(&txn, text, 1, NOW));
}

static void test_blocks(void **unused)
{
	static const struct {
		const char *name, *text;
		int64_t age_ms;
		bool blocks;
	} rows[] = {
		{"no trouble", "", 0, false},
		{"just now", "wrong", 0, true},
		{"a moment ago", "wrong", LIMIT_SETUP_RETRY_MS - 1, true},
		{"long enough ago", "wrong", LIMIT_SETUP_RETRY_MS, false},
		{"in the future: the clock went back", "wrong", -1, false},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct trouble trouble = {NOW - rows[i].age_ms, 1, rows[i].text};
		ok &= row_int(rows[i].name, trouble_blocks(&trouble, NOW), rows[i].blocks);
	}
	assert_true(ok);
}

static void test_of_others(void **unused)
{
	struct trouble trouble = {NOW, 1, "wrong"}, none = {NOW, 1, ""};

	(void)unused;
	assert_false(trouble_is_of_others(&trouble, 1));
	assert_true(trouble_is_of_others(&trouble, 2));
	assert_false(trouble_is_of_others(&none, 2));
}

static void test_clear_writes_only_what_is_new(void **unused)
{
	struct bytes value;

	(void)unused;
	trouble_clear(&txn);
	assert_int_equal(store_get(&txn, QUEUE_META, (struct bytes){"trouble", 7}, &value), ABSENT);
}

static void test_damaged_is_none(void **unused)
{
	static const struct {
		const char *name, *record;
		size_t len;
	} rows[] = {
		{"empty", "", 0},
		{"unknown version", "\x09\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\1x", 22},
		{"cut", "\x01\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\2x", 22},
		{"too long", "\x01\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\1xy", 23},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		store_put(&txn, QUEUE_META, (struct bytes){"trouble", 7},
			(struct bytes){rows[i].record, rows[i].len});
		ok &= row_text(rows[i].name, load().text, "");
	}
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_news, setup, teardown),
		cmocka_unit_test_setup_teardown(test_secrets_are_masked, setup, teardown),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_of_others),
		cmocka_unit_test_setup_teardown(
			test_clear_writes_only_what_is_new, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_is_none, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("trouble", tests, NULL, NULL);
}
