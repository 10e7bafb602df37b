/* cmd.c - the table of verbs. */
#include "cmd/cmd.h"

#include <string.h>

#include "state/state.h"

const struct cmd cmd_table[] = {
	{"sync-scene", CMD_SCENE | CMD_DRY_RUN | CMD_FORCE, CMD_NEEDS_SCENE | CMD_NEEDS_STASH,
		"push one scene to Plex now", cmd_sync_scene},
	{"sync-all", CMD_DRY_RUN | CMD_FORCE, CMD_NEEDS_STASH | CMD_NEEDS_QUEUE,
		"queue every scene that differs from its last push, then drain", cmd_sync_all},
	{"sync-recent", CMD_DRY_RUN | CMD_FORCE | CMD_HOURS, CMD_NEEDS_STASH | CMD_NEEDS_QUEUE,
		"the same for the scenes that Stash changed in the last hours", cmd_sync_recent},
	{"preview", 0, CMD_NEEDS_STASH, "say what sync-all would write, and write nothing",
		cmd_preview},
	{"reconcile", CMD_DRY_RUN | CMD_FORCE, CMD_NEEDS_STASH | CMD_NEEDS_QUEUE,
		"sync-all that also finds items that are missing or new in Plex", cmd_reconcile},
	{"drain", 0, CMD_NEEDS_STASH, "work through every queued scene that is due", cmd_drain},
	{"tick", 0, 0, "ask Stash to run the task \"Process queue\" if a scene is due", cmd_tick},
	{"explain", CMD_SCENE, CMD_NEEDS_SCENE | CMD_NEEDS_STASH,
		"say for one scene what a push would do, and why", cmd_explain},
	{"match", CMD_SCENE | CMD_CHOICE, CMD_NEEDS_SCENE | CMD_NEEDS_STASH | CMD_NEEDS_QUEUE,
		"choose the item of a scene by hand, or none, or forget the choice", cmd_match},
	{"doctor", 0, 0, "check the setup: Stash, Plex, libraries, paths, state", cmd_doctor},
	{"status", 0, CMD_NEEDS_QUEUE, "show the queue, the caches, timing and failures",
		cmd_status},
	{"retry-failed", CMD_SCENE, CMD_NEEDS_QUEUE, "queue the failed scenes again (all, or one)",
		cmd_retry_failed},
	{"clear-failed", CMD_DAYS, CMD_NEEDS_QUEUE,
		"forget the failed scenes (all, or those older than some days)", cmd_clear_failed},
	{"clear-queue", 0, CMD_NEEDS_QUEUE, "forget the queued and waiting scenes",
		cmd_clear_queue},
	{"clear-cache", CMD_LIBRARY, CMD_NEEDS_CACHE,
		"forget matches and the library index (all, or one library)", cmd_clear_cache},
	{"rebuild-index", 0, CMD_NEEDS_CACHE | CMD_NEEDS_STASH | CMD_NEEDS_SETTINGS,
		"read all of Plex's libraries into the index now", cmd_rebuild_index},
	{"libraries", CMD_OPERATION, CMD_NEEDS_STASH | CMD_NEEDS_SETTINGS, "list Plex's libraries",
		cmd_libraries},
	{"search", CMD_OPERATION, CMD_NEEDS_STASH | CMD_NEEDS_SETTINGS,
		"find items of Plex by words of their titles and paths", cmd_search},
	{"activity", CMD_SCENE, CMD_NEEDS_QUEUE, "list what was done to Plex, the newest first",
		cmd_activity},
	{"undo", CMD_ENTRY | CMD_DRY_RUN, CMD_NEEDS_QUEUE | CMD_NEEDS_STASH | CMD_NEEDS_SETTINGS,
		"put back what a push, or all of a run, replaced in Plex", cmd_undo},
	{"signin-start", CMD_OPERATION, CMD_NEEDS_QUEUE, "begin to sign in to Plex",
		cmd_signin_start},
	{"signin-poll", CMD_OPERATION, CMD_NEEDS_QUEUE, "say whether the person has signed in",
		cmd_signin_poll},
	{"signin-servers", CMD_OPERATION, CMD_NEEDS_QUEUE | CMD_NEEDS_STASH,
		"list the account's servers, and where they answer", cmd_signin_servers},
	{"signin-use", CMD_OPERATION, CMD_NEEDS_QUEUE | CMD_NEEDS_STASH,
		"use one of the account's servers", cmd_signin_use},
	{"import-settings", CMD_OPERATION, CMD_NEEDS_QUEUE | CMD_NEEDS_STASH,
		"take over the settings of other plugins", cmd_import_settings},
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

static bool recall(const struct env *env, struct err *err)
{
	struct txn txn;

	if (env->state->queue == NULL)
		return true;
	store_begin(&txn, env->state->queue, TXN_READ);
	env_recall(env, &txn);
	return store_commit(&txn, err);
}

bool cmd_run(const struct cmd *cmd, const struct env *env, const struct input_args *request,
	struct cmd_answer *answer, struct err *err)
{
	unsigned needs = cmd->needs;
	bool done;

	*answer = (struct cmd_answer){0};
	if ((request->dry_run && !(cmd->options & CMD_DRY_RUN)) ||
		(request->force && !(cmd->options & CMD_FORCE)))
		return err_set(err, ERR_INPUT, "%s takes neither dry_run nor force", cmd->name);
	if ((needs & CMD_NEEDS_SCENE) && request->scene == 0)
		return err_set(err, ERR_INPUT, "which scene? Give scene_id (--scene ID)");
	if ((needs & CMD_NEEDS_STASH) && env->stash == NULL)
		return err_set(
			err, ERR_INPUT, "the address of Stash is not known: use --stash-url");
	if ((needs & CMD_NEEDS_QUEUE) && env->state->queue == NULL && !request->dry_run)
		return err_set(err, ERR_STORE, "there is no queue: the state cannot be opened");
	if ((needs & CMD_NEEDS_CACHE) && state_cache(env->state) == NULL)
		return err_set(err, ERR_STORE, "there are no caches: the state cannot be opened");
	if (!recall(env, err) || ((needs & CMD_NEEDS_SETTINGS) && !env_read_settings(env, err)))
		return false;
	done = cmd->run(env, request, answer, err);
	env_flush_matches(env, false);
	env_flush(env, false);
	return done;
}
