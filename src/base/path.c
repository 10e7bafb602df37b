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

const char *path_base(const char *path)
{
	const char *base = path;

	for (; *path != '\0'; path++) {
		if (*path == '/' || *path == '\\')
			base = path + 1;
	}
	return base;
}

/* Length without separators at the end; a root keeps its own. */
static void strip_end(char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
}

static char *fold(struct arena *a, const char *path)
{
	char *folded = utf8_fold(a, path);

	for (char *p = folded; *p != '\0'; p++) {
		if (*p == '\\')
			*p = '/';
	}
	strip_end(folded);
	return folded;
}

/* The form in which the server of 'theirs' compares. */
static char *comparable(struct arena *a, const char *path, const char *theirs)
{
	char *nfc;

	if (path_is_windows(theirs))
		return fold(a, path);
	nfc = utf8_nfc(a, path);
	strip_end(nfc);
	return nfc;
}

bool path_same(struct arena *a, const char *ours, const char *theirs)
{
	return strcmp(comparable(a, ours, theirs), comparable(a, theirs, theirs)) == 0;
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
	return path_digest(path_base(path));
}
