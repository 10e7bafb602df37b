#include "push/gather.h"

#include <string.h>

#include "base/clock.h"
#include "base/path.h"
#include "find/chosen.h"
#include "find/indexer.h"
#include "find/scan.h"
#include "push/ahead.h"
#include "push/claim.h"
#include "push/filter.h"
#include "push/judge.h"
#include "push/proof.h"
#include "push/recall.h"
#include "run/tags.h"

/* So many candidates are looked at, those with the most equal folders; of those with equally
 * many others every day. */
#define LOOK_MOST 8

/* --- the scene ------------------------------------------------------------- */

/* FOUND and ABSENT as stash_read. */
static enum lookup read_scene(
	const struct env *env, struct push *push, struct settings *settings, struct err *err)
{
	const struct ahead_scene *ahead = ahead_scene(push->ahead, push->asked.scene);

	if (ahead == NULL || ahead->found == FAILED)
		return stash_read(env->stash, push->asked.scene, request_stash_time(&push->asked),
			&push->scene, settings, push->arena, err);
	if (ahead->found == FOUND)
		push->scene = ahead->scene;
	*settings = push->ahead->settings;
	return ahead->found;
}

bool gather_scene(const struct env *env, struct push *push, struct err *err)
{
	int64_t at = clock_us();
	struct settings settings;
	enum lookup found = read_scene(env, push, &settings, err);

	timer_add(&push->timer, "stash", at);
	push->gone = found == ABSENT;
	if (found == FAILED || !env_use_settings(env, &settings, err))
		return false;
	return push->gone || tags_cover(env, &push->asked, &push->scene, &push->tags, err);
}

/* --- one item --------------------------------------------------------------- */

/* Another library under the number of the one that was indexed: its keys mean
 * nothing. The index is brought up to date where there is time for it. */
static bool is_of_another_library(const struct env *env, const struct push *push,
	const struct item *item, const struct locate_item *found)
{
	struct err err;

	if (item->section_uuid == NULL || found->library_uuid == NULL ||
		*found->library_uuid == '\0' ||
		strcmp(item->section_uuid, found->library_uuid) == 0)
		return false;
	env->run->machine = NULL;
	if (!request_in_hook(&push->asked))
		indexer_confirm(env, INDEXER_CONFIRM, &err);
	return true;
}

/* In a dry run of many scenes nobody stores whose an item would be by now. */
static void claimed_in_dry_run(
	const struct env *env, const char *rating_key, struct claim_facts *facts)
{
	for (const struct env_claim *dry = env->run->claims; dry != NULL; dry = dry->next) {
		if (strcmp(dry->rating_key, rating_key) != 0)
			continue;
		if (dry->scene != facts->owner)
			facts->owner_chosen = 0;
		facts->owner = dry->scene;
		facts->owner_lives = true;
		return;
	}
}

static void claim_in_dry_run(const struct env *env, const struct push *push, const char *key)
{
	struct env_claim *dry = arena_alloc(env->arena, sizeof(*dry));

	*dry = (struct env_claim){.rating_key = arena_strdup(env->arena, key),
		.scene = push->asked.scene,
		.next = env->run->claims};
	env->run->claims = dry;
}

/* How surely the scene's primary file is the item's first part. */
static int plays_first(
	const struct env *env, const struct scene *scene, const struct item *item, struct arena *a)
{
	const struct scene_file *primary = &scene->files[0];

	if (scene->file_count == 0)
		return 0;
	return match_strength(proof_first(
		item, primary, path_map_apply(&env->use->path_map, primary->path, a), a));
}

static bool ask_owner(const struct env *env, const struct push *push, const struct item *item,
	struct claim_facts *facts, struct err *err)
{
	struct settings settings;
	struct scene scene;
	enum lookup found = stash_read(env->stash, facts->owner, request_stash_time(&push->asked),
		&scene, &settings, push->arena, err);

	facts->asked = true;
	/* A scene that the settings leave out owns nothing. */
	facts->owner_has_it = found == FOUND && filter_reason(&scene, &env->use->s, true) == NULL &&
			      (facts->owner_chosen > 0 || proof_can_play(&scene, item));
	if (facts->owner_has_it)
		facts->owner_plays_first = plays_first(env, &scene, item, push->arena);
	return found != FAILED;
}

/* A database that was put back, or begun anew, gives its rating keys again: what is remembered of
 * another scene's item of that number is nothing that was ever written to this one. */
static bool is_another_item(const struct push *push, const struct target *target)
{
	const struct history *before = &target->before;

	return before->owner != push->asked.scene && before->added != 0 &&
	       target->item.added != 0 && before->added != target->item.added;
}

/* Whose the item is, with what is remembered of it. */
static bool claim(const struct env *env, struct push *push, struct target *target,
	const struct item_part *part, struct err *err)
{
	struct claim_facts facts = {.scene = push->asked.scene};
	struct recall_owner owner;
	enum claim claim;

	if (!recall_item(env, push, target->machine, target->item.rating_key, &target->before,
		    &owner, err))
		return false;
	facts.owner = target->before.owner;
	facts.owner_lives = owner.lives;
	facts.owner_chosen = owner.chosen;
	if (choice_is(&push->choice, target->machine, target->item.rating_key))
		facts.chosen = push->choice.number;
	if (target->file == &push->scene.files[0] && part->first)
		facts.plays_first = plays_first(env, &push->scene, &target->item, push->arena);
	claimed_in_dry_run(env, target->item.rating_key, &facts);
	claim = claim_decide(&facts);
	if (claim == CLAIM_ASK) {
		if (!ask_owner(env, push, &target->item, &facts, err))
			return false;
		claim = claim_decide(&facts);
	}
	target->foreign = claim == CLAIM_THEIRS;
	target->owner_chose = facts.owner_chosen > 0;
	if (!target->foreign && is_another_item(push, target))
		target->before = (struct history){0};
	target->before.owner = push->asked.scene;
	target->owner = facts.owner;
	if (push->asked.dry_run && !target->foreign)
		claim_in_dry_run(env, push, target->item.rating_key);
	return true;
}

/* A file of the scene in an item that another file of it led to before. */
static bool is_target(const struct push *push, const char *rating_key)
{
	for (size_t i = 0; i < push->target_count; i++) {
		if (strcmp(push->targets[i]->found.rating_key, rating_key) == 0)
			return true;
	}
	return false;
}

/* The only item with a file of this name, if setting matchByName lets that be enough. */
static bool is_accepted_by_name(
	const struct env *env, const struct place *place, const struct item *item, struct arena *a)
{
	struct index_part *parts = arena_array(a, LIMIT_CANDIDATES, sizeof(*parts));
	size_t count = 0, i = 0;
	int64_t key;

	if (env->use->s.match_by_name && str_number(item->rating_key, &key))
		count = locate_candidates(env, place->where.mapped, parts, LIMIT_CANDIDATES, a);
	while (i < count && parts[i].rating_key == key)
		i++;
	return count > 0 && i == count;
}

static const char *length(int64_t ms, struct arena *a)
{
	long long s = (long long)(ms / 1000);

	return arena_printf(a, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
}

/* At the first match a path is no proof where nothing else is the same: everybody mounts
 * something at /data. True if the item is left to a person. */
static bool doubt(const struct env *env, const struct push *push, struct place *place,
	struct target *target, const struct item_part *part)
{
	const struct scene_file *file = place->file;
	struct arena *a = push->arena;

	if (target->rule == MATCH_NAME || target->rule == MATCH_CHOSEN ||
		!proof_is_another(part, file) ||
		recall_place(&push->before, target->machine, target->item.rating_key) <
			push->before.count)
		return false;
	if (is_accepted_by_name(env, place, &target->item, a)) {
		target->rule = place->where.rule = MATCH_NAME;
		return false;
	}
	place->doubt = arena_printf(a,
		"Plex item %s has this path, but another size and another duration (%lld bytes and "
		"%s, in Stash %lld bytes and %s), so it may be another file; if it is the same, "
		"let "
		"both scan it again",
		target->item.rating_key, (long long)part->size, length(part->duration_ms, a),
		(long long)file->size, length(file->duration_ms, a));
	return true;
}

/* FOUND: it is a target now, or in doubt. ABSENT: the item is not what the caches said. */
static enum lookup gather_item(const struct env *env, struct push *push, struct place *place,
	struct locate_item *found, struct err *err)
{
	struct target *target = arena_alloc(push->arena, sizeof(*target));
	const struct item_part *part;
	int64_t at = clock_us();
	enum lookup read;

	if (is_target(push, found->rating_key))
		return FOUND;
	*target = (struct target){.file = place->file, .found = *found, .rule = place->where.rule};
	/* What was read ahead counts once: where the caches are asked again, so is Plex. */
	read = ahead_get_item(env, push->ahead, &push->asked, found->rating_key, place->again,
		&target->item, push->arena, err);
	timer_add(&push->timer, "plex_get", at);
	if (read == FAILED)
		judge_item(env, &push->asked,
			arena_printf(push->arena, "to show item %s", found->rating_key), err,
			push->arena);
	if (read != FOUND)
		return read;
	target->section = target->item.section ? target->item.section : found->section;
	target->type = target->item.type ? target->item.type : 1;
	part = proof_part(
		&target->item, place->file, place->where.mapped, place->where.rule, push->arena);
	if (part == NULL || is_of_another_library(env, push, &target->item, found))
		return ABSENT;
	if (!env_machine(env, &target->machine, err))
		return FAILED;
	found->path = target->found.path = part->path;
	if (doubt(env, push, place, target, part))
		return FOUND;
	if (!claim(env, push, target, part, err))
		return FAILED;
	if (push->target_count == LIMIT_ITEMS) {
		err_set(err, ERR_JOB, "more than %u items of Plex play files of this scene",
			LIMIT_ITEMS);
		return FAILED;
	}
	push->targets[push->target_count++] = target;
	return FOUND;
}

/* --- one file ---------------------------------------------------------------- */

/* The candidates with the most equal folders, in their order from number 'first' on. Returns how
 * many. */
static size_t nearest(const struct location *where, size_t first,
	const struct locate_item *near[LOOK_MOST], struct arena *a)
{
	size_t folders[LOOK_MOST], count = 0;

	for (size_t i = 0; i < where->count; i++) {
		const struct locate_item *candidate = &where->items[(first + i) % where->count];
		size_t common = path_common_folders(a, where->mapped, candidate->path), at = count;
		while (at > 0 && folders[at - 1] < common)
			at--;
		if (at == LOOK_MOST)
			continue;
		count += count < LOOK_MOST;
		for (size_t j = count - 1; j > at; j--) {
			near[j] = near[j - 1];
			folders[j] = folders[j - 1];
		}
		near[at] = candidate;
		folders[at] = common;
	}
	return count;
}

/* False with the error if Plex answers nobody now; one item that it cannot show stops nothing. */
static bool read_candidate(const struct env *env, const struct push *push, const char *rating_key,
	struct item *item, enum lookup *found, struct err *err)
{
	struct plex_time time = request_plex_time(&push->asked, LIMIT_REQUEST_MS);
	struct arena *a = push->arena;

	*found = item_get(env->use->plex, rating_key, &time, item, a, err);
	if (*found != FAILED)
		return true;
	judge_item(env, &push->asked, arena_printf(a, "to show item %s", rating_key), err, a);
	return err->kind == ERR_JOB || err->kind == ERR_LATER;
}

/* Before it is said that nobody can tell: the candidates as they are now, because the index
 * may be older than they are. Rows of what is gone are dropped, if an answer proves that
 * Plex answers truly; others get the size and duration of now. *changed: any of them. */
static bool look_closer(const struct env *env, const struct push *push,
	const struct location *where, bool *changed, struct err *err)
{
	const struct locate_item *near[LOOK_MOST];
	size_t today = (size_t)clock_day(clock_now_ms());
	size_t count = nearest(where, today * LOOK_MOST, near, push->arena), answered = 0;
	bool gone[LOOK_MOST] = {false};

	*changed = false;
	for (size_t i = 0; i < count; i++) {
		enum lookup found;
		struct item item;
		if (!read_candidate(env, push, near[i]->rating_key, &item, &found, err))
			return false;
		answered += found == FOUND;
		gone[i] = found == ABSENT ||
			  (found == FOUND && item_part(&item, near[i]->path) == NULL);
		if (found == FOUND && (item.section == 0 || item.section == near[i]->section))
			*changed |= indexer_note_item(env, near[i]->section, &item);
	}
	for (size_t i = 0; i < count && answered > 0; i++) {
		if (gone[i])
			locate_drop_row(env, near[i]);
		*changed |= gone[i];
	}
	return true;
}

static bool locate(
	const struct env *env, struct push *push, struct place *place, bool again, struct err *err)
{
	struct location *where = &place->where;
	int64_t at = clock_us();
	bool done = locate_file(env, place->file, &push->asked, again, where, push->arena, err);
	bool changed = false;

	if (done && where->answer == LOCATE_AMBIGUOUS && !where->fresh) {
		if (request_in_hook(&push->asked)) {
			where->answer = LOCATE_UNKNOWN;
			where->why = "it takes a closer look at the candidates first";
		} else {
			done = look_closer(env, push, where, &changed, err);
		}
	}
	if (done && changed)
		done = locate_file(env, place->file, &push->asked, again, where, push->arena, err);
	timer_add(&push->timer, "match", at);
	return done;
}

/* *stale: one that is not what the caches said; NULL if all of them are. */
static bool read_all(const struct env *env, struct push *push, struct place *place,
	const struct locate_item **stale, struct err *err)
{
	struct err why;
	bool all = true;

	*stale = NULL;
	place->doubt = NULL;
	for (size_t i = 0; i < place->where.count; i++) {
		struct locate_item *found = &place->where.items[i];
		enum lookup read = gather_item(env, push, place, found, &why);
		if (read == ABSENT)
			*stale = found;
		if (read == FAILED && !judge_keep(&all, err, &why))
			return false;
	}
	return all;
}

enum gather_heal gather_heal(unsigned wrong_before, bool in_hook)
{
	if (in_hook)
		return wrong_before == 0 ? GATHER_LOOK_AGAIN : GATHER_GIVE_UP;
	if (wrong_before == 0)
		return GATHER_CONFIRM;
	return wrong_before < 3 ? GATHER_DROP_ROW : GATHER_GIVE_UP;
}

static bool heal(const struct env *env, const struct locate_item *stale, enum gather_heal how,
	struct err *err)
{
	if (how == GATHER_CONFIRM)
		return indexer_confirm(env, INDEXER_CONFIRM, err);
	if (how == GATHER_DROP_ROW)
		locate_drop_row(env, stale);
	return true;
}

static void name_place(struct place *place, bool stale)
{
	static const enum place_state states[] = {[LOCATE_FOUND] = PLACE_FOUND,
		[LOCATE_AMBIGUOUS] = PLACE_AMBIGUOUS,
		[LOCATE_ABSENT] = PLACE_ABSENT,
		[LOCATE_UNKNOWN] = PLACE_UNKNOWN};

	if (place->doubt != NULL)
		place->where.answer = LOCATE_AMBIGUOUS;
	place->state = stale ? PLACE_UNKNOWN : states[place->where.answer];
	place->why = stale	    ? "Plex's libraries are changing at this moment"
		     : place->doubt ? place->doubt
				    : place->where.why;
}

static bool gather_file(
	const struct env *env, struct push *push, struct place *place, struct err *err)
{
	const struct locate_item *stale = NULL;
	enum gather_heal how = GATHER_LOOK_AGAIN;

	for (unsigned wrong = 0; how != GATHER_GIVE_UP; wrong++) {
		place->again = wrong > 0;
		if (!locate(env, push, place, wrong > 0, err))
			return false;
		stale = NULL;
		if (place->where.answer == LOCATE_FOUND && !read_all(env, push, place, &stale, err))
			return false;
		if ((stale != NULL || place->doubt != NULL) && !push->asked.dry_run)
			env_note_match(env, place->file->path, NULL);
		if (stale == NULL)
			break;
		how = gather_heal(wrong, request_in_hook(&push->asked));
		if (!heal(env, stale, how, err))
			return false;
	}
	name_place(place, stale != NULL);
	if (place->state == PLACE_ABSENT)
		scan_ask(env, &push->asked, place->where.mapped);
	return true;
}

/* --- an item that a person chose --------------------------------------------------- */

/* *why: it cannot be used; NULL: it is a target now. */
static bool read_chosen(const struct env *env, struct push *push, struct place *place,
	const char **why, struct err *err)
{
	const struct choice *choice = &push->choice;
	struct locate_item *found = place->where.items;
	const char *machine;
	enum lookup read;

	if (choice->unreadable) {
		*why = "what a person chose for it cannot be read; choose again";
		return true;
	}
	if (!env_machine(env, &machine, err))
		return false;
	if (!str_eq(machine, choice->machine)) {
		*why = arena_printf(push->arena,
			"Plex item %s, which a person chose for it, is on another server",
			choice->rating_key);
		return true;
	}
	if (!chosen_has(&env->use->s, found->section, found->library, choice->library_type)) {
		*why = arena_printf(push->arena,
			"Plex item %s, which a person chose for it, is in library \"%s\", which "
			"setting libraryNames leaves out",
			choice->rating_key, found->library);
		return true;
	}
	read = gather_item(env, push, place, found, err);
	if (read != ABSENT)
		return read == FOUND;
	*why = arena_printf(push->arena,
		"Plex item %s, which a person chose for it, is gone; choose again",
		choice->rating_key);
	/* That Plex answers for its libraries proves that it answers truly. */
	return request_in_hook(&push->asked) || indexer_confirm(env, INDEXER_CONFIRM, err);
}

/* What the rules would say of the file are candidates. */
static void ask_again(const struct env *env, const struct push *push, struct place *place)
{
	locate_by_index(env, place->file, &place->where, push->arena);
	place->where.answer = LOCATE_AMBIGUOUS;
	place->state = request_in_hook(&push->asked) ? PLACE_UNKNOWN : PLACE_AMBIGUOUS;
}

/* One item for all files of the scene, or none. */
static bool gather_chosen(const struct env *env, struct push *push, struct err *err)
{
	const char *why = NULL;

	for (size_t i = 0; i < push->scene.file_count; i++) {
		struct place *place = &push->places[push->place_count++];
		*place = (struct place){.file = &push->scene.files[i], .state = PLACE_UNKNOWN};
		locate_chosen(env, place->file, &push->choice, &place->where, push->arena);
		if (i == 0 && !read_chosen(env, push, place, &why, err))
			return false;
		place->state = PLACE_FOUND;
		place->why = why;
		if (why != NULL)
			ask_again(env, push, place);
	}
	return true;
}

void gather_keys(const struct env *env, const struct push *push, struct str_list *rating_keys)
{
	if (push->choice.kind == CHOICE_ITEM) {
		str_list_add(rating_keys, arena_strdup(push->arena, push->choice.rating_key));
		return;
	}
	for (size_t i = 0; i < push->scene.file_count; i++) {
		struct location where;
		if (!locate_by_index(env, &push->scene.files[i], &where, push->arena) ||
			where.answer != LOCATE_FOUND)
			continue;
		for (size_t j = 0; j < where.count; j++)
			str_list_add(
				rating_keys, arena_strdup(push->arena, where.items[j].rating_key));
	}
}

bool gather_items(const struct env *env, struct push *push, struct err *err)
{
	const struct scene *scene = &push->scene;
	struct err why;
	bool all = true;

	push->places = arena_array(push->arena, scene->file_count, sizeof(*push->places));
	if (push->choice.kind == CHOICE_ITEM || push->choice.unreadable)
		return gather_chosen(env, push, err);
	for (size_t i = 0; i < scene->file_count; i++) {
		struct place *place = &push->places[i];
		*place = (struct place){.file = &scene->files[i], .state = PLACE_UNKNOWN};
		push->place_count++;
		if (!gather_file(env, push, place, &why) && !judge_keep(&all, err, &why))
			return false;
	}
	return all;
}
