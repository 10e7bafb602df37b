/*
 * test_chosen.c - which of Plex's libraries the settings select.
 */
#include "arena_open.h"

#include "find/chosen.h"

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
		{"TV Clips", 1, " TV Clips", "movie", true},
		{"\xc2\xa0tv clips ", 1, "TV  Clips\xe2\x80\x8b", "movie", true},
		{"Ana's Clips", 1, "Ana\xe2\x80\x99s Clips", "movie", false},
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

static void test_names_that_fit_nothing(void **state)
{
	static struct library all[] = {{.id = 1, .title = " TV Clips", .type = "movie"},
		{.id = 2, .title = "Ana\xe2\x80\x99s \"best\"", .type = "movie"},
		{.id = 3, .title = "Music", .type = "artist"},
		{.id = 4, .title = "Series", .type = "show"}};
	static const struct {
		const char *setting;
		size_t libraries;
		bool none;
		const char *said; /* NULL: nothing */
	} rows[] = {
		{"", 4, false, NULL},
		{"TV Clips, series", 4, false, NULL},
		{"1, 4", 4, false, NULL},
		{"Films", 4, true,
			"Plex has no video library \"Films\"; it has \" TV Clips\", "
			"\"Ana\xe2\x80\x99s \"\"best\"\"\", \"Series\""},
		{"Films, Series", 4, false, "Plex has no video library \"Films\"; it has"},
		{"Music, 9", 4, true, "Plex has no video library \"Music\", \"9\"; it has"},
		{"Films", 0, true, "Plex has no video library \"Films\"; it has none at all"},
		{"", 0, false, NULL},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct settings settings = {.libraries = str_split(&arena, rows[i].setting, ',')};
		struct library_list list = {.v = all, .n = rows[i].libraries};
		bool none;
		const char *said = chosen_wrong(&settings, &list, &none, &arena);
		ok &= row_int(rows[i].setting, none, rows[i].none);
		if (said == NULL || rows[i].said == NULL)
			ok &= row_text(rows[i].setting, said, rows[i].said);
		else if (strstr(said, rows[i].said) == NULL)
			ok &= row_text(rows[i].setting, said, rows[i].said);
	}
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_selected_libraries),
		cmocka_unit_test(test_names_that_fit_nothing)};

	return cmocka_run_group_tests(tests, setup, teardown);
}
