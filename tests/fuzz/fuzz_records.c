/*
 * fuzz_records.c - a stored record of any bytes: its first byte says whose. It is
 * read, or taken for absent; what was read and written back is read the same.
 *
 * The store lies in a folder that is removed as soon as it is open. Everything
 * happens in transactions that are never committed.
 */
#include "fuzz.h"

#include <ftw.h>
#include <stdio.h>

#include "base/path.h"
#include "state/activity.h"
#include "state/art.h"
#include "state/breaker.h"
#include "state/choice.h"
#include "state/drain_record.h"
#include "state/history.h"
#include "state/library_index.h"
#include "state/look.h"
#include "state/match_cache.h"
#include "state/pace.h"
#include "state/tag_cover.h"
#include "state/queue.h"
#include "state/recent.h"
#include "state/remembered.h"
#include "state/state.h"
#include "state/tables.h"
#include "state/stats.h"
#include "state/owed.h"
#include "state/trouble.h"

#define SCENE  7
#define NOW_MS INT64_C(1700000000000)
#define PATH   "/films/Harbour Lights.mp4"

static struct state state;
static struct arena arena;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void open_state(void)
{
	const char *base = getenv("TMPDIR");
	char dir[512];
	struct err err;

	snprintf(dir, sizeof(dir), "%s/plexsync-fuzz-XXXXXX", base && *base ? base : "/tmp");
	if (mkdtemp(dir) == NULL || !state_open(&state, dir, &err) || state_cache(&state) == NULL)
		abort();
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void put(struct txn *txn, unsigned db, struct bytes key, struct bytes record)
{
	/* With nothing in it, LMDB wants an address all the same. */
	store_put(txn, db, key, record.len > 0 ? record : (struct bytes){"", 0});
	assert(!txn->failed);
}

static void put_named(struct txn *txn, unsigned db, const char *name, struct bytes record)
{
	put(txn, db, (struct bytes){name, strlen(name)}, record);
}

/* The bytes as they are now, in the arena. */
static struct bytes stored(struct txn *txn, unsigned db, struct bytes key)
{
	struct bytes value;

	assert(store_get(txn, db, key, &value) == FOUND);
	return (struct bytes){arena_strndup(&arena, value.data, value.len), value.len};
}

static bool same(struct bytes x, struct bytes y)
{
	return x.len == y.len && memcmp(x.data, y.data, x.len) == 0;
}

static void try_fields(struct txn *txn, struct bytes record)
{
	struct fields fields, first;
	struct record r;

	(void)txn;
	record_read(&r, record, &arena);
	fields_record_1(&r, &first);
	record_read(&r, record, &arena);
	fields_record(&r, &fields, &first);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		assert(!first.v[f].known || first.v[f].text != NULL);
		assert(!fields.v[f].known || fields.v[f].text != NULL);
	}
}

/* What may become of a job, whatever its record said. */
static void settle_job(struct txn *txn, const struct job *job, uint8_t how)
{
	struct queue_counts counts;
	struct job now;

	switch (how % 5) {
	case 0:
		queue_ack(txn, job);
		break;
	case 1:
		queue_defer(txn, job, NOW_MS + queue_backoff_ms(job->attempts, SCENE), "later");
		break;
	case 2:
		queue_wait(txn, job, "waits");
		break;
	case 3:
		queue_fail(txn, job, "failed");
		break;
	default:
		queue_keep(txn, job, NOW_MS, "kept");
	}
	if (job->name_count > 0)
		queue_wake(txn, &job->names[0], NOW_MS);
	queue_count(txn, NOW_MS, &counts);
	assert(counts.ready + counts.waiting + counts.failed <= 1);
	assert((queue_get(txn, SCENE, &now, &arena) == FOUND) == (how % 5 != 0));
}

static void try_job(struct txn *txn, struct bytes record)
{
	struct event event = {.scene = SCENE, .origin = ORIGIN_SWEEP};
	unsigned char key[8];
	struct job job, pushed;
	uint8_t how = record.len > 0 ? ((const uint8_t *)record.data)[record.len - 1] : 0;

	put(txn, QUEUE_JOBS, record_key(key, SCENE), record);
	assert(queue_get(txn, SCENE, &job, &arena) == FOUND && job.scene == SCENE);
	assert(job.path != NULL && job.reason != NULL && job.state <= JOB_FAILED);
	if (how & 0x80)
		settle_job(txn, &job, how);
	queue_add(txn, &event, NOW_MS);
	assert(queue_get(txn, SCENE, &pushed, &arena) == FOUND && !pushed.damaged);
	assert(pushed.state == JOB_READY && pushed.attempts == 0 && pushed.name_count == 0);
	assert(queue_due(txn, NOW_MS, 0) && queue_ready(txn) == 1);
	queue_remove(txn, SCENE);
	assert(!queue_due(txn, NOW_MS, 0) && queue_ready(txn) == 0);
}

static void try_history(struct txn *txn, struct bytes record)
{
	struct bytes key = {"machine/42", 10}, first, second;
	struct history history;

	put(txn, QUEUE_ITEMS, key, record);
	assert(history_get(txn, "machine", "42", &history, &arena) == FOUND);
	history_put(txn, "machine", "42", &history);
	first = stored(txn, QUEUE_ITEMS, key);
	assert(history_get(txn, "machine", "42", &history, &arena) == FOUND);
	assert(!history.unreadable);
	history_put(txn, "machine", "42", &history);
	second = stored(txn, QUEUE_ITEMS, key);
	assert(same(first, second));
}

static void try_scene(struct txn *txn, struct bytes record)
{
	struct history_scene scene;
	unsigned char key[8];

	put(txn, QUEUE_SCENES, record_key(key, SCENE), record);
	if (history_scene_get(txn, SCENE, &scene, &arena) == FOUND) {
		struct bytes first;
		assert(scene.count <= LIMIT_ITEMS);
		assert(scene.updated != NULL && scene.cover_etag != NULL);
		assert(scene.cover_sha1 != NULL);
		history_scene_put(txn, SCENE, &scene);
		first = stored(txn, QUEUE_SCENES, record_key(key, SCENE));
		assert(history_scene_get(txn, SCENE, &scene, &arena) == FOUND);
		history_scene_put(txn, SCENE, &scene);
		assert(same(first, stored(txn, QUEUE_SCENES, record_key(key, SCENE))));
		for (size_t i = 0; i < scene.count; i++)
			assert(history_owns(
				txn, SCENE, scene.items[i].machine, scene.items[i].rating_key));
	}
	history_forget_scene(txn, SCENE);
	assert(!txn->failed && history_scene_get(txn, SCENE, &scene, &arena) == ABSENT);
}

static void try_choice(struct txn *txn, struct bytes record)
{
	unsigned char key[8];
	struct choice choice, again;

	put(txn, QUEUE_CHOICES, record_key(key, SCENE), record);
	choice_get(txn, SCENE, &choice, &arena);
	assert(choice.kind < CHOICE_KINDS && choice.unreadable == (choice.kind == CHOICE_AUTO));
	assert(choice_number(txn, SCENE, "machine", "42") == 0 ||
		choice_is(&choice, "machine", "42"));
	choice_put(txn, SCENE, &choice, NOW_MS);
	choice_get(txn, SCENE, &again, &arena);
	assert(!again.unreadable && again.kind == choice.kind);
	if (choice.kind == CHOICE_ITEM)
		assert(choice_is(&again, choice.machine, choice.rating_key));
	choice_put(txn, SCENE, &(struct choice){.kind = CHOICE_AUTO}, NOW_MS);
	choice_get(txn, SCENE, &again, &arena);
	assert(again.kind == CHOICE_AUTO && !again.unreadable);
}

static void try_activity(struct txn *txn, struct bytes record)
{
	struct activity entry;
	unsigned char key[8];

	put(txn, QUEUE_ACTIVITY, record_key(key, 1), record);
	put_named(txn, QUEUE_META, "activity", record);
	if (activity_get(txn, 1, &entry, &arena) == FOUND) {
		struct bytes first;
		assert(entry.count <= LIMIT_ITEMS && entry.result < ACTIVITY_RESULTS);
		assert(entry.title != NULL && entry.reason != NULL);
		activity_has_changes(&entry);
		activity_put(txn, &entry);
		first = stored(txn, QUEUE_ACTIVITY, record_key(key, 1));
		assert(activity_get(txn, 1, &entry, &arena) == FOUND);
		activity_put(txn, &entry);
		assert(same(first, stored(txn, QUEUE_ACTIVITY, record_key(key, 1))));
	}
	assert(activity_older(txn, 0, &entry, &arena) != FAILED);
}

static void try_match(struct txn *txn, struct bytes record)
{
	struct digest name = path_name_digest(PATH), path = digest_text(PATH),
		      both[2] = {name, path};
	struct bytes key = {both, sizeof(both)}, first, second;
	struct match_entry entry;

	put(txn, CACHE_MATCHES, key, record);
	if (match_cache_get(txn, PATH, &entry, &arena) == FOUND) {
		assert(entry.count <= LIMIT_ITEMS);
		match_cache_put(txn, PATH, &entry);
		first = stored(txn, CACHE_MATCHES, key);
		assert(match_cache_get(txn, PATH, &entry, &arena) == FOUND);
		match_cache_put(txn, PATH, &entry);
		second = stored(txn, CACHE_MATCHES, key);
		assert(same(first, second));
	}
	match_cache_forget_section(txn, 1);
	match_cache_forget(txn, PATH);
	assert(match_cache_get(txn, PATH, &entry, &arena) == ABSENT);
}

static void try_section(struct txn *txn, struct bytes record)
{
	struct bytes key = {"\0\0\0\0\0\0\0\3", 8}, first, second;
	struct library_index index;

	put(txn, CACHE_SECTIONS, key, record);
	assert(library_index_load(txn, &index, &arena) && index.count <= 1);
	if (index.count == 0)
		return;
	assert(library_index_section(&index, 3) == index.sections);
	library_index_save_section(txn, index.sections);
	first = stored(txn, CACHE_SECTIONS, key);
	assert(library_index_load(txn, &index, &arena) && index.count == 1);
	library_index_save_section(txn, index.sections);
	second = stored(txn, CACHE_SECTIONS, key);
	assert(same(first, second));
}

/* A size, flags, and what these say follows. */
static bool is_row(struct bytes record)
{
	uint8_t flags = record.len > 8 ? ((const uint8_t *)record.data)[8] : 0;

	return record.len >= 9u + (flags & 2 ? 4 : 0) + (flags & 4 ? 1 : 0);
}

/* A row of the index: of the path's and the library's key, and of any value. */
static void try_part(struct txn *txn, struct bytes record)
{
	static const unsigned char wrong[] = "no key of a row";
	struct index_section section = {.id = 3, .generation = 1};
	struct library_index index = {.sections = &section, .count = 1};
	struct index_part part = {.section = 3, .rating_key = 42, .path = PATH}, found[4];
	struct index_position position = {{0}};
	struct bytes from = {"", 0}, key, value;

	library_index_put(txn, &section, 1, &part);
	assert(store_seek(txn, CACHE_PARTS, from, false, &key, &value) == FOUND);
	key = (struct bytes){arena_strndup(&arena, key.data, key.len), key.len};
	put(txn, CACHE_PARTS, key, record);
	assert(library_index_by_path(txn, &index, PATH, found, 4, &arena) == is_row(record));
	assert(library_index_by_name(txn, &index, PATH, found, 4, &arena) == is_row(record));
	put(txn, CACHE_PARTS, (struct bytes){wrong, sizeof(wrong)}, record);
	for (int i = 0; library_index_drop_old(txn, 3, 0, &position, 8); i++)
		assert(i < 8);
	assert(library_index_rows(txn) == 0);
}

static void try_cache_meta(struct txn *txn, struct bytes record)
{
	struct match_cache_size size;
	struct library_index index;

	put_named(txn, CACHE_META, "server", record);
	put_named(txn, CACHE_META, "gains", record);
	put_named(txn, CACHE_META, "generation", record);
	assert(library_index_load(txn, &index, &arena));
	assert(index.machine != NULL && index.url != NULL);
	library_index_save_server(txn, index.machine, index.url);
	library_index_gains(txn);
	assert(library_index_new_generation(txn) != library_index_new_generation(txn));
	match_cache_size(txn, &size);
	match_cache_forget(txn, PATH);
}

static void try_stats(struct txn *txn, struct bytes record)
{
	struct stats stats, ours = {.counters = {0}};

	put_named(txn, QUEUE_META, "stats", record);
	stats_load(txn, &stats);
	for (size_t i = 0; i < TIMING_COUNT; i++)
		assert(stats_percentile(&stats.timing[i], 95) >= 0);
	stats_time(&ours, TIMING_SYNC, 1500);
	stats_add(txn, &ours, &stats, 0);
}

static void try_drainer(struct txn *txn, struct bytes record)
{
	struct drain_record drainer;

	put_named(txn, QUEUE_META, "drain", record);
	drain_record_load(txn, &drainer);
	assert(drainer.state <= DRAIN_RUNNING);
	drain_record_decide(&drainer, false, true, true, false, true, NOW_MS);
}

static void try_breaker(struct txn *txn, struct bytes record)
{
	struct breaker breaker;

	put_named(txn, QUEUE_META, "breaker", record);
	breaker_load(txn, &breaker);
	assert(breaker_word(&breaker, NOW_MS) != NULL);
	breaker = breaker_tripped(&breaker, NOW_MS, 0);
	breaker_save(txn, &breaker);
	breaker_load(txn, &breaker);
	assert(breaker.open && !breaker_allows(&breaker, NOW_MS));
	breaker = breaker_closed(&breaker, NOW_MS);
	breaker_save(txn, &breaker);
	breaker_load(txn, &breaker);
	assert(!breaker.open);
}

static void try_trouble(struct txn *txn, struct bytes record)
{
	struct trouble trouble;
	bool known;

	put_named(txn, QUEUE_META, "trouble", record);
	trouble_load(txn, &trouble, &arena);
	assert(trouble.text != NULL);
	trouble_is_of_others(&trouble, 1);
	known = strcmp(trouble.text, "a setting") == 0 && trouble.settings == 1;
	assert(trouble_note(txn, "a setting", 1, NOW_MS) == !known);
	trouble_load(txn, &trouble, &arena);
	assert(trouble_blocks(&trouble, NOW_MS) && trouble_is_of_others(&trouble, 2));
	assert(!trouble_is_of_others(&trouble, 1));
	trouble_clear(txn);
	trouble_load(txn, &trouble, &arena);
	assert(!trouble_blocks(&trouble, NOW_MS) && !trouble_is_of_others(&trouble, 2));
}

static void try_queue_meta(struct txn *txn, struct bytes record)
{
	struct digest digest = digest_text("an edit");
	struct event event = {.scene = SCENE};
	struct remembered remembered;

	put_named(txn, QUEUE_META, "settings", record);
	put_named(txn, QUEUE_META, "events", record);
	put(txn, QUEUE_BULK, (struct bytes){digest.bytes, sizeof(digest.bytes)}, record);
	remembered_load(txn, &remembered, &arena);
	assert(recent_edit_ms(txn, &digest, NOW_MS) <= NOW_MS);
	recent_note_edit(txn, &digest, NOW_MS);
	assert(recent_edit_ms(txn, &digest, NOW_MS) == NOW_MS);
	queue_add(txn, &event, NOW_MS);
}

/* A row of QUEUE_ENTITIES: the key's length first, then key and value. */
static void try_entity(struct txn *txn, struct bytes record)
{
	const char *data = record.data;
	size_t len = record.len > 0 ? (unsigned char)data[0] % 12 : 0;
	struct owed_entity entity;
	enum lookup found;

	if (len > 0 && record.len > len)
		put(txn, QUEUE_ENTITIES, (struct bytes){data + 1, len},
			(struct bytes){data + 1 + len, record.len - 1 - len});
	found = owed_next(txn, &entity);
	assert(found != FAILED);
	if (found == FOUND)
		owed_done(txn, &entity);
	assert(owed_next(txn, &entity) == ABSENT);
	owed_add(txn, 1, SCENE);
	assert(owed_next(txn, &entity) == FOUND && entity.noun == 1 && entity.id == SCENE);
	owed_add(txn, 1, SCENE);
	owed_done(txn, &entity);
	assert(owed_next(txn, &entity) == FOUND);
	owed_done(txn, &entity);
	assert(owed_next(txn, &entity) == ABSENT);
}

static void try_sweeps(struct txn *txn, struct bytes record)
{
	struct owed_position position = {.kind = 5, .after = 200, .begun_ms = NOW_MS}, now;

	put_named(txn, QUEUE_META, "sweep-all", record);
	put_named(txn, QUEUE_META, "sweep", record);
	owed_all_due(txn, NOW_MS);
	/* Whatever it said, a day later it is due. */
	owed_all_done(txn, NOW_MS);
	assert(owed_all_due(txn, NOW_MS + LIMIT_SWEEP_MS));
	owed_all_begin(txn, NOW_MS);
	assert(!owed_all_due(txn, NOW_MS));
	owed_add_all(txn);
	owed_all_done(txn, NOW_MS);
	assert(owed_all_due(txn, NOW_MS));
	if (owed_position(txn, 5, NOW_MS, &now) == FOUND)
		assert(now.kind == 5 && now.after > 0 && now.begun_ms <= NOW_MS);
	owed_save_position(txn, &position);
	assert(owed_position(txn, 5, NOW_MS, &now) == FOUND && now.after == 200);
	position.after = 0;
	owed_save_position(txn, &position);
	assert(owed_position(txn, 5, NOW_MS, &now) == ABSENT);
}

static void try_tags(struct txn *txn, struct bytes record)
{
	struct tag_cover cover, again;

	put_named(txn, QUEUE_META, "tags", record);
	if (tag_cover_get(txn, &cover, &arena) == FOUND) {
		tag_ids_has(&cover.only, NOW_MS);
		tag_ids_has(&cover.ignored, cover.newest);
		tag_cover_put(txn, &cover);
		assert(tag_cover_get(txn, &again, &arena) == FOUND);
		assert(again.only.n == cover.only.n && again.newest == cover.newest);
	}
	tag_cover_forget(txn);
	assert(tag_cover_get(txn, &again, &arena) == ABSENT && again.edits == cover.edits + 1);
	tag_cover_put(txn, &cover); /* a tag was edited since */
	assert(tag_cover_get(txn, &again, &arena) == ABSENT);
}

static void try_look(struct txn *txn, struct bytes record)
{
	struct digest name = path_name_digest(PATH);
	struct event event = {.scene = SCENE};
	struct look look;
	struct job job;

	put_named(txn, QUEUE_META, "look", record);
	assert(!look_due(txn, NOW_MS)); /* whatever it says: nothing waits */
	look_load(txn, &look);
	look_next_ms(look.begun_ms, NOW_MS);
	queue_add(txn, &event, NOW_MS);
	assert(queue_get(txn, SCENE, &job, &arena) == FOUND);
	job.names = &name;
	job.name_count = 1;
	queue_wait(txn, &job, "waits");
	look_due(txn, NOW_MS);
	look_done(txn, NOW_MS);
	assert(!look_due(txn, NOW_MS) && look_due(txn, NOW_MS + LIMIT_SWEEP_MS));
	look_begin(txn, NOW_MS);
	look_soon(txn, NOW_MS);
	assert(!look_due(txn, NOW_MS) && look_due(txn, NOW_MS + LIMIT_LOOK_FIRST_MS));
	look_failed(txn, NOW_MS);
	assert(!look_due(txn, NOW_MS));
}

static void try_pace(struct txn *txn, struct bytes record)
{
	static const struct pace_facts slow = {.out_of_time = true},
				       quick = {.plex_answered = true};
	struct pace pace;

	put_named(txn, QUEUE_META, "pace", record);
	pace_load(txn, &pace);
	pace_holds(&pace, NOW_MS);
	pace = pace_after(&pace, &slow, NOW_MS);
	pace_save(txn, &pace);
	pace_load(txn, &pace);
	assert(pace_holds(&pace, NOW_MS) && !pace_holds(&pace, NOW_MS + LIMIT_SLOW_HOLD_MS));
	pace = pace_after(&pace, &quick, NOW_MS);
	pace_save(txn, &pace);
	assert(!pace_holds(&pace, NOW_MS));
	pace_note_stash(txn, true);
	assert(!pace_note_stash(txn, true) && pace_note_stash(txn, false));
}

static void try_restored(struct txn *txn, struct bytes record)
{
	struct owed_restored owed, more = {"machine", "\"Films\"", NOW_MS, 0, 0};

	put_named(txn, QUEUE_META, "restored", record);
	if (owed_restored_get(txn, &owed, &arena) == FOUND) {
		assert(owed.machine != NULL && owed.libraries != NULL);
		assert(owed_any(txn, NOW_MS));
	}
	owed_restored_add(txn, &more);
	assert(owed_restored_get(txn, &owed, &arena) == FOUND && owed.after == 0);
	assert(strcmp(owed.machine, "machine") == 0 && owed.since_ms <= NOW_MS);
	owed_restored_done(txn);
	assert(!owed_restored_any(txn));
}

static void try_art(struct txn *txn, struct bytes record)
{
	static const char key[] = "art/\x04\0\0\0\0\0\0\0\x07\0\0\0\x01";
	unsigned char whole[sizeof(key) - 1 + DIGEST_BYTES];
	struct digest machine = digest_text("machine");
	struct art art, again, *list;

	memcpy(whole, key, sizeof(key) - 1);
	memcpy(whole + sizeof(key) - 1, machine.bytes, DIGEST_BYTES);
	put(txn, QUEUE_META, (struct bytes){whole, sizeof(whole)}, record);
	assert(art_list_all(txn, &list, &arena) <= 1);
	if (art_get(txn, 4, 7, "machine", 1, &art, &arena) != FOUND)
		art = (struct art){.rating_key = "55"};
	assert(art.rating_key != NULL);
	art.noun = 4;
	art.id = 7;
	art.machine = "machine";
	art.section = 1;
	art_put(txn, &art);
	assert(art_get(txn, 4, 7, "machine", 1, &again, &arena) == FOUND);
	assert(strcmp(again.rating_key, art.rating_key) == 0);
	art_owe_all(txn, true);
	assert(owed_any(txn, NOW_MS));
	art_owe_edited(txn, 4, 7);
	art_owe_restored(txn, "machine");
	assert(art_get(txn, 4, 7, "machine", 1, &again, &arena) == FOUND);
	assert(again.restored && again.force);
}

static const struct {
	void (*run)(struct txn *, struct bytes);
	bool cache;
} tries[] = {
	{try_fields, false},
	{try_job, false},
	{try_history, false},
	{try_scene, false},
	{try_match, true},
	{try_section, true},
	{try_part, true},
	{try_cache_meta, true},
	{try_stats, false},
	{try_drainer, false},
	{try_breaker, false},
	{try_trouble, false},
	{try_queue_meta, false},
	{try_entity, false},
	{try_sweeps, false},
	{try_look, false},
	{try_pace, false},
	{try_restored, false},
	{try_choice, false},
	{try_activity, false},
	{try_tags, false},
	{try_art, false},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t which = size > 0 ? data[0] % (sizeof(tries) / sizeof(*tries)) : 0;
	struct txn txn;

	if (state.queue == NULL)
		open_state();
	if (size == 0)
		return 0;
	arena_init(&arena);
	store_begin(&txn, tries[which].cache ? state.cache : state.queue, TXN_WRITE);
	tries[which].run(&txn, (struct bytes){data + 1, size - 1});
	assert(!txn.failed);
	store_abort(&txn);
	arena_clear(&arena);
	return 0;
}
