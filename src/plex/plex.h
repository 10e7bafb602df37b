/*
 * plex.h - one Plex Media Server: requests to it, and what its statuses mean.
 *
 * The token travels in a header and nowhere else. Answers are JSON; bodies of
 * errors and of edits are HTML or nothing, so they are judged by status alone.
 */
#ifndef PLEXSYNC_PLEX_PLEX_H
#define PLEXSYNC_PLEX_PLEX_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "http/http.h"

struct plex;

struct plex_options {
	const char *url; /* without '/' at its end */
	const char *token;
	const char *client_id; /* stable: the owner sees a new one as a new device */
	struct http_trust trust;
};

/* Keeps copies of the options. */
struct plex *plex_open(const struct plex_options *);
void plex_close(struct plex *);
const char *plex_url(const struct plex *);

/* What a request is about decides what a 500 or a 404 means. */
enum plex_scope {
	PLEX_SERVER, /* the server as a whole                             */
	PLEX_ITEM,   /* one item: its 500 is not the server's trouble     */
	PLEX_LIST,   /* a page of a list: one row can spoil all of it     */
};

struct plex_time {
	int64_t deadline_us; /* the caller's, on clock_us(); 0: none. Passing it is ERR_BUDGET */
	int64_t request_ms;  /* the request's own limit; passing it is ERR_SERVER */
};

/* GET path (which begins with '/', and may have a query). NULL with:
 *   ERR_SERVER  down or busy, or, for an item or a list, an answer that is not Plex's
 *   ERR_SETUP   401, 403, a redirect, a certificate: 'err->status' says which; http where the
 *               server wants https, or the other way round; for PLEX_SERVER also 404 and other
 *               answers that only another kind of server gives
 *   ERR_JOB     400, 404 and others (see err->status), for PLEX_ITEM
 *   ERR_LATER   500 for PLEX_ITEM and PLEX_LIST; 408, 421, 423, 425 for PLEX_ITEM; for
 *               PLEX_LIST also an answer that is too long, or JSON that breaks off, or is
 *               damaged ('err->broken'; the text names the item)
 *   ERR_BUDGET  the deadline passed
 * Free the tree with cJSON_Delete; the result is its "MediaContainer". */
const cJSON *plex_get(struct plex *, enum plex_scope, const char *path, const struct plex_time *,
	cJSON **root, struct err *);

/* A request for what it does: the answer's body says nothing. 'body' NULL: none. Errors as
 * above, always for PLEX_ITEM. */
bool plex_send(struct plex *, const char *method, const char *path, const void *body, size_t len,
	const struct plex_time *, struct err *);

/* What the server says about itself; needs a valid token. Texts are "" if not given. */
struct plex_about {
	const char *name, *version;
};
bool plex_about(
	struct plex *, const struct plex_time *, struct plex_about *, struct arena *, struct err *);

/* Plex's clock, as its last answer with a date had it, in ms since 1970; 0: none had. */
int64_t plex_date_ms(const struct plex *);

/* Plex's machineIdentifier. Needs no token, and does not verify one. */
bool plex_identity(
	struct plex *, const struct plex_time *, char **machine, struct arena *, struct err *);

/* A library's id in a member of an answer; 0: missing, or not an id. */
int plex_library_id(const cJSON *, const char *name);

#endif
