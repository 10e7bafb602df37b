#include "work/art.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "find/chosen.h"
#include "push/art.h"
#include "state/owed.h"
#include "state/told.h"

/* Groups and studios that are asked for at once, and how long their collections may take before
 * somebody looks whether others wait. */
#define BATCH	32
#define MOST_MS 5000

/* The collections of a library, read once. */
struct shelf {
	const struct library *library;
	bool known;
	struct collection_list collections;
	const char *wrong; /* why they cannot be listed; NULL: they can */
};

/* What Stash has. */
struct subject {
	struct stash_art stash;
	const char *wrong; /* why it cannot be said; NULL: it can */
};

struct batch {
	const struct env *env;
	bool dry_run;
	struct arena *arena;
	struct art *entries;
	size_t count;
	struct subject *subjects; /* what they are about, each once */
	size_t subject_count;
	struct shelf *shelves;
	size_t shelf_count;
};

static struct subject *subject_of(const struct batch *batch, const struct art *entry)
{
	for (size_t i = 0; i < batch->subject_count; i++) {
		struct subject *subject = &batch->subjects[i];
		if (subject->stash.noun == (enum input_noun)entry->noun &&
			subject->stash.id == entry->id)
			return subject;
	}
	return NULL;
}

/* An error that another question may not have; this one is not asked for ever. */
static bool is_ones_own(const struct err *err)
{
	return err->kind == ERR_JOB || err->kind == ERR_LATER || err->status == 400 ||
	       err->status == 422;
}

/* One of them that Stash cannot show spoils the answer for all. */
static bool ask_one_by_one(struct batch *batch, struct err *err)
{
	for (size_t i = 0; i < batch->subject_count; i++) {
		struct subject *subject = &batch->subjects[i];
		if (stash_read_art(batch->env->stash, &subject->stash, 1, request_stash_time(NULL),
			    batch->arena, err))
			continue;
		if (!is_ones_own(err))
			return false;
		subject->wrong = art_later(err, batch->arena);
	}
	return true;
}

static bool ask_stash(struct batch *batch, struct err *err)
{
	struct stash_art *all = arena_array(batch->arena, batch->count, sizeof(*all));

	batch->subjects = arena_array(batch->arena, batch->count, sizeof(*batch->subjects));
	for (size_t i = 0; i < batch->count; i++) {
		const struct art *entry = &batch->entries[i];
		if (subject_of(batch, entry) != NULL)
			continue;
		all[batch->subject_count] = (struct stash_art){
			.noun = (enum input_noun)entry->noun, .id = entry->id};
		batch->subjects[batch->subject_count] = (struct subject){
			.stash = all[batch->subject_count]};
		batch->subject_count++;
	}
	if (!stash_read_art(batch->env->stash, all, batch->subject_count, request_stash_time(NULL),
		    batch->arena, err))
		return is_ones_own(err) && ask_one_by_one(batch, err);
	for (size_t i = 0; i < batch->subject_count; i++)
		batch->subjects[i].stash = all[i];
	return true;
}

static bool find_shelves(struct batch *batch, struct err *err)
{
	struct library_list libraries;

	if (!chosen_read(batch->env, NULL, &libraries, batch->arena, err))
		return false;
	batch->shelves = arena_array(batch->arena, libraries.n, sizeof(*batch->shelves));
	for (size_t i = 0; i < libraries.n; i++)
		batch->shelves[batch->shelf_count++] = (struct shelf){.library = &libraries.v[i]};
	return true;
}

/* NULL: the settings leave the library out. */
static struct shelf *shelf_of(const struct batch *batch, const struct art *entry)
{
	for (size_t i = 0; i < batch->shelf_count; i++) {
		if (batch->shelves[i].library->id == entry->section)
			return &batch->shelves[i];
	}
	return NULL;
}

static void tell_left_out(const struct batch *batch, const struct shelf *shelf)
{
	const struct str_list *left_out = &shelf->collections.left_out;

	for (size_t i = 0; i < left_out->n; i++) {
		const char *about = arena_printf(batch->arena, "collection left out of %d: %.300s",
			shelf->library->id, left_out->v[i]);
		if (told_is_news(batch->env->state, about, "told"))
			log_warning("Plex cannot show a collection of the library \"%s\", which is "
				    "left out (%s)",
				shelf->library->title, left_out->v[i]);
	}
}

static bool read_shelf(const struct batch *batch, struct shelf *shelf, struct err *err)
{
	struct plex_time time = request_plex_time(NULL, LIMIT_PAGE_MS);

	if (shelf->known)
		return true;
	shelf->known = true;
	if (collection_read(batch->env->use->plex, shelf->library->id, &time, &shelf->collections,
		    batch->arena, err)) {
		tell_left_out(batch, shelf);
		return true;
	}
	shelf->wrong = art_later(err, batch->arena);
	return is_ones_own(err);
}

/* Said once, until it is something else. */
static void tell(struct art_case *at)
{
	struct art *entry = at->entry;
	struct digest digest = {{0}};

	if (at->trouble != NULL)
		digest = digest_text(at->trouble);
	if (memcmp(&digest, &entry->told, sizeof(digest)) == 0)
		return;
	at->changed = true;
	if (at->trouble != NULL)
		log_warning("Poster and summary of %s %lld for its collection%s%s%s (%s): %s",
			input_noun_word(at->stash->noun), (long long)at->stash->id,
			at->name ? " \"" : "", at->name ? at->name : "", at->name ? "\"" : "",
			at->library->title, at->trouble);
	entry->told = digest;
}

static bool store(const struct batch *batch, const struct art_case *at, struct err *err)
{
	const struct art *entry = at->entry;
	struct txn txn;

	if (batch->dry_run)
		return true;
	store_begin(&txn, batch->env->state->queue, TXN_WRITE);
	if (at->key != NULL)
		history_put(&txn, entry->machine, at->key, &at->after);
	if (at->forget)
		art_forget(&txn, entry);
	else
		art_put(&txn, entry);
	return store_commit(&txn, err);
}

static bool deal_with(struct batch *batch, struct art *entry, struct err *err)
{
	struct shelf *shelf = shelf_of(batch, entry);
	const struct subject *subject = subject_of(batch, entry);
	struct art_case at = {.entry = entry, .stash = &subject->stash, .dry_run = batch->dry_run};
	struct err ignored;
	bool done = true;

	if (shelf == NULL)
		return true;
	if (!read_shelf(batch, shelf, err))
		return false;
	at.library = shelf->library;
	at.collections = &shelf->collections;
	at.trouble = subject->wrong != NULL ? subject->wrong : shelf->wrong;
	if (at.trouble == NULL)
		done = art_push(batch->env, &at, batch->arena, err);
	if (done)
		tell(&at);
	if (!at.changed && !at.forget)
		return done;
	return store(batch, &at, done ? err : &ignored) && done;
}

/* Of this server; others' are dealt with when they are in use again. */
static bool is_here(const struct batch *batch, const char *machine, const struct art *entry)
{
	return batch->env->use->s.collection_art && str_eq(entry->machine, machine);
}

static void take_entries(struct batch *batch, const char *machine, struct art *list, size_t count)
{
	batch->entries = list;
	for (size_t i = 0; i < count; i++) {
		if (is_here(batch, machine, &list[i]))
			batch->entries[batch->count++] = list[i];
	}
}

/* All of them, or until *until_us; *dealt: how many. */
static bool deal_with_all(struct batch *batch, int64_t until_us, size_t *dealt, struct err *err)
{
	*dealt = 0;
	if (batch->count == 0)
		return true;
	if (!ask_stash(batch, err) || !find_shelves(batch, err))
		return false;
	while (*dealt < batch->count && (*dealt == 0 || clock_us() < until_us)) {
		if (!deal_with(batch, &batch->entries[*dealt], err))
			return false;
		++*dealt;
	}
	return true;
}

/* --- what is owed ----------------------------------------------------------------- */

/* Groups and studios. */
struct owed {
	struct owed_entity entities[BATCH];
	size_t count;
};

/* The entries of all of them, one after another. */
static bool load(const struct env *env, struct owed *owed, struct art **list, size_t *count,
	struct arena *a, struct err *err)
{
	struct art *parts[BATCH];
	size_t counts[BATCH], n = 0;
	struct txn txn;

	*count = 0;
	store_begin(&txn, env->state->queue, TXN_READ);
	owed->count = owed_from(&txn, OWED_ART, owed->entities, BATCH);
	for (size_t i = 0; i < owed->count; i++) {
		const struct owed_entity *entity = &owed->entities[i];
		counts[i] = art_list(
			&txn, (uint8_t)(entity->noun & ~OWED_ART), entity->id, &parts[i], a);
		n += counts[i];
	}
	*list = arena_array(a, n, sizeof(**list));
	for (size_t i = 0; i < owed->count; i++) {
		for (size_t j = 0; j < counts[i]; j++)
			(*list)[(*count)++] = parts[i][j];
	}
	return store_commit(&txn, err);
}

/* True if none of its entries is left over. */
static bool is_done(const struct batch *batch, size_t dealt, const struct owed_entity *entity)
{
	for (size_t i = dealt; i < batch->count; i++) {
		const struct art *entry = &batch->entries[i];
		if (entry->noun == (entity->noun & ~OWED_ART) && entry->id == entity->id)
			return false;
	}
	return true;
}

static bool note_done(
	const struct batch *batch, const struct owed *owed, size_t dealt, struct err *err)
{
	struct txn txn;

	store_begin(&txn, batch->env->state->queue, TXN_WRITE);
	for (size_t i = 0; i < owed->count; i++) {
		if (is_done(batch, dealt, &owed->entities[i]))
			owed_done(&txn, &owed->entities[i]);
	}
	return store_commit(&txn, err);
}

static bool do_owed(const struct env *env, struct owed *owed, struct arena *a, struct err *err)
{
	struct batch batch = {.env = env, .arena = a};
	const char *machine = "";
	struct art *list;
	size_t count, dealt;
	struct err ignored;
	bool done;

	if (!load(env, owed, &list, &count, a, err) || !env_read_settings(env, err))
		return false;
	if (count > 0 && env->use->s.collection_art && !env_machine(env, &machine, err))
		return false;
	take_entries(&batch, machine, list, count);
	done = deal_with_all(&batch, clock_us() + MOST_MS * 1000, &dealt, err);
	return note_done(&batch, owed, dealt, done ? err : &ignored) && done;
}

bool art_owed(const struct env *env, struct err *err)
{
	struct owed owed;
	struct arena a;
	bool done;

	arena_init(&a);
	done = do_owed(env, &owed, &a, err);
	arena_clear(&a);
	return done;
}

bool art_preview(const struct env *env, struct err *err)
{
	const char *machine = "";
	struct arena all, a;
	struct art *list;
	struct txn txn;
	size_t count, dealt;
	bool done;

	if (!env->use->s.collection_art || env->state->queue == NULL)
		return true;
	arena_init(&all);
	store_begin(&txn, env->state->queue, TXN_READ);
	count = art_list_all(&txn, &list, &all);
	done = store_commit(&txn, err) && (count == 0 || env_machine(env, &machine, err));
	for (size_t at = 0; done && at < count; at += BATCH) {
		struct batch batch = {.env = env, .dry_run = true, .arena = &a};
		arena_init(&a);
		take_entries(&batch, machine, list + at, count - at < BATCH ? count - at : BATCH);
		done = deal_with_all(&batch, INT64_MAX, &dealt, err);
		arena_clear(&a);
	}
	arena_clear(&all);
	return done;
}
