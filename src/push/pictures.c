/*
 * pictures.c - see pictures.h.
 *
 * Of the fields FIELD_POSTER and FIELD_BACKGROUND in the history of an item, 'pushed' is the
 * SHA-1 of the picture that was put there, 'meant' of one that may have been, and 'seen' of
 * the cover that was last dealt with, also if Plex's own was left. 'previous' is what was
 * 'pushed' before, if Plex still showed it then; 'replaced' is Plex's key of what it showed.
 */
#include "push/pictures.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "plex/edit.h"
#include "plex/picture.h"
#include "push/judge.h"
#include "push/report.h"
#include "push/values.h"
#include "push/write.h"

/* What was uploaded is not always listed at once. */
#define LOOKS	3
#define LOOK_MS 300

enum { KINDS = 2 };

static const enum field fields[KINDS] = {
	[PICTURE_POSTER] = FIELD_POSTER, [PICTURE_BACKGROUND] = FIELD_BACKGROUND};

/* One picture of one item on its way. */
struct step {
	struct target *target;
	enum picture_kind kind;
	enum field field;
	enum pictures_step what;
	struct picture_list list;
};

/* All of them. */
struct work {
	const struct env *env;
	struct push *push;
	struct step steps[LIMIT_ITEMS * KINDS];
	size_t count;
};

enum pictures_step pictures_decide(const struct pictures_facts *facts)
{
	if (facts->seen && !facts->force && !(facts->pushed && facts->lost))
		return facts->pushed ? PICTURES_LEAVE : PICTURES_KEEP;
	if (facts->wrong)
		return PICTURES_KEEP;
	if (!facts->listed)
		return PICTURES_ASK;
	if (facts->selected)
		return facts->meant ? PICTURES_LOCK : PICTURES_ADOPT;
	return facts->chosen && !facts->force ? PICTURES_KEEP : PICTURES_PUT;
}

/* --- Stash's cover ------------------------------------------------------------ */

/* Asks Stash; 'known': a cover that did not change need not be sent. */
static bool fetch(struct work *work, const char *known, struct err *err)
{
	struct push *push = work->push;
	struct push_cover *cover = &push->cover;
	struct stash_cover got;
	enum lookup found = stash_read_cover(work->env->stash, push->asked.scene, known,
		request_stash_time(&push->asked), &got, push->arena, err);

	if (found == FAILED)
		return false;
	if (found == FOUND && got.same)
		return true;
	cover->etag = got.etag;
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

static bool read_list(struct work *work, struct step *step, struct err *err)
{
	struct plex_time time = request_plex_time(&work->push->asked, LIMIT_REQUEST_MS);

	return picture_read(work->env->use->plex, step->target->item.rating_key, step->kind, &time,
		&step->list, work->push->arena, err);
}

static bool is_locked(const struct step *step)
{
	return item_is_locked(&step->target->item, fields_plex_name(step->field));
}

/* A person chose it: it is locked, and not one of ours. What nobody chose is not locked. */
static bool is_chosen(const struct step *step, const struct picture *selected)
{
	const struct value *pushed = &step->target->after.pushed.v[step->field];
	const struct value *meant = &step->target->after.meant.v[step->field];

	return is_locked(step) && !(pushed->known && picture_is(selected, pushed->text)) &&
	       !(meant->known && picture_is(selected, meant->text));
}

static struct pictures_facts facts_of(const struct push *push, const struct step *step, bool listed)
{
	const char *sha1 = push->cover.sha1;
	const struct history *history = &step->target->after;
	const struct picture *selected = listed ? picture_selected(&step->list) : NULL;

	return (struct pictures_facts){.seen = value_is(&history->seen.v[step->field], sha1),
		.wrong = push->cover.wrong != NULL,
		.pushed = value_is(&history->pushed.v[step->field], sha1),
		.lost = push->asked.restored && !is_locked(step),
		.meant = value_is(&history->meant.v[step->field], sha1),
		.listed = listed,
		.selected = selected != NULL && picture_is(selected, sha1),
		.chosen = selected != NULL && is_chosen(step, selected),
		.force = push->asked.force};
}

/* Plex's picture stays; why is said once, since the cover is then dealt with. */
static void refuse(struct push *push, struct step *step)
{
	step->what = PICTURES_KEEP;
	step->target->kept |= 1u << step->field;
	if (value_is(&step->target->after.seen.v[step->field], push->cover.sha1) ||
		push->notes[FIELD_POSTER] != NULL)
		return;
	push->notes[step->field] = arena_printf(push->arena,
		"the cover in Stash is %s: only JPEG, PNG and WebP go to Plex, whose picture stays",
		push->cover.wrong);
}

/* Nothing is asked if this very cover was dealt with before. */
static bool decide(struct work *work, struct step *step, struct err *err)
{
	struct pictures_facts facts = facts_of(work->push, step, false);

	step->what = pictures_decide(&facts);
	if (step->what == PICTURES_ASK) {
		if (!read_list(work, step, err))
			return err_context(err, "%s", fields_name(step->field));
		facts = facts_of(work->push, step, true);
		step->what = pictures_decide(&facts);
	}
	if (step->what == PICTURES_KEEP && facts.wrong)
		refuse(work->push, step);
	step->target->kept |= step->what == PICTURES_KEEP ? 1u << step->field : 0;
	return true;
}

static bool decide_all(struct work *work, struct err *err)
{
	const struct settings *s = &work->env->use->s;
	const bool off[KINDS] = {
		[PICTURE_POSTER] = s->no.poster, [PICTURE_BACKGROUND] = s->no.background};
	const struct push *push = work->push;

	for (size_t i = 0; i < push->target_count; i++) {
		struct target *target = push->targets[i];
		for (size_t kind = 0; kind < KINDS && !target->foreign; kind++) {
			struct step *step = &work->steps[work->count];
			if (off[kind])
				continue;
			*step = (struct step){.target = target,
				.kind = (enum picture_kind)kind,
				.field = fields[kind]};
			if (!decide(work, step, err))
				return false;
			work->count++;
		}
	}
	return true;
}

/* --- doing it ------------------------------------------------------------------------ */

static bool is_there(const struct work *work, const struct step *step)
{
	return picture_find(&step->list, work->push->cover.sha1) != NULL;
}

/* Steps that cannot be done with the bytes are taken out. */
static bool need_bytes(struct work *work, struct err *err)
{
	struct push_cover *cover = &work->push->cover;

	for (size_t i = 0; i < work->count; i++) {
		struct step *step = &work->steps[i];
		if (step->what != PICTURES_PUT)
			continue;
		if (cover->data == NULL && !fetch(work, "", err))
			return err_context(err, "cover");
		if (cover->data == NULL) { /* taken back between the two questions */
			step->what = PICTURES_LEAVE;
		} else if (cover->wrong != NULL) {
			refuse(work->push, step);
		} else if (cover->len > LIMIT_PICTURE_BYTES && !is_there(work, step)) {
			step->what = PICTURES_LEAVE;
			step->target->refused |= 1u << step->field;
			step->target->after.seen.v[step->field] = known_text(cover->sha1);
		}
	}
	return true;
}

/* A picture that is selected by a request is ours even if we are killed before we see it, and
 * is still to be locked. */
/* What Plex shows until now; after a kill that is remembered already. */
static void note_replaced(struct step *step)
{
	const struct picture *shown = picture_selected(&step->list);
	struct history *after = &step->target->after;
	const struct value *pushed = &after->pushed.v[step->field];
	unsigned bit = 1u << step->field;

	if (after->replaced.v[step->field].known)
		return;
	after->replaced.v[step->field] = known_text(shown ? shown->key : "");
	after->replaced_locked &= ~bit;
	if (item_is_locked(&step->target->item, fields_plex_name(step->field)))
		after->replaced_locked |= bit;
	after->previous.v[step->field] = (struct value){0};
	if (shown != NULL && pushed->known && picture_is(shown, pushed->text))
		after->previous.v[step->field] = *pushed;
}

static bool record_intents(struct work *work, struct err *err)
{
	for (size_t i = 0; i < work->count; i++) {
		struct step *step = &work->steps[i];
		if (step->what != PICTURES_PUT)
			continue;
		note_replaced(step);
		step->target->after.meant.v[step->field] = known_text(work->push->cover.sha1);
		step->target->intends = true;
	}
	return write_intents(work->env, &work->push, 1, err);
}

static bool upload(struct work *work, struct step *step, struct err *err)
{
	const struct push_cover *cover = &work->push->cover;
	struct plex_time time = request_plex_time(&work->push->asked, LIMIT_UPLOAD_MS);

	if (!picture_upload(work->env->use->plex, step->target->item.rating_key, step->kind,
		    cover->data, cover->len, &time, err)) {
		if (err->status == 413) /* too many at a time */
			err->kind = ERR_LATER;
		return false;
	}
	for (int look = 0; look < LOOKS; look++) {
		if (look > 0)
			clock_sleep_ms(LOOK_MS);
		if (!read_list(work, step, err))
			return false;
		if (is_there(work, step))
			return true;
	}
	return err_set(err, ERR_LATER, "Plex accepted the picture but does not list it");
}

static bool put(struct work *work, struct step *step, struct err *err)
{
	struct plex_time time = request_plex_time(&work->push->asked, LIMIT_REQUEST_MS);
	const struct picture *picture;

	if (!is_there(work, step) && !upload(work, step, err))
		return err_context(err, "%s", fields_name(step->field));
	picture = picture_find(&step->list, work->push->cover.sha1);
	if (!picture->selected &&
		!picture_select(work->env->use->plex, step->target->item.rating_key, step->kind,
			picture->key, &time, err))
		return err_context(err, "%s", fields_name(step->field));
	step->target->after.pushed.v[step->field] = known_text(work->push->cover.sha1);
	step->what = PICTURES_LOCK;
	return true;
}

/* What was put there stays there, whatever an agent finds: one edit locks both. */
static bool lock(struct work *work, struct target *target, struct err *err)
{
	struct plex_time time = request_plex_time(&work->push->asked, LIMIT_REQUEST_MS);
	struct edit_change changes[KINDS];
	struct edit edit = {.section = target->section,
		.type = target->type,
		.rating_key = target->item.rating_key,
		.changes = changes};
	struct edit_request *requests;

	for (size_t i = 0; i < work->count; i++) {
		const struct step *step = &work->steps[i];
		if (step->target == target && step->what == PICTURES_LOCK)
			changes[edit.count++] = (struct edit_change){
				.fields = 1u << step->field, .name = fields_plex_name(step->field)};
	}
	if (edit.count == 0)
		return true;
	edit_build(&edit, strlen(plex_url(work->env->use->plex)), &requests, work->push->arena);
	return plex_send(work->env->use->plex, "PUT", requests[0].path, NULL, 0, &time, err);
}

/* For the journal: what the picture was before, and is now. */
static void note_written(struct work *work, struct step *step)
{
	struct target *target = step->target;
	struct history *after = &target->after;
	const struct picture *ours = picture_find(&step->list, work->push->cover.sha1);

	target->written |= 1u << step->field;
	target->theirs.v[step->field] = after->replaced.v[step->field];
	target->input.locked[step->field] = (after->replaced_locked >> step->field & 1u) != 0;
	target->now.v[step->field] = known_text(ours ? ours->key : "");
	target->locked_now[step->field] = true;
}

/* What is there and locked, or was left alone, has been dealt with; what is not locked stays
 * meant: the next try finds it and locks it. */
static void conclude(struct work *work, const struct target *target, bool locked)
{
	const char *sha1 = work->push->cover.sha1;

	for (size_t i = 0; i < work->count; i++) {
		struct step *step = &work->steps[i];
		struct history *after = &step->target->after;
		bool adopt = step->what == PICTURES_ADOPT || step->what == PICTURES_LOCK;
		if (step->target != target || step->what == PICTURES_LEAVE ||
			step->what == PICTURES_PUT || (step->what == PICTURES_LOCK && !locked))
			continue;
		if (adopt)
			after->pushed.v[step->field] = known_text(sha1);
		after->seen.v[step->field] = known_text(sha1);
		after->meant.v[step->field] = (struct value){0};
		if (step->what == PICTURES_LOCK) {
			note_written(work, step);
			after->pushed_ms = clock_now_ms();
		}
		after->replaced.v[step->field] = (struct value){0};
	}
}

static void judge(const struct work *work, struct err *err)
{
	judge_item(work->env, &work->push->asked, "its pictures", err, work->push->arena);
	if (err->status == 404) /* gone between reading and writing: found again next time */
		err->kind = ERR_LATER;
}

static bool carry_out(struct work *work, struct err *err)
{
	struct push *push = work->push;

	if (!need_bytes(work, err) || !record_intents(work, err))
		return false;
	for (size_t i = 0; i < push->target_count; i++) {
		struct target *target = push->targets[i];
		bool done = true;
		for (size_t s = 0; done && s < work->count; s++) {
			struct step *step = &work->steps[s];
			if (step->target == target && step->what == PICTURES_PUT)
				done = put(work, step, err);
		}
		done = done && lock(work, target, err);
		conclude(work, target, done);
		if (!done) {
			judge(work, err);
			return false;
		}
	}
	return true;
}

static bool push_all(struct work *work, struct err *err)
{
	if (!fetch(work, work->push->cover.etag, err))
		return err_context(err, "cover");
	if (*work->push->cover.sha1 == '\0')
		return true;
	if (!decide_all(work, err)) {
		judge(work, err);
		return false;
	}
	if (!work->push->asked.dry_run)
		return carry_out(work, err);
	for (size_t i = 0; i < work->count; i++) {
		const struct step *step = &work->steps[i];
		if (step->what == PICTURES_PUT || step->what == PICTURES_LOCK)
			step->target->written |= 1u << step->field;
	}
	return true;
}

bool pictures_push(const struct env *env, struct push *push, struct err *err)
{
	const struct settings *s = &env->use->s;
	struct work *work;
	int64_t at = clock_us();
	unsigned before = push_written(push);
	bool done;

	if ((s->no.poster && s->no.background) || push_owned(push) == 0)
		return true;
	work = arena_alloc(push->arena, sizeof(*work));
	work->env = env;
	work->push = push;
	work->count = 0;
	done = push_all(work, err);
	timer_add(&push->timer, "pictures", at);
	if (!done && before != 0 && err->kind != ERR_SETUP)
		err_context(err, "%s written, but not all pictures",
			report_fields(before, push->arena));
	return done;
}
