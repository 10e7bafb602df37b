/* outcome.c - see outcome.h. */
#include "push/outcome.h"

#include <math.h>

#include "base/log.h"

const char *outcome_word(enum outcome_result result)
{
	static const char *const words[] = {
		"synced", "unchanged", "queued", "not_found", "ambiguous", "ignored"};

	return words[result];
}

char *outcome_field_list(unsigned fields, struct arena *a)
{
	struct str list;

	str_init(&list, a);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (fields & 1u << f)
			str_addf(&list, "%s%s", list.len > 0 ? ", " : "", fields_name(f));
	}
	return list.s;
}

static void add_fields(cJSON *to, const char *name, unsigned fields)
{
	cJSON *list = cJSON_AddArrayToObject(to, name);

	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (fields & 1u << f)
			cJSON_AddItemToArray(list, cJSON_CreateString(fields_name(f)));
	}
}

static void add_items(cJSON *to, const char *name, const struct outcome_item *items, size_t count)
{
	cJSON *list = cJSON_AddArrayToObject(to, name);

	for (size_t i = 0; i < count; i++) {
		cJSON *item = cJSON_CreateObject();
		cJSON_AddStringToObject(item, "key", items[i].key);
		cJSON_AddStringToObject(item, "library", items[i].library);
		if (items[i].rule != MATCH_NONE) {
			cJSON_AddStringToObject(item, "rule", match_rule_name(items[i].rule));
			cJSON_AddStringToObject(
				item, "confidence", match_confidence(items[i].rule));
		}
		if (items[i].path != NULL && items[i].rule == MATCH_NONE)
			cJSON_AddStringToObject(item, "path", log_path(items[i].path));
		cJSON_AddItemToArray(list, item);
	}
}

cJSON *outcome_json(const struct outcome *outcome)
{
	cJSON *json = cJSON_CreateObject();
	struct arena a;

	arena_init(&a);
	/* Text: Stash passes numbers through a float. */
	cJSON_AddStringToObject(
		json, "scene_id", arena_printf(&a, "%lld", (long long)outcome->scene));
	cJSON_AddStringToObject(json, "result", outcome_word(outcome->result));
	add_fields(json, "fields", outcome->fields);
	add_fields(json, "kept", outcome->kept);
	if (outcome->refused != 0)
		add_fields(json, "refused", outcome->refused);
	add_items(json, "items", outcome->items, outcome->item_count);
	add_items(json, "candidates", outcome->candidates, outcome->candidate_count);
	if (outcome->reason != NULL)
		cJSON_AddStringToObject(json, "reason", outcome->reason);
	cJSON_AddBoolToObject(json, "dry_run", outcome->dry_run);
	cJSON_AddNumberToObject(json, "ms", round(outcome->ms * 10) / 10);
	arena_clear(&a);
	return json;
}

static char *library_list(const struct outcome *outcome, struct arena *a)
{
	struct str list;

	str_init(&list, a);
	for (size_t i = 0; i < outcome->item_count; i++)
		str_addf(&list, "%s%s item %s", i > 0 ? ", " : "", outcome->items[i].library,
			outcome->items[i].key);
	return list.s;
}

/* What the line calls the scene: its title, else its file. */
static const char *name_of(const struct outcome *outcome)
{
	return *outcome->title != '\0' ? outcome->title : log_path(outcome->path);
}

static void log_written(const struct outcome *outcome, struct arena *a)
{
	const char *fields = outcome_field_list(outcome->fields, a);
	const char *kept = outcome_field_list(outcome->kept, a);

	log_info("Scene %lld \"%s\": %s %s in %s%s%s", (long long)outcome->scene, name_of(outcome),
		outcome->dry_run ? "would write" : "wrote", fields, library_list(outcome, a),
		*kept != '\0' ? "; left to Plex: " : "", kept);
}

void outcome_log(const struct outcome *outcome)
{
	long long scene = (long long)outcome->scene;
	const char *reason = outcome->reason ? outcome->reason : "";
	const char *kept;
	struct arena a;

	arena_init(&a);
	kept = outcome_field_list(outcome->kept, &a);
	switch (outcome->result) {
	case OUTCOME_SYNCED:
		log_written(outcome, &a);
		break;
	case OUTCOME_UNCHANGED:
		log_at(*kept != '\0' ? LOG_INFO : LOG_DEBUG,
			"Scene %lld \"%s\": nothing to write%s%s", scene, name_of(outcome),
			*kept != '\0' ? "; left to Plex: " : "", kept);
		break;
	case OUTCOME_NOT_FOUND:
		log_info("Scene %lld \"%s\": %s; it waits until Plex has it", scene,
			name_of(outcome), reason);
		break;
	case OUTCOME_AMBIGUOUS:
		log_warning("Scene %lld \"%s\": not written: %s", scene, name_of(outcome), reason);
		break;
	case OUTCOME_QUEUED:
		log_debug("Scene %lld: queued%s%s", scene, *reason != '\0' ? ": " : "", reason);
		break;
	case OUTCOME_IGNORED:
	default:
		log_debug("Scene %lld \"%s\": ignored: %s", scene, name_of(outcome), reason);
	}
	if (outcome->refused != 0)
		log_warning("Scene %lld: %s could not be written: it is longer than the server, or "
			    "a proxy before it, accepts",
			scene, outcome_field_list(outcome->refused, &a));
	arena_clear(&a);
}
