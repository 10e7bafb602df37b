/*
 * test_proof.c - that an item really holds the file that the caches led to it for.
 */
#include "helpers.h"

#include "push/proof.h"

#define PATH "/data/films/Harbour Lights.mp4"

static const struct {
	const char *name;
	const char *path; /* of the item's second part; its first one is another file */
	int64_t size;
	enum match_rule rule; /* that led to the item */
	bool want;
} rows[] = {
	{"the same path", PATH, 10, MATCH_PATH, true},
	{"the same path, another size", PATH, 99, MATCH_PATH, true},
	{"another folder, by path", "/mnt/Harbour Lights.mp4", 10, MATCH_PATH, false},
	{"another folder, same size, by name and size", "/mnt/Harbour Lights.mp4", 10,
		MATCH_NAME_SIZE, true},
	{"the very path is better than name and size", PATH, 99, MATCH_NAME_SIZE, true},
	{"another folder, another size, by name and size", "/mnt/Harbour Lights.mp4", 99,
		MATCH_NAME_SIZE, false},
	{"another folder, another size, by name", "/mnt/Harbour Lights.mp4", 99, MATCH_NAME, true},
	{"another name", "/data/films/Quay.mp4", 10, MATCH_NAME, false},
	{"the same path, renamed in case", "/data/films/HARBOUR LIGHTS.mp4", 10, MATCH_PATH, true},
	{"but of another size", "/data/films/HARBOUR LIGHTS.mp4", 99, MATCH_PATH, false},
	{"another folder, found by duration once", "/mnt/Harbour Lights.mp4", 10,
		MATCH_NAME_DURATION, true},
};

static void test_parts(void **state)
{
	struct scene_file file = {.path = PATH, .size = 10};
	struct arena a;
	bool ok = true;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct item_part parts[] = {
			{.path = "/data/films/Tide.mp4", .size = 1, .first = true},
			{.path = rows[i].path, .size = rows[i].size}};
		struct item item = {.parts = parts, .part_count = 2};
		const struct item_part *part = proof_part(&item, &file, PATH, rows[i].rule, &a);
		ok &= row_true(rows[i].name, (part == &parts[1]) == rows[i].want);
		ok &= row_true(rows[i].name, part == NULL || part == &parts[1]);
		part = proof_part(&item, &file, PATH, MATCH_CHOSEN, &a);
		ok &= row_true(rows[i].name, part == &parts[0]);
		item.part_count = 0;
		part = proof_part(&item, &file, PATH, MATCH_CHOSEN, &a);
		ok &= row_true(rows[i].name, part == NULL);
	}
	assert_true(ok);
	arena_clear(&a);
}

/* What is not known is not different. */
static void test_is_another(void **state)
{
	static const struct {
		const char *name;
		struct item_part part;
		bool want;
	} table[] = {
		{"the same", {.size = 10, .duration_ms = 60000}, false},
		{"re-encoded", {.size = 7, .duration_ms = 60000}, false},
		{"cut, of the same size", {.size = 10, .duration_ms = 50000}, false},
		{"both differ", {.size = 7, .duration_ms = 50000}, true},
		{"size not known", {.duration_ms = 50000}, false},
		{"duration not known", {.size = 7}, false},
	};
	struct scene_file file = {.path = PATH, .size = 10, .duration_ms = 60000};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(table); i++)
		ok &= row_int(
			table[i].name, proof_is_another(&table[i].part, &file), table[i].want);
	assert_true(ok);
}

static void test_can_play(void **state)
{
	struct scene_file files[] = {{.path = "/data/a.mp4"}, {.path = "/data/Quay.mp4"}};
	struct scene scene = {.files = files, .file_count = 2};
	struct item_part parts[] = {{.path = "/mnt/x.mp4"}, {.path = "/mnt/b/quay.mp4"}};
	struct item item = {.parts = parts, .part_count = 2};

	(void)state;
	assert_true(proof_can_play(&scene, &item)); /* case is no evidence against it */
	scene.file_count = 1;
	assert_false(proof_can_play(&scene, &item));
	item.part_count = 0;
	assert_false(proof_can_play(&scene, &item));
}

/* Whatever part comes first in the answer. */
static void test_first(void **state)
{
	struct item_part parts[] = {{.path = "/mnt/Tide.mp4", .size = 1},
		{.path = "/mnt/Harbour Lights.mp4", .size = 10, .first = true}};
	struct item item = {.parts = parts, .part_count = 2};
	static const struct {
		const char *name;
		struct scene_file file;
		enum match_rule want;
	} files[] = {
		{"its path", {.path = "/mnt/Harbour Lights.mp4"}, MATCH_PATH},
		{"name and size", {.path = PATH, .size = 10}, MATCH_NAME_SIZE},
		{"name", {.path = PATH, .size = 99}, MATCH_NAME},
		{"another part", {.path = "/mnt/Tide.mp4", .size = 1}, MATCH_NONE},
	};
	struct arena a;
	bool ok = true;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ROWS(files); i++) {
		const struct scene_file *file = &files[i].file;
		ok &= row_int(
			files[i].name, proof_first(&item, file, file->path, &a), files[i].want);
	}
	item.part_count = 0;
	assert_int_equal(proof_first(&item, &files[0].file, PATH, &a), MATCH_NONE);
	assert_true(ok);
	arena_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_parts),
		cmocka_unit_test(test_is_another), cmocka_unit_test(test_can_play),
		cmocka_unit_test(test_first)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
