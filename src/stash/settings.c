#include "stash/settings.h"

#include <stddef.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/glob.h"
#include "base/json.h"
#include "base/log.h"
#include "base/piece.h"
#include "base/utf8.h"
#include "stash/connect.h"
#include "stash/format.h"

#define ROW(name, type, member, effects)                                                           \
	{                                                                                          \
		name, offsetof(struct settings, member), type, effects, NULL                       \
	}
#define WORDS(name, words, member, effects)                                                        \
	{                                                                                          \
		name, offsetof(struct settings, member), SETTING_WORD, effects, words              \
	}

static const char *const tags_as[] = {[TAGS_GENRES] = "genres",
	[TAGS_LABELS] = "labels",
	[TAGS_COLLECTIONS] = "collections",
	NULL};

const struct setting settings_table[] = {
	ROW("connectUrl", SETTING_TEXT, plex_url, SETTINGS_CONNECTION | SETTINGS_MATCH),
	ROW("connectToken", SETTING_TEXT, plex_token, SETTINGS_CONNECTION),
	ROW("fieldCollectionArt", SETTING_FLAG, collection_art, SETTINGS_PUSH),
	ROW("fieldContentRating", SETTING_TEXT, content_rating, SETTINGS_PUSH),
	ROW("fieldCriticRating", SETTING_FLAG, critic_rating, SETTINGS_PUSH),
	ROW("fieldGroupPrefix", SETTING_RAW, group_prefix, SETTINGS_PUSH),
	ROW("fieldIgnoreTags", SETTING_LIST, ignore_tags, SETTINGS_PUSH | SETTINGS_TAGS),
	ROW("fieldKeepPlexEdits", SETTING_FLAG, keep_plex_edits, SETTINGS_EDITS),
	ROW("fieldNoBackground", SETTING_FLAG, no.background, SETTINGS_PUSH),
	ROW("fieldNoCollections", SETTING_FLAG, no.collections, SETTINGS_PUSH),
	ROW("fieldNoDate", SETTING_FLAG, no.date, SETTINGS_PUSH),
	ROW("fieldNoDirector", SETTING_FLAG, no.director, SETTINGS_PUSH),
	ROW("fieldNoDisambiguation", SETTING_FLAG, no.disambiguation, SETTINGS_PUSH),
	ROW("fieldNoPerformers", SETTING_FLAG, no.performers, SETTINGS_PUSH),
	ROW("fieldNoPoster", SETTING_FLAG, no.poster, SETTINGS_PUSH),
	ROW("fieldNoRating", SETTING_FLAG, no.rating, SETTINGS_PUSH),
	ROW("fieldNoStudio", SETTING_FLAG, no.studio, SETTINGS_PUSH),
	ROW("fieldNoStudioCollection", SETTING_FLAG, no.studio_collection, SETTINGS_PUSH),
	ROW("fieldNoSummary", SETTING_FLAG, no.summary, SETTINGS_PUSH),
	ROW("fieldNoTags", SETTING_FLAG, no.tags, SETTINGS_PUSH),
	ROW("fieldNoTitle", SETTING_FLAG, no.title, SETTINGS_PUSH),
	ROW("fieldOnlyTags", SETTING_LIST, only_tags, SETTINGS_PUSH | SETTINGS_TAGS),
	ROW("fieldParentStudio", SETTING_FLAG, parent_studio, SETTINGS_PUSH),
	ROW("fieldPerformerGenders", SETTING_LIST, genders, SETTINGS_PUSH),
	ROW("fieldSortTitleFormat", SETTING_TEXT, sort_title_format, SETTINGS_PUSH),
	ROW("fieldStudioPrefix", SETTING_RAW, studio_prefix, SETTINGS_PUSH),
	WORDS("fieldTagsAs", tags_as, tags_as, SETTINGS_PUSH),
	ROW("fieldTitleFormat", SETTING_TEXT, title_format, SETTINGS_PUSH),
	ROW("hookQueueOnly", SETTING_FLAG, hook_queue_only, SETTINGS_HOOK),
	ROW("libraryNames", SETTING_LIST, libraries, SETTINGS_MATCH),
	ROW("libraryPathMap", SETTING_TEXT, path_map, SETTINGS_MATCH),
	ROW("libraryScanNew", SETTING_FLAG, scan_new, SETTINGS_SCAN),
	ROW("logHidePaths", SETTING_FLAG, hide_paths, SETTINGS_LOG),
	ROW("matchByName", SETTING_FLAG, match_by_name, SETTINGS_MATCH),
	ROW("sceneNeedTags", SETTING_LIST, need_tags, SETTINGS_SCENES),
	ROW("sceneOnlyOrganized", SETTING_FLAG, only_organized, SETTINGS_SCENES),
	ROW("sceneOnlyStashId", SETTING_FLAG, only_stash_id, SETTINGS_SCENES),
	ROW("scenePathOnly", SETTING_LIST, only_paths, SETTINGS_SCENES),
	ROW("scenePathSkip", SETTING_LIST, skip_paths, SETTINGS_SCENES),
	ROW("sceneSkipTag", SETTING_TEXT, skip_tag, SETTINGS_SCENES),
	ROW("tlsCaFile", SETTING_TEXT, ca_file, SETTINGS_CONNECTION),
	ROW("tlsSkipVerify", SETTING_FLAG, skip_verify, SETTINGS_CONNECTION),
};
const size_t settings_count = sizeof(settings_table) / sizeof(*settings_table);

static void *member(struct settings *s, const struct setting *row)
{
	return (char *)s + row->at;
}

static bool flag_of(const struct settings *s, const struct setting *row)
{
	return *(const bool *)((const char *)s + row->at);
}

static bool is_text(const struct setting *row)
{
	return row->type == SETTING_TEXT || row->type == SETTING_RAW;
}

/* "" if it is NULL. */
static const char *text_of(const struct settings *s, const struct setting *row)
{
	const char *text = *(const char *const *)(const void *)((const char *)s + row->at);

	return text ? text : "";
}

static const struct str_list *list_of(const struct settings *s, const struct setting *row)
{
	return (const void *)((const char *)s + row->at);
}

/* As it was typed. */
static bool get_text(
	const cJSON *map, const char *name, const char **text, struct arena *a, struct err *err)
{
	const cJSON *value = json_get(map, name);

	*text = "";
	if (value == NULL)
		return true;
	if (cJSON_IsNumber(value)) /* a library's id, a tag that is a year */
		*text = json_id(a, map, name);
	else
		*text = cJSON_IsString(value) ? arena_strdup(a, value->valuestring) : NULL;
	return *text != NULL || err_set(err, ERR_SETUP, "setting %s: text was expected", name);
}

static bool get_bool(const cJSON *map, const char *name, bool *flag, struct err *err)
{
	const cJSON *value = json_get(map, name);

	*flag = false;
	if (value == NULL || (cJSON_IsString(value) && value->valuestring[0] == '\0'))
		return true;
	return json_to_bool(value, flag) ||
	       err_set(err, ERR_SETUP, "setting %s: true or false was expected", name);
}

/* Names with commas between them. */
static bool get_list(const struct setting *row, const char *text, struct str_list *list,
	struct arena *a, struct err *err)
{
	static const char *const ends[] = {",", "\n", "\r", NULL};
	const char *wrong;

	str_list_init(list, a);
	for (bool more = true; more;) {
		const char *begin = text;
		char *name = piece_take(a, &text, ends, &wrong);
		if (name == NULL)
			return err_set(err, ERR_SETUP,
				"setting %s: %.100s %s: names are separated by commas, one with a "
				"comma stands in double quotes, and a quote in it is doubled",
				row->name, str_trim(a, begin), wrong);
		if (!str_blank(name))
			str_list_add(list, name);
		more = *text != '\0';
		text += more;
	}
	return true;
}

static bool get_word(const struct setting *row, const char *text, int *word, struct err *err)
{
	struct arena a;
	struct str list;

	*word = 0;
	if (*text == '\0')
		return true;
	for (; row->words[*word] != NULL; ++*word) {
		if (utf8_same_name(row->words[*word], text))
			return true;
	}
	*word = 0;
	arena_init(&a);
	str_init(&list, &a);
	for (size_t i = 0; row->words[i] != NULL; i++)
		str_addf(&list, "%s%s", i > 0 ? ", " : "", row->words[i]);
	err_set(err, ERR_SETUP, "setting %s: \"%.40s\" is not one of %s", row->name, text, list.s);
	arena_clear(&a);
	return false;
}

static bool parse_row(const struct setting *row, const cJSON *map, struct settings *s,
	struct arena *a, struct err *err)
{
	const char *text;

	if (row->type == SETTING_FLAG)
		return get_bool(map, row->name, member(s, row), err);
	if (!get_text(map, row->name, &text, a, err))
		return false;
	if (row->type == SETTING_RAW && !str_blank(text)) {
		*(const char **)member(s, row) = text;
		return true;
	}
	text = str_trim(a, text);
	if (row->type == SETTING_LIST)
		return get_list(row, text, member(s, row), a, err);
	if (row->type == SETTING_WORD)
		return get_word(row, text, member(s, row), err);
	*(const char **)member(s, row) = text;
	return true;
}

/* "trans male", as people write it, is Stash's TRANSGENDER_MALE. */
static const char *gender_of(const char *text, struct arena *a)
{
	static const char *const genders[][2] = {{"male", "MALE"}, {"female", "FEMALE"},
		{"transgender male", "TRANSGENDER_MALE"}, {"trans male", "TRANSGENDER_MALE"},
		{"transgender female", "TRANSGENDER_FEMALE"},
		{"trans female", "TRANSGENDER_FEMALE"}, {"intersex", "INTERSEX"},
		{"non binary", "NON_BINARY"}, {"nonbinary", "NON_BINARY"},
		{"other", SETTINGS_OTHER_GENDER}};
	char *words = arena_strdup(a, text);

	for (char *p = words; *p != '\0'; p++) {
		if (*p == '_' || *p == '-')
			*p = ' ';
	}
	for (size_t i = 0; i < sizeof(genders) / sizeof(*genders); i++) {
		if (utf8_same_name(words, genders[i][0]))
			return genders[i][1];
	}
	return NULL;
}

static bool check_genders(struct settings *s, struct arena *a, struct err *err)
{
	for (size_t i = 0; i < s->genders.n; i++) {
		const char *gender = gender_of(s->genders.v[i], a);
		if (gender == NULL)
			return err_set(err, ERR_SETUP,
				"setting fieldPerformerGenders: \"%.40s\" is not one of MALE, "
				"FEMALE, TRANSGENDER_MALE, TRANSGENDER_FEMALE, INTERSEX, "
				"NON_BINARY, OTHER",
				s->genders.v[i]);
		s->genders.v[i] = arena_strdup(a, gender);
	}
	return true;
}

bool settings_parse(const cJSON *map, struct settings *s, struct arena *a, struct err *err)
{
	*s = (struct settings){0};
	if (map != NULL && !cJSON_IsObject(map))
		return err_set(err, ERR_SETUP, "the plugin's settings are not a map");
	for (size_t i = 0; i < settings_count; i++) {
		if (!parse_row(&settings_table[i], map, s, a, err))
			return false;
	}
	log_secret(s->plex_token);
	s->plex_url = connect_url(a, s->plex_url);
	if (str_blank(s->ca_file))
		s->ca_file = NULL;
	if (s->ca_file != NULL && s->skip_verify)
		return err_set(err, ERR_SETUP,
			"settings tlsCaFile and tlsSkipVerify contradict each other: clear one of "
			"them");
	if (strlen(s->content_rating) > LIMIT_FORMAT_BYTES)
		return err_set(err, ERR_SETUP,
			"setting fieldContentRating is longer than %u characters",
			LIMIT_FORMAT_BYTES);
	return check_genders(s, a, err) && format_check(s->title_format, "fieldTitleFormat", err) &&
	       format_check(s->sort_title_format, "fieldSortTitleFormat", err);
}

bool settings_read_token(struct settings *s, struct arena *a, struct err *err)
{
	if (strncasecmp(s->plex_token, "file:", 5) != 0)
		return true;
	s->plex_token = file_read_secret(a, s->plex_token + 5, "setting connectToken", err);
	log_secret(s->plex_token);
	return s->plex_token != NULL;
}

static bool check_globs(const char *name, const struct str_list *globs, struct err *err)
{
	for (size_t i = 0; i < globs->n; i++) {
		const char *wrong = glob_wrong(globs->v[i]);
		if (wrong != NULL)
			return err_set(err, ERR_SETUP, "setting %s: \"%.100s\" %s", name,
				globs->v[i], wrong);
	}
	return true;
}

bool settings_check(const struct settings *s, struct err *err)
{
	return connect_check_url(s->plex_url, err) && connect_check_token(s->plex_token, err) &&
	       check_globs("scenePathOnly", &s->only_paths, err) &&
	       check_globs("scenePathSkip", &s->skip_paths, err);
}

static struct str_list copy_list(const struct str_list *from, struct arena *a)
{
	struct str_list list;

	str_list_init(&list, a);
	for (size_t i = 0; i < from->n; i++)
		str_list_add(&list, arena_strdup(a, from->v[i]));
	return list;
}

void settings_copy(struct settings *to, const struct settings *from, struct arena *a)
{
	*to = *from;
	for (size_t i = 0; i < settings_count; i++) {
		const struct setting *row = &settings_table[i];
		if (is_text(row))
			*(char **)member(to, row) = arena_strdup(a, *(char **)member(to, row));
		else if (row->type == SETTING_LIST)
			*(struct str_list *)member(to, row) = copy_list(list_of(from, row), a);
	}
}

bool settings_same(const struct settings *x, const struct settings *y, unsigned effects)
{
	return settings_digest(x, effects) == settings_digest(y, effects);
}

static void add_text(struct str *to, const char *text)
{
	str_addn(to, text, strlen(text) + 1); /* with its NUL: no two can join into a third */
}

static void add_row(struct str *to, const struct setting *row, const struct settings *s)
{
	add_text(to, row->name);
	if (row->type == SETTING_FLAG) {
		str_addc(to, flag_of(s, row) ? '1' : '0');
	} else if (is_text(row)) {
		add_text(to, text_of(s, row));
	} else if (row->type == SETTING_WORD) {
		str_addf(to, "%d", *(const int *)(const void *)((const char *)s + row->at));
	} else {
		str_addf(to, "%zu ", list_of(s, row)->n);
		for (size_t i = 0; i < list_of(s, row)->n; i++)
			add_text(to, list_of(s, row)->v[i]);
	}
}

uint64_t settings_digest(const struct settings *s, unsigned effects)
{
	struct digest digest;
	struct arena a;
	struct str text;
	uint64_t n;

	arena_init(&a);
	str_init(&text, &a);
	for (size_t i = 0; i < settings_count; i++) {
		if (settings_table[i].effects & effects)
			add_row(&text, &settings_table[i], s);
	}
	digest = digest_of(text.s, text.len);
	memcpy(&n, digest.bytes, sizeof(n));
	arena_clear(&a);
	return n;
}
