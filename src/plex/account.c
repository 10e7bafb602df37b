#include "plex/account.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"

#define PLEX_TV	     "https://plex.tv"
#define DEFAULT_PORT 32400

struct account {
	struct arena arena;
	struct http *http;
	const char *client_id;
	int64_t skew_ms;
};

struct account *account_open(const char *client_id)
{
	struct account *account = arena_malloc(sizeof(*account));

	*account = (struct account){0};
	arena_init(&account->arena);
	account->client_id = arena_strdup(&account->arena, client_id);
	return account;
}

void account_close(struct account *account)
{
	http_close(account->http);
	arena_clear(&account->arena);
	free(account);
}

static const char *address(void)
{
#ifdef PLEXSYNC_TESTING
	if (getenv("PLEXSYNC_PLEX_TV") != NULL)
		return getenv("PLEXSYNC_PLEX_TV");
#endif
	return PLEX_TV;
}

/* A certificate is valid for a time, and a machine without a battery may begin in 1970. */
static bool doubt_clock(struct err *err, struct arena *a)
{
	time_t now = (time_t)(clock_now_ms() / 1000);
	char text[32];
	struct tm t;

	if (gmtime_r(&now, &t) == NULL || strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &t) == 0)
		return false;
	return err_context(err, "%s",
		arena_printf(a,
			"plex.tv's certificate cannot be verified (this machine's clock says %s "
			"UTC: if that is wrong, set it)",
			text));
}

/* Accept is exactly this: with anything beside it plex.tv answers in XML. */
static bool send(struct account *account, const char *method, const char *path, const char *token,
	struct http_response *response, struct arena *a, struct err *err)
{
	const char *headers[] = {"Accept: application/json", "X-Plex-Product: PlexSync",
		("X-Plex-Version: " PLEXSYNC_VERSION), "X-Plex-Device-Name: PlexSync",
		"X-Plex-Platform: Stash", "Content-Type:",
		arena_printf(a, "X-Plex-Client-Identifier: %s", account->client_id),
		token ? arena_printf(a, "X-Plex-Token: %s", token) : NULL, NULL};
	struct http_request request = {.method = method,
		.url = arena_printf(a, "%s%s", address(), path),
		.headers = headers,
		.timeout_ms = LIMIT_ACCOUNT_MS,
		.max_body = LIMIT_ACCOUNT_ANSWER_BYTES};

	FAULT("account.request");
	if (account->http == NULL)
		account->http = http_open(&(struct http_trust){.insecure = false});
	if (account->http == NULL)
		return err_set(err, ERR_SERVER, "libcurl cannot be initialised");
	if (!http_send(account->http, &request, response, a, err))
		return err->kind == ERR_SETUP ? doubt_clock(err, a) : err_context(err, "plex.tv");
	if (response->date_ms != 0)
		account->skew_ms = response->date_ms - clock_now_ms();
	return true;
}

int64_t account_skew_ms(const struct account *account)
{
	return account->skew_ms;
}

/* The one place where a status of plex.tv becomes a kind of error. */
static bool judge(const struct http_response *response, struct err *err)
{
	int status = response->status;

	if (status >= 200 && status < 300)
		return true;
	if (status == 429 || status >= 500)
		err_set(err, ERR_SERVER, "plex.tv is busy (HTTP %d): try again later", status);
	else if (status < 400)
		err_set(err, ERR_SERVER,
			"plex.tv cannot be reached: something else answers (HTTP "
			"%d)",
			status);
	else
		err_set(err, ERR_JOB, "plex.tv refuses (HTTP %d): sign in again", status);
	err->status = status;
	return false;
}

/* NULL with ERR_SERVER if the answer is not plex.tv's. */
static cJSON *parse(const char *text, size_t len, struct err *err)
{
	cJSON *root = json_parse(text, len, err);

	if (root == NULL)
		err_set(err, ERR_SERVER, "plex.tv cannot be reached: something else answers");
	return root;
}

/* --- the code ------------------------------------------------------------------------- */

bool account_pin(struct account *account, struct account_pin *pin, struct arena *a, struct err *err)
{
	struct http_response response = {.status = 0};
	int64_t number;
	cJSON *root;

	if (!send(account, "POST", "/api/v2/pins?strong=true", NULL, &response, a, err) ||
		!judge(&response, err))
		return false;
	root = parse(response.body, response.len, err);
	if (root == NULL)
		return false;
	*pin = (struct account_pin){.id = json_id(a, root, "id"),
		.code = json_copy(a, root, "code"),
		.expires_s = json_int(root, "expiresIn", 900)};
	cJSON_Delete(root);
	return (pin->id != NULL && str_number(pin->id, &number) && *pin->code != '\0') ||
	       err_set(err, ERR_SERVER, "plex.tv's answer has no code");
}

const char *account_url(const struct account *account, const char *code, struct arena *a)
{
	return arena_printf(a,
		"https://app.plex.tv/auth#?clientID=%s&code=%s"
		"&context%%5Bdevice%%5D%%5Bproduct%%5D=PlexSync",
		http_escape(a, account->client_id), http_escape(a, code));
}

enum account_state account_judge(int status, bool has_token, int64_t left_s)
{
	if (status == 404) /* unknown, or over: it says the same */
		return ACCOUNT_EXPIRED;
	if (status == 429 || status >= 500 || (status >= 300 && status < 400))
		return ACCOUNT_AWAY;
	if (status >= 400)
		return ACCOUNT_REFUSED;
	if (has_token)
		return ACCOUNT_DONE;
	return left_s == 0 ? ACCOUNT_EXPIRED : ACCOUNT_WAITING;
}

enum account_state account_poll(struct account *account, const char *pin, const char **token,
	struct arena *a, struct err *err)
{
	const char *path = arena_printf(a, "/api/v2/pins/%s", pin);
	struct http_response response = {.status = 0};
	int64_t left_s;
	cJSON *root;

	*token = NULL;
	if (!send(account, "GET", path, NULL, &response, a, err))
		return ACCOUNT_AWAY;
	if (!judge(&response, err))
		return account_judge(response.status, false, -1);
	root = parse(response.body, response.len, err);
	if (root == NULL)
		return ACCOUNT_AWAY;
	*token = arena_strdup(a, json_text(root, "authToken"));
	log_secret(*token);
	left_s = json_int(root, "expiresIn", -1);
	cJSON_Delete(root);
	if (!str_one_line(*token) || **token == '\0')
		*token = NULL;
	return account_judge(response.status, *token != NULL,
		left_s > 0   ? left_s
		: left_s < 0 ? -1
			     : 0);
}

/* --- the servers ---------------------------------------------------------------------- */

/* One that is there is not added again, and one that is none is not at all. */
static void add_address(
	struct account_server *server, const char *url, bool local, bool relay, struct arena *a)
{
	const char *clean = str_no_slashes(a, url);

	if (server->count == LIMIT_ADDRESSES || strlen(clean) > LIMIT_ADDRESS_BYTES ||
		!http_url_ok(clean))
		return;
	for (size_t i = 0; i < server->count; i++) {
		if (strcmp(server->addresses[i].url, clean) == 0)
			return;
	}
	server->addresses[server->count++] = (struct account_address){
		.url = clean, .local = local, .relay = relay, .why = "it was not tried"};
}

static void add_connections(struct account_server *server, const cJSON *from, struct arena *a)
{
	bool only_https = cJSON_IsTrue(json_get(from, "httpsRequired"));
	size_t count;
	const cJSON *list = json_list(from, "connections", &count), *entry;
	int64_t port = DEFAULT_PORT;

	cJSON_ArrayForEach(entry, list)
	{
		add_address(server, json_copy(a, entry, "uri"),
			cJSON_IsTrue(json_get(entry, "local")),
			cJSON_IsTrue(json_get(entry, "relay")), a);
	}
	cJSON_ArrayForEach(entry, list)
	{
		const char *host = json_copy(a, entry, "address");
		if (only_https || !cJSON_IsTrue(json_get(entry, "local")))
			continue;
		port = json_int(entry, "port", DEFAULT_PORT);
		add_address(server,
			arena_printf(a, strchr(host, ':') ? "http://[%s]:%lld" : "http://%s:%lld",
				host, (long long)port),
			true, false, a);
	}
	if (!only_https)
		add_address(server, arena_printf(a, "http://127.0.0.1:%lld", (long long)port), true,
			false, a);
}

/* "server,player" */
static bool provides_server(const cJSON *entry, struct arena *a)
{
	struct str_list words = str_split(a, json_copy(a, entry, "provides"), ',');

	return str_list_has(&words, "server");
}

static void parse_server(const cJSON *from, struct account_server *server, struct arena *a)
{
	const char *token = json_text(from, "accessToken");

	log_secret(token);
	*server = (struct account_server){.id = json_copy(a, from, "clientIdentifier"),
		.name = json_copy(a, from, "name"),
		.token = str_one_line(token) ? arena_strdup(a, token) : "",
		.owned = cJSON_IsTrue(json_get(from, "owned")),
		.addresses = arena_array(a, LIMIT_ADDRESSES, sizeof(*server->addresses))};
	add_connections(server, from, a);
}

bool account_parse(const char *text, size_t len, struct account_servers *servers, struct arena *a,
	struct err *err)
{
	cJSON *root = parse(text, len, err);
	const cJSON *entry;

	*servers = (struct account_servers){
		.v = arena_array(a, LIMIT_SERVERS, sizeof(*servers->v))};
	if (root == NULL)
		return false;
	if (!cJSON_IsArray(root)) {
		cJSON_Delete(root);
		return err_set(err, ERR_SERVER, "plex.tv's answer is not a list of servers");
	}
	cJSON_ArrayForEach(entry, root)
	{
		if (!provides_server(entry, a) || *json_copy(a, entry, "clientIdentifier") == '\0')
			continue;
		if (servers->n < LIMIT_SERVERS)
			parse_server(entry, &servers->v[servers->n++], a);
		else
			log_warning("The account has more than %u servers: \"%s\" is left out",
				LIMIT_SERVERS, json_copy(a, entry, "name"));
	}
	cJSON_Delete(root);
	return true;
}

bool account_servers(struct account *account, const char *token, struct account_servers *servers,
	struct arena *a, struct err *err)
{
	static const char path[] = "/api/v2/resources?includeHttps=1&includeRelay=1&includeIPv6=1";
	struct http_response response = {.status = 0};

	return send(account, "GET", path, token, &response, a, err) && judge(&response, err) &&
	       account_parse(response.body, response.len, servers, a, err);
}

/* --- which address -------------------------------------------------------------------- */

static int rank(const struct account_address *address)
{
	return (address->answers ? 0 : 8) + (address->relay ? 4 : 0) + (address->local ? 0 : 2) +
	       (strncmp(address->url, "https:", 6) == 0 ? 0 : 1);
}

static int compare(const void *x, const void *y)
{
	const struct account_address *a = x, *b = y;

	if (rank(a) != rank(b))
		return rank(a) < rank(b) ? -1 : 1;
	if (a->ms != b->ms)
		return a->ms < b->ms ? -1 : 1;
	return strcmp(a->url, b->url);
}

void account_sort(struct account_server *server)
{
	qsort(server->addresses, server->count, sizeof(*server->addresses), compare);
}

static void take_try(const struct account_server *server, struct account_address *address,
	const struct http_try *try, struct arena *a)
{
	struct err err;
	cJSON *root;

	address->ms = try->ms;
	if (!try->answered) {
		address->why = arena_strdup(a, try->err.text);
		return;
	}
	root = json_parse(try->response.body, try->response.len, &err);
	address->answers = str_eq(
		json_text(json_get(root, "MediaContainer"), "machineIdentifier"), server->id);
	address->why = address->answers ? NULL
		       : root == NULL	? "something else answers there"
					: "another Plex server answers there";
	cJSON_Delete(root);
}

void account_try(struct account_servers *servers, const struct http_trust *trust, struct arena *a)
{
	static const char *const headers[] = {"Accept: application/json", NULL};
	size_t count = 0, at = 0;
	struct http_try *tries;

	for (size_t i = 0; i < servers->n; i++)
		count += servers->v[i].count;
	tries = arena_array(a, count, sizeof(*tries));
	for (size_t i = 0; i < servers->n; i++) {
		for (size_t j = 0; j < servers->v[i].count; j++)
			tries[at++].request = (struct http_request){.method = "GET",
				.url = arena_printf(
					a, "%s/identity", servers->v[i].addresses[j].url),
				.headers = headers,
				.timeout_ms = LIMIT_TRY_MS,
				.max_body = LIMIT_TRY_ANSWER_BYTES};
	}
	http_try_all(trust, tries, count, a);
	at = 0;
	for (size_t i = 0; i < servers->n; i++) {
		struct account_server *server = &servers->v[i];
		for (size_t j = 0; j < server->count; j++)
			take_try(server, &server->addresses[j], &tries[at++], a);
		account_sort(server);
	}
}
