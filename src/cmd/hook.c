/*
 * hook.c - what a hook asks for.
 *
 * Stash waits for us inside the user's Save. The event is made durable first, in one
 * commit; a single scene is then pushed within LIMIT_HOOK_MS, if Plex is up and no other
 * process pushes; everything else is left to the drain.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/timer.h"
#include "cmd/cmd.h"
#include "push/report.h"
#include "run/summon.h"
#include "work/intake.h"

struct hook {
	const struct env *env;
	const struct input_hook *input;
	struct timer timer;
	struct request asked;
	struct arena arena;
	cJSON *answer;
};

static bool answer(struct hook *hook, enum push_result result, const char *reason)
{
	hook->answer = report_not_pushed(
		hook->input->id, result, reason, (double)timer_us(&hook->timer) / 1e3);
	return true;
}

static void send(struct hook *hook, enum drain_need need)
{
	int64_t at = clock_us();

	if (need == DRAIN_NO_NEED || need == DRAIN_NOT_NOW)
		return;
	summon_send(hook->env, need);
	timer_add(&hook->timer, "ask", at);
}

/* --- pushing at once ------------------------------------------------------ */

/* An error is what nobody will do again. All else stays in the queue, which is said once: the
 * next hooks of the same trouble only have a debug line. */
static bool report_failure(struct hook *hook, struct err *err)
{
	bool is_news = err->kind != ERR_BUDGET && !err->told;

	if (err->kind == ERR_JOB || err->kind == ERR_INPUT)
		return false;
	log_at(is_news ? LOG_WARNING : LOG_DEBUG, "%s (the scene stays queued)", err->text);
	return answer(hook, PUSH_QUEUED, err->text);
}

static bool push_calm(struct hook *hook, struct push *push, const struct job *job, struct err *err)
{
	enum drain_need need = DRAIN_NO_NEED;
	enum push_next next;
	bool pushed = push_run(hook->env, push, &next, &need, err);

	intake_release(hook->env, job);
	push->ms = (double)timer_us(&hook->timer) / 1e3;
	if (pushed)
		hook->answer = report_json(push);
	send(hook, need);
	return pushed || report_failure(hook, err);
}

/* Nothing can be queued: what is not done now is never done. If nothing can be read either,
 * it is unknown whose a value in Plex is, and only what Plex does not have yet is written. */
static bool push_forgetful(struct hook *hook, struct err *err)
{
	enum push_next next;
	struct push push;

	hook->asked.forgetful = true;
	hook->asked.careful = hook->env->state->queue == NULL;
	log_warning("Scene %lld is pushed at once, because nothing can be remembered%s",
		(long long)hook->input->id,
		hook->asked.careful ? "; what Plex already has stays as it is" : "");
	if (hook->env->stash == NULL)
		return err_set(err, ERR_INPUT, "the address of Stash is not known");
	push_init(&push, &hook->asked, NULL, &hook->arena);
	if (!push_run(hook->env, &push, &next, NULL, err))
		return false;
	if (push.result == PUSH_QUEUED)
		return err_set(err, ERR_STORE, "scene %lld: not pushed, and not queued: %s",
			(long long)hook->input->id, push.reason ? push.reason : "no queue");
	push.ms = (double)timer_us(&hook->timer) / 1e3;
	hook->answer = report_json(&push);
	return true;
}

/* Tried twice: a disk may fail once, and what looks damaged need not be. */
static enum intake_answer take_in(struct hook *hook, struct job *job, struct push *push,
	enum drain_need *need, struct err *err)
{
	enum intake_answer came = intake_scenes(
		hook->env, hook->input, &hook->asked, job, push, need, &hook->arena, err);
	struct err again;

	if (came != INTAKE_FAILED || !state_open_again(hook->env->state, &again))
		return came;
	return intake_scenes(
		hook->env, hook->input, &hook->asked, job, push, need, &hook->arena, err);
}

static bool scene_changed(struct hook *hook, struct err *err)
{
	static const char *const why[] = {
		[INTAKE_AWAY] = "Plex did not answer the last time it was asked",
		[INTAKE_SLOW] = "Plex or Stash is slow, and Save has waited for it already",
		[INTAKE_BUSY] = "another process is pushing it right now",
		[INTAKE_CALM] = NULL,
	};
	enum drain_need need = DRAIN_NO_NEED;
	enum intake_answer came;
	int64_t at = clock_us();
	struct push push;
	struct job job;

	if (hook->env->state->queue == NULL)
		return push_forgetful(hook, err);
	came = take_in(hook, &job, &push, &need, err);
	timer_add(&hook->timer, "queue", at);
	if (came == INTAKE_FAILED) {
		log_error("Scene %lld cannot be queued: %s", (long long)hook->input->id, err->text);
		return push_forgetful(hook, err);
	}
	if (came == INTAKE_COVERED) {
		summon_if_due(hook->env);
		return answer(hook, PUSH_QUEUED, "with the first scene of this edit");
	}
	send(hook, need);
	if (came == INTAKE_CALM)
		return push_calm(hook, &push, &job, err);
	if (why[came] != NULL)
		log_debug("Scene %lld stays queued: %s", (long long)hook->input->id, why[came]);
	return answer(hook, PUSH_QUEUED, why[came]);
}

/* --- the rest ------------------------------------------------------------- */

static bool scene_gone(struct hook *hook, struct err *err)
{
	enum drain_need need = DRAIN_NO_NEED;

	if (!intake_gone(hook->env, hook->input, &need, err))
		return false;
	send(hook, need);
	return answer(
		hook, PUSH_IGNORED, "the scene was removed from Stash; Plex is left as it is");
}

static bool carrier_changed(struct hook *hook, struct err *err)
{
	enum drain_need need = DRAIN_NO_NEED;

	if (hook->env->state->queue == NULL)
		return err_set(err, ERR_STORE,
			"%s: nothing can be remembered; the scenes that have it are not pushed",
			hook->input->type);
	if (!intake_carrier(hook->env, hook->input, &need, err))
		return false;
	send(hook, need);
	hook->answer = cJSON_CreateObject();
	cJSON_AddStringToObject(hook->answer, "result", report_word(PUSH_QUEUED));
	cJSON_AddStringToObject(hook->answer, "reason",
		hook->input->verb == VERB_DESTROY ? "all scenes will be compared"
						  : "the scenes that have it will be compared");
	return true;
}

static bool run(struct hook *hook, struct err *err)
{
	bool is_scene = hook->input->noun == NOUN_SCENE;

	if (!is_scene && hook->input->verb == VERB_CREATE)
		return err_set(
			err, ERR_INPUT, "hook %s is not one of PlexSync's", hook->input->type);
	if (!is_scene)
		return carrier_changed(hook, err);
	if (hook->input->verb == VERB_DESTROY)
		return scene_gone(hook, err);
	return scene_changed(hook, err);
}

bool cmd_hook(
	const struct env *env, const struct input_hook *input, cJSON **output, struct err *err)
{
	struct hook hook = {.env = env, .input = input};
	bool done;

	timer_start(&hook.timer);
	hook.asked = (struct request){.scene = input->id,
		.since_ms = env->begun_ms,
		.deadline_us = hook.timer.start_us + (int64_t)LIMIT_HOOK_MS * 1000};
	arena_init(&hook.arena);
	done = run(&hook, err);
	env_flush_matches(env, true);
	timer_log(&hook.timer, "hook");
	*output = hook.answer;
	arena_clear(&hook.arena);
	return done;
}
