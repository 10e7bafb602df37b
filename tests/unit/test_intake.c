/*
 * test_intake.c - what a hook does at once, and what it leaves to others.
 */
#include "helpers.h"

#include "work/intake.h"

static void test_decide(void **state)
{
#define CALM .stash_known = true, .verb = VERB_UPDATE, .names_one = true
	static const struct {
		const char *name;
		struct intake_facts facts;
		enum intake_answer want;
	} rows[] = {
		{"one scene, edited by a person", {CALM}, INTAKE_CALM},
		{"Stash's address is not known", {.verb = VERB_UPDATE, .names_one = true},
			INTAKE_QUEUED},
		{"a scan's", {.stash_known = true, .verb = VERB_CREATE, .names_one = true},
			INTAKE_QUEUED},
		{"a merge", {.stash_known = true, .verb = VERB_MERGE, .names_one = true},
			INTAKE_QUEUED},
		{"one of many", {.stash_known = true, .verb = VERB_UPDATE}, INTAKE_QUEUED},
		{"hookQueueOnly", {CALM, .queue_only = true}, INTAKE_QUEUED},
		{"Plex is down", {CALM, .breaker_open = true}, INTAKE_AWAY},
		{"Plex is slow", {CALM, .plex_slow = true}, INTAKE_SLOW},
		{"first slow, then down", {CALM, .breaker_open = true, .plex_slow = true},
			INTAKE_AWAY},
		{"queued in any case", {CALM, .queue_only = true, .breaker_open = true},
			INTAKE_QUEUED},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].name, intake_decide(&rows[i].facts), rows[i].want);
	assert_true(ok);
}

static void test_covered(void **state)
{
	static const struct {
		const char *name;
		struct intake_cover cover;
		bool want;
	} rows[] = {
		{"the edit is new", {.queued = true}, false},
		{"queued by the first hook", {.seen_ms = 100, .queued = true}, true},
		{"pushed since", {.seen_ms = 100, .settled_ms = 150}, true},
		{"pushed in the same millisecond", {.seen_ms = 100, .settled_ms = 100}, true},
		{"pushed before the edit", {.seen_ms = 100, .settled_ms = 99}, false},
		{"neither queued nor ever pushed", {.seen_ms = 100}, false},
		{"never seen, but pushed", {.settled_ms = 100}, false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].name, intake_is_covered(&rows[i].cover), rows[i].want);
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decide), cmocka_unit_test(test_covered)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
