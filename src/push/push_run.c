/* push_run.c - the part of push.h that takes a scene through the three acts. */
#include "push/push.h"

#include "base/clock.h"
#include "push/decide.h"
#include "push/gather.h"
#include "push/pictures.h"
#include "push/recall.h"
#include "push/settle.h"
#include "push/write.h"

/* What was gathered before something failed is written all the same, unless every
 * request would fail. */
static bool carry_out(const struct env *env, struct push *push, struct err *err)
{
	bool gathered;
	struct err later;
	int64_t at;

	if (!gather_scene(env, push, err))
		return false;
	if (!decide_scene(env->use, push))
		return true;
	gathered = gather_items(env, push, err);
	if (!gathered && err->kind != ERR_JOB && err->kind != ERR_LATER)
		return false;
	at = clock_us();
	decide_targets(env->use, push);
	timer_add(&push->timer, "plan", at);
	if (!write_targets(env, push, gathered ? err : &later) || !gathered ||
		!pictures_push(env, push, err))
		return false;
	decide_result(push);
	return true;
}

/* A wrong setting concerns every scene alike, and is reported once. */
static bool name_scene(const struct push *push, struct err *err)
{
	if (err->kind == ERR_SETUP)
		return false;
	return err_context(err, "scene %lld", (long long)push->asked.scene);
}

bool push_run(const struct env *env, struct push *push, enum push_next *next, enum drain_need *need,
	struct err *err)
{
	bool done = recall_scene(env, push, err) &&
		    (carry_out(env, push, err) || name_scene(push, err));

	push->ms = (double)timer_log(&push->timer, "sync_scene") / 1e3;
	if (!push->asked.dry_run) {
		stats_time(&env->run->stats, TIMING_SYNC, (int64_t)(push->ms * 1e3));
		for (size_t i = 0; i < push->timer.count; i++)
			stats_step(&env->run->stats, push->timer.steps[i].name,
				push->timer.steps[i].us);
	}
	*next = settle_push(env, push, done, err, need);
	return done;
}
