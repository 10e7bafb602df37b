/*
 * test_timer.c - the two clocks, and the timing line that is part of the
 * public interface.
 */
#include "helpers.h"

#include <fcntl.h>
#include <regex.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/timer.h"

static char dir[TEMP_BYTES], line[1000];

static int setup(void **state)
{
	(void)state;
	temp_make(dir);
	log_init(LOG_STASH, LOG_TRACE);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_remove(dir);
	return 0;
}

/* What timer_log writes to stderr is then in 'line'. */
static int64_t logged(const struct timer *timer, const char *what)
{
	char path[2 * TEMP_BYTES];
	int fd = open(temp_path(path, dir, "stderr"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	int saved = dup(STDERR_FILENO);
	int64_t us;
	ssize_t n;

	dup2(fd, STDERR_FILENO);
	us = timer_log(timer, what);
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = pread(fd, line, sizeof(line) - 1, 0);
	line[n > 0 ? n : 0] = '\0';
	close(fd);
	return us;
}

static bool matches(const char *pattern)
{
	regex_t regex;
	bool match;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		abort();
	match = regexec(&regex, line, 0, NULL, 0) == 0;
	regfree(&regex);
	return row_true(line, match);
}

static void test_line(void **state)
{
	struct timer timer;

	(void)state;
	timer_start(&timer);
	timer_add(&timer, "stash", clock_us() - 6000);
	timer_add(&timer, "match", clock_us() - 1000);
	timer_add(&timer, "stash", clock_us() - 2000);
	timer.start_us = clock_us() - 84000;
	logged(&timer, "sync_scene");
	assert_true(matches("^\x01"
			    "d\x02sync_scene took 0\\.[0-9]{3}s \\[stash 0\\.[0-9]{3} match "
			    "0\\.[0-9]{3}\\]\n$"));
	assert_true(timer.steps[0].us >= 8000);
	assert_true(timer.steps[1].us >= 1000);
	assert_int_equal(timer.count, 2);
}

static void test_no_steps(void **state)
{
	struct timer timer;

	(void)state;
	timer_start(&timer);
	logged(&timer, "hook");
	assert_true(matches("^\x01"
			    "d\x02hook took 0\\.[0-9]{3}s\n$"));
}

static void test_level(void **state)
{
	struct timer timer;
	int64_t us;

	(void)state;
	timer_start(&timer);
	timer.start_us = clock_us() - 1000000;
	us = logged(&timer, "drain");
	assert_true(us >= 1000000);
	assert_true(matches("^\x01i\x02"
			    "drain took [1-9][0-9]*\\.[0-9]{3}s\n$"));
	timer.start_us = clock_us() - 500000;
	us = logged(&timer, "drain");
	assert_true(us >= 1000000 || line[1] == 'd');
}

static void test_every_step_fits(void **state)
{
	static const char *const names[TIMER_STEPS] = {
		"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
	struct timer timer;

	(void)state;
	timer_start(&timer);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < TIMER_STEPS; i++)
			timer_add(&timer, names[i], clock_us());
	}
	assert_int_equal(timer.count, TIMER_STEPS);
	logged(&timer, "x");
	for (size_t i = 0; i < TIMER_STEPS; i++)
		assert_string_equal(timer.steps[i].name, names[i]);
}

static void test_clocks(void **state)
{
	int64_t before = clock_us(), now = clock_now_ms();

	(void)state;
	assert_true(llabs(now - (int64_t)time(NULL) * 1000) < 5000);
	clock_sleep_ms(3);
	assert_true(clock_us() - before >= 3000);
	setenv("PLEXSYNC_TEST_CLOCK", "31536000000", 1);
	assert_true(clock_now_ms() - now >= 31536000000);
	setenv("PLEXSYNC_TEST_CLOCK", "-31536000000", 1);
	assert_true(clock_now_ms() < now);
	assert_true(clock_us() >= before); /* not this one */
	unsetenv("PLEXSYNC_TEST_CLOCK");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_steps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_level, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_step_fits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clocks, setup, teardown),
	};

	return cmocka_run_group_tests_name("timer", tests, NULL, NULL);
}
