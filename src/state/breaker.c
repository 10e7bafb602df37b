/*
 * breaker.c - see breaker.h. QUEUE_META "breaker": version 3, failures, time: of the next
 * probe, or, without failures, of the end of the last trouble; since when; whether Plex
 * asked for that time. Absent if there never was any; one that cannot be read is closed.
 */
#include "state/breaker.h"

#include "base/clock.h"
#include "state/queue.h"
#include "state/tables.h"
#include "store/entry.h"

#define VERSION 3
#define NUMBERS 4

void breaker_load(struct txn *txn, struct breaker *breaker)
{
	int64_t stored[NUMBERS];

	entry_load_numbers(txn, QUEUE_META, "breaker", VERSION, stored, NUMBERS);
	*breaker = (struct breaker){.back_ms = stored[1]};
	if (stored[0] > 0)
		*breaker = (struct breaker){.open = true,
			.failures = stored[0] < UINT32_MAX ? (uint32_t)stored[0] : UINT32_MAX,
			.probe_ms = stored[1],
			.since_ms = stored[2],
			.asked = stored[3] != 0};
}

void breaker_save(struct txn *txn, const struct breaker *breaker)
{
	const int64_t stored[NUMBERS] = {breaker->failures,
		breaker->open ? breaker->probe_ms : breaker->back_ms, breaker->since_ms,
		breaker->asked};

	if (breaker->open || breaker->back_ms != 0)
		entry_save_numbers(txn, QUEUE_META, "breaker", VERSION, stored, NUMBERS);
}

bool breaker_allows(const struct breaker *breaker, int64_t now_ms)
{
	return !breaker->open || breaker->probe_ms <= now_ms ||
	       breaker->probe_ms - now_ms > LIMIT_RETRY_AFTER_MS;
}

const char *breaker_word(const struct breaker *breaker, int64_t now_ms)
{
	if (!breaker->open)
		return "closed";
	return breaker_allows(breaker, now_ms) ? "half_open" : "open";
}

struct breaker breaker_tripped(
	const struct breaker *breaker, int64_t now_ms, int64_t retry_after_ms)
{
	uint32_t failures = breaker->failures;
	int64_t wait = retry_after_ms;

	if (wait > LIMIT_RETRY_AFTER_MS)
		wait = LIMIT_RETRY_AFTER_MS;
	if (wait <= 0)
		wait = queue_backoff_ms(failures, 0);
	return (struct breaker){.open = true,
		.failures = failures < UINT32_MAX ? failures + 1 : UINT32_MAX,
		.probe_ms = now_ms + wait,
		.since_ms = breaker->open ? breaker->since_ms : now_ms,
		.asked = retry_after_ms > 0};
}

struct breaker breaker_closed(const struct breaker *breaker, int64_t now_ms)
{
	struct breaker closed = {.back_ms = now_ms};

	return breaker->open ? closed : *breaker;
}

bool breaker_is_fresh(const struct breaker *breaker, int64_t now_ms)
{
	int64_t age = clock_age_ms(now_ms, breaker->since_ms);

	return breaker->open && breaker->failures == 1 && age >= 0 && age < LIMIT_OUTAGE_MS &&
	       breaker_next_look_ms(breaker, age) >= 0;
}

int64_t breaker_next_look_ms(const struct breaker *breaker, int64_t elapsed_ms)
{
	int64_t at = LIMIT_OUTAGE_FIRST_MS;

	if (breaker->asked && elapsed_ms < breaker->probe_ms - breaker->since_ms - 1)
		elapsed_ms = breaker->probe_ms - breaker->since_ms - 1;
	while (at <= elapsed_ms && at < LIMIT_OUTAGE_MS)
		at += at < LIMIT_OUTAGE_STEP_MS / 2 ? at : LIMIT_OUTAGE_STEP_MS;
	return at < LIMIT_OUTAGE_MS ? at : -1;
}

bool breaker_wants_care(const struct breaker *breaker, int64_t now_ms)
{
	int64_t age = clock_age_ms(now_ms, breaker->back_ms);

	return breaker->open || (age >= 0 && age < LIMIT_GENTLE_MS);
}
