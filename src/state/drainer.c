/*
 * drainer.c - see drainer.h. Record "drain" in QUEUE_META: version 1, state
 * u8, since u64.
 */
#include "state/drainer.h"

#include "base/clock.h"
#include "state/state.h"

#define VERSION 1

void drainer_load(struct txn *txn, struct drainer *drainer)
{
	struct record_reader in;
	struct bytes value;
	struct arena a;

	*drainer = (struct drainer){DRAINER_IDLE, 0};
	if (state_meta_get(txn, "drain", &value) != FOUND)
		return;
	arena_init(&a);
	record_open(&in, value, &a);
	if (record_u8(&in) == VERSION) {
		uint8_t state = record_u8(&in);
		int64_t since = (int64_t)record_u64(&in);
		/* One that cannot be read is idle: asking once too often is harmless. */
		if (record_ok(&in) && state <= DRAINER_RUNNING)
			*drainer = (struct drainer){(enum drainer_state)state, since};
	}
	arena_clear(&a);
}

void drainer_save(struct txn *txn, enum drainer_state state, int64_t now_ms)
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

enum drainer_need drainer_need(const struct drainer *drainer, struct locks *locks, int64_t now_ms)
{
	int64_t age = clock_age_ms(now_ms, drainer->since_ms);

	switch (drainer->state) {
	case DRAINER_RUNNING:
		/* Without its lock it was killed. */
		return lock_held(locks, LOCK_DRAIN) ? DRAINER_COMES : DRAINER_ASK;
	case DRAINER_ASKED:
		return age >= 0 && age < LIMIT_ASKED_TRUST_MS ? DRAINER_COMES : DRAINER_LOOK;
	case DRAINER_IDLE:
	default:
		return DRAINER_ASK;
	}
}
