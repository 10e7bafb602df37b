/*
 * test_chosen.c - which of Plex's libraries the settings select.
 */
#include "helpers.h"

#include "find/chosen.h"

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

static void test_selected_libraries(void **state)
{
	static const struct {
		const char *setting;
		int id;
		const char *title, *type;
		bool selected;
	} rows[] = {
		{"", 1, "Films", "movie", true},
		{"", 2, "Series", "show", false},
		{"", 3, "Music", "artist", false},
		{"Films", 1, "Films", "movie", true},
		{"films", 1, "FILMS", "movie", true},
		{"Caf\xc3\xa9", 1, "CAFE\xcc\x81", "movie", true},
		{"Films", 2, "Films 2", "movie", false},
		{"Films, Series", 2, "Series", "show", true},
		{"1", 1, "Films", "movie", true},
		{"1", 11, "Films", "movie", false},
		{"01", 1, "Films", "movie", true},
		{"2014", 1, "2014", "movie", true},
		{"x, 1", 1, "Films", "movie", true},
		{"-1", 1, "Films", "movie", false},
		{"4294967297", 1, "Films", "movie", false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct settings settings = {.libraries = str_split(&arena, rows[i].setting, ',')};
		ok &= row_int(arena_printf(&arena, "%s: %s", rows[i].setting, rows[i].title),
			chosen_has(&settings, rows[i].id, rows[i].title, rows[i].type),
			rows[i].selected);
	}
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_selected_libraries)};

	return cmocka_run_group_tests(tests, setup, teardown);
}
