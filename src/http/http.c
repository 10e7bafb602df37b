/*
 * http.c - see http.h.
 *
 * One easy handle per server: its connection is kept between the requests of
 * one run. Plex closes idle connections after 20 s, so one that was idle for
 * LIMIT_IDLE_S is not used again; curl itself repeats a request that met a dead
 * kept-alive connection before any byte of the answer.
 */
#include "http/http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"

struct http {
	CURL *curl;
	char error[CURL_ERROR_SIZE];
};

struct exchange {
	struct http_response *response;
	struct str body;
	size_t max_body;
	bool too_large;
	bool head_done; /* the blank line behind the headers came */
};

struct http *http_open(const struct http_trust *trust)
{
	struct http *http = arena_malloc(sizeof(*http));
	CURL *curl;

	curl_global_init(CURL_GLOBAL_DEFAULT); /* counts its calls */
	curl = curl_easy_init();
	if (curl == NULL) {
		free(http);
		curl_global_cleanup();
		return NULL;
	}
	http->curl = curl;
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, http->error);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, (long)LIMIT_IDLE_S);
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
	if (trust->insecure) {
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
	} else if (trust->ca_file != NULL) {
		curl_easy_setopt(curl, CURLOPT_CAINFO, trust->ca_file);
	}
	return http;
}

void http_close(struct http *http)
{
	if (http == NULL)
		return;
	curl_easy_cleanup(http->curl);
	curl_global_cleanup();
	free(http);
}

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
	struct exchange *exchange = user;
	size_t len = size * count;

	if (len > exchange->max_body - exchange->body.len) {
		exchange->too_large = true;
		return CURL_WRITEFUNC_ERROR;
	}
	str_addn(&exchange->body, data, len);
	return len;
}

/* The value of a header line, if it is the one that is asked for. */
static char *header_value(struct arena *a, const char *line, size_t len, const char *name)
{
	size_t name_len = strlen(name);

	if (len <= name_len || len > LIMIT_HEADER_BYTES * 8 || line[name_len] != ':')
		return NULL;
	for (size_t i = 0; i < name_len; i++) {
		char c = line[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c != name[i])
			return NULL;
	}
	return str_trimn(a, line + name_len + 1, len - name_len - 1);
}

/* Seconds, or a date of HTTP. */
static int64_t retry_after_ms(const char *value)
{
	int64_t seconds;
	time_t then;

	if (str_number(value, &seconds))
		return seconds > LIMIT_RETRY_AFTER_MS / 1000 ? LIMIT_RETRY_AFTER_MS
							     : seconds * 1000;
	then = curl_getdate(value, NULL);
	seconds = then > 0 ? (int64_t)then - (int64_t)time(NULL) : 0;
	if (seconds <= 0)
		return 0;
	return seconds > LIMIT_RETRY_AFTER_MS / 1000 ? LIMIT_RETRY_AFTER_MS : seconds * 1000;
}

static size_t on_header(char *line, size_t size, size_t count, void *user)
{
	struct http_response *response = ((struct exchange *)user)->response;
	struct arena *a = ((struct exchange *)user)->body.arena;
	size_t len = size * count;
	char *value;

	((struct exchange *)user)->head_done = len > 0 && (line[0] == '\r' || line[0] == '\n');
	if ((value = header_value(a, line, len, "set-cookie")) != NULL) {
		/* Of several, Stash's own: every cookie ends in "; " attributes. */
		response->set_cookie = value;
	} else if ((value = header_value(a, line, len, "content-type")) != NULL) {
		response->content_type = value;
	} else if ((value = header_value(a, line, len, "etag")) != NULL) {
		response->etag = value;
	} else if ((value = header_value(a, line, len, "retry-after")) != NULL) {
		response->retry_after_ms = retry_after_ms(value);
	} else if ((value = header_value(a, line, len, "date")) != NULL) {
		time_t then = curl_getdate(value, NULL);
		response->date_ms = then > 0 ? (int64_t)then * 1000 : 0;
	}
	return len;
}

char *http_origin(struct arena *a, const char *url)
{
	const char *host = strstr(url, "://");
	const char *end;

	if (host == NULL)
		return arena_strdup(a, "(no URL)");
	host += 3;
	end = host + strcspn(host, "/?#");
	for (const char *p = host; p < end; p++) {
		if (*p == '@')
			host = p + 1;
	}
	/* An '@' further on: then what stands here may be half a password. */
	if (strchr(end, '@') != NULL)
		return arena_strdup(a, "(a URL with a user or an @ in it)");
	return arena_printf(a, "%.*s://%.*s", (int)strcspn(url, ":"), url, (int)(end - host), host);
}

/* What follows the host's colon, if there is one, is a port number. */
static bool port_ok(const char *host)
{
	const char *colon = *host == '[' ? strstr(host, "]:") : strchr(host, ':');
	size_t end = strcspn(host, "/");
	int64_t port = 0;

	if (colon == NULL || (size_t)(colon - host) >= end)
		return true;
	for (colon += *host == '[' ? 2 : 1; *colon != '/' && *colon != '\0'; colon++) {
		if (*colon < '0' || *colon > '9' || port > 65535)
			return false;
		port = port * 10 + (*colon - '0');
	}
	return port >= 1 && port <= 65535;
}

bool http_url_ok(const char *url)
{
	const char *host;

	if (strncmp(url, "http://", 7) == 0)
		host = url + 7;
	else if (strncmp(url, "https://", 8) == 0)
		host = url + 8;
	else
		return false;
	if (*host == '\0' || *host == '/' || *host == ':')
		return false;
	if (!port_ok(host))
		return false;
	for (; *host != '\0'; host++) {
		unsigned char c = (unsigned char)*host;
		if (c <= ' ' || c == 0x7f || strchr("@?#\"<>\\^`{|}", c) != NULL)
			return false;
	}
	return true;
}

/* The one place where a code of curl becomes a kind of error. */
static enum err_kind kind_of(CURLcode code, const struct http_request *request)
{
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		return request->own_deadline ? ERR_BUDGET : ERR_SERVER;
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return ERR_SETUP;
	case CURLE_WRITE_ERROR: /* longer than max_body: see on_body */
		return ERR_LATER;
	default:
		return ERR_SERVER;
	}
}

static bool fail(struct http *http, const struct http_request *request, CURLcode code,
	const struct exchange *exchange, struct arena *a, struct err *err)
{
	const char *what = http->error[0] ? http->error : curl_easy_strerror(code);
	const char *origin = http_origin(a, request->url);

	if (exchange->too_large)
		return err_set(err, ERR_LATER, "%s: the answer is longer than %zu bytes", origin,
			request->max_body);
	if (code == CURLE_OPERATION_TIMEDOUT) {
		curl_off_t us = 0;
		curl_easy_getinfo(http->curl, CURLINFO_TOTAL_TIME_T, &us);
		return err_set(err, kind_of(code, request), "%s: no answer within %.1f s", origin,
			(double)us / 1e6);
	}
	err_set(err, kind_of(code, request), "%s: %s", origin, what);
	err->broken = code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR ||
		      code == CURLE_GOT_NOTHING || code == CURLE_PARTIAL_FILE ||
		      code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_BAD_CONTENT_ENCODING;
	return false;
}

static struct curl_slist *header_list(const char *const *headers)
{
	/* Not "100-continue", which curl sends with large bodies and waits a second for. */
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	for (; headers != NULL && *headers != NULL; headers++) {
		struct curl_slist *longer = curl_slist_append(list, *headers);
		if (longer == NULL)
			break;
		list = longer;
	}
	return list;
}

static void set_request(CURL *curl, const struct http_request *request)
{
	bool get = strcmp(request->method, "GET") == 0;

	curl_easy_setopt(curl, CURLOPT_URL, request->url);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
		(long)(request->own_deadline ? request->timeout_ms
					     : clock_patience_ms(request->timeout_ms)));
	curl_easy_setopt(
		curl, CURLOPT_CONNECTTIMEOUT_MS, (long)clock_patience_ms(LIMIT_CONNECT_MS));
	if (get) {
		curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, NULL);
		return;
	}
	/* An empty body with a length of 0, as every client of Plex sends it. */
	curl_easy_setopt(curl, CURLOPT_POST, 1L);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body ? request->body : "");
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
}

bool http_send(struct http *http, const struct http_request *request,
	struct http_response *response, struct arena *a, struct err *err)
{
	struct exchange exchange = {.response = response, .max_body = request->max_body};
	struct curl_slist *headers;
	CURLcode code;
	long status = 0;

	if (request->timeout_ms <= 0)
		return err_set(err, ERR_BUDGET, "no time is left");
	*response = (struct http_response){0};
	str_init(&exchange.body, a);
	headers = header_list(request->headers);
	http->error[0] = '\0';
	set_request(http->curl, request);
	curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(http->curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(http->curl, CURLOPT_WRITEDATA, &exchange);
	curl_easy_setopt(http->curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(http->curl, CURLOPT_HEADERDATA, &exchange);
	code = curl_easy_perform(http->curl);
	curl_slist_free_all(headers);
	if (code != CURLE_OK)
		return fail(http, request, code, &exchange, a, err);
	if (!exchange.head_done) {
		err_set(err, ERR_SERVER, "%s: the answer was cut short",
			http_origin(a, request->url));
		err->broken = true;
		return false;
	}
	curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
	response->status = (int)status;
	response->body = exchange.body.s;
	response->len = exchange.body.len;
	return true;
}

char *http_escape(struct arena *a, const char *text)
{
	char *escaped = curl_easy_escape(NULL, text, 0);
	char *copy = arena_strdup(a, escaped ? escaped : "");

	curl_free(escaped);
	return copy;
}
