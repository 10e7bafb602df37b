/* settings.c - see settings.h. */
#include "stash/settings.h"

#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "http/http.h"

static bool get_text(
	const cJSON *map, const char *name, const char **text, struct arena *a, struct err *err)
{
	const cJSON *value = json_get(map, name);

	*text = "";
	if (value == NULL)
		return true;
	if (cJSON_IsNumber(value)) /* a library's id, a tag that is a year */
		*text = json_id(a, map, name);
	else if (cJSON_IsString(value))
		*text = str_trim(a, value->valuestring);
	else
		*text = NULL;
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

static bool get_list(
	const cJSON *map, const char *name, struct str_list *list, struct arena *a, struct err *err)
{
	const char *text;

	if (!get_text(map, name, &text, a, err))
		return false;
	*list = str_split(a, text, ',');
	return true;
}

static bool parse_flags(const cJSON *map, struct settings *s, struct err *err)
{
	return get_bool(map, "fieldNoTitle", &s->no.title, err) &&
	       get_bool(map, "fieldNoSummary", &s->no.summary, err) &&
	       get_bool(map, "fieldNoDate", &s->no.date, err) &&
	       get_bool(map, "fieldNoStudio", &s->no.studio, err) &&
	       get_bool(map, "fieldNoRating", &s->no.rating, err) &&
	       get_bool(map, "fieldNoPerformers", &s->no.performers, err) &&
	       get_bool(map, "fieldNoDirector", &s->no.director, err) &&
	       get_bool(map, "fieldNoTags", &s->no.tags, err) &&
	       get_bool(map, "fieldNoCollections", &s->no.collections, err) &&
	       get_bool(map, "fieldNoStudioCollection", &s->no.studio_collection, err) &&
	       get_bool(map, "fieldNoPoster", &s->no.poster, err) &&
	       get_bool(map, "fieldNoBackground", &s->no.background, err) &&
	       get_bool(map, "fieldKeepPlexEdits", &s->keep_plex_edits, err) &&
	       get_bool(map, "hookQueueOnly", &s->hook_queue_only, err) &&
	       get_bool(map, "libraryScanNew", &s->scan_new, err) &&
	       get_bool(map, "logHidePaths", &s->hide_paths, err) &&
	       get_bool(map, "matchByName", &s->match_by_name, err) &&
	       get_bool(map, "sceneOnlyOrganized", &s->only_organized, err) &&
	       get_bool(map, "tlsSkipVerify", &s->skip_verify, err);
}

static bool parse_texts(const cJSON *map, struct settings *s, struct arena *a, struct err *err)
{
	return get_text(map, "connectUrl", &s->plex_url, a, err) &&
	       get_text(map, "connectToken", &s->plex_token, a, err) &&
	       get_text(map, "libraryPathMap", &s->path_map, a, err) &&
	       get_text(map, "sceneSkipTag", &s->skip_tag, a, err) &&
	       get_text(map, "tlsCaFile", &s->ca_file, a, err) &&
	       get_list(map, "fieldIgnoreTags", &s->ignore_tags, a, err) &&
	       get_list(map, "libraryNames", &s->libraries, a, err);
}

bool settings_parse(const cJSON *map, struct settings *s, struct arena *a, struct err *err)
{
	char *url;
	size_t len;

	*s = (struct settings){0};
	if (map != NULL && !cJSON_IsObject(map))
		return err_set(err, ERR_SETUP, "the plugin's settings are no map");
	if (!parse_flags(map, s, err) || !parse_texts(map, s, a, err))
		return false;
	log_secret(s->plex_token);
	url = arena_strdup(a, s->plex_url);
	for (len = strlen(url); len > 0 && url[len - 1] == '/'; len--)
		url[len - 1] = '\0';
	s->plex_url = url;
	if (str_blank(s->ca_file))
		s->ca_file = NULL;
	if (s->ca_file != NULL && s->skip_verify)
		return err_set(err, ERR_SETUP,
			"settings tlsCaFile and tlsSkipVerify contradict each other: empty one of "
			"them");
	return true;
}

bool settings_read_token(struct settings *s, struct arena *a, struct err *err)
{
	if (strncmp(s->plex_token, "file:", 5) == 0) {
		s->plex_token = file_read_secret(a, s->plex_token + 5, "setting connectToken", err);
		if (s->plex_token == NULL)
			return false;
		log_secret(s->plex_token);
	}
	return true;
}

bool settings_check(const struct settings *s, struct err *err)
{
	if (*s->plex_url == '\0')
		return err_set(err, ERR_SETUP,
			"setting connectUrl is empty: it needs the address of the Plex server, "
			"for example http://192.168.1.10:32400");
	if (strlen(s->plex_url) > LIMIT_ADDRESS_BYTES)
		return err_set(err, ERR_SETUP, "setting connectUrl is longer than %u characters",
			LIMIT_ADDRESS_BYTES);
	if (!http_url_ok(s->plex_url))
		return err_set(err, ERR_SETUP,
			"setting connectUrl is no server address: it should look like "
			"http://192.168.1.10:32400, with no user, token or query in it");
	if (*s->plex_token == '\0')
		return err_set(err, ERR_SETUP,
			"setting connectToken is empty: it needs a token of the Plex server's "
			"owner");
	for (const char *p = s->plex_token; *p != '\0'; p++) {
		if (*p <= ' ' || *p > '~')
			return err_set(err, ERR_SETUP,
				"setting connectToken holds a character that no Plex token has");
	}
	return true;
}
