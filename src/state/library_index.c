/*
 * library_index.c - see library_index.h.
 *
 * CACHE_PARTS       path digest (16) library u32 generation u32 rating key u64 exact u32
 *                   → size u64, first u8, path
 * CACHE_PART_NAMES  name digest (16) library u32 generation u32 rating key u64 exact u32
 *                   path digest (16) → ""
 * CACHE_SECTIONS    library u32 → see code_section()
 * CACHE_META        "server" → see code_server()
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
#include "state/numbers.h"
#include "state/tables.h"
#include "store/each.h"
#include "store/entry.h"

#define SECTION_VERSION 1
#define SERVER_VERSION	1
#define PART_KEY	((size_t)36)
#define NAME_KEY	((size_t)52)

static const struct bytes server_key = {"server", 6};

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

static void code_section(struct record *r, void *what)
{
	struct index_section *section = what;
	uint8_t version = SECTION_VERSION;

	record_u8(r, &version);
	record_refuse(r, version == SECTION_VERSION);
	record_text(r, &section->uuid);
	record_text(r, &section->title);
	record_text(r, &section->type);
	record_text(r, &section->scanner);
	record_texts(r, &section->locations);
	record_u32(r, &section->generation);
	record_bool(r, &section->complete);
	record_bool(r, &section->too_large);
	record_i64(r, &section->full_pass_ms);
	record_i64(r, &section->confirmed_ms);
	record_text(r, &section->counter);
	record_i64(r, &section->total);
	record_i64(r, &section->newest_added);
	record_i64(r, &section->newest_updated);
}

void library_index_save_section(struct txn *txn, const struct index_section *section)
{
	unsigned char key[4];

	put_u32(key, (uint32_t)section->id);
	entry_save(txn, CACHE_SECTIONS, (struct bytes){key, 4}, code_section, section,
		sizeof(*section));
}

struct server {
	const char *machine, *url;
};

static void code_server(struct record *r, void *what)
{
	struct server *server = what;
	uint8_t version = SERVER_VERSION;

	record_u8(r, &version);
	record_refuse(r, version == SERVER_VERSION);
	record_text(r, &server->machine);
	record_text(r, &server->url);
}

void library_index_save_server(struct txn *txn, const char *machine, const char *url)
{
	struct server server = {machine, url};

	entry_save(txn, CACHE_META, server_key, code_server, &server, sizeof(server));
}

uint32_t library_index_new_generation(struct txn *txn)
{
	return (uint32_t)numbers_next(txn, CACHE_META, "generation");
}

void library_index_note_gain(struct txn *txn)
{
	numbers_next(txn, CACHE_META, "gains");
}

uint64_t library_index_gains(struct txn *txn)
{
	return (uint64_t)numbers_count(txn, CACHE_META, "gains");
}

bool library_index_load(struct txn *txn, struct library_index *index, struct arena *a)
{
	size_t most = store_count(txn, CACHE_SECTIONS);
	struct store_each each;
	struct server server;

	*index = (struct library_index){.machine = "", .url = ""};
	if (entry_load(txn, CACHE_META, server_key, code_server, &server, sizeof(server), a) ==
		FOUND) {
		index->machine = server.machine;
		index->url = server.url;
	}
	index->sections = arena_array(a, most, sizeof(*index->sections));
	store_each(&each, txn, CACHE_SECTIONS, (struct bytes){"", 0}, 4);
	while (index->count < most && store_each_next(&each)) {
		struct index_section *section = &index->sections[index->count];
		index->count += entry_parse(each.value, code_section, section, sizeof(*section), a);
		section->id = (int)get_u32(each.last);
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

void library_index_drop_section(struct txn *txn, int id)
{
	unsigned char key[4];

	put_u32(key, (uint32_t)id);
	store_del(txn, CACHE_SECTIONS, (struct bytes){key, 4});
}

static void put_part(struct txn *txn, struct bytes key, const struct index_part *part)
{
	int64_t size = part->size;
	bool first = part->first;
	struct record r;
	struct arena a;

	arena_init(&a);
	record_write(&r, &a);
	record_i64(&r, &size);
	record_bool(&r, &first);
	str_add(&r.out, part->path); /* to the end: the shortest row counts, of millions */
	store_put(txn, CACHE_PARTS, key, record_bytes(&r));
	arena_clear(&a);
}

bool library_index_put(struct txn *txn, const struct index_section *section, uint32_t generation,
	const struct index_part *part)
{
	struct digest path = path_digest(part->path), name = path_name_digest(part->path);
	unsigned char key[NAME_KEY];
	struct bytes before;
	bool is_new;

	make_key(key, &path, section->id, section->generation, part);
	is_new = store_get(txn, CACHE_PARTS, (struct bytes){key, PART_KEY}, &before) == ABSENT;
	make_key(key, &path, section->id, generation, part);
	put_part(txn, (struct bytes){key, PART_KEY}, part);
	make_key(key, &name, section->id, generation, part);
	memcpy(key + PART_KEY, path.bytes, DIGEST_BYTES);
	store_put(txn, CACHE_PART_NAMES, (struct bytes){key, NAME_KEY}, (struct bytes){"", 0});
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

/* True if a key of either table is of its library's current generation. */
static bool is_current(const struct library_index *index, const unsigned char *key)
{
	const struct index_section *section = library_index_section(index, (int)get_u32(key + 16));

	return section != NULL && section->generation == get_u32(key + 20);
}

/* Reads one row; false if it does not count. */
static bool parse_part(const struct library_index *index, const unsigned char *key,
	struct bytes value, struct index_part *part, struct arena *a)
{
	const unsigned char *data = value.data;

	if (!is_current(index, key) || value.len < 9)
		return false;
	*part = (struct index_part){.section = (int)get_u32(key + 16),
		.rating_key = record_key_number(key, 24),
		.size = record_key_number(data, 0),
		.first = data[8] != 0,
		.path = arena_strndup(a, (const char *)data + 9, value.len - 9)};
	return true;
}

/* The row that a name's key stands for. */
static enum lookup row_of_name(
	struct txn *txn, const unsigned char *key, unsigned char row[PART_KEY], struct bytes *value)
{
	memcpy(row, key + PART_KEY, DIGEST_BYTES);
	memcpy(row + DIGEST_BYTES, key + DIGEST_BYTES, PART_KEY - DIGEST_BYTES);
	return store_get(txn, CACHE_PARTS, (struct bytes){row, PART_KEY}, value);
}

size_t library_index_by_path(struct txn *txn, const struct library_index *index, const char *path,
	struct index_part *parts, size_t limit, struct arena *a)
{
	struct digest digest = path_digest(path);
	struct store_each each;
	size_t count = 0;

	store_each(&each, txn, CACHE_PARTS, (struct bytes){digest.bytes, DIGEST_BYTES}, PART_KEY);
	while (count < limit && store_each_next(&each))
		count += parse_part(index, each.last, each.value, &parts[count], a);
	return count;
}

size_t library_index_by_name(struct txn *txn, const struct library_index *index, const char *path,
	struct index_part *parts, size_t limit, struct arena *a)
{
	struct digest name = path_name_digest(path);
	unsigned char row[PART_KEY];
	struct store_each each;
	struct bytes value;
	size_t count = 0;

	store_each(
		&each, txn, CACHE_PART_NAMES, (struct bytes){name.bytes, DIGEST_BYTES}, NAME_KEY);
	while (count < limit && store_each_next(&each)) {
		if (row_of_name(txn, each.last, row, &value) == FOUND)
			count += parse_part(index, row, value, &parts[count], a);
	}
	return count;
}

bool library_index_has_name(
	struct txn *txn, const struct library_index *index, const struct digest *name)
{
	struct store_each each;

	store_each(
		&each, txn, CACHE_PART_NAMES, (struct bytes){name->bytes, DIGEST_BYTES}, NAME_KEY);
	while (store_each_next(&each)) {
		if (is_current(index, each.last))
			return true;
	}
	return false;
}

bool library_index_drop_old(struct txn *txn, int section, uint32_t generation,
	struct index_position *position, size_t limit)
{
	unsigned db = position->names ? CACHE_PART_NAMES : CACHE_PARTS;
	size_t len = position->names ? NAME_KEY : PART_KEY;
	struct store_each each;

	store_each(&each, txn, db, (struct bytes){"", 0}, 0);
	store_each_from(&each, (struct bytes){position->key, sizeof(position->key)}, false);
	for (size_t looked = 0, removed = 0; looked < 64 * limit && removed < limit; looked++) {
		if (!store_each_next(&each)) {
			bool more = !position->names && !txn->failed;
			*position = (struct index_position){.names = true};
			return more;
		}
		if (each.key.len == len && ((int)get_u32(each.last + 16) != section ||
						   get_u32(each.last + 20) == generation))
			continue;
		store_del(txn, db, each.key);
		removed++;
	}
	/* A name's key is longer than the position: its last part is looked at again. */
	memcpy(position->key, each.last, sizeof(position->key));
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
	store_del(txn, CACHE_META, server_key);
}
