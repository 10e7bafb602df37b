/*
 * fuzz_path.c - lines: a path map or a glob, a path of Stash's, a path of Plex's.
 */
#include "fuzz.h"

#include "base/glob.h"
#include "base/path.h"
#include "find/match.h"
#include "stash/path_map.h"

static void check_one(const char *path, struct arena *a)
{
	struct digest name = path_name_digest(path), other;

	assert(path_same(a, path, path));
	assert(*path == '\0' || path_inside(a, path, path));
	/* Only '/' separates on a path that begins with it. */
	assert(strpbrk(path_base(path), *path == '/' ? "/" : "/\\") == NULL);
	assert(glob_fits("**", path) && (strpbrk(path, "*?") != NULL || glob_fits(path, path)));
	other = path_name_digest(path_base(path));
	/* By itself such a name is a path in which '\' separates. */
	assert(strchr(path_base(path), '\\') != NULL || memcmp(&name, &other, sizeof(name)) == 0);
}

static void check_two(const char *x, const char *y, struct arena *a)
{
	assert(path_common_folders(a, x, y) == path_common_folders(a, y, x));
	/* The index finds by its key whatever is the same path. */
	if (path_same(a, x, y)) {
		struct digest one = path_digest(x), two = path_digest(y);
		assert(memcmp(&one, &two, sizeof(one)) == 0);
	}
	if (*y != '\0')
		assert(path_inside(a, arena_printf(a, "%s/x", y), y));
}

static void check_map(const struct path_map *map, const char *path, struct arena *a)
{
	const char *mapped = path_map_apply(map, path, a);
	bool is_prefix = false, fits = false;

	for (size_t i = 0; i < map->count; i++) {
		assert(*map->rules[i].from != '\0' && *map->rules[i].to != '\0');
		assert(i == 0 || strlen(map->rules[i].from) <= strlen(map->rules[i - 1].from));
		fits |= path_inside(a, path, map->rules[i].from);
		is_prefix |= path_same(a, path, map->rules[i].from);
	}
	assert(fits == (mapped != path));
	/* The file's name is never changed, unless it is itself what is mapped. No Windows server has
	 * one with a '\\' in it. */
	assert(is_prefix || strchr(path_base(path), '\\') != NULL ||
		strcmp(path_base(mapped), path_base(path)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct fuzz in = {data, size, &a};
	const char *rules, *ours, *theirs;
	struct path_map map;
	struct err err = {0};

	arena_init(&a);
	rules = fuzz_line(&in);
	ours = fuzz_line(&in);
	theirs = fuzz_line(&in);
	check_one(ours, &a);
	check_one(theirs, &a);
	check_two(ours, theirs, &a);
	glob_fits(rules, ours);
	glob_wrong(rules);
	if (path_map_parse(rules, &map, &a, &err))
		check_map(&map, ours, &a);
	else
		assert(err.kind == ERR_SETUP && err.text[0] != '\0');
	arena_clear(&a);
	return 0;
}
