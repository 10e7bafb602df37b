/*
 * output.h - stdout: one JSON document. For a person it is empty without --json: the
 * lines of the log are the answer.
 */
#ifndef PLEXSYNC_CMD_OUTPUT_H
#define PLEXSYNC_CMD_OUTPUT_H

#include <cjson/cJSON.h>

#include "base/err.h"

/* {"output": …} or, if 'err' is not NULL, {"error": "…"}: exactly one document,
 * whatever happened. Secrets are masked in it. Takes no ownership. */
void output_for_stash(const cJSON *output, const struct err *err);

/* The answer of a verb, formatted; secrets are masked in it as well. */
void output_for_person(const cJSON *output);

#endif
