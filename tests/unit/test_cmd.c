/* Tests of cmd/cmd.h: what a verb takes and needs. */
#include "helpers.h"

#include "cmd/cmd.h"

/* Without Stash, without state: a verb that needs one of them says which. */
static void test_needs(void **state)
{
	static const struct {
		const char *verb;
		struct input_args request;
		enum err_kind kind;
		const char *error;
	} rows[] = {
		{"sync-scene", {0}, ERR_INPUT, "which scene? Give scene_id (--scene ID)"},
		{"explain", {0}, ERR_INPUT, "which scene? Give scene_id (--scene ID)"},
		{"sync-scene", {.scene = 1}, ERR_INPUT, "the address of Stash is not known"},
		{"explain", {.scene = 1}, ERR_INPUT, "the address of Stash is not known"},
		{"sync-all", {0}, ERR_INPUT, "the address of Stash is not known"},
		{"sync-all", {.dry_run = true}, ERR_INPUT, "the address of Stash is not known"},
		{"preview", {0}, ERR_INPUT, "the address of Stash is not known"},
		{"drain", {0}, ERR_INPUT, "the address of Stash is not known"},
		{"rebuild-index", {0}, ERR_INPUT, "the address of Stash is not known"},
		{"status", {0}, ERR_STORE, "there is no queue"},
		{"retry-failed", {0}, ERR_STORE, "there is no queue"},
		{"clear-failed", {.days = -1}, ERR_STORE, "there is no queue"},
		{"clear-queue", {0}, ERR_STORE, "there is no queue"},
		{"clear-cache", {0}, ERR_STORE, "there are no caches"},
		{"drain", {.force = true}, ERR_INPUT, "drain takes neither dry_run nor force"},
		{"status", {.dry_run = true}, ERR_INPUT, "status takes neither dry_run nor force"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct state no_state = {.locks = {.fd = -1}};
		struct env env = {.begun_ms = 1, .state = &no_state};
		struct cmd_answer answer = {.left = true};
		struct err err = {0};
		bool done = cmd_run(cmd_find(rows[i].verb), &env, &rows[i].request, &answer, &err);

		ok &= row_true(rows[i].verb, !done && !answer.left && answer.json == NULL);
		ok &= row_true(rows[i].verb, err.kind == rows[i].kind);
		ok &= row_true(err.text, strstr(err.text, rows[i].error) != NULL);
	}
	assert_true(ok);
}

static void test_find(void **state)
{
	(void)state;
	for (size_t i = 0; i < cmd_count; i++)
		assert_ptr_equal(cmd_find(cmd_table[i].name), &cmd_table[i]);
	assert_null(cmd_find("sync"));
	assert_null(cmd_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_find),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
