/*
 * helpers.h - what several unit tests need: rows with a name, a folder that
 * goes away, and other processes.
 *
 * A table reports every row that is wrong, not just the first one: a row
 * function prints and answers false, and the test asserts the sum.
 */
#ifndef PLEXSYNC_TESTS_UNIT_HELPERS_H
#define PLEXSYNC_TESTS_UNIT_HELPERS_H

#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define TEMP_BYTES  512

static inline bool row_true(const char *row, bool ok)
{
	if (!ok)
		print_error("row \"%s\" is wrong\n", row);
	return ok;
}

static inline bool row_int(const char *row, int64_t got, int64_t want)
{
	if (got != want)
		print_error("row \"%s\": got %lld, expected %lld\n", row, (long long)got,
			(long long)want);
	return got == want;
}

static inline bool row_text(const char *row, const char *got, const char *want)
{
	bool same = got == NULL || want == NULL ? got == want : strcmp(got, want) == 0;

	if (!same)
		print_error("row \"%s\": got \"%s\", expected \"%s\"\n", row, got ? got : "(null)",
			want ? want : "(null)");
	return same;
}

/* A new folder below $TMPDIR or /tmp. */
static inline void temp_make(char path[TEMP_BYTES])
{
	const char *base = getenv("TMPDIR");

	snprintf(path, TEMP_BYTES, "%s/plexsync-unit-XXXXXX", base && *base ? base : "/tmp");
	if (mkdtemp(path) == NULL)
		abort();
}

static inline int temp_remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void temp_remove(const char *path)
{
	nftw(path, temp_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* DIR/NAME, in storage of the caller. */
static inline const char *temp_path(char path[2 * TEMP_BYTES], const char *dir, const char *name)
{
	snprintf(path, 2 * TEMP_BYTES, "%s/%s", dir, name);
	return path;
}

/* Another process. Both sides tell the other one when they got somewhere. */
struct child {
	pid_t pid;
	int in, out;
};

static inline void child_tell(const struct child *child)
{
	if (write(child->out, "!", 1) != 1)
		abort();
}

/* False if the other side is gone. */
static inline bool child_hear(const struct child *child)
{
	char c;

	return read(child->in, &c, 1) == 1;
}

/* A crash of the child is its end, not a failed test that goes on in it. */
static inline void child_default_signals(void)
{
	static const int signals[] = {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGSYS, SIGABRT};

	for (size_t i = 0; i < ROWS(signals); i++)
		signal(signals[i], SIG_DFL);
}

static inline struct child child_start(int (*run)(struct child *, void *), void *arg)
{
	struct child parent, child;
	int down[2], up[2];

	if (pipe(down) != 0 || pipe(up) != 0)
		abort();
	fflush(NULL);
	child = (struct child){.in = down[0], .out = up[1]};
	parent = (struct child){.in = up[0], .out = down[1], .pid = fork()};
	if (parent.pid < 0)
		abort();
	if (parent.pid == 0) {
		close(down[1]);
		close(up[0]);
		child_default_signals();
		_exit(run(&child, arg));
	}
	close(down[0]);
	close(up[1]);
	return parent;
}

/* The exit status of a child, or 1000 and the signal that ended it. */
static inline int child_join(const struct child *child)
{
	int status = 0;

	waitpid(child->pid, &status, 0);
	close(child->in);
	close(child->out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static inline void child_kill(const struct child *child)
{
	kill(child->pid, SIGKILL);
	child_join(child);
}

static inline int child_run(int (*run)(struct child *, void *), void *arg)
{
	struct child child = child_start(run, arg);

	return child_join(&child);
}

#endif
