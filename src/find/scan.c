/* scan.c - see scan.h. */
#include "find/scan.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "plex/library.h"
#include "state/library_index.h"
#include "state/queue.h"
#include "state/asked_folders.h"
#include "find/indexer.h"

static char *folder_of(const char *path, struct arena *a)
{
	size_t len = (size_t)(path_base(path) - path);

	while (len > 1 && (path[len - 1] == '/' || path[len - 1] == '\\'))
		len--;
	return arena_strndup(a, path, len);
}

static bool is_in_library(const struct index_section *section, const char *folder, struct arena *a)
{
	for (size_t i = 0; i < section->locations.n; i++) {
		if (path_inside(a, folder, section->locations.v[i]))
			return true;
	}
	return false;
}

/* Once per folder and burst, whichever process asks. */
static bool claim(struct env *env, int section, const char *folder)
{
	struct txn txn;
	bool ours;

	store_begin(&txn, env->state.cache, TXN_WRITE);
	state_touch_cache(&env->state);
	ours = asked_folders_claim(&txn, section, folder, clock_now_ms());
	return store_commit(&txn, NULL) && ours;
}

static bool ask(struct env *env, const struct index_section *section, const char *folder)
{
	struct plex_time time = env_plex_time(env, LIMIT_REQUEST_MS);
	struct err err;

	if (!claim(env, section->id, folder))
		return false;
	if (library_scan(env->plex, section->id, folder, &time, &err)) {
		log_info("Asked Plex to scan %s in library \"%s\"", log_path(folder),
			section->title);
		return true;
	}
	log_warning("Plex could not be asked to scan %s: %s", log_path(folder), err.text);
	return false;
}

/* In every selected library that has the folder. True if one was asked. */
static bool ask_all(struct env *env, const char *folder, struct arena *a)
{
	struct library_index index;
	struct txn txn;
	bool asked = false;

	store_begin(&txn, env->state.cache, TXN_READ);
	library_index_load(&txn, &index, a);
	store_abort(&txn);
	for (size_t i = 0; i < index.count; i++) {
		const struct index_section *section = &index.sections[i];
		if (indexer_selects(&env->settings, section->id, section->title, section->type) &&
			is_in_library(section, folder, a))
			asked |= ask(env, section, folder);
	}
	return asked;
}

void scan_ask(struct env *env, const char *path)
{
	struct arena a;

	if (!env->settings.scan_new || env_in_hook(env) || env->dry_run ||
		state_cache(&env->state) == NULL)
		return;
	arena_init(&a);
	ask_all(env, folder_of(path, &a), &a);
	/* Also if another process asked for the folder: the scan is under way. */
	if (env->scans.arena == NULL)
		str_list_init(&env->scans, &env->arena);
	if (env->scans.n < LIMIT_SCANS)
		str_list_add(&env->scans, arena_strdup(&env->arena, path));
	arena_clear(&a);
}

static bool is_awaited(struct env *env, const char *path)
{
	struct digest name = path_name_digest(path);
	struct txn txn;
	bool awaited;

	store_begin(&txn, env->state.queue, TXN_READ);
	awaited = queue_is_awaited(&txn, &name);
	store_abort(&txn);
	return awaited;
}

size_t scan_open(struct env *env)
{
	size_t open = 0;

	for (size_t i = 0; i < env->scans.n; i++)
		open += is_awaited(env, env->scans.v[i]);
	return open;
}

void scan_ask_parents(struct env *env)
{
	struct arena a;

	arena_init(&a);
	for (size_t i = 0; i < env->scans.n; i++) {
		if (is_awaited(env, env->scans.v[i]))
			ask_all(env, folder_of(folder_of(env->scans.v[i], &a), &a), &a);
	}
	arena_clear(&a);
}
