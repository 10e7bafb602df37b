/*
 * test_str.c - growing strings, lists, trimming, splitting, and numbers out of
 * text, with the rows that are no numbers.
 */
#include "arena_open.h"

#include "base/str.h"

static void test_number(void **state)
{
	static const struct {
		const char *name, *text;
		bool ok;
		int64_t number;
	} rows[] = {
		{"zero", "0", true, 0},
		{"one digit", "7", true, 7},
		{"leading zeros", "00042", true, 42},
		{"many leading zeros", "000000000000000000000000000009", true, 9},
		{"largest", "9223372036854775807", true, INT64_MAX},
		{"one more than the largest", "9223372036854775808", false, 0},
		{"ten times the largest", "92233720368547758070", false, 0},
		{"wraps around 64 bits", "18446744073709551617", false, 0},
		{"thirty digits", "111111111111111111111111111111", false, 0},
		{"NULL", NULL, false, 0},
		{"empty", "", false, 0},
		{"negative", "-1", false, 0},
		{"plus sign", "+1", false, 0},
		{"space before", " 1", false, 0},
		{"space behind", "1 ", false, 0},
		{"newline behind", "1\n", false, 0},
		{"fraction", "1.0", false, 0},
		{"exponent", "1e3", false, 0},
		{"hexadecimal", "0x10", false, 0},
		{"letters", "abc", false, 0},
		{"letters behind", "12a", false, 0},
		{"character before 0", "/", false, 0},
		{"character after 9", ":", false, 0},
		{"digits of another script", "\xd9\xa3", false, 0},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t n = -5;
		bool got = str_number(rows[i].text, &n);
		ok &= row_int(rows[i].name, got, rows[i].ok);
		ok &= row_int(rows[i].name, n, rows[i].ok ? rows[i].number : -5);
	}
	assert_true(ok);
}

static void test_trim(void **state)
{
	static const struct {
		const char *name, *in, *out;
		bool blank;
	} rows[] = {
		{"empty", "", "", true},
		{"white space alone", " \t\r\n\v\f ", "", true},
		{"nothing to do", "Ana Duarte", "Ana Duarte", false},
		{"both ends", "\n  Ana Duarte\t ", "Ana Duarte", false},
		{"inside stays", "  a  b  ", "a  b", false},
		{"one character", " x ", "x", false},
		{"control characters are no white space", "\x01x\x1f", "\x01x\x1f", false},
		{"no-break space stays", "\xc2\xa0x", "\xc2\xa0x", false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		ok &= row_text(rows[i].name, str_trim(&arena, rows[i].in), rows[i].out);
		ok &= row_int(rows[i].name, str_blank(rows[i].in), rows[i].blank);
	}
	assert_true(str_blank(NULL));
	assert_string_equal(str_trimn(&arena, "  ab  cd", 4), "ab");
	assert_string_equal(str_trimn(&arena, "   ", 2), "");
	assert_string_equal(str_trimn(&arena, "x", 0), "");
	assert_true(ok);
}

static void test_split(void **state)
{
	static const struct {
		const char *name, *in;
		char separator;
		size_t n;
		const char *parts[4];
	} rows[] = {
		{"NULL", NULL, ',', 0, {NULL}},
		{"empty", "", ',', 0, {NULL}},
		{"separators alone", ",, ,", ',', 0, {NULL}},
		{"one", "Films", ',', 1, {"Films"}},
		{"trimmed", " Films , Shorts ", ',', 2, {"Films", "Shorts"}},
		{"empty ones left out", ",Films,,Shorts,", ',', 2, {"Films", "Shorts"}},
		{"another separator", "a => b; c => d", ';', 2, {"a => b", "c => d"}},
		{"separator that is white space", "a\nb\n", '\n', 2, {"a", "b"}},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct str_list list = str_split(&arena, rows[i].in, rows[i].separator);
		ok &= row_int(rows[i].name, (int64_t)list.n, (int64_t)rows[i].n);
		for (size_t j = 0; j < list.n && j < rows[i].n; j++)
			ok &= row_text(rows[i].name, list.v[j], rows[i].parts[j]);
	}
	assert_true(ok);
}

static void test_eq(void **state)
{
	(void)state;
	assert_true(str_eq(NULL, NULL));
	assert_true(str_eq(NULL, ""));
	assert_true(str_eq("", NULL));
	assert_true(str_eq("a", "a"));
	assert_false(str_eq("a", "A"));
	assert_false(str_eq(NULL, "a"));
	assert_false(str_eq("a", NULL));
}

/* NUL-terminated after every step, at the sizes around its doublings too. */
static void test_growth(void **state)
{
	struct str s;

	(void)state;
	str_init(&s, &arena);
	assert_string_equal(s.s, "");
	str_addn(&s, NULL, 0);
	for (size_t i = 0; i < 10000; i++) {
		str_addc(&s, (char)('a' + i % 26));
		assert_int_equal(s.len, i + 1);
		assert_true(s.len < s.cap);
		assert_int_equal(s.s[s.len], '\0');
	}
	for (size_t i = 0; i < 10000; i++)
		assert_int_equal(s.s[i], 'a' + i % 26);
}

static void test_growth_by_pieces(void **state)
{
	char piece[301];

	(void)state;
	memset(piece, 'p', sizeof(piece) - 1);
	piece[300] = '\0';
	for (size_t len = 0; len <= 300; len++) {
		struct str s;
		str_init(&s, &arena);
		str_addn(&s, piece, len);
		str_addf(&s, "%s", piece + 300 - len);
		str_add(&s, "");
		str_addf(&s, "%s", "");
		assert_int_equal(s.len, 2 * len);
		assert_int_equal(strlen(s.s), 2 * len);
	}
}

static void test_any_bytes(void **state)
{
	struct str s;

	(void)state;
	str_init(&s, &arena);
	for (int c = 0; c < 256; c++)
		str_addc(&s, (char)c);
	assert_int_equal(s.len, 256);
	for (int c = 0; c < 256; c++)
		assert_int_equal((unsigned char)s.s[c], c);
	str_addn(&s, s.s, s.len); /* of itself, while it moves */
	assert_int_equal(s.len, 512);
	assert_memory_equal(s.s, s.s + 256, 256);
}

static void test_list(void **state)
{
	static char one[] = "one";
	struct str_list list;
	char *texts[1000];

	(void)state;
	str_list_init(&list, &arena);
	assert_int_equal(list.n, 0);
	for (size_t i = 0; i < ROWS(texts); i++) {
		texts[i] = arena_printf(&arena, "%zu", i);
		str_list_add(&list, texts[i]);
	}
	assert_int_equal(list.n, ROWS(texts));
	for (size_t i = 0; i < ROWS(texts); i++)
		assert_ptr_equal(list.v[i], texts[i]);
	str_list_init(&list, &arena);
	str_list_add(&list, one);
	assert_ptr_equal(list.v[0], one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_number, setup, teardown),
		cmocka_unit_test_setup_teardown(test_trim, setup, teardown),
		cmocka_unit_test_setup_teardown(test_split, setup, teardown),
		cmocka_unit_test_setup_teardown(test_eq, setup, teardown),
		cmocka_unit_test_setup_teardown(test_growth, setup, teardown),
		cmocka_unit_test_setup_teardown(test_growth_by_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(test_any_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_list, setup, teardown),
	};

	return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
