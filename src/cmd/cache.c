/* cache.c - forget the caches, or build the index now. */
#include <string.h>

#include "base/log.h"
#include "base/utf8.h"
#include "cmd/cmd.h"
#include "state/library_index.h"
#include "state/match_cache.h"
#include "find/indexer.h"
#include "push/settle.h"
#include "run/summon.h"

static bool need_cache(struct env *env, struct err *err)
{
	return state_cache(&env->state) != NULL ||
	       err_set(err, ERR_STORE, "there are no caches: the state cannot be opened");
}

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

/* The library's rows stay where they are until the next full pass sweeps them:
 * without its record they count for nothing. */
static bool clear_one(struct env *env, const char *library, size_t *matches, struct err *err)
{
	struct library_index index;
	struct txn txn;
	int id;

	store_begin(&txn, env->state.cache, TXN_WRITE);
	state_touch_cache(&env->state);
	library_index_load(&txn, &index, &env->arena);
	id = find_library(&index, library, &env->arena);
	if (id != 0) {
		*matches = match_cache_forget_section(&txn, id);
		library_index_drop_section(&txn, id);
	}
	if (!store_commit(&txn, err))
		return false;
	return id != 0 || err_set(err, ERR_INPUT, "the index knows no library \"%.100s\"", library);
}

static bool clear_all(struct env *env, size_t *matches, struct err *err)
{
	struct match_cache_size size;
	struct txn txn;

	store_begin(&txn, env->state.cache, TXN_WRITE);
	state_touch_cache(&env->state);
	match_cache_size(&txn, &size);
	*matches = size.entries;
	match_cache_clear(&txn);
	library_index_clear(&txn);
	return store_commit(&txn, err);
}

bool cmd_clear_cache(struct env *env, const struct cmd_request *request, cJSON **output, bool *left,
	struct err *err)
{
	size_t matches = 0;
	bool done;

	(void)left;
	if (!need_cache(env, err))
		return false;
	done = request->library ? clear_one(env, request->library, &matches, err)
				: clear_all(env, &matches, err);
	if (!done)
		return false;
	log_info("%zu matches and the library index%s%s are forgotten", matches,
		request->library ? " of " : "", request->library ? request->library : "");
	*output = cJSON_CreateObject();
	cJSON_AddNumberToObject(*output, "matches", (double)matches);
	return true;
}

bool cmd_rebuild_index(struct env *env, const struct cmd_request *request, cJSON **output,
	bool *left, struct err *err)
{
	struct txn txn;
	size_t rows;

	(void)request;
	(void)left;
	if (!need_cache(env, err) || !env_read_settings(env, err) ||
		!indexer_confirm(env, INDEXER_REBUILD, err))
		return false;
	settle_all_is_well(env);
	summon_if_due(env);
	store_begin(&txn, env->state.cache, TXN_READ);
	rows = library_index_rows(&txn);
	if (!store_commit(&txn, err))
		return false;
	*output = cJSON_CreateObject();
	cJSON_AddNumberToObject(*output, "items", (double)rows);
	env_flush_stats(env, false);
	state_flush_cache(&env->state);
	return true;
}
