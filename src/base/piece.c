#include "base/piece.h"

#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

static bool ends_at(const char *s, const char *const *ends)
{
	for (; *ends != NULL; ends++) {
		if (strncmp(s, *ends, strlen(*ends)) == 0)
			return true;
	}
	return *s == '\0';
}

static const char *skip_blanks(const char *s, const char *const *ends)
{
	while (!ends_at(s, ends) && utf8_blank_bytes(s) > 0)
		s += utf8_char_bytes(s);
	return s;
}

static char *quoted(struct arena *a, const char **at, const char *const *ends, const char **wrong)
{
	struct str piece;
	const char *s = *at + 1;

	str_init(&piece, a);
	for (; *s != '\0' && (s[0] != '"' || s[1] == '"'); s += 1 + (*s == '"'))
		str_addc(&piece, *s);
	*at = *s == '\0' ? s : skip_blanks(s + 1, ends);
	if (*s != '\0' && ends_at(*at, ends))
		return piece.s;
	*wrong = *s == '\0' ? "has a double quote that is not closed"
			    : "goes on after the closing quote";
	return NULL;
}

/* Text programs write such quotes: a name in them would be torn in two at its comma. */
static bool is_torn(const char *piece)
{
	static const char *const opening[] = {
		"\xe2\x80\x9c", "\xe2\x80\x9e", "\xc2\xab", NULL}; /* U+201C U+201E U+00AB */
	static const char *const closing[] = {
		"\xe2\x80\x9d", "\xe2\x80\x9c", "\xc2\xbb", NULL}; /* U+201D U+201C U+00BB */

	if (*piece == '\0' || !ends_at(piece, opening))
		return false;
	for (piece++; !ends_at(piece, closing);)
		piece++;
	return *piece == '\0';
}

char *piece_take(struct arena *a, const char **at, const char *const *ends, const char **wrong)
{
	const char *s = *at = skip_blanks(*at, ends);
	char *piece;

	if (*s == '"')
		return quoted(a, at, ends, wrong);
	while (!ends_at(*at, ends))
		(*at)++;
	piece = utf8_trim(a, arena_strndup(a, s, (size_t)(*at - s)));
	if (!is_torn(piece))
		return piece;
	*wrong = "begins with a typographic quote: write quotes as \"";
	return NULL;
}
