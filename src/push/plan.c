#include "push/plan.h"

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

static bool has(const struct str_list *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++) {
		if (strcmp(names->v[i], name) == 0)
			return true;
	}
	return false;
}

static bool had_text(const struct value *value)
{
	return value->known && *value->text != '\0';
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

/* 'base' is settled: what an unconfirmed push was seen to have done counts as
 * pushed (settle_base). */
static enum plan_verdict judge_text(const struct plan_input *in, enum field field, struct arena *a)
{
	const struct value *ours = &in->ours->v[field], *theirs = &in->theirs->v[field];
	const struct value *pushed = &in->base->pushed.v[field], *seen = &in->base->seen.v[field];
	bool stash_changed = !value_is(pushed, ours->text);
	bool plex_changed = !value_alike(seen, theirs->text, a);

	if (same_text(ours->text, theirs->text, a) ||
		(!stash_changed && value_alike(ours, theirs->text, a)))
		return PLAN_SAME;
	if (*ours->text == '\0' && (field == FIELD_TITLE || !had_text(pushed)))
		return PLAN_LEAVE;
	if (in->force)
		return PLAN_WRITE;
	if (!pushed->known)
		return first_push(in, field);
	if (!stash_changed)
		return plex_changed ? PLAN_KEEP : PLAN_LEAVE; /* LEAVE: Plex's own spelling of it */
	return plex_changed && in->keep_plex_edits ? PLAN_KEEP : PLAN_WRITE;
}

/* Groups and studio share one list in Plex: the field with the other half of it. */
static enum field sibling(enum field field)
{
	if (field == FIELD_COLLECTIONS)
		return FIELD_STUDIO_COLLECTION;
	return field == FIELD_STUDIO_COLLECTION ? FIELD_COLLECTIONS : FIELD_COUNT;
}

/* Names of the same list that are not this field's to remove: what the other half
 * wants or, if it is switched off, once brought. */
static struct str_list siblings_names(
	const struct plan_input *in, enum field field, struct arena *a)
{
	enum field other = sibling(field);
	struct value none = {0};

	if (other == FIELD_COUNT)
		return folded_names(&none, a);
	return folded_names(
		in->ours->v[other].known ? &in->ours->v[other] : &in->base->pushed.v[other], a);
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
	bool added = false;

	str_list_init(&out->result.names, a);
	str_list_init(&out->remove, a);
	out->result.known = true;
	out->result.text = "";
	for (size_t i = 0; i < theirs->names.n; i++) {
		const char *name = their_names.v[i];
		bool once_ours = has(&pushed, name) || has(&intended, name);
		bool goes = once_ours && !has(&our_names, name) && !has(&others, name);
		str_list_add(goes ? &out->remove : &out->result.names, theirs->names.v[i]);
	}
	for (size_t i = 0; i < ours->names.n; i++) {
		const char *name = our_names.v[i];
		bool was_there = has(&pushed, name) && has(&seen, name) &&
				 (!meant->known || has(&intended, name));
		if (has(&their_names, name))
			continue;
		if (was_there && !in->force) {
			out->kept = true; /* a person removed it in Plex */
			continue;
		}
		str_list_add(&out->result.names, ours->names.v[i]);
		added = true;
	}
	if (added && is_held(in, field))
		out->verdict = PLAN_HOLD;
	else if (added || out->remove.n > 0)
		out->verdict = PLAN_WRITE;
	else
		out->verdict = PLAN_SAME;
}

static bool has_alike(const struct str_list *names, const char *name, struct arena *a)
{
	for (size_t i = 0; i < names->n; i++) {
		if (strcmp(fields_name_key(names->v[i], a), fields_name_key(name, a)) == 0)
			return true;
	}
	return false;
}

/* A write names the whole list, so both halves have the same result. */
static void join_siblings(struct plan *plan, struct arena *a)
{
	struct plan_field *x = &plan->f[FIELD_COLLECTIONS];
	struct plan_field *y = &plan->f[FIELD_STUDIO_COLLECTION];
	struct str_list all;

	if (!x->result.known || !y->result.known)
		return;
	str_list_init(&all, a);
	for (size_t i = 0; i < x->result.names.n; i++) {
		if (!has_alike(&y->remove, x->result.names.v[i], a))
			str_list_add(&all, x->result.names.v[i]);
	}
	for (size_t i = 0; i < y->result.names.n; i++) {
		if (!has_alike(&all, y->result.names.v[i], a) &&
			!has_alike(&x->remove, y->result.names.v[i], a))
			str_list_add(&all, y->result.names.v[i]);
	}
	x->result.names = y->result.names = all;
}

static void plan_text(
	const struct plan_input *in, enum field field, struct plan_field *out, struct arena *a)
{
	out->verdict = judge_text(in, field, a);
	out->kept = out->verdict == PLAN_KEEP;
	out->result = in->ours->v[field];
}

/* What an unconfirmed push of a text has done, if Plex holds it now. */
static void settle_base(const struct plan_input *in, struct history *base, struct arena *a)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		const struct value *theirs = &in->theirs->v[f];
		if (fields_is_set(f) || !theirs->known ||
			!value_alike(&base->meant.v[f], theirs->text, a))
			continue;
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
	}
	join_siblings(plan, a);
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
		if (!has(&intended, fields_name_key(pushed->names.v[i], a)))
			str_list_add(&either.names, pushed->names.v[i]);
	}
	for (size_t i = 0; seen->known && i < seen->names.n; i++) {
		if (has(&intended, fields_name_key(seen->names.v[i], a)))
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
	}
}

/* What of ours counts as pushed: not the names of a set that were sent and that
 * Plex does not show; they are sent again next time. */
static struct value arrived(const struct plan_input *in, const struct plan *plan,
	const struct fields *now, enum field f, struct arena *a)
{
	const struct value *ours = &in->ours->v[f];
	struct value out = {.known = true, .text = ""};
	struct str_list sent, there;

	if (!fields_is_set(f))
		return *ours;
	sent = folded_names(&plan->f[f].result, a);
	there = folded_names(&now->v[f], a);
	str_list_init(&out.names, a);
	for (size_t i = 0; i < ours->names.n; i++) {
		const char *name = fields_name_key(ours->names.v[i], a);
		if (!has(&sent, name) || has(&there, name))
			str_list_add(&out.names, ours->names.v[i]);
	}
	return out;
}

void plan_settle(const struct plan_input *in, const struct plan *plan, unsigned done,
	const struct fields *now, struct history *history, struct arena *a)
{
	plan_intend(in, plan, history, a);
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		enum plan_verdict verdict = plan->f[f].verdict;
		if (verdict == PLAN_SAME || (verdict == PLAN_WRITE && (done & 1u << f))) {
			history->pushed.v[f] = arrived(in, plan, now, f, a);
			/* Of a set: the names that a person may remove from now on. */
			history->seen.v[f] = fields_is_set(f) ? history->pushed.v[f] : now->v[f];
			history->meant.v[f] = (struct value){0};
		}
	}
}
