/* deliver.c - see deliver.h. */
#include "push/deliver.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "base/utf8.h"
#include "plex/library.h"
#include "push/artwork.h"
#include "push/filter.h"
#include "find/indexer.h"
#include "push/judge.h"
#include "find/locate.h"
#include "push/plan.h"
#include "find/scan.h"
#include "push/values.h"
#include "push/write.h"

/* More candidates than this are no stale rows but copies. */
#define PRUNE_MOST 8

/* One scene on its way. */
struct delivery {
	struct env *env;
	struct scene scene;
	int64_t since_ms;
	struct history_scene before; /* as it was when it was last pushed */
	struct fields ours;
	struct outcome *out;
	struct timer *timer;
	struct arena *arena;
	/* Items that were dealt with, for the pictures; as many as saves. */
	struct artwork_item *artwork;
	bool unknown; /* a file could not be looked for now */
	bool foreign; /* an item belongs to another scene */
};

static bool conclude(struct delivery *d, enum outcome_result result, const char *reason)
{
	d->out->result = result;
	d->out->reason = reason;
	return true;
}

/* --- the scene, and whether it is to be pushed at all --------------------- */

static void read_memory(struct delivery *d)
{
	struct txn txn;

	store_begin(&txn, d->env->state.queue, TXN_READ);
	history_scene_get(&txn, d->scene.id, &d->before, d->arena);
	store_abort(&txn);
}

static void describe_scene(struct delivery *d)
{
	struct outcome *out = d->out;

	out->title = d->scene.title;
	out->path = d->scene.file_count > 0 ? d->scene.files[0].path : "";
	out->names = arena_array(d->arena, d->scene.file_count, sizeof(*out->names));
}

/* --- one item ------------------------------------------------------------- */

/* The detail proves what the caches only claim: that the item holds the file.
 * The part that does, or NULL. */
static const struct item_part *part_with(struct delivery *d, const struct item *item,
	const struct location *where, const struct scene_file *file)
{
	for (size_t i = 0; i < item->part_count; i++) {
		const struct item_part *part = &item->parts[i];
		struct index_part as_index = {
			.path = part->path, .size = part->size, .rating_key = 1};
		struct match_query query = {.path = where->mapped,
			.size = file->size,
			.accept_name = where->rule == MATCH_NAME};
		struct match_verdict verdict;
		match_pick(&query, &as_index, 1, &as_index, 1, &verdict, d->arena);
		/* As good as the rule that found it, or better. */
		if (verdict.answer == MATCH_FOUND && verdict.rule <= where->rule)
			return part;
	}
	return NULL;
}

/* True if the scene has a file with the name of one of the item's parts. */
static bool can_play(const struct scene *scene, const struct item *item)
{
	for (size_t f = 0; f < scene->file_count; f++) {
		struct digest name = path_name_digest(scene->files[f].path);
		for (size_t p = 0; p < item->part_count; p++) {
			struct digest part = path_name_digest(item->parts[p].path);
			if (memcmp(&name, &part, sizeof(name)) == 0)
				return true;
		}
	}
	return false;
}

/* Scenes vanish, and files change hands, without any hook (merging scenes,
 * assigning files). A claim holds only while its scene is there and has the file.
 * FOUND: it holds. */
static enum lookup ask_owner(
	struct delivery *d, int64_t owner, const struct item *item, struct err *err)
{
	struct settings settings;
	struct scene scene;
	enum lookup found = stash_read(
		d->env->stash, owner, env_stash_time(d->env), &scene, &settings, d->arena, err);

	return found == FOUND && !can_play(&scene, item) ? ABSENT : found;
}

/* Rule 6 of matching: an item belongs to the scene whose primary file is its
 * first part, else to the first that claimed it. FOUND: it is ours. */
static enum lookup claim(struct delivery *d, const struct scene_file *file, const struct item *item,
	const struct item_part *part, const struct history *history, bool owner_lives,
	struct err *err)
{
	enum lookup theirs;

	if (history->owner == 0 || history->owner == d->scene.id || !owner_lives ||
		(file == &d->scene.files[0] && part->first))
		return FOUND;
	theirs = ask_owner(d, history->owner, item, err);
	if (theirs == FAILED)
		return FAILED;
	return theirs == FOUND ? ABSENT : FOUND;
}

/* A file of the scene in an item that another file of it led to before. */
static bool is_done(const struct delivery *d, const char *rating_key)
{
	for (size_t i = 0; i < d->out->item_count; i++) {
		if (strcmp(d->out->items[i].key, rating_key) == 0)
			return true;
	}
	return false;
}

static int section_of(const struct item *item, const struct locate_item *where)
{
	return item->section ? item->section : where->section;
}

static int type_of(const struct item *item)
{
	return item->type ? item->type : 1;
}

static void add_outcome_item(
	struct delivery *d, const struct locate_item *from, enum match_rule rule)
{
	struct outcome *out = d->out;

	if (out->item_count < LIMIT_ITEMS)
		out->items[out->item_count++] = (struct outcome_item){
			.key = from->rating_key, .library = from->library, .rule = rule};
}

static void add_candidates(struct delivery *d, const struct location *where)
{
	struct outcome *out = d->out;

	for (size_t i = 0; i < where->count && out->candidate_count < LIMIT_CANDIDATES_SHOWN; i++)
		out->candidates[out->candidate_count++] = (struct outcome_item){
			.key = where->items[i].rating_key,
			.library = where->items[i].library,
			.path = where->items[i].path};
}

static void save_later(struct delivery *d, const struct locate_item *where, const struct item *item,
	const char *machine, const struct history *history)
{
	struct outcome *out = d->out;
	struct item *copy;

	if (out->save_count == LIMIT_ITEMS)
		return;
	copy = arena_alloc(d->arena, sizeof(*copy));
	*copy = *item;
	out->saves[out->save_count] = (struct outcome_save){
		.machine = machine, .rating_key = item->rating_key, .history = *history};
	d->artwork[out->save_count] = (struct artwork_item){.item = copy,
		.section = section_of(item, where),
		.type = type_of(item),
		.machine = machine,
		.history = &out->saves[out->save_count].history};
	out->save_count++;
}

static void read_history(struct delivery *d, const char *machine, const char *rating_key,
	struct history *history, bool *owner_lives)
{
	struct txn txn;

	store_begin(&txn, d->env->state.queue, TXN_READ);
	history_get(&txn, machine, rating_key, history, d->arena);
	*owner_lives = history->owner != 0 &&
		       history_owns(&txn, history->owner, machine, rating_key);
	store_abort(&txn);
	for (const struct env_claim *dry = d->env->claims; dry != NULL; dry = dry->next) {
		if (strcmp(dry->rating_key, rating_key) == 0) {
			history->owner = dry->scene;
			*owner_lives = true;
			return;
		}
	}
}

/* Nobody stores it: the next scene of a dry run has to know it all the same. */
static void claim_dry(struct delivery *d, const char *rating_key)
{
	struct env_claim *dry = arena_alloc(&d->env->arena, sizeof(*dry));

	*dry = (struct env_claim){.rating_key = arena_strdup(&d->env->arena, rating_key),
		.scene = d->scene.id,
		.next = d->env->claims};
	d->env->claims = dry;
}

static bool carry_out(struct delivery *d, const struct locate_item *where, const struct item *item,
	const char *machine, const struct plan_input *input, const struct plan *plan,
	struct err *err)
{
	struct write_target target = {.item = item,
		.section = section_of(item, where),
		.type = type_of(item),
		.machine = machine,
		.input = input,
		.plan = plan};
	struct write_result result;
	bool done;

	if (target.section <= 0)
		return err_set(err, ERR_LATER, "Plex does not say in which library item %s is",
			item->rating_key);
	done = write_item(d->env, &target, &result, d->timer, d->arena, err);
	if (done || result.done != 0)
		result.history.pushed_ms = clock_now_ms();
	save_later(d, where, item, machine, &result.history);
	d->out->fields |= result.done;
	d->out->refused |= result.refused;
	return done;
}

/* Plans, and writes unless nothing differs or nothing shall be written. */
static bool plan_item(struct delivery *d, const struct locate_item *where, const struct item *item,
	const char *machine, struct history *base, struct err *err)
{
	int64_t at = clock_us();
	struct fields theirs, now;
	struct plan_input input = {.ours = &d->ours,
		.theirs = &theirs,
		.base = base,
		.keep_plex_edits = d->env->settings.keep_plex_edits,
		.force = d->env->force};
	struct plan *plan = arena_alloc(d->arena, sizeof(*plan));
	struct history after;

	base->owner = d->scene.id;
	values_of_item(item, &theirs, d->arena);
	for (enum field f = 0; f < FIELD_COUNT; f++)
		input.locked[f] = item_is_locked(item, values_plex_name(f));
	plan_make(&input, plan, d->arena);
	timer_add(d->timer, "plan", at);
	d->out->kept |= plan->kept;
	if (d->env->dry_run) {
		d->out->fields |= plan->writes;
		claim_dry(d, item->rating_key);
		save_later(d, where, item, machine, base); /* for the pictures; nobody stores it */
		return true;
	}
	if (plan->writes != 0)
		return carry_out(d, where, item, machine, &input, plan, err);
	now = theirs;
	plan_settle(&input, plan, 0, &now, &after, d->arena);
	if (after.pushed_ms == 0)
		after.pushed_ms = clock_now_ms();
	save_later(d, where, item, machine, &after);
	return true;
}

/* Another library under the number of the one that was indexed: its keys mean
 * nothing. The index is brought up to date where there is time for it. */
static bool is_of_another_library(
	struct delivery *d, const struct item *item, const struct locate_item *found)
{
	struct err err;

	if (item->section_uuid == NULL || found->library_uuid == NULL ||
		*found->library_uuid == '\0' ||
		strcmp(item->section_uuid, found->library_uuid) == 0)
		return false;
	d->env->machine = NULL;
	if (!env_in_hook(d->env))
		indexer_confirm(d->env, INDEXER_CONFIRM, &err);
	return true;
}

/* FOUND: dealt with. ABSENT: the item is not what the caches said. */
static enum lookup deliver_item(struct delivery *d, const struct scene_file *file,
	const struct location *where, const struct locate_item *found, struct err *err)
{
	struct env *env = d->env;
	struct plex_time time = env_plex_time(env, LIMIT_REQUEST_MS);
	int64_t at = clock_us();
	const struct item_part *part;
	const char *machine;
	struct history base;
	struct item item;
	enum lookup read;
	bool owner_lives;

	if (is_done(d, found->rating_key))
		return FOUND;
	read = item_get(env->plex, found->rating_key, &time, &item, d->arena, err);
	timer_add(d->timer, "plex_get", at);
	if (read == FAILED)
		judge_item(env, arena_printf(d->arena, "to show item %s", found->rating_key), err,
			d->arena);
	if (read != FOUND)
		return read;
	part = part_with(d, &item, where, file);
	if (part == NULL || is_of_another_library(d, &item, found))
		return ABSENT;
	if (!env_machine(env, &machine, err))
		return FAILED;
	read_history(d, machine, item.rating_key, &base, &owner_lives);
	read = claim(d, file, &item, part, &base, owner_lives, err);
	if (read == FAILED)
		return FAILED;
	if (read == ABSENT) {
		d->foreign = true;
		d->out->reason = arena_printf(d->arena,
			"Plex item %s belongs to scene %lld, whose file it plays first or "
			"which claimed it first",
			item.rating_key, (long long)base.owner);
		return FOUND;
	}
	add_outcome_item(d, found, where->rule);
	return plan_item(d, found, &item, machine, &base, err) ? FOUND : FAILED;
}

/* --- one file ------------------------------------------------------------- */

/* Several items of one library may be one item and rows of its former keys: those
 * that are gone are dropped, if another one proves that Plex answers truly. True
 * if any was. */
static bool prune(struct delivery *d, const struct location *where)
{
	struct plex_time time = env_plex_time(d->env, LIMIT_REQUEST_MS);
	bool gone[PRUNE_MOST] = {false};
	size_t alive = 0;
	struct item item;
	struct err err;

	if (env_in_hook(d->env) || d->env->dry_run || where->count > PRUNE_MOST)
		return false;
	for (size_t i = 0; i < where->count; i++) {
		const struct locate_item *candidate = &where->items[i];
		enum lookup found = item_get(
			d->env->plex, candidate->rating_key, &time, &item, d->arena, &err);
		if (found == FAILED)
			return false;
		gone[i] = found == ABSENT || item_part(&item, candidate->path) == NULL;
		alive += !gone[i];
	}
	for (size_t i = 0; i < where->count && alive > 0; i++) {
		if (gone[i])
			locate_drop_row(d->env, &where->items[i]);
	}
	return alive > 0 && alive < where->count;
}

static bool locate(
	struct delivery *d, const struct scene_file *file, struct location *where, struct err *err)
{
	int64_t at = clock_us();
	bool done = locate_file(d->env, file, d->since_ms, where, d->arena, err);

	if (done && where->answer == LOCATE_AMBIGUOUS && prune(d, where))
		done = locate_file(d->env, file, d->since_ms, where, d->arena, err);
	timer_add(d->timer, "match", at);
	return done;
}

static bool deliver_found(struct delivery *d, const struct scene_file *file,
	const struct location *where, const struct locate_item **stale, struct err *err)
{
	*stale = NULL;
	for (size_t i = 0; i < where->count; i++) {
		switch (deliver_item(d, file, where, &where->items[i], err)) {
		case FAILED:
			return false;
		case ABSENT:
			*stale = &where->items[i];
			break;
		case FOUND:
		default:
			break;
		}
	}
	return true;
}

static void note_not_found(
	struct delivery *d, const struct scene_file *file, const struct location *where)
{
	struct outcome *out = d->out;

	out->gains = where->gains;
	if (where->answer == LOCATE_AMBIGUOUS)
		add_candidates(d, where);
	if (where->answer == LOCATE_ABSENT)
		scan_ask(d->env, where->mapped);
	if (where->answer == LOCATE_ABSENT || where->answer == LOCATE_AMBIGUOUS)
		out->names[out->name_count++] = path_name_digest(file->path);
	if (where->answer == LOCATE_UNKNOWN || where->answer == LOCATE_FOUND)
		d->unknown = true;
	if (out->reason == NULL)
		out->reason = where->answer == LOCATE_FOUND
				      ? "Plex's libraries change at this moment"
				      : where->why;
}

/* What the caches said of an item proved wrong. The match is forgotten; where
 * there is time, the index is confirmed, and only if Plex has nothing new to tell
 * and still does not have the item is its row dropped. */
static bool heal(struct delivery *d, const struct scene_file *file, const struct locate_item *stale,
	int attempt, struct err *err)
{
	locate_forget(d->env, file);
	if (env_in_hook(d->env))
		return true;
	if (attempt == 0)
		return indexer_confirm(d->env, INDEXER_CONFIRM, err);
	locate_drop_row(d->env, stale);
	return true;
}

static bool deliver_file(struct delivery *d, const struct scene_file *file, struct err *err)
{
	int attempts = env_in_hook(d->env) ? 2 : 4;
	const struct locate_item *stale = NULL;
	struct location where = {.answer = LOCATE_UNKNOWN};

	for (int attempt = 0; attempt < attempts; attempt++) {
		if (!locate(d, file, &where, err))
			return false;
		stale = NULL;
		if (where.answer == LOCATE_FOUND && !deliver_found(d, file, &where, &stale, err))
			return false;
		if (stale == NULL)
			break;
		if (!heal(d, file, stale, attempt, err))
			return false;
	}
	if (where.answer != LOCATE_FOUND || stale != NULL)
		note_not_found(d, file, &where);
	return true;
}

/* --- pictures ------------------------------------------------------------- */

/* Behind the text of all items, which is not touched by what fails here. */
static bool deliver_pictures(struct delivery *d, struct err *err)
{
	int64_t at = clock_us();
	struct outcome *out = d->out;
	struct artwork artwork;
	unsigned written = out->fields;
	bool done = true;

	if (!artwork_wanted(&d->env->settings) || out->save_count == 0)
		return true;
	artwork_init(&artwork, d->env, d->scene.id, d->before.cover_etag, d->before.cover_sha1,
		d->arena);
	for (size_t i = 0; i < out->save_count && done; i++) {
		done = artwork_push(&artwork, &d->artwork[i], err);
		out->fields |= d->artwork[i].done;
		out->kept |= d->artwork[i].kept;
		out->refused |= d->artwork[i].refused;
	}
	if (artwork.asked) {
		out->cover_etag = artwork.etag;
		out->cover_sha1 = artwork.sha1;
	}
	timer_add(d->timer, "pictures", at);
	if (!done && written != 0 && err->kind != ERR_SETUP)
		err_context(err, "%s written, but not all pictures",
			outcome_field_list(written, d->arena));
	return done;
}

/* --- all of it ------------------------------------------------------------ */

static bool read_scene(struct delivery *d, int64_t id, bool *present, struct err *err)
{
	int64_t at = clock_us();
	struct settings settings;
	enum lookup found = stash_read(
		d->env->stash, id, env_stash_time(d->env), &d->scene, &settings, d->arena, err);

	timer_add(d->timer, "stash", at);
	*present = found == FOUND;
	return found != FAILED && env_use_settings(d->env, &settings, err);
}

static enum outcome_result result_of(const struct delivery *d)
{
	if (d->unknown)
		return OUTCOME_QUEUED;
	if (d->out->item_count > 0)
		return d->out->fields != 0 ? OUTCOME_SYNCED : OUTCOME_UNCHANGED;
	if (d->foreign || d->out->candidate_count > 0)
		return OUTCOME_AMBIGUOUS;
	return OUTCOME_NOT_FOUND;
}

/* Settings that the hook must obey were only learned with the scene. */
static bool hook_must_not_push(const struct env *env)
{
	return env_in_hook(env) && env->settings.hook_queue_only;
}

/* A wrong setting concerns every scene alike, and is told once. */
static bool name_scene(int64_t scene, struct err *err)
{
	return err->kind == ERR_SETUP ? false : err_context(err, "scene %lld", (long long)scene);
}

bool deliver_scene(struct env *env, int64_t scene, int64_t since_ms, struct outcome *out,
	struct timer *timer, struct arena *a, struct err *err)
{
	struct delivery d = {
		.env = env, .since_ms = since_ms, .out = out, .timer = timer, .arena = a};
	const char *ignored;
	bool present;

	*out = (struct outcome){.scene = scene,
		.title = "",
		.path = "",
		.updated = "",
		.cover_etag = "",
		.cover_sha1 = "",
		.dry_run = env->dry_run};
	out->items = arena_array(a, LIMIT_ITEMS, sizeof(*out->items));
	out->candidates = arena_array(a, LIMIT_CANDIDATES_SHOWN, sizeof(*out->candidates));
	out->saves = arena_array(a, LIMIT_ITEMS, sizeof(*out->saves));
	d.artwork = arena_array(a, LIMIT_ITEMS, sizeof(*d.artwork));
	if (!read_scene(&d, scene, &present, err))
		return name_scene(scene, err);
	if (!present) {
		out->gone = true;
		return conclude(&d, OUTCOME_IGNORED, "Stash has no such scene");
	}
	describe_scene(&d);
	read_memory(&d);
	ignored = filter_reason(&d.scene, &env->settings, d.before.count > 0);
	if (ignored != NULL)
		return conclude(&d, OUTCOME_IGNORED, ignored);
	if (hook_must_not_push(env))
		return conclude(&d, OUTCOME_QUEUED, "setting hookQueueOnly");
	values_of_scene(&d.scene, &env->settings, &d.ours, a);
	out->content = values_digest(&d.ours, &d.scene, env->push_settings);
	out->updated = d.scene.updated;
	out->cover_etag = d.before.cover_etag;
	out->cover_sha1 = d.before.cover_sha1;
	for (size_t i = 0; i < d.scene.file_count; i++) {
		if (!deliver_file(&d, &d.scene.files[i], err))
			return name_scene(scene, err);
	}
	if (!deliver_pictures(&d, err))
		return name_scene(scene, err);
	out->result = result_of(&d);
	if (out->item_count > 0 && !d.unknown) {
		/* What is said of a file is no reason for the scene that was pushed. */
		out->missing = out->name_count > 0 ? out->reason : NULL;
		out->reason = NULL;
	}
	return true;
}
