/*
 * test_judge.c - whether an edit failed because of a value, of the item, or of more than that.
 */
#include "helpers.h"

#include "push/judge.h"

static void test_is_value(void **state)
{
	static const struct {
		struct err err;
		unsigned fields, attempts;
		bool is_value;
	} rows[] = {
		{{.kind = ERR_JOB, .status = 404}, 1, 0, true},
		{{.kind = ERR_JOB, .status = 404}, 3, 0, true},
		{{.kind = ERR_JOB, .status = 451}, 1, 11, false},
		{{.kind = ERR_JOB, .status = 501}, 1, 11, false},
		{{.kind = ERR_SETUP, .status = 401}, 1, 11, false},
		{{.kind = ERR_SETUP, .status = 403}, 1, 11, false},
		{{.kind = ERR_LATER, .status = 500}, 1, 0, false},
		{{.kind = ERR_LATER, .status = 500}, 1, LIMIT_DOUBTS - 2, false},
		{{.kind = ERR_LATER, .status = 500}, 1, LIMIT_DOUBTS - 1, true},
		{{.kind = ERR_LATER, .status = 500}, 1, LIMIT_ATTEMPTS - 1, true},
		{{.kind = ERR_LATER, .status = 500}, 2, LIMIT_ATTEMPTS - 1, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(judge_is_value(&rows[i].err, rows[i].fields, rows[i].attempts),
			rows[i].is_value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_is_value)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
