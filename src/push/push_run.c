/*
 * push_run.c - the part of push.h that takes scenes through the three acts.
 *
 * Scenes are pushed side by side: each step is done for all of them before the next one, so
 * that what the step asks a server is asked for all in one request. Each has its own result or
 * error; one that fails takes no other with it, unless every request would fail.
 */
#include "push/push.h"

#include "base/clock.h"
#include "find/locate.h"
#include "push/ahead.h"
#include "push/decide.h"
#include "push/gather.h"
#include "push/group.h"
#include "push/judge.h"
#include "push/pictures.h"
#include "push/recall.h"
#include "push/settle.h"
#include "push/write.h"

/* Scenes on their way. */
struct side {
	const struct env *env;
	struct push **pushes;
	size_t count;
	struct ahead ahead;
	push_go_on *go_on;
	void *what;
	bool stopped; /* every request would fail */
};

/* A wrong setting concerns every scene alike, and is reported once. */
static void name_scene(const struct push *push, struct err *err)
{
	if (err->kind != ERR_SETUP)
		err_context(err, "scene %lld", (long long)push->asked.scene);
}

static void count_time(struct stats *stats, const struct push *push)
{
	stats_time(stats, TIMING_SYNC, (int64_t)(push->ms * 1e3));
	for (size_t i = 0; i < push->timer.count; i++)
		stats_step(stats, push->timer.steps[i].name, push->timer.steps[i].us);
}

/* The push is over; the third act follows, for all that are over by then. */
static void end(struct side *side, struct push *push, bool done)
{
	const struct env *env = side->env;

	if (!done)
		name_scene(push, &push->err);
	if (side->count > 1)
		timer_own(&push->timer);
	push->ms = (double)timer_log(&push->timer, "sync_scene") / 1e3;
	if (!push->asked.dry_run)
		count_time(&env->run->stats, push);
	settle_over(env, push, done);
	side->stopped |= push->next == PUSH_STOP;
}

/* The next of them that is on its way. */
static struct push *next_of(const struct side *side, size_t *at)
{
	while (!side->stopped && *at < side->count) {
		struct push *push = side->pushes[(*at)++];
		if (!push->over && !push->left)
			return push;
	}
	return NULL;
}

/* What was asked for all of them took its part of each one's time. */
static void share_time(const struct side *side, const char *name, int64_t since_us)
{
	int64_t us = (clock_us() - since_us) / (int64_t)side->count;

	for (size_t i = 0; i < side->count; i++)
		timer_add(&side->pushes[i]->timer, name, clock_us() - us);
}

/* Every request would fail: the first of them tells it. */
static void give_up(struct side *side, const struct err *err)
{
	size_t at = 0;
	struct push *push = next_of(side, &at);

	if (push != NULL) {
		push->err = *err;
		end(side, push, false);
	}
	side->stopped = true;
}

/* Those that are over. A push that is alone is settled once, at its end. */
static void settle(struct side *side)
{
	if (side->count > 1)
		settle_all(side->env, side->pushes, side->count, NULL);
}

/* --- carrying out -------------------------------------------------------------- */

static void read_scenes(struct side *side)
{
	int64_t at_us = clock_us(), *ids;
	struct push *push;
	struct err err;
	size_t count = 0, at = 0;

	if (side->count < 2)
		return;
	ids = arena_array(side->ahead.arena, side->count, sizeof(*ids));
	while ((push = next_of(side, &at)) != NULL)
		ids[count++] = push->asked.scene;
	if (!ahead_read_scenes(side->env, &side->ahead, ids, count, &err))
		give_up(side, &err);
	share_time(side, "stash", at_us);
}

/* The items that were 'written', else those that the index names; what else is found is asked
 * for alone. */
static void read_items(struct side *side, bool written)
{
	int64_t at_us = clock_us();
	struct str_list keys;
	struct push *push;
	struct err err;
	size_t at = 0;

	if (side->count < 2)
		return;
	str_list_init(&keys, side->ahead.arena);
	while ((push = next_of(side, &at)) != NULL) {
		if (written)
			write_keys(push, &keys);
		else
			gather_keys(side->env, push, &keys);
	}
	if (!ahead_read_items(side->env, &side->ahead, &keys, &err))
		give_up(side, &err);
	share_time(side, written ? "plex_check" : "plex_get", at_us);
}

static void gather_all(struct side *side)
{
	struct push *push;

	for (size_t at = 0; (push = next_of(side, &at)) != NULL;) {
		if (!recall_scene(side->env, push, &push->err))
			end(side, push, false);
	}
	read_scenes(side);
	for (size_t at = 0; (push = next_of(side, &at)) != NULL;) {
		if (!gather_scene(side->env, push, &push->err))
			end(side, push, false);
		else if (!decide_scene(side->env->use, push))
			end(side, push, true);
	}
	settle(side); /* the items of scenes that are gone may be others' now */
	read_items(side, false);
	for (size_t at = 0; (push = next_of(side, &at)) != NULL;) {
		push->gathered = gather_items(side->env, push, &push->err);
		/* What was gathered before something failed is written all the same. */
		if (!push->gathered && !judge_is_one(&push->err))
			end(side, push, false);
		if (!request_in_hook(&push->asked) && side->env->run->match_count == ENV_MATCHES)
			env_flush_matches(side->env, false);
	}
}

static bool share_an_item(const struct push *x, const struct push *y)
{
	for (size_t i = 0; i < x->target_count; i++) {
		for (size_t j = 0; j < y->target_count; j++) {
			if (str_eq(x->targets[i]->item.rating_key, y->targets[j]->item.rating_key))
				return true;
		}
	}
	return false;
}

/* Whose an item is is only known once the first of them has it. */
static void leave_rivals(struct side *side)
{
	struct push *push, *other;

	for (size_t at = 0; (push = next_of(side, &at)) != NULL;) {
		for (size_t next = at; (other = next_of(side, &next)) != NULL;)
			other->left = share_an_item(push, other);
	}
}

static void decide_all(struct side *side)
{
	struct push *push;

	for (size_t at = 0; (push = next_of(side, &at)) != NULL;) {
		int64_t at_us = clock_us();
		decide_targets(side->env->use, push);
		timer_add(&push->timer, "plan", at_us);
		write_plan(push);
	}
}

static bool has_edits(const struct push *push)
{
	for (size_t i = 0; i < push->target_count; i++) {
		if (push->targets[i]->plan.writes != 0)
			return true;
	}
	return false;
}

/* What failed because of one item, or could not be gathered, is told in the end. False if nothing
 * can go on. */
static bool conclude_text(const struct env *env, struct push *push)
{
	struct err err;

	if (write_conclude(env, push, &err))
		return true;
	if (push->gathered)
		push->err = err;
	push->gathered = false;
	return judge_is_one(&push->err);
}

/* Those that are 'written', or all others: what came of the text, and then their pictures. */
static void conclude(struct side *side, bool written)
{
	struct push *pushes[LIMIT_BATCH], *push;
	size_t count = 0;

	for (size_t at = 0; (push = next_of(side, &at)) != NULL;) {
		if (has_edits(push) != written)
			continue;
		if (conclude_text(side->env, push))
			pushes[count++] = push;
		else
			end(side, push, false);
	}
	if (!side->stopped)
		pictures_push(side->env, pushes, count, side->count > 1 ? &side->ahead : NULL,
			side->go_on, side->what);
	for (size_t i = 0; i < count && !side->stopped; i++) {
		push = pushes[i];
		if (push->left)
			continue;
		if (push->pictured && push->gathered)
			decide_result(push);
		end(side, push, push->pictured && push->gathered);
	}
	settle(side);
}

/* All in one commit. */
static void record_intents(struct side *side)
{
	struct err err;

	if (!side->stopped && !write_intents(side->env, side->pushes, side->count, &err))
		give_up(side, &err);
}

/* The error of what could not be gathered is told in the end. */
static bool send(const struct env *env, struct push *push, struct group *group)
{
	struct err err;
	bool broken = false;
	bool sent = group_send(env, group, push, &broken, &err) ||
		    (!broken && write_send(env, push, &err));

	if (!sent && push->gathered)
		push->err = err;
	push->gathered &= sent;
	return sent || (err.kind != ERR_SERVER && err.kind != ERR_SETUP && err.kind != ERR_BUDGET);
}

static void leave_from(struct side *side, size_t at)
{
	struct push *push;

	while ((push = next_of(side, &at)) != NULL)
		push->left = true;
}

/* 'go_on' says whether the next scene is written. */
static void send_all(struct side *side)
{
	struct group *group = arena_alloc(side->ahead.arena, sizeof(*group));
	struct push *push;

	group_make(side->env, group, side->pushes, side->count);
	for (size_t at = 0; (push = next_of(side, &at)) != NULL;) {
		if (side->go_on != NULL && !side->go_on(side->what, push)) {
			leave_from(side, at - 1);
			return;
		}
		if (!send(side->env, push, group))
			end(side, push, false);
	}
}

void push_run_all(const struct env *env, struct push **pushes, size_t count, push_go_on *go_on,
	void *what, enum drain_need *need)
{
	struct side side = {
		.env = env, .pushes = pushes, .count = count, .go_on = go_on, .what = what};

	side.ahead.arena = pushes[0]->arena;
	for (size_t i = 0; i < count && count > 1; i++)
		pushes[i]->ahead = &side.ahead;
	gather_all(&side);
	leave_rivals(&side);
	decide_all(&side);
	/* They need no room, and wait for no other. */
	conclude(&side, false);
	record_intents(&side);
	send_all(&side);
	read_items(&side, true);
	conclude(&side, true);
	settle_all(env, pushes, count, need);
	for (size_t i = 0; i < count; i++) {
		pushes[i]->left |= !pushes[i]->over;
		pushes[i]->ahead = NULL;
	}
}

bool push_run(const struct env *env, struct push *push, enum push_next *next, enum drain_need *need,
	struct err *err)
{
	push_run_all(env, &push, 1, NULL, NULL, need);
	*next = push->next;
	if (!push->pushed)
		*err = push->err;
	return push->pushed;
}
