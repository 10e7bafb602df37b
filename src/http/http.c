/*
 * http.c - One easy handle per server: its connection is kept between the requests of
 * one run. Plex closes idle connections after 20 s, so one that was idle for
 * LIMIT_IDLE_S is not used again; curl itself repeats a request that met a dead
 * kept-alive connection before any byte of the answer.
 */
#include "http/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/str.h"

/* Where systems keep the certificates that they trust. The libcurl of a
 * system knows its own place; the one in the packages knows none. */
static const char *const trusted_files[] = {
	"/etc/ssl/certs/ca-certificates.crt", /* Alpine, Debian, Arch, Unraid, Synology */
	"/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora, RHEL */
	"/etc/ssl/ca-bundle.pem",	      /* openSUSE */
	"/etc/ssl/certs/ca-bundle.crt",	      /* NixOS */
	"/etc/ssl/cert.pem",		      /* Alpine's base, OpenWrt */
};

struct http {
	CURL *curl;
	CURLM *multi;	/* keeps the connection of what is sent in two parts; NULL until then */
	bool by_system; /* what the system trusts is still to be found */
	char error[CURL_ERROR_SIZE];
};

struct exchange {
	struct http_response *response;
	const struct http_request *request;
	struct str body;
	bool too_large;
	bool head_done; /* the blank line after the headers came */
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
	http->multi = NULL;
	http->by_system = !trust->insecure && trust->ca_file == NULL;
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
		/* Some builds have a folder of certificates as well. */
		curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
	return http;
}

void http_close(struct http *http)
{
	if (http == NULL)
		return;
	curl_easy_cleanup(http->curl);
	curl_multi_cleanup(http->multi);
	curl_global_cleanup();
	free(http);
}

/* A part of a URL as curl, which will use it, reads it; NULL if it has none or is not a
 * URL. */
static char *url_part(struct arena *a, const char *url, CURLUPart part)
{
	CURLU *parts = curl_url();
	char *text = NULL, *copy;

	if (parts != NULL && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK)
		curl_url_get(parts, part, &text, 0);
	copy = arena_strdup(a, text);
	curl_free(text);
	curl_url_cleanup(parts);
	return copy;
}

/* scheme://host[:port], for messages: never a user, a password or a query. */
static char *origin_of(struct arena *a, const char *url)
{
	const char *scheme = url_part(a, url, CURLUPART_SCHEME);
	const char *host = url_part(a, url, CURLUPART_HOST),
		   *port = url_part(a, url, CURLUPART_PORT);

	if (scheme == NULL || host == NULL)
		return arena_strdup(a, "(not a URL)");
	return arena_printf(a, "%s://%s%s%s", scheme, host, port ? ":" : "", port ? port : "");
}

static bool can_read(const char *path)
{
	return path != NULL && access(path, R_OK) == 0;
}

/* What the system trusts. Not before the first https request: most servers are
 * asked without. */
static bool trust_system(struct http *http, const char *url, struct arena *a, struct err *err)
{
	const char *path = getenv("SSL_CERT_FILE"), *folder = NULL;

	if (!can_read(path))
		curl_easy_getinfo(http->curl, CURLINFO_CAINFO, &path);
	for (size_t i = 0; !can_read(path) && i < sizeof(trusted_files) / sizeof(*trusted_files);
		i++)
		path = trusted_files[i];
	curl_easy_getinfo(http->curl, CURLINFO_CAPATH, &folder);
	if (can_read(path))
		curl_easy_setopt(http->curl, CURLOPT_CAINFO, path);
	else if (!can_read(folder))
		return err_set(err, ERR_SETUP,
			"%s: this system has no file of certificates that it trusts, such as %s: "
			"install its package ca-certificates",
			origin_of(a, url), trusted_files[0]);
	http->by_system = false;
	return true;
}

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
	struct exchange *exchange = user;
	size_t len = size * count;

	if (len > exchange->request->max_body - exchange->body.len) {
		exchange->too_large = true;
		return CURL_WRITEFUNC_ERROR;
	}
	str_addn(&exchange->body, data, len);
	return len;
}

/* The value of a header line, if it has this name. */
static char *header_value(struct arena *a, const char *line, size_t len, const char *name)
{
	size_t name_len = strlen(name);

	if (len <= name_len || len > LIMIT_HEADER_BYTES * 8 || line[name_len] != ':' ||
		strncasecmp(line, name, name_len) != 0)
		return NULL;
	return str_trimn(a, line + name_len + 1, len - name_len - 1);
}

/* Seconds or an HTTP date. */
static int64_t retry_after_ms(const char *value)
{
	const int64_t most = LIMIT_RETRY_AFTER_MS / 1000;
	int64_t seconds;

	if (!str_number(value, &seconds))
		seconds = (int64_t)curl_getdate(value, NULL) - (int64_t)time(NULL);
	return (seconds < 0 ? 0 : seconds > most ? most : seconds) * 1000;
}

/* "NAME=VALUE; Path=/; …": takes the value, if it is the cookie that is wanted. */
static void take_cookie(struct exchange *exchange, const char *cookie)
{
	const char *name = exchange->request->cookie;
	size_t len = name ? strlen(name) : 0, value_len;

	if (len == 0 || strncmp(cookie, name, len) != 0 || cookie[len] != '=')
		return;
	value_len = strcspn(cookie + len + 1, ";");
	if (value_len > 0)
		exchange->response->cookie = arena_strndup(
			exchange->body.arena, cookie + len + 1, value_len);
}

static size_t on_header(char *line, size_t size, size_t count, void *user)
{
	struct exchange *exchange = user;
	struct http_response *response = exchange->response;
	struct arena *a = exchange->body.arena;
	size_t len = size * count;
	char *value;

	if (len > 5 && memcmp(line, "HTTP/", 5) == 0) { /* before it was an interim answer */
		*response = (struct http_response){0};
		exchange->head_done = false;
	} else if (exchange->head_done) {
		return len; /* a trailer: nothing that we need */
	} else if (len > 0 && (line[0] == '\r' || line[0] == '\n')) {
		exchange->head_done = true;
	} else if ((value = header_value(a, line, len, "set-cookie")) != NULL) {
		take_cookie(exchange, value);
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

bool http_url_ok(const char *url)
{
	const char *host = strncmp(url, "http://", 7) == 0    ? url + 7
			   : strncmp(url, "https://", 8) == 0 ? url + 8
							      : "";
	struct arena a;
	const char *port;
	bool ok;

	/* Characters that curl would accept or escape. */
	if (*host == '\0' || *host == '/' || strpbrk(host, "@?#\"<>\\^`{|} ") != NULL ||
		!str_one_line(host))
		return false;
	arena_init(&a);
	port = url_part(&a, url, CURLUPART_PORT);
	ok = url_part(&a, url, CURLUPART_HOST) != NULL && (port == NULL || strcmp(port, "0") != 0);
	arena_clear(&a);
	return ok;
}

bool http_is_local(const char *url)
{
	struct in6_addr six;
	struct in_addr four;
	struct arena a;
	const char *host;
	bool local = false;

	arena_init(&a);
	host = url_part(&a, url, CURLUPART_HOST);
	if (host != NULL && *host == '[')
		host = arena_strndup(&a, host + 1, strcspn(host + 1, "]"));
	if (host != NULL && inet_pton(AF_INET, host, &four) == 1)
		local = ntohl(four.s_addr) >> 24 == 127;
	else if (host != NULL && inet_pton(AF_INET6, host, &six) == 1)
		local = IN6_IS_ADDR_LOOPBACK(&six);
	else if (host != NULL)
		local = strcasecmp(host, "localhost") == 0;
	arena_clear(&a);
	return local;
}

/* CURLE_UNSUPPORTED_PROTOCOL is about the address, or about an answer that is no HTTP, such as one
 * in TLS. */
static bool is_no_http(struct http *http, CURLcode code)
{
	long sent = 0;

	return code == CURLE_UNSUPPORTED_PROTOCOL &&
	       curl_easy_getinfo(http->curl, CURLINFO_REQUEST_SIZE, &sent) == CURLE_OK && sent > 0;
}

static bool is_setup(CURLcode code)
{
	return code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
	       code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
	       code == CURLE_SSL_ISSUER_ERROR;
}

/* The one place where a code of curl becomes a kind of error. */
static bool fail(struct http *http, const struct http_request *request, CURLcode code,
	const struct exchange *exchange, struct arena *a, struct err *err)
{
	/* mbedTLS ends its sentences with a line feed. */
	const char *what = str_trim(a, http->error[0] ? http->error : curl_easy_strerror(code));
	const char *origin = origin_of(a, request->url);

	if (exchange->too_large)
		return err_set(err, ERR_LATER, "%s: the answer is longer than %zu bytes", origin,
			request->max_body);
	if (code == CURLE_OPERATION_TIMEDOUT) {
		curl_off_t us = 0;
		curl_easy_getinfo(http->curl, CURLINFO_TOTAL_TIME_T, &us);
		return err_set(err, request->own_deadline ? ERR_BUDGET : ERR_SERVER,
			"%s: no answer within %.1f s", origin, (double)us / 1e6);
	}
	err_set(err, is_setup(code) && !is_no_http(http, code) ? ERR_SETUP : ERR_SERVER, "%s: %s",
		origin, what);
	err->broken = code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR ||
		      code == CURLE_GOT_NOTHING || code == CURLE_PARTIAL_FILE ||
		      code == CURLE_SSL_CONNECT_ERROR || code == CURLE_WEIRD_SERVER_REPLY ||
		      code == CURLE_BAD_CONTENT_ENCODING || is_no_http(http, code);
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
	curl_easy_setopt(curl, CURLOPT_URL, request->url);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
		(long)(request->own_deadline ? request->timeout_ms
					     : clock_patience_ms(request->timeout_ms)));
	curl_easy_setopt(
		curl, CURLOPT_CONNECTTIMEOUT_MS, (long)clock_patience_ms(LIMIT_CONNECT_MS));
	if (strcmp(request->method, "GET") == 0) {
		curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, NULL);
		return;
	}
	/* An empty body with a length of 0, as every Plex client sends it. */
	curl_easy_setopt(curl, CURLOPT_POST, 1L);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body ? request->body : "");
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
}

/* Makes the handle ready to send; the exchange and the returned headers have to live until
 * it was finished. NULL with the error. */
static struct curl_slist *prepare(
	struct http *http, struct exchange *exchange, struct arena *a, struct err *err)
{
	const struct http_request *request = exchange->request;
	struct curl_slist *headers;

	*exchange->response = (struct http_response){0};
	if (request->timeout_ms <= 0) {
		err_set(err, ERR_BUDGET, "no time is left");
		return NULL;
	}
	if (http->by_system && strncmp(request->url, "https:", 6) == 0 &&
		!trust_system(http, request->url, a, err))
		return NULL;
	str_init(&exchange->body, a);
	headers = header_list(request->headers);
	http->error[0] = '\0';
	set_request(http->curl, request);
	curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(http->curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(http->curl, CURLOPT_WRITEDATA, exchange);
	curl_easy_setopt(http->curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(http->curl, CURLOPT_HEADERDATA, exchange);
	return headers;
}

static bool finish(struct http *http, struct exchange *exchange, CURLcode code, struct arena *a,
	struct err *err)
{
	struct http_response *response = exchange->response;
	long status = 0;

	if (code != CURLE_OK)
		return fail(http, exchange->request, code, exchange, a, err);
	if (!exchange->head_done) {
		err_set(err, ERR_SERVER, "%s: the answer was cut short",
			origin_of(a, exchange->request->url));
		err->broken = true;
		return false;
	}
	curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
	response->status = (int)status;
	response->body = exchange->body.s;
	response->len = exchange->body.len;
	return true;
}

bool http_send(struct http *http, const struct http_request *request,
	struct http_response *response, struct arena *a, struct err *err)
{
	struct exchange exchange = {.response = response, .request = request};
	struct curl_slist *headers;
	CURLcode code;

	FAULT_CLOSED();
	headers = prepare(http, &exchange, a, err);
	if (headers == NULL)
		return false;
	code = curl_easy_perform(http->curl);
	curl_slist_free_all(headers);
	return finish(http, &exchange, code, a, err);
}

/* --- in two parts ----------------------------------------------------------------------- */

struct http_begun {
	struct http *http;
	struct exchange exchange;
	struct http_request request;
	struct curl_slist *headers;
	struct arena *arena;
};

static void run(CURLM *multi)
{
	int running = 1;

	while (running > 0 && curl_multi_perform(multi, &running) == CURLM_OK && running > 0) {
		if (curl_multi_poll(multi, NULL, 0, 1000, NULL) != CURLM_OK)
			break;
	}
}

/* Until the request has left, or it is over. */
static void send_off(struct http *http)
{
	curl_off_t us = 0;
	int running = 1;

	while (curl_multi_perform(http->multi, &running) == CURLM_OK && running > 0) {
		curl_easy_getinfo(http->curl, CURLINFO_PRETRANSFER_TIME_T, &us);
		if (us > 0 || curl_multi_poll(http->multi, NULL, 0, 1000, NULL) != CURLM_OK)
			break;
	}
}

struct http_begun *http_begin(struct http *http, const struct http_request *request,
	struct http_response *response, struct arena *a, struct err *err)
{
	struct http_begun *begun = arena_alloc(a, sizeof(*begun));

	FAULT_CLOSED();
	*begun = (struct http_begun){.http = http, .request = *request, .arena = a};
	begun->exchange = (struct exchange){.response = response, .request = &begun->request};
	begun->headers = prepare(http, &begun->exchange, a, err);
	if (begun->headers == NULL)
		return NULL;
	if (http->multi == NULL)
		http->multi = curl_multi_init();
	if (http->multi == NULL || curl_multi_add_handle(http->multi, http->curl) != CURLM_OK) {
		curl_slist_free_all(begun->headers);
		err_set(err, ERR_SERVER, "libcurl cannot be initialised");
		return NULL;
	}
	send_off(http);
	return begun;
}

bool http_end(struct http_begun *begun, struct err *err)
{
	struct http *http = begun->http;
	const CURLMsg *message;
	CURLcode code = CURLE_FAILED_INIT;
	int left;

	FAULT_CLOSED();
	run(http->multi);
	while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
		if (message->msg == CURLMSG_DONE)
			code = message->data.result;
	}
	http_drop(begun);
	return finish(http, &begun->exchange, code, begun->arena, err);
}

void http_drop(struct http_begun *begun)
{
	if (begun == NULL)
		return;
	curl_multi_remove_handle(begun->http->multi, begun->http->curl);
	curl_slist_free_all(begun->headers);
}

/* --- several at once ------------------------------------------------------------------ */

struct attempt {
	struct http *http;
	struct exchange exchange;
	struct curl_slist *headers;
};

/* What became of each, as curl reports it. */
static void collect(CURLM *multi, struct attempt *attempts, struct http_try *tries, size_t count,
	struct arena *a)
{
	const CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(multi, &left)) != NULL) {
		curl_off_t us = 0;
		size_t i = 0;
		if (message->msg != CURLMSG_DONE)
			continue;
		while (i < count && (attempts[i].http == NULL ||
					    attempts[i].http->curl != message->easy_handle))
			i++;
		if (i == count)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_TOTAL_TIME_T, &us);
		tries[i].ms = us / 1000;
		tries[i].answered = finish(attempts[i].http, &attempts[i].exchange,
			message->data.result, a, &tries[i].err);
	}
}

void http_try_all(
	const struct http_trust *trust, struct http_try *tries, size_t count, struct arena *a)
{
	struct attempt *attempts = arena_array(a, count, sizeof(*attempts));
	CURLM *multi;

	FAULT_CLOSED();
	for (size_t i = 0; i < count; i++) {
		attempts[i].http = http_open(trust);
		attempts[i].exchange = (struct exchange){
			.response = &tries[i].response, .request = &tries[i].request};
		err_set(&tries[i].err, ERR_SERVER, "it was not tried");
	}
	multi = curl_multi_init();
	for (size_t i = 0; multi != NULL && i < count; i++) {
		struct attempt *attempt = &attempts[i];
		if (attempt->http == NULL)
			continue;
		attempt->headers = prepare(attempt->http, &attempt->exchange, a, &tries[i].err);
		if (attempt->headers != NULL)
			curl_multi_add_handle(multi, attempt->http->curl);
	}
	if (multi != NULL) {
		run(multi);
		collect(multi, attempts, tries, count, a);
	}
	for (size_t i = 0; i < count; i++) {
		if (attempts[i].headers != NULL)
			curl_multi_remove_handle(multi, attempts[i].http->curl);
		curl_slist_free_all(attempts[i].headers);
		http_close(attempts[i].http);
	}
	curl_multi_cleanup(multi);
}

char *http_escape(struct arena *a, const char *text)
{
	char *escaped = curl_easy_escape(NULL, text, 0);
	char *copy = arena_strdup(a, escaped ? escaped : "");

	curl_free(escaped);
	return copy;
}
