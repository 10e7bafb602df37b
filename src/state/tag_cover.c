/* tag_cover.c - see tag_cover.h. Records of QUEUE_META: "tags", "tag edits". */
#include "state/tag_cover.h"

#include "state/tables.h"
#include "store/entry.h"

#define VERSION 1
#define EDITS	"tag edits"

static const struct bytes key = {"tags", 4};

bool tag_ids_has(const struct tag_ids *ids, int64_t id)
{
	size_t low = 0, high = ids->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (ids->v[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ids->n && ids->v[low] == id;
}

static void code_ids(struct record *r, struct tag_ids *ids)
{
	ids->v = record_list(r, ids->v, &ids->n, sizeof(*ids->v), sizeof(int64_t));
	for (size_t i = 0; i < ids->n; i++)
		record_i64(r, &ids->v[i]);
}

static void code(struct record *r, void *what)
{
	struct tag_cover *cover = what;
	uint8_t version = VERSION;

	record_u8(r, &version);
	record_refuse(r, version == VERSION);
	record_u64(r, &cover->settings);
	record_i64(r, &cover->newest);
	code_ids(r, &cover->only);
	code_ids(r, &cover->ignored);
}

enum lookup tag_cover_get(struct txn *txn, struct tag_cover *cover, struct arena *a)
{
	enum lookup found = entry_load(txn, QUEUE_META, key, code, cover, sizeof(*cover), a);

	entry_load_numbers(txn, QUEUE_META, EDITS, ENTRY_PLAIN, &cover->edits, 1);
	return found;
}

void tag_cover_put(struct txn *txn, const struct tag_cover *cover)
{
	int64_t edits = 0;

	entry_load_numbers(txn, QUEUE_META, EDITS, ENTRY_PLAIN, &edits, 1);
	if (edits == cover->edits)
		entry_save(txn, QUEUE_META, key, code, cover, sizeof(*cover));
}

void tag_cover_forget(struct txn *txn)
{
	store_del(txn, QUEUE_META, key);
	entry_count_up(txn, QUEUE_META, EDITS);
}
