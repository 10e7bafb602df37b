/*
 * test_match_cache.c - the match cache: exact paths, forgetting by name and by library, and
 * its limit.
 */
#include "helpers.h"

#include "base/log.h"
#include "base/path.h"
#include "state/match_cache.h"
#include "state/state.h"
#include "state/tables.h"

static char dir[TEMP_BYTES];
static struct state state;
static struct arena arena;
static struct txn txn;

static int setup(void **unused)
{
	struct err err;

	(void)unused;
	temp_make(dir);
	arena_init(&arena);
	if (!state_open(&state, dir, &err))
		return -1;
	store_begin(&txn, state_cache(&state), TXN_WRITE);
	return txn.store == NULL ? -1 : 0;
}

static int teardown(void **unused)
{
	(void)unused;
	store_abort(&txn);
	state_close(&state);
	arena_clear(&arena);
	temp_remove(dir);
	return 0;
}

static struct match_entry entry_of(const char *key, int section)
{
	struct match_entry entry = {.count = 1, .rule = 1, .settings = 7};

	entry.items[0] = (struct match_item){key, section};
	return entry;
}

static void put(const char *path, const char *key, int section)
{
	struct match_entry entry = entry_of(key, section);

	match_cache_put(&txn, path, &entry);
}

static bool has(const char *path)
{
	struct match_entry entry;

	return match_cache_get(&txn, path, &entry, &arena) == FOUND;
}

static void assert_exact(size_t entries)
{
	struct match_cache_size size;

	match_cache_size(&txn, &size);
	assert_int_equal(size.entries, entries);
	assert_int_equal(size.bytes > 0, entries > 0);
	assert_false(txn.failed);
}

static void test_round_trip(void **unused)
{
	static const size_t counts[] = {0, 1, 2, LIMIT_ITEMS};

	(void)unused;
	assert_false(has("/films/a.mkv"));
	for (size_t i = 0; i < ROWS(counts); i++) {
		struct match_entry entry = {.count = counts[i], .rule = 200}, got;
		entry.settings = 0xfedcba9876543210;
		for (size_t j = 0; j < counts[i]; j++)
			entry.items[j] = (struct match_item){
				arena_printf(&arena, "%zu", 1000 + j), (int)j * 1000000};
		match_cache_put(&txn, "/films/a.mkv", &entry);
		assert_int_equal(match_cache_get(&txn, "/films/a.mkv", &got, &arena), FOUND);
		assert_int_equal(got.count, counts[i]);
		assert_int_equal(got.rule, 200);
		assert_true(got.settings == 0xfedcba9876543210);
		for (size_t j = 0; j < counts[i]; j++) {
			assert_string_equal(got.items[j].rating_key, entry.items[j].rating_key);
			assert_int_equal(got.items[j].section, entry.items[j].section);
		}
		assert_exact(1);
	}
}

static void test_paths_are_exact(void **unused)
{
	(void)unused;
	put("/films/a.mkv", "1", 1);
	assert_true(has("/films/a.mkv"));
	assert_false(has("/films/A.mkv"));
	assert_false(has("/Films/a.mkv"));
	assert_false(has("/films/a.mkv/"));
	assert_false(has("a.mkv"));
	put("/films/A.mkv", "2", 1); /* the same name when folded: two entries */
	assert_exact(2);
	match_cache_forget(&txn, "/films/a.mkv");
	assert_false(has("/films/a.mkv"));
	assert_true(has("/films/A.mkv"));
	match_cache_forget(&txn, "/films/none.mkv");
	assert_exact(1);
}

static void test_longest_path(void **unused)
{
	char path[LIMIT_PATH_BYTES];

	(void)unused;
	memset(path, 'p', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	put(path, "1", 1);
	assert_true(has(path));
	path[sizeof(path) - 2] = 'q';
	assert_false(has(path));
	assert_exact(1);
}

static void test_forget_name(void **unused)
{
	struct digest name = path_name_digest("Lights.mkv");

	(void)unused;
	put("/a/lights.mkv", "1", 1);
	put("/b/LIGHTS.mkv", "2", 1);
	put("C:\\c\\Lights.mkv", "3", 2);
	put("/a/other.mkv", "4", 1);
	put("/lights.mkv/x.mkv", "5", 1);
	assert_int_equal(match_cache_forget_name(&txn, &name), 3);
	assert_int_equal(match_cache_forget_name(&txn, &name), 0);
	assert_true(has("/a/other.mkv"));
	assert_true(has("/lights.mkv/x.mkv"));
	assert_exact(2);
}

static void test_forget_section(void **unused)
{
	struct match_entry both = entry_of("1", 1);

	(void)unused;
	both.items[both.count++] = (struct match_item){"2", 2};
	match_cache_put(&txn, "/both.mkv", &both);
	put("/one.mkv", "3", 1);
	put("/two.mkv", "4", 2);
	put("/three.mkv", "5", 3);
	for (int i = 0; i < 200; i++)
		put(arena_printf(&arena, "/more/%d.mkv", i), "9", 1 + i % 3);
	assert_exact(204);
	assert_int_equal(match_cache_forget_section(&txn, 2), 2 + 67);
	assert_false(has("/both.mkv"));
	assert_false(has("/two.mkv"));
	assert_true(has("/one.mkv"));
	assert_true(has("/three.mkv"));
	assert_int_equal(match_cache_forget_section(&txn, 9), 0);
	assert_exact(204 - 69);
}

static void test_clear(void **unused)
{
	(void)unused;
	put("/a.mkv", "1", 1);
	put("/b.mkv", "2", 2);
	match_cache_clear(&txn);
	assert_false(has("/a.mkv"));
	assert_exact(0);
	put("/a.mkv", "1", 1);
	assert_exact(1);
}

/* Entries of a megabyte, so that the limit is near. */
static void test_cleared_at_its_limit(void **unused)
{
	size_t big = (size_t)1 << 20;
	char *key = arena_alloc(&arena, big + 1);
	struct match_cache_size size;
	const int fit = (int)(LIMIT_MATCH_BYTES >> 20);

	(void)unused;
	memset(key, 'k', big);
	for (int i = 0; i < fit; i++)
		put(arena_printf(&arena, "/%02d.mkv", i), key, 1);
	assert_exact((size_t)fit);
	put("/next.mkv", key, 1);
	assert_exact(1);
	assert_true(has("/next.mkv"));
	assert_false(has("/00.mkv"));
	match_cache_size(&txn, &size);
	assert_in_range(size.bytes, big, 2 * big);
}

/* A generator of our own, so that every run does the same. */
static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void test_exact_after_thousands(void **unused)
{
	bool there[300] = {false};
	uint32_t seed = 42;
	size_t entries;

	(void)unused;
	for (int round = 0; round < 4000; round++) {
		uint32_t which = next_random(&seed) % ROWS(there), what = next_random(&seed) % 100;
		char *path = arena_printf(&arena, "/dir-%u/file-%u.mkv", which % 3, which);
		if (what < 60) {
			struct match_entry entry = {.count = next_random(&seed) % 4};
			for (size_t i = 0; i < entry.count; i++)
				entry.items[i] = (struct match_item){
					arena_printf(&arena, "%u", next_random(&seed)), (int)i};
			match_cache_put(&txn, path, &entry);
			there[which] = true;
		} else if (what < 90) {
			match_cache_forget(&txn, path);
			there[which] = false;
		} else {
			struct digest name = path_name_digest(path);
			assert_int_equal(match_cache_forget_name(&txn, &name), there[which]);
			there[which] = false;
		}
		if (round % 500 == 499) {
			entries = 0;
			for (size_t i = 0; i < ROWS(there); i++)
				entries += there[i];
			assert_exact(entries);
		}
	}
	for (unsigned i = 0; i < ROWS(there); i++)
		assert_int_equal(
			has(arena_printf(&arena, "/dir-%u/file-%u.mkv", i % 3, i)), there[i]);
	match_cache_clear(&txn);
	assert_exact(0);
}

static void damage(const char *path, const void *record, size_t len)
{
	struct digest key[] = {path_name_digest(path), digest_text(path)};

	store_put(
		&txn, CACHE_MATCHES, (struct bytes){key, sizeof(key)}, (struct bytes){record, len});
}

static void test_damaged_entry_is_absent(void **unused)
{
	static const struct {
		const char *name, *record;
		size_t len;
	} rows[] = {
		{"empty", "", 0},
		{"unknown version", "\x09xxxxxxxxxxxxxxxxx", 18},
		{"cut", "\x02\0\0\0\0\0\0", 7},
		{"too many items", "\x02\0\0\0\0\0\0\0\0\0\x11", 11},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		put("/a.mkv", "1", 1);
		damage("/a.mkv", rows[i].record, rows[i].len);
		ok &= row_true(rows[i].name, !has("/a.mkv"));
		put("/a.mkv", "1", 1); /* and can be set again */
		ok &= row_true(rows[i].name, has("/a.mkv"));
	}
	assert_true(ok);
}

/* An unreadable entry goes as any other does. */
static void test_forget_damaged(void **unused)
{
	static const char *const ways[] = {"forget", "name", "section"};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(ways); i++) {
		struct digest name = path_name_digest("/a.mkv");
		struct match_cache_size size;

		damage("/a.mkv", "\x09", 1);
		if (i == 0)
			match_cache_forget(&txn, "/a.mkv");
		if (i == 1)
			match_cache_forget_name(&txn, &name);
		if (i == 2)
			match_cache_forget_section(&txn, 1);
		match_cache_size(&txn, &size);
		ok &= row_int(ways[i], (int64_t)size.entries, 0);
	}
	assert_true(ok);
}

static void test_no_store(void **unused)
{
	struct match_entry entry = entry_of("1", 1);
	struct match_cache_size size;
	struct txn none;

	(void)unused;
	store_begin(&none, NULL, TXN_WRITE);
	match_cache_put(&none, "/a.mkv", &entry);
	assert_int_equal(match_cache_get(&none, "/a.mkv", &entry, &arena), FAILED);
	assert_int_equal(match_cache_forget_section(&none, 1), 0);
	match_cache_size(&none, &size);
	assert_int_equal(size.entries, 0);
	assert_false(store_commit(&none, NULL));
	store_fail(&txn, "x");
	assert_int_equal(match_cache_get(&txn, "/a.mkv", &entry, &arena), FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_paths_are_exact, setup, teardown),
		cmocka_unit_test_setup_teardown(test_longest_path, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forget_name, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forget_section, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clear, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cleared_at_its_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_exact_after_thousands, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_entry_is_absent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forget_damaged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_store, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("matches", tests, NULL, NULL);
}
