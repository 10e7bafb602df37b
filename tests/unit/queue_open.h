/*
 * queue_open.h - the setup of tests that need a state, and a transaction on its queue.
 */
#ifndef PLEXSYNC_TESTS_UNIT_QUEUE_OPEN_H
#define PLEXSYNC_TESTS_UNIT_QUEUE_OPEN_H

#include "helpers.h"

#include "state/state.h"

static char dir[TEMP_BYTES];
static struct state state;
static struct arena arena;
static struct txn txn;

static int setup(void **unused)
{
	struct err err;

	(void)unused;
	temp_make(dir);
	arena_init(&arena);
	if (!state_open(&state, dir, &err))
		return -1;
	store_begin(&txn, state.queue, TXN_WRITE);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	store_abort(&txn);
	state_close(&state);
	arena_clear(&arena);
	temp_remove(dir);
	return 0;
}

#endif
