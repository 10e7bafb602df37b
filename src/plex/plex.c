#include "plex/plex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"

struct plex {
	struct arena arena;
	struct plex_options options;
	struct http *http; /* NULL until the first request */
	const char *headers[12];
	int64_t date_ms; /* of the last answer */
	bool answered;	 /* it does, under this address */
	bool probed;	 /* with the other scheme */
};

struct plex *plex_open(const struct plex_options *options)
{
	struct plex *plex = arena_malloc(sizeof(*plex));
	struct arena *a = &plex->arena;
	size_t n = 0;

	*plex = (struct plex){0};
	arena_init(a);
	plex->options.url = arena_strdup(a, options->url);
	plex->options.trust.insecure = options->trust.insecure;
	plex->options.trust.ca_file = arena_strdup(a, options->trust.ca_file);
	plex->headers[n++] = arena_printf(a, "X-Plex-Token: %s", options->token);
	plex->headers[n++] = arena_printf(a, "X-Plex-Client-Identifier: %s", options->client_id);
	plex->headers[n++] = "X-Plex-Product: PlexSync";
	plex->headers[n++] = "X-Plex-Version: " PLEXSYNC_VERSION;
	plex->headers[n++] = "X-Plex-Device-Name: PlexSync";
	plex->headers[n++] = "X-Plex-Platform: Stash";
	plex->headers[n++] = "Accept: application/json";
	plex->headers[n++] = "Content-Type:"; /* none: curl would declare every body a form */
	plex->headers[n] = NULL;
	return plex;
}

void plex_close(struct plex *plex)
{
	if (plex == NULL)
		return;
	http_close(plex->http);
	arena_clear(&plex->arena);
	free(plex);
}

const char *plex_url(const struct plex *plex)
{
	return plex->options.url;
}

/* What a proxy or a server says of this one attempt: another one may work. */
static bool is_passing(int status)
{
	return status == 408 || status == 421 || status == 423 || status == 425;
}

/* A Plex has answers for the server as a whole; what lacks them is something else. */
static bool is_no_plex(int status)
{
	return (status >= 400 && status < 500 && status != 429) || status == 501;
}

/* The one place where a status of Plex becomes a kind of error. */
static bool judge(enum plex_scope scope, const struct http_response *response, struct err *err)
{
	int status = response->status;

	if (status >= 200 && status < 300)
		return true;
	if (status == 401 || status == 403)
		err_set(err, ERR_SETUP,
			"Plex refuses the token (HTTP %d): setting connectToken needs a "
			"valid token of the server's owner",
			status);
	else if (status >= 300 && status < 400)
		err_set(err, ERR_SETUP,
			"Plex redirects to another address (HTTP %d): setting connectUrl should be "
			"the server's own address, http or https as the server wants it",
			status);
	else if (is_passing(status))
		err_set(err, scope == PLEX_ITEM ? ERR_LATER : ERR_SERVER, "Plex answers HTTP %d",
			status);
	else if (scope == PLEX_SERVER && is_no_plex(status))
		err_set(err, ERR_SETUP,
			"there is no Plex server at this address (HTTP %d): setting connectUrl "
			"needs its own address and nothing more, for example "
			"http://192.168.1.10:32400",
			status);
	else if (status == 429 || status == 502 || status == 503 || status == 504)
		err_set(err, ERR_SERVER, "Plex is busy or starting (HTTP %d)", status);
	else if (status >= 500 && !is_no_plex(status))
		err_set(err, scope != PLEX_SERVER && status == 500 ? ERR_LATER : ERR_SERVER,
			"Plex answers HTTP %d", status);
	else
		err_set(err, scope == PLEX_ITEM ? ERR_JOB : ERR_SERVER, "Plex answers HTTP %d",
			status);
	err->status = status;
	err->retry_after_ms = response->retry_after_ms;
	return false;
}

/* The request's own limit, or what is left of the caller's time. */
static void set_times(struct http_request *request, const struct plex_time *time)
{
	request->timeout_ms = time->request_ms;
	if (time->deadline_us > 0) {
		int64_t left = (time->deadline_us - clock_us()) / 1000;
		if (left < request->timeout_ms) {
			request->timeout_ms = left > 0 ? left : 0;
			request->own_deadline = true;
		}
	}
}

/* Says which setting keeps a request from being sent. */
static void name_setting(const struct plex *plex, struct err *err)
{
	if (err->kind != ERR_SETUP)
		err_context(err, "Plex");
	else if (strncmp(plex->options.url, "https:", 6) == 0)
		err_context(err, "Plex's certificate cannot be verified (setting tlsCaFile names "
				 "one to trust; setting tlsSkipVerify skips the check)");
	else
		err_context(err, "setting connectUrl");
}

/* The status of what needs no token, and is asked for without one; 0: no answer. */
static int ask_identity(const char *url, const struct plex_time *time, struct arena *a)
{
	static const char *const headers[] = {"Accept: application/json", NULL};
	struct http_request request = {.method = "GET",
		.url = arena_printf(a, "%s/identity", url),
		.headers = headers,
		.max_body = LIMIT_PLEX_ANSWER_BYTES};
	struct http *http = http_open(&(struct http_trust){.insecure = true});
	struct http_response response;
	struct err ignored;
	int status = 0;

	set_times(&request, time);
	if (request.timeout_ms > LIMIT_PROBE_MS)
		request.timeout_ms = LIMIT_PROBE_MS;
	request.own_deadline = true;
	if (http != NULL && http_send(http, &request, &response, a, &ignored))
		status = response.status;
	http_close(http);
	return status;
}

/* A server that closes the connection, or answers what makes no sense, may want https where we
 * say http, or the other way round: it is asked once. True with the error if it answers there,
 * and not where we asked: Plex speaks both at one port, unless it is told not to. */
static bool wants_other_scheme(
	struct plex *plex, const struct plex_time *time, struct arena *a, struct err *err)
{
	const char *url = plex->options.url;
	bool tls = strncmp(url, "https:", 6) == 0;
	const char *rest = url + (tls ? 5 : 4), *want = tls ? "http" : "https";
	int status;

	if (plex->answered || plex->probed)
		return false;
	plex->probed = true;
	status = ask_identity(arena_printf(a, "%s%s", want, rest), time, a);
	if (status == 0 || (tls && status != 200) || ask_identity(url, time, a) == 200)
		return false;
	err_set(err, ERR_SETUP,
		"setting connectUrl: this server wants %s: the address has to begin with %s://",
		want, want);
	return true;
}

/* 'request' has its method and body. */
static bool send_request(struct plex *plex, enum plex_scope scope, struct http_request *request,
	const char *path, const struct plex_time *time, struct http_response *response,
	struct arena *a, struct err *err)
{
	bool done = false;

	FAULT(scope != PLEX_ITEM	  ? "plex.server"
		: *request->method == 'P' ? "plex.edit"
					  : "plex.item");
	request->url = arena_printf(a, "%s%s", plex->options.url, path);
	request->headers = plex->headers;
	request->max_body = LIMIT_PLEX_ANSWER_BYTES;
	set_times(request, time);
	if (plex->http == NULL)
		plex->http = http_open(&plex->options.trust);
	if (plex->http == NULL)
		err_set(err, ERR_SERVER, "libcurl cannot be initialised");
	else if (http_send(plex->http, request, response, a, err))
		done = judge(scope, response, err);
	else if (!err->broken || !wants_other_scheme(plex, time, a, err))
		name_setting(plex, err);
	if (!done && err->status == 400) /* what proxies answer to http where they want https */
		wants_other_scheme(plex, time, a, err);
	plex->answered |= done;
	if (done && response->date_ms != 0)
		plex->date_ms = response->date_ms;
	FAULT("plex.answer");
	if (done)
		return true;
	/* A wrong setting concerns all requests. */
	if (err->status != 0 && err->kind != ERR_SETUP)
		err_context(err, "%s %.*s", request->method, (int)strcspn(path, "?"), path);
	/* A too long answer about the server is not a job's fault. */
	if (scope == PLEX_SERVER && err->kind == ERR_LATER)
		err->kind = ERR_SERVER;
	err->party = PARTY_PLEX;
	return false;
}

/* The number after the first "ratingKey" of an answer that cannot be parsed; 0: none. */
static int64_t key_in(const struct http_response *response)
{
	static const char name[] = "\"ratingKey\":";
	const char *at = response->body, *end = at + response->len;
	int64_t key = 0;

	while ((size_t)(end - at) > sizeof(name) && memcmp(at, name, sizeof(name) - 1) != 0)
		at++;
	if ((size_t)(end - at) <= sizeof(name))
		return 0;
	at += sizeof(name) - 1;
	at += strspn(at, " \"");
	for (; *at >= '0' && *at <= '9' && key < INT32_MAX; at++)
		key = key * 10 + (*at - '0');
	return key;
}

/* An answer with status 200 that is not what was asked for. One that begins as JSON comes from
 * a Plex that stumbled over something it has to show; any other from somebody else, which is a
 * wrong setting if it stands for the server itself. */
static void judge_answer(enum plex_scope scope, const struct http_response *response,
	const char *path, struct err *err)
{
	const char *begin = response->body + strspn(response->body, " \t\r\n");
	int64_t key = scope == PLEX_LIST ? key_in(response) : 0;
	int path_len = (int)strcspn(path, "?");
	bool is_whole = response->len > 0 && response->body[response->len - 1] == '}';

	if (*begin == '{' && err->kind == ERR_INPUT) {
		char why[LIMIT_ERR_TEXT];
		snprintf(why, sizeof(why), "%s", err->text);
		err_set(err, scope == PLEX_LIST ? ERR_LATER : ERR_SERVER,
			"Plex's answer to GET %.*s cannot be read: %s", path_len, path, why);
		if (key > 0)
			err_context(err, "item %lld", (long long)key);
	} else {
		err_set(err, scope == PLEX_SERVER ? ERR_SETUP : ERR_SERVER,
			"GET %.*s: the answer is not Plex's (%s): is setting "
			"connectUrl the address of a Plex server?",
			path_len, path,
			response->len == 0	 ? "it is empty"
			: response->content_type ? response->content_type
						 : "no content type");
	}
	err->party = PARTY_PLEX;
	/* One that breaks off may be any page's. */
	err->broken = scope != PLEX_LIST || is_whole || *begin != '{';
}

const cJSON *plex_get(struct plex *plex, enum plex_scope scope, const char *path,
	const struct plex_time *time, cJSON **root, struct err *err)
{
	struct http_request request = {.method = "GET"};
	struct http_response response;
	const cJSON *container = NULL;
	struct arena a;

	*root = NULL;
	arena_init(&a);
	if (send_request(plex, scope, &request, path, time, &response, &a, err)) {
		err->kind = ERR_NONE;
		*root = json_parse(response.body, response.len, err);
		container = json_get(*root, "MediaContainer");
		if (!cJSON_IsObject(container)) {
			container = NULL;
			cJSON_Delete(*root);
			*root = NULL;
			judge_answer(scope, &response, path, err);
		}
	}
	arena_clear(&a);
	return container;
}

bool plex_send(struct plex *plex, const char *method, const char *path, const void *body,
	size_t len, const struct plex_time *time, struct err *err)
{
	struct http_request request = {.method = method, .body = body, .body_len = len};
	struct http_response response;
	struct arena a;
	bool done;

	arena_init(&a);
	done = send_request(plex, PLEX_ITEM, &request, path, time, &response, &a, err);
	arena_clear(&a);
	return done;
}

bool plex_identity(struct plex *plex, const struct plex_time *time, char **machine, struct arena *a,
	struct err *err)
{
	cJSON *root;
	const cJSON *container = plex_get(plex, PLEX_SERVER, "/identity", time, &root, err);

	if (container == NULL)
		return false;
	*machine = arena_strdup(a, json_text(container, "machineIdentifier"));
	cJSON_Delete(root);
	if (*machine == NULL || **machine == '\0') {
		err_set(err, ERR_SERVER, "GET /identity: the answer has no machineIdentifier");
		err->party = PARTY_PLEX;
		return false;
	}
	return true;
}

int64_t plex_date_ms(const struct plex *plex)
{
	return plex->date_ms;
}

bool plex_about(struct plex *plex, const struct plex_time *time, struct plex_about *about,
	struct arena *a, struct err *err)
{
	cJSON *root;
	const cJSON *container = plex_get(plex, PLEX_SERVER, "/", time, &root, err);

	if (container == NULL)
		return false;
	about->name = json_copy(a, container, "friendlyName");
	about->version = json_copy(a, container, "version");
	cJSON_Delete(root);
	return true;
}

int plex_library_id(const cJSON *from, const char *name)
{
	int64_t id = json_int(from, name, 0);

	return id > 0 && id <= INT32_MAX ? (int)id : 0;
}
