/*
 * match_cache.c - see match_cache.h.
 *
 * CACHE_MATCHES  name digest (16) digest of the path (16) → see code_entry()
 *
 * The second part of the key is of the exact path: one that differs in case only is
 * another file.
 */
#include "state/match_cache.h"

#include <string.h>

#include "base/path.h"
#include "state/tables.h"
#include "store/entry.h"

#define VERSION	  2
#define MATCH_KEY (2 * DIGEST_BYTES)

static struct bytes key_of(unsigned char key[MATCH_KEY], const char *path)
{
	struct digest name = path_name_digest(path), exact = digest_text(path);

	memcpy(key, name.bytes, DIGEST_BYTES);
	memcpy(key + DIGEST_BYTES, exact.bytes, DIGEST_BYTES);
	return (struct bytes){key, MATCH_KEY};
}

static void code_entry(struct record *r, void *what)
{
	struct match_entry *entry = what;
	uint8_t version = VERSION, count = (uint8_t)entry->count;

	record_u8(r, &version);
	record_u8(r, &entry->rule);
	record_u64(r, &entry->settings);
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

enum lookup match_cache_get(
	struct txn *txn, const char *path, struct match_entry *entry, struct arena *a)
{
	unsigned char key[MATCH_KEY];

	return entry_load(
		txn, CACHE_MATCHES, key_of(key, path), code_entry, entry, sizeof(*entry), a);
}

void match_cache_put(struct txn *txn, const char *path, const struct match_entry *entry)
{
	unsigned char key[MATCH_KEY];

	if (store_bytes(txn, CACHE_MATCHES) >= LIMIT_MATCH_BYTES)
		match_cache_clear(txn);
	entry_save(txn, CACHE_MATCHES, key_of(key, path), code_entry, entry, sizeof(*entry));
}

void match_cache_forget(struct txn *txn, const char *path)
{
	unsigned char key[MATCH_KEY];

	store_del(txn, CACHE_MATCHES, key_of(key, path));
}

size_t match_cache_forget_name(struct txn *txn, const struct digest *name)
{
	struct entry_each each;
	size_t count = 0;

	entry_each(&each, txn, CACHE_MATCHES, (struct bytes){name->bytes, DIGEST_BYTES}, MATCH_KEY);
	for (; entry_each_next(&each); count++)
		store_del(txn, CACHE_MATCHES, each.key);
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
	struct match_entry entry;
	struct entry_each each;
	struct arena a;
	size_t count = 0;

	arena_init(&a);
	entry_each(&each, txn, CACHE_MATCHES, (struct bytes){"", 0}, MATCH_KEY);
	while (entry_each_next(&each)) {
		if (!entry_parse(each.value, code_entry, &entry, sizeof(entry), &a) ||
			has_section(&entry, section)) {
			store_del(txn, CACHE_MATCHES, each.key);
			count++;
		}
		arena_clear(&a);
	}
	return count;
}

void match_cache_clear(struct txn *txn)
{
	store_clear(txn, CACHE_MATCHES);
}

void match_cache_size(struct txn *txn, struct match_cache_size *size)
{
	size->entries = store_count(txn, CACHE_MATCHES);
	size->bytes = store_bytes(txn, CACHE_MATCHES);
}
