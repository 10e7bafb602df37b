/* libraries.c - Plex's video libraries, and which of them are in use. */
#include "base/clock.h"
#include "cmd/cmd.h"
#include "find/chosen.h"

/* How many items a library has; -1: not known in time. The index knows it, if Plex's counter
 * has not moved since. */
static int64_t count_items(const struct env *env, const struct library *library,
	const struct library_index *index, const struct plex_time *time)
{
	const struct index_section *known = library_index_section(index, library->id);
	struct library_page page;
	struct err err;

	if (known != NULL && known->complete && str_eq(known->uuid, library->uuid) &&
		*library->counter != '\0' && str_eq(known->counter, library->counter))
		return known->total;
	return library_page(
		       env->use->plex, library, LIBRARY_BY_ID, 0, 0, time, &page, env->arena, &err)
		       ? page.total
		       : -1;
}

static cJSON *library_json(const struct env *env, const struct library *library, int64_t items)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "id", arena_printf(env->arena, "%d", library->id));
	cJSON_AddStringToObject(json, "title", library->title);
	cJSON_AddStringToObject(json, "type", library->type);
	if (items >= 0)
		cJSON_AddNumberToObject(json, "items", (double)items);
	else
		cJSON_AddNullToObject(json, "items");
	cJSON_AddBoolToObject(json, "chosen",
		chosen_has(&env->use->s, library->id, library->title, library->type));
	return json;
}

bool cmd_libraries(const struct env *env, const struct input_args *request,
	struct cmd_answer *answer, struct err *err)
{
	struct plex_time time = {
		.deadline_us = clock_us() + LIMIT_ANSWER_MS * 1000, .request_ms = LIMIT_REQUEST_MS};
	struct library_list libraries;
	struct library_index index = {0};
	struct txn txn;
	cJSON *list;

	(void)request;
	if (!library_read(env->use->plex, &time, &libraries, env->arena, err))
		return false;
	if (state_begin_cache(env->state, &txn, TXN_READ)) {
		library_index_load(&txn, &index, env->arena);
		store_abort(&txn);
	}
	answer->json = cJSON_CreateObject();
	list = cJSON_AddArrayToObject(answer->json, "libraries");
	for (size_t i = 0; i < libraries.n; i++) {
		const struct library *library = &libraries.v[i];
		if (library_item_type(library) != 0)
			cJSON_AddItemToArray(
				list, library_json(env, library,
					      count_items(env, library, &index, &time)));
	}
	return true;
}
