#include "stash/tag_tree.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/utf8.h"

static int compare_tags(const void *x, const void *y)
{
	int64_t a = ((const struct tree_tag *)x)->id, b = ((const struct tree_tag *)y)->id;

	return (a > b) - (a < b);
}

static void parse_tag(const cJSON *from, struct tree_tag *tag, struct arena *a)
{
	size_t count;
	const cJSON *list = json_list(from, "parents", &count), *parent;

	*tag = (struct tree_tag){.id = json_int(from, "id", 0),
		.name = json_copy(a, from, "name"),
		.parents = arena_array(a, count, sizeof(*tag->parents))};
	cJSON_ArrayForEach(parent, list)
	{
		tag->parents[tag->parent_count++] = json_int(parent, "id", 0);
	}
}

bool tag_tree_read(struct stash *stash, struct stash_time time, struct tag_tree *tree,
	struct arena *a, struct err *err)
{
	static const char query[] =
		"query PlexSync{findTags(filter:{per_page:-1}){tags{id name parents{id}}}}";
	cJSON *root;
	const cJSON *data = stash_ask(stash, query, cJSON_CreateObject(), time, &root, a, err);
	const cJSON *list, *tag;
	size_t count;

	if (data == NULL)
		return err_context(err, "Stash's tags, which settings fieldOnlyTags and "
					"fieldIgnoreTags ask for");
	list = json_list(json_get(data, "findTags"), "tags", &count);
	*tree = (struct tag_tree){.tags = arena_array(a, count, sizeof(*tree->tags))};
	cJSON_ArrayForEach(tag, list)
	{
		parse_tag(tag, &tree->tags[tree->n++], a);
	}
	if (tree->n > 1)
		qsort(tree->tags, tree->n, sizeof(*tree->tags), compare_tags);
	cJSON_Delete(root);
	return true;
}

bool tag_tree_has(const struct tag_tree *tree, const char *name)
{
	for (size_t i = 0; i < tree->n; i++) {
		if (utf8_same_name(tree->tags[i].name, name))
			return true;
	}
	return false;
}

static bool is_covered(const struct tag_tree *tree, const bool *covered, int64_t id)
{
	const struct tree_tag key = {.id = id};
	const struct tree_tag *found = bsearch(
		&key, tree->tags, tree->n, sizeof(key), compare_tags);

	return found != NULL && covered[found - tree->tags];
}

static bool has_covered_parent(
	const struct tag_tree *tree, const bool *covered, const struct tree_tag *tag)
{
	for (size_t p = 0; p < tag->parent_count; p++) {
		if (is_covered(tree, covered, tag->parents[p]))
			return true;
	}
	return false;
}

size_t tag_tree_below(const struct tag_tree *tree, const struct str_list *names, int64_t *ids)
{
	struct arena a;
	bool *covered, more = true;
	size_t n = 0;

	if (names->n == 0 || tree->n == 0)
		return 0;
	arena_init(&a);
	covered = arena_array(&a, tree->n, sizeof(*covered));
	for (size_t i = 0; i < tree->n; i++)
		covered[i] = utf8_has_name(names, tree->tags[i].name);
	while (more) { /* once more for each level */
		more = false;
		for (size_t i = 0; i < tree->n; i++) {
			if (covered[i] || !has_covered_parent(tree, covered, &tree->tags[i]))
				continue;
			covered[i] = more = true;
		}
	}
	for (size_t i = 0; i < tree->n; i++) {
		if (covered[i])
			ids[n++] = tree->tags[i].id;
	}
	arena_clear(&a);
	return n;
}
