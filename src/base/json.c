#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* cJSON takes \u without four digits for a NUL, at which a string would silently end. */
static bool is_cut_escape(const char *c)
{
	return c[1] == 'u' && strspn(c + 2, "0123456789abcdefABCDEF") < 4;
}

/* Deepest nesting of the text: the parser recurses, and its own limit is compiled in. A
 * string would silently end at an escaped NUL; it becomes the replacement character, like
 * everything else that a text cannot hold. */
static size_t prepare(char *text)
{
	size_t now = 0, most = 0;
	bool in_string = false;

	for (char *c = text; *c != '\0'; c++) {
		if (*c == '"') {
			in_string = !in_string;
		} else if (in_string && *c == '\\') {
			if (strncmp(c, "\\u0000", 6) == 0)
				memcpy(c, "\\ufffd", 6);
			if (is_cut_escape(c))
				c[1] = 'x'; /* which the parser refuses */
			if (c[1] != '\0')
				c++;
		} else if (!in_string && (*c == '{' || *c == '[')) {
			if (++now > most)
				most = now;
		} else if (!in_string && (*c == '}' || *c == ']') && now > 0) {
			now--;
		}
	}
	return most;
}

static cJSON *parse_copy(char *text, size_t len, struct err *err)
{
	const char *end = text;
	cJSON *tree;

	if (prepare(text) > LIMIT_JSON_DEPTH) {
		err_set(err, ERR_INPUT, "nested deeper than %d levels", LIMIT_JSON_DEPTH);
		return NULL;
	}
	tree = cJSON_ParseWithLengthOpts(text, len + 1, &end, true);
	if (tree == NULL)
		err_set(err, ERR_INPUT, "not JSON (at byte %zu of %zu)", (size_t)(end - text), len);
	return tree;
}

cJSON *json_parse(const char *text, size_t len, struct err *err)
{
	cJSON *tree;
	char *copy;

	if (len == 0 || memchr(text, '\0', len) != NULL) {
		err_set(err, ERR_INPUT, len == 0 ? "empty" : "it contains a NUL byte");
		return NULL;
	}
	copy = arena_malloc(len + 1);
	memcpy(copy, text, len);
	copy[len] = '\0';
	tree = parse_copy(copy, len, err);
	free(copy);
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

const cJSON *json_list(const cJSON *object, const char *name, size_t *count)
{
	const cJSON *list = json_get(object, name);

	if (!cJSON_IsArray(list))
		list = NULL;
	*count = list ? (size_t)cJSON_GetArraySize(list) : 0;
	return list;
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
	int64_t number;

	return json_to_int(json_get(object, name), &number) ? number : fallback;
}

bool json_to_bool(const cJSON *value, bool *result)
{
	int64_t number;

	if (cJSON_IsBool(value))
		number = cJSON_IsTrue(value);
	else if (cJSON_IsString(value) && strcmp(value->valuestring, "true") == 0)
		number = 1;
	else if (cJSON_IsString(value) && strcmp(value->valuestring, "false") == 0)
		number = 0;
	else if (!json_to_int(value, &number) || number < 0 || number > 1)
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
