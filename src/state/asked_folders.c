/*
 * asked_folders.c - see asked_folders.h. CACHE_SCANS: digest of "library/folder" → when
 * it was asked for, ms (u64).
 */
#include "state/asked_folders.h"

#include "base/clock.h"
#include "base/digest.h"
#include "state/tables.h"
#include "store/each.h"

static struct digest key_of(int section, const char *folder)
{
	struct digest digest;
	struct arena a;

	arena_init(&a);
	digest = digest_text(arena_printf(&a, "%d/%s", section, folder));
	arena_clear(&a);
	return digest;
}

static bool is_recent(struct bytes value, int64_t now_ms)
{
	int64_t age = value.len == 8 ? clock_age_ms(now_ms, record_key_number(value.data, 0)) : -1;

	return age >= 0 && age < LIMIT_SCAN_AGAIN_MS;
}

static void drop_old(struct txn *txn, int64_t now_ms)
{
	struct store_each each;

	store_each(&each, txn, CACHE_SCANS, (struct bytes){"", 0}, DIGEST_BYTES);
	while (store_each_next(&each)) {
		if (!is_recent(each.value, now_ms))
			store_del(txn, CACHE_SCANS, each.key);
	}
}

bool asked_folders_claim(struct txn *txn, int section, const char *folder, int64_t now_ms)
{
	struct digest digest = key_of(section, folder);
	struct bytes key = {digest.bytes, DIGEST_BYTES}, value;
	unsigned char time[8];

	if (store_get(txn, CACHE_SCANS, key, &value) == FOUND && is_recent(value, now_ms))
		return false;
	drop_old(txn, now_ms);
	store_put(txn, CACHE_SCANS, key, record_key(time, now_ms));
	return !txn->failed;
}
