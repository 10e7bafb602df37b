/* fuzz_settings.c - any JSON in place of the settings that Stash keeps. */
#include "fuzz.h"

#include "http/http.h"
#include "stash/format.h"
#include "stash/settings.h"
#include "find/match.h"
#include "stash/path_map.h"

/* A format that was accepted makes something of any values, and nothing of none. */
static void check_format(const char *format, struct arena *a)
{
	struct format_values none, all;
	const char *made;

	for (size_t i = 0; i < FORMAT_NAMES; i++) {
		none.v[i] = "";
		all.v[i] = "(-";
	}
	made = format_render(format, &all, a);
	assert(strlen(made) <= 2 * strlen(format));
	if (strchr(format, '{') != NULL && strstr(format, "{{") == NULL)
		assert(*format_render(format, &none, a) == '\0' && strstr(made, "(-") != NULL);
}

static void check(const struct settings *s, struct arena *a)
{
	struct path_map map;
	struct err err = {0};
	size_t len = strlen(s->plex_url);

	assert(s->plex_token != NULL && s->path_map != NULL && s->skip_tag != NULL);
	assert(len == 0 || s->plex_url[len - 1] != '/');
	assert(s->ca_file == NULL || !s->skip_verify);
	if (settings_check(s, &err))
		assert(http_url_ok(s->plex_url));
	else
		assert(err.kind == ERR_SETUP && err.text[0] != '\0');
	check_format(s->title_format, a);
	check_format(s->sort_title_format, a);
	assert(s->tags_as >= TAGS_GENRES && s->tags_as <= TAGS_COLLECTIONS);
	err = (struct err){0};
	assert(path_map_parse(s->path_map, &map, a, &err) || err.kind == ERR_SETUP);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cJSON *tree = fuzz_json(data, size);
	struct settings settings;
	struct err err = {0};
	struct arena a;

	arena_init(&a);
	if (settings_parse(tree, &settings, &a, &err))
		check(&settings, &a);
	else
		assert(err.kind == ERR_SETUP && err.text[0] != '\0');
	arena_clear(&a);
	cJSON_Delete(tree);
	return 0;
}
