#include "work/intake.h"

#include "base/clock.h"
#include "push/recall.h"
#include "push/settle.h"
#include "run/summon.h"
#include "state/breaker.h"
#include "state/look.h"
#include "state/owed.h"
#include "state/pace.h"
#include "state/recent.h"

/* --- decisions ----------------------------------------------------------------- */

enum intake_answer intake_decide(const struct intake_facts *facts)
{
	if (!facts->stash_known || facts->verb != VERB_UPDATE || !facts->names_one ||
		facts->queue_only)
		return INTAKE_QUEUED;
	if (facts->breaker_open)
		return INTAKE_AWAY;
	return facts->plex_slow ? INTAKE_SLOW : INTAKE_CALM;
}

bool intake_is_covered(const struct intake_cover *cover)
{
	return cover->seen_ms != 0 && (cover->queued || cover->settled_ms >= cover->seen_ms);
}

/* --- a bulk edit: the first hook queues all, the others only check -------------- */

/* Every hook of a bulk edit names all its scenes, and all were saved before the first hook
 * ran. A repeated edit begins with its first scene again, so that one always queues. */
static struct intake_cover cover_of(
	const struct env *env, const struct input_hook *input, struct arena *a)
{
	struct intake_cover cover = {0};
	struct history_scene scene;
	struct job job;
	struct txn txn;

	if (input->scene_count < 2 || input->scenes[0] == input->id)
		return cover;
	store_begin(&txn, env->state->queue, TXN_READ);
	cover.seen_ms = recent_edit_ms(&txn, &input->edit, clock_now_ms());
	cover.queued = queue_get(&txn, input->id, &job, a) == FOUND;
	if (history_scene_get(&txn, input->id, &scene, a) == FOUND)
		cover.settled_ms = scene.settled_ms;
	store_abort(&txn);
	return cover;
}

/* --- queueing -------------------------------------------------------------------- */

static void add_event(struct txn *txn, int64_t scene, bool force, int64_t now_ms)
{
	struct event event = {.scene = scene, .origin = ORIGIN_HAND, .force = force};

	queue_add(txn, &event, now_ms);
}

static void add_all(struct txn *txn, const struct input_hook *input, int64_t now_ms)
{
	for (size_t i = 0; i < input->scene_count; i++)
		add_event(txn, input->scenes[i], false, now_ms);
	if (input->scene_count > 1)
		recent_note_edit(txn, &input->edit, now_ms);
}

/* This process is the only one that talks to Plex inside of a Save, and nobody else pushes
 * this scene: INTAKE_CALM. */
static enum intake_answer take_locks(const struct env *env, int64_t scene)
{
	struct locks *locks = &env->state->locks;

	if (lock_try(locks, LOCK_INLINE) != FOUND)
		return INTAKE_QUEUED;
	if (lock_try_scene(locks, scene) == FOUND)
		return INTAKE_CALM;
	lock_release(locks, LOCK_INLINE);
	return INTAKE_BUSY;
}

void intake_release(const struct env *env, const struct job *job)
{
	queue_release(&env->state->locks, job);
	lock_release(&env->state->locks, LOCK_INLINE);
}

static enum intake_answer decide(
	const struct env *env, const struct input_hook *input, struct txn *txn)
{
	enum intake_answer answer;
	struct breaker breaker;
	struct pace pace;
	struct intake_facts facts = {.stash_known = env->stash != NULL,
		.verb = input->verb,
		.names_one = input->names_one,
		.queue_only = env->run->remembered.hook_queue_only};

	breaker_load(txn, &breaker);
	pace_load(txn, &pace);
	facts.breaker_open = breaker.open;
	facts.plex_slow = pace_holds(&pace, clock_now_ms());
	answer = intake_decide(&facts);
	return answer == INTAKE_CALM ? take_locks(env, input->id) : answer;
}

enum intake_answer intake_scenes(const struct env *env, const struct input_hook *input,
	const struct request *asked, struct job *job, struct push *push, enum drain_need *need,
	struct arena *a, struct err *err)
{
	struct intake_cover cover = cover_of(env, input, a);
	enum intake_answer answer;
	int64_t now_ms = clock_now_ms();
	struct txn txn;

	if (intake_is_covered(&cover))
		return INTAKE_COVERED;
	store_begin(&txn, env->state->queue, TXN_WRITE);
	if (cover.seen_ms != 0)
		add_event(&txn, input->id, false, now_ms);
	else
		add_all(&txn, input, now_ms);
	if (input->verb == VERB_CREATE)
		look_soon(&txn, now_ms);
	owed_all_start_day(&txn, now_ms);
	env_recall(env, &txn);
	answer = decide(env, input, &txn);
	if (answer == INTAKE_CALM && queue_get(&txn, input->id, job, a) == FOUND) {
		push_init(push, asked, job, a);
		recall_in(&txn, push);
	}
	/* A calm hook looks again when it is done. */
	*need = summon_decide(env, &txn, answer == INTAKE_CALM ? input->id : 0);
	if (store_commit(&txn, err))
		return answer;
	if (answer == INTAKE_CALM)
		intake_release(env, &(struct job){.scene = input->id});
	return INTAKE_FAILED;
}

enum lookup intake_by_hand(const struct env *env, const struct request *asked, struct job *job,
	struct arena *a, struct err *err)
{
	struct txn txn;

	store_begin(&txn, env->state->queue, TXN_WRITE);
	add_event(&txn, asked->scene, asked->force, clock_now_ms());
	if (!store_commit(&txn, err))
		return FAILED;
	return queue_take_scene(env->state->queue, &env->state->locks, asked->scene, job, a, err);
}

/* The item is the scene's from now on, before it is pushed. Returns the scene that has had it, or
 * 0; that one has to look for another. */
static int64_t take_over(struct txn *txn, int64_t scene, const struct choice *choice,
	int64_t now_ms, struct arena *a)
{
	struct history history;
	int64_t owner;

	if (choice->kind != CHOICE_ITEM ||
		history_get(txn, choice->machine, choice->rating_key, &history, a) == FAILED ||
		history.unreadable || history.owner == scene)
		return 0;
	owner = history.owner;
	history.owner = scene;
	history_put(txn, choice->machine, choice->rating_key, &history);
	if (owner == 0 || (choice_number(txn, owner, choice->machine, choice->rating_key) == 0 &&
				  !history_owns(txn, owner, choice->machine, choice->rating_key)))
		return 0;
	add_event(txn, owner, false, now_ms);
	return owner;
}

enum lookup intake_choice(const struct env *env, const struct request *asked,
	const struct choice *choice, int64_t *from, struct job *job, struct arena *a,
	struct err *err)
{
	int64_t now_ms = clock_now_ms();
	struct txn txn;

	store_begin(&txn, env->state->queue, TXN_WRITE);
	*from = take_over(&txn, asked->scene, choice, now_ms, a);
	choice_put(&txn, asked->scene, choice, now_ms);
	add_event(&txn, asked->scene, false, now_ms);
	if (!store_commit(&txn, err))
		return FAILED;
	return queue_take_scene(env->state->queue, &env->state->locks, asked->scene, job, a, err);
}

bool intake_rescued(const struct env *env, const struct input_hook *input)
{
	struct txn txn;

	if (env->state->queue == NULL || input->verb == VERB_DESTROY)
		return false;
	store_begin(&txn, env->state->queue, TXN_WRITE);
	add_all(&txn, input, clock_now_ms());
	return store_commit(&txn, NULL);
}

/* --- the rest --------------------------------------------------------------------- */

bool intake_gone(const struct env *env, const struct input_hook *input, enum drain_need *need,
	struct err *err)
{
	struct history_scene before, after = {.count = 0};
	struct arena a;
	struct txn txn;

	arena_init(&a);
	store_begin(&txn, env->state->queue, TXN_WRITE);
	if (history_scene_get(&txn, input->id, &before, &a) == FOUND)
		settle_given_up(&txn, &before, &after, clock_now_ms());
	arena_clear(&a);
	/* Of several scenes each has a hook, and a path, of its own. */
	history_forget_scene(&txn, input->id);
	choice_put(&txn, input->id, &(struct choice){.kind = CHOICE_AUTO}, clock_now_ms());
	queue_remove(&txn, input->id);
	*need = summon_decide(env, &txn, 0);
	if (!store_commit(&txn, err))
		return false;
	if (input->path != NULL)
		env_note_match(env, input->path, NULL);
	return true;
}

bool intake_carrier(const struct env *env, const struct input_hook *input, enum drain_need *need,
	struct err *err)
{
	struct txn txn;

	store_begin(&txn, env->state->queue, TXN_WRITE);
	if (input->verb == VERB_DESTROY)
		owed_add_all(&txn);
	else
		owed_add(&txn, (uint8_t)input->noun, input->id);
	if (input->noun == NOUN_TAG)
		tag_cover_forget(&txn);
	owed_all_start_day(&txn, clock_now_ms());
	*need = summon_decide(env, &txn, 0);
	return store_commit(&txn, err);
}
