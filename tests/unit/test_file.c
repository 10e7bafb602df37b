/*
 * test_file.c - reading to the end with a limit, secrets out of files, and
 * folders.
 */
#include "helpers.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"

static char dir[TEMP_BYTES];
static struct arena arena;

static int setup(void **state)
{
	(void)state;
	temp_make(dir);
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	temp_remove(dir);
	return 0;
}

static const char *write_file(
	char at[2 * TEMP_BYTES], const char *name, const void *data, size_t len)
{
	int fd = open(temp_path(at, dir, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	close(fd);
	return at;
}

struct writer {
	int fd;
	size_t size, piece;
};

/* Writes without a care: with a broken pipe it would be killed. */
static int run_writer(struct child *parent, void *arg)
{
	const struct writer *writer = arg;
	char piece[100000];

	(void)parent;
	for (size_t at = 0; at < writer->size; at += writer->piece) {
		size_t n = writer->size - at < writer->piece ? writer->size - at : writer->piece;
		for (size_t i = 0; i < n; i++)
			piece[i] = (char)('a' + (at + i) % 26);
		for (size_t done = 0; done < n;) {
			ssize_t w = write(writer->fd, piece + done, n - done);
			if (w < 0)
				return 1;
			done += (size_t)w;
		}
	}
	return 0;
}

static void test_read_fd(void **state)
{
	static const struct {
		const char *name;
		size_t size, piece, limit;
	} rows[] = {
		{"nothing", 0, 1, 100},
		{"a byte", 1, 1, 100},
		{"byte by byte", 300, 1, 1000},
		{"just the limit", 1000, 100, 1000},
		{"one more than the limit", 1001, 100, 1000},
		{"much more than the limit", 900000, 4096, 1000},
		{"limit of a block", 65536, 65536, 65536},
		{"one more than a block", 65537, 65537, 65536},
		{"one less than a block", 65535, 65535, 65536},
		{"several blocks", 1000000, 100000, 2000000},
		{"limit in a later block", 400000, 7777, 200000},
		{"limit 0", 10, 10, 0},
		{"limit 0, nothing", 0, 10, 0},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		size_t len = 12345, there;
		int ends[2];
		char *data;

		assert_int_equal(pipe(ends), 0);
		struct writer writer = {ends[1], rows[i].size, rows[i].piece};
		struct child child = child_start(run_writer, &writer);
		close(ends[1]);
		data = file_read_fd(ends[0], rows[i].limit, &len);
		close(ends[0]);
		ok &= row_int(rows[i].name, child_join(&child), 0);
		assert_non_null(data);
		there = rows[i].size > rows[i].limit ? rows[i].limit : rows[i].size;
		ok &= row_int(rows[i].name, (int64_t)len,
			(int64_t)(rows[i].size > rows[i].limit ? rows[i].limit + 1 : rows[i].size));
		ok &= row_int(rows[i].name, data[there], '\0');
		for (size_t j = 0; j < there; j++) {
			if (data[j] != (char)('a' + j % 26)) {
				ok &= row_true(rows[i].name, false);
				break;
			}
		}
		free(data);
	}
	assert_true(ok);
}

static void test_read_fd_fails(void **state)
{
	size_t len;

	(void)state;
	assert_null(file_read_fd(-1, 100, &len));
	assert_int_equal(errno, EBADF);
}

static void test_secret(void **state)
{
	static char longest[LIMIT_SECRET_FILE + 1];
	static const struct {
		const char *name, *text;
		size_t len;
		const char *secret; /* NULL: refused */
	} rows[] = {
		{"plain", "abc123", 6, "abc123"},
		{"newline at the end", "abc123\n", 7, "abc123"},
		{"CRLF and blanks", "  abc123 \r\n", 11, "abc123"},
		{"as long as it may be", longest, LIMIT_SECRET_FILE, longest},
		{"too long", longest, LIMIT_SECRET_FILE + 1, NULL},
		{"two lines", "abc\nX-Other: 1\n", 15, NULL},
		{"a carriage return inside", "abc\rdef", 7, NULL},
		{"a NUL byte inside", "abc\0def", 7, NULL},
	};
	char path[2 * TEMP_BYTES];
	bool ok = true;

	(void)state;
	memset(longest, 'k', sizeof(longest) - 1);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct err err = {.kind = ERR_NONE};
		char padded[LIMIT_SECRET_FILE + 1];
		memset(padded, 'k', sizeof(padded));
		memcpy(padded, rows[i].text,
			rows[i].len < LIMIT_SECRET_FILE ? rows[i].len : LIMIT_SECRET_FILE);
		write_file(path, "secret", padded, rows[i].len);
		char *secret = file_read_secret(&arena, path, "connectToken", &err);
		ok &= row_text(rows[i].name, secret, rows[i].secret);
		ok &= row_int(rows[i].name, err.kind, secret ? ERR_NONE : ERR_SETUP);
		ok &= row_true(rows[i].name, secret || strstr(err.text, "connectToken") != NULL);
	}
	assert_true(ok);
}

static void test_secret_unreadable(void **state)
{
	char path[2 * TEMP_BYTES];
	struct err err;

	(void)state;
	assert_null(file_read_secret(&arena, temp_path(path, dir, "none"), "connectToken", &err));
	assert_int_equal(err.kind, ERR_SETUP);
	assert_non_null(strstr(err.text, "connectToken"));
	assert_null(file_read_secret(&arena, dir, "connectToken", &err));
	assert_int_equal(err.kind, ERR_SETUP);
}

/* It would block for ever if it was opened as a file is. */
static void test_secret_in_a_pipe_without_a_writer(void **state)
{
	char path[2 * TEMP_BYTES];
	struct err err = {0};
	const char *secret;

	(void)state;
	assert_int_equal(mkfifo(temp_path(path, dir, "pipe"), 0600), 0);
	secret = file_read_secret(&arena, path, "connectToken", &err);
	assert_true(secret == NULL || *secret == '\0');
}

static void test_make_dirs(void **state)
{
	static const char *const names[] = {"a", "a/b/c", "a/b/c", "d/e/", "f//g", "./h"};
	char path[2 * TEMP_BYTES];
	struct stat st;
	struct err err;

	(void)state;
	for (size_t i = 0; i < ROWS(names); i++) {
		assert_true(file_make_dirs(temp_path(path, dir, names[i]), &err));
		assert_int_equal(stat(path, &st), 0);
		assert_true(S_ISDIR(st.st_mode));
		assert_int_equal(st.st_mode & 0777, 0700);
	}
	temp_path(path, dir, "a");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700); /* those above, too */
	assert_true(file_make_dirs("/", &err));
}

static void test_make_dirs_fails(void **state)
{
	char path[2 * TEMP_BYTES], longest[LIMIT_PATH_BYTES + 10];
	struct err err = {.kind = ERR_NONE};

	(void)state;
	write_file(path, "plain", "x", 1);
	assert_false(file_make_dirs(temp_path(path, dir, "plain/below"), &err));
	assert_int_equal(err.kind, ERR_STORE);
	assert_false(file_make_dirs("", &err));
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_false(file_make_dirs(longest, &err));
}

/* True means that a folder is there. */
static void test_make_dirs_over_a_file(void **state)
{
	char path[2 * TEMP_BYTES];
	struct err err = {.kind = ERR_NONE};

	(void)state;
	write_file(path, "plain", "x", 1);
	assert_false(file_make_dirs(path, &err));
	assert_int_equal(err.kind, ERR_STORE);
}

static void test_empty_dir(void **state)
{
	char path[2 * TEMP_BYTES], name[32];
	struct err err;

	(void)state;
	assert_true(file_empty_dir(temp_path(path, dir, "none")));
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "%d", i);
		write_file(path, name, "x", 1);
	}
	write_file(path, ".hidden", "x", 1);
	assert_true(file_empty_dir(dir));
	assert_int_not_equal(access(temp_path(path, dir, "0"), F_OK), 0);
	assert_int_not_equal(access(temp_path(path, dir, ".hidden"), F_OK), 0);
	assert_int_equal(access(dir, F_OK), 0); /* the folder stays */
	assert_true(file_make_dirs(temp_path(path, dir, "sub"), &err));
	file_empty_dir(dir);
	assert_int_equal(access(path, F_OK), 0); /* a folder in it, too */
}

/* Its owner's alone from the first byte on, and whole or as it was. */
static void test_write_secret(void **unused)
{
	char path[2 * TEMP_BYTES];
	struct stat st;
	struct err err;

	(void)unused;
	for (int i = 0; i < 2; i++) {
		const char *text = i == 0 ? "t0ken" : "another";
		assert_true(file_write_secret(&arena, temp_path(path, dir, "x.token"), text, &err));
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		assert_string_equal(file_read_secret(&arena, path, "it", &err), text);
	}
	assert_false(file_write_secret(&arena, temp_path(path, dir, "none/x"), "t", &err));
	assert_non_null(strstr(err.text, "cannot be written"));
	assert_true(file_make_dirs(temp_path(path, dir, "folder"), &err));
	assert_false(file_write_secret(&arena, path, "t0ken", &err));
	assert_int_equal(rmdir(path), 0);
	assert_true(file_empty_dir(temp_path(path, dir, "")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_read_fd, setup, teardown),
		cmocka_unit_test_setup_teardown(test_read_fd_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_secret, setup, teardown),
		cmocka_unit_test_setup_teardown(test_secret_unreadable, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_secret_in_a_pipe_without_a_writer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_write_secret, setup, teardown),
		cmocka_unit_test_setup_teardown(test_make_dirs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_make_dirs_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_make_dirs_over_a_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_empty_dir, setup, teardown),
	};

	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
