/*
 * glob.c - walks through the glob with the set of all places in the path that what was read of it
 * may reach: nothing is tried twice, so stars cost no more than other characters.
 */
#include "base/glob.h"

#include <string.h>

#include "base/utf8.h"

/* A path or a glob, folded. Each character is folded on its own, so that "?" can stand for one
 * that becomes several. */
struct folded {
	struct str text;
	struct str begins; /* for each byte of the text '1' if a character begins there */
};

struct walk {
	struct folded path;
	bool *at; /* at[i]: what was read of the glob fits the first i bytes of the path */
};

/* --- one spelling ------------------------------------------------------------------------- */

static struct folded fold(const char *text, bool windows, struct arena *a)
{
	struct folded folded;
	size_t len;

	str_init(&folded.text, a);
	str_init(&folded.begins, a);
	for (const char *p = utf8_nfc(a, text); *p != '\0'; p += len) {
		size_t from = folded.text.len;
		len = utf8_char_bytes(p);
		str_add(&folded.text,
			*p == '\\' && windows ? "/" : utf8_fold(a, arena_strndup(a, p, len)));
		for (size_t i = from; i < folded.text.len; i++)
			str_addc(&folded.begins, i == from ? '1' : '0');
	}
	return folded;
}

/* --- steps: each reads one thing of the glob ------------------------------------------------ */

static bool step_byte(struct walk *walk, char c)
{
	bool any = false;

	for (size_t i = walk->path.text.len; i > 0; i--) {
		walk->at[i] = walk->at[i - 1] && walk->path.text.s[i - 1] == c;
		any |= walk->at[i];
	}
	walk->at[0] = false;
	return any;
}

static bool step_character(struct walk *walk)
{
	const char *begins = walk->path.begins.s;
	size_t n = walk->path.text.len;
	bool any = false;

	for (size_t i = n; i > 0; i--) {
		size_t from = i - 1;
		while (from > 0 && begins[from] == '0')
			from--;
		walk->at[i] = (i == n || begins[i] == '1') && walk->at[from] &&
			      walk->path.text.s[from] != '/';
		any |= walk->at[i];
	}
	walk->at[0] = false;
	return any;
}

static void step_stars(struct walk *walk, bool across)
{
	for (size_t i = 0; i < walk->path.text.len; i++)
		walk->at[i + 1] |= walk->at[i] && (across || walk->path.text.s[i] != '/');
}

/* No folder, or any number of them. */
static void step_folders(struct walk *walk)
{
	bool below = false;

	for (size_t i = 0; i <= walk->path.text.len; i++) {
		bool was = walk->at[i];
		walk->at[i] |= below && walk->path.text.s[i - 1] == '/';
		below |= was;
	}
}

static bool is_wild(char c)
{
	return c == '*' || c == '?';
}

/* True if the glob, from *p on, which is where a name begins, has "**" and a separator; they are
 * read, as often as they follow each other. */
static bool read_folders(const char **p)
{
	bool any = false;

	for (size_t stars = strspn(*p, "*"); stars > 1 && (*p)[stars] == '/';
		stars = strspn(*p, "*")) {
		*p += stars + 1;
		any = true;
	}
	return any;
}

static bool walk_through(struct walk *walk, const char *glob)
{
	const char *p = glob;
	size_t same = 0;
	bool goes_on = true;

	while (!is_wild(p[same]) && p[same] != '\0' && p[same] == walk->path.text.s[same])
		same++;
	walk->at[same] = true;
	for (p += same; *p != '\0' && goes_on;) {
		if ((p == glob || p[-1] == '/') && read_folders(&p)) {
			step_folders(walk);
		} else if (*p == '*') {
			size_t stars = strspn(p, "*");
			step_stars(walk, stars > 1);
			p += stars;
		} else {
			goes_on = *p == '?' ? step_character(walk) : step_byte(walk, *p);
			p++;
		}
	}
	return goes_on && walk->at[walk->path.text.len];
}

bool glob_fits(const char *glob, const char *path)
{
	bool windows = *path != '/', fits;
	struct walk walk;
	struct arena a;

	arena_init(&a);
	walk.path = fold(path, windows, &a);
	walk.at = arena_array(&a, walk.path.text.len + 1, sizeof(*walk.at));
	fits = walk_through(&walk, fold(glob, windows, &a).text.s);
	arena_clear(&a);
	return fits;
}

bool glob_any(const struct str_list *globs, const char *path)
{
	for (size_t i = 0; i < globs->n; i++) {
		if (glob_fits(globs->v[i], path))
			return true;
	}
	return false;
}

/* --- what fits nothing ----------------------------------------------------------------------- */

static bool may_begin_path(const char *glob)
{
	char c = *glob;
	bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

	if (letter && glob[1] == ':') /* a drive */
		return glob[2] == '/' || glob[2] == '\\' || is_wild(glob[2]);
	if (letter)
		return is_wild(glob[1]);
	return c == '/' || is_wild(c) || (c == '\\' && (glob[1] == '\\' || is_wild(glob[1])));
}

const char *glob_wrong(const char *glob)
{
	const char *separators = *glob == '/' ? "/" : "/\\", *name;
	size_t len;

	if (!may_begin_path(glob))
		return "is not about a whole path: it begins with \"/\", a drive like \"D:\\\", "
		       "\"\\\\server\", or \"**/\" for any folder";
	if (strpbrk(glob, separators) == NULL && strstr(glob, "**") == NULL)
		return "names no folder, and \"*\" stays within one: put \"**/\" before it for any "
		       "folder";
	/* What is empty at the beginning is the root. */
	for (name = glob + strspn(glob, separators); *name != '\0';
		name += len + (name[len] != '\0')) {
		len = strcspn(name, separators);
		if (strncmp(name, "..", len) == 0) /* or its beginning */
			return "has a folder without a name, \".\" or \"..\" in it, which no path "
			       "of a file has";
	}
	if (strchr(separators, name[-1]) != NULL)
		return "ends with a separator, which no path of a file does: put \"**\" after it "
		       "for "
		       "everything below";
	return NULL;
}
