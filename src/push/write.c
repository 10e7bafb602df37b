#include "push/write.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "plex/edit.h"
#include "push/judge.h"
#include "push/report.h"
#include "push/values.h"

/* The roles to send: what Plex has of a performer goes back with the name,
 * else an edit would take role and picture away. */
static const struct item_role *roles_of(
	const struct target *target, enum field field, const struct value *result, struct arena *a)
{
	struct item_role *roles = arena_array(a, result->names.n, sizeof(*roles));

	for (size_t i = 0; i < result->names.n; i++) {
		roles[i].name = result->names.v[i];
		for (size_t r = 0; field == FIELD_PERFORMERS && r < target->item.role_count; r++) {
			if (strcmp(target->item.roles[r].name, roles[i].name) == 0)
				roles[i] = target->item.roles[r];
		}
		/* Plex puts the token into addresses of pictures: not into one of ours. */
		if (roles[i].thumb != NULL && log_has_secret(roles[i].thumb))
			roles[i].thumb = NULL;
	}
	return roles;
}

static struct edit_change change_of(const struct target *target, enum field field, struct arena *a)
{
	const struct plan_field *planned = &target->plan.f[field];
	struct edit_change change = {.fields = 1u << field, .name = values_plex_name(field)};

	if (!fields_is_set(field)) {
		change.text = planned->result.text;
		return change;
	}
	change.names = roles_of(target, field, &planned->result, a);
	change.name_count = planned->result.names.n;
	change.remove = planned->remove;
	return change;
}

/* An edit of one item, to be filled with changes. */
struct draft {
	struct edit edit;
	struct edit_change changes[FIELD_COUNT];
};

static void draft_init(struct draft *draft, const struct target *target)
{
	draft->edit = (struct edit){.section = target->section,
		.type = target->type,
		.rating_key = target->item.rating_key,
		.changes = draft->changes};
}

/* Two fields that are one list in Plex are one change: their results are the same
 * (see plan_make), what is to go is put together. */
static void draft_add(struct draft *draft, const struct edit_change *change)
{
	for (size_t i = 0; i < draft->edit.count; i++) {
		struct edit_change *same = &draft->changes[i];
		if (strcmp(same->name, change->name) != 0)
			continue;
		same->fields |= change->fields;
		for (size_t n = 0; n < change->remove.n; n++)
			str_list_add(&same->remove, change->remove.v[n]);
		return;
	}
	draft->changes[draft->edit.count++] = *change;
}

static void draft_plan(struct draft *draft, const struct target *target, struct arena *a)
{
	draft_init(draft, target);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		struct edit_change change;
		if (!(target->plan.writes & 1u << f))
			continue;
		change = change_of(target, f, a);
		draft_add(draft, &change);
	}
}

/* Refused for its length: by Plex, or by a proxy before it, which may also
 * just close the connection, but then still serves other requests. */
static bool is_too_long(const struct env *env, const struct push *push, const struct err *err)
{
	if (err->status == 400 || err->status == 414 || err->status == 431)
		return true;
	return err->broken && judge_plex_answers(env, &push->asked, push->arena);
}

static bool send_requests(const struct env *env, const struct push *push, struct target *target,
	const struct edit_request *requests, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct edit_request *request = &requests[i];
		struct plex_time time = request_plex_time(&push->asked, LIMIT_REQUEST_MS);
		if (plex_send(env->use->plex, "PUT", request->path, NULL, 0, &time, err)) {
			target->written |= request->fields;
		} else if (request->long_value && is_too_long(env, push, err)) {
			target->refused |= request->fields;
		} else {
			judge_item(env, &push->asked,
				arena_printf(push->arena,
					"this edit of %s (the matching fieldNo setting leaves it "
					"out)",
					report_fields(request->fields, push->arena)),
				err, push->arena);
			/* Gone between reading and writing: found again next time. */
			if (err->status == 404)
				err->kind = ERR_LATER;
			return false;
		}
	}
	return true;
}

static bool same_name(const char *x, const char *y, struct arena *a)
{
	return strcmp(utf8_fold(a, x), utf8_fold(a, y)) == 0;
}

/* Names that were to go and are still there. */
static struct str_list stale_names(
	const struct plan_field *planned, const struct value *now, struct arena *a)
{
	struct str_list stale;

	str_list_init(&stale, a);
	for (size_t i = 0; i < planned->remove.n; i++) {
		for (size_t j = 0; j < now->names.n; j++) {
			if (same_name(planned->remove.v[i], now->names.v[j], a))
				str_list_add(&stale, now->names.v[j]);
		}
	}
	return stale;
}

/* Names that were to come and did not, and those that were to go. */
static void report_differences(const struct plan_field *planned, const struct value *now,
	enum field field, struct arena *a)
{
	struct str_list stale = stale_names(planned, now, a);

	for (size_t i = 0; i < planned->result.names.n; i++) {
		const char *name = planned->result.names.v[i];
		size_t j = 0;
		while (j < now->names.n && !same_name(name, now->names.v[j], a))
			j++;
		if (j == now->names.n)
			log_warning("Plex did not take over \"%s\" (%s)", name, fields_name(field));
	}
	for (size_t i = 0; i < stale.n; i++)
		log_warning("Plex did not remove \"%s\" (%s)", stale.v[i], fields_name(field));
}

static bool read_back(const struct env *env, const struct push *push, const struct target *target,
	struct fields *now, struct err *err)
{
	struct plex_time time = request_plex_time(&push->asked, LIMIT_REQUEST_MS);
	struct arena *a = push->arena;
	struct item item;

	switch (item_get(env->use->plex, target->item.rating_key, &time, &item, a, err)) {
	case FOUND:
		values_of_item(&item, now, a);
		return true;
	case ABSENT:
		return err_set(err, ERR_LATER, "Plex item %s vanished while it was written",
			target->item.rating_key);
	case FAILED:
	default:
		judge_item(env, &push->asked, "to show the item that it just edited", err, a);
		return false;
	}
}

/* Names that were to go and are still there: a draft of no changes if all went. */
static void draft_stale(
	const struct target *target, const struct fields *now, struct draft *draft, struct arena *a)
{
	draft_init(draft, target);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		struct str_list stale;
		if (!fields_is_set(f) || !(target->written & 1u << f))
			continue;
		stale = stale_names(&target->plan.f[f], &now->v[f], a);
		if (stale.n > 0)
			draft_add(draft, &(struct edit_change){.fields = 1u << f,
						 .name = values_plex_name(f),
						 .remove = stale});
	}
}

/* After an edit of tags: what is still there and should not be is removed by a
 * request of its own, for servers that heed only one half of a combined one. */
static bool check_sets(const struct env *env, const struct push *push, struct target *target,
	struct fields *now, struct err *err)
{
	struct edit_request *requests;
	struct draft draft;
	size_t count;

	if (!read_back(env, push, target, now, err))
		return false;
	draft_stale(target, now, &draft, push->arena);
	if (draft.edit.count > 0) {
		count = edit_build(
			&draft.edit, strlen(plex_url(env->use->plex)), &requests, push->arena);
		if (!send_requests(env, push, target, requests, count, err) ||
			!read_back(env, push, target, now, err))
			return false;
	}
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (fields_is_set(f) && (target->written & 1u << f))
			report_differences(&target->plan.f[f], &now->v[f], f, push->arena);
	}
	return true;
}

/* What Plex holds after the edit as far as nobody looked. */
static void assume(const struct target *target, struct fields *now)
{
	*now = target->theirs;
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (target->written & 1u << f)
			now->v[f] = target->plan.f[f].result;
	}
}

static bool write_and_check(const struct env *env, struct push *push, struct target *target,
	struct fields *now, struct err *err)
{
	struct edit_request *requests;
	struct draft draft;
	size_t count;
	int64_t at = clock_us();
	bool done;

	draft_plan(&draft, target, push->arena);
	count = edit_build(&draft.edit, strlen(plex_url(env->use->plex)), &requests, push->arena);
	done = send_requests(env, push, target, requests, count, err);
	timer_add(&push->timer, "plex_put", at);
	if (!done) /* sets that nobody looked at are not confirmed: they stay meant */
		target->written &= ~fields_sets();
	assume(target, now);
	if ((target->written & fields_sets()) == 0)
		return done;
	at = clock_us();
	done = check_sets(env, push, target, now, err);
	timer_add(&push->timer, "plex_check", at);
	if (!done)
		target->written &= ~fields_sets();
	return done;
}

static bool write_target(
	const struct env *env, struct push *push, struct target *target, struct err *err)
{
	struct fields now = target->theirs;
	bool done = target->plan.writes == 0 || write_and_check(env, push, target, &now, err);

	plan_settle(
		&target->input, &target->plan, target->written, &now, &target->after, push->arena);
	if (target->written != 0 || (done && target->after.pushed_ms == 0))
		target->after.pushed_ms = clock_now_ms();
	target->settled = true;
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
