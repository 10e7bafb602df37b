/*
 * commit.c - one durable commit, with nothing around it: opens an environment
 * whose files exist, puts one small record, commits, closes.
 *
 *   commit DIR        prints how long begin, put and commit took, in ns
 *   commit DIR make   makes the files
 *   commit version    prints which LMDB this is
 */
#include <lmdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void check(int code)
{
	if (code == 0)
		return;
	fprintf(stderr, "commit: %s\n", mdb_strerror(code));
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int main(int argc, char **argv)
{
	unsigned number = (unsigned)getpid() % 100;
	MDB_val key = {sizeof(number), &number}, value = {sizeof(number), &number};
	unsigned create = argc > 2 ? MDB_CREATE : 0;
	int64_t begun;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi db;

	if (argc < 2)
		return 2;
	if (strcmp(argv[1], "version") == 0) {
		puts(mdb_version(NULL, NULL, NULL));
		return 0;
	}
	check(mdb_env_create(&env));
	check(mdb_env_set_mapsize(env, (size_t)1 << 30));
	check(mdb_env_set_maxdbs(env, 8));
	check(mdb_env_open(env, argv[1], MDB_NOTLS, 0600));
	begun = now_ns();
	check(mdb_txn_begin(env, NULL, 0, &txn));
	check(mdb_dbi_open(txn, "jobs", create, &db));
	check(mdb_put(txn, db, &key, &value, 0));
	check(mdb_txn_commit(txn));
	printf("%lld\n", (long long)(now_ns() - begun));
	mdb_env_close(env);
	return 0;
}
