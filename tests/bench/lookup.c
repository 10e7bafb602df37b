/*
 * lookup.c - how long the library index takes to answer.
 *
 *   lookup DIR ITEMS COUNT     looks COUNT random paths up in the state of DIR
 *
 * A look-up is what matching does for one file: by path, then by name. Half of
 * the paths exist. The numbers go to stdout, one "name value" a line, in ns.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "state/library_index.h"
#include "state/state.h"
#include "state/tables.h"

#define PARTS	   16
#define PATH_BYTES 128

struct lookups {
	struct txn txn;
	struct library_index index;
	struct arena arena;
	uint32_t items;
	uint64_t random;
	size_t found;
};

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "lookup: %s\n", what);
	exit(1);
}

/* As the bench's Python side names the files. */
static void name_path(char path[PATH_BYTES], uint32_t number)
{
	snprintf(path, PATH_BYTES, "/data/films/%07" PRIu32 "/harbour-lights-%07" PRIu32 ".mkv",
		number, number);
}

/* The same sequence in every run: differences are the machine's. */
static uint32_t draw(struct lookups *l)
{
	l->random = l->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(l->random >> 33) % l->items + 1;
}

static int compare(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return (a > b) - (a < b);
}

static void print(const char *name, int64_t *ns, size_t count)
{
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += ns[i];
	qsort(ns, count, sizeof(*ns), compare);
	printf("%s_mean %" PRId64 "\n%s_p99 %" PRId64 "\n%s_max %" PRId64 "\n", name,
		sum / (int64_t)count, name, ns[count * 99 / 100], name, ns[count - 1]);
}

static int64_t look_up(struct lookups *l, uint32_t number)
{
	struct index_part parts[PARTS];
	char path[PATH_BYTES];
	int64_t begun;
	size_t found;

	name_path(path, number);
	begun = now_ns();
	found = library_index_by_path(&l->txn, &l->index, path, parts, PARTS, &l->arena);
	found += library_index_by_name(&l->txn, &l->index, path, parts, PARTS, &l->arena);
	begun = now_ns() - begun;
	arena_clear(&l->arena);
	l->found += found > 0;
	return begun;
}

static void measure(struct lookups *l, size_t count)
{
	int64_t *there = calloc(count, sizeof(*there)), *missing = calloc(count, sizeof(*missing));

	if (there == NULL || missing == NULL)
		die("calloc");
	for (size_t i = 0; i < count; i++) {
		there[i] = look_up(l, draw(l));
		missing[i] = look_up(l, draw(l) + l->items);
	}
	if (l->found != count)
		die("what was found is not what is there");
	print("existing", there, count);
	print("missing", missing, count);
	free(there);
	free(missing);
}

int main(int argc, char **argv)
{
	struct lookups l = {.random = 1};
	struct arena arena;
	struct state state;
	struct err err;
	int64_t begun;
	size_t count;

	if (argc < 4)
		return 2;
	log_init(LOG_TERMINAL, LOG_WARNING);
	l.items = (uint32_t)strtoul(argv[2], NULL, 10);
	count = (size_t)strtoul(argv[3], NULL, 10);
	if (!state_open(&state, argv[1], &err) || state_cache(&state) == NULL)
		die("the state cannot be opened");
	arena_init(&arena);
	arena_init(&l.arena);
	begun = now_ns();
	store_begin(&l.txn, state_cache(&state), TXN_READ);
	library_index_load(&l.txn, &l.index, &arena);
	printf("load %" PRId64 "\n", now_ns() - begun);
	printf("rows %zu\n", library_index_rows(&l.txn));
	/* The first one of a process also maps the pages that it walks over. */
	printf("first %" PRId64 "\n", look_up(&l, draw(&l)));
	l.found = 0;
	measure(&l, count);
	store_abort(&l.txn);
	arena_clear(&arena);
	state_close(&state);
	return 0;
}
