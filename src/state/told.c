/* told.c - see told.h. CACHE_META, under the name of what it is about: a digest of the text, or 0. */
#include "state/told.h"

#include <string.h>

#include "base/digest.h"
#include "state/tables.h"
#include "store/entry.h"

bool told_is_news(struct state *state, const char *about, const char *text)
{
	struct digest digest = digest_text(text);
	int64_t now = 0, before = 0;
	struct txn txn;

	if (*text != '\0')
		memcpy(&now, digest.bytes, sizeof(now));
	if (!state_begin_cache(state, &txn, TXN_READ))
		return *text != '\0';
	entry_load_numbers(&txn, CACHE_META, about, ENTRY_PLAIN, &before, 1);
	store_abort(&txn);
	if (now == before)
		return false;
	if (state_begin_cache(state, &txn, TXN_WRITE)) {
		entry_save_numbers(&txn, CACHE_META, about, ENTRY_PLAIN, &now, 1);
		store_commit(&txn, NULL);
	}
	return *text != '\0';
}
