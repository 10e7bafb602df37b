/* push.c - see push.h. */
#include "push/push.h"

#include "base/timer.h"
#include "push/deliver.h"

bool push_scene(struct env *env, int64_t scene, const struct job *job, struct outcome *outcome,
	enum settle_next *next, struct arena *a, struct err *err)
{
	int64_t since_ms = job ? job->event_ms : env->begun_ms;
	bool asked_by_hand = env->force;
	struct timer timer;
	bool delivered;

	timer_start(&timer);
	if (job != NULL && job->force)
		env->force = true;
	delivered = deliver_scene(env, scene, since_ms, outcome, &timer, a, err);
	env->force = asked_by_hand;
	outcome->ms = (double)timer_log(&timer, "sync_scene") / 1e3;
	stats_time(&env->stats, TIMING_SYNC, (int64_t)(outcome->ms * 1e3));
	*next = settle_job(env, job, outcome, delivered ? NULL : err);
	return delivered;
}
