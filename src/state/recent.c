/*
 * recent.c - see recent.h.
 *
 * QUEUE_BULK   digest of the edit (16)         → when it was queued, ms (u64)
 * CACHE_SCANS  digest of "library/folder" (16) → when it was asked for, ms (u64)
 */
#include "state/recent.h"

#include "base/clock.h"
#include "state/tables.h"
#include "store/entry.h"

static bool is_recent(struct bytes value, int64_t now_ms, int64_t limit_ms)
{
	int64_t age = value.len == 8 ? clock_age_ms(now_ms, record_key_number(value.data, 0)) : -1;

	return age >= 0 && age < limit_ms;
}

static int64_t noted_ms(
	struct txn *txn, unsigned db, const struct digest *digest, int64_t now_ms, int64_t limit_ms)
{
	struct bytes value;

	if (store_get(txn, db, (struct bytes){digest->bytes, DIGEST_BYTES}, &value) != FOUND ||
		!is_recent(value, now_ms, limit_ms))
		return 0;
	return record_key_number(value.data, 0);
}

/* First drops what is no longer recent, or everything if that leaves too many. */
static void note(struct txn *txn, unsigned db, const struct digest *digest, int64_t now_ms,
	int64_t limit_ms, size_t most)
{
	struct entry_each each;
	unsigned char time[8];

	entry_each(&each, txn, db, (struct bytes){"", 0}, DIGEST_BYTES);
	while (entry_each_next(&each)) {
		if (!is_recent(each.value, now_ms, limit_ms))
			store_del(txn, db, each.key);
	}
	if (store_count(txn, db) >= most)
		store_clear(txn, db);
	store_put(txn, db, (struct bytes){digest->bytes, DIGEST_BYTES}, record_key(time, now_ms));
}

int64_t recent_edit_ms(struct txn *txn, const struct digest *edit, int64_t now_ms)
{
	return noted_ms(txn, QUEUE_BULK, edit, now_ms, LIMIT_BULK_MEMORY_MS);
}

void recent_note_edit(struct txn *txn, const struct digest *edit, int64_t now_ms)
{
	note(txn, QUEUE_BULK, edit, now_ms, LIMIT_BULK_MEMORY_MS, LIMIT_BULK_MEMORY);
}

bool recent_claim_folder(struct txn *txn, int section, const char *folder, int64_t now_ms)
{
	struct digest digest;
	struct arena a;

	arena_init(&a);
	digest = digest_text(arena_printf(&a, "%d/%s", section, folder));
	arena_clear(&a);
	if (noted_ms(txn, CACHE_SCANS, &digest, now_ms, LIMIT_SCAN_AGAIN_MS) != 0)
		return false;
	note(txn, CACHE_SCANS, &digest, now_ms, LIMIT_SCAN_AGAIN_MS, LIMIT_SCANS);
	return !txn->failed;
}
