/*
 * history.c - see history.h.
 *
 * QUEUE_ITEMS   "machine id/rating key" → version 1, owner u64, pushed_ms u64,
 *               pushed fields, seen fields, pending u8, meant fields, replaced fields
 * QUEUE_SCENES  scene (u64) → version 2, settled_ms u64, content digest, updated,
 *               cover_etag, cover_sha1, count u32, (machine id, rating key) each
 */
#include "state/history.h"

#include <string.h>

#include "state/state.h"

#define ITEM_VERSION  1
#define SCENE_VERSION 2
#define KEY_BYTES     400 /* LMDB's keys end at 511 */

static struct bytes item_key(struct str *key, const char *machine, const char *rating_key)
{
	str_add(key, machine);
	str_addc(key, '/');
	str_add(key, rating_key);
	if (key->len > KEY_BYTES) { /* no real server's; still one key per item */
		struct digest digest = digest_of(key->s, key->len);
		key->len = 0;
		str_addn(key, digest.bytes, sizeof(digest.bytes));
	}
	return record_bytes(key);
}

enum lookup history_get(struct txn *txn, const char *machine, const char *rating_key,
	struct history *history, struct arena *a)
{
	struct record_reader in;
	struct bytes value;
	struct str key;
	enum lookup found;

	*history = (struct history){0};
	str_init(&key, a);
	found = store_get(txn, QUEUE_ITEMS, item_key(&key, machine, rating_key), &value);
	if (found != FOUND)
		return found;
	record_open(&in, value, a);
	if (record_u8(&in) == ITEM_VERSION) {
		history->owner = (int64_t)record_u64(&in);
		history->pushed_ms = (int64_t)record_u64(&in);
		fields_get(&in, &history->pushed);
		fields_get(&in, &history->seen);
		history->pending = record_u8(&in) != 0;
		fields_get(&in, &history->meant);
		fields_get(&in, &history->replaced);
		if (record_ok(&in))
			return FOUND;
	}
	/* A record that cannot be read is no history: everything is pushed afresh. */
	*history = (struct history){0};
	return ABSENT;
}

void history_put(
	struct txn *txn, const char *machine, const char *rating_key, const struct history *history)
{
	struct str key, out;
	struct arena a;

	arena_init(&a);
	str_init(&key, &a);
	str_init(&out, &a);
	record_put_u8(&out, ITEM_VERSION);
	record_put_u64(&out, (uint64_t)history->owner);
	record_put_u64(&out, (uint64_t)history->pushed_ms);
	fields_put(&out, &history->pushed);
	fields_put(&out, &history->seen);
	record_put_u8(&out, history->pending);
	fields_put(&out, &history->meant);
	fields_put(&out, &history->replaced);
	store_put(txn, QUEUE_ITEMS, item_key(&key, machine, rating_key), record_bytes(&out));
	arena_clear(&a);
}

enum lookup history_scene_get(
	struct txn *txn, int64_t scene, struct history_scene *out, struct arena *a)
{
	static const struct history_scene nothing = {
		.updated = "", .cover_etag = "", .cover_sha1 = ""};
	struct record_reader in;
	struct bytes value;
	unsigned char key[8];
	enum lookup found;
	uint32_t count;

	*out = nothing;
	found = store_get(txn, QUEUE_SCENES, record_key(key, scene), &value);
	if (found != FOUND)
		return found;
	record_open(&in, value, a);
	if (record_u8(&in) != SCENE_VERSION)
		return ABSENT;
	out->settled_ms = (int64_t)record_u64(&in);
	out->content = record_digest(&in);
	out->updated = record_text(&in);
	out->cover_etag = record_text(&in);
	out->cover_sha1 = record_text(&in);
	count = record_u32(&in);
	if (count > LIMIT_ITEMS)
		in.bad = true;
	out->items = arena_array(a, LIMIT_ITEMS, sizeof(*out->items));
	for (; count > 0 && !in.bad; count--) {
		struct history_item *item = &out->items[out->count++];
		item->machine = record_text(&in);
		item->rating_key = record_text(&in);
	}
	if (record_ok(&in))
		return FOUND;
	*out = nothing;
	return ABSENT;
}

void history_scene_put(struct txn *txn, int64_t scene, const struct history_scene *from)
{
	unsigned char key[8];
	struct arena a;
	struct str out;

	arena_init(&a);
	str_init(&out, &a);
	record_put_u8(&out, SCENE_VERSION);
	record_put_u64(&out, (uint64_t)from->settled_ms);
	record_put_digest(&out, &from->content);
	record_put_text(&out, from->updated);
	record_put_text(&out, from->cover_etag);
	record_put_text(&out, from->cover_sha1);
	record_put_u32(&out, (uint32_t)from->count);
	for (size_t i = 0; i < from->count; i++) {
		record_put_text(&out, from->items[i].machine);
		record_put_text(&out, from->items[i].rating_key);
	}
	store_put(txn, QUEUE_SCENES, record_key(key, scene), record_bytes(&out));
	arena_clear(&a);
}

bool history_owns(struct txn *txn, int64_t scene, const char *machine, const char *rating_key)
{
	struct history_scene remembered;
	struct arena a;
	bool owns = false;

	arena_init(&a);
	history_scene_get(txn, scene, &remembered, &a);
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
	history_scene_get(txn, scene, &remembered, &a);
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
