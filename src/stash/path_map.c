#include "stash/path_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"

static int longest_first(const void *x, const void *y)
{
	size_t a = strlen(((const struct path_map_rule *)x)->from);
	size_t b = strlen(((const struct path_map_rule *)y)->from);

	return (a < b) - (a > b);
}

/* Without separators at the end: "/a/" and "/a" are the same prefix. */
static char *strip(struct arena *a, const char *path)
{
	char *copy = str_trim(a, path);
	size_t len = strlen(copy);

	while (len > 1 && (copy[len - 1] == '/' || copy[len - 1] == '\\'))
		copy[--len] = '\0';
	return copy;
}

bool path_map_parse(const char *text, struct path_map *map, struct arena *a, struct err *err)
{
	struct str_list rules = str_split(a, text, ';');

	*map = (struct path_map){.rules = arena_array(a, rules.n, sizeof(*map->rules))};
	for (size_t i = 0; i < rules.n; i++) {
		const char *arrow = strstr(rules.v[i], "=>");
		struct path_map_rule *rule = &map->rules[map->count];
		if (arrow == NULL)
			return err_set(err, ERR_SETUP,
				"setting libraryPathMap: \"%.100s\" has no \"=>\": each rule is "
				"FROM => TO, rules are separated by \";\"",
				rules.v[i]);
		rule->from = utf8_nfc(
			a, strip(a, arena_strndup(a, rules.v[i], (size_t)(arrow - rules.v[i]))));
		rule->to = strip(a, arrow + 2);
		if (*rule->from == '\0' || *rule->to == '\0')
			return err_set(err, ERR_SETUP,
				"setting libraryPathMap: \"%.100s\" has an empty side", rules.v[i]);
		for (size_t j = 0; j < map->count; j++) {
			if (strcmp(map->rules[j].from, rule->from) == 0)
				return err_set(err, ERR_SETUP,
					"setting libraryPathMap: two rules for \"%.100s\"",
					rule->from);
		}
		map->count++;
	}
	if (map->count > 1)
		qsort(map->rules, map->count, sizeof(*map->rules), longest_first);
	return true;
}

/* What follows the prefix in 'path', beginning with its separator; NULL if the path is not
 * there. */
static const char *rest_of(struct arena *a, const char *path, const char *prefix)
{
	size_t len = strlen(prefix);
	const char *p = path;

	if (!path_inside(a, path, prefix))
		return NULL;
	/* The prefix may be written composed and the path decomposed: count
	 * separators instead of bytes. */
	if (strncmp(path, prefix, len) == 0)
		return path + (len == 1 && *prefix == '/' ? 0 : len);
	for (size_t i = 0; i < len && p != NULL; i++) {
		if (prefix[i] == '/' || prefix[i] == '\\')
			p = strpbrk(i == 0 ? p : p + 1, "/\\");
	}
	return p ? p + 1 + strcspn(p + 1, "/\\") : NULL;
}

/* The separators of the system that the path is for. */
static void use_separators(char *path, bool from_windows, bool to_windows)
{
	for (; (from_windows || to_windows) && *path != '\0'; path++) {
		if (*path == (to_windows ? '/' : '\\'))
			*path = to_windows ? '\\' : '/';
	}
}

const char *path_map_apply(const struct path_map *map, const char *path, struct arena *a)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct path_map_rule *rule = &map->rules[i];
		const char *rest = rest_of(a, path, rule->from);
		char *mapped;
		if (rest == NULL)
			continue;
		mapped = arena_printf(a, "%s%s", strcmp(rule->to, "/") == 0 ? "" : rule->to, rest);
		use_separators(mapped, path_is_windows(path), path_is_windows(rule->to));
		return mapped;
	}
	return path;
}
