/*
 * match_cache.c - see matches.h.
 *
 * CACHE_MATCHES      digest of the path (16) → version 1, age u64, rule u8, settings u64,
 *                    path, count u8, (library u32, rating key) each
 * CACHE_MATCH_NAMES  name digest (16) path digest (16) → ""
 * CACHE_MATCH_AGES   age u64 → path digest ; the smallest is the oldest
 * CACHE_META         "matches" → bytes u64, next age u64
 *
 * An entry's bytes are its value and its three keys.
 */
#include "state/match_cache.h"

#include <string.h>

#include "base/path.h"
#include "state/state.h"

#define VERSION	   1
#define KEYS_BYTES ((size_t)(16 + 32 + 8 + 16))

struct totals {
	uint64_t bytes, next_age;
};

static struct bytes totals_key(void)
{
	return (struct bytes){"matches", 7};
}

static void load_totals(struct txn *txn, struct totals *totals)
{
	struct bytes value;

	*totals = (struct totals){0, 1};
	if (store_get(txn, CACHE_META, totals_key(), &value) == FOUND && value.len == 16) {
		totals->bytes = (uint64_t)record_key_number(value.data, 0);
		totals->next_age = (uint64_t)record_key_number(value.data, 8);
	}
}

static void save_totals(struct txn *txn, const struct totals *totals)
{
	unsigned char value[16];

	record_key(value, (int64_t)totals->bytes);
	record_key(value + 8, (int64_t)totals->next_age);
	store_put(txn, CACHE_META, totals_key(), (struct bytes){value, sizeof(value)});
}

static struct bytes digest_bytes(const struct digest *digest)
{
	return (struct bytes){digest->bytes, sizeof(digest->bytes)};
}

struct stored {
	uint64_t age;
	char *path;
	size_t size;
	struct match_entry entry;
};

static bool parse(struct bytes value, struct stored *out, struct arena *a)
{
	struct record_reader in;
	uint8_t count;

	*out = (struct stored){.size = value.len + KEYS_BYTES};
	record_open(&in, value, a);
	if (record_u8(&in) != VERSION)
		return false;
	out->age = record_u64(&in);
	out->entry.rule = record_u8(&in);
	out->entry.settings = record_u64(&in);
	out->path = record_text(&in);
	count = record_u8(&in);
	if (count > LIMIT_ITEMS)
		return false;
	for (; count > 0; count--) {
		struct match_item *item = &out->entry.items[out->entry.count++];
		item->section = (int)record_u32(&in);
		item->rating_key = record_text(&in);
	}
	return record_ok(&in);
}

static enum lookup get(
	struct txn *txn, const struct digest *path, struct stored *out, struct arena *a)
{
	struct bytes value;
	enum lookup found = store_get(txn, CACHE_MATCHES, digest_bytes(path), &value);

	if (found != FOUND)
		return found;
	return parse(value, out, a) ? FOUND : ABSENT;
}

/* The key is exact: a path that differs in case only is another file. */
static struct digest key_of(const char *path)
{
	return digest_text(path);
}

enum lookup match_cache_get(
	struct txn *txn, const char *path, struct match_entry *entry, struct arena *a)
{
	struct digest digest = key_of(path);
	struct stored stored;
	enum lookup found = get(txn, &digest, &stored, a);

	if (found != FOUND || !str_eq(stored.path, path))
		return found == FAILED ? FAILED : ABSENT;
	*entry = stored.entry;
	return FOUND;
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
	struct stored stored = {0};
	struct arena a;

	arena_init(&a);
	if (get(txn, path, &stored, &a) == FOUND) {
		struct digest name = path_name_digest(stored.path);
		store_del(txn, CACHE_MATCH_NAMES, name_key(key, &name, path));
		store_del(txn, CACHE_MATCH_AGES, record_key(key, (int64_t)stored.age));
	}
	totals->bytes -= stored.size < totals->bytes ? stored.size : totals->bytes;
	store_del(txn, CACHE_MATCHES, digest_bytes(path));
	arena_clear(&a);
}

static void drop_oldest(struct txn *txn, struct totals *totals)
{
	struct bytes k, v;
	struct digest path;

	while (totals->bytes > LIMIT_MATCH_BYTES) {
		unsigned char age[8];
		if (store_seek(txn, CACHE_MATCH_AGES, (struct bytes){"", 0}, false, &k, &v) !=
				FOUND ||
			v.len != sizeof(path) || k.len != sizeof(age))
			break;
		memcpy(&path, v.data, sizeof(path));
		memcpy(age, k.data, sizeof(age));
		forget(txn, &path, totals);
		store_del(txn, CACHE_MATCH_AGES, (struct bytes){age, sizeof(age)});
	}
}

void match_cache_put(struct txn *txn, const char *path, const struct match_entry *entry)
{
	struct digest digest = key_of(path), name = path_name_digest(path);
	unsigned char key[32];
	struct totals totals;
	struct arena a;
	struct str out;

	arena_init(&a);
	load_totals(txn, &totals);
	forget(txn, &digest, &totals);
	str_init(&out, &a);
	record_put_u8(&out, VERSION);
	record_put_u64(&out, totals.next_age);
	record_put_u8(&out, entry->rule);
	record_put_u64(&out, entry->settings);
	record_put_text(&out, path);
	record_put_u8(&out, (uint8_t)entry->count);
	for (size_t i = 0; i < entry->count; i++) {
		record_put_u32(&out, (uint32_t)entry->items[i].section);
		record_put_text(&out, entry->items[i].rating_key);
	}
	store_put(txn, CACHE_MATCHES, digest_bytes(&digest), record_bytes(&out));
	store_put(txn, CACHE_MATCH_NAMES, name_key(key, &name, &digest), (struct bytes){"", 0});
	store_put(txn, CACHE_MATCH_AGES, record_key(key, (int64_t)totals.next_age),
		digest_bytes(&digest));
	totals.next_age++;
	totals.bytes += out.len + KEYS_BYTES;
	drop_oldest(txn, &totals);
	save_totals(txn, &totals);
	arena_clear(&a);
}

void match_cache_forget(struct txn *txn, const char *path)
{
	struct digest digest = key_of(path);
	struct totals totals;

	load_totals(txn, &totals);
	forget(txn, &digest, &totals);
	save_totals(txn, &totals);
}

size_t match_cache_forget_name(struct txn *txn, const struct digest *name)
{
	unsigned char key[32] = {0};
	struct totals totals;
	struct digest path;
	struct bytes k, v;
	size_t count = 0;

	load_totals(txn, &totals);
	memcpy(key, name->bytes, DIGEST_BYTES);
	while (store_seek(txn, CACHE_MATCH_NAMES, (struct bytes){key, sizeof(key)}, false, &k,
		       &v) == FOUND &&
		k.len == sizeof(key) && memcmp(k.data, name->bytes, DIGEST_BYTES) == 0) {
		memcpy(key, k.data, sizeof(key));
		memcpy(&path, key + DIGEST_BYTES, sizeof(path));
		forget(txn, &path, &totals);
		store_del(txn, CACHE_MATCH_NAMES, (struct bytes){key, sizeof(key)});
		count++;
	}
	if (count > 0)
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
	struct digest path = {{0}};
	struct totals totals;
	struct stored stored;
	struct bytes k, v;
	struct arena a;
	bool beyond = false;
	size_t count = 0;

	arena_init(&a);
	load_totals(txn, &totals);
	while (store_seek(txn, CACHE_MATCHES, digest_bytes(&path), beyond, &k, &v) == FOUND &&
		k.len == sizeof(path)) {
		bool readable = parse(v, &stored, &a);
		memcpy(&path, k.data, sizeof(path));
		if (!readable || has_section(&stored.entry, section)) {
			forget(txn, &path, &totals);
			count++;
		}
		beyond = true;
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
