/*
 * test_health.c - signs of damage, and what they are worth: whole files that look
 * damaged, and damaged ones of every kind, read by a child process.
 */
#include "helpers.h"

#include <fcntl.h>

#include "base/limits.h"
#include "base/log.h"
#include "store/health.h"
#include "store/verify.h"
#include "store/scavenge.h"
#include "store/store.h"

enum { META, A, B, DATABASES };

#define PAGE	4096
#define ENTRIES 3000
#define PAGES	200

static const char *const names[DATABASES] = {"meta", "a", "b"};
static char dir[TEMP_BYTES], file[2 * TEMP_BYTES];
static struct locks locks = {.fd = -1};

static int setup(void **state)
{
	char path[2 * TEMP_BYTES];
	struct err err;

	(void)state;
	temp_make(dir);
	temp_path(file, dir, "data.mdb");
	return lock_open(&locks, temp_path(path, dir, "locks"), &err) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
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
		.when_full = "",
		.locks = &locks,
		.inside = LOCK_IN_QUEUE,
		.gate = LOCK_NONE};

	return store_open(&options, err);
}

/* Several levels of pages, a value of several pages, and pages that are free. */
static void fill(void)
{
	static const char much[3 * PAGE];
	struct err err;
	struct store *store = try_open(&err);

	assert_non_null(store);
	for (int round = 0; round < 2; round++) {
		struct txn txn;
		store_begin(&txn, store, TXN_WRITE);
		for (int i = 1; i <= ENTRIES; i++) {
			unsigned char key[8];
			struct bytes k = {record_key(key, i).data, sizeof(key)};
			if (round == 1 && i % 3 == 0)
				store_del(&txn, A, k);
			else
				store_put(&txn, A, k, (struct bytes){"value", 5});
		}
		store_put(&txn, B, (struct bytes){"much", 4}, (struct bytes){much, sizeof(much)});
		assert_true(store_commit(&txn, &err));
	}
	store_close(store);
}

/* --- signs ---------------------------------------------------------------------- */

static void test_signs(void **state)
{
	(void)state;
	assert_false(health_is_doubtful(dir, true));
	health_opened(dir);
	assert_false(health_is_doubtful(dir, true)); /* one run that died says nothing */
	health_opened(dir);
	assert_true(health_is_doubtful(dir, true));
	assert_false(health_is_doubtful(dir, false)); /* they are inside, perhaps */
	health_closed(dir);
	assert_false(health_is_doubtful(dir, true));
	health_mark(dir);
	assert_true(health_is_doubtful(dir, false));
	health_closed(dir);
	assert_true(health_is_doubtful(dir, false)); /* closing is not reading */
	health_clear(dir);
	assert_false(health_is_doubtful(dir, true));
}

static int run_open(struct child *parent, void *arg)
{
	struct err err;

	(void)arg;
	if (try_open(&err) == NULL)
		return 1;
	child_tell(parent);
	child_hear(parent);
	return 0;
}

static void die_inside(void)
{
	struct child child = child_start(run_open, NULL);

	assert_true(child_hear(&child));
	child_kill(&child);
}

/* Two in a row that died, unless somebody is inside: then it cannot be so bad. */
static void test_killed_twice_in_a_row(void **state)
{
	struct child inside;
	struct store *store;
	struct err err;

	(void)state;
	fill();
	die_inside();
	store = try_open(&err); /* one that does not die in between */
	assert_non_null(store);
	store_close(store);
	die_inside();
	inside = child_start(run_open, NULL);
	assert_true(child_hear(&inside));
	die_inside();
	store = try_open(&err);
	assert_non_null(store);
	child_kill(&inside);
	store_close(store);

	die_inside();
	die_inside();
	assert_null(try_open(&err));
	assert_int_equal(err.status, STORE_DAMAGED);
	assert_int_equal(verify_environment(dir), VERDICT_WHOLE);
	health_clear(dir);
	store = try_open(&err);
	assert_non_null(store);
	store_close(store);
}

/* --- what they are worth ---------------------------------------------------------- */

static void overwrite(off_t from, off_t to, int byte)
{
	int fd = open(file, O_WRONLY);

	for (off_t at = from; at < to; at++) {
		unsigned char c = (unsigned char)(byte >= 0 ? byte : (at * 167 + 13) % 256);
		if (pwrite(fd, &c, 1, at) != 1)
			abort();
	}
	close(fd);
}

static off_t size_of_file(void)
{
	struct stat st;

	return stat(file, &st) == 0 ? st.st_size : 0;
}

static void swap_pages(off_t one, off_t other)
{
	char a[PAGE], b[PAGE];
	int fd = open(file, O_RDWR);

	if (pread(fd, a, PAGE, one * PAGE) != PAGE || pread(fd, b, PAGE, other * PAGE) != PAGE ||
		pwrite(fd, b, PAGE, one * PAGE) != PAGE ||
		pwrite(fd, a, PAGE, other * PAGE) != PAGE)
		abort();
	close(fd);
}

/* Leaves of the table A; some of them were given up, and nobody reads them any more. */
static size_t leaves(off_t found[PAGES])
{
	unsigned char page[PAGE];
	int fd = open(file, O_RDONLY);
	size_t count = 0;

	for (off_t at = 2; pread(fd, page, PAGE, at * PAGE) == PAGE; at++) {
		const unsigned char *rest = page + sizeof(size_t); /* after its number */
		unsigned first = rest[8] | (unsigned)rest[9] << 8;
		if ((rest[2] & 0x6f) == 2 && first + 16 < PAGE && page[first + 6] == 8 &&
			count < PAGES)
			found[count++] = at;
	}
	close(fd);
	assert_in_range(count, 10, PAGES - 1);
	return count;
}

enum what {
	NOTHING,
	ONE_SIGN,
	LOCK_NOISE,
	GARBAGE,
	ZEROS,
	HEADER,
	CUT,
	CUT_TO_HEADERS,
	LEAVES,
	SWAPPED
};

static void damage(enum what what)
{
	char path[2 * TEMP_BYTES];
	off_t found[PAGES];
	size_t count = leaves(found);
	int fd;

	switch (what) {
	case NOTHING:
		break;
	case ONE_SIGN:
		health_mark(dir);
		break;
	case LOCK_NOISE:
		fd = open(temp_path(path, dir, "lock.mdb"), O_WRONLY);
		if (write(fd, "noise noise noise noise", 23) != 23)
			abort();
		close(fd);
		break;
	case GARBAGE:
		overwrite(2 * PAGE, size_of_file(), -1);
		break;
	case ZEROS:
		overwrite(0, size_of_file(), 0);
		break;
	case HEADER:
		overwrite(0, PAGE, -1);
		break;
	case CUT:
		assert_int_equal(truncate(file, found[count / 2] * PAGE), 0);
		break;
	case CUT_TO_HEADERS:
		assert_int_equal(truncate(file, 2 * PAGE), 0);
		break;
	case LEAVES:
		for (size_t i = 0; i < count; i++)
			overwrite(found[i] * PAGE, (found[i] + 1) * PAGE, 0);
		break;
	case SWAPPED:
		for (size_t i = 0; i < count / 2; i++)
			swap_pages(found[i], found[count - 1 - i]);
		break;
	}
}

static void test_verify(void **state)
{
	static const struct {
		const char *name;
		enum what what;
		enum verdict verdict;
	} rows[] = {
		{"nothing", NOTHING, VERDICT_WHOLE},
		{"a sign", ONE_SIGN, VERDICT_WHOLE},
		{"noise in the lock file", LOCK_NOISE, VERDICT_WHOLE},
		{"garbage after the headers", GARBAGE, VERDICT_DAMAGED},
		{"zeros", ZEROS, VERDICT_DAMAGED},
		{"a noisy header", HEADER, VERDICT_DAMAGED},
		{"cut in the middle", CUT, VERDICT_DAMAGED},
		{"cut after the headers", CUT_TO_HEADERS, VERDICT_DAMAGED},
		{"pages of zeros", LEAVES, VERDICT_DAMAGED},
		{"pages in each other's place", SWAPPED, VERDICT_DAMAGED},
	};
	bool ok = true;

	for (size_t i = 0; i < ROWS(rows); i++) {
		teardown(state);
		setup(state);
		fill();
		damage(rows[i].what);
		ok &= row_int(rows[i].name, verify_environment(dir), rows[i].verdict);
	}
	assert_true(ok);
}

/* It is verified beside somebody who works in it. */
static void test_verify_while_it_is_open(void **state)
{
	struct store *store;
	struct err err;
	struct txn txn;

	(void)state;
	fill();
	store = try_open(&err);
	store_begin(&txn, store, TXN_WRITE);
	store_put(&txn, A, (struct bytes){"k", 1}, (struct bytes){"v", 1});
	assert_int_equal(verify_environment(dir), VERDICT_WHOLE);
	assert_true(store_commit(&txn, &err));
	store_close(store);
}

static void test_nothing_to_verify(void **state)
{
	(void)state;
	assert_int_equal(verify_environment("/nonexistent/plexsync"), VERDICT_UNKNOWN);
}

/* --- what is left ------------------------------------------------------------------ */

static void note(void *user, struct bytes key, struct bytes value)
{
	bool *seen = user;
	int64_t number = record_key_number(key.data, 0);

	assert_int_equal(key.len, 8);
	if (number > 0 && number <= ENTRIES && value.len == 5)
		seen[number] = true;
}

/* Without both headers, and without one page of entries. */
static void test_scavenge(void **state)
{
	static bool seen[ENTRIES + 1];
	size_t missing = 0;
	off_t found[PAGES];

	(void)state;
	fill();
	leaves(found);
	overwrite(0, 2 * PAGE, 0);
	overwrite(found[0] * PAGE, (found[0] + 1) * PAGE, -1);
	scavenge(dir, 8, note, seen);
	for (int i = 1; i <= ENTRIES; i++)
		missing += i % 3 != 0 && !seen[i];
	assert_in_range(missing, 0, PAGE / 24);
	scavenge("/nonexistent/plexsync", 8, note, seen);
}

static void put16(unsigned char *page, size_t at, size_t value)
{
	uint16_t n = (uint16_t)value;

	memcpy(page + at, &n, sizeof(n));
}

/* Two pages as a machine writes them whose pointers and pages have these sizes: the first one, and one with
 * the keys 1 and 2. */
static size_t write_pages(unsigned char *pages, size_t word, size_t size)
{
	static const uint32_t magic = 0xbeefc0de;
	unsigned char *leaf = pages + size;
	uint32_t bytes = (uint32_t)size;
	size_t at = size;

	memset(pages, 0, 2 * size);
	memcpy(pages + word + 8, &magic, sizeof(magic));
	memcpy(pages + word + 16 + 2 * word, &bytes, sizeof(bytes));
	leaf[0] = 1;
	put16(leaf, word + 2, 0x02);
	put16(leaf, word + 4, word + 8 + 2 * 2);
	for (size_t i = 0; i < 2; i++) {
		at -= 8 + 8 + 6; /* an even number */
		put16(leaf, word + 8 + 2 * i, at);
		put16(leaf, at, 5);
		put16(leaf, at + 6, 8);
		record_key(leaf + at + 8, (int64_t)i + 1);
	}
	return 2 * size;
}

/* A queue that another machine has written is read as well. */
static void test_scavenge_from_another_machine(void **state)
{
	static const size_t machines[][2] = {{4, 4096}, {8, 4096}, {4, 32768}, {8, 32768}};
	static unsigned char pages[2 * 32768];

	(void)state;
	for (size_t i = 0; i < ROWS(machines); i++) {
		bool seen[ENTRIES + 1] = {false};
		size_t len = write_pages(pages, machines[i][0], machines[i][1]);
		int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		assert_int_equal(write(fd, pages, len), len);
		close(fd);
		scavenge(dir, 8, note, seen);
		assert_true(seen[1] && seen[2]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_signs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed_twice_in_a_row, setup, teardown),
		cmocka_unit_test_setup_teardown(test_verify, setup, teardown),
		cmocka_unit_test_setup_teardown(test_verify_while_it_is_open, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_to_verify, setup, teardown),
		cmocka_unit_test_setup_teardown(test_scavenge, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_scavenge_from_another_machine, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
