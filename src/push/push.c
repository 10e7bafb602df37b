/* push.c - see push.h. */
#include "push/push.h"

#include "base/clock.h"
#include "push/decide.h"
#include "push/gather.h"
#include "push/pictures.h"
#include "push/recall.h"
#include "push/settle.h"
#include "push/write.h"

void push_init(
	struct push *push, const struct request *asked, const struct job *job, struct arena *a)
{
	*push = (struct push){.asked = *asked, .job = job, .arena = a};
	push->before.updated = push->before.cover_etag = push->before.cover_sha1 = "";
	push->scene = (struct scene){.id = asked->scene,
		.title = "",
		.details = "",
		.date = "",
		.director = "",
		.studio = "",
		.updated = ""};
	push->cover.etag = push->cover.sha1 = "";
	push->asked.force |= job != NULL && job->force;
	push->asked.unattended |= job != NULL && job->unattended;
	timer_start(&push->timer);
}

/* What was gathered before something failed is written all the same, unless every
 * request would fail. */
static bool carry_out(const struct env *env, struct push *push, struct err *err)
{
	bool gathered;
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
	if (!gathered) {
		struct err later;
		write_targets(env, push, &later);
		return false;
	}
	if (!write_targets(env, push, err) || !pictures_push(env, push, err))
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
	if (!push->asked.dry_run)
		stats_time(&env->run->stats, TIMING_SYNC, (int64_t)(push->ms * 1e3));
	*next = settle_push(env, push, done, err, need);
	return done;
}

static unsigned sum(const struct push *push, unsigned (*of)(const struct target *))
{
	unsigned fields = 0;

	for (size_t i = 0; i < push->target_count; i++)
		fields |= of(push->targets[i]);
	return fields;
}

static unsigned written(const struct target *target)
{
	return target->written;
}

static unsigned kept(const struct target *target)
{
	return target->kept;
}

static unsigned refused(const struct target *target)
{
	return target->refused;
}

static unsigned held(const struct target *target)
{
	return target->plan.held;
}

unsigned push_written(const struct push *push)
{
	return sum(push, written);
}

unsigned push_kept(const struct push *push)
{
	return sum(push, kept);
}

unsigned push_refused(const struct push *push)
{
	return sum(push, refused);
}

unsigned push_held(const struct push *push)
{
	return sum(push, held);
}

size_t push_owned(const struct push *push)
{
	size_t owned = 0;

	for (size_t i = 0; i < push->target_count; i++)
		owned += !push->targets[i]->foreign;
	return owned;
}
