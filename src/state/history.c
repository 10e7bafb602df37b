/*
 * history.c - see history.h.
 *
 * QUEUE_ITEMS   "machine id/rating key" → see code_item()
 * QUEUE_SCENES  scene (u64) → see code_scene()
 */
#include "state/history.h"

#include "state/tables.h"
#include "store/entry.h"

#define ITEM_VERSION  5
#define SCENE_VERSION 2
#define KEY_BYTES     400 /* LMDB's keys end at 511 */

static struct bytes item_key(struct str *key, const char *machine, const char *rating_key)
{
	str_add(key, machine);
	str_addc(key, '/');
	str_add(key, rating_key);
	if (key->len > KEY_BYTES) { /* no real server has such; still one key per item */
		struct digest digest = digest_of(key->s, key->len);
		key->len = 0;
		str_addn(key, digest.bytes, sizeof(digest.bytes));
	}
	return (struct bytes){key->s, key->len};
}

struct digest history_item_name(const char *machine, const char *rating_key)
{
	struct digest digest;
	struct arena a;
	struct str key;

	arena_init(&a);
	str_init(&key, &a);
	item_key(&key, machine, rating_key); /* has a slash: no file is called so */
	digest = digest_of(key.s, key.len);
	arena_clear(&a);
	return digest;
}

/* In version 1 texts are whole, and it also says whether anything is meant. */
static void read_item_1(struct record *r, struct history *history)
{
	bool pending = false;

	fields_record_1(r, &history->pushed);
	fields_record_1(r, &history->seen);
	record_bool(r, &pending);
	fields_record_1(r, &history->meant);
	fields_record_1(r, &history->original);
}

static void code_item(struct record *r, void *what)
{
	struct history *history = what;
	uint8_t version = ITEM_VERSION;

	record_u8(r, &version);
	record_refuse(r, version >= 1 && version <= ITEM_VERSION);
	record_i64(r, &history->owner);
	record_i64(r, &history->pushed_ms);
	if (version < 5)
		history->original_locked = ~0u; /* not known */
	if (version == 1) {
		read_item_1(r, history);
		return;
	}
	fields_record(r, &history->pushed, NULL);
	fields_record(r, &history->seen, &history->pushed);
	fields_record(r, &history->meant, NULL);
	if (version == 2)
		return;
	record_u32(r, &history->locked);
	fields_record(r, &history->original, NULL);
	fields_record(r, &history->previous, &history->original);
	fields_record(r, &history->refused, NULL);
	if (version == 3)
		return;
	fields_record_whole(r, &history->replaced);
	record_u32(r, &history->replaced_locked);
	if (version == 4)
		return;
	record_u32(r, &history->original_locked);
	record_i64(r, &history->added);
	record_i64(r, &history->updated);
	past_record(r, &history->past);
}

enum lookup history_get(struct txn *txn, const char *machine, const char *rating_key,
	struct history *history, struct arena *a)
{
	struct bytes value;
	struct str key;
	enum lookup found;

	*history = (struct history){0};
	str_init(&key, a);
	found = store_get(txn, QUEUE_ITEMS, item_key(&key, machine, rating_key), &value);
	if (found == FOUND)
		history->unreadable = !entry_parse(value, code_item, history, sizeof(*history), a);
	return found;
}

void history_put(
	struct txn *txn, const char *machine, const char *rating_key, const struct history *history)
{
	struct arena a;
	struct str key;

	arena_init(&a);
	str_init(&key, &a);
	entry_save(txn, QUEUE_ITEMS, item_key(&key, machine, rating_key), code_item, history,
		sizeof(*history));
	arena_clear(&a);
}

void history_journalled(struct history *history)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (!history->meant.v[f].known)
			history->replaced.v[f] = (struct value){0};
	}
}

static void code_scene(struct record *r, void *what)
{
	struct history_scene *scene = what;
	uint8_t version = SCENE_VERSION;

	record_u8(r, &version);
	record_refuse(r, version == SCENE_VERSION);
	record_i64(r, &scene->settled_ms);
	record_digest(r, &scene->content);
	record_text(r, &scene->updated);
	record_text(r, &scene->cover_etag);
	record_text(r, &scene->cover_sha1);
	scene->items = record_list(r, scene->items, &scene->count, sizeof(*scene->items), 8);
	record_refuse(r, scene->count <= LIMIT_ITEMS);
	for (size_t i = 0; i < scene->count; i++) {
		record_text(r, &scene->items[i].machine);
		record_text(r, &scene->items[i].rating_key);
	}
}

enum lookup history_scene_get(
	struct txn *txn, int64_t scene, struct history_scene *out, struct arena *a)
{
	unsigned char key[8];
	enum lookup found = entry_load(
		txn, QUEUE_SCENES, record_key(key, scene), code_scene, out, sizeof(*out), a);

	if (found != FOUND)
		out->updated = out->cover_etag = out->cover_sha1 = "";
	return found;
}

void history_scene_put(struct txn *txn, int64_t scene, const struct history_scene *from)
{
	unsigned char key[8];

	entry_save(txn, QUEUE_SCENES, record_key(key, scene), code_scene, from, sizeof(*from));
}

enum lookup history_scene_next(
	struct txn *txn, int64_t after, int64_t *scene, struct history_scene *out, struct arena *a)
{
	struct entry_each each;
	unsigned char key[8];

	entry_each(&each, txn, QUEUE_SCENES, (struct bytes){"", 0}, sizeof(key));
	entry_each_from(&each, record_key(key, after), true);
	while (entry_each_next(&each)) {
		*scene = record_key_number(each.last, 0);
		if (*scene > 0 && entry_parse(each.value, code_scene, out, sizeof(*out), a))
			return FOUND;
	}
	return txn->failed ? FAILED : ABSENT;
}

static bool is_meant(const struct history *history)
{
	bool any = false;

	for (enum field f = 0; f < FIELD_COUNT; f++)
		any |= history->meant.v[f].known;
	return any;
}

bool history_written_since(
	struct txn *txn, const struct history_scene *scene, const char *machine, int64_t since_ms)
{
	struct history history;
	struct arena a;
	bool since = false;

	arena_init(&a);
	for (size_t i = 0; i < scene->count && !since; i++) {
		const struct history_item *item = &scene->items[i];
		since = str_eq(item->machine, machine) &&
			history_get(txn, machine, item->rating_key, &history, &a) == FOUND &&
			(history.pushed_ms >= since_ms || history.unreadable || is_meant(&history));
	}
	arena_clear(&a);
	return since;
}

bool history_owns(struct txn *txn, int64_t scene, const char *machine, const char *rating_key)
{
	struct history_scene remembered;
	struct arena a;
	bool owns = false;

	arena_init(&a);
	if (history_scene_get(txn, scene, &remembered, &a) == FAILED)
		owns = true;
	for (size_t i = 0; i < remembered.count; i++)
		owns |= str_eq(remembered.items[i].machine, machine) &&
			str_eq(remembered.items[i].rating_key, rating_key);
	arena_clear(&a);
	return owns;
}

void history_forget_scene(struct txn *txn, int64_t scene)
{
	struct history_scene remembered;
	struct history history;
	unsigned char key[8];
	struct arena a;

	arena_init(&a);
	if (history_scene_get(txn, scene, &remembered, &a) == FAILED)
		remembered.count = 0; /* and nothing will be written */
	for (size_t i = 0; i < remembered.count; i++) {
		const struct history_item *item = &remembered.items[i];
		if (history_get(txn, item->machine, item->rating_key, &history, &a) != FOUND ||
			history.owner != scene)
			continue;
		history.owner = 0;
		history_put(txn, item->machine, item->rating_key, &history);
	}
	store_del(txn, QUEUE_SCENES, record_key(key, scene));
	arena_clear(&a);
}
