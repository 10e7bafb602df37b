#include "push/plan_set.h"

#include <string.h>

/* A set's names as they are compared, in its order; none if it is not known. */
static struct str_list folded_names(const struct value *set, struct arena *a)
{
	struct str_list names;

	str_list_init(&names, a);
	for (size_t i = 0; set->known && i < set->names.n; i++)
		str_list_add(&names, fields_name_key(set->names.v[i], a));
	return names;
}

/* Names of the same list in Plex that are not this field's to remove: what the fields that share
 * it want or, where one is switched off, once brought. */
static struct str_list siblings_names(
	const struct plan_input *in, enum field field, struct arena *a)
{
	struct str_list names;

	str_list_init(&names, a);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		struct str_list others;
		if (f == field || !fields_share(f, field))
			continue;
		others = folded_names(
			in->ours->v[f].known ? &in->ours->v[f] : &in->base->pushed.v[f], a);
		for (size_t i = 0; i < others.n; i++)
			str_list_add(&names, others.v[i]);
	}
	return names;
}

static bool same_names(const struct str_list *x, const struct str_list *y)
{
	for (size_t i = 0; i < x->n; i++) {
		if (!str_list_has(y, x->v[i]))
			return false;
	}
	return x->n == y->n;
}

/* All that was there before, and of what we pushed no more than that: somebody may have added to a
 * list since it was put back. */
static bool holds_no_more(const struct str_list *theirs, const struct value *before,
	const struct str_list *pushed, struct arena *a)
{
	struct str_list names = folded_names(before, a);

	for (size_t i = 0; i < names.n; i++) {
		if (!str_list_has(theirs, names.v[i]))
			return false;
	}
	for (size_t i = 0; i < pushed->n; i++) {
		if (str_list_has(theirs, pushed->v[i]) && !str_list_has(&names, pushed->v[i]))
			return false;
	}
	return before->known;
}

/* As is_reset, of a list. */
static bool is_set_reset(const struct plan_input *in, enum field field,
	const struct str_list *theirs, struct arena *a)
{
	const struct history *base = in->base;
	const struct value *original = &base->original.v[field];
	bool as_before;
	struct str_list pushed = folded_names(&base->pushed.v[field], a),
			before = folded_names(original, a);

	if (!plan_may_be_reset(in, field))
		return false;
	if (!in->restored)
		return theirs->n == 0 || (original->known && same_names(theirs, &before));
	if ((in->went_back && plan_was_locked(in, field)) || (theirs->n == 0 && !in->locked[field]))
		return true;
	as_before = original->known && same_names(theirs, &before);
	if (as_before && !plan_may_be_original(in, field))
		return false;
	return (plan_may_be_original(in, field) && holds_no_more(theirs, original, &pushed, a)) ||
	       holds_no_more(theirs, &base->previous.v[field], &pushed, a) ||
	       past_has(&base->past, field, PAST_FORMER,
		       past_value(field, &in->theirs->v[field], a));
}

static bool is_past(const struct plan_input *in, enum field field, enum past_kind kind,
	const char *name, struct arena *a)
{
	return past_has(&in->base->past, field, kind, past_name(name, a));
}

/* A name that went because Stash dropped it, and is there again in a list that was put back. */
static bool is_back(
	const struct plan_input *in, enum field field, const char *name, struct arena *a)
{
	const struct value *original = &in->base->original.v[field];

	return in->restored && is_past(in, field, PAST_DROPPED, name, a) &&
	       !(original->known && fields_has_name(&original->names, name, a));
}

/* A name that a person took away stays away in a list that was put back; not in one that lost its
 * lock, too, and so what a person made of it. */
static bool stays_away(
	const struct plan_input *in, enum field field, const char *name, struct arena *a)
{
	return in->locked[field] && is_past(in, field, PAST_LEFT, name, a);
}

/* The name with this key in the spelling of a set, whose names' keys are 'keys'; NULL: it has
 * none. */
static char *spelling_in(const struct value *set, const struct str_list *keys, const char *key)
{
	for (size_t i = 0; i < keys->n; i++) {
		if (strcmp(keys->v[i], key) == 0)
			return set->names.v[i];
	}
	return NULL;
}

/* Names that Plex has in the spelling of the last push, and Stash in another one since; and those
 * that it has in another spelling than it showed after that, in a list that was put back. */
static void find_respelled(
	const struct plan_input *in, enum field field, struct plan_field *out, struct arena *a)
{
	const struct value *pushed = &in->base->pushed.v[field], *seen = &in->base->seen.v[field];
	const struct value *ours = &in->ours->v[field];
	struct str_list pushed_keys = folded_names(pushed, a), seen_keys = folded_names(seen, a),
			keys = folded_names(ours, a), there_keys = folded_names(&out->result, a);

	str_list_init(&out->respell, a);
	for (size_t i = 0; i < keys.n; i++) {
		const char *name = ours->names.v[i];
		const char *before = spelling_in(pushed, &pushed_keys, keys.v[i]);
		const char *shown = spelling_in(seen, &seen_keys, keys.v[i]);
		const char *there = spelling_in(&out->result, &there_keys, keys.v[i]);
		bool lost = in->restored && shown != NULL && there != NULL &&
			    !plan_same_text(shown, there, a);
		if (before != NULL && there != NULL && (unsigned char)*keys.v[i] >= ' ' &&
			(lost || !plan_same_text(before, name, a)) &&
			!plan_same_text(there, name, a))
			str_list_add(&out->respell, ours->names.v[i]);
	}
}

/* The names of both lists, as the second has them. */
static struct str_list common(const struct str_list *x, const struct str_list *y, struct arena *a)
{
	struct str_list names;

	str_list_init(&names, a);
	for (size_t i = 0; i < y->n; i++) {
		if (str_list_has(x, y->v[i]))
			str_list_add(&names, y->v[i]);
	}
	return names;
}

/* Stash's names of the result first, in Stash's order. Where Plex keeps the order of the last
 * push, true if it is another one since; what order Plex makes of it is not argued with. */
static bool put_in_order(
	const struct plan_input *in, enum field field, struct plan_field *out, struct arena *a)
{
	struct str_list ours = folded_names(&in->ours->v[field], a), all = out->result.names;
	struct str_list result = folded_names(&out->result, a), both, theirs, pushed;

	str_list_init(&out->result.names, a);
	for (size_t i = 0; i < ours.n; i++) {
		for (size_t n = 0; n < all.n; n++) {
			if (strcmp(ours.v[i], result.v[n]) == 0)
				str_list_add(&out->result.names, all.v[n]);
		}
	}
	for (size_t n = 0; n < all.n; n++) {
		if (!str_list_has(&ours, result.v[n]))
			str_list_add(&out->result.names, all.v[n]);
	}
	theirs = folded_names(&in->theirs->v[field], a);
	pushed = folded_names(&in->base->pushed.v[field], a);
	both = common(&pushed, &ours, a);
	theirs = common(&both, &theirs, a);
	pushed = common(&ours, &pushed, a);
	return both.n > 1 && str_list_same(&pushed, &theirs) && !str_list_same(&pushed, &both);
}

/* The names of all that decides, as they are compared, in the order of each list. */
struct lists {
	struct str_list ours, theirs, others, pushed, seen, intended, refused;
	bool doubt; /* a push of unknown outcome: 'intended' */
	bool lost;  /* see is_set_reset() */
	bool again; /* what Plex refused is sent again */
};

static struct lists lists_of(const struct plan_input *in, enum field field, struct arena *a)
{
	const struct history *base = in->base;
	struct lists lists = {.ours = folded_names(&in->ours->v[field], a),
		.theirs = folded_names(&in->theirs->v[field], a),
		.others = siblings_names(in, field, a),
		.pushed = folded_names(&base->pushed.v[field], a),
		.seen = folded_names(&base->seen.v[field], a),
		.intended = folded_names(&base->meant.v[field], a),
		.refused = folded_names(&base->refused.v[field], a),
		.doubt = base->meant.v[field].known,
		.again = in->retry || in->force};

	lists.lost = is_set_reset(in, field, &lists.theirs, a);
	return lists;
}

/* theirs - (base - ours). */
static void take_theirs(const struct plan_input *in, enum field field, const struct lists *lists,
	struct plan_field *out, struct arena *a)
{
	const struct str_list *theirs = &in->theirs->v[field].names;

	for (size_t i = 0; i < theirs->n; i++) {
		const char *name = lists->theirs.v[i];
		bool back = lists->lost && is_back(in, field, theirs->v[i], a);
		bool once_ours = back || str_list_has(&lists->pushed, name) ||
				 str_list_has(&lists->intended, name);
		bool dropped = once_ours && !str_list_has(&lists->ours, name) &&
			       !str_list_has(&lists->others, name);
		bool goes = dropped && (lists->again || !str_list_has(&lists->refused, name));
		out->refused |= dropped && !goes; /* Plex did not remove it before */
		out->reset |= goes && back;
		str_list_add(goes ? &out->remove : &out->result.names, theirs->v[i]);
	}
}

/* ours - base. True if there is any. */
static bool add_ours(const struct plan_input *in, enum field field, const struct lists *lists,
	struct plan_field *out, struct arena *a)
{
	const struct str_list *ours = &in->ours->v[field].names;
	bool added = false;

	for (size_t i = 0; i < ours->n; i++) {
		const char *name = lists->ours.v[i];
		bool was_there = str_list_has(&lists->pushed, name) &&
				 str_list_has(&lists->seen, name) &&
				 (!lists->doubt || str_list_has(&lists->intended, name));
		if (str_list_has(&lists->theirs, name))
			continue;
		if (!lists->again && str_list_has(&lists->refused, name)) {
			out->refused = true;
			continue;
		}
		if (was_there && !in->force &&
			(!lists->lost || stays_away(in, field, ours->v[i], a))) {
			out->kept = true; /* a person removed it in Plex */
			str_list_add(&out->away, ours->v[i]);
			continue;
		}
		out->reset |= was_there && lists->lost;
		str_list_add(&out->result.names, ours->v[i]);
		added = true;
	}
	return added;
}

/* (theirs - (base - ours)) + (ours - base). After pushes of unknown outcome the
 * names of all of them may be there and are ours to remove ('pushed' and
 * 'meant'), and only names of all of them are certain to have been there
 * ('seen' and 'meant'; see plan_intend). */
void plan_set(
	const struct plan_input *in, enum field field, struct plan_field *out, struct arena *a)
{
	struct lists lists = lists_of(in, field, a);
	bool added;

	str_list_init(&out->result.names, a);
	str_list_init(&out->remove, a);
	str_list_init(&out->away, a);
	out->result.known = true;
	out->result.text = "";
	take_theirs(in, field, &lists, out, a);
	added = add_ours(in, field, &lists, out, a);
	if (in->ours->v[field].ordered)
		added |= put_in_order(in, field, out, a);
	find_respelled(in, field, out, a);
	out->edits = added || out->remove.n > 0;
	if (added && plan_is_held(in, field))
		out->verdict = PLAN_HOLD;
	else if (out->edits || out->respell.n > 0)
		out->verdict = PLAN_WRITE;
	else
		out->verdict = PLAN_SAME;
}

/* A second push of a set begins before the first one is confirmed: either may
 * have arrived. 'pushed' becomes what may be there by us, 'seen' what must. */
void plan_set_doubt(struct history *history, enum field f, struct arena *a)
{
	struct value *pushed = &history->pushed.v[f], *seen = &history->seen.v[f];
	const struct value *meant = &history->meant.v[f];
	struct value either = {.known = true, .text = ""}, both = either;
	struct str_list intended = folded_names(meant, a);

	if (!fields_is_set(f) || !meant->known)
		return;
	str_list_init(&either.names, a);
	str_list_init(&both.names, a);
	for (size_t i = 0; i < meant->names.n; i++)
		str_list_add(&either.names, meant->names.v[i]);
	for (size_t i = 0; pushed->known && i < pushed->names.n; i++) {
		if (!str_list_has(&intended, fields_name_key(pushed->names.v[i], a)))
			str_list_add(&either.names, pushed->names.v[i]);
	}
	for (size_t i = 0; seen->known && i < seen->names.n; i++) {
		if (str_list_has(&intended, fields_name_key(seen->names.v[i], a)))
			str_list_add(&both.names, seen->names.v[i]);
	}
	*pushed = either;
	*seen = both;
}

/* Names of ours that were sent and that Plex does not show. */
static struct str_list missing(const struct plan_input *in, enum field field,
	const struct plan_field *plan, const struct value *now, struct arena *a)
{
	const struct str_list *ours = &in->ours->v[field].names;
	struct str_list sent = folded_names(&plan->result, a), there = folded_names(now, a),
			missing;

	str_list_init(&missing, a);
	for (size_t i = 0; i < ours->n; i++) {
		const char *name = fields_name_key(ours->v[i], a);
		if (str_list_has(&sent, name) && !str_list_has(&there, name))
			str_list_add(&missing, ours->v[i]);
	}
	return missing;
}

/* Names that Stash dropped and that Plex still shows: it was told to remove them now, or did not
 * when it was told before. */
static struct str_list leftover(const struct plan_input *in, enum field field,
	const struct plan_field *plan, const struct value *now, struct arena *a)
{
	struct str_list left, tried;
	struct lists lists;

	str_list_init(&left, a);
	if (plan->remove.n == 0 && in->base->refused.v[field].names.n == 0)
		return left; /* nothing was to go */
	tried = folded_names(&(struct value){.known = true, .names = plan->remove}, a);
	lists = lists_of(in, field, a);
	for (size_t i = 0; i < now->names.n; i++) {
		const char *name = fields_name_key(now->names.v[i], a);
		bool before = str_list_has(&lists.refused, name) &&
			      str_list_has(&lists.pushed, name) &&
			      !str_list_has(&lists.ours, name) &&
			      !str_list_has(&lists.others, name);
		if (before || str_list_has(&tried, name))
			str_list_add(&left, now->names.v[i]);
	}
	return left;
}

/* What is there by us: all but the names that Plex refused, now or before, and those that it did
 * not remove. */
static struct value arrived(const struct value *ours, const struct value *refused,
	const struct str_list *left, struct arena *a)
{
	struct value out = {.known = true, .text = ""};
	struct str_list without = folded_names(refused, a);

	str_list_init(&out.names, a);
	for (size_t i = 0; i < ours->names.n; i++) {
		if (!str_list_has(&without, fields_name_key(ours->names.v[i], a)))
			str_list_add(&out.names, ours->names.v[i]);
	}
	for (size_t i = 0; i < left->n; i++)
		str_list_add(&out.names, left->v[i]);
	return out;
}

enum plan_outcome plan_set_outcome(const struct plan_input *in, enum field field,
	const struct plan_field *plan, const struct value *now, struct arena *a)
{
	struct str_list there = folded_names(now, a),
			before = folded_names(&in->theirs->v[field], a);

	if (missing(in, field, plan, now, a).n == 0 && leftover(in, field, plan, now, a).n == 0)
		return PLAN_TAKEN;
	return same_names(&there, &before) ? PLAN_NOT_TAKEN : PLAN_TAKEN_PARTLY;
}

/* The names of before that Stash still has and that were not sent for it, the new ones, and those
 * that Plex does not remove. */
static struct value refused_names(const struct plan_input *in, enum field field,
	const struct plan_field *plan, const struct value *now, const struct str_list *left,
	struct arena *a)
{
	struct str_list before = folded_names(&in->base->refused.v[field], a), ours;
	struct str_list sent = folded_names(&plan->result, a);
	struct value out = {.text = "", .names = missing(in, field, plan, now, a)};

	ours = in->ours->v[field].names;
	for (size_t i = 0; i < ours.n; i++) {
		const char *name = fields_name_key(ours.v[i], a);
		if (str_list_has(&before, name) && !str_list_has(&sent, name))
			str_list_add(&out.names, ours.v[i]);
	}
	for (size_t i = 0; i < left->n; i++)
		str_list_add(&out.names, left->v[i]);
	out.known = out.names.n > 0;
	return out;
}

/* What it takes to know the names again in a list that is put back. */
static void settle_past(const struct plan_input *in, enum field field,
	const struct plan_field *plan, const struct value *now, struct past *past, struct arena *a)
{
	const struct str_list *ours = &in->ours->v[field].names;

	for (size_t i = 0; past->count > 0 && i < now->names.n; i++) {
		struct digest name = past_name(now->names.v[i], a);
		past_forget(past, field, PAST_DROPPED, name);
		past_forget(past, field, PAST_LEFT, name);
	}
	for (size_t i = 0; past->count > 0 && i < ours->n; i++)
		past_forget(past, field, PAST_DROPPED, past_name(ours->v[i], a));
	for (size_t i = 0; i < plan->remove.n; i++) {
		if (!fields_has_name(&now->names, plan->remove.v[i], a))
			past_note(past, field, PAST_DROPPED, past_name(plan->remove.v[i], a));
	}
	for (size_t i = 0; i < plan->away.n && !in->went_back; i++)
		past_note(past, field, PAST_LEFT, past_name(plan->away.v[i], a));
}

/* The names as Plex spells them. */
static struct value as_spelled(const struct value *names, const struct value *now, struct arena *a)
{
	struct str_list keys = folded_names(names, a), there = folded_names(now, a);
	struct value out = {.known = true, .text = ""};

	str_list_init(&out.names, a);
	for (size_t i = 0; i < keys.n; i++) {
		char *spelling = spelling_in(now, &there, keys.v[i]);
		str_list_add(&out.names, spelling != NULL ? spelling : names->names.v[i]);
	}
	return out;
}

void plan_set_settle(const struct plan_input *in, enum field field, const struct plan_field *plan,
	const struct value *now, struct history *history, struct arena *a)
{
	struct str_list left = leftover(in, field, plan, now, a);
	struct value refused = refused_names(in, field, plan, now, &left, a);

	history->refused.v[field] = refused;
	history->pushed.v[field] = arrived(&in->ours->v[field], &refused, &left, a);
	history->seen.v[field] = as_spelled(&history->pushed.v[field], now, a);
	settle_past(in, field, plan, now, &history->past, a);
}
