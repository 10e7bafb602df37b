/*
 * test_gather.c - what is done where an item is not what the caches said.
 */
#include "helpers.h"

#include "push/gather.h"

static void test_heal(void **state)
{
	static const struct {
		const char *name;
		unsigned wrong_before;
		bool in_hook;
		enum gather_heal want;
	} rows[] = {
		{"a hook looks once more, into the index", 0, true, GATHER_LOOK_AGAIN},
		{"and leaves it to the drain", 1, true, GATHER_GIVE_UP},
		{"a drain asks Plex what is new", 0, false, GATHER_CONFIRM},
		{"and only then does not believe the index", 1, false, GATHER_DROP_ROW},
		{"for two rows at most", 2, false, GATHER_DROP_ROW},
		{"then it gives up", 3, false, GATHER_GIVE_UP},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].name, gather_heal(rows[i].wrong_before, rows[i].in_hook),
			rows[i].want);
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_heal)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
