#include "push/undo_picture.h"

#include <string.h>

#include "plex/edit.h"
#include "plex/picture.h"
#include "push/judge.h"
#include "push/values.h"

static const enum field fields_of[] = {
	[PICTURE_POSTER] = FIELD_POSTER, [PICTURE_BACKGROUND] = FIELD_BACKGROUND};

/* One picture on its way back. */
struct step {
	const struct env *env;
	const struct push *push;
	struct target *target;
	const struct activity_item *item;
	enum picture_kind kind;
	enum field field;
	const char **why;
};

static bool is_shown(const struct value *value, const char *now)
{
	return value->known && picture_same(value->text, now);
}

static enum undo_verdict decide(const struct step *step, const struct picture_list *list)
{
	const struct picture *shown = picture_selected(list);
	const char *now = shown ? shown->key : "";

	if (is_shown(&step->item->after.v[step->field], now))
		return UNDO_WRITE;
	return is_shown(&step->item->before.v[step->field], now) ? UNDO_BACK : UNDO_KEEP;
}

/* The key under which Plex lists it; NULL: it does not. */
static const char *listed(const struct picture_list *list, const char *key)
{
	for (size_t i = 0; i < list->n; i++) {
		if (picture_same(list->v[i].key, key))
			return list->v[i].key;
	}
	return NULL;
}

/* *left: it cannot be, and stays as it is. */
static bool show(struct step *step, const struct picture_list *list, bool *left, struct err *err)
{
	struct plex_time time = request_plex_time(&step->push->asked, LIMIT_REQUEST_MS);
	struct arena *a = step->push->arena;
	const char *former = step->item->before.v[step->field].text, *key = listed(list, former);
	const char *item = step->target->item.rating_key;
	bool done;

	*left = *former != '\0' && key == NULL;
	if (*left) {
		*step->why = "Plex does not have the former picture any more";
		return true;
	}
	if (*former != '\0')
		return picture_select(step->env->use->plex, item, step->kind, key, &time, err);
	/* It showed none, or made one from the film itself. */
	done = plex_send(step->env->use->plex, "DELETE",
		arena_printf(a, "/library/metadata/%s/%s", item, fields_plex_name(step->field)),
		NULL, 0, &time, err);
	*left = !done && err->status == 404;
	if (*left)
		*step->why = "Plex showed no picture before, and this version of it cannot be "
			     "told to show none";
	return done || *left;
}

/* Plex locks what is selected. */
static bool put_lock(struct step *step, struct err *err)
{
	struct plex_time time = request_plex_time(&step->push->asked, LIMIT_REQUEST_MS);
	struct edit_change change = {.fields = 1u << step->field,
		.name = fields_plex_name(step->field),
		.unlock = (step->item->locked_before >> step->field & 1u) == 0};
	struct edit edit = {.section = step->target->section,
		.type = step->target->type,
		.rating_key = step->target->item.rating_key,
		.changes = &change,
		.count = 1};
	struct edit_request *requests;

	edit_build(&edit, strlen(plex_url(step->env->use->plex)), &requests, step->push->arena);
	return plex_send(step->env->use->plex, "PUT", requests[0].path, NULL, 0, &time, err);
}

/* A picture that is ours again is not one that a person chose. */
static void remember(struct step *step)
{
	struct history *after = &step->target->after;
	const struct picture back = {.key = step->item->before.v[step->field].text};
	const struct value ours = after->previous.v[step->field];

	after->previous.v[step->field] = after->pushed.v[step->field];
	after->pushed.v[step->field] = ours.known && picture_is(&back, ours.text)
					       ? ours
					       : (struct value){0};
}

static bool put_back(struct step *step, struct undo_field *undone, struct err *err)
{
	struct plex_time time = request_plex_time(&step->push->asked, LIMIT_REQUEST_MS);
	struct target *target = step->target;
	unsigned bit = 1u << step->field;
	struct picture_list list;
	bool left = false;

	if (!picture_read(step->env->use->plex, target->item.rating_key, step->kind, &time, &list,
		    step->push->arena, err))
		return false;
	undone->verdict = decide(step, &list);
	if (undone->verdict == UNDO_WRITE && !step->push->asked.dry_run &&
		!show(step, &list, &left, err))
		return false;
	if (undone->verdict == UNDO_KEEP || left) {
		target->kept |= bit;
		return true;
	}
	if (!step->push->asked.dry_run && !put_lock(step, err))
		return false;
	target->written |= bit;
	remember(step);
	return true;
}

bool undo_pictures(const struct env *env, const struct push *push, struct target *target,
	const struct activity_item *item, struct undo_field fields[FIELD_COUNT], const char **why,
	struct err *err)
{
	for (size_t kind = 0; kind < sizeof(fields_of) / sizeof(*fields_of); kind++) {
		enum field f = fields_of[kind];
		struct step step = {.env = env,
			.push = push,
			.target = target,
			.item = item,
			.kind = (enum picture_kind)kind,
			.field = f,
			.why = why};
		if (!item->before.v[f].known)
			continue;
		if (push->asked.dry_run &&
			push->ahead != NULL) { /* of many: nobody waits for that */
			target->written |= 1u << f;
			continue;
		}
		if (!put_back(&step, &fields[f], err)) {
			judge_item(env, &push->asked, "its pictures", err, push->arena);
			return false;
		}
	}
	return true;
}
