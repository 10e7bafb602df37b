/* health.c - see health.h. */
#include "store/health.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "store/sharing.h"

#define RUNS_IN_A_ROW  2
#define MOST_DATABASES 64
#define FREE_PAGES     0   /* LMDB's own table of them */
#define NAME_BYTES     512 /* longer than any key */

static const char *sign(char path[LIMIT_PATH_BYTES], const char *dir, const char *name)
{
	snprintf(path, LIMIT_PATH_BYTES, "%s/%s", dir, name);
	return path;
}

/* -1 if there is none, also where the disk is full or read-only: it keeps no signs. */
static int open_sign(const char *dir, const char *name, int flags)
{
	char path[LIMIT_PATH_BYTES];

	return open(sign(path, dir, name), flags | O_CLOEXEC, 0600);
}

static unsigned char read_count(int fd)
{
	unsigned char count;

	return pread(fd, &count, 1, 0) == 1 ? count : 0;
}

static void write_count(int fd, unsigned char count)
{
	ssize_t ignored = pwrite(fd, &count, 1, 0);

	(void)ignored;
}

static void close_sign(int fd)
{
	if (fd >= 0)
		close(fd);
}

bool health_is_doubtful(const char *dir, bool alone)
{
	char path[LIMIT_PATH_BYTES];
	bool doubtful;
	int fd;

	if (access(sign(path, dir, "damaged"), F_OK) == 0)
		return true;
	fd = alone ? open_sign(dir, "opened", O_RDONLY) : -1;
	doubtful = fd >= 0 && read_count(fd) >= RUNS_IN_A_ROW;
	close_sign(fd);
	return doubtful;
}

void health_opened(const char *dir)
{
	int fd = open_sign(dir, "opened", O_RDWR | O_CREAT);
	unsigned char count = fd >= 0 ? read_count(fd) : 0;

	if (fd >= 0 && count < RUNS_IN_A_ROW)
		write_count(fd, count + 1);
	close_sign(fd);
}

void health_closed(const char *dir)
{
	int fd = open_sign(dir, "opened", O_WRONLY);

	if (fd >= 0)
		write_count(fd, 0);
	close_sign(fd);
}

void health_mark(const char *dir)
{
	close_sign(open_sign(dir, "damaged", O_WRONLY | O_CREAT));
}

void health_clear(const char *dir)
{
	char path[LIMIT_PATH_BYTES];

	health_closed(dir);
	unlink(sign(path, dir, "damaged"));
}

/* --- reading everything, in a child ------------------------------------------ */

static void on_assert(MDB_env *env, const char *message)
{
	(void)env;
	(void)message;
	_exit(HEALTH_DAMAGED);
}

/* Also the pages of a long value. */
static void touch(const MDB_val *value)
{
	const volatile unsigned char *bytes = value->mv_data;

	for (size_t i = 0; i < value->mv_size; i++)
		(void)bytes[i];
}

struct reading {
	MDB_txn *txn;
	size_t page_size, pages;
	unsigned char *free; /* by number of the page: it holds nothing */
	uintptr_t page_0;    /* where it must be, according to the pages so far; 0: none yet */
};

/* Every page holds its number: it must lie where that is, and must not be free. Where pages are larger than the
 * machine's own, nothing says where they begin. */
static bool is_in_place(struct reading *reading, const MDB_val *key)
{
	uintptr_t at = (uintptr_t)key->mv_data % reading->page_size, page_0;
	const unsigned char *page = (const unsigned char *)key->mv_data - at;
	size_t number;

	if (reading->page_size > (size_t)sysconf(_SC_PAGESIZE))
		return true;
	memcpy(&number, page, sizeof(number));
	page_0 = (uintptr_t)page - number * reading->page_size;
	if (reading->page_0 == 0)
		reading->page_0 = page_0;
	return number < reading->pages && !reading->free[number] && page_0 == reading->page_0;
}

/* An entry of the list of free pages: how many, and their numbers. One that is listed twice
 * would be used twice. */
static bool note_free(struct reading *reading, const MDB_val *value)
{
	const unsigned char *numbers = value->mv_data;
	size_t count, number;

	memcpy(&count, numbers, sizeof(count));
	if (count >= value->mv_size / sizeof(count))
		return false;
	for (size_t i = 1; i <= count; i++) {
		memcpy(&number, numbers + i * sizeof(number), sizeof(number));
		if (number >= reading->pages || reading->free[number])
			return false;
		reading->free[number] = true;
	}
	return true;
}

/* Pages that changed places are whole in themselves: so the order and the number of the
 * keys count. */
static bool walk(struct reading *reading, MDB_dbi db)
{
	MDB_val key, value, last = {0};
	MDB_cursor *cursor;
	size_t count = 0;
	MDB_stat stat;
	int code;

	if (mdb_stat(reading->txn, db, &stat) != 0 ||
		mdb_cursor_open(reading->txn, db, &cursor) != 0)
		return false;
	while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
		if (!is_in_place(reading, &key) ||
			(db == FREE_PAGES && !note_free(reading, &value)) ||
			(count++ > 0 && mdb_cmp(reading->txn, db, &last, &key) >= 0))
			return false;
		touch(&value);
		last = key;
	}
	return code == MDB_NOTFOUND && count == stat.ms_entries;
}

static bool walk_all(struct reading *reading)
{
	MDB_cursor *cursor;
	MDB_val key, value;
	MDB_dbi all;

	if (!walk(reading, FREE_PAGES) || mdb_dbi_open(reading->txn, NULL, 0, &all) != 0 ||
		!walk(reading, all) || mdb_cursor_open(reading->txn, all, &cursor) != 0)
		return false;
	while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
		char name[NAME_BYTES];
		MDB_dbi db;
		snprintf(name, sizeof(name), "%.*s", (int)key.mv_size, (const char *)key.mv_data);
		if (mdb_dbi_open(reading->txn, name, 0, &db) != 0 || !walk(reading, db))
			return false;
	}
	return true;
}

static bool is_whole(MDB_txn *txn)
{
	struct reading reading = {.txn = txn};
	MDB_envinfo info;
	MDB_stat stat;
	bool whole;

	mdb_env_info(mdb_txn_env(txn), &info);
	mdb_stat(txn, FREE_PAGES, &stat);
	reading.page_size = stat.ms_psize;
	reading.pages = info.me_last_pgno + 1;
	reading.free = calloc(reading.pages, 1);
	if (reading.free == NULL)
		_exit(HEALTH_UNKNOWN);
	whole = walk_all(&reading);
	free(reading.free);
	return whole;
}

static int open_to_read(const char *dir, unsigned flags, MDB_txn **txn)
{
	MDB_env *env;
	int code = mdb_env_create(&env);

	if (code != 0)
		return code;
	mdb_env_set_assert(env, on_assert);
	mdb_env_set_mapsize(env, 1); /* no larger than the file: address space may be scarce */
	mdb_env_set_maxreaders(env, LIMIT_READERS);
	mdb_env_set_maxdbs(env, MOST_DATABASES);
	code = mdb_env_open(env, dir, MDB_RDONLY | MDB_NOTLS | flags, 0600);
	if (code == 0)
		code = mdb_txn_begin(env, NULL, MDB_RDONLY, txn);
	if (code != 0)
		mdb_env_close(env);
	return code;
}

static enum health child(const char *dir)
{
	static const int signals[] = {SIGBUS, SIGSEGV, SIGABRT, SIGFPE, SIGILL};
	MDB_txn *txn;
	int code;

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		signal(signals[i], SIG_DFL);
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	code = open_to_read(dir, sharing_here() == SHARING_ALONE ? MDB_NOLOCK : 0, &txn);
	if (code == MDB_INVALID) /* is it the lock file? */
		code = open_to_read(dir, MDB_NOLOCK, &txn);
	if (code == MDB_INVALID || code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND)
		return HEALTH_DAMAGED;
	if (code != 0)
		return HEALTH_UNKNOWN;
	return is_whole(txn) ? HEALTH_WHOLE : HEALTH_DAMAGED;
}

enum health health_verify(const char *dir)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit((int)child(dir));
	while (pid > 0 && waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return HEALTH_UNKNOWN;
	}
	if (pid < 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
		return HEALTH_UNKNOWN;
	if (WIFEXITED(status) &&
		(WEXITSTATUS(status) == HEALTH_WHOLE || WEXITSTATUS(status) == HEALTH_UNKNOWN))
		return (enum health)WEXITSTATUS(status);
	return HEALTH_DAMAGED;
}
