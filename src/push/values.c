#include "push/values.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* Two digits. */
static bool between(const char *digits, int least, int most)
{
	int number = 10 * (digits[0] - '0') + digits[1] - '0';

	return number >= least && number <= most;
}

/* Stash knows days, months and years; Plex only days. Anything else is not a date. */
static const char *full_date(const char *date, struct arena *a)
{
	static const char pattern[] = "dddd-dd-dd";
	size_t len = strlen(date);

	if (len != 4 && len != 7 && len != 10)
		return "";
	for (size_t i = 0; i < len; i++) {
		bool digit = date[i] >= '0' && date[i] <= '9';
		if (pattern[i] == 'd' ? !digit : date[i] != '-')
			return "";
	}
	if ((len >= 7 && !between(date + 5, 1, 12)) || (len == 10 && !between(date + 8, 1, 31)))
		return "";
	return arena_printf(a, "%s%s", date, len == 4 ? "-01-01" : len == 7 ? "-01" : "");
}

static bool listed(const struct str_list *list, const char *name, struct arena *a)
{
	const char *folded = utf8_fold(a, name);

	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(utf8_fold(a, list->v[i]), folded) == 0)
			return true;
	}
	return false;
}

/* In a list that a person typed. */
static bool named(const struct str_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++) {
		if (utf8_same_name(list->v[i], name))
			return true;
	}
	return false;
}

static struct value set_of(
	const struct str_list *names, const struct str_list *without, struct arena *a)
{
	struct value value = {.known = true, .text = ""};

	str_list_init(&value.names, a);
	for (size_t i = 0; i < names->n; i++) {
		char *name = utf8_clean_line(a, names->v[i]);
		if (*name == '\0' || listed(&value.names, name, a))
			continue;
		if (without == NULL || !named(without, name))
			str_list_add(&value.names, name);
	}
	return value;
}

/* One name or none. */
static struct value set_of_one(const char *name, struct arena *a)
{
	struct str_list names;

	str_list_init(&names, a);
	str_list_add(&names, arena_strdup(a, name));
	return set_of(&names, NULL, a);
}

/* Stash counts to 100, Plex to 10: "8.5". */
static const char *rating(int64_t rating100, struct arena *a)
{
	if (rating100 <= 0 || rating100 > 100)
		return "";
	return arena_printf(a, "%g", (double)rating100 / 10);
}

static struct value text_of(const char *text)
{
	return (struct value){.known = true, .text = text};
}

void values_of_scene(const struct scene *scene, const struct settings *settings, struct fields *out,
	struct arena *a)
{
	*out = (struct fields){0};
	if (!settings->no.title)
		out->v[FIELD_TITLE] = text_of(utf8_clean_line(a, scene->title));
	if (!settings->no.summary)
		out->v[FIELD_SUMMARY] = text_of(str_trim(a, utf8_clean(a, scene->details)));
	if (!settings->no.date)
		out->v[FIELD_DATE] = text_of(full_date(scene->date, a));
	if (!settings->no.studio)
		out->v[FIELD_STUDIO] = text_of(utf8_clean_line(a, scene->studio));
	if (!settings->no.rating)
		out->v[FIELD_RATING] = text_of(rating(scene->rating100, a));
	if (!settings->no.performers)
		out->v[FIELD_PERFORMERS] = set_of(&scene->performers, NULL, a);
	if (!settings->no.tags)
		out->v[FIELD_TAGS] = set_of(&scene->tags, &settings->ignore_tags, a);
	if (!settings->no.director)
		out->v[FIELD_DIRECTOR] = set_of_one(scene->director, a);
	if (!settings->no.collections)
		out->v[FIELD_COLLECTIONS] = set_of(&scene->groups, NULL, a);
	if (!settings->no.studio_collection)
		out->v[FIELD_STUDIO_COLLECTION] = set_of_one(scene->studio, a);
}

static struct value names_of(struct str_list names)
{
	return (struct value){.known = true, .text = "", .names = names};
}

void values_of_item(const struct item *item, struct fields *out, struct arena *a)
{
	struct value *performers = &out->v[FIELD_PERFORMERS];

	*out = (struct fields){0};
	out->v[FIELD_TITLE] = text_of(item->title);
	out->v[FIELD_SUMMARY] = text_of(item->summary);
	out->v[FIELD_DATE] = text_of(item->date);
	out->v[FIELD_STUDIO] = text_of(item->studio);
	out->v[FIELD_RATING] = text_of(item->rating);
	out->v[FIELD_TAGS] = names_of(item->genres);
	out->v[FIELD_DIRECTOR] = names_of(item->directors);
	out->v[FIELD_COLLECTIONS] = names_of(item->collections);
	out->v[FIELD_STUDIO_COLLECTION] = names_of(item->collections);
	*performers = text_of("");
	str_list_init(&performers->names, a);
	for (size_t i = 0; i < item->role_count; i++)
		str_list_add(&performers->names, arena_strdup(a, item->roles[i].name));
}

static int compare_names(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

/* The order of names does not matter. */
static void add_value(struct str *text, const struct value *value, struct arena *a)
{
	char **names = arena_array(a, value->names.n, sizeof(*names));

	str_addc(text, value->known ? 'k' : 'u');
	if (!value->known)
		return;
	str_addn(text, value->text, strlen(value->text) + 1);
	for (size_t i = 0; i < value->names.n; i++)
		names[i] = value->names.v[i];
	if (value->names.n > 1)
		qsort(names, value->names.n, sizeof(*names), compare_names);
	for (size_t i = 0; i < value->names.n; i++)
		str_addn(text, names[i], strlen(names[i]) + 1);
	str_addc(text, '\0');
}

struct digest values_digest(
	const struct fields *fields, const struct scene *scene, uint64_t match_settings)
{
	struct digest digest;
	struct arena a;
	struct str text;

	arena_init(&a);
	str_init(&text, &a);
	str_addn(&text, &match_settings, sizeof(match_settings));
	for (enum field f = 0; f < FIELD_COUNT; f++)
		add_value(&text, &fields->v[f], &a);
	for (size_t i = 0; i < scene->file_count; i++) {
		str_addn(&text, scene->files[i].path, strlen(scene->files[i].path) + 1);
		str_addn(&text, &scene->files[i].size, sizeof(scene->files[i].size));
	}
	digest = digest_of(text.s, text.len);
	arena_clear(&a);
	return digest;
}

const char *values_plex_name(enum field field)
{
	static const char *const names[FIELD_COUNT] = {
		[FIELD_TITLE] = "title",
		[FIELD_SUMMARY] = "summary",
		[FIELD_DATE] = "originallyAvailableAt",
		[FIELD_STUDIO] = "studio",
		[FIELD_PERFORMERS] = "actor",
		[FIELD_TAGS] = "genre",
		[FIELD_RATING] = "userRating",
		[FIELD_DIRECTOR] = "director",
		[FIELD_COLLECTIONS] = "collection",
		[FIELD_STUDIO_COLLECTION] = "collection",
		[FIELD_POSTER] = "thumb",
		[FIELD_BACKGROUND] = "art",
	};

	return names[field];
}
