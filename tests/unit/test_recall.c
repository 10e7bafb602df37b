/*
 * test_recall.c - what a push remembers: one snapshot, and what follows where it cannot be
 * read.
 */
#include "helpers.h"

#include "base/limits.h"
#include "base/log.h"
#include "push/recall.h"

static char dir[TEMP_BYTES];
static struct arena arena;
static struct state state;
static struct env env = {.state = &state};

static int setup(void **unused)
{
	struct err err;

	(void)unused;
	arena_init(&arena);
	temp_make(dir);
	return state_open(&state, dir, &err) ? 0 : -1;
}

static int teardown(void **unused)
{
	(void)unused;
	state_close(&state);
	temp_remove(dir);
	arena_clear(&arena);
	return 0;
}

static struct push begin(struct request asked)
{
	struct push push;

	asked.scene = 45;
	push_init(&push, &asked, NULL, &arena);
	return push;
}

/* Scene 'id' has item 55 and says so, if 'claims'. */
static void remember(int64_t owner, int64_t id, bool claims)
{
	struct history_item item = {"server", "55"};
	struct history_scene scene = {.settled_ms = 7,
		.updated = "",
		.cover_etag = "",
		.cover_sha1 = "",
		.items = &item,
		.count = claims ? 1 : 0};
	struct history history = {.owner = owner, .pushed_ms = 5};
	struct txn txn;

	store_begin(&txn, state.queue, TXN_WRITE);
	history_put(&txn, "server", "55", &history);
	history_scene_put(&txn, id, &scene);
	assert_true(store_commit(&txn, NULL));
}

static void test_snapshot(void **unused)
{
	struct push push = begin((struct request){0});
	struct history history;
	struct recall_owner owner = {.lives = true};
	struct err err;

	(void)unused;
	remember(45, 45, true);
	assert_true(recall_scene(&env, &push, &err));
	assert_true(push.recalled);
	assert_int_equal(push.before.settled_ms, 7);
	assert_int_equal(push.before.count, 1);
	assert_int_equal(push.known[0].pushed_ms, 5);
	assert_false(push.asked.careful);

	/* What changes later is not looked at: one snapshot. */
	remember(45, 45, false);
	assert_true(recall_item(&env, &push, "server", "55", &history, &owner, &err));
	assert_int_equal(history.pushed_ms, 5);
	assert_true(recall_scene(&env, &push, &err));
	assert_int_equal(push.before.count, 1);
}

static void test_owner(void **unused)
{
	static const struct {
		const char *name;
		const char *key;
		int64_t owner;
		bool claims, lives;
	} rows[] = {
		{"another scene's", "55", 7, true, true},
		{"it was of a scene that is gone, or has others now", "55", 7, false, false},
		{"nobody's", "55", 0, false, false},
		{"an item that was never pushed", "66", 7, true, false},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct push push = begin((struct request){0});
		struct history history;
		struct recall_owner owner = {.lives = true};
		struct err err;
		remember(rows[i].owner, 7, rows[i].claims);
		ok &= row_true(rows[i].name,
			recall_item(&env, &push, "server", rows[i].key, &history, &owner, &err));
		ok &= row_int(rows[i].name, owner.lives, rows[i].lives);
		ok &= row_int(rows[i].name, history.owner,
			strcmp(rows[i].key, "55") == 0 ? rows[i].owner : 0);
	}
	assert_true(ok);
}

/* What a person chose is in the snapshot, and gives its scene the item before the push does. */
static void test_choice(void **unused)
{
	struct choice choice = {.kind = CHOICE_ITEM, .machine = "server", .rating_key = "55"};
	struct push push = begin((struct request){0});
	struct recall_owner owner;
	struct history history;
	struct txn txn;
	struct err err;

	(void)unused;
	remember(7, 7, false);
	store_begin(&txn, state.queue, TXN_WRITE);
	choice_put(&txn, 7, &choice, 0);
	choice_put(&txn, 45, &(struct choice){.kind = CHOICE_NONE}, 0);
	assert_true(store_commit(&txn, NULL));
	assert_true(recall_scene(&env, &push, &err));
	assert_int_equal(push.choice.kind, CHOICE_NONE);
	assert_true(recall_item(&env, &push, "server", "55", &history, &owner, &err));
	assert_true(owner.lives);
	assert_int_equal(owner.chosen, 1);
	assert_true(recall_item(&env, &push, "server", "66", &history, &owner, &err));
	assert_int_equal(owner.chosen, 0);
}

/* Every reader's slot is taken: nothing can be read, though all of it is there. */
static void test_unreadable(void **unused)
{
	static struct txn readers[LIMIT_READERS];
	static const struct {
		const char *name;
		struct request asked;
		bool goes_on;
	} rows[] = {
		{"tried again when it can be read", {0}, false},
		{"never tried again: it goes on, with care", {.forgetful = true}, true},
	};
	bool ok = true;

	(void)unused;
	remember(45, 45, true);
	for (size_t i = 0; i < LIMIT_READERS; i++)
		store_begin(&readers[i], state.queue, TXN_READ);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct push push = begin(rows[i].asked);
		struct history history;
		struct recall_owner owner = {.lives = true};
		struct err err = {.kind = ERR_NONE};
		ok &= row_int(rows[i].name, recall_scene(&env, &push, &err), rows[i].goes_on);
		ok &= row_int(rows[i].name, err.kind, ERR_STORE);
		ok &= row_true(rows[i].name, push.asked.careful);
		ok &= row_int(rows[i].name, (int64_t)push.before.count, 0);
		ok &= row_int(rows[i].name,
			recall_item(&env, &push, "server", "55", &history, &owner, &err),
			rows[i].goes_on);
		ok &= row_true(rows[i].name, history.unreadable);
	}
	for (size_t i = 0; i < LIMIT_READERS; i++)
		store_abort(&readers[i]);
	assert_true(ok);
}

/* There is no state: nothing is remembered, which the push knows already. */
static void test_no_state(void **unused)
{
	struct push push = begin((struct request){.forgetful = true, .careful = true});
	struct env none = {.state = &(struct state){.queue = NULL}};
	struct history history;
	struct recall_owner owner = {.lives = true};
	struct err err;

	(void)unused;
	assert_true(recall_scene(&none, &push, &err));
	assert_true(recall_item(&none, &push, "server", "55", &history, &owner, &err));
	assert_false(owner.lives);
	assert_int_equal(history.owner, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_snapshot, setup, teardown),
		cmocka_unit_test_setup_teardown(test_owner, setup, teardown),
		cmocka_unit_test_setup_teardown(test_choice, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unreadable, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_state, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("recall", tests, NULL, NULL);
}
