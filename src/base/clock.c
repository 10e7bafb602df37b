/* clock.c - see clock.h. */
#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

static int64_t test_offset_ms(void)
{
#ifdef PLEXSYNC_TESTING
	const char *offset = getenv("PLEXSYNC_TEST_CLOCK");
	return offset ? strtoll(offset, NULL, 10) : 0;
#else
	return 0;
#endif
}

int64_t clock_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + test_offset_ms();
}

int64_t clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_age_ms(int64_t now_ms, int64_t then_ms)
{
	return then_ms < 0 || then_ms > now_ms ? -1 : now_ms - then_ms;
}

void clock_sleep_ms(int64_t ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&t, NULL);
}

int64_t clock_patience_ms(int64_t ms)
{
#ifdef PLEXSYNC_TESTING
	const char *hurry = getenv("PLEXSYNC_TEST_HURRY");
	if (hurry != NULL)
		return ms / strtoll(hurry, NULL, 10);
#endif
	return ms;
}
