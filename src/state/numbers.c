/* numbers.c - see numbers.h. */
#include "state/numbers.h"

#include <assert.h>
#include <string.h>

#include "store/entry.h"

static struct bytes key_of(const char *name)
{
	return (struct bytes){name, strlen(name)};
}

struct numbers {
	uint8_t version;
	size_t n;
	int64_t v[NUMBERS_MOST];
};

static void code_numbers(struct record *r, void *what)
{
	struct numbers *numbers = what;
	uint8_t version = numbers->version;

	if (version != NUMBERS_PLAIN)
		record_u8(r, &version);
	record_refuse(r, version == numbers->version);
	for (size_t i = 0; i < numbers->n; i++)
		record_i64(r, &numbers->v[i]);
}

bool numbers_load(
	struct txn *txn, unsigned db, const char *name, uint8_t version, int64_t *numbers, size_t n)
{
	struct numbers stored = {.version = version, .n = n};
	struct record r = {.bad = true};
	struct bytes value;

	if (store_get(txn, db, key_of(name), &value) == FOUND) {
		record_read(&r, value, NULL);
		code_numbers(&r, &stored);
	}
	for (size_t i = 0; i < n; i++)
		numbers[i] = record_ok(&r) ? stored.v[i] : 0;
	return record_ok(&r);
}

void numbers_save(struct txn *txn, unsigned db, const char *name, uint8_t version,
	const int64_t *numbers, size_t n)
{
	struct numbers copy = {.version = version, .n = n};

	assert(n <= NUMBERS_MOST);
	memcpy(copy.v, numbers, n * sizeof(*numbers));
	entry_save(txn, db, key_of(name), code_numbers, &copy, sizeof(copy));
}

int64_t numbers_count(struct txn *txn, unsigned db, const char *name)
{
	int64_t n;

	numbers_load(txn, db, name, NUMBERS_PLAIN, &n, 1);
	return n;
}

int64_t numbers_next(struct txn *txn, unsigned db, const char *name)
{
	int64_t n = numbers_count(txn, db, name) + 1;

	numbers_save(txn, db, name, NUMBERS_PLAIN, &n, 1);
	return n;
}
