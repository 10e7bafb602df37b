/*
 * test_indexer.c - what is read of a library whose counters moved or stand still.
 */
#include "helpers.h"

#include "find/indexer.h"

#define HOUR_MS ((int64_t)3600 * 1000)

static void test_explained(void **state)
{
	static const struct {
		const char *name;
		struct indexer_change change;
		bool want;
	} rows[] = {
		{"nothing moved", {.total_before = 5, .total = 5}, true},
		{"nothing moved, though parts came", {.total_before = 5, .total = 5, .gained = 2},
			true},
		{"an item was edited",
			{.moved = true, .any_new = true, .total_before = 5, .total = 5}, true},
		{"one more, and it was seen",
			{.moved = true,
				.any_new = true,
				.total_before = 5,
				.total = 6,
				.gained = 1},
			true},
		{"two more, and one was seen",
			{.moved = true,
				.any_new = true,
				.total_before = 5,
				.total = 7,
				.gained = 1},
			false},
		{"one more with two files",
			{.moved = true,
				.any_new = true,
				.total_before = 5,
				.total = 6,
				.gained = 2},
			true},
		{"one fewer, whatever was seen",
			{.moved = true,
				.any_new = true,
				.total_before = 5,
				.total = 4,
				.gained = 3},
			false},
		{"the counter moved, and nothing is new",
			{.moved = true, .total_before = 5, .total = 5}, false},
		{"one more, and nothing is new",
			{.moved = true, .total_before = 5, .total = 6, .gained = 1}, false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].name, indexer_explains(&rows[i].change), rows[i].want);
	assert_true(ok);
}

static void test_steps(void **state)
{
	static const struct {
		const char *name;
		struct indexer_facts facts;
		enum indexer_step want;
	} rows[] = {
		{"as it was", {.complete = true}, INDEXER_CURRENT},
		{"something moved", {.complete = true, .moved = true}, INDEXER_READ_NEW},
		{"a look at what is new", {.mode = INDEXER_LOOK, .complete = true},
			INDEXER_READ_NEW},
		{"a rebuild", {.mode = INDEXER_REBUILD, .complete = true}, INDEXER_PASS},
		{"a rebuild a minute after the last",
			{.mode = INDEXER_REBUILD, .complete = true, .pass_age_ms = 60000},
			INDEXER_PASS},
		{"another library", {.changed = true, .complete = true}, INDEXER_PASS},
		{"not all of it, an hour ago", {.pass_age_ms = HOUR_MS}, INDEXER_PASS},
		{"not all of it, less than an hour ago", {.pass_age_ms = HOUR_MS - 1},
			INDEXER_LEAVE},
		{"not all of it, and the clock jumped", {.pass_age_ms = -1}, INDEXER_PASS},
		{"not all of it, and it moved", {.moved = true, .pass_age_ms = 1}, INDEXER_LEAVE},
		{"not all of it, and a look",
			{.mode = INDEXER_LOOK, .moved = true, .pass_age_ms = 1}, INDEXER_LEAVE},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].name, indexer_decide(&rows[i].facts), rows[i].want);
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_explained), cmocka_unit_test(test_steps)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
