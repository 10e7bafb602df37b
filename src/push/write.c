#include "push/write.h"

#include "base/clock.h"
#include "base/log.h"
#include "push/ahead.h"
#include "push/group.h"
#include "push/judge.h"
#include "push/report.h"
#include "push/send.h"
#include "push/values.h"

/* --- what Plex made of it -------------------------------------------------------- */

static void take_look(struct target *target, const struct item *item, struct arena *a)
{
	values_of_item(item, &target->now, a);
	for (enum field f = 0; f < FIELD_COUNT; f++)
		target->locked_now[f] = item_is_locked(item, fields_plex_name(f));
	target->looked = true;
	target->item.updated = item->updated;
	/* Its pictures are decided on by what is there now. */
	target->item.has_thumb = item->has_thumb;
	target->item.has_art = item->has_art;
	target->item.locked = item->locked;
}

enum lookup write_read(const struct env *env, const struct push *push, const char *rating_key,
	struct item *item, struct err *err)
{
	enum lookup found = ahead_get_item(
		env, push->ahead, &push->asked, rating_key, false, item, push->arena, err);

	if (found == FAILED)
		judge_item(env, &push->asked,
			arena_printf(push->arena, "to show item %s", rating_key), err, push->arena);
	return found;
}

/* 'again': after a second edit. */
static bool look(const struct env *env, const struct push *push, struct target *target, bool again,
	struct err *err)
{
	struct item item;

	target->looked = false;
	switch (ahead_get_item(env, push->ahead, &push->asked, target->item.rating_key, again,
		&item, push->arena, err)) {
	case FOUND:
		take_look(target, &item, push->arena);
		return true;
	case ABSENT: /* gone between reading and writing: found again next time */
		return err_set(err, ERR_LATER, "Plex item %s vanished while it was written",
			target->item.rating_key);
	case FAILED:
	default:
		judge_item(env, &push->asked, "to show the item that it just edited", err,
			push->arena);
		return false;
	}
}

/* Plex keeps one spelling of a name. */
static void report_respelled(const struct target *target, enum field f, struct arena *a)
{
	const struct str_list *wanted = &target->plan.f[f].respell, *now = &target->now.v[f].names;

	for (size_t w = 0; w < wanted->n; w++) {
		for (size_t n = 0; n < now->n; n++) {
			const char *want = wanted->v[w], *has = now->v[n];
			if (!str_eq(want, has) && fields_same_name(want, has, a))
				log_info("Plex keeps its own spelling \"%s\" of \"%s\" (%s)", has,
					want, fields_name(f));
		}
	}
}

static void report_stale(const struct target *target, enum field f, struct arena *a)
{
	const struct str_list *remove = &target->plan.f[f].remove, *now = &target->now.v[f].names;

	for (size_t n = 0; n < now->n; n++) {
		if (fields_has_name(remove, now->v[n], a))
			log_info("Plex did not remove \"%s\" (%s)", now->v[n], fields_name(f));
	}
}

/* Takes what was written and what was refused from the look. */
static void conclude(struct target *target, struct arena *a)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		enum plan_outcome outcome;
		if (!(target->sent & 1u << f))
			continue;
		outcome = plan_outcome(
			&target->input, &target->plan, f, &target->now, target->locked_now[f], a);
		target->written |= outcome != PLAN_NOT_TAKEN ? 1u << f : 0;
		target->refused |= outcome != PLAN_TAKEN ? 1u << f : 0;
		if (!fields_is_set(f))
			continue;
		report_respelled(target, f, a);
		report_stale(target, f, a);
	}
}

/* True if something came of everything that was sent. What stood still may be Plex's spelling; of
 * an edit that was shared it is more likely that it did not reach this item. */
static bool is_taken(const struct target *target, struct arena *a)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (!(target->sent & 1u << f))
			continue;
		if (plan_stood_still(&target->input, f, &target->now, a) ||
			plan_outcome(&target->input, &target->plan, f, &target->now,
				target->locked_now[f], a) == PLAN_NOT_TAKEN)
			return false;
	}
	return true;
}

/* An edit that was shared with other items, and left this one as it was, is tried for it
 * alone before anything is called refused. */
static bool send_again(
	const struct env *env, struct push *push, struct target *target, struct err *err)
{
	target->sent = target->accepted = 0;
	if (!send_planned(env, push, target, err) || !look(env, push, target, true, err))
		return false;
	if (is_taken(target, push->arena))
		group_never_again(env, target->machine);
	return true;
}

/* --- one item ---------------------------------------------------------------------- */

static bool send(const struct env *env, struct push *push, struct target *target, struct err *err)
{
	int64_t at = clock_us();
	bool done = send_planned(env, push, target, err);

	timer_add(&push->timer, "plex_put", at);
	return done;
}

static bool check(const struct env *env, struct push *push, struct target *target, struct err *err)
{
	int64_t at = clock_us();
	bool any = false, done = look(env, push, target, false, err);

	if (done && target->shared && !is_taken(target, push->arena))
		done = send_again(env, push, target, err);
	done = done && send_stale(env, push, target, &any, err);
	if (done && any)
		done = look(env, push, target, true, err);
	timer_add(&push->timer, "plex_check", at);
	if (done)
		conclude(target, push->arena);
	return done;
}

/* It was written, or is still as the last push left it. */
static bool is_as_pushed(const struct target *target)
{
	const struct plan *plan = &target->plan;

	return target->written != 0 ||
	       (plan->writes | plan->kept | plan->held | plan->refused) == 0;
}

/* What nobody saw the outcome of stays meant. */
static void settle(struct target *target, bool done, struct arena *a)
{
	const struct fields *now = target->looked ? &target->now : &target->theirs;
	const bool *locked = target->looked ? target->locked_now : target->input.locked;

	plan_settle(&target->input, &target->plan, done ? target->sent : 0, now, locked,
		&target->after, a);
	if (target->written != 0 || (done && target->after.pushed_ms == 0))
		target->after.pushed_ms = clock_now_ms();
	target->after.added = target->item.added;
	if (is_as_pushed(target))
		target->after.updated = target->item.updated;
	target->settled = true;
}

/* --- the intent -------------------------------------------------------------- */

static void take_over_plan(struct target *target)
{
	target->written = target->plan.writes;
	if (!target->foreign)
		target->after = *target->input.base;
}

void write_plan(struct push *push)
{
	for (size_t i = 0; i < push->target_count; i++) {
		struct target *target = push->targets[i];
		if (push->asked.dry_run) {
			take_over_plan(target);
			continue;
		}
		target->intends = target->plan.writes != 0;
		if (target->intends)
			plan_intend(&target->input, &target->plan, &target->after, push->arena);
	}
}

static bool is_recorded(const struct push *push)
{
	return !push->asked.forgetful && !push->asked.dry_run && !push->over && !push->left;
}

bool write_intents(const struct env *env, struct push *const *pushes, size_t count, struct err *err)
{
	struct txn txn;
	bool begun = false;

	for (size_t p = 0; p < count; p++) {
		for (size_t i = 0; i < pushes[p]->target_count; i++) {
			struct target *target = pushes[p]->targets[i];
			if (!target->intends || !is_recorded(pushes[p]))
				continue;
			if (!begun)
				store_begin(&txn, env->state->queue, TXN_WRITE);
			begun = true;
			choice_put_history(&txn, target->machine, target->item.rating_key,
				&target->after, target->owner, clock_now_ms());
		}
	}
	if (begun && !store_commit(&txn, err))
		return false;
	for (size_t p = 0; p < count; p++) {
		for (size_t i = 0; i < pushes[p]->target_count; i++)
			pushes[p]->targets[i]->intends = false;
	}
	return true;
}

/* --- the acts ------------------------------------------------------------------ */

static bool is_written(const struct push *push, const struct target *target)
{
	return !push->asked.dry_run && !target->foreign;
}

bool write_send(const struct env *env, struct push *push, struct err *err)
{
	bool all = true;

	for (size_t i = 0; i < push->target_count; i++) {
		struct target *target = push->targets[i];
		struct err why;
		if (!is_written(push, target) || target->plan.writes == 0)
			continue;
		target->stuck = !send(env, push, target, &why);
		if (target->stuck && !judge_keep(&all, err, &why))
			return false;
	}
	return all;
}

void write_keys(const struct push *push, struct str_list *rating_keys)
{
	for (size_t i = 0; i < push->target_count; i++) {
		const struct target *target = push->targets[i];
		if (target->sent != 0)
			str_list_add(
				rating_keys, arena_strdup(push->arena, target->item.rating_key));
	}
}

bool write_conclude(const struct env *env, struct push *push, struct err *err)
{
	bool all = true;

	for (size_t i = 0; i < push->target_count; i++) {
		struct target *target = push->targets[i];
		bool go_on = true;
		struct err why;
		if (!is_written(push, target))
			continue;
		if (target->stuck) {
			all = false; /* its error was kept when it was sent */
		} else if (target->plan.writes != 0 && !check(env, push, target, &why)) {
			target->stuck = true;
			go_on = judge_keep(&all, err, &why);
		}
		settle(target, !target->stuck, push->arena);
		if (!go_on)
			return false;
	}
	return all;
}
