#include "base/path.h"

#include <string.h>

#include "base/utf8.h"

bool path_is_windows(const char *path)
{
	char c = path[0];

	if (((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) && path[1] == ':')
		return path[2] == '\\' || path[2] == '/' || path[2] == '\0';
	return c == '\\' && path[1] == '\\';
}

/* On a path that begins with '/' a backslash is a character like any other. */
static bool is_separator(const char *path, char c)
{
	return c == '/' || (c == '\\' && *path != '/');
}

const char *path_base(const char *path)
{
	const char *base = path;

	for (const char *p = path; *p != '\0'; p++) {
		if (is_separator(path, *p))
			base = p + 1;
	}
	return base;
}

/* Length of what is no folder's name: "/", "S:\", "\\server\share". */
static size_t root_length(const char *path)
{
	size_t len = 0;

	if (*path == '/')
		return 1;
	if (path_is_windows(path) && *path != '\\')
		return path[2] == '\0' ? 2 : 3;
	if (!path_is_windows(path))
		return 0;
	for (int names = 0; names < 2; names++) {
		len += strspn(path + len, "/\\");
		len += strcspn(path + len, "/\\");
	}
	return len;
}

char *path_folder(struct arena *a, const char *path)
{
	size_t root = root_length(path), len = (size_t)(path_base(path) - path);

	while (len > root && is_separator(path, path[len - 1]))
		len--;
	return arena_strndup(a, path, len > root ? len : root);
}

/* Length without separators at the end; a root keeps its own. */
static void strip_end(char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
}

#define UNKNOWN "\xef\xbf\xbd" /* U+FFFD: a character that somebody could not read */

/* Bytes that are not UTF-8 as U+FFFD, as some write them: one for each byte, or one for
 * several. */
static char *readable(struct arena *a, const char *path)
{
	char *clean = utf8_clean(a, path), *to = clean;
	bool before = false;

	if (strstr(clean, UNKNOWN) == NULL)
		return arena_strdup(a, path);
	for (const char *p = clean; *p != '\0';) {
		bool unknown = strncmp(p, UNKNOWN, 3) == 0;
		size_t len = unknown ? 3 : 1;
		if (!unknown || !before) {
			memmove(to, p, len);
			to += len;
		}
		before = unknown;
		p += len;
	}
	*to = '\0';
	return clean;
}

/* Two texts in which one has characters that somebody could not read: they may stand for bytes
 * of the other. */
static bool has_unknown(const char *one, const char *two)
{
	return strstr(one, UNKNOWN) != NULL || strstr(two, UNKNOWN) != NULL;
}

/* A copy of the path in another case, with one kind of separator, and none at its end. */
static char *same_separators(const char *path, char *copy)
{
	for (char *p = copy; *p != '\0' && *path != '/'; p++) {
		if (*p == '\\')
			*p = '/';
	}
	strip_end(copy);
	return copy;
}

/* Wider than any file system compares: one form for all paths that may be the same. */
static char *fold(struct arena *a, const char *path)
{
	return same_separators(path, utf8_fold(a, readable(a, path)));
}

/* The form in which the server of 'theirs' compares. */
static char *comparable(struct arena *a, const char *path, const char *theirs)
{
	char *nfc;

	if (path_is_windows(theirs))
		return same_separators(path, utf8_lower(a, readable(a, path)));
	nfc = utf8_nfc(a, path);
	strip_end(nfc);
	return nfc;
}

bool path_same(struct arena *a, const char *ours, const char *theirs)
{
	if (has_unknown(ours, theirs)) {
		ours = readable(a, ours);
		theirs = readable(a, theirs);
	}
	return strcmp(comparable(a, ours, theirs), comparable(a, theirs, theirs)) == 0;
}

bool path_same_name(struct arena *a, const char *ours, const char *theirs)
{
	const char *one = path_base(ours), *two = path_base(theirs);

	if (has_unknown(one, two)) {
		one = readable(a, one);
		two = readable(a, two);
	}
	if (path_is_windows(theirs))
		return strcmp(utf8_lower(a, one), utf8_lower(a, two)) == 0;
	return strcmp(utf8_nfc(a, one), utf8_nfc(a, two)) == 0;
}

bool path_inside(struct arena *a, const char *path, const char *folder)
{
	const char *inner = comparable(a, path, folder);
	const char *outer = comparable(a, folder, folder);
	size_t len = strlen(outer);

	if (len == 0 || strncmp(inner, outer, len) != 0)
		return false;
	return inner[len] == '\0' || inner[len] == '/' || outer[len - 1] == '/';
}

/* Start of the component that ends before 'end', and where it ends. */
static const char *component(const char *path, const char **end)
{
	const char *start;

	while (*end > path && (*end)[-1] == '/')
		(*end)--;
	start = *end;
	while (start > path && start[-1] != '/')
		start--;
	return start;
}

bool path_inside_any(struct arena *a, const char *path, const struct str_list *folders)
{
	for (size_t i = 0; i < folders->n; i++) {
		if (path_inside(a, path, folders->v[i]))
			return true;
	}
	return false;
}

size_t path_common_folders(struct arena *a, const char *one, const char *two)
{
	const char *x = fold(a, one), *y = fold(a, two);
	const char *x_end = path_base(x), *y_end = path_base(y);
	size_t count = 0;

	for (;;) {
		const char *x_start = component(x, &x_end), *y_start = component(y, &y_end);
		size_t len = (size_t)(x_end - x_start);
		if (len == 0 || len != (size_t)(y_end - y_start) ||
			memcmp(x_start, y_start, len) != 0)
			return count;
		count++;
		x_end = x_start;
		y_end = y_start;
	}
}

bool path_next(const char *path, const char **at, const char **name, size_t *len)
{
	while (**at != '\0' && is_separator(path, **at))
		(*at)++;
	*name = *at;
	while (**at != '\0' && !is_separator(path, **at))
		(*at)++;
	*len = (size_t)(*at - *name);
	return *len > 0;
}

const char *path_below(struct arena *a, const char *path, const char *folder)
{
	const char *ours = path, *theirs = folder, *name;
	size_t len;

	if (!path_inside(a, path, folder))
		return NULL;
	while (path_next(folder, &theirs, &name, &len))
		path_next(path, &ours, &name, &len);
	return ours;
}

char *path_respell(struct arena *a, const char *path, const char *folder)
{
	char separator = *folder != '/' && (strchr(folder, '\\') != NULL ||
						   strchr(folder, '/') == NULL)
				 ? '\\'
				 : '/';
	const char *below = path_below(a, path, folder), *name;
	struct str out;
	size_t len;

	if (below == NULL)
		return NULL;
	str_init(&out, a);
	str_add(&out, folder);
	while (path_next(path, &below, &name, &len)) {
		if (out.len == 0 || !is_separator(folder, out.s[out.len - 1]))
			str_addc(&out, separator);
		str_addn(&out, name, len);
	}
	return out.s;
}

struct digest path_digest(const char *path)
{
	struct arena a;
	struct digest digest;

	arena_init(&a);
	digest = digest_text(fold(&a, path));
	arena_clear(&a);
	return digest;
}

struct digest path_name_digest(const char *path)
{
	struct arena a;
	struct digest digest;

	arena_init(&a);
	digest = digest_text(utf8_fold(&a, readable(&a, path_base(path))));
	arena_clear(&a);
	return digest;
}
