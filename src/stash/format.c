#include "stash/format.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "base/utf8.h"

static const char *const names[FORMAT_NAMES] = {
	[FORMAT_TITLE] = "title",
	[FORMAT_STUDIO] = "studio",
	[FORMAT_PARENT_STUDIO] = "parent_studio",
	[FORMAT_DATE] = "date",
	[FORMAT_YEAR] = "year",
	[FORMAT_CODE] = "code",
	[FORMAT_PERFORMERS] = "performers",
	[FORMAT_DIRECTOR] = "director",
	[FORMAT_RATING] = "rating",
	[FORMAT_FILENAME] = "filename",
	[FORMAT_ID] = "id",
};

/* --- what it says ------------------------------------------------------------- */

enum token_kind { TOKEN_END, TOKEN_CHAR, TOKEN_NAME, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_WRONG };

struct token {
	enum token_kind kind;
	const char *at; /* in the format */
	size_t len;	/* of the character, or of what is wrong */
	enum format_name name;
};

static struct token name_token(const char **format)
{
	const char *at = *format, *end = at + strcspn(at, "}");
	struct token token = {
		.kind = TOKEN_WRONG, .at = at, .len = (size_t)(end - at) + (*end == '}')};

	*format = at + token.len;
	for (enum format_name n = 0; *end == '}' && n < FORMAT_NAMES; n++) {
		if (strlen(names[n]) == token.len - 2 &&
			strncasecmp(names[n], at + 1, token.len - 2) == 0) {
			token.kind = TOKEN_NAME;
			token.name = n;
		}
	}
	return token;
}

static struct token next_token(const char **format)
{
	const char *at = *format;
	struct token token = {.kind = TOKEN_CHAR, .at = at, .len = 1};

	if (*at == '\0') {
		token.kind = TOKEN_END;
		return token;
	}
	if (strchr("[]{}", *at) != NULL && at[1] == *at) {
		*format += 2;
		return token;
	}
	if (*at == '{')
		return name_token(format);
	if (*at == '[')
		token.kind = TOKEN_OPEN;
	else if (*at == ']')
		token.kind = TOKEN_CLOSE;
	else if (*at == '}')
		token.kind = TOKEN_WRONG;
	else
		token.len = utf8_char_bytes(at);
	*format += token.len;
	return token;
}

/* Counted as people do, from 1. */
static size_t place(const char *format, const char *at)
{
	size_t n = 1;

	for (; format < at; format++)
		n += ((unsigned char)*format & 0xc0) != 0x80;
	return n;
}

static bool wrong_name(
	const char *format, const struct token *token, const char *setting, struct err *err)
{
	size_t at = place(format, token->at);

	if (*token->at == '}')
		return err_set(err, ERR_SETUP,
			"setting %s: the } at character %zu has no { before it; the character "
			"itself is written }}",
			setting, at);
	if (token->at[token->len - 1] != '}')
		return err_set(err, ERR_SETUP,
			"setting %s: the { at character %zu is never closed by a }", setting, at);
	return err_set(err, ERR_SETUP,
		"setting %s: %.*s at character %zu is not one of {title} {studio} "
		"{parent_studio} {date} {year} {code} {performers} {director} {rating} {filename} "
		"{id}",
		setting, token->len < 40 ? (int)token->len : 40, token->at, at);
}

bool format_check(const char *format, const char *setting, struct err *err)
{
	const char *at = format, *open = NULL;
	struct token token;

	if (strlen(format) > LIMIT_FORMAT_BYTES)
		return err_set(err, ERR_SETUP, "setting %s is longer than %u characters", setting,
			LIMIT_FORMAT_BYTES);
	while ((token = next_token(&at)).kind != TOKEN_END) {
		if (token.kind == TOKEN_WRONG)
			return wrong_name(format, &token, setting, err);
		if (token.kind == TOKEN_OPEN && open != NULL)
			return err_set(err, ERR_SETUP,
				"setting %s: the [ at character %zu stands within another [ ]; "
				"the character itself is written [[",
				setting, place(format, token.at));
		if (token.kind == TOKEN_CLOSE && open == NULL)
			return err_set(err, ERR_SETUP,
				"setting %s: the ] at character %zu has no [ before it; the "
				"character itself is written ]]",
				setting, place(format, token.at));
		if (token.kind == TOKEN_OPEN)
			open = token.at;
		if (token.kind == TOKEN_CLOSE)
			open = NULL;
	}
	return open == NULL ||
	       err_set(err, ERR_SETUP, "setting %s: the [ at character %zu is never closed by a ]",
		       setting, place(format, open));
}

/* --- what comes of it ------------------------------------------------------------ */

/* What was made so far, and for each of its bytes whether it is the format's own. */
struct text {
	struct str out, own;
	bool gap; /* something empty was left out at its end */
	size_t values, filled;
};

static void add(struct text *text, const char *bytes, size_t len, bool own)
{
	str_addn(&text->out, bytes, len);
	for (size_t i = 0; i < len; i++)
		str_addc(&text->own, own ? 'o' : ' ');
	text->gap = false;
}

static void cut(struct text *text, size_t len)
{
	text->out.s[len] = text->own.s[len] = '\0';
	text->out.len = text->own.len = len;
}

/* The length of the format's own character at the end, if it is one of those; 0 if not. */
static size_t ends_in(const struct text *text, const char *const *characters)
{
	for (; *characters != NULL; characters++) {
		size_t len = strlen(*characters);
		if (text->out.len >= len && text->own.s[text->out.len - 1] == 'o' &&
			memcmp(text->out.s + text->out.len - len, *characters, len) == 0)
			return len;
	}
	return 0;
}

static bool is_one_of(const struct token *token, const char *const *characters)
{
	for (; *characters != NULL; characters++) {
		if (strlen(*characters) == token->len &&
			memcmp(*characters, token->at, token->len) == 0)
			return true;
	}
	return false;
}

static const char *const separators[] = {" ", "-", "\xe2\x80\x93", "\xe2\x80\x94", ",", ";", ":",
	"|", "/", "\xc2\xb7", "_", ".", NULL};
static const char *const ends[] = {" ", "-", "\xe2\x80\x93", "\xe2\x80\x94", NULL};
static const char *const openings[] = {"(", "[", "{", NULL};
static const char *const closings[] = {")", "]", "}", NULL};

static void strip_end(struct text *text, const char *const *characters)
{
	size_t len;

	while ((len = ends_in(text, characters)) > 0)
		cut(text, text->out.len - len);
}

/* A character of the format, unless what it separates or encloses is not there. */
static void add_own(struct text *text, const struct token *token)
{
	if (text->gap && is_one_of(token, closings)) {
		strip_end(text, separators);
		if (ends_in(text, openings) > 0) {
			cut(text, text->out.len - 1);
			return;
		}
	}
	if (text->gap && is_one_of(token, separators) &&
		(text->out.len == 0 || ends_in(text, separators) > 0 ||
			ends_in(text, openings) > 0))
		return;
	add(text, token->at, token->len, true);
}

/* The format's own blanks and dashes at the beginning. */
static size_t own_beginning(const struct text *text)
{
	size_t at = 0;

	while (at < text->out.len && text->own.s[at] == 'o') {
		struct token token = {
			.at = text->out.s + at, .len = utf8_char_bytes(text->out.s + at)};
		if (!is_one_of(&token, ends))
			break;
		at += token.len;
	}
	return at;
}

char *format_render(const char *format, const struct format_values *values, struct arena *a)
{
	struct text text = {.gap = false};
	size_t open = 0;
	bool vanishes = false;
	struct token token;

	str_init(&text.out, a);
	str_init(&text.own, a);
	while ((token = next_token(&format)).kind != TOKEN_END) {
		if (token.kind == TOKEN_NAME) {
			const char *value = values->v[token.name];
			text.values++;
			text.filled += *value != '\0';
			vanishes |= *value == '\0';
			if (*value != '\0')
				add(&text, value, strlen(value), false);
			else
				text.gap = true;
		} else if (token.kind == TOKEN_OPEN) {
			open = text.out.len;
			vanishes = false;
		} else if (token.kind == TOKEN_CLOSE && vanishes) {
			if (open < text.out.len)
				cut(&text, open);
			text.gap = true;
		} else if (token.kind == TOKEN_CHAR) {
			add_own(&text, &token);
		}
	}
	if (text.gap)
		strip_end(&text, separators);
	strip_end(&text, ends);
	if (text.values > 0 && text.filled == 0)
		cut(&text, 0);
	return arena_strdup(a, text.out.s + own_beginning(&text));
}
