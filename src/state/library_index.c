/*
 * index.c - see index.h.
 *
 * CACHE_PARTS       path digest (16) library u32 generation u32 rating key u64 exact u32
 *                   → size u64, first u8, path
 * CACHE_PART_NAMES  name digest (16) library u32 generation u32 rating key u64 exact u32
 *                   path digest (16) → ""
 * CACHE_SECTIONS    library u32 → version 1, … see put_section()
 * CACHE_META        "server" → version 1, machine id, url
 *                   "generation" → the newest one of any library, u64
 *                   "gains" → how often a page brought parts that were not known, u64
 *
 * Generations are never used twice, also after everything was forgotten: rows
 * of a forgotten library that were not swept yet must not count again.
 */
#include "state/library_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "state/state.h"

#define SECTION_VERSION 1
#define SERVER_VERSION	1
#define PART_KEY	((size_t)36)
#define NAME_KEY	((size_t)52)

static void put_u32(unsigned char *at, uint32_t n)
{
	for (size_t i = 0; i < 4; i++)
		at[i] = (unsigned char)(n >> (8 * (3 - i)));
}

static uint32_t get_u32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The first PART_KEY bytes of either table's keys. The last four are of the
 * very path: two parts of one item may differ in case alone. */
static void make_key(unsigned char *key, const struct digest *digest, int section,
	uint32_t generation, const struct index_part *part)
{
	struct digest exact = digest_text(part->path);

	memcpy(key, digest->bytes, DIGEST_BYTES);
	put_u32(key + 16, (uint32_t)section);
	put_u32(key + 20, generation);
	record_key(key + 24, part->rating_key);
	memcpy(key + 32, exact.bytes, 4);
}

static void put_section(struct txn *txn, const struct index_section *section, struct arena *a)
{
	unsigned char key[4];
	struct str out;

	str_init(&out, a);
	record_put_u8(&out, SECTION_VERSION);
	record_put_text(&out, section->uuid);
	record_put_text(&out, section->title);
	record_put_text(&out, section->type);
	record_put_text(&out, section->scanner);
	record_put_u32(&out, (uint32_t)section->locations.n);
	for (size_t i = 0; i < section->locations.n; i++)
		record_put_text(&out, section->locations.v[i]);
	record_put_u32(&out, section->generation);
	record_put_u8(&out, section->complete);
	record_put_u8(&out, section->too_large);
	record_put_u64(&out, (uint64_t)section->full_pass_ms);
	record_put_u64(&out, (uint64_t)section->confirmed_ms);
	record_put_text(&out, section->counter);
	record_put_u64(&out, (uint64_t)section->total);
	record_put_u64(&out, (uint64_t)section->newest_added);
	record_put_u64(&out, (uint64_t)section->newest_updated);
	put_u32(key, (uint32_t)section->id);
	store_put(txn, CACHE_SECTIONS, (struct bytes){key, 4}, record_bytes(&out));
}

void library_index_save_section(struct txn *txn, const struct index_section *section)
{
	struct arena a;

	arena_init(&a);
	put_section(txn, section, &a);
	arena_clear(&a);
}

static bool parse_section(struct bytes value, struct index_section *section, struct arena *a)
{
	struct record_reader in;
	uint32_t locations;

	record_open(&in, value, a);
	if (record_u8(&in) != SECTION_VERSION)
		return false;
	section->uuid = record_text(&in);
	section->title = record_text(&in);
	section->type = record_text(&in);
	section->scanner = record_text(&in);
	str_list_init(&section->locations, a);
	for (locations = record_u32(&in); locations > 0 && !in.bad; locations--)
		str_list_add(&section->locations, record_text(&in));
	section->generation = record_u32(&in);
	section->complete = record_u8(&in) != 0;
	section->too_large = record_u8(&in) != 0;
	section->full_pass_ms = (int64_t)record_u64(&in);
	section->confirmed_ms = (int64_t)record_u64(&in);
	section->counter = record_text(&in);
	section->total = (int64_t)record_u64(&in);
	section->newest_added = (int64_t)record_u64(&in);
	section->newest_updated = (int64_t)record_u64(&in);
	return record_ok(&in);
}

static void load_server(struct txn *txn, struct library_index *index, struct arena *a)
{
	struct record_reader in;
	struct bytes value;

	index->machine = index->url = "";
	if (store_get(txn, CACHE_META, (struct bytes){"server", 6}, &value) != FOUND)
		return;
	record_open(&in, value, a);
	if (record_u8(&in) == SERVER_VERSION) {
		const char *machine = record_text(&in), *url = record_text(&in);
		if (record_ok(&in)) {
			index->machine = machine;
			index->url = url;
		}
	}
}

static uint64_t get_counter(struct txn *txn, const char *name)
{
	struct bytes value;

	if (store_get(txn, CACHE_META, (struct bytes){name, strlen(name)}, &value) != FOUND ||
		value.len != 8)
		return 0;
	return (uint64_t)record_key_number(value.data, 0);
}

static uint64_t next_counter(struct txn *txn, const char *name)
{
	uint64_t next = get_counter(txn, name) + 1;
	unsigned char value[8];

	store_put(txn, CACHE_META, (struct bytes){name, strlen(name)},
		record_key(value, (int64_t)next));
	return next;
}

uint32_t library_index_new_generation(struct txn *txn)
{
	return (uint32_t)next_counter(txn, "generation");
}

void library_index_note_gain(struct txn *txn)
{
	next_counter(txn, "gains");
}

uint64_t library_index_gains(struct txn *txn)
{
	return get_counter(txn, "gains");
}

bool library_index_load(struct txn *txn, struct library_index *index, struct arena *a)
{
	unsigned char key[4] = {0};
	struct bytes k, v;
	bool beyond = false;

	*index = (struct library_index){0};
	load_server(txn, index, a);
	index->sections = arena_array(
		a, store_count(txn, CACHE_SECTIONS), sizeof(*index->sections));
	while (store_seek(txn, CACHE_SECTIONS, (struct bytes){key, 4}, beyond, &k, &v) == FOUND &&
		k.len == 4) {
		struct index_section *section = &index->sections[index->count];
		memcpy(key, k.data, 4);
		section->id = (int)get_u32(key);
		if (parse_section(v, section, a))
			index->count++;
		beyond = true;
	}
	return !txn->failed;
}

struct index_section *library_index_section(const struct library_index *index, int id)
{
	for (size_t i = 0; i < index->count; i++) {
		if (index->sections[i].id == id)
			return &index->sections[i];
	}
	return NULL;
}

void library_index_save_server(struct txn *txn, const char *machine, const char *url)
{
	struct arena a;
	struct str out;

	arena_init(&a);
	str_init(&out, &a);
	record_put_u8(&out, SERVER_VERSION);
	record_put_text(&out, machine);
	record_put_text(&out, url);
	store_put(txn, CACHE_META, (struct bytes){"server", 6}, record_bytes(&out));
	arena_clear(&a);
}

void library_index_drop_section(struct txn *txn, int id)
{
	unsigned char key[4];

	put_u32(key, (uint32_t)id);
	store_del(txn, CACHE_SECTIONS, (struct bytes){key, 4});
}

bool library_index_put(struct txn *txn, const struct index_section *section, uint32_t generation,
	const struct index_part *part)
{
	struct digest path = path_digest(part->path), name = path_name_digest(part->path);
	unsigned char key[NAME_KEY];
	struct bytes before;
	struct arena a;
	struct str out;
	bool is_new;

	make_key(key, &path, section->id, section->generation, part);
	is_new = store_get(txn, CACHE_PARTS, (struct bytes){key, PART_KEY}, &before) == ABSENT;
	make_key(key, &path, section->id, generation, part);
	arena_init(&a);
	str_init(&out, &a);
	record_put_u64(&out, (uint64_t)part->size);
	record_put_u8(&out, part->first);
	str_add(&out, part->path);
	store_put(txn, CACHE_PARTS, (struct bytes){key, PART_KEY}, record_bytes(&out));
	make_key(key, &name, section->id, generation, part);
	memcpy(key + PART_KEY, path.bytes, DIGEST_BYTES);
	store_put(txn, CACHE_PART_NAMES, (struct bytes){key, NAME_KEY}, (struct bytes){"", 0});
	arena_clear(&a);
	return is_new;
}

void library_index_remove(
	struct txn *txn, const struct index_section *section, const struct index_part *part)
{
	struct digest path = path_digest(part->path), name = path_name_digest(part->path);
	unsigned char key[NAME_KEY];

	make_key(key, &path, section->id, section->generation, part);
	store_del(txn, CACHE_PARTS, (struct bytes){key, PART_KEY});
	make_key(key, &name, section->id, section->generation, part);
	memcpy(key + PART_KEY, path.bytes, DIGEST_BYTES);
	store_del(txn, CACHE_PART_NAMES, (struct bytes){key, NAME_KEY});
}

/* Reads one row; false if it is not of its library's current generation. */
static bool parse_part(const struct library_index *index, const unsigned char *key,
	struct bytes value, struct index_part *part, struct arena *a)
{
	const struct index_section *section = library_index_section(index, (int)get_u32(key + 16));
	const unsigned char *data = value.data;

	if (section == NULL || section->generation != get_u32(key + 20) || value.len < 9)
		return false;
	*part = (struct index_part){.section = section->id,
		.rating_key = record_key_number(key, 24),
		.size = record_key_number(data, 0),
		.first = data[8] != 0,
		.path = arena_strndup(a, (const char *)data + 9, value.len - 9)};
	return true;
}

size_t library_index_by_path(struct txn *txn, const struct library_index *index, const char *path,
	struct index_part *parts, size_t limit, struct arena *a)
{
	struct digest digest = path_digest(path);
	unsigned char key[PART_KEY] = {0};
	struct bytes k, v;
	bool beyond = false;
	size_t count = 0;

	memcpy(key, digest.bytes, DIGEST_BYTES);
	while (count < limit &&
		store_seek(txn, CACHE_PARTS, (struct bytes){key, PART_KEY}, beyond, &k, &v) ==
			FOUND &&
		k.len == PART_KEY && memcmp(k.data, digest.bytes, DIGEST_BYTES) == 0) {
		memcpy(key, k.data, PART_KEY);
		count += parse_part(index, key, v, &parts[count], a);
		beyond = true;
	}
	return count;
}

size_t library_index_by_name(struct txn *txn, const struct library_index *index, const char *path,
	struct index_part *parts, size_t limit, struct arena *a)
{
	struct digest name = path_name_digest(path);
	unsigned char key[NAME_KEY] = {0}, row[PART_KEY];
	struct bytes k, v;
	bool beyond = false;
	size_t count = 0;

	memcpy(key, name.bytes, DIGEST_BYTES);
	while (count < limit &&
		store_seek(txn, CACHE_PART_NAMES, (struct bytes){key, NAME_KEY}, beyond, &k, &v) ==
			FOUND &&
		k.len == NAME_KEY && memcmp(k.data, name.bytes, DIGEST_BYTES) == 0) {
		memcpy(key, k.data, NAME_KEY);
		memcpy(row, key + PART_KEY, DIGEST_BYTES);
		memcpy(row + 16, key + 16, PART_KEY - 16);
		if (store_get(txn, CACHE_PARTS, (struct bytes){row, PART_KEY}, &v) == FOUND)
			count += parse_part(index, row, v, &parts[count], a);
		beyond = true;
	}
	return count;
}

bool library_index_has_name(
	struct txn *txn, const struct library_index *index, const struct digest *name)
{
	unsigned char key[NAME_KEY] = {0};
	struct bytes k, v;
	bool beyond = false;

	memcpy(key, name->bytes, DIGEST_BYTES);
	while (store_seek(txn, CACHE_PART_NAMES, (struct bytes){key, NAME_KEY}, beyond, &k, &v) ==
			FOUND &&
		k.len == NAME_KEY && memcmp(k.data, name->bytes, DIGEST_BYTES) == 0) {
		const struct index_section *section;
		memcpy(key, k.data, NAME_KEY);
		section = library_index_section(index, (int)get_u32(key + 16));
		if (section != NULL && section->generation == get_u32(key + 20))
			return true;
		beyond = true;
	}
	return false;
}

bool library_index_drop_old(struct txn *txn, int section, uint32_t generation,
	struct index_position *position, size_t limit)
{
	unsigned char key[511] = {0}; /* the longest that the store has */
	struct bytes k, v;

	memcpy(key, position->key, sizeof(position->key));
	for (size_t looked = 0, removed = 0; looked < 64 * limit && removed < limit; looked++) {
		unsigned db = position->names ? CACHE_PART_NAMES : CACHE_PARTS;
		size_t len = position->names ? NAME_KEY : PART_KEY;
		if (store_seek(txn, db, (struct bytes){key, len}, looked > 0, &k, &v) != FOUND) {
			if (position->names || txn->failed)
				return false;
			*position = (struct index_position){.names = true};
			return true;
		}
		memcpy(key, k.data, k.len < sizeof(key) ? k.len : sizeof(key));
		if (k.len != len ||
			((int)get_u32(key + 16) == section && get_u32(key + 20) != generation)) {
			store_del(txn, db, (struct bytes){key, k.len});
			removed++;
		}
	}
	/* A name's key is longer than the position: its last part is looked at again. */
	memcpy(position->key, key, sizeof(position->key));
	return true;
}

size_t library_index_rows(struct txn *txn)
{
	return store_count(txn, CACHE_PARTS);
}

void library_index_clear(struct txn *txn)
{
	store_clear(txn, CACHE_PARTS);
	store_clear(txn, CACHE_PART_NAMES);
	store_clear(txn, CACHE_SECTIONS);
	store_del(txn, CACHE_META, (struct bytes){"server", 6});
}
