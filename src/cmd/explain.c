/*
 * explain.c - one scene in words: every filter, rule and candidate, what Plex holds,
 * what was pushed last, and what a push would do now.
 *
 * It asks the same functions as a push and writes nothing.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "cmd/cmd.h"
#include "state/history.h"
#include "state/queue.h"
#include "push/filter.h"
#include "find/locate.h"
#include "push/outcome.h"
#include "push/plan.h"
#include "push/push.h"
#include "push/values.h"

/* A value in a line; longer ones end in dots. */
#define SHOWN 80

struct explain {
	struct env *env;
	struct arena *arena;
	struct scene scene;
	struct history_scene before;
	struct fields ours;
	cJSON *lines;
};

static void say(struct explain *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct explain *x, const char *fmt, ...)
{
	char line[LIMIT_LOG_LINE];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	log_info("%s", line);
	cJSON_AddItemToArray(x->lines, cJSON_CreateString(line));
}

static const char *shorten(const char *text, struct arena *a)
{
	size_t len = strlen(text);

	if (len <= SHOWN)
		return text;
	for (len = SHOWN; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80; len--) {
	}
	return arena_printf(a, "%.*s…", (int)len, text);
}

static const char *join(const struct str_list *names, struct arena *a)
{
	struct str text;

	str_init(&text, a);
	for (size_t i = 0; i < names->n; i++)
		str_addf(&text, "%s%s", i > 0 ? ", " : "", names->v[i]);
	return text.s;
}

static const char *value_text(enum field field, const struct value *value, struct arena *a)
{
	const char *text = "unknown";

	if (value->known)
		text = fields_is_set(field) ? join(&value->names, a) : value->text;
	return *text == '\0' ? "nothing" : shorten(text, a);
}

static const char *time_text(int64_t ms, struct arena *a)
{
	time_t seconds = (time_t)(ms / 1000);
	char text[32];
	struct tm t;

	if (ms <= 0 || localtime_r(&seconds, &t) == NULL ||
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &t) == 0)
		return "never";
	return arena_strdup(a, text);
}

/* --- settings and filters ----------------------------------------------------- */

static void explain_settings(struct explain *x)
{
	const struct settings *s = &x->env->settings;

	say(x,
		"Settings: Plex at %s; libraries: %s; libraryPathMap: %s; matchByName: %s; "
		"fieldKeepPlexEdits: %s; fieldIgnoreTags: %s",
		s->plex_url,
		s->libraries.n > 0 ? join(&s->libraries, x->arena) : "all of type movie",
		*s->path_map ? log_path(s->path_map) : "none", s->match_by_name ? "on" : "off",
		s->keep_plex_edits ? "on" : "off",
		s->ignore_tags.n > 0 ? join(&s->ignore_tags, x->arena) : "none");
}

static bool explain_filters(struct explain *x)
{
	bool was_pushed = x->before.count > 0, passes = true;

	for (size_t i = 0; i < filter_count; i++) {
		bool stops = filter_table[i].stops(&x->scene, &x->env->settings, was_pushed);
		passes = passes && !stops;
		say(x, "Filter \"%s\": %s%s", filter_table[i].name,
			stops ? "the scene is left alone: " : "passed",
			stops ? filter_table[i].reason : "");
	}
	return passes;
}

/* --- where the file is -------------------------------------------------------------- */

static void explain_path_map(struct explain *x, const struct scene_file *file)
{
	const struct path_map *map = &x->env->path_map;
	bool used = false;

	for (size_t i = 0; i < map->count; i++) {
		struct path_map one = {.rules = &map->rules[i], .count = 1};
		const char *mapped = path_map_apply(&one, file->path, x->arena);
		bool fits = strcmp(mapped, file->path) != 0;
		say(x, "Path rule %s => %s: %s", log_path(map->rules[i].from),
			log_path(map->rules[i].to),
			!fits  ? "does not fit"
			: used ? "fits, but a longer one comes first"
			       : log_path(mapped));
		used |= fits;
	}
	if (!used)
		say(x, "Plex is expected to know the file under the same path");
}

static void explain_place(struct explain *x, const char *mapped)
{
	struct library_index index;
	struct txn txn;
	size_t around = 0;

	store_begin(&txn, state_cache(&x->env->state), TXN_READ);
	library_index_load(&txn, &index, x->arena);
	store_abort(&txn);
	if (index.count == 0)
		say(x, "There is no library index yet; it is read now");
	for (size_t i = 0; i < index.count; i++) {
		const struct index_section *section = &index.sections[i];
		for (size_t l = 0; l < section->locations.n; l++) {
			if (!path_inside(x->arena, mapped, section->locations.v[l]))
				continue;
			around++;
			say(x, "The path lies in %s of library \"%s\"",
				log_path(section->locations.v[l]), section->title);
		}
	}
	if (index.count > 0 && around == 0)
		say(x, "The path lies in no library's folder, so that name and size may tell");
}

static void explain_candidates(struct explain *x, const struct scene_file *file, const char *mapped)
{
	struct index_part *parts = arena_array(x->arena, LIMIT_CANDIDATES, sizeof(*parts));
	size_t count = locate_candidates(x->env, mapped, parts, LIMIT_CANDIDATES, x->arena);

	for (size_t i = 0; i < count && i < LIMIT_CANDIDATES_SHOWN; i++) {
		const struct index_part *part = &parts[i];
		bool same_path = path_same(x->arena, mapped, part->path);
		say(x,
			"Candidate: item %lld in library %d, %s: %s path, %s (%lld bytes), %zu "
			"equal folders above",
			(long long)part->rating_key, part->section, log_path(part->path),
			same_path ? "the same" : "another",
			part->size == 0 || file->size == 0 ? "size not known"
			: part->size == file->size	   ? "the same size"
							   : "another size",
			(long long)part->size, path_common_folders(x->arena, mapped, part->path));
	}
	if (count == 0)
		say(x, "No file of this name is in the library index");
	else if (count > LIMIT_CANDIDATES_SHOWN)
		say(x, "… and %zu more", count - LIMIT_CANDIDATES_SHOWN);
}

/* --- the item, field by field ------------------------------------------------------- */

static const char *why(const struct plan_input *in, const struct plan *plan, enum field f)
{
	const struct value *pushed = &in->base->pushed.v[f];
	const struct plan_field *planned = &plan->f[f];

	if (!in->ours->v[f].known)
		return "left alone: its fieldNo setting is on";
	switch (planned->verdict) {
	case PLAN_SAME:
		return planned->kept ? "nothing to write; what was removed in Plex stays removed"
				     : "nothing to write: Plex has it";
	case PLAN_KEEP:
		return !pushed->known || in->keep_plex_edits
			       ? "Plex's stays (setting fieldKeepPlexEdits)"
			       : "Plex's stays: it was changed there, and not in Stash since";
	case PLAN_WRITE:
		if (in->force)
			return "would be written (forced)";
		return pushed->known ? "would be written: Stash's differs from the last push"
				     : "would be written: it was never pushed";
	case PLAN_LEAVE:
	default:
		return "left alone: Stash has nothing to say about it";
	}
}

static void explain_fields(struct explain *x, const struct item *item, struct history *base)
{
	struct fields theirs;
	struct plan_input input = {.ours = &x->ours,
		.theirs = &theirs,
		.base = base,
		.keep_plex_edits = x->env->settings.keep_plex_edits,
		.force = x->env->force};
	struct plan plan;

	values_of_item(item, &theirs, x->arena);
	for (enum field f = 0; f < FIELD_COUNT; f++)
		input.locked[f] = item_is_locked(item, values_plex_name(f));
	plan_make(&input, &plan, x->arena);
	for (enum field f = 0; f < FIELD_POSTER; f++)
		say(x, "- %s: Stash: %s | last push: %s | Plex: %s%s => %s", fields_name(f),
			value_text(f, &x->ours.v[f], x->arena),
			base->pushed.v[f].known ? value_text(f, &base->pushed.v[f], x->arena)
						: "never",
			value_text(f, &theirs.v[f], x->arena), input.locked[f] ? " (locked)" : "",
			why(&input, &plan, f));
}

/* Whether the cover is another one now is for the dry run to find out. */
static void explain_picture(
	struct explain *x, enum field field, bool off, const struct history *base)
{
	const struct value *pushed = &base->pushed.v[field], *seen = &base->seen.v[field];

	say(x, "- %s: %s", fields_name(field),
		off	       ? "left alone: its fieldNo setting is on"
		: !seen->known ? "never dealt with"
		: pushed->known && strcmp(pushed->text, seen->text) == 0
			? "the cover of the last push is there"
			: "Plex's stays: a person chose it");
}

static bool explain_item(struct explain *x, const struct locate_item *found, struct err *err)
{
	struct plex_time time = env_plex_time(x->env, LIMIT_REQUEST_MS);
	const char *machine;
	struct history base;
	struct item item;
	struct txn txn;

	switch (item_get(x->env->plex, found->rating_key, &time, &item, x->arena, err)) {
	case FAILED:
		return false;
	case ABSENT:
		say(x, "Item %s: Plex no longer has it", found->rating_key);
		return true;
	case FOUND:
	default:
		break;
	}
	if (!env_machine(x->env, &machine, err))
		return false;
	store_begin(&txn, x->env->state.queue, TXN_READ);
	history_get(&txn, machine, item.rating_key, &base, x->arena);
	store_abort(&txn);
	say(x, "Item %s \"%s\" in library \"%s\": last push %s; it belongs to %s", item.rating_key,
		item.title, found->library, time_text(base.pushed_ms, x->arena),
		base.owner == 0 ? "no scene yet"
		: base.owner == x->scene.id
			? "this scene"
			: arena_printf(x->arena, "scene %lld", (long long)base.owner));
	explain_fields(x, &item, &base);
	explain_picture(x, FIELD_POSTER, x->env->settings.no.poster, &base);
	explain_picture(x, FIELD_BACKGROUND, x->env->settings.no.background, &base);
	return true;
}

static bool explain_file(struct explain *x, const struct scene_file *file, struct err *err)
{
	struct location where;

	say(x, "File %s (%lld bytes)", log_path(file->path), (long long)file->size);
	explain_path_map(x, file);
	explain_place(x, path_map_apply(&x->env->path_map, file->path, x->arena));
	if (!locate_file(x->env, file, x->env->begun_ms, &where, x->arena, err))
		return false;
	explain_candidates(x, file, where.mapped);
	if (where.answer != LOCATE_FOUND) {
		say(x, "No item: %s", where.why);
		return true;
	}
	say(x, "Found by rule \"%s\" (confidence %s)%s", match_rule_name(where.rule),
		match_confidence(where.rule), where.cached ? ", remembered from before" : "");
	for (size_t i = 0; i < where.count; i++) {
		if (!explain_item(x, &where.items[i], err))
			return false;
	}
	return true;
}

/* --- the queue ---------------------------------------------------------------------- */

static void explain_job(struct explain *x)
{
	static const char *const states[] = {[JOB_READY] = "queued",
		[JOB_WAITING] = "waiting until Plex has the file",
		[JOB_FAILED] = "failed"};
	struct job job;
	struct txn txn;
	enum lookup found;

	store_begin(&txn, x->env->state.queue, TXN_READ);
	found = queue_get(&txn, x->scene.id, &job, x->arena);
	store_abort(&txn);
	say(x, "Last success: %s", time_text(x->before.settled_ms, x->arena));
	if (found != FOUND)
		say(x, "In the queue: no");
	else
		say(x, "In the queue: %s since %s, %u attempts%s%s", states[job.state],
			time_text(job.event_ms, x->arena), job.attempts,
			*job.reason ? "; the last one: " : "", job.reason);
}

/* The verdict is that of a dry run of the push itself. */
static bool conclude(struct explain *x, cJSON *json, struct err *err)
{
	struct outcome outcome;
	enum settle_next next;
	bool delivered = push_scene(x->env, x->scene.id, NULL, &outcome, &next, x->arena, err);

	if (delivered) {
		say(x, "Verdict: %s%s%s%s%s", outcome_word(outcome.result),
			outcome.fields ? ", would write " : "",
			outcome_field_list(outcome.fields, x->arena), outcome.reason ? ": " : "",
			outcome.reason ? outcome.reason : "");
		cJSON_AddItemToObject(json, "verdict", outcome_json(&outcome));
	}
	return delivered;
}

static bool read_scene(struct explain *x, int64_t id, struct err *err)
{
	struct settings settings;
	struct txn txn;
	enum lookup found = stash_read(
		x->env->stash, id, env_stash_time(x->env), &x->scene, &settings, x->arena, err);

	if (found == FAILED || !env_use_settings(x->env, &settings, err))
		return false;
	if (found == ABSENT)
		return err_set(err, ERR_INPUT, "Stash has no scene %lld", (long long)id);
	store_begin(&txn, x->env->state.queue, TXN_READ);
	history_scene_get(&txn, id, &x->before, x->arena);
	store_abort(&txn);
	values_of_scene(&x->scene, &x->env->settings, &x->ours, x->arena);
	return true;
}

bool cmd_explain(struct env *env, const struct cmd_request *request, cJSON **output, bool *left,
	struct err *err)
{
	struct explain x = {.env = env, .arena = &env->arena};
	bool done = true;

	(void)left;
	if (request->scene == 0)
		return err_set(err, ERR_INPUT, "which scene? Give scene_id (--scene ID)");
	if (env->stash == NULL)
		return err_set(
			err, ERR_INPUT, "the address of Stash is not known: use --stash-url");
	env->dry_run = true;
	if (!read_scene(&x, request->scene, err))
		return false;
	*output = cJSON_CreateObject();
	x.lines = cJSON_AddArrayToObject(*output, "lines");
	say(&x, "Scene %lld \"%s\"", (long long)x.scene.id, x.scene.title);
	explain_settings(&x);
	explain_job(&x);
	if (explain_filters(&x)) {
		for (size_t i = 0; i < x.scene.file_count && done; i++)
			done = explain_file(&x, &x.scene.files[i], err);
	}
	done = done && conclude(&x, *output, err);
	if (!done) { /* what was found out is worth more than the error alone */
		say(&x, "Verdict: cannot be pushed now: %s", err->text);
		return true;
	}
	return true;
}
