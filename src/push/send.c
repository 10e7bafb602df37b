#include "push/send.h"

#include <string.h>

#include "base/log.h"
#include "plex/edit.h"
#include "push/judge.h"
#include "push/report.h"
#include "push/values.h"

/* No server is known to take less of a URL. */
#define SHORT_BYTES 1500

/* At an item that takes nothing so many parts of a list are tried. */
#define PARTS_MOST 12

/* The sending of one item's edits. */
struct sender {
	const struct env *env;
	const struct push *push;
	struct target *target;
	struct arena *arena;
	bool answers;			      /* Plex does, though it refuses something */
	bool stopped;			      /* before all names of a list were tried */
	struct str_list without[FIELD_COUNT]; /* names of these lists that were refused */
	unsigned doubted; /* fields that may be refused, or the item whatever is sent, */
	unsigned doubts;  /* in so many changes, */
	struct err why;	  /* with this answer: one about the item rather than a value */
};

/* That failed before this one. */
static unsigned attempts_of(const struct sender *sender)
{
	const struct job *job = sender->push->job;

	return job != NULL ? job->attempts : 0;
}

/* --- what is sent -------------------------------------------------------------- */

/* The roles to send: what Plex has of a performer goes back with the name,
 * else an edit would take role and picture away. */
static const struct item_role *roles_of(
	const struct sender *sender, enum field field, const struct str_list *names)
{
	const struct item *item = &sender->target->item;
	struct item_role *roles = arena_array(sender->arena, names->n, sizeof(*roles));

	for (size_t i = 0; i < names->n; i++) {
		roles[i].name = names->v[i];
		for (size_t r = 0; field == FIELD_PERFORMERS && r < item->role_count; r++) {
			if (!fields_same_name(item->roles[r].name, names->v[i], sender->arena))
				continue;
			roles[i] = item->roles[r];
			roles[i].name = names->v[i];
		}
		/* Plex puts the token into addresses of pictures: not into one of ours. */
		if (roles[i].thumb != NULL && log_has_secret(roles[i].thumb))
			roles[i].thumb = NULL;
	}
	return roles;
}

static struct edit_change names_change(const struct sender *sender, enum field field,
	const struct str_list *names, const struct str_list *remove)
{
	struct edit_change change = {.fields = 1u << field,
		.name = fields_plex_name(field),
		.unlock = sender->target->plan.f[field].unlock,
		.names = roles_of(sender, field, names),
		.name_count = names->n};

	str_list_init(&change.remove, sender->arena);
	for (size_t i = 0; remove != NULL && i < remove->n; i++)
		str_list_add(&change.remove, remove->v[i]);
	return change;
}

static struct edit_change planned_change(const struct sender *sender, enum field field)
{
	const struct plan_field *planned = &sender->target->plan.f[field];

	if (fields_is_set(field))
		return names_change(sender, field, &planned->result.names, &planned->remove);
	return (struct edit_change){.fields = 1u << field,
		.name = fields_plex_name(field),
		.unlock = planned->unlock,
		.text = planned->result.text};
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

/* --- what Plex answers ----------------------------------------------------------- */

enum answer { TAKEN, REFUSED, DOUBTED, BROKEN };

/* Asked once: what is concluded from it is seen in the item afterwards, or not at all. */
static bool plex_answers(struct sender *sender)
{
	sender->answers = sender->answers ||
			  judge_plex_answers(sender->env, &sender->push->asked, sender->arena);
	return sender->answers;
}

/* Plex, or a proxy before it, says no to this request. */
static bool is_no(const struct err *err)
{
	return err->kind == ERR_JOB || err->status == 401 || err->status == 403;
}

/* A proxy before Plex may also close the connection where a request is too long for it, but
 * then still serves others. */
static bool may_be_too_long(const struct edit_request *request, const struct err *err)
{
	return err->broken && strlen(request->path) >= SHORT_BYTES;
}

static enum answer answer_of(
	struct sender *sender, const struct edit_request *request, const struct err *err)
{
	switch (err->status) {
	case 400:
	case 409:
	case 413:
	case 414:
	case 422:
	case 431:
		return REFUSED;
	case 404: /* of a value, or because the item is gone */
	case 500:
		return DOUBTED;
	default:
		if (!(is_no(err) || may_be_too_long(request, err)) || !plex_answers(sender))
			return BROKEN;
		return request->long_value && err->broken ? REFUSED : DOUBTED;
	}
}

static void note(struct sender *sender, unsigned fields, enum answer answer, const struct err *err)
{
	struct target *target = sender->target;
	int status = err->status > 0 ? err->status : PUSH_CUT_OFF;

	target->sent |= answer == TAKEN || answer == REFUSED ? fields : 0;
	target->accepted |= answer == TAKEN ? fields : 0;
	if (answer == DOUBTED) {
		sender->doubted |= fields;
		if (sender->doubts++ == 0 || sender->why.status == 404)
			sender->why = *err;
	}
	for (enum field f = 0; f < FIELD_COUNT && answer != TAKEN; f++) {
		if (fields & 1u << f)
			target->refusal[f] = status;
	}
}

static enum answer send_request(
	struct sender *sender, const struct edit_request *request, struct err *err)
{
	struct plex_time time = request_plex_time(&sender->push->asked, LIMIT_REQUEST_MS);

	if (plex_send(sender->env->use->plex, "PUT", request->path, NULL, 0, &time, err))
		return TAKEN;
	return answer_of(sender, request, err);
}

static enum answer send_alone(
	struct sender *sender, const struct edit_change *change, bool *is_long, struct err *err)
{
	struct edit_request *requests;
	struct draft draft;

	draft_init(&draft, sender->target);
	draft_add(&draft, change);
	edit_build(&draft.edit, strlen(plex_url(sender->env->use->plex)), &requests, sender->arena);
	*is_long = requests[0].long_value;
	return send_request(sender, &requests[0], err);
}

/* The new names of a list, some of which Plex refuses, or fails at ('doubted'). */
struct trial {
	struct sender *sender;
	enum field field;
	bool *there;   /* of the names of the result: in Plex */
	size_t *added; /* which of them are new */
	size_t count;  /* of these */
	size_t failed; /* requests for some of them */
	bool any;      /* of them, or a removal, was taken */
	bool doubted;
};

static void trial_init(struct trial *trial, struct sender *sender, enum field field, bool doubted)
{
	const struct str_list *names = &sender->target->plan.f[field].result.names;
	const struct str_list *theirs = &sender->target->theirs.v[field].names;

	*trial = (struct trial){.sender = sender,
		.field = field,
		.doubted = doubted,
		.there = arena_array(sender->arena, names->n, sizeof(*trial->there)),
		.added = arena_array(sender->arena, names->n, sizeof(*trial->added))};
	for (size_t i = 0; i < names->n; i++) {
		trial->there[i] = fields_has_name(theirs, names->v[i], sender->arena);
		if (!trial->there[i])
			trial->added[trial->count++] = i;
	}
}

/* Of the result those that are in Plex, or those that are not. */
static struct str_list names_of(const struct trial *trial, bool there)
{
	const struct str_list *all = &trial->sender->target->plan.f[trial->field].result.names;
	struct str_list names;

	str_list_init(&names, trial->sender->arena);
	for (size_t i = 0; i < all->n; i++) {
		if (trial->there[i] == there)
			str_list_add(&names, all->v[i]);
	}
	return names;
}

/* The names that are there, and 'count' of the new ones. */
static enum answer try_names(struct trial *trial, size_t first, size_t count,
	const struct str_list *remove, struct err *err)
{
	struct edit_change change;
	struct str_list names;
	enum answer answer;
	bool is_long;

	for (size_t i = first; i < first + count; i++)
		trial->there[trial->added[i]] = true;
	names = names_of(trial, true);
	change = names_change(trial->sender, trial->field, &names, remove);
	answer = send_alone(trial->sender, &change, &is_long, err);
	for (size_t i = first; i < first + count; i++)
		trial->there[trial->added[i]] = answer == TAKEN;
	trial->any |= answer == TAKEN;
	trial->failed += answer != TAKEN;
	return answer;
}

/* Of an item that takes nothing not all of them are tried, unless it was tried often enough. */
static bool is_in_vain(const struct trial *trial)
{
	const struct sender *sender = trial->sender;

	return trial->doubted && !trial->any && sender->target->accepted == 0 &&
	       trial->failed >= PARTS_MOST && attempts_of(sender) + 1 < LIMIT_DOUBTS;
}

/* 'count' of the new names, in halves until each one that is refused is alone. False if Plex does
 * not answer. */
static bool send_halves(
	struct trial *trial, size_t first, size_t count, bool tried, struct err *err)
{
	size_t half = count / 2;
	enum answer answer = tried ? REFUSED : try_names(trial, first, count, NULL, err);

	trial->sender->stopped |= is_in_vain(trial);
	if (answer == TAKEN || answer == BROKEN || half == 0 || trial->sender->stopped)
		return answer != BROKEN;
	return send_halves(trial, first, half, false, err) &&
	       (trial->sender->stopped ||
		       send_halves(trial, first + half, count - half, false, err));
}

static void note_left_out(const struct trial *trial)
{
	struct str_list names = names_of(trial, false);

	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (fields_share(f, trial->field))
			trial->sender->without[f] = names;
	}
}

/* A list that Plex refuses as a whole, or fails at, in parts. */
static enum answer send_names(struct sender *sender, enum field field,
	const struct edit_change *whole, bool doubted, struct err *err)
{
	bool removes = whole->remove.n > 0;
	struct err refused = *err;
	struct trial trial;

	trial_init(&trial, sender, field, doubted);
	if (trial.count == 0)
		return REFUSED;
	if (removes && try_names(&trial, 0, 0, &whole->remove, err) == BROKEN)
		return BROKEN;
	if (!send_halves(&trial, 0, trial.count, !removes, err))
		return BROKEN;
	note_left_out(&trial);
	*err = refused;
	return trial.any ? TAKEN : REFUSED;
}

/* False if Plex does not answer. */
static bool send_apart(
	struct sender *sender, const struct draft *draft, unsigned fields, struct err *err)
{
	for (size_t i = 0; i < draft->edit.count; i++) {
		const struct edit_change *change = &draft->changes[i];
		enum field first = 0;
		enum answer answer;
		bool is_long;
		if (!(change->fields & fields))
			continue;
		while (!(change->fields & 1u << first))
			first++;
		answer = send_alone(sender, change, &is_long, err);
		if (answer == BROKEN)
			return false;
		note(sender, change->fields, answer, err);
		if ((answer == REFUSED || answer == DOUBTED) && fields_is_set(first) && !is_long)
			answer = send_names(sender, first, change, answer == DOUBTED, err);
		if (answer == BROKEN)
			return false;
		sender->target->accepted |= answer == TAKEN ? change->fields : 0;
	}
	return true;
}

static bool is_one_text(const struct draft *draft, unsigned fields)
{
	for (size_t i = 0; i < draft->edit.count; i++) {
		if (draft->changes[i].fields == fields)
			return draft->changes[i].text != NULL;
	}
	return false;
}

/* False if Plex does not answer. */
static bool send_draft(struct sender *sender, const struct draft *draft, struct err *err)
{
	struct edit_request *requests;
	size_t count = edit_build(
		&draft->edit, strlen(plex_url(sender->env->use->plex)), &requests, sender->arena);

	for (size_t i = 0; i < count; i++) {
		const struct edit_request *request = &requests[i];
		enum answer answer = send_request(sender, request, err);
		if (answer == BROKEN)
			return false;
		if (answer == TAKEN || is_one_text(draft, request->fields))
			note(sender, request->fields, answer, err);
		else if (!send_apart(sender, draft, request->fields, err))
			return false;
	}
	return true;
}

static bool is_respelled(const struct plan *plan, enum field field)
{
	return (plan->writes & 1u << field) && plan->f[field].respell.n > 0;
}

/* As one of the fields that share the list in Plex writes it now. */
static char *respelling_of(const struct sender *sender, enum field field, char *name)
{
	const struct plan *plan = &sender->target->plan;

	for (enum field f = 0; f < FIELD_COUNT; f++) {
		const struct str_list *respell = &plan->f[f].respell;
		for (size_t i = 0; is_respelled(plan, f) && i < respell->n; i++) {
			if (fields_share(f, field) &&
				fields_same_name(respell->v[i], name, sender->arena))
				return respell->v[i];
		}
	}
	return name;
}

/* The list as it is, with the names that Stash writes otherwise. */
static bool send_respelled(struct sender *sender, enum field field, struct err *err)
{
	const struct str_list *all = &sender->target->plan.f[field].result.names;
	struct str_list names;
	struct edit_change change;
	enum answer answer;
	bool is_long;

	str_list_init(&names, sender->arena);
	for (size_t i = 0; i < all->n; i++) {
		char *name = respelling_of(sender, field, all->v[i]);
		if (!str_list_has(&sender->without[field], all->v[i]) &&
			!str_list_has(&names, name))
			str_list_add(&names, name);
	}
	change = names_change(sender, field, &names, NULL);
	answer = send_alone(sender, &change, &is_long, err);
	if (answer == BROKEN)
		return false;
	/* Another spelling is no reason to call a list refused. */
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (is_respelled(&sender->target->plan, f) && fields_share(f, field))
			sender->target->sent |= 1u << f;
	}
	return true;
}

/* True if a field before it has sent the list that they share. */
static bool is_sent_with(const struct plan *plan, enum field field)
{
	for (enum field f = 0; f < field; f++) {
		if (is_respelled(plan, f) && fields_share(f, field))
			return true;
	}
	return false;
}

static void draft_plan(struct draft *draft, const struct sender *sender)
{
	const struct plan *plan = &sender->target->plan;

	draft_init(draft, sender->target);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		struct edit_change change;
		if (!(plan->writes & 1u << f) || !plan->f[f].edits)
			continue;
		change = planned_change(sender, f);
		draft_add(draft, &change);
	}
}

static bool send_all(struct sender *sender, struct err *err)
{
	const struct plan *plan = &sender->target->plan;
	struct draft draft;

	draft_plan(&draft, sender);
	if (!send_draft(sender, &draft, err))
		return false;
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (is_respelled(plan, f) && !is_sent_with(plan, f) &&
			!send_respelled(sender, f, err))
			return false;
	}
	return true;
}

const char *send_query(const struct env *env, const struct push *push, struct target *target)
{
	struct sender sender = {.env = env, .push = push, .target = target, .arena = push->arena};
	size_t origin = strlen(plex_url(env->use->plex));
	struct edit_request *requests;
	struct draft draft;

	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (is_respelled(&target->plan, f))
			return NULL;
	}
	draft_plan(&draft, &sender);
	if (edit_build(&draft.edit, origin, &requests, push->arena) != 1 || requests[0].long_value)
		return NULL;
	return edit_query(&draft.edit, push->arena);
}

enum send_result send_together(const struct env *env, const struct push *push,
	struct target *const *targets, size_t count, const char *query, struct err *err)
{
	struct plex_time time = request_plex_time(&push->asked, LIMIT_REQUEST_MS);
	const char **keys = arena_array(push->arena, count, sizeof(*keys));
	const char *path;

	for (size_t i = 0; i < count; i++)
		keys[i] = targets[i]->item.rating_key;
	path = edit_path(targets[0]->section, targets[0]->type, keys, count, query, push->arena);
	if (!plex_send(env->use->plex, "PUT", path, NULL, 0, &time, err))
		return judge_may_be_one(err) ? SEND_REFUSED : SEND_BROKEN;
	for (size_t i = 0; i < count; i++) {
		targets[i]->sent = targets[i]->accepted = targets[i]->plan.writes;
		targets[i]->shared = true;
	}
	return SEND_DONE;
}

/* Doubts are about single fields if the item took others; else they may be about the item. Names
 * that were not tried are not called refused. */
static bool is_item_in_doubt(const struct sender *sender)
{
	return sender->stopped ||
	       (sender->doubts > 0 && sender->target->accepted == 0 &&
		       !judge_is_value(&sender->why, sender->doubts, attempts_of(sender)));
}

bool send_planned(
	const struct env *env, const struct push *push, struct target *target, struct err *err)
{
	struct sender sender = {.env = env, .push = push, .target = target, .arena = push->arena};
	bool done = send_all(&sender, err);
	const char *edit;

	if (done && !is_item_in_doubt(&sender)) {
		target->sent |= sender.doubted;
		return true;
	}
	edit = report_edit(target->plan.writes & ~target->accepted, push->arena);
	if (done) {
		*err = sender.why;
		if (err->status == 404)
			err->kind = ERR_LATER;
		err_context(err, "%s", edit);
	}
	judge_item(env, &push->asked, edit, err, push->arena);
	return false;
}

/* --- what should have gone ---------------------------------------------------------- */

/* It was there before, and Stash's spelling, or what Plex made of it, is there beside it now: since
 * this edit, or, where the name is as the last push left it, since one that was cut short. */
static bool is_former_spelling(
	const struct target *target, enum field field, const char *name, struct arena *a)
{
	const struct str_list *respell = &target->plan.f[field].respell;
	const struct str_list *before = &target->theirs.v[field].names;
	const struct str_list *now = &target->now.v[field].names;
	bool pushed = str_list_has(&target->input.base->pushed.v[field].names, name);

	if (!fields_has_name(respell, name, a) || str_list_has(respell, name) ||
		!str_list_has(before, name))
		return false;
	for (size_t i = 0; i < now->n; i++) {
		const char *other = now->v[i];
		if (fields_same_name(other, name, a) &&
			(!str_list_has(before, other) || (pushed && str_list_has(respell, other))))
			return true;
	}
	return false;
}

/* Of the names that were to go those that are there; and the former spelling of one that is
 * there in both. */
static struct str_list stale_names(const struct target *target, enum field field, struct arena *a)
{
	const struct str_list *now = &target->now.v[field].names;
	struct str_list stale;

	str_list_init(&stale, a);
	for (size_t i = 0; i < now->n; i++) {
		if (fields_has_name(&target->plan.f[field].remove, now->v[i], a) ||
			is_former_spelling(target, field, now->v[i], a))
			str_list_add(&stale, now->v[i]);
	}
	return stale;
}

bool send_stale(const struct env *env, const struct push *push, struct target *target, bool *any,
	struct err *err)
{
	struct sender sender = {.env = env, .push = push, .target = target, .arena = push->arena};
	struct draft draft;
	unsigned sent = target->sent;
	bool done;

	draft_init(&draft, target);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		struct edit_change change;
		struct str_list none, stale;
		if (!fields_is_set(f) || !(sent & 1u << f))
			continue;
		stale = stale_names(target, f, push->arena);
		str_list_init(&none, push->arena);
		change = names_change(&sender, f, &none, &stale);
		if (stale.n > 0)
			draft_add(&draft, &change);
	}
	*any = draft.edit.count > 0;
	if (!*any)
		return true;
	done = send_draft(&sender, &draft, err);
	target->sent = sent;
	if (!done)
		judge_item(env, &push->asked, "to remove names", err, push->arena);
	return done;
}
