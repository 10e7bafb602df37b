/*
 * library.c - listings ask for few elements and fields, but are read just as well with all of
 * them. A page may contain fewer items than were asked for.
 */
#include "plex/library.h"

#include <string.h>

#include "base/json.h"

static bool parse_library(const cJSON *from, struct library *library, struct arena *a)
{
	const char *counter = json_id(a, from, "contentChangedAt");

	*library = (struct library){.id = plex_library_id(from, "key")};
	library->uuid = json_copy(a, from, "uuid");
	library->title = json_copy(a, from, "title");
	library->type = json_copy(a, from, "type");
	library->scanner = json_copy(a, from, "scanner");
	library->counter = counter ? counter : "";
	library->scanned = json_int(from, "scannedAt", 0);
	library->updated = json_int(from, "updatedAt", 0);
	library->locations = json_names(a, json_get(from, "Location"), NULL, "path");
	return library->id > 0;
}

bool library_read(struct plex *plex, const struct plex_time *time, struct library_list *libraries,
	struct arena *a, struct err *err)
{
	cJSON *root;
	const cJSON *container = plex_get(plex, PLEX_SERVER, "/library/sections", time, &root, err);
	size_t count;
	const cJSON *list = json_list(container, "Directory", &count), *entry;

	*libraries = (struct library_list){0};
	if (container == NULL)
		return false;
	libraries->v = arena_array(a, count, sizeof(*libraries->v));
	cJSON_ArrayForEach(entry, list)
	{
		if (parse_library(entry, &libraries->v[libraries->n], a))
			libraries->n++;
	}
	cJSON_Delete(root);
	return true;
}

int library_item_type(const struct library *library)
{
	if (strcmp(library->type, "movie") == 0)
		return 1;
	return strcmp(library->type, "show") == 0 ? 4 : 0;
}

/* 'word': in the title; NULL: any. */
static const char *page_path(const struct library *library, enum library_order order, int64_t start,
	unsigned size, const char *word, struct arena *a)
{
	static const char *const sort[] = {"id", "addedAt%3Adesc", "updatedAt%3Adesc"};
	struct str path;

	str_init(&path, a);
	str_addf(
		&path, "/library/sections/%d/all?type=%d", library->id, library_item_type(library));
	if (size > 0)
		str_addf(&path, "&sort=%s", sort[order]);
	if (word != NULL)
		str_addf(&path, "&title=%s", http_escape(a, word));
	str_addf(&path, "&X-Plex-Container-Start=%lld&X-Plex-Container-Size=%u", (long long)start,
		size);
	str_add(&path, "&excludeElements=Genre,Country,Guid,Rating,Collection,Director,Writer,Role,"
		       "Producer,Image,UltraBlurColors&excludeFields=summary,tagline");
	return path.s;
}

static bool read_page(struct plex *plex, const struct library *library, const char *path,
	const struct plex_time *time, struct library_page *page, struct arena *a, struct err *err)
{
	cJSON *root;
	const cJSON *container = plex_get(plex, PLEX_LIST, path, time, &root, err);
	const cJSON *list = json_list(container, "Metadata", &page->received), *entry;

	*page = (struct library_page){.received = page->received};
	if (container == NULL) /* a wrong setting concerns all libraries */
		return err->kind == ERR_SETUP ? false
					      : err_context(err, "library %s", library->title);
	page->total = json_int(container, "totalSize", -1);
	page->items = arena_array(a, page->received, sizeof(*page->items));
	cJSON_ArrayForEach(entry, list)
	{
		if (item_parse(entry, &page->items[page->n], a))
			page->n++;
	}
	cJSON_Delete(root);
	if (page->total >= 0)
		return true;
	err_set(err, ERR_SERVER, "library %s: the listing does not say how many items there are",
		library->title);
	err->party = PARTY_PLEX;
	return false;
}

bool library_page(struct plex *plex, const struct library *library, enum library_order order,
	int64_t start, unsigned size, const struct plex_time *time, struct library_page *page,
	struct arena *a, struct err *err)
{
	const char *path = page_path(library, order, start, size, NULL, a);

	if (read_page(plex, library, path, time, page, a, err))
		return true;
	if (size == 0 && err->kind == ERR_LATER) /* no row is to blame */
		err->kind = ERR_SERVER;
	return false;
}

bool library_search(struct plex *plex, const struct library *library, const char *word,
	int64_t start, unsigned size, const struct plex_time *time, struct library_page *page,
	struct arena *a, struct err *err)
{
	const char *path = page_path(library, LIBRARY_BY_ID, start, size, word, a);

	return read_page(plex, library, path, time, page, a, err);
}

bool library_scan(struct plex *plex, int id, const char *folder, const struct plex_time *time,
	struct err *err)
{
	struct arena a;
	bool done;

	arena_init(&a);
	done = plex_send(plex, "GET",
		arena_printf(
			&a, "/library/sections/%d/refresh?path=%s", id, http_escape(&a, folder)),
		NULL, 0, time, err);
	arena_clear(&a);
	return done;
}
