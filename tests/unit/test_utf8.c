/*
 * test_utf8.c - NFC, folding, and text that XML can carry; composed and
 * decomposed spellings, bytes that are no UTF-8, control characters, line ends.
 */
#include "helpers.h"

#include "base/utf8.h"

#define FFFD "\xef\xbf\xbd"

struct row {
	const char *name, *in, *out;
};

static bool table(const struct row *rows, size_t n, char *(*function)(struct arena *, const char *))
{
	struct arena a;
	bool ok = true;

	arena_init(&a);
	for (size_t i = 0; i < n; i++) {
		char *once = function(&a, rows[i].in);
		ok &= row_text(rows[i].name, once, rows[i].out);
		ok &= row_text(rows[i].name, function(&a, once), once); /* done is done */
	}
	arena_clear(&a);
	return ok;
}

static void test_nfc(void **state)
{
	static const struct row rows[] = {
		{"empty", "", ""},
		{"ASCII", "Harbour Lights", "Harbour Lights"},
		{"composed stays", "Caf\xc3\xa9", "Caf\xc3\xa9"},
		{"decomposed is composed", "Cafe\xcc\x81", "Caf\xc3\xa9"},
		{"two marks", "e\xcc\xa3\xcc\x82", "\xe1\xbb\x87"},
		{"two marks in the other order", "e\xcc\x82\xcc\xa3", "\xe1\xbb\x87"},
		{"Hangul", "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c"},
		{"case stays", "CAFE\xcc\x81", "CAF\xc3\x89"},
		{"ligature stays (NFC, not NFKC)", "\xef\xac\x81lm", "\xef\xac\x81lm"},
		{"full-width solidus stays",
			"a\xef\xbc\x8f"
			"b",
			"a\xef\xbc\x8f"
			"b"},
		{"control characters stay", "a\x01\r\n\xc3\xa9", "a\x01\r\n\xc3\xa9"},
		{"emoji with joiners", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80",
			"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80"},
		{"no UTF-8 stays as it is", "Cafe\xcc\x81 \xff", "Cafe\xcc\x81 \xff"},
		{"cut sequence stays as it is", "Caf\xc3", "Caf\xc3"},
		{"Latin-1 stays as it is", "Caf\xe9", "Caf\xe9"},
		{"surrogate stays as it is", "\xed\xa0\x80", "\xed\xa0\x80"},
	};

	(void)state;
	assert_true(table(rows, ROWS(rows), utf8_nfc));
}

static void test_fold(void **state)
{
	static const struct row rows[] = {
		{"empty", "", ""},
		{"ASCII", "HARBOUR Lights [1]@`{", "harbour lights [1]@`{"},
		{"composed", "CAF\xc3\x89", "caf\xc3\xa9"},
		{"decomposed", "CAFE\xcc\x81", "caf\xc3\xa9"},
		{"sharp s",
			"Stra\xc3\x9f"
			"e",
			"strasse"},
		{"capital sharp s",
			"STRA\xe1\xba\x9e"
			"E",
			"strasse"},
		{"Greek final sigma", "\xce\xa3\xcf\x82\xcf\x83", "\xcf\x83\xcf\x83\xcf\x83"},
		{"Cyrillic", "\xd0\x96", "\xd0\xb6"},
		{"no UTF-8 is compared as it is", "CAF\xe9", "CAF\xe9"},
	};

	(void)state;
	assert_true(table(rows, ROWS(rows), utf8_fold));
}

static void test_name(void **state)
{
	static const struct row rows[] = {
		{"empty", "", ""},
		{"case", "TV Clips", "tv clips"},
		{"blanks around it", " \t TV Clips \n", "tv clips"},
		{"blanks in it", "TV  Clips", "tv clips"},
		{"no-break spaces",
			"\xc2\xa0TV\xc2\xa0"
			"Clips\xe2\x80\xaf",
			"tv clips"},
		{"ideographic space", "\xe3\x80\x80TV Clips", "tv clips"},
		{"zero-width space and mark of order", "\xe2\x80\x8bTV Clips\xef\xbb\xbf",
			"tv clips"},
		{"zero-width space before a blank", "\xe2\x80\x8b TV Clips", "tv clips"},
		{"soft hyphen", "TV Cl\xc2\xadips", "tv clips"},
		{"decomposed", "CAFE\xcc\x81", "caf\xc3\xa9"},
		{"a typographic apostrophe is another one", "Ana\xe2\x80\x99s", "ana\xe2\x80\x99s"},
	};

	(void)state;
	assert_true(table(rows, ROWS(rows), utf8_name));
	assert_true(utf8_same_name(" TV Clips", "tv clips"));
	assert_false(utf8_same_name("TV Clips", "TVClips"));
	assert_false(utf8_same_name("Ana's", "Ana\xe2\x80\x99s"));
}

static void test_clean(void **state)
{
	static const struct row rows[] = {
		{"empty", "", ""},
		{"nothing to do", "Harbour Lights", "Harbour Lights"},
		{"paragraphs and tabs stay", "a\n\n\tb ", "a\n\n\tb "},
		{"CRLF becomes LF", "a\r\nb\r\n", "a\nb\n"},
		{"CR CRLF", "a\r\r\nb", "a\n\nb"},
		{"control characters are left out",
			"a\x01\x02\x08\x0b\x0c\x0e\x1f"
			"b",
			"ab"},
		{"escape sequence", "\x1b[31mred", "[31mred"},
		{"quotes, dashes and emoji stay",
			"\xe2\x80\x9cx\xe2\x80\x9d \xe2\x80\x94 \xf0\x9f\x9a\x80",
			"\xe2\x80\x9cx\xe2\x80\x9d \xe2\x80\x94 \xf0\x9f\x9a\x80"},
		{"XML's own characters stay", "<a href=\"x\">&amp;'</a>",
			"<a href=\"x\">&amp;'</a>"},
		{"U+FFFE and U+FFFF are left out",
			"a\xef\xbf\xbe"
			"b\xef\xbf\xbf"
			"c",
			"abc"},
		{"U+FFFD stays", FFFD, FFFD},
		{"decomposed stays decomposed", "e\xcc\x81", "e\xcc\x81"},
		{"no UTF-8",
			"a\xff"
			"b",
			"a" FFFD "b"},
		{"Latin-1", "Caf\xe9", "Caf" FFFD},
		{"overlong",
			"a\xc0\x80"
			"b",
			"a" FFFD FFFD "b"},
		{"surrogate",
			"a\xed\xa0\x80"
			"b",
			"a" FFFD FFFD FFFD "b"},
		{"beyond U+10FFFF", "\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD},
		{"cut at the end", "a\xe2\x82", "a" FFFD FFFD},
		{"lone continuation", "\x80", FFFD},
		{"largest code point", "\xf4\x8f\xbf\xbd", "\xf4\x8f\xbf\xbd"},
	};

	(void)state;
	assert_true(table(rows, ROWS(rows), utf8_clean));
}

static void test_clean_line(void **state)
{
	static const struct row rows[] = {
		{"empty", "", ""},
		{"trimmed", "  Ana Duarte \n", "Ana Duarte"},
		{"line ends become blanks", "Harbour\nLights", "Harbour Lights"},
		{"CRLF is one blank", "Harbour\r\nLights", "Harbour Lights"},
		{"tab", "Harbour\tLights", "Harbour Lights"},
		{"blanks inside stay", "Harbour  Lights", "Harbour  Lights"},
		{"control character between blanks at the end", "Ana \x01 ", "Ana"},
		{"nothing but control characters", "\x01\x02", ""},
		{"no UTF-8", "\xff x", FFFD " x"},
	};

	(void)state;
	assert_true(table(rows, ROWS(rows), utf8_clean_line));
}

static void test_squeeze(void **state)
{
	static const struct row rows[] = {
		{"empty", "", ""},
		{"white space alone", " \n\t\r\n ", ""},
		{"runs are one blank", "a \n\n\t b\r\n\r\nc", "a b c"},
		{"trimmed", " a ", "a"},
		{"NFC", "Cafe\xcc\x81  x", "Caf\xc3\xa9 x"},
		{"case stays", "Ana", "Ana"},
		{"control characters are left out", "a\x01 \x02 b", "a b"},
	};

	(void)state;
	assert_true(table(rows, ROWS(rows), utf8_squeeze));
}

/* "Same" is the same for every spelling of a name, whatever its first form is. */
static void test_fold_of_both_forms_is_equal(void **state)
{
	static const struct row rows[] = {
		{"Latin", "\xc3\x85ngstr\xc3\xb6m", "A\xcc\x8angstro\xcc\x88m"},
		{"Angstrom sign", "\xe2\x84\xab", "\xc3\x85"},
		{"Kelvin sign", "\xe2\x84\xaa", "k"},
		{"Hangul", "\xed\x95\x9c", "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"},
		{"Greek with iota subscript", "\xe1\xbe\xb3", "\xce\xb1\xcd\x85"},
		{"Vietnamese", "\xe1\xbb\x86", "e\xcc\xa3\xcc\x82"},
	};
	struct arena a;
	bool ok = true;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_text(rows[i].name, utf8_fold(&a, rows[i].in), utf8_fold(&a, rows[i].out));
	arena_clear(&a);
	assert_true(ok);
}

/* Pairs that fold to the same, and whether a file system takes one for the other. */
static void test_lower(void **state)
{
	static const struct {
		const char *name, *one, *two;
		bool same;
	} rows[] = {
		{"ASCII", "Quay.MP4", "QUAY.mp4", true},
		{"umlaut", "\xc3\x84", "\xc3\xa4", true},
		{"decomposed", "A\xcc\x88", "\xc3\xa4", true},
		{"Cyrillic", "\xd0\x96", "\xd0\xb6", true},
		{"sigma", "\xce\xa3", "\xcf\x83", true},
		{"final sigma", "\xcf\x82", "\xcf\x83", false},
		{"sharp s", "\xc3\x9f", "ss", false},
		{"sharp s, large", "\xc3\x9f", "SS", false},
		{"ligature", "\xef\xac\x81", "fi", false},
		{"long s", "\xc5\xbf", "s", false},
		{"long s, large", "\xc5\xbf", "S", false},
		{"dotless i", "\xc4\xb1", "i", false},
		{"i with a dot, large", "\xc4\xb0", "i", false},
		{"micro sign", "\xc2\xb5", "\xce\xbc", false},
		{"not UTF-8", "A\xff", "a\xff", false},
	};
	struct arena a;
	bool ok = true;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].name,
			strcmp(utf8_lower(&a, rows[i].one), utf8_lower(&a, rows[i].two)) == 0,
			rows[i].same);
	arena_clear(&a);
	assert_true(ok);
}

static void test_cut(void **state)
{
	static const struct {
		const char *text;
		size_t most, len;
	} rows[] = {
		{"", 0, 0},
		{"", 4, 0},
		{"abc", 3, 3},
		{"abc", 4, 3},
		{"abc", 2, 2},
		{"\xe9\x9b\xbb", 3, 3},
		{"\xe9\x9b\xbb", 2, 0},
		{"a\xe9\x9b\xbb", 3, 1},
		{"a\xe9\x9b\xbbz", 4, 4},
		{"\xc3\xa9\xc3\xa9", 3, 2},
		{"\xf0\x9f\x8e\xac", 3, 0},
		{"\x9b\x9b", 1, 0},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].text, (long long)utf8_cut(rows[i].text, rows[i].most),
			(long long)rows[i].len);
	assert_true(ok);
}

static void test_valid(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} rows[] = {
		{"", true},
		{"abc", true},
		{"\xe9\x9b\xbb", true},
		{"a\xf0\x9f\x8e\xac", true},
		{"\xe9\x9b", false},
		{"\xe9\x9b"
		 "z",
			false},
		{"\xff", false},
		{"a\xbb", false},
		{"\xed\xa0\x80", false},
		{"\xc0\x80", false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].text, utf8_is_valid(rows[i].text), rows[i].valid);
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nfc),
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_clean_line),
		cmocka_unit_test(test_squeeze),
		cmocka_unit_test(test_lower),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_fold_of_both_forms_is_equal),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
