/*
 * cmd.h - the verbs: one function each, the same for Stash and for a person.
 *
 * A verb works on the environment, answers a JSON value (the "output" of Stash,
 * or what is printed at a terminal), and returns false with the error set if it
 * could not do what was asked.
 */
#ifndef PLEXSYNC_CMD_CMD_H
#define PLEXSYNC_CMD_CMD_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "stash/input.h"
#include "run/env.h"

/* What was asked for, by Stash's args or by options. */
struct cmd_request {
	int64_t scene;	     /* 0: none */
	const char *library; /* NULL: none */
	int64_t days;	     /* -1: none */
	int64_t hours;	     /* -1: none */
};

/* Which options a verb takes, beside those that all take. */
enum cmd_options {
	CMD_SCENE = 1,
	CMD_DRY_RUN = 2,
	CMD_FORCE = 4,
	CMD_LIBRARY = 8,
	CMD_DAYS = 16,
	CMD_HOURS = 32
};

struct cmd {
	const char *name;
	unsigned options;
	const char *summary; /* for --help, a sentence */
	/* *left: the work is not done and stays queued (exit status 1). */
	bool (*run)(
		struct env *, const struct cmd_request *, cJSON **output, bool *left, struct err *);
};

extern const struct cmd cmd_table[];
extern const size_t cmd_count;

/* NULL if there is no such verb. */
const struct cmd *cmd_find(const char *name);

/* A hook. */
bool cmd_hook(struct env *, const struct input_hook *, cJSON **output, struct err *);

/* Queues what a hook names, and nothing else: for input that makes no sense
 * otherwise. True if it is durable. */
bool cmd_hook_queue_only(struct env *, const struct input_hook *);

bool cmd_drain(struct env *, const struct cmd_request *, cJSON **, bool *left, struct err *);
bool cmd_sync_scene(struct env *, const struct cmd_request *, cJSON **, bool *left, struct err *);
bool cmd_sync_all(struct env *, const struct cmd_request *, cJSON **, bool *left, struct err *);
bool cmd_sync_recent(struct env *, const struct cmd_request *, cJSON **, bool *left, struct err *);
bool cmd_preview(struct env *, const struct cmd_request *, cJSON **, bool *left, struct err *);
bool cmd_reconcile(struct env *, const struct cmd_request *, cJSON **, bool *left, struct err *);
bool cmd_explain(struct env *, const struct cmd_request *, cJSON **, bool *left, struct err *);
bool cmd_doctor(struct env *, const struct cmd_request *, cJSON **, bool *left, struct err *);
bool cmd_status(struct env *, const struct cmd_request *, cJSON **, bool *left, struct err *);
bool cmd_tick(struct env *, const struct cmd_request *, cJSON **, bool *left, struct err *);
bool cmd_retry_failed(struct env *, const struct cmd_request *, cJSON **, bool *left, struct err *);
bool cmd_clear_failed(struct env *, const struct cmd_request *, cJSON **, bool *left, struct err *);
bool cmd_clear_queue(struct env *, const struct cmd_request *, cJSON **, bool *left, struct err *);
bool cmd_clear_cache(struct env *, const struct cmd_request *, cJSON **, bool *left, struct err *);
bool cmd_rebuild_index(
	struct env *, const struct cmd_request *, cJSON **, bool *left, struct err *);

#endif
