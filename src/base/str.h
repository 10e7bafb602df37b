/*
 * str.h - strings that grow, and the few questions that C leaves open.
 *
 * A struct str lives in an arena and is NUL-terminated at all times; bytes of
 * any value can be in it.
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
/* The same strings in the same order. */
bool str_list_same(const struct str_list *, const struct str_list *);

/* Copies without the white space at both ends. */
char *str_trim(struct arena *, const char *);
char *str_trimn(struct arena *, const char *, size_t len);
/* Copies without the slashes at the end. */
char *str_no_slashes(struct arena *, const char *);

/* Splits at a one-character separator; parts are trimmed, empty ones left out. */
struct str_list str_split(struct arena *, const char *, char separator);

/* True for NULL, "", and white space alone. */
bool str_blank(const char *);
/* Without control characters: what becomes part of a header must not begin another one.
 * False for NULL. */
bool str_one_line(const char *);
/* Equal; NULL is equal to "" only. */
bool str_eq(const char *, const char *);

/* Decimal text of the whole string to a number; false for anything else,
 * also for what does not fit. Negative numbers are refused. */
bool str_number(const char *, int64_t *);

#endif
