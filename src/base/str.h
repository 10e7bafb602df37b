/*
 * str.h - strings that grow, and what the C library lacks for others.
 *
 * A struct str lives in an arena, may contain any byte, and is always NUL-terminated.
 */
#ifndef PLEXSYNC_BASE_STR_H
#define PLEXSYNC_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct str {
	char *s;
	size_t len, cap;
	struct arena *arena;
};

void str_init(struct str *, struct arena *);
void str_add(struct str *, const char *);
void str_addn(struct str *, const void *, size_t len);
void str_addc(struct str *, char);
void str_addf(struct str *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A list of strings, in order. The strings are borrowed. */
struct str_list {
	char **v;
	size_t n, cap;
	struct arena *arena;
};

void str_list_init(struct str_list *, struct arena *);
void str_list_add(struct str_list *, char *);
/* True if this very string is in the list. */
bool str_list_has(const struct str_list *, const char *);
/* The same strings in the same order. */
bool str_list_same(const struct str_list *, const struct str_list *);

/* Copies without white space at either end. */
char *str_trim(struct arena *, const char *);
char *str_trimn(struct arena *, const char *, size_t len);
/* A copy without slashes at the end. */
char *str_no_slashes(struct arena *, const char *);

/* Splits at a one-character separator; parts are trimmed, empty ones left out. */
struct str_list str_split(struct arena *, const char *, char separator);

/* The text in double quotes, so that piece_take() reads it as it is. */
char *str_quoted(struct arena *, const char *);

/* True for NULL, "", and white space alone. */
bool str_blank(const char *);
/* True if it has no control characters, so that as part of a header it cannot begin another
 * one. False for NULL. */
bool str_one_line(const char *);
/* Equal; NULL counts as "". */
bool str_eq(const char *, const char *);

/* The whole text as a decimal number; false for anything else, for negative numbers, and
 * for those that do not fit. */
bool str_number(const char *, int64_t *);

#endif
