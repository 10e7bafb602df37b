/*
 * env.h - what one run of the program works with.
 *
 * Three things with three lives. The environment is fixed when the run begins: whom we talk
 * to, and for whom; it is passed everywhere as const. The settings in use are those that
 * Stash last answered with, and Plex as they name it. What the run has learned grows while
 * it works. What was asked for is none of these: it is an argument (run/request.h).
 */
#ifndef PLEXSYNC_RUN_ENV_H
#define PLEXSYNC_RUN_ENV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "plex/plex.h"
#include "stash/path_map.h"
#include "stash/settings.h"
#include "stash/stash.h"
#include "state/library_index.h"
#include "state/match_cache.h"
#include "state/remembered.h"
#include "state/state.h"
#include "state/stats.h"
#include "state/tag_cover.h"

/* Given by a person, in place of what Stash has. NULL: not given. */
struct env_overrides {
	const char *plex_url, *plex_token;
};

/* The settings in use; valid once 'known'. */
struct env_settings {
	bool known;
	struct settings s;
	struct path_map path_map;
	struct plex *plex;
	/* Digests: of what decides a match, of what a scene's content is compared under, of
	 * what a sweep is about, and of what can be wrong with the settings. */
	uint64_t match, content, sweep, trouble;
	uint64_t tags; /* of the lists of tags, see tags.h */
};

/* In a dry run of many scenes: an item that one of them would have by now. */
struct env_claim {
	const char *rating_key;
	int64_t scene;
	struct env_claim *next;
};

/* A match that was found, or found wrong: a fact for the match cache that nobody waits for. */
struct env_match {
	const char *path;
	struct match_entry entry; /* of no items: forget it */
};

/* As many are kept before they are written: what a kill may cost is a look into the library
 * index each. LMDB never gives back the pages that its largest transaction changed, and each
 * match changes several, so that more of them would cost memory. */
#define ENV_MATCHES 8

/* What this run has learned. */
struct env_run {
	struct remembered remembered; /* as of the snapshot that the run began with */
	char *machine;		      /* Plex's machine id; NULL: not known yet */
	unsigned shows_uploads;	      /* Plex was seen to show such pictures once uploaded: bits,
					 1 << enum picture_kind */
	int64_t confirmed_ms;	      /* when this run last confirmed the index; 0: never */
	struct tag_cover tags_before; /* what an earlier run knew, if 'tags_known'; see tags.h */
	bool tags_known;
	struct tag_cover *tags; /* what this run knows; NULL: nothing yet */
	bool tags_are_news;
	struct str_list foretold;      /* collections, see push/art.h */
	struct str_list scans;	       /* files whose folder Plex scans by request, see scan.h */
	struct str_list refused_scans; /* folders that it would not scan: "LIBRARY/FOLDER" */
	struct env_claim *claims;
	struct arena *match_arena;
	struct env_match matches[ENV_MATCHES]; /* newest last */
	size_t match_count;
	int64_t number;	     /* of this run, in the journal; 0: it has none yet */
	struct stats stats;  /* counted, and not stored yet */
	struct stats sums;   /* of all runs, as last stored */
	uint64_t added;	     /* jobs that the last storing added */
	uint64_t unreported; /* jobs since the last line about the caches */
};

struct env {
	struct env_house *house; /* what holds all of this */
	struct arena *arena;	 /* lives as long as the run */
	struct state *state;
	struct stash *stash; /* NULL: its address is not known */
	struct env_overrides overrides;
	int64_t begun_ms; /* nothing that the run does by itself is older */
	bool is_task;	  /* Stash runs us, and other tasks of Stash wait for our end */
	struct env_settings *use;
	struct env_run *run;
};

struct env_options {
	const struct input_connection *stash;
	const char *state_dir;
	struct env_overrides overrides;
	bool is_task;
};

/* Opens the state and Stash. A state that cannot be opened is logged as a warning, and leaves
 * env->state->queue NULL. Free with env_close. */
const struct env *env_open(const struct env_options *);
void env_close(const struct env *);

/* Reads what every run has to know, in a transaction on the queue: a hook does it where it
 * queues, all others where they begin. */
void env_recall(const struct env *, struct txn *);

/* Takes over settings that were just read: checks them, and opens Plex when its address,
 * token or trust changed. False with ERR_SETUP. */
bool env_use_settings(const struct env *, const struct settings *, struct err *);

/* Reads the settings alone, if they are not known yet; or in any case. */
bool env_read_settings(const struct env *, struct err *);
bool env_read_settings_again(const struct env *, struct err *);

/* Who we are to Plex, once and for all. */
const char *env_client_id(const struct env *);

/* The machine id of Plex, asked for once, unless it was learned from the library index. */
bool env_machine(const struct env *, const char **machine, struct err *);
void env_learn_machine(const struct env *, const struct library_index *);

/* In a transaction that writes to the queue: stores what the run learned for the next ones,
 * and adds what it counted to the sums. */
void env_save(const struct env *, struct txn *);

/* The number of this run in the journal, in a transaction that writes to the queue. */
int64_t env_number(const struct env *, struct txn *);

/* After the commit: reports the caches' hit rates after every 10 jobs, counted across
 * processes, or if 'always', once more for those that were not reported yet. */
void env_report(const struct env *, bool always);

/* Both in a transaction of their own, if there is anything to store. */
void env_flush(const struct env *, bool always);

/* Writes the matches that were found to the match cache, or drops them: in a hook, where Save
 * waits, if somebody else writes there now. */
void env_flush_matches(const struct env *, bool in_hook);

/* What this run found out about a file and has not written yet; NULL: nothing. */
const struct env_match *env_match(const struct env *, const char *path);
/* Takes note of a match, outside of any transaction; NULL: what the match cache has is
 * wrong. */
void env_note_match(const struct env *, const char *path, const struct match_entry *);

#endif
