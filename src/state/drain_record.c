/*
 * drain_record.c - see drain_record.h. Record "drain" in QUEUE_META: version 1, state
 * u8, since u64.
 */
#include "state/drain_record.h"

#include "base/clock.h"
#include "state/state.h"

#define VERSION 1

void drain_record_load(struct txn *txn, struct drain_record *record)
{
	struct record_reader in;
	struct bytes value;
	struct arena a;

	*record = (struct drain_record){DRAIN_IDLE, 0};
	if (state_meta_get(txn, "drain", &value) != FOUND)
		return;
	arena_init(&a);
	record_open(&in, value, &a);
	if (record_u8(&in) == VERSION) {
		uint8_t state = record_u8(&in);
		int64_t since = (int64_t)record_u64(&in);
		/* One that cannot be read is idle: asking once too often is harmless. */
		if (record_ok(&in) && state <= DRAIN_RUNNING)
			*record = (struct drain_record){(enum drain_state)state, since};
	}
	arena_clear(&a);
}

void drain_record_save(struct txn *txn, enum drain_state state, int64_t now_ms)
{
	struct arena a;
	struct str out;

	arena_init(&a);
	str_init(&out, &a);
	record_put_u8(&out, VERSION);
	record_put_u8(&out, (uint8_t)state);
	record_put_u64(&out, (uint64_t)now_ms);
	state_meta_put(txn, "drain", &out);
	arena_clear(&a);
}

enum drain_need drain_record_need(
	const struct drain_record *record, struct locks *locks, int64_t now_ms)
{
	int64_t age = clock_age_ms(now_ms, record->since_ms);

	switch (record->state) {
	case DRAIN_RUNNING:
		/* Without its lock it was killed. */
		return lock_held(locks, LOCK_DRAIN) ? DRAIN_COMES : DRAIN_ASK;
	case DRAIN_ASKED:
		return age >= 0 && age < LIMIT_ASKED_TRUST_MS ? DRAIN_COMES : DRAIN_LOOK;
	case DRAIN_IDLE:
	default:
		return DRAIN_ASK;
	}
}
