/* item.c - see item.h. */
#include "plex/item.h"

#include <string.h>

#include "base/json.h"

/* Media of this kind are copies that Plex made itself. */
#define PROXY_OPTIMIZED 42

static int type_number(const char *word)
{
	static const struct {
		const char *word;
		int number;
	} types[] = {{"movie", 1}, {"show", 2}, {"season", 3}, {"episode", 4}, {"clip", 12}};

	for (size_t i = 0; word != NULL && i < sizeof(types) / sizeof(*types); i++) {
		if (strcmp(word, types[i].word) == 0)
			return types[i].number;
	}
	return 0;
}

/* A rating of Plex, 0 to 10, as text without zeros at its end: "8.5". */
static char *rating(const cJSON *from, struct arena *a)
{
	const cJSON *value = json_get(from, "userRating");

	if (cJSON_IsString(value))
		return arena_strdup(a, value->valuestring);
	return cJSON_IsNumber(value) ? arena_printf(a, "%.3g", value->valuedouble)
				     : arena_strdup(a, "");
}

static void parse_roles(const cJSON *list, struct item *item, struct arena *a)
{
	const cJSON *role;
	int count = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;

	item->roles = arena_array(a, (size_t)count, sizeof(*item->roles));
	if (count == 0)
		return;
	cJSON_ArrayForEach(role, list)
	{
		const char *name = json_text(role, "tag");
		if (name == NULL || *name == '\0')
			continue;
		item->roles[item->role_count++] = (struct item_role){.name = arena_strdup(a, name),
			.role = arena_strdup(a, json_text(role, "role")),
			.thumb = arena_strdup(a, json_text(role, "thumb")),
			.tag_key = arena_strdup(a, json_text(role, "tagKey"))};
	}
}

/* How many parts the item can have at most. */
static size_t count_parts(const cJSON *media)
{
	const cJSON *medium;
	size_t count = 0;

	if (!cJSON_IsArray(media))
		return 0;
	cJSON_ArrayForEach(medium, media)
	{
		const cJSON *list = json_get(medium, "Part");
		count += cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
	}
	return count;
}

static void parse_parts(const cJSON *media, struct item *item, struct arena *a)
{
	size_t count = count_parts(media);
	const cJSON *medium, *part;

	item->parts = arena_array(a, count, sizeof(*item->parts));
	if (count == 0)
		return;
	cJSON_ArrayForEach(medium, media)
	{
		if (json_int(medium, "proxyType", 0) == PROXY_OPTIMIZED ||
			!cJSON_IsArray(json_get(medium, "Part")))
			continue;
		cJSON_ArrayForEach(part, json_get(medium, "Part"))
		{
			const char *path = json_text(part, "file");
			if (path == NULL || *path == '\0' || strlen(path) > LIMIT_PATH_BYTES)
				continue;
			item->parts[item->part_count] = (struct item_part){
				.path = arena_strdup(a, path),
				.size = json_int(part, "size", 0),
				.first = item->part_count == 0};
			item->part_count++;
		}
	}
}

/* 0: not told, or no number that a library can have. */
static int section_of(const cJSON *from)
{
	int64_t id = json_int(from, "librarySectionID", 0);

	return id > 0 && id <= INT32_MAX ? (int)id : 0;
}

bool item_parse(const cJSON *from, struct item *item, struct arena *a)
{
	int64_t key;

	*item = (struct item){.rating_key = json_id(a, from, "ratingKey")};
	if (item->rating_key == NULL || strlen(item->rating_key) > 20 ||
		!str_number(item->rating_key, &key))
		return false;
	item->section = section_of(from);
	item->section_uuid = arena_strdup(a, json_text(from, "librarySectionUUID"));
	item->type = type_number(json_text(from, "type"));
	item->added = json_int(from, "addedAt", 0);
	item->updated = json_int(from, "updatedAt", 0);
	item->title = json_copy(a, from, "title");
	item->summary = json_copy(a, from, "summary");
	item->studio = json_copy(a, from, "studio");
	item->date = json_copy(a, from, "originallyAvailableAt");
	item->deleted = json_get(from, "deletedAt") != NULL;
	item->rating = rating(from, a);
	item->genres = json_names(a, json_get(from, "Genre"), NULL, "tag");
	item->directors = json_names(a, json_get(from, "Director"), NULL, "tag");
	item->collections = json_names(a, json_get(from, "Collection"), NULL, "tag");
	item->locked = json_names(a, json_get(from, "Field"), NULL, "name");
	parse_roles(json_get(from, "Role"), item, a);
	parse_parts(json_get(from, "Media"), item, a);
	return true;
}

/* skipRefresh: a plain read may start an agent's refresh or an analysis. */
enum lookup item_get(struct plex *plex, const char *rating_key, const struct plex_time *time,
	struct item *item, struct arena *a, struct err *err)
{
	const char *path = arena_printf(a,
		"/library/metadata/"
		"%s?skipRefresh=1&X-Plex-Container-Start=0&X-Plex-Container-Size=1",
		rating_key);
	cJSON *root;
	const cJSON *container = plex_get(plex, PLEX_ITEM, path, time, &root, err);
	enum lookup found = ABSENT;

	if (container == NULL)
		return err->status == 404 ? ABSENT : FAILED;
	if (item_parse(cJSON_GetArrayItem(json_get(container, "Metadata"), 0), item, a) &&
		strcmp(item->rating_key, rating_key) == 0 && !item->deleted)
		found = FOUND;
	/* The library is told on the item or on its container. */
	if (found == FOUND && item->section == 0)
		item->section = section_of(container);
	if (found == FOUND && item->section_uuid == NULL)
		item->section_uuid = arena_strdup(a, json_text(container, "librarySectionUUID"));
	cJSON_Delete(root);
	return found;
}

const struct item_part *item_part(const struct item *item, const char *path)
{
	for (size_t i = 0; i < item->part_count; i++) {
		if (strcmp(item->parts[i].path, path) == 0)
			return &item->parts[i];
	}
	return NULL;
}

bool item_is_locked(const struct item *item, const char *field)
{
	for (size_t i = 0; i < item->locked.n; i++) {
		if (strcmp(item->locked.v[i], field) == 0)
			return true;
	}
	return false;
}
