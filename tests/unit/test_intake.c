/*
 * test_intake.c - what a hook does at once, and what it leaves to others.
 */
#include "helpers.h"

#include "work/intake.h"

static void test_calm(void **state)
{
	static const struct intake_facts calm = {
		.stash_known = true, .verb = VERB_UPDATE, .names_one = true};
	struct intake_facts facts = calm;
	bool ok = true;

	(void)state;
	ok &= row_true("one scene, edited by a person", intake_is_calm(&calm));
	facts.stash_known = false;
	ok &= row_true("Stash's address is not known", !intake_is_calm(&facts));
	facts = calm;
	facts.verb = VERB_CREATE;
	ok &= row_true("a scan's", !intake_is_calm(&facts));
	facts.verb = VERB_MERGE;
	ok &= row_true("a merge", !intake_is_calm(&facts));
	facts = calm;
	facts.names_one = false;
	ok &= row_true("one of many", !intake_is_calm(&facts));
	facts = calm;
	facts.queue_only = true;
	ok &= row_true("hookQueueOnly", !intake_is_calm(&facts));
	facts = calm;
	facts.breaker_open = true;
	ok &= row_true("Plex is down", !intake_is_calm(&facts));
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
		cmocka_unit_test(test_calm), cmocka_unit_test(test_covered)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
