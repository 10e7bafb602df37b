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

static void drop_secret(size_t i)
{
	free(logger.secrets[i]);
	logger.secret_count--;
	memmove(&logger.secrets[i], &logger.secrets[i + 1],
		(logger.secret_count - i) * sizeof(logger.secrets[0]));
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
	if (logger.secret_count == LIMIT_SECRETS) /* the oldest of the later ones: a cookie */
		drop_secret(LIMIT_SECRETS / 2);
	copy = arena_malloc(len + 1);
	memcpy(copy, secret, len + 1);
	logger.secrets[logger.secret_count++] = copy;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) % 16 : -1;
}

/* The byte that is percent-encoded here; -1: none is. */
static int encoded_byte(const char *text)
{
	int high = *text == '%' ? hex_digit(text[1]) : -1;
	int low = high >= 0 ? hex_digit(text[2]) : -1;

	return low >= 0 ? high * 16 + low : -1;
}

/* How many characters here are the secret, or enough of its beginning; 0: none are. */
static size_t length_at(const char *text, const char *secret, bool encoded)
{
	const char *at = text;
	size_t n = 0;

	for (; secret[n] != '\0'; n++) {
		if (encoded && encoded_byte(at) == (unsigned char)secret[n])
			at += 3;
		else if (*at == secret[n])
			at++;
		else
			break;
	}
	return secret[n] == '\0' || n >= SHORTEST_PART ? (size_t)(at - text) : 0;
}

/* Marks what is to be masked before anything is overwritten: one secret may
 * be the beginning, or a part, of another. */
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

/* The pipe may be gone (Stash stopped reading): then nobody reads it. */
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
	put(line, len);
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
		 * not, or stderr is not a pipe, a short nap has to do. */
		if (ioctl(STDERR_FILENO, FIONREAD, &pending) != 0 || pending == 0)
			break;
		usleep((useconds_t)nap);
	}
}
