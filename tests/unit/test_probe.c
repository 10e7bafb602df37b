/*
 * test_probe.c - trying out whether a folder can keep what processes share.
 */
#include "helpers.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/probe.h"

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static char dir[TEMP_BYTES];

static int setup(void **unused)
{
	(void)unused;
	temp_make(dir);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	unsetenv("PLEXSYNC_TEST_FILESYSTEM");
	temp_remove(dir);
	return 0;
}

static bool is_empty(void)
{
	return rmdir(dir) == 0;
}

static void test_local_folder(void **unused)
{
	const char *lacks = "?";

	(void)unused;
	assert_true(probe_folder(dir, &lacks));
	assert_null(lacks);
	assert_true(probe_folder(dir, &lacks)); /* again */
	assert_true(is_empty());
}

static void test_folder_without_locks(void **unused)
{
	const char *lacks = NULL;

	(void)unused;
	setenv("PLEXSYNC_TEST_FILESYSTEM", "fuse-broken", 1);
	assert_false(probe_folder(dir, &lacks));
	assert_string_equal(lacks, "it has no record locks");
	assert_true(is_empty());
}

static void test_folder_that_is_not_there(void **unused)
{
	const char *lacks = NULL;

	(void)unused;
	assert_false(probe_folder("/nowhere/at/all", &lacks));
	assert_string_equal(lacks, "files cannot be made");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_local_folder),
		TEST(test_folder_without_locks),
		TEST(test_folder_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
