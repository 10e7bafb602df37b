/*
 * test_output.c - the one document that Stash reads from stdout, and what a person gets.
 */
#include "arena_open.h"
#include "written.h"

#include "base/arena.h"
#include "base/log.h"
#include "cmd/output.h"

static void output_it(const void *output)
{
	output_for_stash(output, NULL);
}

static void report_it(const void *err)
{
	output_for_stash(NULL, err);
}

static void test_output(void **state)
{
	static const struct {
		const char *text, *document;
	} rows[] = {
		{"setting connectUrl is empty", "{\"error\":\"setting connectUrl is empty\"}"},
		{"", "{\"error\":\"\"}"},
		{"a \"quoted\"\nline\\", "{\"error\":\"a \\\"quoted\\\"\\nline\\\\\"}"},
		{"cut \xc3", "{\"error\":\"cut \xef\xbf\xbd\"}"},
		{"the token tok-1234-secret", "{\"error\":\"the token ***************\"}"},
	};
	cJSON *output = cJSON_CreateObject();
	bool ok = true;

	(void)state;
	log_secret("tok-1234-secret");
	cJSON_AddStringToObject(output, "token", "tok-1234-secret");
	ok &= row_text("output", written(&arena, STDOUT_FILENO, output_it, output),
		"{\"output\":{\"token\":\"***************\"}}");
	cJSON_AddStringToObject(output, "text", "cut \xe9\x9b");
	ok &= row_text("not UTF-8", written(&arena, STDOUT_FILENO, output_it, output),
		"{\"output\":{\"token\":\"***************\",\"text\":\"cut "
		"\xef\xbf\xbd\xef\xbf\xbd\"}}");
	ok &= row_text(
		"null", written(&arena, STDOUT_FILENO, output_it, NULL), "{\"output\":null}");
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct err err = {.kind = ERR_SETUP};
		snprintf(err.text, sizeof(err.text), "%s", rows[i].text);
		ok &= row_text(rows[i].text, written(&arena, STDOUT_FILENO, report_it, &err),
			rows[i].document);
	}
	cJSON_Delete(output);
	assert_true(ok);
}

static void show_it(const void *output)
{
	output_for_person(output);
}

/* What a server says may command no terminal, and gives no secret away. */
static void test_output_for_a_person(void **state)
{
	cJSON *json = cJSON_CreateObject();

	(void)state;
	log_secret("tok-1234-secret");
	cJSON_AddStringToObject(json, "reason", "\x1b[2J tok-1234-secret");
	assert_string_equal(written(&arena, STDOUT_FILENO, show_it, json),
		"{\n\t\"reason\":\t\"\\u001b[2J ***************\"\n}\n");
	cJSON_Delete(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_output_for_a_person),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
