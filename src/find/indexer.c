#include "find/indexer.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "base/timer.h"
#include "find/chosen.h"
#include "find/listing.h"
#include "find/restored.h"
#include "find/wake.h"
#include "state/match_cache.h"
#include "state/told.h"

#define DROP_ROWS 2000

/* A run over one library. */
struct pass {
	const struct env *env;
	const struct request *request; /* NULL: nobody waits */
	const struct library *library;
	const struct index_section *stored; /* NULL: a new one */
	bool changed;			    /* it is another one than the stored one */
	struct index_section section;	    /* as stored, and then as it will be */
	uint32_t generation;		    /* that rows are written to */
	size_t items, gained, altered;
	int64_t newest_added, newest_updated;
	int64_t oldest_empty; /* when the oldest item came that may still get its media; 0: none */
	/* of the last walk */
	enum library_order order;
	bool moved;   /* the total changed meanwhile, so that an item may have slipped from a
			  page that was to come into one that was read */
	bool any_new; /* an item was updated after the stamp */
	bool refused; /* an item, perhaps for a while only */
	struct search *search;
};

/* Without an index: the parts that have a name. */
struct search {
	struct digest name;
	struct index_part *parts;
	size_t limit, count;
	struct arena *arena;
};

/* Plex lists an item before it has looked at its file. */
static void note_empty(struct pass *pass, const struct item *item)
{
	bool is_recent = item->added > (clock_now_ms() - LIMIT_INDEX_EMPTY_MS) / 1000;

	if (item->part_count == 0 && is_recent &&
		(pass->oldest_empty == 0 || item->added < pass->oldest_empty))
		pass->oldest_empty = item->added;
}

/* Writes the rows of a page; 'names' gets those of parts that were not known as they are. */
static size_t put_rows(
	struct pass *pass, const struct library_page *page, struct txn *txn, struct digest *names)
{
	size_t count = 0;

	for (size_t i = 0; i < page->n; i++) {
		const struct item *item = &page->items[i];
		struct index_part part = {.section = pass->section.id};
		if (item->part_count > 1)
			part.of_many = item->part_count < UINT8_MAX ? (uint8_t)item->part_count
								    : UINT8_MAX;
		if (item->deleted || !str_number(item->rating_key, &part.rating_key))
			continue;
		for (size_t p = 0; p < item->part_count; p++) {
			enum index_row row;
			part.path = item->parts[p].path;
			part.size = item->parts[p].size;
			part.duration_ms = item->parts[p].duration_ms;
			part.first = item->parts[p].first;
			row = library_index_put(txn, &pass->section, pass->generation, &part);
			if (row == INDEX_ROW_SAME)
				continue;
			names[count] = path_name_digest(part.path);
			if (row == INDEX_ROW_GAINED)
				match_cache_forget_name(txn, &names[count]);
			pass->gained += row == INDEX_ROW_GAINED;
			count++;
		}
		note_empty(pass, item);
		if (item->added > pass->newest_added)
			pass->newest_added = item->added;
		if (item->updated > pass->newest_updated)
			pass->newest_updated = item->updated;
	}
	pass->altered += count;
	return count;
}

static bool store_page(
	struct pass *pass, const struct library_page *page, struct arena *a, struct err *err)
{
	struct digest *names;
	struct txn txn;
	size_t altered, parts = 0;

	for (size_t i = 0; i < page->n; i++)
		parts += page->items[i].part_count;
	names = arena_array(a, parts, sizeof(*names));
	state_begin_cache(pass->env->state, &txn, TXN_WRITE);
	altered = put_rows(pass, page, &txn, names);
	if (altered > 0)
		library_index_note_gain(&txn);
	if (!wake_names(pass->env, names, altered, err)) {
		store_abort(&txn);
		return false;
	}
	pass->items += page->n;
	if (!store_commit(&txn, err))
		return false;
	/* Once more: a job may have begun to wait while the rows were not there yet. */
	return wake_names(pass->env, names, altered, err);
}

/* Where the next reading of what is new stops: at what still comes without its media, if any. */
static void save_stamps(struct pass *pass)
{
	struct index_section *section = &pass->section;

	section->newest_added = pass->newest_added;
	if (pass->oldest_empty > 0 && pass->oldest_empty < section->newest_added)
		section->newest_added = pass->oldest_empty;
	section->newest_updated = pass->newest_updated;
}

static bool save_section(struct pass *pass, struct err *err)
{
	struct txn txn;

	state_begin_cache(pass->env->state, &txn, TXN_WRITE);
	library_index_save_section(&txn, &pass->section);
	return store_commit(&txn, err);
}

static bool begin_generation(struct pass *pass, struct err *err)
{
	struct txn txn;

	state_begin_cache(pass->env->state, &txn, TXN_WRITE);
	pass->generation = library_index_new_generation(&txn);
	/* What is stored of another library under this number no longer counts. */
	if (pass->stored != NULL && pass->changed) {
		struct index_section old = *pass->stored;
		old.complete = false;
		library_index_save_section(&txn, &old);
		match_cache_forget_section(&txn, old.id);
	}
	return store_commit(&txn, err);
}

bool indexer_note_item(const struct env *env, int section, const struct item *item)
{
	struct library_page page = {.items = (struct item[]){*item}, .n = 1};
	struct pass pass = {.env = env};
	const struct index_section *stored;
	struct library_index index;
	struct arena a;
	struct txn txn;
	struct err err;
	bool done;

	arena_init(&a);
	state_begin_cache(env->state, &txn, TXN_READ);
	library_index_load(&txn, &index, &a);
	done = store_commit(&txn, NULL);
	stored = done ? library_index_section(&index, section) : NULL;
	if (stored != NULL) {
		pass.section = *stored;
		pass.generation = stored->generation;
		done = store_page(&pass, &page, &a, &err);
	}
	arena_clear(&a);
	return done && pass.altered > 0;
}

/* Removes rows of other generations, a few thousand at a time. */
static void drop_old(const struct env *env, int section, uint32_t generation)
{
	struct index_position position = {{0}};
	struct txn txn;
	bool more = true;

	while (more) {
		state_begin_cache(env->state, &txn, TXN_WRITE);
		more = library_index_drop_old(&txn, section, generation, &position, DROP_ROWS);
		if (!store_commit(&txn, NULL))
			return;
	}
}

static bool walk(struct pass *pass, enum library_order order, listing_taker *take, struct err *err)
{
	struct listing listing = {.env = pass->env,
		.request = pass->request,
		.library = pass->library,
		.order = order,
		.take = take,
		.what = pass};
	bool done;

	pass->order = order;
	done = listing_walk(&listing, err);
	pass->refused |= listing.refused > 0;
	pass->moved = listing.moved;
	return done;
}

/* The store is full: the library stays incomplete, which is logged once, and its files
 * are "unknown" from then on. */
static bool give_up_library(struct pass *pass, struct err *err)
{
	if (!pass->section.too_large)
		log_warning(
			"The library \"%s\" does not fit into the library cache: scenes that are "
			"not found in it stay queued instead of being called missing (%s)",
			pass->library->title, err->text);
	drop_old(pass->env, pass->section.id, pass->section.generation);
	pass->section.too_large = true;
	pass->section.complete = false;
	pass->section.full_pass_ms = clock_now_ms();
	return save_section(pass, err);
}

static bool take_all(
	void *what, struct library_page *page, bool *more, struct arena *a, struct err *err)
{
	struct pass *pass = what;

	(void)more;
	return store_page(pass, page, a, err);
}

/* A library that grows while it is read is read once more; rows that are there
 * already are written again. */
static bool write_generation(struct pass *pass, struct err *err)
{
	for (int walks = 0; walks < 2; walks++) {
		pass->items = 0;
		if (!walk(pass, LIBRARY_BY_ID, take_all, err))
			return false;
		if (!pass->moved)
			break;
	}
	return true;
}

/* Reads the library as a whole into a new generation, then switches to it. */
static bool full_pass(struct pass *pass, int64_t total, struct err *err)
{
	struct index_section *section = &pass->section;
	int64_t begun_us = clock_us();
	int64_t begun_ms = clock_now_ms();

	if (!begin_generation(pass, err) || !write_generation(pass, err))
		return err->status == STORE_FULL ? give_up_library(pass, err) : false;
	section->full_pass_ms = begun_ms;
	section->generation = pass->generation;
	section->complete = true;
	section->too_large = false;
	section->confirmed_ms = begun_ms;
	/* As they were before the walk: what moved since is found next time. */
	section->counter = pass->moved || pass->refused ? "" : pass->library->counter;
	section->total = total;
	save_stamps(pass);
	/* Before, for the case that we are killed in between, and after, for those that were tried
	 * in between. */
	if (!wake_failed(pass->env, err) || !save_section(pass, err))
		return false;
	drop_old(pass->env, section->id, section->generation);
	if (!wake_failed(pass->env, err) || !wake_waiting(pass->env, err))
		return false;
	log_info("Library \"%s\": %zu items read in %.1f s", pass->library->title, pass->items,
		(double)(clock_us() - begun_us) / 1e6);
	return true;
}

/* Of a listing with the newest first: what is newer than the stamps. They are in seconds, so
 * the second of the stamp itself is read again. */
static bool take_new(
	void *what, struct library_page *page, bool *more, struct arena *a, struct err *err)
{
	struct pass *pass = what;
	bool added = pass->order == LIBRARY_NEWEST_ADDED;
	int64_t stamp = added ? pass->section.newest_added : pass->section.newest_updated;

	for (size_t i = 0; i < page->n; i++) {
		int64_t at = added ? page->items[i].added : page->items[i].updated;
		pass->any_new |= !added && at > stamp;
		if (at < stamp) {
			page->n = i;
			*more = false;
		}
	}
	return store_page(pass, page, a, err);
}

bool indexer_explains(const struct indexer_change *change)
{
	int64_t more = change->total - change->total_before;

	if (!change->moved)
		return true;
	return change->any_new && more >= 0 && more <= (int64_t)change->gained;
}

enum indexer_step indexer_decide(const struct indexer_facts *facts)
{
	bool may_pass = facts->pass_age_ms < 0 || facts->pass_age_ms >= LIMIT_INDEX_FULL_PASS_MS;

	if (facts->mode == INDEXER_REBUILD || facts->changed || (!facts->complete && may_pass))
		return INDEXER_PASS;
	if (!facts->complete)
		return INDEXER_LEAVE;
	if (facts->mode == INDEXER_LOOK || facts->moved)
		return INDEXER_READ_NEW;
	return INDEXER_CURRENT;
}

static bool is_moved(
	const struct index_section *section, const struct library *library, int64_t total)
{
	return strcmp(section->counter, library->counter) != 0 || total != section->total;
}

/* Something moved: read what is new; if that explains it, fine, if not, and the
 * last full pass is an hour ago, read everything. */
static bool read_changes(struct pass *pass, int64_t total, struct err *err)
{
	struct index_section *section = &pass->section;
	struct indexer_change change = {.moved = is_moved(section, pass->library, total),
		.total_before = section->total,
		.total = total};
	struct indexer_facts facts = {
		.pass_age_ms = clock_age_ms(clock_now_ms(), section->full_pass_ms)};
	int64_t begun_ms = clock_now_ms();
	bool explained;

	pass->generation = section->generation;
	pass->newest_added = section->newest_added;
	pass->newest_updated = section->newest_updated;
	if (!walk(pass, LIBRARY_NEWEST_ADDED, take_new, err) ||
		!walk(pass, LIBRARY_NEWEST_UPDATED, take_new, err))
		return err->status == STORE_FULL ? give_up_library(pass, err) : false;
	change.any_new = pass->any_new || pass->gained > 0;
	change.gained = pass->gained;
	explained = indexer_explains(&change) && !pass->refused;
	if (!explained && indexer_decide(&facts) == INDEXER_PASS)
		return full_pass(pass, total, err);
	if (explained) { /* else the full pass is still owed */
		section->counter = pass->library->counter;
		section->total = total;
	}
	save_stamps(pass);
	section->confirmed_ms = begun_ms;
	return save_section(pass, err);
}

/* Not the library that was stored under this number, or set up differently since. */
static bool is_changed(const struct index_section *section, const struct library *library)
{
	return section == NULL || strcmp(section->uuid, library->uuid) != 0 ||
	       strcmp(section->scanner, library->scanner) != 0 ||
	       strcmp(section->type, library->type) != 0 ||
	       !str_list_same(&section->locations, &library->locations);
}

/* What is stored of a library, with what Plex says of it now. */
static struct index_section described(
	const struct index_section *stored, const struct library *library)
{
	struct index_section section = {.counter = ""};

	if (stored != NULL)
		section = *stored;
	section.id = library->id;
	section.uuid = library->uuid;
	section.title = library->title;
	section.type = library->type;
	section.scanner = library->scanner;
	section.locations = library->locations;
	return section;
}

static bool read_library(struct pass *pass, enum indexer_mode mode, bool went_back, struct err *err)
{
	struct indexer_facts facts = {.mode = mode,
		.changed = pass->changed || went_back,
		.complete = pass->section.complete,
		.pass_age_ms = clock_age_ms(clock_now_ms(), pass->section.full_pass_ms)};
	int64_t begun_ms = clock_now_ms(), total;

	if (!listing_total(pass->env, NULL, pass->library, &total, err))
		return false;
	facts.moved = is_moved(&pass->section, pass->library, total);
	switch (indexer_decide(&facts)) {
	case INDEXER_PASS:
		return full_pass(pass, total, err);
	case INDEXER_READ_NEW:
		return read_changes(pass, total, err);
	case INDEXER_CURRENT:
		pass->section.confirmed_ms = begun_ms;
		return save_section(pass, err);
	case INDEXER_LEAVE:
	default:
		return true;
	}
}

static void tell_of_library(const struct env *env, const struct library *library, const char *why)
{
	char about[64];

	snprintf(about, sizeof(about), "library left out %d", library->id);
	if (told_is_news(env->state, about, why))
		log_warning(
			"The library \"%s\" is left out until Plex can show it: scenes that are "
			"not found stay queued instead of being called missing (%s)",
			library->title, why);
}

/* ABSENT with the error: Plex answers for this library with its own 500. It is not confirmed then,
 * so that what is not found may be in it; one that is new is known as incomplete. */
static enum lookup confirm_library(const struct env *env, const struct library *library,
	const struct library_index *index, enum indexer_mode mode, bool went_back, struct err *err)
{
	const struct index_section *stored = library_index_section(index, library->id);
	struct pass pass = {.env = env,
		.library = library,
		.stored = stored,
		.section = described(stored, library),
		.changed = is_changed(stored, library)};
	struct err other;

	if (read_library(&pass, mode, went_back, err))
		return FOUND;
	if (err->party != PARTY_PLEX || err->status != 500)
		return FAILED;
	if (stored != NULL || save_section(&pass, &other))
		return ABSENT;
	*err = other;
	return FAILED;
}

/* One that Plex cannot show stops the others only if it can show none. */
static bool confirm_libraries(const struct env *env, const struct library_list *libraries,
	const struct library_index *index, enum indexer_mode mode, const bool *went_back,
	struct arena *a, struct err *err)
{
	struct err *why = arena_array(a, libraries->n, sizeof(*why));
	size_t left_out = 0;

	for (size_t i = 0; i < libraries->n; i++) {
		enum lookup read = confirm_library(
			env, &libraries->v[i], index, mode, went_back[i], err);
		if (read == FAILED)
			return false;
		if (read == ABSENT)
			why[i] = *err;
		else
			*why[i].text = '\0';
		left_out += read == ABSENT;
	}
	if (left_out == libraries->n)
		return false;
	for (size_t i = 0; i < libraries->n; i++)
		tell_of_library(env, &libraries->v[i], why[i].text);
	return true;
}

/* Libraries that are gone, or no longer selected. */
static bool drop_others(const struct env *env, const struct library_index *index,
	const struct library_list *libraries, struct err *err)
{
	for (size_t i = 0; i < index->count; i++) {
		int id = index->sections[i].id;
		size_t j = 0;
		struct txn txn;

		while (j < libraries->n && libraries->v[j].id != id)
			j++;
		if (j < libraries->n)
			continue;
		state_begin_cache(env->state, &txn, TXN_WRITE);
		library_index_drop_section(&txn, id);
		match_cache_forget_section(&txn, id);
		if (!store_commit(&txn, err))
			return false;
		drop_old(env, id, 0);
	}
	return true;
}

/* Keys of another server mean nothing: then everything is forgotten. */
static bool check_server(
	const struct env *env, struct library_index *index, bool ask, struct err *err)
{
	struct plex_time time = request_plex_time(NULL, LIMIT_REQUEST_MS);
	bool known = *index->machine != '\0' && strcmp(index->url, plex_url(env->use->plex)) == 0;
	char *machine;
	struct txn txn;

	if (known && !ask) {
		env_learn_machine(env, index);
		return true;
	}
	if (!plex_identity(env->use->plex, &time, &machine, env->arena, err))
		return false;
	state_begin_cache(env->state, &txn, TXN_WRITE);
	if (strcmp(machine, index->machine) != 0 && *index->machine != '\0') {
		log_info("Plex is another server now: the caches are rebuilt");
		library_index_clear(&txn);
		match_cache_clear(&txn);
		index->count = 0;
	}
	library_index_save_server(&txn, machine, plex_url(env->use->plex));
	env->run->machine = machine;
	return store_commit(&txn, err);
}

static bool confirm(const struct env *env, enum indexer_mode mode, struct arena *a, struct err *err)
{
	struct library_list libraries;
	struct library_index index;
	struct txn txn;
	bool changed = mode == INDEXER_REBUILD, *went_back;

	state_begin_cache(env->state, &txn, TXN_READ);
	library_index_load(&txn, &index, a);
	if (!store_commit(&txn, err) || !chosen_read(env, NULL, &libraries, a, err))
		return false;
	if (libraries.n == 0)
		return err_set(err, ERR_SETUP,
			"Plex has no library of type movie; setting libraryNames can name others");
	/* A library that is new, or another one, may be another server's. */
	for (size_t i = 0; i < libraries.n; i++) {
		const struct library *library = &libraries.v[i];
		changed |= is_changed(library_index_section(&index, library->id), library);
	}
	if (!check_server(env, &index, changed, err) || !drop_others(env, &index, &libraries, err))
		return false;
	went_back = arena_array(a, libraries.n, sizeof(*went_back));
	restored_notice(env, &libraries, went_back);
	return confirm_libraries(env, &libraries, &index, mode, went_back, a, err);
}

bool indexer_confirm(const struct env *env, enum indexer_mode mode, struct err *err)
{
	int64_t begun_ms = clock_now_ms();
	struct timer timer;
	struct arena a;
	bool done;

	timer_start(&timer);
	arena_init(&a);
	lock_wait(&env->state->locks, LOCK_INDEX);
	done = confirm(env, mode, &a, err);
	if (!done && err->kind == ERR_STORE && state_reset_cache(env->state))
		done = confirm(env, mode, &a, err);
	lock_release(&env->state->locks, LOCK_INDEX);
	arena_clear(&a);
	if (done)
		env->run->confirmed_ms = begun_ms;
	stats_time(&env->run->stats, TIMING_INDEX, timer_log(&timer, "index"));
	return done;
}

/* Collects the parts that have the wanted name. */
static bool take_named(
	void *what, struct library_page *page, bool *more, struct arena *a, struct err *err)
{
	struct pass *pass = what;
	struct search *search = pass->search;

	(void)more;
	(void)a;
	(void)err;
	for (size_t i = 0; i < page->n; i++) {
		const struct item *item = &page->items[i];
		for (size_t p = 0; p < item->part_count && !item->deleted; p++) {
			struct digest name = path_name_digest(item->parts[p].path);
			struct index_part *part = &search->parts[search->count];
			if (search->count == search->limit ||
				memcmp(&name, &search->name, sizeof(name)) != 0)
				continue;
			*part = (struct index_part){.section = pass->library->id,
				.size = item->parts[p].size,
				.duration_ms = item->parts[p].duration_ms,
				.first = item->parts[p].first,
				.path = arena_strdup(search->arena, item->parts[p].path)};
			str_number(item->rating_key, &part->rating_key);
			search->count++;
		}
	}
	return true;
}

bool indexer_walk(const struct env *env, const struct request *request, const char *path,
	struct index_part *parts, size_t limit, size_t *count, struct library_list *libraries,
	struct arena *a, struct err *err)
{
	struct search search = {
		.name = path_name_digest(path), .parts = parts, .limit = limit, .arena = a};
	bool done = chosen_read(env, request, libraries, a, err);

	for (size_t l = 0; done && l < libraries->n; l++) {
		struct pass pass = {.env = env,
			.request = request,
			.library = &libraries->v[l],
			.search = &search};
		done = walk(&pass, LIBRARY_BY_ID, take_named, err);
	}
	*count = search.count;
	return done;
}
