/* failed.c - puts failed scenes into a state: failed DIR COUNT. Half of them are not certain of their item. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "state/queue.h"
#include "state/state.h"

static void add(struct txn *txn, int64_t scene, struct arena *a)
{
	struct event event = {.scene = scene};
	struct digest name = digest_text("film.mp4");
	struct job job;

	queue_add(txn, &event, clock_now_ms());
	if (queue_get(txn, scene, &job, a) != FOUND)
		return;
	job.title = arena_printf(a, "Film %lld", (long long)scene);
	job.path = arena_printf(a, "/data/films/%lld/film.mp4", (long long)scene);
	job.names = &name;
	job.name_count = scene % 2 == 0;
	queue_fail(txn, &job, "Plex answers 500 for this item");
}

int main(int argc, char **argv)
{
	struct state state;
	struct arena a;
	struct txn txn;
	struct err err;

	if (argc != 3 || !state_open(&state, argv[1], &err))
		return 1;
	arena_init(&a);
	store_begin(&txn, state.queue, TXN_WRITE);
	for (int64_t scene = 1; scene <= atoll(argv[2]); scene++)
		add(&txn, scene, &a);
	arena_clear(&a);
	if (!store_commit(&txn, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	state_close(&state);
	return 0;
}
