#include "stash/path_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/path.h"
#include "base/piece.h"
#include "base/utf8.h"

static const char *const ends[] = {"=>", ";", "\n", "\r", NULL};

static int longest_first(const void *x, const void *y)
{
	size_t a = strlen(((const struct path_map_rule *)x)->from);
	size_t b = strlen(((const struct path_map_rule *)y)->from);

	return (a < b) - (a > b);
}

/* What separates folders in such a path. */
static const char *separators(const char *path)
{
	return path_is_windows(path) ? "/\\" : "/";
}

/* --- parsing ----------------------------------------------------------------------- */

/* Without separators at the end: "/a/" and "/a" are the same prefix. */
static char *strip(struct arena *a, const char *path)
{
	char *copy = arena_strdup(a, path);
	const char *separator = separators(copy);
	size_t len = strlen(copy);

	while (len > 1 && strchr(separator, copy[len - 1]) != NULL)
		copy[--len] = '\0';
	return copy;
}

/* A folder's name between separators that no folder has; NULL if there is none. */
static const char *impossible(const char *side, bool quoted, struct arena *a)
{
	const char *separator = separators(side);
	/* What is empty at the beginning is the root. */
	const char *p = side + strspn(side, separator);

	while (*p != '\0') {
		size_t len = strcspn(p, separator);
		const char *name = arena_strndup(a, p, len);
		if (len == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			return "has a folder without a name, \".\" or \"..\" in it, which no path "
			       "of "
			       "a file has";
		if (!quoted && (name[0] == '*' || name[len - 1] == '*'))
			return "has a \"*\", but a rule is for everything below its folder: leave "
			       "it "
			       "out (a folder whose name it is stands in double quotes)";
		p += len;
		p += *p != '\0';
	}
	return NULL;
}

/* One side of a rule. NULL: *wrong says why not. */
static char *parse_side(const char **at, const char **wrong, struct arena *a)
{
	bool quoted = (*at += utf8_blank_bytes(*at))[0] == '"';
	char *piece = piece_take(a, at, ends, wrong), *side;

	if (piece == NULL)
		return NULL;
	side = strip(a, piece);
	if (*side == '\0')
		*wrong = "has an empty side";
	else if (*side != '/' && !path_is_windows(side))
		*wrong = "has a side that is not a whole path: it begins with \"/\", a drive like "
			 "\"D:\\\", or \"\\\\server\"";
	else
		*wrong = impossible(side, quoted, a);
	return *wrong == NULL ? side : NULL;
}

/* What is wrong with it; NULL: nothing. An empty rule has no 'from'. */
static const char *parse_rule(const char **at, struct path_map_rule *rule, struct arena *a)
{
	static const char none[] = "has no \"=>\": each rule is FROM => TO, and between rules is a "
				   "\";\"";
	const char *wrong = NULL, *begin = *at;

	*rule = (struct path_map_rule){0};
	rule->from = parse_side(at, &wrong, a);
	if (strncmp(*at, "=>", 2) != 0)
		return *utf8_trim(a, arena_strndup(a, begin, (size_t)(*at - begin))) == '\0' ? NULL
		       : *begin == '"' && rule->from == NULL				     ? wrong
											     : none;
	*at += 2;
	if (rule->from != NULL) {
		rule->from = utf8_nfc(a, rule->from);
		rule->to = parse_side(at, &wrong, a);
	}
	if (rule->to != NULL && strncmp(*at, "=>", 2) == 0)
		return "has two \"=>\": between rules is a \";\", and a path with \"=>\" stands in "
		       "double quotes";
	return wrong;
}

static bool add_rule(
	struct path_map *map, const struct path_map_rule *rule, struct arena *a, struct err *err)
{
	for (size_t i = 0; i < map->count; i++) {
		if (path_same(a, map->rules[i].from, rule->from))
			return err_set(err, ERR_SETUP,
				"setting libraryPathMap: two rules for \"%.100s\"", rule->from);
	}
	map->rules[map->count++] = *rule;
	return true;
}

bool path_map_parse(const char *text, struct path_map *map, struct arena *a, struct err *err)
{
	/* No rule is shorter than its arrow. */
	*map = (struct path_map){
		.rules = arena_array(a, strlen(text) / 2 + 1, sizeof(*map->rules))};
	for (bool more = true; more;) {
		const char *begin = text + strspn(text, " \t\r\n;"), *wrong;
		struct path_map_rule rule;
		text = begin;
		wrong = parse_rule(&text, &rule, a);
		if (wrong != NULL)
			return err_set(err, ERR_SETUP, "setting libraryPathMap: \"%.100s\" %s",
				str_trimn(a, begin, strcspn(begin, ";\r\n")), wrong);
		if (rule.from != NULL && !add_rule(map, &rule, a, err))
			return false;
		more = *text != '\0';
		text += more;
	}
	if (map->count > 1)
		qsort(map->rules, map->count, sizeof(*map->rules), longest_first);
	return true;
}

const char *path_map_side(const char *path, struct arena *a)
{
	size_t len = strlen(path);
	bool plain = strpbrk(path, ";\"*\r\n") == NULL && strstr(path, "=>") == NULL &&
		     strlen(utf8_trim(a, path)) == len;

	return plain ? path : str_quoted(a, path);
}

/* --- using it ---------------------------------------------------------------------- */

bool path_map_fits(const struct path_map_rule *rule, const char *path, struct arena *a)
{
	return path_inside(a, path, rule->from);
}

/* What follows the prefix in 'path', beginning with its separator; NULL if the path is not
 * there. */
static const char *rest_of(struct arena *a, const char *path, const char *prefix)
{
	const char *separator = separators(prefix), *p = path;
	size_t len = strlen(prefix);

	if (!path_inside(a, path, prefix))
		return NULL;
	/* The prefix may be written composed and the path decomposed: count
	 * separators instead of bytes. */
	if (strncmp(path, prefix, len) == 0)
		return path + (len == 1 && *prefix == '/' ? 0 : len);
	for (size_t i = 0; i < len && p != NULL; i++) {
		if (strchr(separator, prefix[i]) != NULL)
			p = strpbrk(i == 0 ? p : p + 1, separator);
	}
	return p ? p + 1 + strcspn(p + 1, separator) : NULL;
}

static void replace(char *text, char from, char to)
{
	for (; *text != '\0'; text++) {
		if (*text == from)
			*text = to;
	}
}

const char *path_map_apply(const struct path_map *map, const char *path, struct arena *a)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct path_map_rule *rule = &map->rules[i];
		const char *rest = rest_of(a, path, rule->from);
		const char *to = strcmp(rule->to, "/") == 0 ? "" : rule->to;
		char *mapped;
		if (rest == NULL)
			continue;
		/* With the separators of the system that the path is for. */
		mapped = arena_printf(a, "%s%s", to, rest);
		if (path_is_windows(rule->to))
			replace(mapped, '/', '\\');
		else if (path_is_windows(rule->from)) /* and so is what it fits */
			replace(mapped + strlen(to), '\\', '/');
		return mapped;
	}
	return path;
}

/* --- why a rule is of no use ---------------------------------------------------------- */

/* How many bytes of the prefix the path begins with, in whole folders. */
static size_t in_common(const char *path, const char *prefix)
{
	size_t last = 0, i = 0;

	for (; prefix[i] != '\0' && path[i] == prefix[i]; i++)
		last = prefix[i] == '/' ? i : last;
	return prefix[i] == '\0' && (path[i] == '/' || path[i] == '\0') ? i : last;
}

static const char *misfit(const struct path_map_rule *rule, const char *path, struct arena *a)
{
	size_t len = strlen(rule->from);

	if (path_inside(a, path, rule->to) && !path_inside(a, rule->from, rule->to))
		return "that is where its other side leads: the left side is Stash's path, the "
		       "right side Plex's";
	if (path_is_windows(rule->from) != path_is_windows(path))
		return "paths are written differently there";
	if (path_inside(a, utf8_lower(a, path), utf8_lower(a, rule->from)))
		return "upper and lower case count";
	if (strncmp(path, rule->from, len) == 0)
		return "a rule ends where a folder's name ends";
	return NULL;
}

const char *path_map_misfit(
	const struct path_map_rule *rule, const struct str_list *paths, struct arena *a)
{
	size_t closest = 0;

	for (size_t i = 0; i < paths->n; i++) {
		if (path_map_fits(rule, paths->v[i], a))
			return NULL;
		if (in_common(paths->v[i], rule->from) > in_common(paths->v[closest], rule->from))
			closest = i;
	}
	for (size_t i = 0; i < paths->n; i++) {
		const char *why = misfit(rule, paths->v[i], a);
		if (why != NULL)
			return arena_printf(a, "for example, %s: %s", log_path(paths->v[i]), why);
	}
	if (paths->n == 0)
		return NULL;
	return arena_printf(a, "the closest of these is %s", log_path(paths->v[closest]));
}
