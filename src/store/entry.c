/* entry.c - see entry.h. */
#include "store/entry.h"

#include <string.h>

bool entry_parse(struct bytes value, void (*code)(struct record *, void *), void *into, size_t size,
	struct arena *a)
{
	struct record r;

	memset(into, 0, size);
	record_read(&r, value, a);
	code(&r, into);
	if (!record_ok(&r))
		memset(into, 0, size);
	return record_ok(&r);
}

enum lookup entry_load(struct txn *txn, unsigned db, struct bytes key,
	void (*code)(struct record *, void *), void *into, size_t size, struct arena *a)
{
	struct bytes value;
	enum lookup found = store_get(txn, db, key, &value);

	if (found == FOUND)
		return entry_parse(value, code, into, size, a) ? FOUND : ABSENT;
	memset(into, 0, size);
	return found;
}

size_t entry_save(struct txn *txn, unsigned db, struct bytes key,
	void (*code)(struct record *, void *), const void *from, size_t size)
{
	struct bytes before, now;
	struct record r;
	struct arena a;
	void *copy;

	arena_init(&a);
	copy = arena_alloc(&a, size);
	memcpy(copy, from, size);
	record_write(&r, &a);
	code(&r, copy);
	now = record_bytes(&r);
	if (store_get(txn, db, key, &before) != FOUND || before.len != now.len ||
		memcmp(before.data, now.data, now.len) != 0)
		store_put(txn, db, key, now);
	arena_clear(&a);
	return now.len;
}
