/*
 * test_tag_tree.c - which tags a list means: those it names, and all below them, by any way up.
 */
#include "arena_open.h"

#include "stash/tag_tree.h"
#include "state/tag_cover.h"

/* "1 Places; 2 Harbour 1; 5 Pier 2 1": an id, a name of one word, the ids of its parents. */
static struct tag_tree tree_of(const char *text)
{
	struct str_list rows = str_split(&arena, text, ';');
	struct tag_tree tree = {.tags = arena_array(&arena, rows.n, sizeof(*tree.tags))};

	for (size_t i = 0; i < rows.n; i++) {
		struct str_list words = str_split(&arena, rows.v[i], ' ');
		struct tree_tag *tag = &tree.tags[tree.n++];
		str_number(words.v[0], &tag->id);
		tag->name = words.v[1];
		tag->parents = arena_array(&arena, words.n, sizeof(*tag->parents));
		for (size_t p = 2; p < words.n; p++)
			str_number(words.v[p], &tag->parents[tag->parent_count++]);
	}
	return tree;
}

static const char *below(const struct tag_tree *tree, const char *names)
{
	struct str_list list = str_split(&arena, names, ',');
	int64_t *ids = arena_array(&arena, tree->n, sizeof(*ids));
	size_t n = tag_tree_below(tree, &list, ids);
	struct str text;

	str_init(&text, &arena);
	for (size_t i = 0; i < n; i++)
		str_addf(&text, "%s%lld", i > 0 ? " " : "", (long long)ids[i]);
	return text.s;
}

static void test_below(void **state)
{
	static const struct {
		const char *tree, *names, *ids;
	} rows[] = {
		{"1 Places; 2 Harbour 1; 3 Pier 2; 4 Noir", "Places", "1 2 3"},
		{"1 Places; 2 Harbour 1; 3 Pier 2; 4 Noir", "harbour", "2 3"},
		{"1 Places; 2 Harbour 1; 3 Pier 2; 4 Noir", "Noir, Pier", "3 4"},
		{"1 Places; 2 Harbour 1; 3 Pier 2; 4 Noir", "", ""},
		{"1 Places; 2 Harbour 1; 3 Pier 2; 4 Noir", "Nothing", ""},
		/* Several parents: any way up. */
		{"1 A; 2 B; 3 C 1 2", "A", "1 3"},
		{"1 A; 2 B; 3 C 1 2", "B", "2 3"},
		/* A parent with a larger id, and one that is gone. */
		{"1 A 9; 2 B 1; 9 C", "C", "1 2 9"},
		{"1 A 7; 2 B 1", "A", "1 2"},
		/* Rings end. */
		{"1 A 2; 2 B 1; 3 C 2", "A", "1 2 3"},
		{"1 A 1", "A", "1"},
		{"1 A 3; 2 B 1; 3 C 2", "C", "1 2 3"},
		/* Two tags of one name in another case. */
		{"1 Sea; 2 SEA; 3 Tide 2", "sea", "1 2 3"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct tag_tree tree = tree_of(rows[i].tree);
		ok &= row_text(rows[i].names, below(&tree, rows[i].names), rows[i].ids);
	}
	assert_true(ok);
}

static void test_deep_and_wide_is_cheap(void **state)
{
	enum { TAGS = 3000 };
	struct tag_tree tree = {.tags = arena_array(&arena, TAGS, sizeof(*tree.tags)), .n = TAGS};
	struct str_list names = str_split(&arena, "t1", ',');
	int64_t *ids = arena_array(&arena, TAGS, sizeof(*ids));

	(void)state;
	for (int64_t i = 0; i < TAGS; i++) {
		struct tree_tag *tag = &tree.tags[i];
		tag->id = i + 1;
		tag->name = arena_printf(&arena, "t%lld", (long long)i + 1);
		tag->parents = arena_array(&arena, 1, sizeof(*tag->parents));
		tag->parents[0] = i; /* a chain */
		tag->parent_count = 1;
	}
	assert_int_equal(tag_tree_below(&tree, &names, ids), TAGS);
	assert_true(tag_tree_has(&tree, "T2999"));
	assert_false(tag_tree_has(&tree, "t3001"));
}

static void test_ids(void **state)
{
	int64_t v[] = {1, 4, 9};
	struct tag_ids ids = {.v = v, .n = 3}, none = {0};

	(void)state;
	for (int64_t id = 0; id < 12; id++)
		assert_int_equal(tag_ids_has(&ids, id), id == 1 || id == 4 || id == 9);
	assert_false(tag_ids_has(&none, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_below, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deep_and_wide_is_cheap, setup, teardown),
		cmocka_unit_test(test_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
