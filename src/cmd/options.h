/*
 * options.h - the command line of a person, or of cron. The environment counts only together
 * with a verb, except PLEXSYNC_STATE, which always does.
 */
#ifndef PLEXSYNC_CMD_OPTIONS_H
#define PLEXSYNC_CMD_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "cmd/cmd.h"
#include "stash/input.h"
#include "run/env.h"

enum options_answer { OPTIONS_RUN, OPTIONS_DONE /* help was printed */, OPTIONS_WRONG };

struct options {
	const struct cmd *cmd;
	struct input_args request;
	struct input_connection stash;
	struct env_overrides overrides;
	const char *state_dir; /* NULL: not given */
	bool json, verbose, help;
};

/* Prints help to stdout; for OPTIONS_WRONG the error says what is wrong. */
enum options_answer options_parse(
	int argc, char **argv, struct options *, struct arena *, struct err *);

/* The state's folder, from PLEXSYNC_STATE or Stash's folder; NULL if neither is known. */
const char *options_state_dir(const char *stash_dir, struct arena *);

#endif
