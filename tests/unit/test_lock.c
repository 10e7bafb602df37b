/*
 * test_lock.c - record locks among processes: who gets one, who sees it held,
 * and that it dies with its holder.
 */
#include "helpers.h"

#include <errno.h>
#include <fcntl.h>

#include "base/lock.h"

static char dir[TEMP_BYTES], path[2 * TEMP_BYTES];

static int setup(void **state)
{
	(void)state;
	temp_make(dir);
	temp_path(path, dir, "locks");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_remove(dir);
	return 0;
}

struct holder {
	enum lock_name name;
	int64_t scene; /* 0: the named one */
};

/* Takes a lock, says so, and keeps it until it is told to go on. */
static int run_holder(struct child *parent, void *arg)
{
	const struct holder *holder = arg;
	struct locks locks;
	struct err err;
	enum lookup got;

	if (!lock_open(&locks, path, &err))
		return 10;
	got = holder->scene ? lock_try_scene(&locks, holder->scene)
			    : lock_try(&locks, holder->name);
	if (got != FOUND)
		return 11;
	child_tell(parent);
	if (!child_hear(parent))
		return 12;
	if (holder->scene)
		lock_release_scene(&locks, holder->scene);
	else
		lock_release(&locks, holder->name);
	child_tell(parent);
	child_hear(parent); /* holds the file open until the end */
	lock_close(&locks);
	return 0;
}

static void open_here(struct locks *locks)
{
	struct err err;

	assert_true(lock_open(locks, path, &err));
}

static void test_one_holder(void **state)
{
	struct holder holder = {.name = LOCK_DRAIN};
	struct child child = child_start(run_holder, &holder);
	struct locks locks;

	(void)state;
	open_here(&locks);
	assert_true(child_hear(&child));
	assert_int_equal(lock_try(&locks, LOCK_DRAIN), ABSENT);
	assert_true(lock_held(&locks, LOCK_DRAIN));
	assert_int_equal(lock_try(&locks, LOCK_INLINE), FOUND); /* its neighbour is free */
	assert_false(lock_held(&locks, LOCK_INDEX));
	child_tell(&child);
	assert_true(child_hear(&child));
	assert_false(lock_held(&locks, LOCK_DRAIN)); /* released, the process lives */
	assert_int_equal(lock_try(&locks, LOCK_DRAIN), FOUND);
	assert_int_equal(lock_try(&locks, LOCK_DRAIN), FOUND); /* ours is ours */
	assert_false(lock_held(&locks, LOCK_DRAIN));	       /* by another process: no */
	child_tell(&child);
	assert_int_equal(child_join(&child), 0);
	lock_close(&locks);
}

static void test_dies_with_its_holder(void **state)
{
	struct holder holder = {.name = LOCK_INDEX};
	struct child child = child_start(run_holder, &holder);
	struct locks locks;

	(void)state;
	open_here(&locks);
	assert_true(child_hear(&child));
	assert_int_equal(lock_try(&locks, LOCK_INDEX), ABSENT);
	child_kill(&child);
	assert_false(lock_held(&locks, LOCK_INDEX));
	assert_int_equal(lock_try(&locks, LOCK_INDEX), FOUND);
	lock_close(&locks);
}

static void test_scenes(void **state)
{
	struct holder holder = {.scene = 42};
	struct child child = child_start(run_holder, &holder);
	struct locks locks;

	(void)state;
	open_here(&locks);
	assert_true(child_hear(&child));
	assert_int_equal(lock_try_scene(&locks, 42), ABSENT);
	assert_int_equal(lock_try_scene(&locks, 41), FOUND);
	assert_int_equal(lock_try_scene(&locks, 43), FOUND);
	for (int name = LOCK_INLINE; name <= LOCK_CACHE; name++)
		assert_int_equal(lock_try(&locks, (enum lock_name)name), FOUND);
	child_kill(&child);
	assert_int_equal(lock_try_scene(&locks, 42), FOUND);
	lock_close(&locks);
}

/* Any id that a text can name, also the largest, has a lock of its own. */
static int run_scene_ids(struct child *parent, void *arg)
{
	static const int64_t ids[] = {1, 1024, (int64_t)1 << 32, ((int64_t)1 << 53) - 1,
		INT64_MAX - 2000, INT64_MAX - 1, INT64_MAX};
	struct locks locks;
	struct err err;

	(void)parent;
	(void)arg;
	if (!lock_open(&locks, path, &err))
		return 100;
	for (size_t i = 0; i < ROWS(ids); i++) {
		if (lock_try_scene(&locks, ids[i]) != FOUND)
			return 10 + (int)i;
		lock_release_scene(&locks, ids[i]);
	}
	return 0;
}

static void test_largest_scene_id(void **state)
{
	(void)state;
	assert_int_equal(child_run(run_scene_ids, NULL), 0);
}

static int run_waiter(struct child *parent, void *arg)
{
	struct locks locks;
	struct err err;

	(void)arg;
	if (!lock_open(&locks, path, &err))
		return 10;
	child_tell(parent);
	if (!lock_wait(&locks, LOCK_CACHE))
		return 11;
	child_tell(parent);
	return child_hear(parent) ? 0 : 12;
}

static bool nothing_to_hear(const struct child *child)
{
	bool nothing;
	char c;

	fcntl(child->in, F_SETFL, O_NONBLOCK);
	nothing = read(child->in, &c, 1) < 0 && errno == EAGAIN;
	fcntl(child->in, F_SETFL, 0);
	return nothing;
}

static void test_wait(void **state)
{
	struct child child;
	struct locks locks;

	(void)state;
	open_here(&locks);
	assert_true(lock_wait(&locks, LOCK_CACHE)); /* free: at once */
	child = child_start(run_waiter, NULL);
	assert_true(child_hear(&child));
	usleep(20000); /* a wait that does not wait would be over by now */
	assert_true(nothing_to_hear(&child));
	lock_release(&locks, LOCK_CACHE);
	assert_true(child_hear(&child));
	assert_int_equal(lock_try(&locks, LOCK_CACHE), ABSENT);
	child_tell(&child);
	assert_int_equal(child_join(&child), 0);
	lock_close(&locks);
}

static void test_not_open(void **state)
{
	struct locks locks = {.fd = -1};

	(void)state;
	assert_int_equal(lock_try(&locks, LOCK_DRAIN), FOUND);
	assert_int_equal(lock_try_scene(&locks, 7), FOUND);
	assert_true(lock_wait(&locks, LOCK_DRAIN));
	assert_false(lock_held(&locks, LOCK_DRAIN));
	lock_release(&locks, LOCK_DRAIN);
	lock_close(&locks);
	assert_int_equal(locks.fd, -1);
}

/* A lock that cannot be is neither ours nor another's. */
static void test_failed(void **state)
{
	struct locks locks;

	(void)state;
	open_here(&locks);
	lock_close(&locks);
	locks.fd = open(path, O_RDONLY); /* a write lock needs a file that is open for writing */
	assert_int_equal(lock_try(&locks, LOCK_DRAIN), FAILED);
	assert_int_equal(errno, EBADF);
	assert_int_equal(lock_try_scene(&locks, 7), FAILED);
	assert_false(lock_wait(&locks, LOCK_DRAIN));
	lock_close(&locks);
}

static void test_open(void **state)
{
	char missing[2 * TEMP_BYTES];
	struct locks locks;
	struct stat st;
	struct err err = {.kind = ERR_NONE};

	(void)state;
	open_here(&locks);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(fcntl(locks.fd, F_GETFD) & FD_CLOEXEC);
	lock_close(&locks);
	assert_int_equal(locks.fd, -1);
	assert_false(lock_open(&locks, temp_path(missing, dir, "missing/locks"), &err));
	assert_int_equal(err.kind, ERR_STORE);
	assert_int_equal(locks.fd, -1);
	assert_non_null(strstr(err.text, "missing/locks"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_holder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dies_with_its_holder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_scenes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_largest_scene_id, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wait, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_open, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_open, setup, teardown),
	};

	return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
