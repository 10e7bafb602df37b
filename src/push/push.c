#include "push/push.h"

void push_init(
	struct push *push, const struct request *asked, const struct job *job, struct arena *a)
{
	*push = (struct push){.asked = *asked, .job = job, .arena = a};
	push->trouble.text = "";
	push->before.updated = push->before.cover_etag = push->before.cover_sha1 = "";
	push->scene = (struct scene){.id = asked->scene,
		.title = "",
		.details = "",
		.date = "",
		.director = "",
		.studio = "",
		.updated = ""};
	push->cover.path = stash_cover_path(asked->scene, a);
	push->cover.etag = push->cover.sha1 = "";
	push->asked.force |= job != NULL && job->force;
	push->asked.unattended |= job != NULL && job->unattended;
	push->asked.retry |= job != NULL && job->retry;
	push->asked.restored |= job != NULL && job->restored;
	timer_start(&push->timer);
}

struct sums {
	unsigned written, kept, refused, held, reset;
};

static struct sums sum(const struct push *push)
{
	struct sums sums = {0};

	for (size_t i = 0; i < push->target_count; i++) {
		const struct target *target = push->targets[i];
		sums.written |= target->written;
		sums.kept |= target->kept;
		sums.refused |= target->refused;
		sums.held |= target->plan.held;
		sums.reset |= target->plan.reset;
	}
	return sums;
}

unsigned push_written(const struct push *push)
{
	return sum(push).written;
}

unsigned push_kept(const struct push *push)
{
	return sum(push).kept;
}

unsigned push_refused(const struct push *push)
{
	return sum(push).refused;
}

unsigned push_reset(const struct push *push)
{
	return sum(push).reset;
}

unsigned push_held(const struct push *push)
{
	return sum(push).held;
}

size_t push_owned(const struct push *push)
{
	size_t owned = 0;

	for (size_t i = 0; i < push->target_count; i++)
		owned += !push->targets[i]->foreign;
	return owned;
}
