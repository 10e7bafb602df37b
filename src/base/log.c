/*
 * log.c - see log.h.
 *
 * File-scope state: style, level and the secrets to mask. A logger that had to
 * be passed to every function would be left out where it is needed most.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"

#define PROGRESS_US 300000
#define DRAIN_US    50000

/* So much of the beginning of a secret is masked also where the rest was cut off. */
#define SHORTEST_PART ((size_t)8)

/* A secret, and its base64, which depends on how many bytes stand before it. */
enum { FORM_PLAIN, FORM_BASE64, FORM_COUNT = FORM_BASE64 + 3 };

struct secret {
	char *forms[FORM_COUNT];
};

static struct {
	enum log_style style;
	enum log_level least;
	bool hide_paths;
	int64_t progress_us;
	struct secret secrets[LIMIT_SECRETS];
	size_t secret_count;
} logger;

void log_init(enum log_style style, enum log_level least)
{
	logger.style = style;
	logger.least = least;
}

/* The base64 of the text behind 'before' unknown bytes, as far as it does not depend on
 * what stands around it. */
static char *base64_of(const char *text, size_t before)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t bits = strlen(text) * 8, n = 0;
	char *form = arena_malloc(bits / 6 + 2);

	for (size_t at = (6 - before * 8 % 6) % 6; at + 6 <= bits; at += 6) {
		unsigned pair = (unsigned)(unsigned char)text[at / 8] << 8 |
				(unsigned char)text[at / 8 + 1];
		form[n++] = letters[pair >> (10 - at % 8) & 63];
	}
	form[n] = '\0';
	return form;
}

static void drop_secret(size_t i)
{
	for (size_t f = 0; f < FORM_COUNT; f++)
		free(logger.secrets[i].forms[f]);
	logger.secret_count--;
	memmove(&logger.secrets[i], &logger.secrets[i + 1],
		(logger.secret_count - i) * sizeof(logger.secrets[0]));
}

void log_secret(const char *secret)
{
	size_t len = secret ? strlen(secret) : 0;
	struct secret *fresh;

	if (len < 4)
		return;
	for (size_t i = 0; i < logger.secret_count; i++) {
		if (strcmp(logger.secrets[i].forms[FORM_PLAIN], secret) == 0)
			return;
	}
	if (logger.secret_count == LIMIT_SECRETS) /* the oldest of the later ones: a cookie */
		drop_secret(LIMIT_SECRETS / 2);
	fresh = &logger.secrets[logger.secret_count++];
	fresh->forms[FORM_PLAIN] = arena_malloc(len + 1);
	memcpy(fresh->forms[FORM_PLAIN], secret, len + 1);
	for (size_t before = 0; before < 3; before++)
		fresh->forms[FORM_BASE64 + before] = base64_of(secret, before);
}

/* A text as somebody reads it who decodes it, and where each byte of that came from. */
struct view {
	unsigned char *bytes;
	size_t *from;
	size_t len;
};

/* Reads one byte; returns of how many characters. */
typedef size_t read_byte(const char *text, unsigned char *byte);

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) % 16 : -1;
}

static size_t read_plain(const char *text, unsigned char *byte)
{
	*byte = (unsigned char)*text;
	return 1;
}

static size_t read_percent(const char *text, unsigned char *byte)
{
	int high = *text == '%' ? hex_digit(text[1]) : -1;
	int low = high >= 0 ? hex_digit(text[2]) : -1;

	*byte = (unsigned char)(low >= 0 ? high * 16 + low : *text);
	return low >= 0 ? 3 : 1;
}

static size_t read_escaped(const char *text, unsigned char *byte)
{
	int high, low;

	*byte = (unsigned char)*text;
	if (*text != '\\' || text[1] == '\0')
		return 1;
	high = strncmp(text, "\\u00", 4) == 0 ? hex_digit(text[4]) : -1;
	low = high >= 0 ? hex_digit(text[5]) : -1;
	*byte = (unsigned char)(low >= 0 ? high * 16 + low : text[1]);
	return low >= 0 ? 6 : 2;
}

/* Percent-encoded, and the letters of base64 that are for URLs as the usual ones. */
static size_t read_base64(const char *text, unsigned char *byte)
{
	size_t len = read_percent(text, byte);

	if (*byte == '-')
		*byte = '+';
	else if (*byte == '_')
		*byte = '/';
	return len;
}

static void view_open(struct view *view, const char *text, size_t len, read_byte *read)
{
	size_t at = 0;

	*view = (struct view){.bytes = arena_malloc(len + 1),
		.from = arena_malloc((len + 1) * sizeof(*view->from))};
	while (at < len) {
		view->from[view->len] = at;
		at += read(text + at, &view->bytes[view->len++]);
	}
	view->from[view->len] = len;
}

/* Marks each place of the secret, or of the beginning of one that was cut off. */
static void mark(const struct view *view, const char *secret, char *marks)
{
	size_t size = strlen(secret), least = size < SHORTEST_PART ? size : SHORTEST_PART;
	const unsigned char *end = view->bytes + view->len, *hit = view->bytes;

	if (size < 4)
		return;
	while ((hit = memmem(hit, (size_t)(end - hit), secret, least)) != NULL) {
		size_t at = (size_t)(hit - view->bytes), n = least;
		while (n < size && at + n < view->len && hit[n] == (unsigned char)secret[n])
			n++;
		memset(marks + view->from[at], 1, view->from[at + n] - view->from[at]);
		hit++;
	}
}

static void mark_all(const char *text, size_t len, read_byte *read, size_t first_form,
	size_t form_count, char *marks)
{
	struct view view;

	view_open(&view, text, len, read);
	for (size_t i = 0; i < logger.secret_count; i++) {
		for (size_t f = first_form; f < first_form + form_count; f++)
			mark(&view, logger.secrets[i].forms[f], marks);
	}
	free(view.bytes);
	free(view.from);
}

/* Marks what is to be masked before anything is overwritten: one secret may
 * be the beginning, or a part, of another. */
static char *marks_of(const char *text, size_t len)
{
	char *marks = arena_malloc(len + 1);

	memset(marks, 0, len + 1);
	mark_all(text, len, read_plain, FORM_PLAIN, 1, marks);
	if (memchr(text, '%', len) != NULL)
		mark_all(text, len, read_percent, FORM_PLAIN, 1, marks);
	if (memchr(text, '\\', len) != NULL)
		mark_all(text, len, read_escaped, FORM_PLAIN, 1, marks);
	mark_all(text, len, read_base64, FORM_BASE64, FORM_COUNT - FORM_BASE64, marks);
	return marks;
}

void log_mask(char *text)
{
	size_t len = strlen(text);
	char *marks = marks_of(text, len);

	for (size_t i = 0; i < len; i++) {
		if (marks[i])
			text[i] = '*';
	}
	free(marks);
}

bool log_has_secret(const char *text)
{
	size_t len = strlen(text);
	char *marks = marks_of(text, len);
	bool has = memchr(marks, 1, len) != NULL;

	free(marks);
	return has;
}

void log_hide_paths(bool hide)
{
	logger.hide_paths = hide;
}

const char *log_path(const char *path)
{
	return logger.hide_paths ? "(path hidden)" : path;
}

/* Copies with control characters escaped; stops before the room ends and not
 * inside of a UTF-8 sequence. Returns the length. */
static size_t escape(char *to, size_t room, const char *from)
{
	size_t len = 0;

	for (; *from != '\0'; from++) {
		unsigned char c = (unsigned char)*from;
		if (c < 0x20 || c == 0x7f) {
			if (room - len < 5)
				break;
			len += (size_t)snprintf(to + len, room - len, "\\x%02x", c);
		} else if (c == 0xc2 && ((unsigned char)from[1] & 0xe0) == 0x80) {
			if (room - len < 5) /* C1: control characters as well */
				break;
			len += (size_t)snprintf(
				to + len, room - len, "\\x%02x", (unsigned char)*++from);
		} else {
			if (room - len < ((c >= 0xc0) ? 4u : 1u))
				break;
			to[len++] = (char)c;
		}
	}
	return len;
}

/* The pipe may be gone (Stash stopped reading): then there is nobody to tell. */
static void put(const char *line, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDERR_FILENO, line, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		line += n;
		len -= (size_t)n;
	}
}

static size_t prefix(char *line, enum log_level level)
{
	static const char letters[] = "tdiwe";
	static const char *const words[] = {"trace: ", "", "", "warning: ", "error: "};

	if (logger.style == LOG_TERMINAL) {
		size_t len = strlen(words[level]);
		memcpy(line, words[level], len);
		return len;
	}
	line[0] = '\x01';
	line[1] = letters[level];
	line[2] = '\x02';
	return 3;
}

static void vlog(enum log_level level, const char *fmt, va_list args)
{
	char line[LIMIT_LOG_LINE], *text;
	size_t len, start;

	if (level < logger.least)
		return;
	if (vasprintf(&text, fmt, args) < 0)
		return;
	log_mask(text); /* whole, before it is cut */
	start = prefix(line, level);
	len = start + escape(line + start, sizeof(line) - start - 1, text);
	free(text);
	if (len == start)
		return;
	line[len++] = '\n';
	put(line, len);
}

#define LOG_FUNCTION(name, level)                                                                  \
	void name(const char *fmt, ...)                                                            \
	{                                                                                          \
		va_list args;                                                                      \
                                                                                                   \
		va_start(args, fmt);                                                               \
		vlog(level, fmt, args);                                                            \
		va_end(args);                                                                      \
	}

LOG_FUNCTION(log_trace, LOG_TRACE)
LOG_FUNCTION(log_debug, LOG_DEBUG)
LOG_FUNCTION(log_info, LOG_INFO)
LOG_FUNCTION(log_warning, LOG_WARNING)
LOG_FUNCTION(log_error, LOG_ERROR)

void log_at(enum log_level level, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vlog(level, fmt, args);
	va_end(args);
}

void log_progress(double part)
{
	char line[32];
	int64_t now = clock_us();
	int len;

	if (logger.style == LOG_TERMINAL)
		return;
	if (part < 1 && logger.progress_us != 0 && now - logger.progress_us < PROGRESS_US)
		return;
	logger.progress_us = now;
	len = snprintf(line, sizeof(line), "\x01p\x02%.3f\n", part);
	put(line, (size_t)len);
}

void log_finish(void)
{
	int pending = 0;

	if (logger.style != LOG_STASH || isatty(STDERR_FILENO))
		return;
	for (int64_t us = 0, nap = 50; us < DRAIN_US; us += nap, nap = nap < 1000 ? nap * 2 : nap) {
		/* Works on the writing end of a pipe on Linux; where it does
		 * not, or stderr is no pipe, a short nap has to do. */
		if (ioctl(STDERR_FILENO, FIONREAD, &pending) != 0 || pending == 0)
			break;
		usleep((useconds_t)nap);
	}
}
