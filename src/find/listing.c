#include "find/listing.h"

#include "base/log.h"
#include "base/rows.h"
#include "state/told.h"

bool listing_total(const struct env *env, const struct request *request,
	const struct library *library, int64_t *total, struct err *err)
{
	struct plex_time time = request_plex_time(request, LIMIT_REQUEST_MS);
	struct library_page page;
	struct arena a;
	bool done;

	arena_init(&a);
	done = library_page(env->use->plex, library, LIBRARY_BY_ID, 0, 0, &time, &page, &a, err);
	arena_clear(&a);
	*total = done ? page.total : 0;
	return done;
}

/* Fewer items than the total that the same answers give: not all of them. */
static bool ended_early(const struct library *library, struct err *err)
{
	err_set(err, ERR_SERVER, "library %s: the listing ended early", library->title);
	err->party = PARTY_PLEX;
	return false;
}

static bool ask_page(void *what, size_t first, size_t count, size_t *done, struct err *err)
{
	struct listing *listing = what;
	struct plex_time time = request_plex_time(listing->request, LIMIT_PAGE_MS);
	struct library_page page;
	struct arena a;
	bool ok;

	*done = 0;
	if (!listing->more || (listing->total >= 0 && (int64_t)first >= listing->total))
		return true;
	arena_init(&a);
	ok = library_page(listing->env->use->plex, listing->library, listing->order, (int64_t)first,
		     (unsigned)count, &time, &page, &a, err) &&
	     listing->take(listing->what, &page, &listing->more, &a, err);
	if (ok && listing->order == LIBRARY_BY_ID && page.received == 0 &&
		(int64_t)first < page.total)
		ok = ended_early(listing->library, err);
	if (ok) {
		*done = page.received;
		listing->moved |= listing->total >= 0 && listing->total != page.total;
		listing->total = page.total;
		log_trace("Library \"%s\": %zu of %lld items", listing->library->title,
			first + page.received, (long long)page.total);
	} else if (err->kind == ERR_LATER && listing->total < 0) {
		struct err other; /* how far the rows go that may be left out */
		if (!listing_total(listing->env, listing->request, listing->library,
			    &listing->total, &other))
			*err = other;
	}
	arena_clear(&a);
	return ok;
}

static enum lookup see_item(void *what, size_t row, size_t *end, struct err *err)
{
	struct listing *listing = what;
	struct plex_time time = request_plex_time(listing->request, LIMIT_PAGE_MS);
	enum lookup found = ABSENT;
	struct library_page page;
	struct arena a;

	if (listing->total >= 0 && (uint64_t)listing->total < *end)
		*end = (size_t)listing->total;
	if (row >= *end)
		return ABSENT;
	arena_init(&a);
	if (!library_page(listing->env->use->plex, listing->library, listing->order, (int64_t)row,
		    1, &time, &page, &a, err))
		found = FAILED;
	else if (page.received > 0)
		found = FOUND;
	arena_clear(&a);
	return found;
}

/* An item that Plex cannot show is not in the index, which is complete without it: the scene
 * of its file waits until Plex can. */
static bool leave_item(void *what, size_t row, const struct err *why, struct err *err)
{
	struct listing *listing = what;
	struct arena a;
	char *about, *text;

	(void)err;
	listing->refused += !why->broken;
	arena_init(&a);
	about = arena_printf(&a, "left out %d %zu", listing->library->id, row);
	text = arena_printf(&a,
		"Plex cannot show item number %zu%s of the library \"%s\", which is left out (%s). "
		"If a name or text of it has damaged characters, rename the file or edit the item "
		"in Plex",
		row + 1, listing->order == LIBRARY_BY_ID ? "" : ", newest first,",
		listing->library->title, why->text);
	log_at(listing->order == LIBRARY_BY_ID && told_is_news(listing->env->state, about, "told")
			? LOG_WARNING
			: LOG_DEBUG,
		"%s", text);
	arena_clear(&a);
	return true;
}

bool listing_walk(struct listing *listing, struct err *err)
{
	struct rows rows = {.what = listing,
		.ask = ask_page,
		.leave = leave_item,
		.see = see_item,
		.end = SIZE_MAX,
		.most = LIMIT_PAGE_ITEMS,
		.must_read = true};

	listing->more = true;
	listing->moved = false;
	listing->refused = 0;
	listing->total = -1;
	if (rows_walk(&rows, err))
		return true;
	if (err->kind == ERR_LATER) /* too many of them */
		err->kind = ERR_SERVER;
	return false;
}
