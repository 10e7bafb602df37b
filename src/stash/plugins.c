#include "stash/plugins.h"

#include "base/json.h"
#include "base/log.h"

cJSON *plugins_read(struct stash *stash, struct stash_time time, struct arena *a, struct err *err)
{
	cJSON *root;
	const cJSON *data = stash_ask(stash, "query PlexSync{configuration{plugins}}",
		cJSON_CreateObject(), time, &root, a, err);
	cJSON *plugins;

	if (data == NULL)
		return NULL;
	plugins = cJSON_Duplicate(json_get(json_get(data, "configuration"), "plugins"), true);
	cJSON_Delete(root);
	return plugins ? plugins : cJSON_CreateObject();
}

bool plugins_save(struct stash *stash, const cJSON *settings, struct stash_time time,
	struct arena *a, struct err *err)
{
	static const char query[] = "mutation PlexSync($map:Map!){configurePlugin("
				    "plugin_id:\"" STASH_PLUGIN_ID "\",input:$map)}";
	cJSON *plugins = plugins_read(stash, time, a, err), *map, *variables, *root;
	const cJSON *setting;
	bool saved;

	if (plugins == NULL)
		return false;
	map = cJSON_DetachItemFromObjectCaseSensitive(plugins, STASH_PLUGIN_ID);
	if (!cJSON_IsObject(map)) {
		cJSON_Delete(map);
		map = cJSON_CreateObject();
	}
	cJSON_Delete(plugins);
	log_secret(json_text(map, "connectToken"));
	cJSON_ArrayForEach(setting, settings)
	{
		cJSON_DeleteItemFromObjectCaseSensitive(map, setting->string);
		cJSON_AddItemToObject(map, setting->string, cJSON_Duplicate(setting, true));
	}
	variables = cJSON_CreateObject();
	cJSON_AddItemToObject(variables, "map", map);
	saved = stash_ask(stash, query, variables, time, &root, a, err) != NULL;
	cJSON_Delete(root);
	return saved;
}
