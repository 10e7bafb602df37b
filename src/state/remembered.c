/* remembered.c - see remembered.h. Records of QUEUE_META: "client", "settings", "one by one". */
#include "state/remembered.h"

#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "state/tables.h"

static const struct bytes client_key = {"client", 6}, settings_key = {"settings", 8},
			  one_by_one_key = {"one by one", 10};

static char *hex_of(struct digest digest, struct arena *a)
{
	char hex[2 * DIGEST_BYTES + 1];

	digest_hex(&digest, hex);
	return arena_strdup(a, hex);
}

static char *load_client_id(struct txn *txn, struct arena *a)
{
	struct bytes value;

	if (store_get(txn, QUEUE_META, client_key, &value) != FOUND)
		return NULL;
	return arena_strndup(a, value.data, value.len);
}

char *remembered_make_client_id(struct state *state, struct arena *a)
{
	struct digest random;
	struct txn txn;
	char *id;

	if (getentropy(random.bytes, sizeof(random.bytes)) != 0)
		random = digest_text("plexsync");
	store_begin(&txn, state->queue, TXN_WRITE);
	id = load_client_id(&txn, a); /* another process may have made it since */
	if (id == NULL) {
		id = hex_of(random, a);
		store_put(&txn, QUEUE_META, client_key, (struct bytes){id, strlen(id)});
	}
	if (!store_commit(&txn, NULL))
		id = hex_of(digest_text(state->dir ? state->dir : "plexsync"), a);
	return id;
}

void remembered_load(struct txn *txn, struct remembered *remembered, struct arena *a)
{
	struct bytes value;

	*remembered = (struct remembered){.client_id = load_client_id(txn, a)};
	if (store_get(txn, QUEUE_META, settings_key, &value) == FOUND && value.len == 3) {
		const unsigned char *flags = value.data;
		remembered->hook_queue_only = flags[0] != 0;
		remembered->hide_paths = flags[1] != 0;
		remembered->stash_lacking = flags[2];
	}
}

void remembered_save(struct txn *txn, const struct remembered *remembered)
{
	const unsigned char flags[3] = {
		remembered->hook_queue_only, remembered->hide_paths, remembered->stash_lacking};

	store_put(txn, QUEUE_META, settings_key, (struct bytes){flags, sizeof(flags)});
}

bool remembered_one_by_one(struct txn *txn, const char *machine)
{
	struct bytes value;

	return store_get(txn, QUEUE_META, one_by_one_key, &value) == FOUND &&
	       value.len == strlen(machine) && memcmp(value.data, machine, value.len) == 0;
}

void remembered_note_one_by_one(struct txn *txn, const char *machine)
{
	store_put(txn, QUEUE_META, one_by_one_key, (struct bytes){machine, strlen(machine)});
}
