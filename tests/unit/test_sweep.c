/*
 * test_sweep.c - which scenes a sweep queues.
 */
#include "helpers.h"

#include "work/sweep.h"

/* A scene as it was when it was last pushed, not in the queue. */
static const struct sweep_facts same = {
	.content_known = true, .content_same = true, .owns_items = true, .cover_same = true};

static bool check(const char *name, struct sweep_facts facts, enum sweep_verdict want)
{
	return row_int(name, sweep_decide(&facts), want);
}

static void test_differences(void **state)
{
	struct sweep_facts facts = same;
	bool ok = true;

	(void)state;
	ok &= check("the same", facts, SWEEP_SAME);
	facts.content_known = false;
	ok &= check("never pushed", facts, SWEEP_DIFFERS);
	facts = same;
	facts.content_same = false;
	ok &= check("another title, file, or setting", facts, SWEEP_DIFFERS);
	facts = same;
	facts.owns_items = false;
	ok &= check("an item was taken over", facts, SWEEP_DIFFERS);
	facts = same;
	facts.cover_same = false;
	ok &= check("perhaps another cover", facts, SWEEP_DIFFERS);
	facts = same;
	facts.force = true;
	ok &= check("forced", facts, SWEEP_DIFFERS);
	facts.ignored = true;
	ok &= check("forced, but ignored by a filter", facts, SWEEP_IGNORED);
	assert_true(ok);
}

static void test_items(void **state)
{
	struct sweep_facts facts = same;
	bool ok = true;

	(void)state;
	facts.check_items = true;
	ok &= check("the items are to be looked at", facts, SWEEP_CHECK_ITEMS);
	facts.items_checked = true;
	ok &= check("they are others", facts, SWEEP_DIFFERS);
	facts.items_same = true;
	ok &= check("they are the same", facts, SWEEP_SAME);
	facts.content_same = false;
	facts.items_checked = false;
	ok &= check("no look where the scene differs anyway", facts, SWEEP_DIFFERS);
	assert_true(ok);
}

static void test_queue(void **state)
{
	struct sweep_facts facts = {.in_queue = true, .job = JOB_READY, .job_same_file = true};
	bool ok = true;

	(void)state;
	ok &= check("due: the drain pushes it too", facts, SWEEP_IN_QUEUE);
	facts.by_hand = true;
	ok &= check("due, by hand", facts, SWEEP_IN_QUEUE);
	facts.dry_run = true;
	ok &= check("due, and a preview says what will be written", facts, SWEEP_DIFFERS);
	facts = (struct sweep_facts){.in_queue = true, .job = JOB_FAILED, .job_same_file = true};
	ok &= check("failed: nobody asks again", facts, SWEEP_IN_QUEUE);
	facts.by_hand = true;
	ok &= check("failed: a person asks again", facts, SWEEP_DIFFERS);
	facts.by_hand = false;
	facts.job_same_file = false;
	ok &= check("failed, but with another file", facts, SWEEP_DIFFERS);
	facts = (struct sweep_facts){.in_queue = true, .job = JOB_WAITING, .job_same_file = true};
	ok &= check("waits", facts, SWEEP_IN_QUEUE);
	facts.force = true;
	ok &= check("waits, forced", facts, SWEEP_DIFFERS);
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_differences),
		cmocka_unit_test(test_items), cmocka_unit_test(test_queue)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
