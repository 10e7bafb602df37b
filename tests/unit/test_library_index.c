/*
 * test_library_index.c - the library index: rows of generations that readers do not
 * see before the switch, look-ups by path and by name over several libraries,
 * and the sweep of old rows.
 */
#include "helpers.h"

#include "base/limits.h"
#include "base/log.h"
#include "state/library_index.h"
#include "state/state.h"
#include "state/tables.h"
#include "store/entry.h"
#include "store/record.h"

static char dir[TEMP_BYTES];
static struct state state;
static struct arena arena;
static struct txn txn;

static int setup(void **unused)
{
	struct err err;

	(void)unused;
	temp_make(dir);
	arena_init(&arena);
	if (!state_open(&state, dir, &err))
		return -1;
	store_begin(&txn, state_cache(&state), TXN_WRITE);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	store_abort(&txn);
	state_close(&state);
	arena_clear(&arena);
	temp_remove(dir);
	return 0;
}

static struct library_index load(void)
{
	struct library_index index;

	assert_true(library_index_load(&txn, &index, &arena));
	return index;
}

/* A library whose rows of that generation count. */
static struct index_section section_of(int id, uint32_t generation)
{
	struct index_section section = {.id = id, .generation = generation, .complete = true};

	library_index_save_section(&txn, &section);
	return section;
}

static enum index_row put(const struct index_section *section, uint32_t generation, int64_t key,
	const char *path, int64_t size)
{
	struct index_part part = {.section = section->id,
		.rating_key = key,
		.size = size,
		.first = true,
		.path = path};

	return library_index_put(&txn, section, generation, &part);
}

static size_t by_path(const char *path)
{
	struct library_index index = load();
	struct index_part parts[LIMIT_CANDIDATES];

	return library_index_by_path(&txn, &index, path, parts, LIMIT_CANDIDATES, &arena);
}

static size_t by_name(const char *path)
{
	struct library_index index = load();
	struct index_part parts[LIMIT_CANDIDATES];

	return library_index_by_name(&txn, &index, path, parts, LIMIT_CANDIDATES, &arena);
}

static void test_section_round_trip(void **unused)
{
	struct index_section a = {.id = 2000000000, .uuid = "u", .title = "Films", .type = "movie"};
	struct index_section b = {.id = 1}, *got;
	struct library_index index = load();

	(void)unused;
	assert_int_equal(index.count, 0);
	assert_string_equal(index.machine, "");
	assert_string_equal(index.url, "");
	a.scanner = "Plex Movie";
	str_list_init(&a.locations, &arena);
	str_list_add(&a.locations, arena_strdup(&arena, "/films"));
	str_list_add(&a.locations, arena_strdup(&arena, "C:\\Films"));
	a.generation = 0xfffffffe;
	a.complete = a.too_large = true;
	a.full_pass_ms = 1700000000000;
	a.confirmed_ms = 1700000000001;
	a.counter = "12345678901234567890";
	a.total = 1000000;
	a.newest_added = 1600000000;
	a.newest_updated = -1;
	library_index_save_section(&txn, &a);
	library_index_save_section(&txn, &b);
	library_index_save_server(&txn, "machine", "http://127.0.0.1:32400");
	index = load();
	assert_int_equal(index.count, 2);
	assert_string_equal(index.machine, "machine");
	assert_string_equal(index.url, "http://127.0.0.1:32400");
	got = library_index_section(&index, 2000000000);
	assert_string_equal(got->uuid, "u");
	assert_string_equal(got->title, "Films");
	assert_string_equal(got->type, "movie");
	assert_string_equal(got->scanner, "Plex Movie");
	assert_int_equal(got->locations.n, 2);
	assert_string_equal(got->locations.v[1], "C:\\Films");
	assert_int_equal(got->generation, 0xfffffffe);
	assert_true(got->complete && got->too_large);
	assert_int_equal(got->full_pass_ms, 1700000000000);
	assert_int_equal(got->confirmed_ms, 1700000000001);
	assert_string_equal(got->counter, "12345678901234567890");
	assert_int_equal(got->total, 1000000);
	assert_int_equal(got->newest_added, 1600000000);
	assert_int_equal(got->newest_updated, -1);
	got = library_index_section(&index, 1);
	assert_string_equal(got->title, "");
	assert_string_equal(got->counter, "");
	assert_false(got->complete);
	assert_int_equal(got->locations.n, 0);
	assert_null(library_index_section(&index, 2));
	library_index_drop_section(&txn, 1);
	library_index_drop_section(&txn, 77);
	index = load();
	assert_int_equal(index.count, 1);
	assert_null(library_index_section(&index, 1));
}

static void test_look_ups(void **unused)
{
	static const struct {
		const char *name, *path;
		size_t by_path, by_name;
	} rows[] = {
		{"exact", "/films/Harbour Lights.mkv", 1, 3},
		{"folded", "/FILMS/harbour lights.MKV", 1, 3},
		{"another folder", "/shorts/Harbour Lights.mkv", 0, 3},
		{"Windows", "C:\\Films\\Harbour Lights.mkv", 1, 3},
		{"Windows with slashes", "c:/films/harbour lights.mkv", 1, 3},
		{"name alone", "Harbour Lights.mkv", 0, 3},
		{"composed", "/films/Caf\xc3\xa9.mkv", 1, 1},
		{"decomposed", "/films/Cafe\xcc\x81.mkv", 1, 1},
		{"another name", "/films/Other.mkv", 0, 0},
		{"a part of the name", "/films/Harbour Lights.mk", 0, 0},
		{"no file name", "/films/", 0, 0},
		{"empty", "", 0, 0},
	};
	struct index_section one = section_of(1, 5), two = section_of(2, 9);
	bool ok = true;

	(void)unused;
	put(&one, 5, 10, "/films/Harbour Lights.mkv", 100);
	put(&one, 5, 11, "/films/Cafe\xcc\x81.mkv", 100);
	put(&two, 9, 20, "C:\\Films\\Harbour Lights.mkv", 200);
	put(&two, 9, 21, "/other/harbour lights.mkv", 0);
	for (size_t i = 0; i < ROWS(rows); i++) {
		ok &= row_int(
			rows[i].name, (int64_t)by_path(rows[i].path), (int64_t)rows[i].by_path);
		ok &= row_int(
			rows[i].name, (int64_t)by_name(rows[i].path), (int64_t)rows[i].by_name);
	}
	assert_true(ok);
}

static void test_what_a_row_holds(void **unused)
{
	struct index_section section = section_of(7, 1);
	struct index_part part = {.section = 7,
		.rating_key = ((int64_t)1 << 40) + 3,
		.size = ((int64_t)1 << 45) + 1,
		.duration_ms = 5062000,
		.of_many = 2,
		.path = "/films/Harbour Lights.mkv"};
	struct index_part got[2];
	struct library_index index = load();

	(void)unused;
	library_index_put(&txn, &section, 1, &part);
	for (int by = 0; by < 2; by++) {
		size_t n = by ? library_index_by_name(&txn, &index, part.path, got, 2, &arena)
			      : library_index_by_path(&txn, &index, part.path, got, 2, &arena);
		assert_int_equal(n, 1);
		assert_int_equal(got[0].section, 7);
		assert_int_equal(got[0].rating_key, part.rating_key);
		assert_int_equal(got[0].size, part.size);
		assert_int_equal(got[0].duration_ms, part.duration_ms);
		assert_int_equal(got[0].of_many, part.of_many);
		assert_false(got[0].first);
		assert_string_equal(got[0].path, part.path);
	}
	part.size = 5; /* the file grew: the same row */
	part.first = true;
	assert_int_equal(library_index_put(&txn, &section, 1, &part), INDEX_ROW_CHANGED);
	assert_int_equal(library_index_by_path(&txn, &index, part.path, got, 2, &arena), 1);
	assert_int_equal(got[0].size, 5);
	assert_true(got[0].first);
	assert_int_equal(library_index_rows(&txn), 1);
}

/* One item in two libraries, one file in two items, two parts of an item. */
static void test_same_path_several_rows(void **unused)
{
	struct index_section one = section_of(1, 1), two = section_of(2, 1);

	(void)unused;
	put(&one, 1, 10, "/films/a.mkv", 1);
	put(&one, 1, 11, "/films/a.mkv", 1);
	put(&two, 1, 10, "/films/a.mkv", 1);
	put(&one, 1, 10, "/films/b.mkv", 1);
	assert_int_equal(by_path("/films/a.mkv"), 3);
	assert_int_equal(by_name("/x/a.mkv"), 3);
	assert_int_equal(library_index_rows(&txn), 4);
}

/* Where case counts, two files can differ by it alone, also in one item. */
static void test_parts_that_differ_by_case(void **unused)
{
	struct index_section one = section_of(1, 1);

	(void)unused;
	put(&one, 1, 10, "/films/A.mkv", 1);
	put(&one, 1, 10, "/films/a.mkv", 2);
	assert_int_equal(by_path("/films/a.mkv"), 2);
}

static void test_is_new(void **unused)
{
	struct index_section section = section_of(1, 0); /* no pass has ended yet */

	(void)unused;
	assert_int_equal(put(&section, 1, 10, "/films/a.mkv", 1), INDEX_ROW_GAINED);
	/* Still not in what counts. */
	assert_int_equal(put(&section, 1, 10, "/films/a.mkv", 1), INDEX_ROW_GAINED);
	section = section_of(1, 1);
	assert_int_equal(put(&section, 1, 10, "/films/a.mkv", 1), INDEX_ROW_SAME);
	assert_int_equal(put(&section, 2, 10, "/films/a.mkv", 1), INDEX_ROW_SAME); /* next pass */
	assert_int_equal(put(&section, 2, 10, "/films/b.mkv", 1), INDEX_ROW_GAINED);
	assert_int_equal(put(&section, 2, 11, "/films/a.mkv", 1), INDEX_ROW_GAINED);
	/* Another part, where case counts. */
	assert_int_equal(put(&section, 1, 10, "/FILMS/A.mkv", 1), INDEX_ROW_GAINED);
}

static void test_is_changed(void **unused)
{
	struct index_part part = {.section = 1,
		.rating_key = 10,
		.size = 5,
		.duration_ms = 600000,
		.first = true,
		.path = "/films/a.mkv"};
	struct index_section section = section_of(1, 1);
	const struct {
		const char *name;
		int64_t size, duration_ms;
		bool first;
		enum index_row want;
		uint8_t of_many;
	} rows[] = {
		{"new", 5, 600000, true, INDEX_ROW_GAINED, 0},
		{"the same", 5, 600000, true, INDEX_ROW_SAME, 0},
		{"another size", 6, 600000, true, INDEX_ROW_CHANGED, 0},
		{"another duration", 6, 601000, true, INDEX_ROW_CHANGED, 0},
		{"no duration any more", 6, 0, true, INDEX_ROW_CHANGED, 0},
		{"a negative one is none", 6, -1, true, INDEX_ROW_SAME, 0},
		{"so is one of two months", 6, (int64_t)1 << 32, true, INDEX_ROW_SAME, 0},
		{"no longer the first", 6, 0, false, INDEX_ROW_CHANGED, 0},
		{"the same again", 6, 0, false, INDEX_ROW_SAME, 0},
		{"its item has another part", 6, 0, false, INDEX_ROW_CHANGED, 2},
		{"and a third one", 6, 0, false, INDEX_ROW_CHANGED, 3},
		{"and loses them", 6, 0, false, INDEX_ROW_CHANGED, 0},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		part.size = rows[i].size;
		part.duration_ms = rows[i].duration_ms;
		part.first = rows[i].first;
		part.of_many = rows[i].of_many;
		/* A pass says the same of a row as reading what is new does. */
		ok &= row_int(
			rows[i].name, library_index_put(&txn, &section, 2, &part), rows[i].want);
		ok &= row_int(
			rows[i].name, library_index_put(&txn, &section, 1, &part), rows[i].want);
	}
	assert_true(ok);
}

/* Rows of version 1 have no duration: they count until all of the library is read again, which
 * is due. */
static void test_previous_version(void **unused)
{
	static const unsigned char row[] = "\0\0\0\0\0\0\0\5\1/films/a.mkv";
	struct index_section section = {.id = 1,
		.generation = 1,
		.complete = true,
		.title = "Films",
		.counter = "4711",
		.full_pass_ms = 1700000000000,
		.confirmed_ms = 1700000000000,
		.total = 1};
	unsigned char key[8], old[400];
	struct index_part got;
	struct entry_each each;
	struct bytes value;
	struct library_index index;

	(void)unused;
	library_index_save_section(&txn, &section);
	assert_int_equal(store_get(&txn, CACHE_SECTIONS, record_key(key, 1), &value), FOUND);
	memcpy(old, value.data, value.len);
	assert_int_equal(old[0], 2);
	old[0] = 1;
	store_put(&txn, CACHE_SECTIONS, record_key(key, 1), (struct bytes){old, value.len});
	put(&section, 1, 10, "/films/a.mkv", 99);
	entry_each(&each, &txn, CACHE_PARTS, (struct bytes){"", 0}, INDEX_KEY);
	assert_true(entry_each_next(&each));
	store_put(&txn, CACHE_PARTS, each.key, (struct bytes){row, sizeof(row) - 1});

	index = load();
	assert_int_equal(index.count, 1);
	assert_string_equal(index.sections[0].title, "Films");
	assert_true(index.sections[0].complete);
	assert_int_equal(index.sections[0].full_pass_ms, 0);
	assert_string_equal(index.sections[0].counter, "");
	assert_int_equal(library_index_by_path(&txn, &index, "/films/a.mkv", &got, 1, &arena), 1);
	assert_int_equal(got.size, 5);
	assert_int_equal(got.duration_ms, 0);
	assert_true(got.first);
	assert_string_equal(got.path, "/films/a.mkv");
	assert_int_equal(put(&section, 2, 10, "/films/a.mkv", 5), INDEX_ROW_SAME);
	got.duration_ms = 600000; /* evidence that was not there before */
	assert_int_equal(library_index_put(&txn, &section, 2, &got), INDEX_ROW_CHANGED);
}

static void test_generations(void **unused)
{
	struct index_section section = section_of(1, 1);

	(void)unused;
	put(&section, 1, 10, "/films/old.mkv", 1);
	put(&section, 1, 11, "/films/both.mkv", 1);
	put(&section, 2, 11, "/films/both.mkv", 2);
	put(&section, 2, 12, "/films/new.mkv", 1);
	assert_int_equal(by_path("/films/old.mkv"), 1); /* before the switch: the old ones */
	assert_int_equal(by_path("/films/both.mkv"), 1);
	assert_int_equal(by_path("/films/new.mkv"), 0);
	assert_int_equal(by_name("new.mkv"), 0);
	section_of(1, 2);
	assert_int_equal(by_path("/films/old.mkv"), 0);
	assert_int_equal(by_name("old.mkv"), 0);
	assert_int_equal(by_path("/films/both.mkv"), 1);
	assert_int_equal(by_path("/films/new.mkv"), 1);
	assert_int_equal(library_index_rows(&txn), 4); /* not swept yet */
	library_index_drop_section(&txn, 1);
	assert_int_equal(by_path("/films/new.mkv"), 0);
}

/* Readers keep the old index while a pass writes, over the commit of each page. */
static void test_reader_during_a_pass(void **unused)
{
	struct index_section section = section_of(1, 1);
	struct index_part part;
	struct txn reader;
	struct library_index index;
	struct err err;

	(void)unused;
	put(&section, 1, 10, "/films/a.mkv", 1);
	assert_true(store_commit(&txn, &err));
	store_begin(&reader, state_cache(&state), TXN_READ);
	assert_true(library_index_load(&reader, &index, &arena));
	store_begin(&txn, state_cache(&state), TXN_WRITE);
	put(&section, 2, 10, "/films/b.mkv", 1);
	section_of(1, 2);
	assert_true(store_commit(&txn, &err));
	assert_int_equal(
		library_index_by_path(&reader, &index, "/films/a.mkv", &part, 1, &arena), 1);
	assert_int_equal(
		library_index_by_path(&reader, &index, "/films/b.mkv", &part, 1, &arena), 0);
	store_abort(&reader);
	store_begin(&txn, state_cache(&state), TXN_WRITE);
	assert_int_equal(by_path("/films/a.mkv"), 0);
	assert_int_equal(by_path("/films/b.mkv"), 1);
}

static void test_many_candidates(void **unused)
{
	struct index_section one = section_of(1, 2), two = section_of(2, 2);
	struct library_index index = load();
	struct index_part parts[LIMIT_CANDIDATES + 1];

	(void)unused;
	/* Old rows in between must not use up the room. */
	for (int i = 0; i < 400; i++) {
		const char *path = arena_printf(&arena, "/films/%d/video.mp4", i);
		put(&one, 1, i, path, 1);
		put(i % 2 ? &one : &two, 2, i, path, i);
	}
	parts[LIMIT_CANDIDATES].rating_key = -7;
	assert_int_equal(
		library_index_by_name(&txn, &index, "video.mp4", parts, LIMIT_CANDIDATES, &arena),
		LIMIT_CANDIDATES);
	assert_int_equal(parts[LIMIT_CANDIDATES].rating_key, -7);
	for (size_t i = 0; i < LIMIT_CANDIDATES; i++)
		assert_int_equal(parts[i].size, parts[i].rating_key);
	assert_int_equal(library_index_by_name(&txn, &index, "video.mp4", parts, 3, &arena), 3);
	assert_int_equal(library_index_by_name(&txn, &index, "video.mp4", parts, 0, &arena), 0);
	for (int64_t i = 0; i < 20; i++)
		put(&one, 2, 1000 + i, "/films/same.mkv", 1);
	assert_int_equal(
		library_index_by_path(&txn, &index, "/films/same.mkv", parts, 7, &arena), 7);
}

static void test_remove(void **unused)
{
	struct index_section section = section_of(1, 1);
	struct index_part part = {.section = 1, .rating_key = 10, .path = "/films/a.mkv"};

	(void)unused;
	put(&section, 1, 10, "/films/a.mkv", 1);
	put(&section, 1, 11, "/films/a.mkv", 1);
	library_index_remove(&txn, &section, &part);
	assert_int_equal(by_path("/films/a.mkv"), 1);
	assert_int_equal(by_name("a.mkv"), 1);
	library_index_remove(&txn, &section, &part); /* once more is harmless */
	assert_int_equal(library_index_rows(&txn), 1);
}

/* Sweeps to the end; fails if that takes for ever. */
static void sweep(int section, uint32_t generation, size_t limit)
{
	struct index_position position = {{0}};
	size_t before = library_index_rows(&txn);

	for (int calls = 0; library_index_drop_old(&txn, section, generation, &position, limit);
		calls++) {
		size_t after = library_index_rows(&txn);
		assert_in_range(before - after, 0, limit);
		before = after;
		assert_true(calls < 10000);
	}
	assert_false(txn.failed);
}

static void test_sweep(void **unused)
{
	static const size_t limits[] = {1, 2, 7, 100, 10000};

	(void)unused;
	for (size_t l = 0; l < ROWS(limits); l++) {
		struct index_section one = section_of(1, 3), two = section_of(2, 1);
		library_index_clear(&txn);
		for (int i = 0; i < 200; i++) {
			const char *path = arena_printf(&arena, "/films/%d.mkv", i);
			put(&one, 1, i, path, 1);
			put(&one, 2, i, path, 1);
			put(&one, 3, i, path, 1);
			put(&two, 1, i, path, 1);
			put(&one, 1, i, "/films/one-name.mkv", 1);
		}
		assert_int_equal(library_index_rows(&txn), 1000);
		sweep(1, 3, limits[l]);
		assert_int_equal(library_index_rows(&txn), 400);
		one = section_of(1, 3);
		two = section_of(2, 1);
		for (int i = 0; i < 200; i++)
			assert_int_equal(by_path(arena_printf(&arena, "/films/%d.mkv", i)), 2);
		sweep(1, 0, limits[l]); /* a library that was dropped */
		assert_int_equal(library_index_rows(&txn), 200);
		sweep(9, 0, limits[l]); /* one that never was */
		assert_int_equal(library_index_rows(&txn), 200);
		sweep(2, 1, limits[l]); /* nothing to do */
		assert_int_equal(library_index_rows(&txn), 200);
	}
}

/* A key of no length of ours goes, whatever its length is. */
static int run_sweep_wrong_key(struct child *parent, void *arg)
{
	static const char key[300] = {1, 2, 3};
	const size_t *len = arg;
	struct index_position position = {{0}};
	struct state mine;
	struct err err;
	size_t left;

	(void)parent;
	if (!state_open(&mine, arena_printf(&arena, "%s/own", dir), &err))
		return 1;
	store_begin(&txn, state_cache(&mine), TXN_WRITE);
	store_put(&txn, CACHE_PARTS, (struct bytes){key, *len}, (struct bytes){"x", 1});
	for (int calls = 0; library_index_drop_old(&txn, 1, 1, &position, 10); calls++) {
		if (calls > 100)
			return 2;
	}
	left = library_index_rows(&txn);
	store_abort(&txn);
	state_close(&mine);
	return left == 0 ? 0 : 3;
}

static void test_sweep_wrong_keys(void **unused)
{
	static const size_t lengths[] = {1, 15, 31, 33, 51, 53, 300};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(lengths); i++) {
		size_t len = lengths[i];
		char name[40];
		snprintf(name, sizeof(name), "key of %zu bytes", len);
		ok &= row_int(name, child_run(run_sweep_wrong_key, &len), 0);
	}
	assert_true(ok);
}

static void test_damaged_rows(void **unused)
{
	struct index_section section = section_of(1, 1), other = section_of(2, 1);
	struct bytes k, v;
	struct library_index index;
	unsigned char key[INDEX_KEY];

	(void)unused;
	put(&section, 1, 10, "/films/a.mkv", 1);
	assert_int_equal(
		store_seek(&txn, CACHE_PARTS, (struct bytes){"", 0}, false, &k, &v), FOUND);
	assert_int_equal(k.len, sizeof(key));
	memcpy(key, k.data, sizeof(key));
	for (size_t len = 0; len < 9; len++) {
		store_put(&txn, CACHE_PARTS, (struct bytes){key, sizeof(key)},
			(struct bytes){"xxxxxxxxx", len});
		assert_int_equal(by_path("/films/a.mkv"), 0);
		assert_int_equal(by_name("/films/a.mkv"), 0);
	}
	store_put(&txn, CACHE_SECTIONS, (struct bytes){"\0\0\0\0\0\0\0\1", 8},
		(struct bytes){"\x01x", 2});
	index = load();
	assert_int_equal(index.count, 1); /* read as if it were not known */
	assert_null(library_index_section(&index, 1));
	assert_non_null(library_index_section(&index, other.id));
	store_put(&txn, CACHE_META, (struct bytes){"server", 6}, (struct bytes){"\x01x", 2});
	index = load();
	assert_string_equal(index.machine, "");
}

static void test_clear(void **unused)
{
	struct index_section section = section_of(1, 1);
	struct library_index index;

	(void)unused;
	put(&section, 1, 10, "/films/a.mkv", 1);
	library_index_save_server(&txn, "machine", "http://127.0.0.1");
	library_index_clear(&txn);
	index = load();
	assert_int_equal(index.count, 0);
	assert_int_equal(library_index_rows(&txn), 0);
	assert_int_equal(by_path("/films/a.mkv"), 0);
}

/* "Forgets everything" is also said of the server that it was built from. */
static void test_clear_forgets_the_server(void **unused)
{
	struct library_index index;

	(void)unused;
	library_index_save_server(&txn, "machine", "http://127.0.0.1");
	library_index_clear(&txn);
	index = load();
	assert_string_equal(index.machine, "");
	assert_string_equal(index.url, "");
}

static void test_no_store(void **unused)
{
	struct index_section section = {.id = 1, .generation = 1};
	struct index_part part = {.section = 1, .path = "/films/a.mkv"}, got;
	struct index_position position = {{0}};
	struct library_index index;
	struct txn none;

	(void)unused;
	store_begin(&none, NULL, TXN_WRITE);
	assert_false(library_index_load(&none, &index, &arena));
	assert_int_equal(index.count, 0);
	library_index_save_section(&none, &section);
	library_index_put(&none, &section, 1, &part);
	assert_int_equal(library_index_by_path(&none, &index, part.path, &got, 1, &arena), 0);
	assert_int_equal(library_index_by_name(&none, &index, part.path, &got, 1, &arena), 0);
	for (int i = 0; library_index_drop_old(&none, 1, 0, &position, 10); i++)
		assert_true(i < 5);
	assert_false(store_commit(&none, NULL));
	store_fail(&txn, "x");
	assert_false(library_index_load(&txn, &index, &arena));
	/* Failed is not new. */
	assert_int_equal(library_index_put(&txn, &section, 1, &part), INDEX_ROW_SAME);
	assert_false(library_index_drop_old(&txn, 1, 0, &position, 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_section_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_look_ups, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_a_row_holds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same_path_several_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parts_that_differ_by_case, setup, teardown),
		cmocka_unit_test_setup_teardown(test_is_new, setup, teardown),
		cmocka_unit_test_setup_teardown(test_is_changed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_previous_version, setup, teardown),
		cmocka_unit_test_setup_teardown(test_generations, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reader_during_a_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_candidates, setup, teardown),
		cmocka_unit_test_setup_teardown(test_remove, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sweep, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sweep_wrong_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clear, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clear_forgets_the_server, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_store, setup, teardown),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
