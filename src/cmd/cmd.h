/*
 * cmd.h - the verbs: one function each, the same for Stash and for a person. It returns a
 * JSON value (the "output" for Stash, or what --json prints), or false with the error.
 */
#ifndef PLEXSYNC_CMD_CMD_H
#define PLEXSYNC_CMD_CMD_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "stash/input.h"
#include "run/env.h"

struct cmd_answer {
	cJSON *json; /* the caller deletes it, also after a failure */
	bool left;   /* the work is not done and stays queued (exit status 1) */
};

/* Which options a verb takes, in addition to those of all. */
enum cmd_options {
	CMD_SCENE = 1,
	CMD_DRY_RUN = 2,
	CMD_FORCE = 4,
	CMD_LIBRARY = 8,
	CMD_DAYS = 16,
	CMD_HOURS = 32,
	CMD_CHOICE = 128,
	CMD_ENTRY = 256,   /* or a run */
	CMD_OPERATION = 64 /* for Stash's page; a terminal does not offer it */
};

/* What a verb cannot do without. */
enum cmd_needs {
	CMD_NEEDS_SCENE = 1, /* one that was asked for */
	CMD_NEEDS_STASH = 2, /* its address */
	CMD_NEEDS_QUEUE = 4, /* except in a dry run, which writes nothing */
	CMD_NEEDS_CACHE = 8,
	CMD_NEEDS_SETTINGS = 16
};

/* Called by cmd_run() once the verb's needs are met. */
typedef bool cmd_verb(
	const struct env *, const struct input_args *, struct cmd_answer *, struct err *);

struct cmd {
	const char *name;
	unsigned options, needs;
	const char *summary; /* for --help, a sentence */
	cmd_verb *run;
};

extern const struct cmd cmd_table[];
extern const size_t cmd_count;

/* NULL if there is no such verb. */
const struct cmd *cmd_find(const char *name);

/* Runs a verb, if it takes the options and its needs are met. */
bool cmd_run(const struct cmd *, const struct env *, const struct input_args *, struct cmd_answer *,
	struct err *);

bool cmd_hook(const struct env *, const struct input_hook *, cJSON **output, struct err *);

/* Pushes a scene that was queued by hand: 'taken' is what intake said of it. */
struct request;
struct job;
bool cmd_push_taken(const struct env *, const struct request *, enum lookup taken,
	const struct job *, struct cmd_answer *, struct err *);

struct drain_report;
cJSON *cmd_drain_json(const struct drain_report *);

cmd_verb cmd_sync_scene, cmd_sync_all, cmd_sync_recent, cmd_preview, cmd_reconcile, cmd_drain,
	cmd_tick, cmd_explain, cmd_match, cmd_doctor, cmd_status, cmd_retry_failed,
	cmd_clear_failed, cmd_clear_queue, cmd_clear_cache, cmd_rebuild_index, cmd_libraries,
	cmd_search, cmd_activity, cmd_undo, cmd_signin_start, cmd_signin_poll, cmd_signin_servers,
	cmd_signin_use, cmd_import_settings;

#endif
