/*
 * fuzz_library.c - Plex's libraries, a page of a listing, and the detail of an
 * item, as any server may answer: parts as in canned.h.
 */
#include "canned.h"

#include "base/limits.h"
#include "plex/item.h"
#include "plex/library.h"

static const struct plex_time in_time = {.request_ms = LIMIT_REQUEST_MS};

/* What an error held before does not count. */
static void spoil(struct err *err)
{
	memset(err, 0x5a, sizeof(*err));
}

/* Every failure says whose it is and what to do about it. */
static void failed(struct err *err)
{
	assert(err->kind == ERR_SERVER || err->kind == ERR_SETUP || err->kind == ERR_LATER ||
		err->kind == ERR_JOB);
	assert(err->party == PARTY_PLEX && err->text[0] != '\0');
	assert(err->retry_after_ms >= 0 && err->retry_after_ms <= LIMIT_RETRY_AFTER_MS);
	spoil(err);
}

static void check_item(const struct item *item)
{
	int64_t key;

	assert(str_number(item->rating_key, &key));
	for (size_t i = 0; i < item->part_count; i++)
		assert(*item->parts[i].path != '\0');
}

static void check_page(const struct library_page *page)
{
	assert(page->total >= 0 && page->n <= page->received);
	for (size_t i = 0; i < page->n; i++)
		check_item(&page->items[i]);
}

static void read_pages(
	struct plex *plex, const struct library *library, struct arena *a, struct err *err)
{
	struct library_page page;

	assert(library->id > 0 && library->uuid != NULL && library->title != NULL);
	assert(library->scanner != NULL && library->counter != NULL);
	for (size_t i = 0; i < library->locations.n; i++)
		assert(*library->locations.v[i] != '\0');
	if (library_item_type(library) == 0)
		return;
	for (enum library_order order = LIBRARY_BY_ID; order <= LIBRARY_NEWEST_UPDATED; order++) {
		if (library_page(plex, library, order, 0, order, &in_time, &page, a, err))
			check_page(&page);
		else
			failed(err);
	}
}

static void read_all(struct plex *plex, struct arena *a, struct err *err)
{
	struct library_list libraries;
	struct item item;
	char *machine;
	enum lookup found;

	if (plex_identity(plex, &in_time, &machine, a, err))
		assert(*machine != '\0');
	else
		failed(err);
	if (library_read(plex, &in_time, &libraries, a, err)) {
		for (size_t i = 0; i < libraries.n; i++)
			read_pages(plex, &libraries.v[i], a, err);
	} else {
		failed(err);
	}
	found = item_get(plex, "55", &in_time, &item, a, err);
	if (found == FOUND) {
		assert(strcmp(item.rating_key, "55") == 0 && !item.deleted);
		check_item(&item);
	} else if (found == FAILED) {
		failed(err);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct plex_options options = {
		.url = "http://plex:32400", .token = "plex-token", .client_id = "stable"};
	struct plex *plex = plex_open(&options);
	struct err err;
	struct arena a;

	arena_init(&a);
	spoil(&err);
	canned_load(data, size);
	read_all(plex, &a, &err);
	plex_close(plex);
	arena_clear(&a);
	return 0;
}
