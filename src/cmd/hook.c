/*
 * hook.c - what a hook asks for.
 *
 * Stash waits for us inside the user's Save. So the event is durable first, in
 * one commit; then, if it is one scene, Plex is up and nobody else does it, the
 * scene is pushed at once within LIMIT_HOOK_MS; everything else is the drain's.
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/timer.h"
#include "cmd/cmd.h"
#include "state/breaker.h"
#include "state/history.h"
#include "state/match_cache.h"
#include "state/queue.h"
#include "state/owed.h"
#include "push/push.h"
#include "run/summon.h"
#include "work/sweep.h"

struct hook {
	struct env *env;
	const struct input_hook *input;
	struct timer timer;
	enum drain_need need; /* to be done after the commit */
	bool known;	      /* the edit was queued by an earlier hook */
	bool calm;
};

static cJSON *answer(const struct hook *hook, enum outcome_result result, const char *reason)
{
	struct outcome outcome = {.scene = hook->input->id,
		.result = result,
		.reason = reason,
		.title = "",
		.path = "",
		.ms = (double)timer_us(&hook->timer) / 1e3};

	return outcome_json(&outcome);
}

/* --- a bulk edit: the first hook queues all, the others only check -------- */

/* Every hook of a bulk edit names all its scenes, and all were saved before the
 * first hook ran. A repeated edit begins with its first scene again, so that
 * one always queues. */
static bool is_covered(struct hook *hook)
{
	const struct input_hook *input = hook->input;
	struct history_scene scene;
	struct txn txn;
	struct arena a;
	struct job job;
	int64_t seen;
	bool covered;

	if (input->scene_count < 2 || input->scenes[0] == input->id)
		return false;
	arena_init(&a);
	store_begin(&txn, hook->env->state.queue, TXN_READ);
	seen = queue_bulk_seen(&txn, &input->edit, clock_now_ms());
	hook->known = seen != 0;
	covered = hook->known && queue_get(&txn, input->id, &job, &a) == FOUND;
	/* Not in the queue any more: done since the edit was queued? */
	if (hook->known && !covered)
		covered = history_scene_get(&txn, input->id, &scene, &a) == FOUND &&
			  scene.settled_ms >= seen;
	store_abort(&txn);
	arena_clear(&a);
	return covered;
}

/* --- queueing ------------------------------------------------------------- */

static void push_event(struct txn *txn, int64_t scene, int64_t now)
{
	struct event event = {.scene = scene, .origin = ORIGIN_HAND};

	queue_add(txn, &event, now);
}

static void push_all(struct txn *txn, const struct input_hook *input)
{
	int64_t now = clock_now_ms();

	for (size_t i = 0; i < input->scene_count; i++)
		push_event(txn, input->scenes[i], now);
	if (input->scene_count > 1)
		queue_bulk_remember(txn, &input->edit, now);
}

/* One scene, edited by a person, Plex not known to be down, and this process
 * the only one that talks to Plex inside of a Save. */
static bool is_calm(struct hook *hook, struct txn *txn)
{
	struct remembered remembered;
	struct breaker breaker;

	if (hook->env->stash == NULL || hook->input->verb != VERB_UPDATE || !hook->input->names_one)
		return false;
	state_remembered(txn, &remembered);
	breaker_load(txn, &breaker);
	return !remembered.hook_queue_only && !breaker.open &&
	       lock_try(&hook->env->state.locks, LOCK_INLINE) == FOUND;
}

static bool enqueue(struct hook *hook, struct err *err)
{
	int64_t at = clock_us();
	struct txn txn;
	bool done;

	store_begin(&txn, hook->env->state.queue, TXN_WRITE);
	if (hook->known)
		push_event(&txn, hook->input->id, clock_now_ms());
	else
		push_all(&txn, hook->input);
	hook->calm = is_calm(hook, &txn);
	if (!hook->calm || queue_due(&txn, clock_now_ms(), hook->input->id) ||
		owed_any(&txn, clock_now_ms()))
		hook->need = summon_decide(hook->env, &txn);
	done = store_commit(&txn, err);
	timer_add(&hook->timer, "queue", at);
	return done;
}

bool cmd_hook_queue_only(struct env *env, const struct input_hook *input)
{
	struct txn txn;
	struct err err;

	if (env->state.queue == NULL || input->verb == VERB_DESTROY)
		return false;
	store_begin(&txn, env->state.queue, TXN_WRITE);
	push_all(&txn, input);
	if (!store_commit(&txn, &err))
		return false;
	summon_if_due(env);
	return true;
}

static void send_summons(struct hook *hook, enum drain_need need)
{
	int64_t at = clock_us();

	if (need == DRAIN_COMES)
		return;
	summon_send(hook->env, need);
	timer_add(&hook->timer, "ask", at);
}

/* --- pushing at once ------------------------------------------------------ */

static bool report_failure(const struct hook *hook, bool queued, cJSON **output, struct err *err)
{
	if (queued && (err->kind == ERR_BUDGET || err->told)) {
		*output = answer(hook, OUTCOME_QUEUED, err->text);
		return true;
	}
	if (queued && err->kind != ERR_JOB) {
		struct err why = *err;
		err_set(err, why.kind, "%.600s (the scene stays queued)", why.text);
	}
	return false;
}

static bool push_now(struct hook *hook, const struct job *job, cJSON **output, struct err *err)
{
	struct outcome outcome;
	enum settle_next next;
	struct arena a;
	bool delivered;

	arena_init(&a);
	delivered = push_scene(hook->env, hook->input->id, job, &outcome, &next, &a, err);
	outcome.ms = (double)timer_us(&hook->timer) / 1e3;
	if (delivered && outcome.result == OUTCOME_QUEUED && job == NULL)
		delivered = err_set(err, ERR_STORE, "scene %lld: not pushed, and not queued: %s",
			(long long)hook->input->id, outcome.reason ? outcome.reason : "no queue");
	if (delivered)
		*output = outcome_json(&outcome);
	arena_clear(&a);
	return delivered;
}

/* The queue holds the scene; whatever is not done here stays there. */
static bool push_calm(struct hook *hook, cJSON **output, struct err *err)
{
	struct env *env = hook->env;
	bool delivered = true;
	struct job job;

	env->deadline_us = hook->timer.start_us + (int64_t)LIMIT_HOOK_MS * 1000;
	switch (queue_take_scene(
		env->state.queue, &env->state.locks, hook->input->id, &job, &env->arena, err)) {
	case FOUND:
		delivered = push_now(hook, &job, output, err);
		queue_release(&env->state.locks, &job);
		if (!delivered)
			delivered = report_failure(hook, true, output, err);
		break;
	case ABSENT: /* somebody is at it; for this event it is due again */
		*output = answer(hook, OUTCOME_QUEUED, "it is being pushed at this moment");
		break;
	case FAILED:
	default:
		delivered = report_failure(hook, true, output, err);
	}
	summon_if_due(env);
	return delivered;
}

static bool push_without_queue(struct hook *hook, cJSON **output, struct err *err)
{
	log_warning("Scene %lld is pushed at once, because nothing can be remembered",
		(long long)hook->input->id);
	hook->env->deadline_us = hook->timer.start_us + (int64_t)LIMIT_HOOK_MS * 1000;
	hook->env->unqueued = true;
	if (hook->env->stash == NULL)
		return err_set(err, ERR_INPUT, "the address of Stash is not known");
	return push_now(hook, NULL, output, err) || report_failure(hook, false, output, err);
}

/* --- the rest ------------------------------------------------------------- */

/* The scene is gone: its items are free for others, the match is forgotten,
 * Plex is left alone. Their history stays, should the file come back. */
static bool forget(struct hook *hook, cJSON **output, struct err *err)
{
	struct env *env = hook->env;
	struct txn txn;

	store_begin(&txn, env->state.queue, TXN_WRITE);
	/* Of several scenes each has a hook, and a path, of its own. */
	history_forget_scene(&txn, hook->input->id);
	queue_remove(&txn, hook->input->id);
	if (!store_commit(&txn, err))
		return false;
	if (hook->input->path != NULL && state_cache(&env->state) != NULL) {
		store_begin(&txn, env->state.cache, TXN_WRITE);
		state_touch_cache(&env->state);
		match_cache_forget(&txn, hook->input->path);
		store_commit(&txn, NULL);
	}
	summon_if_due(env);
	*output = answer(
		hook, OUTCOME_IGNORED, "the scene was removed from Stash; Plex is left as it is");
	return true;
}

/* A performer, studio, tag or group was edited: which scenes carry it is found out by
 * the drain. One that is gone is carried by none: then all are looked at. */
static bool owe_sweep(struct hook *hook, cJSON **output, struct err *err)
{
	const struct input_hook *input = hook->input;
	struct txn txn;

	if (hook->env->state.queue == NULL)
		return err_set(err, ERR_STORE,
			"%s: nothing can be remembered; the scenes that carry it are not written",
			input->type);
	store_begin(&txn, hook->env->state.queue, TXN_WRITE);
	if (input->verb == VERB_DESTROY)
		owed_add_all(&txn);
	else
		owed_add(&txn, (uint8_t)input->noun, input->id);
	hook->need = summon_decide(hook->env, &txn);
	if (!store_commit(&txn, err))
		return false;
	send_summons(hook, hook->need);
	*output = cJSON_CreateObject();
	cJSON_AddStringToObject(*output, "result", outcome_word(OUTCOME_QUEUED));
	cJSON_AddStringToObject(*output, "reason",
		input->verb == VERB_DESTROY ? "all scenes will be compared"
					    : "the scenes that carry it will be compared");
	return true;
}

static bool run(struct hook *hook, cJSON **output, struct err *err)
{
	if (hook->input->noun != NOUN_SCENE && hook->input->verb != VERB_CREATE)
		return owe_sweep(hook, output, err);
	if (hook->input->noun != NOUN_SCENE)
		return err_set(
			err, ERR_INPUT, "hook %s is not one of PlexSync's", hook->input->type);
	if (hook->input->verb == VERB_DESTROY)
		return forget(hook, output, err);
	if (hook->env->state.queue == NULL)
		return push_without_queue(hook, output, err);
	if (is_covered(hook)) {
		summon_if_due(hook->env);
		*output = answer(hook, OUTCOME_QUEUED, "with the first scene of this edit");
		return true;
	}
	if (!enqueue(hook, err)) {
		log_error("Scene %lld cannot be queued: %s", (long long)hook->input->id, err->text);
		return push_without_queue(hook, output, err);
	}
	send_summons(hook, hook->need);
	if (hook->calm)
		return push_calm(hook, output, err);
	*output = answer(hook, OUTCOME_QUEUED, NULL);
	return true;
}

bool cmd_hook(struct env *env, const struct input_hook *input, cJSON **output, struct err *err)
{
	struct hook hook = {.env = env, .input = input, .need = DRAIN_COMES};
	int64_t us;
	bool done;

	timer_start(&hook.timer);
	done = run(&hook, output, err);
	us = timer_log(&hook.timer, "hook");
	/* A hook that only queued has not opened the caches, and does not for this. */
	if (env->state.cache_tried) {
		stats_time(&env->stats, TIMING_HOOK, us);
		env_flush_stats(env, false);
	}
	return done;
}
