/* verify.c - see verify.h. */
#include "store/verify.h"

#include <errno.h>
#include <lmdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "store/sharing.h"

#define MOST_DATABASES 64
#define FREE_PAGES     0   /* LMDB's own table of them */
#define NAME_BYTES     512 /* longer than any key */

static void on_assert(MDB_env *env, const char *message)
{
	(void)env;
	(void)message;
	_exit(VERDICT_DAMAGED);
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

/* Every page holds its number: it must lie where that is, and must not be free. Where pages
 * are larger than the machine's own, nothing says where they begin. */
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
		_exit(VERDICT_UNKNOWN);
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

static enum verdict child(const char *dir)
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
		return VERDICT_DAMAGED;
	if (code != 0)
		return VERDICT_UNKNOWN;
	return is_whole(txn) ? VERDICT_WHOLE : VERDICT_DAMAGED;
}

enum verdict verify_environment(const char *dir)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit((int)child(dir));
	while (pid > 0 && waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return VERDICT_UNKNOWN;
	}
	if (pid < 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
		return VERDICT_UNKNOWN;
	if (WIFEXITED(status) &&
		(WEXITSTATUS(status) == VERDICT_WHOLE || WEXITSTATUS(status) == VERDICT_UNKNOWN))
		return (enum verdict)WEXITSTATUS(status);
	return VERDICT_DAMAGED;
}
