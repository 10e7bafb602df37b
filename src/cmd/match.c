/*
 * match.c - a person chooses the item of a scene, or none, or forgets what was chosen.
 *
 * What makes no sense is found out before anything is stored. Then the choice is durable in
 * one commit with the event, and the scene is pushed at once, as by sync-scene.
 */
#include "base/log.h"
#include "cmd/cmd.h"
#include "find/chosen.h"
#include "plex/item.h"
#include "run/request.h"
#include "run/summon.h"
#include "work/intake.h"

static bool is_one_of_three(const struct input_args *args, struct err *err)
{
	int given = (args->key != 0) + args->none + args->automatic;

	return given == 1 ||
	       err_set(err, ERR_INPUT,
		       "%s: exactly one of key (of an item), none (it is not in Plex) and auto "
		       "(forget what was chosen) is needed",
		       given == 0   ? "key"
		       : !args->key ? "none and auto"
		       : args->none ? "key and none"
				    : "key and auto");
}

static bool scene_exists(const struct env *env, int64_t id, struct err *err)
{
	struct settings settings;
	struct scene scene;
	enum lookup found = stash_read(
		env->stash, id, request_stash_time(NULL), &scene, &settings, env->arena, err);

	if (found == ABSENT)
		return err_set(
			err, ERR_INPUT, "scene_id %lld: Stash has no such scene", (long long)id);
	return found == FOUND && env_use_settings(env, &settings, err);
}

static const struct library *library_of(
	const struct library_list *libraries, const struct item *item)
{
	bool known = item->section != 0 || item->section_uuid != NULL;

	for (size_t i = 0; known && i < libraries->n; i++) {
		const struct library *library = &libraries->v[i];
		if ((item->section == 0 || item->section == library->id) &&
			(item->section_uuid == NULL || *library->uuid == '\0' ||
				str_eq(item->section_uuid, library->uuid)))
			return library;
	}
	return NULL;
}

/* Fills in the item, as it is in Plex now. */
static bool choose_item(
	const struct env *env, int64_t number, struct choice *choice, struct err *err)
{
	struct plex_time time = request_plex_time(NULL, LIMIT_REQUEST_MS);
	const char *key = arena_printf(env->arena, "%lld", (long long)number);
	struct library_list libraries;
	const struct library *library;
	struct item item;
	enum lookup found = item_get(env->use->plex, key, &time, &item, env->arena, err);

	if (found == ABSENT)
		return err_set(err, ERR_INPUT, "key %s: Plex has no such item", key);
	if (found == FAILED || !library_read(env->use->plex, &time, &libraries, env->arena, err) ||
		!env_machine(env, &choice->machine, err))
		return false;
	if (item.part_count == 0)
		return err_set(err, ERR_INPUT, "key %s: \"%.100s\" has no file", key, item.title);
	library = library_of(&libraries, &item);
	if (library == NULL || library_item_type(library) == 0 ||
		!chosen_has(&env->use->s, library->id, library->title, library->type))
		return err_set(err, ERR_INPUT,
			"key %s: \"%.100s\" is in library \"%.100s\", which is not in use; setting "
			"libraryNames says which are",
			key, item.title, library ? library->title : "");
	choice->kind = CHOICE_ITEM;
	choice->rating_key = key;
	choice->path = item.parts[0].path;
	choice->section = library->id;
	choice->library = library->title;
	choice->library_type = library->type;
	choice->library_uuid = library->uuid;
	return true;
}

static void say_taken(
	int64_t from, int64_t scene, const struct choice *choice, cJSON *json, struct arena *a)
{
	log_info("Plex item %s was that of scene %lld, and is that of scene %lld now",
		choice->rating_key, (long long)from, (long long)scene);
	if (json != NULL)
		cJSON_AddStringToObject(
			json, "taken_from", arena_printf(a, "%lld", (long long)from));
}

bool cmd_match(const struct env *env, const struct input_args *args, struct cmd_answer *answer,
	struct err *err)
{
	struct request asked = {.scene = args->scene, .since_ms = env->begun_ms, .retry = true};
	struct choice choice = {.kind = args->none ? CHOICE_NONE : CHOICE_AUTO};
	enum lookup taken;
	struct job job;
	int64_t from;
	bool pushed;

	if (!is_one_of_three(args, err) || !scene_exists(env, args->scene, err) ||
		(args->key != 0 && !choose_item(env, args->key, &choice, err)))
		return false;
	taken = intake_choice(env, &asked, &choice, &from, &job, env->arena, err);
	if (taken == FAILED)
		return false;
	pushed = cmd_push_taken(env, &asked, taken, &job, answer, err);
	if (!pushed)
		err_context(err, "the choice is kept, but not pushed yet");
	if (from != 0)
		say_taken(from, args->scene, &choice, answer->json, env->arena);
	summon_if_due(env);
	return pushed;
}
