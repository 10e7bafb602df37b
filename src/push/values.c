#include "push/values.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/day.h"
#include "base/path.h"
#include "base/utf8.h"
#include "stash/format.h"

/* --- what Stash wants ------------------------------------------------------------ */

/* What decides a field's value. */
struct source {
	const struct scene *scene;
	const struct settings *s;
	const struct tag_cover *cover; /* NULL: the settings list no tags */
	struct arena *a;
};

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static struct value text_of(const char *text)
{
	return (struct value){.known = true, .text = text};
}

static struct value no_names(struct arena *a)
{
	struct value value = text_of("");

	str_list_init(&value.names, a);
	return value;
}

static char *clean_name(const char *prefix, const char *name, struct arena *a)
{
	char *clean = utf8_clean_line(a, name);

	if (*prefix != '\0' && *clean != '\0')
		clean = utf8_clean_line(a, arena_printf(a, "%s%s", prefix, clean));
	return clean;
}

static void add_name(struct value *set, const char *prefix, const char *name, struct arena *a)
{
	char *clean = clean_name(prefix, name, a);

	if (*clean != '\0' && !fields_has_name(&set->names, clean, a))
		str_list_add(&set->names, clean);
}

static struct value set_of(const char *prefix, const struct str_list *names, struct arena *a)
{
	struct value value = no_names(a);

	for (size_t i = 0; i < names->n; i++)
		add_name(&value, prefix, names->v[i], a);
	return value;
}

/* Stash counts to 100, Plex to 10: "8.5". */
static const char *rating(int64_t rating100, struct arena *a)
{
	if (rating100 <= 0 || rating100 > 100)
		return "";
	return arena_printf(a, "%g", (double)rating100 / 10);
}

/* Where performers of this gender stand; -1: they stay out. */
static int rank(const struct str_list *genders, const char *gender)
{
	int other = -1;

	for (size_t i = 0; i < genders->n; i++) {
		if (strcmp(genders->v[i], gender) == 0)
			return (int)i;
		if (strcmp(genders->v[i], SETTINGS_OTHER_GENDER) == 0)
			other = (int)i;
	}
	return other;
}

/* As the settings have their names, and in their order. */
static struct str_list performers_of(
	const struct scene *scene, const struct settings *s, struct arena *a)
{
	const struct str_list *names = s->no.disambiguation ? &scene->bare_performers
							    : &scene->performers;
	struct str_list out;

	str_list_init(&out, a);
	for (int place = 0; place == 0 || place < (int)s->genders.n; place++) {
		for (size_t i = 0; i < names->n; i++) {
			if (s->genders.n == 0 || rank(&s->genders, scene->genders.v[i]) == place)
				str_list_add(&out, names->v[i]);
		}
	}
	return out;
}

static bool tag_counts(const struct source *from, size_t i)
{
	const struct settings *s = from->s;
	const char *name = from->scene->tags.v[i];
	int64_t id = from->cover != NULL ? from->scene->tag_ids[i] : 0;

	if (utf8_has_name(&s->ignore_tags, name) ||
		(from->cover != NULL && tag_ids_has(&from->cover->ignored, id)))
		return false;
	return s->only_tags.n == 0 || utf8_has_name(&s->only_tags, name) ||
	       (from->cover != NULL && tag_ids_has(&from->cover->only, id));
}

/* What they are not, they are no more: names that were written as such go. */
static struct value tags_as(const struct source *from, enum settings_tags kind)
{
	struct value value = no_names(from->a);

	for (size_t i = 0; from->s->tags_as == (int)kind && i < from->scene->tags.n; i++) {
		if (tag_counts(from, i))
			add_name(&value, "", from->scene->tags.v[i], from->a);
	}
	return value;
}

/* Of the file's name all but its extension. */
static const char *file_name(const struct scene *scene, struct arena *a)
{
	const char *name = scene->file_count > 0 ? path_base(scene->files[0].path) : "";
	const char *dot = strrchr(name, '.');

	return utf8_clean_line(
		a, arena_strndup(a, name,
			   dot != NULL && dot > name ? (size_t)(dot - name) : strlen(name)));
}

static const char *joined(const struct str_list *names, struct arena *a)
{
	struct str text;

	str_init(&text, a);
	for (size_t i = 0; i < names->n; i++)
		str_addf(&text, "%s%s", i > 0 ? ", " : "", utf8_clean_line(a, names->v[i]));
	return text.s;
}

static const char *formatted(const struct source *from, const char *format)
{
	const struct scene *scene = from->scene;
	struct arena *a = from->a;
	struct str_list performers = performers_of(scene, from->s, a);
	const char *date = day_of(scene->date, a);
	bool has_date = date != NULL && *date != '\0', has_rating = *rating(scene->rating100, a);
	struct format_values values = {{
		[FORMAT_TITLE] = utf8_clean_line(a, scene->title),
		[FORMAT_STUDIO] = utf8_clean_line(a, scene->studio),
		[FORMAT_PARENT_STUDIO] = scene->parent_studios.n > 0
						 ? utf8_clean_line(a, scene->parent_studios.v[0])
						 : "",
		[FORMAT_DATE] = has_date ? arena_strndup(a, str_trim(a, scene->date), 10) : "",
		[FORMAT_YEAR] = has_date ? arena_strndup(a, date, 4) : "",
		[FORMAT_CODE] = utf8_clean_line(a, scene->code),
		[FORMAT_PERFORMERS] = joined(&performers, a),
		[FORMAT_DIRECTOR] = utf8_clean_line(a, scene->director),
		[FORMAT_RATING] =
			has_rating ? arena_printf(a, "%.1f", (double)scene->rating100 / 10) : "",
		[FORMAT_FILENAME] = file_name(scene, a),
		[FORMAT_ID] = arena_printf(a, "%lld", (long long)scene->id),
	}};

	return utf8_clean_line(a, format_render(format, &values, a));
}

/* A value that a setting has a part in: with the setting, so that another setting is no change
 * of the scene. */
static struct value made(const char *text, const char *by)
{
	return (struct value){.known = true, .text = text, .by = by};
}

/* By a format; of a scene of which nothing but the file is known there is no title. */
static const char *title_by(const struct source *from, const char *format)
{
	if (*format == '\0')
		return utf8_clean_line(from->a, from->scene->title);
	return scene_is_blank(from->scene) ? "" : formatted(from, format);
}

static struct value make_title(const struct source *from)
{
	const char *format = or_empty(from->s->title_format);

	return made(title_by(from, format), format);
}

static struct value make_summary(const struct source *from)
{
	return text_of(str_trim(from->a, utf8_clean(from->a, from->scene->details)));
}

static struct value make_date(const struct source *from)
{
	const char *day = day_of(from->scene->date, from->a);

	return day != NULL ? text_of(day) : (struct value){.known = false};
}

static struct value make_studio(const struct source *from)
{
	return text_of(utf8_clean_line(from->a, from->scene->studio));
}

static struct value make_stars(const struct source *from)
{
	return text_of(rating(from->scene->rating100, from->a));
}

static struct value make_performers(const struct source *from)
{
	struct str_list names = performers_of(from->scene, from->s, from->a);
	struct value value = set_of("", &names, from->a);

	value.ordered = from->s->genders.n > 0;
	return value;
}

static struct value make_genres(const struct source *from)
{
	return tags_as(from, TAGS_GENRES);
}

static struct value make_labels(const struct source *from)
{
	return tags_as(from, TAGS_LABELS);
}

static struct value make_tag_collections(const struct source *from)
{
	return tags_as(from, TAGS_COLLECTIONS);
}

static struct value make_director(const struct source *from)
{
	struct value value = no_names(from->a);

	add_name(&value, "", from->scene->director, from->a);
	return value;
}

static struct value make_groups(const struct source *from)
{
	return set_of(or_empty(from->s->group_prefix), &from->scene->groups, from->a);
}

static struct value make_studio_collections(const struct source *from)
{
	const struct str_list *parents = &from->scene->parent_studios;
	const char *prefix = or_empty(from->s->studio_prefix);
	struct value value = no_names(from->a);

	add_name(&value, prefix, from->scene->studio, from->a);
	for (size_t i = 0; from->s->parent_studio && i < parents->n; i++)
		add_name(&value, prefix, parents->v[i], from->a);
	return value;
}

static struct value make_sort_title(const struct source *from)
{
	const char *format = or_empty(from->s->sort_title_format);

	return made(*format != '\0' ? title_by(from, format) : "", format);
}

static struct value make_content_rating(const struct source *from)
{
	const char *text = utf8_clean_line(from->a, or_empty(from->s->content_rating));

	return made(text, text);
}

static struct value make_critic_rating(const struct source *from)
{
	return from->s->critic_rating ? make_stars(from) : (struct value){.known = false};
}

/* --- what Plex holds ---------------------------------------------------------------- */

static struct value names_of(struct str_list names)
{
	return (struct value){.known = true, .text = "", .names = names};
}

static struct value roles_of(const struct item *item, struct arena *a)
{
	struct value value = no_names(a);

	for (size_t i = 0; i < item->role_count; i++)
		str_list_add(&value.names, arena_strdup(a, item->roles[i].name));
	return value;
}

/* --- both ----------------------------------------------------------------------------- */

/* What Stash wants, and the member of struct item that holds what Plex has: a text or a list of
 * names, as fields_is_set() says; performers have roles. A picture has no row: see pictures.c. */
static const struct {
	struct value (*make)(const struct source *);
	size_t member;
	size_t off; /* the flag in struct settings that leaves the field alone; 0: none does */
} table[FIELD_COUNT] = {
#define MEMBER(name) offsetof(struct item, name)
#define UNLESS(name) offsetof(struct settings, no.name)
	[FIELD_TITLE] = {make_title, MEMBER(title), UNLESS(title)},
	[FIELD_SUMMARY] = {make_summary, MEMBER(summary), UNLESS(summary)},
	[FIELD_DATE] = {make_date, MEMBER(date), UNLESS(date)},
	[FIELD_STUDIO] = {make_studio, MEMBER(studio), UNLESS(studio)},
	[FIELD_RATING] = {make_stars, MEMBER(rating), UNLESS(rating)},
	[FIELD_PERFORMERS] = {make_performers, MEMBER(roles), UNLESS(performers)},
	[FIELD_TAGS] = {make_genres, MEMBER(genres), UNLESS(tags)},
	[FIELD_DIRECTOR] = {make_director, MEMBER(directors), UNLESS(director)},
	[FIELD_COLLECTIONS] = {make_groups, MEMBER(collections), UNLESS(collections)},
	[FIELD_STUDIO_COLLECTION] = {make_studio_collections, MEMBER(collections),
		UNLESS(studio_collection)},
	[FIELD_SORT_TITLE] = {make_sort_title, MEMBER(sort_title), 0},
	[FIELD_CONTENT_RATING] = {make_content_rating, MEMBER(content_rating), 0},
	[FIELD_CRITIC_RATING] = {make_critic_rating, MEMBER(critic_rating), 0},
	[FIELD_LABELS] = {make_labels, MEMBER(labels), UNLESS(tags)},
	[FIELD_TAG_COLLECTIONS] = {make_tag_collections, MEMBER(collections), UNLESS(tags)},
};

static bool is_off(const struct settings *s, enum field field)
{
	size_t off = table[field].off;

	return table[field].make == NULL || (off != 0 && *(const bool *)((const char *)s + off));
}

void values_of_scene(const struct scene *scene, const struct settings *settings,
	const struct tag_cover *cover, struct fields *out, struct arena *a)
{
	struct source from = {.scene = scene, .s = settings, .cover = cover, .a = a};

	*out = (struct fields){0};
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (!is_off(settings, f))
			out->v[f] = table[f].make(&from);
	}
}

void values_by(const struct scene *scene, const struct settings *settings,
	const struct fields *ours, const struct fields *pushed, struct fields *out, struct arena *a)
{
	struct settings then = *settings;
	struct source from = {.scene = scene, .s = &then, .a = a};

	*out = (struct fields){0};
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		const char *by = or_empty(pushed->v[f].by);
		if (ours->v[f].by == NULL || !pushed->v[f].known)
			continue;
		then.title_format = then.sort_title_format = then.content_rating = by;
		out->v[f] = table[f].make(&from);
	}
}

const char *values_collection(const char *name, const char *prefix, struct arena *a)
{
	return clean_name(or_empty(prefix), name, a);
}

void values_of_collection(const char *text, struct fields *out, struct arena *a)
{
	*out = (struct fields){0};
	out->v[FIELD_SUMMARY] = text_of(str_trim(a, utf8_clean(a, text)));
}

void values_of_item(const struct item *item, struct fields *out, struct arena *a)
{
	*out = (struct fields){0};
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		const void *member = (const char *)item + table[f].member;
		if (table[f].make == NULL)
			continue;
		if (f == FIELD_PERFORMERS)
			out->v[f] = roles_of(item, a);
		else if (fields_is_set(f))
			out->v[f] = names_of(*(const struct str_list *)member);
		else
			out->v[f] = text_of(*(const char *const *)member);
	}
}

/* --- for people ----------------------------------------------------------------------- */

/* Names that are one to Plex; NULL if there are none. 'equal': also those that are spelled alike. */
static const char *twins(const struct str_list *names, bool equal, struct arena *a)
{
	struct str text;

	str_init(&text, a);
	for (size_t i = 0; i < names->n; i++) {
		const char *name = utf8_clean_line(a, names->v[i]);
		const char *other = NULL;
		for (size_t j = 0; j < i && other == NULL; j++) {
			const char *before = utf8_clean_line(a, names->v[j]);
			if (fields_same_name(before, name, a))
				other = before;
		}
		if (other != NULL && (equal || strcmp(other, name) != 0))
			str_addf(&text, "%s\"%s\" and \"%s\"", text.len > 0 ? ", " : "", other,
				name);
	}
	return text.len == 0
		       ? NULL
		       : arena_printf(a,
				 "%s are one name in Plex, which keeps one spelling of a name",
				 text.s);
}

static struct str_list counted_tags(const struct source *from)
{
	struct str_list tags;

	str_list_init(&tags, from->a);
	for (size_t i = 0; i < from->scene->tags.n; i++) {
		if (tag_counts(from, i))
			str_list_add(&tags, from->scene->tags.v[i]);
	}
	return tags;
}

#define DATE_SHOWN 40u /* bytes of what is not one */

void values_notes(const struct scene *scene, const struct settings *settings,
	const struct tag_cover *cover, const char *notes[FIELD_COUNT], struct arena *a)
{
	static const enum field tag_fields[] = {[TAGS_GENRES] = FIELD_TAGS,
		[TAGS_LABELS] = FIELD_LABELS,
		[TAGS_COLLECTIONS] = FIELD_TAG_COLLECTIONS};

	for (enum field f = 0; f < FIELD_COUNT; f++)
		notes[f] = NULL;
	if (!settings->no.date && day_of(scene->date, a) == NULL) {
		const char *date = utf8_clean_line(a, scene->date);
		notes[FIELD_DATE] = arena_printf(a,
			"\"%.*s\" is not a day of the calendar: Plex's date stays",
			(int)utf8_cut(date, DATE_SHOWN), date);
	}
	if (!settings->no.performers) {
		struct str_list performers = performers_of(scene, settings, a);
		/* Two that have a name and no disambiguation between them are one by the setting. */
		notes[FIELD_PERFORMERS] = twins(&performers, !settings->no.disambiguation, a);
	}
	if (!settings->no.tags) {
		struct source from = {.scene = scene, .s = settings, .cover = cover, .a = a};
		struct str_list tags = counted_tags(&from);
		notes[tag_fields[settings->tags_as]] = twins(&tags, false, a);
	}
	if (!settings->no.collections)
		notes[FIELD_COLLECTIONS] = twins(&scene->groups, false, a);
}

static int compare_names(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

/* The order of names matters only where a setting gives it. */
static void add_value(struct str *text, const struct value *value, struct arena *a)
{
	char **names = arena_array(a, value->names.n, sizeof(*names));

	str_addc(text, value->known ? 'k' : 'u');
	if (!value->known)
		return;
	str_addn(text, value->text, strlen(value->text) + 1);
	for (size_t i = 0; i < value->names.n; i++)
		names[i] = value->names.v[i];
	if (value->names.n > 1 && !value->ordered)
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
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		const struct value *value = &fields->v[f];
		/* What a setting brings counts only where it does: the digests of all scenes stay
		 * what they were before there was such a setting. */
		if (fields_is_optional(f) && value_is_empty(value))
			continue;
		if (fields_is_optional(f))
			str_addf(&text, "%s ", fields_name(f));
		add_value(&text, value, &a);
	}
	for (size_t i = 0; i < scene->file_count; i++) {
		str_addn(&text, scene->files[i].path, strlen(scene->files[i].path) + 1);
		str_addn(&text, &scene->files[i].size, sizeof(scene->files[i].size));
	}
	digest = digest_of(text.s, text.len);
	arena_clear(&a);
	return digest;
}
