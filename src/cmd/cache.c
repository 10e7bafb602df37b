/* cache.c - clear-cache and rebuild-index. */
#include <string.h>

#include "base/log.h"
#include "base/utf8.h"
#include "cmd/cmd.h"
#include "state/library_index.h"
#include "state/match_cache.h"
#include "find/indexer.h"
#include "push/settle.h"
#include "run/summon.h"

/* The library that a person means: by number or name. 0: there is none. */
static int find_library(const struct library_index *index, const char *wanted, struct arena *a)
{
	int64_t number;

	for (size_t i = 0; i < index->count; i++) {
		const struct index_section *section = &index->sections[i];
		if ((str_number(wanted, &number) && number == section->id) ||
			strcmp(utf8_fold(a, section->title), utf8_fold(a, wanted)) == 0)
			return section->id;
	}
	return 0;
}

/* The library's rows stay until the next full pass: without its record they do not count. */
static bool clear_one(const struct env *env, const char *library, size_t *matches, struct err *err)
{
	struct library_index index;
	struct txn txn;
	int id;

	state_begin_cache(env->state, &txn, TXN_WRITE);
	library_index_load(&txn, &index, env->arena);
	id = find_library(&index, library, env->arena);
	if (id != 0) {
		*matches = match_cache_forget_section(&txn, id);
		library_index_drop_section(&txn, id);
	}
	if (!store_commit(&txn, err))
		return false;
	return id != 0 || err_set(err, ERR_INPUT, "the index knows no library \"%.100s\"", library);
}

static bool clear_all(const struct env *env, size_t *matches, struct err *err)
{
	struct match_cache_size size;
	struct txn txn;

	state_begin_cache(env->state, &txn, TXN_WRITE);
	match_cache_size(&txn, &size);
	*matches = size.entries;
	match_cache_clear(&txn);
	library_index_clear(&txn);
	return store_commit(&txn, err);
}

bool cmd_clear_cache(const struct env *env, const struct input_args *request,
	struct cmd_answer *answer, struct err *err)
{
	size_t matches = 0;

	if (!(request->library ? clear_one(env, request->library, &matches, err)
			       : clear_all(env, &matches, err)))
		return false;
	log_info("%zu matches and the library index%s%s are forgotten", matches,
		request->library ? " of " : "", request->library ? request->library : "");
	answer->json = cJSON_CreateObject();
	cJSON_AddNumberToObject(answer->json, "matches", (double)matches);
	return true;
}

bool cmd_rebuild_index(const struct env *env, const struct input_args *request,
	struct cmd_answer *answer, struct err *err)
{
	struct txn txn;
	size_t rows;

	(void)request;
	if (!indexer_confirm(env, INDEXER_REBUILD, err))
		return false;
	settle_all_is_well(env);
	summon_if_due(env);
	state_begin_cache(env->state, &txn, TXN_READ);
	rows = library_index_rows(&txn);
	if (!store_commit(&txn, err))
		return false;
	log_info("The library index holds %zu files", rows);
	answer->json = cJSON_CreateObject();
	cJSON_AddNumberToObject(answer->json, "items", (double)rows);
	state_flush_cache(env->state);
	return true;
}
