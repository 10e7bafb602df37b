/* json.c - see json.h. */
#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* Deepest nesting of the text, strings skipped. Cheap, and the parser behind it
 * recurses: its own limit is compiled in, and is not ours. */
static size_t depth(const char *text, size_t len)
{
	size_t now = 0, most = 0;
	bool in_string = false;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			if (++now > most)
				most = now;
		} else if ((c == '}' || c == ']') && now > 0) {
			now--;
		}
	}
	return most;
}

/* The next escaped NUL at or behind 'from', or 'len'. */
static size_t find_nul(const char *text, size_t len, size_t from)
{
	for (size_t i = from; i + 6 <= len; i++) {
		if (text[i] != '\\')
			continue;
		if (memcmp(text + i, "\\u0000", 6) == 0)
			return i;
		i++;
	}
	return len;
}

/* A string would silently end at an escaped NUL; it becomes the replacement
 * character, as everything does that a text cannot hold. */
static cJSON *parse(const char *text, size_t len, const char **end)
{
	static const char replacement[6] = {'\\', 'u', 'f', 'f', 'f', 'd'};
	size_t at = find_nul(text, len, 0);
	cJSON *tree;
	char *copy;

	if (at == len)
		return cJSON_ParseWithLengthOpts(text, len + 1, end, true);
	copy = arena_malloc(len + 1);
	memcpy(copy, text, len + 1);
	for (; at < len; at = find_nul(copy, len, at))
		memcpy(copy + at, replacement, 6);
	tree = cJSON_ParseWithLengthOpts(copy, len + 1, end, true);
	*end = text + (*end - copy);
	free(copy);
	return tree;
}

cJSON *json_parse(const char *text, size_t len, struct err *err)
{
	const char *end = text;
	cJSON *tree;

	if (len == 0) {
		err_set(err, ERR_INPUT, "empty");
		return NULL;
	}
	if (memchr(text, '\0', len) != NULL) {
		err_set(err, ERR_INPUT, "there is a NUL byte in it");
		return NULL;
	}
	if (depth(text, len) > LIMIT_JSON_DEPTH) {
		err_set(err, ERR_INPUT, "nested deeper than %d levels", LIMIT_JSON_DEPTH);
		return NULL;
	}
	tree = parse(text, len, &end);
	if (tree == NULL)
		err_set(err, ERR_INPUT, "not JSON (at byte %zu of %zu)", (size_t)(end - text), len);
	return tree;
}

const cJSON *json_get(const cJSON *object, const char *name)
{
	const cJSON *value;

	if (!cJSON_IsObject(object))
		return NULL;
	value = cJSON_GetObjectItemCaseSensitive(object, name);
	return value == NULL || cJSON_IsNull(value) ? NULL : value;
}

const char *json_text(const cJSON *object, const char *name)
{
	const cJSON *value = json_get(object, name);

	return cJSON_IsString(value) ? value->valuestring : NULL;
}

char *json_copy(struct arena *a, const cJSON *object, const char *name)
{
	const char *text = json_text(object, name);

	return arena_strdup(a, text ? text : "");
}

bool json_to_int(const cJSON *value, int64_t *number)
{
	double d;

	if (cJSON_IsString(value))
		return str_number(value->valuestring, number);
	if (!cJSON_IsNumber(value))
		return false;
	d = value->valuedouble;
	if (!(d > -9007199254740992.0 && d < 9007199254740992.0) || floor(d) < d)
		return false;
	*number = (int64_t)d;
	return true;
}

char *json_id(struct arena *a, const cJSON *object, const char *name)
{
	const cJSON *value = json_get(object, name);
	int64_t number;

	if (cJSON_IsString(value) && value->valuestring[0] != '\0')
		return arena_strdup(a, value->valuestring);
	if (value != NULL && json_to_int(value, &number))
		return arena_printf(a, "%lld", (long long)number);
	return NULL;
}

int64_t json_int(const cJSON *object, const char *name, int64_t fallback)
{
	const cJSON *value = json_get(object, name);
	int64_t number;

	return value != NULL && json_to_int(value, &number) ? number : fallback;
}

bool json_to_bool(const cJSON *value, bool *result)
{
	int64_t number;

	if (cJSON_IsBool(value)) {
		*result = cJSON_IsTrue(value);
		return true;
	}
	if (cJSON_IsString(value) && strcmp(value->valuestring, "true") == 0)
		return *result = true;
	if (cJSON_IsString(value) && strcmp(value->valuestring, "false") == 0) {
		*result = false;
		return true;
	}
	if (!json_to_int(value, &number) || number < 0 || number > 1)
		return false;
	*result = number == 1;
	return true;
}

struct str_list json_names(
	struct arena *a, const cJSON *list, const char *inner, const char *member)
{
	struct str_list names;
	const cJSON *element;

	str_list_init(&names, a);
	if (!cJSON_IsArray(list))
		return names;
	cJSON_ArrayForEach(element, list)
	{
		const char *name = json_text(inner ? json_get(element, inner) : element, member);
		if (!str_blank(name))
			str_list_add(&names, arena_strdup(a, name));
	}
	return names;
}
