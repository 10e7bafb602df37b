/*
 * log.c - its file-scope state is the style, the level and the secrets to mask. A logger that
 * had to be passed to every function would be left out where it is needed most.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/utf8.h"

#define PROGRESS_US 300000
#define DRAIN_US    50000

/* This much of the beginning of a secret is masked even where the rest was cut off. */
#define SHORTEST_PART ((size_t)8)

static struct {
	enum log_style style;
	enum log_level least;
	bool hide_paths;
	int64_t progress_us;
	char *secrets[LIMIT_SECRETS];
	size_t secret_count;
} logger;

void log_init(enum log_style style, enum log_level least)
{
	logger.style = style;
	logger.least = least;
}

void log_secret(const char *secret)
{
	size_t len = secret ? strlen(secret) : 0;
	char *copy;

	if (len < 4)
		return;
	for (size_t i = 0; i < logger.secret_count; i++) {
		if (strcmp(logger.secrets[i], secret) == 0)
			return;
	}
	if (logger.secret_count == LIMIT_SECRETS) { /* an old cookie makes room */
		char **cookies = &logger.secrets[LIMIT_SECRETS / 2];
		free(cookies[0]);
		logger.secret_count--;
		memmove(cookies, cookies + 1, (LIMIT_SECRETS / 2 - 1) * sizeof(*cookies));
	}
	copy = arena_malloc(len + 1);
	memcpy(copy, secret, len + 1);
	logger.secrets[logger.secret_count++] = copy;
}

/* True for "%2f" and "%2F", if the character is '/'. */
static bool is_encoded(const char *text, char c)
{
	char code[4];

	snprintf(code, sizeof(code), "%%%02x", (unsigned char)c);
	return strncasecmp(text, code, 3) == 0;
}

/* How many characters here are the secret, or enough of its beginning; 0: none are. */
static size_t length_at(const char *text, const char *secret, bool encoded)
{
	const char *at = text;
	size_t n = 0;

	for (; secret[n] != '\0'; n++) {
		if (encoded && *at == '%' && is_encoded(at, secret[n]))
			at += 3;
		else if (*at == secret[n])
			at++;
		else
			break;
	}
	return secret[n] == '\0' || n >= SHORTEST_PART ? (size_t)(at - text) : 0;
}

/* Everything is marked before anything is overwritten: one secret may be part of
 * another. */
static char *marks_of(const char *text, size_t len)
{
	char *marks = arena_malloc(len + 1);

	memset(marks, 0, len + 1);
	for (size_t i = 0; i < logger.secret_count; i++) {
		for (size_t at = 0; at < len; at++) {
			memset(marks + at, 1, length_at(text + at, logger.secrets[i], false));
			memset(marks + at, 1, length_at(text + at, logger.secrets[i], true));
		}
	}
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

/* Copies with control characters (C1 included), and bytes that are not UTF-8, escaped; stops
 * before the room ends, and never inside a UTF-8 sequence. Returns the length. */
static size_t escape(char *to, size_t room, const char *from)
{
	size_t len = 0, n;

	for (; *from != '\0'; from += n > 0 ? n : 1) {
		unsigned char c = (unsigned char)*from, next = (unsigned char)from[1];
		bool is_c1 = c == 0xc2 && (next & 0xe0) == 0x80;
		bool is_odd;
		n = utf8_valid_bytes(from);
		is_odd = n == 0 || c < 0x20 || c == 0x7f || is_c1;
		if (room - len < (is_odd ? 5u : n))
			break;
		if (is_odd)
			len += (size_t)snprintf(to + len, room - len, "\\x%02x", is_c1 ? next : c);
		else
			memcpy(to + len, from, n);
		len += is_odd ? 0 : n;
	}
	return len;
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

void log_at(enum log_level level, const char *fmt, ...)
{
	char line[LIMIT_LOG_LINE], *text;
	size_t len, start;
	va_list args;
	int made;

	if (level < logger.least)
		return;
	va_start(args, fmt);
	made = vasprintf(&text, fmt, args);
	va_end(args);
	if (made < 0)
		return;
	log_mask(text); /* whole, before it is cut */
	start = prefix(line, level);
	len = start + escape(line + start, sizeof(line) - start - 1, text);
	free(text);
	if (len == start)
		return;
	line[len++] = '\n';
	file_write_fd(STDERR_FILENO, line, len);
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
	file_write_fd(STDERR_FILENO, line, (size_t)len);
}

void log_finish(void)
{
	int pending = 0;

	if (logger.style != LOG_STASH || isatty(STDERR_FILENO))
		return;
	for (int64_t us = 0, nap = 50; us < DRAIN_US; us += nap, nap = nap < 1000 ? nap * 2 : nap) {
		/* Works on the writing end of a pipe on Linux, and fails elsewhere. */
		if (ioctl(STDERR_FILENO, FIONREAD, &pending) != 0 || pending == 0)
			break;
		usleep((useconds_t)nap);
	}
}
