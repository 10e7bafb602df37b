/*
 * test_json.c - JSON from a stranger: what is no document, depth, NUL bytes,
 * and the readers that coerce.
 */
#include "arena_open.h"

#include "base/json.h"
#include "base/str.h"

#define TEXT(s) (s), sizeof(s) - 1

static void test_parse(void **state)
{
	static const struct {
		const char *name, *text;
		size_t len;
		bool ok;
	} rows[] = {
		{"object", TEXT("{}"), true},
		{"white space around", TEXT(" \r\n\t{} \n"), true},
		{"number alone", TEXT("42"), true},
		{"string alone", TEXT("\"x\""), true},
		{"null", TEXT("null"), true},
		{"brackets inside of a string", TEXT("[\"[[[[{{{{\"]"), true},
		{"escaped quote before brackets", TEXT("[\"\\\"[\"]"), true},
		{"escaped backslash at the end of a string", TEXT("[\"\\\\\",[1]]"), true},
		{"surrogate pair", TEXT("\"\\ud83d\\ude80\""), true},
		{"empty", TEXT(""), false},
		{"white space alone", TEXT(" \n"), false},
		{"a word", TEXT("hello"), false},
		{"cut", TEXT("{\"a\":1"), false},
		{"cut in a string", TEXT("{\"a\":\"b"), false},
		{"cut in an escape", TEXT("{\"a\":\"\\u12"), false},
		{"backslash at the end", TEXT("\"\\"), false},
		{"comma at the end", TEXT("[1,]"), false},
		{"two documents", TEXT("{}{}"), false},
		{"garbage behind", TEXT("{} x"), false},
		{"wrong bracket", TEXT("[1}"), false},
		{"single quotes", TEXT("{'a':1}"), false},
		{"lone surrogate", TEXT("\"\\ud83d\""), false},
		{"the second half alone", TEXT("\"caf\\udce9.mp4\""), false},
		{"an escape that is none", TEXT("\"caf\\x07.mp4\""), false},
		{"two digits", TEXT("\"caf\\u00.mp4\""), false},
		{"bytes that are not UTF-8", TEXT("\"caf\xe9.mp4\""), true},
		{"HTML", TEXT("<html><body>Bad Gateway</body></html>"), false},
		{"number without end", TEXT("1e"), false},
		{"garbage behind a NUL byte", TEXT("{}\0{}"), false},
		{"NUL byte first", TEXT("\0{}"), false},
		{"NUL byte inside", TEXT("{\"a\":\0 1}"), false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct err err = {.kind = ERR_NONE};
		cJSON *tree = json_parse(rows[i].text, rows[i].len, &err);
		ok &= row_int(rows[i].name, tree != NULL, rows[i].ok);
		ok &= row_int(rows[i].name, err.kind, tree ? ERR_NONE : ERR_INPUT);
		ok &= row_true(rows[i].name, tree != NULL || err.text[0] != '\0');
		cJSON_Delete(tree);
	}
	assert_true(ok);
}

/* A string with a NUL byte in it would silently end there. */
static void test_nul_in_string(void **state)
{
	static const struct {
		const char *name, *text;
		size_t len;
	} rows[] = {
		{"as a byte", TEXT("{\"a\":\"Harbour\0Lights\"}")},
		{"escaped", TEXT("{\"a\":\"Harbour\\u0000Lights\"}")},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct err err;
		cJSON *tree = json_parse(rows[i].text, rows[i].len, &err);
		const char *text = json_text(tree, "a");
		ok &= row_true(rows[i].name, text == NULL || strcmp(text, "Harbour") != 0);
		cJSON_Delete(tree);
	}
	assert_true(ok);
}

static cJSON *nested(size_t levels, char open, char close, struct err *err)
{
	size_t len = 2 * levels;
	char *text = arena_alloc(&arena, len + 1);

	memset(text, open, levels);
	memset(text + levels, close, levels);
	return json_parse(text, len, err);
}

static void test_depth(void **state)
{
	static const struct {
		size_t levels;
		bool ok;
	} rows[] = {{1, true}, {LIMIT_JSON_DEPTH, true}, {LIMIT_JSON_DEPTH + 1, false},
		{1000, false}, {1000000, false}};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct err err;
		cJSON *tree = nested(rows[i].levels, '[', ']', &err);
		assert_int_equal(tree != NULL, rows[i].ok);
		cJSON_Delete(tree);
	}
}

static void test_depth_is_nesting_and_not_length(void **state)
{
	struct str text;
	struct err err;
	cJSON *tree;

	(void)state;
	str_init(&text, &arena);
	str_addc(&text, '[');
	for (int i = 0; i < 1000; i++)
		str_add(&text, "[{}],");
	str_add(&text, "0]");
	tree = json_parse(text.s, text.len, &err);
	assert_non_null(tree);
	cJSON_Delete(tree);
}

static void test_error_says_where(void **state)
{
	struct err err;

	(void)state;
	assert_null(json_parse(TEXT("{\"a\": nope}"), &err));
	assert_non_null(strstr(err.text, "byte 6 of 11"));
}

static void test_readers(void **state)
{
	static const struct {
		const char *name, *value, *text, *id;
		int64_t number; /* -99 is the fallback */
		int truth;	/* -1: none */
	} rows[] = {
		{"string", "\"abc\"", "abc", "abc", -99, -1},
		{"empty string", "\"\"", "", NULL, -99, -1},
		{"digits", "\"45\"", "45", "45", 45, -1},
		{"digits with a space", "\" 45\"", " 45", " 45", -99, -1},
		{"number", "45", NULL, "45", 45, -1},
		{"zero", "0", NULL, "0", 0, 0},
		{"one", "1", NULL, "1", 1, 1},
		{"two is no truth", "2", NULL, "2", 2, -1},
		{"negative", "-3", NULL, "-3", -3, -1},
		{"negative zero", "-0", NULL, "0", 0, 0},
		{"exponent", "1e3", NULL, "1000", 1000, -1},
		{"whole with a fraction", "7.0", NULL, "7", 7, -1},
		{"fraction", "1.5", NULL, NULL, -99, -1},
		{"tiny fraction", "0.0000001", NULL, NULL, -99, -1},
		{"largest exact", "9007199254740991", NULL, "9007199254740991", 9007199254740991,
			-1},
		{"largest exact, as text", "\"9223372036854775807\"", "9223372036854775807",
			"9223372036854775807", INT64_MAX, -1},
		{"beyond what a double holds", "9007199254740993", NULL, NULL, -99, -1},
		{"huge", "1e300", NULL, NULL, -99, -1},
		{"infinite", "1e999", NULL, NULL, -99, -1},
		{"negative infinite", "-1e999", NULL, NULL, -99, -1},
		{"true", "true", NULL, NULL, -99, 1},
		{"false", "false", NULL, NULL, -99, 0},
		{"\"true\"", "\"true\"", "true", "true", -99, 1},
		{"\"false\"", "\"false\"", "false", "false", -99, 0},
		{"\"1\"", "\"1\"", "1", "1", 1, 1},
		{"\"0\"", "\"0\"", "0", "0", 0, 0},
		{"\"True\"", "\"True\"", "True", "True", -99, -1},
		{"\"yes\"", "\"yes\"", "yes", "yes", -99, -1},
		{"null", "null", NULL, NULL, -99, -1},
		{"array", "[1]", NULL, NULL, -99, -1},
		{"object", "{\"v\":1}", NULL, NULL, -99, -1},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char *text = arena_printf(&arena, "{\"v\":%s}", rows[i].value);
		struct err err;
		bool truth = false;
		cJSON *tree = json_parse(text, strlen(text), &err);
		assert_non_null(tree);
		ok &= row_text(rows[i].name, json_text(tree, "v"), rows[i].text);
		ok &= row_text(rows[i].name, json_id(&arena, tree, "v"), rows[i].id);
		ok &= row_int(rows[i].name, json_int(tree, "v", -99), rows[i].number);
		if (json_to_bool(json_get(tree, "v"), &truth))
			ok &= row_int(rows[i].name, truth, rows[i].truth);
		else
			ok &= row_int(rows[i].name, -1, rows[i].truth);
		cJSON_Delete(tree);
	}
	assert_true(ok);
}

static void test_get(void **state)
{
	static const char text[] = "{\"Id\":1,\"id\":2,\"id\":3,\"n\":null,\"o\":{\"x\":4},\"\":5}";
	struct err err;
	cJSON *tree = json_parse(TEXT(text), &err);
	cJSON *list = json_parse(TEXT("[1]"), &err);
	int64_t number;
	bool truth;

	(void)state;
	assert_int_equal(json_int(tree, "Id", 0), 1);
	assert_int_equal(json_int(tree, "id", 0), 2); /* the first of equal names */
	assert_int_equal(json_int(tree, "ID", 0), 0); /* case counts */
	assert_int_equal(json_int(tree, "", 0), 5);
	assert_null(json_get(tree, "n"));
	assert_null(json_get(tree, "x"));
	assert_int_equal(json_int(json_get(tree, "o"), "x", 0), 4);
	assert_null(json_get(list, "x"));
	assert_null(json_get(json_get(tree, "id"), "x"));
	assert_null(json_get(NULL, "x"));
	assert_null(json_text(NULL, "x"));
	assert_null(json_id(&arena, NULL, "x"));
	assert_int_equal(json_int(NULL, "x", 7), 7);
	assert_false(json_to_int(NULL, &number));
	assert_false(json_to_bool(NULL, &truth));
	cJSON_Delete(tree);
	cJSON_Delete(list);
}

/* Megabytes of base64, as a hook's input holds them. */
static void test_long_string(void **state)
{
	struct str text;
	struct err err;
	cJSON *tree;

	(void)state;
	str_init(&text, &arena);
	str_add(&text, "{\"cover\":\"");
	for (int i = 0; i < 40000; i++)
		str_add(&text, "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2");
	str_add(&text, "\",\"id\":\"45\"}");
	tree = json_parse(text.s, text.len, &err);
	assert_string_equal(json_id(&arena, tree, "id"), "45");
	cJSON_Delete(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_parse, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nul_in_string, setup, teardown),
		cmocka_unit_test_setup_teardown(test_depth, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_depth_is_nesting_and_not_length, setup, teardown),
		cmocka_unit_test_setup_teardown(test_error_says_where, setup, teardown),
		cmocka_unit_test_setup_teardown(test_readers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_get, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_string, setup, teardown),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
