/*
 * test_library.c - libraries, pages of their items and an item's detail, as a
 * server on 127.0.0.1 answers them: one canned answer per test row, and the
 * request that was made for it.
 */
#include "helpers.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

#include "base/log.h"
#include "plex/library.h"

/* --- the server ------------------------------------------------------------------ */

static struct {
	int fd;
	pthread_t thread;
	char url[64];
	/* Set before a request is made, read after its answer came. */
	char answer[16384];
	char request[8192];
	int requests;
} server;

/* One request up to its empty line. False: the connection was closed. */
static bool serve_one(int fd)
{
	size_t len = 0;
	ssize_t n;

	for (;;) {
		n = read(fd, server.request + len, sizeof(server.request) - 1 - len);
		if (n <= 0)
			return false;
		len += (size_t)n;
		server.request[len] = '\0';
		if (strstr(server.request, "\r\n\r\n") != NULL)
			break;
	}
	server.requests++;
	return write(fd, server.answer, strlen(server.answer)) > 0;
}

static void *serve(void *unused)
{
	int fd;

	while ((fd = accept(server.fd, NULL, NULL)) >= 0) {
		serve_one(fd);
		close(fd);
	}
	return unused;
}

static int start_server(void **unused)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);

	(void)unused;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server.fd, (struct sockaddr *)&address, len) != 0 || listen(server.fd, 8) != 0 ||
		getsockname(server.fd, (struct sockaddr *)&address, &len) != 0)
		return -1;
	snprintf(server.url, sizeof(server.url), "http://127.0.0.1:%d", ntohs(address.sin_port));
	return pthread_create(&server.thread, NULL, serve, NULL);
}

static int stop_server(void **unused)
{
	(void)unused;
	shutdown(server.fd, SHUT_RDWR);
	pthread_join(server.thread, NULL);
	return close(server.fd);
}

static void will_answer_as(const char *status, const char *type, const char *body)
{
	snprintf(server.answer, sizeof(server.answer),
		"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: "
		"close\r\n\r\n%s",
		status, type, strlen(body), body);
	server.requests = 0;
}

static void will_answer(const char *body)
{
	will_answer_as("200 OK", "application/json", body);
}

/* "GET /path?query", as it was asked. */
static const char *asked(struct arena *a)
{
	return arena_strndup(
		a, server.request, (size_t)(strstr(server.request, " HTTP/") - server.request));
}

/* --- its client --------------------------------------------------------------------- */

static const struct plex_time five_seconds = {.request_ms = 5000};
static struct arena arena;
static struct plex *plex;

static int setup(void **unused)
{
	struct plex_options options = {
		.url = server.url, .token = "tokenOfTheOwner", .client_id = "client-1"};

	(void)unused;
	arena_init(&arena);
	plex = plex_open(&options);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	plex_close(plex);
	arena_clear(&arena);
	return 0;
}

static const char *join(const struct str_list *list)
{
	struct str text;

	str_init(&text, &arena);
	for (size_t i = 0; i < list->n; i++)
		str_addf(&text, "%s%s", i > 0 ? "|" : "", list->v[i]);
	return text.s;
}

static void test_libraries(void **unused)
{
	struct library_list libraries;
	struct err err;

	(void)unused;
	will_answer(
		"{\"MediaContainer\":{\"size\":3,\"allowSync\":false,\"title1\":\"Plex Library\","
		"\"Directory\":[{\"key\":\"2\",\"type\":\"movie\",\"title\":\"Films\",\"agent\":"
		"\"tv.plex.agents.none\",\"scanner\":\"Plex Video Files Scanner\",\"uuid\":\"u-2\","
		"\"refreshing\":false,\"contentChangedAt\":87188911,\"Location\":[{\"id\":1,"
		"\"path\":"
		"\"/data/"
		"films\"},{\"id\":2,\"path\":\"D:\\\\Films\"}]},{\"key\":\"5\",\"type\":\"show\","
		"\"title\":\"Series\",\"Location\":[]},{\"key\":9,\"type\":\"artist\",\"title\":"
		"\"Music\"}]}}");
	assert_true(library_read(plex, &five_seconds, &libraries, &arena, &err));
	assert_string_equal(asked(&arena), "GET /library/sections");
	assert_non_null(strstr(server.request, "\r\nX-Plex-Token: tokenOfTheOwner\r\n"));
	assert_non_null(strstr(server.request, "\r\nX-Plex-Client-Identifier: client-1\r\n"));
	assert_non_null(strstr(server.request, "\r\nAccept: application/json\r\n"));
	assert_int_equal(libraries.n, 3);
	assert_int_equal(libraries.v[0].id, 2);
	assert_string_equal(libraries.v[0].title, "Films");
	assert_string_equal(libraries.v[0].type, "movie");
	assert_string_equal(libraries.v[0].uuid, "u-2");
	assert_string_equal(libraries.v[0].scanner, "Plex Video Files Scanner");
	assert_string_equal(libraries.v[0].counter, "87188911");
	assert_string_equal(join(&libraries.v[0].locations), "/data/films|D:\\Films");
	assert_int_equal(library_item_type(&libraries.v[0]), 1);
	assert_int_equal(libraries.v[1].id, 5);
	assert_string_equal(libraries.v[1].counter, "");
	assert_int_equal(libraries.v[1].locations.n, 0);
	assert_int_equal(library_item_type(&libraries.v[1]), 4);
	assert_int_equal(libraries.v[2].id, 9);
	assert_int_equal(library_item_type(&libraries.v[2]), 0);
}

static void test_odd_libraries(void **unused)
{
	static const struct {
		const char *directory;
		size_t count;
	} rows[] = {
		{"null", 0},
		{"[]", 0},
		{"{}", 0},
		{"7", 0},
		{"[null,7,[],{}]", 0},
		{"[{\"key\":\"\"},{\"key\":\"x\"},{\"key\":0},{\"key\":-1},{\"key\":null}]", 0},
		{"[{\"key\":4294967298}]", 0},
		{"[{\"key\":\"2\",\"type\":7,\"title\":null,\"uuid\":[],\"Location\":{},"
		 "\"contentChangedAt\":[]}]",
			1},
		{"[{\"key\":2,\"Location\":[null,{},{\"path\":\"\"},{\"path\":7}]}]", 1},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *row = rows[i].directory;
		struct library_list libraries;
		struct err err;
		will_answer(arena_printf(&arena, "{\"MediaContainer\":{\"Directory\":%s}}", row));
		ok &= row_true(row, library_read(plex, &five_seconds, &libraries, &arena, &err));
		ok &= row_int(row, (int64_t)libraries.n, (int64_t)rows[i].count);
		if (libraries.n == 0)
			continue;
		ok &= row_int(row, libraries.v[0].id, 2);
		ok &= row_text(row, libraries.v[0].title, "");
		ok &= row_text(row, libraries.v[0].counter, "");
		ok &= row_int(row, (int64_t)libraries.v[0].locations.n, 0);
		ok &= row_int(row, library_item_type(&libraries.v[0]), 0);
	}
	assert_true(ok);
}

/* A counter is a text: only whether it is the same counts. */
static void test_counters(void **unused)
{
	static const struct {
		const char *json, *text;
	} rows[] = {{"0", "0"}, {"1234", "1234"}, {"\"1234\"", "1234"}, {"29002.0", "29002"},
		{"-5", "-5"}, {"null", ""}, {"true", ""}};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct library_list libraries;
		struct err err;
		will_answer(arena_printf(&arena,
			"{\"MediaContainer\":{\"Directory\":[{\"key\":\"1\",\"contentChangedAt\":%"
			"s}]}}",
			rows[i].json));
		ok &= row_true(
			rows[i].json, library_read(plex, &five_seconds, &libraries, &arena, &err));
		ok &= row_text(rows[i].json, libraries.v[0].counter, rows[i].text);
	}
	assert_true(ok);
}

#define QUERY_END                                                                                  \
	"&excludeElements=Genre,Country,Guid,Rating,Collection,Director,Writer,Role,Producer,"     \
	"Image,UltraBlurColors&excludeFields=summary,tagline"

static void test_page_requests(void **unused)
{
	static const struct {
		const char *type;
		enum library_order order;
		int64_t start;
		unsigned size;
		const char *query;
	} rows[] = {
		{"movie", LIBRARY_BY_ID, 0, 300,
			"type=1&sort=id&X-Plex-Container-Start=0&X-Plex-Container-Size=300"},
		{"movie", LIBRARY_NEWEST_ADDED, 300, 300,
			"type=1&sort=addedAt%3Adesc&X-Plex-Container-Start=300&X-Plex-Container-"
			"Size=300"},
		{"movie", LIBRARY_NEWEST_UPDATED, 5000000000, 50,
			"type=1&sort=updatedAt%3Adesc&X-Plex-Container-Start=5000000000"
			"&X-Plex-Container-Size=50"},
		{"show", LIBRARY_BY_ID, 0, 0,
			"type=4&X-Plex-Container-Start=0&X-Plex-Container-Size=0"},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct library library = {.id = 3, .title = "Films", .type = rows[i].type};
		struct library_page page;
		struct err err;
		will_answer("{\"MediaContainer\":{\"size\":0,\"totalSize\":0}}");
		ok &= row_true(
			rows[i].query, library_page(plex, &library, rows[i].order, rows[i].start,
					       rows[i].size, &five_seconds, &page, &arena, &err));
		ok &= row_text(rows[i].query, asked(&arena),
			arena_printf(
				&arena, "GET /library/sections/3/all?%s" QUERY_END, rows[i].query));
	}
	assert_true(ok);
}

static void test_page(void **unused)
{
	static const struct {
		const char *container;
		int64_t total; /* -1: an error */
		size_t received, usable;
	} rows[] = {
		{"\"size\":0,\"totalSize\":10421", 10421, 0, 0},
		{"\"totalSize\":\"10421\"", 10421, 0, 0},
		{"\"totalSize\":2,\"Metadata\":[{\"ratingKey\":\"1\"},{\"ratingKey\":2}]", 2, 2, 2},
		{"\"totalSize\":900,\"Metadata\":[{\"ratingKey\":\"1\"}]", 900, 1, 1},
		/* What is of no use was sent all the same: the next page begins behind it. */
		{"\"totalSize\":5,\"Metadata\":[null,{\"ratingKey\":\"1\"},{},7,{\"ratingKey\":"
		 "\"x\"}]",
			5, 5, 1},
		{"\"totalSize\":0,\"Metadata\":{}", 0, 0, 0},
		{"\"size\":2,\"Metadata\":[{\"ratingKey\":\"1\"}]", -1, 1, 1},
		{"\"totalSize\":null", -1, 0, 0},
		{"\"totalSize\":\"many\"", -1, 0, 0},
		{"\"totalSize\":-5", -1, 0, 0},
	};
	struct library library = {.id = 3, .title = "Films", .type = "movie"};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *row = rows[i].container;
		struct library_page page;
		struct err err;
		bool done;
		will_answer(arena_printf(&arena, "{\"MediaContainer\":{%s}}", row));
		done = library_page(
			plex, &library, LIBRARY_BY_ID, 0, 300, &five_seconds, &page, &arena, &err);
		ok &= row_int(row, done, rows[i].total >= 0);
		if (done) {
			ok &= row_int(row, page.total, rows[i].total);
			ok &= row_int(row, (int64_t)page.received, (int64_t)rows[i].received);
			ok &= row_int(row, (int64_t)page.n, (int64_t)rows[i].usable);
		} else {
			ok &= row_int(row, err.kind, ERR_SERVER);
			ok &= row_int(row, err.party, PARTY_PLEX);
			ok &= row_true(row, strstr(err.text, "Films") != NULL);
		}
	}
	assert_true(ok);
}

static void test_answers_that_are_none(void **unused)
{
	static const struct {
		const char *status, *type, *body;
		enum err_kind listing, detail; /* ERR_NONE: the item is absent */
		enum err_kind page;	       /* of a listing */
	} rows[] = {
		{"200 OK", "application/json", "", ERR_SETUP, ERR_SERVER, ERR_SERVER},
		{"200 OK", "text/html", "<html><body>Router</body></html>", ERR_SETUP, ERR_SERVER,
			ERR_SERVER},
		{"200 OK", "text/xml", "<MediaContainer size=\"0\"/>", ERR_SETUP, ERR_SERVER,
			ERR_SERVER},
		{"200 OK", "application/json", "{\"MediaContainer\":[]}", ERR_SETUP, ERR_SERVER,
			ERR_SERVER},
		{"200 OK", "application/json", "[]", ERR_SETUP, ERR_SERVER, ERR_SERVER},
		{"200 OK", "application/json", "{\"MediaContainer\":{\"size\":1,", ERR_SERVER,
			ERR_SERVER, ERR_LATER},
		{"200 OK", "application/json",
			"{\"MediaContainer\":{\"Metadata\":[{\"ratingKey\":\"5\",\"title\":"
			"\"\\udce9\"}]}}",
			ERR_SERVER, ERR_SERVER, ERR_LATER},
		{"400 Bad Request", "text/html", "x", ERR_SETUP, ERR_JOB, ERR_SERVER},
		{"405 Method Not Allowed", "text/html", "x", ERR_SETUP, ERR_JOB, ERR_SERVER},
		{"408 Request Timeout", "text/html", "x", ERR_SERVER, ERR_LATER, ERR_SERVER},
		{"421 Misdirected Request", "text/html", "x", ERR_SERVER, ERR_LATER, ERR_SERVER},
		{"423 Locked", "text/html", "x", ERR_SERVER, ERR_LATER, ERR_SERVER},
		{"425 Too Early", "text/html", "x", ERR_SERVER, ERR_LATER, ERR_SERVER},
		{"501 Not Implemented", "text/html", "x", ERR_SETUP, ERR_JOB, ERR_SERVER},
		{"401 Unauthorized", "text/html", "x", ERR_SETUP, ERR_SETUP, ERR_SETUP},
		{"403 Forbidden", "text/html", "x", ERR_SETUP, ERR_SETUP, ERR_SETUP},
		{"404 Not Found", "text/html", "x", ERR_SETUP, ERR_NONE, ERR_SERVER},
		{"302 Found", "text/html", "x", ERR_SETUP, ERR_SETUP, ERR_SETUP},
		{"429 Too Many Requests", "text/html", "x", ERR_SERVER, ERR_SERVER, ERR_SERVER},
		{"500 Internal Server Error", "text/html", "x", ERR_SERVER, ERR_LATER, ERR_LATER},
		{"503 Service Unavailable", "text/xml",
			"<Response code=\"503\" title=\"Maintenance\" status=\"\"/>", ERR_SERVER,
			ERR_SERVER, ERR_SERVER},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *row = arena_printf(&arena, "%s %s", rows[i].status, rows[i].body);
		struct library_list libraries;
		struct library films = {.id = 1, .title = "Films", .type = "movie"};
		struct library_page page;
		struct item item;
		struct err err = {.text = ""};
		enum lookup found;
		will_answer_as(rows[i].status, rows[i].type, rows[i].body);
		ok &= row_true(row, !library_read(plex, &five_seconds, &libraries, &arena, &err));
		ok &= row_int(row, err.kind, rows[i].listing);
		ok &= row_int(row, err.party, PARTY_PLEX);
		ok &= row_int(row, (int64_t)libraries.n, 0);
		ok &= row_true(row, strstr(err.text, "tokenOfTheOwner") == NULL);
		err = (struct err){.text = ""};
		found = item_get(plex, "55", &five_seconds, &item, &arena, &err);
		ok &= row_int(row, found, rows[i].detail == ERR_NONE ? ABSENT : FAILED);
		if (rows[i].detail != ERR_NONE)
			ok &= row_int(row, err.kind, rows[i].detail);
		err = (struct err){.text = ""};
		ok &= row_true(row, !library_page(plex, &films, LIBRARY_BY_ID, 0, 50, &five_seconds,
					    &page, &arena, &err));
		ok &= row_int(row, err.kind, rows[i].page);
		ok &= row_true(row, strstr(rows[i].body, "ratingKey") == NULL ||
					    strstr(err.text, "item 5: ") != NULL);
	}
	assert_true(ok);
}

static void test_detail(void **unused)
{
	static const struct {
		const char *name, *container;
		enum lookup found;
		int section;
		const char *uuid;
	} rows[] = {
		{"as it is",
			"\"size\":1,\"Metadata\":[{\"ratingKey\":\"55\",\"librarySectionID\":3,"
			"\"librarySectionUUID\":\"u-3\"}]",
			FOUND, 3, "u-3"},
		{"the library on the container",
			"\"librarySectionID\":3,\"librarySectionUUID\":\"u-3\","
			"\"Metadata\":[{\"ratingKey\":\"55\"}]",
			FOUND, 3, "u-3"},
		{"the item's word counts",
			"\"librarySectionID\":4,\"librarySectionUUID\":\"u-4\",\"Metadata\":"
			"[{\"ratingKey\":\"55\",\"librarySectionID\":3,\"librarySectionUUID\":"
			"\"u-3\"}]",
			FOUND, 3, "u-3"},
		{"ids as texts", "\"Metadata\":[{\"ratingKey\":\"55\",\"librarySectionID\":\"3\"}]",
			FOUND, 3, NULL},
		{"key a number", "\"Metadata\":[{\"ratingKey\":55}]", FOUND, 0, NULL},
		{"nothing there", "\"size\":0", ABSENT, 0, NULL},
		{"empty list", "\"Metadata\":[]", ABSENT, 0, NULL},
		{"no list", "\"Metadata\":7", ABSENT, 0, NULL},
		{"rubbish", "\"Metadata\":[7]", ABSENT, 0, NULL},
		{"another item", "\"Metadata\":[{\"ratingKey\":\"56\"}]", ABSENT, 0, NULL},
		{"in the trash", "\"Metadata\":[{\"ratingKey\":\"55\",\"deletedAt\":1579514088}]",
			ABSENT, 0, NULL},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct item item;
		struct err err;
		enum lookup found;
		will_answer(arena_printf(&arena, "{\"MediaContainer\":{%s}}", rows[i].container));
		found = item_get(plex, "55", &five_seconds, &item, &arena, &err);
		ok &= row_int(rows[i].name, found, rows[i].found);
		ok &= row_text(rows[i].name, asked(&arena),
			"GET /library/metadata/"
			"55?skipRefresh=1&X-Plex-Container-Start=0&X-Plex-Container-Size=1");
		if (found != FOUND)
			continue;
		ok &= row_int(rows[i].name, item.section, rows[i].section);
		ok &= row_text(rows[i].name, item.section_uuid, rows[i].uuid);
	}
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_libraries, setup, teardown),
		cmocka_unit_test_setup_teardown(test_odd_libraries, setup, teardown),
		cmocka_unit_test_setup_teardown(test_counters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_page_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(test_page, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answers_that_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(test_detail, setup, teardown),
	};

	return cmocka_run_group_tests_name("library", tests, start_server, stop_server);
}
