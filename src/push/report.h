/*
 * report.h - what came of a push: for the log, and the answer on stdout.
 */
#ifndef PLEXSYNC_PUSH_REPORT_H
#define PLEXSYNC_PUSH_REPORT_H

#include <cjson/cJSON.h>

#include "push/push.h"

/* "synced", "unchanged", … */
const char *report_word(enum push_result);

/* The document of a hook and of sync-scene. Free with cJSON_Delete. */
cJSON *report_json(const struct push *);

/* The same of a scene that was only queued. 'reason' may be NULL. */
cJSON *report_not_pushed(int64_t scene, enum push_result, const char *reason, double ms);

/* Appends an item to a list: its key, its library and, if the server's machine id is known (not
 * NULL or ""), the "url" that opens it in Plex. Returns it; the list owns it. */
cJSON *report_add_item(
	cJSON *list, const char *machine, const char *rating_key, const char *library);

/* One line that says it to the user, at the level that it deserves. */
void report_log(const struct push *);

/* What Plex does not take of the scene, with the settings that leave it out; NULL: it took
 * everything. */
const char *report_refusal(const struct push *, struct arena *);

/* "this edit of title, tags (see settings fieldNoTitle, fieldNoTags)" */
const char *report_edit(unsigned fields, struct arena *);

/* "title, tags" for a mask of fields. */
char *report_fields(unsigned fields, struct arena *);

#endif
