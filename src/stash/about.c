#include "stash/about.h"

#include "base/json.h"

static void parse_plugins(const cJSON *data, struct stash_about *about, struct arena *a)
{
	size_t count;
	const cJSON *list = json_list(data, "plugins", &count), *plugin;

	about->plugins = arena_array(a, count, sizeof(*about->plugins));
	cJSON_ArrayForEach(plugin, list)
	{
		about->plugins[about->plugin_count++] = (struct stash_plugin){
			.id = json_copy(a, plugin, "id"),
			.name = json_copy(a, plugin, "name"),
			.enabled = cJSON_IsTrue(json_get(plugin, "enabled"))};
	}
}

bool stash_about(struct stash *stash, struct stash_time time, struct stash_about *about,
	struct arena *a, struct err *err)
{
	static const char query[] = "query PlexSync{version{version} plugins{id name enabled} "
				    "findScenes(filter:{per_page:1}){count}}";
	cJSON *root;
	const cJSON *data = stash_ask(stash, query, cJSON_CreateObject(), time, &root, a, err);

	if (data == NULL)
		return false;
	*about = (struct stash_about){.version = json_copy(a, json_get(data, "version"), "version"),
		.scenes = json_int(json_get(data, "findScenes"), "count", 0)};
	parse_plugins(data, about, a);
	cJSON_Delete(root);
	return true;
}
