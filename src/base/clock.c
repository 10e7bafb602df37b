#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fault.h"

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

int64_t clock_day(int64_t ms)
{
	return ms / (24 * 3600 * 1000);
}

/* "Z", or "+01:00": what the text's time is ahead of UTC. */
static bool parse_zone(const char *text, int64_t *seconds)
{
	struct tm t = {0};
	const char *end;

	*seconds = 0;
	if (strcmp(text, "Z") == 0)
		return true;
	if (strlen(text) != 6 || (*text != '+' && *text != '-'))
		return false;
	end = strptime(text + 1, "%H:%M", &t);
	*seconds = (int64_t)(*text == '-' ? -60 : 60) * (t.tm_hour * 60 + t.tm_min);
	return end != NULL && *end == '\0';
}

bool clock_parse(const char *text, int64_t *ms)
{
	struct tm t = {0};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &t);
	int64_t ahead;

	if (rest != NULL && *rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (rest == NULL || !parse_zone(rest, &ahead))
		return false;
	*ms = ((int64_t)timegm(&t) - ahead) * 1000;
	return true;
}

void clock_sleep_ms(int64_t ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	FAULT_CLOSED();
	nanosleep(&t, NULL);
}

static int64_t hurried(int64_t ms, const char *divisor)
{
#ifdef PLEXSYNC_TESTING
	const char *hurry = getenv(divisor);
	if (hurry != NULL)
		return ms / strtoll(hurry, NULL, 10);
#endif
	(void)divisor;
	return ms;
}

int64_t clock_patience_ms(int64_t ms)
{
	return hurried(ms, "PLEXSYNC_TEST_HURRY");
}

int64_t clock_outage_ms(int64_t ms)
{
	return hurried(ms, "PLEXSYNC_TEST_OUTAGE");
}
