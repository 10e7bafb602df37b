#include "push/picture_step.h"

#include <string.h>

#include "base/clock.h"
#include "plex/edit.h"
#include "push/values.h"

/* What was uploaded is not always listed at once. */
#define LOOKS	3
#define LOOK_MS 300

static const enum field fields[PICTURE_KINDS] = {
	[PICTURE_POSTER] = FIELD_POSTER, [PICTURE_BACKGROUND] = FIELD_BACKGROUND};

bool picture_step_proves(const struct picture_look *before, const struct picture_look *now)
{
	return now->shows && (!before->shows || (now->locked && !before->locked));
}

void picture_step_init(
	struct picture_step *step, struct push *push, struct target *target, enum picture_kind kind)
{
	*step = (struct picture_step){
		.push = push, .target = target, .kind = kind, .field = fields[kind]};
}

struct picture_look picture_step_look(const struct picture_step *step, const struct item *item)
{
	return (struct picture_look){
		.shows = step->kind == PICTURE_POSTER ? item->has_thumb : item->has_art,
		.locked = item_is_locked(item, fields_plex_name(step->field))};
}

bool picture_step_read_list(const struct env *env, struct picture_step *step, struct err *err)
{
	struct plex_time time = request_plex_time(&step->push->asked, LIMIT_REQUEST_MS);

	step->listed = picture_read(env->use->plex, step->target->item.rating_key, step->kind,
		&time, &step->list, step->push->arena, err);
	return step->listed;
}

bool picture_step_is_listed(const struct picture_step *step)
{
	return picture_find(&step->list, step->push->cover.sha1) != NULL;
}

/* --- what is known of it ------------------------------------------------------------ */

static bool is_locked(const struct picture_step *step)
{
	return picture_step_look(step, &step->target->item).locked;
}

/* A push put it there: the last one, or one that was cut off; in a database that was put back any
 * other may have. */
static bool is_ours(const struct picture_step *step, const struct picture *selected)
{
	const struct history *history = &step->target->after;

	return picture_is_value(selected, &history->pushed.v[step->field]) ||
	       picture_is_value(selected, &history->meant.v[step->field]) ||
	       (step->push->asked.restored && picture_was_ours(history, step->field, selected));
}

/* A person chose it: it is locked, and not one of ours. What nobody chose is not locked. */
static bool is_chosen(const struct picture_step *step, const struct picture *selected)
{
	return is_locked(step) && !is_ours(step, selected);
}

/* What loses its picture loses the lock with it. A database that was put back may show what was
 * there before the cover: if that was one of ours, too, it is locked. */
static bool is_lost(const struct picture_step *step)
{
	const struct history *history = &step->target->after;

	if (!is_locked(step))
		return step->push->asked.restored || (history->locked & 1u << step->field) != 0;
	return step->push->asked.restored &&
	       (history->previous.v[step->field].known ||
		       past_has_any(&history->past, step->field, PAST_FORMER));
}

void picture_step_note_lock(struct picture_step *step)
{
	struct history *history = &step->target->after;
	unsigned bit = 1u << step->field;

	if (step->locked || is_locked(step))
		history->locked |= bit;
	else if (step->what == PICTURE_ADOPT)
		history->locked &= ~bit;
}

/* A person did not choose what Plex shows there, and we never had one there. Plex need not be asked
 * for the list of its pictures: if it shows none there is nothing to know; and which background
 * an undo gives back is Plex's choice again, as it was. A poster is what people and their other
 * tools care for: its list is asked for, so that an undo shows the very same one. */
static bool is_free(const struct picture_step *step)
{
	const struct history *history = &step->target->after;
	struct picture_look look = picture_step_look(step, &step->target->item);

	return (!look.shows || step->kind == PICTURE_BACKGROUND) && !look.locked &&
	       !history->unreadable && !history->pushed.v[step->field].known &&
	       !history->meant.v[step->field].known && !history->seen.v[step->field].known &&
	       !history->previous.v[step->field].known && !history->refused.v[step->field].known;
}

struct picture_facts picture_step_facts(const struct picture_step *step)
{
	const struct push *push = step->push;
	const char *sha1 = push->cover.sha1;
	const struct history *history = &step->target->after;
	const struct picture *selected = step->listed ? picture_selected(&step->list) : NULL;

	return (struct picture_facts){.seen = value_is(&history->seen.v[step->field], sha1),
		.wrong = push->cover.wrong != NULL,
		.pushed = value_is(&history->pushed.v[step->field], sha1),
		.lost = is_lost(step),
		.there = step->listed && picture_step_is_listed(step),
		.meant = value_is(&history->meant.v[step->field], sha1),
		.refused = !push->asked.retry && !push->asked.force &&
			   value_is(&history->refused.v[step->field], sha1),
		.free = is_free(step),
		.listed = step->listed,
		.selected = selected != NULL && picture_is(selected, sha1),
		.chosen = selected != NULL && is_chosen(step, selected),
		.force = push->asked.force};
}

/* --- what Plex is asked ------------------------------------------------------------- */

/* What Plex answers to a picture that it does not take. */
static int refusal_of(int status)
{
	switch (status) {
	case 400:
	case 409:
	case 415:
	case 422:
	case 500:
		return status;
	default:
		return 0;
	}
}

static bool upload(const struct env *env, struct picture_step *step, struct err *err)
{
	const struct push *push = step->push;
	struct plex_time time = request_plex_time(&push->asked, LIMIT_UPLOAD_MS);

	if (picture_upload(env->use->plex, step->target->item.rating_key, step->kind,
		    push->cover.data, push->cover.len, &time, err))
		return true;
	if (err->status == 413) /* too many at a time */
		err->kind = ERR_LATER;
	step->refusal = refusal_of(err->status);
	return false;
}

/* Waits until Plex lists what was uploaded, and learns whether it shows it by itself. */
static bool await(const struct env *env, struct picture_step *step, struct err *err)
{
	unsigned bit = 1u << step->kind;

	for (int look = 0; look < LOOKS; look++) {
		if (look > 0)
			clock_sleep_ms(LOOK_MS);
		if (!picture_step_read_list(env, step, err))
			return false;
		if (!picture_step_is_listed(step))
			continue;
		env->run->shows_uploads &= ~bit;
		if (picture_find(&step->list, step->push->cover.sha1)->selected)
			env->run->shows_uploads |= bit;
		return true;
	}
	step->refusal = PICTURE_UNLISTED;
	return err_set(err, ERR_LATER, "Plex accepted the picture but does not list it");
}

static void note_shown(struct picture_step *step)
{
	picture_note_ours(&step->target->after, step->field, step->push->cover.sha1);
	step->unseen = false;
	step->what = PICTURE_LOCK;
}

/* One that Plex lists. */
static bool show(const struct env *env, struct picture_step *step, struct err *err)
{
	struct plex_time time = request_plex_time(&step->push->asked, LIMIT_REQUEST_MS);
	const struct picture *picture = picture_find(&step->list, step->push->cover.sha1);

	if (!picture->selected && !picture_select(env->use->plex, step->target->item.rating_key,
					  step->kind, picture->key, &time, err)) {
		step->refusal = refusal_of(err->status);
		return false;
	}
	note_shown(step);
	return true;
}

bool picture_step_see(const struct env *env, struct picture_step *step, struct err *err)
{
	return (await(env, step, err) && show(env, step, err)) ||
	       err_context(err, "%s", fields_name(step->field));
}

bool picture_step_put(
	const struct env *env, struct picture_step *step, bool together, struct err *err)
{
	const char *name = fields_name(step->field);

	if (picture_step_is_listed(step))
		return show(env, step, err) || err_context(err, "%s", name);
	if (!upload(env, step, err))
		return err_context(err, "%s", name);
	step->unseen = together && (env->run->shows_uploads & 1u << step->kind);
	return step->unseen || picture_step_see(env, step, err);
}

void picture_step_believe(struct picture_step *step, const struct item *item)
{
	struct picture_look before = picture_step_look(step, &step->target->item),
			    now = picture_step_look(step, item);

	if (!picture_step_proves(&before, &now))
		return;
	step->locked = now.locked;
	note_shown(step);
}

bool picture_step_lock(
	const struct env *env, const struct picture_step *steps, size_t count, struct err *err)
{
	const struct push *push = steps->push;
	const struct target *target = steps->target;
	struct plex_time time = request_plex_time(&push->asked, LIMIT_REQUEST_MS);
	struct edit_change changes[PICTURE_KINDS];
	struct edit edit = {.section = target->section,
		.type = target->type,
		.rating_key = target->item.rating_key,
		.changes = changes};
	struct edit_request *requests;

	for (size_t i = 0; i < count; i++) {
		if (steps[i].what == PICTURE_LOCK && !steps[i].locked)
			changes[edit.count++] = (struct edit_change){.fields = 1u << steps[i].field,
				.name = fields_plex_name(steps[i].field)};
	}
	if (edit.count == 0)
		return true;
	edit_build(&edit, strlen(plex_url(env->use->plex)), &requests, push->arena);
	return plex_send(env->use->plex, "PUT", requests[0].path, NULL, 0, &time, err);
}
