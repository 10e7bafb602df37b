/*
 * test_store.c - one LMDB environment: transactions that remember their first
 * error, no store at all, a full map, processes killed while they write or
 * read, damaged files.
 */
#include "helpers.h"

#include <fcntl.h>

#include "base/limits.h"
#include "base/log.h"
#include "store/health.h"
#include "store/verify.h"
#include "store/sharing.h"
#include "store/store.h"

/* The first database holds the version. */
enum { META, A, B, DATABASES };

static const char *const names[DATABASES] = {"meta", "a", "b"};
static char dir[TEMP_BYTES];
static struct locks locks = {.fd = -1};

/* The locks are those of the process: a child has its own on the same file. */
static int setup(void **state)
{
	char path[2 * TEMP_BYTES];
	struct err err;

	(void)state;
	temp_make(dir);
	return lock_open(&locks, temp_path(path, dir, "locks"), &err) ? 0 : -1;
}

/* Without LMDB's locks, as where no mutex survives its holder. */
static int setup_alone(void **state)
{
	setenv("PLEXSYNC_TEST_SHARING", "2", 1);
	return setup(state);
}

/* The others' locks are of no use then: this one test has nothing to look at. */
static void skip_if_alone(void)
{
	if (sharing_here() == SHARING_ALONE)
		skip();
}

static int teardown(void **state)
{
	(void)state;
	unsetenv("PLEXSYNC_TEST_SHARING");
	lock_close(&locks);
	temp_remove(dir);
	return 0;
}

static struct store *try_open(struct err *err)
{
	struct store_options options = {.name = "test",
		.dir = dir,
		.databases = names,
		.count = DATABASES,
		.when_full = "do something",
		.locks = &locks,
		.inside = LOCK_IN_CACHE,
		.gate = LOCK_CACHE_WRITE};

	return store_open(&options, err);
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

static const char *below(const char *name)
{
	static char path[2 * TEMP_BYTES];

	return temp_path(path, dir, name);
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

	store_begin(&txn, store, TXN_READ);
	put(&txn, A, "k", "a read transaction does not write");
	assert_sticky(store, &txn, "the test: ");

	commit_one(store, "k", "still usable");
	store_close(store);
}

/* Its limit is a megabyte here: the largest size, and what to do about it, are said. */
static void test_full(void **state)
{
	static const char much[2 << 20];
	struct store *store;
	struct txn txn;
	struct err err;
	struct store_fill fill;

	(void)state;
	setenv("PLEXSYNC_TEST_MAP", "1048576:1048576", 1);
	store = open_store();
	commit_one(store, "k", "v");
	store_begin(&txn, store, TXN_WRITE);
	put(&txn, A, "before", "v");
	store_put(&txn, A, text("huge"), (struct bytes){much, sizeof(much)});
	assert_int_equal(txn.err.status, STORE_FULL);
	assert_sticky(store, &txn, "largest size, 1 MB; do something");

	store_begin(&txn, store, TXN_READ);
	fill = store_fill(&txn);
	assert_true(store_commit(&txn, &err));
	assert_int_equal(fill.limit, 1 << 20);
	assert_in_range(fill.bytes, 2 * 4096, 64 * 4096);
	store_close(store);
	unsetenv("PLEXSYNC_TEST_MAP");
}

/* What was removed is not in use, although the file is as long as before. */
static void test_fill_without_free_pages(void **state)
{
	static const char much[1 << 20];
	struct store *store = open_store();
	struct store_fill fill;
	struct txn txn;

	(void)state;
	for (int i = 0; i < 4; i++) {
		store_begin(&txn, store, TXN_WRITE);
		if (i == 0)
			store_put(&txn, A, text("much"), (struct bytes){much, sizeof(much)});
		if (i == 1)
			store_del(&txn, A, text("much"));
		put(&txn, B, "k", "v");
		assert_true(store_commit(&txn, NULL));
		store_begin(&txn, store, TXN_READ);
		fill = store_fill(&txn);
		store_abort(&txn);
		if (i == 0)
			assert_true(fill.bytes > sizeof(much));
	}
	assert_true(fill.bytes < sizeof(much) / 4);
	assert_int_equal(fill.limit, LIMIT_MAP_BYTES);
	store_close(store);
}

#define GROWN 200

static void put_page(struct store *store, int number)
{
	static const char much[50000];
	unsigned char key[8];
	struct txn txn;
	struct err err;

	record_key(key, number + 1);
	store_begin(&txn, store, TXN_WRITE);
	store_put(&txn, A, (struct bytes){key, sizeof(key)}, (struct bytes){much, sizeof(much)});
	if (!store_commit(&txn, &err))
		fail_msg("%d: %s", number, err.text);
}

static int run_grow(struct child *parent, void *arg)
{
	struct err err;
	struct store *store = try_open(&err);

	(void)arg;
	for (int i = 0; i < GROWN; i += 2) {
		if (store == NULL || !child_hear(parent))
			return 1;
		put_page(store, i);
		child_tell(parent);
	}
	store_close(store);
	return 0;
}

/* The map begins far too small for it. Two processes write in turn, and each reads what
 * the other one wrote beyond its own map. */
static void test_map_grows(void **state)
{
	struct store *store;
	struct child child;
	struct txn txn;
	struct err err;

	(void)state;
	setenv("PLEXSYNC_TEST_MAP", "262144:67108864", 1);
	child = child_start(run_grow, NULL);
	store = open_store();
	for (int i = 0; i < GROWN; i += 2) {
		child_tell(&child);
		assert_true(child_hear(&child));
		store_begin(&txn, store, TXN_READ);
		assert_int_equal(store_count(&txn, A), i + 1);
		assert_true(store_commit(&txn, &err));
		put_page(store, i + 1);
	}
	assert_int_equal(child_join(&child), 0);
	store_close(store);
	store = open_store(); /* with the small map: the file says what it needs */
	store_begin(&txn, store, TXN_READ);
	assert_int_equal(store_count(&txn, A), GROWN);
	store_abort(&txn);
	put_page(store, GROWN);
	store_close(store);
	unsetenv("PLEXSYNC_TEST_MAP");
}

/* One transaction that is more than half of the map fails, and works when it is tried
 * again. */
static void test_map_grows_for_one_transaction(void **state)
{
	static const char much[400000];
	struct store *store;
	int tried = 0;
	struct txn txn;
	struct err err = {.status = 0};
	bool done = false;

	(void)state;
	setenv("PLEXSYNC_TEST_MAP", "262144:67108864", 1);
	store = open_store();
	for (; !done && tried < 4; tried++) {
		store_begin(&txn, store, TXN_WRITE);
		store_put(&txn, A, text("much"), (struct bytes){much, sizeof(much)});
		done = store_commit(&txn, &err);
		assert_int_not_equal(err.status, STORE_FULL);
	}
	assert_true(done);
	assert_in_range(tried, 2, 3);
	store_close(store);
	unsetenv("PLEXSYNC_TEST_MAP");
}

/* More address space than a process can have: then it begins with a smaller map. */
static void test_little_address_space(void **state)
{
	struct store *store;

	(void)state;
	setenv("PLEXSYNC_TEST_MAP", "140737488355328", 1);
	store = open_store();
	commit_one(store, "k", "v");
	store_close(store);
	unsetenv("PLEXSYNC_TEST_MAP");
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

/* Nothing can be read: that must not look as if nothing was there. */
static void test_no_store(void **state)
{
	static const enum txn_mode modes[] = {TXN_READ, TXN_WRITE};

	(void)state;
	for (size_t i = 0; i < ROWS(modes); i++) {
		struct bytes key, value;
		struct err err = {.kind = ERR_NONE};
		struct txn txn;
		store_begin(&txn, NULL, modes[i]);
		put(&txn, A, "k", "v");
		store_del(&txn, A, text("k"));
		store_clear(&txn, A);
		assert_int_equal(store_get(&txn, A, text("k"), &value), FAILED);
		assert_int_equal(store_seek(&txn, A, text(""), false, &key, &value), FAILED);
		assert_int_equal(store_count(&txn, A), 0);
		store_fail(&txn, "a later one");
		assert_false(store_commit(&txn, NULL)); /* nobody asks why */
		assert_false(store_commit(&txn, &err));
		assert_int_equal(err.kind, ERR_STORE);
		assert_non_null(strstr(err.text, "could not be opened"));
		store_abort(&txn);
	}
	store_close(NULL);
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
}

static void test_killed_writer_beside(void **state)
{
	(void)state;
	killed_writer(false, true);
}

static void test_killed_after_its_commit(void **state)
{
	(void)state;
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
	skip_if_alone();
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
	skip_if_alone();
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

/* Says that it writes, and ends when it is killed. */
static int run_writer(struct child *parent, void *arg)
{
	struct err err;
	struct store *store = try_open(&err);
	struct txn txn;

	(void)arg;
	if (store == NULL)
		return 1;
	store_begin(&txn, store, TXN_WRITE);
	put(&txn, A, "k", "of the writer");
	child_tell(parent);
	child_hear(parent);
	store_commit(&txn, NULL);
	child_tell(parent);
	child_hear(parent);
	return 0;
}

static void assert_try(struct store *store, bool works)
{
	struct bytes value;
	struct txn txn;
	struct err err = {.kind = ERR_NONE};

	store_begin(&txn, store, TXN_TRY);
	put(&txn, A, "k", "tried");
	assert_int_equal(store_get(&txn, A, text("k"), &value), works ? FOUND : FAILED);
	assert_int_equal(store_commit(&txn, &err), works);
	assert_int_equal(err.status, works ? 0 : STORE_BUSY);
}

/* The writer writes for as long as this test likes: a wait would have no end. */
static void test_try_does_not_wait(void **state)
{
	struct store *store;
	struct child child;
	struct txn txn;

	(void)state;
	skip_if_alone();
	store = open_store();
	assert_try(store, true);
	child = child_start(run_writer, NULL);
	assert_true(child_hear(&child));
	alarm(20);
	assert_try(store, false);
	store_begin(&txn, store, TXN_READ);
	assert_true(has(&txn, A, "k", "tried")); /* reading is not in its way */
	store_abort(&txn);
	child_tell(&child);
	assert_true(child_hear(&child)); /* it has committed */
	assert_try(store, true);
	child_kill(&child);

	child = child_start(run_writer, NULL); /* one that dies holds nothing */
	assert_true(child_hear(&child));
	assert_try(store, false);
	child_kill(&child);
	assert_try(store, true);
	alarm(0);
	store_close(store);
}

static void test_transactions_are_counted(void **state)
{
	static const char want[] = "test write                     \n"
				   "test read                      \n"
				   "test write                     \n";
	const char *path = below("txns");
	struct store *store = open_store();
	char got[sizeof(want) + 1] = {0};
	struct txn txn;
	int fd;

	(void)state;
	setenv("PLEXSYNC_TEST_TXNS", path, 1);
	commit_one(store, "k", "v");
	store_begin(&txn, store, TXN_READ);
	store_abort(&txn);
	store_begin(&txn, store, TXN_TRY);
	store_abort(&txn);
	store_begin(&txn, NULL, TXN_READ);
	unsetenv("PLEXSYNC_TEST_TXNS");
	commit_one(store, "k", "w");
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, got, sizeof(got)), sizeof(want) - 1);
	assert_string_equal(got, want);
	close(fd);
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
	assert_int_equal(err.status, STORE_DAMAGED);
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

/* One read that fails as on a damaged page: nothing more is done with it, and whoever
 * opens it next is told to verify it. */
static void test_read_error(void **state)
{
	struct store *store;
	struct bytes value;
	struct txn txn;
	struct err err;

	(void)state;
	setenv("PLEXSYNC_TEST_READ_ERROR", "test 2", 1);
	store = open_store();
	commit_one(store, "k", "v");
	store_begin(&txn, store, TXN_READ);
	assert_true(has(&txn, A, "k", "v"));
	assert_int_equal(store_get(&txn, A, text("k"), &value), FAILED);
	assert_false(store_commit(&txn, &err));
	assert_true(store_is_broken(store));
	store_begin(&txn, store, TXN_WRITE);
	put(&txn, A, "k", "w");
	assert_false(store_commit(&txn, &err));
	store_close(store);
	unsetenv("PLEXSYNC_TEST_READ_ERROR");
	assert_null(try_open(&err));
	assert_int_equal(err.status, STORE_DAMAGED);
	assert_int_equal(verify_environment(dir), VERDICT_WHOLE);
	health_clear(dir);
	store = open_store();
	store_begin(&txn, store, TXN_READ);
	assert_true(has(&txn, A, "k", "v"));
	store_abort(&txn);
	store_close(store);
}

static void test_no_folder(void **state)
{
	struct store_options options = {.name = "test",
		.dir = "/nonexistent/plexsync",
		.databases = names,
		.count = DATABASES,
		.locks = &locks};
	struct err err = {.kind = ERR_NONE};

	(void)state;
	assert_null(store_open(&options, &err));
	assert_int_equal(err.status, 0);
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

/* Has it open until it is told to end; its locks are those of another C library. */
static int run_other_build(struct child *parent, void *arg)
{
	struct store *store;

	setenv("PLEXSYNC_TEST_SHARING", arg, 1);
	store = open_store();
	commit_one(store, "k", arg);
	child_tell(parent);
	child_hear(parent);
	store_close(store);
	return 0;
}

/* One has it after the other, with all that is in it, but not both at once. */
static void test_builds_of_other_libraries(void **state)
{
	static const char *const ways[][2] = {{"0", "1"}, {"1", "0"}, {"0", "2"}, {"2", "1"}};

	(void)state;
	skip_if_alone();
	for (size_t i = 0; i < ROWS(ways); i++) {
		char other[] = {*ways[i][0], '\0'};
		struct child child = child_start(run_other_build, other);
		struct store *store;
		struct txn txn;
		struct err err;
		assert_true(child_hear(&child));
		setenv("PLEXSYNC_TEST_SHARING", ways[i][1], 1);
		assert_null(try_open(&err));
		assert_non_null(strstr(err.text, "another build of PlexSync"));
		assert_int_equal(err.status, 0); /* it is not damaged */
		child_tell(&child);
		assert_int_equal(child_join(&child), 0);
		store = open_store();
		store_begin(&txn, store, TXN_READ);
		assert_true(has(&txn, A, "k", other));
		store_abort(&txn);
		store_close(store);
		teardown(state);
		setup(state);
	}
}

#define ALONE(test)                                                                                \
	{                                                                                          \
#test "_alone", test, setup_alone, teardown, NULL                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_abort_writes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_delete_and_clear, setup, teardown),
		cmocka_unit_test_setup_teardown(test_seek, setup, teardown),
		cmocka_unit_test_setup_teardown(test_first_error_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fill_without_free_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_grows, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_map_grows_for_one_transaction, setup, teardown),
		cmocka_unit_test_setup_teardown(test_little_address_space, setup, teardown),
		cmocka_unit_test_setup_teardown(test_read_error, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_store, setup, teardown),
		cmocka_unit_test_setup_teardown(test_snapshot, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed_writer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed_writer_beside, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed_after_its_commit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_readers_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_open_with_readers_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_try_does_not_wait, setup, teardown),
		cmocka_unit_test_setup_teardown(test_transactions_are_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_truncated_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_several_processes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_builds_of_other_libraries, setup, teardown),
		ALONE(test_round_trip),
		ALONE(test_snapshot),
		ALONE(test_killed_writer),
		ALONE(test_killed_writer_beside),
		ALONE(test_killed_after_its_commit),
		ALONE(test_damaged_file),
		ALONE(test_several_processes),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
