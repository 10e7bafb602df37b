/* sync_scene.c - one scene now, with all the time that it takes. */
#include "base/clock.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "state/queue.h"
#include "sync/deliver.h"
#include "sync/settle.h"

/* The event is durable before anything is tried, as with a hook. ABSENT: it is
 * queued, but somebody else pushes the scene at this moment. */
static enum lookup queue_it(struct env *env, int64_t scene, struct job *job, struct err *err)
{
	struct event event = {.scene = scene, .origin = ORIGIN_HAND, .force = env->force};
	struct txn txn;

	store_begin(&txn, env->state.queue, TXN_WRITE);
	queue_push(&txn, &event, clock_now_ms());
	if (!store_commit(&txn, err))
		return FAILED;
	return queue_take_scene(env->state.queue, &env->state.locks, scene, job, &env->arena, err);
}

static bool deliver(struct env *env, int64_t scene, const struct job *job, cJSON **output,
	bool *left, struct err *err)
{
	struct outcome outcome;
	struct timer timer;
	bool delivered;

	timer_start(&timer);
	delivered = deliver_scene(env, scene, job ? job->event_ms : clock_now_ms(), &outcome,
		&timer, &env->arena, err);
	stats_time(&env->stats, TIMING_SYNC, timer_log(&timer, "sync_scene"));
	settle_job(env, job, &outcome, delivered ? NULL : err);
	if (delivered)
		*output = outcome_json(&outcome, (double)timer_us(&timer) / 1e3);
	*left = !delivered || outcome.result == OUTCOME_QUEUED ||
		outcome.result == OUTCOME_NOT_FOUND || outcome.result == OUTCOME_AMBIGUOUS;
	return delivered;
}

bool cmd_sync_scene(struct env *env, const struct cmd_request *request, cJSON **output, bool *left,
	struct err *err)
{
	bool delivered;
	struct job job;

	if (request->scene == 0)
		return err_set(err, ERR_INPUT, "which scene? Give scene_id (--scene ID)");
	if (env->stash == NULL)
		return err_set(
			err, ERR_INPUT, "the address of Stash is not known: use --stash-url");
	if (env->dry_run || env->state.queue == NULL) {
		delivered = deliver(env, request->scene, NULL, output, left, err);
		if (!env->dry_run)
			env_flush_stats(env, false);
		return delivered;
	}
	switch (queue_it(env, request->scene, &job, err)) {
	case FAILED:
		return false;
	case ABSENT:
		*left = true;
		*output = outcome_json(&(struct outcome){.scene = request->scene,
					       .result = OUTCOME_QUEUED,
					       .reason = "it is being pushed at this moment"},
			0);
		return true;
	case FOUND:
	default:
		break;
	}
	delivered = deliver(env, request->scene, &job, output, left, err);
	queue_release(&env->state.locks, &job);
	env_flush_stats(env, false);
	return delivered;
}
