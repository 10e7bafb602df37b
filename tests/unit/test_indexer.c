/*
 * test_indexer.c - what is read of a library whose counters moved or stand still.
 */
#include "answers.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/path.h"
#include "find/indexer.h"
#include "state/queue.h"

#define HOUR_MS ((int64_t)3600 * 1000)

static void test_explained(void **state)
{
	static const struct {
		const char *name;
		struct indexer_change change;
		bool want;
	} rows[] = {
		{"nothing moved", {.total_before = 5, .total = 5}, true},
		{"nothing moved, though parts came", {.total_before = 5, .total = 5, .gained = 2},
			true},
		{"an item was edited",
			{.moved = true, .any_new = true, .total_before = 5, .total = 5}, true},
		{"one more, and it was seen",
			{.moved = true,
				.any_new = true,
				.total_before = 5,
				.total = 6,
				.gained = 1},
			true},
		{"two more, and one was seen",
			{.moved = true,
				.any_new = true,
				.total_before = 5,
				.total = 7,
				.gained = 1},
			false},
		{"one more with two files",
			{.moved = true,
				.any_new = true,
				.total_before = 5,
				.total = 6,
				.gained = 2},
			true},
		{"one fewer, whatever was seen",
			{.moved = true,
				.any_new = true,
				.total_before = 5,
				.total = 4,
				.gained = 3},
			false},
		{"the counter moved, and nothing is new",
			{.moved = true, .total_before = 5, .total = 5}, false},
		{"one more, and nothing is new",
			{.moved = true, .total_before = 5, .total = 6, .gained = 1}, false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].name, indexer_explains(&rows[i].change), rows[i].want);
	assert_true(ok);
}

static void test_steps(void **state)
{
	static const struct {
		const char *name;
		struct indexer_facts facts;
		enum indexer_step want;
	} rows[] = {
		{"as it was", {.complete = true}, INDEXER_CURRENT},
		{"something moved", {.complete = true, .moved = true}, INDEXER_READ_NEW},
		{"a look at what is new", {.mode = INDEXER_LOOK, .complete = true},
			INDEXER_READ_NEW},
		{"a rebuild", {.mode = INDEXER_REBUILD, .complete = true}, INDEXER_PASS},
		{"a rebuild a minute after the last",
			{.mode = INDEXER_REBUILD, .complete = true, .pass_age_ms = 60000},
			INDEXER_PASS},
		{"another library", {.changed = true, .complete = true}, INDEXER_PASS},
		{"not all of it, an hour ago", {.pass_age_ms = HOUR_MS}, INDEXER_PASS},
		{"not all of it, less than an hour ago", {.pass_age_ms = HOUR_MS - 1},
			INDEXER_LEAVE},
		{"not all of it, and the clock jumped", {.pass_age_ms = -1}, INDEXER_PASS},
		{"not all of it, and it moved", {.moved = true, .pass_age_ms = 1}, INDEXER_LEAVE},
		{"not all of it, and a look",
			{.mode = INDEXER_LOOK, .moved = true, .pass_age_ms = 1}, INDEXER_LEAVE},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].name, indexer_decide(&rows[i].facts), rows[i].want);
	assert_true(ok);
}

/* --- a walk ------------------------------------------------------------------ */

#define LIBRARY                                                                                    \
	"{\"MediaContainer\":{\"Directory\":[{\"key\":\"1\",\"type\":\"movie\",\"title\":"         \
	"\"Films\","                                                                               \
	"\"uuid\":\"u\",\"contentChangedAt\":7}]}}"
#define SERVER	       "{\"MediaContainer\":{\"machineIdentifier\":\"server\"}}"
#define TOTAL(n)       "{\"MediaContainer\":{\"totalSize\":" #n ",\"Metadata\":[]}}"
#define PAGE(n, items) "{\"MediaContainer\":{\"totalSize\":" #n ",\"Metadata\":[" items "]}}"
#define ITEM(key)                                                                                  \
	"{\"ratingKey\":\"" key "\",\"type\":\"movie\",\"Media\":[{\"Part\":[{\"file\":"           \
	"\"/data/films/" key ".mp4\",\"size\":10}]}]}"

static char dir[TEMP_BYTES];
static struct arena arena;
static struct state state;

static int setup(void **unused)
{
	struct err err;

	(void)unused;
	arena_init(&arena);
	temp_make(dir);
	return state_open(&state, dir, &err) ? 0 : -1;
}

static int teardown(void **unused)
{
	(void)unused;
	state_close(&state);
	temp_remove(dir);
	arena_clear(&arena);
	return 0;
}

static struct answers answers;

/* Reads the library; what came of it is in *section. Returns how many requests it took. */
static size_t read_library(enum indexer_mode mode, const char *const *list, size_t count,
	struct index_section *section)
{
	struct env_settings use = {.known = true};
	struct env_run run = {0};
	struct env env = {.arena = &arena, .state = &state, .use = &use, .run = &run};
	struct library_index index;
	struct txn txn;
	struct err err;
	bool done;

	answers_start(&answers, list, count);
	use.plex = plex_open(
		&(struct plex_options){.url = answers.url, .token = "t", .client_id = "c"});
	done = indexer_confirm(&env, mode, &err);
	assert_true(row_text("read", done ? "" : err.text, ""));
	plex_close(use.plex);
	state_begin_cache(&state, &txn, TXN_READ);
	library_index_load(&txn, &index, &arena);
	store_abort(&txn);
	assert_int_equal(index.count, 1);
	*section = index.sections[0];
	return answers_stop(&answers);
}

/* From scratch. */
static size_t rebuild(const char *const *list, size_t count, struct index_section *section)
{
	return read_library(INDEXER_REBUILD, list, count, section);
}

static bool has_row(const struct index_section *section, const char *path)
{
	struct library_index index = {
		.sections = (struct index_section *)(uintptr_t)section, .count = 1};
	struct index_part parts[4];
	struct txn txn;
	size_t count;

	state_begin_cache(&state, &txn, TXN_READ);
	count = library_index_by_path(&txn, &index, path, parts, ROWS(parts), &arena);
	store_abort(&txn);
	return count == 1;
}

static void test_walk(void **unused)
{
	static const char *const list[] = {
		LIBRARY, SERVER, TOTAL(2), PAGE(2, ITEM("1")), PAGE(2, ITEM("2"))};
	struct index_section section;

	(void)unused;
	assert_int_equal(rebuild(list, ROWS(list), &section), ROWS(list));
	assert_true(section.complete);
	assert_int_equal(section.total, 2);
	assert_string_equal(section.counter, "7");
	assert_true(has_row(&section, "/data/films/1.mp4"));
	assert_true(has_row(&section, "/data/films/2.mp4"));
}

/* Item 1 goes after the first page was read: item 3 slips into that page, and is found by
 * the second walk. */
static void test_walk_while_it_moves(void **unused)
{
	static const char *const list[] = {LIBRARY, SERVER, TOTAL(4),
		PAGE(4, ITEM("1") "," ITEM("2")), PAGE(3, ITEM("4")),
		PAGE(3, ITEM("2") "," ITEM("3") "," ITEM("4"))};
	struct index_section section;

	(void)unused;
	assert_int_equal(rebuild(list, ROWS(list), &section), ROWS(list));
	assert_true(section.complete);
	assert_true(has_row(&section, "/data/films/3.mp4"));
	assert_true(has_row(&section, "/data/films/4.mp4"));
	assert_string_equal(section.counter, "7"); /* the second walk stood still */
}

/* It moves during the second walk, too: what it has now is looked into next time. */
static void test_walk_that_never_stands_still(void **unused)
{
	static const char *const list[] = {LIBRARY, SERVER, TOTAL(2), PAGE(2, ITEM("1")),
		PAGE(3, ITEM("2") "," ITEM("3")), PAGE(3, ITEM("1") "," ITEM("2")),
		PAGE(4, ITEM("3")), PAGE(4, ITEM("4"))};
	struct index_section section;

	(void)unused;
	assert_int_equal(rebuild(list, ROWS(list), &section), ROWS(list));
	assert_true(section.complete);
	assert_true(has_row(&section, "/data/films/4.mp4"));
	assert_string_equal(section.counter, "");
}

/* --- waking ------------------------------------------------------------------- */

#define PIPE_MOST 65536

static void begin_to_wait(int64_t scene, const char *path)
{
	struct event event = {.scene = scene};
	struct digest name = path_name_digest(path);
	struct job job;
	struct txn txn;
	struct arena a;

	arena_init(&a);
	store_begin(&txn, state.queue, TXN_WRITE);
	queue_add(&txn, &event, 5);
	if (queue_get(&txn, scene, &job, &a) != FOUND)
		abort();
	job.names = &name;
	job.name_count = 1;
	queue_wait(&txn, &job, "");
	store_commit(&txn, NULL);
	arena_clear(&a);
}

static int state_of_job(int64_t scene)
{
	struct job job = {.state = JOB_FAILED};
	struct txn txn;

	store_begin(&txn, state.queue, TXN_READ);
	assert_int_equal(queue_get(&txn, scene, &job, &arena), FOUND);
	store_abort(&txn);
	return (int)job.state;
}

/* While page PAGE_WATCHED is stored, the beginnings of transactions are counted in a pipe
 * that has room for one more line, which is that of the rows: the indexer stops where it has
 * just begun to look for jobs that wait, and does not see one that begins to wait then. */
#define PAGE_WATCHED 3

static int watched_by = -1; /* open until the indexer is done */

static void watch(size_t n, bool sent)
{
	static char filler[PIPE_MOST];
	static int size;
	int fd = watched_by, used = 0;
	char path[2 * TEMP_BYTES];

	if (n == PAGE_WATCHED && !sent) {
		temp_path(path, dir, "pipe");
		if (mkfifo(path, 0600) != 0 || (fd = open(path, O_RDWR | O_CLOEXEC)) < 0)
			abort();
		size = fcntl(fd, F_SETPIPE_SZ, 1); /* a page of memory */
		if (size <= FAULT_LINE || size > PIPE_MOST ||
			write(fd, filler, (size_t)size - FAULT_LINE) != size - FAULT_LINE)
			abort();
		setenv("PLEXSYNC_TEST_TXNS", path, 1);
		watched_by = fd;
	} else if (n == PAGE_WATCHED) {
		for (int looks = 0; looks < 6000 && used < size; looks++) {
			clock_sleep_ms(5);
			if (ioctl(fd, FIONREAD, &used) != 0)
				abort();
		}
		clock_sleep_ms(50);
		unsetenv("PLEXSYNC_TEST_TXNS");
		begin_to_wait(45, "/films/2.mp4");
		if (read(fd, filler, (size_t)size) != size)
			abort();
	}
}

static const char *const one[] = {LIBRARY, SERVER, TOTAL(1), PAGE(1, ITEM("1"))};
static const char *const two[] = {LIBRARY, SERVER, TOTAL(2), PAGE(2, ITEM("2") "," ITEM("1")),
	PAGE(2, ITEM("2") "," ITEM("1"))};

static void test_wakes(void **unused)
{
	struct index_section section;

	(void)unused;
	rebuild(one, ROWS(one), &section);
	begin_to_wait(45, "/films/2.mp4");
	begin_to_wait(46, "/films/3.mp4");
	assert_int_equal(read_library(INDEXER_LOOK, two, ROWS(two), &section), ROWS(two));
	assert_int_equal(state_of_job(45), JOB_READY);
	assert_int_equal(state_of_job(46), JOB_WAITING);
}

/* The look for those that wait was too early for it, and its own look was too early for the
 * row. */
static void test_wakes_who_began_to_wait_meanwhile(void **unused)
{
	struct index_section section;

	(void)unused;
	rebuild(one, ROWS(one), &section);
	answers.around = watch;
	assert_int_equal(read_library(INDEXER_LOOK, two, ROWS(two), &section), ROWS(two));
	answers.around = NULL;
	close(watched_by);
	assert_int_equal(state_of_job(45), JOB_READY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_explained),
		cmocka_unit_test(test_steps),
		cmocka_unit_test_setup_teardown(test_wakes, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_wakes_who_began_to_wait_meanwhile, setup, teardown),
		cmocka_unit_test_setup_teardown(test_walk, setup, teardown),
		cmocka_unit_test_setup_teardown(test_walk_while_it_moves, setup, teardown),
		cmocka_unit_test_setup_teardown(test_walk_that_never_stands_still, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
