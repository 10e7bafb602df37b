#include "find/edited.h"

#include "base/clock.h"
#include "base/limits.h"
#include "find/listing.h"
#include "state/history.h"
#include "state/library_index.h"
#include "state/marks.h"
#include "state/queue.h"

/* One library. */
struct walk {
	const struct env *env;
	bool unattended;
	int64_t since, newest; /* by Plex's stamps, in seconds */
	size_t queued;
};

/* It was as the last push left it; the pictures of that push came after its time was read. */
static bool was_edited(const struct history *history, const struct item *item)
{
	return history->owner > 0 && history->updated > 0 &&
	       item->updated > history->updated + LIMIT_PICTURES_S;
}

static void queue_owner(
	struct walk *walk, struct txn *txn, const struct item *item, struct arena *a)
{
	struct event event = {.origin = ORIGIN_SWEEP, .unattended = walk->unattended};
	struct history history;
	struct job job;

	if (history_get(txn, walk->env->run->machine, item->rating_key, &history, a) != FOUND ||
		!was_edited(&history, item) || queue_get(txn, history.owner, &job, a) != ABSENT)
		return;
	event.scene = history.owner;
	queue_add(txn, &event, clock_now_ms());
	walk->queued++;
}

static bool take(
	void *what, struct library_page *page, bool *more, struct arena *a, struct err *err)
{
	struct walk *walk = what;
	struct txn txn;

	store_begin(&txn, walk->env->state->queue, TXN_WRITE);
	for (size_t i = 0; i < page->n && *more; i++) {
		const struct item *item = &page->items[i];
		if (item->updated > walk->newest)
			walk->newest = item->updated;
		*more = item->updated >= walk->since;
		if (*more)
			queue_owner(walk, &txn, item, a);
	}
	return store_commit(&txn, err);
}

static bool read_library(struct walk *walk, const struct index_section *section, struct err *err)
{
	const char *machine = walk->env->run->machine;
	struct library library = {
		.id = section->id, .title = section->title, .type = section->type};
	struct listing listing = {.env = walk->env,
		.library = &library,
		.order = LIBRARY_NEWEST_UPDATED,
		.take = take,
		.what = walk};
	struct txn txn;

	store_begin(&txn, walk->env->state->queue, TXN_READ);
	walk->since = walk->newest = marks_compared(&txn, machine, section->uuid);
	if (!store_commit(&txn, err) || !listing_walk(&listing, err))
		return false;
	store_begin(&txn, walk->env->state->queue, TXN_WRITE);
	marks_save_compared(&txn, machine, section->uuid, walk->newest);
	return store_commit(&txn, err);
}

bool edited_queue(const struct env *env, bool unattended, size_t *queued, struct err *err)
{
	struct walk walk = {.env = env, .unattended = unattended};
	struct library_index index;
	bool done = true;
	struct arena a;
	struct txn txn;

	if (env->state->queue == NULL || !state_begin_cache(env->state, &txn, TXN_READ))
		return true;
	arena_init(&a);
	library_index_load(&txn, &index, &a);
	store_abort(&txn);
	for (size_t i = 0; done && i < index.count; i++) {
		if (index.sections[i].complete) /* else Plex could not show all of it just now */
			done = read_library(&walk, &index.sections[i], err);
	}
	*queued += walk.queued;
	arena_clear(&a);
	return done;
}
