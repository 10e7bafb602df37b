/* sync_scene.c - one scene now, with all the time that it needs. */
#include "base/log.h"
#include "cmd/cmd.h"
#include "push/report.h"
#include "run/summon.h"
#include "work/intake.h"

/* What is too much for Stash's log is what a person at a terminal wants to read. */
static void say(const struct push *push)
{
	static const char *const words[] = {[PUSH_UNCHANGED] = "nothing to write",
		[PUSH_QUEUED] = "queued",
		[PUSH_IGNORED] = "ignored"};

	if (words[push->result] != NULL && push_kept(push) == 0)
		log_info("Scene %lld: %s%s%s", (long long)push->asked.scene, words[push->result],
			push->reason ? ": " : "", push->reason ? push->reason : "");
}

static bool push_it(const struct env *env, const struct request *asked, const struct job *job,
	struct cmd_answer *answer, struct err *err)
{
	enum push_next next;
	struct push push;
	bool pushed;

	push_init(&push, asked, job, env->arena);
	pushed = push_run(env, &push, &next, NULL, err);
	if (pushed)
		answer->json = report_json(&push);
	if (pushed && !env->is_task)
		say(&push);
	answer->left = !pushed || push.result == PUSH_QUEUED || push.result == PUSH_NOT_FOUND ||
		       push.result == PUSH_AMBIGUOUS || push.refusal != NULL;
	return pushed;
}

bool cmd_push_taken(const struct env *env, const struct request *asked, enum lookup taken,
	const struct job *job, struct cmd_answer *answer, struct err *err)
{
	static const char busy[] = "another process is pushing it right now";
	bool pushed;

	if (taken == FAILED)
		return false;
	if (taken == FOUND) {
		pushed = push_it(env, asked, job, answer, err);
		queue_release(&env->state->locks, job);
		return pushed;
	}
	answer->left = true;
	answer->json = report_not_pushed(asked->scene, PUSH_QUEUED, busy, 0);
	log_info("Scene %lld: queued; %s", (long long)asked->scene, busy);
	return true;
}

bool cmd_sync_scene(const struct env *env, const struct input_args *request,
	struct cmd_answer *answer, struct err *err)
{
	struct request asked = {.scene = request->scene,
		.since_ms = env->begun_ms,
		.force = request->force,
		.retry = true,
		.dry_run = request->dry_run,
		.forgetful = env->state->queue == NULL};
	enum lookup taken;
	struct job job;
	bool pushed;

	if (asked.dry_run || asked.forgetful)
		return push_it(env, &asked, NULL, answer, err);
	/* The event is durable before anything is tried, as with a hook. */
	taken = intake_by_hand(env, &asked, &job, env->arena, err);
	pushed = cmd_push_taken(env, &asked, taken, &job, answer, err);
	summon_if_due(env);
	return pushed;
}
