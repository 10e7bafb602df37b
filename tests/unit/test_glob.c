/*
 * test_glob.c - which paths a glob fits, which globs can fit none, and that no glob is slow.
 */
#include "arena_open.h"

#include "base/glob.h"
#include "base/limits.h"

#define COMPOSED   "Caf\xc3\xa9"
#define DECOMPOSED "Cafe\xcc\x81"
#define SHARP_S	   "\xc3\x9f"

static void test_fits(void **state)
{
	static const struct {
		const char *glob, *path;
		bool fits;
	} rows[] = {
		/* the whole path */
		{"/data/quay.mp4", "/data/quay.mp4", true},
		{"/data/quay.mp4", "/data/quay.mp", false},
		{"/data/quay.mp", "/data/quay.mp4", false},
		{"/data", "/data/quay.mp4", false},
		{"quay.mp4", "/data/quay.mp4", false},
		{"", "", true},
		{"", "/data/quay.mp4", false},
		/* within a folder */
		{"/data/*", "/data/quay.mp4", true},
		{"/data/*", "/data/films/quay.mp4", false},
		{"/data/*/quay.mp4", "/data/films/quay.mp4", true},
		{"/data/*/quay.mp4", "/data/quay.mp4", false},
		{"/data/*/quay.mp4", "/data/films/old/quay.mp4", false},
		{"/*/*", "/data/quay.mp4", true},
		{"/data/*.mp4", "/data/.mp4", true},
		{"/data/*a*y*", "/data/quay.mp4", true},
		{"/data/*y*a*", "/data/quay.mp4", false},
		{"/data/*.mp4", "/data/quay.mp4.mp4", true},
		{"*", "/quay.mp4", false},
		{"*.mp4", "/data/quay.mp4", false},
		{"*.mp4", "quay.mp4", true},
		/* across folders */
		{"**", "/data/films/quay.mp4", true},
		{"**", "", true},
		{"/data/**", "/data/quay.mp4", true},
		{"/data/**", "/data/films/old/quay.mp4", true},
		{"/data/**", "/database/quay.mp4", false},
		{"/data**", "/database/quay.mp4", true},
		{"**.mp4", "/data/quay.mp4", true},
		{"/data/**y.mp4", "/data/films/quay.mp4", true},
		{"/d**y**4", "/data/films/quay.mp4", true},
		{"/data/****", "/data/films/quay.mp4", true},
		/* no folder at all */
		{"**/quay.mp4", "/data/films/quay.mp4", true},
		{"**/quay.mp4", "/quay.mp4", true},
		{"**/quay.mp4", "quay.mp4", true},
		{"**/quay.mp4", "/data/the quay.mp4", false},
		{"**/*.mp4", "/data/quay.mp4", true},
		{"/data/**/quay.mp4", "/data/quay.mp4", true},
		{"/data/**/quay.mp4", "/data/a/b/c/quay.mp4", true},
		{"/data/**/quay.mp4", "/data/a/b/the quay.mp4", false},
		{"/data/**/quay.mp4", "/dataquay.mp4", false},
		{"/**/quay.mp4", "/quay.mp4", true},
		{"/data/**/**/**/quay.mp4", "/data/quay.mp4", true},
		{"/data/**/***/quay.mp4", "/data/a/quay.mp4", true},
		{"/data/a**/quay.mp4", "/data/aquay.mp4", false},
		{"/data/a**/quay.mp4", "/data/a/quay.mp4", true},
		{"/data/a**/quay.mp4", "/data/ab/c/quay.mp4", true},
		{"**/Extras/**", "/data/films/extras/quay.mp4", true},
		{"**/Extras/**", "/extras/quay.mp4", true},
		{"**/Extras/**", "/data/no extras/quay.mp4", false},
		{"**/Extras/**", "/data/films/extras", false},
		{"/**/*a/*", "/b/a/a/c", true},
		/* one character */
		{"/data/qua?.mp4", "/data/quay.mp4", true},
		{"/data/qua?.mp4", "/data/qua.mp4", false},
		{"/data?quay.mp4", "/data/quay.mp4", false},
		{"/data/????", "/data/quay", true},
		{"/data/???", "/data/quay", false},
		{"/data/?????", "/data/quay", false},
		{"/data/caf?", "/data/" COMPOSED, true},
		{"/data/caf?", "/data/" DECOMPOSED, true},
		{"/data/caf??", "/data/" DECOMPOSED, false},
		{"/data/Stra?e", "/data/stra" SHARP_S "e", true},
		{"/data/Stra??e", "/data/stra" SHARP_S "e", false},
		{"/data/?", "/data/\xf0\x9f\x8e\xac", true},
		{"/data/*?*?*", "/data/ab", true},
		{"/data/*?*?*", "/data/a", false},
		/* without case, in one spelling */
		{"/DATA/Quay.MP4", "/data/quay.mp4", true},
		{"/data/" COMPOSED, "/data/" DECOMPOSED, true},
		{"/data/caf\xc3\x89/*", "/data/" DECOMPOSED "/quay.mp4", true},
		{"/data/STRASSE", "/data/stra" SHARP_S "e", true},
		{"/data/caf\xe9/*", "/data/caf\xe9/quay.mp4", true},
		/* what separates */
		{"D:\\Films\\*", "d:\\films\\quay.mp4", true},
		{"D:/Films/*", "D:\\Films\\quay.mp4", true},
		{"D:\\Films\\*", "D:/Films/quay.mp4", true},
		{"D:\\*", "D:\\Films\\quay.mp4", false},
		{"D:\\**", "D:\\Films\\old\\quay.mp4", true},
		{"**\\old\\**", "D:\\Films\\old\\quay.mp4", true},
		{"**/old/**", "D:\\Films\\old\\quay.mp4", true},
		{"D:\\Films\\**\\quay.mp4", "D:\\Films\\quay.mp4", true},
		{"\\\\nas\\films\\**", "\\\\NAS\\Films\\quay.mp4", true},
		{"//nas/films/**", "\\\\nas\\films\\quay.mp4", true},
		{"D:\\qua?.mp4", "D:\\quay.mp4", true},
		{"D:?quay.mp4", "D:\\quay.mp4", false},
		{"/data/a\\b.mp4", "/data/a\\b.mp4", true},
		{"/data/a/b.mp4", "/data/a\\b.mp4", false},
		{"/data\\quay.mp4", "/data/quay.mp4", false},
		{"/data/*", "/data/a\\b.mp4", true},
		{"/data/a?b.mp4", "/data/a\\b.mp4", true},
		{"/data/**\\quay.mp4", "/data/a/b\\quay.mp4", true},
		{"/data/**\\quay.mp4", "/data/quay.mp4", false},
		/* nothing else is special */
		{"/data/[a-z]", "/data/q", false},
		{"/data/[a-z]", "/data/[a-z]", true},
		{"/data/{a,b}!", "/data/{a,b}!", true},
		{"/data/\\*", "/data/\\quay", true},
		{"/data/\\*", "/data/*", false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(arena_printf(&arena, "%s on %s", rows[i].glob, rows[i].path),
			glob_fits(rows[i].glob, rows[i].path), rows[i].fits);
	assert_true(ok);
}

static void test_any(void **state)
{
	struct str_list globs = str_split(&arena, "/data/a/*|**.mkv", '|'), none = {0};

	(void)state;
	assert_true(glob_any(&globs, "/data/a/quay.mp4"));
	assert_true(glob_any(&globs, "/data/b/quay.mkv"));
	assert_false(glob_any(&globs, "/data/b/quay.mp4"));
	assert_false(glob_any(&none, "/data/a/quay.mp4"));
}

static void test_wrong(void **state)
{
	static const struct {
		const char *glob, *words; /* NULL: it may fit something */
	} rows[] = {
		{"/data/films/**", NULL},
		{"/data/quay.mp4", NULL},
		{"**", NULL},
		{"**.mp4", NULL},
		{"**/*.mp4", NULL},
		{"*/films/*", NULL},
		{"?:\\films\\*", NULL},
		{"D:\\Films\\**", NULL},
		{"D:/Films/*", NULL},
		{"d?\\films\\*", NULL},
		{"D:*\\quay.mp4", NULL},
		{"\\\\nas\\films\\**", NULL},
		{"//nas/films/**", NULL},
		{"/data/.../a..b/..c/.d", NULL},
		{"/data/a\\", NULL},
		{"/data/\\\\", NULL},
		{"/data/?/*", NULL},
		{"", "whole path"},
		{"films/**", "whole path"},
		{"films", "whole path"},
		{"D:films\\**", "whole path"},
		{"D:", "whole path"},
		{"\\films\\**", "whole path"},
		{"./films/*", "whole path"},
		{"[a-z]/*", "whole path"},
		{"\xc3\x84:\\films\\*", "whole path"},
		{"*", "no folder"},
		{"*.mp4", "no folder"},
		{"?", "no folder"},
		{"/data//films/*", "without a name"},
		{"/data/./*", "without a name"},
		{"/data/../*", "without a name"},
		{"/data/..", "without a name"},
		{"D:\\films\\\\*", "without a name"},
		{"**\\..\\*", "without a name"},
		{"/data/films/", "separator"},
		{"/", "separator"},
		{"**/", "separator"},
		{"**\\", "separator"},
		{"D:\\films\\", "separator"},
		{"D:\\", "separator"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *wrong = glob_wrong(rows[i].glob);
		ok &= row_true(rows[i].glob,
			rows[i].words == NULL
				? wrong == NULL
				: wrong != NULL && strstr(wrong, rows[i].words) != NULL);
	}
	assert_true(ok);
}

#define MANY ((size_t)1 << 20)

static char *repeat(const char *piece, size_t len)
{
	char *text = arena_alloc(&arena, len + 1);

	for (size_t i = 0; i < len; i++)
		text[i] = piece[i % strlen(piece)];
	return text;
}

/* A megabyte of it on the longest path: where each star can step back, this does not end. */
static void test_no_glob_is_slow(void **state)
{
	static const struct {
		const char *piece, *end;
		bool fits;
	} rows[] = {
		{"*", "", true},
		{"*", "b", false},
		{"**/", "*", true},
		{"**/", "b", false},
		{"*a", "*", false},
		{"**a", "b", false},
		{"?*", "", false},
		{"**?", "b", false},
		{"*/", "*", false},
		{"a", "", false},
	};
	const char *path = arena_printf(&arena, "/%s", repeat("aaaaaaa/", LIMIT_PATH_BYTES - 1));
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *glob = arena_printf(
			&arena, "/%s%s", repeat(rows[i].piece, MANY / 3 * 3), rows[i].end);
		ok &= row_int(rows[i].piece, glob_fits(glob, path), rows[i].fits);
	}
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_any, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_glob_is_slow, setup, teardown),
	};

	return cmocka_run_group_tests_name("glob", tests, NULL, NULL);
}
