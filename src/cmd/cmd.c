/* cmd.c - the table of verbs. */
#include "cmd/cmd.h"

#include <string.h>

const struct cmd cmd_table[] = {
	{"sync-scene", CMD_SCENE | CMD_DRY_RUN | CMD_FORCE, "push one scene to Plex now",
		cmd_sync_scene},
	{"sync-all", CMD_DRY_RUN | CMD_FORCE,
		"queue every scene that differs from its last push, then drain", cmd_sync_all},
	{"sync-recent", CMD_DRY_RUN | CMD_FORCE | CMD_HOURS,
		"the same for the scenes that Stash changed in the last hours", cmd_sync_recent},
	{"preview", 0, "say what sync-all would write, and write nothing", cmd_preview},
	{"reconcile", CMD_DRY_RUN | CMD_FORCE,
		"sync-all that also finds items that are missing or new in Plex", cmd_reconcile},
	{"drain", 0, "work through every queued scene that is due", cmd_drain},
	{"tick", 0, "ask Stash to run the task \"Process queue\" if a scene is due", cmd_tick},
	{"explain", CMD_SCENE, "tell for one scene what a push would do, and why", cmd_explain},
	{"doctor", 0, "check the setup: Stash, Plex, libraries, paths, state", cmd_doctor},
	{"status", 0, "show the queue, the caches, timing and failures", cmd_status},
	{"retry-failed", CMD_SCENE, "queue the failed scenes again (all, or one)",
		cmd_retry_failed},
	{"clear-failed", CMD_DAYS, "forget the failed scenes (all, or those older than some days)",
		cmd_clear_failed},
	{"clear-queue", 0, "forget the queued and waiting scenes", cmd_clear_queue},
	{"clear-cache", CMD_LIBRARY, "forget matches and the library index (all, or one library)",
		cmd_clear_cache},
	{"rebuild-index", 0, "read all of Plex's libraries into the index now", cmd_rebuild_index},
};
const size_t cmd_count = sizeof(cmd_table) / sizeof(*cmd_table);

const struct cmd *cmd_find(const char *name)
{
	for (size_t i = 0; i < cmd_count; i++) {
		if (strcmp(cmd_table[i].name, name) == 0)
			return &cmd_table[i];
	}
	return NULL;
}
