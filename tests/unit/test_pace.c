/*
 * test_pace.c - when Save has waited long enough for a slow Plex.
 */
#include "helpers.h"

#include "base/limits.h"
#include "base/log.h"
#include "queue_open.h"
#include "state/pace.h"
#include "state/tables.h"

#define NOW  ((int64_t)1700000000000)
#define THEN (NOW - 5000)

static void test_after(void **unused)
{
	static const struct pace_facts quick = {.at_plex_ms = 40, .plex_answered = true},
				       slow = {.at_plex_ms = LIMIT_SLOW_MS + 1,
					       .plex_answered = true},
				       just = {.at_plex_ms = LIMIT_SLOW_MS, .plex_answered = true},
				       out = {.out_of_time = true, .at_plex_ms = 1400},
				       early = {.out_of_time = true}, none = {0},
				       failed = {.at_plex_ms = LIMIT_SLOW_MS + 1},
				       away = {.stash_away = true};
	static const struct {
		const char *name;
		const struct pace_facts *facts;
		struct pace before, after;
	} rows[] = {
		{"all is well", &quick, {0, 0, false}, {0, 0, false}},
		{"slow for the first time", &slow, {0, 0, false}, {1, NOW, false}},
		{"just not slow", &just, {1, THEN, false}, {0, 0, false}},
		{"slow again", &slow, {1, THEN, false}, {2, NOW, false}},
		{"three times in a row", &slow, {2, THEN, false}, {3, NOW, false}},
		{"slow, and something failed", &failed, {2, THEN, false}, {3, NOW, false}},
		{"the one that tried again was slow", &slow, {3, THEN, false}, {3, NOW, false}},
		{"the one that tried again was quick", &quick, {3, THEN, false}, {0, 0, false}},
		{"out of time", &out, {0, 0, false}, {3, NOW, false}},
		{"out of time before Plex was asked", &early, {0, 0, false}, {3, NOW, false}},
		{"a scene that is left alone says nothing", &none, {2, THEN, false},
			{2, THEN, false}},
		{"Stash is away", &away, {0, 0, false}, {0, 0, true}},
		{"Stash is there again", &quick, {0, 0, true}, {0, 0, false}},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct pace after = pace_after(&rows[i].before, rows[i].facts, NOW);
		ok &= row_int(rows[i].name, after.slow, rows[i].after.slow);
		ok &= row_int(rows[i].name, after.held_ms, rows[i].after.held_ms);
		ok &= row_int(rows[i].name, after.stash_away, rows[i].after.stash_away);
	}
	assert_true(ok);
}

static void test_holds(void **unused)
{
	static const struct {
		const char *name;
		int64_t slow, age_ms;
		bool holds;
	} rows[] = {
		{"never slow", 0, 0, false},
		{"slow twice", 2, 0, false},
		{"just now", LIMIT_SLOW_HOOKS, 0, true},
		{"for the last moment", LIMIT_SLOW_HOOKS, LIMIT_SLOW_HOLD_MS - 1, true},
		{"a minute is over: one tries again", LIMIT_SLOW_HOOKS, LIMIT_SLOW_HOLD_MS, false},
		{"in the future: the clock went back", LIMIT_SLOW_HOOKS, -1, false},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct pace pace = {.slow = rows[i].slow, .held_ms = NOW - rows[i].age_ms};
		ok &= row_int(rows[i].name, pace_holds(&pace, NOW), rows[i].holds);
	}
	assert_true(ok);
}

static void test_record(void **unused)
{
	static const struct bytes key = {"pace", 4};
	struct pace pace = {0};
	struct bytes value;

	(void)unused;
	pace_save(&txn, &pace); /* a hook where all is well writes nothing */
	assert_int_equal(store_get(&txn, QUEUE_META, key, &value), ABSENT);
	pace = (struct pace){2, NOW, true};
	pace_save(&txn, &pace);
	pace = (struct pace){0};
	pace_load(&txn, &pace);
	assert_int_equal(pace.slow, 2);
	assert_int_equal(pace.held_ms, NOW);
	assert_true(pace.stash_away);
	store_put(&txn, QUEUE_META, key, (struct bytes){"\x01\x02", 2});
	pace_load(&txn, &pace); /* one that cannot be read holds nobody back */
	assert_false(pace_holds(&pace, NOW));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_after),
		cmocka_unit_test(test_holds),
		cmocka_unit_test_setup_teardown(test_record, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
