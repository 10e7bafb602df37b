/*
 * sweeps.c - see sweeps.h.
 *
 * QUEUE_ENTITIES  noun (u8) id (u64) → event (u64), which counts the edits of it
 * QUEUE_META      "sweep-all" → version 1, due u64 (ms)
 *                 "sweep"     → version 1, kind u64, after u64, begun u64
 */
#include "state/owed.h"

#include <string.h>

#include "base/clock.h"
#include "state/state.h"

#define VERSION 1

static struct bytes entity_key(unsigned char key[9], uint8_t noun, int64_t id)
{
	key[0] = noun;
	record_key(key + 1, id);
	return (struct bytes){key, 9};
}

void owed_add(struct txn *txn, uint8_t noun, int64_t id)
{
	unsigned char key[9], event[8];
	struct bytes value;
	int64_t n = 0;

	if (store_get(txn, QUEUE_ENTITIES, entity_key(key, noun, id), &value) == FOUND &&
		value.len == sizeof(event))
		n = record_key_number(value.data, 0);
	store_put(txn, QUEUE_ENTITIES, entity_key(key, noun, id), record_key(event, n + 1));
}

enum lookup owed_next(struct txn *txn, struct owed_entity *entity)
{
	unsigned char key[9];
	struct bytes k = {"", 0}, v;

	while (store_seek(txn, QUEUE_ENTITIES, k, k.len > 0, &k, &v) == FOUND) {
		if (k.len == sizeof(key) && v.len == 8) {
			memcpy(key, k.data, sizeof(key));
			*entity = (struct owed_entity){.noun = key[0],
				.id = record_key_number(key, 1),
				.event = (uint64_t)record_key_number(v.data, 0)};
			return FOUND;
		}
	}
	return txn->failed ? FAILED : ABSENT;
}

void owed_done(struct txn *txn, const struct owed_entity *entity)
{
	unsigned char key[9];
	struct bytes value;

	if (store_get(txn, QUEUE_ENTITIES, entity_key(key, entity->noun, entity->id), &value) ==
			FOUND &&
		(value.len != 8 || (uint64_t)record_key_number(value.data, 0) == entity->event))
		store_del(txn, QUEUE_ENTITIES, entity_key(key, entity->noun, entity->id));
}

/* 0: never set. */
static int64_t all_due_ms(struct txn *txn)
{
	struct record_reader in;
	struct bytes value;
	struct arena a;
	int64_t due_ms = 0;

	if (state_meta_get(txn, "sweep-all", &value) != FOUND)
		return 0;
	arena_init(&a);
	record_open(&in, value, &a);
	if (record_u8(&in) == VERSION)
		due_ms = (int64_t)record_u64(&in);
	due_ms = record_ok(&in) ? due_ms : 0;
	arena_clear(&a);
	return due_ms;
}

static void put_all_due(struct txn *txn, int64_t due_ms)
{
	struct arena a;
	struct str out;

	arena_init(&a);
	str_init(&out, &a);
	record_put_u8(&out, VERSION);
	record_put_u64(&out, (uint64_t)due_ms);
	state_meta_put(txn, "sweep-all", &out);
	arena_clear(&a);
}

bool owed_all_due(struct txn *txn, int64_t now_ms)
{
	int64_t due_ms = all_due_ms(txn);

	if (due_ms == 0) {
		if (txn->writes)
			put_all_due(txn, now_ms + LIMIT_SWEEP_MS);
		return false;
	}
	/* Further away than it ever is set: the clock was set back. */
	return due_ms <= now_ms || due_ms - now_ms > LIMIT_SWEEP_MS;
}

bool owed_any(struct txn *txn, int64_t now_ms)
{
	struct owed_entity entity;

	return owed_next(txn, &entity) == FOUND || owed_all_due(txn, now_ms);
}

void owed_add_all(struct txn *txn)
{
	put_all_due(txn, 1);
}

void owed_all_begin(struct txn *txn, int64_t now_ms)
{
	put_all_due(txn, now_ms + LIMIT_SWEEP_AGAIN_MS);
}

void owed_all_done(struct txn *txn, int64_t now_ms)
{
	/* Unless one of its events came meanwhile. */
	if (all_due_ms(txn) != 1)
		put_all_due(txn, now_ms + LIMIT_SWEEP_MS);
}

enum lookup owed_position(
	struct txn *txn, uint64_t kind, int64_t now_ms, struct owed_position *position)
{
	struct record_reader in;
	struct bytes value;
	struct arena a;
	enum lookup found = state_meta_get(txn, "sweep", &value);
	int64_t age;
	bool ok;

	if (found != FOUND)
		return found;
	arena_init(&a);
	record_open(&in, value, &a);
	ok = record_u8(&in) == VERSION;
	position->kind = record_u64(&in);
	position->after = (int64_t)record_u64(&in);
	position->begun_ms = (int64_t)record_u64(&in);
	age = clock_age_ms(now_ms, position->begun_ms);
	ok = ok && record_ok(&in) && position->kind == kind && position->after > 0 && age >= 0 &&
	     age < LIMIT_SWEEP_RESUME_MS;
	arena_clear(&a);
	return ok ? FOUND : ABSENT;
}

void owed_save_position(struct txn *txn, const struct owed_position *position)
{
	struct arena a;
	struct str out;

	arena_init(&a);
	str_init(&out, &a);
	record_put_u8(&out, VERSION);
	record_put_u64(&out, position->kind);
	record_put_u64(&out, (uint64_t)position->after);
	record_put_u64(&out, (uint64_t)position->begun_ms);
	state_meta_put(txn, "sweep", &out);
	arena_clear(&a);
}
