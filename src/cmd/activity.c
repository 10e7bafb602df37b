/* activity.c - lists the journal of what was done to Plex, the newest first. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/utf8.h"
#include "cmd/cmd.h"
#include "push/report.h"
#include "state/activity.h"

#define USUAL_LIMIT 50

struct query {
	int64_t scene;	       /* 0: any */
	int result;	       /* -1: any */
	struct str_list words; /* folded; all of them have to be there */
};

/* --- what is looked for ---------------------------------------------------------- */

static void add_texts(struct str *to, const struct fields *fields)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		const struct value *value = &fields->v[f];
		if (value->known && !fields_is_set(f))
			str_addf(to, " %s", value->text);
		for (size_t i = 0; value->known && i < value->names.n; i++)
			str_addf(to, " %s", value->names.v[i]);
	}
}

static bool fits(const struct query *query, const struct activity *entry, struct arena *a)
{
	struct str text;

	if ((query->scene != 0 && query->scene != entry->scene) ||
		(query->result >= 0 && (uint32_t)query->result != entry->result))
		return false;
	if (query->words.n == 0)
		return true;
	str_init(&text, a);
	str_addf(&text, "%s %s", entry->title, entry->reason);
	for (size_t i = 0; i < entry->count; i++) {
		add_texts(&text, &entry->items[i].before);
		add_texts(&text, &entry->items[i].after);
	}
	return utf8_has_words(a, text.s, &query->words);
}

/* --- an entry as JSON --------------------------------------------------------------- */

/* What is shown of a text: its beginning, which ends between two characters. */
static cJSON *text_json(const struct value *value, bool *cut, struct arena *a)
{
	size_t len = utf8_cut(value->text, LIMIT_ACTIVITY_SHOWN);

	*cut |= value->cut || value->text[len] != '\0';
	return cJSON_CreateString(arena_strndup(a, value->text, len));
}

static cJSON *value_json(enum field f, const struct value *value, bool *cut, struct arena *a)
{
	cJSON *names;
	size_t len = 0;

	if (!fields_is_set(f))
		return text_json(value, cut, a);
	names = cJSON_CreateArray();
	*cut |= !value_is_whole(f, value);
	for (size_t i = 0; i < value->names.n; i++) {
		len += strlen(value->names.v[i]);
		if (len > LIMIT_ACTIVITY_SHOWN) {
			*cut = true;
			break;
		}
		cJSON_AddItemToArray(names, cJSON_CreateString(value->names.v[i]));
	}
	return names;
}

static void add_changes(cJSON *list, const struct activity_item *item, bool named, struct arena *a)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		bool cut = false;
		cJSON *change;
		if (!item->before.v[f].known || !item->after.v[f].known)
			continue;
		change = cJSON_CreateObject();
		cJSON_AddStringToObject(change, "field", fields_name(f));
		cJSON_AddItemToObject(change, "before", value_json(f, &item->before.v[f], &cut, a));
		cJSON_AddItemToObject(change, "after", value_json(f, &item->after.v[f], &cut, a));
		if (cut)
			cJSON_AddTrueToObject(change, "cut");
		if (named)
			cJSON_AddStringToObject(change, "key", item->rating_key);
		cJSON_AddItemToArray(list, change);
	}
}

static const char *time_of(int64_t ms, struct arena *a)
{
	time_t s = (time_t)(ms / 1000);
	struct tm at;
	char text[32];

	gmtime_r(&s, &at);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &at);
	return arena_strdup(a, text);
}

static void add_id(cJSON *to, const char *name, int64_t id)
{
	if (id != 0)
		cJSON_AddNumberToObject(to, name, (double)id);
}

static cJSON *entry_json(const struct activity *entry, struct arena *a)
{
	cJSON *json = cJSON_CreateObject(), *items, *changes, *kept;

	cJSON_AddNumberToObject(json, "id", (double)entry->id);
	cJSON_AddStringToObject(json, "at", time_of(entry->at_ms, a));
	cJSON_AddNumberToObject(json, "run", (double)entry->run);
	/* Text: Stash passes numbers through a float. */
	cJSON_AddStringToObject(json, "scene_id", arena_printf(a, "%lld", (long long)entry->scene));
	cJSON_AddStringToObject(json, "title", entry->title);
	cJSON_AddStringToObject(json, "result", activity_word((enum activity_result)entry->result));
	items = cJSON_AddArrayToObject(json, "items");
	changes = cJSON_AddArrayToObject(json, "changes");
	for (size_t i = 0; i < entry->count; i++) {
		const struct activity_item *item = &entry->items[i];
		report_add_item(items, item->machine, item->rating_key, item->library);
		add_changes(changes, item, entry->count > 1, a);
	}
	kept = cJSON_AddArrayToObject(json, "kept");
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (entry->kept & 1u << f)
			cJSON_AddItemToArray(kept, cJSON_CreateString(fields_name(f)));
	}
	cJSON_AddItemToObject(json, "reason",
		*entry->reason != '\0' ? cJSON_CreateString(entry->reason) : cJSON_CreateNull());
	cJSON_AddNumberToObject(json, "ms", round((double)entry->us / 100) / 10);
	add_id(json, "undoes", entry->undoes);
	add_id(json, "undone", entry->undone);
	return json;
}

/* A line for a person. */
static void say(const struct activity *entry, struct arena *a)
{
	unsigned fields = 0;

	for (size_t i = 0; i < entry->count; i++) {
		for (enum field f = 0; f < FIELD_COUNT; f++)
			fields |= (entry->items[i].before.v[f].known ? 1u : 0) << f;
	}
	log_info("%lld  %s  run %lld  scene %lld \"%s\": %s%s%s%s%s", (long long)entry->id,
		time_of(entry->at_ms, a), (long long)entry->run, (long long)entry->scene,
		entry->title, activity_word((enum activity_result)entry->result),
		fields != 0 ? " " : "", report_fields(fields, a),
		*entry->reason != '\0' ? ": " : "", entry->reason);
}

/* --- the list ------------------------------------------------------------------------ */

static bool parse(
	const struct input_args *request, struct query *query, struct arena *a, struct err *err)
{
	*query = (struct query){.scene = request->scene, .result = -1};
	str_list_init(&query->words, a);
	if (request->text != NULL)
		query->words = str_split(a, utf8_fold(a, request->text), ' ');
	if (request->result == NULL)
		return true;
	for (int i = 0; i < ACTIVITY_RESULTS; i++) {
		if (strcmp(request->result, activity_word((enum activity_result)i)) == 0)
			query->result = i;
	}
	return query->result >= 0 ||
	       err_set(err, ERR_INPUT,
		       "args.result is not one of synced, failed, ambiguous, not_found, undone");
}

/* Each entry in an arena of its own: ten thousand may be looked through. */
static bool list(const struct env *env, const struct query *query, int64_t before, size_t limit,
	cJSON *json, struct err *err)
{
	cJSON *entries = cJSON_AddArrayToObject(json, "entries");
	enum lookup found = FOUND;
	bool more = false;
	struct txn txn;
	size_t n = 0;

	store_begin(&txn, env->state->queue, TXN_READ);
	while (!more && found == FOUND) {
		struct activity entry;
		struct arena a;
		arena_init(&a);
		found = activity_older(&txn, before, &entry, &a);
		before = entry.id;
		if (found == FOUND && fits(query, &entry, &a)) {
			more = n == limit;
			if (!more)
				cJSON_AddItemToArray(entries, entry_json(&entry, &a));
			if (!more && !env->is_task)
				say(&entry, &a);
			n++;
		}
		arena_clear(&a);
	}
	cJSON_AddBoolToObject(json, "more", more);
	return store_commit(&txn, err);
}

bool cmd_activity(const struct env *env, const struct input_args *request,
	struct cmd_answer *answer, struct err *err)
{
	size_t limit = request->limit > 0 ? (size_t)request->limit : USUAL_LIMIT;
	struct query query;

	if (!parse(request, &query, env->arena, err))
		return false;
	answer->json = cJSON_CreateObject();
	return list(env, &query, request->before, limit, answer->json, err);
}
