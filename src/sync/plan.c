/* plan.c - see plan.h. */
#include "sync/plan.h"

#include <string.h>

#include "base/utf8.h"

/* As Plex keeps texts: white space at the ends and its amount do not count. */
static bool same_text(const char *x, const char *y, struct arena *a)
{
	return strcmp(x, y) == 0 || strcmp(utf8_squeeze(a, x), utf8_squeeze(a, y)) == 0;
}

static bool same_name(const char *x, const char *y, struct arena *a)
{
	return strcmp(x, y) == 0 || strcmp(utf8_fold(a, utf8_clean_line(a, x)),
					    utf8_fold(a, utf8_clean_line(a, y))) == 0;
}

static bool has(const struct value *set, const char *name, struct arena *a)
{
	for (size_t i = 0; set->known && i < set->names.n; i++) {
		if (same_name(set->names.v[i], name, a))
			return true;
	}
	return false;
}

static bool had_text(const struct value *value)
{
	return value->known && *value->text != '\0';
}

static bool holds(const struct value *then, const char *now, struct arena *a)
{
	return then->known && same_text(then->text, now, a);
}

/* A field that was never pushed. Stash's value goes to Plex; with
 * fieldKeepPlexEdits only where Plex has none, or has the title that it makes
 * of the file's name until somebody, locking it, gives another. */
static enum plan_verdict first_push(const struct plan_input *in, enum field field)
{
	bool anybodys = field == FIELD_TITLE && !in->locked[field];

	if (in->keep_plex_edits && !anybodys && *in->theirs->v[field].text != '\0')
		return PLAN_KEEP;
	return PLAN_WRITE;
}

static enum plan_verdict judge_text(const struct plan_input *in, enum field field, struct arena *a)
{
	const struct value *ours = &in->ours->v[field], *theirs = &in->theirs->v[field];
	const struct value *pushed = &in->base->pushed.v[field], *seen = &in->base->seen.v[field];
	const struct value *meant = &in->base->meant.v[field];
	bool theirs_is_meant = holds(meant, theirs->text, a);
	bool plex_changed = !holds(seen, theirs->text, a) && !theirs_is_meant;
	bool stash_changed = theirs_is_meant || !pushed->known ||
			     strcmp(ours->text, pushed->text) != 0;

	if (same_text(ours->text, theirs->text, a))
		return PLAN_SAME;
	if (*ours->text == '\0' && (field == FIELD_TITLE || !(had_text(pushed) || had_text(meant))))
		return PLAN_LEAVE;
	if (in->force)
		return PLAN_WRITE;
	if (!pushed->known && !meant->known)
		return first_push(in, field);
	if (!stash_changed)
		return plex_changed ? PLAN_KEEP : PLAN_LEAVE; /* LEAVE: Plex's own spelling of it */
	return plex_changed && in->keep_plex_edits ? PLAN_KEEP : PLAN_WRITE;
}

/* (theirs - (base - ours)) + (ours - base). After a push of unknown outcome the
 * names of both pushes may be there and are ours to remove, and only names of
 * both are certain to have been there. */
static void plan_set(
	const struct plan_input *in, enum field field, struct plan_field *out, struct arena *a)
{
	const struct value *ours = &in->ours->v[field], *theirs = &in->theirs->v[field];
	const struct value *pushed = &in->base->pushed.v[field], *meant = &in->base->meant.v[field];
	bool added = false;

	str_list_init(&out->result.names, a);
	str_list_init(&out->remove, a);
	out->result.known = true;
	out->result.text = "";
	for (size_t i = 0; i < theirs->names.n; i++) {
		char *name = theirs->names.v[i];
		bool once_ours = has(pushed, name, a) || has(meant, name, a);
		bool goes = once_ours && !has(ours, name, a);
		str_list_add(goes ? &out->remove : &out->result.names, name);
	}
	for (size_t i = 0; i < ours->names.n; i++) {
		char *name = ours->names.v[i];
		bool was_there = has(pushed, name, a) && (!meant->known || has(meant, name, a));
		if (has(theirs, name, a))
			continue;
		if (was_there && !in->force) {
			out->kept = true; /* a person removed it in Plex */
			continue;
		}
		str_list_add(&out->result.names, name);
		added = true;
	}
	if (added || out->remove.n > 0)
		out->verdict = PLAN_WRITE;
	else
		out->verdict = PLAN_SAME;
}

static void plan_text(
	const struct plan_input *in, enum field field, struct plan_field *out, struct arena *a)
{
	out->verdict = judge_text(in, field, a);
	out->kept = out->verdict == PLAN_KEEP;
	out->result = in->ours->v[field];
}

void plan_make(const struct plan_input *in, struct plan *plan, struct arena *a)
{
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
	}
}

/* Before the first push of a field: what it is about to replace. */
static void keep_replaced(
	const struct plan_input *in, const struct plan *plan, struct history *history)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		const struct value *theirs = &in->theirs->v[f];
		size_t size = strlen(theirs->text ? theirs->text : "");
		if (plan->f[f].verdict != PLAN_WRITE || history->pushed.v[f].known ||
			history->meant.v[f].known || history->replaced.v[f].known)
			continue;
		for (size_t i = 0; i < theirs->names.n; i++)
			size += strlen(theirs->names.v[i]);
		if (size <= LIMIT_REPLACED_BYTES)
			history->replaced.v[f] = *theirs;
	}
}

void plan_intend(const struct plan_input *in, const struct plan *plan, struct history *history)
{
	*history = *in->base;
	keep_replaced(in, plan, history);
	history->pending = true;
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (plan->f[f].verdict == PLAN_WRITE)
			history->meant.v[f] = in->ours->v[f];
		else
			history->meant.v[f] = (struct value){0};
	}
}

void plan_settle(const struct plan_input *in, const struct plan *plan, unsigned done,
	const struct fields *now, struct history *history)
{
	plan_intend(in, plan, history);
	history->pending = false;
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		enum plan_verdict verdict = plan->f[f].verdict;
		if (verdict == PLAN_SAME || (verdict == PLAN_WRITE && (done & 1u << f))) {
			history->pushed.v[f] = in->ours->v[f];
			history->seen.v[f] = now->v[f];
			history->meant.v[f] = (struct value){0};
		}
		history->pending |= history->meant.v[f].known;
	}
}
