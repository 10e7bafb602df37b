/* write.c - see write.h. */
#include "push/write.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "plex/edit.h"
#include "push/judge.h"
#include "push/outcome.h"
#include "push/values.h"

/* The roles to send: what Plex has of a performer goes back with the name,
 * else an edit would take role and picture away. */
static const struct item_role *roles_of(const struct write_target *target, enum field field,
	const struct value *result, struct arena *a)
{
	struct item_role *roles = arena_array(a, result->names.n, sizeof(*roles));

	for (size_t i = 0; i < result->names.n; i++) {
		roles[i].name = result->names.v[i];
		for (size_t r = 0; field == FIELD_PERFORMERS && r < target->item->role_count; r++) {
			if (strcmp(target->item->roles[r].name, roles[i].name) == 0)
				roles[i] = target->item->roles[r];
		}
		/* Plex puts the token into addresses of pictures: not into one of ours. */
		if (roles[i].thumb != NULL && log_has_secret(roles[i].thumb))
			roles[i].thumb = NULL;
	}
	return roles;
}

static struct edit_change change_of(
	const struct write_target *target, enum field field, struct arena *a)
{
	const struct plan_field *planned = &target->plan->f[field];
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

static void draft_init(struct draft *draft, const struct write_target *target)
{
	draft->edit = (struct edit){.section = target->section,
		.type = target->type,
		.rating_key = target->item->rating_key,
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

/* Refused for its length: by Plex, or by a proxy before it, which may also
 * just close the connection, but then still serves other requests. */
static bool is_too_long(struct env *env, const struct err *err, struct arena *a)
{
	if (err->status == 400 || err->status == 414 || err->status == 431)
		return true;
	return err->broken && judge_plex_answers(env, a);
}

static bool send_requests(struct env *env, const struct edit_request *requests, size_t count,
	struct write_result *result, struct arena *a, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct plex_time time = env_plex_time(env, LIMIT_REQUEST_MS);
		if (plex_put(env->plex, requests[i].path, &time, err)) {
			result->done |= requests[i].fields;
		} else if (requests[i].long_value && is_too_long(env, err, a)) {
			result->refused |= requests[i].fields;
		} else {
			judge_item(env,
				arena_printf(a,
					"this edit of %s (the matching fieldNo setting leaves it "
					"out)",
					outcome_field_list(requests[i].fields, a)),
				err, a);
			/* Gone between reading and writing: found anew next time. */
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

static bool read_back(struct env *env, const struct write_target *target, struct fields *now,
	struct arena *a, struct err *err)
{
	struct plex_time time = env_plex_time(env, LIMIT_REQUEST_MS);
	struct item item;

	switch (item_get(env->plex, target->item->rating_key, &time, &item, a, err)) {
	case FOUND:
		values_of_item(&item, now, a);
		return true;
	case ABSENT:
		return err_set(err, ERR_LATER, "Plex item %s vanished while it was written",
			target->item->rating_key);
	case FAILED:
	default:
		judge_item(env, "to show the item that it just edited", err, a);
		return false;
	}
}

/* After an edit of tags: what is still there and should not be is removed by a
 * request of its own, for servers that heed only one half of a combined one. */
static bool check_sets(struct env *env, const struct write_target *target,
	struct write_result *result, struct fields *now, struct arena *a, struct err *err)
{
	struct edit_request *requests;
	struct draft draft;
	size_t count;

	draft_init(&draft, target);
	if (!read_back(env, target, now, a, err))
		return false;
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		struct str_list stale;
		if (!fields_is_set(f) || !(result->done & 1u << f))
			continue;
		stale = stale_names(&target->plan->f[f], &now->v[f], a);
		if (stale.n > 0)
			draft_add(&draft, &(struct edit_change){.fields = 1u << f,
						  .name = values_plex_name(f),
						  .remove = stale});
	}
	if (draft.edit.count > 0) {
		count = edit_build(&draft.edit, strlen(plex_url(env->plex)), &requests, a);
		if (!send_requests(env, requests, count, result, a, err) ||
			!read_back(env, target, now, a, err))
			return false;
	}
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (fields_is_set(f) && (result->done & 1u << f))
			report_differences(&target->plan->f[f], &now->v[f], f, a);
	}
	return true;
}

static void record_intent(
	struct env *env, const struct write_target *target, const struct history *history)
{
	struct txn txn;
	struct err err;

	store_begin(&txn, env->state.queue, TXN_WRITE);
	history_put(&txn, target->machine, target->item->rating_key, history);
	if (!store_commit(&txn, &err))
		log_warning("The push cannot be remembered: %s", err.text);
}

/* What Plex holds after the edit as far as no one looked. */
static void assume(const struct write_target *target, unsigned done, struct fields *now)
{
	*now = *target->input->theirs;
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (done & 1u << f)
			now->v[f] = target->plan->f[f].result;
	}
}

static bool write_and_check(struct env *env, const struct write_target *target,
	const struct edit_request *requests, size_t count, struct write_result *result,
	struct fields *now, struct timer *timer, struct arena *a, struct err *err)
{
	int64_t at = clock_us();
	bool sent = send_requests(env, requests, count, result, a, err);

	timer_add(timer, "plex_put", at);
	if (!sent) /* sets that nobody looked at are not confirmed: they stay meant */
		result->done &= ~fields_sets();
	assume(target, result->done, now);
	if (!sent || (result->done & fields_sets()) == 0)
		return sent;
	at = clock_us();
	sent = check_sets(env, target, result, now, a, err);
	timer_add(timer, "plex_check", at);
	if (!sent)
		result->done &= ~fields_sets();
	return sent;
}

bool write_item(struct env *env, const struct write_target *target, struct write_result *result,
	struct timer *timer, struct arena *a, struct err *err)
{
	struct edit_request *requests;
	struct draft draft;
	struct fields now;
	size_t count;
	bool done;

	*result = (struct write_result){0};
	draft_init(&draft, target);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		struct edit_change change;
		if (!(target->plan->writes & 1u << f))
			continue;
		change = change_of(target, f, a);
		draft_add(&draft, &change);
	}
	count = edit_build(&draft.edit, strlen(plex_url(env->plex)), &requests, a);
	plan_intend(target->input, target->plan, &result->history, a);
	record_intent(env, target, &result->history);
	done = write_and_check(env, target, requests, count, result, &now, timer, a, err);
	plan_settle(target->input, target->plan, result->done, &now, &result->history, a);
	return done;
}
