#include "plex/item.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "http/http.h"

/* Media of this type are copies that Plex made itself. */
#define PROXY_OPTIMIZED 42

static int type_number(const char *word)
{
	static const struct {
		const char *word;
		int number;
	} types[] = {{"movie", 1}, {"show", 2}, {"season", 3}, {"episode", 4}, {"clip", 12},
		{"collection", 18}};

	for (size_t i = 0; word != NULL && i < sizeof(types) / sizeof(*types); i++) {
		if (strcmp(word, types[i].word) == 0)
			return types[i].number;
	}
	return 0;
}

/* A rating, 0 to 10, as text without trailing zeros: "8.5". */
static char *rating(const cJSON *from, const char *whose, struct arena *a)
{
	const cJSON *value = json_get(from, whose);

	double number = cJSON_IsString(value) ? strtod(value->valuestring, NULL)
					      : cJSON_GetNumberValue(value);

	return isfinite(number) && number > 0 ? arena_printf(a, "%.3g", number)
					      : arena_strdup(a, "");
}

static void parse_roles(const cJSON *from, struct item *item, struct arena *a)
{
	size_t count;
	const cJSON *list = json_list(from, "Role", &count), *role;

	item->roles = arena_array(a, count, sizeof(*item->roles));
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

/* Plex measures each part; one that is alone is as long as its medium. */
static int64_t part_duration(const cJSON *part, const cJSON *medium, size_t parts)
{
	int64_t ms = json_int(part, "duration", 0);

	if (ms <= 0 && parts == 1)
		ms = json_int(medium, "duration", 0);
	return ms > 0 ? ms : 0;
}

static void parse_parts(const cJSON *from, struct item *item, struct arena *a)
{
	size_t media_count, count, most = 0;
	const cJSON *media = json_list(from, "Media", &media_count), *medium, *parts, *part;

	cJSON_ArrayForEach(medium, media)
	{
		json_list(medium, "Part", &count);
		most += count;
	}
	item->parts = arena_array(a, most, sizeof(*item->parts));
	cJSON_ArrayForEach(medium, media)
	{
		parts = json_list(medium, "Part", &count);
		if (json_int(medium, "proxyType", 0) == PROXY_OPTIMIZED)
			continue;
		cJSON_ArrayForEach(part, parts)
		{
			const char *path = json_text(part, "file");
			if (path == NULL || *path == '\0' || strlen(path) > LIMIT_PATH_BYTES)
				continue;
			item->parts[item->part_count] = (struct item_part){
				.path = arena_strdup(a, path),
				.size = json_int(part, "size", 0),
				.duration_ms = part_duration(part, medium, count),
				.first = item->part_count == 0};
			item->part_count++;
		}
	}
}

bool item_parse(const cJSON *from, struct item *item, struct arena *a)
{
	int64_t key;

	*item = (struct item){.rating_key = json_id(a, from, "ratingKey")};
	if (item->rating_key == NULL || strlen(item->rating_key) > 20 ||
		!str_number(item->rating_key, &key))
		return false;
	item->section = plex_library_id(from, "librarySectionID");
	item->section_uuid = arena_strdup(a, json_text(from, "librarySectionUUID"));
	item->type = type_number(json_text(from, "type"));
	item->added = json_int(from, "addedAt", 0);
	item->updated = json_int(from, "updatedAt", 0);
	item->duration_ms = json_int(from, "duration", 0);
	item->title = json_copy(a, from, "title");
	item->summary = json_copy(a, from, "summary");
	item->studio = json_copy(a, from, "studio");
	item->date = json_copy(a, from, "originallyAvailableAt");
	item->deleted = json_get(from, "deletedAt") != NULL;
	item->has_thumb = *json_copy(a, from, "thumb") != '\0';
	item->has_art = *json_copy(a, from, "art") != '\0';
	item->sort_title = json_copy(a, from, "titleSort");
	if (*item->sort_title == '\0')
		item->sort_title = item->title;
	item->content_rating = json_copy(a, from, "contentRating");
	item->rating = rating(from, "userRating", a);
	item->critic_rating = rating(from, "rating", a);
	item->genres = json_names(a, json_get(from, "Genre"), NULL, "tag");
	item->directors = json_names(a, json_get(from, "Director"), NULL, "tag");
	item->collections = json_names(a, json_get(from, "Collection"), NULL, "tag");
	item->labels = json_names(a, json_get(from, "Label"), NULL, "tag");
	item->locked = json_names(a, json_get(from, "Field"), NULL, "name");
	parse_roles(from, item, a);
	parse_parts(from, item, a);
	return true;
}

/* One of the items of an answer. */
static bool parse_detail(
	const cJSON *container, const cJSON *element, struct item *item, struct arena *a)
{
	if (!item_parse(element, item, a) || item->deleted)
		return false;
	/* The library is named on the item or on its container. */
	if (item->section == 0)
		item->section = plex_library_id(container, "librarySectionID");
	if (item->section_uuid == NULL)
		item->section_uuid = arena_strdup(a, json_text(container, "librarySectionUUID"));
	return true;
}

/* skipRefresh: a plain read may start a refresh by an agent, or an analysis. */
static const cJSON *ask(struct plex *plex, enum plex_scope scope, const char *keys, size_t count,
	const struct plex_time *time, cJSON **root, struct arena *a, struct err *err)
{
	const char *path = arena_printf(a,
		"/library/metadata/"
		"%s?skipRefresh=1&X-Plex-Container-Start=0&X-Plex-Container-Size=%zu",
		keys, count);

	return plex_get(plex, scope, path, time, root, err);
}

enum lookup item_get(struct plex *plex, const char *rating_key, const struct plex_time *time,
	struct item *item, struct arena *a, struct err *err)
{
	cJSON *root;
	const cJSON *container = ask(plex, PLEX_ITEM, rating_key, 1, time, &root, a, err);
	enum lookup found = ABSENT;

	if (container == NULL)
		return err->status == 404 ? ABSENT : FAILED;
	if (parse_detail(
		    container, cJSON_GetArrayItem(json_get(container, "Metadata"), 0), item, a) &&
		strcmp(item->rating_key, rating_key) == 0)
		found = FOUND;
	cJSON_Delete(root);
	return found;
}

bool item_get_many(struct plex *plex, const char *const *keys, size_t count,
	const struct plex_time *time, enum lookup *found, struct item *items, struct arena *a,
	struct err *err)
{
	const cJSON *container, *element;
	struct str list;
	cJSON *root;

	str_init(&list, a);
	for (size_t i = 0; i < count; i++) {
		str_addf(&list, "%s%s", i > 0 ? "," : "", keys[i]);
		found[i] = ABSENT;
	}
	container = ask(plex, PLEX_LIST, list.s, count, time, &root, a, err);
	if (container == NULL)
		return err->status == 404; /* none of them exists */
	cJSON_ArrayForEach(element, json_get(container, "Metadata"))
	{
		struct item item;
		if (!parse_detail(container, element, &item, a))
			continue;
		for (size_t i = 0; i < count; i++) {
			if (strcmp(keys[i], item.rating_key) != 0)
				continue;
			found[i] = FOUND;
			items[i] = item;
		}
	}
	cJSON_Delete(root);
	return true;
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
	return str_list_has(&item->locked, field);
}

const char *item_url(const char *machine, const char *rating_key, struct arena *a)
{
	if (str_blank(machine))
		return NULL;
	return arena_printf(a,
		"https://app.plex.tv/desktop/#!/server/%s/"
		"details?key=%%2Flibrary%%2Fmetadata%%2F%s",
		http_escape(a, machine), http_escape(a, rating_key));
}
