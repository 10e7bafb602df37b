/*
 * stash.c - sends Accept: application/json always: without it Stash answers a query that it
 * does not understand with another status and content type. Validation errors come as 422
 * or 400 with "errors", execution errors as 200 with "errors", a lost session as 401 or a
 * redirect to /login.
 */
#include "stash/stash.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/log.h"
#include "http/http.h"

struct stash {
	struct input_connection connection;
	struct http *http;  /* NULL until the first question */
	struct http *ahead; /* the same, for pages that are asked for ahead */
	struct arena arena; /* the adopted cookie */
	unsigned lacking;   /* parts of a scene, see scene.h */
};

struct stash *stash_open(const struct input_connection *connection)
{
	struct stash *stash = arena_malloc(sizeof(*stash));

	*stash = (struct stash){.connection = *connection};
	arena_init(&stash->arena);
	return stash;
}

void stash_close(struct stash *stash)
{
	if (stash == NULL)
		return;
	http_close(stash->http);
	http_close(stash->ahead);
	arena_clear(&stash->arena);
	free(stash);
}

unsigned stash_lacking(const struct stash *stash)
{
	return stash->lacking;
}

void stash_set_lacking(struct stash *stash, unsigned parts)
{
	stash->lacking = parts;
}

void stash_try_all(struct stash *stash)
{
	stash->lacking &= 1u << SCENE_MOVIES;
}

/* Every answer brings a fresh cookie, valid for another hour: a long drain needs it. */
static void adopt_cookie(struct stash *stash, const char *cookie)
{
	if (cookie == NULL)
		return;
	arena_clear(&stash->arena);
	stash->connection.cookie = arena_strdup(&stash->arena, cookie);
	log_secret(cookie);
}

/* The message of the first of a GraphQL answer's errors, or NULL. */
static const char *first_error(const cJSON *answer)
{
	return json_text(cJSON_GetArrayItem(json_get(answer, "errors"), 0), "message");
}

static bool judge_status(
	const struct stash *stash, const struct http_response *response, struct err *err)
{
	int status = response->status;

	if (status == 200 || status == 400 || status == 422)
		return true;
	if (status == 401 || status == 403 || (status >= 300 && status < 400))
		err_set(err, ERR_SERVER,
			stash->connection.api_key
				? "Stash refuses the API key (HTTP %d)"
				: "Stash refuses the session (HTTP %d); it may have expired",
			status);
	else
		err_set(err, ERR_SERVER, "Stash answers HTTP %d", status);
	err->status = status;
	return false;
}

static cJSON *parse_answer(
	const struct stash *stash, const struct http_response *response, struct err *err)
{
	cJSON *answer;

	if (!judge_status(stash, response, err))
		return NULL;
	answer = json_parse(response->body, response->len, err);
	if (answer == NULL) {
		err->kind = ERR_SERVER;
		err_context(err, "Stash's answer (HTTP %d)", response->status);
		return NULL;
	}
	if (first_error(answer) != NULL || !cJSON_IsObject(json_get(answer, "data"))) {
		const char *message = first_error(answer);
		err_set(err, response->status == 200 ? ERR_LATER : ERR_SERVER, "Stash says: %s",
			message ? message : "(an answer without data)");
		err->status = response->status;
		cJSON_Delete(answer);
		return NULL;
	}
	return answer;
}

/* Completes the request: 'own' are its own two headers, either may be NULL. */
static void complete(struct stash *stash, struct http_request *request, const char *const own[2],
	struct stash_time time, struct arena *a)
{
	const struct input_connection *to = &stash->connection;
	const char **headers = arena_array(a, 5, sizeof(*headers));
	size_t n = 0;

	for (size_t i = 0; i < 2; i++) {
		if (own[i] != NULL)
			headers[n++] = own[i];
	}
	if (to->api_key != NULL)
		headers[n++] = arena_printf(a, "ApiKey: %s", to->api_key);
	if (to->cookie != NULL)
		headers[n++] = arena_printf(a, "Cookie: %s=%s", to->cookie_name, to->cookie);
	request->headers = headers;
	request->cookie = to->cookie_name;
	request->timeout_ms = time.ms;
	request->own_deadline = time.own;
}

static bool open_http(const struct stash *stash, struct http **http, struct err *err)
{
	const struct input_connection *to = &stash->connection;
	/* Stash's certificate is usually self-signed. */
	struct http_trust trust = {.insecure = to->from_stash || http_is_local(to->url)};

	if (*http == NULL)
		*http = http_open(&trust);
	return *http != NULL || err_set(err, ERR_SERVER, "libcurl cannot be initialised");
}

static bool send_request(struct stash *stash, struct http_request *request,
	const char *const own[2], struct stash_time time, struct http_response *response,
	struct arena *a, struct err *err)
{
	complete(stash, request, own, time, a);
	if (!open_http(stash, &stash->http, err))
		return false;
	FAULT("stash.request");
	if (!http_send(stash->http, request, response, a, err))
		return err_context(err, "%s",
			err->kind != ERR_SETUP
				? "Stash"
				: "Stash's certificate cannot be verified: install its "
				  "issuer's certificate on this machine, or run plexsync on "
				  "Stash's machine with --stash-url https://127.0.0.1:9999");
	FAULT("stash.answer");
	adopt_cookie(stash, response->cookie);
	return true;
}

static const char *const of_question[] = {
	"Content-Type: application/json", "Accept: application/json"};

/* Takes ownership of the variables. */
static struct http_request question_request(
	const struct stash *stash, const char *query, cJSON *variables, struct arena *a)
{
	cJSON *question = cJSON_CreateObject();
	char *text;
	const char *body;

	cJSON_AddStringToObject(question, "query", query);
	cJSON_AddItemToObject(question, "variables", variables);
	text = cJSON_PrintUnformatted(question);
	cJSON_Delete(question);
	body = arena_strdup(a, text ? text : "");
	cJSON_free(text);
	return (struct http_request){.method = "POST",
		.url = arena_printf(a, "%s/graphql", stash->connection.url),
		.body = body,
		.body_len = strlen(body),
		.max_body = LIMIT_STASH_ANSWER_BYTES};
}

/* Sends a question and answers its "data", to be freed with its root: *root. */
static const cJSON *ask(struct stash *stash, const char *query, cJSON *variables,
	struct stash_time time, cJSON **root, struct arena *a, struct err *err)
{
	struct http_request request = question_request(stash, query, variables, a);
	struct http_response response = {0};

	*root = NULL;
	if (send_request(stash, &request, of_question, time, &response, a, err))
		*root = parse_answer(stash, &response, err);
	if (*root == NULL)
		err->party = PARTY_STASH;
	return json_get(*root, "data");
}

#define SETTINGS_QUERY "configuration{plugins(include:[\"" STASH_PLUGIN_ID "\"])}"
/* A question before and after the fields of a scene. */
struct question {
	const char *head, *tail;
};

/* For all that Stash is known to have. */
static const char *query_of(
	const struct stash *stash, const struct question *question, struct arena *a)
{
	return arena_printf(
		a, "%s%s%s", question->head, scene_fields(stash->lacking, a), question->tail);
}

/* Asks for all that Stash is known to have, and, where it does not know a part of that, again
 * without. Takes ownership of the variables. */
static const cJSON *ask_scenes(struct stash *stash, const struct question *question,
	cJSON *variables, struct stash_time time, cJSON **root, struct arena *a, struct err *err)
{
	const cJSON *data = NULL;
	unsigned lacks = 1;

	for (size_t tries = 0; lacks != 0 && tries <= SCENE_PARTS; tries++) {
		data = ask(stash, query_of(stash, question, a), cJSON_Duplicate(variables, true),
			time, root, a, err);
		lacks = data == NULL ? scene_lacks(err->text) : 0;
		if (lacks == 1u << SCENE_GROUPS) /* an older Stash than before */
			stash->lacking &= ~(1u << SCENE_MOVIES);
		else
			stash->lacking |= lacks;
	}
	cJSON_Delete(variables);
	return data;
}

static bool parse_settings(
	const cJSON *data, struct settings *settings, struct arena *a, struct err *err)
{
	const cJSON *plugins = json_get(json_get(data, "configuration"), "plugins");

	return settings_parse(json_get(plugins, STASH_PLUGIN_ID), settings, a, err) &&
	       settings_read_token(settings, a, err);
}

enum lookup stash_read(struct stash *stash, int64_t id, struct stash_time time, struct scene *scene,
	struct settings *settings, struct arena *a, struct err *err)
{
	static const struct question question = {
		"query PlexSync($id:ID!){" SETTINGS_QUERY " findScene(id:$id){", "}}"};
	cJSON *variables = cJSON_CreateObject(), *root;
	const cJSON *data, *found;
	enum lookup result = FAILED;

	cJSON_AddStringToObject(variables, "id", arena_printf(a, "%lld", (long long)id));
	data = id == 0 ? ask(stash, "query PlexSync{" SETTINGS_QUERY "}", variables, time, &root, a,
				 err)
		       : ask_scenes(stash, &question, variables, time, &root, a, err);
	if (data == NULL)
		return FAILED;
	found = json_get(data, "findScene");
	if (parse_settings(data, settings, a, err)) {
		if (id == 0 || found == NULL)
			result = id == 0 ? FOUND : ABSENT;
		else if (scene_parse(found, scene, a, err))
			result = FOUND;
		else
			err->party = PARTY_STASH;
	}
	cJSON_Delete(root);
	return result;
}

/* Each scene by a name of its own: "findScenes(ids:…)" is an error if one is gone. */
static const char *many_query(const int64_t *ids, size_t count, struct arena *a)
{
	struct str query;

	str_init(&query, a);
	str_add(&query, "} query PlexSync{" SETTINGS_QUERY);
	for (size_t i = 0; i < count; i++)
		str_addf(&query, " s%zu:findScene(id:%lld){...all}", i, (long long)ids[i]);
	str_addc(&query, '}');
	return query.s;
}

bool stash_read_many(struct stash *stash, const int64_t *ids, size_t count, struct stash_time time,
	enum lookup *found, struct scene *scenes, struct settings *settings, struct arena *a,
	struct err *err)
{
	struct question question = {"fragment all on Scene{", many_query(ids, count, a)};
	cJSON *root;
	const cJSON *data = ask_scenes(stash, &question, cJSON_CreateObject(), time, &root, a, err);
	bool done = data != NULL && parse_settings(data, settings, a, err);

	for (size_t i = 0; done && i < count; i++) {
		const cJSON *scene = json_get(data, arena_printf(a, "s%zu", i));
		struct err ignored;
		found[i] = scene == NULL				 ? ABSENT
			   : scene_parse(scene, &scenes[i], a, &ignored) ? FOUND
									 : FAILED;
	}
	cJSON_Delete(root);
	return done;
}

/* The SHA-1 of the picture that Stash before v0.27 kept as the front image of a group that was
 * given only a back image: group.png, which a group has ever since. */
#define GROUP_PNG "d54dca88252acac88900e1a1fa1bf966aad10a8f"

/* A test has no copy of it. */
static const char *group_png(void)
{
#ifdef PLEXSYNC_TESTING
	const char *other = getenv("PLEXSYNC_TEST_GROUP_PNG");
	if (other != NULL)
		return other;
#endif
	return GROUP_PNG;
}

/* Today's are SVG drawings. */
static bool is_placeholder(const char *path, const struct http_response *response, struct arena *a)
{
	bool is_groups = strncmp(path, "/scene/", 7) != 0;

	if (response->content_type != NULL && strncmp(response->content_type, "image/svg", 9) == 0)
		return true;
	return is_groups && strcmp(digest_sha1(response->body, response->len, a), group_png()) == 0;
}

const char *stash_cover_path(int64_t scene, struct arena *a)
{
	return arena_printf(a, "/scene/%lld/screenshot", (long long)scene);
}

enum lookup stash_read_cover(struct stash *stash, const char *path, const char *etag,
	struct stash_time time, struct stash_cover *cover, struct arena *a, struct err *err)
{
	const char *const own[] = {*etag ? arena_printf(a, "If-None-Match: %s", etag) : NULL, NULL};
	struct http_response response = {0};
	struct http_request request = {.method = "GET",
		.url = arena_printf(a, "%s%s", stash->connection.url, path),
		.max_body = LIMIT_COVER_BYTES};

	*cover = (struct stash_cover){.etag = ""};
	if (!send_request(stash, &request, own, time, &response, a, err)) {
		err->party = PARTY_STASH;
		return FAILED;
	}
	if (response.status == 404) /* what has it was removed meanwhile */
		return ABSENT;
	if (response.status == 304) {
		cover->same = true;
		cover->etag = etag;
		return FOUND;
	}
	if (response.status != 200) {
		judge_status(stash, &response, err);
		err->party = PARTY_STASH;
		return FAILED;
	}
	cover->etag = response.etag ? response.etag : "";
	if (is_placeholder(path, &response, a))
		return ABSENT;
	cover->data = response.body;
	cover->len = response.len;
	return FOUND;
}

static cJSON *criterion(cJSON *filter, const char *name, const char *modifier)
{
	cJSON *criterion = cJSON_AddObjectToObject(filter, name);

	cJSON_AddStringToObject(criterion, "modifier", modifier);
	return criterion;
}

static cJSON *list_variables(const struct stash_which *which, struct arena *a)
{
	const char *plural = arena_printf(a, "%ss", input_noun_word(which->noun));
	cJSON *variables = cJSON_CreateObject();
	cJSON *filter = cJSON_AddObjectToObject(variables, "which"), *carriers, *values;

	cJSON_AddNumberToObject(
		criterion(filter, "id", "GREATER_THAN"), "value", (double)which->after);
	cJSON_AddNumberToObject(variables, "page", (double)which->skip + 1);
	cJSON_AddNumberToObject(variables, "most", (double)which->most);
	if (which->noun == NOUN_SCENE)
		return variables;
	carriers = criterion(filter, plural, "INCLUDES");
	if (which->below)
		cJSON_AddNumberToObject(carriers, "depth", -1);
	values = cJSON_AddArrayToObject(carriers, "value");
	cJSON_AddItemToArray(
		values, cJSON_CreateString(arena_printf(a, "%lld", (long long)which->id)));
	return variables;
}

static bool parse_page(
	const cJSON *found, struct stash_page *page, struct arena *a, struct err *err)
{
	size_t count;
	const cJSON *list = json_list(found, "scenes", &count), *element;
	struct err ignored;

	*page = (struct stash_page){.count = json_int(found, "count", -1)};
	if (list == NULL || page->count < 0)
		return err_set(err, ERR_LATER, "Stash's answer contains no list of scenes");
	page->scenes = arena_array(a, count, sizeof(*page->scenes));
	cJSON_ArrayForEach(element, list)
	{
		int64_t id = json_int(element, "id", 0);
		if (id > page->last)
			page->last = id;
		/* One that makes no sense is left to its own push, which reports it. */
		if (!scene_parse(element, &page->scenes[page->n], a, &ignored))
			page->scenes[page->n] = (struct scene){.id = id, .unreadable = true};
		page->n += id > 0;
	}
	return true;
}

static const struct question list_question = {
	"query PlexSync($which:SceneFilterType,$page:Int,$most:Int){findScenes("
	"scene_filter:$which,filter:{page:$page,per_page:$most,sort:\"id\",direction:ASC}){"
	"count scenes{",
	"}}}"};

static bool take_page(const cJSON *data, struct stash_page *page, struct arena *a, struct err *err)
{
	bool done = data != NULL && parse_page(json_get(data, "findScenes"), page, a, err);

	if (data != NULL && !done)
		err->party = PARTY_STASH;
	return done;
}

bool stash_list(struct stash *stash, const struct stash_which *which, struct stash_time time,
	struct stash_page *page, struct arena *a, struct err *err)
{
	cJSON *root;
	const cJSON *data = ask_scenes(
		stash, &list_question, list_variables(which, a), time, &root, a, err);
	bool done = take_page(data, page, a, err);

	cJSON_Delete(root);
	return done;
}

/* --- a page in two parts ----------------------------------------------------------------- */

struct stash_begun {
	struct stash *stash;
	struct arena *arena;
	struct http_response response;
	struct http_begun *http;
};

struct stash_begun *stash_list_begin(struct stash *stash, const struct stash_which *which,
	struct stash_time time, struct arena *a)
{
	const char *query = query_of(stash, &list_question, a);
	struct http_request request = question_request(stash, query, list_variables(which, a), a);
	struct stash_begun *begun = arena_alloc(a, sizeof(*begun));
	struct err err;

	*begun = (struct stash_begun){.stash = stash, .arena = a};
	complete(stash, &request, of_question, time, a);
	if (!open_http(stash, &stash->ahead, &err))
		return NULL;
	FAULT("stash.request");
	begun->http = http_begin(stash->ahead, &request, &begun->response, a, &err);
	return begun->http != NULL ? begun : NULL;
}

bool stash_list_end(struct stash_begun *begun, struct stash_page *page, struct err *err)
{
	struct stash *stash = begun->stash;
	cJSON *root;
	bool done;

	if (!http_end(begun->http, err))
		return false;
	FAULT("stash.answer");
	adopt_cookie(stash, begun->response.cookie);
	root = parse_answer(stash, &begun->response, err);
	done = take_page(json_get(root, "data"), page, begun->arena, err);
	cJSON_Delete(root);
	return done;
}

void stash_list_drop(struct stash_begun *begun)
{
	if (begun != NULL)
		http_drop(begun->http);
}

bool stash_run_task(struct stash *stash, const char *task, const char *description,
	struct stash_time time, struct arena *a, struct err *err)
{
	static const char query[] = "mutation "
				    "PlexSync($task:String!,$description:String!){runPluginTask("
				    "plugin_id:\"" STASH_PLUGIN_ID
				    "\",task_name:$task,description:$description)}";
	cJSON *variables = cJSON_CreateObject(), *root;

	cJSON_AddStringToObject(variables, "task", task);
	cJSON_AddStringToObject(variables, "description", description);
	if (ask(stash, query, variables, time, &root, a, err) == NULL)
		return false;
	cJSON_Delete(root);
	return true;
}

/* Stash describes a plugin's task as "Running plugin task: " and what runPluginTask was
 * given as description, else the task's name. */
enum lookup stash_find_job(struct stash *stash, enum stash_job wanted, const char *description,
	struct stash_time time, struct arena *a, struct err *err)
{
	cJSON *root;
	const cJSON *data = ask(stash, "query PlexSync{jobQueue{status description}}",
		cJSON_CreateObject(), time, &root, a, err);
	const cJSON *queue = json_get(data, "jobQueue"), *job; /* null when empty */
	enum lookup found = ABSENT;

	if (data == NULL)
		return FAILED;
	cJSON_ArrayForEach(job, queue)
	{
		const char *text = json_text(job, "description");
		const char *status = json_text(job, "status");
		bool is_ours = text != NULL && strstr(text, description) != NULL;
		bool is_ready = str_eq(status, "READY"), is_running = str_eq(status, "RUNNING");
		if (wanted == STASH_OTHERS_JOB ? is_ready && !is_ours
					       : is_ours && (is_ready || is_running))
			found = FOUND;
	}
	cJSON_Delete(root);
	return found;
}

const cJSON *stash_ask(struct stash *stash, const char *query, cJSON *variables,
	struct stash_time time, cJSON **root, struct arena *a, struct err *err)
{
	return ask(stash, query, variables, time, root, a, err);
}

const cJSON *stash_ask_either(struct stash *stash, const char *movies, const char *groups,
	struct stash_time time, cJSON **root, struct arena *a, struct err *err)
{
	bool has_groups = (stash->lacking & 1u << SCENE_MOVIES) != 0;
	const cJSON *data = ask(
		stash, has_groups ? groups : movies, cJSON_CreateObject(), time, root, a, err);

	if (data != NULL || strstr(err->text, "Cannot query field") == NULL)
		return data;
	data = ask(stash, has_groups ? movies : groups, cJSON_CreateObject(), time, root, a, err);
	if (data != NULL)
		stash->lacking ^= 1u << SCENE_MOVIES;
	return data;
}
