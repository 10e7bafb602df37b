/* entry.c - see entry.h. */
#include "store/entry.h"

#include <assert.h>
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

static void put_changed(struct txn *txn, unsigned db, struct bytes key, struct bytes now)
{
	struct bytes before;

	if (store_get(txn, db, key, &before) != FOUND || before.len != now.len ||
		memcmp(before.data, now.data, now.len) != 0)
		store_put(txn, db, key, now);
}

void entry_save(struct txn *txn, unsigned db, struct bytes key,
	void (*code)(struct record *, void *), const void *from, size_t size)
{
	struct record r;
	struct arena a;
	void *copy;

	arena_init(&a);
	copy = arena_alloc(&a, size);
	memcpy(copy, from, size);
	record_write(&r, &a);
	code(&r, copy);
	put_changed(txn, db, key, record_bytes(&r));
	arena_clear(&a);
}

static struct bytes name_key(const char *name)
{
	return (struct bytes){name, strlen(name)};
}

bool entry_load_numbers(
	struct txn *txn, unsigned db, const char *name, uint8_t version, int64_t *numbers, size_t n)
{
	size_t head = version != ENTRY_PLAIN;
	struct bytes value;
	bool is_it = store_get(txn, db, name_key(name), &value) == FOUND &&
		     value.len == head + 8 * n &&
		     (head == 0 || *(const unsigned char *)value.data == version);

	for (size_t i = 0; i < n; i++)
		numbers[i] = is_it ? record_key_number(value.data, head + 8 * i) : 0;
	return is_it;
}

void entry_save_numbers(struct txn *txn, unsigned db, const char *name, uint8_t version,
	const int64_t *numbers, size_t n)
{
	unsigned char value[1 + 8 * ENTRY_NUMBERS] = {version};
	size_t head = version != ENTRY_PLAIN;

	assert(n <= ENTRY_NUMBERS);
	for (size_t i = 0; i < n; i++)
		record_key(value + head + 8 * i, numbers[i]);
	put_changed(txn, db, name_key(name), (struct bytes){value, head + 8 * n});
}

int64_t entry_count_up(struct txn *txn, unsigned db, const char *name)
{
	int64_t n;

	entry_load_numbers(txn, db, name, ENTRY_PLAIN, &n, 1);
	n = n >= 0 && n < INT64_MAX ? n + 1 : 1; /* a damaged one begins anew */
	entry_save_numbers(txn, db, name, ENTRY_PLAIN, &n, 1);
	return n;
}

void entry_each(
	struct entry_each *each, struct txn *txn, unsigned db, struct bytes prefix, size_t key_len)
{
	each->txn = txn;
	each->db = db;
	each->key_len = key_len;
	each->prefix = prefix.len;
	entry_each_from(each, prefix, false);
}

void entry_each_from(struct entry_each *each, struct bytes key, bool beyond)
{
	assert(key.len >= each->prefix && key.len <= sizeof(each->last));
	if (key.len > 0)
		memmove(each->last, key.data, key.len);
	each->key = (struct bytes){each->last, key.len};
	each->begun = beyond;
}

bool entry_each_next(struct entry_each *each)
{
	struct bytes key;

	while (store_seek(each->txn, each->db, each->key, each->begun, &key, &each->value) ==
		FOUND) {
		if (key.len < each->prefix || key.len > sizeof(each->last) ||
			memcmp(key.data, each->last, each->prefix) != 0)
			return false;
		entry_each_from(each, key, true);
		if (each->key_len == 0 || key.len == each->key_len)
			return true;
	}
	return false;
}
