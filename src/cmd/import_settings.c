/*
 * import_settings.c - takes the settings of other plugins over. The token goes into a file of the
 * state, as that of a sign-in does, and is shown to nobody.
 */
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "run/request.h"
#include "stash/peers.h"
#include "stash/plugins.h"

static bool store_token(const struct env *env, cJSON *settings, const char *path, struct err *err)
{
	const char *token = cJSON_GetStringValue(cJSON_GetObjectItem(settings, "connectToken"));
	const char *value = arena_printf(env->arena, "file:%s", path);

	if (token == NULL || strncasecmp(token, "file:", 5) == 0)
		return true;
	if (!file_write_secret(env->arena, path, token, err))
		return false;
	cJSON_ReplaceItemInObject(settings, "connectToken", cJSON_CreateString(value));
	return true;
}

static bool apply(const struct env *env, cJSON *settings, struct err *err)
{
	const char *path = arena_printf(
		env->arena, "%s/plex-import.token", state_real_dir(env->state, env->arena));

	return cJSON_GetArraySize(settings) == 0 ||
	       (store_token(env, settings, path, err) &&
		       plugins_save(
			       env->stash, settings, request_stash_time(NULL), env->arena, err));
}

bool cmd_import_settings(const struct env *env, const struct input_args *request,
	struct cmd_answer *answer, struct err *err)
{
	struct peers_import import;
	cJSON *plugins = plugins_read(env->stash, request_stash_time(NULL), env->arena, err);
	bool done;

	if (plugins == NULL)
		return false;
	peers_import(plugins, &import, env->arena);
	cJSON_Delete(plugins);
	done = !request->apply || apply(env, import.settings, err);
	if (cJSON_HasObjectItem(import.settings, "connectToken") && !request->apply)
		cJSON_ReplaceItemInObject(
			import.settings, "connectToken", cJSON_CreateString("(not shown)"));
	if (done && request->apply)
		log_info("%d settings of other plugins were taken over",
			cJSON_GetArraySize(import.settings));
	answer->json = cJSON_CreateObject();
	cJSON_AddItemToObject(answer->json, "from", import.from);
	cJSON_AddItemToObject(answer->json, "settings", import.settings);
	cJSON_AddItemToObject(answer->json, "left", import.left);
	return done;
}
