/*
 * match_cache.c - see match_cache.h.
 *
 * CACHE_MATCHES      digest of the path (16) → see code_entry()
 * CACHE_MATCH_NAMES  name digest (16) path digest (16) → ""
 * CACHE_MATCH_AGES   age u64 → path digest ; the smallest is the oldest
 * CACHE_META         "matches" → bytes u64, next age u64
 *
 * The key is of the exact path: one that differs in case only is another file. An
 * entry's bytes are its value and its three keys.
 */
#include "state/match_cache.h"

#include <string.h>

#include "base/path.h"
#include "state/numbers.h"
#include "state/tables.h"
#include "store/each.h"
#include "store/entry.h"

#define VERSION	   1
#define KEYS_BYTES ((size_t)(16 + 32 + 8 + 16))

struct totals {
	int64_t bytes, next_age;
};

static void load_totals(struct txn *txn, struct totals *totals)
{
	int64_t numbers[2];

	*totals = (struct totals){0, 1};
	if (numbers_load(txn, CACHE_META, "matches", NUMBERS_PLAIN, numbers, 2))
		*totals = (struct totals){numbers[0], numbers[1]};
}

static void save_totals(struct txn *txn, const struct totals *totals)
{
	const int64_t numbers[] = {totals->bytes, totals->next_age};

	numbers_save(txn, CACHE_META, "matches", NUMBERS_PLAIN, numbers, 2);
}

static struct bytes digest_bytes(const struct digest *digest)
{
	return (struct bytes){digest->bytes, sizeof(digest->bytes)};
}

struct stored {
	int64_t age;
	const char *path;
	struct match_entry entry;
};

static void code_entry(struct record *r, void *what)
{
	struct stored *stored = what;
	struct match_entry *entry = &stored->entry;
	uint8_t version = VERSION, count = (uint8_t)entry->count;

	record_u8(r, &version);
	record_i64(r, &stored->age);
	record_u8(r, &entry->rule);
	record_u64(r, &entry->settings);
	record_text(r, &stored->path);
	record_u8(r, &count);
	record_refuse(r, version == VERSION && count <= LIMIT_ITEMS);
	entry->count = r->bad ? 0 : count;
	for (size_t i = 0; i < entry->count; i++) {
		uint32_t section = (uint32_t)entry->items[i].section;
		record_u32(r, &section);
		entry->items[i].section = (int)section;
		record_text(r, &entry->items[i].rating_key);
	}
}

static enum lookup get(
	struct txn *txn, const struct digest *path, struct stored *out, struct arena *a)
{
	return entry_load(txn, CACHE_MATCHES, digest_bytes(path), code_entry, out, sizeof(*out), a);
}

enum lookup match_cache_get(
	struct txn *txn, const char *path, struct match_entry *entry, struct arena *a)
{
	struct digest digest = digest_text(path);
	struct stored stored;
	enum lookup found = get(txn, &digest, &stored, a);

	if (found == FOUND)
		*entry = stored.entry;
	return found;
}

static struct bytes name_key(
	unsigned char key[32], const struct digest *name, const struct digest *path)
{
	memcpy(key, name->bytes, DIGEST_BYTES);
	memcpy(key + DIGEST_BYTES, path->bytes, DIGEST_BYTES);
	return (struct bytes){key, 32};
}

static void forget(struct txn *txn, const struct digest *path, struct totals *totals)
{
	unsigned char key[32];
	struct stored stored;
	struct bytes value;
	struct arena a;
	int64_t size = 0;

	arena_init(&a);
	if (store_get(txn, CACHE_MATCHES, digest_bytes(path), &value) == FOUND)
		size = (int64_t)(value.len + KEYS_BYTES);
	if (get(txn, path, &stored, &a) == FOUND) {
		struct digest name = path_name_digest(stored.path);
		store_del(txn, CACHE_MATCH_NAMES, name_key(key, &name, path));
		store_del(txn, CACHE_MATCH_AGES, record_key(key, stored.age));
	}
	totals->bytes -= size < totals->bytes ? size : totals->bytes;
	store_del(txn, CACHE_MATCHES, digest_bytes(path));
	arena_clear(&a);
}

static void drop_oldest(struct txn *txn, struct totals *totals)
{
	struct store_each each;
	struct digest path;

	store_each(&each, txn, CACHE_MATCH_AGES, (struct bytes){"", 0}, 8);
	while (totals->bytes > (int64_t)LIMIT_MATCH_BYTES && store_each_next(&each)) {
		if (each.value.len == sizeof(path)) {
			memcpy(&path, each.value.data, sizeof(path));
			forget(txn, &path, totals);
		}
		store_del(txn, CACHE_MATCH_AGES, each.key);
	}
}

void match_cache_put(struct txn *txn, const char *path, const struct match_entry *entry)
{
	struct digest digest = digest_text(path), name = path_name_digest(path);
	struct stored stored = {.path = path, .entry = *entry};
	unsigned char key[32];
	struct totals totals;

	load_totals(txn, &totals);
	forget(txn, &digest, &totals);
	stored.age = totals.next_age++;
	totals.bytes += (int64_t)(KEYS_BYTES + entry_save(txn, CACHE_MATCHES, digest_bytes(&digest),
						       code_entry, &stored, sizeof(stored)));
	store_put(txn, CACHE_MATCH_NAMES, name_key(key, &name, &digest), (struct bytes){"", 0});
	store_put(txn, CACHE_MATCH_AGES, record_key(key, stored.age), digest_bytes(&digest));
	drop_oldest(txn, &totals);
	save_totals(txn, &totals);
}

void match_cache_forget(struct txn *txn, const char *path)
{
	struct digest digest = digest_text(path);
	struct totals totals;

	load_totals(txn, &totals);
	forget(txn, &digest, &totals);
	save_totals(txn, &totals);
}

size_t match_cache_forget_name(struct txn *txn, const struct digest *name)
{
	struct store_each each;
	struct totals totals;
	struct digest path;
	size_t count = 0;

	load_totals(txn, &totals);
	store_each(&each, txn, CACHE_MATCH_NAMES, digest_bytes(name), 2 * DIGEST_BYTES);
	for (; store_each_next(&each); count++) {
		memcpy(&path, each.last + DIGEST_BYTES, sizeof(path));
		forget(txn, &path, &totals);
		store_del(txn, CACHE_MATCH_NAMES, each.key);
	}
	save_totals(txn, &totals);
	return count;
}

static bool has_section(const struct match_entry *entry, int section)
{
	for (size_t i = 0; i < entry->count; i++) {
		if (entry->items[i].section == section)
			return true;
	}
	return false;
}

size_t match_cache_forget_section(struct txn *txn, int section)
{
	struct store_each each;
	struct totals totals;
	struct stored stored;
	struct digest path;
	struct arena a;
	size_t count = 0;

	arena_init(&a);
	load_totals(txn, &totals);
	store_each(&each, txn, CACHE_MATCHES, (struct bytes){"", 0}, DIGEST_BYTES);
	while (store_each_next(&each)) {
		if (!entry_parse(each.value, code_entry, &stored, sizeof(stored), &a) ||
			has_section(&stored.entry, section)) {
			memcpy(&path, each.last, sizeof(path));
			forget(txn, &path, &totals);
			count++;
		}
		arena_clear(&a);
	}
	save_totals(txn, &totals);
	return count;
}

void match_cache_clear(struct txn *txn)
{
	struct totals totals = {0, 1};

	store_clear(txn, CACHE_MATCHES);
	store_clear(txn, CACHE_MATCH_NAMES);
	store_clear(txn, CACHE_MATCH_AGES);
	save_totals(txn, &totals);
}

void match_cache_size(struct txn *txn, struct match_cache_size *size)
{
	struct totals totals;

	load_totals(txn, &totals);
	size->entries = store_count(txn, CACHE_MATCHES);
	size->bytes = (size_t)totals.bytes;
}
