#include "plex/picture.h"

#include <string.h>

#include "base/json.h"
#include "http/http.h"

/* Lists have plural names, selections singular ones. */
static const char *const plural[] = {[PICTURE_POSTER] = "posters", [PICTURE_BACKGROUND] = "arts"};
static const char *const singular[] = {[PICTURE_POSTER] = "poster", [PICTURE_BACKGROUND] = "art"};

bool picture_read(struct plex *plex, const char *rating_key, enum picture_kind kind,
	const struct plex_time *time, struct picture_list *list, struct arena *a, struct err *err)
{
	const char *path = arena_printf(a, "/library/metadata/%s/%s", rating_key, plural[kind]);
	cJSON *root;
	const cJSON *container = plex_get(plex, PLEX_ITEM, path, time, &root, err);
	const cJSON *pictures, *picture;
	size_t count;

	*list = (struct picture_list){0};
	if (container == NULL)
		return false;
	pictures = json_list(container, "Metadata", &count);
	if (pictures == NULL)
		pictures = json_list(container, "Photo", &count);
	list->v = arena_array(a, count, sizeof(*list->v));
	cJSON_ArrayForEach(picture, pictures)
	{
		const char *key = json_text(picture, "ratingKey");
		bool selected;
		if (key != NULL)
			list->v[list->n++] = (struct picture){.key = arena_strdup(a, key),
				.selected = json_to_bool(
						    json_get(picture, "selected"), &selected) &&
					    selected};
	}
	cJSON_Delete(root);
	return true;
}

/* "upload://posters/SHA-1"; of episodes "upload://posters/seasons/1/episodes/2/SHA-1". */
bool picture_is(const struct picture *picture, const char *sha1)
{
	const char *last = strrchr(picture->key, '/');

	return *sha1 != '\0' && strncmp(picture->key, "upload://", 9) == 0 &&
	       strcmp(last + 1, sha1) == 0;
}

const struct picture *picture_selected(const struct picture_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i].selected)
			return &list->v[i];
	}
	return NULL;
}

const struct picture *picture_find(const struct picture_list *list, const char *sha1)
{
	for (size_t i = 0; i < list->n; i++) {
		if (picture_is(&list->v[i], sha1))
			return &list->v[i];
	}
	return NULL;
}

bool picture_upload(struct plex *plex, const char *rating_key, enum picture_kind kind,
	const void *data, size_t len, const struct plex_time *time, struct err *err)
{
	struct arena a;
	bool done;

	arena_init(&a);
	done = plex_send(plex, "POST",
		arena_printf(&a, "/library/metadata/%s/%s", rating_key, plural[kind]), data, len,
		time, err);
	arena_clear(&a);
	return done;
}

bool picture_select(struct plex *plex, const char *rating_key, enum picture_kind kind,
	const char *key, const struct plex_time *time, struct err *err)
{
	struct arena a;
	bool done;

	arena_init(&a);
	done = plex_send(plex, "PUT",
		arena_printf(&a, "/library/metadata/%s/%s?url=%s", rating_key, singular[kind],
			http_escape(&a, key)),
		NULL, 0, time, err);
	arena_clear(&a);
	return done;
}
