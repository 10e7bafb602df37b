/*
 * breaker.c - see breaker.h. Record "breaker" in QUEUE_META: version 1,
 * failures u32, time u64: of the next probe, or, without failures, of the end of
 * the last trouble; absent if there never was any.
 */
#include "state/breaker.h"

#include "base/clock.h"
#include "state/queue.h"
#include "state/state.h"

#define VERSION 1

void breaker_load(struct txn *txn, struct breaker *breaker)
{
	struct record_reader in;
	struct bytes value;
	struct arena a;

	*breaker = (struct breaker){0};
	if (state_meta_get(txn, "breaker", &value) != FOUND)
		return;
	arena_init(&a);
	record_open(&in, value, &a);
	if (record_u8(&in) == VERSION) {
		uint32_t failures = record_u32(&in);
		int64_t time = (int64_t)record_u64(&in);
		if (record_ok(&in) && failures > 0)
			*breaker = (struct breaker){
				.open = true, .failures = failures, .probe_ms = time};
		else if (record_ok(&in))
			breaker->back_ms = time;
	}
	arena_clear(&a);
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

static void save(struct txn *txn, uint32_t failures, int64_t time_ms)
{
	struct arena a;
	struct str out;

	arena_init(&a);
	str_init(&out, &a);
	record_put_u8(&out, VERSION);
	record_put_u32(&out, failures);
	record_put_u64(&out, (uint64_t)time_ms);
	state_meta_put(txn, "breaker", &out);
	arena_clear(&a);
}

void breaker_trip(struct txn *txn, int64_t now_ms, int64_t retry_after_ms)
{
	struct breaker breaker;
	int64_t wait = retry_after_ms;

	breaker_load(txn, &breaker);
	if (wait > LIMIT_RETRY_AFTER_MS)
		wait = LIMIT_RETRY_AFTER_MS;
	if (wait <= 0)
		wait = queue_backoff_ms(breaker.failures, 0);
	save(txn, breaker.failures < UINT32_MAX ? breaker.failures + 1 : UINT32_MAX, now_ms + wait);
}

void breaker_close(struct txn *txn, int64_t now_ms)
{
	struct breaker breaker;

	breaker_load(txn, &breaker);
	if (breaker.open)
		save(txn, 0, now_ms);
}

bool breaker_wants_care(const struct breaker *breaker, int64_t now_ms)
{
	int64_t age = clock_age_ms(now_ms, breaker->back_ms);

	return breaker->open || (age >= 0 && age < LIMIT_GENTLE_MS);
}
