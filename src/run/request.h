/*
 * request.h - what was asked for: one scene, and how it may be pushed.
 */
#ifndef PLEXSYNC_RUN_REQUEST_H
#define PLEXSYNC_RUN_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "plex/plex.h"
#include "stash/stash.h"

struct request {
	int64_t scene;
	int64_t since_ms;    /* when the newest event about the scene came */
	int64_t deadline_us; /* of a hook, on clock_us(): Save waits; 0: none */
	bool force;	     /* Stash's values win, whatever is remembered */
	bool dry_run;	     /* say what would be written, and write nothing */
	bool unattended;     /* nobody asked: a value that is locked in Plex, and that was never
				pushed from here, is not replaced */
	bool retry;	     /* a person asks again for what Plex refused before */
	bool restored;	     /* Plex's database was put back to an earlier state since the push */
	bool forgetful;	     /* nothing can be remembered of it, because there is no usable state */
	bool careful;	     /* what Plex holds stays, because nobody knows whose it is */
};

/* True in a hook: nobody may wait long. */
bool request_in_hook(const struct request *);

/* What one request to a server may take. NULL: there is all the time that it needs.
 * 'ms' is for Plex's own slowness, when no deadline comes first. */
struct stash_time request_stash_time(const struct request *);
struct plex_time request_plex_time(const struct request *, int64_t ms);

#endif
