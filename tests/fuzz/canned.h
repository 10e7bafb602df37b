/*
 * canned.h - a network that lies in the input: libcurl's requests are answered
 * from it, and every request is checked.
 *
 * An input is a list of parts. A part begins with a line "@", its kind (one
 * letter), and a number; what follows, up to the next such line, is its content:
 *
 *   @s 200   Stash's answer about a scene      @t 200   about its tasks
 *   @l 200   Plex's libraries                  @m 200   its identity
 *   @p 200   a page of a listing               @d 200   the detail of an item
 *   @e 200   what an edit is answered          @u 200   an upload, a choice, a scan
 *   @a 200   an item's pictures                @c 200   a scene's cover (none: 404)
 *
 * An answer is header lines, an empty line, and the body. A number below 100 is
 * no status but libcurl's code for what went wrong, and the content its message.
 * The first answer of a kind serves the first request of that kind, and so on;
 * the last one serves all that follow. Where there is none nobody listens.
 *
 * What stands here takes the place of libcurl's functions of the same names; the
 * others (escaping, lists of headers, dates) are the library's own.
 */
#ifndef PLEXSYNC_TESTS_FUZZ_CANNED_H
#define PLEXSYNC_TESTS_FUZZ_CANNED_H

#define CURL_DISABLE_TYPECHECK
#include <ctype.h>
#include <curl/curl.h>
#include <stdarg.h>

#include "fuzz.h"

#undef curl_easy_setopt /* also macros of curl.h */
#undef curl_easy_getinfo

/* Of one input: enough for every flow, and an end for a listing without one. */
#define CANNED_PARTS	64
#define CANNED_REQUESTS 150

/* The secrets of the corpora. */
#define CANNED_TOKEN  "plex-token-Zq81xxTT"
#define CANNED_COOKIE "MTc2-secret-session"

struct canned_part {
	char kind;
	long number; /* at most six digits */
	const uint8_t *at;
	size_t len;
	bool used;
};

static struct {
	struct canned_part parts[CANNED_PARTS];
	size_t count;
	size_t requests, edits;	      /* that were sent so far */
	bool token_sent, cookie_sent; /* the corpora's, with any of them */
} canned;

/* One handle of libcurl's, with what http.c sets. */
struct canned_handle {
	const char *url, *method, *body;
	const struct curl_slist *headers;
	curl_write_callback on_body, on_header;
	void *body_user, *header_user;
	char *error;
	long status;
};

/* --- the input -------------------------------------------------------------- */

/* The line at 'at' as the beginning of a part; returns its length, 0 if it is none. */
static inline size_t canned_head(const uint8_t *at, size_t left, struct canned_part *part)
{
	const uint8_t *newline = memchr(at, '\n', left);
	size_t i = 2, len = newline ? (size_t)(newline - at) + 1 : left;

	if (len < 2 || at[0] != '@')
		return 0;
	*part = (struct canned_part){.kind = (char)at[1]};
	while (i < len && at[i] == ' ')
		i++;
	for (size_t end = i + 6; i < len && i < end && isdigit(at[i]); i++)
		part->number = part->number * 10 + (at[i] - '0');
	return len;
}

/* The content lasts until a line begins with '@'. */
static inline void canned_load(const uint8_t *data, size_t size)
{
	const uint8_t *at = data, *end = data + size;

	canned.count = canned.requests = canned.edits = 0;
	canned.token_sent = canned.cookie_sent = false;
	while (at < end && canned.count < CANNED_PARTS) {
		struct canned_part *part = &canned.parts[canned.count];
		size_t head = canned_head(at, (size_t)(end - at), part);
		if (head == 0)
			return;
		part->at = at += head;
		while (at < end && *at != '@') {
			const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
			at = newline ? newline + 1 : end;
		}
		part->len = (size_t)(at - part->at);
		canned.count++;
	}
}

/* The first part of a kind that was not used yet; NULL if there is none. */
static inline const struct canned_part *canned_next(char kind)
{
	for (size_t i = 0; i < canned.count; i++) {
		struct canned_part *part = &canned.parts[i];
		if (part->kind == kind && !part->used) {
			part->used = true;
			return part;
		}
	}
	return NULL;
}

static inline const struct canned_part *canned_last(char kind)
{
	for (size_t i = canned.count; i > 0; i--) {
		if (canned.parts[i - 1].kind == kind)
			return &canned.parts[i - 1];
	}
	return NULL;
}

/* --- what every request has to be ------------------------------------------- */

static inline bool canned_ends_in(const char *path, size_t len, const char *end)
{
	return len >= strlen(end) && strncmp(path + len - strlen(end), end, strlen(end)) == 0;
}

static inline char canned_kind(const char *method, const char *url, const char *body)
{
	size_t len = strcspn(url, "?");

	if (strcmp(method, "POST") == 0 && !canned_ends_in(url, len, "/graphql")) {
		assert(canned_ends_in(url, len, "/posters") || canned_ends_in(url, len, "/arts"));
		return 'u';
	}
	if (strcmp(method, "POST") == 0)
		return strstr(body, "runPluginTask") || strstr(body, "jobQueue") ? 't' : 's';
	if (strcmp(method, "PUT") == 0 &&
		(canned_ends_in(url, len, "/poster") || canned_ends_in(url, len, "/art")))
		return 'u';
	if (strcmp(method, "PUT") == 0) {
		/* An edit without an id changes the whole library. */
		assert(canned_ends_in(url, len, "/all") && strncmp(url + len, "?type=", 6) == 0);
		assert(strstr(url + len, "&id=") != NULL);
		assert(isdigit((unsigned char)strstr(url + len, "&id=")[4]));
		canned.edits++;
		return 'e';
	}
	assert(strcmp(method, "GET") == 0);
	if (canned_ends_in(url, len, "/library/sections"))
		return 'l';
	if (canned_ends_in(url, len, "/identity") || canned_ends_in(url, len, ":32400/"))
		return 'm';
	if (canned_ends_in(url, len, "/screenshot"))
		return 'c';
	if (canned_ends_in(url, len, "/posters") || canned_ends_in(url, len, "/arts"))
		return 'a';
	if (canned_ends_in(url, len, "/refresh"))
		return 'u';
	if (canned_ends_in(url, len, "/all"))
		return 'p';
	assert(memmem(url, len, "/library/metadata/", 18) != NULL);
	return 'd';
}

/* A query to Plex is escaped, and no header begins a line of its own. */
static inline void canned_check(const struct canned_handle *handle, bool to_plex)
{
	const char *query = handle->url + strcspn(handle->url, "?");

	for (; to_plex && *query != '\0'; query++)
		assert(*query > ' ' && *query <= '~');
	for (const struct curl_slist *h = handle->headers; h != NULL; h = h->next) {
		assert(strpbrk(h->data, "\r\n") == NULL);
		canned.token_sent |= strcmp(h->data, "X-Plex-Token: " CANNED_TOKEN) == 0;
		canned.cookie_sent |= strcmp(h->data, "Cookie: session=" CANNED_COOKIE) == 0;
	}
}

/* --- the answer ------------------------------------------------------------- */

/* A copy of its very size, so that reading on is seen. */
static inline bool canned_give(
	curl_write_callback callback, void *user, const uint8_t *from, size_t len)
{
	char *copy = malloc(len ? len : 1);
	size_t taken;

	assert(copy != NULL);
	memcpy(copy, from, len);
	taken = callback(copy, 1, len, user);
	free(copy);
	return taken == len;
}

/* Header lines up to the empty one, then the body in two pieces. */
static inline CURLcode canned_answer(
	const struct canned_handle *handle, const struct canned_part *part)
{
	const uint8_t *at = part->at, *end = at + part->len;
	bool head = true;

	while (head && at < end) {
		const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = newline ? (size_t)(newline - at) + 1 : (size_t)(end - at);
		head = at[0] != '\n' && at[0] != '\r';
		if (!canned_give(handle->on_header, handle->header_user, at, len))
			return CURLE_WRITE_ERROR;
		at += len;
	}
	for (size_t half = (size_t)(end - at) / 2; at < end; half = (size_t)(end - at)) {
		size_t len = half ? half : 1;
		if (!canned_give(handle->on_body, handle->body_user, at, len))
			return CURLE_WRITE_ERROR;
		at += len;
	}
	return CURLE_OK;
}

static inline CURLcode canned_fail(
	const struct canned_handle *handle, const struct canned_part *part)
{
	size_t len = part->len < CURL_ERROR_SIZE ? part->len : CURL_ERROR_SIZE - 1;

	len -= len > 0 && part->at[len - 1] == '\n';
	memcpy(handle->error, part->at, len);
	handle->error[len] = '\0';
	return part->number > 0 ? (CURLcode)part->number : CURLE_COULDNT_CONNECT;
}

/* --- libcurl ---------------------------------------------------------------- */

CURLcode curl_global_init(long flags)
{
	(void)flags;
	return CURLE_OK;
}

void curl_global_cleanup(void)
{
}

CURL *curl_easy_init(void)
{
	return calloc(1, sizeof(struct canned_handle));
}

void curl_easy_cleanup(CURL *curl)
{
	free(curl);
}

CURLcode curl_easy_setopt(CURL *curl, CURLoption option, ...)
{
	struct canned_handle *handle = curl;
	va_list args;

	va_start(args, option);
	if (option == CURLOPT_URL)
		handle->url = va_arg(args, const char *);
	else if (option == CURLOPT_CUSTOMREQUEST)
		handle->method = va_arg(args, const char *);
	else if (option == CURLOPT_POSTFIELDS)
		handle->body = va_arg(args, const char *);
	else if (option == CURLOPT_HTTPHEADER)
		handle->headers = va_arg(args, const struct curl_slist *);
	else if (option == CURLOPT_ERRORBUFFER)
		handle->error = va_arg(args, char *);
	else if (option == CURLOPT_WRITEFUNCTION)
		handle->on_body = va_arg(args, curl_write_callback);
	else if (option == CURLOPT_WRITEDATA)
		handle->body_user = va_arg(args, void *);
	else if (option == CURLOPT_HEADERFUNCTION)
		handle->on_header = va_arg(args, curl_write_callback);
	else if (option == CURLOPT_HEADERDATA)
		handle->header_user = va_arg(args, void *);
	va_end(args);
	return CURLE_OK;
}

CURLcode curl_easy_perform(CURL *curl)
{
	struct canned_handle *handle = curl;
	const struct canned_part *part;
	char kind;

	for (const char *p = handle->url; *p != '\0'; p++) {
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return CURLE_URL_MALFORMAT; /* libcurl's own check */
	}
	kind = canned_kind(handle->method ? handle->method : "GET", handle->url, handle->body);
	canned_check(handle, kind != 's' && kind != 't' && kind != 'c');
	part = canned_next(kind);
	if (part == NULL)
		part = canned_last(kind);
	if (part == NULL && kind == 'c') { /* most inputs are about no cover */
		handle->status = 404;
		canned_give(handle->on_header, handle->header_user, (const uint8_t *)"\r\n", 2);
		return CURLE_OK;
	}
	if (part == NULL || ++canned.requests > CANNED_REQUESTS)
		return CURLE_COULDNT_CONNECT;
	handle->status = part->number;
	return part->number < 100 ? canned_fail(handle, part) : canned_answer(handle, part);
}

CURLcode curl_easy_getinfo(CURL *curl, CURLINFO info, ...)
{
	const struct canned_handle *handle = curl;
	va_list args;

	va_start(args, info);
	if (info == CURLINFO_RESPONSE_CODE)
		*va_arg(args, long *) = handle->status;
	else if (info == CURLINFO_TOTAL_TIME_T)
		*va_arg(args, curl_off_t *) = 1500000;
	va_end(args);
	return CURLE_OK;
}

#endif
