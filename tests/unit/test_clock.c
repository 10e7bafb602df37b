/*
 * test_clock.c - times as Stash writes them.
 */
#include "helpers.h"

#include "base/clock.h"

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t s;
	} rows[] = {
		{"1970-01-01T00:00:00Z", true, 0},
		{"2026-01-31T09:07:53Z", true, 1769850473},
		{"2026-01-31T10:07:53+01:00", true, 1769850473},
		{"2026-01-30T22:37:53-10:30", true, 1769850473},
		{"2026-01-31T20:07:53.123456789+11:00", true, 1769850473},
		{"2026-01-31T09:07:53", false, 0},
		{"2026-01-31T09:07:53+1:00", false, 0},
		{"2026-01-31T09:07:53+01:0x", false, 0},
		{"2026-01-31T09:07:53+01:00 ", false, 0},
		{"2026-01-31 09:07:53Z", false, 0},
		{"2026-01-31", false, 0},
		{"", false, 0},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t ms = 0;
		ok &= row_int(rows[i].text, clock_parse(rows[i].text, &ms), rows[i].ok);
		ok &= row_int(rows[i].text, rows[i].ok ? ms : 0, rows[i].s * 1000);
	}
	assert_true(ok);
}

static void test_age(void **state)
{
	(void)state;
	assert_int_equal(clock_age_ms(10, 4), 6);
	assert_int_equal(clock_age_ms(10, 10), 0);
	assert_int_equal(clock_age_ms(10, 11), -1);
	assert_int_equal(clock_age_ms(10, -1), -1);
}

static void test_day(void **state)
{
	const int64_t hour_ms = 3600 * 1000;

	(void)state;
	assert_int_equal(clock_day(47 * hour_ms), 1);
	assert_int_equal(clock_day(48 * hour_ms), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
