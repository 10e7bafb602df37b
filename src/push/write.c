#include "push/write.h"

#include "base/clock.h"
#include "base/log.h"
#include "push/judge.h"
#include "push/report.h"
#include "push/send.h"
#include "push/values.h"

/* --- what Plex made of it -------------------------------------------------------- */

static void take_look(struct target *target, const struct item *item, struct arena *a)
{
	values_of_item(item, &target->now, a);
	for (enum field f = 0; f < FIELD_COUNT; f++)
		target->locked_now[f] = item_is_locked(item, values_plex_name(f));
	target->looked = true;
}

static bool look(
	const struct env *env, const struct push *push, struct target *target, struct err *err)
{
	struct plex_time time = request_plex_time(&push->asked, LIMIT_REQUEST_MS);
	struct arena *a = push->arena;
	struct item item;

	target->looked = false;
	switch (item_get(env->use->plex, target->item.rating_key, &time, &item, a, err)) {
	case FOUND:
		take_look(target, &item, a);
		return true;
	case ABSENT: /* gone between reading and writing: found again next time */
		return err_set(err, ERR_LATER, "Plex item %s vanished while it was written",
			target->item.rating_key);
	case FAILED:
	default:
		judge_item(env, &push->asked, "to show the item that it just edited", err, a);
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
			if (!str_eq(want, has) &&
				str_eq(fields_name_key(want, a), fields_name_key(has, a)))
				log_info("Plex keeps its own spelling \"%s\" of \"%s\" (%s)", has,
					want, fields_name(f));
		}
	}
}

static void report_stale(const struct target *target, enum field f, struct arena *a)
{
	const struct str_list *remove = &target->plan.f[f].remove, *now = &target->now.v[f].names;

	for (size_t r = 0; r < remove->n; r++) {
		for (size_t n = 0; n < now->n; n++) {
			if (str_eq(fields_name_key(remove->v[r], a), fields_name_key(now->v[n], a)))
				log_warning("Plex did not remove \"%s\" (%s)", now->v[n],
					fields_name(f));
		}
	}
}

/* Takes what was written and what was refused from the look. */
static void conclude(struct target *target, struct arena *a)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		enum plan_outcome outcome;
		if (!(target->sent & 1u << f))
			continue;
		outcome = plan_outcome(&target->input, &target->plan, f, &target->now, a);
		target->written |= outcome != PLAN_NOT_TAKEN ? 1u << f : 0;
		target->refused |= outcome != PLAN_TAKEN ? 1u << f : 0;
		if (!fields_is_set(f))
			continue;
		report_respelled(target, f, a);
		report_stale(target, f, a);
	}
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
	bool any = false, done = look(env, push, target, err);

	done = done && send_stale(env, push, target, &any, err);
	if (done && any)
		done = look(env, push, target, err);
	timer_add(&push->timer, "plex_check", at);
	if (done)
		conclude(target, push->arena);
	return done;
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
	target->settled = true;
}

static bool write_target(
	const struct env *env, struct push *push, struct target *target, struct err *err)
{
	bool done = target->plan.writes == 0 ||
		    (send(env, push, target, err) && check(env, push, target, err));

	settle(target, done, push->arena);
	return done;
}

/* --- the intent -------------------------------------------------------------- */

bool write_intents(const struct env *env, struct push *push, struct err *err)
{
	struct txn txn;
	bool any = false;

	for (size_t i = 0; i < push->target_count; i++)
		any |= push->targets[i]->intends;
	if (!any || push->asked.forgetful)
		return true;
	store_begin(&txn, env->state->queue, TXN_WRITE);
	for (size_t i = 0; i < push->target_count; i++) {
		struct target *target = push->targets[i];
		if (target->intends)
			history_put(&txn, target->machine, target->item.rating_key, &target->after);
		target->intends = false;
	}
	return store_commit(&txn, err);
}

/* Says what would be written. */
static void take_over_plans(struct push *push)
{
	for (size_t i = 0; i < push->target_count; i++) {
		struct target *target = push->targets[i];
		target->written = target->plan.writes;
		if (!target->foreign)
			target->after = *target->input.base;
	}
}

bool write_targets(const struct env *env, struct push *push, struct err *err)
{
	if (push->asked.dry_run) {
		take_over_plans(push);
		return true;
	}
	for (size_t i = 0; i < push->target_count; i++) {
		struct target *target = push->targets[i];
		target->intends = target->plan.writes != 0;
		if (target->intends)
			plan_intend(&target->input, &target->plan, &target->after, push->arena);
	}
	if (!write_intents(env, push, err))
		return false;
	for (size_t i = 0; i < push->target_count; i++) {
		struct target *target = push->targets[i];
		if (!target->foreign && !write_target(env, push, target, err))
			return false;
	}
	return true;
}
