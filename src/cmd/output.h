/* output.h - stdout: one JSON document, in which secrets are masked. */
#ifndef PLEXSYNC_CMD_OUTPUT_H
#define PLEXSYNC_CMD_OUTPUT_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "base/err.h"

/* {"output": …} or, if 'err' is not NULL, {"error": "…"}. Takes no ownership. */
void output_for_stash(const cJSON *output, const struct err *err);

/* The answer of a verb, formatted. */
void output_for_person(const cJSON *output);

/* A time in an answer: "2026-11-28T17:05:37Z"; null for 0. */
cJSON *output_time(int64_t ms);

#endif
