/*
 * json.h - reading untrusted JSON, on top of cJSON.
 *
 * Readers coerce: ids arrive as numbers or strings, and so do settings from a hand-edited
 * file. Strings that they return live as long as the tree.
 */
#ifndef PLEXSYNC_BASE_JSON_H
#define PLEXSYNC_BASE_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Exactly one document in text[0..len). NULL with ERR_INPUT, saying what is wrong and
 * where. Free with cJSON_Delete. */
cJSON *json_parse(const char *text, size_t len, struct err *);

/* Member of an object; NULL if there is none, it is null, or 'object' is not an object. */
const cJSON *json_get(const cJSON *object, const char *name);

/* Array member and its number of elements; NULL and 0 if it is anything else.
 * cJSON_ArrayForEach takes NULL as empty. */
const cJSON *json_list(const cJSON *object, const char *name, size_t *count);

/* Text of a string member, or NULL. */
const char *json_text(const cJSON *object, const char *name);
/* The same, copied into the arena; "" if there is none. */
char *json_copy(struct arena *, const cJSON *object, const char *name);
/* Id of a member, number or string, as text in the arena; NULL if it is neither. */
char *json_id(struct arena *, const cJSON *object, const char *name);
/* Whole number of a member, number or decimal string; 'fallback' otherwise. */
int64_t json_int(const cJSON *object, const char *name, int64_t fallback);
/* The same for a value. False if it is not a whole number. */
bool json_to_int(const cJSON *value, int64_t *);
/* The text 'member' of each element of a list, or, with 'inner', of the object in it; blank
 * ones are left out. Empty if 'list' is not a list. */
struct str_list json_names(
	struct arena *, const cJSON *list, const char *inner, const char *member);
/* true, false, "true", "false", 1, 0, "1", "0"; false for anything else. */
bool json_to_bool(const cJSON *value, bool *);

#endif
