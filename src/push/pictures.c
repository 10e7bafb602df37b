/*
 * pictures.c - see pictures.h.
 *
 * Of the fields FIELD_POSTER and FIELD_BACKGROUND in the history of an item, 'pushed' is the
 * SHA-1 of the picture that was put there, 'meant' of one that may have been, and 'seen' of
 * the cover that was last dealt with, also if Plex's own was left. 'previous' is one that
 * was 'pushed' before, if Plex still showed it then, and 'past' has all that were (PAST_FORMER);
 * 'replaced' is Plex's key of what it showed, or ACTIVITY_PLEX_CHOICE; 'refused' is a cover that
 * Plex did not take: one that is 'meant', too, was uploaded, and is looked for once more.
 */
#include "push/pictures.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "push/ahead.h"
#include "push/judge.h"
#include "push/picture_step.h"
#include "push/report.h"
#include "push/values.h"
#include "push/write.h"
#include "state/activity.h"

/* One push. */
struct one {
	struct push *push;
	bool goes;		    /* nothing has failed */
	struct err err;		    /* but what is about one item alone */
	unsigned before;	    /* what was written before its pictures */
	struct picture_step *steps; /* item by item */
	size_t count;
};

/* All of them. The bytes of the covers are those of the pushes that are at work together. */
struct work {
	const struct env *env;
	struct push *const *pushes;
	struct one ones[LIMIT_BATCH];
	size_t count;
	struct ahead *ahead; /* NULL: there is one push */
	struct arena covers;
	push_go_on *go_on;
	void *what;
};

/* --- Stash's cover ------------------------------------------------------------ */

/* Asks Stash; 'known': a cover that did not change need not be sent. */
static bool fetch(struct work *work, struct push *push, const char *known, struct err *err)
{
	struct push_cover *cover = &push->cover;
	struct stash_cover got;
	enum lookup found = stash_read_cover(work->env->stash, cover->path, known,
		request_stash_time(&push->asked), &got, &work->covers, err);

	if (found == FAILED)
		return false;
	if (found == FOUND && got.same)
		return true;
	cover->etag = arena_strdup(push->arena, got.etag);
	cover->data = NULL;
	cover->len = 0;
	cover->sha1 = "";
	cover->wrong = NULL;
	if (found != FOUND)
		return true;
	cover->data = got.len > 0 ? got.data : "";
	cover->len = got.len;
	cover->sha1 = digest_sha1(cover->data, cover->len, push->arena);
	cover->wrong = picture_wrong(cover->data, cover->len, push->arena);
	return true;
}

/* --- what is to be done ---------------------------------------------------------- */

static struct value known_text(const char *text)
{
	return (struct value){.known = true, .text = text};
}

/* Plex's picture stays; why is said once, since the cover is then dealt with. */
static void refuse(struct push *push, struct picture_step *step)
{
	step->what = PICTURE_KEEP;
	step->target->kept |= 1u << step->field;
	if (value_is(&step->target->after.seen.v[step->field], push->cover.sha1) ||
		push->notes[FIELD_POSTER] != NULL)
		return;
	push->notes[step->field] = arena_printf(push->arena,
		"the cover in Stash is %s: only JPEG, PNG and WebP go to Plex, whose picture stays",
		push->cover.wrong);
}

/* Plex does not take the cover. What it shows is nothing that it went back to. */
static void note_refused(struct picture_step *step)
{
	struct target *target = step->target;
	struct history *after = &target->after;

	step->what = PICTURE_REFUSED;
	target->refused |= 1u << step->field;
	after->refused.v[step->field] = known_text(step->push->cover.sha1);
	if (after->meant.v[step->field].known)
		after->previous.v[step->field] = target->before.previous.v[step->field];
	after->meant.v[step->field] = after->replaced.v[step->field] = (struct value){0};
}

/* Nothing is asked if this very cover was dealt with before. */
static bool decide(struct work *work, struct picture_step *step, struct err *err)
{
	struct push *push = step->push;
	struct picture_facts facts = picture_step_facts(step);

	step->what = picture_decide(&facts);
	if (step->what == PICTURE_ASK) {
		if (!picture_step_read_list(work->env, step, err))
			return err_context(err, "%s", fields_name(step->field));
		facts = picture_step_facts(step);
		step->what = picture_decide(&facts);
	}
	if (step->what == PICTURE_LEAVE)
		picture_step_note_lock(step);
	if (step->what == PICTURE_PUT && facts.lost && facts.pushed)
		step->target->plan.reset |= 1u << step->field;
	if (step->what == PICTURE_KEEP && facts.wrong)
		refuse(push, step);
	if (step->what == PICTURE_REFUSED) {
		step->target->plan.refused |= facts.meant ? 0 : 1u << step->field;
		note_refused(step);
	}
	step->target->kept |= step->what == PICTURE_KEEP ? 1u << step->field : 0;
	return true;
}

/* A collection has a poster alone, which is a setting of its own. */
static bool is_off(const struct settings *s, const struct push *push, size_t kind)
{
	if (push->is_art)
		return kind != PICTURE_POSTER;
	return kind == PICTURE_POSTER ? s->no.poster : s->no.background;
}

/* True if an error is about this item alone: its pictures are left, the first error is kept, and
 * the other items go on. */
static bool is_spared(
	const struct work *work, struct one *one, struct target *target, struct err *err)
{
	judge_item(work->env, &one->push->asked, "its pictures", err, one->push->arena);
	if (err->kind == ERR_JOB && err->status == 404)
		err->kind = ERR_LATER; /* gone between reading and writing: found again next time */
	if (!judge_is_one(err))
		return false;
	if (one->err.kind == ERR_NONE)
		one->err = *err;
	target->stuck = true;
	return true;
}

/* True if an error is about this picture alone: the other one goes on. One that Plex accepted and
 * does not list is never sent twice, but looked for once more; whether a 500 is about the picture
 * says the other one. */
static bool is_passed_over(struct one *one, struct picture_step *step, const struct err *err)
{
	if (step->refusal == 0)
		return false;
	step->what = PICTURE_LEAVE;
	step->unseen = false;
	step->why = *err;
	if (step->refusal == PICTURE_UNLISTED) {
		step->target->after.refused.v[step->field] = known_text(step->push->cover.sha1);
		if (one->err.kind == ERR_NONE)
			one->err = *err;
	} else if (step->refusal != 500) {
		step->target->refusal[step->field] = step->refusal;
		note_refused(step);
	}
	return true;
}

/* A picture at which Plex failed is refused if it took the other one; else the item is to blame. */
static void settle_doubts(
	struct work *work, struct one *one, struct picture_step *steps, size_t count)
{
	bool taken = false;

	for (size_t i = 0; i < count; i++) {
		const struct value *pushed = &steps[i].target->after.pushed.v[steps[i].field];
		taken |= steps[i].what == PICTURE_LOCK &&
			 value_is(pushed, steps[i].push->cover.sha1);
	}
	for (size_t i = 0; i < count; i++) {
		struct picture_step *step = &steps[i];
		if (step->refusal != 500)
			continue;
		if (taken) {
			step->target->refusal[step->field] = step->refusal;
			note_refused(step);
		} else {
			is_spared(work, one, step->target, &step->why);
		}
	}
}

static bool decide_all(struct work *work, struct one *one, struct err *err)
{
	const struct settings *s = &work->env->use->s;
	struct push *push = one->push;

	one->steps = arena_array(
		push->arena, push->target_count * PICTURE_KINDS, sizeof(*one->steps));
	for (size_t i = 0; i < push->target_count; i++) {
		struct target *target = push->targets[i];
		for (size_t kind = 0; kind < PICTURE_KINDS; kind++) {
			struct picture_step *step = &one->steps[one->count];
			if (is_off(s, push, kind) || target->foreign || target->stuck)
				continue;
			picture_step_init(step, push, target, (enum picture_kind)kind);
			if (decide(work, step, err))
				one->count++;
			else if (!is_spared(work, one, target, err))
				return false;
		}
	}
	return true;
}

/* --- doing it ------------------------------------------------------------------------ */

/* A step that cannot be done with the bytes is not done. */
static bool need_bytes(struct work *work, struct picture_step *step, struct err *err)
{
	struct push *push = step->push;
	struct push_cover *cover = &push->cover;

	if (cover->data == NULL && !fetch(work, push, "", err))
		return err_context(err, "cover");
	if (cover->data == NULL) { /* taken back between the two questions */
		step->what = PICTURE_LEAVE;
	} else if (cover->wrong != NULL) {
		refuse(push, step);
	} else if (cover->len > LIMIT_PICTURE_BYTES && !picture_step_is_listed(step)) {
		step->what = PICTURE_LEAVE;
		step->target->refused |= 1u << step->field;
		step->target->after.seen.v[step->field] = known_text(cover->sha1);
		step->target->after.refused.v[step->field] = (struct value){0};
	}
	return true;
}

/* The key of what Plex shows until now. */
static const char *shown_until_now(const struct picture_step *step, const struct picture *selected)
{
	if (selected != NULL)
		return selected->key;
	return !step->listed && picture_step_look(step, &step->target->item).shows
		       ? ACTIVITY_PLEX_CHOICE
		       : "";
}

/* What Plex shows until now; after a kill that is remembered already. */
static void note_replaced(struct picture_step *step)
{
	const struct picture *shown = picture_selected(&step->list);
	struct history *after = &step->target->after;
	const struct value *pushed = &after->pushed.v[step->field];
	unsigned bit = 1u << step->field;

	if (after->replaced.v[step->field].known)
		return;
	after->replaced.v[step->field] = known_text(shown_until_now(step, shown));
	after->replaced_locked &= ~bit;
	if (item_is_locked(&step->target->item, fields_plex_name(step->field)))
		after->replaced_locked |= bit;
	if (shown != NULL && picture_is_value(shown, pushed))
		after->previous.v[step->field] = *pushed;
	else if (shown == NULL || !step->push->asked.restored ||
		 !picture_is_value(shown, &after->previous.v[step->field]))
		after->previous.v[step->field] = (struct value){0};
}

/* A picture that is selected by a request is ours even if we are killed before we see it, and
 * is still to be locked. */
static void intend(struct picture_step *step)
{
	note_replaced(step);
	step->target->after.meant.v[step->field] = known_text(step->push->cover.sha1);
	step->target->intends = true;
}

/* For the journal: what the picture was before, and is now. */
static void note_written(struct picture_step *step)
{
	struct target *target = step->target;
	struct history *after = &target->after;
	struct arena *a = step->push->arena;

	target->written |= 1u << step->field;
	target->theirs.v[step->field] = after->replaced.v[step->field];
	target->input.locked[step->field] = (after->replaced_locked >> step->field & 1u) != 0;
	target->now.v[step->field] = known_text(picture_key(step->kind, step->push->cover.sha1, a));
	target->locked_now[step->field] = true;
}

/* What is there and locked, or was left alone, has been dealt with; what is not locked stays
 * meant: the next try finds it and locks it. */
static void conclude(struct picture_step *step, bool locked)
{
	const char *sha1 = step->push->cover.sha1;
	struct history *after = &step->target->after;

	if (step->what == PICTURE_LEAVE || step->what == PICTURE_PUT ||
		step->what == PICTURE_REFUSED || (step->what == PICTURE_LOCK && !locked))
		return;
	if (step->what == PICTURE_ADOPT || step->what == PICTURE_LOCK) {
		picture_note_ours(after, step->field, sha1);
		picture_step_note_lock(step);
	}
	after->seen.v[step->field] = known_text(sha1);
	after->meant.v[step->field] = after->refused.v[step->field] = (struct value){0};
	if (step->what == PICTURE_LOCK) {
		note_written(step);
		after->pushed_ms = clock_now_ms();
	}
	after->replaced.v[step->field] = (struct value){0};
}

/* --- one push among others ------------------------------------------------------------- */

static void leave_from(struct work *work, size_t at)
{
	for (; at < work->count; at++) {
		work->ones[at].push->left |= work->ones[at].goes;
		work->ones[at].goes = false;
	}
}

/* Those after it are left for another time if theirs would fail as well. */
static void fail(struct work *work, struct one *one, struct err *err)
{
	if (one->before != 0 && err->kind != ERR_SETUP)
		err_context(err, "%s written, but not all pictures",
			report_fields(one->before, one->push->arena));
	if (one->push->err.kind == ERR_NONE || !judge_is_one(err))
		one->push->err = *err;
	one->goes = false;
	if (err->kind == ERR_SERVER || err->kind == ERR_SETUP || err->kind == ERR_BUDGET)
		leave_from(work, (size_t)(one - work->ones) + 1);
}

/* The steps, with all that is needed for them. */
static bool prepare(struct work *work, struct one *one, struct err *err)
{
	struct push *push = one->push;

	if (!fetch(work, push, push->cover.etag, err))
		return err_context(err, "cover");
	if (*push->cover.sha1 == '\0')
		return true;
	if (!decide_all(work, one, err))
		return false;
	for (size_t i = 0; i < one->count; i++) {
		struct picture_step *step = &one->steps[i];
		if (step->target->stuck)
			step->what = PICTURE_LEAVE;
		if (push->asked.dry_run) {
			if (step->what == PICTURE_PUT || step->what == PICTURE_LOCK)
				step->target->written |= 1u << step->field;
			continue;
		}
		if (step->what == PICTURE_PUT && !need_bytes(work, step, err))
			return false;
		if (step->what == PICTURE_PUT)
			intend(step);
	}
	return true;
}

static bool put(struct work *work, struct one *one, struct err *err)
{
	for (size_t i = 0; i < one->count; i++) {
		struct picture_step *step = &one->steps[i];
		if (step->what == PICTURE_PUT && !step->target->stuck &&
			!picture_step_put(work->env, step, work->ahead != NULL, err) &&
			!is_passed_over(one, step, err) && !is_spared(work, one, step->target, err))
			return false;
	}
	return true;
}

/* What is not known to be shown is looked for; then the pictures of an item are locked. */
static bool finish(struct work *work, struct one *one, struct err *err)
{
	for (size_t first = 0, end; first < one->count; first = end) {
		struct target *target = one->steps[first].target;
		bool done = true;
		for (end = first; end < one->count && one->steps[end].target == target;)
			end++;
		if (target->stuck)
			continue;
		for (size_t i = first; i < end && done; i++) {
			struct picture_step *step = &one->steps[i];
			done = !step->unseen || picture_step_see(work->env, step, err) ||
			       is_passed_over(one, step, err);
		}
		settle_doubts(work, one, &one->steps[first], end - first);
		done = done && picture_step_lock(work->env, &one->steps[first], end - first, err);
		for (size_t i = first; i < end; i++)
			conclude(&one->steps[i], done);
		if (!done && !is_spared(work, one, target, err))
			return false;
	}
	return true;
}

/* --- all of them ------------------------------------------------------------------------- */

typedef bool one_act(struct work *, struct one *, struct err *);

static void carry_out(struct work *work, struct one *one, one_act *act)
{
	int64_t at_us = clock_us();
	struct err err = {0};

	if (!one->goes)
		return;
	if (!act(work, one, &err))
		fail(work, one, &err);
	timer_add(&one->push->timer, "pictures", at_us);
}

static bool has_put(const struct one *one)
{
	for (size_t i = 0; i < one->count; i++) {
		if (one->steps[i].what == PICTURE_PUT)
			return one->goes;
	}
	return false;
}

/* All in one commit. If it fails nothing may leave. */
static void record_intents(struct work *work, size_t first, size_t end)
{
	struct err err;

	if (write_intents(work->env, &work->pushes[first], end - first, &err))
		return;
	for (size_t i = first; i < end; i++) {
		struct err why = err;
		if (has_put(&work->ones[i]))
			fail(work, &work->ones[i], &why);
	}
}

static void put_all(struct work *work, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		struct one *one = &work->ones[i];
		if (!has_put(one))
			continue;
		if (work->go_on != NULL && !work->go_on(work->what, one->push))
			leave_from(work, i);
		carry_out(work, one, put);
	}
}

/* What one item says of both pictures is worth a list of each. */
static void look_together(struct work *work, size_t first, size_t end)
{
	struct str_list keys;
	struct err err;

	str_list_init(&keys, work->ahead->arena);
	for (size_t i = first; i < end; i++) {
		const struct one *one = &work->ones[i];
		for (size_t s = 0; one->goes && s < one->count; s++) {
			const char *key = one->steps[s].target->item.rating_key;
			if (one->steps[s].unseen)
				str_list_add(&keys, arena_strdup(work->ahead->arena, key));
		}
	}
	if (keys.n == 0 || !ahead_read_items(work->env, work->ahead, &keys, &err))
		return;
	for (size_t i = first; i < end; i++) {
		struct one *one = &work->ones[i];
		for (size_t s = 0; one->goes && s < one->count; s++) {
			struct picture_step *step = &one->steps[s];
			const struct item *item = ahead_item(
				work->ahead, step->target->item.rating_key);
			if (step->unseen && item != NULL)
				picture_step_believe(step, item);
		}
	}
}

/* As many of them as their covers leave room for. Returns the first of the rest. */
static size_t push_some(struct work *work, size_t first)
{
	size_t end = first, bytes = 0;

	for (; end < work->count && bytes < LIMIT_COVERS_BYTES; end++) {
		struct one *one = &work->ones[end];
		carry_out(work, one, prepare);
		bytes += one->push->cover.data != NULL ? one->push->cover.len : 0;
	}
	if (!work->ones[first].push->asked.dry_run) {
		record_intents(work, first, end);
		put_all(work, first, end);
		if (work->ahead != NULL)
			look_together(work, first, end);
		for (size_t i = first; i < end; i++)
			carry_out(work, &work->ones[i], finish);
	}
	for (size_t i = first; i < end; i++) {
		struct one *one = &work->ones[i];
		if (one->goes && one->err.kind != ERR_NONE)
			fail(work, one, &one->err);
	}
	for (size_t i = first; i < end; i++)
		work->ones[i].push->cover.data = NULL;
	arena_clear(&work->covers);
	return end;
}

void pictures_push(const struct env *env, struct push *const *pushes, size_t count,
	struct ahead *ahead, push_go_on *go_on, void *what)
{
	struct work *work;
	bool off;

	if (count == 0)
		return;
	off = is_off(&env->use->s, pushes[0], PICTURE_POSTER) &&
	      is_off(&env->use->s, pushes[0], PICTURE_BACKGROUND);
	work = arena_alloc(pushes[0]->arena, sizeof(*work));
	work->env = env;
	work->pushes = pushes;
	work->count = count;
	work->ahead = ahead;
	work->go_on = go_on;
	work->what = what;
	arena_init(&work->covers);
	for (size_t i = 0; i < count; i++) {
		work->ones[i] = (struct one){.push = pushes[i],
			.goes = !off && push_owned(pushes[i]) > 0,
			.before = push_written(pushes[i])};
		pushes[i]->pictured = !work->ones[i].goes;
	}
	for (size_t at = 0; !off && at < count;)
		at = push_some(work, at);
	for (size_t i = 0; i < count; i++)
		pushes[i]->pictured |= work->ones[i].goes;
}
