#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void str_init(struct str *str, struct arena *a)
{
	str->arena = a;
	str->len = 0;
	str->cap = 64;
	str->s = arena_alloc(a, str->cap);
}

static void reserve(struct str *str, size_t more)
{
	char *bigger;

	if (str->cap - str->len > more)
		return;
	while (str->cap - str->len <= more)
		str->cap *= 2;
	bigger = arena_alloc(str->arena, str->cap);
	memcpy(bigger, str->s, str->len + 1);
	str->s = bigger;
}

void str_addn(struct str *str, const void *data, size_t len)
{
	if (len == 0)
		return;
	reserve(str, len);
	memcpy(str->s + str->len, data, len);
	str->len += len;
	str->s[str->len] = '\0';
}

void str_add(struct str *str, const char *text)
{
	str_addn(str, text, strlen(text));
}

void str_addc(struct str *str, char c)
{
	str_addn(str, &c, 1);
}

void str_addf(struct str *str, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len <= 0)
		return;
	reserve(str, (size_t)len);
	va_start(args, fmt);
	vsnprintf(str->s + str->len, (size_t)len + 1, fmt, args);
	va_end(args);
	str->len += (size_t)len;
}

void str_list_init(struct str_list *list, struct arena *a)
{
	*list = (struct str_list){.arena = a};
}

void str_list_add(struct str_list *list, char *text)
{
	if (list->n == list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 8;
		char **bigger = arena_array(list->arena, cap, sizeof(*bigger));
		if (list->n > 0)
			memcpy(bigger, list->v, list->n * sizeof(*bigger));
		list->v = bigger;
		list->cap = cap;
	}
	list->v[list->n++] = text;
}

bool str_list_has(const struct str_list *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->v[i], text) == 0)
			return true;
	}
	return false;
}

bool str_list_same(const struct str_list *x, const struct str_list *y)
{
	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++) {
		if (strcmp(x->v[i], y->v[i]) != 0)
			return false;
	}
	return true;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

char *str_trimn(struct arena *a, const char *s, size_t len)
{
	while (len > 0 && is_space(s[len - 1]))
		len--;
	while (len > 0 && is_space(*s)) {
		s++;
		len--;
	}
	return arena_strndup(a, s, len);
}

char *str_trim(struct arena *a, const char *s)
{
	return str_trimn(a, s, strlen(s));
}

char *str_no_slashes(struct arena *a, const char *s)
{
	size_t len = strlen(s);

	while (len > 0 && s[len - 1] == '/')
		len--;
	return arena_strndup(a, s, len);
}

struct str_list str_split(struct arena *a, const char *s, char separator)
{
	struct str_list list;

	str_list_init(&list, a);
	if (s == NULL)
		return list;
	for (;;) {
		const char *end = strchr(s, separator);
		char *part = end ? str_trimn(a, s, (size_t)(end - s)) : str_trim(a, s);
		if (*part != '\0')
			str_list_add(&list, part);
		if (end == NULL)
			return list;
		s = end + 1;
	}
}

char *str_quoted(struct arena *a, const char *s)
{
	struct str text;

	str_init(&text, a);
	str_addc(&text, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"')
			str_addc(&text, '"');
		str_addc(&text, *s);
	}
	str_addc(&text, '"');
	return text.s;
}

bool str_blank(const char *s)
{
	while (s != NULL && *s != '\0') {
		if (!is_space(*s++))
			return false;
	}
	return true;
}

bool str_one_line(const char *s)
{
	for (const char *p = s; p != NULL && *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	}
	return s != NULL;
}

bool str_eq(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

bool str_number(const char *s, int64_t *number)
{
	int64_t n = 0;

	if (s == NULL || *s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		int digit = *s - '0';
		if (digit < 0 || digit > 9 || n > (INT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*number = n;
	return true;
}
