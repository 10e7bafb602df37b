/*
 * breaker.c - see breaker.h. QUEUE_META "breaker": version 2, failures, time: of the next
 * probe, or, without failures, of the end of the last trouble. Absent if there never was
 * any; one that cannot be read is closed.
 */
#include "state/breaker.h"

#include "base/clock.h"
#include "state/queue.h"
#include "state/tables.h"
#include "store/entry.h"

#define VERSION 2

void breaker_load(struct txn *txn, struct breaker *breaker)
{
	int64_t stored[2];

	entry_load_numbers(txn, QUEUE_META, "breaker", VERSION, stored, 2);
	*breaker = (struct breaker){.back_ms = stored[1]};
	if (stored[0] > 0)
		*breaker = (struct breaker){.open = true,
			.failures = stored[0] < UINT32_MAX ? (uint32_t)stored[0] : UINT32_MAX,
			.probe_ms = stored[1]};
}

void breaker_save(struct txn *txn, const struct breaker *breaker)
{
	const int64_t stored[] = {
		breaker->failures, breaker->open ? breaker->probe_ms : breaker->back_ms};

	if (breaker->open || breaker->back_ms != 0)
		entry_save_numbers(txn, QUEUE_META, "breaker", VERSION, stored, 2);
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
		.probe_ms = now_ms + wait};
}

struct breaker breaker_closed(const struct breaker *breaker, int64_t now_ms)
{
	struct breaker closed = {.back_ms = now_ms};

	return breaker->open ? closed : *breaker;
}

bool breaker_wants_care(const struct breaker *breaker, int64_t now_ms)
{
	int64_t age = clock_age_ms(now_ms, breaker->back_ms);

	return breaker->open || (age >= 0 && age < LIMIT_GENTLE_MS);
}
