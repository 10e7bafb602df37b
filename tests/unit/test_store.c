/*
 * test_store.c - one LMDB environment: transactions that remember their first
 * error, no store at all, a full map, processes killed while they write or
 * read, damaged files.
 */
#include "helpers.h"

#include <fcntl.h>

#include "base/limits.h"
#include "store/store.h"

/* LMDB keeps the list of pages that a transaction spilled when it is aborted. */
const char *__lsan_default_suppressions(void)
{
	return "leak:mdb_midl_alloc\n";
}

/* The first database holds the version. */
enum { META, A, B, DATABASES };

static const char *const names[DATABASES] = {"meta", "a", "b"};
static char dir[TEMP_BYTES];
static struct locks locks = {.fd = -1};

static int setup(void **state)
{
	(void)state;
	temp_make(dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_remove(dir);
	return 0;
}

static struct store *try_open(struct err *err)
{
	struct store_options options = {.name = "test",
		.dir = dir,
		.databases = names,
		.count = DATABASES,
		.locks = &locks};
	bool useless;

	return store_open(&options, &useless, err);
}

static struct store *open_store(void)
{
	struct err err;
	struct store *store = try_open(&err);

	if (store == NULL)
		print_error("%s\n", err.text);
	assert_non_null(store);
	return store;
}

static struct bytes text(const char *s)
{
	return (struct bytes){s, strlen(s)};
}

static void put(struct txn *txn, unsigned db, const char *key, const char *value)
{
	store_put(txn, db, text(key), text(value));
}

static bool has(struct txn *txn, unsigned db, const char *key, const char *value)
{
	struct bytes got;

	return store_get(txn, db, text(key), &got) == FOUND && got.len == strlen(value) &&
	       memcmp(got.data, value, got.len) == 0;
}

static void commit_one(struct store *store, const char *key, const char *value)
{
	struct txn txn;
	struct err err;

	store_begin(&txn, store, TXN_WRITE);
	put(&txn, A, key, value);
	assert_true(store_commit(&txn, &err));
}

static void test_round_trip(void **state)
{
	struct store *store = open_store();
	struct bytes value;
	struct txn txn;
	struct err err;

	(void)state;
	store_begin(&txn, store, TXN_WRITE);
	put(&txn, A, "k", "one");
	put(&txn, B, "k", "two");
	put(&txn, A, "empty", "");
	assert_true(has(&txn, A, "k", "one")); /* it reads what it wrote */
	assert_true(store_commit(&txn, &err));
	store_close(store);

	store = open_store();
	store_begin(&txn, store, TXN_READ);
	assert_true(has(&txn, A, "k", "one"));
	assert_true(has(&txn, B, "k", "two"));
	assert_true(has(&txn, A, "empty", ""));
	assert_int_equal(store_get(&txn, A, text("none"), &value), ABSENT);
	assert_int_equal(store_count(&txn, A), 2);
	assert_true(store_commit(&txn, &err));
	store_close(store);
}

static void test_abort_writes_nothing(void **state)
{
	struct store *store = open_store();
	struct bytes value;
	struct txn txn;

	(void)state;
	commit_one(store, "k", "before");
	store_begin(&txn, store, TXN_WRITE);
	put(&txn, A, "k", "after");
	put(&txn, A, "l", "new");
	store_clear(&txn, B);
	store_abort(&txn);
	store_abort(&txn); /* once more is harmless */
	store_begin(&txn, store, TXN_READ);
	assert_true(has(&txn, A, "k", "before"));
	assert_int_equal(store_get(&txn, A, text("l"), &value), ABSENT);
	store_abort(&txn);
	store_close(store);
}

static void test_delete_and_clear(void **state)
{
	struct store *store = open_store();
	struct txn txn;
	struct err err;

	(void)state;
	commit_one(store, "k", "v");
	commit_one(store, "l", "v");
	store_begin(&txn, store, TXN_WRITE);
	store_del(&txn, A, text("none")); /* absent is no error */
	store_del(&txn, A, text("k"));
	assert_int_equal(store_count(&txn, A), 1);
	store_clear(&txn, A);
	assert_int_equal(store_count(&txn, A), 0);
	store_clear(&txn, B);
	assert_true(store_commit(&txn, &err));
	store_close(store);
}

static bool key_is(struct bytes key, const char *want)
{
	return want != NULL && key.len == strlen(want) && memcmp(key.data, want, key.len) == 0;
}

static void test_seek(void **state)
{
	static const struct {
		const char *name, *from;
		bool beyond;
		const char *key; /* NULL: ABSENT */
	} rows[] = {
		{"first of all", "", false, "b"},
		{"first of all, beyond nothing", "", true, "b"},
		{"before the first", "a", false, "b"},
		{"at one", "d", false, "d"},
		{"beyond one", "d", true, "dd"},
		{"between", "c", false, "d"},
		{"between, beyond", "c", true, "d"},
		{"a prefix is below", "dd", false, "dd"},
		{"beyond a longer one", "dd", true, "f"},
		{"at the last", "f", false, "f"},
		{"beyond the last", "f", true, NULL},
		{"behind the last", "g", false, NULL},
	};
	struct store *store = open_store();
	struct bytes key, value;
	struct txn txn;
	bool ok = true;

	(void)state;
	store_begin(&txn, store, TXN_WRITE);
	put(&txn, A, "f", "4");
	put(&txn, A, "b", "1");
	put(&txn, A, "dd", "3");
	put(&txn, A, "d", "2");
	for (size_t i = 0; i < ROWS(rows); i++) {
		enum lookup found = store_seek(
			&txn, A, text(rows[i].from), rows[i].beyond, &key, &value);
		ok &= row_int(rows[i].name, found, rows[i].key ? FOUND : ABSENT);
		ok &= row_true(rows[i].name, found != FOUND || key_is(key, rows[i].key));
	}
	assert_int_equal(store_seek(&txn, B, text(""), false, &key, &value), ABSENT);
	store_abort(&txn);
	store_close(store);
	assert_true(ok);
}

/* From the first error on, nothing is done and nothing is believed. */
static void assert_sticky(struct store *store, struct txn *txn, const char *message)
{
	struct bytes key, value;
	struct err err = {.kind = ERR_NONE};

	put(txn, A, "later", "v");
	store_del(txn, A, text("k"));
	store_clear(txn, A);
	assert_int_equal(store_get(txn, A, text("k"), &value), FAILED);
	assert_int_equal(store_get(txn, A, text("none"), &value), FAILED);
	assert_int_equal(store_seek(txn, A, text(""), false, &key, &value), FAILED);
	assert_int_equal(store_count(txn, A), 0);
	store_fail(txn, "a later one");
	assert_false(store_commit(txn, &err));
	assert_int_equal(err.kind, ERR_STORE);
	if (strstr(err.text, message) == NULL)
		fail_msg("%s", err.text);

	store_begin(txn, store, TXN_READ);
	assert_true(has(txn, A, "k", "v"));
	assert_int_equal(store_count(txn, A), 1);
	store_abort(txn);
}

static void test_first_error_stays(void **state)
{
	struct store *store = open_store();
	struct txn txn;

	(void)state;
	commit_one(store, "k", "v");

	store_begin(&txn, store, TXN_WRITE);
	put(&txn, A, "before", "v");
	store_fail(&txn, "a record makes no sense");
	assert_sticky(store, &txn, "a record makes no sense");

	store_begin(&txn, store, TXN_WRITE);
	put(&txn, A, "before", "v");
	put(&txn, A, "", "keys are not empty");
	assert_sticky(store, &txn, "the test: ");

	store_begin(&txn, store, TXN_WRITE);
	put(&txn, A, "before", "v");
	store_put(&txn, A, text("huge"), (struct bytes){"", LIMIT_MAP_BYTES}); /* never read */
	assert_sticky(store, &txn, "largest size");

	store_begin(&txn, store, TXN_READ);
	put(&txn, A, "k", "a read transaction does not write");
	assert_sticky(store, &txn, "the test: ");

	commit_one(store, "k", "still usable");
	store_close(store);
}

static void test_long_key(void **state)
{
	struct store *store = open_store();
	char key[600];
	struct txn txn;
	struct err err;

	(void)state;
	memset(key, 'k', sizeof(key));
	store_begin(&txn, store, TXN_WRITE);
	store_put(&txn, A, (struct bytes){key, 511}, text("v"));
	assert_true(store_commit(&txn, &err));
	store_begin(&txn, store, TXN_WRITE);
	store_put(&txn, A, (struct bytes){key, 512}, text("v"));
	assert_false(store_commit(&txn, &err));
	assert_int_equal(err.kind, ERR_STORE);
	store_close(store);
}

static void test_no_store(void **state)
{
	struct bytes key, value;
	struct txn txn;
	struct err err = {.kind = ERR_NONE};

	(void)state;
	store_begin(&txn, NULL, TXN_WRITE);
	put(&txn, A, "k", "v");
	store_del(&txn, A, text("k"));
	store_clear(&txn, A);
	assert_int_equal(store_get(&txn, A, text("k"), &value), ABSENT);
	assert_int_equal(store_seek(&txn, A, text(""), false, &key, &value), ABSENT);
	assert_int_equal(store_count(&txn, A), 0);
	assert_true(store_commit(&txn, &err));
	assert_int_equal(err.kind, ERR_NONE);
	store_abort(&txn);
	store_close(NULL);
}

/* Also without a store a transaction can be marked as failed. */
static int run_fail_without_store(struct child *parent, void *arg)
{
	struct bytes value;
	struct txn txn;
	struct err err;

	(void)parent;
	(void)arg;
	store_begin(&txn, NULL, TXN_READ);
	store_fail(&txn, "x");
	if (store_get(&txn, A, text("k"), &value) != FAILED)
		return 1;
	if (store_commit(&txn, &err) || store_commit(&txn, NULL)) /* nobody asks why */
		return 2;
	return err.kind == ERR_STORE ? 0 : 3;
}

static void test_fail_without_store(void **state)
{
	(void)state;
	assert_int_equal(child_run(run_fail_without_store, NULL), 0);
}

/* A reader keeps what it saw while a writer of the same process goes on. */
static void test_snapshot(void **state)
{
	struct store *store = open_store();
	struct txn reader;

	(void)state;
	commit_one(store, "k", "old");
	store_begin(&reader, store, TXN_READ);
	assert_true(has(&reader, A, "k", "old"));
	commit_one(store, "k", "new");
	assert_true(has(&reader, A, "k", "old"));
	store_abort(&reader);
	store_begin(&reader, store, TXN_READ);
	assert_true(has(&reader, A, "k", "new"));
	store_abort(&reader);
	store_close(store);
}

static int run_killed_writer(struct child *parent, void *arg)
{
	const bool *committed = arg;
	struct err err;
	struct store *store = try_open(&err);
	struct txn txn;

	if (store == NULL)
		return 1;
	store_begin(&txn, store, TXN_WRITE);
	for (int i = 0; i < 5000; i++) {
		char key[16];
		snprintf(key, sizeof(key), "%d", i);
		put(&txn, A, key, "of the child");
	}
	put(&txn, A, "k", "of the child");
	if (*committed && !store_commit(&txn, &err))
		return 2;
	child_tell(parent);
	child_hear(parent);
	return 0;
}

/* SIGKILL in the middle of a write transaction: nothing of it is there, and
 * the next writer does not wait for it. Behind the commit: everything is. */
static void killed_writer(bool committed, bool opened_before)
{
	struct store *store = open_store();
	struct child child;
	struct txn txn;
	struct err err;

	commit_one(store, "k", "before");
	if (!opened_before)
		store_close(store);
	child = child_start(run_killed_writer, &committed);
	assert_true(child_hear(&child));
	child_kill(&child);
	if (!opened_before)
		store = open_store();
	store_begin(&txn, store, TXN_WRITE);
	assert_true(has(&txn, A, "k", committed ? "of the child" : "before"));
	assert_int_equal(store_count(&txn, A), committed ? 5001 : 1);
	put(&txn, A, "k", "after");
	assert_true(store_commit(&txn, &err));
	store_close(store);
}

static void test_killed_writer(void **state)
{
	(void)state;
	killed_writer(false, false);
	temp_remove(dir);
	temp_make(dir);
	killed_writer(false, true);
	temp_remove(dir);
	temp_make(dir);
	killed_writer(true, true);
}

/* Takes every slot that is left in the table of readers. */
static int run_readers(struct child *parent, void *arg)
{
	static struct txn readers[LIMIT_READERS];
	struct err err;
	struct store *store = try_open(&err);

	(void)arg;
	if (store == NULL)
		return 1;
	for (size_t i = 0; i < LIMIT_READERS; i++)
		store_begin(&readers[i], store, TXN_READ);
	child_tell(parent);
	child_hear(parent);
	return 0;
}

static void test_readers_full(void **state)
{
	struct store *store = open_store();
	struct child child;
	struct bytes value;
	struct txn txn;
	struct err err;

	(void)state;
	commit_one(store, "k", "v");
	child = child_start(run_readers, NULL);
	assert_true(child_hear(&child));

	store_begin(&txn, store, TXN_READ);
	assert_int_equal(store_get(&txn, A, text("k"), &value), FAILED); /* not "absent" */
	assert_false(store_commit(&txn, &err));
	assert_int_equal(err.kind, ERR_STORE);
	assert_non_null(strstr(err.text, "too many processes"));
	commit_one(store, "k", "writers need no slot");

	child_kill(&child); /* its slots stay, until somebody needs one */
	store_begin(&txn, store, TXN_READ);
	assert_true(has(&txn, A, "k", "writers need no slot"));
	assert_true(store_commit(&txn, &err));
	store_close(store);
}

static void test_open_with_readers_full(void **state)
{
	struct store *store = open_store();
	struct child child;
	struct err err;

	(void)state;
	commit_one(store, "k", "v");
	store_close(store);
	child = child_start(run_readers, NULL);
	assert_true(child_hear(&child));
	assert_null(try_open(&err));
	assert_non_null(strstr(err.text, "too many processes"));
	/* Left by a process that was killed: swept by whoever opens next, if
	 * somebody else keeps the table alive meanwhile. */
	child_kill(&child);
	store = open_store();
	store_close(store);
}

static void write_over(const char *name, const void *data, size_t len, bool truncate)
{
	char path[2 * TEMP_BYTES];
	int fd = open(
		temp_path(path, dir, name), O_WRONLY | O_CREAT | (truncate ? O_TRUNC : 0), 0600);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	close(fd);
}

static void test_damaged_file(void **state)
{
	char garbage[20000];
	struct err err = {.kind = ERR_NONE};

	(void)state;
	memset(garbage, 'g', sizeof(garbage));
	write_over("data.mdb", garbage, sizeof(garbage), true);
	assert_null(try_open(&err));
	assert_int_equal(err.kind, ERR_STORE);
	assert_non_null(strstr(err.text, "damaged"));
	assert_non_null(strstr(err.text, dir));
}

/* Opens and reads everything; 0 if that went well, 3 if it said that it cannot. */
static int run_reader(struct child *parent, void *arg)
{
	struct err err;
	struct store *store = try_open(&err);
	struct bytes key, value, from = {"", 0};
	struct txn txn;
	bool done;

	(void)parent;
	(void)arg;
	if (store == NULL)
		return 3;
	store_begin(&txn, store, TXN_READ);
	while (store_seek(&txn, A, from, from.len > 0, &key, &value) == FOUND)
		from = key;
	done = store_commit(&txn, &err);
	store_close(store);
	return done ? 0 : 3;
}

/* A file that is shorter than what it says of itself (a disk that was full
 * while it was copied) is an error with a message, not the end by SIGBUS. */
static void test_truncated_file(void **state)
{
	struct store *store = open_store();
	char path[2 * TEMP_BYTES], value[8000];
	struct txn txn;
	struct err err;
	long page = sysconf(_SC_PAGESIZE);

	(void)state;
	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	store_begin(&txn, store, TXN_WRITE);
	for (char key[2] = "a"; key[0] <= 'z'; key[0]++)
		put(&txn, A, key, value);
	assert_true(store_commit(&txn, &err));
	assert_true(store_sync(store, &err));
	store_close(store);
	assert_int_equal(child_run(run_reader, NULL), 0);
	assert_int_equal(truncate(temp_path(path, dir, "data.mdb"), 2 * page), 0);
	assert_int_equal(child_run(run_reader, NULL), 3);
}

static void test_no_folder(void **state)
{
	struct store_options options = {.name = "test",
		.dir = "/nonexistent/plexsync",
		.databases = names,
		.count = DATABASES,
		.locks = &locks};
	struct err err = {.kind = ERR_NONE};
	bool useless = true;

	(void)state;
	assert_null(store_open(&options, &useless, &err));
	assert_false(useless);
	assert_int_equal(err.kind, ERR_STORE);
	assert_non_null(strstr(err.text, "/nonexistent/plexsync"));
}

/* Many processes add to one number: no update is lost. */
static int run_counter(struct child *parent, void *arg)
{
	struct err err;
	struct store *store = try_open(&err);

	(void)arg;
	if (store == NULL || !child_hear(parent))
		return 1;
	for (int i = 0; i < 50; i++) {
		struct txn txn;
		struct bytes value;
		unsigned char bytes[8] = {0};
		store_begin(&txn, store, TXN_WRITE);
		if (store_get(&txn, A, text("n"), &value) == FOUND)
			memcpy(bytes, value.data, sizeof(bytes));
		record_key(bytes, record_key_number(bytes, 0) + 1);
		store_put(&txn, A, text("n"), (struct bytes){bytes, sizeof(bytes)});
		if (!store_commit(&txn, &err))
			return 2;
	}
	store_close(store);
	return 0;
}

static void test_several_processes(void **state)
{
	struct child children[6];
	struct store *store;
	struct bytes value;
	struct txn txn;

	(void)state;
	/* They also open and create it at the same time. */
	for (size_t i = 0; i < ROWS(children); i++)
		children[i] = child_start(run_counter, NULL);
	for (size_t i = 0; i < ROWS(children); i++)
		child_tell(&children[i]);
	for (size_t i = 0; i < ROWS(children); i++)
		assert_int_equal(child_join(&children[i]), 0);
	store = open_store();
	store_begin(&txn, store, TXN_READ);
	assert_int_equal(store_get(&txn, A, text("n"), &value), FOUND);
	assert_int_equal(record_key_number(value.data, 0), 50 * ROWS(children));
	store_abort(&txn);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_abort_writes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_delete_and_clear, setup, teardown),
		cmocka_unit_test_setup_teardown(test_seek, setup, teardown),
		cmocka_unit_test_setup_teardown(test_first_error_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_store, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fail_without_store, setup, teardown),
		cmocka_unit_test_setup_teardown(test_snapshot, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed_writer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_readers_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_open_with_readers_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_truncated_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_several_processes, setup, teardown),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
