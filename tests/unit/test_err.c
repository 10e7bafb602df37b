/*
 * test_err.c - errors: what setting one resets, context in front, and texts
 * that are longer than their room.
 */
#include "helpers.h"

#include "base/err.h"

static void test_set(void **state)
{
	struct err err = {
		.kind = ERR_SERVER, .party = PARTY_PLEX, .status = 503, .retry_after_ms = 9};

	(void)state;
	assert_false(err_set(&err, ERR_SETUP, "%s: %d", "connectUrl", 7));
	assert_int_equal(err.kind, ERR_SETUP);
	assert_int_equal(err.party, PARTY_US);
	assert_int_equal(err.status, 0);
	assert_int_equal(err.retry_after_ms, 0);
	assert_string_equal(err.text, "connectUrl: 7");
}

static void test_context(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, ERR_SERVER, "HTTP %d", 503);
	err.party = PARTY_PLEX;
	err.status = 503;
	err.retry_after_ms = 5000;
	assert_false(err_context(&err, "PUT %s", "/library"));
	assert_false(err_context(&err, "scene %d", 42));
	assert_string_equal(err.text, "scene 42: PUT /library: HTTP 503");
	assert_int_equal(err.kind, ERR_SERVER);
	assert_int_equal(err.party, PARTY_PLEX);
	assert_int_equal(err.status, 503);
	assert_int_equal(err.retry_after_ms, 5000);
}

/* The context stays whole, the end is lost; never a byte too many. */
static void test_long_texts(void **state)
{
	char big[2 * LIMIT_ERR_TEXT];
	struct err err;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	err_set(&err, ERR_JOB, "%s", big);
	assert_int_equal(strlen(err.text), LIMIT_ERR_TEXT - 1);
	err_context(&err, "scene 42");
	assert_memory_equal(err.text, "scene 42: xxx", 13);
	assert_int_equal(strlen(err.text), LIMIT_ERR_TEXT - 1);
	for (size_t len = LIMIT_ERR_TEXT - 8; len < LIMIT_ERR_TEXT + 4; len++) {
		err_set(&err, ERR_JOB, "reason");
		err_context(&err, "%.*s", (int)len, big);
		assert_true(strlen(err.text) < LIMIT_ERR_TEXT);
		assert_memory_equal(err.text, big, LIMIT_ERR_TEXT - 8);
	}
	err_set(&err, ERR_JOB, "%s", "");
	err_context(&err, "x");
	assert_string_equal(err.text, "x: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_context),
		cmocka_unit_test(test_long_texts),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
