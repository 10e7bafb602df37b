/* tables.c - see tables.h. */
#include "state/tables.h"

#include <string.h>

const char *const tables_queue[QUEUE_DATABASES] = {
	"meta", "jobs", "due", "waiting", "bulk", "items", "scenes", "entities"};
const char *const tables_cache[CACHE_DATABASES] = {
	"meta", "matches", "match-names", "match-ages", "parts", "part-names", "sections", "scans"};

static struct bytes text_bytes(const char *text)
{
	return (struct bytes){text, strlen(text)};
}

enum lookup tables_meta_get(struct txn *txn, const char *name, struct bytes *record)
{
	return store_get(txn, QUEUE_META, text_bytes(name), record);
}

void tables_meta_put(struct txn *txn, const char *name, const struct str *record)
{
	store_put(txn, QUEUE_META, text_bytes(name), (struct bytes){record->s, record->len});
}
