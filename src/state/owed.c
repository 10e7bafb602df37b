/*
 * owed.c - see owed.h.
 *
 * QUEUE_ENTITIES  noun (u8) id (u64) → event (u64), which counts the edits of it
 * QUEUE_META      "sweep-all" → version 1, due (ms)
 *                 "sweep"     → version 1, kind, after, begun (ms)
 *                 "restored"  → see code_restored(); one server's: of another one's there is
 *                               nothing that could be read now
 *                 "undo"      → version 1, run, before, as
 */
#include "state/owed.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "state/tables.h"
#include "store/entry.h"

#define VERSION 1

static const struct bytes restored_key = {"restored", 8};

static struct bytes entity_key(unsigned char key[9], uint8_t noun, int64_t id)
{
	key[0] = noun;
	record_key(key + 1, id);
	return (struct bytes){key, 9};
}

/* The number of its newest edit; 0: it is not owed. */
static int64_t event_of(struct txn *txn, struct bytes key)
{
	struct bytes value;

	if (store_get(txn, QUEUE_ENTITIES, key, &value) != FOUND || value.len != 8)
		return 0;
	return record_key_number(value.data, 0);
}

void owed_add(struct txn *txn, uint8_t noun, int64_t id)
{
	unsigned char bytes[9], event[8];
	struct bytes key = entity_key(bytes, noun, id);

	store_put(txn, QUEUE_ENTITIES, key, record_key(event, event_of(txn, key) + 1));
}

size_t owed_from(struct txn *txn, uint8_t noun, struct owed_entity *entities, size_t most)
{
	struct entry_each each;
	size_t n = 0;

	entry_each(&each, txn, QUEUE_ENTITIES, (struct bytes){"", 0}, 9);
	entry_each_from(&each, (struct bytes){&noun, 1}, false);
	while (n < most && entry_each_next(&each)) {
		if (each.value.len != 8)
			continue;
		entities[n++] = (struct owed_entity){.noun = each.last[0],
			.id = record_key_number(each.last, 1),
			.event = record_key_number(each.value.data, 0)};
	}
	return n;
}

enum lookup owed_next(struct txn *txn, struct owed_entity *entity)
{
	if (owed_from(txn, 0, entity, 1) > 0)
		return FOUND;
	return txn->failed ? FAILED : ABSENT;
}

void owed_done(struct txn *txn, const struct owed_entity *entity)
{
	unsigned char bytes[9];
	struct bytes key = entity_key(bytes, entity->noun, entity->id);

	if (event_of(txn, key) == entity->event)
		store_del(txn, QUEUE_ENTITIES, key);
}

/* 0: never set. */
static int64_t all_due_ms(struct txn *txn)
{
	int64_t due_ms;

	entry_load_numbers(txn, QUEUE_META, "sweep-all", VERSION, &due_ms, 1);
	return due_ms;
}

static void put_all_due(struct txn *txn, int64_t due_ms)
{
	entry_save_numbers(txn, QUEUE_META, "sweep-all", VERSION, &due_ms, 1);
}

void owed_all_start_day(struct txn *txn, int64_t now_ms)
{
	if (all_due_ms(txn) == 0)
		put_all_due(txn, now_ms + LIMIT_SWEEP_MS);
}

bool owed_all_due(struct txn *txn, int64_t now_ms)
{
	int64_t due_ms = all_due_ms(txn);

	/* Further away than it is ever set: the clock was set back. */
	return due_ms != 0 && (due_ms <= now_ms || due_ms - now_ms > LIMIT_SWEEP_MS);
}

static void code_restored(struct record *r, void *what)
{
	struct owed_restored *restored = what;
	uint8_t version = VERSION;

	record_u8(r, &version);
	record_refuse(r, version == VERSION);
	record_text(r, &restored->machine);
	record_text(r, &restored->libraries);
	record_i64(r, &restored->since_ms);
	record_i64(r, &restored->after);
	record_i64(r, &restored->queued);
}

enum lookup owed_restored_get(struct txn *txn, struct owed_restored *restored, struct arena *a)
{
	return entry_load(
		txn, QUEUE_META, restored_key, code_restored, restored, sizeof(*restored), a);
}

void owed_restored_save(struct txn *txn, const struct owed_restored *restored)
{
	entry_save(txn, QUEUE_META, restored_key, code_restored, restored, sizeof(*restored));
}

void owed_restored_add(struct txn *txn, const struct owed_restored *restored)
{
	struct owed_restored before, all = *restored;
	struct arena a;

	arena_init(&a);
	if (owed_restored_get(txn, &before, &a) == FOUND &&
		str_eq(before.machine, restored->machine)) {
		if (before.since_ms < all.since_ms)
			all.since_ms = before.since_ms;
		if (strstr(before.libraries, all.libraries) != NULL)
			all.libraries = before.libraries;
		else
			all.libraries = arena_printf(&a, "%s, %s", before.libraries, all.libraries);
	}
	owed_restored_save(txn, &all);
	arena_clear(&a);
}

void owed_restored_done(struct txn *txn)
{
	store_del(txn, QUEUE_META, restored_key);
}

bool owed_restored_any(struct txn *txn)
{
	struct owed_restored restored;
	struct arena a;
	bool is_owed;

	arena_init(&a);
	is_owed = owed_restored_get(txn, &restored, &a) == FOUND;
	arena_clear(&a);
	return is_owed;
}

void owed_undo_load(struct txn *txn, struct owed_undo *undo)
{
	int64_t stored[3];

	entry_load_numbers(txn, QUEUE_META, "undo", VERSION, stored, 3);
	*undo = (struct owed_undo){stored[0], stored[1], stored[2]};
}

void owed_undo_save(struct txn *txn, const struct owed_undo *undo)
{
	const int64_t stored[] = {undo->run, undo->before, undo->as};

	entry_save_numbers(txn, QUEUE_META, "undo", VERSION, stored, 3);
}

bool owed_any(struct txn *txn, int64_t now_ms)
{
	struct owed_entity entity;
	struct owed_undo undo;

	owed_undo_load(txn, &undo);
	return undo.run > 0 || owed_next(txn, &entity) == FOUND || owed_restored_any(txn) ||
	       owed_all_due(txn, now_ms);
}

void owed_add_all(struct txn *txn)
{
	put_all_due(txn, 1);
}

void owed_all_missed(struct txn *txn)
{
	if (all_due_ms(txn) != 0)
		put_all_due(txn, 1);
}

void owed_all_begin(struct txn *txn, int64_t now_ms)
{
	put_all_due(txn, now_ms + LIMIT_SWEEP_AGAIN_MS);
}

void owed_all_done(struct txn *txn, int64_t now_ms)
{
	/* Unless it was asked for again meanwhile. */
	if (all_due_ms(txn) != 1)
		put_all_due(txn, now_ms + LIMIT_SWEEP_MS);
}

enum lookup owed_position(
	struct txn *txn, uint64_t kind, int64_t now_ms, struct owed_position *position)
{
	int64_t stored[3], age;

	entry_load_numbers(txn, QUEUE_META, "sweep", VERSION, stored, 3);
	*position = (struct owed_position){(uint64_t)stored[0], stored[1], stored[2]};
	age = clock_age_ms(now_ms, position->begun_ms);
	if (txn->failed)
		return FAILED;
	return position->kind == kind && position->after > 0 && age >= 0 &&
			       age < LIMIT_SWEEP_RESUME_MS
		       ? FOUND
		       : ABSENT;
}

void owed_save_position(struct txn *txn, const struct owed_position *position)
{
	const int64_t stored[] = {(int64_t)position->kind, position->after, position->begun_ms};

	entry_save_numbers(txn, QUEUE_META, "sweep", VERSION, stored, 3);
}
