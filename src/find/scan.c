#include "find/scan.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "base/utf8.h"
#include "plex/library.h"
#include "state/library_index.h"
#include "state/queue.h"
#include "state/recent.h"
#include "find/chosen.h"

static const char *nearest_around(
	const struct str_list *locations, const char *folder, struct arena *a)
{
	const char *nearest = NULL;

	for (size_t i = 0; i < locations->n; i++) {
		if (path_inside(a, folder, locations->v[i]) &&
			(nearest == NULL || path_inside(a, locations->v[i], nearest)))
			nearest = locations->v[i];
	}
	return nearest;
}

/* Also on a system whose paths do not show it (macOS) case may not count. */
static const char *only_but_for_case(
	const struct str_list *locations, const char *folder, struct arena *a)
{
	const char *lower = utf8_lower(a, folder), *only = NULL;

	for (size_t i = 0; i < locations->n; i++) {
		if (!path_inside(a, lower, utf8_lower(a, locations->v[i])))
			continue;
		if (only != NULL)
			return NULL;
		only = locations->v[i];
	}
	return only;
}

/* The folder with the location in place of as many names. */
static const char *moved_to(const char *location, const char *folder, struct arena *a)
{
	const char *ours = folder, *theirs = location, *name;
	size_t len;

	while (path_next(location, &theirs, &name, &len))
		path_next(folder, &ours, &name, &len);
	return arena_printf(a, "%s/%s", location, ours);
}

/* The folder as the library itself spells it, for Plex scans no other: by the location that is
 * nearest to it. NULL: the library does not have it. */
static const char *spelled(const struct index_section *section, const char *folder, struct arena *a)
{
	const char *location = nearest_around(&section->locations, folder, a);

	if (location == NULL) {
		location = only_but_for_case(&section->locations, folder, a);
		folder = location ? moved_to(location, folder, a) : folder;
	}
	return location ? path_respell(a, folder, location) : NULL;
}

/* Once per folder and burst, whichever process asks; *ours: nobody did. False: that cannot be
 * noted. */
static bool claim(const struct env *env, int section, const char *folder, bool *ours)
{
	struct txn txn;

	if (!state_begin_cache(env->state, &txn, TXN_WRITE))
		return false;
	*ours = recent_claim_folder(&txn, section, folder, clock_now_ms());
	return store_commit(&txn, NULL);
}

/* True if the scan is under way: Plex took it, now or from whoever claimed the folder. */
static bool ask(const struct env *env, const struct index_section *section, const char *folder,
	struct arena *a)
{
	struct plex_time time = request_plex_time(NULL, LIMIT_REQUEST_MS);
	const char *key = arena_printf(a, "%d/%s", section->id, folder);
	struct err err;
	bool ours;

	if (str_list_has(&env->run->refused_scans, key) || !claim(env, section->id, folder, &ours))
		return false;
	if (!ours)
		return true;
	if (!library_scan(env->use->plex, section->id, folder, &time, &err)) {
		str_list_add(&env->run->refused_scans, arena_strdup(env->arena, key));
		log_warning("Plex could not be asked to scan %s: %s", log_path(folder), err.text);
		return false;
	}
	log_info("Asked Plex to scan %s in library \"%s\"", log_path(folder), section->title);
	return true;
}

/* In every selected library that has the folder. True if one of them scans it. */
static bool ask_all(const struct env *env, const char *folder, struct arena *a)
{
	struct library_index index;
	struct txn txn;
	bool asked = false;

	if (!state_begin_cache(env->state, &txn, TXN_READ))
		return false;
	library_index_load(&txn, &index, a);
	store_abort(&txn);
	for (size_t i = 0; i < index.count; i++) {
		const struct index_section *section = &index.sections[i];
		const char *theirs = spelled(section, folder, a);
		if (theirs != NULL &&
			chosen_has(&env->use->s, section->id, section->title, section->type))
			asked |= ask(env, section, theirs, a);
	}
	return asked;
}

void scan_ask(const struct env *env, const struct request *request, const char *path)
{
	struct str_list *scans = &env->run->scans;
	struct arena a;

	if (!env->use->s.scan_new || request_in_hook(request) || request->dry_run)
		return;
	arena_init(&a);
	if (ask_all(env, path_folder(&a, path), &a) && scans->n < LIMIT_SCANS)
		str_list_add(scans, arena_strdup(env->arena, path));
	arena_clear(&a);
}

static bool is_awaited(const struct env *env, const char *path)
{
	struct digest name = path_name_digest(path);
	struct txn txn;
	bool awaited;

	store_begin(&txn, env->state->queue, TXN_READ);
	awaited = queue_is_awaited(&txn, &name);
	store_abort(&txn);
	return awaited;
}

size_t scan_open(const struct env *env)
{
	size_t open = 0;

	for (size_t i = 0; i < env->run->scans.n; i++)
		open += is_awaited(env, env->run->scans.v[i]);
	return open;
}

void scan_ask_parents(const struct env *env)
{
	struct arena a;

	arena_init(&a);
	for (size_t i = 0; i < env->run->scans.n; i++) {
		if (is_awaited(env, env->run->scans.v[i]))
			ask_all(env, path_folder(&a, path_folder(&a, env->run->scans.v[i])), &a);
	}
	arena_clear(&a);
}
