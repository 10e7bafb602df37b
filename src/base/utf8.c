/* utf8.c - utf8proc does the Unicode; this file does the policy. */
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/str.h"

static bool is_ascii(const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s >= 0x80)
			return false;
	}
	return true;
}

/* 'each': what becomes of every character before that; NULL: nothing. */
static char *map_each(
	struct arena *a, const char *s, utf8proc_option_t options, utf8proc_custom_func each)
{
	const utf8proc_uint8_t *in = (const utf8proc_uint8_t *)s;
	utf8proc_uint8_t *out = NULL;
	utf8proc_ssize_t len;
	char *copy;

	len = utf8proc_map_custom(
		in, 0, &out, options | UTF8PROC_NULLTERM | UTF8PROC_STABLE, each, NULL);
	if (len < 0) /* not UTF-8 */
		return arena_strdup(a, s);
	copy = arena_strndup(a, (const char *)out, (size_t)len);
	free(out);
	return copy;
}

static char *map(struct arena *a, const char *s, utf8proc_option_t options)
{
	return map_each(a, s, options, NULL);
}

char *utf8_nfc(struct arena *a, const char *s)
{
	return is_ascii(s) ? arena_strdup(a, s) : map(a, s, UTF8PROC_COMPOSE);
}

static char *lower_ascii(struct arena *a, const char *s)
{
	char *copy = arena_strdup(a, s);

	for (char *p = copy; *p != '\0'; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	}
	return copy;
}

char *utf8_fold(struct arena *a, const char *s)
{
	if (is_ascii(s))
		return lower_ascii(a, s);
	/* Composed first: folding can change the order of marks. */
	return map(a, map(a, s, UTF8PROC_COMPOSE), UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
}

/* A letter and its other case lead to each other; the long s and the final sigma, whose capital
 * is another letter's, stay what they are. */
static utf8proc_int32_t small(utf8proc_int32_t c, void *unused)
{
	utf8proc_int32_t lower = utf8proc_tolower(c);

	(void)unused;
	return utf8proc_toupper(lower) == utf8proc_toupper(c) ? lower : c;
}

char *utf8_lower(struct arena *a, const char *s)
{
	if (is_ascii(s))
		return lower_ascii(a, s);
	return map_each(a, map(a, s, UTF8PROC_COMPOSE), UTF8PROC_COMPOSE, small);
}

static const char *plain_form(utf8proc_int32_t c)
{
	static const struct {
		utf8proc_int32_t first, last;
		const char *plain;
	} forms[] = {{0x00ab, 0x00ab, "\""}, {0x00b4, 0x00b4, "'"}, {0x00bb, 0x00bb, "\""},
		{0x02bc, 0x02bc, "'"}, {0x2010, 0x2015, "-"}, {0x2018, 0x201b, "'"},
		{0x201c, 0x201f, "\""}, {0x2026, 0x2026, "..."}, {0x2032, 0x2032, "'"},
		{0x2212, 0x2212, "-"}};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		if (c >= forms[i].first && c <= forms[i].last)
			return forms[i].plain;
	}
	return NULL;
}

char *utf8_plain(struct arena *a, const char *s)
{
	struct str out;

	if (is_ascii(s))
		return arena_strdup(a, s);
	str_init(&out, a);
	while (*s != '\0') {
		utf8proc_int32_t c;
		utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)s, -1, &c);
		const char *plain = len > 0 ? plain_form(c) : NULL;
		if (len <= 0)
			len = 1;
		if (plain != NULL)
			str_add(&out, plain);
		else
			str_addn(&out, s, (size_t)len);
		s += len;
	}
	return out.s;
}

char *utf8_name(struct arena *a, const char *s)
{
	s = utf8_squeeze(a, s);
	if (!is_ascii(s)) /* which ends in what nobody sees */
		s = utf8_squeeze(a, map(a, s, UTF8PROC_COMPOSE | UTF8PROC_IGNORE));
	return utf8_fold(a, s);
}

bool utf8_same_name(const char *x, const char *y)
{
	struct arena a;
	bool same;

	arena_init(&a);
	same = strcmp(utf8_name(&a, x), utf8_name(&a, y)) == 0;
	arena_clear(&a);
	return same;
}

bool utf8_has_name(const struct str_list *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++) {
		if (utf8_same_name(names->v[i], name))
			return true;
	}
	return false;
}

size_t utf8_char_bytes(const char *text)
{
	size_t bytes = 1;

	while (((unsigned char)text[bytes] & 0xc0) == 0x80)
		bytes++;
	return bytes;
}

size_t utf8_valid_bytes(const char *text)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &c);

	return len > 0 && c != 0 ? (size_t)len : 0;
}

bool utf8_is_valid(const char *text)
{
	size_t len;

	while ((len = utf8_valid_bytes(text)) > 0)
		text += len;
	return *text == '\0';
}

size_t utf8_cut(const char *text, size_t most)
{
	size_t len = strlen(text);

	if (len <= most)
		return len;
	for (len = most; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
		len--;
	return len;
}

bool utf8_has_words(struct arena *a, const char *text, const struct str_list *words)
{
	const char *folded = utf8_fold(a, text);

	for (size_t i = 0; i < words->n; i++) {
		if (strstr(folded, words->v[i]) == NULL)
			return false;
	}
	return true;
}

/* Char of XML 1.0, section 2.2, without the non-characters it discourages. */
static bool xml_can_carry(utf8proc_int32_t c)
{
	if (c < 0x20)
		return c == '\t' || c == '\n';
	return c != 0x7f && !(c >= 0xd800 && c <= 0xdfff) && c != 0xfffe && c != 0xffff;
}

char *utf8_clean(struct arena *a, const char *s)
{
	struct str out;
	size_t left = strlen(s);

	str_init(&out, a);
	while (left > 0) {
		const utf8proc_uint8_t *in = (const utf8proc_uint8_t *)s;
		utf8proc_int32_t c;
		utf8proc_ssize_t len = utf8proc_iterate(in, (utf8proc_ssize_t)left, &c);

		if (len <= 0) {
			str_add(&out, "\xef\xbf\xbd");
			len = 1;
		} else if (c == '\r') {
			if (left < 2 || s[1] != '\n')
				str_addc(&out, '\n');
		} else if (xml_can_carry(c)) {
			str_addn(&out, s, (size_t)len);
		}
		s += len;
		left -= (size_t)len;
	}
	return out.s;
}

char *utf8_clean_line(struct arena *a, const char *s)
{
	char *line = utf8_clean(a, s);

	for (char *p = line; *p != '\0'; p++) {
		if (*p == '\n' || *p == '\t')
			*p = ' ';
	}
	return str_trim(a, line);
}

/* Joiners and variation selectors are not seen either, but belong to the character before. */
static bool is_blank(utf8proc_int32_t c)
{
	return c == '\t' || utf8proc_category(c) == UTF8PROC_CATEGORY_ZS || c == 0x200b ||
	       c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || c == 0x2060 ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

size_t utf8_blank_bytes(const char *line)
{
	const char *s = line;
	utf8proc_int32_t c;
	utf8proc_ssize_t len;

	while ((len = utf8proc_iterate((const utf8proc_uint8_t *)s, -1, &c)) > 0 && is_blank(c))
		s += len;
	return (size_t)(s - line);
}

char *utf8_trim(struct arena *a, const char *s)
{
	const char *end = s += utf8_blank_bytes(s);

	for (const char *p = s; *p != '\0'; p += utf8_blank_bytes(p))
		end = p += utf8_char_bytes(p);
	return arena_strndup(a, s, (size_t)(end - s));
}

char *utf8_squeeze(struct arena *a, const char *s)
{
	struct str out;
	utf8proc_int32_t c;
	utf8proc_ssize_t len;

	str_init(&out, a);
	for (s = utf8_clean_line(a, s); *s != '\0'; s += len) {
		len = utf8proc_iterate((const utf8proc_uint8_t *)s, -1, &c);
		if (len <= 0)
			len = 1; /* cannot happen: the text is clean */
		if (c < 0 || utf8proc_category(c) != UTF8PROC_CATEGORY_ZS)
			str_addn(&out, s, (size_t)len);
		else if (out.len > 0 && out.s[out.len - 1] != ' ')
			str_addc(&out, ' ');
	}
	return utf8_nfc(a, str_trim(a, out.s));
}
