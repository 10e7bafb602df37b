#include "push/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "push/plan_set.h"

#define WHOLE_STAR 2.0 /* of a rating of 0 to 10 */

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

/* A field that was never pushed. Stash's value goes to Plex; with
 * fieldKeepPlexEdits only where Plex has none, or has the title that it makes
 * of the file's name until somebody, locking it, gives another. */
static enum plan_verdict first_push(const struct plan_input *in, enum field field)
{
	bool anybodys = field == FIELD_TITLE && !in->locked[field];

	if (in->keep_plex_edits && !anybodys && *in->theirs->v[field].text != '\0')
		return PLAN_KEEP;
	return plan_is_held(in, field) ? PLAN_HOLD : PLAN_WRITE;
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

static bool is_past(
	const struct plan_input *in, enum field field, enum past_kind kind, struct arena *a)
{
	return past_has(&in->base->past, field, kind, past_value(field, &in->theirs->v[field], a));
}

/* A value of ours that a later push replaced, in a database that was put back. */
static bool is_former(const struct plan_input *in, enum field field, struct arena *a)
{
	return in->restored && plan_may_be_reset(in, field) &&
	       !value_alike(&in->base->original.v[field], in->theirs->v[field].text, a) &&
	       is_past(in, field, PAST_FORMER, a);
}

/* What the last push left there was nobody else's, and no other value has been seen since. */
static bool was_ours(const struct plan_input *in, enum field field)
{
	return !past_has_any(&in->base->past, field, PAST_LEFT);
}

/* Nothing; a sort title that Plex makes of the title, whoever gave that, is none: the title, or that
 * without its article. */
static bool is_nothing(const struct plan_input *in, enum field field)
{
	const char *theirs = in->theirs->v[field].text, *title = in->theirs->v[FIELD_TITLE].text;
	size_t len = strlen(theirs), title_len = strlen(title);

	return len == 0 || (field == FIELD_SORT_TITLE && len <= title_len &&
				   strcmp(title + title_len - len, theirs) == 0);
}

static bool is_reset(const struct plan_input *in, enum field field, struct arena *a)
{
	const struct history *base = in->base;
	const char *theirs = in->theirs->v[field].text;

	if (!plan_may_be_reset(in, field) || !had_text(&base->pushed.v[field]))
		return false;
	if (!in->locked[field] &&
		(is_nothing(in, field) || value_alike(&base->original.v[field], theirs, a)))
		return true;
	if (!in->restored || is_past(in, field, PAST_LEFT, a))
		return false;
	if (in->went_back && plan_was_locked(in, field) && was_ours(in, field))
		return true;
	if (value_alike(&base->original.v[field], theirs, a))
		return plan_may_be_original(in, field);
	return value_alike(&base->previous.v[field], theirs, a) || is_former(in, field, a);
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

/* What became of a text in Plex. */
struct turn {
	bool changed, reset, former; /* a former one of ours may be cleared */
};

static struct turn turn_of(const struct plan_input *in, enum field field, struct arena *a)
{
	bool changed = has_plex_changed(in, field, a);

	return (struct turn){.changed = changed,
		.reset = changed && is_reset(in, field, a),
		.former = changed && is_former(in, field, a)};
}

/* 'base' is settled: what an unconfirmed push was seen to have done counts as
 * pushed (settle_base). */
static enum plan_verdict judge_text(
	const struct plan_input *in, enum field field, const struct turn *plex, struct arena *a)
{
	const struct value *ours = &in->ours->v[field], *theirs = &in->theirs->v[field];
	const struct value *pushed = &in->base->pushed.v[field];
	bool stash_changed = !value_is(pushed, ours->text);

	if (plan_same_text(ours->text, theirs->text, a) ||
		(!stash_changed && value_alike(ours, theirs->text, a)))
		return PLAN_SAME;
	if (*ours->text == '\0' && (field == FIELD_TITLE || (!had_text(pushed) && !plex->former)))
		return PLAN_LEAVE;
	if (*ours->text == '\0' && plex->reset && !plex->former)
		return PLAN_LEAVE; /* nothing of ours is there any more */
	if (is_refused(in, field))
		return PLAN_REFUSED;
	if (in->force || plex->reset || (plex->former && *ours->text == '\0'))
		return PLAN_WRITE;
	if (!pushed->known)
		return first_push(in, field);
	if (!stash_changed)
		return plex->changed ? PLAN_KEEP
				     : PLAN_LEAVE; /* LEAVE: Plex's own spelling of it */
	return plex->changed && (in->keep_plex_edits || is_only_setting(in, field)) ? PLAN_KEEP
										    : PLAN_WRITE;
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
	struct turn plex = turn_of(in, field, a);

	out->verdict = judge_text(in, field, &plex, a);
	out->kept = out->verdict == PLAN_KEEP;
	out->refused = out->verdict == PLAN_REFUSED;
	out->reset = out->verdict == PLAN_WRITE && (plex.reset || plex.former);
	out->edits = out->verdict == PLAN_WRITE;
	out->result = in->ours->v[field];
}

/* What is there is what an unconfirmed push meant, or what Plex made of it: then it is not what was
 * there before. */
static bool has_arrived(
	const struct history *base, enum field field, const char *theirs, struct arena *a)
{
	const struct value *meant = &base->meant.v[field];

	return value_alike(meant, theirs, a) ||
	       (meant->known && is_spelling(field, meant->text, theirs) &&
		       !value_is(&base->previous.v[field], theirs));
}

/* What an unconfirmed push of a text has done, if Plex holds it now. */
static void settle_base(const struct plan_input *in, struct history *base, struct arena *a)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		const struct value *theirs = &in->theirs->v[f];
		if (fields_is_set(f) || !theirs->known)
			continue;
		if (!has_arrived(base, f, theirs->text, a)) {
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

/* What a push replaces, if it is known as ours; of a list, whatever was in it. */
static void note_former(
	const struct plan_input *in, enum field f, struct history *history, struct arena *a)
{
	const struct history *base = in->base;
	const struct value *theirs = &in->theirs->v[f];

	if (!fields_is_set(f))
		past_forget_all(&history->past, f, PAST_LEFT);
	if (base->pushed.v[f].known &&
		(fields_is_set(f) || value_alike(&base->seen.v[f], theirs->text, a)))
		past_note(&history->past, f, PAST_FORMER, past_value(f, theirs, a));
}

/* An item that lost others with their locks had locks on its pictures, too, which nobody may have
 * seen: a push does not look at an item again after its pictures. */
static void note_lost_pictures(const struct plan *plan, struct history *history)
{
	for (enum field f = 0; plan->reset != 0 && f < FIELD_COUNT; f++) {
		if (fields_kind(f) == KIND_PICTURE && history->pushed.v[f].known)
			history->locked |= 1u << f;
	}
}

void plan_intend(const struct plan_input *in, const struct plan *plan, struct history *history,
	struct arena *a)
{
	*history = *in->base;
	history->unreadable = false;
	note_lost_pictures(plan, history);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (plan->f[f].verdict != PLAN_WRITE)
			continue;
		plan_set_doubt(history, f, a);
		note_former(in, f, history, a);
		history->meant.v[f] = in->ours->v[f];
		history->previous.v[f] = in->theirs->v[f];
		if (!history->original.v[f].known) {
			history->original.v[f] = in->theirs->v[f];
			history->original_locked &= ~(1u << f);
			history->original_locked |= (in->locked[f] ? 1u : 0) << f;
		}
		if (history->replaced.v[f].known)
			continue;
		history->replaced.v[f] = in->theirs->v[f];
		history->replaced_locked &= ~(1u << f);
		history->replaced_locked |= (in->locked[f] ? 1u : 0) << f;
	}
}

/* An earlier push of this very value, at whose result nobody looked, changed something. */
static bool was_taken_before(const struct plan_input *in, enum field f, struct arena *a)
{
	const struct history *base = in->base;
	const struct value *last = base->seen.v[f].known ? &base->seen.v[f] : &base->original.v[f];

	return value_is(&base->meant.v[f], in->ours->v[f].text) &&
	       !value_alike(last, in->theirs->v[f].text, a);
}

/* What Plex may have made of it: a date or rating of its own, its typography, stars of its own
 * size. */
static bool is_alike_in_plex(
	enum field field, const char *ours, const char *theirs, struct arena *a)
{
	double stars, other_stars;

	if (is_spelling(field, ours, theirs))
		return true;
	if (fields_kind(field) == KIND_RATING)
		return is_number(ours, &stars) && is_number(theirs, &other_stars) &&
		       fabs(stars - other_stars) <= WHOLE_STAR / 2;
	return fields_kind(field) == KIND_TEXT &&
	       strcmp(utf8_plain(a, utf8_squeeze(a, ours)),
		       utf8_plain(a, utf8_squeeze(a, theirs))) == 0;
}

/* What it made of the value of the last push: of this very value, or of another one of which it may
 * make the same, or with the same beginning, of which it kept no more than that. */
static bool is_known_spelling(
	const struct plan_input *in, enum field f, const char *there, struct arena *a)
{
	const struct value *pushed = &in->base->pushed.v[f], *seen = &in->base->seen.v[f];
	const char *ours = in->ours->v[f].text;

	if (!pushed->known || !value_alike(seen, there, a))
		return false;
	return value_is(pushed, ours) ||
	       (!value_alike(pushed, there, a) &&
		       (is_alike_in_plex(f, ours, there, a) ||
			       strncmp(utf8_squeeze(a, ours), utf8_squeeze(a, there),
				       strlen(utf8_squeeze(a, there))) == 0));
}

bool plan_stood_still(
	const struct plan_input *in, enum field f, const struct fields *now, struct arena *a)
{
	const struct value *pushed = &in->base->pushed.v[f], *seen = &in->base->seen.v[f];
	const char *ours = in->ours->v[f].text, *there = now->v[f].text;

	return !fields_is_set(f) && strcmp(in->theirs->v[f].text, there) == 0 &&
	       strcmp(ours, there) != 0 && !(value_is(pushed, ours) && value_alike(seen, there, a));
}

enum plan_outcome plan_outcome(const struct plan_input *in, const struct plan *plan, enum field f,
	const struct fields *now, bool locked, struct arena *a)
{
	const char *ours = in->ours->v[f].text, *there = now->v[f].text;

	if (fields_is_set(f))
		return plan_set_outcome(in, f, &plan->f[f], &now->v[f], a);
	if (value_alike(&in->ours->v[f], there, a))
		return PLAN_TAKEN;
	if (*there == '\0')
		return PLAN_NOT_TAKEN;
	if (is_known_spelling(in, f, there, a))
		return PLAN_TAKEN;
	if (locked && !in->locked[f] && is_alike_in_plex(f, ours, there, a))
		return PLAN_TAKEN; /* the edit brought the lock */
	return value_alike(&in->theirs->v[f], there, a) && !was_taken_before(in, f, a)
		       ? PLAN_NOT_TAKEN
		       : PLAN_TAKEN;
}

/* The outcome of a field is known: nothing of it is meant any more. */
static void settle_field(const struct plan_input *in, const struct plan *plan, enum field f,
	const struct fields *now, bool locked, struct history *history, struct arena *a)
{
	static const struct value empty = {.known = true, .text = ""};
	bool written = plan->f[f].verdict == PLAN_WRITE;
	bool not_taken = written && plan_outcome(in, plan, f, now, locked, a) == PLAN_NOT_TAKEN;

	history->meant.v[f] = (struct value){0};
	history->refused.v[f] = (struct value){0};
	if (not_taken) { /* what Plex still holds is nothing that it went back to */
		history->previous.v[f] = in->base->previous.v[f];
		past_take(&history->past, f, &in->base->past);
	}
	if (fields_is_set(f)) {
		plan_set_settle(in, f, &plan->f[f], &now->v[f], history, a);
	} else if (not_taken) {
		history->refused.v[f] = in->ours->v[f];
		return;
	} else {
		history->pushed.v[f] = in->ours->v[f];
		history->seen.v[f] = written ? now->v[f] : in->theirs->v[f];
		past_forget_all(&history->past, f, PAST_LEFT);
	}
	if (locked)
		history->locked |= 1u << f;
	if (locked && !history->original.v[f].known) {
		history->original.v[f] = empty;
		history->original_locked |= 1u << f;
	}
}

/* A person's value that is left to Plex is no loss when it is seen again. */
static void settle_kept(
	const struct plan_input *in, enum field f, struct history *history, struct arena *a)
{
	if (fields_is_set(f) || in->went_back || !in->base->pushed.v[f].known)
		return;
	past_forget_all(&history->past, f, PAST_LEFT);
	past_note(&history->past, f, PAST_LEFT, past_value(f, &in->theirs->v[f], a));
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
		else if (verdict == PLAN_KEEP)
			settle_kept(in, f, history, a);
	}
}
