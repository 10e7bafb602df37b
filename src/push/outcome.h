/*
 * outcome.h - what came of pushing one scene: for the queue, the log, and the
 * answer on stdout.
 */
#ifndef PLEXSYNC_PUSH_OUTCOME_H
#define PLEXSYNC_PUSH_OUTCOME_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "state/history.h"
#include "find/match.h"

enum outcome_result {
	OUTCOME_SYNCED,
	OUTCOME_UNCHANGED,
	OUTCOME_QUEUED,	   /* not done now; it stays in the queue */
	OUTCOME_NOT_FOUND, /* Plex does not have the file         */
	OUTCOME_AMBIGUOUS,
	OUTCOME_IGNORED, /* the settings, or the scene itself, say so */
};

struct outcome_item {
	const char *key, *library, *path; /* path: NULL if not known */
	enum match_rule rule;
};

/* A record to write together with the job's end. */
struct outcome_save {
	const char *machine, *rating_key;
	struct history history;
};

/* Everything lives in the arena of the job. */
struct outcome {
	int64_t scene;
	const char *title, *path; /* the scene's; "" if not known */
	enum outcome_result result;
	const char *reason;    /* for people; NULL if the result says it all */
	unsigned fields, kept; /* bit 1 << enum field */
	unsigned refused;      /* fields too long for the server */
	const char *missing; /* why one of its files waits, if others were dealt with; else NULL */
	struct outcome_item *items, *candidates;
	size_t item_count, candidate_count;
	struct outcome_save *saves;
	size_t save_count;
	struct digest *names; /* of the files to wait for: those that were not found, or all */
	size_t name_count;
	/* What the scene was like: for the next sweep. */
	struct digest content;
	const char *updated, *cover_etag, *cover_sha1; /* "" if not known */
	uint64_t gains; /* of the index, when a file was not found in it */
	bool gone;	/* Stash no longer has the scene */
	double ms;
	bool dry_run;
};

/* "synced", "unchanged", … */
const char *outcome_word(enum outcome_result);

/* The document of a hook and of sync-scene. Free with cJSON_Delete. */
cJSON *outcome_json(const struct outcome *);

/* One line that says it to the user, at the level that it deserves. */
void outcome_log(const struct outcome *);

/* "title, tags" for a mask of fields. */
char *outcome_field_list(unsigned fields, struct arena *);

#endif
