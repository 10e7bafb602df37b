/*
 * fuzz.h - what the targets share: the input as text, as JSON, or taken apart
 * into the arguments of a function.
 *
 * A target asserts what its module promises for any input. It is one function,
 * LLVMFuzzerTestOneInput; libFuzzer calls it with inputs that it makes, replay.c
 * with those of corpus/.
 */
#ifndef PLEXSYNC_TESTS_FUZZ_FUZZ_H
#define PLEXSYNC_TESTS_FUZZ_FUZZ_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy that ends in NUL and no byte later, so that reading on is seen. Free it. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	assert(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* The input as JSON; NULL if it is none. */
static inline cJSON *fuzz_json(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct err err;
	cJSON *tree = json_parse(text, size, &err);

	free(text);
	return tree;
}

/* An input that is taken apart; behind its end there are zeros. */
struct fuzz {
	const uint8_t *at;
	size_t left;
	struct arena *arena;
};

static inline uint8_t fuzz_byte(struct fuzz *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->at++;
}

static inline bool fuzz_flag(struct fuzz *in)
{
	return fuzz_byte(in) & 1;
}

/* The bytes up to the next newline, or all that are left. */
static inline char *fuzz_line(struct fuzz *in)
{
	const uint8_t *end = in->left > 0 ? memchr(in->at, '\n', in->left) : NULL;
	size_t len = end ? (size_t)(end - in->at) : in->left;
	char *line = arena_alloc(in->arena, len + 1);

	if (len > 0)
		memcpy(line, in->at, len);
	in->at += len + (end != NULL);
	in->left -= len + (end != NULL);
	return line;
}

/* Where sanitizers report to while stderr is something else. */
void __sanitizer_set_report_fd(void *fd) __attribute__((weak));

static inline void fuzz_report_to(int fd)
{
	if (__sanitizer_set_report_fd != NULL)
		__sanitizer_set_report_fd((void *)(intptr_t)fd);
}

/* True if cleaning changes nothing but what is no character of XML. */
static inline bool fuzz_is_utf8(const char *text)
{
	struct arena a;
	bool valid;

	arena_init(&a);
	valid = strcmp(utf8_clean(&a, text), text) == 0;
	arena_clear(&a);
	return valid;
}

#endif
