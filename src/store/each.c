/* each.c - see each.h. */
#include "store/each.h"

#include <assert.h>
#include <string.h>

void store_each(
	struct store_each *each, struct txn *txn, unsigned db, struct bytes prefix, size_t key_len)
{
	each->txn = txn;
	each->db = db;
	each->key_len = key_len;
	each->prefix = prefix.len;
	store_each_from(each, prefix, false);
}

void store_each_from(struct store_each *each, struct bytes key, bool beyond)
{
	assert(key.len >= each->prefix && key.len <= sizeof(each->last));
	if (key.len > 0)
		memmove(each->last, key.data, key.len);
	each->key = (struct bytes){each->last, key.len};
	each->begun = beyond;
}

bool store_each_next(struct store_each *each)
{
	struct bytes key;

	while (store_seek(each->txn, each->db, each->key, each->begun, &key, &each->value) ==
		FOUND) {
		if (key.len < each->prefix || key.len > sizeof(each->last) ||
			memcmp(key.data, each->last, each->prefix) != 0)
			return false;
		store_each_from(each, key, true);
		if (each->key_len == 0 || key.len == each->key_len)
			return true;
	}
	return false;
}
