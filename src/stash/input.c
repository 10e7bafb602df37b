#include "stash/input.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"

#define LIMIT_SCAN ((size_t)65536)

static const struct {
	const char *word, *type;
} nouns[] = {[NOUN_SCENE] = {"scene", "Scene"},
	[NOUN_PERFORMER] = {"performer", "Performer"},
	[NOUN_STUDIO] = {"studio", "Studio"},
	[NOUN_TAG] = {"tag", "Tag"},
	[NOUN_GROUP] = {"group", "Group"}};

const char *input_noun_word(enum input_noun noun)
{
	return nouns[noun].word;
}

/* "Scene.Update.Post" and the like; false for a type that we do not handle. */
static bool parse_type(const char *type, struct input_hook *hook)
{
	static const char *const verbs[] = {[VERB_CREATE] = ".Create.Post",
		[VERB_UPDATE] = ".Update.Post",
		[VERB_DESTROY] = ".Destroy.Post",
		[VERB_MERGE] = ".Merge.Post"};
	size_t pairs = sizeof(nouns) / sizeof(*nouns) * (VERB_MERGE + 1);

	for (size_t i = 0; i < pairs; i++) {
		hook->noun = (enum input_noun)(i / (VERB_MERGE + 1));
		hook->verb = (enum input_verb)(i % (VERB_MERGE + 1));
		size_t len = strlen(nouns[hook->noun].type);
		if (strncmp(type, nouns[hook->noun].type, len) == 0 &&
			strcmp(type + len, verbs[hook->verb]) == 0)
			return true;
	}
	return false;
}

/* Stash says where it listens: "all addresses", written as 0.0.0.0, :: or nothing, include
 * the local one. */
static const char *reachable_host(struct arena *a, const char *host)
{
	if (host == NULL || *host == '\0' || strcmp(host, "0.0.0.0") == 0)
		return "127.0.0.1";
	if (strcmp(host, "::") == 0 || strcmp(host, "[::]") == 0)
		return "[::1]";
	if (strchr(host, ':') != NULL && host[0] != '[')
		return arena_printf(a, "[%s]", host);
	return arena_strdup(a, host);
}

static bool parse_connection(
	const cJSON *from, struct input_connection *to, struct arena *a, struct err *err)
{
	const cJSON *cookie = json_get(from, "SessionCookie");
	const char *scheme = json_text(from, "Scheme"), *host = json_text(from, "Host");
	int64_t port = json_int(from, "Port", 0);

	to->dir = arena_strdup(a, json_text(from, "Dir"));
	if (from == NULL)
		return err_set(err, ERR_INPUT, "server_connection is missing");
	if (scheme == NULL || (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
		return err_set(
			err, ERR_INPUT, "server_connection.Scheme is neither http nor https");
	if (port < 1 || port > 65535)
		return err_set(err, ERR_INPUT, "server_connection.Port is not a port number");
	if (host != NULL && host[strcspn(host, "/?#@\\ ")] != '\0') /* the cookie goes there */
		return err_set(err, ERR_INPUT, "server_connection.Host is not the name of a host");
	to->from_stash = true;
	to->url = arena_printf(a, "%s://%s:%d", scheme, reachable_host(a, host), (int)port);
	log_secret(json_text(cookie, "Value"));
	if (str_one_line(json_text(cookie, "Name")) && str_one_line(json_text(cookie, "Value"))) {
		to->cookie_name = arena_strdup(a, json_text(cookie, "Name"));
		to->cookie = arena_strdup(a, json_text(cookie, "Value"));
	}
	return true;
}

static void add_scene(struct input_hook *hook, const cJSON *value)
{
	int64_t id;

	if (json_to_int(value, &id) && id > 0)
		hook->scenes[hook->scene_count++] = id;
}

/* bulkSceneUpdate sends {"ids": […]}, scenesUpdate an array of inputs with an
 * "id" each, sceneUpdate one input, a scan null. */
static bool collect_scenes(
	const cJSON *from, struct input_hook *hook, struct arena *a, struct err *err)
{
	const cJSON *ids = json_get(from, "ids"), *element;
	const cJSON *list = cJSON_IsArray(ids) ? ids : from;
	int count = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
	bool is_too_long = (unsigned)count > LIMIT_BULK_SCENES, has_own = false;

	hook->scenes = arena_array(a, (is_too_long ? 0 : (size_t)count) + 2, sizeof(int64_t));
	if (count == 0) {
		add_scene(hook, json_get(from, "id"));
	} else if (!is_too_long) {
		cJSON_ArrayForEach(element, list)
		{
			add_scene(
				hook, cJSON_IsObject(element) ? json_get(element, "id") : element);
		}
	}
	hook->names_one = hook->scene_count == 1 && hook->scenes[0] == hook->id;
	for (size_t i = 0; i < hook->scene_count; i++)
		has_own |= hook->scenes[i] == hook->id;
	if (!has_own)
		hook->scenes[hook->scene_count++] = hook->id;
	return !is_too_long || err_set(err, ERR_INPUT, "the edit names %d scenes; the limit is %u",
				       count, LIMIT_BULK_SCENES);
}

static struct digest digest_json(const cJSON *value)
{
	char *text = cJSON_PrintUnformatted(value);
	struct digest digest = digest_text(text ? text : "");

	cJSON_free(text);
	return digest;
}

static bool parse_hook(
	const cJSON *context, struct input_hook *hook, struct arena *a, struct err *err)
{
	const char *type = json_text(context, "type");
	const cJSON *from = json_get(context, "input");

	if (type == NULL)
		return err_set(err, ERR_INPUT, "hookContext.type is missing");
	hook->type = arena_strdup(a, type);
	if (!parse_type(type, hook))
		return err_set(err, ERR_INPUT, "hookContext.type is unknown: %.64s", type);
	hook->id = json_int(context, "id", 0);
	if (hook->id <= 0)
		return err_set(err, ERR_INPUT, "%s: hookContext.id is not a usable id", hook->type);
	hook->path = arena_strdup(a, json_text(from, "path"));
	if (hook->noun != NOUN_SCENE)
		return true;
	if (!collect_scenes(from, hook, a, err))
		return false;
	if (hook->scene_count > 1)
		hook->edit = digest_json(from);
	return true;
}

enum arg_kind { ARG_NUMBER, ARG_FLAG, ARG_TEXT, ARG_NAME /* or a number */ };

/* One that is missing leaves its member unchanged. */
static const struct arg {
	const char *name;
	enum arg_kind kind;
	size_t at; /* of its member in struct input_args */
	int64_t least, most;
	const char *wrong; /* what one that makes no sense is told */
} args_table[] = {
#define ARG(name, kind, member, least, most, wrong)                                                \
	{                                                                                          \
		name, kind, offsetof(struct input_args, member), least, most, wrong                \
	}
	ARG("library", ARG_NAME, library, 0, 0, "is neither a name nor a number"),
	ARG("days", ARG_NUMBER, days, 0, INT64_MAX, "is not a number of days"),
	ARG("hours", ARG_NUMBER, hours, 0, INT64_MAX, "is not a number of hours"),
	ARG("scene_id", ARG_NUMBER, scene, 1, INT64_MAX, "is not a scene id"),
	ARG("dry_run", ARG_FLAG, dry_run, 0, 0, "is neither true nor false"),
	ARG("force", ARG_FLAG, force, 0, 0, "is neither true nor false"),
	ARG("apply", ARG_FLAG, apply, 0, 0, "is neither true nor false"),
	ARG("key", ARG_NUMBER, key, 1, INT64_MAX, "is not the key of an item"),
	ARG("none", ARG_FLAG, none, 0, 0, "is neither true nor false"),
	ARG("auto", ARG_FLAG, automatic, 0, 0, "is neither true nor false"),
	ARG("limit", ARG_NUMBER, limit, 1, LIMIT_LISTED, "is not a number from 1 to 100"),
	ARG("offset", ARG_NUMBER, offset, 0, INT64_MAX, "is not a number of rows"),
	ARG("list", ARG_TEXT, list, 0, 0, "is not the name of a list"),
	ARG("text", ARG_TEXT, text, 0, 0, "is not a line of text"),
	ARG("server", ARG_TEXT, server, 0, 0, "is not a server's id"),
	ARG("address", ARG_TEXT, address, 0, 0, "is not an address"),
	ARG("result", ARG_TEXT, result, 0, 0, "is not a result"),
	ARG("before", ARG_NUMBER, before, 1, INT64_MAX, "is not the number of an entry"),
	ARG("entry", ARG_NUMBER, entry, 1, INT64_MAX, "is not the number of an entry"),
	ARG("run", ARG_NUMBER, run, 1, INT64_MAX, "is not the number of a run"),
#undef ARG
};

static bool parse_text(const struct arg *arg, const cJSON *args, const char **to, struct arena *a)
{
	*to = arg->kind == ARG_NAME ? json_id(a, args, arg->name)
				    : arena_strdup(a, json_text(args, arg->name));
	return *to != NULL && (arg->kind == ARG_NAME || str_one_line(*to));
}

static bool parse_arg(const struct arg *arg, const cJSON *args, struct input_args *into,
	struct arena *a, struct err *err)
{
	const cJSON *value = json_get(args, arg->name);
	void *to = (char *)into + arg->at;
	int64_t *number = to;
	bool good;

	if (value == NULL)
		return true;
	if (cJSON_IsString(value) && strlen(value->valuestring) > LIMIT_ARG_BYTES)
		return err_set(err, ERR_INPUT, "args.%s is longer than %u bytes", arg->name,
			LIMIT_ARG_BYTES);
	if (arg->kind == ARG_NUMBER)
		good = json_to_int(value, number) && *number >= arg->least && *number <= arg->most;
	else if (arg->kind == ARG_FLAG)
		good = json_to_bool(value, to);
	else
		good = parse_text(arg, args, to, a);
	return good || err_set(err, ERR_INPUT, "args.%s %s", arg->name, arg->wrong);
}

static bool parse_args(const cJSON *args, struct input *input, struct arena *a, struct err *err)
{
	input->mode = arena_strdup(a, json_text(args, "mode"));
	for (size_t i = 0; i < sizeof(args_table) / sizeof(*args_table); i++) {
		if (!parse_arg(&args_table[i], args, &input->args, a, err))
			return false;
	}
	return input->mode != NULL || err_set(err, ERR_INPUT, "args.mode is missing");
}

static bool parse_document(
	const cJSON *document, struct input *input, struct arena *a, struct err *err)
{
	const cJSON *args = json_get(document, "args");
	const cJSON *context = json_get(args, "hookContext");
	bool connected;

	if (!cJSON_IsObject(document))
		return err_set(err, ERR_INPUT, "not an object");
	connected = parse_connection(
		json_get(document, "server_connection"), &input->stash, a, err);
	/* Even if the connection makes no sense the hook can be queued. */
	if (context != NULL) {
		struct err hook_err;
		bool parsed = parse_hook(context, &input->hook, a, &hook_err);
		input->is_hook = parsed || input->hook.scene_count > 0;
		if (!parsed && connected)
			*err = hook_err;
		return parsed && connected;
	}
	if (!connected)
		return false;
	if (!cJSON_IsObject(args))
		return err_set(err, ERR_INPUT, "args is missing");
	return parse_args(args, input, a, err);
}

/* --- text that is not valid JSON ------------------------------------------------- */

/* The JSON string literal at 'text', which ends before 'end'; NULL if there is none. */
static char *scan_string(struct arena *a, const char *text, const char *end)
{
	const char *close = text;
	char *copy = NULL;
	cJSON *value;

	if (text >= end || *text != '"')
		return NULL;
	do {
		close += *close == '\\' ? 2 : 1;
	} while (close < end && *close != '"');
	if (close >= end)
		return NULL;
	value = cJSON_ParseWithLength(text, (size_t)(close - text) + 1);
	if (cJSON_IsString(value))
		copy = arena_strdup(a, value->valuestring);
	cJSON_Delete(value);
	return copy;
}

static const char *skip_blanks(const char *from, const char *end)
{
	while (from < end && (*from == ' ' || (*from >= '\t' && *from <= '\r')))
		from++;
	return from;
}

/* What follows "name": in [from, end); NULL if it is not there. */
static const char *scan_name(const char *from, const char *end, const char *name)
{
	size_t len = strlen(name);
	const char *value;

	for (; end - from > (ptrdiff_t)len + 3; from++) {
		if (*from != '"' || memcmp(from + 1, name, len) != 0 || from[len + 1] != '"')
			continue;
		value = skip_blanks(from + len + 2, end);
		if (value < end && *value == ':')
			return skip_blanks(value + 1, end);
	}
	return NULL;
}

/* Looks for Stash's folder and for hookContext's type and id. */
static void scan(const char *text, size_t len, struct input *input, struct arena *a)
{
	const char *end = text + (len < LIMIT_SCAN ? len : LIMIT_SCAN);
	const char *dir = scan_name(text, end, "Dir");
	const char *context = scan_name(text, end, "hookContext");
	struct input_hook *hook = &input->hook;
	const char *id, *type;

	if (dir != NULL && input->stash.dir == NULL)
		input->stash.dir = scan_string(a, dir, end);
	if (context == NULL)
		return;
	/* Go writes id and type first, in this order; an "id" further on is something
	 * else's. */
	id = scan_name(context, end, "id");
	type = scan_name(context, end, "type");
	if (id == NULL || type == NULL || id > type)
		return;
	hook->type = scan_string(a, type, end);
	if (hook->type == NULL || !parse_type(hook->type, hook) || hook->noun != NOUN_SCENE)
		return;
	id = arena_strndup(a, id, strcspn(id, " \t\r\n,"));
	if (!str_number(id, &hook->id) || hook->id <= 0)
		return;
	hook->scenes = arena_array(a, 1, sizeof(*hook->scenes));
	hook->scenes[0] = hook->id;
	hook->scene_count = 1;
	input->is_hook = true;
}

bool input_parse(
	const char *text, size_t len, struct input *input, struct arena *a, struct err *err)
{
	cJSON *document = NULL;
	bool parsed = false;

	*input = (struct input){.args = {.days = -1, .hours = -1}};
	if (len > LIMIT_INPUT_BYTES) {
		err_set(err, ERR_INPUT, "longer than %u MiB", LIMIT_INPUT_BYTES >> 20);
	} else {
		document = json_parse(text, len, err);
	}
	if (document != NULL)
		parsed = parse_document(document, input, a, err);
	else
		scan(text, len, input, a);
	cJSON_Delete(document);
	return parsed || err_context(err, "plugin input");
}
