/* collection.c - a page may contain fewer rows than were asked for. */
#include "plex/collection.h"

#include <string.h>

#include "base/json.h"

/* NULL if it cannot be one. */
static char *rating_key(const cJSON *from, struct arena *a)
{
	char *key = json_id(a, from, "ratingKey");
	int64_t number;

	return key != NULL && strlen(key) <= 20 && str_number(key, &number) ? key : NULL;
}

static void parse(const cJSON *from, struct collection_list *list, struct arena *a)
{
	struct collection *to = &list->v[list->n];

	*to = (struct collection){
		.rating_key = rating_key(from, a), .title = json_copy(a, from, "title")};
	if (!json_to_bool(json_get(from, "smart"), &to->smart))
		to->smart = false;
	list->n += to->rating_key != NULL;
}

static void grow(struct collection_list *list, size_t count, struct arena *a)
{
	struct collection *v = arena_array(a, list->n + count, sizeof(*v));

	if (list->n > 0)
		memcpy(v, list->v, list->n * sizeof(*v));
	list->v = v;
}

bool collection_read(struct plex *plex, int section, const struct plex_time *time,
	struct collection_list *list, struct arena *a, struct err *err)
{
	size_t start = 0, received = 1;
	int64_t total = 0;

	*list = (struct collection_list){0};
	while (received > 0 && (start == 0 || (int64_t)start < total)) {
		const char *path = arena_printf(a,
			"/library/sections/%d/all?type=%d&X-Plex-Container-Start=%zu"
			"&X-Plex-Container-Size=%u&excludeFields=summary",
			section, COLLECTION_TYPE, start, LIMIT_PAGE_ITEMS);
		cJSON *root;
		const cJSON *container = plex_get(plex, PLEX_LIST, path, time, &root, err), *row;
		const cJSON *rows = json_list(container, "Metadata", &received);
		if (container == NULL)
			return err_context(err, "the collections of library %d", section);
		if (rows == NULL)
			rows = json_list(container, "Directory", &received);
		grow(list, received, a);
		cJSON_ArrayForEach(row, rows)
		{
			parse(row, list, a);
		}
		start += received;
		total = json_int(container, "totalSize", 0);
		cJSON_Delete(root);
	}
	return true;
}

bool collection_items(struct plex *plex, const char *key, int64_t start,
	const struct plex_time *time, struct str_list *rating_keys, size_t *received,
	struct arena *a, struct err *err)
{
	const char *path = arena_printf(a,
		"/library/collections/%s/children?X-Plex-Container-Start=%lld"
		"&X-Plex-Container-Size=%u",
		key, (long long)start, LIMIT_PAGE_ITEMS);
	cJSON *root;
	const cJSON *container = plex_get(plex, PLEX_ITEM, path, time, &root, err), *row;
	const cJSON *rows = json_list(container, "Metadata", received);

	str_list_init(rating_keys, a);
	if (container == NULL)
		return false;
	cJSON_ArrayForEach(row, rows)
	{
		char *item = rating_key(row, a);
		if (item != NULL)
			str_list_add(rating_keys, item);
	}
	cJSON_Delete(root);
	return true;
}
