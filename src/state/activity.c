/*
 * activity.c - see activity.h.
 *
 * QUEUE_ACTIVITY  id (u64) → see code_entry(); without gaps, but for what cannot be read
 * QUEUE_META      "activity" and "runs": counters
 */
#include "state/activity.h"

#include "base/limits.h"
#include "base/log.h"
#include "state/tables.h"
#include "store/entry.h"

#define VERSION 1

const char *activity_word(enum activity_result result)
{
	static const char *const words[ACTIVITY_RESULTS] = {
		"synced", "failed", "ambiguous", "not_found", "undone"};

	return words[result];
}

bool activity_has_changes(const struct activity *entry)
{
	for (size_t i = 0; i < entry->count; i++) {
		for (enum field f = 0; f < FIELD_COUNT; f++) {
			if (entry->items[i].before.v[f].known)
				return true;
		}
	}
	return false;
}

static void code_item(struct record *r, struct activity_item *item)
{
	record_text(r, &item->machine);
	record_text(r, &item->rating_key);
	record_text(r, &item->library);
	record_text(r, &item->path);
	record_u32(r, &item->section);
	record_u32(r, &item->type);
	record_u32(r, &item->rule);
	record_u32(r, &item->locked_before);
	record_u32(r, &item->locked_after);
	fields_record_whole(r, &item->before);
	fields_record_whole(r, &item->after);
}

static void code_entry(struct record *r, void *what)
{
	struct activity *entry = what;
	uint8_t version = VERSION;

	record_u8(r, &version);
	record_refuse(r, version == VERSION);
	record_i64(r, &entry->at_ms);
	record_i64(r, &entry->us);
	record_i64(r, &entry->run);
	record_i64(r, &entry->scene);
	record_u32(r, &entry->result);
	record_refuse(r, entry->result < ACTIVITY_RESULTS);
	record_u32(r, &entry->kept);
	record_text(r, &entry->title);
	record_text(r, &entry->reason);
	record_i64(r, &entry->undoes);
	record_i64(r, &entry->undone);
	entry->items = record_list(r, entry->items, &entry->count, sizeof(*entry->items), 38);
	record_refuse(r, entry->count <= LIMIT_ITEMS);
	for (size_t i = 0; i < entry->count && !r->bad; i++)
		code_item(r, &entry->items[i]);
}

static const char *masked(const char *text, struct arena *a)
{
	char *copy = arena_strdup(a, text ? text : "");

	log_mask(copy);
	return copy;
}

void activity_put(struct txn *txn, const struct activity *from)
{
	struct activity entry = *from;
	unsigned char key[8];
	struct arena a;

	arena_init(&a);
	entry.title = masked(from->title, &a);
	entry.reason = masked(from->reason, &a);
	entry_save(
		txn, QUEUE_ACTIVITY, record_key(key, entry.id), code_entry, &entry, sizeof(entry));
	arena_clear(&a);
}

/* The oldest; 0: there is none. */
static int64_t first_id(struct txn *txn)
{
	struct entry_each each;

	entry_each(&each, txn, QUEUE_ACTIVITY, (struct bytes){"", 0}, 8);
	return entry_each_next(&each) ? record_key_number(each.last, 0) : 0;
}

static bool is_nearly_full(struct txn *txn)
{
	struct store_fill fill = store_fill(txn);

	return fill.bytes > fill.limit - fill.limit / 8;
}

static bool is_too_much(struct txn *txn)
{
	return store_count(txn, QUEUE_ACTIVITY) > LIMIT_ACTIVITY_ENTRIES ||
	       store_bytes(txn, QUEUE_ACTIVITY) > LIMIT_ACTIVITY_BYTES;
}

void activity_add(struct txn *txn, struct activity *entry)
{
	bool full = is_nearly_full(txn);
	unsigned char key[8];

	entry->id = 0;
	if (!full) {
		entry->id = entry_count_up(txn, QUEUE_META, "activity");
		activity_put(txn, entry);
	}
	for (int i = 0; i < LIMIT_ACTIVITY_TRIM && (full || is_too_much(txn)); i++) {
		int64_t first = first_id(txn);
		if (first == 0)
			return;
		store_del(txn, QUEUE_ACTIVITY, record_key(key, first));
	}
}

enum lookup activity_get(struct txn *txn, int64_t id, struct activity *entry, struct arena *a)
{
	unsigned char key[8];
	enum lookup found = entry_load(
		txn, QUEUE_ACTIVITY, record_key(key, id), code_entry, entry, sizeof(*entry), a);

	entry->id = id;
	return found;
}

enum lookup activity_older(struct txn *txn, int64_t before, struct activity *entry, struct arena *a)
{
	int64_t first = first_id(txn), last;

	entry_load_numbers(txn, QUEUE_META, "activity", ENTRY_PLAIN, &last, 1);
	if (last > first + 2 * LIMIT_ACTIVITY_ENTRIES) /* no counter of ours */
		last = first + 2 * LIMIT_ACTIVITY_ENTRIES;
	for (int64_t id = before > 0 && before <= last ? before - 1 : last;
		first > 0 && id >= first; id--) {
		enum lookup found = activity_get(txn, id, entry, a);
		if (found != ABSENT)
			return found;
	}
	return txn->failed ? FAILED : ABSENT;
}

int64_t activity_new_run(struct txn *txn)
{
	return entry_count_up(txn, QUEUE_META, "runs");
}
