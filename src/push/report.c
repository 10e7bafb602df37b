#include "push/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

const char *report_word(enum push_result result)
{
	static const char *const words[] = {
		"synced", "unchanged", "queued", "not_found", "ambiguous", "ignored", "undone"};

	return words[result];
}

char *report_fields(unsigned fields, struct arena *a)
{
	struct str list;

	str_init(&list, a);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (fields & 1u << f)
			str_addf(&list, "%s%s", list.len > 0 ? ", " : "", fields_name(f));
	}
	return list.s;
}

const char *report_edit(unsigned fields, struct arena *a)
{
	struct str settings;

	str_init(&settings, a);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (fields & 1u << f)
			str_addf(
				&settings, "%s%s", settings.len > 0 ? ", " : "", fields_setting(f));
	}
	return arena_printf(a, "this edit of %s (see settings %s)", report_fields(fields, a),
		settings.s ? settings.s : "");
}

/* Of the names that Plex does not take. */
#define NAMES_SHOWN 5

static void add_names(struct str *text, const struct str_list *names)
{
	for (size_t i = 0; i < names->n && i < NAMES_SHOWN; i++)
		str_addf(text, "%s \"%s\"", i > 0 ? "," : "", names->v[i]);
	if (names->n > NAMES_SHOWN)
		str_addf(text, " and %zu more", names->n - NAMES_SHOWN);
}

/* " (HTTP 409; setting fieldNoTags leaves it out)" */
static void add_why(struct str *text, const struct target *target, enum field f)
{
	int status = target->refusal[f];

	if (status == PUSH_CUT_OFF || status == 414 || status == 431)
		str_add(text, " (it is longer than the server, or a proxy before it, accepts; ");
	else if (status != 0)
		str_addf(text, " (HTTP %d; ", status);
	else if (target->plan.refused & 1u << f)
		str_add(text, " (as before; ");
	else
		str_add(text, " (it says yes, and changes nothing; ");
	str_addf(text, fields_is_optional(f) ? "see setting %s)" : "setting %s leaves it out)",
		fields_setting(f));
}

/* "tags "Harbour", "Pier" (…); the removal of "Sea" from tags (…)" */
static void add_refusal(struct str *text, const struct target *target, enum field f)
{
	const struct str_list *refused = &target->after.refused.v[f].names;
	const struct str_list *ours = &target->input.ours->v[f].names;
	struct str_list wanted, left;

	str_list_init(&wanted, text->arena);
	str_list_init(&left, text->arena);
	for (size_t i = 0; i < refused->n; i++)
		str_list_add(fields_has_name(ours, refused->v[i], text->arena) ? &wanted : &left,
			refused->v[i]);
	if (wanted.n > 0 || left.n == 0) {
		str_addf(text, "%s%s", text->len > 0 ? "; " : "", fields_name(f));
		add_names(text, &wanted);
		add_why(text, target, f);
	}
	if (left.n > 0) {
		str_addf(text, "%sthe removal of", text->len > 0 ? "; " : "");
		add_names(text, &left);
		str_addf(text, " from %s", fields_name(f));
		add_why(text, target, f);
	}
}

const char *report_refusal(const struct push *push, struct arena *a)
{
	struct str text;

	str_init(&text, a);
	for (size_t i = 0; i < push->target_count; i++) {
		for (enum field f = 0; f < FIELD_COUNT; f++) {
			const struct target *target = push->targets[i];
			if (target->refused & 1u << f && target->after.refused.v[f].known)
				add_refusal(&text, target, f);
		}
	}
	if (text.len == 0)
		return NULL;
	return arena_printf(a,
		"Plex does not take %s. It is not sent again until it changes in Stash, or until "
		"\"Retry failed scenes\"",
		text.s);
}

static void add_fields(cJSON *to, const char *name, unsigned fields)
{
	cJSON *list = cJSON_AddArrayToObject(to, name);

	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (fields & 1u << f)
			cJSON_AddItemToArray(list, cJSON_CreateString(fields_name(f)));
	}
}

cJSON *report_add_item(
	cJSON *list, const char *machine, const char *rating_key, const char *library)
{
	cJSON *item = cJSON_CreateObject();
	struct arena a;
	const char *url;

	arena_init(&a);
	url = item_url(machine, rating_key, &a);
	cJSON_AddStringToObject(item, "key", rating_key);
	cJSON_AddStringToObject(item, "library", library);
	if (url != NULL)
		cJSON_AddStringToObject(item, "url", url);
	cJSON_AddItemToArray(list, item);
	arena_clear(&a);
	return item;
}

static void add_items(cJSON *to, const struct push *push)
{
	cJSON *list = cJSON_AddArrayToObject(to, "items");

	for (size_t i = 0; i < push->target_count; i++) {
		const struct target *target = push->targets[i];
		cJSON *item;
		if (target->foreign)
			continue;
		item = report_add_item(
			list, target->machine, target->found.rating_key, target->found.library);
		cJSON_AddStringToObject(item, "rule", match_rule_name(target->rule));
		cJSON_AddStringToObject(item, "confidence", match_confidence(target->rule));
	}
}

static void add_candidates(cJSON *to, const struct push *push)
{
	cJSON *list = cJSON_AddArrayToObject(to, "candidates");
	size_t count = 0;

	for (size_t p = 0; p < push->place_count; p++) {
		const struct location *where = &push->places[p].where;
		if (push->places[p].state != PLACE_AMBIGUOUS)
			continue;
		for (size_t i = 0; i < where->count && count < LIMIT_CANDIDATES_SHOWN; i++) {
			const struct locate_item *found = &where->items[i];
			cJSON *item = report_add_item(
				list, NULL, found->rating_key, found->library);
			if (found->path != NULL)
				cJSON_AddStringToObject(item, "path", log_path(found->path));
			count++;
		}
	}
}

cJSON *report_json(const struct push *push)
{
	cJSON *json = cJSON_CreateObject();
	char id[24];

	/* Text: Stash passes numbers through a float. */
	snprintf(id, sizeof(id), "%lld", (long long)push->asked.scene);
	cJSON_AddStringToObject(json, "scene_id", id);
	cJSON_AddStringToObject(json, "result", report_word(push->result));
	add_fields(json, "fields", push_written(push));
	add_fields(json, "kept", push_kept(push));
	if (push_refused(push) != 0)
		add_fields(json, "refused", push_refused(push));
	add_items(json, push);
	add_candidates(json, push);
	if (push->reason != NULL || push->refusal != NULL)
		cJSON_AddStringToObject(
			json, "reason", push->reason ? push->reason : push->refusal);
	cJSON_AddBoolToObject(json, "dry_run", push->asked.dry_run);
	cJSON_AddNumberToObject(json, "ms", round(push->ms * 10) / 10);
	return json;
}

cJSON *report_not_pushed(int64_t scene, enum push_result result, const char *reason, double ms)
{
	struct push push = {
		.asked = {.scene = scene}, .result = result, .reason = reason, .ms = ms};

	return report_json(&push);
}

static char *library_list(const struct push *push, struct arena *a)
{
	struct str list;

	str_init(&list, a);
	for (size_t i = 0; i < push->target_count; i++) {
		const struct target *target = push->targets[i];
		if (!target->foreign)
			str_addf(&list, "%s%s item %s", list.len > 0 ? ", " : "",
				target->found.library, target->found.rating_key);
	}
	return list.s;
}

/* What the line calls the scene: its title, else its file. */
static const char *name_of(const struct push *push)
{
	const struct scene *scene = &push->scene;

	if (*scene->title != '\0')
		return scene->title;
	return scene->file_count > 0 ? log_path(scene->files[0].path) : "";
}

/* Once: names until they are written, another value when something about the scene changed. A
 * picture's note is only there when it is news. */
static bool is_news(const struct push *push, enum field f)
{
	bool news = fields_kind(f) == KIND_PICTURE;

	news |= !fields_is_set(f) &&
		memcmp(&push->content, &push->before.content, sizeof(push->content)) != 0;

	for (size_t i = 0; i < push->target_count && fields_is_set(f); i++) {
		const struct target *target = push->targets[i];
		news |= !target->foreign &&
			((target->written & 1u << f) != 0 || !target->before.pushed.v[f].known);
	}
	return news;
}

static void log_notes(const struct push *push)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (push->notes[f] != NULL && is_news(push, f))
			log_warning("Scene %lld \"%s\": %s: %s", (long long)push->asked.scene,
				name_of(push), fields_name(f), push->notes[f]);
	}
}

void report_log(const struct push *push)
{
	long long scene = (long long)push->asked.scene;
	const char *reason = push->reason ? push->reason : "";
	const char *kept;
	struct arena a;

	arena_init(&a);
	kept = report_fields(push_kept(push), &a);
	if (push_reset(push) != 0)
		log_info(
			"Scene %lld \"%s\": Plex had lost %s, locks included (a restored database, "
			"or an item that was matched anew)",
			scene, name_of(push), report_fields(push_reset(push), &a));
	if (push_written(push) != 0)
		log_info("Scene %lld \"%s\": %s %s in %s%s%s", scene, name_of(push),
			push->asked.dry_run ? "would write" : "wrote",
			report_fields(push_written(push), &a), library_list(push, &a),
			*kept != '\0' ? "; left to Plex: " : "", kept);
	switch (push->result) {
	case PUSH_SYNCED:
	case PUSH_UNDONE:
		break;
	case PUSH_UNCHANGED:
		log_at(*kept != '\0' ? LOG_INFO : LOG_DEBUG,
			"Scene %lld \"%s\": nothing to write%s%s", scene, name_of(push),
			*kept != '\0' ? "; left to Plex: " : "", kept);
		break;
	case PUSH_NOT_FOUND:
		log_info("Scene %lld \"%s\": %s; it waits until Plex has it", scene, name_of(push),
			reason);
		break;
	case PUSH_AMBIGUOUS:
		log_warning("Scene %lld \"%s\": not written: %s", scene, name_of(push), reason);
		break;
	case PUSH_QUEUED:
		log_debug("Scene %lld: queued%s%s", scene, *reason != '\0' ? ": " : "", reason);
		break;
	case PUSH_IGNORED:
	default:
		log_debug("Scene %lld \"%s\": ignored: %s", scene, name_of(push), reason);
	}
	log_notes(push);
	if (push->refusal != NULL)
		log_warning("Scene %lld: %s", scene, push->refusal);
	else if (push_refused(push) != 0) /* pictures, see pictures.c */
		log_warning("Scene %lld: %s could not be written: it is larger than Plex accepts",
			scene, report_fields(push_refused(push), &a));
	arena_clear(&a);
}
