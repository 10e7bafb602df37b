/*
 * output.h - stdout: one JSON document for Stash, or lines for a person.
 */
#ifndef PLEXSYNC_CMD_OUTPUT_H
#define PLEXSYNC_CMD_OUTPUT_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "base/err.h"

/* {"output": …} or, if 'err' is not NULL, {"error": "…"}: exactly one document,
 * whatever happened. Secrets are masked in it. Takes no ownership. */
void output_for_stash(const cJSON *output, const struct err *err);

/* The answer as JSON, or as indented "name: value" lines. */
void output_for_person(const cJSON *output, bool json);

#endif
