/*
 * test_choice.c - what a person chose: kept, replaced, forgotten, and never guessed.
 */
#include "helpers.h"

#include "base/log.h"
#include "push/filter.h"
#include "state/choice.h"
#include "state/queue.h"
#include "state/state.h"
#include "state/tables.h"

#define NOW 1000

static char dir[TEMP_BYTES];
static struct state state;
static struct arena arena;
static struct txn txn;

static const struct choice pier = {.kind = CHOICE_ITEM,
	.machine = "server",
	.rating_key = "55",
	.path = "/data/films/pier.mp4",
	.library_uuid = "u-1",
	.library = "Films",
	.library_type = "movie",
	.section = 3};
static const struct choice none = {.kind = CHOICE_NONE}, automatic = {.kind = CHOICE_AUTO};

static int setup(void **unused)
{
	struct err err;

	(void)unused;
	temp_make(dir);
	arena_init(&arena);
	if (!state_open(&state, dir, &err))
		return -1;
	store_begin(&txn, state.queue, TXN_WRITE);
	return txn.failed ? -1 : 0;
}

static int teardown(void **unused)
{
	(void)unused;
	assert_true(store_commit(&txn, NULL));
	state_close(&state);
	arena_clear(&arena);
	temp_remove(dir);
	return 0;
}

static struct choice chosen(int64_t scene)
{
	struct choice choice;

	choice_get(&txn, scene, &choice, &arena);
	return choice;
}

static void test_kept(void **unused)
{
	struct choice choice;

	(void)unused;
	assert_int_equal(chosen(45).kind, CHOICE_AUTO);
	assert_false(chosen(45).unreadable);
	choice_put(&txn, 45, &pier, NOW);
	choice = chosen(45);
	assert_int_equal(choice.kind, CHOICE_ITEM);
	assert_int_equal(choice.section, 3);
	assert_string_equal(choice.path, pier.path);
	assert_string_equal(choice.library_uuid, "u-1");
	assert_string_equal(choice.library, "Films");
	assert_string_equal(choice.library_type, "movie");
	assert_true(choice_is(&choice, "server", "55"));
	assert_false(choice_is(&choice, "server", "5"));
	assert_false(choice_is(&choice, "other", "55"));
	assert_int_equal(chosen(46).kind, CHOICE_AUTO);

	choice_put(&txn, 45, &none, NOW);
	assert_int_equal(chosen(45).kind, CHOICE_NONE);
	choice_put(&txn, 45, &automatic, NOW);
	assert_int_equal(chosen(45).kind, CHOICE_AUTO);
	choice_put(&txn, 45, &automatic, NOW);
}

static void test_the_last_counts(void **unused)
{
	int64_t first;

	(void)unused;
	choice_put(&txn, 45, &pier, NOW);
	first = choice_number(&txn, 45, "server", "55");
	choice_put(&txn, 46, &pier, NOW);
	assert_true(first > 0 && choice_number(&txn, 46, "server", "55") > first);
	choice_put(&txn, 45, &pier, NOW);
	assert_true(
		choice_number(&txn, 45, "server", "55") > choice_number(&txn, 46, "server", "55"));
	assert_int_equal(choice_number(&txn, 45, "server", "56"), 0);
	assert_int_equal(choice_number(&txn, 0, "server", "55"), 0);
}

/* Another scene waited for the item. */
static void test_wakes(void **unused)
{
	static const struct choice *const next[] = {&none, &automatic, &pier};
	struct digest name = history_item_name("server", "55");
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(next); i++) {
		struct job job;
		choice_put(&txn, 45, &pier, NOW);
		queue_add(&txn, &(struct event){.scene = 46}, NOW);
		assert_int_equal(queue_get(&txn, 46, &job, &arena), FOUND);
		job.names = &name;
		job.name_count = 1;
		queue_fail(&txn, &job, "another scene has it");
		choice_put(&txn, 45, next[i], NOW);
		assert_int_equal(queue_get(&txn, 46, &job, &arena), FOUND);
		ok &= row_int("next", job.state, JOB_READY);
	}
	assert_true(ok);
}

/* What cannot be read is not absent. */
static void test_unreadable(void **unused)
{
	static const struct bytes bad[] = {{"", 1}, {"\x01", 1}, {"\x01\x01", 2}, {"\x02\x02", 2}};
	unsigned char key[8];
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(bad); i++) {
		struct choice choice;
		store_put(&txn, QUEUE_CHOICES, record_key(key, 45), bad[i]);
		choice = chosen(45);
		ok &= row_true("unreadable", choice.unreadable);
		ok &= row_int("kind", choice.kind, CHOICE_AUTO);
		choice_put(&txn, 45, &pier, NOW);
		ok &= row_int("chosen again", chosen(45).kind, CHOICE_ITEM);
	}
	assert_true(ok);
}

/* A push that took the item for its own ends after somebody chose it for another scene. */
static void test_put_history(void **unused)
{
	static const struct {
		const char *name;
		int64_t now, seen; /* owners: as it is, and as the push saw it */
		bool ours, theirs; /* chosen for 45, then for 46 */
		int64_t want;
	} rows[] = {
		{"nobody's", 0, 0, false, false, 45},
		{"another's by a rule", 46, 0, false, false, 45},
		{"another's by choice, as the push knew", 46, 46, false, true, 45},
		{"another's by choice since", 46, 0, false, true, 46},
		{"another's by choice, since it was ours", 46, 45, false, true, 46},
		{"another's by a later choice", 46, 45, true, true, 46},
		{"ours by choice", 46, 0, true, false, 45},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct history history = {.owner = rows[i].now};
		struct job job;
		queue_remove(&txn, 46);
		history_put(&txn, "server", "55", &history);
		choice_put(&txn, 45, rows[i].ours ? &pier : &automatic, NOW);
		choice_put(&txn, 46, rows[i].theirs ? &pier : &automatic, NOW);
		history = (struct history){.owner = 45, .pushed_ms = 7};
		choice_put_history(&txn, "server", "55", &history, rows[i].seen, NOW);
		assert_int_equal(history_get(&txn, "server", "55", &history, &arena), FOUND);
		ok &= row_int(rows[i].name, history.owner, rows[i].want);
		ok &= row_int(rows[i].name, history.pushed_ms, 7);
		ok &= row_int(rows[i].name, queue_get(&txn, 46, &job, &arena),
			rows[i].want == 46 ? FOUND : ABSENT);
	}
	assert_true(ok);
}

static void test_filter(void **unused)
{
	(void)unused;
	assert_non_null(filter_choice(&none));
	assert_null(filter_choice(&automatic));
	assert_null(filter_choice(&pier));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_last_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wakes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unreadable, setup, teardown),
		cmocka_unit_test_setup_teardown(test_put_history, setup, teardown),
		cmocka_unit_test(test_filter),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("choice", tests, NULL, NULL);
}
