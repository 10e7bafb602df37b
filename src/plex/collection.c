/* collection.c - a page may contain fewer rows than were asked for. */
#include "plex/collection.h"

#include <string.h>

#include "base/json.h"
#include "base/rows.h"

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

struct reading {
	struct plex *plex;
	int section;
	const struct plex_time *time;
	struct collection_list *list; /* NULL: they are only looked at */
	int64_t total;		      /* < 0: not known yet */
	struct arena *arena;
};

static bool ask_page(void *what, size_t first, size_t count, size_t *done, struct err *err)
{
	struct reading *reading = what;
	struct arena *a = reading->arena;
	const char *path = arena_printf(a,
		"/library/sections/%d/all?type=%d&X-Plex-Container-Start=%zu"
		"&X-Plex-Container-Size=%zu&excludeFields=summary",
		reading->section, COLLECTION_TYPE, first, count);
	const cJSON *container, *rows, *row;
	cJSON *root;

	*done = 0;
	if (reading->total >= 0 && first >= (size_t)reading->total)
		return true;
	container = plex_get(reading->plex, PLEX_LIST, path, reading->time, &root, err);
	if (container == NULL)
		return err_context(err, "the collections of library %d", reading->section);
	rows = json_list(container, "Metadata", done);
	if (rows == NULL)
		rows = json_list(container, "Directory", done);
	reading->total = json_int(container, "totalSize", 0);
	if (reading->list != NULL) {
		grow(reading->list, *done, a);
		cJSON_ArrayForEach(row, rows)
		{
			parse(row, reading->list, a);
		}
	}
	cJSON_Delete(root);
	return true;
}

static enum lookup see_row(void *what, size_t row, size_t *end, struct err *err)
{
	struct reading look = *(const struct reading *)what;
	size_t done;

	(void)end;
	look.list = NULL;
	if (!ask_page(&look, row, 1, &done, err))
		return FAILED;
	return done > 0 ? FOUND : ABSENT;
}

static bool leave_row(void *what, size_t row, const struct err *why, struct err *err)
{
	struct reading *reading = what;

	(void)row;
	(void)err;
	str_list_add(&reading->list->left_out, arena_strdup(reading->arena, why->text));
	return true;
}

bool collection_read(struct plex *plex, int section, const struct plex_time *time,
	struct collection_list *list, struct arena *a, struct err *err)
{
	struct reading reading = {.plex = plex,
		.section = section,
		.time = time,
		.list = list,
		.total = -1,
		.arena = a};
	struct rows rows = {.what = &reading,
		.ask = ask_page,
		.see = see_row,
		.leave = leave_row,
		.end = SIZE_MAX,
		.most = LIMIT_PAGE_ITEMS,
		.must_read = true};

	*list = (struct collection_list){0};
	str_list_init(&list->left_out, a);
	return rows_walk(&rows, err);
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
