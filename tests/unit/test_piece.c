/*
 * test_piece.c - names and sides of rules as people type them, in quotes and without.
 */
#include "arena_open.h"

#include "base/piece.h"
#include "base/str.h"

static void test_piece(void **state)
{
	static const char *const ends[] = {",", "=>", NULL};
	static const struct {
		const char *in, *piece; /* NULL: what is wrong is 'rest' */
		const char *rest;
	} rows[] = {
		{"", "", ""},
		{"  ", "", ""},
		{"Sea", "Sea", ""},
		{" Sea \t, Fog", "Sea", ", Fog"},
		{", Fog", "", ", Fog"},
		{"a=b => c", "a=b", "=> c"},
		{"\"Black, White\"", "Black, White", ""},
		{"  \"Black, White\" , Fog", "Black, White", ", Fog"},
		{"\" a => b \"=>c", " a => b ", "=>c"},
		{"\"a \"\"b\"\"\"", "a \"b\"", ""},
		{"\"\"", "", ""},
		{"\"\"\"\"", "\"", ""},
		{"\xc2\xa0\"a, b\"\xe2\x80\x8b , Fog", "a, b", ", Fog"},
		{"\xe2\x80\x8bSea \xc2\xa0 , Fog", "Sea", ", Fog"},
		{"\xe2\x80\x9cSea\xe2\x80\x9d, Fog", "\xe2\x80\x9cSea\xe2\x80\x9d", ", Fog"},
		{"\"\xe2\x80\x9cSea\", Fog", "\xe2\x80\x9cSea", ", Fog"},
		{"12\xe2\x80\x9d disc, \xc2\xbb", "12\xe2\x80\x9d disc", ", \xc2\xbb"},
		{"\xe2\x80\x9c"
		 "a, b\xe2\x80\x9d",
			NULL, "begins with a typographic quote: write quotes as \""},
		{" \xe2\x80\x9e"
		 "a, b\xe2\x80\x9c",
			NULL, "begins with a typographic quote: write quotes as \""},
		{"\xc2\xa0\xc2\xab"
		 "a, b\xc2\xbb",
			NULL, "begins with a typographic quote: write quotes as \""},
		{"12\" disc, 7\"", "12\" disc", ", 7\""},
		{"a \"b, c\"", "a \"b", ", c\""},
		{"\"", NULL, "has a double quote that is not closed"},
		{"\"a, b", NULL, "has a double quote that is not closed"},
		{"\"a\"\"", NULL, "has a double quote that is not closed"},
		{"\"a\" b, c", NULL, "goes on after the closing quote"},
		{"\"a\"b\"", NULL, "goes on after the closing quote"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *at = rows[i].in, *wrong = "";
		char *piece = piece_take(&arena, &at, ends, &wrong), *again;
		ok &= row_text(rows[i].in, piece, rows[i].piece);
		ok &= row_text(rows[i].in, piece ? at : wrong, rows[i].rest);
		if (piece == NULL)
			continue;
		at = again = str_quoted(&arena, piece); /* and back */
		ok &= row_text(again, piece_take(&arena, &at, ends, &wrong), piece);
	}
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_piece, setup, teardown),
	};

	return cmocka_run_group_tests_name("piece", tests, NULL, NULL);
}
