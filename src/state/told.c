/* told.c - see told.h. QUEUE_META "told DIGEST" → version 1, when (ms), for LIMIT_TOLD texts. */
#include "state/told.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "state/tables.h"
#include "store/entry.h"

#define VERSION 1
#define PREFIX	"told "

/* At this many all but the old ones are news again. */
static void make_room(struct txn *txn)
{
	struct entry_each each;
	size_t count = 0;

	entry_each(&each, txn, QUEUE_META, (struct bytes){PREFIX, strlen(PREFIX)}, 0);
	while (entry_each_next(&each))
		count++;
	if (count < LIMIT_TOLD)
		return;
	entry_each(&each, txn, QUEUE_META, (struct bytes){PREFIX, strlen(PREFIX)}, 0);
	while (entry_each_next(&each))
		store_del(txn, QUEUE_META, each.key);
}

static bool is_told(struct txn *txn, const char *name, int64_t now_ms)
{
	int64_t at, age;

	if (!entry_load_numbers(txn, QUEUE_META, name, VERSION, &at, 1))
		return false;
	age = clock_age_ms(now_ms, at);
	return age >= 0 && age < LIMIT_TOLD_MS;
}

bool told_first(struct store *queue, const char *text, int64_t now_ms)
{
	struct digest digest = digest_text(text);
	struct txn txn;
	char name[sizeof(PREFIX) + 2 * DIGEST_BYTES] = PREFIX;
	bool told;

	if (queue == NULL)
		return true;
	digest_hex(&digest, name + strlen(PREFIX));
	store_begin(&txn, queue, TXN_READ);
	told = is_told(&txn, name, now_ms);
	store_abort(&txn);
	if (!told) {
		store_begin(&txn, queue, TXN_WRITE);
		make_room(&txn);
		entry_save_numbers(&txn, QUEUE_META, name, VERSION, &now_ms, 1);
		store_commit(&txn, NULL);
	}
	return !told;
}
