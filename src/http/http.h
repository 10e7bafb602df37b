/*
 * http.h - sends a request and returns the answer. The only module that knows curl.
 *
 * Every request has a limit of size and time, http and https only; no redirect is followed
 * (Stash answers a lost session with one, and a token must not travel to where it points),
 * no proxy of the environment is used. http_open initialises libcurl, so a process that
 * sends nothing does not pay for it.
 */
#ifndef PLEXSYNC_HTTP_HTTP_H
#define PLEXSYNC_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct http;

/* How https servers are verified. Whom the system trusts stands in the file that
 * SSL_CERT_FILE names, in libcurl's own, or in the first that is there of those
 * that systems have. */
struct http_trust {
	bool insecure;	     /* not at all */
	const char *ca_file; /* the PEM file that is trusted; NULL: what the system trusts */
};

struct http *http_open(const struct http_trust *);
void http_close(struct http *);

struct http_request {
	const char *method;
	const char *url;
	const char *const *headers; /* "Name: value", NULL-terminated */
	const char *cookie;	    /* whose new value is wanted, by name; NULL: none */
	const void *body;	    /* NULL: none */
	size_t body_len;
	int64_t timeout_ms; /* for all of it, connecting (LIMIT_CONNECT_MS) included */
	size_t max_body;    /* of the answer */
	bool own_deadline;  /* the time is the caller's own budget: ERR_BUDGET */
};

struct http_response {
	int status;
	char *body; /* NUL-terminated, in the arena */
	size_t len;
	char *content_type, *etag; /* NULL if not sent */
	char *cookie;		   /* the new value of the request's cookie; NULL if not sent */
	int64_t retry_after_ms;	   /* 0 if not sent    */
	int64_t date_ms;	   /* the server's time; 0 if not sent */
};

/* True if there was an answer, whatever its status. False with:
 *   ERR_SERVER  refused, reset, timed out, cut short, cannot be resolved
 *   ERR_BUDGET  the time was up and the request said own_deadline
 *   ERR_SETUP   the URL or the certificate, or nothing to verify one by
 *   ERR_LATER   the answer is too long
 * Texts name the host, never the whole URL. */
bool http_send(struct http *, const struct http_request *, struct http_response *, struct arena *,
	struct err *);

/* The same in two parts: the request is sent, and its answer read at the end, so that the server
 * works on it meanwhile. Nothing else may be sent in between by the same http. All that is passed
 * lives until then. NULL with the error of http_send. */
struct http_begun;
struct http_begun *http_begin(struct http *, const struct http_request *, struct http_response *,
	struct arena *, struct err *);
bool http_end(struct http_begun *, struct err *);
/* In place of the end: nobody wants the answer. NULL is allowed. */
void http_drop(struct http_begun *);

/* One of several requests that are under way at the same time, to as many servers. */
struct http_try {
	struct http_request request;
	struct http_response response;
	bool answered;
	struct err err; /* if it was not, as http_send */
	int64_t ms;	/* that it took */
};
/* All of them take no longer than the slowest. */
void http_try_all(const struct http_trust *, struct http_try *, size_t count, struct arena *);

/* Percent-encoding of a query value or path part. */
char *http_escape(struct arena *, const char *);

/* True for http:// or https:// with a host and nothing that does not belong in a log (user,
 * password, query, fragment, control characters). */
bool http_url_ok(const char *url);

/* True if the URL's host is this machine: 127.0.0.0/8, ::1 or localhost. */
bool http_is_local(const char *url);

#endif
