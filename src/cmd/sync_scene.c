/* sync_scene.c - one scene now, with all the time that it takes. */
#include "base/clock.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "state/queue.h"
#include "push/push.h"
#include "run/summon.h"

/* The event is durable before anything is tried, as with a hook. ABSENT: it is
 * queued, but somebody else pushes the scene at this moment. */
static enum lookup queue_it(struct env *env, int64_t scene, struct job *job, struct err *err)
{
	struct event event = {.scene = scene, .origin = ORIGIN_HAND, .force = env->force};
	struct txn txn;

	store_begin(&txn, env->state.queue, TXN_WRITE);
	queue_add(&txn, &event, clock_now_ms());
	if (!store_commit(&txn, err))
		return FAILED;
	return queue_take_scene(env->state.queue, &env->state.locks, scene, job, &env->arena, err);
}

static bool push(struct env *env, int64_t scene, const struct job *job, cJSON **output, bool *left,
	struct err *err)
{
	struct outcome outcome;
	enum settle_next next;
	bool delivered = push_scene(env, scene, job, &outcome, &next, &env->arena, err);

	if (delivered)
		*output = outcome_json(&outcome);
	*left = !delivered || outcome.result == OUTCOME_QUEUED ||
		outcome.result == OUTCOME_NOT_FOUND || outcome.result == OUTCOME_AMBIGUOUS;
	return delivered;
}

static bool push_queued(struct env *env, int64_t scene, cJSON **output, bool *left, struct err *err)
{
	static const char busy[] = "it is being pushed at this moment";
	struct outcome outcome = {.scene = scene, .result = OUTCOME_QUEUED, .reason = busy};
	bool delivered;
	struct job job;

	switch (queue_it(env, scene, &job, err)) {
	case FAILED:
		return false;
	case ABSENT:
		*left = true;
		*output = outcome_json(&outcome);
		return true;
	case FOUND:
	default:
		delivered = push(env, scene, &job, output, left, err);
		queue_release(&env->state.locks, &job);
		return delivered;
	}
}

bool cmd_sync_scene(struct env *env, const struct cmd_request *request, cJSON **output, bool *left,
	struct err *err)
{
	bool delivered;

	if (request->scene == 0)
		return err_set(err, ERR_INPUT, "which scene? Give scene_id (--scene ID)");
	if (env->stash == NULL)
		return err_set(
			err, ERR_INPUT, "the address of Stash is not known: use --stash-url");
	if (env->dry_run)
		return push(env, request->scene, NULL, output, left, err);
	if (env->state.queue == NULL)
		delivered = push(env, request->scene, NULL, output, left, err);
	else
		delivered = push_queued(env, request->scene, output, left, err);
	env_flush_stats(env, false);
	summon_if_due(env);
	return delivered;
}
