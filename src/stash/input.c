/* input.c - see input.h. */
#include "stash/input.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"

#define LIMIT_SCAN ((size_t)65536)

static const char *const nouns[] = {[NOUN_SCENE] = "scene",
	[NOUN_PERFORMER] = "performer",
	[NOUN_STUDIO] = "studio",
	[NOUN_TAG] = "tag",
	[NOUN_GROUP] = "group"};

const char *input_noun_word(enum input_noun noun)
{
	return nouns[noun];
}

/* "Scene.Update.Post" and its like; false for a type that we do not handle. */
static bool parse_type(const char *type, enum input_noun *noun, enum input_verb *verb)
{
	static const char *const verbs[] = {[VERB_CREATE] = ".Create.Post",
		[VERB_UPDATE] = ".Update.Post",
		[VERB_DESTROY] = ".Destroy.Post",
		[VERB_MERGE] = ".Merge.Post"};
	size_t len = strcspn(type, ".");
	bool known = false;

	for (size_t n = 0; n < sizeof(nouns) / sizeof(*nouns); n++) {
		if (len != strlen(nouns[n]) || type[0] != nouns[n][0] - 'a' + 'A' ||
			strncmp(type + 1, nouns[n] + 1, len - 1) != 0)
			continue;
		*noun = (enum input_noun)n;
		for (size_t v = 0; v < sizeof(verbs) / sizeof(*verbs); v++) {
			if (strcmp(type + len, verbs[v]) == 0) {
				*verb = (enum input_verb)v;
				known = true;
			}
		}
	}
	return known;
}

/* Stash says where it listens, which is not always where it can be reached:
 * all addresses, written as 0.0.0.0, :: or nothing, include the local one. */
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
	const char *scheme = json_text(from, "Scheme");
	int64_t port = json_int(from, "Port", 0);

	to->dir = arena_strdup(a, json_text(from, "Dir"));
	if (from == NULL)
		return err_set(err, ERR_INPUT, "server_connection is missing");
	if (scheme == NULL || (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
		return err_set(
			err, ERR_INPUT, "server_connection.Scheme is neither http nor https");
	if (port < 1 || port > 65535)
		return err_set(err, ERR_INPUT, "server_connection.Port is not a port number");
	to->from_stash = true;
	to->url = arena_printf(
		a, "%s://%s:%d", scheme, reachable_host(a, json_text(from, "Host")), (int)port);
	log_secret(json_text(cookie, "Value"));
	if (str_one_line(json_text(cookie, "Name")) && str_one_line(json_text(cookie, "Value"))) {
		to->cookie_name = arena_strdup(a, json_text(cookie, "Name"));
		to->cookie = arena_strdup(a, json_text(cookie, "Value"));
	}
	return true;
}

struct place {
	int64_t id;
	size_t at;
};

static int compare_places(const void *x, const void *y)
{
	const struct place *a = x, *b = y;

	if (a->id != b->id)
		return (a->id > b->id) - (a->id < b->id);
	return (a->at > b->at) - (a->at < b->at);
}

/* Ids in the order of the input; one that is named twice counts once. */
static size_t without_repeats(int64_t *ids, size_t count, struct arena *a)
{
	struct place *places = arena_array(a, count, sizeof(*places));
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		places[i] = (struct place){ids[i], i};
	qsort(places, count, sizeof(*places), compare_places);
	for (size_t i = 1; i < count; i++) {
		if (places[i].id == places[i - 1].id)
			ids[places[i].at] = 0;
	}
	for (size_t i = 0; i < count; i++) {
		if (ids[i] != 0)
			ids[kept++] = ids[i];
	}
	return kept;
}

/* bulkSceneUpdate sends {"ids": […]}, scenesUpdate an array of inputs with an
 * "id" each, sceneUpdate one input, a scan null. */
static bool collect_scenes(
	const cJSON *from, struct input_hook *hook, struct arena *a, struct err *err)
{
	const cJSON *ids = json_get(from, "ids"), *element;
	const cJSON *list = cJSON_IsArray(ids) ? ids : from;
	int count = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
	int64_t id;

	hook->scenes = arena_array(a, 1, sizeof(*hook->scenes));
	hook->scenes[0] = hook->id; /* what is left if the rest makes no sense */
	hook->scene_count = 1;
	if ((unsigned)count > LIMIT_BULK_SCENES)
		return err_set(err, ERR_INPUT, "the edit names %d scenes; %u is the most", count,
			LIMIT_BULK_SCENES);
	hook->scenes = arena_array(a, (size_t)count + 1, sizeof(*hook->scenes));
	hook->scene_count = 0;
	if (count > 0) {
		cJSON_ArrayForEach(element, list)
		{
			const cJSON *value = cJSON_IsObject(element) ? json_get(element, "id")
								     : element;
			if (value != NULL && json_to_int(value, &id) && id > 0)
				hook->scenes[hook->scene_count++] = id;
		}
		hook->scene_count = without_repeats(hook->scenes, hook->scene_count, a);
	} else if (json_int(from, "id", 0) > 0) {
		hook->scenes[hook->scene_count++] = json_int(from, "id", 0);
	}
	hook->names_one = hook->scene_count == 1 && hook->scenes[0] == hook->id;
	for (size_t i = 0; i < hook->scene_count; i++) {
		if (hook->scenes[i] == hook->id)
			return true;
	}
	hook->scenes[hook->scene_count++] = hook->id;
	return true;
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
	if (!parse_type(type, &hook->noun, &hook->verb))
		return err_set(err, ERR_INPUT, "hookContext.type is unknown: %.64s", type);
	hook->id = json_int(context, "id", 0);
	if (hook->id <= 0)
		return err_set(err, ERR_INPUT, "%s: hookContext.id is not a %s id", hook->type,
			hook->noun == NOUN_SCENE ? "scene" : "usable");
	hook->path = arena_strdup(a, json_text(from, "path"));
	if (hook->noun != NOUN_SCENE)
		return true;
	if (!collect_scenes(from, hook, a, err))
		return false;
	if (hook->scene_count > 1)
		hook->edit = digest_json(from);
	return true;
}

/* An argument that may be missing: then *to stays as it is. */
static bool parse_number(const cJSON *args, const char *name, int64_t least, const char *what,
	int64_t *to, struct err *err)
{
	const cJSON *value = json_get(args, name);

	return value == NULL || (json_to_int(value, to) && *to >= least) ||
	       err_set(err, ERR_INPUT, "args.%s is not %s", name, what);
}

static bool parse_flag(const cJSON *args, const char *name, bool *to, struct err *err)
{
	const cJSON *value = json_get(args, name);

	return value == NULL || json_to_bool(value, to) ||
	       err_set(err, ERR_INPUT, "args.%s is neither true nor false", name);
}

static bool parse_args(const cJSON *args, struct input *input, struct arena *a, struct err *err)
{
	input->mode = arena_strdup(a, json_text(args, "mode"));
	input->library = json_id(a, args, "library");
	if (json_get(args, "library") != NULL && input->library == NULL)
		return err_set(err, ERR_INPUT, "args.library is neither a name nor a number");
	return parse_number(args, "days", 0, "a number of days", &input->days, err) &&
	       parse_number(args, "hours", 0, "a number of hours", &input->hours, err) &&
	       parse_number(args, "scene_id", 1, "a scene id", &input->scene_id, err) &&
	       parse_flag(args, "dry_run", &input->dry_run, err) &&
	       parse_flag(args, "force", &input->force, err) &&
	       (input->mode != NULL || err_set(err, ERR_INPUT, "args.mode is missing"));
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
	/* The hook is read also if the connection makes no sense: it can be queued. */
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

/* --- text that is not a document ------------------------------------------------- */

/* A string literal of JSON at 'text', which ends before 'end'; NULL if it is none. */
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

/* Behind "name": in [from, end); NULL if it is not there. */
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

/* Looks for Stash's folder and for hookContext's type and id in text that is not a valid
 * document. */
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
	/* Go writes id and type first, in this order; whatever "id" follows
	 * later is another one's. */
	id = scan_name(context, end, "id");
	type = scan_name(context, end, "type");
	if (id == NULL || type == NULL || id > type)
		return;
	hook->type = scan_string(a, type, end);
	if (hook->type == NULL || !parse_type(hook->type, &hook->noun, &hook->verb) ||
		hook->noun != NOUN_SCENE)
		return;
	hook->id = 0;
	for (; id < end && *id >= '0' && *id <= '9' && hook->id < INT64_MAX / 16; id++)
		hook->id = hook->id * 10 + (*id - '0');
	if (hook->id <= 0 || id == end || strchr(" \t\r\n,", *id) == NULL)
		return; /* not a number, or one that does not end where it should */
	hook->scenes = arena_array(a, 1, sizeof(*hook->scenes));
	hook->scenes[0] = hook->id;
	hook->scene_count = 1;
	input->is_hook = true;
}

bool input_parse(
	const char *text, size_t len, struct input *input, struct arena *a, struct err *err)
{
	cJSON *document;
	bool parsed = false;

	*input = (struct input){.days = -1, .hours = -1};
	if (len > LIMIT_INPUT_BYTES) {
		err_set(err, ERR_INPUT, "longer than %u MiB", LIMIT_INPUT_BYTES >> 20);
		document = NULL;
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
