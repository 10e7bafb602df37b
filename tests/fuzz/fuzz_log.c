/*
 * fuzz_log.c - a secret and a text, a line each: what is logged is one line, short
 * enough, without control characters, and without the secret.
 *
 * Standard error is a file in memory while the line is written.
 */
#include "fuzz.h"

#include <ctype.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"

/* Length of what log_info() writes to 'line'. */
static size_t log_to(char *line, size_t room, const char *text)
{
	static int file = -1, was = -1;
	ssize_t len;

	if (file < 0) {
		file = memfd_create("line", MFD_CLOEXEC);
		was = dup(STDERR_FILENO);
		assert(file >= 0 && was >= 0);
		fuzz_report_to(was);
	}
	assert(ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0);
	dup2(file, STDERR_FILENO);
	log_info("%s", text);
	dup2(was, STDERR_FILENO);
	len = pread(file, line, room, 0);
	assert(len >= 0);
	return (size_t)len;
}

static void check_line(const char *text)
{
	char line[2 * LIMIT_LOG_LINE] = {0};
	size_t len = log_to(line, sizeof(line) - 1, text);

	if (*text == '\0') {
		assert(len == 0);
		return;
	}
	assert(len <= LIMIT_LOG_LINE && memcmp(line, "\x01i\x02", 3) == 0);
	assert(line[len - 1] == '\n');
	line[len - 1] = '\0';
	for (size_t i = 3; i < len - 1; i++)
		assert((unsigned char)line[i] >= 0x20 && line[i] != 0x7f);
	assert(!fuzz_is_utf8(text) || fuzz_is_utf8(line + 3));
}

/* Of characters that neither the stars nor the escapes consist of. */
static bool is_plain(const char *secret)
{
	for (const char *p = secret; *p != '\0'; p++) {
		if (!isalpha((unsigned char)*p))
			return false;
	}
	return strlen(secret) >= 4;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct fuzz in = {data, size, &a};
	char *secret, *text;
	size_t len;

	arena_init(&a);
	secret = fuzz_line(&in);
	text = fuzz_text(in.at, in.left);
	len = strlen(text);
	check_line(text);
	if (is_plain(secret)) {
		log_secret(secret);
		check_line(text);
		log_mask(text);
		assert(strstr(text, secret) == NULL && strlen(text) == len);
	}
	free(text);
	arena_clear(&a);
	return 0;
}
