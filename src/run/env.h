/*
 * env.h - what one run of the program works with: built once, passed everywhere.
 */
#ifndef PLEXSYNC_RUN_ENV_H
#define PLEXSYNC_RUN_ENV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "plex/plex.h"
#include "stash/settings.h"
#include "stash/stash.h"
#include "state/state.h"
#include "state/stats.h"
#include "stash/path_map.h"

/* Given by a person, in place of what Stash has. NULL: not given. */
struct env_overrides {
	const char *plex_url, *plex_token;
};

/* In a dry run of many scenes: an item that one of them would have by now. */
struct env_claim {
	const char *rating_key;
	int64_t scene;
	struct env_claim *next;
};

struct env {
	struct arena arena; /* lives as long as the run */
	struct state state;
	struct stash *stash;
	struct plex *plex; /* NULL until the settings are known */
	struct env_overrides overrides;
	struct stats stats;

	/* As last read; valid once settings_known. */
	struct settings settings;
	struct path_map path_map;
	uint64_t match_settings;  /* digest of the settings that decide a match */
	uint64_t push_settings;	  /* the same, and what decides on the pictures */
	uint64_t all_settings;	  /* all but how Plex is reached */
	uint64_t settings_digest; /* of all that can be wrong with them, the token too */
	bool settings_known;
	bool only_groups; /* as it was last remembered */

	char *machine;	     /* Plex's machine id; NULL until it is known    */
	int64_t deadline_us; /* of a hook, on clock_us(); 0: none            */
	bool dry_run, force;
	bool unqueued;		  /* the scene is in no queue: what is not done now is never done */
	struct str_list scans;	  /* files whose folder Plex was asked to scan, see scan.h */
	double progress_from;	  /* part of the task that was done before the drain */
	bool is_task;		  /* Stash runs us, and other tasks of Stash wait for our end */
	int64_t begun_ms;	  /* when this run began: nothing that it does by itself is older */
	int64_t confirmed_ms;	  /* when this run last confirmed the index; 0: never */
	uint64_t unreported;	  /* jobs since the last line about the caches    */
	struct env_claim *claims; /* NULL: none */
};

void env_open(struct env *, const struct input_connection *, const char *state_dir);
void env_close(struct env *);

/* Takes over settings that were just read: checks them, opens Plex when its
 * address, token or trust changed, and remembers what the next hook has to know
 * before it reads them. False with ERR_SETUP. */
bool env_use_settings(struct env *, const struct settings *, struct err *);

/* Reads the settings alone, if they are not known yet. */
bool env_read_settings(struct env *, struct err *);

/* What a request to Stash and one to Plex may take now. 'request_ms' is for
 * the latter, when no deadline comes first. */
struct stash_time env_stash_time(const struct env *);
struct plex_time env_plex_time(const struct env *, int64_t request_ms);

/* True in a hook: nobody may wait long. */
bool env_in_hook(const struct env *);

/* The machine id of Plex: remembered with the index, else asked for once. */
bool env_machine(struct env *, const char **machine, struct err *);

/* Adds what this run counted to the stored sums, and says so in the log: the
 * caches' hit rates, after every 10 jobs across processes, or if 'always'. */
void env_flush_stats(struct env *, bool always);

#endif
