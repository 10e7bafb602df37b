#include "work/sweep.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/timer.h"
#include "state/history.h"
#include "state/queue.h"
#include "state/owed.h"
#include "run/scenes.h"
#include "run/tags.h"
#include "find/edited.h"
#include "find/indexer.h"
#include "find/locate.h"
#include "find/restored.h"
#include "push/filter.h"
#include "push/push.h"
#include "push/recall.h"
#include "push/values.h"
#include "state/art.h"
#include "work/art.h"

struct sweep {
	const struct env *env;
	const struct sweep_request *request;
	struct sweep_report *report;
	struct owed_position position;
	const char *machine;	      /* Plex's, if items are to be looked at */
	const struct tag_cover *tags; /* of the page, see run/tags.h */
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

/* What is remembered of a scene. */
struct remembered_scene {
	struct history_scene before;
	struct choice choice;
};

/* 0: nobody's, or nobody knows. */
static int64_t owner_of(
	struct txn *txn, const char *machine, const char *rating_key, struct arena *a)
{
	struct history history;

	return history_get(txn, machine, rating_key, &history, a) == FOUND ? history.owner : 0;
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

/* It was pushed to the item that a person chose, and to no other. */
static bool obeys(const struct history_scene *before, const struct choice *choice)
{
	if (choice->kind != CHOICE_ITEM)
		return !choice->unreadable;
	return before->count == 1 &&
	       choice_is(choice, before->items[0].machine, before->items[0].rating_key);
}

static bool is_candidate(const struct location *where, const char *rating_key)
{
	for (size_t i = 0; i < where->count; i++) {
		if (str_eq(where->items[i].rating_key, rating_key))
			return true;
	}
	return false;
}

/* What is ambiguous is for a push to look at, whose job then waits and is left alone here. A match
 * that is known in spite of it is what a push goes by: of candidates that the index has still, it
 * is the answer. */
static void prefer_match(const struct env *env, const struct scene_file *file,
	struct location *where, struct arena *a)
{
	struct location match;
	bool all = where->answer == LOCATE_AMBIGUOUS && locate_by_match(env, file, &match, a);

	for (size_t i = 0; all && i < match.count; i++)
		all = is_candidate(where, match.items[i].rating_key);
	if (all)
		*where = match;
}

/* True if the index leads from each of the scene's files to items that it was pushed to, or to
 * those of other scenes, and to no others; or still has the item that was chosen. */
static bool items_are_the_same(struct sweep *sweep, struct txn *txn, const struct scene *scene,
	const struct remembered_scene *known, struct arena *a)
{
	const struct history_scene *before = &known->before;
	bool found[LIMIT_ITEMS] = {false};

	if (known->choice.kind == CHOICE_ITEM)
		return str_eq(sweep->machine, known->choice.machine) &&
		       locate_has_row(sweep->env, known->choice.path, known->choice.rating_key, a);
	for (size_t f = 0; f < scene->file_count; f++) {
		struct location where;
		if (!locate_by_index(sweep->env, &scene->files[f], &where, a) ||
			where.answer == LOCATE_UNKNOWN)
			return true; /* nothing can be said: the push itself will notice */
		prefer_match(sweep->env, &scene->files[f], &where, a);
		if (where.answer != LOCATE_FOUND)
			return false;
		for (size_t i = 0; i < where.count; i++) {
			const char *key = where.items[i].rating_key;
			size_t at = recall_place(before, sweep->machine, key);
			int64_t owner = owner_of(txn, sweep->machine, key, a);
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

static struct sweep_facts facts_of(struct sweep *sweep, struct txn *txn, const struct scene *scene,
	const struct remembered_scene *known, struct arena *a)
{
	const struct history_scene *before = &known->before;
	const struct settings *s = &sweep->env->use->s;
	const struct sweep_request *request = sweep->request;
	struct digest content = {{0}};
	struct fields ours;
	struct job job;
	struct sweep_facts facts = {.force = request->force,
		.dry_run = request->dry_run,
		.by_hand = request->by_hand,
		.check_items = request->check_items && sweep->machine != NULL,
		.content_known = memcmp(&before->content, &content, sizeof(content)) != 0,
		.cover_same = (s->no.poster && s->no.background) ||
			      strcmp(scene->updated, before->updated) == 0};

	if (queue_get(txn, scene->id, &job, a) == FOUND) {
		facts.in_queue = true;
		facts.job = job.state;
		facts.job_same_file = strcmp(job.path, scene->files[0].path) == 0;
	}
	facts.owns_items = obeys(before, &known->choice) && owns_all(txn, scene->id, before);
	if (facts.content_known) {
		values_of_scene(scene, s, sweep->tags, &ours, a);
		content = values_digest(&ours, scene, sweep->env->use->content);
		facts.content_same = memcmp(&content, &before->content, sizeof(content)) == 0;
	}
	return facts;
}

enum sweep_verdict sweep_decide(const struct sweep_facts *facts)
{
	bool same = facts->content_known && facts->content_same && facts->owns_items &&
		    facts->cover_same;

	if (facts->ignored)
		return SWEEP_IGNORED;
	if (facts->force)
		return SWEEP_DIFFERS;
	if (facts->in_queue && facts->job == JOB_READY && !facts->dry_run)
		return SWEEP_IN_QUEUE; /* the drain after the sweep pushes it too */
	/* It waits for the file, or for somebody; one of which something was refused was pushed,
	 * and is again when it differs. */
	if (facts->in_queue && facts->job != JOB_READY && !facts->by_hand && facts->job_same_file &&
		(!facts->content_known || facts->content_same))
		return SWEEP_IN_QUEUE;
	if (!same)
		return SWEEP_DIFFERS;
	if (!facts->check_items)
		return SWEEP_SAME;
	if (!facts->items_checked)
		return SWEEP_CHECK_ITEMS;
	return facts->items_same ? SWEEP_SAME : SWEEP_DIFFERS;
}

static enum sweep_verdict look_at(
	struct sweep *sweep, struct txn *txn, const struct scene *scene, struct arena *a)
{
	struct remembered_scene known;
	struct sweep_facts facts;
	enum sweep_verdict verdict;
	const char *reason;

	if (history_scene_get(txn, scene->id, &known.before, a) == FAILED)
		return SWEEP_IN_QUEUE; /* the page ends with the transaction's error */
	choice_get(txn, scene->id, &known.choice, a);
	reason = filter_choice(&known.choice);
	if (reason == NULL)
		reason = filter_reason(scene, &sweep->env->use->s, known.before.count > 0);
	if (reason != NULL) {
		note_reason(sweep->report, reason, scene->id);
		return sweep_decide(&(struct sweep_facts){.ignored = true});
	}
	facts = facts_of(sweep, txn, scene, &known, a);
	verdict = sweep_decide(&facts);
	if (verdict != SWEEP_CHECK_ITEMS)
		return verdict;
	facts.items_checked = true;
	facts.items_same = items_are_the_same(sweep, txn, scene, &known, a);
	return sweep_decide(&facts);
}

/* True if the scene is to be pushed. One that makes no sense is left to its own push, which
 * says so. */
static bool wants_push(
	struct sweep *sweep, struct txn *txn, const struct scene *scene, struct arena *a)
{
	const struct sweep_request *request = sweep->request;
	struct sweep_report *report = sweep->report;
	enum sweep_verdict verdict;
	int64_t updated_ms;
	struct job job;

	if (!scene->unreadable && request->since_ms != 0 &&
		clock_parse(scene->updated, &updated_ms) && updated_ms < request->since_ms)
		return false;
	report->seen++;
	if (scene->unreadable)
		return request->by_hand || queue_get(txn, scene->id, &job, a) != FOUND;
	verdict = look_at(sweep, txn, scene, a);
	report->ignored += verdict == SWEEP_IGNORED;
	report->in_queue += verdict == SWEEP_IN_QUEUE;
	report->same += verdict == SWEEP_SAME;
	return verdict == SWEEP_DIFFERS;
}

/* --- a page ----------------------------------------------------------------- */

static void note_preview(struct sweep_report *report, const struct push *push)
{
	static const char *const reasons[] = {[PUSH_SYNCED] = NULL,
		[PUSH_UNCHANGED] = "Plex has it already",
		[PUSH_QUEUED] = "it cannot be decided now",
		[PUSH_NOT_FOUND] = "Plex does not have its file",
		[PUSH_AMBIGUOUS] = "which item it is, is not certain",
		[PUSH_IGNORED] = "it cannot be decided now"};

	if (reasons[push->result] != NULL) {
		note_reason(report, reasons[push->result], push->asked.scene);
		return;
	}
	report->queued++;
	for (enum field f = 0; f < FIELD_COUNT; f++)
		report->fields[f] += (push_written(push) & 1u << f) != 0;
}

/* What a push would do, said by the push itself. */
static bool preview(struct sweep *sweep, int64_t scene, struct err *err)
{
	const struct env *env = sweep->env;
	struct request request = {.scene = scene,
		.since_ms = env->begun_ms,
		.force = sweep->request->force,
		.dry_run = true,
		.forgetful = env->state->queue == NULL};
	enum push_next next;
	struct push push;
	struct arena a;
	bool goes_on = true;

	arena_init(&a);
	push_init(&push, &request, NULL, &a);
	if (push_run(env, &push, &next, NULL, err)) {
		note_preview(sweep->report, &push);
	} else {
		goes_on = next == PUSH_GO_ON;
		note_reason(sweep->report, "it cannot be pushed (see the log)", scene);
		if (goes_on)
			log_warning("Scene %lld: %s", (long long)scene, err->text);
	}
	arena_clear(&a);
	return goes_on;
}

/* The scenes of a page that are to be pushed. */
struct chosen {
	int64_t *scenes;
	size_t count;
};

/* False with the error of the state that cannot be read. */
static bool choose(struct sweep *sweep, const struct stash_page *page, struct chosen *chosen,
	struct arena *a, struct err *err)
{
	bool known = sweep->env->state->queue != NULL;
	struct txn txn;

	for (size_t i = 0; i < page->n; i++) {
		if (!page->scenes[i].unreadable &&
			!tags_cover(sweep->env, NULL, &page->scenes[i], &sweep->tags, err))
			return false;
	}
	*chosen = (struct chosen){.scenes = arena_array(a, page->n, sizeof(*chosen->scenes))};
	if (known)
		store_begin(&txn, sweep->env->state->queue, TXN_READ);
	for (size_t i = 0; i < page->n; i++) {
		if (!known)
			sweep->report->seen++;
		if (!known || wants_push(sweep, &txn, &page->scenes[i], a))
			chosen->scenes[chosen->count++] = page->scenes[i].id;
	}
	return !known || store_commit(&txn, err);
}

/* In one commit with how far the sweep came. */
static bool queue_all(
	struct sweep *sweep, const struct chosen *chosen, int64_t last, struct err *err)
{
	struct txn txn;

	sweep->position.after = last;
	if (chosen->count == 0 && !sweep->request->resumable)
		return true;
	store_begin(&txn, sweep->env->state->queue, TXN_WRITE);
	for (size_t i = 0; i < chosen->count; i++) {
		struct event event = {.scene = chosen->scenes[i],
			.origin = ORIGIN_SWEEP,
			.force = sweep->request->force,
			.unattended = !sweep->request->by_hand};
		queue_add(&txn, &event, clock_now_ms());
	}
	if (sweep->request->resumable)
		owed_save_position(&txn, &sweep->position);
	sweep->report->queued += chosen->count;
	return store_commit(&txn, err);
}

static bool do_page(
	struct sweep *sweep, const struct stash_page *page, struct arena *a, struct err *err)
{
	struct chosen chosen;
	bool done = choose(sweep, page, &chosen, a, err);

	if (done && !sweep->request->dry_run)
		return queue_all(sweep, &chosen, page->last, err);
	for (size_t i = 0; done && i < chosen.count; i++)
		done = preview(sweep, chosen.scenes[i], err);
	return done;
}

/* --- all of it ---------------------------------------------------------------- */

static uint64_t kind_of(const struct sweep *sweep)
{
	const struct sweep_request *request = sweep->request;
	struct digest digest;
	char text[100];
	uint64_t kind;
	int len = snprintf(text, sizeof(text), "%lld %d %d %d %llu", (long long)request->hours,
		request->check_items, request->by_hand, request->force,
		(unsigned long long)sweep->env->use->sweep);

	digest = digest_of(text, (size_t)len);
	memcpy(&kind, digest.bytes, sizeof(kind));
	return kind;
}

/* Where a sweep of the same kind was cut off less than an hour ago. */
static void find_position(struct sweep *sweep)
{
	uint64_t kind = kind_of(sweep);
	struct owed_position before;
	struct txn txn;

	sweep->position = (struct owed_position){.kind = kind, .begun_ms = clock_now_ms()};
	if (!sweep->request->resumable || sweep->request->dry_run)
		return;
	store_begin(&txn, sweep->env->state->queue, TXN_READ);
	if (owed_position(&txn, kind, sweep->position.begun_ms, &before) == FOUND)
		sweep->position = before;
	store_abort(&txn);
	if (sweep->position.after > 0)
		log_info("Going on after scene %lld, where this was cut off",
			(long long)sweep->position.after);
}

static bool forget_position(struct sweep *sweep, struct err *err)
{
	struct txn txn;

	if (!sweep->request->resumable || sweep->request->dry_run)
		return true;
	store_begin(&txn, sweep->env->state->queue, TXN_WRITE);
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

static bool take_page(
	void *what, const struct stash_page *page, bool *more, struct arena *a, struct err *err)
{
	struct sweep *sweep = what;

	(void)more;
	if (page->count > sweep->all)
		sweep->all = page->count;
	if (!do_page(sweep, page, a, err))
		return false;
	if (page->last > sweep->position.after)
		sweep->position.after = page->last;
	if (sweep->all > 0 && sweep->progress > 0)
		show_progress(sweep,
			(double)(sweep->all - page->count + (int64_t)page->n) / (double)sweep->all);
	return true;
}

/* What an edited studio or tag is above of has a part in what is pushed, too. */
static bool reaches_below(const struct sweep *sweep)
{
	const struct settings *s = &sweep->env->use->s;

	if (sweep->request->noun == NOUN_TAG)
		return s->only_tags.n > 0 || s->ignore_tags.n > 0;
	return sweep->request->noun == NOUN_STUDIO &&
	       (s->parent_studio || *s->title_format != '\0' || *s->sort_title_format != '\0');
}

static bool all_pages(struct sweep *sweep, struct err *err)
{
	struct scenes scenes = {.env = sweep->env,
		.which = {.noun = sweep->request->noun,
			.id = sweep->request->id,
			.below = reaches_below(sweep),
			.after = sweep->position.after},
		.take = take_page,
		.what = sweep,
		.ahead = !sweep->request->dry_run};

	return scenes_walk(&scenes, err);
}

/* What belongs to all scenes, their collections, is compared after them. */
static bool compare_art(struct sweep *sweep, struct err *err)
{
	const struct sweep_request *request = sweep->request;
	const struct env *env = sweep->env;
	struct txn txn;

	if (request->noun != NOUN_SCENE || request->since_ms != 0 || !env->use->s.collection_art)
		return true;
	if (request->dry_run)
		return art_preview(env, err);
	store_begin(&txn, env->state->queue, TXN_WRITE);
	art_owe_all(&txn, request->force);
	return store_commit(&txn, err);
}

bool sweep_run(const struct env *env, const struct sweep_request *request, double progress,
	struct sweep_report *report, struct err *err)
{
	struct sweep sweep = {
		.env = env, .request = request, .report = report, .progress = progress};
	struct timer timer;
	bool done;

	*report = (struct sweep_report){0};
	timer_start(&timer);
	done = env_read_settings(env, err);
	tags_forget(env);
	if (done && request->check_items && state_cache(env->state) != NULL)
		done = indexer_confirm(env, INDEXER_CONFIRM, err) &&
		       env_machine(env, &sweep.machine, err) &&
		       edited_queue(env, !request->by_hand, &report->queued, err);
	if (done)
		find_position(&sweep);
	done = done && all_pages(&sweep, err) && compare_art(&sweep, err) &&
	       forget_position(&sweep, err);
	timer_log(&timer, "sweep");
	return done;
}

/* --- what is owed --------------------------------------------------------------- */

static bool sweep_carriers(const struct env *env, const struct owed_entity *entity, struct err *err)
{
	struct sweep_request request = {.noun = entity->noun, .id = entity->id};
	struct sweep_report report;
	bool is_carried = entity->noun > NOUN_SCENE && entity->noun <= NOUN_GROUP;
	bool done = !is_carried || sweep_run(env, &request, 0, &report, err);
	struct txn txn;

	if (!done && err->status != 400 && err->status != 422 && err->kind != ERR_LATER)
		return false;
	if (!done) /* a question that Stash does not answer is not asked for ever */
		log_warning("The scenes with what was edited cannot be listed: %s; all scenes "
			    "will be compared instead",
			err->text);
	else if (is_carried)
		log_info("%zu scenes carry %s %lld; %zu of them are queued", report.seen,
			input_noun_word(entity->noun), (long long)entity->id, report.queued);
	store_begin(&txn, env->state->queue, TXN_WRITE);
	owed_done(&txn, entity);
	if (entity->noun == NOUN_GROUP || entity->noun == NOUN_STUDIO)
		art_owe_edited(&txn, entity->noun, entity->id);
	if (!done)
		owed_add_all(&txn);
	return store_commit(&txn, err);
}

static bool sweep_all(const struct env *env, struct err *err)
{
	struct sweep_request request = {.check_items = true, .resumable = true};
	struct sweep_report report;
	struct txn txn;

	stash_try_all(env->stash);
	store_begin(&txn, env->state->queue, TXN_WRITE);
	owed_all_begin(&txn, clock_now_ms());
	if (!store_commit(&txn, err) || !sweep_run(env, &request, 0, &report, err))
		return false;
	log_info("All scenes were compared, as once a day: %zu seen, %zu as last pushed, %zu "
		 "queued, %zu in the queue already, %zu ignored",
		report.seen, report.same, report.queued, report.in_queue, report.ignored);
	store_begin(&txn, env->state->queue, TXN_WRITE);
	owed_all_done(&txn, clock_now_ms());
	queue_wake_some_failed(&txn, LIMIT_UNCERTAIN_TRIES, clock_now_ms());
	return store_commit(&txn, err);
}

enum lookup sweep_owed(const struct env *env, struct err *err)
{
	struct owed_entity entity;
	struct txn txn;
	bool restored, is_entity, all;

	store_begin(&txn, env->state->queue, TXN_READ);
	restored = owed_restored_any(&txn);
	is_entity = owed_next(&txn, &entity) == FOUND;
	all = owed_all_due(&txn, clock_now_ms());
	if (!store_commit(&txn, err))
		return FAILED;
	if (restored)
		return restored_queue(env, err) ? FOUND : FAILED;
	if (!is_entity && !all)
		return ABSENT;
	if (is_entity && entity.noun >= OWED_ART)
		return art_owed(env, err) ? FOUND : FAILED;
	return (is_entity ? sweep_carriers(env, &entity, err) : sweep_all(env, err)) ? FOUND
										     : FAILED;
}
