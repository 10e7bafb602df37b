#include "stash/art.h"

#include <string.h>

#include "base/json.h"

/* The fields have one name each, whatever they are in Stash. */
static const char *query(
	const struct stash_art *art, size_t count, const char *group, struct arena *a)
{
	struct str text;

	str_init(&text, a);
	str_add(&text, "query PlexSync{");
	for (size_t i = 0; i < count; i++) {
		bool is_group = art[i].noun == NOUN_GROUP;
		str_addf(&text, "a%zu:find%s(id:%lld){name text:%s picture:%s} ", i,
			is_group ? group : "Studio", (long long)art[i].id,
			is_group ? "synopsis" : "details",
			is_group ? "front_image_path" : "image_path");
	}
	str_addc(&text, '}');
	return text.s;
}

const char *stash_art_picture(
	enum input_noun noun, int64_t id, const char *address, struct arena *a)
{
	static const struct {
		enum input_noun noun;
		const char *word, *picture;
	} forms[] = {{NOUN_GROUP, "group", "frontimage"}, {NOUN_GROUP, "movie", "frontimage"},
		{NOUN_STUDIO, "studio", "image"}};
	const char *arguments = strchr(address, '?');

	if (arguments != NULL && strstr(arguments, "default=true") != NULL)
		return "";
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		const char *path = arena_printf(
			a, "/%s/%lld/%s", forms[i].word, (long long)id, forms[i].picture);
		if (forms[i].noun == noun && strstr(address, path) != NULL)
			return path;
	}
	return "";
}

static void parse(const cJSON *from, struct stash_art *art, struct arena *a)
{
	const char *address = json_copy(a, from, "picture"), *arguments = strchr(address, '?');

	art->name = json_copy(a, from, "name");
	art->text = json_copy(a, from, "text");
	art->picture = stash_art_picture(art->noun, art->id, address, a);
	art->stamp = arguments != NULL ? arguments : "";
	art->found = !str_blank(art->name);
}

bool stash_read_art(struct stash *stash, struct stash_art *art, size_t count,
	struct stash_time time, struct arena *a, struct err *err)
{
	cJSON *root;
	const cJSON *data = stash_ask_either(stash, query(art, count, "Movie", a),
		query(art, count, "Group", a), time, &root, a, err);

	if (data == NULL)
		return err_context(err, "groups and studios, for setting fieldCollectionArt");
	for (size_t i = 0; i < count; i++)
		parse(json_get(data, arena_printf(a, "a%zu", i)), &art[i], a);
	cJSON_Delete(root);
	return true;
}
