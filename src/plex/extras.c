/*
 * extras.c - the names are those of Plex's articles about local trailers and extras, and what its
 * own scanner leaves out (VideoFiles.py, which came with the server; case does not count):
 *
 * - files with "-trailer", "-scene" ... before a dot; "trailer" with at most one character more;
 *   what begins with "movie-trailer"; and, below 300 MB, what has "sample" next to "-", "." or "_";
 * - folders that begin with the word "extra" or "extras", with "bonus", "sample" or "!sample"; that
 *   have "bonus disc" in their name; or that are called "scene", "behind the scenes" ... with any
 *   character, or none, for a blank or the plural's s. It looks at those in a film's folder; not
 *   every Plex scans like that, so those right below the location are told, too.
 */
#include "plex/extras.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "base/str.h"

static const char *const suffixes[] = {"-behindthescenes", "-deleted", "-featurette", "-interview",
	"-other", "-scene", "-short", "-trailer", NULL};

/* Without what may separate words. */
static const char *const folders[] = {"behindthescenes", "deletedscene", "deletedscenes", "deleted",
	"featurette", "featurettes", "interview", "interviews", "other", "others", "scene",
	"scenes", "short", "shorts", "trailer", "trailers", NULL};

static const char *const beginnings[] = {"bonus", "sample", "!sample", NULL};

static bool is_separator(char c)
{
	return c != '\0' && strchr("-._", c) != NULL;
}

static bool begins(const char *name, const char *with)
{
	return strncasecmp(name, with, strlen(with)) == 0;
}

/* The name's "-scene" or other suffix that is before a dot or at the end. */
static const char *suffix_in(const char *name, const char *suffix)
{
	while ((name = strcasestr(name, suffix)) != NULL && name[strlen(suffix)] != '.' &&
		name[strlen(suffix)] != '\0')
		name++;
	return name;
}

static const char *sample_in(const char *name)
{
	const char *at = name;

	while ((at = strcasestr(at, "sample")) != NULL && !is_separator(at[strlen("sample")]) &&
		(at == name || !is_separator(at[-1])))
		at++;
	return at;
}

static const char *file_sign(const char *path, struct arena *a)
{
	const char *name = path_base(path), *dot = strrchr(name, '.'), *at;
	const char *stem = arena_strndup(
		a, name, dot && dot > name ? (size_t)(dot - name) : strlen(name));

	for (size_t i = 0; suffixes[i] != NULL; i++) {
		size_t len = strlen(suffixes[i]);
		if ((at = suffix_in(stem, suffixes[i])) != NULL)
			return arena_printf(a, "a file whose name %s \"%.*s\"",
				at[len] == '\0' ? "ends in" : "has", (int)len, at);
	}
	if (strcasecmp(stem, "trailer") == 0 || strcasecmp(stem, "trailers") == 0 ||
		begins(stem, "movie-trailer"))
		return arena_printf(a, "a file named \"%s\"", stem);
	if ((at = sample_in(name)) != NULL)
		return arena_printf(a, "a file whose name has \"%.6s\"", at);
	return NULL;
}

/* "extra" or "extras" as a word: none goes on with a letter. */
static bool has_extras(const char *name)
{
	const char *end = name + strlen("extra");

	if (!begins(name, "extra"))
		return false;
	end += tolower((unsigned char)*end) == 's';
	return !isalnum((unsigned char)*end) && *end != '_' && (unsigned char)*end < 0x80;
}

static const char *without_separators(const char *name, struct arena *a)
{
	struct str out;

	str_init(&out, a);
	for (; *name != '\0'; name++) {
		if (*name != ' ' && !is_separator(*name))
			str_addc(&out, *name);
	}
	return out.s;
}

static bool is_extras_folder(const char *name, struct arena *a)
{
	const char *plain = without_separators(name, a);

	for (size_t i = 0; folders[i] != NULL; i++) {
		if (strcasecmp(plain, folders[i]) == 0)
			return true;
	}
	for (size_t i = 0; beginnings[i] != NULL; i++) {
		if (begins(name, beginnings[i]))
			return true;
	}
	return has_extras(name) || strcasestr(name, "bonus disc") != NULL;
}

const char *extras_sign(const char *path, const char *below, struct arena *a)
{
	const char *sign = file_sign(path, a), *name;
	size_t len;

	while (sign == NULL && below != NULL && path_next(path, &below, &name, &len)) {
		const char *folder = arena_strndup(a, name, len);
		if (*below != '\0' && is_extras_folder(folder, a))
			sign = arena_printf(a, "a file in a folder named \"%s\"", folder);
	}
	return sign;
}
