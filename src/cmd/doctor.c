/*
 * doctor.c - checks the setup from end to end: each finding names its setting and the
 * remedy. What depends on something broken is skipped. It brings the library index up to
 * date, and writes nothing else.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/glob.h"
#include "base/log.h"
#include "base/path.h"
#include "cmd/cmd.h"
#include "cmd/sample.h"
#include "plex/library.h"
#include "stash/tag_tree.h"
#include "state/queue.h"
#include "find/indexer.h"
#include "find/chosen.h"
#include "stash/about.h"

/* runPluginOperation came with v0.25. */
#define STASH_LEAST_MINOR 25

#define SKEW_MS	   ((int64_t)5 * 60 * 1000)
#define FREE_BYTES ((uint64_t)200 << 20)

enum level { FINE, NOTE, PROBLEM };

struct doctor {
	const struct env *env;
	struct arena *arena;
	cJSON *findings;
	size_t problems;
	struct sample sample;
};

/* The setting that a message names first; NULL: none. */
static const char *named_in(const char *text)
{
	const char *first = NULL, *name = NULL;

	for (size_t i = 0; i < settings_count; i++) {
		const char *at = strstr(text, settings_table[i].name);
		if (at == NULL || isalnum((unsigned char)at[strlen(settings_table[i].name)]) ||
			(first != NULL && at >= first))
			continue;
		first = at;
		name = settings_table[i].name;
	}
	return name;
}

/* 'setting' may name several, the first of which the answer is about; NULL: the one that the
 * text names. 'remedy' may be NULL. */
static void find(struct doctor *d, enum level level, const char *check, const char *setting,
	const char *remedy, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

static void find(struct doctor *d, enum level level, const char *check, const char *setting,
	const char *remedy, const char *fmt, ...)
{
	static const char *const words[] = {"ok", "warning", "error"};
	static const enum log_level levels[] = {LOG_INFO, LOG_WARNING, LOG_ERROR};
	char text[LIMIT_ERR_TEXT];
	char *about = arena_strdup(d->arena, check);
	const char *named = setting;
	cJSON *json = cJSON_CreateObject();
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	*about = (char)tolower((unsigned char)*about);
	if (setting == NULL && level != FINE)
		named = named_in(text);
	cJSON_AddStringToObject(json, "about", about);
	cJSON_AddStringToObject(json, "level", words[level]);
	cJSON_AddStringToObject(json, "text", text);
	if (named != NULL)
		cJSON_AddStringToObject(
			json, "setting", arena_strndup(d->arena, named, strcspn(named, ",")));
	if (remedy != NULL)
		cJSON_AddStringToObject(json, "remedy", remedy);
	cJSON_AddItemToArray(d->findings, json);
	log_at(levels[level], "%s: %s%s%s%s%s", check, text, setting ? "; setting " : "",
		setting ? setting : "", remedy ? ": " : "", remedy ? remedy : "");
	d->problems += level == PROBLEM;
}

/* A rule for the folder takes the place of one for it, and of those for folders in it that lead
 * sampled files elsewhere than to their place in Plex: the longest rule decides. */
static bool is_replaced(const struct doctor *d, size_t i, const char *folder)
{
	const char *from = d->env->use->path_map.rules[i].from;
	const struct sample_rule *fares = &d->sample.rules[i];

	return path_same(d->arena, from, folder) ||
	       (path_inside(d->arena, from, folder) && fares->wrong > fares->right);
}

/* ", in place of the rule for X"; "": of none. */
static const char *in_place_of(const struct doctor *d, const char *folder)
{
	const struct path_map *map = &d->env->use->path_map;
	struct str text;

	str_init(&text, d->arena);
	for (size_t i = 0; i < map->count; i++) {
		if (is_replaced(d, i, folder))
			str_addf(&text, "%s%s", text.len > 0 ? ", " : ", in place of the rule for ",
				log_path(map->rules[i].from));
	}
	return text.s;
}

/* The last finding's remedy is a rule for the folder 'from': with the others that stay, it is
 * what the setting should be. */
static void offer_rule(struct doctor *d, const char *from)
{
	cJSON *last = cJSON_GetArrayItem(d->findings, cJSON_GetArraySize(d->findings) - 1);
	const struct path_map *map = &d->env->use->path_map;
	struct str value;

	str_init(&value, d->arena);
	str_add(&value, cJSON_GetStringValue(cJSON_GetObjectItem(last, "remedy")));
	for (size_t i = 0; i < map->count; i++) {
		if (!is_replaced(d, i, from))
			str_addf(&value, "; %s => %s", path_map_side(map->rules[i].from, d->arena),
				path_map_side(map->rules[i].to, d->arena));
	}
	cJSON_AddStringToObject(last, "value", value.s);
}

/* --- the state ---------------------------------------------------------------------- */

static void check_state(struct doctor *d)
{
	const struct state *state = d->env->state;
	const char *name = "a local disk";
	struct statvfs fs;

	if (state->queue == NULL) {
		find(d, PROBLEM, "state", "PLEXSYNC_STATE",
			"do what that line says; if it says nothing, make the folder writable for "
			"Stash, or name another one on a local disk",
			"the folder %s cannot be used (see the first line of the log)",
			state->dir ? state->dir : "for it");
		return;
	}
	if (file_system(state->dir, &name) == FILE_SYSTEM_LOCAL)
		name = "a local disk";
	find(d, FINE, "state", NULL, NULL, "%s, on %s", log_path(state->dir), name);
	if (state->locks.alone)
		find(d, FINE, "state", NULL, NULL,
			"locks of a process that died are not given back by this system (an "
			"emulated "
			"processor?): PlexSync uses its own, one process at a time");
	if (statvfs(state->dir, &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize < FREE_BYTES)
		find(d, NOTE, "state", "PLEXSYNC_STATE", "free some space on that disk",
			"only %llu MB are free there",
			(unsigned long long)((uint64_t)fs.f_bavail * fs.f_frsize >> 20));
}

/* The last pages of an environment are rarely all used. */
#define FULL_PERCENT   98
#define NEARLY_PERCENT 80

static void check_fill(struct doctor *d, const char *name, struct txn *txn, const char *remedy)
{
	struct store_fill fill = store_fill(txn);
	unsigned percent = fill.limit > 0 ? (unsigned)(fill.bytes * 100 / fill.limit) : 0;

	store_abort(txn);
	find(d,
		percent >= FULL_PERCENT	    ? PROBLEM
		: percent >= NEARLY_PERCENT ? NOTE
					    : FINE,
		"state", NULL, percent >= NEARLY_PERCENT ? remedy : NULL,
		"the %s uses %llu MB of %llu MB (%u%%)", name, (unsigned long long)fill.bytes >> 20,
		(unsigned long long)fill.limit >> 20, percent);
}

static void check_room(struct doctor *d)
{
	struct state *state = d->env->state;
	struct txn txn;

	store_begin(&txn, state->queue, TXN_READ);
	if (!txn.failed)
		check_fill(d, "queue", &txn,
			"once it is full nothing new is remembered. Before that, move its folder "
			"away while no task of PlexSync runs: the queue and the memory of earlier "
			"pushes are lost then, but nothing in Plex");
	if (state_begin_cache(state, &txn, TXN_READ))
		check_fill(d, "cache", &txn, "run the task \"Clear caches\"");
}

static void check_queue(struct doctor *d)
{
	struct queue_counts counts;
	struct txn txn;

	if (d->env->state->queue == NULL)
		return;
	store_begin(&txn, d->env->state->queue, TXN_READ);
	queue_count(&txn, clock_now_ms(), &counts);
	store_abort(&txn);
	find(d, counts.failed > 0 ? NOTE : FINE, "queue", NULL,
		counts.failed > 0 ? "the task \"Status\" lists them with their reasons" : NULL,
		"%zu due, %zu wait for Plex, %zu failed", counts.due, counts.waiting,
		counts.failed);
}

/* --- Stash --------------------------------------------------------------------------- */

/* Other plugins that write the same fields of the same items. */
static void check_plugin(struct doctor *d, const struct stash_plugin *plugin)
{
	if (strcmp(plugin->id, STASH_PLUGIN_ID) == 0)
		return;
	if (strcasecmp(plugin->id, STASH_PLUGIN_ID) == 0)
		find(d, PROBLEM, "plugins", NULL,
			"remove it, also if it is disabled, and reload the plugins",
			"the plugin \"%s\" (%s) has PlexSync's id in another spelling: Stash "
			"loads only one of the two, and it is not this one",
			plugin->id, plugin->name);
	else if (strcasecmp(plugin->id, "stash2plex") == 0 && plugin->enabled)
		find(d, NOTE, "plugins", NULL, "disable one of the two",
			"the plugin \"%s\" (%s) writes to Plex as well: each undoes the other's "
			"changes",
			plugin->id, plugin->name);
}

/* "v0.30.1-19-gcf3489ef". A build without a version says nothing. */
static bool is_too_old(const char *version)
{
	return strncmp(version, "v0.", 3) == 0 && strtol(version + 3, NULL, 10) < STASH_LEAST_MINOR;
}

static bool check_stash(struct doctor *d)
{
	const struct env *env = d->env;
	struct stash_about about;
	struct err err;
	bool loaded = false;

	if (env->stash == NULL) {
		find(d, PROBLEM, "Stash", "--stash-url", "give its address",
			"the address of Stash is not known");
		return false;
	}
	if (!stash_about(env->stash, request_stash_time(NULL), &about, d->arena, &err)) {
		find(d, PROBLEM, "Stash", "--stash-url, --stash-api-key-file",
			"Stash's address as it is reached from here, and its API key if it asks "
			"for a password",
			"%s", err.text);
		return false;
	}
	if (is_too_old(about.version))
		find(d, PROBLEM, "Stash", NULL, "update Stash to v0.25 or newer",
			"version %s cannot start a plugin's task", about.version);
	find(d, FINE, "Stash", NULL, NULL, "version %s, %lld scenes",
		*about.version ? about.version : "unknown", (long long)about.scenes);
	for (size_t i = 0; i < about.plugin_count; i++) {
		loaded |= strcmp(about.plugins[i].id, STASH_PLUGIN_ID) == 0 &&
			  about.plugins[i].enabled;
		check_plugin(d, &about.plugins[i]);
	}
	if (!loaded)
		find(d, PROBLEM, "plugins", NULL,
			"reload the plugins in Stash's settings, and enable PlexSync",
			"Stash has not loaded PlexSync");
	return true;
}

static void check_tags_of(struct doctor *d, const char *setting, const struct str_list *names,
	const struct tag_tree *tags)
{
	struct str unknown;

	str_init(&unknown, d->arena);
	for (size_t i = 0; i < names->n; i++) {
		if (!tag_tree_has(tags, names->v[i]))
			str_addf(&unknown, "%s\"%s\"", unknown.len > 0 ? ", " : "", names->v[i]);
	}
	if (unknown.len > 0)
		find(d, NOTE, "tags", setting,
			"correct the name, or take it out; an alias of a tag is not its name",
			"Stash has no tag %s", unknown.s);
}

/* Stash is asked for its tags if a setting names some. */
static void check_tags(struct doctor *d)
{
	const struct settings *s = &d->env->use->s;
	struct str_list skip;
	struct tag_tree tags;
	struct err err;

	str_list_init(&skip, d->arena);
	if (*s->skip_tag != '\0')
		str_list_add(&skip, arena_strdup(d->arena, s->skip_tag));
	if (s->only_tags.n + s->ignore_tags.n + s->need_tags.n + skip.n == 0)
		return;
	if (!tag_tree_read(d->env->stash, request_stash_time(NULL), &tags, d->arena, &err)) {
		find(d, NOTE, "tags", NULL, NULL, "%s", err.text);
		return;
	}
	check_tags_of(d, "fieldOnlyTags", &s->only_tags, &tags);
	check_tags_of(d, "fieldIgnoreTags", &s->ignore_tags, &tags);
	check_tags_of(d, "sceneNeedTags", &s->need_tags, &tags);
	check_tags_of(d, "sceneSkipTag", &skip, &tags);
}

static bool check_settings(struct doctor *d)
{
	const struct env *env = d->env;
	struct err err;

	if (!env_read_settings(env, &err)) {
		find(d, PROBLEM, "settings", NULL, NULL, "%s", err.text);
		return false;
	}
	find(d, FINE, "settings", NULL, NULL, "Plex is at %s", env->use->s.plex_url);
	if (env->use->s.skip_verify)
		find(d, NOTE, "certificate", "tlsSkipVerify",
			"name the certificate in setting tlsCaFile instead",
			"Plex's certificate is not verified: anyone in between could read the "
			"token");
	check_tags(d);
	return true;
}

/* --- Plex ---------------------------------------------------------------------------- */

static void check_clock(struct doctor *d)
{
	int64_t plex_ms = plex_date_ms(d->env->use->plex), skew = plex_ms - clock_now_ms();

	if (plex_ms == 0)
		return;
	if (skew < 0)
		skew = -skew;
	find(d, skew > SKEW_MS ? NOTE : FINE, "clock", NULL,
		skew > SKEW_MS ? "set the clock of one of the two machines" : NULL,
		"Plex's clock and this one differ by %lld s", (long long)(skew / 1000));
}

static bool check_plex(struct doctor *d, struct library_list *libraries)
{
	const struct env *env = d->env;
	struct plex_time time = request_plex_time(NULL, LIMIT_REQUEST_MS);
	struct plex_about about;
	struct err err;

	if (!plex_about(env->use->plex, &time, &about, d->arena, &err) ||
		!library_read(env->use->plex, &time, libraries, d->arena, &err)) {
		find(d, PROBLEM, "Plex", err.kind == ERR_SETUP ? NULL : "connectUrl",
			err.kind == ERR_SETUP
				? NULL
				: "Plex has to run, and be reachable at this address from "
				  "the machine (or container) that Stash runs on",
			"%s", err.text);
		return false;
	}
	find(d, FINE, "Plex", NULL, NULL, "\"%s\", version %s; the token belongs to its owner",
		about.name, about.version);
	if (strncmp(env->use->s.plex_url, "https:", 6) == 0 && !env->use->s.skip_verify)
		find(d, FINE, "certificate", NULL, NULL, "Plex's certificate is valid");
	check_clock(d);
	return true;
}

static bool check_libraries(struct doctor *d, const struct library_list *libraries)
{
	const struct settings *settings = &d->env->use->s;
	const char *wrong;
	struct err err;
	size_t selected = 0;
	bool none;

	wrong = chosen_wrong(settings, libraries, &none, d->arena);
	if (wrong != NULL && !none)
		find(d, NOTE, "libraries", "libraryNames",
			"correct the name, or take it out; the other libraries are used", "%s",
			wrong);
	for (size_t i = 0; i < libraries->n; i++) {
		const struct library *library = &libraries->v[i];
		if (library_item_type(library) == 0 ||
			!chosen_has(settings, library->id, library->title, library->type))
			continue;
		selected++;
		find(d, FINE, "libraries", NULL, NULL, "\"%s\" (%s), %zu folder%s", library->title,
			library->type, library->locations.n, library->locations.n == 1 ? "" : "s");
	}
	if (state_cache(d->env->state) == NULL)
		return false;
	if (indexer_confirm(d->env, INDEXER_CONFIRM, &err))
		return selected > 0;
	find(d, PROBLEM, "libraries", err.kind == ERR_SETUP ? "libraryNames" : NULL, NULL, "%s",
		err.text);
	return false;
}

/* --- whether a sample of scenes is found --------------------------------------------- */

static size_t found_by_name(const struct sample *sample)
{
	return sample->by_rule[MATCH_NAME_SIZE] + sample->by_rule[MATCH_NAME_DURATION];
}

/* The map that explains most of the differing paths. It is urgent where they are not found without
 * it. */
static void propose_map(struct doctor *d, const struct sample *sample)
{
	const struct sample_prefix *best = sample->prefixes;
	bool missed = sample->differing > found_by_name(sample);
	const char *how = sample->by_duration == 0		     ? "size"
			  : sample->by_duration == sample->differing ? "duration"
								     : "size or duration";

	for (size_t i = 1; i < sample->prefix_count; i++) {
		if (sample->prefixes[i].count > best->count)
			best = &sample->prefixes[i];
	}
	if (sample->prefix_count == 0)
		return;
	find(d, missed ? PROBLEM : NOTE, "paths", "libraryPathMap",
		arena_printf(d->arena, "%s => %s", path_map_side(best->from, d->arena),
			path_map_side(best->to, d->arena)),
		"%zu of %zu sampled files are in Plex with the same name and %s under another "
		"path; this map explains %zu of them%s%s",
		sample->differing, sample->seen, how, best->count, in_place_of(d, best->from),
		missed ? ""
		       : arena_printf(
				 d->arena, " (they are found by name and %s all the same)", how));
	offer_rule(d, best->from);
}

static void check_rules(struct doctor *d, const struct sample *sample)
{
	const struct path_map *map = &d->env->use->path_map;

	for (size_t i = 0; i < map->count; i++) {
		const struct path_map_rule *rule = &map->rules[i];
		const char *why = path_map_misfit(rule, &sample->paths, d->arena);
		if (why != NULL)
			find(d, NOTE, "paths", "libraryPathMap",
				"correct the rule, unless it is about other files than these",
				"the rule %s => %s fits none of the %zu sampled files; %s",
				log_path(rule->from), log_path(rule->to), sample->paths.n, why);
	}
}

static bool fits_any(const char *glob, const struct str_list *paths)
{
	size_t i = 0;

	while (i < paths->n && !glob_fits(glob, paths->v[i]))
		i++;
	return i < paths->n;
}

static void check_globs(struct doctor *d, const char *setting, const struct str_list *globs)
{
	const struct str_list *paths = &d->sample.paths;

	for (size_t i = 0; i < globs->n && paths->n > 0; i++) {
		const char *glob = globs->v[i];
		bool windows = *glob != '/' && strchr(glob, '\\') != NULL;
		const char *below = arena_printf(d->arena, "%s%s**", glob, windows ? "\\" : "/");
		if (fits_any(glob, paths))
			continue;
		find(d, NOTE, "paths", setting,
			fits_any(below, paths)
				? arena_printf(d->arena, "%s is everything below that folder",
					  log_path(below))
				: "correct it, unless it is about other files than these",
			"%s fits none of the %zu sampled files, such as %s", log_path(glob),
			paths->n, log_path(paths->v[0]));
	}
}

/* What the settings about scenes leave of the sample. */
static void check_gates(struct doctor *d)
{
	const struct settings *s = &d->env->use->s;
	const struct sample *sample = &d->sample;

	check_globs(d, "scenePathOnly", &s->only_paths);
	check_globs(d, "scenePathSkip", &s->skip_paths);
	if (sample->left_alone > 0 && sample->seen == 0)
		find(d, NOTE, "scenes", NULL, NULL,
			"each of the %zu sampled scenes is left alone; scene %lld, for example, "
			"since %s",
			sample->left_alone, (long long)sample->left_example, sample->left_reason);
}

static void check_sample(struct doctor *d)
{
	const struct sample *sample = &d->sample;
	struct err err;
	size_t missed;

	if (!sample_take(d->env, &d->sample, d->arena, &err)) {
		find(d, PROBLEM, "scenes", NULL, NULL, "%s", err.text);
		return;
	}
	missed = sample->uncertain + sample->absent;
	find(d,
		missed == 0		 ? FINE
		: missed == sample->seen ? PROBLEM
					 : NOTE,
		"scenes",
		missed == sample->seen && missed > 0 ? "libraryPathMap, libraryNames" : NULL,
		missed > 0
			? arena_printf(d->arena, "a scene's tab \"Plex\", or explain, says why%s",
				  sample->absent > 0
					  ? arena_printf(d->arena, ", for example of scene %lld",
						    (long long)sample->absent_example)
					  : "")
			: NULL,
		"of %zu sampled scenes %zu are found by path, %zu by name and size or duration, "
		"%zu by name; uncertain: %zu, not in Plex: %zu",
		sample->seen, sample->by_rule[MATCH_PATH] + sample->by_rule[MATCH_PATH_FOLDED],
		found_by_name(sample), sample->by_rule[MATCH_NAME], sample->uncertain,
		sample->absent);
	check_rules(d, sample);
	check_gates(d);
	propose_map(d, sample);
}

/* --- all of it ------------------------------------------------------------------------- */

bool cmd_doctor(const struct env *env, const struct input_args *request, struct cmd_answer *answer,
	struct err *err)
{
	struct doctor d = {.env = env, .arena = env->arena};
	struct library_list libraries;

	(void)request;
	(void)err;
	answer->json = cJSON_CreateObject();
	d.findings = cJSON_AddArrayToObject(answer->json, "findings");
	check_state(&d);
	check_room(&d);
	if (check_stash(&d) && check_settings(&d) && check_plex(&d, &libraries) &&
		check_libraries(&d, &libraries))
		check_sample(&d);
	check_queue(&d);
	cJSON_AddBoolToObject(answer->json, "ok", d.problems == 0);
	if (d.problems == 0)
		log_info("Everything that PlexSync needs is in place");
	else
		log_error("%zu problem%s found", d.problems, d.problems == 1 ? " was" : "s were");
	answer->left = d.problems > 0;
	return true;
}
