/* fuzz_item.c - any JSON in place of an item of Plex, of a detail or of a listing. */
#include "fuzz.h"

#include "base/limits.h"
#include "plex/item.h"
#include "push/values.h"

static void check(const struct item *item, struct arena *a)
{
	struct fields fields;
	int64_t key;

	assert(str_number(item->rating_key, &key));
	for (size_t i = 0; i < item->part_count; i++) {
		const struct item_part *part = item_part(item, item->parts[i].path);
		assert(part != NULL && part <= &item->parts[i]);
		assert(*part->path != '\0' && strlen(part->path) <= LIMIT_PATH_BYTES);
		assert(item->parts[i].first == (i == 0));
	}
	for (size_t i = 0; i < item->role_count; i++)
		assert(item->roles[i].name != NULL);
	for (size_t i = 0; i < item->locked.n; i++)
		assert(item_is_locked(item, item->locked.v[i]));
	values_of_item(item, &fields, a);
	for (enum field f = 0; f < FIELD_POSTER; f++)
		assert(fields.v[f].known && fields.v[f].text != NULL);
	assert(fields.v[FIELD_PERFORMERS].names.n == item->role_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cJSON *tree = fuzz_json(data, size);
	struct item item;
	struct arena a;

	arena_init(&a);
	if (item_parse(tree, &item, &a))
		check(&item, &a);
	arena_clear(&a);
	cJSON_Delete(tree);
	return 0;
}
