/* drain_record.c - see drain_record.h. QUEUE_META "drain": version 2, state, since. */
#include "state/drain_record.h"

#include "base/clock.h"
#include "state/tables.h"
#include "store/entry.h"

#define VERSION 2

void drain_record_load(struct txn *txn, struct drain_record *record)
{
	int64_t stored[2];

	*record = (struct drain_record){DRAIN_IDLE, 0};
	if (entry_load_numbers(txn, QUEUE_META, "drain", VERSION, stored, 2) &&
		stored[0] >= DRAIN_IDLE && stored[0] <= DRAIN_RUNNING)
		*record = (struct drain_record){(enum drain_state)stored[0], stored[1]};
}

void drain_record_save(struct txn *txn, enum drain_state state, int64_t now_ms)
{
	const int64_t stored[] = {state, now_ms};

	entry_save_numbers(txn, QUEUE_META, "drain", VERSION, stored, 2);
}

void drain_record_replace(
	struct txn *txn, enum drain_state from, enum drain_state to, int64_t now_ms)
{
	struct drain_record record;

	drain_record_load(txn, &record);
	if (record.state == from)
		drain_record_save(txn, to, now_ms);
}

/* What the record alone says, for work that is due. */
static enum drain_need need_of(const struct drain_record *record, bool lock_held, int64_t now_ms)
{
	int64_t age = clock_age_ms(now_ms, record->since_ms);

	switch (record->state) {
	case DRAIN_RUNNING:
		return lock_held ? DRAIN_NO_NEED : DRAIN_ASK;
	case DRAIN_ASKED:
		return age >= 0 && age < LIMIT_ASKED_TRUST_MS ? DRAIN_NO_NEED : DRAIN_LOOK;
	case DRAIN_IDLE:
	default:
		return DRAIN_ASK;
	}
}

enum drain_need drain_record_decide(const struct drain_record *record, bool lock_held,
	bool stash_known, bool breaker_allows, bool trouble_blocks, bool work_due, int64_t now_ms)
{
	enum drain_need need = need_of(record, lock_held, now_ms);

	if (!work_due || need == DRAIN_NO_NEED)
		return DRAIN_NO_NEED;
	return stash_known && breaker_allows && !trouble_blocks ? need : DRAIN_NOT_NOW;
}
