#include "push/values.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* The number that these digits are; -1 if they are not. */
static int number(const char *digits, size_t n)
{
	int value = 0;

	for (size_t i = 0; i < n; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return -1;
		value = 10 * value + digits[i] - '0';
	}
	return value;
}

static bool exists(int year, int month, int day)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	/* What Go, which Stash and others are written in, makes of no date at all. */
	if (year < 1 || (year == 1 && month == 1 && day == 1))
		return false;
	return month >= 1 && month <= 12 && day >= 1 &&
	       day <= days[month - 1] + (month == 2 && leap);
}

/* Stash knows days, months and years; Plex only days. Of a time stamp the date counts. NULL
 * if it is not a date: Plex answers 500 to a day that does not exist. */
static const char *full_date(const char *text, struct arena *a)
{
	const char *date = str_trim(a, text);
	size_t len = strlen(date);
	int year, month = 1, day = 1;

	if (len == 0)
		return "";
	if (len >= 16 && strchr("Tt ", date[10]) != NULL && number(date + 11, 2) >= 0 &&
		date[13] == ':' && number(date + 14, 2) >= 0)
		len = 10;
	if ((len != 4 && len != 7 && len != 10) || (len >= 7 && date[4] != '-') ||
		(len == 10 && date[7] != '-'))
		return NULL;
	year = number(date, 4);
	if (len >= 7)
		month = number(date + 5, 2);
	if (len == 10)
		day = number(date + 8, 2);
	return exists(year, month, day) ? arena_printf(a, "%04d-%02d-%02d", year, month, day)
					: NULL;
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
		if (*name == '\0' || fields_has_name(&value.names, name, a))
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

static const struct str_list *performers_of(
	const struct scene *scene, const struct settings *settings)
{
	return settings->no.disambiguation ? &scene->bare_performers : &scene->performers;
}

void values_of_scene(const struct scene *scene, const struct settings *settings, struct fields *out,
	struct arena *a)
{
	const char *date = full_date(scene->date, a);

	*out = (struct fields){0};
	if (!settings->no.title)
		out->v[FIELD_TITLE] = text_of(utf8_clean_line(a, scene->title));
	if (!settings->no.summary)
		out->v[FIELD_SUMMARY] = text_of(str_trim(a, utf8_clean(a, scene->details)));
	if (!settings->no.date && date != NULL)
		out->v[FIELD_DATE] = text_of(date);
	if (!settings->no.studio)
		out->v[FIELD_STUDIO] = text_of(utf8_clean_line(a, scene->studio));
	if (!settings->no.rating)
		out->v[FIELD_RATING] = text_of(rating(scene->rating100, a));
	if (!settings->no.performers)
		out->v[FIELD_PERFORMERS] = set_of(performers_of(scene, settings), NULL, a);
	if (!settings->no.tags)
		out->v[FIELD_TAGS] = set_of(&scene->tags, &settings->ignore_tags, a);
	if (!settings->no.director)
		out->v[FIELD_DIRECTOR] = set_of_one(scene->director, a);
	if (!settings->no.collections)
		out->v[FIELD_COLLECTIONS] = set_of(&scene->groups, NULL, a);
	if (!settings->no.studio_collection)
		out->v[FIELD_STUDIO_COLLECTION] = set_of_one(scene->studio, a);
}

/* Names that are one to Plex, and are spelled differently; NULL if there are none. */
static const char *twins(const struct str_list *names, struct arena *a)
{
	struct str text;

	str_init(&text, a);
	for (size_t i = 0; i < names->n; i++) {
		const char *name = utf8_clean_line(a, names->v[i]);
		const char *other = name;
		for (size_t j = 0; j < i && other == name; j++) {
			const char *before = utf8_clean_line(a, names->v[j]);
			if (fields_same_name(before, name, a))
				other = before;
		}
		if (strcmp(other, name) != 0)
			str_addf(&text, "%s\"%s\" and \"%s\"", text.len > 0 ? ", " : "", other,
				name);
	}
	return text.len == 0 ? NULL
			     : arena_printf(a,
				       "%s differ only in case or blanks: Plex keeps one spelling "
				       "of a name, so "
				       "they are one there",
				       text.s);
}

void values_notes(const struct scene *scene, const struct settings *settings,
	const char *notes[FIELD_COUNT], struct arena *a)
{
	for (enum field f = 0; f < FIELD_COUNT; f++)
		notes[f] = NULL;
	if (!settings->no.date && full_date(scene->date, a) == NULL)
		notes[FIELD_DATE] = arena_printf(a,
			"\"%.40s\" is not a day of the calendar: Plex's date stays", scene->date);
	if (!settings->no.performers)
		notes[FIELD_PERFORMERS] = twins(performers_of(scene, settings), a);
	if (!settings->no.tags)
		notes[FIELD_TAGS] = twins(&scene->tags, a);
	if (!settings->no.collections)
		notes[FIELD_COLLECTIONS] = twins(&scene->groups, a);
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
