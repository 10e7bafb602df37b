/* indexer.c - see indexer.h. */
#include "find/indexer.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "base/timer.h"
#include "find/chosen.h"
#include "state/match_cache.h"
#include "state/queue.h"

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
	size_t items, gained;
	int64_t newest_added, newest_updated;
};

/* Jobs that wait for one of these names become due. Before the rows are
 * committed: killed in between, the jobs are tried once in vain; the other way
 * round they would wait for ever. */
static bool wake_waiting(
	const struct env *env, const struct digest *names, size_t count, bool news, struct err *err)
{
	struct txn txn;
	bool waited = false;

	store_begin(&txn, env->state->queue, TXN_READ);
	for (size_t i = 0; i < count && !waited; i++)
		waited = queue_is_awaited(&txn, &names[i]);
	if (!store_commit(&txn, err))
		return false;
	if (!waited)
		return true;
	store_begin(&txn, env->state->queue, TXN_WRITE);
	for (size_t i = 0; i < count; i++)
		queue_wake(&txn, &names[i], news, clock_now_ms());
	return store_commit(&txn, err);
}

static size_t count_parts(const struct library_page *page)
{
	size_t count = 0;

	for (size_t i = 0; i < page->n; i++)
		count += page->items[i].part_count;
	return count;
}

/* Writes the rows of a page; 'names' gets those of parts that were not known. */
static size_t put_rows(
	struct pass *pass, const struct library_page *page, struct txn *txn, struct digest *names)
{
	size_t gained = 0;

	for (size_t i = 0; i < page->n; i++) {
		const struct item *item = &page->items[i];
		struct index_part part = {.section = pass->section.id};
		if (item->deleted || !str_number(item->rating_key, &part.rating_key))
			continue;
		for (size_t p = 0; p < item->part_count; p++) {
			part.path = item->parts[p].path;
			part.size = item->parts[p].size;
			part.first = item->parts[p].first;
			if (!library_index_put(txn, &pass->section, pass->generation, &part))
				continue;
			names[gained] = path_name_digest(part.path);
			match_cache_forget_name(txn, &names[gained++]);
		}
		if (item->added > pass->newest_added)
			pass->newest_added = item->added;
		if (item->updated > pass->newest_updated)
			pass->newest_updated = item->updated;
	}
	return gained;
}

static bool store_page(
	struct pass *pass, const struct library_page *page, struct arena *a, struct err *err)
{
	struct digest *names = arena_array(a, count_parts(page), sizeof(*names));
	struct txn txn;
	size_t gained;

	state_begin_cache(pass->env->state, &txn, TXN_WRITE);
	gained = put_rows(pass, page, &txn, names);
	if (gained > 0)
		library_index_note_gain(&txn);
	if (!wake_waiting(pass->env, names, gained, true, err)) {
		store_abort(&txn);
		return false;
	}
	pass->items += page->n;
	pass->gained += gained;
	if (!store_commit(&txn, err))
		return false;
	/* Once more: a job may have begun to wait while the rows were not there yet. */
	return wake_waiting(pass->env, names, gained, true, err);
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
	/* What is stored of another library under this number counts no more. */
	if (pass->stored != NULL && pass->changed) {
		struct index_section old = *pass->stored;
		old.complete = false;
		library_index_save_section(&txn, &old);
	}
	return store_commit(&txn, err);
}

/* Waiting jobs whose file is in the rows that count from now on. */
static bool wake_by_index(const struct env *env, struct err *err)
{
	struct digest name = {{0}};
	struct library_index index;
	struct arena a;
	struct txn txn;
	bool done = true;
	enum lookup found;

	arena_init(&a);
	state_begin_cache(env->state, &txn, TXN_READ);
	library_index_load(&txn, &index, &a);
	do {
		struct txn queue;
		store_begin(&queue, env->state->queue, TXN_READ);
		found = queue_next_awaited(&queue, &name);
		store_abort(&queue);
		if (found == FOUND && library_index_has_name(&txn, &index, &name))
			done = wake_waiting(env, &name, 1, false, err);
	} while (found == FOUND && done);
	store_abort(&txn);
	arena_clear(&a);
	return done;
}

/* Removes rows of other generations, a few thousand at a time. */
static void drop_old(const struct env *env, int section, uint32_t generation)
{
	struct index_position position = {{0}, false};
	struct txn txn;
	bool more = true;

	while (more) {
		state_begin_cache(env->state, &txn, TXN_WRITE);
		more = library_index_drop_old(&txn, section, generation, &position, DROP_ROWS);
		if (!store_commit(&txn, NULL))
			return;
	}
}

static bool read_page(struct pass *pass, enum library_order order, int64_t start,
	struct library_page *page, struct arena *a, struct err *err)
{
	struct plex_time time = request_plex_time(pass->request, LIMIT_PAGE_MS);

	return library_page(pass->env->use->plex, pass->library, order, start, LIMIT_PAGE_ITEMS,
		&time, page, a, err);
}

/* Fewer items than the total that the same answers tell: not all of them. */
static bool ended_early(const struct library *library, struct err *err)
{
	err_set(err, ERR_SERVER, "library %s: the listing ended early", library->title);
	err->party = PARTY_PLEX;
	return false;
}

/* The store is full: the library stays incomplete, said once, and its files
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

/* One walk through the library. *moved: its total changed meanwhile, so that an
 * item may have slipped from a page that was to come into one that was read. */
static bool walk_once(struct pass *pass, bool *moved, struct err *err)
{
	struct library_page page;
	int64_t start = 0, total = -1;
	struct arena a;
	bool more = true, done = true;

	arena_init(&a);
	pass->items = 0;
	*moved = false;
	while (more && done) {
		done = read_page(pass, LIBRARY_BY_ID, start, &page, &a, err) &&
		       store_page(pass, &page, &a, err);
		if (done && page.received == 0 && start < page.total)
			done = ended_early(pass->library, err);
		start += done ? (int64_t)page.received : 0;
		more = done && start < page.total;
		*moved |= done && total >= 0 && total != page.total;
		total = page.total;
		log_trace("Library \"%s\": %lld of %lld items", pass->library->title,
			(long long)start, done ? (long long)page.total : 0);
		arena_clear(&a);
	}
	return done;
}

/* A library that grows while it is read is read once more; rows that are there
 * already are written again. */
static bool write_generation(struct pass *pass, bool *moved, struct err *err)
{
	return walk_once(pass, moved, err) && (!*moved || walk_once(pass, moved, err));
}

/* Reads the library as a whole into a new generation, then switches to it. */
static bool full_pass(struct pass *pass, int64_t total, struct err *err)
{
	struct index_section *section = &pass->section;
	int64_t begun_us = clock_us();
	int64_t begun_ms = clock_now_ms();
	bool moved;

	if (!begin_generation(pass, err) || !write_generation(pass, &moved, err))
		return err->status == STORE_FULL ? give_up_library(pass, err) : false;
	section->full_pass_ms = begun_ms;
	section->generation = pass->generation;
	section->complete = true;
	section->too_large = false;
	section->confirmed_ms = begun_ms;
	/* As they were before the walk: what moved since is found next time. */
	section->counter = moved ? "" : pass->library->counter;
	section->total = total;
	section->newest_added = pass->newest_added;
	section->newest_updated = pass->newest_updated;
	if (!save_section(pass, err))
		return false;
	drop_old(pass->env, section->id, section->generation);
	if (!wake_by_index(pass->env, err))
		return false;
	log_info("Library \"%s\": %zu items read in %.1f s", pass->library->title, pass->items,
		(double)(clock_us() - begun_us) / 1e6);
	return true;
}

/* Reads what is newer than the stamps, newest first. Stamps are in seconds, so
 * the second of the stamp itself is read again. */
static bool read_new(
	struct pass *pass, enum library_order order, int64_t stamp, bool *any, struct err *err)
{
	struct library_page page;
	int64_t start = 0;
	struct arena a;
	bool more = true, done = true;

	arena_init(&a);
	while (more && done) {
		done = read_page(pass, order, start, &page, &a, err);
		more = done && page.received > 0;
		for (size_t i = 0; done && i < page.n; i++) {
			const struct item *item = &page.items[i];
			int64_t at = order == LIBRARY_NEWEST_ADDED ? item->added : item->updated;
			*any |= at > stamp;
			if (at < stamp) {
				page.n = i;
				more = false;
			}
		}
		if (done)
			done = store_page(pass, &page, &a, err);
		start += done ? (int64_t)page.received : 0;
		more = more && done && start < page.total;
		arena_clear(&a);
	}
	return done;
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

static int64_t pass_age_ms(const struct index_section *section)
{
	return clock_age_ms(clock_now_ms(), section->full_pass_ms);
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
	struct indexer_facts facts = {.pass_age_ms = pass_age_ms(section)};
	int64_t begun_ms = clock_now_ms();
	bool explained;

	pass->generation = section->generation;
	pass->newest_added = section->newest_added;
	pass->newest_updated = section->newest_updated;
	if (!read_new(pass, LIBRARY_NEWEST_ADDED, section->newest_added, &change.any_new, err) ||
		!read_new(pass, LIBRARY_NEWEST_UPDATED, section->newest_updated, &change.any_new,
			err))
		return err->status == STORE_FULL ? give_up_library(pass, err) : false;
	change.gained = pass->gained;
	explained = indexer_explains(&change);
	if (!explained && indexer_decide(&facts) == INDEXER_PASS)
		return full_pass(pass, total, err);
	if (explained) { /* else the full pass is still owed */
		section->counter = pass->library->counter;
		section->total = total;
	}
	section->newest_added = pass->newest_added;
	section->newest_updated = pass->newest_updated;
	section->confirmed_ms = begun_ms;
	return save_section(pass, err);
}

/* Another library under the same number, or one that was set up differently. */
static bool is_changed(const struct index_section *section, const struct library *library)
{
	return strcmp(section->uuid, library->uuid) != 0 ||
	       strcmp(section->scanner, library->scanner) != 0 ||
	       strcmp(section->type, library->type) != 0 ||
	       !str_list_same(&section->locations, &library->locations);
}

static bool forget_matches(const struct env *env, int section, struct err *err)
{
	struct txn txn;

	state_begin_cache(env->state, &txn, TXN_WRITE);
	match_cache_forget_section(&txn, section);
	return store_commit(&txn, err);
}

static bool read_total(
	const struct env *env, const struct library *library, int64_t *total, struct err *err)
{
	struct plex_time time = request_plex_time(NULL, LIMIT_REQUEST_MS);
	struct library_page page;
	struct arena a;
	bool done;

	arena_init(&a);
	done = library_page(env->use->plex, library, LIBRARY_BY_ID, 0, 0, &time, &page, &a, err);
	arena_clear(&a);
	*total = done ? page.total : 0;
	return done;
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

static bool confirm_library(const struct env *env, const struct library *library,
	const struct library_index *index, enum indexer_mode mode, struct err *err)
{
	const struct index_section *stored = library_index_section(index, library->id);
	struct pass pass = {.env = env,
		.library = library,
		.stored = stored,
		.section = described(stored, library),
		.changed = stored == NULL || is_changed(stored, library)};
	struct indexer_facts facts = {.mode = mode,
		.changed = pass.changed,
		.complete = pass.section.complete,
		.pass_age_ms = pass_age_ms(&pass.section)};
	int64_t begun_ms = clock_now_ms(), total;

	if (!read_total(env, library, &total, err))
		return false;
	facts.moved = is_moved(&pass.section, library, total);
	if (pass.changed && stored != NULL && !forget_matches(env, library->id, err))
		return false;
	switch (indexer_decide(&facts)) {
	case INDEXER_PASS:
		return full_pass(&pass, total, err);
	case INDEXER_READ_NEW:
		return read_changes(&pass, total, err);
	case INDEXER_CURRENT:
		pass.section.confirmed_ms = begun_ms;
		return save_section(&pass, err);
	case INDEXER_LEAVE:
	default:
		return true;
	}
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

	if (known && !ask)
		return true;
	if (!plex_identity(env->use->plex, &time, &machine, env->arena, err))
		return false;
	state_begin_cache(env->state, &txn, TXN_WRITE);
	if (strcmp(machine, index->machine) != 0 && *index->machine != '\0') {
		log_info("Plex is another server now: the caches are built anew");
		library_index_clear(&txn);
		match_cache_clear(&txn);
		index->count = 0;
	}
	library_index_save_server(&txn, machine, plex_url(env->use->plex));
	env->run->machine = machine;
	return store_commit(&txn, err);
}

static bool any_changed(const struct library_index *index, const struct library_list *libraries)
{
	for (size_t i = 0; i < libraries->n; i++) {
		const struct index_section *stored = library_index_section(
			index, libraries->v[i].id);
		if (stored == NULL || is_changed(stored, &libraries->v[i]))
			return true;
	}
	return false;
}

static bool confirm(const struct env *env, enum indexer_mode mode, struct arena *a, struct err *err)
{
	struct library_list libraries;
	struct library_index index;
	struct txn txn;

	state_begin_cache(env->state, &txn, TXN_READ);
	library_index_load(&txn, &index, a);
	if (!store_commit(&txn, err) || !chosen_read(env, NULL, &libraries, a, err))
		return false;
	if (libraries.n == 0)
		return err_set(err, ERR_SETUP,
			"Plex has no library of type movie; setting libraryNames can name others");
	/* A library that is new, or another one, may be another server's. */
	if (!check_server(
		    env, &index, mode == INDEXER_REBUILD || any_changed(&index, &libraries), err) ||
		!drop_others(env, &index, &libraries, err))
		return false;
	for (size_t i = 0; i < libraries.n; i++) {
		if (!confirm_library(env, &libraries.v[i], &index, mode, err))
			return false;
	}
	return true;
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

/* Collects the parts of one item that have the wanted name. */
static void collect(const struct item *item, int section, const struct digest *wanted,
	struct index_part *parts, size_t limit, size_t *count, struct arena *a)
{
	for (size_t p = 0; p < item->part_count && *count < limit && !item->deleted; p++) {
		struct digest name = path_name_digest(item->parts[p].path);
		struct index_part *part = &parts[*count];
		if (memcmp(&name, wanted, sizeof(name)) != 0)
			continue;
		*part = (struct index_part){.section = section,
			.size = item->parts[p].size,
			.first = item->parts[p].first,
			.path = arena_strdup(a, item->parts[p].path)};
		str_number(item->rating_key, &part->rating_key);
		(*count)++;
	}
}

static bool walk_library(const struct env *env, const struct request *request,
	const struct library *library, const struct digest *wanted, struct index_part *parts,
	size_t limit, size_t *count, struct arena *a, struct err *err)
{
	struct pass pass = {.env = env, .request = request, .library = library};
	struct library_page page = {0};
	int64_t start = 0;
	struct arena page_arena;
	bool done = true;

	arena_init(&page_arena);
	do {
		done = read_page(&pass, LIBRARY_BY_ID, start, &page, &page_arena, err);
		for (size_t i = 0; done && i < page.n; i++)
			collect(&page.items[i], library->id, wanted, parts, limit, count, a);
		if (done && page.received == 0 && start < page.total)
			done = ended_early(library, err);
		start += done ? (int64_t)page.received : 0;
		arena_clear(&page_arena);
	} while (done && start < page.total);
	return done;
}

bool indexer_walk(const struct env *env, const struct request *request, const char *path,
	struct index_part *parts, size_t limit, size_t *count, struct library_list *libraries,
	struct arena *a, struct err *err)
{
	struct digest wanted = path_name_digest(path);

	*count = 0;
	if (!chosen_read(env, request, libraries, a, err))
		return false;
	for (size_t l = 0; l < libraries->n; l++) {
		if (!walk_library(
			    env, request, &libraries->v[l], &wanted, parts, limit, count, a, err))
			return false;
	}
	return true;
}
