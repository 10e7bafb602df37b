/* sweep.c - see sweep.h. */
#include "work/sweep.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/timer.h"
#include "state/history.h"
#include "state/queue.h"
#include "state/owed.h"
#include "push/filter.h"
#include "find/indexer.h"
#include "find/locate.h"
#include "push/push.h"
#include "push/values.h"

struct sweep {
	struct env *env;
	const struct sweep_request *request;
	struct sweep_report *report;
	struct owed_position position;
	double progress, shown;
	int64_t all; /* scenes that it looks at, as Stash counted them at its beginning */
};

/* --- one scene -------------------------------------------------------------- */

static void note_reason(struct sweep_report *report, const char *reason, int64_t scene)
{
	struct sweep_reason *at = report->reasons;

	while (at < report->reasons + report->reason_count && strcmp(at->reason, reason) != 0)
		at++;
	if (at == report->reasons + SWEEP_REASONS)
		return;
	if (at == report->reasons + report->reason_count)
		report->reason_count++;
	at->reason = reason;
	at->count++;
	if (at->examples < SWEEP_EXAMPLES)
		at->example[at->examples++] = scene;
}

/* Its place among the remembered ones, or their count. */
static size_t remembered_item(
	const struct history_scene *before, const char *machine, const char *rating_key)
{
	size_t i = 0;

	while (i < before->count && (strcmp(before->items[i].machine, machine) != 0 ||
					    strcmp(before->items[i].rating_key, rating_key) != 0))
		i++;
	return i;
}

static int64_t owner_of(
	struct txn *txn, const char *machine, const char *rating_key, struct arena *a)
{
	struct history history;

	history_get(txn, machine, rating_key, &history, a);
	return history.owner;
}

/* Another scene, with the better claim, may have taken an item over. */
static bool owns_all(struct txn *txn, int64_t scene, const struct history_scene *before)
{
	struct arena a;
	bool all = true;

	arena_init(&a);
	for (size_t i = 0; i < before->count && all; i++)
		all = owner_of(txn, before->items[i].machine, before->items[i].rating_key, &a) ==
		      scene;
	arena_clear(&a);
	return all;
}

/* True if the index leads from the scene's files to the items that it was pushed to,
 * and to no others but those of other scenes. */
static bool items_are_the_same(struct sweep *sweep, struct txn *txn, const struct scene *scene,
	const struct history_scene *before, const char *machine, struct arena *a)
{
	bool found[LIMIT_ITEMS] = {false};

	for (size_t f = 0; f < scene->file_count; f++) {
		struct location where;
		if (!locate_by_index(sweep->env, &scene->files[f], &where, a) ||
			where.answer == LOCATE_UNKNOWN)
			return true; /* nothing can be said: the push itself will notice */
		for (size_t i = 0; where.answer == LOCATE_FOUND && i < where.count; i++) {
			const char *key = where.items[i].rating_key;
			size_t at = remembered_item(before, machine, key);
			int64_t owner = owner_of(txn, machine, key, a);
			if (at < before->count)
				found[at] = true;
			else if (owner == 0 || owner == scene->id)
				return false;
		}
	}
	for (size_t i = 0; i < before->count; i++) {
		if (!found[i])
			return false;
	}
	return true;
}

static bool is_zero(const struct digest *digest)
{
	static const struct digest zero;

	return memcmp(digest, &zero, sizeof(zero)) == 0;
}

/* As it was when it was last pushed. The cover may be another one only if Stash's
 * stamp of the scene is. */
static bool is_same(struct sweep *sweep, struct txn *txn, const struct scene *scene,
	const struct history_scene *before, struct arena *a)
{
	const struct settings *settings = &sweep->env->settings;
	bool pictures = !settings->no.poster || !settings->no.background;
	struct fields ours;
	struct digest content;
	const char *machine;
	struct err err;

	if (is_zero(&before->content) || !owns_all(txn, scene->id, before))
		return false;
	values_of_scene(scene, settings, &ours, a);
	content = values_digest(&ours, scene, sweep->env->push_settings);
	if (memcmp(&content, &before->content, sizeof(content)) != 0 ||
		(pictures && strcmp(scene->updated, before->updated) != 0))
		return false;
	return !sweep->request->check_items || !env_machine(sweep->env, &machine, &err) ||
	       items_are_the_same(sweep, txn, scene, before, machine, a);
}

/* A job that is there already: due it is, and one that waits or failed is tried again
 * if a person asks, or if its file is now another one. */
static bool is_in_queue(
	struct sweep *sweep, struct txn *txn, const struct scene *scene, struct arena *a)
{
	struct job job;

	if (sweep->env->force || queue_get(txn, scene->id, &job, a) != FOUND)
		return false;
	if (job.state == JOB_READY) /* the drain behind a real run pushes it too */
		return !sweep->env->dry_run;
	return !sweep->request->by_hand && strcmp(job.path, scene->files[0].path) == 0;
}

static bool is_too_old(const struct sweep *sweep, const struct scene *scene)
{
	int64_t updated_ms;

	return sweep->request->since_ms != 0 && clock_parse(scene->updated, &updated_ms) &&
	       updated_ms < sweep->request->since_ms;
}

/* True if the scene is to be pushed. */
static bool wants_push(
	struct sweep *sweep, struct txn *txn, const struct scene *scene, struct arena *a)
{
	struct sweep_report *report = sweep->report;
	struct history_scene before;
	const char *reason;

	if (scene->unreadable) { /* its own push says so */
		struct job job;
		report->seen++;
		return sweep->request->by_hand || queue_get(txn, scene->id, &job, a) != FOUND;
	}
	if (is_too_old(sweep, scene))
		return false;
	report->seen++;
	history_scene_get(txn, scene->id, &before, a);
	reason = filter_reason(scene, &sweep->env->settings, before.count > 0);
	if (reason != NULL) {
		report->ignored++;
		note_reason(report, reason, scene->id);
		return false;
	}
	if (is_in_queue(sweep, txn, scene, a)) {
		report->in_queue++;
		return false;
	}
	if (!sweep->env->force && is_same(sweep, txn, scene, &before, a)) {
		report->same++;
		return false;
	}
	return true;
}

/* --- a page ----------------------------------------------------------------- */

/* What a push would do, told by the push itself. */
static bool preview(struct sweep *sweep, const struct scene *scene, struct err *err)
{
	struct sweep_report *report = sweep->report;
	struct outcome outcome;
	enum settle_next next;
	struct arena a;
	bool goes_on = true;

	arena_init(&a);
	if (!push_scene(sweep->env, scene->id, NULL, &outcome, &next, &a, err)) {
		goes_on = next == SETTLE_GO_ON;
		note_reason(report, "it cannot be pushed (see the log)", scene->id);
		if (goes_on)
			log_warning("Scene %lld: %s", (long long)scene->id, err->text);
	} else if (outcome.result == OUTCOME_SYNCED) {
		report->queued++;
		for (enum field f = 0; f < FIELD_COUNT; f++)
			report->fields[f] += (outcome.fields & 1u << f) != 0;
	} else if (outcome.result == OUTCOME_UNCHANGED) {
		note_reason(report, "Plex has it already", scene->id);
	} else {
		note_reason(report,
			outcome.result == OUTCOME_NOT_FOUND   ? "Plex does not have its file"
			: outcome.result == OUTCOME_AMBIGUOUS ? "which item it is, is not certain"
							      : "it cannot be said now",
			scene->id);
	}
	arena_clear(&a);
	return goes_on;
}

static bool preview_page(struct sweep *sweep, const struct stash_page *page, struct err *err)
{
	bool goes_on = true;

	for (size_t i = 0; i < page->n && goes_on; i++) {
		struct arena a;
		struct txn txn;
		bool wanted;
		arena_init(&a);
		store_begin(&txn, sweep->env->state.queue, TXN_READ);
		wanted = wants_push(sweep, &txn, &page->scenes[i], &a);
		store_abort(&txn);
		arena_clear(&a);
		if (wanted)
			goes_on = preview(sweep, &page->scenes[i], err);
	}
	return goes_on;
}

/* Which scenes are to be pushed is found out before the commit, which is short. */
static bool queue_page(
	struct sweep *sweep, const struct stash_page *page, struct arena *a, struct err *err)
{
	int64_t *wanted = arena_array(a, page->n, sizeof(*wanted));
	size_t count = 0;
	struct txn txn;

	store_begin(&txn, sweep->env->state.queue, TXN_READ);
	for (size_t i = 0; i < page->n; i++) {
		if (wants_push(sweep, &txn, &page->scenes[i], a))
			wanted[count++] = page->scenes[i].id;
	}
	if (!store_commit(&txn, err))
		return false;
	sweep->position.after = page->last;
	if (count == 0 && !sweep->request->resumable)
		return true;
	store_begin(&txn, sweep->env->state.queue, TXN_WRITE);
	for (size_t i = 0; i < count; i++) {
		struct event event = {
			.scene = wanted[i], .origin = ORIGIN_SWEEP, .force = sweep->env->force};
		queue_add(&txn, &event, clock_now_ms());
	}
	if (sweep->request->resumable)
		owed_save_position(&txn, &sweep->position);
	sweep->report->queued += count;
	return store_commit(&txn, err);
}

/* --- all of it ---------------------------------------------------------------- */

static uint64_t kind_of(const struct sweep *sweep)
{
	const struct sweep_request *request = sweep->request;
	struct digest digest;
	struct arena a;
	struct str text;
	uint64_t kind;

	arena_init(&a);
	str_init(&text, &a);
	str_addf(&text, "%lld %d %d %d %llu", (long long)request->hours, request->check_items,
		request->by_hand, sweep->env->force, (unsigned long long)sweep->env->all_settings);
	digest = digest_of(text.s, text.len);
	memcpy(&kind, digest.bytes, sizeof(kind));
	arena_clear(&a);
	return kind;
}

/* Where a sweep of the same kind was cut off less than an hour ago. */
static void find_position(struct sweep *sweep)
{
	uint64_t kind = kind_of(sweep);
	struct owed_position before;
	struct txn txn;

	sweep->position = (struct owed_position){.kind = kind, .begun_ms = clock_now_ms()};
	if (!sweep->request->resumable || sweep->env->dry_run)
		return;
	store_begin(&txn, sweep->env->state.queue, TXN_READ);
	if (owed_position(&txn, kind, sweep->position.begun_ms, &before) == FOUND) {
		sweep->position = before;
		sweep->report->resumed = true;
	}
	store_abort(&txn);
	if (sweep->report->resumed)
		log_info("Going on behind scene %lld, where this was cut off",
			(long long)sweep->position.after);
}

static bool forget_position(struct sweep *sweep, struct err *err)
{
	struct txn txn;

	if (!sweep->request->resumable || sweep->env->dry_run)
		return true;
	store_begin(&txn, sweep->env->state.queue, TXN_WRITE);
	sweep->position.after = 0;
	owed_save_position(&txn, &sweep->position);
	return store_commit(&txn, err);
}

/* Scenes that come meanwhile make it stand still, not fall back. */
static void show_progress(struct sweep *sweep, double part)
{
	if (part > sweep->shown)
		sweep->shown = part;
	log_progress(sweep->progress * sweep->shown);
}

static bool one_page(struct sweep *sweep, bool *more, struct err *err)
{
	const struct sweep_request *request = sweep->request;
	struct env *env = sweep->env;
	struct stash_page page;
	struct arena a;
	bool done;

	arena_init(&a);
	done = stash_list(env->stash, request->noun, request->id, sweep->position.after,
		env_stash_time(env), &page, &a, err);
	if (done && page.count > sweep->all)
		sweep->all = page.count;
	if (done)
		done = env->dry_run ? preview_page(sweep, &page, err)
				    : queue_page(sweep, &page, &a, err);
	if (done && page.last > sweep->position.after)
		sweep->position.after = page.last;
	*more = done && page.last != 0 && page.count > LIMIT_SCENE_PAGE;
	if (done && sweep->all > 0 && sweep->progress > 0)
		show_progress(sweep,
			(double)(sweep->all - page.count + (int64_t)page.n) / (double)sweep->all);
	arena_clear(&a);
	return done;
}

bool sweep_run(struct env *env, const struct sweep_request *request, double progress,
	struct sweep_report *report, struct err *err)
{
	struct sweep sweep = {
		.env = env, .request = request, .report = report, .progress = progress};
	struct timer timer;
	bool more = true, done;

	*report = (struct sweep_report){0};
	timer_start(&timer);
	done = env_read_settings(env, err);
	if (done && request->check_items && state_cache(&env->state) != NULL)
		done = indexer_confirm(env, INDEXER_CONFIRM, err);
	if (done)
		find_position(&sweep);
	while (done && more)
		done = one_page(&sweep, &more, err);
	done = done && forget_position(&sweep, err);
	timer_log(&timer, "sweep");
	return done;
}

/* --- what is owed --------------------------------------------------------------- */

static bool look_at_all(struct env *env, const struct owed_entity *entity, const struct err *why)
{
	struct txn txn;

	log_warning("The scenes that carry what was edited cannot be listed: %s; all scenes will "
		    "be compared instead",
		why->text);
	store_begin(&txn, env->state.queue, TXN_WRITE);
	owed_done(&txn, entity);
	owed_add_all(&txn);
	return store_commit(&txn, NULL);
}

static bool sweep_carriers(struct env *env, const struct owed_entity *entity, struct err *err)
{
	static const char *const words[] = {"scene", "performer", "studio", "tag", "group"};
	struct sweep_request request = {.noun = entity->noun, .id = entity->id};
	struct sweep_report report;
	struct txn txn;

	if (entity->noun > NOUN_SCENE && entity->noun <= NOUN_GROUP) {
		bool done = sweep_run(env, &request, 0, &report, err);
		bool refused = !done && (err->status == 400 || err->status == 422);
		if (!done && !refused && err->kind != ERR_LATER)
			return false;
		if (!done) /* a question that Stash does not answer is not asked for ever */
			return look_at_all(env, entity, err);
		log_info("%zu scenes carry %s %lld; %zu of them are queued", report.seen,
			words[entity->noun], (long long)entity->id, report.queued);
	}
	store_begin(&txn, env->state.queue, TXN_WRITE);
	owed_done(&txn, entity);
	return store_commit(&txn, err);
}

static bool sweep_all(struct env *env, struct err *err)
{
	struct sweep_request request = {.check_items = true, .resumable = true};
	struct sweep_report report;
	struct txn txn;

	store_begin(&txn, env->state.queue, TXN_WRITE);
	owed_all_begin(&txn, clock_now_ms());
	if (!store_commit(&txn, err) || !sweep_run(env, &request, 0, &report, err))
		return false;
	log_info("All scenes were compared, as once a day: %zu seen, %zu as last pushed, %zu "
		 "queued, %zu in the queue already, %zu ignored",
		report.seen, report.same, report.queued, report.in_queue, report.ignored);
	store_begin(&txn, env->state.queue, TXN_WRITE);
	owed_all_done(&txn, clock_now_ms());
	return store_commit(&txn, err);
}

enum lookup sweep_owed(struct env *env, struct err *err)
{
	struct owed_entity entity;
	struct txn txn;
	bool is_entity, all;

	store_begin(&txn, env->state.queue, TXN_READ);
	is_entity = owed_next(&txn, &entity) == FOUND;
	all = owed_all_due(&txn, clock_now_ms());
	if (!store_commit(&txn, err))
		return FAILED;
	if (!is_entity && !all)
		return ABSENT;
	return (is_entity ? sweep_carriers(env, &entity, err) : sweep_all(env, err)) ? FOUND
										     : FAILED;
}
