#include "push/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* The same to a reader: paragraphs count, what is around the text does not. */
static bool same_text(const char *x, const char *y, struct arena *a)
{
	return strcmp(x, y) == 0 || strcmp(utf8_nfc(a, str_trim(a, utf8_clean(a, x))),
					    utf8_nfc(a, str_trim(a, utf8_clean(a, y)))) == 0;
}

/* A set's names as they are compared, in its order; none if it is not known. */
static struct str_list folded_names(const struct value *set, struct arena *a)
{
	struct str_list names;

	str_list_init(&names, a);
	for (size_t i = 0; set->known && i < set->names.n; i++)
		str_list_add(&names, fields_name_key(set->names.v[i], a));
	return names;
}

static bool had_text(const struct value *value)
{
	return value->known && *value->text != '\0';
}

/* Days since some day. False if it is not a date. */
static bool days_of(const char *date, long *days)
{
	long year, month, day;

	if (strlen(date) < 10 || date[4] != '-' || date[7] != '-')
		return false;
	year = strtol(date, NULL, 10);
	month = strtol(date + 5, NULL, 10);
	day = strtol(date + 8, NULL, 10);
	year -= month <= 2; /* of a year that begins in March */
	month = (month + 9) % 12;
	*days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day;
	return true;
}

static bool is_number(const char *text, double *number)
{
	char *end;

	*number = strtod(text, &end);
	return end != text && *end == '\0';
}

/* What servers are known to make of a date (the day before, where they count in another time
 * zone) and of a rating (half stars). */
static bool is_spelling(enum field field, const char *ours, const char *theirs)
{
	long day, other_day;
	double stars, other_stars;

	if (fields_kind(field) == KIND_DAY)
		return days_of(ours, &day) && days_of(theirs, &other_day) &&
		       labs(day - other_day) <= 1;
	return fields_kind(field) == KIND_RATING && is_number(ours, &stars) &&
	       is_number(theirs, &other_stars) && fabs(stars - other_stars) <= 0.5;
}

/* Nobody asked, and nothing is remembered of a value that somebody locked in Plex. */
static bool is_held(const struct plan_input *in, enum field field)
{
	return in->unattended && in->locked[field] && !in->force &&
	       !in->base->pushed.v[field].known && !in->base->meant.v[field].known;
}

/* A field that was never pushed. Stash's value goes to Plex; with
 * fieldKeepPlexEdits only where Plex has none, or has the title that it makes
 * of the file's name until somebody, locking it, gives another. */
static enum plan_verdict first_push(const struct plan_input *in, enum field field)
{
	bool anybodys = field == FIELD_TITLE && !in->locked[field];

	if (in->keep_plex_edits && !anybodys && *in->theirs->v[field].text != '\0')
		return PLAN_KEEP;
	return is_held(in, field) ? PLAN_HOLD : PLAN_WRITE;
}

/* Plex holds something else than it was seen to hold. Where nobody looked after the last push
 * (histories of former versions), its spelling of that counts as the same. */
static bool has_plex_changed(const struct plan_input *in, enum field field, struct arena *a)
{
	const struct history *base = in->base;
	const char *theirs = in->theirs->v[field].text;

	return !value_alike(&base->seen.v[field], theirs, a) &&
	       (base->original.v[field].known || !base->seen.v[field].known ||
		       !is_spelling(field, base->seen.v[field].text, theirs));
}

/* Whether a field lost what was written. A person's edit locks it; what was locked and is not
 * any more, and is as it was before, or empty, was lost with the lock. In a database that was
 * put back the lock may be there: then it holds what it held before the last push. */
static bool may_be_reset(const struct plan_input *in, enum field field)
{
	return in->base->pushed.v[field].known && (in->base->locked & 1u << field) &&
	       (!in->locked[field] || in->restored);
}

static bool is_reset(const struct plan_input *in, enum field field, struct arena *a)
{
	const char *theirs = in->theirs->v[field].text;

	if (!may_be_reset(in, field) || !had_text(&in->base->pushed.v[field]))
		return false;
	return (*theirs == '\0' && !in->locked[field]) ||
	       value_alike(&in->base->original.v[field], theirs, a) ||
	       (in->restored && value_alike(&in->base->previous.v[field], theirs, a));
}

static bool is_refused(const struct plan_input *in, enum field field)
{
	return !in->retry && !in->force &&
	       value_is(&in->base->refused.v[field], in->ours->v[field].text);
}

/* Another setting, and nothing else, makes another value of the scene. */
static bool is_only_setting(const struct plan_input *in, enum field field)
{
	return in->then != NULL && in->then->v[field].known &&
	       value_is(&in->base->pushed.v[field], in->then->v[field].text);
}

/* 'base' is settled: what an unconfirmed push was seen to have done counts as
 * pushed (settle_base). */
static enum plan_verdict judge_text(const struct plan_input *in, enum field field, struct arena *a)
{
	const struct value *ours = &in->ours->v[field], *theirs = &in->theirs->v[field];
	const struct value *pushed = &in->base->pushed.v[field];
	bool stash_changed = !value_is(pushed, ours->text);
	bool plex_changed = has_plex_changed(in, field, a);

	if (same_text(ours->text, theirs->text, a) ||
		(!stash_changed && value_alike(ours, theirs->text, a)))
		return PLAN_SAME;
	if (*ours->text == '\0' && (field == FIELD_TITLE || !had_text(pushed)))
		return PLAN_LEAVE;
	if (plex_changed && *ours->text == '\0' && is_reset(in, field, a))
		return PLAN_LEAVE; /* nothing of ours is there any more */
	if (is_refused(in, field))
		return PLAN_REFUSED;
	if (in->force || (plex_changed && is_reset(in, field, a)))
		return PLAN_WRITE;
	if (!pushed->known)
		return first_push(in, field);
	if (!stash_changed)
		return plex_changed ? PLAN_KEEP : PLAN_LEAVE; /* LEAVE: Plex's own spelling of it */
	return plex_changed && (in->keep_plex_edits || is_only_setting(in, field)) ? PLAN_KEEP
										   : PLAN_WRITE;
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

/* As is_reset, of a list. */
static bool is_set_reset(const struct plan_input *in, enum field field,
	const struct str_list *theirs, struct arena *a)
{
	struct str_list original = folded_names(&in->base->original.v[field], a),
			previous = folded_names(&in->base->previous.v[field], a);

	if (!may_be_reset(in, field))
		return false;
	return (theirs->n == 0 && !in->locked[field]) ||
	       (in->base->original.v[field].known && same_names(theirs, &original)) ||
	       (in->restored && in->base->previous.v[field].known && same_names(theirs, &previous));
}

/* Names that Plex has in the spelling of the last push, and Stash in another one since. */
static void find_respelled(
	const struct plan_input *in, enum field field, struct plan_field *out, struct arena *a)
{
	const struct value *pushed = &in->base->pushed.v[field], *ours = &in->ours->v[field];
	struct str_list keys = folded_names(pushed, a), theirs = folded_names(&out->result, a);

	str_list_init(&out->respell, a);
	for (size_t i = 0; i < ours->names.n; i++) {
		const char *name = ours->names.v[i], *key = fields_name_key(name, a);
		size_t p = 0, t = 0;
		while (p < keys.n && strcmp(keys.v[p], key) != 0)
			p++;
		while (t < theirs.n && strcmp(theirs.v[t], key) != 0)
			t++;
		if (p < keys.n && t < theirs.n && (unsigned char)*key >= ' ' &&
			!same_text(pushed->names.v[p], name, a) &&
			!same_text(out->result.names.v[t], name, a))
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

/* (theirs - (base - ours)) + (ours - base). After pushes of unknown outcome the
 * names of all of them may be there and are ours to remove ('pushed' and
 * 'meant'), and only names of all of them are certain to have been there
 * ('seen' and 'meant'; see plan_intend). */
static void plan_set(
	const struct plan_input *in, enum field field, struct plan_field *out, struct arena *a)
{
	const struct value *ours = &in->ours->v[field], *theirs = &in->theirs->v[field];
	const struct value *meant = &in->base->meant.v[field];
	struct str_list pushed = folded_names(&in->base->pushed.v[field], a);
	struct str_list seen = folded_names(&in->base->seen.v[field], a);
	struct str_list intended = folded_names(meant, a);
	struct str_list our_names = folded_names(ours, a), their_names = folded_names(theirs, a);
	struct str_list others = siblings_names(in, field, a);
	struct str_list refused = folded_names(&in->base->refused.v[field], a);
	bool added = false, lost = is_set_reset(in, field, &their_names, a);

	str_list_init(&out->result.names, a);
	str_list_init(&out->remove, a);
	out->result.known = true;
	out->result.text = "";
	for (size_t i = 0; i < theirs->names.n; i++) {
		const char *name = their_names.v[i];
		bool once_ours = str_list_has(&pushed, name) || str_list_has(&intended, name);
		bool goes = once_ours && !str_list_has(&our_names, name) &&
			    !str_list_has(&others, name);
		str_list_add(goes ? &out->remove : &out->result.names, theirs->names.v[i]);
	}
	for (size_t i = 0; i < ours->names.n; i++) {
		const char *name = our_names.v[i];
		bool was_there = str_list_has(&pushed, name) && str_list_has(&seen, name) &&
				 (!meant->known || str_list_has(&intended, name));
		if (str_list_has(&their_names, name))
			continue;
		if (str_list_has(&refused, name) && !in->retry && !in->force) {
			out->refused = true;
			continue;
		}
		if (was_there && !in->force && !lost) {
			out->kept = true; /* a person removed it in Plex */
			continue;
		}
		out->reset |= was_there && lost;
		str_list_add(&out->result.names, ours->names.v[i]);
		added = true;
	}
	if (ours->ordered)
		added |= put_in_order(in, field, out, a);
	find_respelled(in, field, out, a);
	out->edits = added || out->remove.n > 0;
	if (added && is_held(in, field))
		out->verdict = PLAN_HOLD;
	else if (out->edits || out->respell.n > 0)
		out->verdict = PLAN_WRITE;
	else
		out->verdict = PLAN_SAME;
}

/* True if a field that shares the list in Plex takes the name out. */
static bool removes(const struct plan *plan, enum field field, const char *name, struct arena *a)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		const struct plan_field *other = &plan->f[f];
		if (f != field && other->result.known && fields_is_set(f) &&
			fields_share(f, field) && fields_has_name(&other->remove, name, a))
			return true;
	}
	return false;
}

/* A write names the whole list, so all fields that share it have the same result. */
static void join_siblings(struct plan *plan, enum field field, struct arena *a)
{
	struct str_list all;

	str_list_init(&all, a);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		const struct str_list *names = &plan->f[f].result.names;
		for (size_t i = 0; fields_share(f, field) && i < names->n; i++) {
			if (!fields_has_name(&all, names->v[i], a) &&
				!removes(plan, f, names->v[i], a))
				str_list_add(&all, names->v[i]);
		}
	}
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (plan->f[f].result.known && fields_share(f, field))
			plan->f[f].result.names = all;
	}
}

static bool has_sibling(const struct plan *plan, enum field field)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (f != field && plan->f[f].result.known && fields_share(f, field))
			return true;
	}
	return false;
}

static void plan_text(
	const struct plan_input *in, enum field field, struct plan_field *out, struct arena *a)
{
	out->verdict = judge_text(in, field, a);
	out->kept = out->verdict == PLAN_KEEP;
	out->refused = out->verdict == PLAN_REFUSED;
	out->reset = out->verdict == PLAN_WRITE && has_plex_changed(in, field, a) &&
		     is_reset(in, field, a);
	out->edits = out->verdict == PLAN_WRITE;
	out->result = in->ours->v[field];
}

/* What an unconfirmed push of a text has done, if Plex holds it now. */
static void settle_base(const struct plan_input *in, struct history *base, struct arena *a)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		const struct value *theirs = &in->theirs->v[f];
		if (fields_is_set(f) || !theirs->known)
			continue;
		if (!value_alike(&base->meant.v[f], theirs->text, a) &&
			!(base->meant.v[f].known &&
				is_spelling(f, base->meant.v[f].text, theirs->text))) {
			if (base->meant.v[f].known) /* it did not arrive */
				base->replaced.v[f] = (struct value){0};
			continue;
		}
		base->pushed.v[f] = base->meant.v[f];
		base->seen.v[f] = *theirs;
		base->meant.v[f] = (struct value){0};
	}
}

void plan_make(struct plan_input *in, struct plan *plan, struct arena *a)
{
	struct history *base = arena_alloc(a, sizeof(*base));

	*base = *in->base;
	settle_base(in, base, a);
	in->base = base;
	*plan = (struct plan){0};
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		struct plan_field *out = &plan->f[f];
		if (!in->ours->v[f].known)
			continue;
		if (fields_is_set(f))
			plan_set(in, f, out, a);
		else
			plan_text(in, f, out, a);
		plan->writes |= out->verdict == PLAN_WRITE ? 1u << f : 0;
		plan->kept |= out->kept ? 1u << f : 0;
		plan->held |= out->verdict == PLAN_HOLD ? 1u << f : 0;
		plan->refused |= out->refused ? 1u << f : 0;
		plan->reset |= out->reset ? 1u << f : 0;
	}
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (plan->f[f].result.known && has_sibling(plan, f))
			join_siblings(plan, f, a);
	}
}

/* A second push of a set begins before the first one is confirmed: either may
 * have arrived. 'pushed' becomes what may be there by us, 'seen' what must. */
static void join_doubt(struct history *history, enum field f, struct arena *a)
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

void plan_intend(const struct plan_input *in, const struct plan *plan, struct history *history,
	struct arena *a)
{
	*history = *in->base;
	history->unreadable = false;
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (plan->f[f].verdict != PLAN_WRITE)
			continue;
		join_doubt(history, f, a);
		history->meant.v[f] = in->ours->v[f];
		history->previous.v[f] = in->theirs->v[f];
		if (!history->original.v[f].known)
			history->original.v[f] = in->theirs->v[f];
		if (history->replaced.v[f].known)
			continue;
		history->replaced.v[f] = in->theirs->v[f];
		history->replaced_locked &= ~(1u << f);
		history->replaced_locked |= (in->locked[f] ? 1u : 0) << f;
	}
}

/* Names of ours that were sent and that Plex does not show. */
static struct str_list missing(const struct plan_input *in, const struct plan *plan,
	const struct fields *now, enum field f, struct arena *a)
{
	const struct str_list *ours = &in->ours->v[f].names;
	struct str_list sent = folded_names(&plan->f[f].result, a),
			there = folded_names(&now->v[f], a), missing;

	str_list_init(&missing, a);
	for (size_t i = 0; i < ours->n; i++) {
		const char *name = fields_name_key(ours->v[i], a);
		if (str_list_has(&sent, name) && !str_list_has(&there, name))
			str_list_add(&missing, ours->v[i]);
	}
	return missing;
}

/* What of ours counts as pushed: all but the names that Plex refused, now or before. */
static struct value arrived(const struct value *ours, const struct value *refused, struct arena *a)
{
	struct value out = {.known = true, .text = ""};
	struct str_list without = folded_names(refused, a);

	str_list_init(&out.names, a);
	for (size_t i = 0; i < ours->names.n; i++) {
		if (!str_list_has(&without, fields_name_key(ours->names.v[i], a)))
			str_list_add(&out.names, ours->names.v[i]);
	}
	return out;
}

static enum plan_outcome outcome_of_set(const struct plan_input *in, const struct plan *plan,
	enum field f, const struct fields *now, struct arena *a)
{
	struct str_list there = folded_names(&now->v[f], a),
			before = folded_names(&in->theirs->v[f], a);

	if (missing(in, plan, now, f, a).n == 0)
		return PLAN_TAKEN;
	return same_names(&there, &before) ? PLAN_NOT_TAKEN : PLAN_TAKEN_PARTLY;
}

/* An earlier push of this very value, at whose result nobody looked, changed something. */
static bool was_taken_before(const struct plan_input *in, enum field f, struct arena *a)
{
	const struct history *base = in->base;
	const struct value *last = base->seen.v[f].known ? &base->seen.v[f] : &base->original.v[f];

	return value_is(&base->meant.v[f], in->ours->v[f].text) &&
	       !value_alike(last, in->theirs->v[f].text, a);
}

enum plan_outcome plan_outcome(const struct plan_input *in, const struct plan *plan, enum field f,
	const struct fields *now, struct arena *a)
{
	const char *ours = in->ours->v[f].text, *there = now->v[f].text;

	if (fields_is_set(f))
		return outcome_of_set(in, plan, f, now, a);
	if (value_alike(&in->ours->v[f], there, a) || is_spelling(f, ours, there))
		return PLAN_TAKEN;
	if (*there == '\0')
		return PLAN_NOT_TAKEN;
	return value_alike(&in->theirs->v[f], there, a) && !was_taken_before(in, f, a)
		       ? PLAN_NOT_TAKEN
		       : PLAN_TAKEN;
}

/* The names of before that Stash still has, those that were not sent for it, and the new ones. */
static struct value refused_names(const struct plan_input *in, const struct plan *plan,
	const struct fields *now, enum field f, struct arena *a)
{
	struct str_list before = folded_names(&in->base->refused.v[f], a), ours;
	struct str_list sent = folded_names(&plan->f[f].result, a);
	struct value out = {.text = "", .names = missing(in, plan, now, f, a)};

	ours = in->ours->v[f].names;
	for (size_t i = 0; i < ours.n; i++) {
		const char *name = fields_name_key(ours.v[i], a);
		if (str_list_has(&before, name) && !str_list_has(&sent, name))
			str_list_add(&out.names, ours.v[i]);
	}
	out.known = out.names.n > 0;
	return out;
}

/* The outcome of a field is known: nothing of it is meant any more. */
static void settle_field(const struct plan_input *in, const struct plan *plan, enum field f,
	const struct fields *now, bool locked, struct history *history, struct arena *a)
{
	static const struct value empty = {.known = true, .text = ""};
	bool written = plan->f[f].verdict == PLAN_WRITE;

	history->meant.v[f] = (struct value){0};
	history->refused.v[f] = (struct value){0};
	if (fields_is_set(f)) {
		history->refused.v[f] = refused_names(in, plan, now, f, a);
	} else if (written && plan_outcome(in, plan, f, now, a) == PLAN_NOT_TAKEN) {
		history->refused.v[f] = in->ours->v[f];
		return;
	}
	history->pushed.v[f] = fields_is_set(f)
				       ? arrived(&in->ours->v[f], &history->refused.v[f], a)
				       : in->ours->v[f];
	/* Of a set: the names that a person may remove from now on. */
	history->seen.v[f] = fields_is_set(f) ? history->pushed.v[f]
			     : written	      ? now->v[f]
					      : in->theirs->v[f];
	if (locked)
		history->locked |= 1u << f;
	if (locked && !history->original.v[f].known)
		history->original.v[f] = empty;
}

void plan_settle(const struct plan_input *in, const struct plan *plan, unsigned seen,
	const struct fields *now, const bool locked[FIELD_COUNT], struct history *history,
	struct arena *a)
{
	plan_intend(in, plan, history, a);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		enum plan_verdict verdict = plan->f[f].verdict;
		if (verdict == PLAN_SAME || (verdict == PLAN_WRITE && (seen & 1u << f)))
			settle_field(in, plan, f, now, locked[f], history, a);
	}
}
