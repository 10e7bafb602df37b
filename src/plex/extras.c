/*
 * extras.c - the names are those of Plex's articles about local trailers and extras, and the
 * folders that its scanner skips besides (Extras, Bonus, Sample); it takes the singular, too.
 */
#include "plex/extras.h"

#include <string.h>
#include <strings.h>

#include "base/path.h"

static const char *const suffixes[] = {"-behindthescenes", "-deleted", "-featurette", "-interview",
	"-other", "-scene", "-short", "-trailer"};

static const char *const folders[] = {"behind the scenes", "bonus", "deleted scene",
	"deleted scenes", "deleted", "extra", "extras", "featurette", "featurettes", "interview",
	"interviews", "other", "others", "sample", "samples", "scene", "scenes", "short", "shorts",
	"trailer", "trailers"};

static bool is_one_of(const char *name, size_t len, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(names[i]) == len && strncasecmp(names[i], name, len) == 0)
			return true;
	}
	return false;
}

static const char *suffix_sign(const char *path, struct arena *a)
{
	const char *name = path_base(path), *dot = strrchr(name, '.');
	const char *end = dot && dot > name ? dot : name + strlen(name), *dash = end;

	while (dash > name && *dash != '-')
		dash--;
	if (!is_one_of(dash, (size_t)(end - dash), suffixes, sizeof(suffixes) / sizeof(*suffixes)))
		return NULL;
	return arena_printf(a, "a file whose name ends in \"%.*s\"", (int)(end - dash), dash);
}

const char *extras_sign(const char *path, const char *below, struct arena *a)
{
	const char *sign = suffix_sign(path, a), *name;
	size_t len;

	while (sign == NULL && below != NULL && path_next(path, &below, &name, &len)) {
		if (*below != '\0' &&
			is_one_of(name, len, folders, sizeof(folders) / sizeof(*folders)))
			sign = arena_printf(a, "a file in a folder named \"%.*s\"", (int)len, name);
	}
	return sign;
}
