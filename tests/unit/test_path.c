/*
 * test_path.c - paths of two machines as text: Windows and Unix, roots,
 * separators at the end, component boundaries, composed and decomposed names.
 */
#include "arena_open.h"

#include "base/path.h"

#define COMPOSED   "Caf\xc3\xa9"
#define DECOMPOSED "Cafe\xcc\x81"

static void test_is_windows(void **state)
{
	static const struct {
		const char *path;
		bool windows;
	} rows[] = {
		{"C:\\Films", true},
		{"c:/Films", true},
		{"Z:", true},
		{"\\\\server\\share", true},
		{"\\\\?\\C:\\Films", true},
		{"/films", false},
		{"//server/share", false},
		{"", false},
		{"C", false},
		{"C:films", false},
		{"1:\\films", false},
		{"\\films", false},
		{"/c:/films", false},
		{"films", false},
		{":\\", false},
		{"\xc3\x89:\\", false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].path, path_is_windows(rows[i].path), rows[i].windows);
	assert_true(ok);
}

static void test_base(void **state)
{
	static const struct {
		const char *path, *base;
	} rows[] = {
		{"/films/a.mkv", "a.mkv"},
		{"C:\\Films\\a.mkv", "a.mkv"},
		{"C:\\Films/a.mkv", "a.mkv"},
		{"a.mkv", "a.mkv"},
		{"/", ""},
		{"/films/", ""},
		{"", ""},
		{"/films/.hidden", ".hidden"},
		{"\\\\server\\share\\a.mkv", "a.mkv"},
		{"/films/" COMPOSED, COMPOSED},
		{"/films/half\\name.mkv", "half\\name.mkv"},
		{"//server/share\\a.mkv", "share\\a.mkv"},
		{"films\\a.mkv", "a.mkv"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_text(rows[i].path, path_base(rows[i].path), rows[i].base);
	assert_true(ok);
}

static void test_digest_folds(void **state)
{
	static const struct {
		const char *path, *folded;
	} rows[] = {
		{"/Films/A.mkv", "/films/a.mkv"},
		{"C:\\Films\\A.MKV", "c:/films/a.mkv"},
		{"/films///", "/films"},
		{"C:\\Films\\", "c:/films"},
		{"/", "/"},
		{"//", "/"},
		{"", ""},
		{"\\\\Server\\Share", "//server/share"},
		{"/" DECOMPOSED, "/caf\xc3\xa9"},
		{"/CAF\xc3\x89", "/caf\xc3\xa9"},
		{"/Films\\A.mkv", "/films\\a.mkv"},
		{"/Bad\xff/X", "/bad\xef\xbf\xbd/x"},
		{"/Bad\xff\xfe.mkv", "/bad\xef\xbf\xbd.mkv"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct digest once = path_digest(rows[i].path);
		struct digest twice = path_digest(rows[i].folded);
		struct digest folded = digest_text(rows[i].folded);
		ok &= row_true(rows[i].path, memcmp(&once, &folded, sizeof(once)) == 0);
		ok &= row_true(rows[i].path, memcmp(&twice, &folded, sizeof(twice)) == 0);
	}
	assert_true(ok);
}

static void test_same(void **state)
{
	static const struct {
		const char *name, *ours, *theirs;
		bool same;
	} rows[] = {
		{"equal", "/films/a.mkv", "/films/a.mkv", true},
		{"case counts on Unix", "/films/A.mkv", "/films/a.mkv", false},
		{"case does not count on Windows", "c:\\FILMS\\A.mkv", "C:\\films\\a.mkv", true},
		{"of every letter", "C:\\\xc3\x84\xd0\x96.mkv", "C:\\\xc3\xa4\xd0\xb6.mkv", true},
		{"two letters are not one",
			"C:\\Stra\xc3\x9f"
			"e.mkv",
			"C:\\Strasse.mkv", false},
		{"nor is a ligature two", "C:\\\xef\xac\x81lm.mkv", "C:\\film.mkv", false},
		{"nor a long s a short one",
			"C:\\Ma\xc5\xbf"
			"e.mkv",
			"C:\\Mase.mkv", false},
		{"separators do not count on Windows", "C:/films/a.mkv", "C:\\films\\a.mkv", true},
		{"on a share neither", "//SERVER/share/a.mkv", "\\\\server\\Share\\a.mkv", true},
		{"theirs decides: Unix", "C:\\films", "/films", false},
		{"backslash is a character on Unix", "/films\\a", "/films/a", false},
		{"composed and decomposed", "/" COMPOSED, "/" DECOMPOSED, true},
		{"the other way round", "/" DECOMPOSED, "/" COMPOSED, true},
		{"on Windows too", "C:\\CAFE\xcc\x81", "c:/caf\xc3\xa9", true},
		{"separator at the end", "/films/", "/films", true},
		{"root", "/", "/", true},
		{"root is not nothing", "", "/", false},
		{"no UTF-8, equal", "/\xff", "/\xff", true},
		{"no UTF-8, different", "/\xff", "/\xfe", false},
		{"they show it as a replacement", "/caf\xe9", "/caf\xef\xbf\xbd", true},
		{"we do", "/caf\xef\xbf\xbd", "/caf\xe9", true},
		{"one for two bytes", "/caf\xe9\xe8", "/caf\xef\xbf\xbd", true},
		{"it stands for nothing that can be read", "/caf\xef\xbf\xbd", "/cafe", false},
		{"different", "/films/a.mkv", "/films/b.mkv", false},
		{"drive", "D:\\a.mkv", "C:\\a.mkv", false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].name, path_same(&arena, rows[i].ours, rows[i].theirs),
			rows[i].same);
	assert_true(ok);
}

static void test_same_name(void **state)
{
	static const struct {
		const char *name, *ours, *theirs;
		bool same;
	} rows[] = {
		{"other folders", "/a/x.mkv", "/b/x.mkv", true},
		{"case counts on Unix", "C:\\a\\X.mkv", "/b/x.mkv", false},
		{"case does not count on Windows", "/a/X.mkv", "C:\\b\\x.mkv", true},
		{"half a name", "/a/half\\x.mkv", "/b/x.mkv", false},
		{"composed and decomposed", "/a/" COMPOSED, "/b/" DECOMPOSED, true},
		{"no UTF-8, equal", "/a/caf\xe9", "/b/caf\xe9", true},
		{"no UTF-8, different", "/a/caf\xe9", "/b/caf\xe8", false},
		{"a replacement", "/a/caf\xe9.mkv", "/b/caf\xef\xbf\xbd.mkv", true},
		{"a replacement in a folder alone", "/a\xe9/x.mkv", "/b\xef\xbf\xbd/y.mkv", false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].name, path_same_name(&arena, rows[i].ours, rows[i].theirs),
			rows[i].same);
	assert_true(ok);
}

static void test_folder(void **state)
{
	static const struct {
		const char *path, *folder;
	} rows[] = {
		{"/films/a.mkv", "/films"},
		{"/films//a.mkv", "/films"},
		{"/a.mkv", "/"},
		{"/films", "/"},
		{"/", "/"},
		{"S:\\clip.mp4", "S:\\"},
		{"S:/clip.mp4", "S:/"},
		{"S:\\", "S:\\"},
		{"S:", "S:"},
		{"S:\\films\\clip.mp4", "S:\\films"},
		{"\\\\nas\\films\\a\\clip.mp4", "\\\\nas\\films\\a"},
		{"\\\\nas\\films\\clip.mp4", "\\\\nas\\films"},
		{"\\\\nas\\films", "\\\\nas\\films"},
		{"//nas/films/clip.mp4", "//nas/films"},
		{"/films/half\\name.mkv", "/films"},
		{"films/a.mkv", "films"},
		{"a.mkv", ""},
		{"", ""},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_text(rows[i].path, path_folder(&arena, rows[i].path), rows[i].folder);
	assert_true(ok);
}

static void test_respell(void **state)
{
	static const struct {
		const char *name, *path, *folder, *want;
	} rows[] = {
		{"as it is", "/films/a", "/films", "/films/a"},
		{"the folder itself", "/films", "/films", "/films"},
		{"with a separator at its end", "/films", "/films/", "/films/"},
		{"and below it", "/films/a/b", "/films/", "/films/a/b"},
		{"root", "/films/a", "/", "/films/a"},
		{"a drive", "s:\\", "S:\\", "S:\\"},
		{"below a drive", "s:\\Clips\\b", "S:\\", "S:\\Clips\\b"},
		{"a drive without separator", "S:\\Clips", "s:", "s:\\Clips"},
		{"a drive with the other one", "S:\\Clips\\b", "s:/", "s:/Clips/b"},
		{"a share", "\\\\nas\\films\\New", "\\\\NAS\\Films", "\\\\NAS\\Films\\New"},
		{"a share with slashes", "//nas/films/New", "\\\\NAS\\Films",
			"\\\\NAS\\Films\\New"},
		{"slashes below", "S:\\clips/a/b", "S:\\Clips", "S:\\Clips\\a\\b"},
		{"composed", "/" DECOMPOSED "/" DECOMPOSED, "/" COMPOSED,
			"/" COMPOSED "/" DECOMPOSED},
		{"a backslash in a name", "/films/a\\b", "/films", "/films/a\\b"},
		{"elsewhere", "/shorts/a", "/films", NULL},
		{"above", "/", "/films", NULL},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_text(rows[i].name, path_respell(&arena, rows[i].path, rows[i].folder),
			rows[i].want);
	assert_true(ok);
}

static void test_inside(void **state)
{
	static const struct {
		const char *name, *path, *folder;
		bool inside;
	} rows[] = {
		{"below", "/films/a.mkv", "/films", true},
		{"far below", "/films/a/b/c.mkv", "/films", true},
		{"itself", "/films", "/films", true},
		{"separator at the folder's end", "/films/a.mkv", "/films/", true},
		{"several", "/films/a.mkv", "/films//", true},
		{"component boundary", "/films2/a.mkv", "/films", false},
		{"above", "/films", "/films/a", false},
		{"beside", "/shorts/a.mkv", "/films", false},
		{"root", "/films/a.mkv", "/", true},
		{"root itself", "/", "/", true},
		{"empty folder holds nothing", "/films/a.mkv", "", false},
		{"empty path", "", "/films", false},
		{"case counts on Unix", "/Films/a.mkv", "/films", false},
		{"Windows", "c:\\FILMS\\A.mkv", "C:\\Films", true},
		{"Windows, slashes", "C:/Films/a.mkv", "c:\\films\\", true},
		{"Windows, component boundary", "C:\\Films2\\a.mkv", "C:\\Films", false},
		{"drive", "C:\\Films\\a.mkv", "C:\\", true},
		{"drive without separator", "C:\\Films\\a.mkv", "C:", true},
		{"other drive", "D:\\Films\\a.mkv", "C:\\", false},
		{"share", "\\\\SERVER\\share\\a.mkv", "\\\\server\\share", true},
		{"share, component boundary", "\\\\server\\share2\\a.mkv", "\\\\server\\share",
			false},
		{"decomposed below composed", "/" DECOMPOSED "/a.mkv", "/" COMPOSED, true},
		{"a mark at the boundary is part of the name", "/Cafe\xcc\x81/a.mkv", "/Cafe",
			false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].name, path_inside(&arena, rows[i].path, rows[i].folder),
			rows[i].inside);
	assert_true(ok);
}

static void test_common_folders(void **state)
{
	static const struct {
		const char *name, *one, *two;
		size_t count;
	} rows[] = {
		{"none", "/a/x.mkv", "/b/x.mkv", 0},
		{"one", "/a/films/x.mkv", "/b/films/x.mkv", 1},
		{"two", "/1/a/films/x.mkv", "/2/a/films/x.mkv", 2},
		{"a gap ends it", "/a/1/films/x.mkv", "/a/2/films/x.mkv", 1},
		{"all of them", "/a/films/x.mkv", "/a/films/x.mkv", 2},
		{"one is shorter", "/films/x.mkv", "/a/b/films/x.mkv", 1},
		{"file names do not count", "/films/x.mkv", "/films/y.mkv", 1},
		{"file in the root", "/x.mkv", "/x.mkv", 0},
		{"names alone", "x.mkv", "x.mkv", 0},
		{"a name's end is not enough", "/sfilms/x.mkv", "/films/x.mkv", 0},
		{"Windows and Unix", "D:\\Media\\Films\\x.mkv", "/mnt/media/films/x.mkv", 2},
		{"separators doubled", "/a//films///x.mkv", "/a/films/x.mkv", 2},
		{"composed and decomposed", "/" COMPOSED "/x.mkv", "/" DECOMPOSED "/x.mkv", 1},
		{"empty", "", "", 0},
		{"one empty", "", "/films/x.mkv", 0},
		{"a backslash in a name", "/a/half\\name/x.mkv", "/b/half/name/x.mkv", 0},
		{"half a name in both", "/a/half\\name/x.mkv", "/b/half\\name/x.mkv", 1},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		size_t there = path_common_folders(&arena, rows[i].one, rows[i].two);
		size_t back = path_common_folders(&arena, rows[i].two, rows[i].one);
		ok &= row_int(rows[i].name, (int64_t)there, (int64_t)rows[i].count);
		ok &= row_int(rows[i].name, (int64_t)back, (int64_t)rows[i].count);
	}
	assert_true(ok);
}

static bool equal(struct digest a, struct digest b)
{
	return memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
}

static void test_digests(void **state)
{
	(void)state;
	assert_true(equal(path_digest("C:\\Films\\A.mkv"), path_digest("c:/films/a.MKV")));
	assert_true(equal(path_digest("/" COMPOSED), path_digest("/" DECOMPOSED)));
	assert_false(equal(path_digest("/films/a.mkv"), path_digest("/films/b.mkv")));
	assert_false(equal(path_digest("/a/x.mkv"), path_name_digest("/a/x.mkv")));
	assert_true(equal(path_name_digest("/a/X.mkv"), path_name_digest("C:\\b\\x.MKV")));
	assert_true(equal(path_name_digest("/a/" DECOMPOSED), path_name_digest(COMPOSED)));
	assert_true(equal(
		path_name_digest("/a/caf\xe9.mkv"), path_name_digest("/caf\xef\xbf\xbd.mkv")));
	assert_false(equal(path_name_digest("/a/half\\x.mkv"), path_name_digest("/b/x.mkv")));
	assert_true(equal(path_name_digest("/bad\xff/X.mkv"), path_name_digest("x.mkv")));
	assert_false(equal(path_name_digest("/a/x.mkv"), path_name_digest("/a/y.mkv")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_is_windows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_base, setup, teardown),
		cmocka_unit_test_setup_teardown(test_digest_folds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same_name, setup, teardown),
		cmocka_unit_test_setup_teardown(test_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_respell, setup, teardown),
		cmocka_unit_test_setup_teardown(test_inside, setup, teardown),
		cmocka_unit_test_setup_teardown(test_common_folders, setup, teardown),
		cmocka_unit_test_setup_teardown(test_digests, setup, teardown),
	};

	return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
