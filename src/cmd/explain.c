/*
 * explain.c - one scene in words: every filter, rule and candidate, what Plex has, what was
 * pushed last, and what a push would do now. It prints a push's dry run.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "base/utf8.h"
#include "cmd/candidate.h"
#include "cmd/cmd.h"
#include "push/filter.h"
#include "push/push.h"
#include "push/report.h"

/* The most of a value that a line shows. */
#define SHOWN 80

struct explain {
	const struct env *env;
	const struct push *push;
	struct arena *arena;
	cJSON *lines, *fields;
	cJSON *candidates; /* as people decide by them; not part of the answer */
};

static void say(struct explain *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct explain *x, const char *fmt, ...)
{
	va_list args;
	char *line;
	int made;

	va_start(args, fmt);
	made = vasprintf(&line, fmt, args);
	va_end(args);
	if (made < 0)
		return;
	log_info("%s", line);
	cJSON_AddItemToArray(x->lines, cJSON_CreateString(line));
	free(line);
}

static const char *join(const struct str_list *names, struct arena *a)
{
	struct str text;

	str_init(&text, a);
	for (size_t i = 0; i < names->n; i++)
		str_addf(&text, "%s%s", i > 0 ? ", " : "", names->v[i]);
	return text.s;
}

static const char *show(enum field field, const struct value *value, struct arena *a)
{
	const char *text = value->known ? value_show(field, value, a) : "unknown";
	size_t len = utf8_cut(text, SHOWN);

	if (text[len] == '\0')
		return *text == '\0' ? "nothing" : text;
	return arena_printf(a, "%.*s…", (int)len, text);
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

static const char *duration_text(int64_t ms, struct arena *a)
{
	return arena_printf(a, "%.1f s", (double)ms / 1000);
}

/* --- settings and filters ----------------------------------------------------- */

static void explain_settings(struct explain *x)
{
	const struct settings *s = &x->env->use->s;

	say(x,
		"Settings: Plex at %s; libraries: %s; libraryPathMap: %s; matchByName: %s; "
		"fieldKeepPlexEdits: %s; fieldIgnoreTags: %s",
		s->plex_url,
		s->libraries.n > 0 ? join(&s->libraries, x->arena) : "all of type movie",
		*s->path_map ? log_path(s->path_map) : "none", s->match_by_name ? "on" : "off",
		s->keep_plex_edits ? "on" : "off",
		s->ignore_tags.n > 0 ? join(&s->ignore_tags, x->arena) : "none");
}

static void explain_filters(struct explain *x)
{
	bool was_pushed = x->push->before.count > 0;

	for (size_t i = 0; i < filter_count; i++) {
		bool stops = filter_table[i].stops(&x->push->scene, &x->env->use->s, was_pushed);
		say(x, "Filter \"%s\": %s%s", filter_table[i].name,
			stops ? "the scene is left alone: " : "passed",
			stops ? filter_table[i].reason : "");
	}
}

/* Before every rule. */
static void explain_choice(struct explain *x, cJSON *json)
{
	const struct choice *choice = &x->push->choice;
	cJSON *chosen = choice->kind == CHOICE_AUTO ? cJSON_CreateNull() : cJSON_CreateObject();

	cJSON_AddItemToObject(json, "chosen", chosen);
	if (choice->unreadable)
		say(x, "What a person chose for it cannot be read");
	if (choice->kind == CHOICE_NONE) {
		cJSON_AddTrueToObject(chosen, "none");
		say(x, "A person chose that it is not in Plex: it is left alone");
	}
	if (choice->kind == CHOICE_ITEM) {
		cJSON_AddStringToObject(chosen, "key", choice->rating_key);
		cJSON_AddStringToObject(chosen, "library", choice->library);
		say(x,
			"A person chose item %s in library \"%s\" for it (%s): that comes before "
			"every rule",
			choice->rating_key, choice->library, log_path(choice->path));
	}
}

/* --- where the file is -------------------------------------------------------------- */

static void explain_path_map(struct explain *x, const struct scene_file *file)
{
	const struct path_map *map = &x->env->use->path_map;
	bool used = false;

	for (size_t i = 0; i < map->count; i++) {
		struct path_map one = {.rules = &map->rules[i], .count = 1};
		const char *mapped = path_map_apply(&one, file->path, x->arena);
		bool fits = path_map_fits(&map->rules[i], file->path, x->arena);
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

static void explain_folder(struct explain *x, const char *mapped)
{
	struct library_index index;
	struct txn txn;
	size_t around = 0;

	state_begin_cache(x->env->state, &txn, TXN_READ);
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
		say(x, "The path lies in no library's folder, so only name and size can match, "
		       "or name and duration");
}

static const char *path_word(const struct explain *x, const char *mapped, const char *theirs)
{
	if (path_same(x->arena, mapped, theirs))
		return "the same";
	return strcmp(utf8_lower(x->arena, mapped), utf8_lower(x->arena, theirs)) == 0
		       ? "but for its case the same"
		       : "another";
}

static const char *size_word(const struct scene_file *file, const struct index_part *part)
{
	if (part->size == 0 || file->size == 0)
		return "size not known";
	return match_same_size(part->size, file->size) ? "the same size" : "another size";
}

static const char *duration_word(const struct scene_file *file, const struct index_part *part)
{
	if (part->duration_ms == 0 || file->duration_ms == 0)
		return "duration not known";
	if (!match_same_duration(part->duration_ms, part->duration_ms))
		return "too short for its duration to prove anything";
	return match_same_duration(file->duration_ms, part->duration_ms) ? "the same duration"
									 : "another duration";
}

static void weigh_candidates(struct explain *x, const struct scene_file *file, const char *mapped,
	const struct index_part *parts, size_t count)
{
	struct library_index index = {0};
	struct txn txn;

	if (state_begin_cache(x->env->state, &txn, TXN_READ)) {
		library_index_load(&txn, &index, x->arena);
		store_abort(&txn);
	}
	for (size_t i = 0; i < count; i++)
		cJSON_AddItemToArray(
			x->candidates, candidate_json(&index, &parts[i], file, mapped, x->arena));
}

static void explain_candidates(struct explain *x, const struct scene_file *file, const char *mapped)
{
	struct index_part *parts = arena_array(x->arena, LIMIT_CANDIDATES, sizeof(*parts));
	size_t count = locate_candidates(x->env, mapped, parts, LIMIT_CANDIDATES, x->arena);

	weigh_candidates(x, file, mapped, parts, count);
	for (size_t i = 0; i < count && i < LIMIT_CANDIDATES_SHOWN; i++) {
		const struct index_part *part = &parts[i];
		say(x,
			"Candidate: item %lld in library %d, %s: %s path, %s (%lld bytes), %zu "
			"equal folders above, %s (%s)",
			(long long)part->rating_key, part->section, log_path(part->path),
			path_word(x, mapped, part->path), size_word(file, part),
			(long long)part->size, path_common_folders(x->arena, mapped, part->path),
			duration_word(file, part), duration_text(part->duration_ms, x->arena));
	}
	if (count == 0)
		say(x, "No file of this name is in the library index");
	else if (count > LIMIT_CANDIDATES_SHOWN)
		say(x, "… and %zu more", count - LIMIT_CANDIDATES_SHOWN);
}

/* --- the item, field by field ------------------------------------------------------- */

/* 'note': what is odd about Stash's value; NULL: nothing. */
static const char *why(const struct target *target, enum field f, const char *note, struct arena *a)
{
	const struct plan_input *in = &target->input;
	const struct value *pushed = &in->base->pushed.v[f];
	const struct plan_field *planned = &target->plan.f[f];

	if (!in->ours->v[f].known && note != NULL)
		return arena_printf(a, "left alone: %s", note);
	if (!in->ours->v[f].known)
		return "left alone: its fieldNo setting is on";
	switch (planned->verdict) {
	case PLAN_SAME:
		return planned->kept ? "nothing to write; what was removed in Plex stays removed"
				     : "nothing to write: Plex has it";
	case PLAN_KEEP:
		return !pushed->known || in->keep_plex_edits
			       ? "Plex's value stays (setting fieldKeepPlexEdits)"
			       : "Plex's value stays: it was changed there, and not in Stash since "
				 "then";
	case PLAN_WRITE:
		if (in->force)
			return "would be written (forced)";
		return pushed->known ? "would be written: Stash's value differs from the last push"
				     : "would be written: it was never pushed before";
	case PLAN_HOLD:
		return "left alone: it is locked in Plex and was never pushed by this installation";
	case PLAN_REFUSED:
		return "left alone: Plex did not take this value; it is sent again once it "
		       "changes, or somebody retries";
	case PLAN_LEAVE:
	default:
		return "left alone: Stash has no value for it";
	}
}

static const char *verdict_word(const struct target *target, enum field f)
{
	static const char *const words[] = {[PLAN_LEAVE] = "leave",
		[PLAN_SAME] = "same",
		[PLAN_WRITE] = "write",
		[PLAN_KEEP] = "keep",
		[PLAN_HOLD] = "keep",
		[PLAN_REFUSED] = "refused"};

	return (target->refused & 1u << f) != 0 ? "refused" : words[target->plan.f[f].verdict];
}

/* Values that are NULL or not known are null: nothing is said of them. */
static void add_field(struct explain *x, const struct target *target, enum field f,
	const struct value *const values[3], const char *verdict, const char *because)
{
	static const char *const names[3] = {"stash", "plex", "base"};
	cJSON *row = cJSON_CreateObject();

	cJSON_AddStringToObject(row, "key", target->item.rating_key);
	cJSON_AddStringToObject(row, "field", fields_name(f));
	for (size_t i = 0; i < 3; i++) {
		if (values[i] != NULL && values[i]->known)
			cJSON_AddStringToObject(row, names[i], value_show(f, values[i], x->arena));
		else
			cJSON_AddNullToObject(row, names[i]);
	}
	cJSON_AddStringToObject(row, "verdict", verdict);
	cJSON_AddStringToObject(row, "why", because);
	cJSON_AddItemToArray(x->fields, row);
}

/* A field that no setting brings, or brought. */
static bool is_out(const struct push *push, const struct target *target, enum field f)
{
	return fields_is_optional(f) && value_is_empty(&push->ours.v[f]) &&
	       value_is_empty(&target->before.pushed.v[f]);
}

static void explain_fields(struct explain *x, const struct target *target)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		const struct value *pushed = &target->before.pushed.v[f];
		const struct value *const values[3] = {
			&x->push->ours.v[f], &target->theirs.v[f], pushed};
		const char *because;
		if (fields_kind(f) == KIND_PICTURE || is_out(x->push, target, f))
			continue;
		because = why(target, f, x->push->notes[f], x->arena);
		say(x, "- %s: Stash: %s | last push: %s | Plex: %s%s => %s", fields_name(f),
			show(f, &x->push->ours.v[f], x->arena),
			pushed->known ? show(f, pushed, x->arena) : "never",
			show(f, &target->theirs.v[f], x->arena),
			target->input.locked[f] ? " (locked)" : "", because);
		add_field(x, target, f, values, verdict_word(target, f), because);
	}
}

static void explain_picture(
	struct explain *x, const struct target *target, enum field field, bool off)
{
	static const struct value *const none[3] = {NULL, NULL, NULL};
	const struct value *pushed = &target->before.pushed.v[field];
	const struct value *seen = &target->before.seen.v[field];
	const char *note = x->push->notes[field];
	unsigned bit = 1u << field;
	const char *verdict = off || !seen->known ? "leave" : "same", *because;

	if (off) {
		because = "left alone: its fieldNo setting is on";
	} else if (target->written & bit) {
		verdict = "write";
		because = "would be written";
	} else if (note != NULL) {
		verdict = "leave";
		because = note;
	} else if (target->refused & bit) {
		verdict = "refused";
		because = "Plex did not take this cover; it is sent again when it changes, or "
			  "when somebody asks";
	} else if (target->kept & bit) {
		verdict = "keep";
		because = "Plex's picture stays: a person chose it, or the cover is not a "
			  "picture that Plex takes";
	} else if (!seen->known) {
		because = x->push->pictured ? "Stash has no cover of its own" : "not looked at";
	} else {
		because = pushed->known ? "the cover of the last push is there"
					: "nothing to write";
	}
	say(x, "- %s: %s", fields_name(field), because);
	add_field(x, target, field, none, verdict, because);
}

static void explain_item(struct explain *x, const struct target *target)
{
	const struct settings *s = &x->env->use->s;

	say(x, "Item %s \"%s\" in library \"%s\": last push %s; it belongs to %s",
		target->item.rating_key, target->item.title, target->found.library,
		time_text(target->before.pushed_ms, x->arena),
		target->owner == 0 ? "no scene yet"
		: target->owner == x->push->asked.scene
			? "this scene"
			: arena_printf(x->arena, "scene %lld", (long long)target->owner));
	if (target->before.unreadable)
		say(x, "What was remembered of it cannot be read: what Plex holds stays");
	if (target->foreign)
		return;
	explain_fields(x, target);
	explain_picture(x, target, FIELD_POSTER, s->no.poster);
	explain_picture(x, target, FIELD_BACKGROUND, s->no.background);
}

static void explain_place(struct explain *x, const struct place *place)
{
	const struct location *where = &place->where;
	const struct scene_file *file = place->file;

	say(x, "File %s (%lld bytes), %s long", log_path(file->path), (long long)file->size,
		duration_text(file->duration_ms, x->arena));
	explain_path_map(x, file);
	if (where->mapped == NULL)
		return;
	explain_folder(x, where->mapped);
	explain_candidates(x, file, where->mapped);
	if (where->answer != LOCATE_FOUND) {
		say(x, "No item: %s", place->why ? place->why : "it was not looked for");
	} else {
		say(x, "Found by rule \"%s\" (confidence %s)%s", match_rule_name(where->rule),
			match_confidence(where->rule),
			where->cached ? ", remembered from before" : "");
	}
	for (size_t i = 0; i < x->push->target_count; i++) {
		if (x->push->targets[i]->file == file)
			explain_item(x, x->push->targets[i]);
	}
}

/* --- the queue ---------------------------------------------------------------------- */

static void explain_job(struct explain *x)
{
	static const char *const states[] = {[JOB_READY] = "queued",
		[JOB_WAITING] = "waiting until Plex has the file",
		[JOB_FAILED] = "failed"};
	enum lookup found;
	struct job job;
	struct txn txn;

	say(x, "Last success: %s", time_text(x->push->before.settled_ms, x->arena));
	store_begin(&txn, x->env->state->queue, TXN_READ);
	found = queue_get(&txn, x->push->asked.scene, &job, x->arena);
	store_abort(&txn);
	if (found == FAILED)
		say(x, "In the queue: the queue cannot be read");
	else if (found == ABSENT)
		say(x, "In the queue: no");
	else
		say(x, "In the queue: %s since %s, %u attempts%s%s", states[job.state],
			time_text(job.event_ms, x->arena), job.attempts,
			*job.reason ? "; the last one: " : "", job.reason);
}

/* The verdict's candidates, with what speaks for and against each. */
static void add_evidence(const struct explain *x, cJSON *verdict)
{
	cJSON *list = cJSON_GetObjectItem(verdict, "candidates"), *candidate, *known;

	cJSON_ArrayForEach(candidate, list)
	{
		cJSON_ArrayForEach(known, x->candidates)
		{
			if (cJSON_Compare(cJSON_GetObjectItem(known, "key"),
				    cJSON_GetObjectItem(candidate, "key"), true) &&
				cJSON_Compare(cJSON_GetObjectItem(known, "path"),
					cJSON_GetObjectItem(candidate, "path"), true))
				break;
		}
		if (known == NULL)
			continue;
		for (const char *const *name =
				(const char *const[]){"size", "duration_s", "for", "against", NULL};
			*name != NULL; name++)
			cJSON_AddItemToObject(candidate, *name,
				cJSON_Duplicate(cJSON_GetObjectItem(known, *name), true));
	}
}

static void explain_verdict(struct explain *x, cJSON *json)
{
	const struct push *push = x->push;
	cJSON *verdict = report_json(push);

	say(x, "Verdict: %s%s%s%s%s", report_word(push->result),
		push_written(push) ? ", would write " : "",
		report_fields(push_written(push), x->arena), push->reason ? ": " : "",
		push->reason ? push->reason : "");
	add_evidence(x, verdict);
	cJSON_AddItemToObject(json, "verdict", verdict);
}

bool cmd_explain(const struct env *env, const struct input_args *request, struct cmd_answer *answer,
	struct err *err)
{
	struct request asked = {.scene = request->scene,
		.since_ms = env->begun_ms,
		.dry_run = true,
		.forgetful = env->state->queue == NULL};
	enum push_next next;
	struct push push;
	struct explain x = {.env = env, .push = &push, .arena = env->arena};
	bool pushed;

	push_init(&push, &asked, NULL, env->arena);
	pushed = push_run(env, &push, &next, NULL, err);
	if (push.gone)
		return err_set(err, ERR_INPUT, "Stash has no scene %lld", (long long)asked.scene);
	if (!pushed && *push.scene.updated == '\0') /* it could not even be read */
		return false;
	answer->json = cJSON_CreateObject();
	x.lines = cJSON_AddArrayToObject(answer->json, "lines");
	x.fields = cJSON_AddArrayToObject(answer->json, "fields");
	x.candidates = cJSON_CreateArray();
	say(&x, "Scene %lld \"%s\"", (long long)asked.scene, push.scene.title);
	if (env->use->known)
		explain_settings(&x);
	explain_job(&x);
	if (env->use->known)
		explain_filters(&x);
	explain_choice(&x, answer->json);
	for (size_t i = 0; i < push.place_count; i++)
		explain_place(&x, &push.places[i]);
	if (pushed)
		explain_verdict(&x, answer->json);
	else /* what was found out is worth more than the error */
		say(&x, "Verdict: cannot be pushed now: %s", err->text);
	cJSON_Delete(x.candidates);
	return true;
}
