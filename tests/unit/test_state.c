/*
 * test_state.c - everything that outlives the process: folders and modes, the
 * versions of both environments, a cache that is dirty, damaged or of another
 * version, and what is remembered by name.
 */
#include "helpers.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/resource.h>

#include "base/log.h"
#include "state/history.h"
#include "state/queue.h"
#include "state/remembered.h"
#include "state/state.h"
#include "state/tables.h"
#include "store/sharing.h"

static char base[TEMP_BYTES], dir[TEMP_BYTES + 16];
static struct arena arena;

static int setup(void **state)
{
	(void)state;
	temp_make(base);
	snprintf(dir, sizeof(dir), "%s/plexsync", base);
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	temp_remove(base);
	return 0;
}

static void open_state(struct state *state)
{
	struct err err;

	if (!state_open(state, dir, &err))
		fail_msg("%s", err.text);
}

static struct bytes text(const char *s)
{
	return (struct bytes){s, strlen(s)};
}

static char *below(const char *name)
{
	return arena_printf(&arena, "%s/%s", dir, name);
}

static bool exists(const char *name)
{
	return access(below(name), F_OK) == 0;
}

static int first_byte(const char *name)
{
	int fd = open(below(name), O_RDONLY);
	unsigned char byte;
	ssize_t got = read(fd, &byte, 1);

	close(fd);
	return got == 1 ? byte : -1;
}

static void write_text(const char *name, const char *content)
{
	int fd = open(below(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, content, strlen(content)) != (ssize_t)strlen(content))
		abort();
	close(fd);
}

/* A stored record of the cache that a test looks for again. */
static void mark_cache(struct state *state, const char *mark)
{
	struct txn txn;
	struct err err;

	assert_true(state_begin_cache(state, &txn, TXN_WRITE));
	store_put(&txn, CACHE_META, text("mark"), text(mark));
	assert_true(store_commit(&txn, &err));
}

static bool cache_is_marked(struct state *state)
{
	struct bytes value;
	struct txn txn;
	bool marked;

	assert_true(state_begin_cache(state, &txn, TXN_READ));
	marked = store_get(&txn, CACHE_META, text("mark"), &value) == FOUND;
	store_abort(&txn);
	return marked;
}

static int mode_of(const char *name)
{
	struct stat st;

	return stat(below(name), &st) == 0 ? (int)(st.st_mode & 0777) : -1;
}

static void test_files_and_modes(void **unused)
{
	struct state state;

	(void)unused;
	open_state(&state);
	assert_false(exists("cache")); /* not before it is asked for */
	assert_false(exists("cache-dirty"));
	mark_cache(&state, "x");
	assert_int_equal(mode_of("."), 0700);
	assert_int_equal(mode_of("queue"), 0700);
	assert_int_equal(mode_of("cache"), 0700);
	assert_int_equal(mode_of("locks"), 0600);
	assert_int_equal(mode_of("queue/data.mdb"), 0600);
	assert_int_equal(mode_of("queue/lock.mdb"), 0600);
	assert_int_equal(mode_of("cache/data.mdb"), 0600);
	assert_int_equal(mode_of("cache-dirty"), 0600);
	state_close(&state);
	assert_null(state.queue);
	assert_null(state.cache);
	assert_int_equal(state.locks.fd, -1);
	state_close(&state); /* once more is harmless */
}

/* No folder for it: everything answers, nothing is kept. */
static void assert_useless(struct state *state)
{
	struct remembered remembered = {.hook_queue_only = true, .hide_paths = true};
	struct txn txn;
	struct err err;
	char *id;

	assert_null(state->queue);
	assert_null(state_cache(state));
	store_begin(&txn, state->queue, TXN_WRITE);
	remembered_save(&txn, &remembered);
	remembered_load(&txn, &remembered, &arena);
	assert_false(store_commit(&txn, &err));
	assert_int_equal(err.kind, ERR_STORE);
	assert_false(remembered.hook_queue_only);
	assert_false(state_begin_cache(state, &txn, TXN_WRITE));
	assert_false(store_commit(&txn, NULL));
	id = remembered_make_client_id(state, &arena);
	assert_int_equal(strlen(id), 32);
	assert_string_equal(id, remembered_make_client_id(state, &arena)); /* stable all the same */
	state_flush_cache(state);
	assert_int_equal(lock_try(&state->locks, LOCK_DRAIN), FOUND);
	state_close(state);
}

static void test_cannot_be_opened(void **unused)
{
	char file[2 * TEMP_BYTES], longest[LIMIT_PATH_BYTES + 1];
	struct state state;
	struct err err = {.kind = ERR_NONE};

	(void)unused;
	assert_false(state_open(&state, NULL, &err));
	assert_int_equal(err.kind, ERR_STORE);
	assert_useless(&state);

	close(open(temp_path(file, base, "file"), O_WRONLY | O_CREAT, 0600));
	assert_false(state_open(&state, arena_printf(&arena, "%s/below", file), &err));
	assert_int_equal(err.kind, ERR_STORE);
	assert_useless(&state);

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_false(state_open(&state, longest, &err));
	assert_useless(&state);
}

static void test_cache_stays(void **unused)
{
	struct state state;

	(void)unused;
	open_state(&state);
	mark_cache(&state, "x");
	assert_true(exists("cache-dirty"));
	state_close(&state);
	open_state(&state); /* dirty, but of this boot: what was committed is there */
	assert_true(cache_is_marked(&state));
	state_flush_cache(&state);
	assert_false(exists("cache-dirty"));
	state_close(&state);
	open_state(&state);
	assert_true(cache_is_marked(&state));
	assert_false(exists("cache-dirty")); /* reading makes nothing dirty */
	state_close(&state);
}

static int run_cache_writer(struct child *parent, void *arg)
{
	struct state state;
	struct txn txn;
	struct err err;

	(void)arg;
	if (!state_open(&state, dir, &err) || !state_begin_cache(&state, &txn, TXN_WRITE))
		return 1;
	child_tell(parent);
	child_hear(parent);
	return 0;
}

/* Whoever writes at this moment may commit what is not on the disk yet; and nobody
 * waits for that. */
static void test_flush_beside_a_writer(void **unused)
{
	struct child child;
	struct state state;
	struct txn txn;

	(void)unused;
	if (sharing_here() == SHARING_ALONE)
		skip(); /* nobody looks on then */
	open_state(&state);
	mark_cache(&state, "x");
	child = child_start(run_cache_writer, NULL);
	assert_true(child_hear(&child));
	alarm(20);
	state_flush_cache(&state);
	assert_true(exists("cache-dirty"));
	assert_false(state_begin_cache(&state, &txn, TXN_TRY));
	assert_int_equal(txn.err.status, STORE_BUSY);
	child_kill(&child);
	state_flush_cache(&state);
	assert_false(exists("cache-dirty"));
	alarm(0);
	state_close(&state);
}

static void make_marked_cache(bool flushed)
{
	struct state state;

	open_state(&state);
	mark_cache(&state, "x");
	if (flushed)
		state_flush_cache(&state);
	state_close(&state);
}

static void test_dirty_from_another_boot(void **unused)
{
	struct state state;

	(void)unused;
	make_marked_cache(false);
	write_text("cache-dirty", "00000000-0000-4000-8000-000000000000\n");
	open_state(&state);
	assert_non_null(state_cache(&state));
	assert_false(cache_is_marked(&state));
	assert_false(exists("cache-dirty"));
	mark_cache(&state, "y");
	assert_true(cache_is_marked(&state));
	state_close(&state);
	open_state(&state); /* and not once more */
	assert_true(cache_is_marked(&state));
	state_close(&state);
}

static void test_damaged_cache(void **unused)
{
	struct state state;

	(void)unused;
	make_marked_cache(true);
	write_text("cache/data.mdb",
		arena_printf(&arena, "%*s", 20000, "this is no database and has never been one"));
	open_state(&state);
	assert_non_null(state_cache(&state));
	assert_false(cache_is_marked(&state));
	mark_cache(&state, "y");
	assert_true(cache_is_marked(&state));
	state_close(&state);
}

static int run_open_cache(struct child *parent, void *arg)
{
	struct state state;
	struct err err;
	bool marked;

	(void)parent;
	(void)arg;
	if (!state_open(&state, dir, &err))
		return 1;
	if (state_cache(&state) == NULL)
		return 2;
	mark_cache(&state, "y");
	marked = cache_is_marked(&state);
	state_close(&state);
	return marked ? 0 : 3;
}

/* --- damage ------------------------------------------------------------------------- */

/* A scene that is queued, and one of which a push is remembered. */
static void make_queue(void)
{
	struct event event = {.scene = 45, .origin = ORIGIN_HAND};
	struct history history = {.owner = 46};
	struct state state;
	struct txn txn;
	struct err err;

	open_state(&state);
	store_begin(&txn, state.queue, TXN_WRITE);
	queue_add(&txn, &event, 1);
	history_put(&txn, "machine", "1", &history);
	assert_true(store_commit(&txn, &err));
	state_close(&state);
}

static size_t set_aside(void)
{
	char *pattern = below("queue.damaged-*");
	size_t count;
	glob_t found;

	count = glob(pattern, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
	globfree(&found);
	return count;
}

static void assert_queue(bool queued, bool remembered)
{
	struct history history;
	struct state state;
	struct job job;
	struct txn txn;
	struct err err;

	open_state(&state);
	store_begin(&txn, state.queue, TXN_READ);
	assert_int_equal(queue_get(&txn, 45, &job, &arena), queued ? FOUND : ABSENT);
	assert_int_equal(
		history_get(&txn, "machine", "1", &history, &arena), remembered ? FOUND : ABSENT);
	assert_true(store_commit(&txn, &err));
	state_close(&state);
}

static int run_inside(struct child *parent, void *arg)
{
	struct state state;
	struct err err;

	(void)arg;
	if (!state_open(&state, dir, &err))
		return 1;
	child_tell(parent);
	child_hear(parent);
	return 0;
}

static void die_inside(void)
{
	struct child child = child_start(run_inside, NULL);

	assert_true(child_hear(&child));
	child_kill(&child);
}

static void test_killed_twice_is_no_damage(void **unused)
{
	(void)unused;
	make_queue();
	die_inside();
	die_inside();
	assert_queue(true, true);
	assert_int_equal(set_aside(), 0);
	assert_int_equal(first_byte("queue/opened"), 0); /* nobody is inside */
}

static void test_one_failed_read_is_no_damage(void **unused)
{
	struct history history;
	struct state state;
	struct txn txn;

	(void)unused;
	make_queue();
	setenv("PLEXSYNC_TEST_READ_ERROR", "queue 1", 1);
	open_state(&state);
	store_begin(&txn, state.queue, TXN_READ);
	assert_int_equal(history_get(&txn, "machine", "1", &history, &arena), FAILED);
	store_abort(&txn);
	state_close(&state);
	unsetenv("PLEXSYNC_TEST_READ_ERROR");
	assert_true(exists("queue/damaged"));
	assert_queue(true, true);
	assert_int_equal(set_aside(), 0);
	assert_false(exists("queue/damaged"));
}

/* Zeros in the place of both headers: no order is left, but the pages are. */
static void test_damaged_queue_is_set_aside(void **unused)
{
	static const char zeros[8192];
	int fd;

	(void)unused;
	make_queue();
	fd = open(below("queue/data.mdb"), O_WRONLY);
	assert_int_equal(write(fd, zeros, sizeof(zeros)), sizeof(zeros));
	close(fd);
	assert_queue(true, false);
	assert_int_equal(set_aside(), 1);
	assert_queue(true, false);
	assert_int_equal(set_aside(), 1);
}

static void test_truncated_cache(void **unused)
{
	(void)unused;
	make_marked_cache(true);
	assert_int_equal(truncate(below("cache/data.mdb"), 2 * sysconf(_SC_PAGESIZE)), 0);
	assert_int_equal(child_run(run_open_cache, NULL), 0);
}

static void set_version(unsigned char version, bool cache)
{
	struct state state;
	struct txn txn;
	struct err err;

	open_state(&state);
	store_begin(&txn, cache ? state_cache(&state) : state.queue, TXN_WRITE);
	store_put(&txn, 0, text("version"), (struct bytes){&version, 1});
	assert_true(store_commit(&txn, &err));
	state_close(&state);
}

static void test_cache_of_another_version(void **unused)
{
	struct state state;

	(void)unused;
	make_marked_cache(true);
	set_version(200, true);
	open_state(&state);
	assert_non_null(state_cache(&state));
	assert_false(cache_is_marked(&state));
	mark_cache(&state, "y");
	state_close(&state);
	open_state(&state);
	assert_true(cache_is_marked(&state));
	state_close(&state);
}

static char *content(const char *name, size_t *len)
{
	FILE *f = fopen(below(name), "rb");
	char *data = arena_alloc(&arena, 1 << 20);

	if (f == NULL)
		abort();
	*len = fread(data, 1, 1 << 20, f);
	fclose(f);
	return data;
}

static void assert_refused_and_untouched(void)
{
	struct state state;
	struct err err = {.kind = ERR_NONE};
	size_t before_len, after_len;
	char *before = content("queue/data.mdb", &before_len), *after;

	assert_false(state_open(&state, dir, &err));
	assert_int_equal(err.kind, ERR_STORE);
	assert_non_null(strstr(err.text, "another version of PlexSync"));
	assert_useless(&state);
	after = content("queue/data.mdb", &after_len);
	assert_int_equal(before_len, after_len);
	assert_memory_equal(before, after, before_len);
}

static void test_queue_of_another_version(void **unused)
{
	(void)unused;
	set_version(200, false);
	assert_refused_and_untouched();
	assert_refused_and_untouched();
}

/* A later version may have other databases; ours must not be added to them. */
static void test_queue_of_another_version_with_other_databases(void **unused)
{
	static const char *const names[] = {"meta", "jobs2"};
	struct locks locks = {.fd = -1};
	struct store_options options = {.name = "queue",
		.version = 200,
		.durable = true,
		.databases = names,
		.count = 2,
		.locks = &locks};
	struct store *store;
	struct txn txn;
	struct err err;

	(void)unused;
	options.dir = below("queue");
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(mkdir(options.dir, 0700), 0);
	store = store_open(&options, &err);
	assert_non_null(store);
	store_begin(&txn, store, TXN_WRITE);
	store_put(&txn, 1, text("job"), text("of a later version"));
	assert_true(store_commit(&txn, &err));
	store_close(store);
	assert_refused_and_untouched();
}

/* That there is no descriptor left for it says nothing about the cache. */
static int run_without_descriptors(struct child *parent, void *arg)
{
	struct state state;
	struct rlimit limit;
	struct err err;
	bool opened;
	int next;

	(void)arg;
	(void)parent;
	if (!state_open(&state, dir, &err))
		return 1;
	next = dup(0);
	close(next);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = (rlim_t)next + 1;
	setrlimit(RLIMIT_NOFILE, &limit);
	opened = state_cache(&state) != NULL;
	state_close(&state);
	return opened ? 2 : 0;
}

static void test_cache_survives_a_failed_open(void **unused)
{
	struct state state;
	bool marked;

	(void)unused;
	make_marked_cache(true);
	assert_int_equal(child_run(run_without_descriptors, NULL), 0);
	open_state(&state);
	marked = cache_is_marked(&state);
	state_close(&state);
	assert_true(marked);
}

static int run_client_id(struct child *parent, void *arg)
{
	struct state state;
	struct arena a;
	struct err err;
	char *id;

	(void)arg;
	arena_init(&a);
	if (!child_hear(parent) || !state_open(&state, dir, &err))
		return 1;
	id = remembered_make_client_id(&state, &a);
	if (strlen(id) != 32 || write(parent->out, id, 32) != 32)
		return 2;
	state_close(&state);
	arena_clear(&a);
	return 0;
}

/* Several at once, and later ones, all have the same. */
static void test_client_id(void **unused)
{
	struct child children[6];
	char ids[6][33] = {{0}};
	struct state state;

	(void)unused;
	for (size_t i = 0; i < ROWS(children); i++)
		children[i] = child_start(run_client_id, NULL);
	for (size_t i = 0; i < ROWS(children); i++)
		child_tell(&children[i]);
	for (size_t i = 0; i < ROWS(children); i++) {
		assert_int_equal(read(children[i].in, ids[i], 32), 32);
		assert_int_equal(child_join(&children[i]), 0);
		assert_string_equal(ids[i], ids[0]);
	}
	open_state(&state);
	assert_string_equal(remembered_make_client_id(&state, &arena), ids[0]);
	state_close(&state);
	temp_remove(dir);
	open_state(&state); /* another installation has another one */
	assert_string_not_equal(remembered_make_client_id(&state, &arena), ids[0]);
	state_close(&state);
}

static void test_remembered(void **unused)
{
	static const struct remembered rows[] = {
		{.hook_queue_only = false},
		{.hook_queue_only = true},
		{.hide_paths = true},
		{.stash_lacking = 5},
		{.hook_queue_only = true, .hide_paths = true, .stash_lacking = 5},
	};
	struct remembered got = {.hook_queue_only = true, .hide_paths = true, .stash_lacking = 5};
	struct state state;
	struct txn txn;

	(void)unused;
	open_state(&state);
	store_begin(&txn, state.queue, TXN_WRITE);
	remembered_load(&txn, &got, &arena);
	assert_false(got.hook_queue_only); /* nothing yet */
	assert_false(got.hide_paths);
	for (size_t i = 0; i < ROWS(rows); i++) {
		remembered_save(&txn, &rows[i]);
		remembered_load(&txn, &got, &arena);
		assert_int_equal(got.hook_queue_only, rows[i].hook_queue_only);
		assert_int_equal(got.hide_paths, rows[i].hide_paths);
		assert_int_equal(got.stash_lacking, rows[i].stash_lacking);
	}
	store_put(&txn, QUEUE_META, text("settings"), text("x"));
	remembered_load(&txn, &got, &arena); /* one that cannot be read is none */
	assert_false(got.hook_queue_only);
	store_abort(&txn);
	state_close(&state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_files_and_modes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cannot_be_opened, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cache_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flush_beside_a_writer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dirty_from_another_boot, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_cache, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed_twice_is_no_damage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_failed_read_is_no_damage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_queue_is_set_aside, setup, teardown),
		cmocka_unit_test_setup_teardown(test_truncated_cache, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cache_of_another_version, setup, teardown),
		cmocka_unit_test_setup_teardown(test_queue_of_another_version, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_queue_of_another_version_with_other_databases, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cache_survives_a_failed_open, setup, teardown),
		cmocka_unit_test_setup_teardown(test_client_id, setup, teardown),
		cmocka_unit_test_setup_teardown(test_remembered, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
