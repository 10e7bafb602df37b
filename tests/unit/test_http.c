/*
 * test_http.c - the one request function, against a server of our own: a
 * thread that reads whole requests and answers with bytes of a table, then
 * closes, keeps, hangs, or never ends.
 */
#include "helpers.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "http/http.h"

/* "Harbour Lights " twenty times, by gzip. */
static const char gzipped[] =
	"\037\213\010\000\000\000\000\000\002\003\363\110\054\112\312\057\055\122\360\311"
	"\114\317\050\051\126\360\030\345\342\346\002\000\004\242\352\350\054\001\000\000";
#define GZIPPED_BYTES ((size_t)40)
#define REQUESTS      8
#define REQUEST_BYTES 4096

enum then {
	CLOSE,		 /* the connection                          */
	KEEP,		 /* it, for the next request                */
	HANG,		 /* until the other side has had enough     */
	RESET,		 /* with unread data: the peer sees a reset */
	ENDLESS_BODY,	 /* more of it, as long as it is taken      */
	ENDLESS_HEADERS, /* more cookies, 16 MiB of them            */
};

struct answer {
	const char *bytes;
	enum then then;
	size_t len; /* 0: a text */
};

struct server {
	int listener;
	pthread_t thread;
	const struct answer *answers;
	size_t count;
	char url[64];
	/* Written by the thread; read when it has ended. */
	char requests[REQUESTS][REQUEST_BYTES];
	size_t requested, connections;
};

static struct arena arena;

static bool send_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* Reads a head and as much of a body as it announces. False at the end. */
static bool read_request(int fd, char request[REQUEST_BYTES])
{
	static char buffer[4 << 20];
	size_t used = 0, wanted = 0;

	for (;;) {
		ssize_t n = recv(fd, buffer + used, sizeof(buffer) - 1 - used, 0);
		if (n <= 0)
			return false;
		used += (size_t)n;
		buffer[used] = '\0';
		const char *end = strstr(buffer, "\r\n\r\n");
		if (end != NULL && wanted == 0) {
			const char *length = strcasestr(buffer, "\r\nContent-Length:");
			wanted = (size_t)(end - buffer) + 4;
			if (length != NULL && length < end)
				wanted += strtoul(length + 17, NULL, 10);
		}
		if (wanted > 0 && used >= wanted)
			break;
	}
	snprintf(request, REQUEST_BYTES, "%.*s", REQUEST_BYTES - 1, buffer);
	return true;
}

static void endless(int fd, const char *piece, size_t most)
{
	for (size_t sent = 0; sent < most; sent += strlen(piece)) {
		if (!send_all(fd, piece, strlen(piece)))
			return;
	}
}

static void hang(int fd)
{
	char c;

	while (recv(fd, &c, 1, 0) > 0)
		;
}

/* True if the connection is kept. */
static bool give(int fd, const struct answer *answer)
{
	static const struct linger now = {1, 0};
	static char piece[65537];

	memset(piece, 'x', sizeof(piece) - 1);
	if (!send_all(fd, answer->bytes, answer->len ? answer->len : strlen(answer->bytes)))
		return false;
	switch (answer->then) {
	case KEEP:
		return true;
	case HANG:
		hang(fd);
		return false;
	case RESET:
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		return false;
	case ENDLESS_BODY:
		endless(fd, piece, (size_t)1 << 30);
		return false;
	case ENDLESS_HEADERS:
		memcpy(piece, "Set-Cookie: ", 12);
		memcpy(piece + 4000, "\r\n", 3);
		endless(fd, piece, (size_t)16 << 20);
		send_all(fd, "\r\n", 2);
		return false;
	case CLOSE:
	default:
		return false;
	}
}

static void *serve(void *arg)
{
	struct server *server = arg;

	while (server->requested < server->count) {
		int fd = accept(server->listener, NULL, NULL);
		if (fd < 0)
			break;
		server->connections++;
		while (server->requested < server->count &&
			read_request(fd, server->requests[server->requested])) {
			if (!give(fd, &server->answers[server->requested++]))
				break;
		}
		close(fd);
	}
	return NULL;
}

static int listen_at(char url[64], int backlog)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) != 0 || listen(fd, backlog) != 0 ||
		getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		abort();
	snprintf(url, 64, "http://127.0.0.1:%u", ntohs(at.sin_port));
	return fd;
}

static void server_start(struct server *server, const struct answer *answers, size_t count)
{
	memset(server, 0, sizeof(*server));
	server->answers = answers;
	server->count = count;
	server->listener = listen_at(server->url, 16);
	if (pthread_create(&server->thread, NULL, serve, server) != 0)
		abort();
}

/* After http_close: a kept connection is what the thread may still read from. */
static void server_stop(struct server *server)
{
	shutdown(server->listener, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->listener);
}

static struct http *open_http(void)
{
	static const struct http_trust trust = {false, NULL};
	struct http *http = http_open(&trust);

	assert_non_null(http);
	return http;
}

static struct http_request get_of(const char *url)
{
	return (struct http_request){
		.method = "GET", .url = url, .timeout_ms = 20000, .max_body = 1000};
}

struct result {
	bool ok;
	struct http_response response;
	struct err err;
};

static struct result send_it(struct http *http, const struct http_request *request)
{
	struct result result = {.err = {.text = ""}};

	result.ok = http_send(http, request, &result.response, &arena, &result.err);
	return result;
}

/* One GET to a server that gives one answer. */
static struct result get_once(const struct answer *answer, size_t max_body)
{
	static struct server server;
	struct http *http = open_http();
	struct http_request request;
	struct result result;

	server_start(&server, answer, 1);
	request = get_of(server.url);
	request.max_body = max_body;
	request.cookie = "session";
	result = send_it(http, &request);
	http_close(http);
	server_stop(&server);
	return result;
}

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

#define OK(headers, length, body)                                                                  \
	"HTTP/1.1 200 OK\r\n" headers "Content-Length: " length "\r\n\r\n" body

static void test_status_and_body(void **state)
{
	static const struct {
		const char *name;
		struct answer answer;
		int status;
		const char *body;
		size_t len;
	} rows[] = {
		{"200", {OK("", "14", "Harbour Lights"), CLOSE, 0}, 200, "Harbour Lights", 14},
		{"empty body", {OK("", "0", ""), CLOSE, 0}, 200, "", 0},
		{"no length: until it closes", {"HTTP/1.1 200 OK\r\n\r\nHarbour", CLOSE, 0}, 200,
			"Harbour", 7},
		{"chunked",
			{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
			 "7\r\nHarbour\r\n7\r\n Lights\r\n0\r\n\r\n",
				CLOSE, 0},
			200, "Harbour Lights", 14},
		{"chunked, with a trailer",
			{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Digest\r\n\r\n"
			 "7\r\nHarbour\r\n0\r\nDigest: abc\r\n\r\n",
				CLOSE, 0},
			200, "Harbour", 7},
		{"NUL bytes", {OK("", "3", "a\0b"), CLOSE, sizeof(OK("", "3", "a\0b")) - 1}, 200,
			"a\0b", 3},
		{"204", {"HTTP/1.1 204 No Content\r\n\r\n", CLOSE, 0}, 204, "", 0},
		{"304", {"HTTP/1.1 304 Not Modified\r\n\r\n", CLOSE, 0}, 304, "", 0},
		{"401", {"HTTP/1.1 401 Unauthorized\r\nContent-Length: 1\r\n\r\nx", CLOSE, 0}, 401,
			"x", 1},
		{"404", {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", CLOSE, 0}, 404, "",
			0},
		{"500", {"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops", CLOSE, 0}, 500,
			"oops", 4},
		{"503", {"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", CLOSE, 0}, 503, "", 0},
		{"an interim answer first",
			{"HTTP/1.1 100 Continue\r\n\r\n" OK("", "1", "x"), CLOSE, 0}, 200, "x", 1},
		{"HTTP/1.0", {"HTTP/1.0 200 OK\r\n\r\nx", CLOSE, 0}, 200, "x", 1},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct result got = get_once(&rows[i].answer, 1000);
		ok &= row_text(rows[i].name, got.err.text, "");
		if (!got.ok)
			continue;
		ok &= row_int(rows[i].name, got.response.status, rows[i].status);
		ok &= row_int(rows[i].name, (int64_t)got.response.len, (int64_t)rows[i].len);
		ok &= row_true(rows[i].name,
			got.response.body != NULL &&
				memcmp(got.response.body, rows[i].body, rows[i].len + 1) == 0);
	}
	assert_true(ok);
}

static void test_failures(void **state)
{
	static const struct {
		const char *name;
		struct answer answer;
		enum err_kind kind;
	} rows[] = {
		{"closed without an answer", {"", CLOSE, 0}, ERR_SERVER},
		{"reset", {"", RESET, 0}, ERR_SERVER},
		{"cut in the head", {"HTTP/1.1 200 OK\r\nContent-Le", CLOSE, 0}, ERR_SERVER},
		{"cut in the head, after an interim answer",
			{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Le", CLOSE, 0},
			ERR_SERVER},
		{"cut short", {OK("", "100", "Harbour"), CLOSE, 0}, ERR_SERVER},
		{"reset in the body", {OK("", "100", "Harbour"), RESET, 0}, ERR_SERVER},
		{"cut chunk",
			{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nHar", CLOSE, 0},
			ERR_SERVER},
		{"no end: announced", {OK("", "100000000", ""), ENDLESS_BODY, 0}, ERR_LATER},
		{"no end: not announced", {"HTTP/1.1 200 OK\r\n\r\n", ENDLESS_BODY, 0}, ERR_LATER},
		{"no end: of an error", {"HTTP/1.1 500 Oops\r\n\r\n", ENDLESS_BODY, 0}, ERR_LATER},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct result got = get_once(&rows[i].answer, 100000);
		ok &= row_true(rows[i].name, !got.ok);
		ok &= row_int(rows[i].name, got.err.kind, rows[i].kind);
		ok &= row_true(
			got.err.text, strstr(got.err.text, "http://127.0.0.1:") == got.err.text);
	}
	assert_true(ok);
}

static void test_largest_body(void **state)
{
	static const struct {
		const char *name;
		size_t max_body;
		bool ok;
	} rows[] = {{"room", 15, true}, {"just fits", 14, true}, {"one too many", 13, false},
		{"nothing is wanted", 0, false}};
	static const struct answer answer = {OK("", "14", "Harbour Lights"), CLOSE, 0};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct result got = get_once(&answer, rows[i].max_body);
		ok &= row_int(rows[i].name, got.ok, rows[i].ok);
		ok &= row_int(rows[i].name, got.err.kind, rows[i].ok ? ERR_NONE : ERR_LATER);
	}
	assert_true(ok);
}

/* The limit is for what it becomes, not for what is sent. */
static void test_compressed(void **state)
{
	char bytes[1000];
	struct answer answer = {bytes, CLOSE, 0};
	struct result got;

	(void)state;
	answer.len = (size_t)snprintf(bytes, sizeof(bytes),
		"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
		GZIPPED_BYTES);
	memcpy(bytes + answer.len, gzipped, GZIPPED_BYTES);
	answer.len += GZIPPED_BYTES;
	got = get_once(&answer, 300);
	assert_string_equal(got.err.text, "");
	assert_true(got.ok);
	assert_int_equal(got.response.len, 300);
	assert_memory_equal(got.response.body, "Harbour Lights Harbour", 22);
	got = get_once(&answer, 299);
	assert_false(got.ok);
	assert_int_equal(got.err.kind, ERR_LATER);
}

/* "Limits apply to every request: a size": heads without end have one, too. */
static void test_endless_headers(void **state)
{
	static const struct answer answer = {"HTTP/1.1 200 OK\r\n", ENDLESS_HEADERS, 0};
	struct result got = get_once(&answer, 1000);

	(void)state;
	assert_false(got.ok);
}

static void test_headers(void **state)
{
	static const struct {
		const char *name;
		struct answer answer;
		const char *type, *cookie, *etag;
	} rows[] = {
		{"none", {OK("", "0", ""), CLOSE, 0}, NULL, NULL, NULL},
		{"all",
			{OK("Content-Type: application/json\r\nSet-Cookie: session=abc; Path=/\r\n"
			    "ETag: \"5\"\r\n",
				 "0", ""),
				CLOSE, 0},
			"application/json", "abc", "\"5\""},
		{"any case, any blanks",
			{OK("CONTENT-TYPE:text/xml  \r\nset-cookie:\t session=b\r\n"
			    "etag:x\r\n",
				 "0", ""),
				CLOSE, 0},
			"text/xml", "b", "x"},
		{"a proxy's cookie after it",
			{OK("Set-Cookie: session=abc; Path=/\r\nSet-Cookie: proxy=1\r\n", "0", ""),
				CLOSE, 0},
			NULL, "abc", NULL},
		{"a proxy's cookie before it",
			{OK("Set-Cookie: proxy=1\r\nSet-Cookie: session=abc\r\n", "0", ""), CLOSE,
				0},
			NULL, "abc", NULL},
		{"cookies of others",
			{OK("Set-Cookie: session2=x\r\nSet-Cookie: sessio=y\r\n"
			    "Set-Cookie: session\r\nSet-Cookie: session=; Max-Age=0\r\n",
				 "0", ""),
				CLOSE, 0},
			NULL, NULL, NULL},
		{"a trailer is no header",
			{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: x\r\n\r\n"
			 "1\r\na\r\n0\r\nETag: y\r\nSet-Cookie: session=z\r\n\r\n",
				CLOSE, 0},
			NULL, NULL, "x"},
		{"an interim answer's count for nothing",
			{"HTTP/1.1 103 Early Hints\r\nETag: y\r\n\r\n" OK("", "0", ""), CLOSE, 0},
			NULL, NULL, NULL},
		{"empty", {OK("ETag:\r\n", "0", ""), CLOSE, 0}, NULL, NULL, ""},
		{"names that only begin alike",
			{OK("X-ETag: 1\r\nETag-2: 2\r\nContent-Type-X: 3\r\n", "0", ""), CLOSE, 0},
			NULL, NULL, NULL},
		{"in a value", {OK("X: ETag: 1\r\n", "0", ""), CLOSE, 0}, NULL, NULL, NULL},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct result got = get_once(&rows[i].answer, 1000);
		ok &= row_true(rows[i].name, got.ok);
		ok &= row_text(rows[i].name, got.response.content_type, rows[i].type);
		ok &= row_text(rows[i].name, got.response.cookie, rows[i].cookie);
		ok &= row_text(rows[i].name, got.response.etag, rows[i].etag);
	}
	assert_true(ok);
}

static void date_in(char text[64], int seconds)
{
	time_t at = time(NULL) + seconds;
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(text, 64, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

static void test_retry_after(void **state)
{
	char soon[64], past[64], far[64];
	const struct {
		const char *name, *value;
		int64_t least, most; /* seconds */
	} rows[] = {
		{"seconds", "120", 120, 120},
		{"zero", "0", 0, 0},
		{"blanks", "  7  ", 7, 7},
		{"more than we give", "86400", LIMIT_RETRY_AFTER_MS / 1000,
			LIMIT_RETRY_AFTER_MS / 1000},
		{"many digits", "9223372036854775807", LIMIT_RETRY_AFTER_MS / 1000,
			LIMIT_RETRY_AFTER_MS / 1000},
		{"negative", "-5", 0, 0},
		{"a word", "soon", 0, 0},
		{"empty", "", 0, 0},
		{"a date", soon, 290, 300},
		{"a date that is over", past, 0, 0},
		{"a date far away", far, LIMIT_RETRY_AFTER_MS / 1000, LIMIT_RETRY_AFTER_MS / 1000},
	};
	bool ok = true;

	(void)state;
	date_in(soon, 300);
	date_in(past, -300);
	date_in(far, 40 * 86400);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct answer answer = {.then = CLOSE};
		answer.bytes = arena_printf(&arena,
			"HTTP/1.1 429 Slow down\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n",
			rows[i].value);
		struct result got = get_once(&answer, 1000);
		ok &= row_int(rows[i].name, got.response.status, 429);
		ok &= row_true(
			rows[i].name, got.response.retry_after_ms >= rows[i].least * 1000 &&
					      got.response.retry_after_ms <= rows[i].most * 1000);
	}
	assert_true(ok);
}

static void test_redirect_is_not_followed(void **state)
{
	static struct server server;
	struct answer answers[] = {{NULL, CLOSE, 0}, {OK("", "0", ""), CLOSE, 0}};
	struct http *http = open_http();
	struct http_request request;
	struct result got;

	(void)state;
	answers[0].bytes = "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n";
	server_start(&server, answers, 2);
	request = get_of(server.url);
	got = send_it(http, &request);
	http_close(http);
	server_stop(&server);
	assert_true(got.ok);
	assert_int_equal(got.response.status, 302);
	assert_int_equal(server.requested, 1);
}

static void test_proxies_of_the_environment(void **state)
{
	static const char *const names[] = {
		"http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"};
	static const struct answer answer = {OK("", "1", "x"), CLOSE, 0};
	struct result got;

	(void)state;
	for (size_t i = 0; i < ROWS(names); i++)
		setenv(names[i], "http://127.0.0.1:9", 1);
	got = get_once(&answer, 1000);
	for (size_t i = 0; i < ROWS(names); i++)
		unsetenv(names[i]);
	assert_string_equal(got.err.text, "");
	assert_true(got.ok);
}

/* ---- what is sent ---- */

static void test_requests(void **state)
{
	static const char *const headers[] = {
		"X-Plex-Token: t0ken", "Accept: application/json", NULL};
	static const struct answer answers[] = {{OK("", "0", ""), KEEP, 0},
		{OK("", "0", ""), KEEP, 0}, {OK("", "0", ""), KEEP, 0},
		{OK("", "0", ""), CLOSE, 0}};
	static const char *const methods[] = {"PUT", "POST", "GET", "DELETE"};
	static const char *const first_lines[] = {"PUT /a?b=c HTTP/1.1\r\n",
		"POST /a?b=c HTTP/1.1\r\n", "GET /a?b=c HTTP/1.1\r\n",
		"DELETE /a?b=c HTTP/1.1\r\n"};
	static struct server server;
	struct http *http = open_http();
	bool ok = true;

	(void)state;
	server_start(&server, answers, 4);
	for (size_t i = 0; i < 4; i++) {
		struct http_request request = get_of(arena_printf(&arena, "%s/a?b=c", server.url));
		request.method = methods[i];
		request.headers = headers;
		if (i == 1) {
			request.body = "Har\0our";
			request.body_len = 7;
		}
		ok &= row_true(methods[i], send_it(http, &request).ok);
	}
	http_close(http);
	server_stop(&server);
	for (size_t i = 0; i < 4; i++) {
		const char *sent = server.requests[i];
		ok &= row_true(
			first_lines[i], strncmp(sent, first_lines[i], strlen(first_lines[i])) == 0);
		ok &= row_true("token", strstr(sent, "\r\nX-Plex-Token: t0ken\r\n") != NULL);
		ok &= row_true("accept", strstr(sent, "\r\nAccept: application/json\r\n") != NULL);
	}
	ok &= row_true("PUT: a length of 0",
		strstr(server.requests[0], "\r\nContent-Length: 0\r\n") != NULL);
	ok &= row_true("POST: its length",
		strstr(server.requests[1], "\r\nContent-Length: 7\r\n") != NULL);
	ok &= row_true("GET: no length", strcasestr(server.requests[2], "Content-Length") == NULL);
	ok &= row_int("one connection", (int64_t)server.connections, 1);
	assert_true(ok);
}

/* A poster of megabytes: waiting for "100 Continue" would cost a second of a hook. */
static void test_large_upload_does_not_wait(void **state)
{
	static const struct answer answers[] = {{OK("", "0", ""), CLOSE, 0}};
	static struct server server;
	struct http *http = open_http();
	struct http_request request;
	size_t len = 2 << 20;
	char *body = arena_alloc(&arena, len);
	struct result got;

	(void)state;
	server_start(&server, answers, 1);
	request = get_of(server.url);
	request.method = "POST";
	request.body = body;
	request.body_len = len;
	got = send_it(http, &request);
	http_close(http);
	server_stop(&server);
	assert_true(got.ok);
	assert_null(strcasestr(server.requests[0], "\r\nExpect:"));
}

/* Every answer begins with nothing of the one before it. */
static void test_answers_are_apart(void **state)
{
	static const struct answer answers[] = {
		{"HTTP/1.1 503 Busy\r\nRetry-After: 5\r\nETag: x\r\nSet-Cookie: a=b\r\n"
		 "Content-Type: text/xml\r\nContent-Length: 4\r\n\r\nbusy",
			KEEP, 0},
		{OK("", "2", "ok"), CLOSE, 0}};
	static struct server server;
	struct http *http = open_http();
	struct http_request request;
	struct result first, second;

	(void)state;
	server_start(&server, answers, 2);
	request = get_of(server.url);
	first = send_it(http, &request);
	second = send_it(http, &request);
	http_close(http);
	server_stop(&server);
	assert_int_equal(first.response.retry_after_ms, 5000);
	assert_true(second.ok);
	assert_int_equal(second.response.retry_after_ms, 0);
	assert_null(second.response.etag);
	assert_null(second.response.cookie);
	assert_null(second.response.content_type);
	assert_string_equal(second.response.body, "ok");
	assert_string_equal(first.response.body, "busy"); /* the arena keeps it */
}

/* A kept connection that the server closed meanwhile is no error. */
static void test_connection_that_was_closed(void **state)
{
	static const struct answer answers[] = {
		{OK("", "1", "1"), KEEP, 0}, {"", CLOSE, 0}, {OK("", "1", "2"), CLOSE, 0}};
	static struct server server;
	struct http *http = open_http();
	struct http_request request;
	struct result got;

	(void)state;
	server_start(&server, answers, 3);
	request = get_of(server.url);
	request.method = "PUT";
	assert_true(send_it(http, &request).ok);
	got = send_it(http, &request); /* meets the end, goes to a new connection */
	http_close(http);
	server_stop(&server);
	assert_string_equal(got.err.text, "");
	assert_true(got.ok);
	assert_string_equal(got.response.body, "2");
	assert_int_equal(server.connections, 2);
}

/* After a failure the same handle goes on. */
static void test_failure_then_success(void **state)
{
	static const struct answer answers[] = {{"HTTP/1.1 200 OK\r\n\r\n", ENDLESS_BODY, 0},
		{"", RESET, 0}, {OK("", "1", "x"), CLOSE, 0}};
	static struct server server;
	struct http *http = open_http();
	struct http_request request;
	bool oks[3];

	(void)state;
	server_start(&server, answers, 3);
	request = get_of(server.url);
	for (size_t i = 0; i < 3; i++)
		oks[i] = send_it(http, &request).ok;
	http_close(http);
	server_stop(&server);
	assert_false(oks[0]);
	assert_false(oks[1]);
	assert_true(oks[2]);
}

/* ---- time ---- */

static void test_timeouts(void **state)
{
	static const struct {
		const char *name;
		struct answer answer;
		bool own_deadline;
		enum err_kind kind;
	} rows[] = {
		{"no answer", {"", HANG, 0}, false, ERR_SERVER},
		{"no answer, our own deadline", {"", HANG, 0}, true, ERR_BUDGET},
		{"half an answer", {OK("", "100", "half"), HANG, 0}, false, ERR_SERVER},
		{"half an answer, our own deadline", {OK("", "100", "half"), HANG, 0}, true,
			ERR_BUDGET},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		static struct server server;
		struct http *http = open_http();
		struct http_request request;
		struct result got;
		int64_t began = clock_us(), us;

		server_start(&server, &rows[i].answer, 1);
		request = get_of(server.url);
		request.timeout_ms = 60;
		request.own_deadline = rows[i].own_deadline;
		got = send_it(http, &request);
		us = clock_us() - began;
		http_close(http);
		server_stop(&server);
		ok &= row_true(rows[i].name, !got.ok);
		ok &= row_int(rows[i].name, got.err.kind, rows[i].kind);
		ok &= row_true(rows[i].name, us >= 55000 && us < 5000000);
	}
	assert_true(ok);
}

static void test_no_time_is_left(void **state)
{
	struct http *http = open_http();
	struct http_request request = get_of("http://127.0.0.1:9");

	(void)state;
	for (int64_t ms = -1; ms <= 0; ms++) {
		request.timeout_ms = ms;
		struct result got = send_it(http, &request);
		assert_false(got.ok);
		assert_int_equal(got.err.kind, ERR_BUDGET);
	}
	http_close(http);
}

/* A listener whose queue is full lets nobody in: connecting takes for ever. */
static void test_connect_timeout(void **state)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	int waiting[8];
	char url[64];
	int listener = listen_at(url, 0);
	struct http *http = open_http();
	struct http_request request = get_of(url);
	struct result got;
	int64_t began, us;

	(void)state;
	assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
	for (size_t i = 0; i < ROWS(waiting); i++) {
		waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(waiting[i], (struct sockaddr *)&at, len);
	}
	setenv("PLEXSYNC_TEST_HURRY", "60", 1); /* a sixtieth of LIMIT_CONNECT_MS */
	began = clock_us();
	got = send_it(http, &request);
	us = clock_us() - began;
	unsetenv("PLEXSYNC_TEST_HURRY");
	http_close(http);
	for (size_t i = 0; i < ROWS(waiting); i++)
		close(waiting[i]);
	close(listener);
	assert_false(got.ok);
	assert_int_equal(got.err.kind, ERR_SERVER);
	assert_in_range(us, 75000, 5000000);
	/* It is not the time of the whole request that was up. */
	if (strstr(got.err.text, "0.3 s") != NULL)
		fail_msg("%s", got.err.text);
}

static void test_refused(void **state)
{
	char url[64];
	int listener = listen_at(url, 1);
	struct http *http = open_http();
	struct http_request request = get_of(url);
	struct result got;

	(void)state;
	close(listener); /* nobody listens there now */
	request.own_deadline = true;
	got = send_it(http, &request);
	http_close(http);
	assert_false(got.ok);
	assert_int_equal(got.err.kind, ERR_SERVER);
	assert_non_null(strstr(got.err.text, url));
}

static void test_urls_that_cannot_be(void **state)
{
	static const struct {
		const char *name, *url;
		enum err_kind kind;
	} rows[] = {
		{"ftp", "ftp://127.0.0.1/x", ERR_SETUP},
		{"file", "file:///etc/hostname", ERR_SETUP},
		{"port", "http://127.0.0.1:99999/", ERR_SETUP},
		{"no scheme that is known", "gone://127.0.0.1/", ERR_SETUP},
		{"empty", "", ERR_SETUP},
		{"a name that cannot be resolved",
			"http://"
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			".invalid/",
			ERR_SERVER},
	};
	struct http *http = open_http();
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct http_request request = get_of(rows[i].url);
		struct result got = send_it(http, &request);
		ok &= row_true(rows[i].name, !got.ok);
		ok &= row_int(rows[i].name, got.err.kind, rows[i].kind);
	}
	http_close(http);
	assert_true(ok);
}

/* Texts name the host, never the whole URL. */
static void test_error_names_the_host_only(void **state)
{
	static const struct answer answers[] = {
		{"", CLOSE, 0}, {"", HANG, 0}, {"HTTP/1.1 200 OK\r\n\r\n", ENDLESS_BODY, 0}};
	static struct server server;
	struct http *http = open_http();
	bool ok = true;

	(void)state;
	server_start(&server, answers, 3);
	for (size_t i = 0; i < 3; i++) {
		struct http_request request = get_of(
			arena_printf(&arena, "%s/path?X-Plex-Token=t0ken", server.url));
		request.timeout_ms = i == 1 ? 50 : 20000;
		struct result got = send_it(http, &request);
		ok &= row_true(got.err.text, !got.ok);
		ok &= row_true(got.err.text, strstr(got.err.text, server.url) != NULL);
		ok &= row_true(got.err.text, strstr(got.err.text, "t0ken") == NULL);
		ok &= row_true(got.err.text, strstr(got.err.text, "path") == NULL);
	}
	http_close(http);
	server_stop(&server);
	assert_true(ok);
}

static void test_trust_file_that_is_none(void **state)
{
	static const struct http_trust trust = {false, "/nonexistent/ca.pem"};
	char url[64];
	int listener = listen_at(url, 1);
	struct http *http = http_open(&trust);
	struct http_request request;
	struct result got;

	(void)state;
	request = get_of(arena_printf(&arena, "https%s", url + 4));
	request.timeout_ms = 20000; /* it is not waited for */
	got = send_it(http, &request);
	http_close(http);
	close(listener);
	assert_false(got.ok);
	assert_int_equal(got.err.kind, ERR_SETUP);
}

/* libcurl finds these before OpenSSL's: what it would trust is counted, and taken as read. */
static int trusted_files, trusted_folders;

int X509_STORE_load_file(void *store, const char *file);
int X509_STORE_load_path(void *store, const char *folder);

int X509_STORE_load_file(void *store, const char *file)
{
	(void)store;
	trusted_files++;
	return access(file, F_OK) == 0;
}

int X509_STORE_load_path(void *store, const char *folder)
{
	(void)store;
	(void)folder;
	trusted_folders++;
	return 1;
}

/* Also where libcurl was built with a folder of trusted certificates. */
static void test_trust_file_replaces_the_systems(void **state)
{
	static const struct answer answers[] = {{"", CLOSE, 0}};
	static const struct http_trust trust = {false, "/dev/null"};
	static struct server server;
	struct http *http = http_open(&trust);
	struct http_request request;

	(void)state;
	server_start(&server, answers, 1);
	request = get_of(arena_printf(&arena, "https%s", server.url + 4));
	request.timeout_ms = 500; /* the server waits for an end that a handshake has not */
	trusted_files = trusted_folders = 0;
	assert_false(send_it(http, &request).ok);
	http_close(http);
	server_stop(&server);
	if (strncmp(curl_version_info(CURLVERSION_NOW)->ssl_version, "OpenSSL", 7) == 0)
		assert_int_equal(trusted_files, 1);
	assert_int_equal(trusted_folders, 0);
}

/* ---- URLs as text ---- */

static void test_url_ok(void **state)
{
	static const struct {
		const char *url;
		bool ok;
	} rows[] = {
		{"http://127.0.0.1:32400", true},
		{"https://plex.example.org", true},
		{"http://plex/", true},
		{"http://plex/below/it", true},
		{"http://[::1]:32400", true},
		{"http://a-b.example:1", true},
		{"", false},
		{"http://", false},
		{"https://", false},
		{"http:///x", false},
		{"http://:32400", false},
		{"plex:32400", false},
		{"127.0.0.1", false},
		{"ftp://plex", false},
		{"file:///etc/hostname", false},
		{"http:plex", false},
		{"http:/plex", false},
		{"//plex", false},
		{"http://user@plex", false},
		{"http://user:pass@plex", false},
		{"http://plex?x=1", false},
		{"http://plex/#x", false},
		{"http://ple x", false},
		{"http://plex\n", false},
		{"http://plex\r\nX: y", false},
		{"http://plex\t", false},
		{"http://plex\x7f", false},
		{"http://plex\\x", false},
		{"http://\"plex\"", false},
		{"http://<plex>", false},
		{"http://pl{e}x", false},
		{"http://pl|ex", false},
		{"http://pl`ex", false},
		{" http://plex", false},
		{"javascript:alert(1)", false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].url, http_url_ok(rows[i].url), rows[i].ok);
	assert_true(ok);
}

static void test_is_local(void **state)
{
	static const struct {
		const char *url;
		bool local;
	} rows[] = {
		{"https://127.0.0.1:9999", true},
		{"https://127.255.0.9", true},
		{"https://[::1]:9999", true},
		{"https://[0:0:0:0:0:0:0:1]", true},
		{"https://localhost:9999/stash", true},
		{"https://LocalHost", true},
		{"https://128.0.0.1", false},
		{"https://0.0.0.0:9999", false},
		{"https://192.168.1.10", false},
		{"https://[::2]", false},
		{"https://[::ffff:192.168.1.10]", false},
		{"https://127.0.0.1.example.org", false},
		{"https://localhost.example.org", false},
		{"https://nas", false},
		{"https://nas/127.0.0.1", false},
		{"https://127.0.0.1@nas", false},
		{"", false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].url, http_is_local(rows[i].url), rows[i].local);
	assert_true(ok);
}

/* What an error says of a URL that nothing is sent to. */
static const char *told(struct http *http, const char *url)
{
	struct http_request request = get_of(url);
	struct result got = send_it(http, &request);

	assert_false(got.ok);
	return arena_strdup(&arena, got.err.text);
}

static void test_errors_name_the_server(void **state)
{
	static const struct {
		const char *url, *origin;
	} rows[] = {
		{"http://127.0.0.1:9", "http://127.0.0.1:9: "},
		{"http://127.0.0.1:9/library?X-Plex-Token=secret", "http://127.0.0.1:9: "},
		{"http://127.0.0.1:9?token=secret", "http://127.0.0.1:9: "},
		{"http://[::1]:9/x", "http://[::1]:9: "},
		{"http://user:secret@127.0.0.1:9/x", "http://127.0.0.1:9: "},
	};
	struct http *http = open_http();
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *text = told(http, rows[i].url);
		ok &= row_true(text, strstr(text, rows[i].origin) == text);
		ok &= row_true(text, strstr(text, "sec") == NULL);
	}
	http_close(http);
	assert_true(ok);
}

/* A password may hold any character; somebody pastes it unescaped. */
static void test_errors_never_show_a_password(void **state)
{
	static const char *const urls[] = {
		"http://user:sec/ret@plex",
		"http://user:sec?ret@plex",
		"http://user:sec#ret@plex",
		"http://user:secret/@plex/x",
	};
	struct http *http = open_http();
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(urls); i++)
		ok &= row_true(urls[i], strstr(told(http, urls[i]), "sec") == NULL);
	http_close(http);
	assert_true(ok);
}

static void test_escape(void **state)
{
	static const struct {
		const char *text, *escaped;
	} rows[] = {
		{"", ""},
		{"abcXYZ019-._~", "abcXYZ019-._~"},
		{"a b", "a%20b"},
		{"a+b&c=d", "a%2Bb%26c%3Dd"},
		{"/films/Caf\xc3\xa9.mkv", "%2Ffilms%2FCaf%C3%A9.mkv"},
		{"100%", "100%25"},
		{"\n\x01", "%0A%01"},
		{"\xff", "%FF"},
		{"[1]", "%5B1%5D"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_text(rows[i].text, http_escape(&arena, rows[i].text), rows[i].escaped);
	assert_true(ok);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_status_and_body),
		TEST(test_failures),
		TEST(test_largest_body),
		TEST(test_compressed),
		TEST(test_endless_headers),
		TEST(test_headers),
		TEST(test_retry_after),
		TEST(test_redirect_is_not_followed),
		TEST(test_proxies_of_the_environment),
		TEST(test_requests),
		TEST(test_large_upload_does_not_wait),
		TEST(test_answers_are_apart),
		TEST(test_connection_that_was_closed),
		TEST(test_failure_then_success),
		TEST(test_timeouts),
		TEST(test_no_time_is_left),
		TEST(test_connect_timeout),
		TEST(test_refused),
		TEST(test_urls_that_cannot_be),
		TEST(test_error_names_the_host_only),
		TEST(test_trust_file_that_is_none),
		TEST(test_trust_file_replaces_the_systems),
		TEST(test_url_ok),
		TEST(test_is_local),
		TEST(test_errors_name_the_server),
		TEST(test_errors_never_show_a_password),
		TEST(test_escape),
	};

	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
