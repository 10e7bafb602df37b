/*
 * art.c - see art.h.
 *
 * QUEUE_META  "art/" noun (u8) id (u64) section (u32) digest of the machine id → see code()
 */
#include "state/art.h"

#include <string.h>

#include "state/fields.h"
#include "state/owed.h"
#include "state/tables.h"
#include "store/entry.h"

#define VERSION 1
#define PREFIX	"art/"

enum { PREFIX_BYTES = 4, ENTITY_BYTES = PREFIX_BYTES + 9, KEY_BYTES = ENTITY_BYTES + 4 + 16 };

static struct bytes entity_key(unsigned char *key, uint8_t noun, int64_t id)
{
	memcpy(key, PREFIX, PREFIX_BYTES);
	key[PREFIX_BYTES] = noun;
	record_key(key + PREFIX_BYTES + 1, id);
	return (struct bytes){key, ENTITY_BYTES};
}

static struct bytes whole_key(
	unsigned char *key, uint8_t noun, int64_t id, const char *machine, int section)
{
	struct digest digest = digest_text(machine);

	entity_key(key, noun, id);
	for (int i = 0; i < 4; i++)
		key[ENTITY_BYTES + i] = (unsigned char)((unsigned)section >> (24 - 8 * i));
	memcpy(key + ENTITY_BYTES + 4, digest.bytes, sizeof(digest.bytes));
	return (struct bytes){key, KEY_BYTES};
}

static void code(struct record *r, void *what)
{
	struct art *art = what;
	uint8_t version = VERSION;
	uint32_t section = (uint32_t)art->section;

	record_u8(r, &version);
	record_refuse(r, version == VERSION);
	record_u8(r, &art->noun);
	record_i64(r, &art->id);
	record_text(r, &art->machine);
	record_u32(r, &section);
	art->section = (int)section;
	record_digest(r, &art->name);
	record_text(r, &art->rating_key);
	record_digest(r, &art->stash);
	record_text(r, &art->etag);
	record_text(r, &art->sha1);
	record_bool(r, &art->restored);
	record_bool(r, &art->force);
	record_digest(r, &art->told);
}

struct digest art_name(const char *name)
{
	struct digest digest;
	struct arena a;

	arena_init(&a);
	digest = digest_text(fields_name_key(name, &a));
	arena_clear(&a);
	return digest;
}

enum lookup art_get(struct txn *txn, uint8_t noun, int64_t id, const char *machine, int section,
	struct art *art, struct arena *a)
{
	unsigned char key[KEY_BYTES];

	return entry_load(txn, QUEUE_META, whole_key(key, noun, id, machine, section), code, art,
		sizeof(*art), a);
}

void art_put(struct txn *txn, const struct art *art)
{
	unsigned char key[KEY_BYTES];

	entry_save(txn, QUEUE_META, whole_key(key, art->noun, art->id, art->machine, art->section),
		code, art, sizeof(*art));
}

void art_forget(struct txn *txn, const struct art *art)
{
	unsigned char key[KEY_BYTES];

	store_del(txn, QUEUE_META, whole_key(key, art->noun, art->id, art->machine, art->section));
}

static size_t list_of(struct txn *txn, struct bytes prefix, struct art **list, struct arena *a)
{
	struct entry_each each;
	size_t count = 0, n = 0;

	entry_each(&each, txn, QUEUE_META, prefix, KEY_BYTES);
	while (entry_each_next(&each))
		count++;
	*list = arena_array(a, count, sizeof(**list));
	entry_each(&each, txn, QUEUE_META, prefix, KEY_BYTES);
	while (n < count && entry_each_next(&each))
		n += entry_parse(each.value, code, &(*list)[n], sizeof(**list), a);
	return n;
}

size_t art_list(struct txn *txn, uint8_t noun, int64_t id, struct art **list, struct arena *a)
{
	unsigned char key[KEY_BYTES];

	return list_of(txn, entity_key(key, noun, id), list, a);
}

size_t art_list_all(struct txn *txn, struct art **list, struct arena *a)
{
	return list_of(txn, (struct bytes){PREFIX, PREFIX_BYTES}, list, a);
}

void art_owe(struct txn *txn, uint8_t noun, int64_t id)
{
	owed_add(txn, OWED_ART | noun, id);
}

void art_owe_edited(struct txn *txn, uint8_t noun, int64_t id)
{
	struct art *list;
	struct arena a;
	size_t count;

	arena_init(&a);
	count = art_list(txn, noun, id, &list, &a);
	for (size_t i = 0; i < count; i++) {
		list[i].stash = (struct digest){{0}};
		art_put(txn, &list[i]);
	}
	if (count > 0)
		art_owe(txn, noun, id);
	arena_clear(&a);
}

/* Of one server (NULL: of all), with what is known about it besides. */
static void owe_all(struct txn *txn, const char *machine, bool restored, bool force)
{
	struct art *list;
	struct arena a;
	size_t count;

	arena_init(&a);
	count = art_list_all(txn, &list, &a);
	for (size_t i = 0; i < count; i++) {
		struct art *art = &list[i];
		if (machine != NULL && strcmp(art->machine, machine) != 0)
			continue;
		art->restored |= restored;
		art->force |= force;
		art_put(txn, art);
		art_owe(txn, art->noun, art->id);
	}
	arena_clear(&a);
}

void art_owe_all(struct txn *txn, bool force)
{
	owe_all(txn, NULL, false, force);
}

void art_owe_restored(struct txn *txn, const char *machine)
{
	owe_all(txn, machine, true, false);
}
