/* remembered.c - see remembered.h. Two records of QUEUE_META, "client" and "settings". */
#include "state/remembered.h"

#include <unistd.h>

#include "base/digest.h"
#include "state/tables.h"

static void random_hex(char hex[2 * DIGEST_BYTES + 1])
{
	struct digest digest;

	if (getentropy(digest.bytes, sizeof(digest.bytes)) != 0)
		digest = digest_text("plexsync");
	digest_hex(&digest, hex);
}

static char *load_client_id(struct txn *txn, struct arena *a)
{
	struct bytes value;

	if (tables_meta_get(txn, "client", &value) != FOUND)
		return NULL;
	return arena_strndup(a, value.data, value.len);
}

char *remembered_make_client_id(struct state *state, struct arena *a)
{
	char hex[2 * DIGEST_BYTES + 1];
	struct digest digest;
	struct str record;
	struct txn txn;
	char *id;

	/* Another process may make one at the same time: the first one stays. */
	random_hex(hex);
	store_begin(&txn, state->queue, TXN_WRITE);
	id = load_client_id(&txn, a);
	if (id == NULL) {
		str_init(&record, a);
		str_add(&record, hex);
		tables_meta_put(&txn, "client", &record);
		id = record.s;
	}
	if (store_commit(&txn, NULL))
		return id;
	digest = digest_text(state->dir ? state->dir : "plexsync");
	digest_hex(&digest, hex);
	return arena_strdup(a, hex);
}

void remembered_load(struct txn *txn, struct remembered *remembered, struct arena *a)
{
	struct bytes value;

	*remembered = (struct remembered){.client_id = load_client_id(txn, a)};
	if (tables_meta_get(txn, "settings", &value) == FOUND && value.len == 3) {
		const unsigned char *flags = value.data;
		remembered->hook_queue_only = flags[0] != 0;
		remembered->hide_paths = flags[1] != 0;
		remembered->only_groups = flags[2] != 0;
	}
}

void remembered_save(struct txn *txn, const struct remembered *remembered)
{
	const unsigned char flags[3] = {
		remembered->hook_queue_only, remembered->hide_paths, remembered->only_groups};

	store_put(txn, QUEUE_META, (struct bytes){"settings", 8},
		(struct bytes){flags, sizeof(flags)});
}
