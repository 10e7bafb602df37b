#include "find/restored.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "state/art.h"
#include "state/history.h"
#include "state/marks.h"
#include "state/owed.h"
#include "state/queue.h"

/* --- the scenes ------------------------------------------------------------------ */

static void report(const struct owed_restored *owed)
{
	char since[40] = "at any time";
	time_t seconds = (time_t)(owed->since_ms / 1000);
	struct tm t;

	if (owed->since_ms > 0 && localtime_r(&seconds, &t) != NULL)
		strftime(since, sizeof(since), "since %Y-%m-%d %H:%M", &t);
	log_info("Plex's database was put back to an earlier state, as its library %s shows: %lld "
		 "scenes that were pushed %s are looked at, and what Plex lost is pushed again",
		owed->libraries, (long long)owed->queued, since);
}

/* Looks at some scenes. FOUND: there may be more. */
static enum lookup look_at_some(struct txn *txn, struct owed_restored *owed)
{
	enum lookup found = FOUND;

	for (int looked = 0; found == FOUND && looked < LIMIT_RESTORED_SCENES; looked++) {
		struct event event = {.origin = ORIGIN_SWEEP, .unattended = true, .restored = true};
		struct history_scene scene;
		struct arena a;
		arena_init(&a);
		found = history_scene_next(txn, owed->after, &event.scene, &scene, &a);
		if (found == FOUND)
			owed->after = event.scene;
		if (found == FOUND &&
			history_written_since(txn, &scene, owed->machine, owed->since_ms)) {
			queue_add(txn, &event, clock_now_ms());
			owed->queued++;
		}
		arena_clear(&a);
	}
	return found;
}

/* One commit. */
static enum lookup queue_some(const struct env *env, struct err *err)
{
	struct owed_restored owed;
	enum lookup more = ABSENT;
	bool is_owed, done;
	struct arena a;
	struct txn txn;

	arena_init(&a);
	store_begin(&txn, env->state->queue, TXN_WRITE);
	is_owed = owed_restored_get(&txn, &owed, &a) == FOUND;
	if (is_owed)
		more = look_at_some(&txn, &owed);
	if (more == FOUND)
		owed_restored_save(&txn, &owed);
	else
		owed_restored_done(&txn);
	if (is_owed && more == ABSENT)
		art_owe_restored(&txn, owed.machine);
	done = store_commit(&txn, err);
	if (done && is_owed && more == ABSENT)
		report(&owed);
	arena_clear(&a);
	return done ? more : FAILED;
}

bool restored_queue(const struct env *env, struct err *err)
{
	enum lookup more = FOUND;

	while (more == FOUND)
		more = queue_some(env, err);
	return more == ABSENT;
}

/* --- noticing it ------------------------------------------------------------------ */

static struct marks marks_of(const struct library *library)
{
	struct marks marks = {.scanned = library->scanned, .updated = library->updated};

	if (!str_number(library->counter, &marks.counter))
		marks.counter = 0;
	return marks;
}

/* What is to be remembered of one library. */
struct look {
	bool is_new; /* other marks than are stored */
	struct marks marks;
};

/* Compares one library; adds it to what is owed if it went back. */
static struct look compare(struct txn *txn, const struct library *library,
	struct owed_restored *owed, bool *went_back, struct arena *a)
{
	struct marks before, now = marks_of(library);
	struct look look;
	int64_t since_ms;

	marks_load(txn, owed->machine, library->uuid, &before);
	look.marks = marks_after(&before, &now);
	look.is_new = *library->uuid != '\0' && memcmp(&look.marks, &before, sizeof(before)) != 0;
	*went_back = look.is_new && marks_went_back(&before, &now, &since_ms);
	if (!*went_back)
		return look;
	/* Of one database: what one library says of its age holds for all. */
	if (since_ms > owed->since_ms)
		owed->since_ms = since_ms;
	owed->libraries = arena_printf(a, "%s%s\"%s\"", owed->libraries,
		*owed->libraries != '\0' ? ", " : "", library->title);
	return look;
}

void restored_notice(const struct env *env, const struct library_list *libraries, bool *went_back)
{
	struct owed_restored owed = {.machine = env->run->machine, .libraries = ""};
	struct look *looks;
	bool any_new = false, queued = true;
	struct arena a;
	struct txn txn;
	struct err err;

	if (env->state->queue == NULL || owed.machine == NULL)
		return;
	arena_init(&a);
	looks = arena_array(&a, libraries->n, sizeof(*looks));
	store_begin(&txn, env->state->queue, TXN_READ);
	for (size_t i = 0; i < libraries->n; i++) {
		looks[i] = compare(&txn, &libraries->v[i], &owed, &went_back[i], &a);
		any_new |= looks[i].is_new;
	}
	if (store_commit(&txn, NULL) && any_new) {
		store_begin(&txn, env->state->queue, TXN_WRITE);
		for (size_t i = 0; i < libraries->n; i++) {
			if (looks[i].is_new)
				marks_save(
					&txn, owed.machine, libraries->v[i].uuid, &looks[i].marks);
		}
		if (*owed.libraries != '\0')
			owed_restored_add(&txn, &owed);
		queued = !store_commit(&txn, NULL) || *owed.libraries == '\0';
	}
	/* Before anything else is pushed to what may be lost. */
	if (!queued && !restored_queue(env, &err))
		log_debug("They are queued later: %s", err.text);
	arena_clear(&a);
}
