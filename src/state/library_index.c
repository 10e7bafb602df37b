/*
 * library_index.c - see library_index.h.
 *
 * CACHE_PARTS       see make_key() → size u64, flags u8, duration in ms u32 (if HAS_DURATION),
 *                   parts of the item u8 (if OF_MANY), path
 * CACHE_SECTIONS    library u64 → see code_section()
 * CACHE_META        "server" → see code_server()
 *                   "generation" → the newest one of any library, u64
 *                   "gains" → how often a page brought something new, u64
 *
 * Generations are never used twice, not even after everything was forgotten: rows of a
 * forgotten library that are not removed yet must not count again.
 */
#include "state/library_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/utf8.h"
#include "state/tables.h"
#include "store/entry.h"

/* Version 1 is of rows that have no duration. */
#define SECTION_VERSION 2
#define SERVER_VERSION	1
#define NAME_AT		0 /* where a key of CACHE_PARTS has what */
#define PATH_AT		16
#define ROWS_AT		32
#define RATING_KEY_AT	40
#define EXACT_AT	48
#define IS_FIRST	1u /* flags of a row */
#define HAS_DURATION	2u
#define OF_MANY		4u

static const struct bytes server_key = {"server", 6};

/* The rows of one generation of a library, as a number. */
static int64_t rows_of(int section, uint32_t generation)
{
	return (int64_t)section << 32 | generation;
}

/* The digests of the file's name and of its path, folded; library u32, generation u32,
 * rating key u64; and the first four bytes of the digest of the exact path: two parts of one
 * item may differ in case alone. */
static struct bytes make_key(unsigned char key[INDEX_KEY], int section, uint32_t generation,
	const struct index_part *part)
{
	struct digest name = path_name_digest(part->path), path = path_digest(part->path);
	struct digest exact = digest_text(part->path);

	memcpy(key + NAME_AT, name.bytes, DIGEST_BYTES);
	memcpy(key + PATH_AT, path.bytes, DIGEST_BYTES);
	record_key(key + ROWS_AT, rows_of(section, generation));
	record_key(key + RATING_KEY_AT, part->rating_key);
	memcpy(key + EXACT_AT, exact.bytes, INDEX_KEY - EXACT_AT);
	return (struct bytes){key, INDEX_KEY};
}

static void code_section(struct record *r, void *what)
{
	struct index_section *section = what;
	uint8_t version = SECTION_VERSION;

	record_u8(r, &version);
	record_refuse(r, version == 1 || version == SECTION_VERSION);
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
	if (version == 1) { /* its rows still count, until all of it is read again */
		section->counter = "";
		section->full_pass_ms = 0;
	}
}

void library_index_save_section(struct txn *txn, const struct index_section *section)
{
	unsigned char key[8];

	entry_save(txn, CACHE_SECTIONS, record_key(key, section->id), code_section, section,
		sizeof(*section));
}

static void code_server(struct record *r, void *what)
{
	struct library_index *index = what;
	uint8_t version = SERVER_VERSION;

	record_u8(r, &version);
	record_refuse(r, version == SERVER_VERSION);
	record_text(r, &index->machine);
	record_text(r, &index->url);
}

void library_index_save_server(struct txn *txn, const char *machine, const char *url)
{
	struct library_index index = {.machine = machine, .url = url};

	entry_save(txn, CACHE_META, server_key, code_server, &index, sizeof(index));
}

uint32_t library_index_new_generation(struct txn *txn)
{
	return (uint32_t)entry_count_up(txn, CACHE_META, "generation");
}

void library_index_note_gain(struct txn *txn)
{
	entry_count_up(txn, CACHE_META, "gains");
}

uint64_t library_index_gains(struct txn *txn)
{
	int64_t gains;

	entry_load_numbers(txn, CACHE_META, "gains", ENTRY_PLAIN, &gains, 1);
	return (uint64_t)gains;
}

bool library_index_load(struct txn *txn, struct library_index *index, struct arena *a)
{
	size_t most = store_count(txn, CACHE_SECTIONS);
	struct entry_each each;

	if (entry_load(txn, CACHE_META, server_key, code_server, index, sizeof(*index), a) != FOUND)
		index->machine = index->url = "";
	index->sections = arena_array(a, most, sizeof(*index->sections));
	entry_each(&each, txn, CACHE_SECTIONS, (struct bytes){"", 0}, 8);
	while (index->count < most && entry_each_next(&each)) {
		struct index_section *section = &index->sections[index->count];
		index->count += entry_parse(each.value, code_section, section, sizeof(*section), a);
		section->id = (int)record_key_number(each.last, 0);
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
	unsigned char key[8];

	store_del(txn, CACHE_SECTIONS, record_key(key, id));
}

/* The shortest row counts, of millions: no duration if none is known, and the path to the
 * end. */
static struct bytes format_part(const struct index_part *part, struct arena *a)
{
	bool known = part->duration_ms > 0 && part->duration_ms <= UINT32_MAX;
	uint8_t flags = (uint8_t)((part->first ? IS_FIRST : 0) | (known ? HAS_DURATION : 0) |
				  (part->of_many > 0 ? OF_MANY : 0));
	uint32_t duration = (uint32_t)part->duration_ms;
	uint8_t of_many = part->of_many;
	int64_t size = part->size;
	struct record r;

	record_write(&r, a);
	record_i64(&r, &size);
	record_u8(&r, &flags);
	if (known)
		record_u32(&r, &duration);
	if (of_many > 0)
		record_u8(&r, &of_many);
	str_add(&r.out, part->path);
	return record_bytes(&r);
}

enum index_row library_index_put(struct txn *txn, const struct index_section *section,
	uint32_t generation, const struct index_part *part)
{
	enum index_row row = INDEX_ROW_SAME;
	unsigned char key[INDEX_KEY];
	struct bytes before, now;
	enum lookup found;
	struct arena a;

	arena_init(&a);
	now = format_part(part, &a);
	found = store_get(
		txn, CACHE_PARTS, make_key(key, section->id, section->generation, part), &before);
	if (found == ABSENT)
		row = INDEX_ROW_GAINED;
	else if (found == FOUND &&
		 (before.len != now.len || memcmp(before.data, now.data, now.len) != 0))
		row = INDEX_ROW_CHANGED;
	if (row != INDEX_ROW_SAME || generation != section->generation)
		store_put(txn, CACHE_PARTS, make_key(key, section->id, generation, part), now);
	arena_clear(&a);
	return row;
}

void library_index_remove(
	struct txn *txn, const struct index_section *section, const struct index_part *part)
{
	unsigned char key[INDEX_KEY];

	store_del(txn, CACHE_PARTS, make_key(key, section->id, section->generation, part));
}

static int section_of(const unsigned char *key)
{
	return (int)(record_key_number(key, ROWS_AT) >> 32);
}

/* True if a row is of its library's current generation. */
static bool is_current(const struct library_index *index, const unsigned char *key)
{
	const struct index_section *section = library_index_section(index, section_of(key));

	return section != NULL &&
	       record_key_number(key, ROWS_AT) == rows_of(section->id, section->generation);
}

/* Reads one row; false if it does not count. */
static bool parse_part(const struct library_index *index, const unsigned char *key,
	struct bytes value, struct index_part *part, struct arena *a)
{
	uint32_t duration = 0;
	struct record r;
	uint8_t flags;

	if (!is_current(index, key))
		return false;
	*part = (struct index_part){
		.section = section_of(key), .rating_key = record_key_number(key, RATING_KEY_AT)};
	record_read(&r, value, a);
	record_i64(&r, &part->size);
	record_u8(&r, &flags);
	if (flags & HAS_DURATION)
		record_u32(&r, &duration);
	if (flags & OF_MANY)
		record_u8(&r, &part->of_many);
	if (r.bad)
		return false;
	part->duration_ms = duration;
	part->first = (flags & IS_FIRST) != 0;
	part->path = arena_strndup(a, (const char *)r.at, r.left);
	return true;
}

/* The rows whose keys have this prefix: the file's name, or its name and its path. */
static size_t look_up(struct txn *txn, const struct library_index *index, struct bytes prefix,
	struct index_part *parts, size_t limit, struct arena *a)
{
	struct entry_each each;
	size_t count = 0;

	entry_each(&each, txn, CACHE_PARTS, prefix, INDEX_KEY);
	while (count < limit && entry_each_next(&each))
		count += parse_part(index, each.last, each.value, &parts[count], a);
	return count;
}

size_t library_index_by_path(struct txn *txn, const struct library_index *index, const char *path,
	struct index_part *parts, size_t limit, struct arena *a)
{
	unsigned char key[INDEX_KEY];

	make_key(key, 0, 0, &(struct index_part){.path = path});
	return look_up(txn, index, (struct bytes){key, ROWS_AT}, parts, limit, a);
}

size_t library_index_by_name(struct txn *txn, const struct library_index *index, const char *path,
	struct index_part *parts, size_t limit, struct arena *a)
{
	struct digest name = path_name_digest(path);

	return look_up(txn, index, (struct bytes){name.bytes, DIGEST_BYTES}, parts, limit, a);
}

bool library_index_has_name(
	struct txn *txn, const struct library_index *index, const struct digest *name)
{
	struct entry_each each;

	entry_each(&each, txn, CACHE_PARTS, (struct bytes){name->bytes, DIGEST_BYTES}, INDEX_KEY);
	while (entry_each_next(&each)) {
		if (is_current(index, each.last))
			return true;
	}
	return false;
}

bool library_index_drop_old(struct txn *txn, int section, uint32_t generation,
	struct index_position *position, size_t limit)
{
	struct entry_each each;

	entry_each(&each, txn, CACHE_PARTS, (struct bytes){"", 0}, 0);
	entry_each_from(&each, (struct bytes){position->key, sizeof(position->key)}, false);
	for (size_t looked = 0, removed = 0; looked < 64 * limit && removed < limit; looked++) {
		if (!entry_each_next(&each))
			return false;
		if (each.key.len == INDEX_KEY && (section_of(each.last) != section ||
							 record_key_number(each.last, ROWS_AT) ==
								 rows_of(section, generation)))
			continue;
		store_del(txn, CACHE_PARTS, each.key);
		removed++;
	}
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
	store_clear(txn, CACHE_SECTIONS);
	store_del(txn, CACHE_META, server_key);
}

size_t library_index_search(struct txn *txn, const struct library_index *index,
	const struct str_list *words, int section, struct index_part *parts, size_t limit,
	struct arena *a)
{
	struct entry_each each;
	struct arena row;
	size_t count = 0;

	arena_init(&row);
	entry_each(&each, txn, CACHE_PARTS, (struct bytes){"", 0}, INDEX_KEY);
	while (count < limit && entry_each_next(&each)) {
		struct index_part part;
		arena_clear(&row);
		if ((section != 0 && section_of(each.last) != section) ||
			!parse_part(index, each.last, each.value, &part, &row) ||
			!utf8_has_words(&row, part.path, words))
			continue;
		parts[count] = part;
		parts[count++].path = arena_strdup(a, part.path);
	}
	arena_clear(&row);
	return count;
}
