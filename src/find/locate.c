#include "find/locate.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "base/timer.h"
#include "plex/extras.h"
#include "state/match_cache.h"
#include "find/indexer.h"
#include "find/chosen.h"

/* What one search works with. */
struct search {
	const struct env *env;
	const struct scene_file *file;
	const struct request *request; /* NULL: nobody asks for a push */
	struct location *out;
	struct arena *arena;
	struct library_index index;
};

static void add_item(
	const struct search *search, const char *rating_key, int section, const char *path)
{
	const struct index_section *library = library_index_section(&search->index, section);

	search->out->items[search->out->count++] = (struct locate_item){.rating_key = rating_key,
		.section = section,
		.library = library ? library->title : "",
		.library_uuid = library && library->uuid ? library->uuid : "",
		.path = path};
}

/* FOUND if a match is known for the file, under the settings of now: by this run, or from
 * the match cache. */
static enum lookup from_cache(struct search *search, struct txn *txn)
{
	const struct env_match *ours = env_match(search->env, search->file->path);
	struct location *out = search->out;
	struct match_entry entry;
	enum lookup found = FOUND;

	if (ours != NULL)
		entry = ours->entry;
	else
		found = match_cache_get(txn, search->file->path, &entry, search->arena);
	if (found != FOUND)
		return found;
	if (entry.settings != search->env->use->match || entry.count == 0 ||
		entry.rule >= MATCH_CHOSEN) /* no cache says what a person chose */
		return ABSENT;
	out->items = arena_array(search->arena, entry.count, sizeof(*out->items));
	for (size_t i = 0; i < entry.count; i++)
		add_item(search, arena_strdup(search->arena, entry.items[i].rating_key),
			entry.items[i].section, NULL);
	out->answer = LOCATE_FOUND;
	out->rule = entry.rule;
	out->cached = true;
	return FOUND;
}

static bool is_inside(const struct search *search, const char *mapped)
{
	const struct library_index *index = &search->index;

	for (size_t i = 0; i < index->count; i++) {
		if (path_inside_any(search->arena, mapped, &index->sections[i].locations))
			return true;
	}
	return false;
}

/* Leaves the parts of libraries that the settings select. */
static size_t only_selected(const struct search *search, struct index_part *parts, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		const struct index_section *s = library_index_section(
			&search->index, parts[i].section);
		if (s != NULL && chosen_has(&search->env->use->s, s->id, s->title, s->type))
			parts[kept++] = parts[i];
	}
	return kept;
}

/* With a hint, if no library that has the folder lists such a file. */
static const char *why_absent(const struct search *search)
{
	const struct library_index *index = &search->index;
	const char *path = search->out->mapped, *sign = extras_sign(path, NULL, search->arena);

	for (size_t i = 0; i < index->count; i++) {
		const struct str_list *locations = &index->sections[i].locations;
		for (size_t l = 0; l < locations->n; l++) {
			const char *below = path_below(search->arena, path, locations->v[l]);
			if (below == NULL)
				continue;
			sign = extras_sign(path, below, search->arena);
			if (sign == NULL)
				return "Plex does not have this file";
		}
	}
	if (sign == NULL)
		return "Plex does not have this file";
	return arena_printf(search->arena,
		"Plex does not have this file: it may take %s for an extra of another film, which "
		"it lists nowhere; rename or move it, and let Stash and Plex scan again",
		sign);
}

/* Turns a verdict on parts into the answer. */
static void answer(struct search *search, const struct match_verdict *verdict)
{
	struct location *out = search->out;

	out->count = 0;
	out->rule = verdict->rule;
	out->items = arena_array(search->arena, verdict->count, sizeof(*out->items));
	for (size_t i = 0; i < verdict->count; i++) {
		const struct index_part *part = verdict->parts[i];
		add_item(search, arena_printf(search->arena, "%lld", (long long)part->rating_key),
			part->section, part->path);
	}
	if (verdict->answer == MATCH_FOUND) {
		out->answer = LOCATE_FOUND;
	} else if (verdict->answer == MATCH_AMBIGUOUS) {
		out->answer = LOCATE_AMBIGUOUS;
		out->why = "Plex has a file of this name, but neither path nor size prove that it "
			   "is the same one";
	} else {
		out->answer = LOCATE_ABSENT;
		out->why = why_absent(search);
	}
}

static void pick(struct search *search, struct index_part *by_path, size_t path_count,
	struct index_part *by_name, size_t name_count)
{
	struct match_query query = {.path = search->out->mapped,
		.size = search->file->size,
		.duration_ms = search->file->duration_ms,
		.crowded = name_count == LIMIT_CANDIDATES,
		.inside = is_inside(search, search->out->mapped),
		.accept_name = search->env->use->s.match_by_name};
	struct match_verdict verdict;

	match_pick(&query, by_path, only_selected(search, by_path, path_count), by_name,
		only_selected(search, by_name, name_count), &verdict, search->arena);
	answer(search, &verdict);
}

static void from_index(struct search *search, struct txn *txn)
{
	struct arena *a = search->arena;
	struct index_part *by_path = arena_array(a, LIMIT_CANDIDATES, sizeof(*by_path));
	struct index_part *by_name = arena_array(a, LIMIT_CANDIDATES, sizeof(*by_name));
	size_t path_count = library_index_by_path(
		txn, &search->index, search->out->mapped, by_path, LIMIT_CANDIDATES, a);
	size_t name_count = library_index_by_name(
		txn, &search->index, search->out->mapped, by_name, LIMIT_CANDIDATES, a);

	pick(search, by_path, path_count, by_name, name_count);
}

/* Every library was read as a whole. */
static bool is_complete(const struct search *search)
{
	const struct library_index *index = &search->index;

	for (size_t i = 0; i < index->count; i++) {
		if (!index->sections[i].complete)
			return false;
	}
	return index->count > 0;
}

/* And known to be current after 'since_ms'. A time that is still to come is from before the
 * clock was set back, and says nothing. */
static bool is_current(const struct search *search, int64_t since_ms)
{
	const struct library_index *index = &search->index;
	int64_t now_ms = clock_now_ms();

	for (size_t i = 0; i < index->count; i++) {
		int64_t at_ms = index->sections[i].confirmed_ms;
		if (at_ms < since_ms || at_ms > now_ms)
			return false;
	}
	return is_complete(search);
}

bool locate_was_just_read(const struct index_section *section, int64_t since_ms, int64_t now_ms)
{
	int64_t at_ms = section->full_pass_ms;

	return section->complete && at_ms >= since_ms && at_ms <= now_ms &&
	       section->confirmed_ms == at_ms;
}

/* The rows of all candidates say what Plex says now. */
static bool are_fresh(const struct search *search, int64_t since_ms)
{
	const struct location *out = search->out;
	int64_t now_ms = clock_now_ms();

	if (since_ms < search->env->begun_ms) /* what an earlier run read is old by now */
		since_ms = search->env->begun_ms;
	for (size_t i = 0; i < out->count; i++) {
		const struct index_section *section = library_index_section(
			&search->index, out->items[i].section);
		if (section == NULL || !locate_was_just_read(section, since_ms, now_ms))
			return false;
	}
	return true;
}

static void remember(struct search *search)
{
	const struct location *out = search->out;
	struct match_entry entry = {
		.rule = (uint8_t)out->rule, .settings = search->env->use->match};

	if (search->request->dry_run || out->count > LIMIT_ITEMS)
		return;
	for (; entry.count < out->count; entry.count++) {
		entry.items[entry.count].rating_key = out->items[entry.count].rating_key;
		entry.items[entry.count].section = out->items[entry.count].section;
	}
	env_note_match(search->env, search->file->path, &entry);
}

/* One look into the caches. False if there are none that can be read. */
static bool look(struct search *search, bool use_matches)
{
	struct txn txn;
	enum lookup found = ABSENT;

	if (!state_begin_cache(search->env->state, &txn, TXN_READ))
		return false;
	library_index_load(&txn, &search->index, search->arena);
	env_learn_machine(search->env, &search->index);
	search->out->gains = library_index_gains(&txn);
	if (use_matches)
		found = from_cache(search, &txn);
	if (found == ABSENT)
		from_index(search, &txn);
	return store_commit(&txn, NULL);
}

/* Without a cache: the libraries are listed and compared on the way. */
static bool search_by_walking(struct search *search, struct err *err)
{
	struct arena *a = search->arena;
	struct index_part *parts = arena_array(a, LIMIT_CANDIDATES, sizeof(*parts));
	struct library_list libraries;
	size_t count;

	if (!indexer_walk(search->env, search->request, search->out->mapped, parts,
		    LIMIT_CANDIDATES, &count, &libraries, a, err))
		return false;
	search->index = (struct library_index){
		.sections = arena_array(a, libraries.n, sizeof(*search->index.sections))};
	for (size_t i = 0; i < libraries.n; i++)
		search->index.sections[search->index.count++] = (struct index_section){
			.id = libraries.v[i].id,
			.title = libraries.v[i].title,
			.type = libraries.v[i].type,
			.locations = libraries.v[i].locations};
	pick(search, parts, count, parts, count);
	search->out->fresh = true;
	return true;
}

/* What is not found in part of the libraries may be in the rest. */
static void doubt_absence(struct search *search, bool all)
{
	if (search->out->answer == LOCATE_FOUND || all)
		return;
	search->out->answer = LOCATE_UNKNOWN;
	search->out->why = "the library index is incomplete";
}

/* An event of a time that is still to come happened before the clock was set back:
 * what this run asked is newer. */
static int64_t since_event(const struct env *env, int64_t event_ms)
{
	int64_t now_ms = clock_now_ms();

	if (event_ms <= now_ms)
		return event_ms;
	return env->run->confirmed_ms > 0 ? env->run->confirmed_ms : now_ms;
}

/* Not found: "absent" is only said by an index that is known to be current. */
static bool search_current(struct search *search, struct err *err)
{
	const struct env *env = search->env;
	struct location *out = search->out;
	int64_t since_ms = since_event(env, search->request->since_ms);

	if (is_current(search, since_ms)) {
		out->fresh = are_fresh(search, since_ms);
		return true;
	}
	if (search->request->forgetful)
		return search_by_walking(search, err);
	if (request_in_hook(search->request)) {
		out->answer = LOCATE_UNKNOWN;
		out->why = "the library index has to be brought up to date first";
		return true;
	}
	/* One confirmation serves every job queued before it, also where the
	 * index stays incomplete. */
	if (env->run->confirmed_ms < since_ms && !indexer_confirm(env, INDEXER_CONFIRM, err))
		return false;
	if (!look(search, false))
		return search_by_walking(search, err);
	doubt_absence(search, is_current(search, since_ms));
	out->fresh = are_fresh(search, since_ms);
	return true;
}

static void count_look(struct stats *stats, const struct location *out)
{
	stats_count(stats, out->cached ? STAT_MATCH_HITS : STAT_MATCH_MISSES);
	if (!out->cached)
		stats_count(
			stats, out->answer == LOCATE_FOUND ? STAT_INDEX_HITS : STAT_INDEX_MISSES);
}

bool locate_file(const struct env *env, const struct scene_file *file,
	const struct request *request, bool again, struct location *out, struct arena *a,
	struct err *err)
{
	struct search search = {
		.env = env, .file = file, .request = request, .out = out, .arena = a};

	*out = (struct location){.answer = LOCATE_ABSENT};
	out->mapped = path_map_apply(&env->use->path_map, file->path, a);
	if (!look(&search, !again))
		return search_by_walking(&search, err);
	if (!request->dry_run)
		count_look(&env->run->stats, out);
	if (out->cached)
		return true;
	if (out->answer != LOCATE_FOUND && !search_current(&search, err))
		return false;
	if (out->answer == LOCATE_FOUND)
		remember(&search);
	return true;
}

void locate_chosen(const struct env *env, const struct scene_file *file,
	const struct choice *choice, struct location *out, struct arena *a)
{
	struct search search = {.env = env, .file = file, .out = out, .arena = a};
	struct txn txn;

	*out = (struct location){.answer = LOCATE_FOUND, .rule = MATCH_CHOSEN};
	out->mapped = path_map_apply(&env->use->path_map, file->path, a);
	out->items = arena_alloc(a, sizeof(*out->items));
	if (state_begin_cache(env->state, &txn, TXN_READ)) {
		library_index_load(&txn, &search.index, a);
		env_learn_machine(env, &search.index);
		store_abort(&txn);
	}
	add_item(&search, choice->rating_key, choice->section, NULL);
	out->items[0].library_uuid = choice->library_uuid;
	if (*out->items[0].library == '\0')
		out->items[0].library = choice->library;
}

bool locate_has_row(
	const struct env *env, const char *path, const char *rating_key, struct arena *a)
{
	struct index_part *parts = arena_array(a, LIMIT_CANDIDATES, sizeof(*parts));
	size_t count = 0, i = 0;
	int64_t key;

	if (str_number(rating_key, &key))
		count = locate_candidates(env, path, parts, LIMIT_CANDIDATES, a);
	while (i < count && parts[i].rating_key != key)
		i++;
	return i < count;
}

bool locate_has_gained(const struct env *env, const struct location *where)
{
	struct txn txn;
	uint64_t gains;

	if (!state_begin_cache(env->state, &txn, TXN_READ))
		return false;
	gains = library_index_gains(&txn);
	return store_commit(&txn, NULL) && gains != where->gains;
}

bool locate_by_index(
	const struct env *env, const struct scene_file *file, struct location *out, struct arena *a)
{
	struct search search = {.env = env, .file = file, .out = out, .arena = a};

	*out = (struct location){.answer = LOCATE_ABSENT};
	out->mapped = path_map_apply(&env->use->path_map, file->path, a);
	if (!look(&search, false))
		return false;
	doubt_absence(&search, is_complete(&search));
	return true;
}

bool locate_by_match(
	const struct env *env, const struct scene_file *file, struct location *out, struct arena *a)
{
	struct search search = {.env = env, .file = file, .out = out, .arena = a};
	struct txn txn;
	bool found;

	*out = (struct location){.answer = LOCATE_ABSENT};
	if (!state_begin_cache(env->state, &txn, TXN_READ))
		return false;
	library_index_load(&txn, &search.index, a);
	found = from_cache(&search, &txn) == FOUND;
	store_abort(&txn);
	return found;
}

static bool is_listed(const struct index_part *parts, size_t count, const struct index_part *part)
{
	for (size_t i = 0; i < count; i++) {
		if (parts[i].rating_key == part->rating_key && parts[i].section == part->section &&
			strcmp(parts[i].path, part->path) == 0)
			return true;
	}
	return false;
}

size_t locate_candidates(const struct env *env, const char *mapped, struct index_part *parts,
	size_t limit, struct arena *a)
{
	struct index_part *by_name = arena_array(a, limit, sizeof(*by_name));
	struct library_index index;
	struct txn txn;
	size_t count, named;

	if (!state_begin_cache(env->state, &txn, TXN_READ))
		return 0;
	library_index_load(&txn, &index, a);
	count = library_index_by_path(&txn, &index, mapped, parts, limit, a);
	named = library_index_by_name(&txn, &index, mapped, by_name, limit, a);
	store_abort(&txn);
	for (size_t i = 0; i < named && count < limit; i++) {
		if (!is_listed(parts, count, &by_name[i]))
			parts[count++] = by_name[i];
	}
	return count;
}

void locate_drop_row(const struct env *env, const struct locate_item *item)
{
	struct index_part part = {.section = item->section, .path = item->path};
	struct index_section *section;
	struct library_index index;
	struct arena a;
	struct txn txn;

	if (item->path == NULL || !str_number(item->rating_key, &part.rating_key) ||
		!state_begin_cache(env->state, &txn, TXN_WRITE))
		return;
	arena_init(&a);
	library_index_load(&txn, &index, &a);
	section = library_index_section(&index, item->section);
	if (section != NULL) {
		library_index_remove(&txn, section, &part);
		section->counter = "";
		library_index_save_section(&txn, section);
	}
	store_commit(&txn, NULL);
	arena_clear(&a);
}
