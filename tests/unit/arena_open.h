/*
 * arena_open.h - the setup of tests that need memory, and nothing else.
 */
#ifndef PLEXSYNC_TESTS_UNIT_ARENA_OPEN_H
#define PLEXSYNC_TESTS_UNIT_ARENA_OPEN_H

#include "helpers.h"

#include "base/arena.h"

static struct arena arena;

static int setup(void **unused)
{
	(void)unused;
	arena_init(&arena);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	arena_clear(&arena);
	return 0;
}

#endif
